"""Every kind of fault, seen from the outside on a raw socket."""

import json
import socket
from typing import Any

import pytest

from mockserver import MockServer
from mockserver.faults import KINDS
from tests.faults.faulty import Seen, ask, connect, dechunked, read_all, read_until, request

BOTH = pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
TEXT = "Grüße aus Zürich, 東京 und 🌍!"


def events(seen: Seen) -> list[bytes]:
    """The events of a stream; what is left behind the last one is an event, too."""
    return [event for event in seen.body.split(b"\n\n") if event]


def healthy(server: MockServer, *, stream: bool = True, **fields: Any) -> Seen:
    """The answer without a fault."""
    return ask(server, stream=stream, **fields)


def impossible(seen: Seen) -> str:
    """What the server says of a fault that cannot be had."""
    assert seen.head.startswith(b"HTTP/1.1 500 ")
    error = json.loads(seen.body)["error"]
    assert error["code"] == "mockserver_fault_impossible"
    return str(error["message"])


@BOTH
class TestEndings:
    """Answers that end too early."""

    @pytest.mark.parametrize(("fault", "end"), [("close", "eof"), ("reset", "reset"), ("hang; for=0", "eof")])
    def test_before_the_headers(self, server: MockServer, fault: str, end: str, stream: bool) -> None:
        """Not a byte comes."""
        assert ask(server, fault, stream=stream) == Seen([], end)

    @pytest.mark.parametrize(("fault", "end"), [("close", "eof"), ("reset", "reset"), ("hang; for=0", "eof")])
    def test_after_the_headers(self, server: MockServer, fault: str, end: str, stream: bool) -> None:
        """The headers come whole, and nothing of the body."""
        seen = ask(server, f"{fault}; after=headers", stream=stream)
        assert (seen.end, seen.sent) == (end, b"")
        assert seen.head.startswith(b"HTTP/1.1 200 OK\r\n")
        assert seen.data.endswith(b"\r\n\r\n")

    @pytest.mark.parametrize(("fault", "end"), [("close", "eof"), ("reset", "reset"), ("hang; for=0", "eof")])
    def test_after_bytes(self, server: MockServer, fault: str, end: str, stream: bool) -> None:
        """So many bytes of the body arrive, and no more."""
        seen = ask(server, f"{fault}; after_bytes=100", stream=stream)
        assert seen.end == end
        assert seen.body == healthy(server, stream=stream).body[:100]

    @pytest.mark.parametrize("place", ["middle", "anywhere"])
    @pytest.mark.parametrize("fault", ["close", "reset"])
    def test_somewhere_in_the_body(self, server: MockServer, fault: str, place: str, stream: bool) -> None:
        """Some of the body arrives, not all of it."""
        seen = ask(server, f"{fault}; after={place}", stream=stream)
        whole = healthy(server, stream=stream).body
        assert 0 < len(seen.body) < len(whole)
        assert whole.startswith(seen.body)

    def test_a_hang_lasts_until_the_client_leaves(self, server: MockServer, stream: bool) -> None:
        """Headers and half of the body, and then nothing."""
        with connect(server) as connection:
            connection.sendall(request("hang; after_bytes=50", stream=stream))
            begun = read_until(connection, healthy(server, stream=stream).body[40:50])
            connection.settimeout(0.05)
            with pytest.raises(TimeoutError):
                connection.recv(1)
        assert b"\r\n\r\n" in begun

    def test_a_stall_goes_on(self, server: MockServer, stream: bool) -> None:
        """In the end all of it is there."""
        seen = ask(server, "stall; for=30ms; after_bytes=60", stream=stream)
        assert seen.body == healthy(server, stream=stream).body
        assert len(seen.reads) > 1

    def test_a_truncated_body_is_well_formed_http(self, server: MockServer, stream: bool) -> None:
        """The content-length is right, or the last chunk of HTTP is there."""
        seen = ask(server, "truncate; after_bytes=100", stream=stream)
        assert seen.body == healthy(server, stream=stream).body[:100]
        assert seen.end == "eof"
        assert seen.data.endswith(b"0\r\n\r\n") if stream else b"content-length: 100\r\n" in seen.head


