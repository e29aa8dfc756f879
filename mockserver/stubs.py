"""The stubs of a server, compiled from the fixture files, and the search for the first that matches."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from mockserver.call import Call
from mockserver.draw import Draw
from mockserver.endpoints import ENDPOINTS
from mockserver.errors import Place
from mockserver.failures import Failures
from mockserver.match import Condition, Difference, UserText
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
    step again. `scenario` goes to `new_state` with each of its calls.
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
        found = (condition.difference(call) for condition in self.conditions)
        return tuple(difference for difference in found if difference is not None)

    def groups(self, call: Call) -> dict[str, str]:
        """The named groups of its regex, for templates."""
        for condition in self.conditions:
            if isinstance(condition, UserText):
                return condition.groups(call)
        return {}


def first_match(stubs: Iterable[Stub], call: Call) -> Stub | None:
    """The first of the stubs that matches; they all can answer the call's endpoint."""
    for stub in stubs:
        for condition in stub.conditions:
            if condition.difference(call) is not None:
                break
        else:
            return stub
    return None


class NearMiss(NamedTuple):
    """A stub that did not match, and why."""

    stub: Stub
    differences: tuple[Difference, ...]


class Stubs:
    """Stubs in the order in which they are tried."""

    def __init__(self, stubs: Iterable[Stub]) -> None:
        self.all: tuple[Stub, ...] = tuple(stubs)
        self._by_endpoint: dict[str, Sequence[Stub]] = {
            endpoint.name: [stub for stub in self.all if endpoint.name in stub.endpoints] for endpoint in ENDPOINTS
        }

        self._by_name = {stub.name: stub for stub in self.all}

    def named(self, name: str) -> Stub | None:
        """The stub of that name."""
        return self._by_name.get(name)

    def find(self, call: Call) -> Stub | None:
        """The first stub that matches."""
        return first_match(self._by_endpoint[call.endpoint], call)

    def near_misses(self, call: Call, most: int = 3) -> tuple[NearMiss, ...]:
        """The stubs that came nearest, those with the fewest differences first."""
        misses = [NearMiss(stub, stub.differences(call)) for stub in self._by_endpoint[call.endpoint]]
        return tuple(sorted(misses, key=lambda miss: len(miss.differences))[:most])


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
