"""A litellm proxy in front of the server, asked by the official SDK."""

import pytest

from tests.clients.conftest import Answers, RunOnce, run_against

pytestmark = pytest.mark.slow  # the proxy alone takes a quarter of a minute to start

STUBS = """
stubs:
  - match: {endpoint: [chat, completions], user: count}
    response: one two three
"""


@pytest.fixture(scope="module")
def answers(once: RunOnce) -> Answers:
    """What came through the proxy in each case of `scripts/litellm_proxy.py`."""
    return once("litellm-proxy", lambda: run_against(STUBS, "litellm-proxy", "litellm_proxy"))


@pytest.mark.parametrize("case", ["chat", "chat_stream"])
def test_chat(answers: Answers, case: str) -> None:
    """Every kind of model behind the proxy answers, plain and streamed."""
    assert answers[case] == dict.fromkeys(("chat", "vllm", "text"), "one two three")


def test_completion(answers: Answers) -> None:
    """Legacy completions pass too."""
    assert answers["completion"] == "one two three"


def test_tool(answers: Answers) -> None:
    """A tool call comes through whole."""
    assert answers["tool"] == [{"name": "get_weather", "arguments": '{"city":"Paris"}'}]


def test_embedding(answers: Answers) -> None:
    """In base64, as the SDK asks by itself, and in floats."""
    assert answers["embedding"] == [[1536, 1536]] * 2


def test_a_refusal(answers: Answers) -> None:
    """The server's own words reach the client."""
    assert answers["refused"]["class"] == "BadRequestError"
    assert "Invalid 'temperature': decimal above maximum value." in answers["refused"]["message"]
