"""Paced streams beside a bare event loop: how exactly tokens leave, and what one costs."""

import resource
import sys
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from statistics import mean

from benchmarks import paced_load
from benchmarks.framing import WrongAnswer
from benchmarks.load import fetch, request_bytes
from benchmarks.measure import MOCKSERVER, Aim, Result, Setting, folder
from benchmarks.paced_floor import Frames, packed
from benchmarks.process import cpu_seconds
from benchmarks.servers import Running, Server, mockserver, serving

TTFT, ITL, TOKENS = 0.2, 0.02, 50
STREAMS = 500
MANY = (1_000, 5_000)
WITHIN = 0.2
"""Seconds within which all streams of one run are asked for."""
PATIENCE = 120.0

LOOP = "bare loop"
SLACK = 3.0
"""Milliseconds that a token may be off, beyond what the bare loop's are."""
LESS = f"{MOCKSERVER}, less {SLACK:g} ms"

TEXT = " ".join(["word"] * TOKENS)
STUBS = f"""
stubs:
  - match: {{user: fast}}
    response: {TEXT}
  - response: {TEXT}
    latency: {{ttft: {TTFT * 1e3:g}ms, itl: {ITL * 1e3:g}ms}}
"""


def measure_paced(setting: Setting) -> list[Result]:
    """CPU per token, and how far tokens are from where they should be, of 500 streams at once.

    Raises WrongAnswer where a stream is lost or short, ServerFailed or OSError.
    """
    many_files()
    cost: dict[str, list[float]] = {LOOP: [], MOCKSERVER: []}
    error: dict[str, list[float]] = {LOOP: [], MOCKSERVER: [], LESS: []}
    drift: dict[str, list[float]] = {LOOP: [], MOCKSERVER: []}
    with folder() as files, ExitStack() as stack:
        subjects = _serving(setting, files, stack)
        for turn in range(setting.effort.repetitions):
            for subject in subjects[:: -1 if turn % 2 else 1]:
                used, arrived = _run(subject, STREAMS)
                cost[subject.name] += [] if used is None else [used / (STREAMS * TOKENS) * 1e6]
                error[subject.name].append(percentile(errors(arrived), 0.99) * 1e3)
                drift[subject.name].append(mean(drifts(arrived)) * 1e3)
            error[LESS].append(max(0.0, error[MOCKSERVER][-1] - SLACK))
    about = f"{STREAMS} streams at once, {TOKENS} tokens each, {ITL * 1e3:g} ms apart"
    return [
        Result("paced", about + ": CPU per token", "us CPU", cost, (Aim(MOCKSERVER, LOOP, 1.5),) if cost[LOOP] else ()),
        Result("paced-error", "99 of 100 tokens come no more than this off", "ms", error, (Aim(LESS, LOOP, 1.5),)),
        Result(
            "paced-drift", "what the last token is off more than the first", "ms", drift, (Aim(MOCKSERVER, None, 5),)
        ),
    ]


def measure_many(setting: Setting) -> list[Result]:
    """Seconds until 1,000 and 5,000 streams that begin at once have all ended, whole. Raises as `measure_paced`."""
    many_files()
    results = []
    with folder() as files, ExitStack() as stack:
        subjects = _serving(setting, files, stack)
        for streams in MANY:
            values: dict[str, list[float]] = {LOOP: [], MOCKSERVER: []}
            for subject in subjects:
                _, arrived = _run(subject, streams)
                values[subject.name].append(max(map(max, arrived)) - min(map(min, arrived)))
            about = f"until the last of {streams:,} streams ends; {TTFT + ITL * (TOKENS - 1):g} s if nothing is late"
            results.append(Result(f"paced-{streams}", about, "s", values))
    return results


def many_files() -> None:
    """Let this process, and those it starts, have as many connections as the platform allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def errors(arrived: Sequence[Sequence[float]]) -> list[float]:
    """How far each time between two tokens is from what it should be, in seconds."""
    return [abs(later - earlier - ITL) for times in arrived for earlier, later in pairwise(times)]


def drifts(arrived: Sequence[Sequence[float]]) -> list[float]:
    """How much later the last token of each stream is than its first says, in seconds."""
    return [times[-1] - times[0] - ITL * (len(times) - 1) for times in arrived]


def percentile(values: Iterable[float], part: float) -> float:
    """The value below which that part of the values is."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def frames(head: bytes, events: Sequence[bytes]) -> Frames:
    """The writes of a paced stream: headers, each token with what comes with it, and HTTP's end with the last."""
    first = next(index for index, event in enumerate(events) if paced_load.TOKEN in event)
    parts = [events[: first + 1], *([event] for event in events[first + 1 : first + TOKENS])]
    parts[-1] = [*parts[-1], *events[first + TOKENS :]]
    chunks = [b"".join(b"%x\r\n%b\r\n" % (len(event), event) for event in part) for part in parts]
    chunks[-1] += b"0\r\n\r\n"
    return [(0.0, head), *((TTFT + ITL * number, chunk) for number, chunk in enumerate(chunks))]


def _serving(setting: Setting, files: Path, stack: ExitStack) -> list[Running]:
    """The bare loop, which answers the bytes that mockserver answers, and mockserver."""
    stubs = files / "stubs.yaml"
    stubs.write_text(STUBS, encoding="utf-8")
    running = stack.enter_context(
        serving(mockserver(setting.command, MOCKSERVER, stubs, ("--tokens", "estimated", "-q")), setting.cores)
    )
    answer = fetch(running.port, _request("fast"))
    events = [event + b"\n\n" for event in answer.body().split(b"\n\n")[:-1]]
    lines = [b"HTTP/1.1 %d OK" % answer.status, *(b"%b: %b" % header for header in answer.headers())]
    if sum(paced_load.TOKEN in event for event in events) != TOKENS:
        raise WrongAnswer(f"expected {TOKENS} tokens, got {answer.body()[:500]!r}")
    made = files / "frames"
    made.write_text(packed(frames(b"\r\n".join(lines) + b"\r\n\r\n", events)), encoding="ascii")
    command = [sys.executable, "-m", "benchmarks.paced_floor", str(made)]
    floor = stack.enter_context(
        serving(Server(LOOP, lambda port: [*command, str(port)], announces=False), setting.cores)
    )
    for subject in (floor, running):  # what is imported, compiled or allocated once is no token's cost
        _run(subject, 10)
    return [floor, running]


def _run(subject: Running, streams: int) -> tuple[float | None, list[list[float]]]:
    """The CPU seconds that a server used for so many streams on open connections, and when their tokens came."""
    before: list[float | None] = []
    arrived = paced_load.stream(
        subject.port,
        _request("slow"),
        paced_load.Wanted(streams, TOKENS, WITHIN, PATIENCE),
        lambda: before.append(cpu_seconds(subject.pid)),
    )
    after = cpu_seconds(subject.pid)
    return None if before[0] is None or after is None else after - before[0], arrived


def _request(user: str) -> bytes:
    body = b'{"model":"gpt-4o-mini","stream":true,"messages":[{"role":"user","content":"%b"}]}' % user.encode()
    return request_bytes("/v1/chat/completions", body)
