"""Where one HTTP/1.1 answer ends: just enough of the framing to count answers cheaply and check each."""

import re

STATUS = re.compile(rb"HTTP/1\.1 (\d{3})(?: |\r\n)")
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+) *\r\n", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked *\r\n", re.IGNORECASE)


class WrongAnswer(Exception):
    """A server answered something other than what it should."""


class NoAnswer(WrongAnswer):
    """A server answered nothing in the time it had."""


class Reader:
    """Reads one answer at a time from a keep-alive connection, for a client that does not pipeline.

    `status` and `length` (bytes of the body, chunk sizes left out) hold once `feed` has returned True.
    """

    __slots__ = ("_at", "_data", "_head", "_parts", "length", "status")

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget the answer read and be ready for the next."""
        self._data = b""
        self._head = 0  # where the body begins; 0 until the whole head is there
        self._at = 0  # where the next chunk begins; 0 when the body is not chunked
        self._parts: list[tuple[int, int]] = []
        self.status = 0
        self.length = 0

    def feed(self, data: bytes) -> bool:
        """Take what the socket gave; True when the answer is complete.

        Raises WrongAnswer for bytes that are no such answer, and for bytes after its end.
        """
        self._data = self._data + data if self._data else data
        if not self._head and not self._read_head():
            return False
        end = self._read_chunks() if self._at else self._head + self.length
        if not end or len(self._data) < end:
            return False
        if len(self._data) > end:
            raise WrongAnswer(f"{len(self._data) - end} bytes after the end of an answer")
        return True

    def headers(self) -> list[tuple[bytes, bytes]]:
        """The complete answer's headers in their order, as they were spelled."""
        lines = self._data[: self._head].split(b"\r\n")[1:-2]
        return [(name, value.strip()) for name, _, value in (line.partition(b":") for line in lines)]

    def body(self) -> bytes:
        """The complete answer's body, chunks joined."""
        if self._at:
            return b"".join(self._data[start:end] for start, end in self._parts)
        return self._data[self._head :]

    def chunks(self) -> int:
        """How many chunks the body came in; 0 when it was not chunked."""
        return len(self._parts)

    def _read_head(self) -> bool:
        end = self._data.find(b"\r\n\r\n")
        if end < 0:
            return False
        status = STATUS.match(self._data)
        if not status:
            raise WrongAnswer(f"not an HTTP/1.1 answer: {self._data[:80]!r}")
        self.status, self._head = int(status[1]), end + 4
        if length := LENGTH.search(self._data, 0, self._head):
            self.length = int(length[1])
        elif CHUNKED.search(self._data, 0, self._head):
            self._at = self._head
        else:
            raise WrongAnswer("an answer with neither content-length nor chunks")
        return True

    def _read_chunks(self) -> int:
        """Walk the chunks that are whole; the end of the body, or 0 while it is not there."""
        while (line := self._data.find(b"\r\n", self._at)) >= 0:
            try:
                size = int(self._data[self._at : line], 16)
            except ValueError:
                raise WrongAnswer(f"not a chunk's size: {self._data[self._at : line][:80]!r}") from None
            start, end = line + 2, line + 2 + size
            if len(self._data) < end + 2:
                return 0
            if self._data[end : end + 2] != b"\r\n":
                raise WrongAnswer("a chunk that is longer than its size")
            if not size:
                return end + 2
            self._parts.append((start, end))
            self.length += size
            self._at = end + 2
        return 0
