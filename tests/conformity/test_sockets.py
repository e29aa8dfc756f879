"""What is no HTTP, or HTTP as nobody expects it: the server answers in JSON or closes, and goes on serving."""

import json
from collections.abc import Iterator

import httpx
import pytest

from mockserver import MockServer
from tests.conformity.asking import chunks_of
from tests.conformity.sockets import Answer, answers, connect, talk

PATH = b"/v1/chat/completions"
BODY = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": "say something known"}]}).encode()
STREAM = BODY[:-1] + b', "stream": true}'
KNOWN = "One, two, three"


def post(
    *headers: bytes, body: bytes = BODY, version: bytes = b"1.1", path: bytes = PATH, length: bool = True
) -> bytes:
    """A request as bytes."""
    lines = [b"POST %b HTTP/%b" % (path, version), b"host: x", *headers]
    if length:
        lines.append(b"content-length: %d" % len(body))
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


CLOSE = b"connection: close"
CHUNKED = (
    b"POST %b HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\ntrailer: x-sum\r\n\r\n" % PATH
    + b'5;name=value;quoted="a b"\r\n%b\r\n' % BODY[:5]
    + b"%X\r\n%b\r\n" % (len(BODY) - 5, BODY[5:])
    + b"000;last\r\nx-sum: 1\r\n\r\n"
)

NOT_HTTP: dict[str, bytes] = {
    "words": b"hello there\r\n\r\n",
    "no path": b"GET\r\n\r\n",
    "an unknown version": b"POST %b HTTP/9.9\r\nhost: x\r\n\r\n" % PATH,
    "control bytes": bytes(range(32)) * 4,
    "a TLS hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200,
    "a header without a colon": b"GET /v1/models HTTP/1.1\r\nhost\r\n\r\n",
    "a space before the colon": b"GET /v1/models HTTP/1.1\r\nhost : x\r\n\r\n",
    "NUL in a header": b"GET /v1/models HTTP/1.1\r\nhost: x\0y\r\n\r\n",
    "a length that is no number": post(b"content-length: many", length=False),
    "a negative length": post(b"content-length: -1", length=False),
    "two lengths": post(b"content-length: 3"),
    "a length and chunks": post(b"transfer-encoding: chunked"),
    "a chunk whose size is no number": post(b"transfer-encoding: chunked", body=b"zz\r\n{}\r\n0\r\n\r\n", length=False),
    "a chunk longer than its size": post(b"transfer-encoding: chunked", body=b"1\r\n{}\r\n0\r\n\r\n", length=False),
    "a method in small letters": b"get /v1/models HTTP/1.1\r\nhost: x\r\n\r\n",
    "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
}

ODD: dict[str, bytes] = {
    "no length: the body is empty": post(CLOSE, length=False, body=b""),
    "a header of a megabyte": post(CLOSE, b"x-long: " + b"a" * 1_000_000),
    "ten thousand headers": post(CLOSE, *(b"x-%d: 1" % number for number in range(10_000))),
    "a path of a hundred kilobytes": post(CLOSE, path=b"/v1/" + b"a" * 100_000),
    "a path that is no UTF-8": post(CLOSE, path=b"/v1/%ff%fe"),
    "a star for a path": b"OPTIONS * HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
    "an authority for a path": b"CONNECT x:443 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
    "no host": b"POST %b HTTP/1.1\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}" % PATH,
    "an encoding of the body nobody knows": post(CLOSE, b"content-encoding: rot13"),
    "an unknown transfer encoding": post(CLOSE, b"transfer-encoding: gzip", length=False),
}

GOOD: dict[str, tuple[bytes, ...]] = {
    "in one packet": (post(CLOSE),),
    "byte by byte": tuple(post(CLOSE)[at : at + 1] for at in range(len(post(CLOSE)))),
    "cut in the middle of everything": (post(CLOSE)[:7], post(CLOSE)[7:40], post(CLOSE)[40:-10], post(CLOSE)[-10:]),
    "in chunks with extensions and trailers": (CHUNKED,),
    "in chunks, byte by byte": tuple(CHUNKED[at : at + 1] for at in range(len(CHUNKED))),
    "after empty lines": (b"\r\n\r\n" + post(CLOSE),),
    "to a whole URL": (post(CLOSE, path=b"http://example.org" + PATH),),
    "with a query": (post(CLOSE, path=PATH + b"?a=b&a=c#d"),),
    "with an upgrade nobody offers": (post(b"connection: close, upgrade", b"upgrade: h2c", b"http2-settings: AA"),),
    "in HTTP/1.0": (post(version=b"1.0"),),
    "in HTTP/1.0, to be closed": (post(CLOSE, version=b"1.0"),),
}


@pytest.fixture(autouse=True)
def goes_on_serving(server: MockServer) -> Iterator[None]:
    """Whatever a test sent, the next request on a new connection is answered."""
    yield
    (answer,) = answers(talk(server.port, (post(CLOSE),)))
    check(answer)


def check(answer: Answer) -> None:
    """The answer of the stub."""
    assert answer.status == 200, answer
    assert answer.json["choices"][0]["message"]["content"].startswith(KNOWN)


