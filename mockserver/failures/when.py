"""When an error, a fault or a delay holds: `when`, judged by facts that were read before."""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from mockserver.draw import Draw, Fresh

Draws = Callable[[str], Draw]
"""Gives the draw for one purpose, so that each chance of a call is drawn apart from the others."""

STARTED = "Started"
"""The state in which every scenario begins."""

_fresh = Fresh()


def unseeded(purpose: str) -> Draw:
    """Draws that are different each time, whatever they are for."""
    return _fresh


class Facts(NamedTuple):
    """What is known when a `when` is judged.

    `ordinal`: the number of this call among those of the stub (or of the rule of the whole file) in its session,
    from 1. `draws` gives the chances. `elapsed`: seconds since the start, or the last reset. `states`: the state of
    each scenario that has left `Started`. `retries`: how often the client says that it has tried before.
    """

    ordinal: int = 1
    draws: Draws = unseeded
    elapsed: float = 0.0
    states: Mapping[str, str] = {}
    retries: int = 0


class Span(NamedTuple):
    """Ordinals from `first` to `last`, both included; without an end where `last` is None."""

    first: int
    last: int | None

    def __contains__(self, ordinal: object) -> bool:
        return isinstance(ordinal, int) and self.first <= ordinal and (self.last is None or ordinal <= self.last)

    def __str__(self) -> str:
        if self.last is None:
            return f"{self.first}-"
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"


class When(NamedTuple):
    """Conditions that must all hold; without any it always does.

    `during` is from and to (None: without end), in seconds; `state` a scenario and its state.
    """

    probability: float | None = None
    first: int | None = None
    every: int | None = None
    calls: tuple[Span, ...] = ()
    during: tuple[float, float | None] | None = None
    state: tuple[str, str] | None = None
    until_retries: int | None = None

    def holds(self, facts: Facts, purpose: str) -> bool:
        """Whether it holds; `purpose` (error, fault 1, ...) names the chance that is drawn."""
        if self is ALWAYS:
            return True
        ordinal = facts.ordinal
        if self.first is not None and ordinal > self.first:
            return False
        if self.every is not None and ordinal % self.every:
            return False
        if self.calls and not any(ordinal in span for span in self.calls):
            return False
        if self.during is not None and not _within(facts.elapsed, *self.during):
            return False
        if self.state is not None and facts.states.get(self.state[0], STARTED) != self.state[1]:
            return False
        if self.until_retries is not None and facts.retries >= self.until_retries:
            return False
        return self.probability is None or facts.draws(purpose).chance(self.probability)

    @property
    def depends_on_calls(self) -> bool:
        """Whether it depends on what came before in the same process."""
        return bool(self.first or self.every or self.calls or self.state)

    def __str__(self) -> str:
        """In words: `first 3 calls, with probability 0.5`."""
        return ", ".join(self._words()) or "always"

    def _words(self) -> Iterator[str]:
        if self.first is not None:
            yield "the first call" if self.first == 1 else f"the first {self.first} calls"
        if self.every is not None:
            yield f"every call whose number divides by {self.every}"
        if self.calls:
            yield f"calls {', '.join(map(str, self.calls))}"
        if self.during is not None:
            begin, end = self.during
            yield f"from {begin:g} s on" if end is None else f"from {begin:g} s to {end:g} s"
        if self.state is not None:
            yield f"while '{self.state[0]}' is '{self.state[1]}'"
        if self.until_retries is not None:
            yield f"until {self.until_retries} retries"
        if self.probability is not None:
            yield f"with probability {self.probability:g}"


ALWAYS = When()


def _within(moment: float, begin: float, end: float | None) -> bool:
    return begin <= moment and (end is None or moment < end)
