"""The routes of models and of stored chat completions, on a real socket."""

import json
from typing import Any

import httpx
import pytest

from mockserver import MockServer
from tests.conftest import Serve, events

HELLO = [{"role": "user", "content": "hello"}]


@pytest.fixture
def server(serve: Serve) -> MockServer:
    """A server of its own, on which things can be stored."""
    return serve("stubs: [{match: {user: hello}, response: Hi there!}]")


def ask(server: MockServer, method: str, path: str, **options: Any) -> Any:
    """The JSON of an answer that is no refusal."""
    response = httpx.request(method, server.base_url + path, **options)
    assert response.status_code == 200, response.text
    return response.json()


def store(server: MockServer, **fields: Any) -> str:
    """The id of a newly stored completion."""
    body = {"model": "gpt-4o", "messages": HELLO, "store": True, **fields}
    id: str = ask(server, "POST", "/chat/completions", json=body)["id"]
    return id


def listed(server: MockServer, path: str = "", **query: Any) -> list[str]:
    """The ids of a page of completions, or of a completion's messages."""
    page = ask(server, "GET", f"/chat/completions{path}", params=query)
    return [one["id"] for one in page["data"]]


def refused(response: httpx.Response) -> tuple[Any, ...]:
    """The status of a refusal, and what its body says."""
    said = response.json()["error"]
    return response.status_code, said["message"], said["param"], said["code"]


def test_a_model_is_listed_as_the_api_does(server: MockServer) -> None:
    """With its time, its owner, and since 2026 when it is shut down."""
    models = {model["id"]: model for model in ask(server, "GET", "/models")["data"]}
    assert models["gpt-4"] == {
        "id": "gpt-4",
        "object": "model",
        "created": 1687882411,
        "owned_by": "openai",
        "shutdown_date": "2026-10-23",
    }
    assert models["gpt-4o"]["shutdown_date"] is None
    assert ask(server, "GET", "/models/gpt-4") == models["gpt-4"]


@pytest.mark.parametrize(
    ("path", "body", "reported"),
    [
        ("/chat/completions", {"model": "gpt-4o-mini", "messages": HELLO}, "gpt-4o-mini-2024-07-18"),
        ("/completions", {"model": "gpt-3.5-turbo-instruct", "prompt": "a"}, "gpt-3.5-turbo-instruct:20230824-v2"),
        ("/embeddings", {"model": "text-embedding-3-small", "input": "a"}, "text-embedding-3-small"),
    ],
)
def test_an_answer_names_the_snapshot(server: MockServer, path: str, body: dict[str, Any], reported: str) -> None:
    """Of an alias, as the real API does; embeddings have none."""
    assert ask(server, "POST", path, json=body)["model"] == reported


def test_every_chunk_names_the_snapshot(server: MockServer) -> None:
    """Streams say the same as plain answers."""
    body = {"model": "gpt-4o", "messages": HELLO, "stream": True}
    *chunks, _ = events(httpx.post(f"{server.base_url}/chat/completions", json=body))
    assert {json.loads(chunk)["model"] for chunk in chunks} == {"gpt-4o-2024-08-06"}


@pytest.mark.parametrize(("model", "there"), [("gpt-4o", True), ("gpt-5-nano", False), ("o3-mini", False), ("m", True)])
def test_logprobs_are_null_or_absent(server: MockServer, model: str, there: bool) -> None:
    """Depending on the model, in plain answers and in streams."""
    url = f"{server.base_url}/chat/completions"
    body = {"model": model, "messages": HELLO}
    (choice,) = httpx.post(url, json=body).json()["choices"]
    assert ("logprobs" in choice) is there
    assert ('"logprobs":null' in httpx.post(url, json={**body, "stream": True}).text) is there


@pytest.mark.parametrize("name", ["ft:gpt-4o-mini:acme:suffix:abc123", "davinci:ft-acme-2023-01-24-03-13-55"])
def test_a_fine_tune_is_deleted(server: MockServer, name: str) -> None:
    """Whichever one it is: they all are the caller's."""
    assert ask(server, "DELETE", f"/models/{name}") == {"id": name, "object": "model", "deleted": True}


