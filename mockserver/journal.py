"""What happened: every call with its plan and its end, in memory, bounded by count and by bytes."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from mockserver.call import NO_HEADERS, Call
from mockserver.limits import DEFAULT
from mockserver.plan import Plan
from mockserver.rules import Refusal

OPEN = "open"
"""How an answer ended that has not ended yet."""


class Outcome(NamedTuple):
    """What really went over the wire: how many bytes of the body, how and when it ended.

    `ended` is a value of `Ending` where the plan was played to its end, else `disconnected`: the client left first.
    `at` is in seconds after the plan began, on the clock that its times are on.
    """

    sent: int
    ended: str
    at: float = 0.0


UNDER_WAY = Outcome(0, OPEN)


class Exchange(NamedTuple):
    """One request and its answer. `call` is None where the request could not be read as one.

    `at` is when it came, in seconds since the clock's start, `seconds` how long the answer took; `tokens` are
    those of request and answer together; `size` the bytes of both bodies, which are kept by reference.
    `warning` is what the real API would have refused, `client_id` the caller's own `x-client-request-id`.

    `headers` are the request's, their names in lower case, and `query` is its query string. `body` is kept where
    there is no call that would have it. `client` is the other end of the connection. `problem` is what this server,
    not the API, had against the request: no stub matched it, a template failed, and the like.
    """

    at: float
    method: str
    path: str
    call: Call | None
    stub: str
    plan: Plan
    outcome: Outcome
    tokens: int | None
    seconds: float
    size: int
    warning: str = ""
    client_id: str = ""
    session: str = ""
    headers: Mapping[bytes, bytes] = NO_HEADERS
    query: bytes = b""
    body: bytes = b""
    client: tuple[str, int] | None = None
    problem: Refusal | None = None


class Journal:
    """The latest exchanges; the oldest go when there are too many or when they grow too large.

    `arrived` counts the requests that have come, answered or not. Answers that take their time are here from their
    beginning, as `open`.
    """

    def __init__(self, max_entries: int = DEFAULT.journal, max_bytes: int = DEFAULT.journal_bytes) -> None:
        self._entries: deque[Exchange] = deque()
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._bytes = 0
        self._open: dict[int, Exchange] = {}
        self._opened = 0
        self._dropped: dict[str, int] = {}
        self._watching: dict[object, Callable[[], None]] = {}
        self.lost: Callable[[Exchange], None] | None = None
        """Called with each exchange that goes, be it for the bounds or because it is to be forgotten."""
        self.arrived = 0

    def add(self, exchange: Exchange) -> None:
        """Keep an exchange."""
        entries = self._entries
        entries.append(exchange)
        self._bytes += exchange.size
        while len(entries) > self._max_entries or self._bytes > self._max_bytes:
            self._drop(entries.popleft())
        if self._watching:
            self._tell()

    def begin(self, exchange: Exchange) -> int:
        """Show an exchange that has not ended; gives the number by which it ends."""
        self._opened += 1
        self._open[self._opened] = exchange
        if self._watching:
            self._tell()
        return self._opened

    def end(self, number: int, exchange: Exchange | None) -> None:
        """Keep an exchange that was under way. None forgets it: nobody knows how it ended."""
        begun = self._open.pop(number, None)  # gone where all was forgotten meanwhile
        if begun is not None and exchange is not None:
            self.add(exchange)

    def entries(self, session: str | None = None) -> list[Exchange]:
        """The exchanges of a session, or of all, in the order in which the requests came."""
        found = [*self._entries, *self._open.values()]
        if session is not None:
            found = [exchange for exchange in found if exchange.session == session]
        return sorted(found, key=_came)

    def dropped(self, session: str) -> int:
        """How many exchanges of a session were there and are not any more."""
        return self._dropped.get(session, 0)

    def forget(self, session: str) -> None:
        """Forget everything of a session."""
        self._tell_lost(session)
        kept = [exchange for exchange in self._entries if exchange.session != session]
        if len(kept) != len(self._entries):
            self._entries = deque(kept)
            self._bytes = sum(exchange.size for exchange in kept)
        self._open = {number: exchange for number, exchange in self._open.items() if exchange.session != session}
        self._dropped.pop(session, None)

    def watch(self, told: Callable[[], None]) -> Callable[[], None]:
        """Have something called whenever an exchange has come; gives what ends that."""
        key = object()
        self._watching[key] = told
        return lambda: self._watching.pop(key, None) and None

    def _tell(self) -> None:
        for told in tuple(self._watching.values()):
            told()

    def _tell_lost(self, session: str | None) -> None:
        if self.lost is not None:
            for exchange in self.entries(session):
                self.lost(exchange)

    def _drop(self, exchange: Exchange) -> None:
        if self.lost is not None:
            self.lost(exchange)
        self._bytes -= exchange.size
        dropped = self._dropped
        dropped[exchange.session] = dropped.get(exchange.session, 0) + 1
        if len(dropped) > MOST_SESSIONS:
            del dropped[next(iter(dropped))]

    def __iter__(self) -> Iterator[Exchange]:
        return iter(tuple(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

    def clear(self) -> None:
        """Forget everything."""
        self._tell_lost(None)
        self._entries.clear()
        self._open.clear()
        self._dropped.clear()
        self._bytes = 0


MOST_SESSIONS = 10_000
"""For so many sessions it is known how many of their exchanges were dropped."""


def _came(exchange: Exchange) -> float:
    return exchange.at
