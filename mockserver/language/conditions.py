"""From a stub's `match` and scenario to the conditions a call must meet."""

from collections.abc import Iterator

from mockserver.language.matching import Match, ToolResultSpec
from mockserver.language.model import StubSpec
from mockserver.language.patterns import Pattern
from mockserver.language.responses import ResponseSpec
from mockserver.matching.difference import Condition
from mockserver.matching.logic import AnyOf, NoneOf
from mockserver.matching.requests import CountIs, Includes, OffersTools, OneOf, ScenarioIs, Truth, model_is
from mockserver.matching.texts import HeaderFits, TextFits, TextPattern
from mockserver.matching.tools import ToolResultIs

_TEXTS = ("user", "api_key", "prompt", "input", "system", "any_message")
"""The keys that take text patterns, those that look at the least text first."""


def conditions(spec: StubSpec) -> tuple[Condition, ...]:
    """The conditions of a stub, the cheap ones first."""
    found: list[Condition] = []
    if spec.scenario is not None and spec.required_state is not None:
        found.append(ScenarioIs(spec.scenario, spec.required_state))
    if not _asks_for_result(spec.match) and all(map(_calls_tools, _responses(spec))):
        found.append(Truth("after_tool", False))  # else an agent would be given the same call again, without end
    if any(response is not None and response.makes_calls for response in _responses(spec)):
        found.append(OffersTools())
    return (*found, *matched(spec.match))


def matched(match: Match) -> tuple[Condition, ...]:
    """The conditions of a match, the cheap ones first."""
    return (*_of_request(match), *_of_texts(match), *_of_tools(match), *match.fields, *_of_matches(match))


def _of_request(match: Match) -> Iterator[Condition]:
    if match.endpoint:
        yield OneOf("endpoint", match.endpoint)
    if match.model:
        yield model_is(match.model, snapshots=match.snapshots)
    if match.stream is not None:
        yield Truth("stream", match.stream)
    if match.ordinal is not None:
        yield CountIs("ordinal", match.ordinal)
    if match.after_tool is not None:
        yield Truth("after_tool", match.after_tool)
    for key in ("response_format", "schema"):
        if names := getattr(match, key):
            yield OneOf(key, names)
    for name, patterns in match.headers.items():
        yield HeaderFits(name.lower(), _patterns(patterns))


def _of_texts(match: Match) -> Iterator[Condition]:
    for key in _TEXTS:
        if patterns := getattr(match, key):
            yield TextFits(key, _patterns(patterns))


def _of_tools(match: Match) -> Iterator[Condition]:
    if match.tool_choice:
        yield OneOf("tool_choice", match.tool_choice)
    if match.tools:
        yield Includes("tools", match.tools)
    if match.parts:
        yield Includes("parts", match.parts)
    if match.turns is not None:
        yield CountIs("turns", match.turns)
    if match.tool_result is not None:
        yield _tool_result(match.tool_result)
    if match.wants_tool is not None:
        yield Truth("wants_tool", match.wants_tool)


def _of_matches(match: Match) -> Iterator[Condition]:
    for inner in match.all:
        yield from matched(inner)
    if match.any:
        yield AnyOf(tuple(map(matched, match.any)))
    if none := getattr(match, "not"):
        yield NoneOf(tuple(map(matched, none)))


def _tool_result(spec: ToolResultSpec) -> ToolResultIs:
    return ToolResultIs(spec.name, _patterns(spec.content), _patterns(spec.tool_call_id))


def _patterns(patterns: tuple[Pattern, ...]) -> tuple[TextPattern, ...]:
    return tuple(pattern.pattern for pattern in patterns)


def _asks_for_result(match: Match) -> bool:
    """Whether a match says anything about a tool's result as the last message, wherever in it."""
    inner = (*match.all, *match.any, *getattr(match, "not"))
    return match.after_tool is not None or match.tool_result is not None or any(map(_asks_for_result, inner))


def _responses(spec: StubSpec) -> list[ResponseSpec | None]:
    return [step.response for step in spec.sequence or spec.choose or (spec,)]


def _calls_tools(response: ResponseSpec | None) -> bool:
    return response is not None and response.calls_tools
