"""langchain-openai: chat models, tools, structured output, embeddings and completions, sync and async."""

from typing import Any

import pytest

from tests.clients.conftest import Answers, RunOnce, run_against

STUBS = """
models: [gpt-4o-mini, gpt-3.5-turbo-instruct, text-embedding-3-small]
stubs:
  - match: {endpoint: chat, user: hello, wants_tool: false}
    response: Hi there!
  - match: {endpoint: [chat, completions], user: count}
    response: one two three
  - match: {user: Write down, response_format: json_object}
    response: '{"name": "Ball", "guests": ["Ann"], "seats": 3}'
"""


@pytest.fixture(scope="module")
def answers(once: RunOnce) -> Answers:
    """What langchain-openai got in each case of `scripts/langchain_openai_sdk.py`."""
    return once("langchain", lambda: run_against(STUBS, "langchain-openai", "langchain_openai_sdk"))


def test_invoke(answers: Answers) -> None:
    """Text, usage and metadata of an answer, sync and async."""
    found = answers["invoke"]
    assert found["content"] == ["Hi there!"] * 2
    assert found["usage"]["output_tokens"] == 3
    assert (found["finish_reason"], found["model"]) == ("stop", "gpt-4o-mini")
    assert found["id"].startswith("chatcmpl-")


def test_several_choices_with_logprobs(answers: Answers) -> None:
    """`n` answers, each with the tokens it consists of."""
    found = answers["several"]
    assert found["texts"] == found["tokens"] == ["Hi there!"] * 2
    assert found["usage"] == 6


def test_stream(answers: Answers) -> None:
    """The chunks add up to the plain answer, usage and reason included."""
    found, plain = answers["stream"], answers["invoke"]
    assert found["content"] == plain["content"]
    assert found["pieces"] == 3
    assert (found["usage"], found["finish_reason"]) == (plain["usage"], "stop")


def test_a_tool_is_called(answers: Answers) -> None:
    """Plain and streamed alike, and its result ends the conversation in words."""
    found = answers["tool_call"]
    for way in ("plain", "streamed"):
        (call,) = found[way]
        assert (call["name"], call["args"]) == ("get_weather", {"city": "Paris"})
    assert "18 degrees" in found["last"]


@pytest.mark.parametrize("method", ["json_schema", "function_calling", "json_mode"])
def test_structured_output(answers: Answers, method: str) -> None:
    """A model of the right types comes out, whichever way it is asked for."""
    event: dict[str, Any] = answers["structured"][method]
    assert {key: type(value) for key, value in event.items()} == {"name": str, "guests": list, "seats": int}


def test_embeddings(answers: Answers) -> None:
    """Unit length, the model's size, and the same text alike as a query and as a document."""
    found = answers["embeddings"]
    assert found["sizes"] == [1536] * 3
    assert found["length"] == pytest.approx(1, abs=1e-6)
    assert found["same"] < 1e-7
    assert found["different"]


def test_embeddings_of_token_ids(answers: Answers) -> None:
    """What it sends for models whose vocabulary it has: a vector for each list, each id counted."""
    assert answers["embeddings_of_tokens"] == {"sizes": [1536, 1536], "usage": 5, "same": True}


def test_completions(answers: Answers) -> None:
    """Several prompts in one request get their own answers; a stream says the same."""
    found = answers["legacy"]
    assert found["invoke"] == ["one two three"] * 2
    assert len(set(found["several"])) == 2
    assert all(found["several"])
    assert found["stream"] == ["one", " two", " three"]


def test_a_refusal_becomes_the_right_exception(answers: Answers) -> None:
    """LangChain's own class below the SDK's, with what that carries."""
    error = answers["refused"]
    assert error["bases"][:2] == ["OpenAIInvalidRequestError", "BadRequestError"]
    assert (error["code"], error["param"]) == ("decimal_above_max_value", "temperature")
    assert error["request_id"].startswith("req_")
