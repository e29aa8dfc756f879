"""What the shipped default answers."""

import base64
import json
import math
import struct
import subprocess
import sys
from typing import Any

import httpx
import jsonschema
import pytest

from mockserver import MockServer
from tests.conftest import chat, content, events

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Current weather of a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "unit": {"enum": ["celsius", "fahrenheit"]}},
            "required": ["city", "unit"],
            "additionalProperties": False,
        },
    },
}
PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 18}},
    "required": ["name", "age"],
    "additionalProperties": False,
}


@pytest.mark.parametrize("model", ["gpt-4o", "llama-3", "org/model", "日本"])
def test_any_model_name_is_answered(default_server: MockServer, model: str) -> None:
    """Whatever the model is called, the answer is a plausible text."""
    assert len(content(chat(default_server, "What is a mock server?", model=model)).split()) > 5


def test_the_same_request_gets_the_same_answer(default_server: MockServer) -> None:
    """Answers are made up from the request alone."""
    assert content(chat(default_server, "Why?")) == content(chat(default_server, "Why?"))


def test_different_requests_get_different_answers(default_server: MockServer) -> None:
    """A server that always said the same would hide a client's mix-ups."""
    assert content(chat(default_server, "Tell me of cats")) != content(chat(default_server, "Tell me of rain"))


def test_another_process_gives_the_same_answer(default_server: MockServer) -> None:
    """Neither hash randomisation nor the process takes part in an answer."""
    script = (
        "import httpx, mockserver\n"
        "with mockserver.MockServer() as s:\n"
        "    r = httpx.post(s.base_url + '/chat/completions', json={'model': 'gpt-4o-mini',"
        " 'messages': [{'role': 'user', 'content': 'Why?'}]}, timeout=60)\n"
        "print(r.json()['choices'][0]['message']['content'])"
    )
    printed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == content(chat(default_server, "Why?"))


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_max_tokens_cuts_the_text(default_server: MockServer, name: str) -> None:
    """A cut answer says `length` and counts just the tokens allowed."""
    answer = chat(default_server, "Tell me a story", **{name: 3}).json()
    whole = content(chat(default_server, "Tell me a story", **{name: 2000}))
    assert answer["choices"][0]["finish_reason"] == "length"
    assert answer["usage"]["completion_tokens"] == 3
    assert 0 < len(answer["choices"][0]["message"]["content"]) < len(whole)


def test_a_limit_that_is_not_reached_ends_with_stop(default_server: MockServer) -> None:
    """Only a cut is called `length`."""
    assert chat(default_server, "Hi", max_tokens=2000).json()["choices"][0]["finish_reason"] == "stop"


def test_stop_sequences_cut_the_text(default_server: MockServer) -> None:
    """The text ends before the first stop sequence, with `stop`."""
    asked: dict[str, Any] = {"messages": [{"role": "user", "content": "Tell me a story"}], "seed": 1}
    whole = content(chat(default_server, **asked))
    # the stop sequence is part of the request, so the answer to cut is another one: any letter is in it
    answer = chat(default_server, **asked, stop=["e", "a"]).json()["choices"][0]
    assert answer["finish_reason"] == "stop"
    assert not set("ea") & set(answer["message"]["content"])
    assert len(answer["message"]["content"]) < len(whole)


@pytest.mark.parametrize(
    ("choice", "reason"),
    [
        ("required", "tool_calls"),
        ({"type": "function", "function": {"name": "get_weather"}}, "stop"),
    ],
)
def test_a_demanded_tool_is_called(default_server: MockServer, choice: Any, reason: str) -> None:
    """`tool_choice` gives a call that conforms to the schema; a named one finishes with `stop`, as recorded."""
    answer = chat(default_server, "Hello!", tools=[WEATHER], tool_choice=choice).json()["choices"][0]
    (call,) = answer["message"]["tool_calls"]
    assert call["type"] == "function"
    assert call["function"]["name"] == "get_weather"
    jsonschema.validate(json.loads(call["function"]["arguments"]), WEATHER["function"]["parameters"])  # type: ignore[index]
    assert answer["message"]["content"] is None
    assert answer["finish_reason"] == reason


def test_a_tool_is_called_when_the_message_reads_as_if_it_needed_one(default_server: MockServer) -> None:
    """An apt question calls the tool, small talk does not, `none` forbids it."""
    question = "What's the weather like in Paris?"
    apt = chat(default_server, question, tools=[WEATHER]).json()["choices"][0]
    assert apt["finish_reason"] == "tool_calls"
    assert json.loads(apt["message"]["tool_calls"][0]["function"]["arguments"])["city"] == "Paris"
    for user, choice in (("Hello!", "auto"), (question, "none")):
        other = chat(default_server, user, tools=[WEATHER], tool_choice=choice).json()["choices"][0]
        assert "tool_calls" not in other["message"]


