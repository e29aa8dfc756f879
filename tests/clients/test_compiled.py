"""The official SDKs for Go and Java, where their toolchains are on the machine."""

import pytest

from tests.clients.compiled import run_compiled
from tests.clients.conftest import Answers, RunOnce, run_against

pytestmark = pytest.mark.slow  # compiling an SDK takes minutes on a small machine

STUBS = """
models: [gpt-4o-mini, gpt-3.5-turbo-instruct, meta-llama/Llama-3.3-70B]
stubs:
  - match: {endpoint: chat, user: hello, wants_tool: false}
    response: Hi there!
  - match: {endpoint: [chat, completions], user: count}
    response: one two three
"""

WEATHER_CALL = {"name": "get_weather", "arguments": '{"city":"Paris"}'}


@pytest.fixture(scope="module", params=["go", "java"])
def answers(request: pytest.FixtureRequest, once: RunOnce) -> Answers:
    """What the program of a language got in each of its cases."""
    language: str = request.param
    return once(language, lambda: run_against(STUBS, language, "", run=run_compiled))


def test_chat(answers: Answers) -> None:
    """Text, reason and usage of an answer."""
    assert answers["chat"] == {"model": "gpt-4o-mini", "text": "Hi there!", "reason": "stop", "tokens": 3}


def test_chat_stream(answers: Answers) -> None:
    """The SDK's own accumulator finds the same text."""
    assert answers["chat_stream"] == {"text": "Hi there!"}


def test_tool(answers: Answers) -> None:
    """A tool call, plain and accumulated from a stream."""
    assert answers["tool"] == {"plain": [WEATHER_CALL], "streamed": [WEATHER_CALL]}


def test_completion(answers: Answers) -> None:
    """A legacy completion, plain and streamed."""
    assert answers["completion"] == {"plain": "one two three", "streamed": "one two three"}


def test_embedding(answers: Answers) -> None:
    """Two vectors of unit length."""
    assert answers["embedding"] == {"sizes": [1536, 1536], "length": pytest.approx(1, abs=1e-6)}


def test_models(answers: Answers) -> None:
    """The list, and one of it whose id has a slash."""
    listed = ["gpt-4o-mini", "gpt-3.5-turbo-instruct", "meta-llama/Llama-3.3-70B"]
    assert answers["models"] == {"list": listed, "slash": listed[2]}


def test_a_refusal(answers: Answers) -> None:
    """The exception has all that body and headers say."""
    error = dict(answers["refused"])
    assert error.pop("request_id").startswith("req_")
    assert error == {
        "status": 400,
        "type": "invalid_request_error",
        "code": "decimal_above_max_value",
        "param": "temperature",
    }
