"""A request asks for trouble itself, by a header or by the name of the model."""

import json
from typing import Any

import httpx
import pytest

from mockserver import MockServer
from mockserver.failures.presets import BY_NAME, NAMES
from tests.conftest import Serve, events

ERROR, FAULT = "x-mockserver-error", "x-mockserver-fault"


def ask(server: MockServer, headers: dict[str, str] | None = None, **body: Any) -> httpx.Response:
    """One chat request."""
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hello"}], **body}
    return httpx.post(f"{server.base_url}/chat/completions", json=body, headers=headers, trust_env=False)


@pytest.mark.parametrize("name", NAMES)
def test_every_error_can_be_asked_for(default_server: MockServer, name: str) -> None:
    """By the header and by the model's name, without a file."""
    by_header = ask(default_server, {ERROR: name})
    by_model = ask(default_server, model=f"error/{name}")
    assert by_header.status_code == by_model.status_code == BY_NAME[name].status
    assert by_header.headers["x-mockserver-stub"] == "asked"
    assert by_model.headers["x-mockserver-stub"] == "default/failure"


def test_each_has_an_id_of_its_own(serve: Serve) -> None:
    """With a seed too, whose ids another run gives again."""

    def ids(name: str) -> list[str]:
        server = serve("stubs: [{response: Hi}]", name, seed=3)
        return [ask(server, {ERROR: "overloaded"}).headers["x-request-id"] for _ in range(3)]

    found = ids("one.yaml")
    assert len(set(found)) == 3
    assert ids("two.yaml") == found


def test_its_fields_can_be_changed(default_server: MockServer) -> None:
    """`; KEY=VALUE` behind the name, as in a file; or a status in the name's place."""
    answer = ask(default_server, {ERROR: "rate_limit; retry_after=2; should_retry=false; message=Slow down."})
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "2"
    assert answer.headers["x-should-retry"] == "false"
    assert answer.json()["error"]["message"] == "Slow down."
    answer = ask(default_server, {ERROR: "418; code=teapot"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (418, "teapot")


def test_an_error_can_be_asked_for_inside_a_stream(default_server: MockServer) -> None:
    """Some chunks, then the error; the answer is the stub's."""
    answer = ask(default_server, {ERROR: "server_error; after_chunks=2"}, stream=True)
    chunks = [json.loads(event) for event in events(answer)]
    assert ["error" in chunk for chunk in chunks] == [False, False, True]
    assert answer.headers["x-mockserver-stub"] == "default/text"


@pytest.mark.parametrize("how", ["header", "model"])
def test_a_fault_can_be_asked_for(default_server: MockServer, how: str) -> None:
    """The connection is reset."""
    text = "reset; after_chunks=2"
    headers, model = ({FAULT: text}, "gpt-4o") if how == "header" else ({}, f"fault/{text}")
    with pytest.raises(httpx.ReadError):
        ask(default_server, headers, model=model, stream=True)


def test_several_faults_have_commas_between_them(default_server: MockServer) -> None:
    """One after the other: a comment first, then cut."""
    with pytest.raises(httpx.RemoteProtocolError):
        ask(default_server, {FAULT: "sse_comments, close; after_chunks=3"}, stream=True)


def test_other_paths_fail_when_asked_too(default_server: MockServer) -> None:
    """Whoever lists models meets a bad day as well."""
    answer = httpx.get(f"{default_server.base_url}/models", headers={ERROR: "overloaded"}, trust_env=False)
    assert answer.status_code == 503
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"{default_server.base_url}/models", headers={FAULT: "close; after=nothing"}, trust_env=False)


@pytest.mark.parametrize(
    ("headers", "model", "message"),
    [
        (
            {ERROR: "rate_limits"},
            "gpt-4o",
            f"'{ERROR}' asks for a failure that there is not: expected one of {len(NAMES)} words, got 'rate_limits'; "
            "did you mean 'rate_limit'?",
        ),
        (
            {ERROR: "rate_limit; retry_aftr=2"},
            "gpt-4o",
            f"'{ERROR}' asks for a failure that there is not: unknown key 'retry_aftr' in an error; did you mean "
            "'retry_after'?",
        ),
        (
            {ERROR: "rate_limit; 2"},
            "gpt-4o",
            f"'{ERROR}' asks for a failure that there is not: expected NAME=VALUE behind the ';', got '2': write it as "
            "rate_limit; retry_after=2",
        ),
        (
            {FAULT: "rest"},
            "gpt-4o",
            f"'{FAULT}' asks for a failure that there is not: there is no fault 'rest'; did you mean 'reset'?",
        ),
        (
            {},
            "fault/rest",
            "'model' asks for a failure that there is not: there is no fault 'rest'; did you mean 'reset'?",
        ),
    ],
)
def test_what_there_is_not_is_told(
    default_server: MockServer, headers: dict[str, str], model: str, message: str
) -> None:
    """A 400 that clients don't repeat, with the nearest word: a misspelt failure must not pass for a success."""
    answer = ask(default_server, headers, model=model)
    assert answer.status_code == 400
    assert answer.headers["x-should-retry"] == "false"
    assert answer.json()["error"]["message"] == message
    assert answer.json()["error"]["code"] == "mockserver_failure_unknown"


def test_a_fault_that_cannot_be_is_told(default_server: MockServer) -> None:
    """After more chunks than there are: a 500 that says so."""
    answer = ask(default_server, {FAULT: "reset; after_chunks=9"})
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "mockserver_fault_impossible"


def test_it_can_be_turned_off(serve: Serve) -> None:
    """Then the headers mean nothing."""
    server = serve("stubs: [{response: Hi}]", request_failures=False)
    assert ask(server, {ERROR: "rate_limit", FAULT: "reset"}).status_code == 200


def test_own_stubs_come_before_those_of_the_default(serve: Serve) -> None:
    """A file may mean something else by `error/...`."""
    server = serve("stubs: [{match: {model: error/rate_limit}, response: Mine.}]")
    assert ask(server, model="error/rate_limit").json()["choices"][0]["message"]["content"] == "Mine."
    assert ask(server, model="error/overloaded").status_code == 503
