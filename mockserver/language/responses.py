"""`response`: what a stub answers."""

import re
from collections.abc import Mapping
from typing import NamedTuple

import yaml

from mockserver.endpoints import ENDPOINTS
from mockserver.language.beside import BytesFile
from mockserver.language.kinds import ListOf, MappingOf, Number, Record, Schema, Schemas, Spec, Text, key
from mockserver.language.patterns import PATTERN, Pattern
from mockserver.language.said import ANSWER, SAID, AnswerSpec, check_fields, check_said
from mockserver.language.source import Invalid, Json, Node, Source, describe
from mockserver.language.written import TemplateJson, TemplateText

_INFINITY = float("inf")
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


VECTOR = ListOf(Number(-_INFINITY, _INFINITY))


class EmbeddingSpec(NamedTuple):
    """The embedding of inputs that fit a pattern: a vector, or that of the text they are to be like."""

    pattern: Pattern
    vector: tuple[float, ...] | None
    like: str


class _EmbeddingsKind:
    """Reads a mapping of text patterns to vectors, or to texts."""

    expected = "a mapping of text patterns to vectors, or to texts to be like"

    def read(self, node: Node, source: Source) -> tuple[EmbeddingSpec, ...]:
        """The embeddings in the order written, all their mistakes noted."""
        if not isinstance(node, yaml.MappingNode):
            raise source.refuse(node, f"expected {self.expected}, got {describe(node)}")
        source.no_tag(node)
        before = len(source.problems)
        found = []
        for _, key_node, value in source.entries(node, "embeddings"):
            try:
                pattern = PATTERN.read(key_node, source)
                listed = isinstance(value, yaml.SequenceNode)
                vector = VECTOR.read(value, source) if listed else None
                like = "" if listed else Text("a vector, or a text to be like").read(value, source)
                found.append(EmbeddingSpec(pattern, vector, like))
            except Invalid:
                pass  # noted; the others are still read
        if len(source.problems) > before:
            raise Invalid
        return tuple(found)

    def schema(self, defs: Schemas) -> Schema:
        """An object of vectors and texts."""
        return {"type": "object", "additionalProperties": {"anyOf": [VECTOR.schema(defs), Text().schema(defs)]}}


class ResponseSpec(AnswerSpec):
    """What is answered. Text that contains `{{` or `{%` is a template."""

    choices: tuple[AnswerSpec, ...] = key(
        ListOf(ANSWER),
        "Several answers, to requests with `n`, in turn: each a text, or a mapping of the keys above.",
        default=(),
    )
    embedding: tuple[float, ...] | None = key(VECTOR, "The vector every input gets.", default=None)
    embeddings: tuple[EmbeddingSpec, ...] = key(
        _EmbeddingsKind(),
        "Vectors by text patterns: an input gets that of the first pattern that fits, other inputs made up ones. A "
        "text in the place of a vector is a text whose embedding it gets.",
        default=(),
    )
    body: Json = key(
        TemplateJson(), "The whole body, as JSON or as text; nothing is added to it, a model's warning neither."
    )
    body_file: bytes | None = key(
        BytesFile(), "A file with the whole body, by its path from the folder of this one; sent byte for byte."
    )
    id: str | None = key(Text(), "The answer's id.")
    created: float | None = key(Number(0, _INFINITY), "When it was made, in seconds since 1970.")
    model: str | None = key(Text(), "The model the answer names.")
    system_fingerprint: str | None = key(Text(), "The backend that a chat's answer names.")
    service_tier: str | None = key(Text(), "The tier that a chat's answer names.")
    warning: str | None = key(Text(), "A top-level `warning`, as answers of deprecated models carry.")
    usage: UsageSpec | None = key(Record(UsageSpec, "usage"), "Token counts to report.")
    status: int = key(Number(200, 599, whole=True), "The HTTP status.", default=200)
    headers: dict[str, str] | None = key(MappingOf(Text(), "header names to values"), "HTTP headers to add or replace.")

    @property
    def answers(self) -> tuple[AnswerSpec, ...]:
        """What the choices say: all the same, unless there are several."""
        return self.choices or (self,)

    @property
    def calls_tools(self) -> bool:
        """Whether any choice makes tool calls, given or made up."""
        return any(answer.tool_calls or answer.generate == "tool_calls" for answer in self.answers)

    @property
    def makes_calls(self) -> bool:
        """Whether tool calls are made up, for which a tool has to be offered."""
        return any(answer.generate == "tool_calls" for answer in self.answers)

    @property
    def is_raw(self) -> bool:
        """Whether the body is given whole."""
        return self.body is not None or self.body_file is not None


