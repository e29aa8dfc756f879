"""The stubs that came nearest to a call that none matched. What it costs is bounded, however many stubs there are."""

from collections.abc import Callable, Collection, Iterable, Sequence
from difflib import SequenceMatcher
from heapq import nsmallest
from typing import Any, NamedTuple, Protocol

from mockserver.call import Call
from mockserver.errors import RegexTimeout
from mockserver.matching.closeness import likeness, pieces, regex_texts, share
from mockserver.matching.difference import Condition, Difference
from mockserver.matching.fields import FieldIs
from mockserver.matching.logic import AnyOf, NoneOf
from mockserver.matching.requests import ModelIs, Truth
from mockserver.matching.texts import TextFits, TextPattern, texts_of
from mockserver.matching.tools import ToolResultIs

CLOSELY = 24
"""How many stubs are looked at closely; of more, those that a quick look finds nearest."""

_ENDS = 4_000
"""Characters of the beginning and of the end of a text that the quick look knows."""


class Matcher(Protocol):
    """A stub, as far as matching goes."""

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """What it demands."""
        ...

    def differences(self, call: Call) -> tuple[Difference, ...]:
        """What keeps it from matching."""
        ...


class Near(NamedTuple):
    """A stub, by its position, with how far it is from matching: a sum over what differs."""

    distance: float
    position: int
    differences: tuple[Difference, ...]


def nearest(stubs: Sequence[Matcher], call: Call, most: int) -> list[Near]:
    """The stubs that came nearest, the nearest first; of equally near ones those that are tried first."""
    positions: Iterable[int] = range(len(stubs))
    if len(stubs) > CLOSELY:
        positions = nsmallest(CLOSELY, positions, key=lambda position: _at_a_glance(stubs[position], call))
    found = [_closely(stubs[position], position, call) for position in positions]
    return sorted(found, key=lambda near: near[:2])[:most]


def _closely(stub: Matcher, position: int, call: Call) -> Near:
    differences = stub.differences(call)
    distance = sum(map(_distance, differences))
    differing = {id(difference.condition) for difference in differences}
    met = sum(_TELLING for c in stub.conditions if id(c) not in differing and not isinstance(c, Truth))
    return Near(round(distance - met, 6), position, differences)


_TELLING = 0.1
"""What it counts for a stub that a condition of it does hold."""


def _distance(difference: Difference) -> float:
    """How far a condition is from holding: 0 would be there, 1 is as far as can be."""
    condition, call = difference.condition, difference.call
    if isinstance(condition, TextFits):
        texts = texts_of(call, condition.key)
        return 1.0 if not texts or difference.note else 1 - likeness(condition.patterns, texts, call)[0]
    if isinstance(condition, ModelIs):
        return 1 - max(_name_likeness(name, call.model) for name in condition.globs[:8])
    if isinstance(condition, ToolResultIs):
        return _glance_result(condition, call)
    return 0.5 if isinstance(condition, Truth) else 0.8


def _name_likeness(wanted: str, name: str) -> float:
    wanted, name = wanted[:100], name[:100]
    if wanted.casefold() == name.casefold():
        return 0.95
    return 0.2 + 0.6 * SequenceMatcher(None, wanted, name, autojunk=False).ratio()


def _at_a_glance(stub: Matcher, call: Call) -> float:
    """About what `_closely` would say, at a cost that does not depend on the length of the texts."""
    return sum(_GLANCES.get(type(condition), _glance)(condition, call) for condition in stub.conditions)


def _glance(condition: Condition, call: Call) -> float:
    try:
        return -_TELLING if condition.difference(call) is None else 0.8
    except RegexTimeout:
        return 0.8


def _glance_result(condition: ToolResultIs, call: Call) -> float:
    """Which tool's result it is, not what it says."""
    return 0.3 if ToolResultIs(condition.names).difference(call) is None else 0.8


def _glance_costly(condition: Condition, call: Call) -> float:
    return 0.5


def _glance_model(condition: ModelIs, call: Call) -> float:
    if condition.difference(call) is None:
        return -_TELLING
    return 0.1 if call.model.casefold() in map(str.casefold, condition.globs[:8]) else 0.6


def _glance_text(condition: TextFits, call: Call) -> float:
    known = _pieces_of(call, condition.key)
    alike = max(_share(pattern, known) for pattern in condition.patterns[:4])
    return 1 - alike - (_TELLING if alike == 1 else 0)


def _share(pattern: TextPattern, known: Collection[str]) -> float:
    """Which part of the pattern's text the call has."""
    if pattern.regex is not None:
        return 0.8 * share(regex_texts(pattern.regex), known)
    return share([pattern.value], known)


def _pieces_of(call: Call, subject: str) -> Collection[str]:
    """What the last texts have at their ends, in pieces, made once for a call."""
    name = f"{subject} pieces"
    found: frozenset[str] | None = call.memo.get(name)
    if found is None:
        ends = "\n".join(f"{text[:_ENDS]}\n{text[-_ENDS:]}" for text in texts_of(call, subject)[-4:])
        found = call.memo[name] = pieces(ends.casefold())
    return found


_GLANCES: dict[type[Any], Callable[[Any, Call], float]] = {
    TextFits: _glance_text,
    ModelIs: _glance_model,
    ToolResultIs: _glance_result,
    FieldIs: _glance_costly,
    AnyOf: _glance_costly,
    NoneOf: _glance_costly,
}
