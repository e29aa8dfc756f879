"""A request to the admin API, as its handlers see it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from mockserver.errors import Mistake, UsageError

if TYPE_CHECKING:
    from mockserver.app import App
    from mockserver.testing.control import Control

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
    """What is asked: of the session that is named, None where none is, with the values in path, query and body.

    `body` is the JSON as sent, `spec` what the operation's record has read in it.
    """

    app: "App"
    session: str | None
    params: Mapping[str, str]
    query: Mapping[str, str]
    body: Any = None
    spec: Any = None

    @property
    def control(self) -> "Control":
        """What does it."""
        return self.app.control

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
        text = self.query.get(name)
        if text is None:
            return default
        if not text.isdecimal() or len(text) > 9 or not 1 <= int(text) <= most:
            raise UsageError(f"{name}: expected a whole number from 1 to {most:,}, got {text!r}")
        return int(text)


class Result(NamedTuple):
    """The JSON of an answer, and its status."""

    json: Any
    status: int = 200
