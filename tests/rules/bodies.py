"""Bodies of requests: what clients send by themselves, and with every parameter at once."""

from typing import Any

SAY = {"role": "user", "content": "hi"}
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather in a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
            "additionalProperties": False,
        },
        "strict": True,
    },
}
ASK: dict[str, Any] = {
    "role": "assistant",
    "content": None,
    "tool_calls": [
        {"id": "call_a", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Rome"}'}}
    ],
}
ANSWER = {"role": "tool", "tool_call_id": "call_a", "content": "Sunny"}


def chat(**fields: Any) -> dict[str, Any]:
    """A chat request to a model without limits of its own, with some fields set."""
    return {"model": "some-model", "messages": [SAY], **fields}


def terra(**fields: Any) -> dict[str, Any]:
    """A chat request to the model most wordings were measured with."""
    return chat(model="gpt-5.6-terra") | fields


def completion(**fields: Any) -> dict[str, Any]:
    """A legacy completion request."""
    return {"model": "gpt-3.5-turbo-instruct", "prompt": "Once", **fields}


def embedding(**fields: Any) -> dict[str, Any]:
    """An embeddings request."""
    return {"model": "text-embedding-3-small", "input": "hi", **fields}


GENERATED_CHAT = chat(
    model="gpt-6-astra",
    messages=[{"role": "developer", "content": "string", "name": "name"}],
    audio={"format": "wav", "voice": "alloy"},
    frequency_penalty=-2,
    function_call="none",
    functions=[{"name": "name", "description": "description", "parameters": {"foo": "bar"}}],
    logit_bias={"foo": 0},
    logprobs=True,
    max_completion_tokens=0,
    max_tokens=0,
    metadata={"foo": "string"},
    modalities=["text"],
    moderation={"model": "model", "policy": {"input": {"mode": "score"}, "output": {"mode": "score"}}},
    n=1,
    parallel_tool_calls=True,
    prediction={"content": "string", "type": "content"},
    presence_penalty=-2,
    prompt_cache_key="prompt-cache-key-1234",
    prompt_cache_options={"mode": "implicit", "ttl": "30m"},
    prompt_cache_retention="in_memory",
    reasoning_effort="none",
    response_format={"type": "text"},
    safety_identifier="safety-identifier-1234",
    seed=-9007199254740991,
    service_tier="auto",
    stop="\n",
    store=True,
    stream=False,
    stream_options={"include_obfuscation": True, "include_usage": True},
    temperature=1,
    tool_choice="none",
    tools=[
        {
            "type": "function",
            "function": {
                "name": "name",
                "description": "description",
                "parameters": {"foo": "bar"},
                "strict": True,
            },
        }
    ],
    top_logprobs=0,
    top_p=1,
    user="user-1234",
    verbosity="low",
    web_search_options={
        "search_context_size": "low",
        "user_location": {
            "type": "approximate",
            "approximate": {"city": "city", "country": "country", "region": "region", "timezone": "timezone"},
        },
    },
)
"""Every parameter, as the generated test suites of the official SDKs send them."""

GENERATED_COMPLETION = completion(
    prompt="This is a test.",
    best_of=0,
    echo=True,
    frequency_penalty=-2,
    logit_bias={"foo": 0},
    logprobs=0,
    max_tokens=16,
    n=1,
    presence_penalty=-2,
    seed=0,
    stop="\n",
    stream=False,
    stream_options={"include_obfuscation": True, "include_usage": True},
    suffix="test.",
    temperature=1,
    top_p=1,
    user="user-1234",
)
GENERATED_EMBEDDING = embedding(dimensions=1, encoding_format="float", user="user-1234")

ORDINARY: list[tuple[str, dict[str, Any]]] = [
    ("chat", chat()),
    ("chat", chat(stream=True, stream_options={"include_usage": True}, max_completion_tokens=5)),
    ("chat", chat(stream=False, temperature=0.7, top_p=1, n=2, stop=["a", "b"], seed=1, user="u")),
    ("chat", chat(temperature=None, stop=None, tools=None, tool_choice=None, stream_options=None)),
    ("chat", chat(tools=[WEATHER], tool_choice="auto", parallel_tool_calls=False)),
    ("chat", chat(tools=[WEATHER], tool_choice={"type": "function", "function": {"name": "weather"}})),
    ("chat", chat(tools=[WEATHER], messages=[SAY, ASK, ANSWER])),
    ("chat", chat(tools=[{"type": "custom", "custom": {"name": "sql", "format": {"type": "text"}}}])),
    ("chat", chat(functions=[{"name": "f", "parameters": {}}], function_call={"name": "f"})),
    (
        "chat",
        chat(
            messages=[
                SAY,
                {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}},
                {"role": "function", "name": "f", "content": "1"},
            ]
        ),
    ),
    (
        "chat",
        chat(
            messages=[
                {"role": "developer", "content": [{"type": "text", "text": "a"}]},
                {"role": "system", "content": "b", "name": "boss"},
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": "look"},
                        {
                            "type": "image_url",
                            "image_url": {"url": "data:image/png;base64,", "detail": "low"},
                        },
                        {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
                        {"type": "file", "file": {"file_id": "file-1"}},
                    ],
                },
                {
                    "role": "assistant",
                    "content": None,
                    "refusal": "No.",
                    "annotations": [],
                    "audio": None,
                    "tool_calls": None,
                    "function_call": None,
                },
                {"role": "user", "content": ""},
                {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]},
                {"role": "user", "content": []},
            ]
        ),
    ),
    (
        "chat",
        chat(
            response_format={
                "type": "json_schema",
                "json_schema": {
                    "name": "answer",
                    "strict": True,
                    "schema": {
                        "type": "object",
                        "properties": {"a": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
                        "required": ["a"],
                        "additionalProperties": False,
                    },
                },
            }
        ),
    ),
    (
        "chat",
        chat(response_format={"type": "json_object"}, messages=[{"role": "user", "content": "In Json."}]),
    ),
    ("chat", terra(reasoning_effort="none", temperature=0.2, logprobs=True, top_logprobs=5, n=8)),
    ("chat", terra(prompt_cache_retention="24h", verbosity="low", max_completion_tokens=1)),
    ("completions", completion()),
    ("completions", completion(prompt=None)),
    ("completions", completion(prompt=["a", ""])),
    ("completions", completion(prompt=[1, 2])),
    ("completions", completion(prompt=[[1], [2, 3]], echo=True, logprobs=1, max_tokens=0)),
    (
        "completions",
        completion(
            prompt=["hi"],
            max_tokens=256,
            temperature=0.7,
            top_p=1,
            n=1,
            presence_penalty=0,
            frequency_penalty=0,
            logprobs=None,
            seed=None,
        ),
    ),
    ("completions", completion(n=2, best_of=2, stream=True, stream_options={"include_usage": True})),
    ("embeddings", embedding(encoding_format="base64")),
    ("embeddings", embedding(input=["a", "  \n\t"], dimensions=256, encoding_format=None)),
    ("embeddings", embedding(input=[[15339, 1917], [65]], encoding_format="base64")),
    ("embeddings", embedding(input=[1, 2], dimensions=1536)),
    ("embeddings", embedding(model="text-embedding-ada-002", input=["x"] * 2048)),
]
"""Requests neither level has anything to say about."""

