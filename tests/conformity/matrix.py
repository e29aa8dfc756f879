"""The requests of the proof: every parameter of every endpoint, alone and together, streamed and not.

`python -m tests.conformity.matrix` prints them.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

Fields = Mapping[str, Any]

SAY = {"role": "user", "content": "hi"}
PNG = "data:image/png;base64,iVBORw0KGgo="
OBJECT = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
CLOSED = OBJECT | {"additionalProperties": False}
WEATHER = {"type": "function", "function": {"name": "weather", "description": "The weather", "parameters": OBJECT}}
STRICT = {"type": "function", "function": {"name": "weather", "parameters": CLOSED, "strict": True}}
CLOCK = {"type": "function", "function": {"name": "clock"}}
CUSTOM = {"type": "custom", "custom": {"name": "sql", "description": "A query", "format": {"type": "text"}}}
FUNCTION = {"name": "weather", "description": "The weather", "parameters": OBJECT}
NAMED = {"type": "function", "function": {"name": "weather"}}
NAMED_CUSTOM = {"type": "custom", "custom": {"name": "sql"}}
ALLOWED = {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [NAMED]}}
CALL = {"id": "call_a", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Rome"}'}}
CALLED: Fields = {"role": "assistant", "content": None, "tool_calls": [CALL]}
RESULT = {"role": "tool", "tool_call_id": "call_a", "content": "Sunny"}


def said(content: Any, **fields: Any) -> list[dict[str, Any]]:
    """A conversation of one user message."""
    return [{"role": "user", "content": content, **fields}]


def json_schema(schema: Fields, **fields: Any) -> dict[str, Any]:
    """A response format with a schema."""
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, **fields}}


BASES: Mapping[str, Fields] = {
    "chat": {"model": "gpt-4o-mini", "messages": [SAY]},
    "completions": {"model": "gpt-3.5-turbo-instruct", "prompt": "Once"},
    "embeddings": {"model": "text-embedding-3-small", "input": "hi"},
}
"""A request to each endpoint; rows add fields to them."""

SAMPLING: Mapping[str, tuple[Any, ...]] = {
    "temperature": (0, 0.7, 1, 2, None),
    "top_p": (0, 0.5, 1, None),
    "presence_penalty": (-2, 0, 0.5, 2),
    "frequency_penalty": (-2, 0, 1.5, 2),
    "n": (1, 2, 5, None),
    "seed": (0, 42, -1, 9_007_199_254_740_991, None),
    "user": ("user-1", ""),
    "logit_bias": ({}, {"50256": -100}, {"1": 100, "2": 0}, None),
}
"""Parameters of both kinds of completions."""

VALUES: Mapping[str, Mapping[str, tuple[Any, ...]]] = {
    "chat": {
        **SAMPLING,
        "model": (
            "gpt-3.5-turbo",
            "gpt-4",
            "gpt-4-0613",
            "gpt-4-turbo",
            "gpt-4o",
            "gpt-4o-2024-08-06",
            "gpt-4.1-nano",
            "gpt-4o-search-preview",
            "gpt-5",
            "gpt-5-nano",
            "gpt-5.6-terra",
            "o1",
            "o3-mini",
            "ft:gpt-4o-mini:org::id",
            "org/model",
            "deprecated-model",
        ),
        "messages": (
            said(""),
            said(None),
            said("Grüße, 你好, 👩‍👩‍👧"),
            said('line\nbreak\ttab "quote" \\ \u2028 \x7f'),
            said("say something known"),
            said("say nothing"),
            said("refuse it"),
            said("think about it"),
            said("filter it"),
            said("call two tools"),
            said("talk and call"),
            said("hi", name="Ada"),
            said([{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]),
            said([{"type": "image_url", "image_url": {"url": PNG}}]),
            said([{"type": "text", "text": "?"}, {"type": "image_url", "image_url": {"url": PNG, "detail": "low"}}]),
            said([{"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}]),
            said([{"type": "file", "file": {"file_id": "file-1"}}]),
            said([{"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"}}]),
            [{"role": "system", "content": "Be brief."}, SAY],
            [{"role": "developer", "content": "Be brief.", "name": "boss"}, SAY],
            [{"role": "developer", "content": [{"type": "text", "text": "Be brief."}]}, SAY],
            [{"role": "developer", "content": "Alone."}],
            [{"role": "system", "content": "Alone."}],
            [SAY, {"role": "assistant", "content": "Hello."}],
            [SAY, {"role": "assistant", "content": [{"type": "text", "text": "Hello."}]}, SAY],
            [SAY, {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]}, SAY],
            [SAY, {"role": "assistant", "content": None, "refusal": "No."}, SAY],
            [SAY, {"role": "assistant", "content": None, "audio": {"id": "audio_1"}}, SAY],
            [SAY, {"role": "assistant", "content": "Hello.", "name": "bot", "annotations": []}, SAY],
            [SAY, CALLED, RESULT],
            [SAY, CALLED, {**RESULT, "content": [{"type": "text", "text": "Sunny"}]}],
            [SAY, {**CALLED, "content": "Let me see."}, RESULT, {"role": "user", "content": "And now?"}],
            [SAY, {**CALLED, "tool_calls": [CALL, {**CALL, "id": "b"}]}, RESULT, {**RESULT, "tool_call_id": "b"}],
            [
                SAY,
                {"role": "assistant", "content": None, "function_call": {"name": "weather", "arguments": "{}"}},
                {"role": "function", "name": "weather", "content": "Sunny"},
            ],
            [SAY, {"role": "assistant", "content": "Hello."}] * 20 + [SAY],
        ),
        "stop": ("\n", ".", ["a"], ["a", "b", ". ", "\n"], "never to be seen", None),
        "max_tokens": (1, 2, 5, 1_000, None),
        "max_completion_tokens": (1, 3, 7, 100_000, None),
        "logprobs": (True, False, None),
        "tools": ([WEATHER], [STRICT], [CLOCK], [WEATHER, CLOCK, CUSTOM], [CUSTOM]),
        "functions": ([FUNCTION], [{"name": "clock"}], [FUNCTION, {"name": "clock", "parameters": {}}]),
        "response_format": (
            {"type": "text"},
            json_schema(OBJECT),
            json_schema(CLOSED, strict=True, description="A city"),
            json_schema({"type": "array", "items": {"type": "integer"}}),
            json_schema(
                {"$defs": {"n": {"type": "number"}}, "type": "object", "properties": {"x": {"$ref": "#/$defs/n"}}}
            ),
        ),
        "metadata": ({}, {"k": "v"}, {f"key{number}": "v" * 512 for number in range(16)}, None),
        "store": (True, False, None),
        "prediction": (
            {"type": "content", "content": "It is so."},
            {"type": "content", "content": [{"type": "text", "text": "It is so."}]},
            None,
        ),
        "modalities": (["text"], None),
        "reasoning_effort": ("none", "minimal", "low", "medium", "high", "xhigh", None),
        "verbosity": ("low", "medium", "high", None),
        "service_tier": ("auto", "default", "flex", "priority", "fast", None),
        "safety_identifier": ("someone", None),
        "prompt_cache_key": ("a key", None),
        "prompt_cache_retention": ("in_memory", "24h", None),
        "prompt_cache_options": ({"mode": "implicit", "ttl": "30m"}, {"mode": "explicit"}),
        "moderation": ({"model": "omni-moderation-latest"}, None),
        "web_search_options": ({}, {"search_context_size": "low"}),
        "parallel_tool_calls": (None,),
        "tool_choice": (None,),
        "top_logprobs": (None, 0),
        "audio": (None,),
        "an_extra_of_some_server": (1, {"nested": [True]}),
    },
    "completions": {
        **SAMPLING,
        "model": ("davinci-002", "babbage-002", "deprecated-model", "org/model"),
        "prompt": (
            "",
            "A longer prompt, with Grüße and 👩‍👩‍👧, to go on from.",
            ["one"],
            ["one", "two", ""],
            [9906, 1917],
            [[9906], [1917, 0]],
            None,
        ),
        "max_tokens": (0, 1, 5, 100, None),
        "stop": ("\n", ".", ["a", "b"], None),
        "echo": (True, False, None),
        "suffix": ("the end.", "", None),
        "best_of": (1, 3, 20, None),
        "logprobs": (0, 1, 5, None),
    },
    "embeddings": {
        "model": ("text-embedding-3-large", "text-embedding-ada-002", "org/model"),
        "input": (
            "Grüße, 👩‍👩‍👧",
            "  \n  \t  ",
            ["one"],
            ["one", "two", "three"],
            [9906, 1917],
            [[9906], [1917, 0]],
            ["x"] * 100,
        ),
        "encoding_format": ("float", "base64", None),
        "dimensions": (1, 2, 256, 1536, None),
        "user": ("user-1",),
    },
}
"""For every parameter of an endpoint values it takes, each a request of its own."""

KNOWN = {"messages": said("say something known")}
CHOSEN = {"tools": [WEATHER, CLOCK]}
SCORED = {"logprobs": True, "top_logprobs": 2}

COMBINATIONS: Mapping[str, tuple[Fields, ...]] = {
    "chat": (
        *({**CHOSEN, "tool_choice": choice} for choice in ("none", "auto", "required", NAMED, ALLOWED)),
        *({**CHOSEN, "tool_choice": "required", "parallel_tool_calls": value} for value in (True, False)),
        {"tools": [CUSTOM], "tool_choice": NAMED_CUSTOM},
        {"tools": [CUSTOM], "tool_choice": "required"},
        {"tools": [STRICT], "tool_choice": "required", "n": 3},
        {"tools": [WEATHER], "tool_choice": "required", "max_tokens": 2},
        {"tools": [WEATHER], "tool_choice": "required", "model": "gpt-5"},
        {"tools": [WEATHER], "messages": said("What is the weather in Rome?")},
        {"tools": [WEATHER], "messages": [SAY, CALLED, RESULT]},
        {"tools": [WEATHER], "messages": said("call two tools")},
        {"tools": [WEATHER], "messages": said("talk and call"), "n": 2},
        {"functions": [FUNCTION], "function_call": "none"},
        {"functions": [FUNCTION], "function_call": "auto"},
        {"functions": [FUNCTION], "function_call": {"name": "weather"}},
        {"functions": [FUNCTION], "messages": said("What is the weather in Rome?")},
        {"functions": [FUNCTION], "function_call": {"name": "weather"}, "n": 2},
        {"response_format": {"type": "json_object"}, "messages": said("As json.")},
        {"response_format": {"type": "json_object"}, "messages": said("As json."), "n": 2, "max_tokens": 3},
        {"response_format": json_schema(CLOSED, strict=True), "max_completion_tokens": 4},
        {"response_format": json_schema(CLOSED, strict=True), **SCORED},
        *({"logprobs": True, "top_logprobs": count} for count in (0, 1, 5, 20)),
        {**KNOWN, **SCORED},
        {**KNOWN, **SCORED, "n": 2},
        {**KNOWN, **SCORED, "max_tokens": 6},
        {**KNOWN, **SCORED, "stop": " fox"},
        {**SCORED, "model": "gpt-4.1"},
        {**SCORED, "messages": said("refuse it")},
        {**SCORED, "messages": said("say nothing")},
        {**SCORED, "tools": [WEATHER], "tool_choice": "required"},
        {**KNOWN, "n": 3},
        {**KNOWN, "n": 2, "max_tokens": 4},
        *({**KNOWN, "max_tokens": limit} for limit in (1, 10, 20, 30, 40)),
        *({**KNOWN, "stop": stop} for stop in ("O", "three", ["lazy", "quick"], "好", "👧", "\n")),
        {"messages": said("refuse it"), "max_tokens": 3},
        {"messages": said("refuse it"), "n": 2},
        {"messages": said("think about it"), "n": 2},
        {"messages": said("think about it"), "max_completion_tokens": 3},
        {"messages": said("say nothing"), "n": 3},
        {"model": "gpt-5", "reasoning_effort": "high", "verbosity": "low", "max_completion_tokens": 50},
        {"model": "gpt-5", "reasoning_effort": "minimal", "n": 2},
        {"model": "deprecated-model", "n": 2},
        {"store": True, "metadata": {"k": "v"}, "user": "user-1", "seed": 7, "service_tier": "flex"},
        {"temperature": None, "top_p": None, "stop": None, "tools": None, "tool_choice": None, "n": None},
        {"top_k": 4, "min_p": 0.1, "chat_template_kwargs": {}, "guided_json": {}},
        {
            "temperature": 0.5,
            "top_p": 0.9,
            "n": 2,
            "stop": ["END"],
            "max_completion_tokens": 20,
            "presence_penalty": 0.1,
            "frequency_penalty": 0.1,
            "logit_bias": {"1": 1},
            "logprobs": True,
            "top_logprobs": 3,
            "user": "user-1",
            "seed": 1,
            "tools": [WEATHER],
            "tool_choice": "auto",
            "parallel_tool_calls": False,
            "response_format": {"type": "text"},
            "service_tier": "auto",
            "store": False,
            "metadata": {"k": "v"},
            "modalities": ["text"],
            "prediction": {"type": "content", "content": "x"},
        },
    ),
    "completions": (
        {"echo": True, "max_tokens": 0},
        {"echo": True, "max_tokens": 0, "logprobs": 1},
        {"echo": True, "logprobs": 5, "n": 2},
        {"echo": True, "logprobs": 2, "prompt": ["one two", "three"]},
        {"echo": True, "logprobs": 2, "prompt": [9906, 1917]},
        {"echo": True, "prompt": [[9906], [1917]], "n": 2},
        {"echo": True, "stop": "e"},
        {"echo": True, "prompt": None},
        {"echo": True, "prompt": "Grüße 👩‍👩‍👧", "logprobs": 1},
        {"logprobs": 3, "max_tokens": 1},
        {"logprobs": 3, "stop": [" "]},
        {"logprobs": 1, "max_tokens": 0},
        {"n": 2, "prompt": ["one", "two"]},
        {"n": 2, "best_of": 2},
        {"n": 3, "best_of": 5, "logprobs": 1, "stream": False},
        {"n": 2, "prompt": [[1], [2], [3]], "max_tokens": 2},
        {"suffix": "the end.", "logprobs": 3},
        {"suffix": "the end.", "echo": True},
        {"prompt": "say something known", "max_tokens": 100, "logprobs": 2},
        {"prompt": "say something known", "max_tokens": 7, "echo": True},
        {"prompt": "say nothing", "logprobs": 2},
        {"prompt": "say nothing", "echo": True},
        {"model": "deprecated-model", "n": 2},
        {
            "prompt": ["hi"],
            "max_tokens": 256,
            "temperature": 0.7,
            "top_p": 1,
            "n": 1,
            "presence_penalty": 0,
            "frequency_penalty": 0,
            "logprobs": None,
            "seed": None,
        },
    ),
    "embeddings": (
        {"dimensions": 256, "encoding_format": "base64"},
        {"dimensions": 3072, "model": "text-embedding-3-large"},
        {"dimensions": 3, "input": ["one", "two"]},
        {"encoding_format": "base64", "input": [[9906], [1917]]},
        {"encoding_format": "base64", "input": ["one", "two"], "model": "text-embedding-ada-002"},
        {"encoding_format": "base64", "input": "say something known", "user": "user-1"},
        {"input": ["one"] * 2048, "dimensions": 1},
    ),
}
"""Requests in which parameters meet."""

OPTIONS: tuple[Fields, ...] = (
    {"include_usage": True},
    {"include_usage": False},
    {"include_usage": True, "include_obfuscation": False},
    {"include_obfuscation": True},
    {"include_obfuscation": False},
    {},
)
"""Values of `stream_options`."""

MOMENTS: Mapping[str, tuple[Fields, ...]] = {
    "chat": (
        KNOWN,
        {"n": 2},
        {"messages": said("say nothing")},
        {"messages": said("refuse it")},
        {"messages": said("call two tools")},
        {"functions": [FUNCTION], "function_call": {"name": "weather"}},
        {**KNOWN, **SCORED},
    ),
    "completions": ({}, {"n": 2, "echo": True}, {"logprobs": 2}),
}
"""Requests that are streamed with each of the options."""

REFUSED: tuple[tuple[str, Fields, int], ...] = (
    ("chat", {"model": None}, 400),
    ("chat", {"model": ""}, 400),
    ("chat", {"model": 7}, 400),
    ("chat", {"messages": None}, 400),
    ("chat", {"messages": []}, 400),
    ("chat", {"messages": "hi"}, 400),
    ("chat", {"messages": ["hi"]}, 400),
    ("chat", {"messages": [{"content": "hi"}]}, 400),
    ("chat", {"messages": [{"role": "bogus", "content": "hi"}]}, 400),
    ("chat", {"messages": [{"role": "user", "content": 7}]}, 400),
    ("chat", {"messages": said([{"text": "hi"}])}, 400),
    ("chat", {"messages": said([{"type": "text"}])}, 400),
    ("chat", {"messages": [SAY, RESULT]}, 400),
    ("chat", {"messages": [SAY, {"role": "tool", "content": "x"}]}, 400),
    ("chat", {"temperature": 9}, 400),
    ("chat", {"temperature": "1"}, 400),
    ("chat", {"top_p": 1.1}, 400),
    ("chat", {"presence_penalty": -2.5}, 400),
    ("chat", {"frequency_penalty": 3}, 400),
    ("chat", {"n": 0}, 400),
    ("chat", {"n": 1.5}, 400),
    ("chat", {"n": 129}, 400),
    ("chat", {"stop": 7}, 400),
    ("chat", {"stop": ["a", "b", "c", "d", "e"]}, 400),
    ("chat", {"max_tokens": -1}, 400),
    ("chat", {"max_completion_tokens": "10"}, 400),
    ("chat", {"logprobs": 5}, 400),
    ("chat", {"top_logprobs": 2}, 400),
    ("chat", {"logprobs": True, "top_logprobs": 21}, 400),
    ("chat", {"logit_bias": []}, 400),
    ("chat", {"seed": 1.5}, 400),
    ("chat", {"stream": "yes"}, 400),
    ("chat", {"stream_options": {"include_usage": True}}, 400),
    ("chat", {"stream": True, "stream_options": {"include_usage": "yes"}}, 400),
    ("chat", {"tools": {}}, 400),
    ("chat", {"tools": [{}]}, 400),
    ("chat", {"tools": [{"type": "function", "function": {}}]}, 400),
    ("chat", {"tool_choice": "auto"}, 400),
    ("chat", {**CHOSEN, "tool_choice": "maybe"}, 400),
    ("chat", {**CHOSEN, "tool_choice": {"type": "function", "function": {"name": "unknown"}}}, 400),
    ("chat", {"functions": [{}]}, 400),
    ("chat", {"response_format": "json"}, 400),
    ("chat", {"response_format": {"type": "json_schema"}}, 400),
    ("chat", {"reasoning_effort": "most"}, 400),
    ("chat", {"service_tier": "gold"}, 400),
    ("chat", {"metadata": "k"}, 400),
    ("chat", {"prediction": {"type": "other"}}, 400),
    ("chat", {"modalities": ["smell"]}, 400),
    ("completions", {"model": None}, 400),
    ("completions", {"prompt": []}, 400),
    ("completions", {"prompt": 7}, 400),
    ("completions", {"prompt": ["a", 1]}, 400),
    ("completions", {"max_tokens": -1}, 400),
    ("completions", {"logprobs": 6}, 400),
    ("completions", {"logprobs": True}, 400),
    ("completions", {"n": 2, "best_of": 1}, 400),
    ("completions", {"best_of": 21}, 400),
    ("completions", {"echo": "yes"}, 400),
    ("completions", {"suffix": 1}, 400),
    ("embeddings", {"model": None}, 400),
    ("embeddings", {"input": None}, 400),
    ("embeddings", {"input": ""}, 400),
    ("embeddings", {"input": []}, 400),
    ("embeddings", {"input": ["a", ""]}, 400),
    ("embeddings", {"input": ["a", 1]}, 400),
    ("embeddings", {"input": ["x"] * 2049}, 400),
    ("embeddings", {"dimensions": 0}, 400),
    ("embeddings", {"dimensions": 1.5}, 400),
    ("embeddings", {"dimensions": 4096}, 400),
    ("embeddings", {"dimensions": 1_000_000_000, "model": "org/model"}, 400),
    ("embeddings", {"dimensions": 256, "model": "text-embedding-ada-002"}, 400),
    ("embeddings", {"encoding_format": "hex"}, 400),
)
"""Requests that no server takes: endpoint, fields, status."""

PATHS: tuple[tuple[str, str, int], ...] = (
    ("GET", "/v1/models", 200),
    ("GET", "/models", 200),
    ("GET", "/v1/models/gpt-4o", 200),
    ("GET", "/v1/models/org/model", 200),
    ("GET", "/v1/models/org%2Fmodel", 200),
    ("GET", "/v1/models/ft:gpt-4o-mini:org::id", 200),
    ("GET", "/v1/models/never-heard-of", 200),
    ("GET", "/v1/chat/completions/chatcmpl-unknown", 404),
    ("POST", "/v1/models", 405),
    ("GET", "/v1/completions", 405),
    ("GET", "/v1/embeddings", 405),
    ("PUT", "/v1/chat/completions", 405),
    ("PATCH", "/v1/embeddings", 405),
    ("GET", "/v1/nothing", 404),
    ("POST", "/v1/nothing", 404),
    ("POST", "/", 404),
)
"""Requests without a body: method, path, status."""


class Row(NamedTuple):
    """One request: what is sent where, and the status of its answer. GET, where there is no body."""

    name: str
    endpoint: str
    body: Fields
    status: int = 200

    @property
    def stream(self) -> bool:
        """Whether a stream is asked for."""
        return self.body.get("stream") is True


def request(endpoint: str, fields: Fields) -> dict[str, Any]:
    """A request with some fields; those that are None on purpose stay null."""
    return {**BASES[endpoint], **fields}


def _answered(endpoint: str) -> Iterator[Fields]:
    for name, values in VALUES[endpoint].items():
        yield from ({name: value} for value in values)
    yield from COMBINATIONS[endpoint]


def _rows() -> Iterator[Row]:
    for endpoint in BASES:
        for fields in _answered(endpoint):
            yield Row(_name(endpoint, fields), endpoint, request(endpoint, fields))
    for endpoint, moments in MOMENTS.items():
        for fields in _answered(endpoint):
            if fields.get("best_of") is None:
                streamed = {**fields, "stream": True}
                yield Row(_name(endpoint, streamed), endpoint, request(endpoint, streamed))
        for fields in moments:
            for options in OPTIONS:
                streamed = {**fields, "stream": True, "stream_options": options}
                yield Row(_name(endpoint, streamed), endpoint, request(endpoint, streamed))
    for endpoint, fields, status in REFUSED:
        yield Row(_name(endpoint, fields), endpoint, request(endpoint, fields), status)


def _name(endpoint: str, fields: Fields) -> str:
    shown = json.dumps(fields)
    return f"{endpoint} {shown if len(shown) <= 100 else shown[:97] + '...'}"


ROWS: tuple[Row, ...] = tuple(_rows())
"""The requests with a body."""

if __name__ == "__main__":
    print(*(f"{row.status} {row.name}" for row in ROWS), sep="\n")
    print(*(f"{status} {method} {path}" for method, path, status in PATHS), sep="\n")
    print(f"{len(ROWS) + len(PATHS)} requests")
