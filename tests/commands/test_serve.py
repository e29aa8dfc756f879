"""The command, as a user runs it."""

import json
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

import mockserver
from mockserver.cli import main
from mockserver.cli.serve import bounds_of, parser
from mockserver.limits import DOCS, Bounds, option
from tests.commands.conftest import Start

PATIENCE = 30.0
"""Seconds after which a command that does not end is taken to hang."""

HELLO = "stubs:\n  - match: {user: hello}\n    response: Hi there!\n"


def ask(url: str, user: str = "hello", **fields: Any) -> httpx.Response:
    """One chat request."""
    body = {"model": "m", "messages": [{"role": "user", "content": user}], **fields}
    return httpx.post(f"{url}/v1/chat/completions", json=body)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A fixture file with one stub."""
    path = tmp_path / "hello.yaml"
    path.write_text(HELLO)
    return path


@pytest.mark.parametrize("words", [[], ["serve"]])
def test_it_serves_files(start: Start, file: Path, words: list[str]) -> None:
    """`mockserver FILE` and `mockserver serve FILE` are the same."""
    running = start(*words, str(file))
    assert running.line.startswith("mockserver ready on http://127.0.0.1:")
    answer = ask(running.url)
    assert answer.json()["choices"][0]["message"]["content"] == "Hi there!"
    assert answer.headers["x-mockserver-stub"] == "hello#1"


def test_standard_output_is_the_ready_line_alone(start: Start, file: Path) -> None:
    """Everything else, a line for each request too, goes to standard error."""
    running = start(str(file))
    ask(running.url)
    running.process.send_signal(signal.SIGINT)
    out, err = running.process.communicate(timeout=PATIENCE)
    assert out == ""
    hint, request = err.splitlines()
    assert hint == f"OPENAI_BASE_URL={running.url}/v1 OPENAI_API_KEY=anything  (Ctrl-C stops)"
    assert request.startswith("POST /v1/chat/completions m -> hello#1 200 ")
    assert request.endswith(" ms")


def test_quiet_logs_nothing(start: Start, file: Path) -> None:
    """`-q` leaves standard error empty."""
    running = start("-q", str(file))
    ask(running.url)
    running.process.send_signal(signal.SIGINT)
    assert running.process.communicate(timeout=PATIENCE) == ("", "")


def test_verbose_says_which_files_are_served(start: Start, file: Path) -> None:
    """`-v` names the files in their order."""
    running = start("-v", str(file.parent))
    running.process.send_signal(signal.SIGINT)
    assert f"serving {file}\n" in running.process.communicate(timeout=PATIENCE)[1]


def test_verbose_says_at_the_end_which_stubs_were_never_used(start: Start, tmp_path: Path) -> None:
    """Those of the given files; what is behind them need not be used."""
    path = tmp_path / "two.yaml"
    path.write_text("stubs:\n  - match: {user: hello}\n    response: Hi\n  - {name: second, response: Ho}\n")
    running = start("-v", str(path))
    ask(running.url)
    running.process.send_signal(signal.SIGINT)
    err = running.process.communicate(timeout=PATIENCE)[1]
    assert err.splitlines()[-1] == f"never used: second ({path}:4:5)"
    assert err.count("never used") == 1


def test_a_full_standard_error_does_not_stop_the_server(start: Start, file: Path) -> None:
    """Somebody who starts the server and never reads its log still gets answers."""
    running = start(str(file))
    with httpx.Client() as client:
        for _ in range(1_500):  # more than a pipe holds
            body = {"model": "m" * 60, "messages": [{"role": "user", "content": "hello"}]}
            assert client.post(f"{running.url}/chat/completions", json=body).status_code == 200


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to catch")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_at_once_with_a_stream_open(start: Start, tmp_path: Path, number: int) -> None:
    """A client that is in the middle of a stream holds nothing up; the exit code is 0."""
    path = tmp_path / "long.yaml"
    path.write_text(f"stubs:\n  - response: {{text: {'word ' * 400_000}}}\n")
    running = start(str(path))
    host, port = running.url.removeprefix("http://").split(":")
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": "x"}], "stream": True}).encode()
    with socket.create_connection((host, int(port))) as client:
        client.sendall(b"POST /chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % len(body))
        client.sendall(body)
        assert client.recv(100).startswith(b"HTTP/1.1 200")
        running.process.send_signal(number)
        assert running.process.wait(timeout=PATIENCE) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to catch")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_further_signals_change_nothing(start: Start, file: Path, number: int) -> None:
    """A second Ctrl-C, or a shell that tells the process and its group, neither shows a traceback nor an exit code."""
    running = start("-q", str(file))
    while running.process.poll() is None:
        running.process.send_signal(number)
    assert running.process.returncode == 0
    assert running.process.communicate(timeout=PATIENCE) == ("", "")


def test_a_wrong_file_is_refused_with_all_its_mistakes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every mistake has its place, nothing is served, the exit code is 2."""
    path = tmp_path / "wrong.yaml"
    path.write_text("stubs:\n  - mtach: {user: hello}\n    response: Hi\n  - response: {txt: Hi}\n")
    assert main([str(path)], {}) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        f"{path}:2:5: unknown key 'mtach' in a stub; did you mean 'match'?\n"
        f"{path}:4:16: unknown key 'txt' in response; did you mean 'text'?\n"
        "mockserver: 2 mistakes found, nothing is served\n"
    )


