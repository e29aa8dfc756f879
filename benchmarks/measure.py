"""Measuring servers beside each other: in every repetition each gets the same work, in alternating order."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, Protocol

from benchmarks import wrk
from benchmarks.floor import OWN, Headers, pack
from benchmarks.framing import NoAnswer, Reader, WrongAnswer
from benchmarks.load import Count, Expected, Load, fetch, request_bytes
from benchmarks.peers import PEERS, NotInstalled
from benchmarks.process import cpu_seconds
from benchmarks.servers import Cores, Running, Server, ServerFailed, f1, mockserver, serving
from benchmarks.workloads import Goal, Workload, fixture_file

WARM_UP_SECONDS = 0.3

MOCKSERVER, WITH_TOKENS = "mockserver", "mockserver[tokens]"


class Effort(NamedTuple):
    """How much to measure: repetitions per workload, seconds of each per server, starts, requests for the memory."""

    repetitions: int
    seconds: float
    starts: int
    requests: int


class Setting(NamedTuple):
    """How servers are started and loaded: mockserver's command, the peers wanted, cores, effort, generator."""

    command: tuple[str, ...]
    peers: tuple[str, ...]
    cores: Cores | None
    effort: Effort
    use_wrk: bool
    tokens: bool


class Aim(NamedTuple):
    """What a server's values shall not exceed: `must` times those of `base`, or `must` itself without a base."""

    server: str
    base: str | None
    must: float
    stretch: float | None = None


class Result(NamedTuple):
    """One quantity of several servers, a value of each per repetition; those of one repetition belong together.

    `rates` are requests per second, where that says something; `answers` describe what each answered; `skipped` are
    the servers that could not take part, and why.
    """

    workload: str
    about: str
    unit: str
    values: dict[str, list[float]]
    aims: tuple[Aim, ...] = ()
    rates: dict[str, list[float]] = {}
    answers: dict[str, str] = {}
    skipped: dict[str, str] = {}


class Generator(Protocol):
    """What loads a server."""

    def run(self, seconds: float) -> Count:
        """Keep it busy for that long. Raises WrongAnswer or OSError."""
        ...


class Subject(NamedTuple):
    """A server that runs, and what every answer of it must have."""

    running: Running
    expected: Expected
    answer: str = ""


def generator(
    setting: Setting, port: int, requests: Sequence[bytes], expected: Expected, connections: int
) -> AbstractContextManager[Generator]:
    """What loads a server: wrk where it is there, else this package's own client."""
    if setting.use_wrk:
        return wrk.Wrk(port, requests, connections)
    return Load(port, requests, expected, connections)


def has_tokens() -> bool:
    """Whether the real vocabulary is installed."""
    return find_spec("toktok") is not None


def measure_workload(workload: Workload, setting: Setting) -> list[Result]:
    """CPU per request of f1, of mockserver in all its variants, and of the peers.

    Raises ServerFailed, WrongAnswer or OSError.
    """
    requests = [request_bytes(workload.path, body) for body in workload.bodies()]
    skipped: dict[str, str] = {}
    with folder() as files, ExitStack() as stack:
        answer = files / "answer"
        subjects: list[Subject] = []
        for server in _mockservers(workload, setting, files):
            running = stack.enter_context(serving(server, setting.cores))
            given = checked(workload, server, fetch(running.port, requests[0]))
            length = given.length if len(requests) == 1 else None
            if not subjects:
                hand_over(given, answer)
                floor = stack.enter_context(serving(f1(answer), setting.cores))
                _same(given, fetch(floor.port, requests[0]))
                subjects.append(Subject(floor, Expected(given.status, given.length)))
            subjects.append(Subject(running, Expected(given.status, length), describe(given)))
        for server in _peers(workload, setting, files, skipped):
            try:
                running = stack.enter_context(serving(server, setting.cores))
                given = checked(workload, server, fetch(running.port, requests[0]))
            except (ServerFailed, WrongAnswer, OSError) as error:
                skipped[server.name] = str(error)
            else:
                subjects.append(Subject(running, Expected(given.status, None), describe(given)))
        used, rates = _interleaved(subjects, requests, workload.connections, setting, skipped)
    aims = tuple(aim for goal in workload.goals for aim in _aims(workload, goal) if {aim.server, aim.base} <= {*used})
    answers = {subject.running.name: subject.answer for subject in subjects if subject.answer}
    return [Result(workload.name, workload.about, "us CPU", used, aims, rates, answers, skipped)]


