"""The stubs of a server, compiled from the fixture files, and the search for the first that matches."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from mockserver.call import Call
from mockserver.draw import Draw
from mockserver.endpoints import ENDPOINTS
from mockserver.errors import Place, RegexTimeout
from mockserver.failures.trouble import Failures
from mockserver.matching.difference import Condition, Difference
from mockserver.matching.index import FROM, Index
from mockserver.matching.logic import groups_of
from mockserver.response import Response


class Step(NamedTuple):
    """What a stub does at one call; `weight` is how likely it is among those of a `choose`.

    `failures` are what may go wrong with it; None where nothing does.
    """

    place: Place
    response: Response
    new_state: str | None = None
    weight: float = 1.0
    failures: Failures | None = None


class Stub(NamedTuple):
    """A rule: the conditions a call must meet and what it is answered with.

    `endpoints` are those its responses can answer; a stub is never tried for others. `header` is the name as
    `x-mockserver-stub` carries it. Its `steps` are taken in turn, and `at_end` says what follows the last (`stay`,
    `cycle`, `fail`); or, where `chosen`, one of them by chance. `repeats` gives a retry of the same request the same
    step again. `scenario` goes to `new_state` with each of its calls. Stubs of a higher `priority` are tried first.
    `written` is what a run-time stub was made from, to be written out again.
    """

    name: str
    conditions: tuple[Condition, ...]
    steps: tuple[Step, ...]
    endpoints: tuple[str, ...]
    place: Place
    header: bytes
    at_end: str = "stay"
    chosen: bool = False
    repeats: bool = False
    scenario: str | None = None
    new_state: str | None = None
    priority: int = 0
    written: Any = None

    @property
    def response(self) -> Response:
        """What it answers first."""
        return self.steps[0].response

    def step(self, position: int, draw: Callable[[], Draw]) -> Step | None:
        """What is done at a call before which so many steps were taken; None where the sequence has failed."""
        steps = self.steps
        if self.chosen:
            return weighted(steps, draw())
        if position < len(steps):
            return steps[position]
        if self.at_end == "fail":
            return None
        return steps[position % len(steps)] if self.at_end == "cycle" else steps[-1]

    def differences(self, call: Call) -> tuple[Difference, ...]:
        """Everything that keeps the stub from matching; none where it matches."""
        return differences(self.conditions, call)

    def groups(self, call: Call) -> dict[str, str]:
        """The named groups of its regexes, for templates. Raises RegexTimeout, which knows the stub."""
        try:
            return groups_of(self.conditions, call)
        except RegexTimeout as timeout:
            raise timeout.of(f"the stub '{self.name}'", self.place) from None


def differences(conditions: Iterable[Condition], call: Call) -> tuple[Difference, ...]:
    """Everything in a call that is not as conditions demand."""
    found = (_difference(condition, call) for condition in conditions)
    return tuple(difference for difference in found if difference is not None)


def _difference(condition: Condition, call: Call) -> Difference | None:
    try:
        return condition.difference(call)
    except RegexTimeout as timeout:
        return Difference(condition, call, f"a text on which {timeout}")


def first_match(stubs: Iterable[Stub], call: Call) -> Stub | None:
    """The first of the stubs that matches; they all can answer the call's endpoint.

    Raises RegexTimeout, which knows the stub.
    """
    stub = None
    try:
        for stub in stubs:
            for condition in stub.conditions:
                if condition.difference(call) is not None:
                    break
            else:
                return stub
    except RegexTimeout as timeout:
        raise timeout.of(f"the stub '{stub.name}'", stub.place) if stub else timeout from None
    return None


def by_priority(stubs: Iterable[Stub]) -> tuple[Stub, ...]:
    """The stubs in the order in which they are tried: a higher priority first, else in the order given."""
    return tuple(sorted(stubs, key=lambda stub: -stub.priority))


class NearMiss(NamedTuple):
    """A stub that did not match, and why."""

    stub: Stub
    differences: tuple[Difference, ...]


class Stubs:
    """The stubs that all sessions share, in the order in which they are tried.

    Those `behind` are tried after all others, whatever their priority.
    """

    def __init__(self, stubs: Iterable[Stub], behind: Iterable[Stub] = ()) -> None:
        before, after = by_priority(stubs), by_priority(behind)
        self.all: tuple[Stub, ...] = (*before, *after)
        self._behind = frozenset(stub.name for stub in after)
        self._highest = before[0].priority if before else None
        self._by_endpoint: dict[str, Sequence[Stub]] = {
            endpoint.name: [stub for stub in self.all if endpoint.name in stub.endpoints] for endpoint in ENDPOINTS
        }
        self._index = Index(self.all) if len(self.all) >= FROM else None
        self._by_name = {stub.name: stub for stub in self.all}

    def named(self, name: str) -> Stub | None:
        """The stub of that name."""
        return self._by_name.get(name)

    def find(self, call: Call, own: Sequence[Stub] = ()) -> Stub | None:
        """The first stub that matches; a session's `own` come before the others of the same priority.

        Raises RegexTimeout, which knows the stub.
        """
        if not own:
            return self._first(call)
        mine = first_match([stub for stub in by_priority(own) if call.endpoint in stub.endpoints], call)
        if mine is not None and (self._highest is None or mine.priority >= self._highest):
            return mine
        shared = self._first(call)
        if mine is None or shared is None:
            return mine or shared
        return shared if shared.priority > mine.priority and shared.name not in self._behind else mine

    def _first(self, call: Call) -> Stub | None:
        endpoint, stubs = call.endpoint, self._by_endpoint[call.endpoint]
        if self._index is None or len(stubs) < FROM:
            return first_match(stubs, call)
        possible = map(self.all.__getitem__, self._index.candidates(call))
        return first_match((stub for stub in possible if endpoint in stub.endpoints), call)

    def near_misses(self, call: Call, own: Sequence[Stub] = (), most: int = 3) -> tuple[NearMiss, ...]:
        """The stubs that came nearest, the nearest first."""
        from mockserver.matching.nearest import nearest  # here, where nothing matched: it is not needed before

        stubs = [*(stub for stub in own if call.endpoint in stub.endpoints), *self._by_endpoint[call.endpoint]]
        return tuple(NearMiss(stubs[near.position], near.differences) for near in nearest(stubs, call, most))


def weighted(steps: Sequence[Step], draw: Draw) -> Step:
    """One of the steps, each as likely as its weight says."""
    left = draw.unit() * sum(step.weight for step in steps)
    for step in steps:
        left -= step.weight
        if left < 0:
            return step
    return max(steps, key=_weight)  # rounding took the last of it


def _weight(step: Step) -> float:
    return step.weight


def header_name(name: str) -> bytes:
    """A stub's name as a header may carry it: printable ASCII, other characters escaped."""
    escaped = name.encode("ascii", "backslashreplace")
    return bytes(b if 32 <= b < 127 else 0x3F for b in escaped)[:200]
