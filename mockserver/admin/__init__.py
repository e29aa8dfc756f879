"""The admin API, below `/__admin/`: what a test in any language can do to a running server.

A Starlette application that stands beside what is mocked: stubs, failures, limits and API keys do not concern it.
Imported when it is first asked.
"""

from functools import partial
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.routing import Route

from mockserver import session
from mockserver.admin.answers import HANDLERS, Answer
from mockserver.admin.asked import Asked, Refused
from mockserver.admin.middleware import Guard, LocalPages, SessionPaths
from mockserver.admin.operations import OPERATIONS, Operation
from mockserver.language.values import read
from mockserver.limits import MIB
from mockserver.reading import check_length, decode, rest_of_body
from mockserver.testing.control import ADMIN

if TYPE_CHECKING:
    from mockserver.app import App

MAX_BODY = 16 * MIB
"""Bytes that a body may have."""


def create_admin(app: "App") -> Starlette:
    """The admin API of a server."""
    routes = [
        Route(f"/__admin{one.pattern}", partial(_perform, app, one), methods=[one.method], name=one.name)
        for one in OPERATIONS
    ]
    middleware = [Middleware(SessionPaths), Middleware(LocalPages), Middleware(Guard, of=app)]
    return Starlette(routes=routes, middleware=middleware, exception_handlers=HANDLERS)


async def _perform(app: "App", operation: Operation, request: Request) -> Answer:
    """Do what is asked. Raises what `HANDLERS` tell of."""
    _check_query(request, operation)
    headers = dict(request.scope["headers"])
    check_length(headers, MAX_BODY)
    body = _parsed(await rest_of_body(await request.receive(), request.receive, MAX_BODY), request, operation)
    spec = None
    if operation.body is not None and not operation.raw:
        spec = read(operation.body, body, ADMIN)
    name = request.path_params["session"] or request.query_params.get("session") or session.named_by(headers)
    result = await operation.handler(Asked(app, request, name or None, body, spec))
    return Answer(result.json, result.status)


def _check_query(request: Request, operation: Operation) -> None:
    """Raise Refused for a name that the operation does not know."""
    known = [*(["session"] if operation.of_session else []), *(query.name for query in operation.query)]
    unknown = next((name for name in request.query_params if name not in known), None)
    if unknown is not None:
        told = f"known are {', '.join(known)}" if known else "there is none here"
        raise Refused(400, f"unknown parameter '{unknown}' in the query; {told}")


def _parsed(body: bytes, request: Request, operation: Operation) -> Any:
    """The JSON of a body; an empty object where none is sent and none is needed. Raises Refused."""
    if not body:
        if operation.needs_body:
            raise Refused(400, "The body is empty: this needs a JSON object.")
        return {}
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not (media == "application/json" or media.endswith("+json")):
        got = ascii(media) if media else "nothing"
        raise Refused(415, f"A body is sent with 'content-type: application/json', got {got}.")
    if "content-encoding" in request.headers:
        raise Refused(415, "A body is sent as it is, without a content-encoding.")
    try:
        parsed = decode(body.decode())
    except (ValueError, RecursionError, StopIteration) as error:
        reason = f": {error}" if isinstance(error, ValueError) else ""
        raise Refused(400, f"The body is not JSON{reason}") from None
    if operation.body is None and parsed != {}:
        raise Refused(400, "This takes no body.")
    return parsed
