"""What goes over the wire: bodies, streams, headers, and the refusals around them."""

import json
import re
from typing import Any

import httpx
import pytest

from mockserver import MockServer
from tests.conftest import Serve, chat, events

PLAIN_KEYS = ["id", "object", "created", "model", "choices", "usage", "service_tier", "system_fingerprint"]


def test_a_chat_answer_has_the_apis_keys_in_the_apis_order(serve: Serve) -> None:
    """Order, nulls and absences are those of recordings."""
    server = serve("stubs: [{response: Hi there!}]")
    response = chat(server, model="gpt-4o")
    answer = response.json()
    assert response.headers["content-type"] == "application/json"
    assert list(answer) == PLAIN_KEYS
    assert re.fullmatch(r"chatcmpl-[A-Za-z0-9]{29}", answer["id"])
    assert isinstance(answer["created"], int)
    assert answer["choices"] == [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "Hi there!", "refusal": None, "annotations": []},
            "logprobs": None,
            "finish_reason": "stop",
        }
    ]
    assert list(answer["usage"]) == [
        "prompt_tokens",
        "completion_tokens",
        "total_tokens",
        "prompt_tokens_details",
        "completion_tokens_details",
    ]
    assert re.fullmatch(r"fp_[0-9a-f]{10}", answer["system_fingerprint"])


def test_a_chat_stream_has_the_apis_chunks(serve: Serve) -> None:
    """A role chunk, a chunk for each piece, a finish chunk, then `[DONE]`; the head is the same in all."""
    server = serve("stubs: [{response: Hi there!}]")
    response = chat(server, stream=True)
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert "content-length" not in response.headers
    *chunks, done = map(str, events(response))
    parsed = [json.loads(chunk) for chunk in chunks]
    assert done == "[DONE]"
    heads = [{k: v for k, v in chunk.items() if k not in ("choices", "obfuscation")} for chunk in parsed]
    assert all(head == heads[0] for head in heads)
    assert all("obfuscation" in chunk for chunk in parsed)
    assert all("\n" not in chunk and '": ' not in chunk for chunk in chunks)
    choices = [chunk["choices"][0] for chunk in parsed]
    assert choices[0]["delta"] == {"role": "assistant", "content": "", "refusal": None}
    assert "".join(choice["delta"]["content"] for choice in choices[1:-1]) == "Hi there!"
    assert choices[-1] == {"index": 0, "delta": {}, "logprobs": None, "finish_reason": "stop"}


def test_usage_in_a_stream_is_null_until_the_last_chunk(serve: Serve) -> None:
    """`include_usage` adds a chunk without choices; without it the key is absent."""
    server = serve("stubs: [{response: Hi there!}]")
    without = [json.loads(c) for c in events(chat(server, stream=True))[:-1]]
    *chunks, last = (
        json.loads(c) for c in events(chat(server, stream=True, stream_options={"include_usage": True}))[:-1]
    )
    assert not any("usage" in chunk for chunk in without)
    assert all(chunk["usage"] is None for chunk in chunks)
    assert last["choices"] == []
    assert last["usage"] == chat(server).json()["usage"]


def test_tool_calls_are_streamed_as_recorded(serve: Serve) -> None:
    """One call comes with the role; its arguments follow in fragments that join to the JSON."""
    server = serve("stubs: [{response: {tool_calls: [{name: book_table, arguments: {party: 4}}]}}]")
    *chunks, last = (json.loads(c)["choices"][0] for c in events(chat(server, stream=True))[:-1])
    (head,) = chunks[0]["delta"]["tool_calls"]
    assert chunks[0]["delta"] | {"tool_calls": None} == {
        "role": "assistant",
        "content": None,
        "tool_calls": None,
    }
    assert head["index"] == 0
    assert re.fullmatch(r"call_[A-Za-z0-9]{24}", head["id"])
    assert head["function"] == {"name": "book_table", "arguments": ""}
    fragments = [chunk["delta"]["tool_calls"][0] for chunk in chunks[1:]]
    assert all(set(fragment) == {"index", "function"} for fragment in fragments)
    assert "".join(fragment["function"]["arguments"] for fragment in fragments) == '{"party":4}'
    assert last["finish_reason"] == "tool_calls"


@pytest.mark.parametrize("path", ["/v1{}", "{}", "/v1{}/", "{}/", "/s/a-session/v1{}"])
def test_endpoints_stand_under_v1_and_under_the_root(default_server: MockServer, path: str) -> None:
    """With and without `/v1`, a trailing slash, a session's prefix."""
    bodies: dict[str, dict[str, Any]] = {
        "/chat/completions": {"messages": [{"role": "user", "content": "x"}]},
        "/completions": {"prompt": "x"},
        "/embeddings": {"input": "x"},
    }
    for endpoint, body in bodies.items():
        url = default_server.url + path.format(endpoint)
        assert httpx.post(url, json={"model": "m", **body}).status_code == 200
    assert httpx.get(default_server.url + path.format("/models")).json()["object"] == "list"
    assert httpx.get(default_server.url + path.format("/models/gpt-4o")).json()["id"] == "gpt-4o"