def test_a_file_that_is_not_there_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """A mistyped path is told, not served around."""
    assert main(["nowhere.yaml"], {}) == 2
    assert capsys.readouterr().err == (
        "nowhere.yaml: no such file or folder\nmockserver: 1 mistake found, nothing is served\n"
    )


def test_a_mistyped_command_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """It is taken for a path, and there is none; the nearest command is named."""
    assert main(["chekc", "nowhere.yaml"], {}) == 2
    assert capsys.readouterr().err == (
        "chekc: no such file or folder\n"
        "nowhere.yaml: no such file or folder\n"
        "mockserver: 2 mistakes found, nothing is served\n"
        "mockserver: 'chekc' is no command either; did you mean 'check'?\n"
    )


def test_a_taken_port_is_told(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    """The exit code is 1, and the message says how to get a port."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["--port", str(port), str(file)], {}) == 1
    expected = f"mockserver: cannot listen on 127.0.0.1:{port}: the address is in use; port 0 picks a free one\n"
    assert capsys.readouterr().err == expected


@pytest.mark.parametrize(
    ("arguments", "environment", "message"),
    [
        (["--prot", "1"], {}, "unrecognized arguments: --prot"),
        (["--port", "99999"], {}, "argument --port: expected a port from 0 to 65535, got '99999'"),
        (["--wrkers", "2"], {}, "unrecognized arguments: --wrkers"),
        (["-v", "-q"], {}, "not allowed with argument"),
        (["--max-body", "much"], {}, "argument --max-body: expected a size such as 10MB or 64MiB, got 'much'"),
        (["--tokens", "some"], {}, "argument --tokens: invalid choice: 'some'"),
        ([], {"MOCKSERVER_MAX_BODY": "-1"}, "environment variable MOCKSERVER_MAX_BODY='-1': expected a size"),
        (
            [],
            {"MOCKSERVER_TOKENS": "some"},
            "environment variable MOCKSERVER_TOKENS='some': expected one of auto, exact, estimated",
        ),
        ([], {"MOCKSERVER_PORT": "many"}, "environment variable MOCKSERVER_PORT='many': expected a port"),
        (
            [],
            {"MOCKSERVER_STRICT": "maybe"},
            "environment variable MOCKSERVER_STRICT='maybe': expected 1 or 0",
        ),
        ([], {"MOCKSERVER_SEED": "x"}, "environment variable MOCKSERVER_SEED='x'"),
        (["--max-journal", "-1"], {}, "argument --max-journal: expected a whole number from 0 on, got '-1'"),
        (["--max-stored-bytes", "-1"], {}, "argument --max-stored-bytes: expected a size such as 10MB or 64MiB"),
        (
            [],
            {"MOCKSERVER_MAX_SESSIONS": "few"},
            "environment variable MOCKSERVER_MAX_SESSIONS='few': expected a whole number from 0 on, got 'few'",
        ),
    ],
)
def test_wrong_usage_ends_with_2(
    arguments: list[str], environment: dict[str, str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Options nobody knows and values that make no sense are usage errors."""
    with pytest.raises(SystemExit) as stopped:
        main(arguments, environment)
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err


def test_options_come_from_the_environment_too(start: Start, file: Path) -> None:
    """`MOCKSERVER_STRICT=1` is `--strict`, `MOCKSERVER_SEED=7` is `--seed 7`."""
    first = ask(start(str(file), MOCKSERVER_SEED="7", MOCKSERVER_STRICT="1").url)
    second = start("--seed", "7", "--strict", str(file))
    assert first.json() == ask(second.url).json()
    assert ask(second.url, "other").status_code == 404


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        (["--exact", "--api-key", "k1", "--api-key", "k2", "--max-body", "1KB", "--tokens", "estimated"], {}),
        (
            [],
            {
                "MOCKSERVER_EXACT": "1",
                "MOCKSERVER_API_KEY": "k1, k2",
                "MOCKSERVER_MAX_BODY": "1000",
                "MOCKSERVER_TOKENS": "estimated",
            },
        ),
    ],
)
def test_options_say_how_requests_are_received(
    start: Start, file: Path, arguments: list[str], environment: dict[str, str]
) -> None:
    """Level, keys, size and tokens, each also from the environment."""
    running = start(str(file), *arguments, **environment)
    url = running.url + "/v1/chat/completions"
    body = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}
    assert httpx.post(url, json=body).status_code == 401
    for key in ("k1", "k2"):
        answer = httpx.post(url, json=body, headers={"authorization": f"Bearer {key}"})
        assert answer.status_code == 200
        assert answer.headers["x-mockserver-tokens"] == "estimated"
    keyed = {"authorization": "Bearer k1"}
    assert httpx.post(url, json={**body, "wobble": 1}, headers=keyed).json()["error"]["code"] == "unknown_parameter"
    assert httpx.post(url, json={**body, "user": "x" * 1_000}, headers=keyed).status_code == 413
    running.process.send_signal(signal.SIGINT)
    assert "OPENAI_API_KEY=(one of those given)" in running.process.communicate(timeout=PATIENCE)[1]


