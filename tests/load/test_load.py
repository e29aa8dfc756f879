"""Many clients at once, clients that do not read, floods of connections, and a stop in the middle of it all."""

import asyncio
import json
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.commands.conftest import Running, Start, start

__all__ = ["start"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(sys.platform == "win32", reason="opens more sockets than Windows' selector takes"),
]

PATIENCE = 120.0
"""Seconds after which what was to come is taken not to."""
TOKENS = 40
STUBS = f"""\
stubs:
  - match: {{user: hello}}
    response: Hi there!
  - match: {{user: slowly}}
    response: "{" ".join(["word"] * TOKENS)}"
    latency: {{ttft: 50ms, itl: 20ms}}
  - match: {{user: without end}}
    response: "{" ".join(["word"] * 200)}"
    latency: {{itl: 10s}}
  - match: {{user: at length}}
    response: "{" ".join(["word"] * 1000)}"
"""


@pytest.fixture(autouse=True)
def _many_files() -> Iterator[None]:
    """Thousands of sockets are as many open files, in the server too, which inherits the limit."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 8_192 if hard == resource.RLIM_INFINITY else min(8_192, hard)
    if wanted < 4_096:
        pytest.skip("this system lets nobody open that many files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def running(start: Start, tmp_path: Path) -> Running:
    """A server of the stubs, in a process of its own."""
    file = tmp_path / "stubs.yaml"
    file.write_text(STUBS)
    return start(str(file), "-q", "--tokens", "estimated")


def request(user: str, **fields: Any) -> bytes:
    """A chat request whose connection is closed after the answer."""
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": user}], **fields}).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def opened(running: Running, sent: bytes = b"") -> Streams:
    """A connection on which something has been sent; tried again while the server's queue is full."""
    port = int(running.url.rpartition(":")[2])
    for attempt in range(10):
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1 * attempt)
        else:
            writer.write(sent)
            return reader, writer
    raise AssertionError("the server does not take connections")


async def whole(streams: Streams) -> bytes:
    """All that comes until the server closes."""
    reader, writer = streams
    data = await asyncio.wait_for(reader.read(), PATIENCE)
    writer.close()
    return data


def resident(running: Running) -> int:
    """Bytes of memory the server occupies."""
    lines = Path(f"/proc/{running.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))


def test_two_thousand_connections_at_once(running: Running) -> None:
    """All are open before the first asks, and every one is answered."""

    async def scene() -> list[bytes]:
        gate = asyncio.Semaphore(200)  # of which so many are being opened at a time

        async def one() -> Streams:
            async with gate:
                return await opened(running)

        connections = await asyncio.gather(*(one() for _ in range(2_000)))
        for _, writer in connections:
            writer.write(request("hello"))
        return await asyncio.gather(*map(whole, connections))

    answers = asyncio.run(scene())
    assert all(answer.startswith(b"HTTP/1.1 200 OK\r\n") and b"Hi there!" in answer for answer in answers)


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_clients_that_do_not_read_cost_bounded_memory(running: Running) -> None:
    """Each costs its answer and what a socket holds, and no more however long it waits; others are answered."""
    clients = 200

    async def scene() -> tuple[int, int, int, int]:
        sent = request("at length", stream=True)
        size = len(await whole(await opened(running, sent)))
        before = resident(running)
        idle = [await opened(running, sent) for _ in range(clients)]
        for _, writer in idle:
            transport = writer.transport
            assert isinstance(transport, asyncio.Transport)
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        for reader, _ in idle:
            assert (await asyncio.wait_for(reader.readline(), PATIENCE)).startswith(b"HTTP/1.1 200 OK")
            reader._transport.pause_reading()  # type: ignore[attr-defined]
        during = resident(running)
        for _ in range(200):
            assert b"Hi there!" in await whole(await opened(running, request("hello")))
        after = resident(running)
        for _, writer in idle:
            writer.transport.abort()
        return size, before, during, after

    size, before, during, after = asyncio.run(scene())
    assert size > 200_000
    assert during - before < clients * (2 * size + 128 * 1024)
    assert after - during < 16 * 1024 * 1024


def test_a_flood_of_connections_stops_no_stream(running: Running) -> None:
    """Streams under way come to their ends, whole, while thousands of connections come and go."""

    async def scene() -> list[bytes]:
        streams = [await opened(running, request("slowly", stream=True)) for _ in range(50)]
        reading = [asyncio.ensure_future(whole(stream)) for stream in streams]
        floods = 0
        while floods < 2_000 or not all(task.done() for task in reading):
            for _, writer in await asyncio.gather(*(opened(running) for _ in range(100))):
                writer.transport.abort()
            floods += 100
        return await asyncio.gather(*reading)

    for answer in asyncio.run(scene()):
        assert answer.count(b'"content":" word"') == TOKENS - 1
        assert b"data: [DONE]" in answer


def test_a_stop_ends_a_thousand_open_streams(running: Running) -> None:
    """Told to stop, the server goes at once, with exit code 0, and every client sees its stream end."""

    async def scene() -> int:
        streams = [await opened(running, request("without end", stream=True)) for _ in range(1_000)]
        for reader, _ in streams:
            assert (await asyncio.wait_for(reader.readline(), PATIENCE)).startswith(b"HTTP/1.1 200 OK")
        running.process.send_signal(signal.SIGTERM)
        code = await asyncio.to_thread(running.process.wait, PATIENCE)
        ends = await asyncio.gather(*map(whole, streams), return_exceptions=True)
        assert all(isinstance(end, ConnectionError) or b"[DONE]" not in bytes(end) for end in ends)  # type: ignore[arg-type]
        return code

    assert asyncio.run(scene()) == 0
