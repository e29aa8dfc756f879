"""Pieces of a regular expression, each of which can write a sample of what it matches."""

from collections.abc import Sequence
from typing import Protocol

from mockserver.draw import Draw

LONGEST = 100_000
"""No string is longer than this, in characters."""
_MOST_STEPS = 50_000


class Unsupported(ValueError):
    """A pattern of which no string can be made: malformed, too big, or outside the subset."""


def some(characters: str, draw: Draw, count: int) -> str:
    """`count` of the characters."""
    size = len(characters)
    return "".join([characters[byte % size] for byte in draw.bytes(count)])


class Sampler:
    """A draw, and how many steps are left before a pattern is given up as too big."""

    __slots__ = ("draw", "steps")

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.steps = _MOST_STEPS

    def step(self) -> None:
        """Count a step; raises `Unsupported` when there were too many."""
        self.steps -= 1
        if self.steps < 0:
            raise Unsupported("too many steps")


class Node(Protocol):
    """A piece of a pattern: the lengths it can have, and a sample as near as it can to a wanted length."""

    @property
    def low(self) -> int:
        """The length of the shortest match, in characters."""

    @property
    def high(self) -> int:
        """The length of the longest match."""

    def sample(self, sampler: Sampler, wanted: int) -> str:
        """A match of the wanted length, or one near it."""


class Characters:
    """One of some characters."""

    __slots__ = ("characters",)
    low = high = 1

    def __init__(self, characters: str) -> None:
        if not characters:
            raise Unsupported("an empty class")
        self.characters = characters

    def sample(self, sampler: Sampler, wanted: int) -> str:
        """See `Node`."""
        if len(self.characters) == 1:
            return self.characters
        return some(self.characters, sampler.draw, 1)


class Series:
    """One piece after the other."""

    __slots__ = ("high", "low", "parts")

    def __init__(self, parts: Sequence[Node]) -> None:
        self.parts = parts
        self.low = sum(part.low for part in parts)
        self.high = min(sum(part.high for part in parts), LONGEST)
        _bounded(self.low)

    def sample(self, sampler: Sampler, wanted: int) -> str:
        """See `Node`."""
        written = []
        spare = max(wanted - self.low, 0)
        room = sum(part.high - part.low for part in self.parts)
        for part in self.parts:
            sampler.step()
            own = part.high - part.low
            room -= own
            least = min(max(spare - room, 0), own)
            given = least + sampler.draw.below(min(spare, own) - least + 1) if spare and own else 0
            text = part.sample(sampler, part.low + given)
            spare = max(spare - (len(text) - part.low), 0)
            written.append(text)
        return "".join(written)


class Choice:
    """One piece or another."""

    __slots__ = ("high", "low", "parts")

    def __init__(self, parts: Sequence[Node]) -> None:
        self.parts = parts
        self.low = min(part.low for part in parts)
        self.high = max(part.high for part in parts)

    def sample(self, sampler: Sampler, wanted: int) -> str:
        """See `Node`."""
        sampler.step()
        able = [part for part in self.parts if part.low <= wanted <= part.high]
        return sampler.draw.pick(able or self.parts).sample(sampler, wanted)


class Repeat:
    """A piece some number of times."""

    __slots__ = ("high", "least", "low", "most", "part")

    def __init__(self, part: Node, least: int, most: int) -> None:
        if most < least:
            raise Unsupported("a quantifier whose limits are the wrong way round")
        self.part, self.least, self.most = part, least, most
        self.low = part.low * least
        self.high = min(part.high * most, LONGEST)
        _bounded(self.low)

    def sample(self, sampler: Sampler, wanted: int) -> str:
        """See `Node`."""
        part = self.part
        if part.high == 0:
            return ""
        if isinstance(part, Characters):
            return some(part.characters, sampler.draw, max(self.least, min(wanted, self.most)))
        fewest = min(max(self.least, -(-wanted // part.high)), self.most)
        most = min(self.most, wanted // part.low) if part.low else fewest
        count = sampler.draw.between(fewest, most) if most > fewest else fewest
        if count > sampler.steps:
            raise Unsupported("too many repetitions")
        return Series([part] * count).sample(sampler, wanted)


def _bounded(length: int) -> None:
    if length > LONGEST:
        raise Unsupported("longer than any string may be")