def test_every_bound_of_memory_is_an_option() -> None:
    """Each has its default, an explanation, and takes a number or a size."""
    assert bounds_of(parser().parse_args([])) == Bounds()
    assert set(DOCS) == set(Bounds._fields)
    for name in Bounds._fields:
        given = bounds_of(parser().parse_args([option(name), "7"]))
        assert given == Bounds()._replace(**{name: 7})


def test_a_bound_holds(start: Start, file: Path) -> None:
    """`MOCKSERVER_MAX_STORED=0`, like `--max-stored 0`, keeps no completion."""
    for running in (start(str(file), MOCKSERVER_MAX_STORED="0"), start(str(file), "--max-stored", "0")):
        ask(running.url, store=True)
        assert httpx.get(f"{running.url}/v1/chat/completions").json()["data"] == []


def test_compress_compresses(start: Start, file: Path) -> None:
    """For a client that accepts it, as httpx does."""
    assert ask(start(str(file), "--compress").url).headers["content-encoding"] == "gzip"


def test_exact_tokens_without_the_extra_are_told(
    capsys: pytest.CaptureFixture[str], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message says what to install; the exit code is 1."""
    monkeypatch.setattr("mockserver.tokens.vocabulary.available", lambda: False)
    assert main(["--tokens", "exact", str(file)], {}) == 1
    expected = "mockserver: exact token counts need the extra: pip install 'mockserver[tokens]'\n"
    assert capsys.readouterr().err == expected


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """`--version` prints the package's version."""
    with pytest.raises(SystemExit) as stopped:
        main(["--version"], {})
    assert stopped.value.code == 0
    assert capsys.readouterr().out == f"mockserver {mockserver.__version__}\n"


def test_health(start: Start) -> None:
    """The admin API says that the server is up."""
    running = start()
    health = httpx.get(f"{running.url}/__admin/health")
    assert health.status_code == 200
    assert health.json() == {"status": "ok", "version": mockserver.__version__, "stubs": 5}
