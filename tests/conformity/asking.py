"""Asks the application in this process, without a socket: what it answers, as fast as it can be had."""

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from mockserver.language.load import load
from mockserver.server import create_app

PATHS = {
    "chat": "/v1/chat/completions",
    "completions": "/v1/completions",
    "embeddings": "/v1/embeddings",
}
STUBS = Path(__file__).parent / "stubs.yaml"

Headers = Sequence[tuple[bytes, bytes]]


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def chunks(self) -> list[Any]:
        """The events of a stream; fails unless `[DONE]` ends them."""
        return chunks_of(self.body)


def chunks_of(body: bytes) -> list[Any]:
    """The events of a stream's body; fails unless `[DONE]` ends them."""
    *events, rest = body.decode().split("\n\n")
    assert rest == ""
    assert all(event.startswith("data: ") and "\n" not in event for event in events)
    *chunks, done = (event.removeprefix("data: ") for event in events)
    assert done == "[DONE]"
    return list(map(json.loads, chunks))


class Asker:
    """Asks one application, again and again, on one event loop."""

    def __init__(self, runner: asyncio.Runner, *files: Path) -> None:
        self._runner = runner
        self._app, _ = create_app(load(files, strict=False), seed=0)

    def ask(self, endpoint: str, body: Mapping[str, Any]) -> Answer:
        """The answer to a body sent to an endpoint."""
        return self.request("POST", PATHS[endpoint], json.dumps(body).encode())

    def request(self, method: str, path: str, body: bytes = b"", headers: Headers = ()) -> Answer:
        """The answer to any request at all."""
        return self._runner.run(self._request(method, path, body, headers))

    async def _request(self, method: str, path: str, body: bytes, headers: Headers) -> Answer:
        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode("utf-8", "surrogatepass"),
            "query_string": b"",
            "root_path": "",
            "headers": [(b"host", b"127.0.0.1"), (b"content-length", b"%d" % len(body)), *headers],
            "client": ("127.0.0.1", 50_000),
            "server": ("127.0.0.1", 8080),
        }
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        await self._app(scope, receive, send)
        start, *parts = sent
        given = {name.decode("latin-1"): value.decode("latin-1") for name, value in start["headers"]}
        assert not parts[-1].get("more_body"), "the answer has no end"
        return Answer(start["status"], given, b"".join(part.get("body", b"") for part in parts))


@contextmanager
def asker(*files: Path) -> Iterator[Asker]:
    """An asker of an application that serves fixture files, the shipped default behind them."""
    with asyncio.Runner() as runner:
        yield Asker(runner, *files)
