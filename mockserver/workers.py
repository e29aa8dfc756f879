"""`--workers N`: processes that share one port, started, watched and stopped by one that serves nothing itself.

They are forked from a process that has read the files, so that these are in memory once. On Linux each has a socket
of its own, among which the kernel shares connections out; the supervisor holds all of them, so that connections
which come while a worker is replaced wait for the next one. Elsewhere all accept from one socket.
"""

import asyncio
import os
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from typing import NoReturn

from mockserver.checks.consistency import inconsistent
from mockserver.errors import FixtureError, StartError
from mockserver.language.load import Fixtures

STOP_SECONDS = 5.0
"""After which a worker that was told to stop is killed."""
QUICK_SECONDS, MOST_QUICK = 1.0, 3
"""A worker that ends within this time will do so again; so many in a row end the server."""

Serve = Callable[[int, socket.socket, Callable[[], None]], None]
"""What a worker does until it is told to stop: its number, its socket, and what to call when it accepts."""


class Supervisor:
    """Starts workers, puts new ones in the places of those that end, and stops them all together.

    `serve` is run in each worker. `say` is told of workers that end without being told to.
    """

    def __init__(self, serve: Serve, sockets: Sequence[socket.socket], say: Callable[[str], None]) -> None:
        self._serve = serve
        self._sockets = sockets
        self._say = say
        self._workers: dict[int, tuple[int, float]] = {}  # by process id: its number, when it was started
        self._quick = 0
        self._lifeline = os.pipe()  # at whose end workers see that the supervisor is gone

    def run(self, ready: Callable[[], None]) -> int:
        """Run until told to stop; returns the exit code. `ready` is called once all workers accept connections."""
        awaited = {signal.SIGINT, signal.SIGTERM, signal.SIGCHLD}
        before = signal.pthread_sigmask(signal.SIG_BLOCK, awaited)
        try:
            started = [self._start(number) for number in range(len(self._sockets))]
            if not all(started):
                self._say("mockserver: a worker ended before it accepted connections")
                return self._stop(1)
            ready()
            while True:
                if signal.sigwait(awaited) != signal.SIGCHLD:
                    return self._stop(0)
                replaced = [self._replace(*ended) for ended in self._ended()]
                if not all(replaced):
                    self._say("mockserver: workers end as soon as they are started: giving up")
                    return self._stop(1)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _start(self, number: int) -> bool:
        """Start a worker and wait until it accepts connections; False where it ended before."""
        reading, writing = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if not pid:
            os.close(reading)
            self._be(number, writing)
        os.close(writing)
        self._workers[pid] = (number, time.monotonic())
        with open(reading, "rb", buffering=0) as told:
            return told.read(1) == b"."

    def _be(self, number: int, told: int) -> NoReturn:
        """Be a worker, to the end of the process."""
        code = 1
        try:
            os.close(self._lifeline[1])
            for other, sock in enumerate(self._sockets):
                if sock is not self._sockets[number] and other != number:
                    sock.close()

            def ready() -> None:
                signal.pthread_sigmask(signal.SIG_SETMASK, ())  # whoever stops it is listened to from here on
                gone = asyncio.get_running_loop().add_reader
                gone(self._lifeline[0], os.kill, os.getpid(), signal.SIGTERM)  # without a supervisor, no worker
                os.write(told, b".")
                os.close(told)

            self._serve(number, self._sockets[number], ready)
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _ended(self) -> list[tuple[int, int]]:
        """Process id and status of the workers that have ended."""
        waited = [os.waitpid(pid, os.WNOHANG) for pid in self._workers]
        return [(pid, status) for pid, status in waited if pid]

    def _replace(self, pid: int, status: int) -> bool:
        """Put a worker in the place of one that ended; False where that is of no use."""
        number, started = self._workers.pop(pid)
        self._quick = self._quick + 1 if time.monotonic() - started < QUICK_SECONDS else 0
        code = os.waitstatus_to_exitcode(status)
        how = f"by {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
        if self._quick >= MOST_QUICK:
            self._say(f"mockserver: worker {number + 1} (process {pid}) ended {how}")
            return False
        self._say(f"mockserver: worker {number + 1} (process {pid}) ended {how}; another takes its place")
        return self._start(number) or self._quick < MOST_QUICK

    def _stop(self, code: int) -> int:
        """Tell all workers to stop and wait for them."""
        for pid in self._workers:
            os.kill(pid, signal.SIGTERM)
        until = time.monotonic() + STOP_SECONDS
        while self._workers:
            for pid, _ in self._ended():
                del self._workers[pid]
            if self._workers and time.monotonic() > until:
                for pid in self._workers:
                    os.kill(pid, signal.SIGKILL)
            if self._workers:
                time.sleep(0.01)  # macOS has no sigtimedwait
        return code


def check_consistency(fixtures: Fixtures, seed: int | None) -> None:
    """Raise FixtureError for what several workers would answer differently."""
    problems = inconsistent(fixtures, seeded=seed is not None)
    if problems:
        raise FixtureError(problems, fixtures.paths)


def sockets(bind: Callable[..., socket.socket], host: str, port: int, count: int) -> list[socket.socket]:
    """The listening sockets of so many workers, all of one port. Raises StartError."""
    if not hasattr(os, "fork"):
        raise StartError("more than one worker needs a system that can fork, which Windows cannot")
    first = bind(host, port)  # not shared with anybody: a port that is in use is told
    if sys.platform != "linux":
        return [first] * count
    port = first.getsockname()[1]
    first.close()
    return [bind(host, port, shared=True) for _ in range(count)]
