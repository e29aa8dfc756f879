"""What is probably not meant is told by `check`, and what may be meant is not."""

import json
from pathlib import Path
from typing import Any

import pytest

from mockserver.checks.doubtful import doubtful
from mockserver.language.load import load


def told(tmp_path: Path, *stubs: Any) -> list[str]:
    """The warnings for stubs."""
    file = tmp_path / "x.yaml"
    file.write_text(json.dumps({"stubs": stubs}))
    return [problem.message for problem in doubtful(load([file], strict=True))]


@pytest.mark.parametrize(
    ("response", "warnings"),
    [
        ("{{ usr }}", ["a template names 'usr', which is nothing; did you mean 'user'?"]),
        ("{{ match.city }} {{ match['town'] }}", [
            "a template has match.town, but no pattern of the stub has a group of that name",
        ]),
        ("{{ match.cities }}", [
            "a template has match.cities, but no pattern of the stub has a group of that name; did you mean 'city'?",
        ]),
        ({"body": {"a": ["{{ modle }}", "{{ modle }}"]}}, [
            "a template names 'modle', which is nothing; did you mean 'model'?",
        ]),
        ({"tool_calls": [{"name": "t", "arguments": {"a": "{{ match.x }}"}}]}, [
            "a template has match.x, but no pattern of the stub has a group of that name",
        ]),
    ],
)  # fmt: skip
def test_names_that_nothing_has_are_told(tmp_path: Path, response: Any, warnings: list[str]) -> None:
    """In every template of a response, once each."""
    assert told(tmp_path, {"match": {"user": "/in (?P<city>.*)/"}, "response": response}) == warnings


@pytest.mark.parametrize(
    "response",
    [
        "{{ user }} {{ model }} {{ call.count }} {{ request.n }} {{ messages[0].content }} {{ tool.name }}",
        "{{ faker.name() }} {{ now() + timedelta(days=1) }} {{ uuid() }} {{ match.city }} {{ match['unit'] }}",
        "{% set x = 1 %}{{ x }}{% for y in range(3) %}{{ y }}{{ loop.index }}{% endfor %}",
        "{% if wobble is defined %}{{ wobble }}{% endif %}",
        "plain",
    ],
)
def test_names_that_there_are_are_not(tmp_path: Path, response: str) -> None:
    """What templates are given, what they set themselves, groups of all patterns, what they ask for first."""
    match = {"user": "/in (?P<city>.*)/", "fields": {"user": {"regex": "(?P<unit>x)"}}}
    assert told(tmp_path, {"match": match, "response": response}) == []


def test_a_name_that_is_like_no_other_gets_the_list(tmp_path: Path) -> None:
    """All that templates may name."""
    (message,) = told(tmp_path, {"response": "{{ banana }}"})
    assert message.startswith("a template names 'banana', which is nothing; known are match, request, messages, user, ")


def test_states_that_are_set_are_not_told(tmp_path: Path) -> None:
    """By a stub or by a step of its sequence; `Started` needs nobody."""
    state = {"scenario": "s", "response": "a"}
    assert (
        told(
            tmp_path,
            {**state, "required_state": "Started", "new_state": "one"},
            {**state, "required_state": "one"},
            {"scenario": "s", "sequence": [{"response": "a", "new_state": "two"}]},
            {**state, "required_state": "two"},
        )
        == []
    )
    assert told(
        tmp_path, {**state, "required_state": "one"}, {"scenario": "t", "response": "a", "new_state": "one"}
    ) == ["no stub brings the scenario 's' into the state 'one'"]
