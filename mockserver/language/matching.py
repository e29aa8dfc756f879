"""`match`: which calls a stub answers."""

from collections.abc import Mapping

from mockserver.endpoints import ENDPOINTS
from mockserver.language.comparisons import COUNT, FIELDS
from mockserver.language.kinds import (
    TEXT_SCHEMA,
    Boolean,
    Choice,
    ListOf,
    MappingOf,
    Record,
    Schema,
    Schemas,
    Spec,
    Text,
    key,
)
from mockserver.language.patterns import PATTERN, Pattern
from mockserver.language.source import Node, Source
from mockserver.matching.comparison import Comparison
from mockserver.matching.fields import FieldIs
from mockserver.matching.requests import PARTS

RESPONSE_FORMATS = ("text", "json_object", "json_schema")
MAX_NESTED = 20
"""How deep matches may stand inside of each other."""

_PATTERNS = ListOf(PATTERN, or_one=True)
_TOOL_NAMES = ListOf(Text("a tool's name"), or_one=True)


class _Nested:
    """Reads a match that stands inside of a match; it must demand something."""

    expected = "a match"

    def read(self, node: Node, source: Source) -> "Match":
        """The match."""
        if source.nested >= MAX_NESTED:
            raise source.refuse(node, f"matches stand more than {MAX_NESTED} deep inside of each other")
        source.nested += 1
        try:
            match = MATCH.read(node, source)
        finally:
            source.nested -= 1
        if not any(True for _ in match.given()):
            raise source.refuse(node, "an empty match fits every call: say what it is to look at")
        return match

    def schema(self, defs: Schemas) -> Schema:
        """That of a match."""
        return MATCH.schema(defs)


_MATCHES = ListOf(_Nested(), or_one=True)


class ToolResultSpec(Spec):
    """The result of a tool, which is the last message; all keys that are given must fit."""

    name: tuple[str, ...] = key(
        _TOOL_NAMES, "The tool whose result it is: the one the assistant called by this id.", default=()
    )
    content: tuple[Pattern, ...] = key(_PATTERNS, "The result's text.", default=())
    tool_call_id: tuple[Pattern, ...] = key(_PATTERNS, "The id of the call that it answers.", default=())


def _short_result(node: Node, source: Source) -> ToolResultSpec:
    return ToolResultSpec(content=_PATTERNS.read(node, source))


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
    snapshots: bool = key(
        Boolean(), "Whether `model` also fits dated snapshots: `gpt-4o` then fits `gpt-4o-2024-08-06`.", default=False
    )
    user: tuple[Pattern, ...] = key(
        _PATTERNS,
        "What the user said: the last user message, or the prompt or input of the other endpoints. "
        "Plain text is contained in it, `/.../i` is a regex; a list means any of them.",
        default=(),
    )
    any_message: tuple[Pattern, ...] = key(
        _PATTERNS, "The text of any message of the conversation, whoever said it.", default=()
    )
    system: tuple[Pattern, ...] = key(
        _PATTERNS, "The system prompt: the text of a message with the role `system` or `developer`.", default=()
    )
    prompt: tuple[Pattern, ...] = key(_PATTERNS, "A prompt of a request to completions.", default=())
    input: tuple[Pattern, ...] = key(_PATTERNS, "An input of a request to embeddings.", default=())
    parts: tuple[str, ...] = key(
        ListOf(Choice(PARTS), or_one=True),
        "Kinds of content that messages of the conversation have, all of them.",
        default=(),
    )
    tools: tuple[str, ...] = key(_TOOL_NAMES, "Tools that are offered, all of them.", default=())
    tool_choice: tuple[str, ...] = key(
        ListOf(Text("none, auto, required or a tool's name"), or_one=True),
        "What `tool_choice` says: `none`, `auto`, `required`, or the name of the tool that is demanded; where a "
        "request does not say, `auto` with tools and else `none`. A list means any of them.",
        default=(),
    )
    wants_tool: bool | None = key(
        Boolean(),
        "Whether a tool call is due: `tool_choice` demands one, or tools are offered and the last user "
        "message reads as if it needed one. A tool's result as last message needs none.",
    )
    after_tool: bool | None = key(Boolean(), "Whether the last message is the result of a tool.")
    tool_result: ToolResultSpec | None = key(
        Record(
            ToolResultSpec,
            "a tool result",
            short=_short_result,
            short_expected="text or /regex/flags, or a list of them",
            short_schema={"anyOf": [TEXT_SCHEMA, {"type": "array", "minItems": 1}]},
        ),
        "The last message is the result of a tool, with this text, from this tool.",
    )
    turns: Comparison | None = key(COUNT, "How many user messages the conversation has.")
    response_format: tuple[str, ...] = key(
        ListOf(Choice(RESPONSE_FORMATS), or_one=True),
        "The kind of `response_format` asked for; a list means any of them.",
        default=(),
    )
    schema: tuple[str, ...] = key(
        ListOf(Text("a schema's name"), or_one=True),
        "The name of the JSON schema that `response_format` asks for; a list means any of them.",
        default=(),
    )
    stream: bool | None = key(Boolean(), "Whether a stream is asked for.")
    fields: tuple[FieldIs, ...] = key(
        FIELDS, "Any fields of the request, by their paths, such as `temperature: {gt: 1}`.", default=()
    )
    headers: dict[str, tuple[Pattern, ...]] = key(
        MappingOf(_PATTERNS, "header names to text patterns"), "Headers of the request, all of them.", default={}
    )
    api_key: tuple[Pattern, ...] = key(_PATTERNS, "The API key that the request shows.", default=())
    ordinal: Comparison | None = key(COUNT, "The so-manieth call of the session, from 1, whatever answered the others.")
    all: "tuple[Match, ...]" = key(_MATCHES, "Matches of which all must fit.", default=())
    any: "tuple[Match, ...]" = key(_MATCHES, "Matches of which at least one must fit.", default=())
    locals()["not"] = key(_MATCHES, "Matches of which none may fit.", default=())  # a word of Python's own


def _check(record: Match, nodes: Mapping[str, Node], node: Node, source: Source) -> None:
    if "snapshots" in nodes and not record.model:
        source.note(nodes["snapshots"], "'snapshots' goes with 'model'")
    if "headers" in nodes:
        for name in record.headers:
            if not name.isascii() or not name or any(c.isspace() or c == ":" for c in name):
                source.note(nodes["headers"], f"'{name}' is not a header's name")


MATCH = Record(Match, "match", check=_check)
