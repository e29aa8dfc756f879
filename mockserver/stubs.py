"""The stubs of a server, compiled from the fixture files, and the search for the first that matches."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from mockserver.call import Call
from mockserver.endpoints import ENDPOINTS
from mockserver.errors import Place
from mockserver.match import Condition, Difference, UserText
from mockserver.response import Response


class Stub(NamedTuple):
    """A rule: the conditions a call must meet and what it is answered with.

    `endpoints` are those the response can answer; a stub is never tried for others.
    """

    name: str
    conditions: tuple[Condition, ...]
    response: Response
    endpoints: tuple[str, ...]
    place: Place
    header: bytes
    """The name as `x-mockserver-stub` carries it."""

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

    def find(self, call: Call) -> Stub | None:
        """The first stub that matches."""
        for stub in self._by_endpoint[call.endpoint]:
            for condition in stub.conditions:
                if condition.difference(call) is not None:
                    break
            else:
                return stub
        return None

    def near_misses(self, call: Call, most: int = 3) -> tuple[NearMiss, ...]:
        """The stubs that came nearest, those with the fewest differences first."""
        misses = [NearMiss(stub, stub.differences(call)) for stub in self._by_endpoint[call.endpoint]]
        return tuple(sorted(misses, key=lambda miss: len(miss.differences))[:most])


def header_name(name: str) -> bytes:
    """A stub's name as a header may carry it: printable ASCII, other characters escaped."""
    escaped = name.encode("ascii", "backslashreplace")
    return bytes(b if 32 <= b < 127 else 0x3F for b in escaped)[:200]
