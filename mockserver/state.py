"""What changes from call to call, per session: one place, in memory, behind an interface.

Everything before delivery reads a `Snapshot` and nothing else, so a plan can be made without a server.
"""

from collections import OrderedDict
from typing import NamedTuple, Protocol

from mockserver.limits import DEFAULT, Bounds
from mockserver.values import maker


class Snapshot(NamedTuple):
    """What a call needs to know of the past, this call included.

    `ordinal`: how many calls the stub has answered in this session.
    `repetition`: how many times this very request came to this session before (0 without a seed, which
    alone needs it).
    """

    ordinal: int
    repetition: int


_snapshot = maker(Snapshot)


class State(Protocol):
    """The interface behind which a store shared by several processes can stand."""

    def enter(self, session: str, stub: str, request: bytes | None) -> Snapshot:
        """Count a call answered by `stub` and say what came before it.

        `request` is the request's canonical form where its repetition is of interest.
        """
        ...

    def reset(self) -> None:
        """Forget everything."""
        ...


class MemoryState:
    """State of one process. The least recent sessions and requests are forgotten first."""

    def __init__(self, bounds: Bounds = DEFAULT) -> None:
        self._bounds = bounds
        self._counts: OrderedDict[str, dict[str, int]] = OrderedDict()
        self._requests: OrderedDict[tuple[str, bytes], int] = OrderedDict()

    def enter(self, session: str, stub: str, request: bytes | None) -> Snapshot:
        """Count a call and say what came before it."""
        counts = self._counts.get(session)
        if counts is None:
            counts = self._counts[session] = {}
            if len(self._counts) > max(1, self._bounds.sessions):
                self._counts.popitem(last=False)
        else:
            self._counts.move_to_end(session)
        ordinal = counts[stub] = counts.get(stub, 0) + 1
        return _snapshot((ordinal, 0 if request is None else self._repeated(session, request)))

    def reset(self) -> None:
        """Forget everything."""
        self._counts.clear()
        self._requests.clear()

    def _repeated(self, session: str, request: bytes) -> int:
        from hashlib import blake2b

        key = session, blake2b(request, digest_size=16).digest()
        before = self._requests.pop(key, 0)
        self._requests[key] = before + 1
        if len(self._requests) > self._bounds.requests:
            self._requests.popitem(last=False)
        return before
