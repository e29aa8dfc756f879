"""What every request to the admin API passes: whose it is, which pages may read the answer, whether it is let in."""

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from mockserver import session
from mockserver.admin.answers import refusal
from mockserver.admin.guard import denied, local_origin

if TYPE_CHECKING:
    from mockserver.app import App

_HEALTH = "/__admin/health"
_FOR_ALL = (_HEALTH, "/__admin/openapi.json")
"""Paths whose answers are the same whichever of several workers gives them."""
_ONE_OF_MANY = (
    "{} {}: this server has {} workers, and the one that was asked knows only its own part. Only /__admin/health "
    "answers for all; serve with --workers 1 for the others."
)


class SessionPaths:
    """Makes `/s/NAME/__admin/stubs` into `/__admin/stubs` with the path parameter `session`, "" for no name.

    The path stays quoted, as sent, so that a name in it may have a slash (`%2F`); empty parts count for nothing.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; end without a word where the server ends meanwhile."""
        raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
        name, rest = session.split_path(raw.decode("latin-1"))
        path = "/" + "/".join(filter(None, rest.split("/")))
        try:
            await self._app({**scope, "path": path, "path_params": {"session": unquote(name)}}, receive, send)
        except asyncio.CancelledError:
            return


class LocalPages(CORSMiddleware):
    """Lets pages of this machine read the answers; what they may ask for, each path says itself."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, a preflight too."""
        headers = Headers(scope=scope)
        if "origin" in headers:
            await self.simple_response(scope, receive, send, request_headers=headers)
        else:
            await self.app(scope, receive, send)

    def is_allowed_origin(self, origin: str) -> bool:
        """Whether a page is of this machine."""
        return local_origin(origin.encode("latin-1"))


class Guard:
    """Lets in who may use the admin API, for what this server can answer; anybody may ask for its health."""

    def __init__(self, app: ASGIApp, of: "App") -> None:
        self._app = app
        self._of = of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        await (self._refusal(scope) or self._app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        reads = scope["method"] in ("GET", "HEAD")
        if not (reads and scope["path"] == _HEALTH):
            host = (scope.get("server") or ("",))[0]
            found = denied(self._of.api.edge, dict(scope["headers"]), host)
            if found is not None and not (scope["method"] == "OPTIONS" and found.status == 401):
                return refusal(found.status, found.message, headers=dict(found.headers))
        if self._of.workers > 1 and not (reads and scope["path"] in _FOR_ALL):
            asked = unquote(scope["path"])
            return refusal(501, _ONE_OF_MANY.format(scope["method"], asked, self._of.workers))
        return None