def test_other_models_cannot_be_deleted(server: MockServer) -> None:
    """Public ones are not the caller's, others do not exist."""
    message = "You are not allowed to delete the model 'gpt-4o': only fine-tuned models can be deleted."
    assert refused(httpx.delete(f"{server.base_url}/models/gpt-4o")) == (403, message, "model", None)
    unknown = httpx.delete(f"{server.base_url}/models/org/none")
    assert refused(unknown) == (404, "The model 'org/none' does not exist", "model", "model_not_found")


REQUESTS = (
    ("chat/completions", {"messages": HELLO}),
    ("completions", {"prompt": "hello"}),
    ("embeddings", {"input": "hello"}),
)


@pytest.mark.parametrize(("path", "body"), REQUESTS)
def test_undeclared_models_are_refused_by_every_endpoint(serve: Serve, path: str, body: dict[str, Any]) -> None:
    """With the real 404, before anything else of the body is looked at."""
    server = serve("{models: [declared], unknown_models: refuse}")
    message = "The model `other` does not exist or you do not have access to it."
    for fields in (body, {**body, "temperature": "hot"}, {}):
        response = httpx.post(f"{server.base_url}/{path}", json={"model": "other", **fields})
        assert refused(response) == (404, message, None, "model_not_found")
    assert httpx.post(f"{server.base_url}/{path}", json={"model": "declared", **body}).status_code == 200
    missing = httpx.post(f"{server.base_url}/{path}", json=body)
    assert refused(missing) == (400, "you must provide a model parameter", None, None)


@pytest.mark.parametrize("sent", ["org/other", "org%2Fother"])
def test_an_undeclared_model_is_not_found(serve: Serve, sent: str) -> None:
    """GET has other quotes than the endpoints, and names the parameter."""
    server = serve("{models: [org/declared], unknown_models: refuse}")
    response = httpx.get(f"{server.base_url}/models/{sent}")
    assert refused(response) == (404, "The model 'org/other' does not exist", "model", "model_not_found")
    declared = httpx.get(f"{server.base_url}/models/{sent.replace('other', 'declared')}")
    assert declared.json()["id"] == "org/declared"


def test_a_model_may_be_validated_exactly(serve: Serve) -> None:
    """`exact` of a model says how its requests are validated; others are as before."""
    server = serve("{models: [{id: m, exact: true}, n]}")
    for model, status in (("m", 400), ("n", 200)):
        body = {"model": model, "messages": HELLO, "top_k": 1}
        assert httpx.post(f"{server.base_url}/chat/completions", json=body).status_code == status


def test_a_stored_completion_is_the_answer_and_what_was_asked(server: MockServer) -> None:
    """The answer comes back as it was given, with the request's parameters and metadata."""
    body = {"model": "gpt-4o", "messages": HELLO, "store": True, "metadata": {"k": "v"}, "user": "me", "seed": 7}
    response = httpx.post(f"{server.base_url}/chat/completions", json={**body, "temperature": 0.5})
    answer = response.json()
    found = ask(server, "GET", f"/chat/completions/{answer['id']}")
    assert found == {
        **answer,
        "request_id": response.headers["x-request-id"],
        "input_user": "me",
        "tool_choice": None,
        "tools": None,
        "seed": 7,
        "temperature": 0.5,
        "top_p": 1.0,
        "presence_penalty": 0.0,
        "frequency_penalty": 0.0,
        "response_format": None,
        "metadata": {"k": "v"},
    }


def test_a_stream_is_stored_whole(server: MockServer) -> None:
    """Its chunks are put together, as a plain answer would have it."""
    body = {"model": "gpt-4o", "messages": HELLO, "store": True, "stream": True}
    chunk = events(httpx.post(f"{server.base_url}/chat/completions", json=body))[0]
    found = ask(server, "GET", f"/chat/completions/{json.loads(chunk)['id']}")
    assert found["object"] == "chat.completion"
    assert found["choices"][0]["message"]["content"] == "Hi there!"
    assert found["usage"]["completion_tokens"] > 0


