"""Stubs that answer with tool calls, and requests that end with a tool's result."""

from pathlib import Path

import pytest

from tests.matching.asking import chat, stubs

CALL = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
OFFER = {"type": "function", "function": {"name": "f"}}
ASKED = chat("go", tools=[OFFER])
AFTER = chat(
    tools=[OFFER],
    messages=[
        {"role": "user", "content": "go"},
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "call_1", "content": "done"},
    ],
)
ANSWERS = "response: {tool_calls: [{name: f}]}"


def test_a_tools_result_is_passed_over_by_a_match_that_does_not_ask_for_it(tmp_path: Path) -> None:
    """Whatever else is nested in it."""
    for match in ("{user: go}", "{any: [{user: go}, {model: m}]}", "{all: [{not: {user: stop}}]}", "{not: {user: x}}"):
        found = stubs(tmp_path, f"stubs: [{{name: mine, match: {match}, {ANSWERS}}}]")
        assert found.find(ASKED) is not None
        assert found.find(AFTER) is None


@pytest.mark.parametrize(
    "match",
    [
        "{any: [{after_tool: true}, {user: stop}]}",
        "{any: [{user: stop}, {tool_result: done}]}",
        "{all: [{user: go}, {tool_result: {name: f}}]}",
        "{not: {tool_result: broken}}",
        "{not: {after_tool: false}}",
        "{all: [{any: [{not: {tool_result: {content: broken}}}]}]}",
    ],
)
def test_a_match_that_asks_for_a_tools_result_gets_it(tmp_path: Path, match: str) -> None:
    """Wherever in it that stands: in `any`, in `all`, in `not`, or in one within another."""
    found = stubs(tmp_path, f"stubs: [{{name: mine, match: {match}, {ANSWERS}}}]")
    assert found.find(AFTER) is not None
