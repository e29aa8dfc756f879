"""`MockServer`: a server in a thread of its own, for tests and scripts."""

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine, Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from mockserver.clock import Clock, ScaledClock, SystemClock
from mockserver.edge import ANY, MAX_BODY, Edge, is_loopback
from mockserver.errors import MockServerError, StartError
from mockserver.limits import DEFAULT, Bounds
from mockserver.testing.handle import Expectation, Handle, Session, session_name

if TYPE_CHECKING:
    import socket

    from mockserver.app import App
    from mockserver.journal import Journal
    from mockserver.language.load import Fixtures
    from mockserver.log import RequestLog
    from mockserver.reload import Reloader
    from mockserver.serving import Server
    from mockserver.stored import Stored
    from mockserver.testing.control import Control
    from mockserver.tokens.splitter import Mode

T = TypeVar("T")

PathLike = str | os.PathLike[str]

NOT_RUNNING = "the server is not running: use it in a `with` block, or call start()"

START_TIMEOUT = 30.0
"""Seconds after which a server that does not come up is given up."""


class MockServer(Handle):
    """A mock server on a socket, started by `with` and stopped at its end.

        with MockServer("stubs.yaml") as server:
            client = OpenAI(base_url=server.base_url, api_key="anything")

    `async with` does the same without blocking the event loop while it starts. Several can run at once.

    `paths` are fixture files or folders; without any the shipped default answers. `port` 0 picks a free
    port. `seed` makes everything, ids and times too, the same in every run. `strict` answers a call that
    none of the given files match with a 404 that says why, instead of from the default. `default` says whether the
    default stands behind the files and the stubs that are added, if `strict` shall not decide.

    `exact` refuses everything the real API refuses, which otherwise is only warned of. `api_keys` are those
    accepted; without any, every key will do, and none too. A request's body may have `max_body` bytes. `compress`
    compresses answers for clients that say they understand it. `tokens` is "auto", "exact" (which needs the extra
    `mockserver[tokens]`) or "estimated", and holds for the whole process; None leaves it as it is. `bounds` is the
    most that the server remembers, as in `Bounds(journal=50)`. `reload` serves edits of the files as they are made
    (it needs the extra `mockserver[reload]`); an edit with mistakes is logged, and what was there before is served.

    With a `time_scale` of 0.1 the server's clock runs ten times as fast: delays, rate limits and windows of time take
    a tenth of what the files say; with 0 nothing waits. Headers such as `retry-after` say what the files say.
    `request_failures` lets requests ask for failures themselves, by the headers `x-mockserver-error` and
    `x-mockserver-fault`.

    The admin API asks for `admin_token`, if there is one; without one it is closed where `host` can be reached from
    other machines.

    Raises FixtureError for files with mistakes and StartError where the address cannot be had or an extra is not
    installed, both when it is started, in the caller.
    """

    def __init__(
        self,
        *paths: PathLike,
        host: str = "127.0.0.1",
        port: int = 0,
        seed: int | None = None,
        strict: bool = False,
        exact: bool = False,
        api_keys: Iterable[str] = (),
        max_body: int = MAX_BODY,
        tokens: "Mode | None" = None,
        compress: bool = False,
        bounds: Bounds = DEFAULT,
        reload: bool = False,
        time_scale: float = 1.0,
        request_failures: bool = True,
        default: bool | None = None,
        admin_token: str | None = None,
    ) -> None:
        self._paths = paths
        self._host = host
        self._asked_port = port
        self._seed = seed
        self._strict = strict
        self._default = default
        self._tokens = tokens
        keys = (api_keys,) if isinstance(api_keys, str) else tuple(api_keys)
        self._edge = Edge(exact, keys, max_body, compress, request_failures, admin_token, is_loopback(host))
        self._time_scale = time_scale
        self._bounds = bounds
        self._reload = reload
        self._reloader: Reloader | None = None
        self._port: int | None = None
        self._server: Server | None = None
        self._thread: threading.Thread | None = None
        self._app: App | None = None
        self._expectations: dict[str, dict[str, Expectation]] = {}

    @property
    def _mock_server(self) -> "MockServer":
        return self

    def session(self, name: str) -> Session:
        """A session of its own, with its own base URL, stubs and calls. Raises UsageError for a name that is none."""
        return Session(self, session_name(name))

    @property
    def _arrived(self) -> int:
        """How many requests have come, answered or not; may be read from any thread."""
        return 0 if self._app is None else self._app.api.journal.arrived

    def _take_for(self, session: str) -> str:
        """Take requests that name no session for one of this session from now on; gives whose they were before."""
        if self._app is None:
            raise MockServerError(NOT_RUNNING)
        before, self._app.api.default_session = self._app.api.default_session, session
        return before

    def _running_control(self) -> "Control":
        if self._app is None:
            raise MockServerError(NOT_RUNNING)
        return self._app.control

    def _on_loop(self, do: Callable[[], T]) -> T:
        """Have something done on the server's loop; where it has stopped, or this is its thread, at once."""
        server = self._server
        if server is None or threading.current_thread() is self._thread:
            return do()
        return server.call(do)

    def _wait(self, until: "Callable[[], Coroutine[Any, Any, T]]") -> T:
        """Run a coroutine on the server's loop. Raises MockServerError on the thread of that loop."""
        server = self._server
        if server is None:  # it has stopped: what there is to wait for has happened, or never will
            return asyncio.run(until())
        if threading.current_thread() is self._thread:
            raise MockServerError("the server's own thread cannot wait for calls")
        return server.wait(until)

    @property
    def port(self) -> int:
        """The port it listens on. Raises MockServerError before it is started."""
        if self._port is None:
            raise MockServerError(NOT_RUNNING)
        return self._port

    @property
    def url(self) -> str:
        """Where it listens, as in `http://127.0.0.1:8080`."""
        return url_of(self._host, self.port)

    @property
    def base_url(self) -> str:
        """What clients take as base URL: `url` and `/v1`."""
        return self.url + "/v1"

    def start(self) -> Self:
        """Start, and return when requests are answered."""
        if self._thread is not None:
            raise MockServerError("the server is running already")
        sock, server, ready, failures = self._prepare()

        def serve() -> None:
            try:
                server.run_in_this_thread(sock)
            except BaseException as error:  # told to the caller, who waits for `ready`
                failures.append(error)
            finally:
                ready.set()

        thread = threading.Thread(target=serve, name=f"mockserver:{self._port}", daemon=True)
        self._server, self._thread = server, thread
        thread.start()
        came_up = ready.wait(START_TIMEOUT)
        if failures or not came_up:
            self.stop()
            reason = failures[0] if failures else "it did not come up in time"
            raise StartError(f"the server could not start: {reason}")
        if self._reloader is not None:
            self._reloader.start()
        return self

    def stop(self) -> None:
        """Stop at once, open streams or not. Harmless when it is not running."""
        server, thread, reloader = self._server, self._thread, self._reloader
        self._server = self._thread = self._port = self._reloader = None
        if reloader is not None:
            reloader.stop()
        if server is not None and thread is not None:
            server.stop()
            thread.join()

    def application(self) -> "App":
        """The ASGI application alone, without a socket. Raises FixtureError, and StartError for exact tokens."""
        from mockserver.language.load import load

        if self._tokens is not None:
            use_tokens(self._tokens)
        fixtures = load(self._paths, strict=self._strict, default=self._default)
        clock = clock_of(self._time_scale)
        self._app, _ = create_app(fixtures, seed=self._seed, clock=clock, edge=self._edge, bounds=self._bounds)
        self._expectations.clear()
        return self._app

    def _prepare(self) -> "tuple[socket.socket, Server, threading.Event, list[BaseException]]":
        from mockserver.serving import Server, bind

        app = self.application()
        ready = threading.Event()
        server = Server(app, ready.set)
        if self._reload:
            from mockserver.reload import log, reloading

            self._reloader = reloading(server, app.api.engine, self._paths, log, strict=self._strict)
        sock = bind(self._host, self._asked_port)
        self._port = sock.getsockname()[1]
        return sock, server, ready, []

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        return await asyncio.to_thread(self.start)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.stop)