TOLERATED: list[tuple[str, dict[str, Any]]] = [
    ("chat", GENERATED_CHAT),
    ("chat", GENERATED_CHAT | {"stream": True}),
    ("completions", GENERATED_COMPLETION),
    ("completions", GENERATED_COMPLETION | {"stream": True}),
    ("chat", chat(top_k=4, min_p=0.1, repetition_penalty=1.1, guided_json={}, chat_template_kwargs={})),
    ("chat", chat(provider={"order": ["x"]}, transforms=[], route="fallback", enable_thinking=True)),
    ("chat", chat(extra_body={"top_k": 4}, a_parameter_of_tomorrow=[1])),
    ("chat", chat(max_tokens=0)),
    ("chat", chat(max_completion_tokens=0)),
    ("chat", chat(max_tokens=5, max_completion_tokens=5)),
    ("chat", chat(stream=False, stream_options={"include_usage": True})),
    ("chat", chat(stream=True, stream_options={"include_usage": True, "continuous_usage_stats": True})),
    ("chat", chat(tools=[WEATHER], functions=[{"name": "f"}])),
    ("chat", chat(tools=[])),
    ("chat", chat(tools=[{"type": "function", "function": {"name": "a.b/c d", "parameters": {"x": 1}}}])),
    ("chat", chat(tools=[{"type": "web_search", "web_search": {"enable": True}}])),
    ("chat", chat(parallel_tool_calls=True)),
    ("chat", chat(stop=[])),
    ("chat", chat(logit_bias={"hello": 5, "3": 1.5})),
    ("chat", chat(metadata={"tags": ["a"], "n": 1})),
    ("chat", chat(service_tier="scale")),
    ("chat", chat(response_format={"type": "json_object"})),
    ("chat", chat(response_format={"type": "json_object", "schema": {}})),
    ("chat", chat(response_format={"type": "grammar", "grammar": "root ::= x"})),
    ("chat", chat(messages=[{"role": "user"}])),
    ("chat", chat(messages=[SAY, {"role": "assistant", "content": None}])),
    ("chat", chat(messages=[{"role": "user", "content": "hi", "cache_control": {"type": "ephemeral"}}])),
    ("chat", chat(messages=[SAY, {"role": "assistant", "content": "a", "reasoning_content": "b"}, SAY])),
    ("chat", chat(messages=[SAY, {"role": "assistant", "content": "a", "tool_calls": []}, SAY])),
    ("chat", chat(messages=[{"role": "user", "name": "Ada Lovelace", "content": "hi"}])),
    ("chat", chat(messages=[SAY, ASK, SAY, ANSWER])),
    ("chat", chat(messages=[SAY, ASK, SAY])),
    (
        "chat",
        chat(messages=[{"role": "user", "content": [{"type": "image_url", "image_url": "http://x/a.png"}]}]),
    ),
    (
        "chat",
        chat(messages=[{"role": "user", "content": [{"type": "video_url", "video_url": {"url": "http://x/a.mp4"}}]}]),
    ),
    ("chat", terra(temperature=0, max_tokens=5, stop="x", logit_bias={"1": 1})),
    ("chat", chat(model="gpt-3.5-turbo-instruct")),
    ("completions", completion(model="gpt-4o-mini")),
    ("completions", completion(top_k=1, min_p=0.1)),
    ("completions", completion(n=1, best_of=2, stream=True)),
    ("embeddings", embedding(model="gpt-4o")),
    ("embeddings", embedding(input_type="query", truncate="END")),
]
"""Requests that compatible servers take and the real API refuses."""
