"""What changes from call to call, per session: one place, in memory, behind an interface.

Everything before delivery reads a `Snapshot` and nothing else, so a plan can be made without a server.
"""

from collections import OrderedDict
from typing import NamedTuple, Protocol

from mockserver.values import maker

MAX_SESSIONS = 1_000
MAX_REQUESTS = 10_000
"""Bounds of memory: sessions kept, and different requests remembered in each; the least recent go first."""


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
    """State of one process."""

    def __init__(self) -> None:
        self._sessions: OrderedDict[str, _Session] = OrderedDict()

    def enter(self, session: str, stub: str, request: bytes | None) -> Snapshot:
        """Count a call and say what came before it."""
        sessions = self._sessions
        found = sessions.get(session)
        if found is None:
            found = sessions[session] = _Session()
            if len(sessions) > MAX_SESSIONS:
                sessions.popitem(last=False)
        elif session:
            sessions.move_to_end(session)
        ordinal = found.counts[stub] = found.counts.get(stub, 0) + 1
        return _snapshot((ordinal, 0 if request is None else found.repeated(request)))

    def reset(self) -> None:
        """Forget everything."""
        self._sessions.clear()


class _Session:
    """The counters of one session."""

    __slots__ = ("counts", "requests")

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.requests: OrderedDict[bytes, int] = OrderedDict()

    def repeated(self, request: bytes) -> int:
        from hashlib import blake2b

        key = blake2b(request, digest_size=16).digest()
        before = self.requests.pop(key, 0)
        self.requests[key] = before + 1
        if len(self.requests) > MAX_REQUESTS:
            self.requests.popitem(last=False)
        return before
