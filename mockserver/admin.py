"""The admin API, below `/__admin/`: a Starlette application that knows the engine and is no part of what it mocks."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mockserver import __version__
from mockserver.engine import Engine

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def admin(engine: Engine, workers: int = 1) -> Starlette:
    """The application; errors have one shape, `{"error": {"message": ...}}`.

    Where there are several workers, one cannot speak for all, and says so of everything but `health`.
    """

    async def health(request: Request) -> Response:
        """That the server is up, and what it serves; `stale` where an edit of the files cannot be served."""
        told: dict[str, object] = {"status": "ok", "version": __version__, "stubs": len(engine.fixtures.stubs.all)}
        if workers > 1:
            told["workers"] = workers
        if engine.mistakes:
            told |= {"status": "stale", "mistakes": list(map(str, engine.mistakes))}
        return JSONResponse(told)

    async def alone(request: Request) -> Response:
        """That what one worker knows is not what the server knows."""
        message = (
            f"{request.method} {request.url.path}: this server has {workers} workers, and the one that was asked knows "
            "only its own part. Only /__admin/health answers for all; serve with --workers 1 for the others."
        )
        return JSONResponse({"error": {"message": message}}, 501)

    routes = [Route("/__admin/health", health)]
    if workers > 1:
        routes = [routes[0], Route("/__admin/{path:path}", alone, methods=METHODS)]
    return Starlette(
        routes=routes,
        exception_handlers={HTTPException: _refused, Exception: _refused},
    )


async def _refused(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    reason = error.detail if isinstance(error, HTTPException) else type(error).__name__
    headers = error.headers if isinstance(error, HTTPException) else None
    return JSONResponse({"error": {"message": f"{request.method} {request.url.path}: {reason}"}}, status, headers)
