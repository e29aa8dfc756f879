"""Clients that do not read, or leave, while an answer is played to them."""

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver import MockServer
from mockserver.delivery import MAX_SEND
from tests.faults.faulty import dechunked, read_all, request

LARGE = 4_000_000
HIGH_WATER = 64 * 1024
"""Bytes that wait in a transport before it says so."""
PATIENCE = 20_000


@pytest.fixture
def server(tmp_path: Path) -> Any:
    """A server with a very long answer, and one that hangs."""
    file = tmp_path / "stubs.yaml"
    file.write_text(
        "stubs:\n"
        "  - {match: {user: hang}, response: Hi., fault: {kind: hang, after: headers}}\n"
        f"  - response: {'x' * LARGE}\n"
        "    fault: {kind: stall, after: headers, for: 1ms}\n",
        encoding="utf-8",
    )
    with MockServer(file) as running:
        yield running


def until(server: MockServer, seen: Callable[[Any], bool]) -> None:
    """Look at the server's connections, on its loop, until something is so."""
    inner: Any = server._server

    async def look() -> bool:
        return seen(list(inner.server_state.connections))

    for _ in range(PATIENCE):
        if asyncio.run_coroutine_threadsafe(look(), inner._loop).result(10):
            return
    raise AssertionError("it has not happened")


def test_a_client_that_does_not_read_costs_little_memory(server: MockServer) -> None:
    """What waits for it is bounded, others are served meanwhile, and in the end it gets everything."""
    held: list[int] = []

    def paused(connections: Any) -> bool:
        held[:] = [connection.transport.get_write_buffer_size() for connection in connections]
        return any(connection.write_paused for connection in connections)

    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        connection.settimeout(60)
        connection.connect(("127.0.0.1", server.port))
        connection.sendall(request(stream=False))
        until(server, paused)
        assert max(held) <= HIGH_WATER + 2 * MAX_SEND
        assert httpx.get(f"{server.base_url}/models").status_code == 200
        seen = read_all(connection)
    assert seen.end == "eof"
    assert len(seen.body) > LARGE


def test_a_client_that_leaves_a_hang_is_noticed(server: MockServer) -> None:
    """Its connection is gone from the server, not only from the client."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(request(user="hang"))
        assert connection.recv(1000).startswith(b"HTTP/1.1 200 OK")
        until(server, lambda connections: len(connections) == 1)
    until(server, lambda connections: not connections)


def test_a_stopping_server_does_not_wait_for_a_hang(tmp_path: Path) -> None:
    """The client sees the end of the connection."""
    file = tmp_path / "stubs.yaml"
    file.write_text("stubs: [{response: Hi., fault: hang}]", encoding="utf-8")
    server = MockServer(file).start()
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(request())
        until(server, lambda connections: len(connections) == 1)
        server.stop()
        assert read_all(connection).data == b""


def test_a_large_answer_arrives_whole_through_chunks(server: MockServer) -> None:
    """Streamed, each event in HTTP's chunks, however many."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(request(stream=True, max_tokens=2_000))
        seen = read_all(connection)
    assert dechunked(seen.sent).endswith(b"data: [DONE]\n\n")
    assert seen.sent.endswith(b"\r\n0\r\n\r\n")