@pytest.mark.parametrize("asked", [False, None])
def test_nothing_is_stored_unasked(server: MockServer, asked: bool | None) -> None:
    """Only `store: true` stores; what is not there is a 404."""
    id = store(server, store=asked)
    missing = httpx.get(f"{server.base_url}/chat/completions/{id}")
    assert refused(missing) == (404, f"Chat completion with id '{id}' not found.", "completion_id", None)
    assert listed(server) == []


def test_only_chat_is_stored(server: MockServer) -> None:
    """`store` means nothing to the other endpoints."""
    ask(server, "POST", "/completions", json={"model": "m", "prompt": "hello", "store": True})
    assert ask(server, "GET", "/chat/completions") == {
        "object": "list",
        "data": [],
        "first_id": "",
        "last_id": "",
        "has_more": False,
    }


def test_the_list_is_paged(server: MockServer) -> None:
    """The oldest first unless told otherwise, `limit` at a time, behind the id `after`."""
    ids = [store(server) for _ in range(5)]
    assert listed(server) == ids
    assert listed(server, limit=2, order="desc") == ids[:2:-1]
    page = ask(server, "GET", "/chat/completions", params={"limit": 2, "after": ids[0]})
    assert [page["object"], page["first_id"], page["last_id"], page["has_more"]] == ["list", ids[1], ids[2], True]
    assert [one["id"] for one in page["data"]] == ids[1:3]


def test_the_list_can_be_filtered(server: MockServer) -> None:
    """By the model, under either of its names, and by metadata."""
    first = store(server, metadata={"run": "1", "kind": "a"})
    second = store(server, model="gpt-4o-mini", metadata={"run": "1"})
    assert listed(server, **{"metadata[run]": "1"}) == [first, second]
    assert listed(server, **{"metadata[run]": "1", "metadata[kind]": "a"}) == [first]
    assert listed(server, model="gpt-4o-mini") == [second]
    assert listed(server, model="gpt-4o-2024-08-06") == [first]


def test_metadata_can_be_changed(server: MockServer) -> None:
    """An update replaces all of it and answers with the completion; null clears it."""
    path = f"/chat/completions/{store(server, metadata={'a': '1'})}"
    assert ask(server, "POST", path, json={"metadata": {"b": "2"}})["metadata"] == {"b": "2"}
    assert ask(server, "GET", path)["metadata"] == {"b": "2"}
    assert ask(server, "POST", path, json={"metadata": None})["metadata"] == {}


WRONG_UPDATES = {
    b"{}": "Missing required parameter: 'metadata'.",
    b'{"metadata": [1]}': "Invalid type for 'metadata': expected a metadata object, but got an array instead.",
}


@pytest.mark.parametrize(("body", "message"), WRONG_UPDATES.items())
def test_a_wrong_update_is_a_400(server: MockServer, body: bytes, message: str) -> None:
    """And changes nothing."""
    path = f"/chat/completions/{store(server, metadata={'a': '1'})}"
    assert refused(httpx.post(server.base_url + path, content=body))[:2] == (400, message)
    assert ask(server, "GET", path)["metadata"] == {"a": "1"}


def test_an_update_that_is_not_json_is_a_400(server: MockServer) -> None:
    """In the words for any body that is no JSON object."""
    response = httpx.post(f"{server.base_url}/chat/completions/{store(server)}", content=b"metadata=a")
    assert response.status_code == 400
    assert refused(response)[1].startswith("We could not parse the JSON body of your request.")


def test_the_messages_are_those_of_the_request(server: MockServer) -> None:
    """Each with an id; parts stand in `content_parts`."""
    parts = [{"type": "text", "text": "hello"}]
    messages = [{"role": "system", "content": "Be kind."}, {"role": "user", "content": parts, "name": "Ann"}]
    id = store(server, messages=messages)
    nothing = {"refusal": None, "content_parts": None, "name": None}
    assert ask(server, "GET", f"/chat/completions/{id}/messages") == {
        "object": "list",
        "data": [
            {**nothing, "id": f"{id}-0", "role": "system", "content": "Be kind."},
            {**nothing, "id": f"{id}-1", "role": "user", "content": None, "content_parts": parts, "name": "Ann"},
        ],
        "first_id": f"{id}-0",
        "last_id": f"{id}-1",
        "has_more": False,
    }