@pytest.mark.parametrize("name", ["org/model", "org%2Fmodel", "ft:gpt-4o:org::id", "a%20b"])
def test_a_models_id_may_contain_slashes(http: httpx.Client, name: str) -> None:
    """Escaped or not, the id is the rest of the path."""
    expected = name.replace("%2F", "/").replace("%20", " ")
    assert http.get(f"/models/{name}").json() == {
        "id": expected,
        "object": "model",
        "created": 1700000000,
        "owned_by": "mockserver",
        "shutdown_date": None,
    }


def error(response: httpx.Response) -> dict[str, Any]:
    """The error of a refusal, whose envelope must be the API's."""
    assert response.headers["content-type"] in ("application/json", "application/json; charset=utf-8")
    assert re.fullmatch("req_[0-9a-f]{32}", response.headers["x-request-id"])
    body = response.json()
    assert list(body) == ["error"]
    assert list(body["error"]) == ["message", "type", "param", "code"]
    found: dict[str, Any] = body["error"]
    return found


@pytest.mark.parametrize("path", ["/foo", "/v1/foo", "/", "/v1", "/v1/chat", "/chat/completions/x/y", "/v2/models"])
def test_an_unknown_path_is_an_invalid_url(default_server: MockServer, path: str) -> None:
    """The API's own 404, for every method."""
    response = httpx.post(default_server.url + path)
    assert response.status_code == 404
    assert error(response)["message"] == f"Invalid URL (POST {path})"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/v1/completions", "POST, OPTIONS"),
        ("PUT", "/embeddings", "POST, OPTIONS"),
        ("POST", "/v1/models", "GET, HEAD, OPTIONS"),
        ("PATCH", "/models/x", "GET, HEAD, DELETE, OPTIONS"),
    ],
)
def test_a_wrong_method_is_a_405(default_server: MockServer, method: str, path: str, allowed: str) -> None:
    """The API's words, and what is allowed."""
    response = httpx.request(method, default_server.url + path)
    assert response.status_code == 405
    assert response.headers["allow"] == allowed
    hint = "(HINT: Perhaps you meant to use a different HTTP method?)"
    assert error(response)["message"] == f"Not allowed to {method} on {path}. {hint}"


DEEP = b'{"a":' * 100_000 + b"1" + b"}" * 100_000


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"nothing",
        b"[]",
        b'"x"',
        b"\xff\xfe",
        b'{"model": NaN}',
        DEEP,
        b'{"n": ' + b"9" * 5_000 + b"}",
    ],
)
def test_what_is_not_a_json_object_is_refused(http: httpx.Client, body: bytes) -> None:
    """The API's 400, never a 500."""
    response = http.post("/chat/completions", content=body)
    assert response.status_code == 400
    assert error(response)["message"].startswith("We could not parse the JSON body of your request.")


@pytest.mark.parametrize(
    ("path", "body", "message", "param", "code"),
    [
        (
            "/chat/completions",
            {"messages": [{"role": "user", "content": "x"}]},
            "you must provide a model parameter",
            None,
            None,
        ),
        (
            "/chat/completions",
            {"model": "m"},
            "Missing required parameter: 'messages'.",
            "messages",
            "missing_required_parameter",
        ),
        ("/completions", {"prompt": "x"}, "you must provide a model parameter", None, None),
        ("/embeddings", {"input": "x"}, "you must provide a model parameter", None, None),
    ],
)
def test_a_missing_field_is_refused(
    http: httpx.Client, path: str, body: dict[str, Any], message: str, param: str | None, code: str | None
) -> None:
    """The API's 400 with its `param` and `code`."""
    response = http.post(path, json=body)
    assert response.status_code == 400
    assert error(response) == {
        "message": message,
        "type": "invalid_request_error",
        "param": param,
        "code": code,
    }


def test_what_is_not_http_is_refused_in_json(default_server: MockServer) -> None:
    """Even then there is no plain text."""
    import socket

    with socket.create_connection(("127.0.0.1", default_server.port)) as client:
        client.sendall(b"nonsense\r\n\r\n")
        answer = b"".join(iter(lambda: client.recv(4096), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert json.loads(body)["error"]["type"] == "invalid_request_error"


def test_lone_surrogates_survive(serve: Serve) -> None:
    """Text that UTF-8 cannot carry is escaped in the answer, in plain answers and in streams."""
    server = serve("stubs: [{match: {user: '/(?P<all>.*)/s'}, response: '{{ match.all }}'}]")
    body = b'{"model":"m","stream":%b,"messages":[{"role":"user","content":"a\\ud800b\\u00e9"}]}'
    plain = httpx.post(f"{server.base_url}/chat/completions", content=body % b"false")
    assert plain.json()["choices"][0]["message"]["content"] == "a\ud800bé"
    streamed = events(httpx.post(f"{server.base_url}/chat/completions", content=body % b"true"))
    deltas = [json.loads(chunk)["choices"][0]["delta"] for chunk in streamed[:-1]]
    assert "".join(delta.get("content", "") for delta in deltas) == "a\ud800bé"