class TestPoints:
    """Where an answer ends."""

    @pytest.mark.parametrize("kind", ["close", "reset"])
    def test_after_chunks_of_a_stream(self, server: MockServer, kind: str) -> None:
        """So many events, the role chunk included, and not a byte more."""
        seen = ask(server, f"{kind}; after_chunks=3", stream=True)
        assert events(seen) == events(healthy(server))[:3]
        assert seen.body.endswith(b"\n\n")

    def test_after_tokens_of_a_stream(self, server: MockServer) -> None:
        """The role chunk counts nothing, every token once."""
        assert events(ask(server, "close; after_tokens=2", stream=True)) == events(healthy(server))[:3]
        assert ask(server, "close; after_tokens=0", stream=True).sent == b""

    def test_after_tokens_of_a_plain_answer(self, server: MockServer) -> None:
        """The JSON is cut behind the token."""
        seen = ask(server, "close; after_tokens=3", user="ascii")
        streamed = events(healthy(server, user="ascii"))
        text = "".join(json.loads(event[6:])["choices"][0]["delta"].get("content", "") for event in streamed[:4])
        assert seen.body.endswith(f'"content": "{text}'.encode())
        assert healthy(server, stream=False, user="ascii").body.startswith(seen.body)

    def test_after_the_whole_answer(self, server: MockServer) -> None:
        """All chunks have come, only HTTP's end is missing."""
        whole = healthy(server)
        seen = ask(server, f"reset; after_chunks={len(events(whole))}", stream=True)
        assert (seen.body, seen.end) == (whole.body, "reset")
        assert seen.data + b"0\r\n\r\n" != seen.data

    @pytest.mark.parametrize(
        ("fault", "stream", "said"),
        [
            ("reset; after_chunks=999", True, "reset; after_chunks=999: after_chunks is 999, and this answer has "),
            ("reset; after_chunks=2", False, "reset; after_chunks=2: after_chunks is 2, and this answer has 1 chunk."),
            ("close; after_bytes=99999", False, "close; after_bytes=99999: after_bytes is 99999, and the body of "),
            ("close; after_tokens=500", True, "close; after_tokens=500: after_tokens is 500, and the text of this "),
            ("missing_done", False, "missing_done: missing_done is for streams, and this answer is none."),
        ],
    )
    def test_what_cannot_be_had_is_said(self, server: MockServer, fault: str, stream: bool, said: str) -> None:
        """An answer that is too short for its fault is not given undisturbed."""
        message = impossible(ask(server, fault, stream=stream))
        assert message.startswith(f"The fault cannot be played: {said}")


class TestWrites:
    """Bytes that are the right ones, in odd parts."""

    @BOTH
    def test_a_character_is_split(self, server: MockServer, stream: bool) -> None:
        """A read ends in the middle of a character."""
        seen = ask(server, "split_character; gap=20ms", stream=stream)
        assert seen.body == healthy(server, stream=stream).body
        ends = [read.removesuffix(b"\r\n") for read in seen.reads[:-1]]
        assert any(_is_cut(end) for end in ends)

    def test_events_are_split(self, server: MockServer) -> None:
        """Every event comes in two parts, so in about twice as many reads."""
        seen = ask(server, "split_event; gap=5ms", stream=True)
        whole = healthy(server)
        assert seen.body == whole.body
        assert len(seen.reads) > len(events(whole))

    @BOTH
    def test_byte_by_byte(self, server: MockServer, stream: bool) -> None:
        """A write for each byte: a client sees far more reads than one."""
        seen = ask(server, "one_byte; gap=1ms", stream=stream, user="one")
        assert seen.body == healthy(server, stream=stream, user="one").body
        assert len(seen.reads) > 20
        if stream:
            assert seen.sent.startswith(b"1\r\nd\r\n1\r\na\r\n1\r\nt\r\n1\r\na\r\n")

    @BOTH
    def test_a_drip(self, server: MockServer, stream: bool) -> None:
        """The body comes in many small parts."""
        seen = ask(server, "drip; bytes_per_second=10000", stream=stream)
        assert seen.body == healthy(server, stream=stream).body
        assert len(seen.reads) >= 2


