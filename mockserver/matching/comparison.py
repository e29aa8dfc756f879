"""Comparisons of values of a request: numbers, texts, any JSON."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from mockserver.call import Call
from mockserver.matching.regexes import Regex

_NOTHING: tuple[Any, ...] = ()


class Comparison(NamedTuple):
    """Demands on a value; all that are given must hold. Values stand in tuples of one, so that null can be compared.

    `among` is a choice of values, each of which may be a regex. Texts are compared with their case unless `folded`.
    """

    eq: tuple[Any, ...] = _NOTHING
    ne: tuple[Any, ...] = _NOTHING
    gt: float | None = None
    gte: float | None = None
    lt: float | None = None
    lte: float | None = None
    among: tuple[Any, ...] = _NOTHING
    contains: tuple[Any, ...] = _NOTHING
    regex: Regex | None = None
    present: bool | None = None
    folded: bool = False

    def fits(self, values: Sequence[Any], call: Call) -> bool:
        """Whether one of the values found is as demanded; `ne` and `present: false` hold where none is found.

        Raises RegexTimeout.
        """
        if self.present is not None and bool(values) != self.present:
            return False
        if self.ne and any(equal(value, self.ne[0]) for value in values):
            return False
        return not self._asks or any(self._holds(value, call) for value in values)

    def groups(self, values: Sequence[Any], call: Call) -> dict[str, str]:
        """The named groups of the regex that one of the values fits. Raises RegexTimeout."""
        regexes = [self.regex, *self.among] if self.regex is not None else self.among
        for regex in regexes:
            for value in values:
                if isinstance(regex, Regex) and regex.names and isinstance(value, str):
                    found = regex.groups(value, call)
                    if found is not None:
                        return found
        return {}

    @property
    def _asks(self) -> bool:
        """Whether a value has to be found at all."""
        return self._replace(ne=_NOTHING, present=None, folded=False) != _ANY

    def _holds(self, value: Any, call: Call) -> bool:
        if self.eq and not self._same(value, self.eq[0]):
            return False
        if self.among and not any(self._chosen(value, choice, call) for choice in self.among):
            return False
        if not self._in_bounds(value):
            return False
        if self.contains and not self._contained(value, self.contains[0]):
            return False
        return self.regex is None or (isinstance(value, str) and self.regex.fits(value, call))

    def _chosen(self, value: Any, choice: Any, call: Call) -> bool:
        if isinstance(choice, Regex):
            return isinstance(value, str) and choice.fits(value, call)
        return self._same(value, choice)

    def _in_bounds(self, value: Any) -> bool:
        if self.gt is self.gte is self.lt is self.lte is None:
            return True
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return False
        return (
            (self.gt is None or value > self.gt)
            and (self.gte is None or value >= self.gte)
            and (self.lt is None or value < self.lt)
            and (self.lte is None or value <= self.lte)
        )

    def _same(self, value: Any, wanted: Any) -> bool:
        if self.folded and isinstance(value, str) and isinstance(wanted, str):
            return value.casefold() == wanted.casefold()
        return equal(value, wanted)

    def _contained(self, value: Any, wanted: Any) -> bool:
        if isinstance(value, str):
            if not isinstance(wanted, str):
                return False
            return wanted.casefold() in value.casefold() if self.folded else wanted in value
        return isinstance(value, list) and any(self._same(item, wanted) for item in value)

    def __str__(self) -> str:
        said = [f"{word} {value:g}" for word, value in self._bounds() if value is not None]
        if self.eq:
            said.insert(0, spelled(self.eq[0]))
        if self.among:
            said.append(" or ".join(map(spelled, self.among)))
        if self.contains:
            said.append(f"something containing {spelled(self.contains[0])}")
        if self.regex is not None:
            said.append(f"a text matching {self.regex}")
        if self.ne:
            said.append(f"not {spelled(self.ne[0])}")
        if self.present is not None:
            said.append("any value" if self.present else "nothing")
        return " and ".join(said) + (" in any case" if self.folded else "")

    def _bounds(self) -> tuple[tuple[str, float | None], ...]:
        return (("more than", self.gt), ("at least", self.gte), ("less than", self.lt), ("at most", self.lte))


_ANY = Comparison()


def equal(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same: 1 and 1.0 are, 1 and true are not."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(equal(value, other[name]) for name, value in one.items())
    return bool(one == other)


def spelled(value: Any, limit: int = 60) -> str:
    """A value in words: texts in quotes, others as JSON, long ones shortened."""
    if isinstance(value, Regex):
        return f"a text matching {value}"
    if isinstance(value, str):
        text, mark = value, "'"
    else:
        text, mark = json.dumps(value, ensure_ascii=False), ""
    return f"{mark}{text if len(text) <= limit else text[: limit - 3] + '...'}{mark}"
