"""Measuring servers beside each other: in every repetition each gets the same work, in alternating order."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import NamedTuple

from benchmarks.floor import OWN, Headers, pack
from benchmarks.framing import Reader, WrongAnswer
from benchmarks.load import Expected, Load, fetch, request_bytes
from benchmarks.process import cpu_seconds, resident_bytes
from benchmarks.servers import F1, Cores, Files, Running, Server, serving
from benchmarks.workloads import Start, Workload

WARM_UP_SECONDS = 0.3
SETTLE_SECONDS = 0.05


class Effort(NamedTuple):
    """How much to measure: repetitions per workload, seconds of each per server, starts of each server."""

    repetitions: int
    seconds: float
    starts: int


class Series(NamedTuple):
    """One quantity of one server beside f1, a value per repetition, in pairs measured right after each other.

    `must` is the ratio to f1 aimed at, None where there is no target. `rates` are requests per second of f1
    and of the server, a value per repetition, where that says something. `answer` tells what was answered.
    """

    workload: str
    server: str
    unit: str
    floor: list[float]
    value: list[float]
    must: float | None = None
    rates: tuple[list[float], list[float]] | None = None
    answer: str = ""


class Sample(NamedTuple):
    """One repetition on one server: microseconds of CPU per request (None: unknown), requests per second."""

    cpu: float | None
    rate: float


def measure_workload(
    workload: Workload, servers: Sequence[Server], cores: Cores | None, effort: Effort
) -> list[Series]:
    """CPU per request of each server beside f1's.

    The first of `servers` is mockserver: its answer is the one that f1 gives. Raises ServerFailed,
    WrongAnswer or OSError.
    """
    request = request_bytes(workload.path, workload.body)
    with _files(workload) as files, ExitStack() as stack:
        subjects = [stack.enter_context(serving(server, files, cores)) for server in servers]
        answers = [_checked(workload, fetch(subject.port, request)) for subject in subjects]
        _hand_over(answers[0], files)
        floor = stack.enter_context(serving(F1, files, cores))
        _same(answers[0], fetch(floor.port, request))
        running = [(floor, _expected(answers[0]))]
        running += [(subject, _expected(answer)) for subject, answer in zip(subjects, answers, strict=True)]
        samples = _interleaved(running, request, workload.connections, effort)
    return [
        _series(workload, subject.name, samples[0], sample, _describe(answer), target=subject is subjects[0])
        for subject, sample, answer in zip(subjects, samples[1:], answers, strict=True)
    ]


def measure_start(start: Start, servers: Sequence[Server], cores: Cores | None, effort: Effort) -> list[Series]:
    """Milliseconds from spawn to the first answer, and resident memory after it, of each server beside f1's.

    One round before the first that counts lets Python write its compiled files. Raises as `measure_workload`
    does.
    """
    workload = start.first
    request = request_bytes(workload.path, workload.body)
    everyone = [F1, *servers]
    times: list[list[float]] = [[] for _ in everyone]
    memory: list[list[float]] = [[] for _ in everyone]
    with _files(workload) as files:
        with serving(servers[0], files, cores) as subject:
            _hand_over(_checked(workload, fetch(subject.port, request)), files)
        for turn in range(effort.starts + 1):
            for which in _order(turn, len(everyone)):
                with serving(everyone[which], files, cores) as running:
                    answer = fetch(running.port, request)
                    passed = perf_counter() - running.began
                    _checked(workload, answer)
                    resident = resident_bytes(running.pid)
                if turn:
                    times[which].append(passed * 1e3)
                    memory[which] += [] if resident is None else [resident / 2**20]
    series = []
    for which, server in enumerate(servers, 1):
        must = start.must if which == 1 else None
        series.append(Series(start.name, server.name, "ms", times[0], times[which], must))
        series.append(Series("memory", server.name, "MiB", memory[0], memory[which]))
    return series


def _interleaved(
    running: Sequence[tuple[Running, Expected]], request: bytes, connections: int, effort: Effort
) -> list[list[Sample]]:
    """The samples of each server, in the order of `running`."""
    for server, expected in running:
        with Load(server.port, request, expected, connections) as load:
            load.run(WARM_UP_SECONDS)
    samples: list[list[Sample]] = [[] for _ in running]
    for turn in range(effort.repetitions):
        for which in _order(turn, len(running)):
            server, expected = running[which]
            with Load(server.port, request, expected, connections) as load:
                load.run(SETTLE_SECONDS)
                before = cpu_seconds(server.pid)
                count = load.run(effort.seconds)
                after = cpu_seconds(server.pid)
            used = None if before is None or after is None else (after - before) / count.requests * 1e6
            samples[which].append(Sample(used, count.requests / count.seconds))
    return samples


def _order(turn: int, size: int) -> list[int]:
    """Who is measured when: forwards and backwards in turn, so that a drift of the machine favours nobody."""
    return list(range(size))[:: -1 if turn % 2 else 1]


def _series(
    workload: Workload, name: str, floor: list[Sample], samples: list[Sample], answer: str, target: bool
) -> Series:
    return Series(
        workload.name,
        name,
        "us CPU",
        [sample.cpu for sample in floor if sample.cpu is not None],
        [sample.cpu for sample in samples if sample.cpu is not None],
        workload.must if target else None,
        ([sample.rate for sample in floor], [sample.rate for sample in samples]),
        answer,
    )


@contextmanager
def _files(workload: Workload) -> Iterator[Files]:
    with TemporaryDirectory(prefix="benchmarks-") as folder:
        files = Files(Path(folder, "stubs.yaml"), Path(folder, "answer"))
        files.stubs.write_text(workload.stubs, encoding="utf-8")
        yield files


def _hand_over(answer: Reader, files: Files) -> None:
    files.answer.write_bytes(pack(answer.status, answer.headers(), answer.body()))


def _expected(answer: Reader) -> Expected:
    return Expected(answer.status, answer.length)


def _checked(workload: Workload, answer: Reader) -> Reader:
    """The answer, if it is what the workload is about. Raises WrongAnswer."""
    stream = any(b"text/event-stream" in value for _, value in answer.headers())
    if answer.status != 200 or workload.has not in answer.body() or stream is not workload.streamed:
        kinds = ("plain", "streamed")
        raise WrongAnswer(
            f"expected a {kinds[workload.streamed]} 200 with {workload.has!r}, "
            f"got a {kinds[stream]} {answer.status}: {answer.body()[:500]!r}"
        )
    return answer


def _same(wanted: Reader, answer: Reader) -> None:
    """Raise WrongAnswer unless f1 answers what mockserver answered."""
    if _repeatable(answer) != _repeatable(wanted):
        raise WrongAnswer(f"f1 answered {_repeatable(answer)!r:.500}, mockserver {_repeatable(wanted)!r:.500}")


def _repeatable(answer: Reader) -> tuple[int, Headers, bytes]:
    """What of an answer f1 can repeat."""
    headers = [(name.lower(), value) for name, value in answer.headers()]
    return answer.status, sorted(pair for pair in headers if pair[0] not in OWN), answer.body()


def _describe(answer: Reader) -> str:
    """The size of an answer, and of a stream its events and how many chunks they came in."""
    events = answer.body().count(b"\n\ndata: ") + 1
    return f"{answer.length:,} bytes" + (f", {events} events in {answer.chunks()} chunk(s)" if events > 1 else "")
