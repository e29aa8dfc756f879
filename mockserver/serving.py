"""uvicorn, fitted: it stops at once, and says when it is ready.

Imported only when a server starts: uvicorn is most of the start-up time.
"""

import asyncio
import contextlib
import errno
import signal
import socket
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from types import FrameType
from typing import Any, TypeVar

from uvicorn.config import Config
from uvicorn.server import HANDLED_SIGNALS
from uvicorn.server import Server as UvicornServer

from mockserver.errors import StartError
from mockserver.protocol import Protocol

T = TypeVar("T")

BACKLOG = 2048
ANSWERS_WITHIN = 60.0
"""Seconds within which the loop has to get to something that it is to do between requests."""


class Server(UvicornServer):
    """A uvicorn server that wakes up and goes at once when told to, open streams or not."""

    def __init__(self, app: Any, on_ready: Callable[[], None]) -> None:
        config = Config(
            app,
            http=Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            backlog=BACKLOG,
            timeout_keep_alive=75,
        )
        super().__init__(config)
        self._on_ready = on_ready
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake = asyncio.Event()
        self._signalled = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept connections, then say so."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        self._on_ready()

    async def main_loop(self) -> None:
        """Keep the `date` header right until told to stop."""
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await self._wake.wait()

    def stop(self) -> None:
        """Stop at once; may be called from any thread, and more than once."""
        self.should_exit = True
        self.between_requests(self._wake.set)

    def between_requests(self, do: Callable[..., object], *arguments: object) -> None:
        """Have something done where no request is being answered; may be called from any thread."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: already stopped
                self._loop.call_soon_threadsafe(do, *arguments)

    def call(self, do: Callable[[], T]) -> T:
        """Have something done between requests, and give what it gives, or raise what it raises; from another thread.

        Raises StartError where the loop is not running any more.
        """
        done: Future[T] = Future()

        def run() -> None:
            try:
                done.set_result(do())
            except BaseException as error:
                done.set_exception(error)

        loop = self._loop
        if loop is None or loop.is_closed():
            raise StartError("the server is not running any more")
        # not at once: the answer that the caller has just read may still have to be written into the journal
        loop.call_soon_threadsafe(loop.call_soon, run)
        return done.result(ANSWERS_WITHIN)

    def wait(self, until: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run a coroutine on the loop, and give what it gives; from another thread."""
        if self._loop is None:
            raise StartError("the server is not running any more")
        return asyncio.run_coroutine_threadsafe(until(), self._loop).result()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal asks to stop. Often it is sent twice, to a process and to its group: the second changes nothing."""
        if not self._signalled:
            self._signalled = True
            if sys.platform != "win32":
                signal.pthread_sigmask(signal.SIG_BLOCK, HANDLED_SIGNALS)
            self.stop()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on Ctrl-C and SIGTERM. To be stopped so is no error: no signal is raised again, then or later."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in HANDLED_SIGNALS}
        try:
            yield
        finally:
            if not self._signalled:
                for number, handler in before.items():
                    signal.signal(number, handler)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the listening socket and every connection, whatever is still being sent."""
        for server in self.servers:
            server.close()
        for sock in sockets or []:
            sock.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)  # connections notice that they are gone; their answers end by themselves
        await asyncio.sleep(0)
        tasks = list(self.server_state.tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=1)

    def run_in_this_thread(self, sock: socket.socket) -> None:
        """Serve until stopped."""
        with asyncio.Runner(loop_factory=self.config.get_loop_factory()) as runner:
            runner.run(self.serve(sockets=[sock]))


def bind(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """A listening socket; `shared` ones may listen on one port together. Raises StartError for an address not had."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, address = found[0]
        return socket.create_server(address[:2], family=family, backlog=BACKLOG, reuse_port=shared)
    except (OSError, UnicodeError, OverflowError) as error:
        taken = getattr(error, "errno", None) == errno.EADDRINUSE
        reason = "the address is in use" if taken else getattr(error, "strerror", None) or str(error)
        hint = "; port 0 picks a free one" if taken else ""
        raise StartError(f"cannot listen on {host}:{port}: {reason}{hint}") from None
