"""Stubs that can never match, whatever is asked: what `mockserver check` tells of.

A stub is only told of where that is proven: by the stub that is tried before it and matches every call that it does, by
what it demands itself, or by the models that may be asked for.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from mockserver.errors import Problem
from mockserver.language.load import Fixtures
from mockserver.matching.difference import Condition
from mockserver.matching.fields import FieldIs
from mockserver.matching.implied import all_implied, values
from mockserver.matching.logic import AnyOf
from mockserver.matching.requests import ModelIs, OneOf, Truth
from mockserver.matching.texts import TextFits
from mockserver.matching.tools import ToolResultIs
from mockserver.models import Catalogue
from mockserver.stubs import Stub

ONLY_OF = {"prompt": "completions", "input": "embeddings"}
"""Keys of `match` that look at what only requests to one endpoint have."""

Value = tuple[str, str]
"""A key of `match` and one of the values that it lets through."""


def unreachable(fixtures: Fixtures) -> list[Problem]:
    """The stubs of the files that can never match, each with the reason, in the order in which they are tried."""
    found = []
    earlier = _Earlier()
    for stub in fixtures.given:
        reason = _contradiction(stub) or _no_model(stub, fixtures.catalogue)
        if reason is None and (by := earlier.covering(stub)) is not None:
            reason = f"'{by.name}' ({by.place}) is tried before it and matches every call that it does"
        if reason is not None:
            found.append(Problem(stub.place, f"'{stub.name}' can never match: {reason}"))
        earlier.add(stub)
    return found


def _contradiction(stub: Stub) -> str | None:
    """Why no request can be as a stub demands; None where one may be."""
    for condition in stub.conditions:
        if isinstance(condition, TextFits) and ONLY_OF.get(condition.key, stub.endpoints[0]) not in stub.endpoints:
            return f"only {ONLY_OF[condition.key]} has what '{condition.key}' looks at, and it does not answer that"
        if condition == Truth("stream", True) and stub.endpoints == ("embeddings",):
            return "embeddings are never streamed"
    if Truth("after_tool", False) in stub.conditions and any(isinstance(one, ToolResultIs) for one in stub.conditions):
        return "'tool_result' asks for a tool's result as last message, and 'after_tool: false' for none"
    return None


def _no_model(stub: Stub, catalogue: Catalogue) -> str | None:
    """Why no model that may be asked for fits; None where one may."""
    for condition in stub.conditions:
        if isinstance(condition, ModelIs) and all(catalogue.refusal(name) is not None for name in condition.globs):
            fits = condition.regex.match if condition.regex is not None else condition.names.__contains__
            if not any(fits(model.id) for model in catalogue.listed()):
                return f"no declared model is {condition.expected}, and unknown models are refused"
    return None


class _Scanned(NamedTuple):
    """Stubs that demand that a text contains one of some texts."""

    parts: list[tuple[str, ...]]
    stubs: list[Stub]


class _Earlier:
    """The stubs that are tried before one, found by what they demand: comparing all pairs of thousands takes long."""

    def __init__(self) -> None:
        self._by_value: dict[Value, list[Stub]] = defaultdict(list)
        self._by_text: dict[str, _Scanned] = defaultdict(lambda: _Scanned([], []))
        self._others: list[Stub] = []

    def add(self, stub: Stub) -> None:
        """One more stub that is tried before those to come."""
        for condition in stub.conditions:
            if found := _values(condition):
                for value in found:
                    self._by_value[value].append(stub)
                return
        for condition in stub.conditions:
            if isinstance(condition, TextFits) and all(pattern.how == "contains" for pattern in condition.patterns):
                scanned = self._by_text[condition.key]
                scanned.parts.append(tuple(pattern.value.casefold() for pattern in condition.patterns))
                scanned.stubs.append(stub)
                return
        self._others.append(stub)

    def covering(self, stub: Stub) -> Stub | None:
        """A stub that matches every call that this one does."""
        conditions = (*stub.conditions, OneOf("endpoint", stub.endpoints))
        for earlier in self._candidates(stub.conditions):
            if set(stub.endpoints) <= set(earlier.endpoints) and all_implied(conditions, earlier.conditions):
                return earlier
        return None

    def _candidates(self, conditions: Sequence[Condition]) -> Iterator[Stub]:
        """Those that may match whenever the conditions hold."""
        yield from self._others
        yield from self._found(conditions)

    def _found(self, conditions: Sequence[Condition]) -> Iterator[Stub]:
        for condition in conditions:
            if found := _values(condition):
                yield from self._by_value[found[0]]  # one that covers all of the values is filed under each
            if isinstance(condition, TextFits):
                yield from self._scanned(condition)
            if isinstance(condition, AnyOf):
                yield from self._found(condition.matches[0])  # one that covers all of the matches covers the first

    def _scanned(self, condition: TextFits) -> Iterable[Stub]:
        pattern = condition.patterns[0]
        if pattern.regex is not None or condition.key not in self._by_text:
            return ()
        text, scanned = pattern.value.casefold(), self._by_text[condition.key]
        return (scanned.stubs[n] for n, parts in enumerate(scanned.parts) if any(part in text for part in parts))


def _values(condition: Condition) -> tuple[Value, ...]:
    """The values that a condition lets through, where they are few and known."""
    if isinstance(condition, ModelIs) and condition.regex is None:
        return tuple(("model", name) for name in condition.globs)
    if isinstance(condition, FieldIs):
        return tuple((condition.key, _spelled(value)) for value in values(condition.comparison))
    return ()


def _spelled(value: object) -> str:
    """A value as text, the same for 1 and 1.0."""
    return repr(float(value)) if isinstance(value, int) and not isinstance(value, bool) else repr(value)
