"""A request to the admin API, as its handlers see it."""

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from urllib.parse import unquote

from mockserver.errors import Mistake, UsageError
from mockserver.refusals import Disconnected

if TYPE_CHECKING:
    from starlette.requests import Request

    from mockserver.app import App
    from mockserver.testing.control import Control

T = TypeVar("T")

ALL = "*"
"""As the name of a session: all of them."""


class Refused(Exception):
    """A request that cannot be done; carries the status, the reason and, where it has some, the mistakes."""

    def __init__(self, status: int, message: str, mistakes: tuple[Mistake, ...] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.mistakes = mistakes


class Asked(NamedTuple):
    """What is asked: by a request, of the session that is named, None where none is.

    `body` is the JSON as sent, `spec` what the operation's record has read in it.
    """

    app: "App"
    request: "Request"
    session: str | None
    body: Any = None
    spec: Any = None

    @property
    def control(self) -> "Control":
        """What does it."""
        return self.app.control

    @property
    def name(self) -> str:
        """The name in the path."""
        return unquote(self.request.path_params["name"])

    @property
    def one(self) -> str:
        """The session it is about. Raises UsageError where that is not a single one."""
        if self.session == ALL:
            raise UsageError("this is about one session: '*' is not the name of one")
        return self.app.api.default_session if self.session is None else self.session

    @property
    def some(self) -> str | None:
        """The session it is about, None for all of them."""
        return None if self.session == ALL else self.one

    def number(self, name: str, default: int, most: int) -> int:
        """A whole number from 1 on in the query. Raises UsageError."""
        text = self.request.query_params.get(name)
        if text is None:
            return default
        if not text.isdecimal() or len(text) > 9 or not 1 <= int(text) <= most:
            raise UsageError(f"{name}: expected a whole number from 1 to {most:,}, got {text!r}")
        return int(text)

    async def while_there(self, work: Coroutine[Any, Any, T]) -> T:
        """What comes of work that takes time, which is given up when the client leaves. Raises Disconnected then."""
        doing, leaving = asyncio.ensure_future(work), asyncio.ensure_future(self._leaves())
        try:
            await asyncio.wait((doing, leaving), return_when=asyncio.FIRST_COMPLETED)
            if not doing.done():
                raise Disconnected
            return doing.result()
        finally:
            doing.cancel()
            leaving.cancel()
            await asyncio.wait((doing, leaving))

    async def _leaves(self) -> None:
        while (await self.request.receive())["type"] != "http.disconnect":
            pass


class Result(NamedTuple):
    """The JSON of an answer, and its status."""

    json: Any
    status: int = 200
