"""`response`: what a stub answers."""

import re
from collections.abc import Mapping

import yaml

from mockserver.language.kinds import Choice, ListOf, MappingOf, Number, Record, Spec, Text, key, required
from mockserver.language.source import Json, Node, Source
from mockserver.language.written import TemplateJson, TemplateText

FINISH_REASONS = ("stop", "length", "tool_calls", "content_filter", "function_call")
GENERATORS = ("text", "json", "tool_calls", "embedding")

_INFINITY = float("inf")


class ToolCallSpec(Spec):
    """A tool call in an answer."""

    name: str = required(Text("a tool's name"), "The tool that is called.")
    arguments: Json = key(TemplateJson(), "Its arguments: a mapping, or the JSON text itself; `{}` when left out.")
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

    text: str | None = key(TemplateText(), "The answer's text.")
    refusal: str | None = key(TemplateText(), "The model refuses, with this text.")
    reasoning: str | None = key(
        TemplateText(), "What the model thought first: `reasoning_content`, as compatible servers send it."
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
        TemplateJson(), "The whole body, as JSON or as text; nothing is added to it, a model's warning neither."
    )


def _short_response(node: Node, source: Source) -> ResponseSpec:
    return ResponseSpec(text=TemplateText("the answer's text").read(node, source), place=source.place(node))


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
    check_headers(nodes.get("headers"), source)


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
