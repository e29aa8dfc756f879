"""pydantic-ai: agents with tools and structured output, plain and streamed."""

import pytest

from tests.clients.conftest import Answers, RunOnce, run_against

STUBS = """
stubs:
  - match: {user: hello}
    response: Hi there!
  - match: {user: Write a party down}
    response: '{"name": "Ball", "guests": ["Ann"], "seats": 3}'
"""

TYPES = {"name": str, "guests": list, "seats": int}


@pytest.fixture(scope="module")
def answers(once: RunOnce) -> Answers:
    """What pydantic-ai got in each case of `scripts/pydantic_ai_sdk.py`."""
    return once("pydantic-ai", lambda: run_against(STUBS, "pydantic-ai", "pydantic_ai_sdk"))


def test_a_plain_run(answers: Answers) -> None:
    """One request, one text, its tokens."""
    assert answers["plain"] == {"output": "Hi there!", "requests": 1, "tokens": 3}


def test_a_tool_is_run_once(answers: Answers) -> None:
    """The agent calls it with the city asked about, and ends with words about its result."""
    found = answers["tool"]
    assert (found["asked"], found["requests"]) == (["Paris"], 2)
    assert "18 degrees" in found["output"]


def test_a_tool_is_run_once_in_a_stream(answers: Answers) -> None:
    """The same run, its last text streamed in pieces."""
    found = answers["tool_streamed"]
    assert found["asked"] == ["Paris"]
    assert "18 degrees" in found["output"]
    assert found["pieces"] > 1


@pytest.mark.parametrize("mode", ["tool", "native", "prompted"])
def test_structured_output(answers: Answers, mode: str) -> None:
    """Right at the first request, whichever way it is asked for."""
    found = answers["structured"][mode]
    assert {key: type(value) for key, value in found["output"].items()} == TYPES
    assert found["requests"] == 1


def test_structured_output_streamed(answers: Answers) -> None:
    """It is whole when the stream ends."""
    assert {key: type(value) for key, value in answers["structured_streamed"].items()} == TYPES


def test_a_refusal_becomes_the_right_exception(answers: Answers) -> None:
    """The status, the model, and the error as sent."""
    error = answers["refused"]
    assert (error["status"], error["model"]) == (400, "gpt-4o-mini")
    assert error["body"]["param"] == "temperature"
    assert error["body"]["code"] == "decimal_above_max_value"
