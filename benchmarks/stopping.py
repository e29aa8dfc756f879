"""How long a server takes to stop while a thousand streams are open: until the last client has seen its end."""

import os
import selectors
import signal
import sys
from contextlib import ExitStack
from time import perf_counter

from benchmarks.framing import WrongAnswer
from benchmarks.load import TIMEOUT, connect, request_bytes
from benchmarks.measure import MOCKSERVER, Aim, Result, Setting, folder
from benchmarks.servers import mockserver, serving
from benchmarks.workloads import CHAT, chat

STREAMS = 1_000
STUBS = """\
stubs:
  - match: {user: hello}
    response: Once upon a time there was a small server.
    latency: {itl: 60s}
"""


def measure_stop(setting: Setting) -> list[Result]:
    """Milliseconds from the signal to the end of the last of a thousand streams. Raises ServerFailed or WrongAnswer."""
    request = request_bytes(CHAT, next(chat("hello", stream=True)))
    times: list[float] = []
    _allow_files(4 * STREAMS)
    with folder() as files:
        stubs = files / "stubs.yaml"
        stubs.write_text(STUBS, encoding="utf-8")
        for _ in range(setting.effort.starts):
            with (
                serving(mockserver(setting.command, MOCKSERVER, stubs), setting.cores) as running,
                ExitStack() as stack,
            ):
                selector = stack.enter_context(selectors.DefaultSelector())
                for _ in range(STREAMS):
                    connection = stack.enter_context(connect(running.port))
                    connection.sendall(request)
                    if not connection.recv(1 << 16).startswith(b"HTTP/1.1 200 "):
                        raise WrongAnswer("a stream did not begin")
                    selector.register(connection, selectors.EVENT_READ)
                began = perf_counter()
                os.kill(running.pid, signal.SIGTERM)
                _until_all_ended(selector)
                times.append((perf_counter() - began) * 1e3)
    about = f"from the signal to stop to the end of the last of {STREAMS:,} open streams"
    return [Result("stop", about, "ms", {MOCKSERVER: times}, (Aim(MOCKSERVER, None, 1_000.0),))]


def _allow_files(count: int) -> None:
    """Let this process, and those it starts, open so many files, where the system asks for it."""
    if sys.platform != "win32":
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = count if hard == resource.RLIM_INFINITY else min(count, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))


def _until_all_ended(selector: selectors.BaseSelector) -> None:
    while selector.get_map():
        ready = selector.select(TIMEOUT)
        if not ready:
            raise WrongAnswer(f"{len(selector.get_map())} streams did not end")
        for key, _ in ready:
            try:
                ended = not key.fileobj.recv(1 << 16)  # type: ignore[union-attr]
            except ConnectionError:
                ended = True
            if ended:
                selector.unregister(key.fileobj)
