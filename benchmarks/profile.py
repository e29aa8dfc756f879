"""Where the time of a request goes, module by module: `python -m benchmarks.profile [WORKLOAD]`.

Requests are fed to uvicorn's protocol in this process, with a transport that throws away what is written: no socket,
no kernel, so what is left is Python's own. Shares, not microseconds: the profiler weighs on calls.
"""

import asyncio
import cProfile
import gc
import io
import pstats
import sys
import tempfile
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from benchmarks.load import request_bytes
from benchmarks.workloads import WORKLOADS, Workload, fixture_file
from mockserver.language.load import load
from mockserver.log import RequestLog
from mockserver.protocol import Protocol
from mockserver.server import create_app, use_tokens
from mockserver.serving import Server

REQUESTS, WARM_UP, DIFFERENT = 20_000, 500, 20_000


class Nowhere(asyncio.Transport):
    """A connection whose client takes everything and says nothing."""

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """The addresses of nobody."""
        return ("127.0.0.1", 1) if name in ("peername", "sockname") else default

    def write(self, data: Any) -> None:
        """Throw it away."""

    def is_closing(self) -> bool:
        """It never is."""
        return False


def measure(workload: Workload) -> dict[str, float]:
    """The share of each module in the time of a request; they add up to 1."""
    requests = [request_bytes(workload.path, body) for body in islice(workload.bodies(), DIFFERENT)]
    use_tokens("estimated")
    with tempfile.TemporaryDirectory() as folder:
        stubs = Path(folder, "stubs.yaml")
        stubs.write_text(fixture_file(workload, workload.variants[-1]), encoding="utf-8")
        app, _ = create_app(load([stubs]), log=RequestLog(io.StringIO()))
    server = Server(app, lambda: None)
    server.config.load()
    profile = cProfile.Profile(builtins=False)

    async def scene() -> None:
        protocol = Protocol(config=server.config, server_state=server.server_state, app_state={})
        protocol.connection_made(Nowhere())
        for number, request in enumerate(islice(cycle(requests), REQUESTS + WARM_UP)):
            if number == WARM_UP:
                profile.enable()
            protocol.data_received(request)
            await asyncio.sleep(0)  # the request's task runs
        profile.disable()

    gc.freeze()
    with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
        runner.run(scene())
    return _shares(pstats.Stats(profile).stats)  # type: ignore[attr-defined]


def _shares(stats: dict[tuple[str, int, str], tuple[int, int, float, float, Any]]) -> dict[str, float]:
    spent: dict[str, float] = {}
    for (file, _, _), (_, _, own, _, _) in stats.items():
        parts = Path(file).parts
        packages = [name for name in ("mockserver", "uvicorn", "asyncio") if name in parts]
        if packages:
            module = "/".join(parts[len(parts) - parts[::-1].index(packages[0]) - 1 :])
            spent[module] = spent.get(module, 0.0) + own
    total = sum(spent.values())
    return {name: spent[name] / total for name in sorted(spent, key=lambda name: -spent[name])}


def main(arguments: list[str]) -> None:
    """Print the shares for a workload, plain-chat without one."""
    by_name = {workload.name: workload for workload in WORKLOADS}
    for name, share in measure(by_name[arguments[0] if arguments else "plain-chat"]).items():
        if share >= 0.005:
            print(f"{share:6.1%}  {name}")


if __name__ == "__main__":
    main(sys.argv[1:])
