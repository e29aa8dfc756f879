"""A stub's response, prepared when its file is loaded: canned texts, compiled templates, fixed values."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from mockserver.errors import Place
from mockserver.matching.texts import TextPattern
from mockserver.reply import Change, Scope, Text, TokenLogprob
from mockserver.wire.encode import compact

if TYPE_CHECKING:
    from mockserver.call import Call
    from mockserver.templates.template import Template

Makes: TypeAlias = Callable[["Call"], object]
"""A function that says what a call is answered with."""


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


class JsonText(NamedTuple):
    """A text that is a JSON value with templates in it."""

    value: Value

    def render(self, variables: Mapping[str, Any]) -> str:
        """The value as compact JSON. Raises TemplateFailure."""
        return compact(self.value.render(variables))


TextSource: TypeAlias = "Text | Template | JsonText"
"""A canned text, or a template of one."""


class ToolCallTemplate(NamedTuple):
    """A tool call to be made; `arguments` is JSON text, or a value that becomes JSON text."""

    name: str
    arguments: Value
    id: str | None


class Setting(NamedTuple):
    """A field of the answer that is set to a value, or left out where that is None."""

    scope: Scope
    path: tuple[str, ...]
    value: Value | None

    def render(self, variables: Mapping[str, Any]) -> Change:
        """The change for one call. Raises TemplateFailure."""
        if self.value is None:
            return Change(self.scope, self.path, None, omit=True)
        return Change(self.scope, self.path, self.value.render(variables))


class Said(NamedTuple):
    """What one choice says.

    At most one of `text` (perhaps with `tool_calls`), `tool_calls`, `refusal` and `generate` is given, and `reasoning`
    with any of them. `schema` is the one that made up JSON conforms to, None for the request's. `scores` are the
    text's tokens and how likely they were; `settings` are fields of the choice and of its message.
    """

    text: "TextSource | None" = None
    tool_calls: tuple[ToolCallTemplate, ...] = ()
    refusal: "TextSource | None" = None
    reasoning: "TextSource | None" = None
    generate: str | None = None
    schema: Mapping[str, Any] | None = None
    scores: tuple[TokenLogprob, ...] = ()
    finish_reason: str | None = None
    settings: tuple[Setting, ...] = ()


class Embedding(NamedTuple):
    """The embedding of inputs that fit the pattern, of all inputs where there is none.

    It is given as JSON, as numbers and as base64; or it is that of the text `like`.
    """

    pattern: TextPattern | None
    vector: tuple[str, str] | None
    like: str = ""


class Response(NamedTuple):
    """What a stub answers.

    `answers` are what the choices say, in turn. For embeddings, the first of `embeddings` that fits an input has its
    vector; the others are made up. `body` replaces everything. The rest overrides fields of the answer: `usage` holds
    the counts that are given instead of counted, `settings` are fields of the answer around its choices. `dynamic`
    says whether anything is a template, `locale` which of Faker's its templates have; `canned` is the text of the
    most common response, one that is nothing but a canned text. `made_by` is a function of a test, which says for
    each call what is answered.
    """

    place: Place
    answers: tuple[Said, ...] = (Said(),)
    embeddings: tuple[Embedding, ...] = ()
    body: Value | bytes | None = None
    warning: str | None = None
    id: str | None = None
    created: float | None = None
    model: str | None = None
    system_fingerprint: str | None = None
    service_tier: str | None = None
    usage: Mapping[str, int] | None = None
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    settings: tuple[Setting, ...] = ()
    dynamic: bool = False
    locale: str | None = None
    canned: Text | None = None
    made_by: Makes | None = None
