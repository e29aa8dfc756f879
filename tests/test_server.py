"""`MockServer`, as tests and scripts use it."""

import asyncio
import socket
import threading
from pathlib import Path

import httpx
import pytest

from mockserver import FixtureError, MockServer, MockServerError, StartError
from tests.conftest import Serve, chat, content


def test_it_serves_inside_a_with_block() -> None:
    """`base_url` is what clients take; after the block nothing listens."""
    with MockServer() as server:
        assert server.base_url == f"http://127.0.0.1:{server.port}/v1"
        assert chat(server).status_code == 200
        port = server.port
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_it_serves_inside_an_async_with_block() -> None:
    """The event loop is not blocked, so an async client can ask from the same thread."""

    async def ask() -> int:
        async with MockServer() as server, httpx.AsyncClient(base_url=server.base_url) as client:
            return (await client.get("/models")).status_code

    assert asyncio.run(ask()) == 200


def test_several_run_at_once(serve: Serve) -> None:
    """Each has its own port and its own stubs."""
    one = serve("stubs: [{response: one}]", "one.yaml")
    two = serve("stubs: [{response: two}]", "two.yaml")
    assert (content(chat(one)), content(chat(two))) == ("one", "two")


def test_files_with_mistakes_are_told_to_the_caller(tmp_path: Path) -> None:
    """FixtureError carries every problem and its place; no thread is left."""
    file = tmp_path / "wrong.yaml"
    file.write_text("stubs:\n  - respnse: Hi\n")
    before = threading.active_count()
    with pytest.raises(FixtureError) as failed, MockServer(file):
        pass
    assert [(p.place.line, p.place.column) for p in failed.value.problems] == [(2, 5), (2, 5)]
    assert threading.active_count() == before


def test_a_taken_port_is_told_to_the_caller() -> None:
    """StartError says which address."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartError, match=f"cannot listen on 127.0.0.1:{port}"), MockServer(port=port):
            pass


def test_an_address_that_is_none_is_told_to_the_caller() -> None:
    """A host that cannot be resolved is a StartError, not a traceback from a thread."""
    with pytest.raises(StartError, match="cannot listen on"), MockServer(host="no such host"):
        pass


def test_a_server_that_is_not_running_says_so() -> None:
    """Asking for the URL too early explains what to do."""
    with pytest.raises(MockServerError, match="use it in a `with` block"):
        _ = MockServer().base_url


def test_it_can_be_started_and_stopped_again() -> None:
    """`start` and `stop` work without a block; stopping twice is harmless, starting twice is not."""
    server = MockServer().start()
    with pytest.raises(MockServerError, match="running already"):
        server.start()
    server.stop()
    server.stop()
    with server:
        assert chat(server).status_code == 200


def test_it_stops_at_once_with_a_client_that_does_not_read(serve: Serve) -> None:
    """An answer that nobody takes off the socket does not keep the server up."""
    server = serve(f"stubs: [{{response: '{'word ' * 400_000}'}}]")
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        body = b'{"model":"m","stream":true,"messages":[{"role":"user","content":"x"}]}'
        client.sendall(b"POST /chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
        assert client.recv(100)
        server.stop()
    assert not [t for t in threading.enumerate() if t.name == f"mockserver:{server}"]


def test_exact_tokens_without_the_extra_are_told_to_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    """StartError says what to install."""
    monkeypatch.setattr("mockserver.tokens.vocabulary.available", lambda: False)
    with pytest.raises(StartError, match="exact token counts need the extra"), MockServer(tokens="exact"):
        pass


def test_the_seed_makes_everything_the_same(serve: Serve) -> None:
    """With a seed two servers give the same bytes, ids and times too; the second time is another draw."""
    first, second = (serve("stubs: [{response: Hi}]", seed=7) for _ in range(2))
    assert [chat(first).content, chat(first).content] == [chat(second).content, chat(second).content]
    assert chat(first).json()["id"] != chat(first).json()["id"]
