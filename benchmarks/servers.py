"""Servers under test as processes: started on a core of their own, always killed."""

import os
import re
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, sleep
from typing import IO, NamedTuple

from benchmarks.load import HOST

ROOT = Path(__file__).resolve().parent.parent
READY = re.compile(rb"mockserver ready on http://[^\s]*:(\d+)\s")
START_SECONDS = 90.0
POLL_SECONDS = 0.001


class ServerFailed(Exception):
    """A server did not start, or died; the message holds what it wrote to standard error."""


class Cores(NamedTuple):
    """Which core the servers run on, and which the load generator."""

    server: int
    load: int


class Server(NamedTuple):
    """A way to start a server: its name, its command for a port, and whether it announces the port it listens on.

    One that does not is given a free port, and asked for a connection every millisecond until it accepts. `scripted`
    says whether it answers what it was told to.
    """

    name: str
    command: Callable[[int], list[str]]
    announces: bool
    scripted: bool = True


class Running(NamedTuple):
    """A server that accepts connections; `began` is when it was spawned, on the clock of `perf_counter`."""

    name: str
    pid: int
    port: int
    began: float


def f1(answer: Path) -> Server:
    """The floor, which answers what stands in the file."""
    command = [sys.executable, "-m", "benchmarks.floor", str(answer)]
    return Server("f1", lambda port: [*command, str(port)], announces=False)


def mockserver(command: Sequence[str], name: str, stubs: Path, options: Sequence[str] = ()) -> Server:
    """mockserver, started by `command`, on a port of its choice."""
    return Server(name, lambda port: [*command, "serve", str(stubs), "--port", "0", *options], announces=True)


def choose_cores() -> Cores | None:
    """Two cores this process may use, or None when there are not two or the platform does not pin."""
    if sys.platform != "linux":
        return None
    usable = sorted(os.sched_getaffinity(0))
    return Cores(usable[0], usable[1]) if len(usable) > 1 else None


def pin(core: int) -> None:
    """Keep this process, and those it starts from here on, on one core."""
    if sys.platform == "linux":
        os.sched_setaffinity(0, {core})


@contextmanager
def serving(server: Server, cores: Cores | None) -> Iterator[Running]:
    """Start a server and wait until it accepts; kill it in the end. Raises ServerFailed.

    An error inside the block is raised as ServerFailed when the server has died meanwhile.
    """
    with tempfile.TemporaryFile() as errors:
        port = 0 if server.announces else _free_port()
        began = perf_counter()
        process = _spawn(server.command(port), errors, cores)
        try:
            port = _announced(process) if server.announces else _accepting(process, port)
            yield Running(server.name, process.pid, port, began)
        except Exception as error:
            code = _exit_code(process)
            if code is None and not isinstance(error, ServerFailed):
                raise
            ended = "still running" if code is None else f"ended with exit code {code}"
            errors.seek(0)
            told = errors.read().decode(errors="replace").strip() or "(nothing on standard error)"
            raise ServerFailed(f"{server.name} {ended}: {error}\n{told}") from error
        finally:
            _kill(process)


def environment() -> dict[str, str]:
    """This process's variables, but that Python keeps its compiled files, as it does for users."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _spawn(command: list[str], errors: IO[bytes], cores: Cores | None) -> subprocess.Popen[bytes]:
    """Start the command on the servers' core: a process inherits the core of the one that starts it."""
    if cores:
        pin(cores.server)
    try:
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
        )
    except OSError as error:
        raise ServerFailed(f"cannot run {command[0]}: {error}") from error
    finally:
        if cores:
            pin(cores.load)


def _announced(process: subprocess.Popen[bytes]) -> int:
    """The port in the line that mockserver prints once it accepts connections."""
    assert process.stdout is not None
    written, until = b"", perf_counter() + START_SECONDS
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while not (found := READY.search(written)):
            if not selector.select(until - perf_counter()):
                raise ServerFailed(f"no ready line within {START_SECONDS:.0f} s")
            data = os.read(process.stdout.fileno(), 4096)
            if not data:
                raise ServerFailed("standard output ended without a ready line")
            written += data
    return int(found[1])


def _accepting(process: subprocess.Popen[bytes], port: int) -> int:
    """The given port, once something accepts connections there."""
    until = perf_counter() + START_SECONDS
    while process.poll() is None and perf_counter() < until:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            sleep(POLL_SECONDS)
        else:
            return port
    raise ServerFailed(f"does not accept connections on port {port}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _exit_code(process: subprocess.Popen[bytes]) -> int | None:
    """The exit code of a process that has ended or is about to; None for one that runs on."""
    try:
        return process.wait(0.3)
    except subprocess.TimeoutExpired:
        return None


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the process and those it started, which share its session."""
    try:
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
    process.wait()
    if process.stdout:
        process.stdout.close()