def check_refusal(answer: Answer) -> None:
    """JSON in the envelope."""
    assert 400 <= answer.status < 500, answer
    assert answer.headers["content-type"].startswith("application/json")
    assert list(answer.json["error"]) == ["message", "type", "param", "code"]


@pytest.mark.parametrize("name", NOT_HTTP)
def test_what_is_not_http_is_refused_in_json_or_closed(server: MockServer, name: str) -> None:
    """Nothing hangs, nothing is HTML, and nothing is taken for a request that it is not."""
    for answer in answers(talk(server.port, (NOT_HTTP[name],), half_close=True)):
        check_refusal(answer)


@pytest.mark.parametrize("name", ODD)
def test_odd_http_is_answered_in_json_or_closed(server: MockServer, name: str) -> None:
    """Too much, too little, or beside the point: an answer of the API, or a closed connection."""
    for answer in answers(talk(server.port, (ODD[name],), half_close=True)):
        assert answer.status < 500, answer
        if answer.status >= 400:
            check_refusal(answer)


@pytest.mark.parametrize("name", GOOD)
def test_good_requests_are_answered_however_they_come(server: MockServer, name: str) -> None:
    """In pieces, in chunks, in an older version: the one whole answer, then the connection closes."""
    (answer,) = answers(talk(server.port, GOOD[name]))
    check(answer)


@pytest.mark.parametrize("body", [BODY, STREAM], ids=["plain", "streamed"])
def test_pipelined_requests_are_answered_in_order(server: MockServer, body: bytes) -> None:
    """Three requests in one packet: three answers, each whole, and the last closes."""
    other = b"GET /v1/models/gpt-4o HTTP/1.1\r\nhost: x\r\n\r\n"
    first, second, third = answers(talk(server.port, (post(body=body) + other + post(CLOSE),)))
    if body == BODY:
        check(first)
    else:
        assert chunks_of(first.body)[-1]["choices"][0]["finish_reason"] == "stop"
    assert second.json["id"] == "gpt-4o"
    check(third)


def test_a_connection_is_kept_for_the_next_request(server: MockServer) -> None:
    """Until the client has had enough; a refusal does not end it."""
    requests = (post(), post(body=b"{"), post(path=b"/v1/nothing"), post(CLOSE))
    statuses = [answer.status for answer in answers(talk(server.port, (b"".join(requests),)))]
    assert statuses == [200, 400, 404, 200]


def test_a_client_that_has_said_all_is_still_answered(server: MockServer) -> None:
    """It closed its half of the connection behind the request."""
    (answer,) = answers(talk(server.port, (post(),), half_close=True))
    check(answer)


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
def test_a_stream_is_framed_as_its_version_has_it(server: MockServer, version: bytes) -> None:
    """In chunks for HTTP/1.1; HTTP/1.0 knows none, there the end of the connection is the end."""
    (answer,) = answers(talk(server.port, (post(CLOSE, body=STREAM, version=version),)))
    assert answer.headers.get("transfer-encoding") == ("chunked" if version == b"1.1" else None)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert chunks_of(answer.body)[-1]["choices"][0]["finish_reason"] == "stop"


def test_a_client_that_asks_before_it_sends_is_told_to_go_on(server: MockServer) -> None:
    """`Expect: 100-continue`: the interim answer comes before the body is sent."""
    with connect(server.port) as sock:
        sock.sendall(post(CLOSE, b"expect: 100-continue")[: -len(BODY)])
        interim = sock.recv(1_000)
        assert interim.startswith(b"HTTP/1.1 100 ")
        sock.sendall(BODY)
        received = interim
        while data := sock.recv(65_536):
            received += data
    check(answers(received)[-1])


@pytest.mark.parametrize("path", [b"/v1/models", b"/v1/models/gpt-4o", b"/", b"/v1/nothing", PATH])
def test_head_has_no_body(server: MockServer, path: bytes) -> None:
    """Whatever the answer, it ends with its headers, and the connection can be used again."""
    asked = b"HEAD %b HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n" % path
    raw = talk(server.port, (asked,))
    assert raw.endswith(b"\r\n\r\n")
    (answer,) = answers(raw, bodies=False)
    assert answer.status < 500


@pytest.mark.parametrize("cut", [5, 60, -20])
def test_a_client_that_goes_away_harms_nobody(server: MockServer, cut: int) -> None:
    """In the middle of the request line, of a header, of the body."""
    with connect(server.port) as sock:
        sock.sendall(post()[:cut])


def test_clients_that_do_not_read_harm_nobody(server: MockServer) -> None:
    """Ten of them ask for much, read nothing and go."""
    big = b'{"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}], "n": 40, "stream": true}'
    for _ in range(10):
        with connect(server.port) as sock:
            sock.sendall(post(body=big))


def test_a_slow_upload_holds_up_nobody(server: MockServer) -> None:
    """While one client has sent half of its body, another is answered; then the first is, too."""
    request = post(CLOSE)
    with connect(server.port) as slow:
        slow.sendall(request[:-30])
        with httpx.Client(trust_env=False) as client:
            assert client.get(f"{server.base_url}/models/gpt-4o").status_code == 200
        slow.sendall(request[-30:])
        received = b""
        while data := slow.recv(65_536):
            received += data
    (answer,) = answers(received)
    check(answer)