ResponseSpec.keys = {**AnswerSpec.keys, **ResponseSpec.keys}  # what is said comes first

_CONTENT = (*SAID, "choices", "embedding", "embeddings", "body", "body_file")
_HEAD = ("id", "created", "model", "system_fingerprint", "service_tier", "warning")
_OF_CHOICES = ("finish_reason", "reasoning")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")


def _short_response(node: Node, source: Source) -> ResponseSpec:
    return ResponseSpec(text=TemplateText("the answer's text").read(node, source), place=source.place(node))


def _check_response(record: ResponseSpec, nodes: Mapping[str, Node], node: Node, source: Source) -> None:
    check_said(record, nodes, node, source, content=_CONTENT, what="a response")
    check_fields(nodes, source, of_choice=False)
    for raw in ("body", "body_file"):
        if raw in nodes:
            _refuse(
                nodes,
                (*_HEAD, "usage", *_OF_CHOICES, "fields", "omit"),
                f"'{raw}' is sent as it is: put '%s' into it",
                source,
            )
    if "body" in nodes and record.body is None:
        source.note(nodes["body"], "expected JSON or text, got nothing: an empty body is ''")
    if record.choices:
        _refuse(nodes, _OF_CHOICES, "put '%s' into each of the choices", source)
    if record.embedding is not None or record.embeddings or record.generate == "embedding":
        _refuse(
            nodes, (*(n for n in _HEAD if n != "model"), *_OF_CHOICES), "an answer to embeddings has no '%s'", source
        )
    check_headers(nodes.get("headers"), source)


def _refuse(nodes: Mapping[str, Node], names: tuple[str, ...], message: str, source: Source) -> None:
    for name in names:
        if name in nodes:
            source.note(nodes[name], message % name)


def check_headers(headers: Node | None, source: Source) -> None:
    """Note what is no header's name or value in a mapping of headers, which has been read."""
    if not isinstance(headers, yaml.MappingNode):
        return
    for name, key_node, value_node in source.entries(headers, "headers"):
        value: str = value_node.value
        if not _HEADER_NAME.match(name):
            source.note(key_node, f"'{name}' is not a header's name")
        if not value.isascii() or any(ord(c) < 32 or ord(c) == 127 for c in value):
            source.note(value_node, "a header's value is printable ASCII on one line")


RESPONSE = Record(
    ResponseSpec,
    "response",
    short=_short_response,
    short_expected="the answer's text",
    check=_check_response,
    also={"anyOf": [{"required": [name]} for name in _CONTENT]},
)

_ALL = tuple(endpoint.name for endpoint in ENDPOINTS)
_COMPLETES = ("chat", "completions")
_MADE_UP = {
    "auto": _ALL,
    "text": _COMPLETES,
    "json": _COMPLETES,
    "tool_calls": ("chat",),
    "embedding": ("embeddings",),
}


def endpoints_of(response: ResponseSpec) -> tuple[str, ...]:
    """The endpoints that a response can answer."""
    if response.is_raw:
        return _ALL
    if response.embedding is not None or response.embeddings:
        return ("embeddings",)
    possible = [_endpoints_of(answer) for answer in response.answers]
    fitting = tuple(endpoint for endpoint in _ALL if all(endpoint in those for those in possible))
    return tuple(e for e in fitting if e in _COMPLETES) if response.choices else fitting


def _endpoints_of(answer: AnswerSpec) -> tuple[str, ...]:
    if answer.tool_calls or answer.refusal is not None or answer.reasoning is not None:
        return ("chat",)
    return _COMPLETES if answer.generate is None else _MADE_UP[answer.generate]
