"""The load generator wrk, where it is on the path: it loads a server fully, which a client in Python cannot."""

import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import sleep
from types import TracebackType

from benchmarks.framing import NoAnswer, WrongAnswer
from benchmarks.load import HOST, Count

LONGEST = 600
"""Seconds after which it ends by itself, should nobody end it."""

SCRIPT = """\
local file = io.open("{requests}", "rb")
local requests = {{}}
local size = file:read(8)
while size do
  requests[#requests + 1] = file:read(tonumber(size, 16))
  size = file:read(8)
end
file:close()
local at = 0
function request()
  at = at % #requests + 1
  return requests[at]
end
function done(summary, latency, all)
  local errors = summary.errors
  print(string.format("RESULT %d %d %d %d", summary.requests, summary.duration, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
"""

RESULT = re.compile(r"^RESULT (\d+) (\d+) (\d+) (\d+)$", re.MULTILINE)


def available() -> bool:
    """Whether wrk is on the path."""
    return shutil.which("wrk") is not None


class Wrk:
    """As `Load` does, keeps a number of connections busy; of the answers it checks the status alone."""

    def __init__(self, port: int, requests: Sequence[bytes], connections: int) -> None:
        self._url = f"http://{HOST}:{port}/"
        self._requests = requests
        self._connections = connections

    def __enter__(self) -> "Wrk":
        """Write down what is to be sent."""
        self._folder = tempfile.TemporaryDirectory(prefix="benchmarks-wrk-")
        sent = Path(self._folder.name, "requests")
        sent.write_bytes(b"".join(b"%08x" % len(request) + request for request in self._requests))
        self._script = Path(self._folder.name, "script.lua")
        self._script.write_text(SCRIPT.format(requests=sent))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._folder.cleanup()

    def run(self, seconds: float) -> Count:
        """Keep all connections busy for that long. Raises WrongAnswer for refusals and broken connections."""
        command = ["wrk", "-t1", f"-c{self._connections}", f"-d{LONGEST}s", "--timeout", "20s"]
        with subprocess.Popen([*command, "-s", str(self._script), self._url], stdout=subprocess.PIPE) as process:
            try:
                sleep(seconds)
                process.send_signal(signal.SIGINT)  # it knows whole seconds only; told to stop, it tells what it did
                printed, _ = process.communicate(timeout=30)
            finally:
                process.kill()
        return read_result(printed.decode(errors="replace"))


def read_result(printed: str) -> Count:
    """What a run did, from what it printed. Raises WrongAnswer."""
    found = RESULT.search(printed)
    if found is None:
        raise WrongAnswer(f"wrk told nothing: {printed[-500:]!r}")
    requests, microseconds, refused, broken = map(int, found.groups())
    if not requests and not (refused or broken):
        raise NoAnswer("no answer came in time")
    if refused or broken:
        raise WrongAnswer(f"of {requests} answers {refused} were refusals, {broken} connections broke")
    return Count(requests, microseconds / 1e6)
