"""The load generator: keep-alive connections that send prebuilt requests and check every answer.

One thread, blocking sockets and a selector: no client library, so that the server is what limits the rate.
"""

import selectors
import socket
from collections.abc import Sequence
from itertools import cycle
from time import perf_counter
from types import TracebackType
from typing import NamedTuple

from benchmarks.framing import Reader, WrongAnswer

HOST = "127.0.0.1"
TIMEOUT = 20.0
"""Seconds without a byte after which a server counts as stuck."""

READ = 1 << 18


class Expected(NamedTuple):
    """What every answer must have; `length` is that of the body in bytes, None where answers differ."""

    status: int
    length: int | None


class Count(NamedTuple):
    """What one run did: answers received, and the seconds it took."""

    requests: int
    seconds: float


def request_bytes(path: str, body: bytes) -> bytes:
    """A POST of JSON as SDKs send it, with few headers."""
    head = (
        f"POST {path} HTTP/1.1\r\nhost: {HOST}\r\nuser-agent: benchmarks\r\n"
        "authorization: Bearer sk-benchmark\r\n"
        "accept: application/json\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def connect(port: int) -> socket.socket:
    """A connection to a server on this machine, without Nagle's delay. Raises OSError."""
    connection = socket.create_connection((HOST, port), timeout=TIMEOUT)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def fetch(port: int, request: bytes) -> Reader:
    """One request on a connection of its own, and its answer. Raises OSError or WrongAnswer."""
    reader = Reader()
    with connect(port) as connection:
        connection.sendall(request)
        while not reader.feed(_receive(connection)):
            pass
    return reader


class Load:
    """A fixed number of connections to one server, each with one request at a time under way."""

    def __init__(self, port: int, requests: Sequence[bytes], expected: Expected, connections: int) -> None:
        self._port = port
        self._requests = cycle(requests)
        self._expected = expected
        self._connections = connections
        self._selector = selectors.DefaultSelector()

    def __enter__(self) -> "Load":
        """Open the connections. Raises OSError."""
        for _ in range(self._connections):
            connection = connect(self._port)
            self._selector.register(connection, selectors.EVENT_READ, (connection, Reader()))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for key in self._selector.get_map().values():
            key.data[0].close()
        self._selector.close()

    def run(self, seconds: float) -> Count:
        """Keep all connections busy for that long, then wait for the answers still under way.

        Raises WrongAnswer when an answer is not the expected one or does not come, OSError when a connection
        breaks.
        """
        began = perf_counter()
        until, requests = began + seconds, 0
        for key in self._selector.get_map().values():
            key.data[0].sendall(next(self._requests))
        under_way = self._connections
        while under_way:
            ready = self._selector.select(TIMEOUT)
            if not ready:
                raise WrongAnswer(f"no answer within {TIMEOUT:.0f} s")
            for key, _ in ready:
                connection, reader = key.data
                if not reader.feed(_receive(connection)):
                    continue
                self._check(reader)
                requests += 1
                if perf_counter() < until:
                    connection.sendall(next(self._requests))
                else:
                    under_way -= 1
        return Count(requests, perf_counter() - began)

    def _check(self, reader: Reader) -> None:
        status, length = self._expected
        if reader.status != status or length not in (None, reader.length):
            raise WrongAnswer(
                f"expected status {status} and {length or 'any number of'} bytes, "
                f"got {reader.status} and {reader.length}: {reader.body()[:300]!r}"
            )
        reader.reset()


def _receive(connection: socket.socket) -> bytes:
    data = connection.recv(READ)
    if not data:
        raise WrongAnswer("the server closed the connection before its answer was complete")
    return data
