"""The admin API, below `/__admin/`: what a test in any language can do to a running server.

It stands beside what is mocked: stubs, failures, limits and API keys do not concern it. Imported when it is
first asked.
"""

import asyncio
import json
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, unquote

from mockserver import session
from mockserver.admin.asked import Asked, Refused, Result
from mockserver.admin.guard import denied, local_origin
from mockserver.admin.operations import Operation, resolve
from mockserver.errors import InvalidValue, MockServerError
from mockserver.language.values import read
from mockserver.limits import MIB
from mockserver.reading import check_length, decode, rest_of_body
from mockserver.refusals import Disconnected
from mockserver.refusals import Refused as RefusedBody
from mockserver.testing.control import ADMIN

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from mockserver.app import App

MAX_BODY = 16 * MIB
"""Bytes that a body may have."""

_errors = logging.getLogger("mockserver")
_NOWHERE = "There is nothing at {}: GET /__admin/openapi.json tells what there is."

_FOR_ALL = ("health", "openapi")
"""Operations whose answers are the same whichever of several workers gives them."""
_ONE_OF_MANY = (
    "{} {}: this server has {} workers, and the one that was asked knows only its own part. Only /__admin/health "
    "answers for all; serve with --workers 1 for the others."
)


class Admin:
    """The ASGI application of the admin API."""

    def __init__(self, app: "App") -> None:
        """It is about that application."""
        self._app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer a request."""
        headers: dict[bytes, bytes] = dict(scope["headers"])
        try:
            status, value, extra = await self._answer(scope, headers, receive)
        except (Disconnected, asyncio.CancelledError):  # the client is gone, or the server ends while it waits
            return
        origin = headers.get(b"origin")
        if origin is not None and local_origin(origin):
            extra = {**extra, "access-control-allow-origin": origin.decode("latin-1"), "vary": "Origin"}
        body = b"" if value is None else _encoded(value)
        found = {"content-type": "application/json", **extra} if body else extra
        sent = [(name.encode(), text.encode("latin-1", "replace")) for name, text in found.items()]
        if status != 204:
            sent.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": sent})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    async def _answer(
        self, scope: "Scope", headers: Mapping[bytes, bytes], receive: "Receive"
    ) -> tuple[int, Any, dict[str, str]]:
        """Status, JSON (None for no body) and headers of an answer."""
        raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
        named, path = session.split_path(raw.decode("latin-1"))
        operations, params = resolve(path.removeprefix("/__admin"))
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        operation = operations.get(method)
        server = (scope.get("server") or ("",))[0]
        if operation is None or operation.name != "health":
            refusal = denied(self._app.api.edge, headers, server)
            if refusal is not None and not (method == "OPTIONS" and refusal.status == 401):
                return refusal.status, _error(refusal.message), dict(refusal.headers)
        workers = self._app.workers
        if workers > 1 and (operation is None or operation.name not in _FOR_ALL):
            return 501, _error(_ONE_OF_MANY.format(scope["method"], scope["path"], workers)), {}
        if not operations:
            return 404, _error(_NOWHERE.format(unquote(path))), {}
        allow = ", ".join((*operations, *(["HEAD"] if "GET" in operations else []), "OPTIONS"))
        if method == "OPTIONS":
            return 204, None, _preflight(headers, allow)
        if operation is None:
            return 405, _error(f"{method} cannot be done here: {allow} can."), {"allow": allow}
        try:
            result = await self._done(operation, scope, headers, receive, unquote(named), params)
            return result.status, result.json, {}
        except Refused as refused:
            return refused.status, _error(refused.message, _problems(refused)), {}
        except RefusedBody as too_large:
            return too_large.refusal.status, _error(too_large.refusal.message), {"connection": "close"}
        except InvalidValue as invalid:
            return 400, _error("\n".join(map(str, invalid.mistakes)), _problems(invalid)), {}
        except MockServerError as wrong:
            return 400, _error(str(wrong)), {}
        except Exception as error:
            _errors.exception("%s %s failed", method, scope["path"])
            return 500, _error(f"{method} {scope['path']} failed: {type(error).__name__}"), {}

    async def _done(
        self,
        operation: Operation,
        scope: "Scope",
        headers: Mapping[bytes, bytes],
        receive: "Receive",
        named: str,
        params: dict[str, str],
    ) -> Result:
        """Do what is asked. Raises Refused, RefusedBody and MockServerError."""
        query = _query(scope.get("query_string", b""), operation)
        name = named or query.get("session") or session.named_by(headers)
        check_length(headers, MAX_BODY)
        body = _parsed(await rest_of_body(await receive(), receive, MAX_BODY), headers, operation)
        spec = None
        if operation.body is not None and not operation.raw:
            spec = read(operation.body, body, ADMIN)
        return await operation.handler(Asked(self._app, name or None, params, query, body, spec))


def _query(text: bytes, operation: Operation) -> dict[str, str]:
    """The query, each name once. Raises Refused for a name that the operation does not know."""
    found = dict(parse_qsl(text.decode("latin-1"), keep_blank_values=True))
    known = [*(["session"] if operation.of_session else []), *(query.name for query in operation.query)]
    unknown = [name for name in found if name not in known]
    if unknown:
        told = f"known are {', '.join(known)}" if known else "there is none here"
        raise Refused(400, f"unknown parameter '{unknown[0]}' in the query; {told}")
    return found


def _parsed(body: bytes, headers: Mapping[bytes, bytes], operation: Operation) -> Any:
    """The JSON of a body; an empty object where none is sent and none is needed. Raises Refused."""
    if not body:
        if operation.needs_body:
            raise Refused(400, "The body is empty: this needs a JSON object.")
        return {}
    media = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if not (media == b"application/json" or media.endswith(b"+json")):
        got = ascii(media.decode("latin-1")) if media else "nothing"
        raise Refused(415, f"A body is sent with 'content-type: application/json', got {got}.")
    if b"content-encoding" in headers:
        raise Refused(415, "A body is sent as it is, without a content-encoding.")
    try:
        parsed = decode(body.decode())
    except (ValueError, RecursionError, StopIteration) as error:
        reason = f": {error}" if isinstance(error, ValueError) else ""
        raise Refused(400, f"The body is not JSON{reason}") from None
    if operation.body is None and parsed != {}:
        raise Refused(400, "This takes no body.")
    return parsed


def _preflight(headers: Mapping[bytes, bytes], allow: str) -> dict[str, str]:
    """What a browser asks before a page's request."""
    asked = headers.get(b"access-control-request-headers", b"authorization, content-type").decode("latin-1")
    if local_origin(headers.get(b"origin", b"")):
        return {"access-control-allow-methods": allow, "access-control-allow-headers": asked}
    return {"allow": allow}


def _error(message: str, problems: list[dict[str, str]] | None = None) -> dict[str, Any]:
    return {"error": {"message": message, **({"problems": problems} if problems else {})}}


def _problems(error: "Refused | InvalidValue") -> list[dict[str, str]]:
    return [{"path": mistake.path, "message": mistake.message} for mistake in error.mistakes]


def _encoded(value: Any) -> bytes:
    """JSON as UTF-8; halves of surrogate pairs, which JSON can name and UTF-8 cannot hold, stay escaped."""
    try:
        return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()
    except UnicodeEncodeError:
        return (json.dumps(value, indent=2) + "\n").encode()
