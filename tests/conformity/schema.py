"""The published schema of answers, and the few places where the real API departs from it.

The document is lax: it lets an answer have any further key. Here a key it does not name is a fault.
"""

import json
from collections.abc import Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from jsonschema import Draft202012Validator

DOCUMENT = Path(__file__).parent / "openai-subset.json"

CHAT = "CreateChatCompletionResponse"
CHAT_CHUNK = "CreateChatCompletionStreamResponse"
COMPLETION = "CreateCompletionResponse"
COMPLETION_CHUNK = "CreateCompletionResponse.chunk"
CHAT_STORED = "CreateChatCompletionResponse.stored"
CHAT_LIST = "ChatCompletionList"
CHAT_DELETED = "ChatCompletionDeleted"
MESSAGE_LIST = "ChatCompletionMessageList"
EMBEDDINGS = "CreateEmbeddingResponse"
MODELS = "ListModelsResponse"
MODEL = "Model"
ERROR = "ErrorResponse"

_MESSAGE = "ChatCompletionResponseMessage"
_DELTA = "ChatCompletionStreamResponseDelta"
_TOOL_CALL_CHUNK = "ChatCompletionMessageToolCallChunk"
_STRING_OR_NULL = {"type": ["string", "null"]}
_CUSTOM = {"messages": [{"role": "user", "content": "hi"}], "tools": [{"type": "custom", "custom": {"name": "sql"}}]}
_COMPLETION_REASONS = ["stop", "length", "content_filter"]
_CHOICE = "properties/choices/items/properties"


class Deviation(NamedTuple):
    """A place where the wire is right and the schema is not: what stands there instead, and why.

    `place` is a path below the document's schemas; `endpoint` and `fields` are a request whose answer shows it.
    """

    place: str
    instead: Any
    reason: str
    endpoint: str
    fields: Mapping[str, Any]


DEVIATIONS: tuple[Deviation, ...] = (
    Deviation(
        f"{CHAT}/properties/system_fingerprint",
        _STRING_OR_NULL,
        "null on gpt-5, gpt-4-0613 and gpt-3.5-turbo (recordings)",
        "chat",
        {"model": "gpt-5"},
    ),
    Deviation(
        f"{CHAT_CHUNK}/properties/system_fingerprint",
        _STRING_OR_NULL,
        "null on gpt-5, gpt-4-0613 and gpt-3.5-turbo (recordings)",
        "chat",
        {"model": "gpt-5", "stream": True},
    ),
    Deviation(
        f"{CHAT}/properties/choices/items/required",
        ["finish_reason", "index", "message"],
        "`logprobs` is absent on gpt-5, audio and search models (recordings)",
        "chat",
        {"model": "gpt-5"},
    ),
    Deviation(
        f"{COMPLETION_CHUNK}/{_CHOICE}/finish_reason",
        {"enum": [*_COMPLETION_REASONS, None]},
        "null until the last piece of text: chunks share the schema of answers (recordings)",
        "completions",
        {"stream": True},
    ),
    Deviation(
        f"{COMPLETION_CHUNK}/properties/usage",
        {"anyOf": [{"$ref": "#/components/schemas/CompletionUsage"}, {"type": "null"}]},
        "null until the last chunk with `include_usage` (recordings)",
        "completions",
        {"stream": True, "stream_options": {"include_usage": True}},
    ),
    Deviation(
        "Embedding/properties/embedding",
        {"anyOf": [{"type": "array", "items": {"type": "number"}}, {"type": "string"}]},
        "a string with `encoding_format: base64` (recordings)",
        "embeddings",
        {"encoding_format": "base64"},
    ),
    *(
        Deviation(
            f"{name}/{_CHOICE}/logprobs/anyOf/0/properties/{array}/items",
            {"anyOf": [items, {"type": "null"}]},
            "nothing stands before the first token of an echoed prompt (recordings)",
            "completions",
            {"echo": True, "logprobs": 1, **streamed},
        )
        for name, streamed in ((COMPLETION, {}), (COMPLETION_CHUNK, {"stream": True}))
        for array, items in (
            ("token_logprobs", {"type": "number"}),
            ("top_logprobs", {"type": "object", "additionalProperties": {"type": "number"}}),
        )
    ),
    *(
        Deviation(
            f"{name}/properties/warning",
            {"type": "string"},
            "answers of deprecated models (public reports)",
            endpoint,
            {"model": "deprecated-model", **streamed},
        )
        for name, endpoint, streamed in (
            (CHAT, "chat", {}),
            (CHAT_CHUNK, "chat", {"stream": True}),
            (COMPLETION, "completions", {}),
            (COMPLETION_CHUNK, "completions", {"stream": True}),
        )
    ),
    *(
        Deviation(
            f"{name}/properties/reasoning_content",
            _STRING_OR_NULL,
            "how compatible servers show what a model thought",
            "chat",
            {"messages": [{"role": "user", "content": "think about it"}], **streamed},
        )
        for name, streamed in ((_MESSAGE, {}), (_DELTA, {"stream": True}))
    ),
    *(
        Deviation(
            f"{_TOOL_CALL_CHUNK}/properties/{key}",
            instead,
            "calls of custom tools are streamed too; the document only has them in whole answers",
            "chat",
            {**_CUSTOM, "tool_choice": "required", "stream": True},
        )
        for key, instead in (
            ("type", {"enum": ["function", "custom"]}),
            ("custom", {"type": "object", "properties": {"name": {"type": "string"}, "input": {"type": "string"}}}),
        )
    ),
)


