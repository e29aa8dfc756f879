"""Without a socket: the ASGI application, and the transport for httpx and httpx2, sync and async."""

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
from starlette.testclient import TestClient

import mockserver
from mockserver import FixtureError
from mockserver.inprocess import Transport

STUBS = """
stubs:
  - match: {user: hello}
    response: Hi there!
  - match: {user: count}
    sequence: [{response: one}, {response: two}]
"""
LIBRARIES = pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A fixture file."""
    path = tmp_path / "stubs.yaml"
    path.write_text(STUBS, encoding="utf-8")
    return path


@pytest.fixture
def transport(file: Path) -> Iterator[Any]:
    """A transport over the file's stubs."""
    with mockserver.transport(file) as made:
        yield made


def body(user: str = "hello", **fields: Any) -> dict[str, Any]:
    """A chat request."""
    return {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": user}], **fields}


def said(response: Any) -> Any:
    """What a chat answers."""
    return response.json()["choices"][0]["message"]["content"]


@LIBRARIES
def test_a_sync_client_is_answered(library: Any, transport: Any) -> None:
    """The response is the library's own, of the client's own request."""
    with library.Client(transport=transport, base_url="http://mock/v1") as client:
        response = client.post("/chat/completions", json=body())
        assert said(response) == "Hi there!"
        assert response.headers["x-mockserver-stub"] == "stubs#1"
        assert isinstance(response, library.Response)
        assert client.get("/models").json()["object"] == "list"


@LIBRARIES
def test_an_answer_to_head_has_no_body(library: Any, transport: Any) -> None:
    """As on a socket, where the server leaves out what an application sends."""
    with library.Client(transport=transport, base_url="http://mock") as client:
        head = client.head("/__admin/stubs")
        assert (head.status_code, head.content) == (200, b"")
        assert int(head.headers["content-length"]) == len(client.get("/__admin/stubs").content)


@LIBRARIES
def test_an_async_client_is_answered(library: Any, transport: Any) -> None:
    """Many at once too; a second event loop is as good as the first."""

    async def ask() -> list[Any]:
        async with library.AsyncClient(transport=transport, base_url="http://mock/v1") as client:
            answers = await asyncio.gather(*(client.post("/chat/completions", json=body()) for _ in range(20)))
            return list(map(said, answers))

    assert asyncio.run(ask()) == ["Hi there!"] * 20
    assert asyncio.run(ask()) == ["Hi there!"] * 20


@LIBRARIES
def test_a_stream_streams(library: Any, transport: Any) -> None:
    """Line by line; a client that has read enough may leave."""
    with library.Client(transport=transport, base_url="http://mock/v1") as client:
        with client.stream("POST", "/chat/completions", json=body(stream=True)) as response:
            lines = [line for line in response.iter_lines() if line]
        assert lines[-1] == "data: [DONE]"
        deltas = [json.loads(line.removeprefix("data: "))["choices"][0]["delta"] for line in lines[:-1]]
        assert "".join(delta.get("content", "") for delta in deltas) == "Hi there!"
        with client.stream("POST", "/chat/completions", json=body("Tell me a story", stream=True)) as response:
            assert next(response.iter_lines()).startswith("data: ")
        assert said(client.post("/chat/completions", json=body())) == "Hi there!"


@LIBRARIES
def test_an_async_stream_streams(library: Any, transport: Any) -> None:
    """The same for an async client."""

    async def ask() -> list[str]:
        async with (
            library.AsyncClient(transport=transport, base_url="http://mock/v1") as client,
            client.stream("POST", "/chat/completions", json=body(stream=True)) as response,
        ):
            return [line async for line in response.aiter_lines() if line]

    assert asyncio.run(ask())[-1] == "data: [DONE]"


def test_threads_share_a_transport(transport: Any) -> None:
    """Its state is one, whoever asks."""
    answers: list[Any] = []

    def ask() -> None:
        mine: Any = Transport(transport.app)
        with httpx.Client(transport=mine, base_url="http://mock/v1") as client:
            answers.append(said(client.post("/chat/completions", json=body("count"))))

    for thread in [threading.Thread(target=ask) for _ in range(2)]:
        thread.start()
        thread.join()
    assert answers == ["one", "two"]


def test_a_closed_transport_begins_again(transport: Any) -> None:
    """Closing a client closes its transport, which the next client may use all the same."""
    for _ in range(2):
        with httpx.Client(transport=transport, base_url="http://mock/v1") as client:
            assert said(client.post("/chat/completions", json=body())) == "Hi there!"


def test_the_application_serves_any_asgi_client(file: Path) -> None:
    """Starlette's test client, lifespan and all."""
    with TestClient(mockserver.asgi(file)) as client:
        assert said(client.post("/v1/chat/completions", json=body())) == "Hi there!"
        assert client.get("/__admin/health").json()["status"] == "ok"


FAULTY = """
stubs:
  - match: {user: cut}
    response: Never whole.
    fault: {kind: reset, after_chunks: 1}
  - response: Hi there!
"""


@LIBRARIES
@pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
@pytest.mark.parametrize("asked", ["stub", "header"])
def test_a_fault_that_needs_a_socket_is_refused(tmp_path: Path, library: Any, asked: str, stream: bool) -> None:
    """Of a stub and of a request, in words that say what to do; nothing hangs, SDKs don't try again."""
    (file := tmp_path / "faulty.yaml").write_text(FAULTY, encoding="utf-8")
    headers = {"x-mockserver-fault": "reset"} if asked == "header" else {}
    user = "cut" if asked == "stub" else "hello"
    with library.Client(transport=mockserver.transport(file), base_url="http://mock/v1") as client:
        response = client.post("/chat/completions", json=body(user, stream=stream), headers=headers)
        assert (response.status_code, response.headers["x-should-retry"]) == (500, "false")
        assert response.json()["error"] == {
            "message": "The fault cannot be played: this answer breaks its connection or HTTP itself, and a request "
            "that comes in-process, over ASGI, has no connection. Ask a server on a socket, such as MockServer.",
            "type": "server_error",
            "param": None,
            "code": "mockserver_fault_impossible",
        }
        assert said(client.post("/chat/completions", json=body())) == "Hi there!"


def test_options_are_those_of_a_server(file: Path) -> None:
    """A seed seeds, strict refuses; what only a socket has is a mistake, as is a wrong file."""
    with httpx.Client(transport=mockserver.transport(file, strict=True), base_url="http://mock/v1") as client:
        assert client.post("/chat/completions", json=body("unknown")).status_code == 404
    with pytest.raises(TypeError, match="'port' is for a server on a socket, and here is none: leave it out"):
        mockserver.asgi(file, port=80)
    file.write_text("stubs: 1")
    with pytest.raises(FixtureError):
        mockserver.transport(file)
