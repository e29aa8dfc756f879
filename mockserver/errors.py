"""What can go wrong outside of a request, as a small tree.

MockServerError
├── FixtureError      fixture files with mistakes; carries every Problem found
├── StartError        the server could not start (port taken, ...)
├── UsageError        the command was told something it cannot use
├── RegexTimeout      a regex that took too long on a call's text
└── TemplateFailure   a template that could not be compiled, or rendered for a call

What a request gets wrong is not an exception but a value: see `mockserver.rules.Refusal`.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path


class Place(NamedTuple):
    """A position in a fixture file; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Problem(NamedTuple):
    """One mistake in a fixture file, as a person reads it."""

    place: Place
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class MockServerError(Exception):
    """The root of everything this package raises."""


class FixtureError(MockServerError):
    """Fixture files that cannot be used; `problems` holds every mistake, in the order of the files.

    `paths` are the files and folders that were named, where files were read: what to watch for a mended one.
    """

    def __init__(self, problems: Sequence[Problem], paths: "Sequence[Path]" = ()) -> None:
        self.problems = tuple(problems)
        self.paths = tuple(paths)
        super().__init__("\n".join(map(str, self.problems)))


class StartError(MockServerError):
    """The server could not start; the message says why and what to do."""


class UsageError(MockServerError):
    """The command was told something it cannot use; the message says what it takes instead."""


class RegexTimeout(MockServerError):
    """A regex whose search in a text of `length` characters was given up after `seconds`.

    `together` says that the bound was that of all searches of a call. `owner` is what the regex stands in, in words,
    and `place` where that is; both are known once somebody tells.
    """

    def __init__(self, pattern: str, length: int, seconds: float, *, together: bool = False) -> None:
        self.pattern = pattern
        self.length = length
        self.seconds = seconds
        self.together = together
        self.owner = ""
        self.place = Place("", 1, 1)
        super().__init__(f"the regex {pattern} took too long")

    def of(self, owner: str, place: Place) -> "RegexTimeout":
        """The same, knowing what the regex stands in."""
        self.owner, self.place = owner, place
        return self


class TemplateFailure(MockServerError):
    """A template that does not work.

    `place` is where in a fixture file, as far as it is known; `line`, from 1 inside the template, is there where the
    place does not say it.
    """

    def __init__(self, message: str, line: int | None = None, place: Place | None = None) -> None:
        super().__init__(message)
        self.line = line
        self.place = place
