"""Every answer and every chunk of a broad table of requests is what the published schema says, and nothing more."""

import json
from typing import Any

import httpx
import pytest

from tests.conformity import schema
from tests.conformity.asking import PATHS, Asker, chunks_of
from tests.conformity.assembling import assembled, comparable
from tests.conformity.matrix import PATHS as BODILESS
from tests.conformity.matrix import ROWS, VALUES, Row, request
from tests.conformity.schema import DEVIATIONS, Deviation

PLAIN = {"chat": schema.CHAT, "completions": schema.COMPLETION, "embeddings": schema.EMBEDDINGS}
CHUNK = {"chat": schema.CHAT_CHUNK, "completions": schema.COMPLETION_CHUNK}
REQUESTS = {
    "chat": "CreateChatCompletionRequest",
    "completions": "CreateCompletionRequest",
    "embeddings": "CreateEmbeddingRequest",
}
ENVELOPE = ["message", "type", "param", "code"]
STREAMABLE = [row for row in ROWS if row.status == 200 and row.endpoint in CHUNK and not row.stream]


def faults(endpoint: str, response: httpx.Response) -> list[str]:
    """What is wrong with a good answer, or with the chunks of a stream."""
    if not response.headers["content-type"].startswith("text/event-stream"):
        return schema.faults(PLAIN[endpoint], response.json())
    chunks = chunks_of(response.content)
    return [fault for chunk in chunks for fault in schema.faults(CHUNK[endpoint], chunk)]


def check_refusal(response: httpx.Response) -> None:
    """A refusal is JSON in the API's envelope, with all four keys and words in it."""
    assert response.headers["content-type"].startswith("application/json")
    body = response.json()
    assert list(body) == ["error"]
    assert list(body["error"]) == ENVELOPE
    assert schema.faults(schema.ERROR, body) == []
    assert body["error"]["message"]
    assert response.headers["x-request-id"].startswith("req_")


def send(wire: httpx.Client, endpoint: str, body: Any) -> httpx.Response:
    """The answer to a body, over the socket."""
    return wire.post(PATHS[endpoint], json=body)


@pytest.mark.parametrize("row", ROWS, ids=range(len(ROWS)))
def test_answers_and_chunks_are_what_the_schema_says(wire: httpx.Client, row: Row) -> None:
    """The status is the expected one; what comes is of the published shape, or a refusal in its envelope."""
    response = send(wire, row.endpoint, row.body)
    assert response.status_code == row.status, f"{row.name}: {response.text[:300]}"
    if row.status != 200:
        check_refusal(response)
        return
    assert response.headers["content-type"].startswith("text/event-stream" if row.stream else "application/json")
    assert faults(row.endpoint, response) == [], row.name


@pytest.mark.parametrize(("method", "path", "status"), BODILESS)
def test_models_and_unknown_paths_are_what_the_schema_says(
    wire: httpx.Client, method: str, path: str, status: int
) -> None:
    """Models come as models; what is no path, or no method of it, is refused in the envelope."""
    response = wire.request(method, path)
    assert response.status_code == status, response.text
    if status != 200:
        check_refusal(response)
    else:
        name = schema.MODELS if path.endswith("/models") else schema.MODEL
        assert schema.faults(name, response.json()) == []


def test_stored_completions_are_what_the_schema_says(wire: httpx.Client) -> None:
    """Listed, read, changed, their messages shown, deleted."""
    stored = send(wire, "chat", request("chat", {"store": True, "metadata": {"k": "v"}})).json()["id"]
    path = f"{PATHS['chat']}/{stored}"
    for method, where, name, body in (
        ("GET", PATHS["chat"], schema.CHAT_LIST, None),
        ("GET", path, schema.CHAT_STORED, None),
        ("POST", path, schema.CHAT_STORED, {"metadata": {"k": "w"}}),
        ("GET", f"{path}/messages", schema.MESSAGE_LIST, None),
        ("DELETE", path, schema.CHAT_DELETED, None),
    ):
        response = wire.request(method, where, json=body)
        assert response.status_code == 200, response.text
        assert schema.faults(name, response.json()) == []
    gone = wire.get(path)
    assert gone.status_code == 404
    check_refusal(gone)


@pytest.mark.parametrize("row", STREAMABLE, ids=range(len(STREAMABLE)))
def test_a_stream_of_the_matrix_says_what_the_plain_answer_says(api: Asker, row: Row) -> None:
    """Put together, its chunks are the answer to the same request: texts, calls, logprobs, usage, reasons."""
    streamed = {**row.body, "stream": True, "stream_options": {"include_usage": True}}
    plain = api.ask(row.endpoint, row.body)
    assert assembled(api.ask(row.endpoint, streamed).chunks) == comparable(plain.json), row.name


@pytest.mark.parametrize("deviation", DEVIATIONS, ids=lambda deviation: deviation.place)
def test_every_deviation_from_the_schema_is_needed(wire: httpx.Client, deviation: Deviation) -> None:
    """Its example is right with it, and wrong by the schema without it."""
    endpoint = deviation.endpoint
    response = send(wire, endpoint, request(endpoint, deviation.fields))
    assert response.status_code == 200, response.text
    assert faults(endpoint, response) == []
    stream = "stream" in deviation.fields
    answers = chunks_of(response.content) if stream else [response.json()]
    name = (CHUNK if stream else PLAIN)[endpoint]
    without = schema.validator(name, without=deviation.place)
    assert not all(map(without.is_valid, answers)), "the schema would do: this deviation can go"


@pytest.mark.parametrize("endpoint", VALUES)
def test_the_matrix_has_every_parameter_of_the_schema(endpoint: str) -> None:
    """Nothing the published document lets a client send is left out."""
    schemas = json.loads(schema.DOCUMENT.read_text(encoding="utf-8"))["components"]["schemas"]

    def properties(node: dict[str, Any]) -> set[str]:
        if "$ref" in node:
            node = schemas[node["$ref"].rpartition("/")[2]]
        return set(node.get("properties", ())).union(*map(properties, node.get("allOf", ())))

    asked = {key for row in ROWS if row.endpoint == endpoint for key in row.body}
    assert properties(schemas[REQUESTS[endpoint]]) - asked == set()


def test_the_matrix_is_broad() -> None:
    """At least 300 requests, no two alike; each kind of each endpoint is among them."""
    sent = {json.dumps([row.endpoint, row.body], sort_keys=True) for row in ROWS}
    assert len(sent) + len(BODILESS) >= 300
    kinds = {(row.endpoint, row.stream, row.status == 200) for row in ROWS}
    assert kinds >= {(endpoint, stream, True) for endpoint in CHUNK for stream in (False, True)}
    assert kinds >= {(endpoint, False, False) for endpoint in PLAIN}
