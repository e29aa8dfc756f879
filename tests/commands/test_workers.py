"""Several workers on one port: as good as one, or refused."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver.checks.consistency import inconsistent
from mockserver.cli import main
from mockserver.language.load import load
from tests.commands.conftest import Running, Start

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="workers are forked")

PATIENCE = 30
"""Seconds after which what was to come is taken not to."""
HELLO = "stubs:\n  - match: {user: hello}\n    response: Hi there!\n"
WHY = "each of several workers counts for itself, so serve this with one"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A fixture file with one stub."""
    path = tmp_path / "hello.yaml"
    path.write_text(HELLO)
    return path


def ask(url: str, user: str = "hello", **fields: Any) -> httpx.Response:
    """One chat request on a connection of its own, so that it may come to any worker."""
    body = {"model": "m", "messages": [{"role": "user", "content": user}], **fields}
    return httpx.post(f"{url}/v1/chat/completions", json=body, trust_env=False)


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until something holds. Fails where it does not come to hold."""
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until, "it did not come to hold"
        time.sleep(0.01)


def children(running: Running) -> set[int]:
    """The processes of the workers."""
    text = Path(f"/proc/{running.process.pid}/task/{running.process.pid}/children").read_text()
    return set(map(int, text.split()))


def alive(pid: int) -> bool:
    """Whether a process is there and has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


linux = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")


def test_seeded_answers_do_not_depend_on_the_worker(start: Start, file: Path) -> None:
    """Whoever answers: the same bytes, those with which one worker alone answers first; the ready line comes once."""
    several = start(str(file), "--seed", "5", "--workers", "3")
    alone = start(str(file), "--seed", "5")
    for user in ("hello", "tell me about the sea"):
        assert {ask(several.url, user).content for _ in range(12)} == {ask(alone.url, user).content}
    several.process.send_signal(signal.SIGTERM)
    out, err = several.process.communicate(timeout=PATIENCE)
    assert out == ""
    assert err.count("OPENAI_BASE_URL=") == 1
    assert err.count("hello#1 200 ") == 12


@linux
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_all_stop_together(start: Start, file: Path, number: int) -> None:
    """Told to stop, the command ends with 0 and leaves nobody behind."""
    running = start(str(file), "--workers", "3", "-q")
    workers = children(running)
    assert len(workers) == 3
    running.process.send_signal(number)
    assert running.process.wait(PATIENCE) == 0
    assert not any(map(alive, workers))


@linux
def test_a_worker_that_ends_is_replaced(start: Start, file: Path) -> None:
    """It is told, and the port is served by as many as before."""
    running = start(str(file), "--workers", "2", "-q")
    (first, second) = workers = children(running)
    os.kill(first, signal.SIGKILL)
    eventually(lambda: first not in children(running) and len(children(running)) == 2)
    assert second in children(running)
    assert all(ask(running.url).status_code == 200 for _ in range(8))
    running.process.send_signal(signal.SIGTERM)
    _, err = running.process.communicate(timeout=PATIENCE)
    number = sorted(workers).index(first) + 1
    assert err == f"mockserver: worker {number} (process {first}) ended by SIGKILL; another takes its place\n"


ENDING = """
import asyncio, socket, sys
from mockserver.workers import Supervisor

async def accept(ready):
    ready()

def serve(number, sock, ready):
    if "{how}" == "after":
        asyncio.run(accept(ready))
    raise SystemExit

supervisor = Supervisor(serve, [socket.socket(), socket.socket()], lambda text: print(text, file=sys.stderr))
sys.exit(supervisor.run(lambda: print("ready")))
"""


