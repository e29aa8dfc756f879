"""What the admin API sends: JSON, be it what was asked for or why it was not done."""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Match
from starlette.types import ExceptionHandler

from mockserver.admin.asked import Refused
from mockserver.errors import InvalidValue, Mistake, MockServerError
from mockserver.refusals import Disconnected
from mockserver.refusals import Refused as RefusedBody

_METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS")
_CLOSE = {"connection": "close"}


class Answer(JSONResponse):
    """JSON to be read by people too."""

    def render(self, content: Any) -> bytes:
        """Write it as UTF-8; halves of surrogate pairs, which JSON can name and UTF-8 cannot hold, stay escaped."""
        try:
            return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()
        except UnicodeEncodeError:
            return (json.dumps(content, indent=2) + "\n").encode()


def refusal(
    status: int, message: str, mistakes: Iterable[Mistake] = (), headers: Mapping[str, str] | None = None
) -> Answer:
    """Why something is not done."""
    problems = [{"path": mistake.path, "message": mistake.message} for mistake in mistakes]
    return Answer({"error": {"message": message, **({"problems": problems} if problems else {})}}, status, headers)


async def _refused(_: Request, error: Any) -> Response:
    return refusal(error.status, error.message, error.mistakes)


async def _too_large(_: Request, error: Any) -> Response:
    return refusal(error.refusal.status, error.refusal.message, headers=_CLOSE)


async def _invalid(_: Request, error: Any) -> Response:
    return refusal(400, "\n".join(map(str, error.mistakes)), error.mistakes)


async def _wrong(_: Request, error: Exception) -> Response:
    return refusal(400, str(error))


async def _gone(_: Request, error: Exception) -> Response:
    """Nobody is there to read it."""
    return Response(status_code=499)


async def _failed(request: Request, error: Exception) -> Response:
    """Starlette raises the error again, for the server to log: it closes the connection then."""
    message = f"{request.method} {request.scope['path']} failed: {type(error).__name__}"
    return refusal(500, message, headers=_CLOSE)


async def _nothing(request: Request, error: Exception) -> Response:
    path = unquote(request.scope["path"])
    return refusal(404, f"There is nothing at {path}: GET /__admin/openapi.json tells what there is.")


async def _other_method(request: Request, error: Exception) -> Response:
    """What a path allows: to OPTIONS, which a browser asks before a page's request, or instead of another method."""
    fit = [route for route in request.app.routes if route.matches(request.scope)[0] is not Match.NONE]
    known = {"OPTIONS"}.union(*(route.methods for route in fit))
    allow = ", ".join(method for method in _METHODS if method in known)
    if request.method != "OPTIONS":
        return refusal(405, f"{request.method} cannot be done here: {allow} can.", headers={"allow": allow})
    asked = request.headers.get("access-control-request-headers", "authorization, content-type")
    allowed = {"access-control-allow-methods": allow, "access-control-allow-headers": asked}
    return Response(status_code=204, headers={"allow": allow, **allowed})


HANDLERS: dict[Any, ExceptionHandler] = {
    404: _nothing,
    405: _other_method,
    Refused: _refused,
    RefusedBody: _too_large,
    InvalidValue: _invalid,
    MockServerError: _wrong,
    Disconnected: _gone,
    Exception: _failed,
}
"""By what is raised, or by the status of Starlette's own refusals."""
