"""`mockserver [serve] [PATH ...]`: serve fixture files until told to stop."""

import argparse
import gc
import sys
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING

from mockserver import __version__
from mockserver.cli import options
from mockserver.edge import MAX_BODY, Edge, is_loopback
from mockserver.limits import DEFAULT, DOCS, MIB, Bounds, option

if TYPE_CHECKING:
    import socket

    from mockserver.engine import Engine
    from mockserver.language.load import Fixtures
    from mockserver.reload import Reloader
    from mockserver.serving import Server

GC_THRESHOLDS = (50_000, 20, 50)
"""Requests make little garbage that only the collector can find, so it looks seldom."""

TOKENS = ("auto", "exact", "estimated")


def parser() -> argparse.ArgumentParser:
    """The options; each can be set by an environment variable, `MOCKSERVER_` and its name."""
    made = options.new_parser(
        "mockserver",
        "[serve] [PATH ...] [options]",
        "Serve the OpenAI API format from YAML files; without any, sensible answers to everything.",
        f"{_commands()}\n\n{options.ENVIRONMENT}",
    )
    made.add_argument("paths", nargs="*", metavar="PATH", help="fixture files or folders, first match wins")
    made.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    made.add_argument(
        "--port", type=options.port, default=8080, metavar="N", help="port; 0 picks a free one (default: 8080)"
    )
    options.add_seed(made)
    options.add_strict(made)
    options.add_exact(made)
    made.add_argument(
        "--api-key",
        action="append",
        dest="api_key",
        metavar="KEY",
        help="accept this API key and no other; may be given more than once (default: any key, or none)",
    )
    made.add_argument(
        "--admin-token",
        type=options.token,
        metavar="TOKEN",
        help="let the admin API ask for this token; needed where --host can be reached from other machines",
    )
    made.add_argument(
        "--max-body",
        type=options.bytes_size,
        default=MAX_BODY,
        metavar="BYTES",
        help="largest request body, as in 500000, 10MB or 64MiB (default: 64MiB)",
    )
    made.add_argument(
        "--tokens",
        choices=TOKENS,
        metavar="HOW",
        help="auto, exact (needs the extra mockserver[tokens]) or estimated counts (default: auto)",
    )
    made.add_argument("--compress", action="store_true", help="compress answers for clients that accept it")
    options.add_time_scale(made)
    made.add_argument(
        "--no-request-failures",
        action="store_true",
        help="don't let requests ask for failures by the headers x-mockserver-error and x-mockserver-fault",
    )
    made.add_argument(
        "--reload",
        action="store_true",
        help="serve edits of the files as they are made (needs the extra mockserver[reload]); "
        "one with mistakes is told and not served",
    )
    made.add_argument(
        "--workers",
        type=options.workers,
        default=1,
        metavar="N",
        help="processes that serve the port together; what depends on earlier calls needs 1 (default: 1)",
    )
    memory = made.add_argument_group("memory", "the most that is kept; the oldest goes first, and 0 keeps nothing")
    for name, value in DEFAULT._asdict().items():
        sized = name.endswith("_bytes")
        memory.add_argument(
            option(name),
            dest=f"max_{name}",
            type=options.bytes_size if sized else options.count,
            default=value,
            metavar="BYTES" if sized else "N",
            help=f"{DOCS[name]} (default: {f'{value // MIB}MiB' if sized else f'{value:,}'})",
        )
    noise = made.add_mutually_exclusive_group()
    noise.add_argument(
        "-v",
        "--verbose",
        action="store_true",
        help="say which files are served, and at the end which stubs were never used",
    )
    noise.add_argument("-q", "--quiet", action="store_true", help="log nothing but errors")
    made.add_argument("--version", action="version", version=f"mockserver {__version__}")
    return made


def _commands() -> str:
    from mockserver.cli import COMMANDS

    lines = [f"  mockserver {command.name:<9} {command.does}" for command in COMMANDS]
    return "commands (each has its own --help):\n" + "\n".join(lines)


