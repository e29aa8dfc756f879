"""`mockserver run`: a server for as long as a command runs."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mockserver.cli import main
from tests.testing.asking import steady

STUBS = """
stubs:
  - name: greeting
    match: {user: hello}
    response: Hi there!
  - name: once
    match: {user: once}
    sequence: [{response: Once.}]
    at_end: fail
"""
ASK = """
import json, os, sys, urllib.error, urllib.request
for number, user in enumerate(sys.argv[2:]):
    if user.startswith("/__admin/"):
        urllib.request.urlopen(urllib.request.Request(os.environ["MOCKSERVER_URL"] + user, b"", method="POST")).close()
        continue
    body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": user}]}
    headers = {"authorization": f"Bearer {os.environ['OPENAI_API_KEY']}", "content-type": "application/json"}
    if user.startswith("error/"):
        headers |= {"x-mockserver-error": user.removeprefix("error/"), "x-stainless-retry-count": str(number)}
    url = os.environ["OPENAI_BASE_URL"] + "/chat/completions"
    try:
        with urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers)) as answer:
            print(json.load(answer)["choices"][0]["message"]["content"], flush=True)
    except urllib.error.HTTPError as error:
        print(error.code, flush=True)
sys.exit(int(sys.argv[1]))
"""
"""A program that asks what its arguments say, and ends with the exit code that the first one says."""
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A fixture file."""
    path = tmp_path / "stubs.yaml"
    path.write_text(STUBS, encoding="utf-8")
    return path


@pytest.fixture
def run(file: Path) -> Run:
    """Runs `mockserver run stubs.yaml OPTIONS -- python -c ASK CODE USERS`."""

    def asked(code: int, *users: str, options: tuple[str, ...] = ()) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-c", ASK, str(code), *users]
        return subprocess.run(
            [sys.executable, "-m", "mockserver", "run", str(file), *options, "--", *command],
            capture_output=True,
            text=True,
            check=False,
        )

    return asked


def test_a_command_finds_the_server_and_the_calls_are_told(run: Run) -> None:
    """By the variables that clients read; the journal is told on standard error, the exit code is the command's."""
    done = run(0, "hello", "once")
    assert (done.returncode, done.stdout) == (0, "Hi there!\nOnce.\n")
    assert steady(done.stderr) == (
        "mockserver: 2 calls\n"
        "  1. +TIME chat gpt-4o-mini 'hello' -> 200 greeting\n"
        "  2. +TIME chat gpt-4o-mini 'once' -> 200 once\n"
    )


def test_a_content_command_fails_where_a_call_was_not_answered(run: Run, file: Path) -> None:
    """With --strict those that nothing matches; in any case sequences that have ended, and the like."""
    done = run(0, "bye", options=("--strict", "-q"))
    assert (done.returncode, done.stdout) == (1, "404\n")
    assert steady(done.stderr) == (
        "mockserver: 1 call was not answered by a stub as it says:\n"
        "  1. +TIME chat gpt-4o-mini 'bye' -> 404 by nobody, no_match\n"
        "      No stub matches this request to chat for the model 'gpt-4o-mini'.\n"
        "      The nearest stubs, and what differed:\n"
        f"      - greeting ({file}:3:5): user: expected a text containing 'hello', got 'bye'\n"
        f"      - once ({file}:6:5): user: expected a text containing 'once', got 'bye'\n"
    )
    assert run(0, "bye").returncode == 0
    assert run(0, "once", "once", options=("-q",)).returncode == 1


def test_a_reset_takes_nothing_from_what_failed(run: Run) -> None:
    """It is told beside what came later; what was answered before the reset is forgotten."""
    done = run(0, "hello", "error/400", "bye", "/__admin/reset", "hello", options=("--strict",))
    assert done.returncode == 1
    assert done.stdout.endswith("404\nHi there!\n")
    listed, _, failed = steady(done.stderr).partition("mockserver: 1 call was")
    assert listed == (
        "mockserver: 2 calls\n"
        "  1. +TIME chat gpt-4o-mini 'bye' -> 404 by nobody, no_match\n"
        "  2. +TIME chat gpt-4o-mini 'hello' -> 200 greeting\n"
    )
    assert failed.startswith(
        " not answered by a stub as it says:\n"
        "  1. +TIME chat gpt-4o-mini 'bye' -> 404 by nobody, no_match\n"
        "      No stub matches this request to chat for the model 'gpt-4o-mini'.\n"
    )


