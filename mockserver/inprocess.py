"""A server without a socket: the ASGI application itself, and a transport for httpx (and httpx2) that asks it.

    client = httpx.Client(transport=mockserver.transport("stubs.yaml"), base_url="http://mock/v1")
    client = OpenAI(base_url="http://mock/v1", api_key="anything", http_client=httpx2.Client(transport=...))

The application runs on a loop of its own, in a thread of its own, so one transport serves sync and async clients of any
number of threads and event loops. Streams stream. Faults that need a socket are refused with an error that says so.
"""

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from functools import cache
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from mockserver.server import MockServer, PathLike

if TYPE_CHECKING:
    from mockserver.app import App

T = TypeVar("T")

MAX_WAITING = 16
"""Parts of an answer that may wait to be read; then its application waits."""


OF_A_SOCKET = ("host", "port", "reload")
"""Options of `MockServer` that mean nothing here."""


def asgi(*paths: PathLike, **options: Any) -> "App":
    """The ASGI application that answers from fixture files; options as those of `MockServer`.

    For servers and test clients that take one. It needs no lifespan. Raises FixtureError, and TypeError for an
    option that only a server on a socket has.
    """
    for name in OF_A_SOCKET:
        if name in options:
            raise TypeError(f"'{name}' is for a server on a socket, and here is none: leave it out")
    return MockServer(*paths, **options).application()


def transport(*paths: PathLike, **options: Any) -> Any:
    """A transport for `httpx.Client` and `httpx.AsyncClient`, or those of httpx2, that needs no socket.

    A `Transport`, typed so that type checkers take it for either library's. Options as those of `MockServer`. Raises
    FixtureError, and TypeError for an option of a socket.
    """
    return Transport(asgi(*paths, **options))


class Transport:
    """What clients of httpx and httpx2 take as `transport`, sync and async (on asyncio)."""

    def __init__(self, app: "App") -> None:
        """It asks an ASGI application."""
        self.app = app
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = threading.Lock()

    def handle_request(self, request: Any) -> Any:
        """Answer a request of a sync client."""
        exchange = Exchange(self.app, scope_of(request), request.read())
        status, headers = self._submit(exchange.head()).result()
        return _response(request, status, headers, exchange, self)

    async def handle_async_request(self, request: Any) -> Any:
        """Answer a request of an async client."""
        exchange = Exchange(self.app, scope_of(request), await request.aread())
        status, headers = await asyncio.wrap_future(self._submit(exchange.head()))
        return _response(request, status, headers, exchange, self)

    def close(self) -> None:
        """End the thread; the next request begins another."""
        with self._lock:
            loop, self._loop = self._loop, None
        if loop is not None:
            loop.call_soon_threadsafe(loop.stop)

    async def aclose(self) -> None:
        """End the thread."""
        self.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _submit(self, work: "Coroutine[Any, Any, T]") -> Any:
        """Have something done on the application's loop; a `concurrent.futures.Future` of it."""
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=_run, args=(self._loop,), name="mockserver-inprocess", daemon=True).start()
            return asyncio.run_coroutine_threadsafe(work, self._loop)


class Exchange:
    """One request to the application, whose answer is taken part by part. Used on the application's loop."""

    def __init__(self, app: "App", scope: dict[str, Any], body: bytes) -> None:
        self._app = app
        self._scope = scope
        self._body: bytes | None = body

    async def head(self) -> tuple[int, list[tuple[bytes, bytes]]]:
        """Status and headers of the answer, once they are there."""
        self._gone = asyncio.Event()
        self._parts: asyncio.Queue[bytes | None] = asyncio.Queue(MAX_WAITING)
        self._started: asyncio.Future[tuple[int, list[tuple[bytes, bytes]]]] = asyncio.Future()
        self._task = asyncio.ensure_future(self._app(self._scope, self._receive, self._send))
        self._task.add_done_callback(self._ended)
        return await self._started

    async def part(self) -> bytes | None:
        """The next part of the body; None at its end."""
        return await self._parts.get()

    async def leave(self) -> None:
        """The client has read what it wanted."""
        self._gone.set()
        while not self._parts.empty():
            self._parts.get_nowait()

    async def _receive(self) -> dict[str, Any]:
        if self._body is None:
            await self._gone.wait()
            return {"type": "http.disconnect"}
        body, self._body = self._body, None
        return {"type": "http.request", "body": body, "more_body": False}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self._started.set_result((message["status"], list(message.get("headers", ()))))
            return
        if self._gone.is_set():
            return
        if message.get("body") and self._scope["method"] != "HEAD":  # applications leave that to their server
            await self._parts.put(message["body"])
        if not message.get("more_body"):
            await self._parts.put(None)

    def _ended(self, task: "asyncio.Future[None]") -> None:
        if not self._started.done():
            error = None if task.cancelled() else task.exception()
            self._started.set_exception(error or ConnectionError("the application ended without an answer"))


def scope_of(request: Any) -> dict[str, Any]:
    """The ASGI scope of a request of httpx."""
    url = request.url
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "scheme": url.scheme,
        "path": url.path,
        "raw_path": url.raw_path.partition(b"?")[0],
        "query_string": url.query,
        "server": (url.host, url.port),
        "client": ("127.0.0.1", 0),
        "root_path": "",
    }


def _response(
    request: Any, status: int, headers: list[tuple[bytes, bytes]], exchange: Exchange, transport: Transport
) -> Any:
    """The response as the library has it whose request it answers: httpx and httpx2 are told apart by it."""
    library = type(request).__module__.partition(".")[0]
    return sys.modules[library].Response(
        status,
        headers=headers,
        stream=_stream(library)(exchange, transport),
        extensions={"http_version": b"HTTP/1.1"},
        request=request,
    )


@cache
def _stream(library: str) -> Any:
    """The class of a library's streams that read an exchange."""
    module = sys.modules[library]
    return type("Stream", (_Stream, module.SyncByteStream, module.AsyncByteStream), {})


class _Stream:
    """The body of an answer, part by part."""

    def __init__(self, exchange: Exchange, transport: Transport) -> None:
        self._exchange = exchange
        self._transport = transport

    def __iter__(self) -> Iterator[bytes]:
        while (part := self._transport._submit(self._exchange.part()).result()) is not None:
            yield part

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (part := await asyncio.wrap_future(self._transport._submit(self._exchange.part()))) is not None:
            yield part

    def close(self) -> None:
        """The rest is not wanted."""
        self._transport._submit(self._exchange.leave()).result()

    async def aclose(self) -> None:
        """The rest is not wanted."""
        await asyncio.wrap_future(self._transport._submit(self._exchange.leave()))


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
