"""Asks for many paced streams at once and notes when every token arrives."""

import asyncio
import random
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any, NamedTuple

from benchmarks.framing import WrongAnswer
from benchmarks.load import HOST
from benchmarks.paced_floor import loop_factory

TOKEN = b'"delta":{"content"'
"""What every event with a token has, and no other."""
END = b"\r\n0\r\n\r\n"
SETTLING = 0.05
"""Seconds in which a server can do what connections ask of it."""
CONNECTING = 200
"""Connections that are opened at once."""


class Stream(asyncio.Protocol):
    """One stream: when its tokens came, in seconds on the clock of `perf_counter`."""

    def __init__(self, done: "asyncio.Future[None]", tokens: int) -> None:
        self.done = done
        self.tokens = tokens
        self.arrived: list[float] = []
        self.tail = b""
        self.head = b""

    def connection_made(self, transport: Any) -> None:
        """The server has taken the connection."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Something has come: note its tokens, and whether it is the end."""
        now = perf_counter()
        if not self.head:
            self.head = data[:12]
        seen = self.tail + data
        self.arrived += [now] * seen.count(TOKEN)
        self.tail = seen[-len(TOKEN) + 1 :]
        if seen.endswith(END) and not self.done.done():
            self.done.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        """The server has gone away."""
        if not self.done.done():
            self.done.set_exception(WrongAnswer(f"a stream ended after {len(self.arrived)} of its tokens: {error}"))


class Wanted(NamedTuple):
    """So many streams of so many tokens, asked for within some seconds, and when to give up."""

    streams: int
    tokens: int
    within: float
    timeout: float


def stream(
    port: int, request: bytes, wanted: Wanted, connected: Callable[[], None] = lambda: None
) -> list[list[float]]:
    """Ask for streams; when each of their tokens arrived. `connected` is called before the first request is sent.

    Raises WrongAnswer where one is lost, short or too late, and OSError.
    """
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(_stream(port, request, wanted, connected))


async def _stream(port: int, request: bytes, wanted: Wanted, connected: Callable[[], None]) -> list[list[float]]:
    streams, tokens, within, timeout = wanted
    loop = asyncio.get_running_loop()
    limit = asyncio.Semaphore(CONNECTING)

    async def opened() -> Stream:
        async with limit:
            _, made = await loop.create_connection(lambda: Stream(loop.create_future(), tokens), HOST, port)
            return made

    everyone = await asyncio.gather(*(opened() for _ in range(streams)))
    await asyncio.sleep(SETTLING)
    connected()
    starts = random.Random(1)
    for one in everyone:
        loop.call_later(starts.uniform(0, within), one.transport.write, request)
    try:
        async with asyncio.timeout(timeout):
            await asyncio.gather(*(one.done for one in everyone))
    except TimeoutError:
        ended = sum(one.done.done() and not one.done.cancelled() for one in everyone)
        raise WrongAnswer(f"only {ended} of {streams} streams had ended after {timeout:g} s") from None
    finally:
        for one in everyone:
            one.done.cancel()
            one.transport.abort()
    _check(everyone, tokens)
    return [one.arrived for one in everyone]


def _check(everyone: Sequence[Stream], tokens: int) -> None:
    """Raise WrongAnswer unless all of them are whole."""
    for one in everyone:
        if one.head != b"HTTP/1.1 200" or len(one.arrived) != tokens:
            raise WrongAnswer(f"expected a stream of {tokens} tokens, got {len(one.arrived)} behind {one.head!r}")
