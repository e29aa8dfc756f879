"""`match`: which calls a stub answers."""

from mockserver.endpoints import ENDPOINTS
from mockserver.language.kinds import Boolean, Choice, ListOf, Spec, Text, key
from mockserver.language.patterns import PATTERN, Pattern

RESPONSE_FORMATS = ("text", "json_object", "json_schema")


class Match(Spec):
    """Which calls a stub answers: all of its keys must fit. Without any it answers every call."""

    endpoint: tuple[str, ...] = key(
        ListOf(Choice(tuple(e.name for e in ENDPOINTS)), or_one=True),
        "The endpoint asked: chat, completions or embeddings; a list means any of them.",
        default=(),
    )
    model: tuple[str, ...] = key(
        ListOf(Text("a model name or glob"), or_one=True),
        "The model asked for: a name, or a glob such as `gpt-4*`; a list means any of them.",
        default=(),
    )
    user: tuple[Pattern, ...] = key(
        ListOf(PATTERN, or_one=True),
        "What the user said: the last user message, or the prompt or input of the other endpoints. "
        "Plain text is contained in it, `/.../i` is a regex; a list means any of them.",
        default=(),
    )
    tools: tuple[str, ...] = key(
        ListOf(Text("a tool's name"), or_one=True), "Tools that are offered, all of them.", default=()
    )
    wants_tool: bool | None = key(
        Boolean(),
        "Whether a tool call is due: `tool_choice` demands one, or tools are offered and the last user "
        "message reads as if it needed one. A tool's result as last message needs none.",
    )
    after_tool: bool | None = key(Boolean(), "Whether the last message is the result of a tool.")
    response_format: tuple[str, ...] = key(
        ListOf(Choice(RESPONSE_FORMATS), or_one=True),
        "The kind of `response_format` asked for; a list means any of them.",
        default=(),
    )
    stream: bool | None = key(Boolean(), "Whether a stream is asked for.")
