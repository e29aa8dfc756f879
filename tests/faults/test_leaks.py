"""After thousands of faults, and clients that leave in the middle, everything is where it was."""

import asyncio
import gc
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from mockserver import MockServer
from mockserver.draw import Draw
from mockserver.faults import KINDS
from mockserver.faults.points import PLACES
from tests.faults.faulty import STUBS, connect, read_all, request

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="descriptors and memory are counted in /proc")

AT_ONCE = 16
PATIENCE = 20_000
"""How often is looked whether the server has noticed that the last clients have left."""


class Deed(NamedTuple):
    """One request, and whether its client leaves without waiting for the end."""

    asked: bytes
    leaves: bool


def deeds() -> Iterator[Deed]:
    """Requests with faults of every kind and place, again and again, from a seed."""
    draw = Draw("deeds")
    while True:
        for name, kind in KINDS.items():
            fault = name
            if "after" in kind.keys:
                fault += f"; after={draw.pick(PLACES)}"
            if name == "stall":
                fault += f"; for={draw.pick(['1ms', '10s'])}"
            if name == "drip":
                fault += "; bytes_per_second=100000"
            leaves = name in ("hang", "stall") or draw.chance(0.2)
            yield Deed(request(fault, stream=draw.chance(0.7), user=draw.pick(["one", "tool", "x"])), leaves)


def do(server: MockServer, deed: Deed) -> None:
    """Ask, and read to the end or leave."""
    with connect(server) as connection:
        connection.sendall(deed.asked)
        if not deed.leaves:
            read_all(connection)


class Held(NamedTuple):
    """What a process holds: open descriptors, the server's connections and tasks, timers that wait."""

    descriptors: int
    connections: int
    tasks: int
    waiting: int


def held(server: MockServer) -> Held:
    """What is held now, in this process, which is the server's and the clients'."""
    inner: Any = server._server
    wheel = inner.config.app.api._clock._wheel

    async def tasks() -> int:
        return len(asyncio.all_tasks())

    count = asyncio.run_coroutine_threadsafe(tasks(), inner._loop).result(10)
    waiting = sum(len(bucket) for bucket in wheel._buckets.values())
    return Held(len(os.listdir("/proc/self/fd")), len(inner.server_state.connections), count, waiting)


def settled(server: MockServer, wanted: Held | None = None) -> Held:
    """What is held once it is as wanted, or once nothing is going on; when that takes too long, what it is then."""
    for _ in range(PATIENCE):
        now = held(server)
        if now == wanted or (wanted is None and not now.connections and not now.waiting):
            break
    return now


def blocks() -> int:
    """Blocks of memory that Python has handed out."""
    gc.collect()
    return sys.getallocatedblocks()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MockServer]:
    """A server of its own, which remembers few exchanges."""
    file = tmp_path / "stubs.yaml"
    file.write_text(STUBS, encoding="utf-8")
    with MockServer(file, seed=1) as running:
        yield running


def rage(server: MockServer, wanted: Iterator[Deed], count: int) -> None:
    """So many of the deeds, several at once."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda deed: do(server, deed), islice(wanted, count)))


def test_nothing_is_left_of_hundreds_of_faults(server: MockServer) -> None:
    """No descriptor, no connection, no task and no timer."""
    wanted = deeds()
    rage(server, wanted, AT_ONCE)
    before = settled(server)
    rage(server, wanted, 400)
    assert settled(server, before) == before


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_nothing_is_left_of_ten_thousand_faults(server: MockServer) -> None:
    """Nor does memory grow, once the journal is full."""
    wanted = deeds()
    rage(server, wanted, AT_ONCE)
    before = settled(server)
    rage(server, wanted, 3_000)
    assert settled(server, before) == before
    memory = blocks()
    rage(server, wanted, 7_000)
    assert settled(server, before) == before
    assert blocks() - memory < 14_000, "more than two blocks for each request"
