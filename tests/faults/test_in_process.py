"""Faults over ASGI, where there is no socket."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver.language.load import load
from mockserver.server import create_app
from tests.faults.faulty import STUBS

BODY = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "ascii"}]}
REFUSED = (
    "The fault cannot be played: this answer breaks its connection or HTTP itself, and a request that comes "
    "in-process, over ASGI, has no connection. Ask a server on a socket, such as MockServer."
)


@pytest.fixture
def app(tmp_path: Path) -> Any:
    """An application whose answers are disturbed as requests ask."""
    file = tmp_path / "stubs.yaml"
    file.write_text(STUBS, encoding="utf-8")
    return create_app(load([file]), seed=1)[0]


def ask(app: Any, fault: str, **fields: Any) -> httpx.Response:
    """One chat request without a socket."""

    async def asked() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            headers = {"x-mockserver-fault": fault}
            return await client.post("/v1/chat/completions", json={**BODY, **fields}, headers=headers)

    return asyncio.run(asked())


@pytest.mark.parametrize("fault", ["reset", "close; after_bytes=10", "hang", "wrong_length", "broken_chunks"])
@pytest.mark.parametrize("stream", [False, True], ids=["plain", "streamed"])
def test_what_needs_a_socket_is_refused(app: Any, fault: str, stream: bool) -> None:
    """With a sentence that says what to do, and no retry."""
    response = ask(app, fault, stream=stream)
    assert response.status_code == 500
    assert response.headers["x-should-retry"] == "false"
    assert response.json()["error"] == {
        "message": REFUSED,
        "type": "server_error",
        "param": None,
        "code": "mockserver_fault_impossible",
    }


def test_what_is_http_works_without_one(app: Any) -> None:
    """Late, in parts, cut, or with another content-type."""
    whole = ask(app, "content_type; type=text/plain")
    assert whole.headers["content-type"] == "text/plain"
    assert ask(app, "one_byte").content == whole.content
    assert ask(app, "stall; for=5ms; after=headers").content == whole.content
    assert ask(app, "drip; bytes_per_second=20000").content == whole.content
    with pytest.raises(json.JSONDecodeError):
        ask(app, "truncate").json()
