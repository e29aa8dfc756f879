"""The admin API, below `/__admin/`: a Starlette application that knows the engine and is no part of what it mocks."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mockserver import __version__
from mockserver.engine import Engine


def admin(engine: Engine) -> Starlette:
    """The application; errors have one shape, `{"error": {"message": ...}}`."""

    async def health(request: Request) -> Response:
        """That the server is up, and what it serves; `stale` where an edit of the files cannot be served."""
        told = {"status": "ok", "version": __version__, "stubs": len(engine.fixtures.stubs.all)}
        if engine.mistakes:
            told |= {"status": "stale", "mistakes": list(map(str, engine.mistakes))}
        return JSONResponse(told)

    return Starlette(
        routes=[Route("/__admin/health", health)],
        exception_handlers={HTTPException: _refused, Exception: _refused},
    )


async def _refused(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    reason = error.detail if isinstance(error, HTTPException) else type(error).__name__
    headers = error.headers if isinstance(error, HTTPException) else None
    return JSONResponse({"error": {"message": f"{request.method} {request.url.path}: {reason}"}}, status, headers)
