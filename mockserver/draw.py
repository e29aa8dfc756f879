"""The only randomness: numbers drawn from a key, the same for the same key on every machine.

A shared generator would make an answer depend on the order in which concurrent requests are scheduled.
Here each use names its key (seed, session, stub, request, ...), so order cannot matter.
"""

import os
from binascii import b2a_base64
from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")

_POOL = 4096

_ALPHANUMERIC = bytes.maketrans(b"+/", b"xQ")
"""base64's two odd characters become letters: ids are [A-Za-z0-9] on the wire."""


class Draw:
    """A stream of numbers that depends on nothing but its key.

    A key is any number of strings, bytes and integers: `Draw(seed, session, stub, request)`.
    """

    __slots__ = ("_block", "_counter", "_key")

    def __init__(self, *key: str | bytes | int) -> None:
        self._key = _digest(key)
        self._counter = 0
        self._block = b""

    def bytes(self, count: int) -> bytes:
        """The next `count` bytes."""
        block = self._block
        while len(block) < count:
            block += blake2b(self._counter.to_bytes(8, "little"), key=self._key).digest()
            self._counter += 1
        self._block = block[count:]
        return block[:count]

    def below(self, limit: int) -> int:
        """An integer from 0 up to, not including, `limit` (at most 2**32)."""
        return int.from_bytes(self.bytes(8), "little") % limit

    def between(self, low: int, high: int) -> int:
        """An integer from `low` to `high`, both included."""
        return low + self.below(high - low + 1)

    def unit(self) -> float:
        """A number from 0 up to, not including, 1."""
        return (int.from_bytes(self.bytes(7), "little") >> 3) / (1 << 53)

    def chance(self, probability: float) -> bool:
        """True with the given probability."""
        return self.unit() < probability

    def pick(self, options: Sequence[T]) -> T:
        """One of the options, each as likely as the others."""
        return options[self.below(len(options))]

    def alphanumeric(self, count: int) -> str:
        """`count` characters of `[A-Za-z0-9]`, as in the API's ids."""
        return b2a_base64(self.bytes(count)).translate(_ALPHANUMERIC)[:count].decode("ascii")

    def hexadecimal(self, count: int) -> str:
        """`count` lower-case hexadecimal digits."""
        return self.bytes((count + 1) // 2).hex()[:count]


class Fresh(Draw):
    """A draw that is different each time: for ids and chances of a server that was given no seed."""

    __slots__ = ("_pool", "_used")

    def __init__(self) -> None:
        """It has no key: it draws from the system's randomness, some thousands of bytes at a time."""
        self._pool = b""
        self._used = 0

    def bytes(self, count: int) -> bytes:
        """The next `count` bytes."""
        start = self._used
        self._used = end = start + count
        if end > len(self._pool):
            self._pool = os.urandom(max(_POOL, count))
            start, self._used = 0, count
        return self._pool[start : start + count]


def _digest(key: tuple[str | bytes | int, ...]) -> bytes:
    """32 bytes for a key; parts are framed by kind and length, so that ("ab", "c") is not ("a", "bc")."""
    state = blake2b(digest_size=32)
    for part in key:
        if isinstance(part, str):
            kind, data = b"s", part.encode("utf-8", "surrogatepass")
        elif isinstance(part, bytes):
            kind, data = b"b", part
        else:
            kind, data = b"i", str(part).encode()
        state.update(b"%b%d:" % (kind, len(data)))
        state.update(data)
    return state.digest()