def test_calls_and_their_results_are_messages_too(server: MockServer) -> None:
    """With what makes them calls and results."""
    calls = [{"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]
    messages = [
        {"role": "assistant", "content": None, "tool_calls": calls},
        {"role": "tool", "tool_call_id": "call_1", "content": "42"},
        *HELLO,
    ]
    asked, result, _ = ask(server, "GET", f"/chat/completions/{store(server, messages=messages)}/messages")["data"]
    assert asked["tool_calls"] == calls
    assert (result["tool_call_id"], result["content"]) == ("call_1", "42")


def test_the_messages_are_paged(server: MockServer) -> None:
    """In the conversation's order or backwards."""
    id = store(server, messages=[*HELLO, {"role": "assistant", "content": "Hi!"}, *HELLO])
    first, second, third = listed(server, f"/{id}/messages")
    assert listed(server, f"/{id}/messages", limit=2) == [first, second]
    assert listed(server, f"/{id}/messages", order="desc") == [third, second, first]
    assert listed(server, f"/{id}/messages", after=second) == [third]
    assert listed(server, f"/{id}/messages", after=second, order="desc") == [first]
    assert listed(server, f"/{id}/messages", after="none") == []


def test_a_completion_can_be_deleted(server: MockServer) -> None:
    """Once; then it is gone from everywhere."""
    id = store(server)
    url = f"{server.base_url}/chat/completions/{id}"
    deleted = ask(server, "DELETE", f"/chat/completions/{id}")
    assert deleted == {"object": "chat.completion.deleted", "id": id, "deleted": True}
    for method, path in (("GET", ""), ("POST", ""), ("DELETE", ""), ("GET", "/messages")):
        assert httpx.request(method, url + path).status_code == 404
    assert listed(server) == []


def test_sessions_do_not_see_each_others(server: MockServer) -> None:
    """Parallel tests share a server, not what they store."""
    ids = {}
    for name in ("", "/s/other"):
        url = f"{server.url}{name}/v1/chat/completions"
        ids[url] = httpx.post(url, json={"model": "m", "messages": HELLO, "store": True}).json()["id"]
    for url, id in ids.items():
        assert [one["id"] for one in httpx.get(url).json()["data"]] == [id]


def test_an_answer_that_a_body_replaces_is_stored_as_it_is(serve: Serve) -> None:
    """Where it has an id; errors are not stored."""
    server = serve(
        """
        stubs:
          - match: {user: hello}
            response: {body: {id: mine, object: chat.completion, choices: [], custom: 1}}
          - response: {body: {id: failed}, status: 500}
        """
    )
    url = f"{server.base_url}/chat/completions"
    for said in ("hello", "other"):
        httpx.post(url, json={"model": "m", "messages": [{"role": "user", "content": said}], "store": True})
    (found,) = httpx.get(url).json()["data"]
    assert (found["id"], found["choices"], found["custom"], found["temperature"]) == ("mine", [], 1, 1.0)


@pytest.mark.parametrize("order", ["up", ""])
def test_a_wrong_order_is_a_400(server: MockServer, order: str) -> None:
    """It takes two words."""
    response = httpx.get(f"{server.base_url}/chat/completions", params={"order": order})
    message = f"Invalid value: '{order}'. Supported values are: 'asc' and 'desc'."
    assert refused(response) == (400, message, "order", "invalid_value")


def test_the_documents_placeholder_is_always_there(server: MockServer) -> None:
    """The generated tests of the SDKs ask for the id `completion_id`, and for lists of nothing."""
    path = "/chat/completions/completion_id"
    assert ask(server, "GET", path)["id"] == "completion_id"
    assert ask(server, "POST", path, json={"metadata": {"foo": "string"}})["metadata"] == {"foo": "string"}
    assert ask(server, "DELETE", path)["deleted"] is True
    assert listed(server, "/completion_id/messages", after="after", limit=0, order="asc") == []
    assert listed(server, after="after", limit=0, model="model", order="asc", **{"metadata[foo]": "string"}) == []
    assert listed(server) == []
