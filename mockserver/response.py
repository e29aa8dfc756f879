"""A stub's response, prepared when its file is loaded: canned texts, compiled templates, fixed values."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from mockserver.errors import Place
from mockserver.reply import Text

if TYPE_CHECKING:
    from mockserver.template import Template

TextSource: TypeAlias = "Text | Template"
"""A canned text, or a template of one."""


class Value(NamedTuple):
    """A JSON value that may have templates among its texts (`dynamic`)."""

    tree: Any
    dynamic: bool

    def render(self, variables: Mapping[str, Any]) -> Any:
        """The value for one call. Raises TemplateFailure."""
        return _render(self.tree, variables) if self.dynamic else self.tree


def _render(tree: Any, variables: Mapping[str, Any]) -> Any:
    if isinstance(tree, dict):
        return {key: _render(value, variables) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_render(value, variables) for value in tree]
    return tree if isinstance(tree, (str, int, float, type(None))) else tree.render(variables)


class ToolCallTemplate(NamedTuple):
    """A tool call to be made; `arguments` is JSON text, or a value that becomes JSON text."""

    name: str
    arguments: Value
    id: str | None


class Response(NamedTuple):
    """What a stub answers.

    Exactly one of `text` (perhaps with `tool_calls`), `tool_calls`, `refusal`, `generate`, `vector` and `body` is
    given, and `reasoning` with any but the last two; the rest overrides fields of the answer. `vector` is an
    embedding's JSON, as numbers and as base64; `usage` holds the counts that are given instead of counted;
    `dynamic` says whether anything is a template, `locale` which of Faker's its templates have; `canned` is the text
    of the most common response, one that is nothing but a canned text.
    """

    place: Place
    text: "TextSource | None" = None
    refusal: "TextSource | None" = None
    reasoning: "TextSource | None" = None
    tool_calls: tuple[ToolCallTemplate, ...] = ()
    generate: str | None = None
    vector: tuple[str, str] | None = None
    body: Value | None = None
    finish_reason: str | None = None
    warning: str | None = None
    id: str | None = None
    created: float | None = None
    model: str | None = None
    usage: Mapping[str, int] | None = None
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    dynamic: bool = False
    locale: str | None = None
    canned: Text | None = None
