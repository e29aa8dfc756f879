"""The YAML language as one typed model: every key, what it takes, what it means.

Records are read by `mockserver.language.kinds`. What a key does is told where it
stands, and nowhere else.
"""

import re
from collections.abc import Mapping

import yaml

from mockserver.endpoints import ENDPOINTS
from mockserver.language.kinds import (
    AnyJson,
    Boolean,
    Choice,
    ListOf,
    MappingOf,
    Number,
    Record,
    Spec,
    Text,
    key,
    required,
)
from mockserver.language.source import Invalid, Json, Node, Source, describe
from mockserver.match import TextPattern

FINISH_REASONS = ("stop", "length", "tool_calls", "content_filter", "function_call")
RESPONSE_FORMATS = ("text", "json_object", "json_schema")
GENERATORS = ("text", "json", "tool_calls", "embedding")

_INFINITY = float("inf")
_FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE}
_SLASHED = re.compile(r"/(.*)/([a-zA-Z]*)\Z", re.DOTALL)


def _regex(pattern: str, flags: str, node: Node, source: Source) -> TextPattern:
    unknown = [flag for flag in flags if flag not in _FLAGS]
    if unknown:
        raise source.refuse(node, f"unknown regex flag '{unknown[0]}': known are i, m, s, x")
    combined = re.NOFLAG
    for flag in flags:
        combined |= _FLAGS[flag]
    try:
        return TextPattern("regex", pattern, re.compile(pattern, combined))
    except (re.error, OverflowError, RecursionError) as error:
        raise source.refuse(node, f"not a valid regex: {error}") from None


def _short_pattern(node: Node, source: Source) -> "Pattern":
    """`hello` is contained, `/hello/i` is a regex."""
    if not isinstance(node, yaml.ScalarNode):
        raise source.refuse(node, f"expected text or /regex/flags, got {describe(node)}")
    value: str = node.value
    slashed = _SLASHED.match(value)
    if slashed:
        return Pattern(pattern=_regex(slashed[1], slashed[2], node, source))
    return Pattern(pattern=TextPattern("contains", value))


_ANYTHING = TextPattern("contains", "")


class Pattern(Spec):
    """A demand on a text; of its long forms exactly one is given."""

    pattern: TextPattern = _ANYTHING
    contains: str | None = key(Text(), "The text stands somewhere in it.")
    exact: str | None = key(Text(), "It is this text, character for character.")
    regex: str | None = key(Text(), "The regex is found in it; named groups can be used in templates.")
    flags: str | None = key(Text("regex flags such as i"), "Flags for `regex`: i, m, s, x.")


class _PatternKind(Record[Pattern]):
    """Reads a pattern, whose long form becomes its `pattern`."""

    def read(self, node: Node, source: Source) -> Pattern:
        record = Record.read(self, node, source)
        if not isinstance(node, yaml.MappingNode):
            return record
        given = [how for how in ("contains", "exact", "regex") if getattr(record, how) is not None]
        if len(given) != 1:
            raise source.refuse(node, "a text pattern takes exactly one of contains, exact, regex")
        if record.regex is not None:
            return Pattern(pattern=_regex(record.regex, record.flags or "", node, source))
        if record.flags is not None:
            raise source.refuse(node, "'flags' goes with 'regex'")
        if record.exact is not None:
            return Pattern(pattern=TextPattern("exact", record.exact))
        return Pattern(pattern=TextPattern("contains", record.contains or ""))


PATTERN = _PatternKind(Pattern, "a text pattern", short=_short_pattern, short_expected="text or /regex/flags")


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


class ToolCallSpec(Spec):
    """A tool call in an answer."""

    name: str = required(Text("a tool's name"), "The tool that is called.")
    arguments: Json = key(AnyJson(), "Its arguments: a mapping, or the JSON text itself; `{}` when left out.")
    id: str | None = key(Text(), "The call's id; made up when left out.")


_TOKENS = Number(0, _INFINITY, whole=True)


class UsageSpec(Spec):
    """Token counts to report instead of counted ones."""

    prompt_tokens: int | None = key(_TOKENS, "Tokens of the request.")
    completion_tokens: int | None = key(_TOKENS, "Tokens of the answer, its reasoning included.")
    total_tokens: int | None = key(_TOKENS, "The sum; added up when left out.")
    cached_tokens: int | None = key(_TOKENS, "Tokens of the request that came from the prompt cache.")
    reasoning_tokens: int | None = key(_TOKENS, "Tokens of the answer that were spent on reasoning.")
    accepted_prediction_tokens: int | None = key(_TOKENS, "Tokens of the `prediction` that the answer has.")
    rejected_prediction_tokens: int | None = key(_TOKENS, "Tokens of the `prediction` that it has not.")


