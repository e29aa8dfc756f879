"""What is no YAML, in words for the person who wrote it.

PyYAML's two parsers, the one in C and the one in Python, tell the same mistake in different words of their own. Here it
is told once, by what both have in common and by what stands at the place.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

import yaml


class Spot(NamedTuple):
    """Where a parser gave up: line and column from 0, the line's text, and the line on which it began (from 1)."""

    line: int
    column: int
    text: str
    began: int

    @property
    def char(self) -> str:
        """The character there; "" at the end of the line."""
        return self.text[self.column : self.column + 1]

    @property
    def before(self) -> str:
        """The line up to there."""
        return self.text[: self.column]


def told(error: yaml.MarkedYAMLError, text: str) -> tuple[int, int, str]:
    """Line and column, from 1, and a sentence for what a parser says of a text."""
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return 1, 1, _said(error)
    lines = text.split("\n", mark.line + 1)
    began = error.context_mark.line + 1 if error.context_mark else mark.line + 1
    spot = Spot(mark.line, mark.column, lines[mark.line] if mark.line < len(lines) else "", began)
    said = _said(error)
    if "unknown escape" in said and spot.before.endswith("\\"):
        spot = spot._replace(column=spot.column - 1)  # one parser means the backslash, the other what follows
    for pattern, sentence in _SENTENCES:
        if re.search(pattern, said):
            said = sentence if isinstance(sentence, str) else sentence(spot)
            break
    return spot.line + 1, spot.column + 1, said


def _said(error: yaml.MarkedYAMLError) -> str:
    return ": ".join(part for part in (error.context, error.problem) if part)


def _beginning(spot: Spot) -> str:
    if spot.char == "\t":
        return "a tab where YAML wants spaces: indent with spaces"
    return f"a text without quotes cannot begin with '{spot.char}': quote it"


def _colon(spot: Spot) -> str:
    if ":" in spot.before:
        return "a second ': ' in one line: quote a value that contains ': '"
    return "a ':' where no key can be: the line above lacks its ':', or the two are not indented alike"


def _mapping(spot: Spot) -> str:
    if spot.char and spot.char in "]}":
        return f"this '{spot.char}' closes nothing: remove it, or quote the text it belongs to"
    if spot.before.rstrip().endswith(("'", '"')):
        return "text behind a closing quote: quote all of it; inside of '...' a quote is written twice"
    return "this line is not indented as the keys above it are"


def _flow(opening: str, closing: str) -> Callable[[Spot], str]:
    def sentence(spot: Spot) -> str:
        got = f"'{spot.char}'" if spot.char else "the end"
        return f"the '{opening}' on line {spot.began} is not closed: expected ',' or '{closing}', got {got}"

    return sentence


_SENTENCES: tuple[tuple[str, "str | Callable[[Spot], str]"], ...] = (
    ("cannot start any token", _beginning),
    ("tab character", "a tab where YAML wants spaces: indent with spaces"),
    ("undefined alias", "'*' begins an alias here: quote a value that begins with '*', as in model: '*-mini'"),
    ("alphabetic or numeric", "'&' begins an anchor and '*' an alias: quote a text that begins with one"),
    ("duplicate anchor", "this anchor stands twice: give each '&' a name of its own"),
    ("undefined tag", "'!' begins a tag here: quote a text that begins with '!'"),
    ("mapping values are not allowed", _colon),
    ("mapping keys are not allowed", "'? ' begins a key here: quote a text that begins with '? '"),
    ("sequence entries are not allowed", "'- ' begins a list here: put the list on the next line, or quote the text"),
    ("could not find expected ':'", "the line above this one is a key without a ':'"),
    ("single document|document start", "a second document ('---'): expected one document in a file"),
    ("unexpected end of stream", "a quoted text does not end: its closing quote is missing"),
    ("unknown escape", lambda spot: f"'{spot.text[spot.column :][:2]}' means nothing in \"...\": use '...' instead"),
    ("hexadecimal|hexdecimal", "an escape such as \\x41 wants hexadecimal digits"),
    ("block scalar", "the text behind '|' or '>' begins on the next line"),
    ("parsing a block mapping", _mapping),
    ("parsing a block collection", "this line is not indented as the items above it are"),
    ("parsing a flow mapping", _flow("{", "}")),
    ("parsing a flow sequence", _flow("[", "]")),
    ("node content", lambda spot: f"expected a value, got '{spot.char}': quote it if it is text"),
)
"""What both parsers say, as a pattern, and how it is told; the first that is found counts."""
