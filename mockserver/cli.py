"""The command `mockserver`."""

import argparse
import gc
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from mockserver import __version__
from mockserver.edge import MAX_BODY, Edge, size
from mockserver.errors import FixtureError, MockServerError
from mockserver.limits import DEFAULT, DOCS, MIB, Bounds, option

EXIT_USAGE = 2
EXIT_FAILURE = 1

GC_THRESHOLDS = (50_000, 20, 50)
"""Requests make little garbage that only the collector can find, so it looks seldom."""

TOKENS = ("auto", "exact", "estimated")

_TRUE = ("1", "true", "yes", "on")
_FALSE = ("0", "false", "no", "off", "")


def parser() -> argparse.ArgumentParser:
    """The command's options; each can be set by an environment variable, `MOCKSERVER_` and its name."""
    made = argparse.ArgumentParser(
        prog="mockserver",
        usage="mockserver [serve] [PATH ...] [options]",
        description="Serve the OpenAI API format from YAML files; without any, sensible answers to everything.",
        epilog="Every option can be set by an environment variable too: MOCKSERVER_PORT=9000 is --port 9000.",
        allow_abbrev=False,
    )
    made.add_argument("paths", nargs="*", metavar="PATH", help="fixture files or folders, first match wins")
    made.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    made.add_argument("--port", type=_port, default=8080, metavar="N", help="port; 0 picks a free one (default: 8080)")
    made.add_argument(
        "--seed", type=int, metavar="N", help="make every answer, ids and times too, the same in every run"
    )
    made.add_argument(
        "--strict", action="store_true", help="answer what no given file matches with a 404 that says why"
    )
    made.add_argument("--exact", action="store_true", help="refuse everything the real API refuses")
    made.add_argument(
        "--api-key",
        action="append",
        dest="api_key",
        metavar="KEY",
        help="accept this API key and no other; may be given more than once (default: any key, or none)",
    )
    made.add_argument(
        "--max-body",
        type=_size,
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
    memory = made.add_argument_group("memory", "the most that is kept; the oldest goes first, and 0 keeps nothing")
    for name, value in DEFAULT._asdict().items():
        sized = name.endswith("_bytes")
        memory.add_argument(
            option(name),
            dest=f"max_{name}",
            type=_size if sized else _count,
            default=value,
            metavar="BYTES" if sized else "N",
            help=f"{DOCS[name]} (default: {f'{value // MIB}MiB' if sized else f'{value:,}'})",
        )
    noise = made.add_mutually_exclusive_group()
    noise.add_argument("-v", "--verbose", action="store_true", help="say which files are served")
    noise.add_argument("-q", "--quiet", action="store_true", help="log nothing but errors")
    made.add_argument("--version", action="version", version=f"mockserver {__version__}")
    return made


def main(argv: Sequence[str] | None = None, environ: Mapping[str, str] | None = None) -> int:
    """Run the command; returns its exit code: 0, 2 for wrong usage or fixture files, 1 for anything else."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == ["serve"]:
        del arguments[0]
    options_parser = parser()
    options_parser.set_defaults(**_from_environment(options_parser, os.environ if environ is None else environ))
    options = options_parser.parse_intermixed_args(arguments)
    try:
        return _serve(options)
    except FixtureError as error:
        count = len(error.problems)
        print(error, file=sys.stderr)
        print(f"mockserver: {count} mistake{'s' * (count != 1)} found, nothing is served", file=sys.stderr)
        return EXIT_USAGE
    except MockServerError as error:
        print(f"mockserver: {error}", file=sys.stderr)
        return EXIT_FAILURE


def _serve(options: argparse.Namespace) -> int:
    gc.disable()  # until all is loaded: looking for garbage meanwhile is a tenth of the start
    from mockserver.language.load import load
    from mockserver.log import RequestLog
    from mockserver.server import create_app, url_of, use_tokens
    from mockserver.serving import Server, bind

    log = None if options.quiet else RequestLog()
    if options.tokens is not None:
        use_tokens(options.tokens)
    fixtures = load(options.paths, strict=options.strict)
    if options.verbose:
        for file in fixtures.files:
            print(f"serving {file}", file=sys.stderr)
    edge = Edge(options.exact, tuple(options.api_key or ()), options.max_body, options.compress)
    app, _ = create_app(fixtures, seed=options.seed, log=log, edge=edge, bounds=bounds_of(options))
    sock = bind(options.host, options.port)
    url = url_of(options.host, sock.getsockname()[1])

    def ready() -> None:
        gc.freeze()  # what was loaded stays: the collector need not look at it again
        gc.enable()
        gc.set_threshold(*GC_THRESHOLDS)
        if not options.quiet:
            key = "anything" if not options.api_key else "(one of those given)"
            print(f"OPENAI_BASE_URL={url}/v1 OPENAI_API_KEY={key}  (Ctrl-C stops)", file=sys.stderr)
        print(f"mockserver ready on {url}", flush=True)

    Server(app, ready).run_in_this_thread(sock)
    if log is not None:
        log.close()
    return 0


def bounds_of(options: argparse.Namespace) -> Bounds:
    """The most that is kept, as the options say it."""
    return Bounds(**{name: getattr(options, f"max_{name}") for name in Bounds._fields})


def _from_environment(options: argparse.ArgumentParser, environ: Mapping[str, str]) -> dict[str, Any]:
    """Defaults that `MOCKSERVER_*` variables set. Ends the command where one cannot be understood."""
    found: dict[str, Any] = {}
    for action in options._actions:
        if not action.option_strings or action.dest in ("help", "version"):
            continue
        variable = "MOCKSERVER_" + action.dest.upper()
        value = environ.get(variable)
        if value is None:
            continue
        if isinstance(action, argparse._StoreTrueAction):
            if value.lower() not in (*_TRUE, *_FALSE):
                _refuse(options, variable, value, "expected 1 or 0")
            found[action.dest] = value.lower() in _TRUE
            continue
        if isinstance(action, argparse._AppendAction):
            found[action.dest] = [part.strip() for part in value.split(",") if part.strip()]
            continue
        if action.choices is not None and value not in action.choices:
            _refuse(options, variable, value, f"expected one of {', '.join(action.choices)}")
        try:
            found[action.dest] = action.type(value) if callable(action.type) else value
        except (ValueError, argparse.ArgumentTypeError) as error:
            _refuse(options, variable, value, str(error))
    return found


def _refuse(options: argparse.ArgumentParser, variable: str, value: str, reason: str) -> NoReturn:
    options.error(f"environment variable {variable}={value!r}: {reason}")


def _port(text: str) -> int:
    try:
        port = int(text)
    except ValueError:
        port = -1
    if not 0 <= port <= 65_535:
        raise argparse.ArgumentTypeError(f"expected a port from 0 to 65535, got {text!r}")
    return port


def _count(text: str) -> int:
    if not text.isdecimal() or len(text) > 15:
        raise argparse.ArgumentTypeError(f"expected a whole number from 0 on, got {text!r}")
    return int(text)


def _size(text: str) -> int:
    try:
        return size(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
