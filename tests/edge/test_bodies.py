"""Bodies of requests as they may come: in parts, too large, broken off, not JSON."""

import asyncio
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from mockserver import MockServer
from mockserver.edge import size
from mockserver.language.load import load
from mockserver.log import line
from mockserver.server import create_app
from tests.conftest import Serve
from tests.edge.asking import BODY, JSON, answered, connect, read, request

HEAD = b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\n"
NOT_JSON = "We could not parse the JSON body of your request."


@pytest.fixture(scope="module")
def small() -> Iterator[MockServer]:
    """A server that takes bodies of up to 1,000 bytes."""
    with MockServer(max_body=1_000) as server:
        yield server


class TestTooLarge:
    """A 413 in the envelope, as early as it is known."""

    MESSAGE = "Request body too large: at most 1000 bytes are accepted."

    def test_a_length_that_is_too_large_is_refused_before_the_body_comes(self, small: MockServer) -> None:
        """Nothing of it is read, and the connection ends."""
        with connect(small) as connection:
            connection.sendall(HEAD + b"content-length: 1001\r\nexpect: 100-continue\r\n\r\n")
            refused = read(connection)
            assert (refused.status, refused.message) == (413, self.MESSAGE)
            assert refused.headers["connection"] == "close"
            assert connection.recv(1) == b""

    def test_a_body_without_a_length_is_refused_when_it_is_too_long(self, small: MockServer) -> None:
        """Chunked bodies have none."""
        with connect(small) as connection:
            connection.sendall(HEAD + b"transfer-encoding: chunked\r\n\r\n")
            for _ in range(11):
                connection.sendall(b"64\r\n" + b" " * 100 + b"\r\n")
            refused = read(connection)
            assert (refused.status, refused.message) == (413, self.MESSAGE)

    def test_a_client_that_sends_all_of_it_first_reads_the_answer(self, small: MockServer) -> None:
        """What still comes is taken for a while: a reset would lose the answer."""
        body = b" " * 3_000_000
        refused = request(small, body)
        assert (refused.status, refused.message) == (413, self.MESSAGE)

    def test_the_largest_is_accepted(self, small: MockServer) -> None:
        """The limit itself is within it."""
        body = JSON + b" " * (1_000 - len(JSON))
        answered(request(small, body))
        assert request(small, body + b" ").status == 413

    def test_it_holds_on_every_route(self, small: MockServer) -> None:
        """Deployments, and routes that no stub answers."""
        for path, method in (("/openai/deployments/m/completions", "POST"), ("/v1/models/ft:x", "DELETE")):
            assert request(small, b" " * 1_001, path, method).status == 413

    def test_an_absurd_length_is_refused(self, default_server: MockServer) -> None:
        """With the default limit of 64 MiB."""
        with connect(default_server) as connection:
            connection.sendall(HEAD + b"content-length: 999999999999999999\r\nexpect: 100-continue\r\n\r\n")
            assert read(connection).message == "Request body too large: at most 67108864 bytes are accepted."


class TestInParts:
    """A body arrives as the network likes."""

    def test_byte_by_byte(self, default_server: MockServer) -> None:
        """Head and body."""
        data = HEAD + b"content-length: %d\r\n\r\n" % len(JSON) + JSON
        with connect(default_server) as connection:
            for at in range(len(data)):
                connection.sendall(data[at : at + 1])
            answered(read(connection))

    def test_chunked(self, default_server: MockServer) -> None:
        """Without a length."""
        chunks = b"".join(
            b"%x\r\n%b\r\n" % (len(JSON[at : at + 7]), JSON[at : at + 7]) for at in range(0, len(JSON), 7)
        )
        with connect(default_server) as connection:
            connection.sendall(HEAD + b"transfer-encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n")
            answered(read(connection))

    def test_one_request_behind_the_other(self, default_server: MockServer) -> None:
        """Pipelined, the answers come in order."""
        one = HEAD + b"content-length: %d\r\n\r\n" % len(JSON) + JSON
        with connect(default_server) as connection:
            connection.sendall(one * 3)
            data = b""
            while data.count(b'"chat.completion"') < 3:
                data += connection.recv(65_536)
            assert data.count(b"HTTP/1.1 200 OK") == 3

    def test_a_client_may_wait_for_leave_to_send(self, default_server: MockServer) -> None:
        """`Expect: 100-continue` is answered before the body comes."""
        with connect(default_server) as connection:
            connection.sendall(HEAD + b"content-length: %d\r\nexpect: 100-continue\r\n\r\n" % len(JSON))
            assert connection.recv(1_000) == b"HTTP/1.1 100 Continue\r\n\r\n"
            connection.sendall(JSON)
            answered(read(connection))

    @pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
    def test_curl_waits_for_leave_to_send(self, default_server: MockServer) -> None:
        """As it does of itself with large bodies."""
        command = ["curl", "-s", "-H", "Expect: 100-continue", "--expect100-timeout", "30", "-d", JSON.decode()]
        run = subprocess.run([*command, default_server.base_url + "/chat/completions"], capture_output=True, timeout=60)
        assert json.loads(run.stdout)["object"] == "chat.completion"

    def test_no_content_type_is_needed(self, default_server: MockServer) -> None:
        """`curl -d` says it sends a form."""
        for kind in ("application/x-www-form-urlencoded", "text/plain", "application/json; charset=utf-8", ""):
            answered(request(default_server, content_type=kind))