def _mockservers(workload: Workload, setting: Setting, files: Path) -> Iterator[Server]:
    """mockserver in all its variants with estimated tokens, and the last of them with exact ones."""
    for number, variant in enumerate(workload.variants):
        stubs = files / f"stubs-{number}.yaml"
        stubs.write_text(fixture_file(workload, variant), encoding="utf-8")
        options = ("--tokens", "estimated", *variant.options)
        yield mockserver(setting.command, MOCKSERVER + variant.suffix, stubs, options)
    if setting.tokens:
        yield mockserver(setting.command, WITH_TOKENS + variant.suffix, stubs, ("--tokens", "exact", *variant.options))


def _peers(workload: Workload, setting: Setting, files: Path, skipped: dict[str, str]) -> Iterator[Server]:
    """The peers that are wanted, can do the workload, and can be had."""
    for name in workload.peers:
        if name in setting.peers:
            try:
                yield PEERS[name].server(workload, files)
            except NotInstalled as error:
                skipped[name] = str(error)


def _aims(workload: Workload, goal: Goal) -> Iterator[Aim]:
    suffix = workload.variants[-1].suffix
    for name in (MOCKSERVER, WITH_TOKENS):
        yield Aim(name + suffix, goal.base, goal.must, goal.stretch)


def _interleaved(
    subjects: Sequence[Subject],
    requests: Sequence[bytes],
    connections: int,
    setting: Setting,
    skipped: dict[str, str],
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """CPU per request in microseconds, nothing where it is not known, and requests per second, of each server."""
    names = [subject.running.name for subject in subjects]
    used: dict[str, list[float]] = {name: [] for name in names}
    rates: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(setting.effort.repetitions + 1):
        seconds = setting.effort.seconds if turn else WARM_UP_SECONDS
        for subject in in_turn(subjects, turn):
            name = subject.running.name
            if name in skipped:
                continue
            try:
                cost, rate = _patiently(subject, requests, connections, setting, seconds)
            except (WrongAnswer, OSError) as error:
                if name not in PEERS:
                    raise
                skipped[name] = str(error)
                continue
            if turn:
                rates[name].append(rate)
                used[name] += [] if cost is None else [cost]
    kept = [name for name in names if name not in skipped]
    return {name: used[name] for name in kept}, {name: rates[name] for name in kept}


def _patiently(
    subject: Subject, requests: Sequence[bytes], connections: int, setting: Setting, seconds: float
) -> tuple[float | None, float]:
    """A sample of a server that may need longer than the others for a single answer."""
    for longer in (1, 4, 16):
        try:
            return _sample(subject, requests, connections, setting, seconds * longer)
        except NoAnswer:
            continue
    raise NoAnswer(f"no answer within {16 * seconds:g} s")


def _sample(
    subject: Subject, requests: Sequence[bytes], connections: int, setting: Setting, seconds: float
) -> tuple[float | None, float]:
    """One repetition on one server: microseconds of CPU per request (None: not known), requests per second."""
    pid = subject.running.pid
    with generator(setting, subject.running.port, requests, subject.expected, connections) as load:
        before = cpu_seconds(pid)
        count = load.run(seconds)
        after = cpu_seconds(pid)
    used = None if before is None or after is None else (after - before) / count.requests * 1e6
    return used, count.requests / count.seconds


def in_turn(subjects: Sequence[Subject], turn: int) -> Sequence[Subject]:
    """Who is measured when: forwards and backwards in turn, so that a drift of the machine favours nobody."""
    return subjects[:: -1 if turn % 2 else 1]


@contextmanager
def folder() -> Iterator[Path]:
    """A folder for the files of one workload."""
    with TemporaryDirectory(prefix="benchmarks-") as made:
        yield Path(made)


def hand_over(answer: Reader, file: Path) -> None:
    """Let f1 answer this."""
    file.write_bytes(pack(answer.status, answer.headers(), answer.body()))


def checked(workload: Workload, server: Server, answer: Reader) -> Reader:
    """The answer, if it is what the workload is about. Raises WrongAnswer."""
    stream = any(b"text/event-stream" in value for _, value in answer.headers())
    found = workload.has in answer.body() or not server.scripted
    if answer.status != 200 or not found or stream is not workload.streamed:
        kinds = ("plain", "streamed")
        raise WrongAnswer(
            f"expected of {server.name} a {kinds[workload.streamed]} 200 with {workload.has!r}, "
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


def describe(answer: Reader) -> str:
    """The size of an answer, and of a stream its events and how many chunks they came in."""
    events = answer.body().count(b"\n\ndata: ") + 1
    return f"{answer.length:,} bytes" + (f", {events} events in {answer.chunks()} chunk(s)" if events > 1 else "")
