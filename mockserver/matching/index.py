"""An index of stubs: of thousands, those that can match a call.

It only leaves out stubs that cannot match; those it names are still held against their conditions. A stub stands under
keys of one of its conditions, one of which a call must have for the condition to hold: the name of a model, a whole
text, or a piece of up to four characters of a text, or of what a regex needs. Of several conditions, and of the pieces
of a text, those are taken that are rarest among the stubs. A stub without such a condition is always named.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from typing import Protocol, TypeAlias

from mockserver.call import Call
from mockserver.matching.difference import Condition
from mockserver.matching.requests import ModelIs, undated
from mockserver.matching.texts import TextFits, TextPattern, folded, texts_of

FROM = 16
"""So many stubs are worth an index."""

PIECE = 4
"""Characters of a piece at most."""
_PIECES = 16
"""Pieces of one text among which the rarest is looked for."""
_CHUNK = 65_536
"""Characters of a call's text that are taken apart at once."""
_LONG, _FEW = 2_000, 300
"""From so many characters on a text is searched for so few stubs' pieces more quickly than it is taken apart."""

Kind: TypeAlias = tuple[str, str]
"""The key of `match`, and how a call has what is looked for: `is`, or `has`; in any case `IS` and `HAS`."""
Key: TypeAlias = tuple[Kind, str]
Keys: TypeAlias = list[tuple[Kind, list[str]]]
"""For each alternative that makes a condition hold: texts of a kind of which a call must have every one."""


class Conditioned(Protocol):
    """What has conditions: a stub."""

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """All must hold."""
        ...


class Index:
    """Where stubs stand, by what a call must have for them to match."""

    def __init__(self, stubs: Sequence[Conditioned]) -> None:
        possible = [[keys for keys in map(_keys, stub.conditions) if keys] for stub in stubs]
        counts = _counted(possible)
        self._always: list[int] = []
        self._tables: dict[Kind, dict[str, list[int]]] = {}
        for position, conditions in enumerate(possible):
            if not conditions:
                self._always.append(position)
                continue
            for kind, text in _rarest(conditions, counts):
                self._tables.setdefault(kind, {}).setdefault(text, []).append(position)
        self._sizes = {kind: sum(map(len, table.values())) for kind, table in self._tables.items()}
        self._lengths = {kind: sorted(set(map(len, table))) for kind, table in self._tables.items()}

    def candidates(self, call: Call) -> Iterator[int]:
        """The positions of the stubs that can match, in their order."""
        found: set[int] = set()
        for kind, table in self._tables.items():
            for text in self._had(kind, call, table):
                positions = table.get(text)
                if positions is not None:
                    found.update(positions)
        if not self._always:
            return iter(sorted(found))
        return merge(sorted(found), self._always) if found else iter(self._always)

    def _had(self, kind: Kind, call: Call, table: Iterable[str]) -> Iterable[str]:
        """What a call has of one kind; or all that a table has, where that costs less than to look."""
        subject, how = kind
        if subject == "model":
            return {call.model, undated(call.model)}
        texts: Iterable[str] = texts_of(call, subject)
        if how.isupper():
            texts = [folded(text, call) for text in texts]
        if how.lower() == "is":
            return texts
        if self._sizes[kind] < _FEW and sum(map(len, texts)) > _LONG:
            return table
        return _taken_apart(texts, self._lengths[kind])


def _taken_apart(texts: Iterable[str], lengths: Sequence[int]) -> Iterator[str]:
    """Every piece of some lengths; of a long text a piece may come more than once."""
    for text in texts:
        for begin in range(0, len(text), _CHUNK):
            part = text[begin : begin + _CHUNK + PIECE - 1] if len(text) > _CHUNK else text
            for length in lengths:
                yield from {part[n : n + length] for n in range(len(part) - length + 1)}


def _counted(possible: list[list[Keys]]) -> dict[Kind, Counter[str]]:
    """How often each text stands among the keys."""
    texts: dict[Kind, list[str]] = {}
    for conditions in possible:
        for alternatives in conditions:
            for kind, some in alternatives:
                texts.setdefault(kind, []).extend(some)
    return {kind: Counter(those) for kind, those in texts.items()}


def _rarest(conditions: list[Keys], counts: dict[Kind, Counter[str]]) -> set[Key]:
    """The keys of the condition that leads to the fewest stubs, for each of its alternatives the rarest."""
    chosen: set[Key] = set()
    least = -1
    for alternatives in conditions:
        keys = {(kind, min(texts, key=counts[kind].__getitem__)) for kind, texts in alternatives}
        cost = sum(counts[kind][text] for kind, text in keys)
        if least < 0 or cost < least:
            chosen, least = keys, cost
    return chosen


def _keys(condition: Condition) -> Keys:
    """The keys of a condition; none where it could hold for a call that has none of them."""
    if isinstance(condition, ModelIs):
        if any("*" in name or "?" in name for name in condition.globs):
            return []
        return [(("model", "is"), [name]) for name in condition.globs]
    if isinstance(condition, TextFits) and condition.key != "api_key":
        found: Keys = []
        for pattern in condition.patterns:
            keys = list(_pattern_keys(condition.key, pattern))
            if not keys:
                return []
            found += keys
        return found
    return []


def _pattern_keys(subject: str, pattern: TextPattern) -> Iterator[tuple[Kind, list[str]]]:
    if pattern.regex is None:
        value = pattern.value.casefold() if pattern.folded else pattern.value
        if pattern.how == "exact":
            yield (subject, "IS" if pattern.folded else "is"), [value]
        elif value:
            yield (subject, "HAS" if pattern.folded else "has"), _pieces(value)
        return
    kind = (subject, "HAS" if pattern.regex.ignores_case else "has")
    groups = [[part.casefold() if kind[1] == "HAS" else part for part in group] for group in pattern.regex.needed]
    certain = [piece for group in groups if len(group) == 1 for piece in _pieces(group[0])]
    if certain:
        yield kind, certain
    elif groups:
        for part in min(groups, key=len):
            yield kind, _pieces(part)


def _pieces(text: str) -> list[str]:
    """Some pieces of a text, the first and the last among them."""
    last = len(text) - PIECE
    if last <= 0:
        return [text]
    return [*(text[n : n + PIECE] for n in range(0, last, max(1, last // _PIECES))), text[last:]]
