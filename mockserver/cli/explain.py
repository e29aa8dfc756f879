"""`mockserver explain REQUEST.json [PATH ...]`: which stub answers, why those before it do not, and what is sent."""

import argparse
import sys
from typing import Any

from mockserver.cli import options
from mockserver.endpoints import BY_NAME, ENDPOINTS
from mockserver.errors import UsageError

SHAPES = {"messages": "chat", "prompt": "completions", "input": "embeddings"}
"""The parameter that only requests to one endpoint have."""


def parser() -> argparse.ArgumentParser:
    """The options; each can be set by an environment variable, `MOCKSERVER_` and its name."""
    made = options.new_parser(
        "mockserver explain",
        "REQUEST.json [PATH ...] [options]",
        "Print which stub answers a request, why the stubs before it do not, and what would be sent.\n"
        "Exit codes: 0 a stub answers, 1 none does, 2 the request or a fixture file is refused.",
    )
    made.add_argument("request", metavar="REQUEST.json", help="the body of a request; - reads standard input")
    made.add_argument("paths", nargs="*", metavar="PATH", help="fixture files or folders, first match wins")
    made.add_argument(
        "--endpoint",
        choices=[endpoint.name for endpoint in ENDPOINTS],
        metavar="NAME",
        help="chat, completions or embeddings (default: as messages, prompt or input tell)",
    )
    made.add_argument(
        "--header",
        action="append",
        type=options.header,
        metavar="NAME:VALUE",
        help="a header the request has; may be given more than once",
    )
    made.add_argument(
        "--call",
        type=options.ordinal,
        default=1,
        metavar="N",
        help="explain the answer to the request when it comes for the Nth time (default: 1)",
    )
    options.add_seed(made, "answer as a server with this seed does (default: 0)")
    options.add_strict(made)
    options.add_exact(made)
    return made


def run(given: argparse.Namespace) -> int:
    """Explain; returns the exit code. Raises UsageError and FixtureError."""
    from mockserver import session
    from mockserver.explain import engine_of, explain, refused, shown, shown_plan
    from mockserver.failures.asked import in_headers
    from mockserver.language.load import load
    from mockserver.reading import read_call
    from mockserver.refusals import Refused

    headers = dict(given.header or ())
    fixtures = load(given.paths, strict=given.strict)
    engine = engine_of(fixtures, given.seed or 0)
    body = _read(given.request)
    endpoint = BY_NAME[given.endpoint or endpoint_of(body, _name(given.request))]
    try:
        named = session.named_by(headers)
        call, warnings = read_call(endpoint, body, fixtures.catalogue, named, headers, exact=given.exact)
    except Refused as refusal:
        print(
            f"request: {endpoint.name}, refused before any stub is tried\n\n{shown_plan(refused(engine, refusal))}",
            end="",
        )
        return options.EXIT_USAGE
    explanation = explain(engine, call, warnings, times=given.call, asked=in_headers(headers))
    print(shown(explanation), end="")
    return 0 if explanation.answered else options.EXIT_FAILURE


def _name(request: str) -> str:
    return "standard input" if request == "-" else request


def _read(name: str) -> bytes:
    """The request's bytes. Raises UsageError where they cannot be had."""
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        with open(name, "rb") as file:
            return file.read()
    except OSError as error:
        raise UsageError(f"{name}: cannot be read: {error.strerror}") from None


def endpoint_of(body: bytes, name: str) -> str:
    """The endpoint that a request's parameters belong to. Raises UsageError where that cannot be told."""
    import json

    try:
        parsed: Any = json.loads(body)
    except ValueError as error:
        raise UsageError(f"{name}: not JSON: {error}") from None
    if not isinstance(parsed, dict):
        raise UsageError(f"{name}: expected a JSON object, the body of a request")
    has = [key for key in SHAPES if key in parsed]
    if len(has) != 1:
        told = " and ".join(has) or "none of them"
        raise UsageError(f"{name}: messages, prompt or input tells the endpoint, but it has {told}: say --endpoint")
    return SHAPES[has[0]]
