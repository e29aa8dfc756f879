"""Speaks to a server in bytes, right or wrong, and reads what it says back."""

import json
import socket
from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import Any, NamedTuple

TIMEOUT = 30.0
"""Seconds after which a server that says nothing is taken to hang."""


class Answer(NamedTuple):
    """One answer as it came."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


def connect(port: int) -> socket.socket:
    """A connection on which nothing waits longer than TIMEOUT."""
    return socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT)


def talk(port: int, parts: Iterable[bytes], *, half_close: bool = False) -> bytes:
    """Send parts, each in a packet of its own, and read until the server closes. A reset is an end like another."""
    with connect(port) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        received = BytesIO()
        try:
            for part in parts:
                sock.sendall(part)
            if half_close:
                sock.shutdown(socket.SHUT_WR)
            while data := sock.recv(65_536):
                received.write(data)
        except ConnectionError:
            pass
        return received.getvalue()


def answers(raw: bytes, *, bodies: bool = True) -> list[Answer]:
    """The answers in what a server sent, interim ones too; fails where something is no answer, or not whole."""
    found = []
    stream = BytesIO(raw)
    while status_line := stream.readline():
        version, status, *_ = status_line.split(b" ", 2)
        assert version == b"HTTP/1.1", status_line
        headers = {}
        while (line := stream.readline()) not in (b"\r\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        body = _body(stream, headers) if bodies and int(status) >= 200 else b""
        found.append(Answer(int(status), headers, body))
    return found


def _body(stream: BytesIO, headers: Mapping[str, str]) -> bytes:
    if headers.get("transfer-encoding") == "chunked":
        return b"".join(iter(lambda: _chunk(stream), b""))
    if "content-length" not in headers:
        return stream.read()
    length = int(headers["content-length"])
    body = stream.read(length)
    assert len(body) == length, "the answer is not whole"
    return body


def _chunk(stream: BytesIO) -> bytes:
    size = int(stream.readline(), 16)
    data = stream.read(size)
    assert len(data) == size
    assert stream.readline() == b"\r\n"
    return data