def clock_of(time_scale: float) -> Clock:
    """The clock of a server whose delays take so many times as long as they are. Raises ValueError for less than 0."""
    return SystemClock() if time_scale == 1 else ScaledClock(time_scale)


def create_app(
    fixtures: "Fixtures",
    *,
    seed: int | None = None,
    clock: Clock | None = None,
    log: "RequestLog | None" = None,
    edge: Edge = ANY,
    bounds: Bounds = DEFAULT,
    workers: int = 1,
) -> "tuple[App, Journal]":
    """The ASGI application that answers from fixtures, and its journal.

    As one of several `workers` it gives what any of them would give, and refuses what it cannot know alone.
    """
    from mockserver.app import Api, App
    from mockserver.engine import Engine
    from mockserver.journal import Journal
    from mockserver.state import MemoryState

    clock = clock or SystemClock()
    journal = Journal(bounds.journal, bounds.journal_bytes)
    stored: Stored | None = None
    if workers > 1:
        from mockserver.stored import NotShared

        stored = NotShared(workers)
        bounds = bounds._replace(requests=0)  # how often a request came, each worker would count for itself
    engine = Engine(fixtures, MemoryState(bounds, clock.elapsed), clock, seed, stored, bounds)
    return App(Api(engine, journal, clock, log, edge), workers), journal


def use_tokens(mode: "Mode") -> None:
    """Choose who counts tokens, in the whole process. Raises StartError for "exact" without the extra."""
    from mockserver.tokens import use

    try:
        use(mode)
    except ImportError as error:
        raise StartError(str(error)) from None


def url_of(host: str, port: int) -> str:
    """The URL of an address; IPv6 addresses go in brackets."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