class ResponseSpec(Spec):
    """What is answered. Text that contains `{{` or `{%` is a template."""

    text: str | None = key(Text(), "The answer's text.")
    refusal: str | None = key(Text(), "The model refuses, with this text.")
    reasoning: str | None = key(
        Text(), "What the model thought first: `reasoning_content`, as compatible servers send it."
    )
    tool_calls: tuple[ToolCallSpec, ...] = key(
        ListOf(Record(ToolCallSpec, "a tool call")), "Tool calls the assistant makes.", default=()
    )
    generate: str | None = key(
        Choice(GENERATORS),
        "Made up to suit the request, the same for the same request: plausible text; JSON that conforms to "
        "the response format's schema; a call of the wanted tool; an embedding of the input.",
    )
    embedding: tuple[float, ...] | None = key(
        ListOf(Number(-_INFINITY, _INFINITY)), "The vector every input gets.", default=None
    )
    finish_reason: str | None = key(
        Choice(FINISH_REASONS), "Why the answer ends. Setting it also keeps the text from being cut."
    )
    warning: str | None = key(Text(), "A top-level `warning`, as answers of deprecated models carry.")
    id: str | None = key(Text(), "The answer's id.")
    created: float | None = key(Number(0, _INFINITY), "When it was made, in seconds since 1970.")
    model: str | None = key(Text(), "The model the answer names.")
    usage: UsageSpec | None = key(Record(UsageSpec, "usage"), "Token counts to report.")
    status: int = key(Number(200, 599, whole=True), "The HTTP status.", default=200)
    headers: dict[str, str] | None = key(MappingOf(Text(), "header names to values"), "HTTP headers to add or replace.")
    body: Json = key(
        AnyJson(), "The whole body, as JSON or as text; nothing is added to it, a model's warning neither."
    )


def _short_response(node: Node, source: Source) -> ResponseSpec:
    return ResponseSpec(text=Text("the answer's text").read(node, source), place=source.place(node))


_CONTENT = ("text", "tool_calls", "refusal", "generate", "embedding", "body")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")


def _check_response(record: ResponseSpec, nodes: Mapping[str, Node], node: Node, source: Source) -> None:
    given = [name for name in _CONTENT if name in nodes]
    if not given:
        source.note(node, f"a response needs one of {', '.join(_CONTENT)}")
    elif len(given) > 1 and given != ["text", "tool_calls"]:
        source.note(nodes[given[1]], f"'{given[0]}' and '{given[1]}' cannot stand in one response")
    if "body" in nodes:
        if record.body is None:
            source.note(nodes["body"], "expected JSON or text, got nothing: an empty body is ''")
        for name in ("id", "created", "model", "usage", "finish_reason", "warning", "reasoning"):
            if name in nodes:
                source.note(nodes[name], f"'body' is sent as it is: put '{name}' into it")
    if record.embedding is not None or record.generate == "embedding":
        for name in ("id", "created", "finish_reason", "warning", "reasoning"):
            if name in nodes:
                source.note(nodes[name], f"an answer to embeddings has no '{name}'")
    if "headers" in nodes and isinstance(nodes["headers"], yaml.MappingNode):
        for name, key_node, value_node in source.entries(nodes["headers"], "headers"):
            value = (record.headers or {}).get(name, "")
            if not _HEADER_NAME.match(name):
                source.note(key_node, f"'{name}' is not a header's name")
            if not value.isascii() or any(ord(c) < 32 or ord(c) == 127 for c in value):
                source.note(value_node, "a header's value is printable ASCII on one line")


class StubSpec(Spec):
    """A rule: which calls it answers and with what. The first stub that matches answers."""

    name: str | None = key(Text("a name"), "How logs and headers call the stub; `FILE#N` when left out.")
    match: Match = key(Record(Match, "match"), "Which calls it answers; every call when left out.", default=Match())
    response: ResponseSpec = required(
        Record(
            ResponseSpec,
            "response",
            short=_short_response,
            short_expected="the answer's text",
            check=_check_response,
        ),
        "what is answered",
    )


class ModelSpec(Spec):
    """A model that GET /models lists."""

    id: str = required(Text("a model's id"), "The model's id.")
    warning: str | None = key(
        Text(), "The model is deprecated: the `warning` that every completion asked of it carries."
    )
    owned_by: str | None = key(Text(), "Who owns it; `mockserver` when left out.")
    created: int | None = key(Number(0, _INFINITY, whole=True), "When it was made, in seconds since 1970.")
    exact: bool | None = key(
        Boolean(),
        "Whether requests to it are validated as strictly as the real API does; as `--exact` says when left out.",
    )


def _short_model(node: Node, source: Source) -> ModelSpec:
    return ModelSpec(id=Text("a model's id").read(node, source))


class Policy(Spec):
    """Whether models that nobody declared may be asked for, and where the file says so."""

    refuse: bool = False


class _PolicyKind:
    """Reads a policy, which keeps its place: files must not contradict each other."""

    words = Choice(("accept", "refuse"))
    expected = words.expected

    def read(self, node: Node, source: Source) -> Policy:
        """The policy a word stands for."""
        return Policy(refuse=self.words.read(node, source) == "refuse", place=source.place(node))


class FileSpec(Spec):
    """A fixture file. Keys that begin with `x-` are passed over: a place for anchors."""

    models: tuple[ModelSpec, ...] = key(
        ListOf(Record(ModelSpec, "a model", short=_short_model, short_expected="a model's id")),
        "The models that GET /models lists, instead of the public catalogue.",
        default=(),
    )
    unknown_models: Policy | None = key(
        _PolicyKind(),
        "What becomes of a request for any other model: `accept`, as when left out, or `refuse`, with the API's 404.",
    )
    stubs: tuple[StubSpec, ...] = key(
        ListOf(Record(StubSpec, "a stub")), "The stubs, in the order in which they are tried.", default=()
    )


FILE = Record(FileSpec, "a fixture file", extras=True)


def read_file(node: Node, source: Source) -> FileSpec | None:
    """The file's record, or None where problems were noted."""
    if isinstance(node, yaml.SequenceNode):
        source.note(node, "expected a mapping with the key 'stubs', got a list: write 'stubs:' above it")
        return None
    try:
        return FILE.read(node, source)
    except Invalid:
        return None
