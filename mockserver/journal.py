"""What happened: every call with its plan and its end, in memory, bounded by count and by bytes."""

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from mockserver.call import Call
from mockserver.limits import DEFAULT
from mockserver.plan import Plan


class Outcome(NamedTuple):
    """What really went over the wire: how many bytes of the body, how and when it ended.

    `ended` is a value of `Ending` where the plan was played to its end, else `disconnected`: the client left first.
    `at` is in seconds after the plan began, on the clock that its times are on.
    """

    sent: int
    ended: str
    at: float = 0.0


class Exchange(NamedTuple):
    """One request and its answer. `call` is None where the request could not be read as one.

    `at` is when it came, in seconds since the clock's start, `seconds` how long the answer took; `tokens` are
    those of request and answer together; `size` the bytes of both bodies, which are kept by reference.
    `warning` is what the real API would have refused, `client_id` the caller's own `x-client-request-id`.
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


class Journal:
    """The latest exchanges; the oldest go when there are too many or when they grow too large."""

    def __init__(self, max_entries: int = DEFAULT.journal, max_bytes: int = DEFAULT.journal_bytes) -> None:
        self._entries: deque[Exchange] = deque()
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._bytes = 0

    def add(self, exchange: Exchange) -> None:
        """Keep an exchange."""
        entries = self._entries
        entries.append(exchange)
        self._bytes += exchange.size
        while len(entries) > self._max_entries or self._bytes > self._max_bytes:
            self._bytes -= entries.popleft().size

    def __iter__(self) -> Iterator[Exchange]:
        return iter(tuple(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self._bytes = 0