def test_a_client_that_goes_away_in_the_middle_is_only_logged(
    serve: Serve, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """No traceback, and the next request is answered."""
    server = serve("stubs: [{response: Hi}]")
    for part in (
        b"content-length: 500\r\n\r\n",
        b"content-length: 500\r\n\r\n{",
        b"transfer-encoding: chunked\r\n\r\n5\r\n",
    ):
        with connect(server) as connection:
            connection.sendall(HEAD + part)
    answered(request(server))
    with httpx.Client() as client:  # a page in a browser is no other case
        assert client.post(server.base_url + "/embeddings", json={}, headers={"origin": "x"}).status_code == 400
    assert caplog.records == []
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("origin", [[], [(b"origin", b"http://x")]])
@pytest.mark.parametrize("first", [[], [{"type": "http.request", "body": b"{", "more_body": True}]])
def test_a_request_that_never_became_whole_is_journalled(
    origin: list[tuple[bytes, bytes]], first: list[dict[str, Any]]
) -> None:
    """As disconnected; nothing is sent."""
    app, journal = create_app(load())
    messages, sent = iter([*first, {"type": "http.disconnect"}]), []
    scope = {"type": "http", "method": "POST", "path": "/completions", "headers": origin}

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    (entry,) = journal
    assert (sent, entry.outcome.ended) == ([], "disconnected")
    assert re.fullmatch(r"POST /completions -> - 499 \d+\.\d ms disconnected\n", line(entry))


DEEP = 100_000
WRONG = {
    "empty": b"",
    "cut off": b'{"model": ',
    "array": b"[]",
    "two values": JSON + JSON,
    "NaN": b'{"model": "m", "messages": [], "temperature": NaN}',
    "Infinity": b'{"model": "m", "messages": [], "temperature": -Infinity}',
    "a huge integer": b'{"model": "m", "n": ' + b"9" * 100_000 + b"}",
    "invalid UTF-8": b'{"model": "\xff"}',
    "an encoded surrogate": b'{"model": "\xed\xa0\x80"}',
    "UTF-16": json.dumps(BODY).encode("utf-16"),
    "UTF-16 without its mark": json.dumps(BODY).encode("utf-16-le"),
    "a byte-order mark": b"\xef\xbb\xbf" + JSON,
    "nested arrays": b"[" * DEEP + b"]" * DEEP,
    "nested objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "nested in a field": b'{"model": "m", "metadata": ' + b"[" * DEEP + b"]" * DEEP + b"}",
    "a key twice": b'{"model": "m", "model": "n", "messages": []}',
    "a key twice inside": b'{"model": "m", "messages": [{"role": "user", "content": "a", "content": "b"}]}',
    "a key twice by escapes": b'{"model": "m", "\\u006dodel": "n", "messages": []}',
    "a key twice, spaced": b'{"model" : "m" , "model"\n:\t"n", "messages": []}',
    "a control character": b'{"model": "a\nb"}',
    "a comment": b'{"model": "m" /* */}',
    "a trailing comma": b'{"model": "m",}',
    "single quotes": b"{'model': 'm'}",
    "a form": b"model=m&messages=x",
}


@pytest.mark.parametrize("body", WRONG.values(), ids=WRONG.keys())
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/completions", "/v1/embeddings"])
def test_what_is_no_json_object_is_a_400(default_server: MockServer, path: str, body: bytes) -> None:
    """In the API's words; never a 500."""
    refused = request(default_server, body, path)
    assert refused.status == 400
    assert refused.message.startswith(NOT_JSON)


@pytest.mark.parametrize("depth", [50, 200, 400, 600, 800, 900, 990])
@pytest.mark.parametrize("field", ["metadata", "messages", "tools", "wobble", "response_format"])
def test_any_depth_is_an_answer_or_a_400(default_server: MockServer, depth: int, field: str) -> None:
    """Also where the reader of JSON takes what something behind it would not."""
    nested = b'{"a":[' * depth + b"]}" * depth
    body = JSON[:-1] + b', "%b": ' % field.encode() + nested + b"}"
    body = body.replace(b'"messages": [', b'"x": [', 1) if field == "messages" else body
    assert request(default_server, body).status in (200, 400)


def test_lone_surrogates_come_through(default_server: MockServer) -> None:
    """As escapes, which JSON allows and UTF-8 does not."""
    body = b'{"model": "m\\ud800", "messages": [{"role": "user", "content": "\\udc00"}], "\\ud801": 1}'
    answer = request(default_server, body)
    assert answered(answer)["model"] == "m\ud800"
    assert answer.headers["x-mockserver-warning"].isascii()


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\nhost x\r\n\r\n",
        b"\x00\x01\x02\r\n\r\n",
        b"POST /v1/\xff HTTP/1.1\r\nhost: x\r\n\r\n",
        b"POST /v1/chat/completions HTTP/1.1\r\ncontent-length: x\r\n\r\n",
    ],
)
def test_what_is_not_http_is_a_400(default_server: MockServer, data: bytes) -> None:
    """In the envelope, and the connection ends."""
    with connect(default_server) as connection:
        connection.sendall(data)
        refused = read(connection)
        assert (refused.status, refused.headers["connection"]) == (400, "close")
        assert refused.message.startswith("Bad request: ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1000", 1_000),
        ("10MB", 10_000_000),
        ("10 mb", 10_000_000),
        ("64MiB", 64 << 20),
        ("1.5k", 1_500),
        ("2G", 2 * 10**9),
    ],
)
def test_sizes_are_read_as_people_write_them(text: str, expected: int) -> None:
    """Of a thousand, or with an i of 1,024."""
    assert size(text) == expected


@pytest.mark.parametrize("text", ["", "MB", "-1", "10TB", "1e6", "1,000", "10 MB/s"])
def test_what_is_no_size_is_refused(text: str) -> None:
    """With an example of one."""
    with pytest.raises(ValueError, match="expected a size such as 10MB or 64MiB, got"):
        size(text)