def test_what_failed_before_a_reset_is_kept_for_the_first_calls_only(run: Run) -> None:
    """The rest is counted."""
    done = run(0, *["bye"] * 22, "/__admin/reset", "bye", "/__admin/reset", options=("--strict",))
    assert done.returncode == 1
    assert done.stderr.startswith("mockserver: 23 calls\n")
    assert "mockserver: 23 calls were not answered by a stub as it says:\n" in done.stderr
    assert done.stderr.endswith("\n  ... and 3 more\n")


def test_a_failed_command_keeps_its_exit_code(run: Run) -> None:
    """Whatever the calls were."""
    done = run(7, "bye", options=("--strict",))
    assert done.returncode == 7
    assert "no_match" in done.stderr


def test_a_content_command_fails_for_what_its_client_did_wrong(run: Run) -> None:
    """Where that is asked for: here a request that cannot succeed is sent again."""
    done = run(0, "hello", "hello", options=("--verdict", "-q"))
    assert done.returncode == 0, done.stderr
    users = ("error/401", "error/401")
    assert run(0, *users, options=("-q",)).returncode == 0
    done = run(0, *users, options=("--verdict", "-q"))
    assert done.returncode == 1
    assert done.stderr.startswith("mockserver: the client did something wrong:\n- retried_in_vain: ")


def test_the_environment_names_the_server(file: Path) -> None:
    """The variables of the SDKs, old and new, and one of its own; the port may be chosen."""
    show = "import os; print(*(os.environ[name] for name in os.environ['NAMES'].split()))"
    names = "OPENAI_BASE_URL OPENAI_API_BASE OPENAI_API_KEY MOCKSERVER_URL"
    done = subprocess.run(
        [sys.executable, "-m", "mockserver", "run", "--", sys.executable, "-c", show],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "NAMES": names, "OPENAI_BASE_URL": "https://api.openai.com/v1"},
    )
    base_url, older, key, url = done.stdout.split()
    assert base_url == older == f"{url}/v1"
    assert url.startswith("http://127.0.0.1:")
    assert key == "mock-key"
    assert done.stderr == "mockserver: 0 calls\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_signals_are_the_commands(number: int, file: Path) -> None:
    """It decides what they mean, and how it ends."""
    wait = (
        "import signal, sys\n"
        f"signal.signal({int(number)}, lambda *_: sys.exit(40))\n"
        "print('ready', flush=True)\n"
        "signal.pause()"
    )
    with subprocess.Popen(
        [sys.executable, "-m", "mockserver", "run", str(file), "--", sys.executable, "-c", wait],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        assert process.wait() == 40


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_a_killed_command_has_a_shells_exit_code() -> None:
    """128 and the signal's number."""
    die = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    assert main(["run", "-q", "--", sys.executable, "-c", die], {}) == 128 + 9


def test_what_cannot_be_run_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the exit codes of a shell; without a command there is nothing to do."""
    assert main(["run", "--", "no-such-command-at-all"], {}) == 127
    assert capsys.readouterr().err.startswith(
        "mockserver: cannot run no-such-command-at-all: No such file or directory\n"
    )
    plain = tmp_path / "plain"
    plain.write_text("")
    assert main(["run", "--", str(plain)], {}) == 126
    capsys.readouterr()
    for arguments in (["run"], ["run", "--"]):
        assert main(arguments, {}) == 2
        assert capsys.readouterr().err == (
            "mockserver: run needs a command behind '--', as in: mockserver run stubs.yaml -- pytest\n"
        )


def test_a_file_with_mistakes_runs_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They are told as elsewhere."""
    file = tmp_path / "wrong.yaml"
    file.write_text("stubs: 1\n")
    assert main(["run", str(file), "--", sys.executable, "-c", "print('ran')"], {}) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.endswith("mockserver: 1 mistake found, nothing is run\n")