@pytest.mark.parametrize(
    ("how", "ready", "said"),
    [
        ("before", "", "mockserver: a worker ended before it accepted connections"),
        ("after", "ready\n", "mockserver: workers end as soon as they are started: giving up"),
    ],
)
def test_workers_that_cannot_live_end_the_server(how: str, ready: str, said: str) -> None:
    """At once, or after a few that ended as soon as they were started; with exit code 1."""
    command = [sys.executable, "-c", ENDING.replace("{how}", how)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (done.returncode, done.stdout) == (1, ready)
    assert said in done.stderr.splitlines()


@linux
def test_without_the_supervisor_the_workers_go(start: Start, file: Path) -> None:
    """Even when it is killed, which it cannot tell anybody."""
    running = start(str(file), "--workers", "2", "-q")
    workers = children(running)
    running.process.kill()
    running.process.wait(PATIENCE)
    eventually(lambda: not any(map(alive, workers)))


def test_the_admin_api_says_that_it_cannot_speak_for_all(start: Start, file: Path) -> None:
    """But for the health, which is that of all."""
    running = start(str(file), "--workers", "2")
    health = httpx.get(f"{running.url}/__admin/health", trust_env=False)
    assert (health.status_code, health.json()["status"], health.json()["workers"]) == (200, "ok", 2)
    for method, path in (("GET", "requests"), ("POST", "stubs"), ("DELETE", "stubs/a"), ("POST", "reset")):
        answer = httpx.request(method, f"{running.url}/__admin/{path}", trust_env=False)
        assert answer.status_code == 501
        assert answer.json()["error"]["message"] == (
            f"{method} /__admin/{path}: this server has 2 workers, and the one that was asked knows only its own "
            "part. Only /__admin/health answers for all; serve with --workers 1 for the others."
        )


def test_stored_completions_are_refused(start: Start, file: Path) -> None:
    """A worker would know only its own; the answer that was to be stored is given all the same."""
    running = start(str(file), "--workers", "2")
    assert ask(running.url, store=True).status_code == 200
    listed = httpx.get(f"{running.url}/v1/chat/completions", trust_env=False)
    assert listed.status_code == 501
    assert listed.json()["error"]["message"] == (
        "Stored chat completions are not kept by a server of 2 workers, each of which would know only its own: "
        "serve with --workers 1."
    )


def test_all_reload_together_and_only_what_they_can_serve(start: Start, file: Path) -> None:
    """An edit is served by every worker; one that several workers cannot serve is told once and not served."""
    pytest.importorskip("watchfiles")
    running = start(str(file), "--workers", "2", "--reload", "-q")

    def said() -> set[str]:
        return {ask(running.url).json()["choices"][0]["message"]["content"] for _ in range(6)}

    file.write_text(HELLO.replace("there", "again"))
    eventually(lambda: said() == {"Hi again!"})
    file.write_text(HELLO.replace("response: Hi there!", "sequence: [{response: one}, {response: two}]"))
    assert running.process.stderr is not None
    lines = [running.process.stderr.readline() for _ in range(2)]
    assert lines == [
        f"{file}:2:5: the sequence of the stub 'hello#1': {WHY}\n",
        "mockserver: 1 mistake found, the stubs from before this edit are still served\n",
    ]
    assert said() == {"Hi again!"}


INCONSISTENT = {
    "sequence": ("sequence: [{response: one}, {response: two}]", "2:5: the sequence"),
    "scenario": ("scenario: shop\n    new_state: open\n    response: x", "2:5: the scenario 'shop'"),
    "ordinal": ("match: {ordinal: 1}\n    response: x", "2:5: 'ordinal', the number of a call,"),
    "ordinal inside": (
        "match: {not: {any: [{ordinal: 1}, {user: x}]}}\n    response: x",
        "2:5: 'ordinal', the number of a call,",
    ),
    "when": ("response: x\n    error: {name: rate_limit, when: {first: 2}}", "2:5: 'when' (the first 2 calls)"),
    "during": (
        "response: x\n    error: {name: rate_limit, when: {during: {from: 5s, to: 10s}}}",
        "2:5: 'when' (from 5 s to 10 s)",
    ),
    "when of a fault": (
        "response: x\n    fault: {kind: reset, when: {every: 2}}",
        "2:5: 'when' (every call whose number divides by 2)",
    ),
    "count": ("response: 'call {{ call.count }}'", "2:5: 'call.count' in a template"),
    "count by key": ("response: '{{ call[\"count\"] + 1 }}'", "2:5: 'call.count' in a template"),
    "count in a tree": ("response: {body: {a: [1, '{{ call.count }}']}}", "2:5: 'call.count' in a template"),
    "the whole call": ("response: '{{ call }}'", "2:5: 'call.count' in a template"),
}
SEEDED = {
    "drawn latency": (
        "latency: {ttft: {uniform: {min: 1s, max: 2s}}}",
        "2:5: a drawn latency with a seed, which counts how often a request came,",
    ),
    "choose": (
        "choose: [{response: one}, {response: two}]",
        "2:5: 'choose' with a seed, which counts how often a request came,",
    ),
    "probability": (
        "response: x\n    error: {name: rate_limit, when: {probability: 0.5}}",
        "2:5: a probability with a seed, which counts how often a request came,",
    ),
}
CONSISTENT = {
    "text": "response: x",
    "template": "response: '{{ call.endpoint }} {{ call.session }} {{ faker.name() }} {{ messages[0].content }}'",
    "always": "response: x\n    error: rate_limit",
}


def found(tmp_path: Path, stub: str, *, seeded: bool) -> list[str]:
    """What several workers could not serve in a file with one stub, without the file's folder."""
    file = tmp_path / "stubs.yaml"
    file.write_text(f"stubs:\n  - name: it\n    {stub}\n")
    problems = inconsistent(load([file], strict=True), seeded=seeded)
    return [str(problem).removeprefix(f"{tmp_path}/") for problem in problems]


@pytest.mark.parametrize(("stub", "message"), INCONSISTENT.values(), ids=INCONSISTENT)
def test_what_depends_on_earlier_calls_is_refused(tmp_path: Path, stub: str, message: str) -> None:
    """With its place, its name and the reason, whether there is a seed or not."""
    for seeded in (False, True):
        problems = found(tmp_path, stub, seeded=seeded)
        assert [text.split(":", 1)[1] for text in problems] == [f"{message} of the stub 'it': {WHY}"]


@pytest.mark.parametrize(("stub", "message"), SEEDED.values(), ids=SEEDED)
def test_seeded_chances_are_refused(tmp_path: Path, stub: str, message: str) -> None:
    """They count repetitions, so that they are as good as their probability; without a seed nothing is counted."""
    problems = found(tmp_path, stub, seeded=True)
    assert [text.split(":", 1)[1] for text in problems] == [f"{message} of the stub 'it': {WHY}"]
    assert found(tmp_path, stub, seeded=False) == []


def test_failures_and_limits_of_all_calls_are_looked_at_too(tmp_path: Path) -> None:
    """They stand beside the stubs, and count like them."""
    file = tmp_path / "stubs.yaml"
    file.write_text(
        "failures:\n  - {name: outage, error: {name: overloaded, when: {calls: 2-3}}}\n"
        "limits:\n  - {name: slow down, requests_per_minute: 3}\n"
        "stubs:\n  - response: x\n"
    )
    assert list(map(str, inconsistent(load([file], strict=True), seeded=False))) == [
        f"{file}:2:5: 'when' (calls 2-3) of the failure 'outage': {WHY}",
        f"{file}:4:5: the limit 'slow down': {WHY}",
    ]


@pytest.mark.parametrize("stub", CONSISTENT.values(), ids=CONSISTENT)
def test_what_depends_on_the_request_alone_is_served(tmp_path: Path, stub: str) -> None:
    """With a seed and without."""
    assert found(tmp_path, stub, seeded=True) == found(tmp_path, stub, seeded=False) == []


def test_failures_of_all_calls_and_limits_are_refused(tmp_path: Path) -> None:
    """They count, too; what always happens does not."""
    file = tmp_path / "stubs.yaml"
    file.write_text(
        "failures:\n"
        "  - {name: storm, error: {name: overloaded, when: {first: 3}}}\n"
        "  - {name: always, latency: 1s, error: overloaded}\n"
        "  - {name: slow, latency: {ttft: {replay: [1s, 2s]}}}\n"
        "  - {name: cut, fault: {kind: reset, when: {every: 2}}}\n"
        "limits: {name: few, requests_per_minute: 3}\n"
    )
    problems = [str(problem).split(":", 1)[1] for problem in inconsistent(load([file]), seeded=False)]
    assert problems == [
        f"2:5: 'when' (the first 3 calls) of the failure 'storm': {WHY}",
        f"4:5: the replayed list of the failure 'slow': {WHY}",
        f"5:5: 'when' (every call whose number divides by 2) of the failure 'cut': {WHY}",
        f"6:9: the limit 'few': {WHY}",
    ]


def test_the_shipped_default_can_be_served_by_several() -> None:
    """Also with a seed."""
    assert inconsistent(load(), seeded=True) == []


def test_a_refused_start_tells_all_mistakes(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is served, and the exit code is 2."""
    file.write_text("stubs:\n  - sequence: [{response: one}, {response: two}]\n  - response: '{{ call.count }}'\n")
    assert main(["--workers", "2", "--port", "0", str(file)], {}) == 2
    assert capsys.readouterr().err == (
        f"{file}:2:5: the sequence of the stub 'hello#1': {WHY}\n"
        f"{file}:3:5: 'call.count' in a template of the stub 'hello#2': {WHY}\n"
        "mockserver: 2 mistakes found, nothing is served\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--workers", "0"], "argument --workers: expected a number of processes from 1 to 64, got '0'"),
        (["--workers", "65"], "argument --workers: expected a number of processes from 1 to 64, got '65'"),
        (["--workers", "two"], "argument --workers: expected a number of processes from 1 to 64, got 'two'"),
    ],
)
def test_a_wrong_number_is_wrong_usage(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With the numbers that are right."""
    with pytest.raises(SystemExit) as stopped:
        main(arguments, {})
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err


def test_a_port_in_use_is_told(start: Start, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Workers share a port among themselves, and with nobody else."""
    port = start(str(file), "--workers", "2").url.rpartition(":")[2]
    assert main(["--workers", "2", "--port", port, str(file)], {}) == 1
    expected = f"mockserver: cannot listen on 127.0.0.1:{port}: the address is in use; port 0 picks a free one\n"
    assert capsys.readouterr().err == expected