def test_a_tools_result_is_answered_with_text(default_server: MockServer) -> None:
    """An agent loop ends: what follows a tool's result is an answer that reports it."""
    call = {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
    messages = [
        {"role": "user", "content": "What's the weather like in Paris?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "sunny, 21 degrees"},
    ]
    answer = chat(default_server, messages=messages, tools=[WEATHER]).json()["choices"][0]
    assert answer["finish_reason"] == "stop"
    assert "sunny, 21 degrees" in answer["message"]["content"]


def test_structured_output_conforms_to_its_schema(default_server: MockServer) -> None:
    """A JSON schema gives an object that conforms to it."""
    wanted = {"type": "json_schema", "json_schema": {"name": "person", "schema": PERSON, "strict": True}}
    jsonschema.validate(json.loads(content(chat(default_server, "Who?", response_format=wanted))), PERSON)


def test_json_mode_gives_an_object(default_server: MockServer) -> None:
    """`json_object` gives some JSON object."""
    text = content(chat(default_server, "Some JSON please", response_format={"type": "json_object"}))
    assert isinstance(json.loads(text), dict)


def embed(client: httpx.Client, text: Any, **fields: Any) -> dict[str, Any]:
    """One embeddings request."""
    response = client.post("/embeddings", json={"model": "text-embedding-3-small", "input": text, **fields})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def test_embeddings_have_unit_length(http: httpx.Client) -> None:
    """Vectors have the model's size and the length 1, shortened ones too."""
    for fields, size in (({}, 1536), ({"dimensions": 256}, 256), ({"model": "text-embedding-3-large"}, 3072)):
        vector = embed(http, "a text", **fields)["data"][0]["embedding"]
        assert len(vector) == size
        assert math.isclose(math.sqrt(sum(x * x for x in vector)), 1, abs_tol=1e-5)


def test_embeddings_keep_the_order_of_their_inputs(http: httpx.Client) -> None:
    """Each input gets its own vector, the same wherever it stands."""
    answer = embed(http, ["one", "two", "one"])
    assert [item["index"] for item in answer["data"]] == [0, 1, 2]
    one, two, again = (item["embedding"] for item in answer["data"])
    assert one == again != two
    assert answer["usage"]["prompt_tokens"] == answer["usage"]["total_tokens"] > 0


def test_base64_embeddings_are_the_same_vectors(http: httpx.Client) -> None:
    """base64 carries the float32 numbers that the JSON form spells."""
    floats = embed(http, "a text")["data"][0]["embedding"]
    packed = base64.b64decode(embed(http, "a text", encoding_format="base64")["data"][0]["embedding"])
    unpacked = struct.unpack(f"<{len(packed) // 4}f", packed)
    assert [struct.pack("<f", x) for x in floats] == [struct.pack("<f", x) for x in unpacked]


def test_completions_continue_the_prompt(http: httpx.Client) -> None:
    """The legacy endpoint answers 16 tokens unless told otherwise."""
    answer = http.post("/completions", json={"model": "davinci-002", "prompt": "Once upon a time"}).json()
    assert answer["object"] == "text_completion"
    assert answer["choices"][0]["finish_reason"] == "length"
    assert answer["usage"]["completion_tokens"] == 16


@pytest.mark.parametrize("endpoint", ["/chat/completions", "/completions"])
@pytest.mark.parametrize("limit", [None, 5])
def test_a_stream_says_what_the_plain_answer_says(http: httpx.Client, endpoint: str, limit: int | None) -> None:
    """The joined pieces, the finish reason and the usage of a stream are those of the plain answer."""
    prompt = {"messages": [{"role": "user", "content": "Tell"}]} if "chat" in endpoint else {"prompt": "Tell"}
    asked = {"model": "m", **prompt, **({} if limit is None else {"max_tokens": limit})}
    plain = http.post(endpoint, json=asked).json()
    streamed = {**asked, "stream": True, "stream_options": {"include_usage": True}}
    *chunks, done = events(http.post(endpoint, json=streamed))
    parsed = [json.loads(chunk) for chunk in chunks]
    parts = [choice for chunk in parsed for choice in chunk["choices"]]
    said = plain["choices"][0].get("message", plain["choices"][0])
    assert done == "[DONE]"
    assert "".join(part.get("text") or part.get("delta", {}).get("content") or "" for part in parts) == said.get(
        "content", said.get("text")
    )
    assert [p["finish_reason"] for p in parts if p["finish_reason"]] == [plain["choices"][0]["finish_reason"]]
    assert parsed[-1]["usage"] == plain["usage"]
    pieces = [p for p in parts if p.get("text") or p.get("delta", {}).get("content")]
    assert len(pieces) == plain["usage"]["completion_tokens"]
