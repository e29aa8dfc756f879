"""Compressed bodies, both ways."""

import gzip
import json
import sys
import zlib
from importlib import import_module

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver import MockServer
from mockserver.coding import CODINGS, compressed
from mockserver.plan import Piece, Plan
from tests.conftest import Serve
from tests.edge.asking import BODY, JSON, answered, request


def raw_deflate(data: bytes) -> bytes:
    """Deflate without the frame, as many clients send it."""
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(data) + stream.flush()


ZSTD = import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")

ENCODED = {
    "gzip": ("gzip", gzip.compress(JSON)),
    "x-gzip": ("x-gzip", gzip.compress(JSON)),
    "gzip in two members": ("gzip", gzip.compress(JSON[:20]) + gzip.compress(JSON[20:])),
    "deflate": ("deflate", zlib.compress(JSON)),
    "deflate without a frame": ("deflate", raw_deflate(JSON)),
    "zstd": ("zstd", ZSTD.compress(JSON)),
    "zstd in two frames": ("zstd", ZSTD.compress(JSON[:20]) + ZSTD.compress(JSON[20:])),
    "twice": ("deflate, gzip", gzip.compress(zlib.compress(JSON))),
    "not at all": ("identity", JSON),
    "in capitals": ("GZIP", gzip.compress(JSON)),
}


@pytest.mark.parametrize(("coding", "body"), ENCODED.values(), ids=ENCODED.keys())
def test_a_compressed_request_is_read(default_server: MockServer, coding: str, body: bytes) -> None:
    """In the codings that clients have."""
    answered(request(default_server, body, content_encoding=coding))