def _is_cut(data: bytes) -> bool:
    """Whether bytes end inside a character."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return False


@BOTH
class TestFraming:
    """HTTP that is broken around the body."""

    @pytest.mark.parametrize("by", [7, -7])
    def test_a_wrong_length(self, server: MockServer, by: int, stream: bool) -> None:
        """The body comes whole, behind a length that is not its own."""
        seen = ask(server, f"wrong_length; by={by}", stream=stream)
        whole = healthy(server, stream=stream).body
        assert b"content-length: %d\r\n" % (len(whole) + by) in seen.head + b"\r\n"
        assert (seen.sent, seen.end) == (whole, "eof")

    @pytest.mark.parametrize("how", ["size", "long", "short", "end"])
    def test_broken_chunks(self, server: MockServer, how: str, stream: bool) -> None:
        """Nobody can take the body out of its chunks to the end."""
        seen = ask(server, f"broken_chunks; how={how}", stream=stream)
        assert b"transfer-encoding: chunked" in seen.head
        assert b"content-length" not in seen.head
        assert seen.end == "eof"
        assert not seen.data.endswith(b"\r\n0\r\n\r\n")
        if how in ("size", "short"):
            with pytest.raises(ValueError, match="invalid literal for int"):
                dechunked(seen.sent)

    def test_the_content_type(self, server: MockServer, stream: bool) -> None:
        """It is the only header that changes."""
        seen = ask(server, "content_type", stream=stream)
        assert b"\r\ncontent-type: text/html; charset=utf-8\r\n" in seen.head
        assert seen.head.lower().count(b"content-type") == 1
        assert seen.body == healthy(server, stream=stream).body

    def test_a_redirect(self, server: MockServer, stream: bool) -> None:
        """Nothing but the way to somewhere else."""
        seen = ask(server, "redirect; status=308; location=/v1/chat", stream=stream)
        assert seen.head.startswith(b"HTTP/1.1 308 Permanent Redirect\r\n")
        assert b"\r\nlocation: /v1/chat\r\n" in seen.head
        assert seen.body == b""

    def test_duplicate_headers(self, server: MockServer, stream: bool) -> None:
        """One header, two values."""
        seen = ask(server, "duplicate_headers; name=x-request-id; value=other", stream=stream)
        assert seen.head.count(b"\r\nx-request-id: ") == 2
        assert b"\r\nx-request-id: other" in seen.head
        assert seen.body == healthy(server, stream=stream).body

    def test_two_lengths(self, server: MockServer, stream: bool) -> None:
        """Two content-lengths cannot both be right, so the connection ends behind the body."""
        seen = ask(server, "duplicate_headers; name=content-length; value=3", stream=stream, keep=True)
        assert seen.end == "eof"
        assert seen.head.count(b"\r\ncontent-length: ") == 1 + (not stream)

    def test_oversized_headers(self, server: MockServer, stream: bool) -> None:
        """Larger than most clients take."""
        seen = ask(server, "oversized_headers; bytes=70000", stream=stream)
        assert b"\r\nx-mockserver-oversized: " + b"a" * 70_000 in seen.head
        assert seen.body == healthy(server, stream=stream).body


class TestBodies:
    """Bodies that are not what the API sends."""

    @BOTH
    def test_garbage_instead_of_http(self, server: MockServer, stream: bool) -> None:
        """So many bytes and the end."""
        seen = ask(server, "garbage; after=nothing; bytes=33", stream=stream)
        assert (len(seen.data), seen.end) == (33, "eof")
        assert not seen.data.startswith(b"HTTP")

    def test_garbage_is_the_same_from_the_same_seed(self) -> None:
        """And another when the same request comes again."""
        seen = []
        for _ in range(2):
            with MockServer(seed=1) as server:
                seen.append([ask(server, "garbage; after=nothing; bytes=33").data for _ in range(2)])
        assert seen[0] == seen[1]
        assert seen[0][0] != seen[0][1]

    @BOTH
    def test_garbage_instead_of_the_rest(self, server: MockServer, stream: bool) -> None:
        """What stood before is there."""
        seen = ask(server, "garbage; after_bytes=20; bytes=5", stream=stream)
        assert seen.body[:20] == healthy(server, stream=stream).body[:20]
        assert len(seen.body) == 25

    @BOTH
    def test_an_empty_body(self, server: MockServer, stream: bool) -> None:
        """HTTP says that there is nothing."""
        seen = ask(server, "empty_body", stream=stream)
        assert seen.sent == (b"0\r\n\r\n" if stream else b"")

    @BOTH
    def test_malformed_json(self, server: MockServer, stream: bool) -> None:
        """One byte is another one."""
        seen = ask(server, "malformed_json", stream=stream)
        whole = healthy(server, stream=stream).body
        assert [(old, new) for old, new in zip(whole, seen.body, strict=True) if old != new] == [(ord(":"), ord("="))]

    @BOTH
    def test_invalid_utf8(self, server: MockServer, stream: bool) -> None:
        """The text begins with what is no character."""
        seen = ask(server, "invalid_utf8", stream=stream)
        assert b'"\xc3\x28Gr' in seen.body
        assert seen.body.replace(b"\xc3\x28", b"") == healthy(server, stream=stream).body

    def test_missing_usage(self, server: MockServer) -> None:
        """Neither the key of a plain answer nor the chunk of a stream."""
        assert "usage" not in json.loads(ask(server, "missing_usage").body)
        whole = healthy(server, stream_options={"include_usage": True})
        seen = ask(server, "missing_usage", stream=True, stream_options={"include_usage": True})
        assert events(seen) == [event for event in events(whole) if b'"usage":{' not in event] != events(whole)
        said = impossible(ask(server, "missing_usage", stream=True))
        assert said.endswith("missing_usage: this stream has no usage: the request did not ask for it.")

    def test_missing_finish_reason(self, server: MockServer) -> None:
        """The key is missing, or null in the last chunk as in the others."""
        assert "finish_reason" not in json.loads(ask(server, "missing_finish_reason").body)["choices"][0]
        assert b'"finish_reason":"' in healthy(server).body
        assert b'"finish_reason":"' not in ask(server, "missing_finish_reason", stream=True).body

    @pytest.mark.parametrize("how", ["cut", "invalid"])
    @BOTH
    def test_bad_arguments(self, server: MockServer, how: str, stream: bool) -> None:
        """The calls are there, their arguments are no JSON."""
        seen = ask(server, f"bad_arguments; how={how}", stream=stream, user="tool")
        if stream:
            deltas = [json.loads(event[6:])["choices"][0]["delta"] for event in events(seen)[:-1]]
            calls = [call for delta in deltas for call in delta.get("tool_calls", [])]
            arguments = "".join(call["function"]["arguments"] for call in calls)
        else:
            arguments = json.loads(seen.body)["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"]
        with pytest.raises(ValueError, match="line 1 column"):
            json.loads(arguments)


class TestEvents:
    """Streams with the wrong events."""

    def test_the_blank_line_is_missing(self, server: MockServer) -> None:
        """Two events run into one."""
        whole = events(healthy(server))
        assert events(ask(server, "missing_blank_line", stream=True)) == [
            whole[0],
            whole[1] + b"\n" + whole[2],
            *whole[3:],
        ]

    def test_done_is_missing(self, server: MockServer) -> None:
        """HTTP ends well, the stream does not."""
        seen = ask(server, "missing_done", stream=True)
        assert events(seen) == events(healthy(server))[:-1]
        assert seen.data.endswith(b"\r\n0\r\n\r\n")

    def test_data_behind_the_end(self, server: MockServer) -> None:
        """A chunk comes behind `[DONE]`."""
        whole = events(healthy(server))
        assert events(ask(server, "data_after_done", stream=True)) == [*whole, whole[0]]

    def test_a_chunk_comes_twice(self, server: MockServer) -> None:
        """The one behind two."""
        whole = events(healthy(server))
        assert events(ask(server, "duplicate_chunk; after_chunks=2", stream=True)) == [*whole[:3], *whole[2:]]

    def test_chunks_change_places(self, server: MockServer) -> None:
        """The first token and the second."""
        first, *whole = events(healthy(server))
        swapped = [first, whole[1], whole[0], *whole[2:]]
        assert events(ask(server, "swapped_chunks", stream=True)) == swapped

    def test_a_chunk_has_no_choices(self, server: MockServer) -> None:
        """An empty list, between two that are not."""
        whole = events(healthy(server))
        seen = events(ask(server, "empty_choices", stream=True))
        assert json.loads(seen[1][6:])["choices"] == []
        assert [seen[0], *seen[2:]] == whole

    @pytest.mark.parametrize(
        ("fault", "first"),
        [
            ("sse_comments; every=3", b": ping\n\ndata: {"),
            ("sse_crlf", b"data: {"),
            ("sse_cr", b"data: {"),
            ("sse_no_space", b"data:{"),
            ("sse_several_lines", b"data: {\ndata: "),
            ("sse_fields", b"event: message\nid: 1\nretry: 3000\ndata: {"),
            ("sse_bom", b"\xef\xbb\xbfdata: {"),
        ],
    )
    def test_what_the_standard_allows(self, server: MockServer, fault: str, first: bytes) -> None:
        """Other bytes, the same data to whoever reads by the standard."""
        seen = ask(server, fault, stream=True)
        whole = healthy(server)
        assert seen.body.startswith(first)
        assert seen.body != whole.body
        assert [_canonical(data) for data in by_the_standard(seen.body)] == [
            _canonical(data) for data in by_the_standard(whole.body)
        ]


def by_the_standard(body: bytes) -> list[str]:
    """The data of events, read as WHATWG's HTML says: line ends of three kinds, one space less, lines joined."""
    text = body.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    found, data = [], list[str]()
    for line in text.split("\n"):
        if not line and data:
            found.append("\n".join(data))
            data = []
        elif line.startswith("data:"):
            data.append(line.removeprefix("data:").removeprefix(" "))
    return found


