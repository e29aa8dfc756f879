"""The keys of the YAML language as Python has them, for type checkers and editors; a test keeps the two the same.

Python's own words have an underscore behind them: `not_`. `reply` is another name of `response`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, TypedDict

from mockserver.call import Call

Pattern: TypeAlias = str | re.Pattern[str] | Mapping[str, Any]
"""A demand on a text: a text that is contained, `"/.../i"`, a compiled regex, or a long form as in YAML."""
Patterns: TypeAlias = Pattern | Sequence[Pattern]
"""One, or several of which one must fit."""
Names: TypeAlias = str | Sequence[str]
Count: TypeAlias = int | Mapping[str, Any]
Response: TypeAlias = str | Mapping[str, Any] | Callable[[Call], Any]
"""An answer's text, a mapping as in YAML, or a function of the call that returns one of them."""


class MatchKeys(TypedDict, total=False):
    """Which calls are meant."""

    endpoint: Names
    model: Names
    snapshots: bool
    user: Patterns
    any_message: Patterns
    system: Patterns
    prompt: Patterns
    input: Patterns
    parts: Names
    tools: Names
    tool_choice: Names
    wants_tool: bool
    after_tool: bool
    tool_result: Patterns
    turns: Count
    response_format: Names
    schema: Names
    stream: bool
    fields: Mapping[str, Any]
    headers: Mapping[str, Patterns]
    api_key: Patterns
    ordinal: Count
    all: "MatchKeys | Mapping[str, Any] | Sequence[MatchKeys | Mapping[str, Any]]"
    any: "MatchKeys | Mapping[str, Any] | Sequence[MatchKeys | Mapping[str, Any]]"
    not_: "MatchKeys | Mapping[str, Any] | Sequence[MatchKeys | Mapping[str, Any]]"


class StepKeys(TypedDict, total=False):
    """What is done at one call."""

    reply: Response
    response: Response
    error: str | Mapping[str, Any] | Sequence[str | Mapping[str, Any]]
    fault: str | Mapping[str, Any] | Sequence[str | Mapping[str, Any]]
    latency: str | float | Mapping[str, Any] | Sequence[Any]
    new_state: str


class WeightedKeys(StepKeys, total=False):
    """One of the things that may be done, and how likely it is."""

    weight: float


class StubKeys(MatchKeys, StepKeys, total=False):
    """A stub: which calls it answers and with what."""

    name: str
    match: "MatchKeys | Mapping[str, Any]"
    priority: int
    sequence: Sequence[StepKeys | Mapping[str, Any]]
    at_end: str
    choose: Sequence[WeightedKeys | Mapping[str, Any]]
    retries: str
    scenario: str
    required_state: str
    fails_by_model: bool


MATCH_KEYS = tuple(MatchKeys.__annotations__)
"""Those of `match`, which Python takes beside the others."""
_OTHERS = tuple(name for name in StubKeys.__annotations__ if name not in MATCH_KEYS)


def plain_match(given: Mapping[str, Any]) -> dict[str, Any]:
    """A match as YAML has it."""
    return {"not" if name == "not_" else name: value for name, value in given.items()}


def plain_stub(given: Mapping[str, Any]) -> dict[str, Any]:
    """A stub as YAML has it: what is about the call goes into `match`, and `reply` is called `response`."""
    match = plain_match({name: value for name, value in given.items() if _is_of_match(name)})
    inner = given.get("match", {})
    if isinstance(inner, Mapping):
        match = {**inner, **match}
    stub = {"match": match if isinstance(inner, Mapping) else inner} if match or "match" in given else {}
    stub |= _plain_step({name: value for name, value in given.items() if name != "match" and not _is_of_match(name)})
    for key in ("sequence", "choose"):
        if isinstance(stub.get(key), list | tuple):
            stub[key] = [_plain_step(step) if isinstance(step, Mapping) else step for step in stub[key]]
    return stub


def _is_of_match(name: str) -> bool:
    """Whether a key is about the call; one that is not known belongs where it is most like a known one."""
    if name in MATCH_KEYS or name in _OTHERS:
        return name in MATCH_KEYS
    from mockserver.language.source import nearest

    return not nearest(name, _OTHERS)


def _plain_step(given: Mapping[str, Any]) -> dict[str, Any]:
    return {"response" if name == "reply" and "response" not in given else name: v for name, v in given.items()}