def test_without_a_zstd_library_the_refusal_says_what_can_be_read(
    default_server: MockServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On other Pythons than CPython there may be none."""
    monkeypatch.delitem(CODINGS, "zstd")
    answer = request(default_server, ZSTD.compress(JSON), content_encoding="zstd")
    assert answer.status == 400
    assert answer.message == "Unsupported content-encoding 'zstd'. Supported are: gzip, x-gzip, deflate."


@pytest.mark.parametrize("coding", ["br", "compress", "nonsense", "gzip, gzip, gzip"])
def test_another_coding_is_a_400(default_server: MockServer, coding: str) -> None:
    """In the envelope, with those that are known."""
    refused = request(default_server, gzip.compress(JSON), content_encoding=coding)
    assert refused.status == 400
    assert refused.message.startswith(f"Unsupported content-encoding '{coding}'. Supported are: gzip, x-gzip, deflate")


@pytest.mark.parametrize("coding", ["gzip", "deflate", "zstd"])
@pytest.mark.parametrize(
    "body", [JSON, b"\x00", gzip.compress(JSON, mtime=0)[:-9], zlib.compress(JSON)[:20], ZSTD.compress(JSON)[:-5]]
)
def test_what_is_not_compressed_so_is_a_400(default_server: MockServer, coding: str, body: bytes) -> None:
    """Plain, broken, or cut off."""
    refused = request(default_server, body, content_encoding=coding)
    assert (refused.status, refused.message) == (400, f"The request body could not be decoded as '{coding}'.")


@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate", "zstd", "gzip, deflate"]))
def test_any_bytes_are_decoded_or_refused(default_server: MockServer, body: bytes, coding: str) -> None:
    """Never a 500."""
    assert request(default_server, body, content_encoding=coding).status == 400


@pytest.mark.parametrize("coding", ["gzip", "deflate", "zstd", "gzip, gzip"])
def test_a_bomb_is_a_413(coding: str) -> None:
    """The limit is of what a body becomes, and no more than that is ever made."""
    bomb = b" " * 50_000_000
    for name in coding.split(", "):
        bomb = {"gzip": gzip, "deflate": zlib, "zstd": ZSTD}[name].compress(bomb, 1)
    with MockServer(max_body=1_000_000) as server:
        refused = request(server, bomb, content_encoding=coding)
        assert refused.status == 413
        assert refused.message == "Request body too large: at most 1000000 bytes are accepted."
        answered(request(server))


@pytest.fixture
def compressing(serve: Serve) -> MockServer:
    """A server that compresses."""
    return serve(f"stubs: [{{response: '{'word ' * 400}'}}]", compress=True)


@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_is_compressed_when_asked_for(compressing: MockServer, stream: bool) -> None:
    """With the option, for a client that accepts it; it reads as the plain one."""
    url = f"{compressing.base_url}/chat/completions"
    body = {**BODY, "stream": stream, "stream_options": {"include_obfuscation": False}} if stream else BODY
    plain = httpx.post(url, json=body, headers={"accept-encoding": "identity"})
    packed = httpx.post(url, json=body, headers={"accept-encoding": "gzip, deflate"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "Accept-Encoding"
    assert int(packed.headers.get("content-length", 0)) < len(plain.content)
    assert len(packed.text) == len(plain.text)
    assert packed.text.count("word") == plain.text.count("word")


def test_answers_are_plain_without_the_option(default_server: MockServer) -> None:
    """It costs time, and no client needs it."""
    response = httpx.post(f"{default_server.base_url}/chat/completions", json=BODY)
    assert "content-encoding" not in response.headers


PLAN = Plan(200, ((b"content-length", b"6"), (b"x-a", b"b")), (Piece(b"one", 0.0), Piece(b"two", 1.5)))


@pytest.mark.parametrize("accepted", [b"", b"br", b"gzip;q=0", b"identity", b"gzip;q=x", b"*;q=0"])
def test_a_client_that_accepts_none_gets_the_answer_plain(accepted: bytes) -> None:
    """Nothing is changed."""
    assert compressed(PLAN, accepted) is PLAN


@pytest.mark.parametrize("accepted", [b"gzip", b"GZIP;q=0.5, br", b"deflate, gzip;q=1.0", b"gzip, zstd;q=0"])
def test_each_piece_can_be_read_when_it_has_come(accepted: bytes) -> None:
    """The pieces keep their times, and their length is right."""
    packed = compressed(PLAN, accepted)
    stream = zlib.decompressobj(31)
    assert [(stream.decompress(piece.data), piece.due) for piece in packed.pieces] == [(b"one", 0.0), (b"two", 1.5)]
    assert stream.eof
    headers = dict(packed.headers)
    assert headers[b"content-encoding"] == b"gzip"
    assert int(headers[b"content-length"]) == len(packed.body)
    assert headers[b"x-a"] == b"b"


@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_is_compressed_with_zstd_when_asked_for(compressing: MockServer, stream: bool) -> None:
    """Where the client has both, that is the one."""
    url, body = f"{compressing.base_url}/chat/completions", {**BODY, "stream": stream}
    with httpx.stream("POST", url, json=body, headers={"accept-encoding": "gzip, zstd"}) as packed:
        assert packed.headers["content-encoding"] == "zstd"
        assert ZSTD.decompress(b"".join(packed.iter_raw())).count(b"word") == 400


@pytest.mark.parametrize("accepted", [b"zstd", b"gzip;q=0.5, zstd"])
def test_each_piece_is_a_frame_of_zstd(accepted: bytes) -> None:
    """Which can be read when it has come."""
    packed = compressed(PLAN, accepted)
    assert [(ZSTD.decompress(piece.data), piece.due) for piece in packed.pieces] == [(b"one", 0.0), (b"two", 1.5)]
    assert dict(packed.headers)[b"content-encoding"] == b"zstd"


def test_what_has_no_body_is_not_compressed(compressing: MockServer) -> None:
    """A 204 stays one."""
    response = httpx.options(compressing.base_url + "/models", headers={"accept-encoding": "gzip"})
    assert (response.status_code, response.headers.get("content-encoding")) == (204, None)
    refused = httpx.post(compressing.base_url + "/foo", headers={"accept-encoding": "gzip"})
    assert json.loads(refused.content)["error"]["message"] == "Invalid URL (POST /v1/foo)"