def _canonical(data: str) -> str:
    return data if data == "[DONE]" else json.dumps(json.loads(data))


class TestAfterwards:
    """A fault is one answer's, and its connection's."""

    @pytest.mark.parametrize("kind", KINDS)
    @BOTH
    def test_another_connection_is_served_as_ever(self, server: MockServer, kind: str, stream: bool) -> None:
        """Whatever happened before."""
        first = "; for=20ms" if kind in ("hang", "stall") else "; bytes_per_second=1000000" if kind == "drip" else ""
        ask(server, kind + first, stream=stream)
        assert TEXT in json.loads(healthy(server, stream=False).body)["choices"][0]["message"]["content"]

    @BOTH
    @pytest.mark.parametrize("fault", ["stall; for=1ms", "one_byte", "split_character", "truncate", "empty_body"])
    def test_the_same_connection_goes_on_behind_well_formed_http(
        self, server: MockServer, fault: str, stream: bool
    ) -> None:
        """What is HTTP to its end leaves the connection as it was."""
        with connect(server) as connection:
            connection.sendall(request(fault, stream=stream, user="ü", keep=True))
            first = read_until(connection, b"0\r\n\r\n" if stream else b"\r\n\r\n")
            head, _, body = first.partition(b"\r\n\r\n")
            if not stream:
                length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
                while len(body) < length:
                    body += connection.recv(65_536)
            connection.sendall(request(user="ascii"))
            assert b"Nothing but plain letters here." in read_until(connection, b"}\n  ]")

    def test_a_pipelined_request_is_answered_behind_a_paced_one(self, server: MockServer) -> None:
        """Two requests in one packet, the first one slow."""
        with connect(server) as connection:
            connection.sendall(request("stall; for=20ms", keep=True) + request(user="ascii"))
            first = read_until(connection, b"plain letters here")
        assert first.index(b"Gr\xc3\xbc\xc3\x9fe") < first.index(b"plain letters here")

    @pytest.mark.parametrize(("fault", "end"), [("reset; after_bytes=30", "reset"), ("close; after_bytes=30", "eof")])
    def test_a_pipelined_request_goes_down_with_the_connection(self, server: MockServer, fault: str, end: str) -> None:
        """Three in one packet: the first is answered as far as its fault lets it, the others never."""
        with connect(server) as connection:
            connection.sendall(request(fault, keep=True) + request(user="ascii", keep=True) + request(user="one"))
            seen = read_all(connection)
        assert seen.end == end
        assert seen.data.count(b"HTTP/1.1 ") == 1
        assert seen.body == healthy(server, stream=False).body[:30]

    def test_http_1_0_has_no_chunks(self, server: MockServer) -> None:
        """A paced stream ends with its connection there."""
        asked = request("stall; for=10ms", stream=True).replace(b" HTTP/1.1", b" HTTP/1.0")
        with connect(server) as connection:
            connection.sendall(asked)
            data = b"".join(iter(lambda: connection.recv(65_536), b""))
        assert data.partition(b"\r\n\r\n")[2] == healthy(server).body

    def test_a_client_that_does_not_read_is_waited_for(self, server: MockServer) -> None:
        """It gets everything in the end, however late it reads."""
        with connect(server) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.sendall(request("stall; for=5ms; after=headers", stream=True))
            head = connection.recv(100)
            rest = b"".join(iter(lambda: connection.recv(1000), b""))
        assert dechunked((head + rest).partition(b"\r\n\r\n")[2]) == healthy(server).body
