"""What changes from call to call, per session: one place, in memory, behind an interface.

Everything before delivery reads a `Past` and a `Snapshot` and nothing else, so a plan can be made without a server.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from mockserver.limits import DEFAULT, Bounds
from mockserver.values import maker

if TYPE_CHECKING:
    from mockserver.failures.trouble import Switched
    from mockserver.limiting.limiter import AccountKey, Cost, Limiter, Quota, Verdict
    from mockserver.stubs import Stub

STARTED = "Started"
"""The state in which every scenario begins (as in WireMock)."""


class Past(NamedTuple):
    """What a stub's conditions may depend on besides the call.

    `ordinal`: this is the so-manieth call of the session, from 1. `states`: the state of each scenario that has
    left `Started`.
    """

    ordinal: int = 1
    states: Mapping[str, str] = {}


class Snapshot(NamedTuple):
    """What an answer may depend on besides the call and the stub, this call included.

    `ordinal`: how many calls the stub has answered in this session. `position`: how many steps of its sequence
    were taken before this one. `repetition`: how many times this very request came to this session before (0
    without a seed, which alone needs it).
    """

    ordinal: int
    repetition: int
    position: int = 0


class Again(NamedTuple):
    """How a request was answered whose retries are to be answered the same: by which stub, at which step."""

    stub: str
    position: int


T = TypeVar("T")

_past, _snapshot = maker(Past), maker(Snapshot)


class State(Protocol):
    """The interface behind which a store shared by several processes can stand."""

    def begin(self, session: str) -> Past:
        """Count a call to a session, and say what came before it."""
        ...

    def again(self, session: str, key: bytes) -> Again | None:
        """How the request remembered under a key was answered, if it was."""
        ...

    def enter(
        self, session: str, stub: str, request: bytes | None, key: bytes | None = None, position: int | None = None
    ) -> Snapshot:
        """Count a call answered by `stub` and say what came before it.

        `request` is the request's canonical form where its repetition is of interest. Under `key` the step that is
        taken is remembered; a `position` is taken again, without a step forward.
        """
        ...

    def count(self, session: str, rule: str, request: bytes | None) -> tuple[int, int]:
        """Count a call that a rule of all calls is about: its number, and how often `request` came to it before."""
        ...

    def since(self, session: str) -> float:
        """Seconds since a session began: with its first call, the default one with the server; or with its reset."""
        ...

    def admit(
        self,
        accounts: "Sequence[tuple[AccountKey, Sequence[Quota]]]",
        cost: "Cost",
        request: Callable[[], bytes],
        *,
        retry: bool,
    ) -> "Verdict":
        """Count a request in the accounts of its rate limits, or say when to come back: see `Limiter.admit`."""
        ...

    def states(self, session: str) -> Mapping[str, str]:
        """The state of each scenario that has left `Started`."""
        ...

    def set_state(self, session: str, scenario: str, state: str) -> None:
        """Put a scenario into a state."""
        ...

    def stubs(self, session: str) -> "tuple[Stub, ...]":
        """The run-time stubs of a session, the newest first."""
        ...

    def set_stubs(self, session: str, stubs: "tuple[Stub, ...]") -> None:
        """Replace the run-time stubs of a session."""
        ...

    def switched(self, session: str) -> "Switched | None":
        """What was changed of the rules of a session; None where nothing was."""
        ...

    def set_switched(self, session: str, switched: "Switched") -> None:
        """Change the rules of a session."""
        ...

    def use(self, elapsed: Callable[[], float]) -> None:
        """Go by another clock, which goes on from what the one before says."""
        ...

    def counts(self, session: str) -> Mapping[str, int]:
        """How many calls of a session each stub has answered."""
        ...

    def number(self, session: str) -> int:
        """The next number of a run-time stub of a session, from 1."""
        ...

    def hits(self) -> Mapping[str, int]:
        """How many calls each stub has answered, in all sessions."""
        ...

    def sessions(self) -> tuple[str, ...]:
        """The sessions that are remembered, the least recent first."""
        ...

    def reset(self, session: str | None = None) -> None:
        """Forget everything of a session, or of all."""
        ...


class MemoryState:
    """State of one process. The least recent sessions and requests are forgotten first."""

    def __init__(self, bounds: Bounds = DEFAULT, elapsed: Callable[[], float] = float) -> None:
        self._bounds = bounds
        self._elapsed = elapsed
        self._began = elapsed()
        self._limiter: Limiter | None = None
        self._sessions: OrderedDict[str, _Session] = OrderedDict()
        self._requests: OrderedDict[tuple[str, bytes], int] = OrderedDict()
        self._answered: OrderedDict[tuple[str, bytes], Again] = OrderedDict()
        self._hits: dict[str, int] = {}

    def begin(self, session: str) -> Past:
        """Count a call to a session, and say what came before it."""
        found = self._session(session)
        found.calls += 1
        return _past((found.calls, found.states))

    def again(self, session: str, key: bytes) -> Again | None:
        """How the request remembered under a key was answered."""
        return self._answered.get((session, _digest(key))) if self._answered else None

    def enter(
        self, session: str, stub: str, request: bytes | None, key: bytes | None = None, position: int | None = None
    ) -> Snapshot:
        """Count a call and say what came before it."""
        found = self._session(session)
        ordinal = found.counts[stub] = found.counts.get(stub, 0) + 1
        self._hits[stub] = self._hits.get(stub, 0) + 1
        if position is None:
            position = found.positions.get(stub, 0)
            found.positions[stub] = position + 1
        if key is not None:
            self._keep(self._answered, (session, _digest(key)), Again(stub, position))
        return _snapshot((ordinal, 0 if request is None else self._repeated(session, request), position))

    def count(self, session: str, rule: str, request: bytes | None) -> tuple[int, int]:
        """Count a call that a rule is about."""
        counts = self._session(session).rules
        ordinal = counts[rule] = counts.get(rule, 0) + 1
        return ordinal, 0 if request is None else self._repeated(session, rule.encode() + b"\0" + request)

    def since(self, session: str) -> float:
        """Seconds since a session began."""
        return self._elapsed() - self._session(session).began

    def admit(
        self,
        accounts: "Sequence[tuple[AccountKey, Sequence[Quota]]]",
        cost: "Cost",
        request: Callable[[], bytes],
        *,
        retry: bool,
    ) -> "Verdict":
        """Count a request in the accounts of its rate limits."""
        if self._limiter is None:
            from mockserver.limiting.limiter import Limiter

            self._limiter = Limiter(self._bounds.accounts)
        return self._limiter.admit(accounts, self._elapsed(), cost, request, retry=retry)

    def states(self, session: str) -> Mapping[str, str]:
        """The state of each scenario that has left `Started`."""
        found = self._sessions.get(session)
        return found.states if found is not None else {}

    def set_state(self, session: str, scenario: str, state: str) -> None:
        """Put a scenario into a state; what was read of the states before stays as it was."""
        found = self._session(session)
        found.states = {**found.states, scenario: state}

    def stubs(self, session: str) -> "tuple[Stub, ...]":
        """The run-time stubs of a session."""
        found = self._sessions.get(session)
        return found.stubs if found is not None else ()

    def set_stubs(self, session: str, stubs: "tuple[Stub, ...]") -> None:
        """Replace the run-time stubs of a session; raises ValueError where they are too many."""
        if len(stubs) > self._bounds.stubs:
            raise ValueError(f"a session holds at most {self._bounds.stubs:,} run-time stubs")
        self._session(session).stubs = stubs

    def switched(self, session: str) -> "Switched | None":
        """What was changed of the rules of a session; None where nothing was."""
        found = self._sessions.get(session)
        return found.switched if found is not None else None

    def set_switched(self, session: str, switched: "Switched") -> None:
        """Change the rules of a session; raises ValueError where they are too many."""
        if len(switched.added) > self._bounds.stubs:
            raise ValueError(f"a session holds at most {self._bounds.stubs:,} run-time failures")
        self._session(session).switched = switched

    def use(self, elapsed: Callable[[], float]) -> None:
        """Go by another clock."""
        self._elapsed = elapsed

    def counts(self, session: str) -> Mapping[str, int]:
        """How many calls of a session each stub has answered."""
        found = self._sessions.get(session)
        return found.counts if found is not None else {}

    def number(self, session: str) -> int:
        """The next number of a run-time stub."""
        found = self._session(session)
        found.added += 1
        return found.added

    def hits(self) -> Mapping[str, int]:
        """How many calls each stub has answered."""
        return self._hits

    def sessions(self) -> tuple[str, ...]:
        """The sessions that are remembered."""
        return tuple(self._sessions)

    def reset(self, session: str | None = None) -> None:
        """Forget everything of a session, or of all."""
        if not session:
            self._began = self._elapsed()
        if self._limiter is not None:
            self._limiter.reset(session)
        if session is None:
            for kept in (self._sessions, self._requests, self._answered, self._hits):
                kept.clear()
        elif self._sessions.pop(session, None) is not None:
            self._requests = OrderedDict(item for item in self._requests.items() if item[0][0] != session)
            self._answered = OrderedDict(item for item in self._answered.items() if item[0][0] != session)

    def _session(self, name: str) -> "_Session":
        sessions = self._sessions
        found = sessions.get(name)
        if found is None:
            found = sessions[name] = _Session(self._elapsed() if name else self._began)
            if len(sessions) > max(1, self._bounds.sessions):
                sessions.popitem(last=False)
        else:
            sessions.move_to_end(name)
        return found

    def _repeated(self, session: str, request: bytes) -> int:
        key = session, _digest(request)
        before = self._requests.get(key, 0)
        self._keep(self._requests, key, before + 1)
        return before

    def _keep(self, kept: "OrderedDict[tuple[str, bytes], T]", key: tuple[str, bytes], value: T) -> None:
        """Keep a value as the most recent one of at most so many."""
        kept[key] = value
        kept.move_to_end(key)
        if len(kept) > self._bounds.requests:
            kept.popitem(last=False)


class _Session:
    """What is remembered of one session; `positions` counts the steps taken of each stub."""

    __slots__ = ("added", "began", "calls", "counts", "positions", "rules", "states", "stubs", "switched")

    def __init__(self, began: float) -> None:
        self.began = began
        self.calls = 0
        self.added = 0
        self.rules: dict[str, int] = {}
        self.counts: dict[str, int] = {}
        self.positions: dict[str, int] = {}
        self.states: dict[str, str] = {}
        self.stubs: tuple[Stub, ...] = ()
        self.switched: Switched | None = None


def _digest(key: bytes) -> bytes:
    return blake2b(key, digest_size=16).digest()
