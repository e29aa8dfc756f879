"""Faults where HTTP is spoken by h11, which has a mind of its own about what may be sent."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.faults.faulty import STUBS, ask, connect, read_until, request

ROOT = Path(__file__).parents[2]
BOTH = pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])


@pytest.fixture(scope="module")
def h11(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A server on h11: all of it that a test needs is its port."""
    file = tmp_path_factory.mktemp("h11") / "stubs.yaml"
    file.write_text(STUBS, encoding="utf-8")
    command = [sys.executable, "-m", "tests.faults.h11_server", str(file)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield SimpleNamespace(port=int(process.stdout.readline()))
        process.communicate(timeout=20)


@pytest.mark.parametrize(
    ("fault", "end", "size"),
    [
        ("close", "eof", 0),
        ("close; after_bytes=100", "eof", 100),
        ("reset; after_bytes=100", "reset", 100),
        ("hang; after_bytes=100; for=1ms", "eof", 100),
        ("truncate; after_bytes=100", "eof", 100),
        ("stall; for=1ms", "eof", None),
        ("one_byte", "eof", None),
        ("content_type", "eof", None),
        ("duplicate_headers", "eof", None),
    ],
)
@BOTH
def test_what_arrives_is_what_arrives_by_httptools(
    h11: Any, server: Any, fault: str, end: str, size: int | None, stream: bool
) -> None:
    """The same bytes of the body, the same end."""
    seen, other = ask(h11, fault, stream=stream), ask(server, fault, stream=stream)
    assert (seen.body, seen.end) == (other.body, other.end)
    assert seen.end == end
    assert size is None or len(seen.body) == size


@pytest.mark.parametrize("fault", ["wrong_length", "broken_chunks", "garbage; after=nothing", "duplicate_headers"])
@BOTH
def test_what_is_not_http_is_sent_all_the_same(h11: Any, server: Any, fault: str, stream: bool) -> None:
    """It goes past h11."""
    assert ask(h11, fault, stream=stream).sent == ask(server, fault, stream=stream).sent


@pytest.mark.parametrize("fault", ["stall; for=1ms", "one_byte", ""])
@BOTH
def test_the_connection_goes_on(h11: Any, fault: str, stream: bool) -> None:
    """h11 is told of the answers that went past it, and takes the next request, pipelined or not."""
    with connect(h11) as connection:
        asked = request(fault, stream=stream, user="one", keep=True)
        connection.sendall(asked + asked)
        data = b""
        while data.count(b"HTTP/1.1 200 ") < 2 or not data.endswith(b"0\r\n\r\n" if stream else b"\n}"):
            data += connection.recv(65_536)
        connection.sendall(request(user="ascii"))
        assert b"Nothing but plain letters here." in read_until(connection, b"plain letters here.")


def test_an_answer_says_that_the_connection_ends_where_the_request_asks_for_it(h11: Any) -> None:
    """As h11 itself would."""
    seen = ask(h11, "stall; for=1ms")
    assert b"connection: close" in seen.head
    assert json.loads(seen.body)["object"] == "chat.completion"
