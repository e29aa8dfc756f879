"""Requests that come again, byte for byte: what was read of the first is not read again.

Clients retry, tests and load generators send the same request over and over. A request is remembered at its second
time, so that those that never come again leave a number behind and no more.
"""

from mockserver.call import Call
from mockserver.models import Catalogue
from mockserver.rules import Refusal

LONGEST = 64 * 1024
"""Bytes of a body that may be remembered: of larger ones, the comparing costs too much where they do not come again."""
MAX_SEEN = 4_096
MAX_KEPT = 512
MAX_BYTES = 4 * 1024 * 1024
"""Bounds: requests seen once, and requests remembered, by count and by the bytes of their bodies."""

Key = tuple[str, bytes, str | None, Catalogue, bool]
"""What a call is read from: endpoint, body, the path's model, the models there are, whether tokens are exact."""

Found = tuple[Call, tuple[Refusal, ...]]
"""A call as it was read, and what the real API would have refused in it."""


class Repeated:
    """The calls of requests that came more than once lately; all are dropped when they would be too many."""

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._kept: dict[Key, Found] = {}
        self._bytes = 0
        self.find = self._kept.get

    def note(self, key: Key, found: Found) -> None:
        """Remember a request, if it came before."""
        mark = hash(key)
        if mark not in self._seen:
            if len(self._seen) >= MAX_SEEN:
                self._seen.clear()
            self._seen.add(mark)
            return
        size = len(key[1])
        if len(self._kept) >= MAX_KEPT or self._bytes + size > MAX_BYTES:
            self._kept.clear()
            self._bytes = 0
        self._kept[key] = found
        self._bytes += size
