"""What only a conversation as a whole can get wrong: results without calls, calls without results, silence.

Every message is taken to be well-formed by itself.
"""

from collections.abc import Iterator
from typing import Any

from mockserver.rules import refusal
from mockserver.rules.refusal import Fault, Level, soft

_INSTEAD = ("tool_calls", "function_call", "refusal", "audio")
"""Fields that stand in for an assistant's content."""


def without_content(messages: list[Any]) -> Iterator[Fault]:
    """Messages that say nothing; in the API the last thing to be looked at (measured)."""
    for index, message in enumerate(messages):
        if message.get("content") is None and message["role"] != "developer" and not _instead(message):
            words = "Invalid value for 'content': expected a string, got null."
            yield soft(refusal.refuse(words, f"messages.[{index}].content"))


def _instead(message: dict[str, object]) -> bool:
    return message["role"] == "assistant" and any(message.get(name) is not None for name in _INSTEAD)


def conversation(messages: list[Any]) -> Iterator[Fault]:
    """Tool results without a call, results given twice, calls without a result."""
    asked: set[str] = set()
    open_calls: dict[str, int | None] | None = None
    for index, message in enumerate(messages):
        if message["role"] == "tool":
            yield from _result(message["tool_call_id"], index, open_calls, asked)
            continue
        if open_calls:
            yield from _unanswered(open_calls, f"messages.[{index}].role")
        calls = message.get("tool_calls") if message["role"] == "assistant" else None
        open_calls = {call["id"]: None for call in calls} if calls else None
        asked.update(open_calls or ())
    if open_calls:
        yield from _unanswered(open_calls, "messages")


def _result(call: str, index: int, open_calls: dict[str, int | None] | None, asked: set[str]) -> Iterator[Fault]:
    """One tool message. That its call was asked earlier is enough for compatible servers."""
    level: Level = "exact" if call in asked else "compatible"
    where = f"messages.[{index}]"
    if open_calls is None:
        words = "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'."
        yield Fault(refusal.refuse(f"Invalid parameter: {words}", f"{where}.role"), level)
    elif call not in open_calls:
        words = f"'tool_call_id' of {refusal.quoted(call)} not found in 'tool_calls' of previous message."
        yield Fault(refusal.refuse(f"Invalid parameter: {words}", f"{where}.tool_call_id"), level)
    elif (first := open_calls[call]) is not None:
        value = refusal.quoted(call)
        words = f"Duplicate value for 'tool_call_id' of {value}, in messages[{first}] and messages[{index}]."
        yield soft(refusal.refuse(f"Invalid parameter: {words}", f"{where}.tool_call_id"))
    else:
        open_calls[call] = index


def _unanswered(calls: dict[str, int | None], param: str) -> Iterator[Fault]:
    absent = [refusal.short(call) for call, answered in calls.items() if answered is None]
    if absent:
        words = (
            "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
            f"'tool_call_id'. The following tool_call_ids did not have response messages: {', '.join(absent)}"
        )
        yield soft(refusal.refuse(words, param))
