"""Conditions made of conditions: none of several matches, any of them. All of them needs none of its own."""

from collections.abc import Iterable
from typing import NamedTuple

from mockserver.call import Call
from mockserver.errors import Place, RegexTimeout
from mockserver.matching.difference import Condition, Difference
from mockserver.matching.fields import FieldIs
from mockserver.matching.texts import HeaderFits, TextFits
from mockserver.matching.tools import ToolResultIs

Group = tuple[Condition, ...]
"""The conditions of one match: all must hold."""


class NoneOf(NamedTuple):
    """None of the matches fits."""

    matches: tuple[Group, ...]

    @property
    def key(self) -> str:
        """The key of `match`."""
        return "not"

    @property
    def expected(self) -> str:
        """The matches."""
        return f"no match of {_either(self.matches)}"

    def got(self, call: Call) -> str:
        """The one that fits."""
        fitting = [group for group in self.matches if holds(group, call)]
        return f"one of {_spelled(fitting[0])}" if len(self.matches) > 1 else "one"

    def difference(self, call: Call) -> Difference | None:
        """None where none fits. Raises RegexTimeout."""
        return Difference(self, call) if any(holds(group, call) for group in self.matches) else None


class AnyOf(NamedTuple):
    """One of the matches fits."""

    matches: tuple[Group, ...]

    @property
    def key(self) -> str:
        """The key of `match`."""
        return "any"

    @property
    def expected(self) -> str:
        """The matches."""
        return _either(self.matches)

    def got(self, call: Call) -> str:
        """What differs, match by match."""
        told: dict[str, None] = {}
        for group in self.matches:
            for condition in group:
                if condition.difference(call) is not None:
                    told[f"{condition.key}: {condition.got(call)}"] = None
        return "; ".join(told)

    def difference(self, call: Call) -> Difference | None:
        """None where one fits. Raises RegexTimeout."""
        return None if any(holds(group, call) for group in self.matches) else Difference(self, call)

    def groups(self, call: Call) -> dict[str, str]:
        """The named groups of the first that fits. Raises RegexTimeout."""
        for group in self.matches:
            if holds(group, call):
                return groups_of(group, call)
        return {}


def holds(group: Group, call: Call) -> bool:
    """Whether all conditions hold. Raises RegexTimeout."""
    return all(condition.difference(call) is None for condition in group)


def meets(group: Group, call: Call, owner: str, place: Place) -> bool:
    """Whether all conditions hold. Raises RegexTimeout, which knows what it stands in."""
    try:
        return holds(group, call)
    except RegexTimeout as timeout:
        raise timeout.of(owner, place) from None


def groups_of(conditions: Iterable[Condition], call: Call) -> dict[str, str]:
    """The named groups of all regexes; where two have one name, those of the first. Raises RegexTimeout."""
    found: dict[str, str] = {}
    for condition in conditions:
        if isinstance(condition, (TextFits, HeaderFits, ToolResultIs, FieldIs, AnyOf)):
            found = condition.groups(call) | found
    return found


def _spelled(group: Group) -> str:
    return "[" + "; ".join(f"{condition.key}: {condition.expected}" for condition in group) + "]"


def _either(groups: Iterable[Group]) -> str:
    return " or ".join(map(_spelled, groups))