def run(given: argparse.Namespace) -> int:
    """Serve; returns the exit code when told to stop."""
    gc.disable()  # until all is loaded: looking for garbage meanwhile is a tenth of the start
    _pass_over_the_command_of_uvicorn()
    from mockserver.language.load import load
    from mockserver.server import use_tokens
    from mockserver.serving import bind

    if given.tokens is not None:
        use_tokens(given.tokens)
    fixtures = load(given.paths, strict=given.strict)
    if given.verbose:
        for file in fixtures.files:
            print(f"serving {file}", file=sys.stderr)
    if given.workers == 1:
        _serve(given, fixtures, lambda: bind(given.host, given.port), lambda sock: _told_ready(given, sock))
        return 0
    from mockserver.workers import Supervisor, check_consistency, sockets

    check_consistency(fixtures, given.seed)
    if given.reload:
        from mockserver.reload import Reloader

        Reloader(given.paths, fixtures, lambda fixtures: None, lambda error: None)  # told here, if it cannot be had
    socks = sockets(bind, given.host, given.port, given.workers)
    gc.freeze()  # what was loaded is shared by all workers for as long as nobody writes to it

    def serve(number: int, sock: "socket.socket", ready: Callable[[], None]) -> None:
        _serve(given, fixtures, lambda: sock, lambda sock: ready(), number)

    supervisor = Supervisor(serve, socks, lambda text: print(text, file=sys.stderr, flush=True))
    return supervisor.run(lambda: _told_ready(given, socks[0]))


def _pass_over_the_command_of_uvicorn() -> None:
    """Keep `import uvicorn` from importing its command line too: with click and reloaders, an eighth of the start.

    Only here, in a process that is this command's own: elsewhere somebody may want it.
    """
    if "uvicorn" not in sys.modules:
        stand_in = ModuleType("uvicorn.main")
        stand_in.__getattr__ = lambda name: None  # type: ignore[method-assign]
        sys.modules["uvicorn.main"] = stand_in


def _serve(
    given: argparse.Namespace,
    fixtures: "Fixtures",
    listen: "Callable[[], socket.socket]",
    ready: "Callable[[socket.socket], None]",
    number: int | None = None,
) -> None:
    """Serve from one socket until told to stop; `number` is that of a worker, of which there are several."""
    from mockserver.log import RequestLog
    from mockserver.server import clock_of, create_app
    from mockserver.serving import Server

    log = None if given.quiet else RequestLog()
    keys = tuple(given.api_key or ())
    edge = Edge(
        given.exact,
        keys,
        given.max_body,
        given.compress,
        not given.no_request_failures,
        given.admin_token,
        is_loopback(given.host),
    )
    app, _ = create_app(
        fixtures,
        seed=given.seed,
        clock=clock_of(given.time_scale),
        log=log,
        edge=edge,
        bounds=bounds_of(given),
        workers=given.workers,
    )
    engine = app.api.engine

    def accepting() -> None:
        gc.freeze()  # what was loaded stays: the collector need not look at it again
        gc.enable()
        gc.set_threshold(*GC_THRESHOLDS)
        if reloader is not None:
            reloader.start()
        ready(sock)

    server = Server(app, accepting)
    reloader = _reloader(given, server, engine, number) if given.reload else None
    sock = listen()
    server.run_in_this_thread(sock)
    if reloader is not None:
        reloader.stop()
    if log is not None:
        log.close()
    if given.verbose and number is None:
        for stub in engine.unused():
            print(f"never used: {stub.name} ({stub.place})", file=sys.stderr)


def _told_ready(given: argparse.Namespace, sock: "socket.socket") -> None:
    """Say where it listens."""
    from mockserver.server import url_of

    url = url_of(given.host, sock.getsockname()[1])
    if not given.quiet:
        key = "anything" if not given.api_key else "(one of those given)"
        print(f"OPENAI_BASE_URL={url}/v1 OPENAI_API_KEY={key}  (Ctrl-C stops)", file=sys.stderr)
    print(f"mockserver ready on {url}", flush=True)


def _reloader(given: argparse.Namespace, server: "Server", engine: "Engine", number: int | None) -> "Reloader":
    """What serves edits of the files. Of several workers the first speaks. Raises UsageError, and StartError."""
    from mockserver.reload import reloading

    def say(text: str, loudly: bool) -> None:
        if not number and (loudly or not given.quiet):
            print(text, file=sys.stderr, flush=True)

    def check(fixtures: "Fixtures") -> None:
        if number is not None:
            from mockserver.workers import check_consistency

            check_consistency(fixtures, given.seed)

    return reloading(server, engine, given.paths, say, strict=given.strict, check=check)


def bounds_of(given: argparse.Namespace) -> Bounds:
    """The most that is kept, as the options say it."""
    return Bounds(**{name: getattr(given, f"max_{name}") for name in Bounds._fields})
