"""What can go wrong outside of a request, as a small tree.

MockServerError
├── FixtureError      fixture files with mistakes; carries every Problem found
├── InvalidValue      a stub, a match and the like, from Python or JSON, with mistakes; carries every Mistake found
├── StartError        the server could not start (port taken, ...)
├── UsageError        the command was told something it cannot use
├── RegexTimeout      a regex that took too long on a call's text
├── TemplateFailure   a template that could not be compiled, or rendered for a call
├── FunctionFailure   a function of a test that failed to answer a call
└── VerificationError what was asked of the calls is not so; also an AssertionError
    ├── UnmatchedCallError   there were calls that no stub matched, or whose answer failed
    └── MisbehaviourError    the client did something wrong: carries every Finding

What a request gets wrong is not an exception but a value: see `mockserver.rules.Refusal`.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path


class Place(NamedTuple):
    """A position in a fixture file; line and column count from 1. A column of 0 stands for the whole line.

    Without a line it is the path as a whole, or what came from somewhere else, of which `file` is the name.
    """

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return ":".join([self.file, *(str(number) for number in (self.line, self.column) if number)])


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


class Mistake(NamedTuple):
    """One mistake in a value from Python or JSON; `path` is that of the key, as in `sequence[1].error.name`."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class InvalidValue(MockServerError):
    """A stub, a match and the like, from Python or JSON, that cannot be used; `mistakes` holds all there are.

    `place` is the caller's line, or the name of where it came from.
    """

    def __init__(self, mistakes: Sequence[Mistake], place: Place) -> None:
        self.mistakes = tuple(mistakes)
        self.place = place
        super().__init__("\n".join(f"{place}: {mistake}" for mistake in self.mistakes))


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


class FunctionFailure(MockServerError):
    """A function of a test that failed to answer a call; the message says how."""


class VerificationError(MockServerError, AssertionError):
    """What was asked of the calls is not so; the message says what is instead, in colour where a terminal shows it."""

    def __init__(self, message: str, coloured: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self._coloured = coloured

    def __str__(self) -> str:
        if self._coloured is None:
            return self.message
        from mockserver.testing.colour import wanted

        return self._coloured if wanted() else self.message


class UnmatchedCallError(VerificationError):
    """There were calls that no stub matched, or whose answer failed."""


class MisbehaviourError(VerificationError):
    """The client did something wrong; the message tells what, and which calls show it."""