ASKED = (
    "request_id",
    "tool_choice",
    "seed",
    "top_p",
    "temperature",
    "presence_penalty",
    "frequency_penalty",
    "input_user",
    "tools",
    "response_format",
)
"""What stored completions have besides: what was asked. In the API's published example, not in its schema."""


@cache
def validator(name: str, *, without: str = "") -> Draft202012Validator:
    """A schema's validator with the deviations, or with all but that of one place."""
    parts = components(without)
    Draft202012Validator.check_schema(parts["schemas"][name])
    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": parts})


def faults(name: str, value: Any) -> list[str]:
    """What is wrong with a value, each fault with its place."""
    if validator(name).is_valid(value):
        return []
    return [f"{error.json_path}: {error.message}" for error in validator(name).iter_errors(value)]


@cache
def components(without: str = "") -> dict[str, Any]:
    """The document's components with the deviations, or with all but that of one place; objects are closed."""
    components: dict[str, Any] = json.loads(DOCUMENT.read_text(encoding="utf-8"))["components"]
    schemas = components["schemas"]
    schemas[COMPLETION_CHUNK] = deepcopy(schemas[COMPLETION])
    for deviation in DEVIATIONS:
        if deviation.place != without:
            *way, last = deviation.place.split("/")
            node: Any = schemas
            for step in way:
                node = node[int(step)] if isinstance(node, list) else node[step]
            node[last] = deviation.instead
    stored = schemas[CHAT_STORED] = deepcopy(schemas[CHAT])
    stored["properties"] |= {key: {} for key in ASKED}
    schemas[CHAT_LIST]["properties"]["data"]["items"] = {"$ref": f"#/components/schemas/{CHAT_STORED}"}
    listed = schemas[MESSAGE_LIST]["properties"]["data"]["items"]["allOf"]
    listed[0] = {"required": ["role", "content"]}  # the published example has the user's messages, without `refusal`
    _close(schemas)
    return components


def _close(node: Any) -> None:
    """Let objects have no keys but those named; in `allOf` each part names its own, so there it cannot be said."""
    if isinstance(node, dict):
        if isinstance(node.get("properties"), dict):
            node.setdefault("additionalProperties", False)
        for key, part in node.items():
            if key != "allOf":
                _close(part)
    elif isinstance(node, list):
        for part in node:
            _close(part)
