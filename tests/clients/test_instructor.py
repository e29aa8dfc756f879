"""instructor: structured output in its modes, streamed, and asked for again when it does not please."""

from typing import Any

import pytest

from tests.clients.conftest import Answers, RunOnce, run_against

STUBS = """
stubs:
  - match: {user: Write down, response_format: json_object}
    response: '{"name": "Ball", "guests": ["Ann"], "seats": 3}'
  - match: {user: Write down}
    response: |
      ```json
      {"name": "Ball", "guests": ["Ann"], "seats": 3}
      ```
"""

TYPES = {"name": str, "guests": list, "seats": int}


@pytest.fixture(scope="module", params=["sync", "async"])
def answers(request: pytest.FixtureRequest, once: RunOnce) -> Answers:
    """What instructor got in each case of `scripts/instructor_sdk.py`."""
    found: Answers = once("instructor", lambda: run_against(STUBS, "instructor", "instructor_sdk"))[request.param]
    return found


def types_of(found: dict[str, Any]) -> dict[str, type]:
    """The types of an object's values."""
    return {key: type(value) for key, value in found.items()}


@pytest.mark.parametrize("mode", ["TOOLS", "JSON_SCHEMA", "JSON", "MD_JSON"])
def test_structured_output(answers: Answers, mode: str) -> None:
    """It fits at the first attempt, in each mode."""
    assert types_of(answers["structured"][mode]) == TYPES


def test_a_list_of_models(answers: Answers) -> None:
    """They are read from the stream of one call's arguments."""
    assert answers["several"]
    assert [types_of(guest) for guest in answers["several"]] == [{"name": str, "age": int}] * len(answers["several"])


def test_a_model_grows_in_a_stream(answers: Answers) -> None:
    """State by state, until it is whole."""
    assert answers["partial"]["states"] > 1
    assert types_of(answers["partial"]["last"]) == TYPES


def test_an_answer_that_does_not_please_is_asked_for_again(answers: Answers) -> None:
    """The retry sends the call back with what was wrong, and the tool is called again."""
    assert answers["retried"]["attempts"] == 2
    assert answers["retried"]["name"]
