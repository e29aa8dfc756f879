"""What the admin API does. Every answer is held against the OpenAPI document."""

import asyncio
import socket
import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from starlette.requests import Request

import mockserver
from mockserver import MockServer
from mockserver.admin.asked import Asked
from mockserver.admin.openapi import document
from mockserver.admin.operations import OPERATIONS
from tests.admin.asking import Admin, resolve
from tests.conftest import chat, content
from tests.testing.asking import ask, said, steady


def mistakes(answer: Any) -> list[tuple[str, str]]:
    """The mistakes that an answer tells of: path and message."""
    return [(problem["path"], problem["message"]) for problem in answer.json["error"]["problems"]]


# The document


def test_the_document_is_what_it_says() -> None:
    """Every schema is one, every reference leads somewhere, and every name in a path is described."""
    found = document()
    assert found["openapi"] == "3.1.0"
    names = set(found["components"]["schemas"])

    def references(value: Any) -> list[str]:
        if isinstance(value, dict):
            own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
            return own + [one for item in value.values() for one in references(item)]
        return [one for item in value for one in references(item)] if isinstance(value, list) else []

    assert {one.removeprefix("#/components/schemas/") for one in references(found)} <= names
    for schema in found["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    for path, methods in found["paths"].items():
        for described in methods.values():
            in_path = [one["name"] for one in described["parameters"] if one["in"] == "path"]
            assert in_path == (["name"] if "{name}" in path else [])


def test_operations_have_names_of_their_own() -> None:
    """And each is found where it says."""
    assert len({operation.name for operation in OPERATIONS}) == len(OPERATIONS)
    for operation in OPERATIONS:
        found, scope = resolve(operation.method, operation.path.replace("{name}", "a%2Fb%20c"))
        assert found is operation
        assert list(scope["path_params"]) == (["name"] if "{name}" in operation.path else [])
        if scope["path_params"]:
            assert Asked(mockserver.asgi(), Request(scope), None).name == "a/b c"


def test_every_operation_answers_as_described(admin: Admin, server: MockServer) -> None:
    """Each of the table once, done and refused where it can be; the client holds them against the document."""
    admin("GET", "/health")
    admin("GET", "/openapi.json")
    admin("POST", "/stubs", {"name": "mine", "match": {"user": "mine"}, "response": "Yes."})
    assert said(server, "mine") == "Yes."
    assert ask(server, "nobody").status_code == 404
    for path in ("/stubs", "/stubs/mine", "/requests", "/requests/unmatched", "/scenarios", "/scenarios/door"):
        assert admin("GET", path).status == 200
    for path in ("/failures", "/clock", "/sessions", "/verdict"):
        assert admin("GET", path).status == 200
    for path in ("/stubs/none", "/scenarios/none"):
        assert admin("GET", path).status == 404
    for path in ("/stubs/none", "/failures/none", "/sessions/none"):
        assert admin("DELETE", path).status == 404
    for path in ("/stubs/greeting", "/failures/outage"):
        assert admin("DELETE", path).status == 409
    assert admin("PUT", "/stubs/mine", {"response": "No."}).status == 200
    assert admin("PUT", "/stubs/other", {"response": "Other."}).status == 201
    assert admin("PUT", "/stubs/greeting", {"response": "No."}).status == 409
    assert admin("DELETE", "/stubs/other").status == 200
    assert admin("DELETE", "/stubs").status == 200
    for path in ("/requests/find", "/requests/count", "/requests/wait", "/verify"):
        assert admin("POST", path, {"match": {"user": "mine"}}).status == 200
        assert admin("POST", path, {"match": {"usr": "mine"}}).status == 400
    assert admin("POST", "/verify/order", {"steps": [{"match": {"user": "mine"}}]}).status == 200
    assert admin("PUT", "/scenarios/door", {"state": "open"}).status == 200
    assert admin("DELETE", "/scenarios").status == 200
    assert admin("POST", "/failures", {"name": "storm", "error": "rate_limit"}).status == 201
    assert admin("PUT", "/failures/storm", {"on": False}).status == 200
    assert admin("PUT", "/failures/none", {"on": False}).status == 404
    assert admin("DELETE", "/failures/storm").status == 200
    assert admin("PUT", "/clock", {"time_scale": 2}).status == 200
    said(server.session("a"), "hello")
    assert admin("DELETE", "/sessions/a").status == 200
    assert admin("DELETE", "/requests").status == 200
    assert admin("POST", "/reset").status == 200
    assert admin.seen == {operation.name for operation in OPERATIONS}


# Stubs


def test_a_stub_is_added_as_in_yaml(admin: Admin, server: MockServer) -> None:
    """It is tried before those of files, and told with what was sent, where it comes from and its hits."""
    stub = {"match": {"user": "hello"}, "sequence": [{"error": "rate_limit"}, {"response": "Hello again."}]}
    added = admin("POST", "/stubs", stub)
    assert added.status == 201
    assert added.json == {
        "name": "run-time#1",
        "place": "the admin API",
        "at_run_time": True,
        "hits": 0,
        "priority": 0,
        "endpoints": ["chat", "completions"],
        "conditions": [{"key": "user", "expected": "a text containing 'hello'"}],
        "steps": 2,
        "scenario": None,
        "written": {"name": "run-time#1", **stub},
    }
    assert ask(server).status_code == 429
    assert said(server) == "Hello again."
    listed = admin("GET", "/stubs").json["stubs"]
    assert [(one["name"], one["hits"], one["at_run_time"]) for one in listed] == [
        ("run-time#1", 2, True),
        ("greeting", 0, False),
        ("door", 0, False),
        ("slow", 0, False),
    ]
    assert admin("GET", "/stubs/run-time%231").json == listed[0]
    assert admin("DELETE", "/stubs/run-time%231").json == listed[0]
    assert said(server) == "Hi there!"


def test_what_is_told_of_a_stub_can_be_sent_again(admin: Admin) -> None:
    """`written` is a stub as it is sent."""
    stub = {"match": {"user": {"regex": "a+", "flags": "i"}, "stream": True, "turns": 2}, "response": {"text": "1.0"}}
    written = admin("POST", "/stubs", {"name": "é/#", **stub}).json["written"]
    assert written == {"name": "é/#", **stub}
    assert admin("PUT", "/stubs/%C3%A9%2F%23", written).json["written"] == written
    assert admin("GET", "/stubs/%C3%A9/%23").status == 200


def test_a_stub_with_mistakes_is_refused_with_all_of_them(admin: Admin) -> None:
    """Each with the path of its key; nothing is added."""
    stub = {"match": {"usr": "x"}, "sequence": [{"response": "a"}, {"error": {"name": "rate_limt"}}], "priority": "x"}
    refused = admin("POST", "/stubs", stub)
    assert refused.status == 400
    found = mistakes(refused)
    assert ("match.usr", "unknown key 'usr' in match; did you mean 'user'?") in found
    assert [path for path, _ in found] == ["match.usr", "sequence[1].error.name", "priority"]
    assert refused.json["error"]["message"] == "\n".join(f"{path}: {message}" for path, message in found)
    assert len(admin("GET", "/stubs").json["stubs"]) == 3


def test_names_are_told_of(admin: Admin) -> None:
    """One that is taken, one that is none, one that stays."""
    taken = mistakes(admin("POST", "/stubs", {"name": "greeting", "response": "x"}))
    assert [(path, message.split(" at ")[0]) for path, message in taken] == [
        ("name", "the name 'greeting' is taken by the stub")
    ]
    missing = admin("GET", "/stubs/greting").json["error"]["message"]
    assert missing == "There is no stub 'greting'; did you mean 'greeting'?."
    stays = admin("DELETE", "/stubs/greeting").json["error"]["message"]
    assert stays.startswith("The stub 'greeting' is of the file ")
    assert stays.endswith("which stays as it is: add a stub to the session, which is tried before those of files.")


# Sessions


@pytest.mark.parametrize("way", ["path", "query", "header", "key"])
def test_a_session_is_named_as_in_the_api(admin: Admin, server: MockServer, way: str) -> None:
    """By the path, the query, the header or an API key; others know nothing of what is done."""
    stub = {"match": {"user": "hello"}, "response": "Mine."}
    ways: dict[str, dict[str, Any]] = {
        "path": {"session": "a"},
        "query": {"params": {"session": "a"}},
        "header": {"headers": {"x-mockserver-session": "a"}},
        "key": {"headers": {"authorization": "Bearer mock-session-a"}},
    }
    options = ways[way]
    assert admin("POST", "/stubs", stub, **options).status == 201
    assert said(server.session("a")) == "Mine."
    assert said(server) == "Hi there!"
    assert admin("GET", "/sessions").json["sessions"] == [
        {"name": "a", "calls": 1, "stubs": 1},
        {"name": "", "calls": 1, "stubs": 0},
    ]
    assert admin("GET", "/requests", **options).json["requests"][0]["session"] == "a"
    assert admin("GET", "/requests", params={"session": "*"}).json["count"] == 2
    assert admin("DELETE", "/sessions/a").json == {"name": "a", "calls": 1, "stubs": 1}
    assert said(server.session("a")) == "Hi there!"


def test_all_sessions_are_not_one(admin: Admin) -> None:
    """Where one is needed, `*` is refused."""
    refused = admin("GET", "/stubs", params={"session": "*"})
    assert (refused.status, refused.json["error"]["message"]) == (
        400,
        "this is about one session: '*' is not the name of one",
    )


def test_a_session_begins_anew_alone_or_with_all(admin: Admin, server: MockServer) -> None:
    """The one that is named, else everything."""
    for name in ("a", "b"):
        said(server.session(name), "hello")
    assert admin("POST", "/reset", session="a").json == {"reset": "a"}
    assert [one["name"] for one in admin("GET", "/sessions").json["sessions"]] == ["b"]
    assert admin("POST", "/reset").json == {"reset": "everything"}
    assert admin("GET", "/sessions").json["sessions"] == []


# Scenarios


def test_where_requests_without_a_session_belong_to_one_it_alone_begins_anew(admin: Admin, server: MockServer) -> None:
    """As in a pytest fixture, whose server is shared with others."""
    said(server.session("other"))
    assert server._app is not None
    server._app.api.default_session = "mine"
    said(server)
    assert admin("POST", "/reset").json == {"reset": "mine"}
    assert [one["name"] for one in admin("GET", "/sessions").json["sessions"]] == ["other"]


def test_scenarios_are_told_set_and_reset(admin: Admin, server: MockServer) -> None:
    """One that a stub names is there from the start."""
    assert admin("GET", "/scenarios").json["scenarios"] == [{"name": "door", "state": "Started"}]
    assert said(server, "door") == "It opens."
    assert admin("GET", "/scenarios/door").json == {"name": "door", "state": "open"}
    assert ask(server, "door").status_code == 404
    assert admin("DELETE", "/scenarios").json["scenarios"] == [{"name": "door", "state": "Started"}]
    assert said(server, "door") == "It opens."
    assert admin("PUT", "/scenarios/other", {"state": "x"}).json == {"name": "other", "state": "x"}
    missing = admin("GET", "/scenarios/dor").json["error"]["message"]
    assert missing == "No stub names a scenario 'dor', and nobody has set it; known are 'door', 'other'."
    assert mistakes(admin("PUT", "/scenarios/door", {})) == [
        ("", "a new state needs the key 'state': The state it is put into.")
    ]


# Requests


def test_requests_are_listed_found_and_counted(admin: Admin, server: MockServer) -> None:
    """By the language's own match, by the stub, the latest first to stay; secrets are masked."""
    for user in ("hello", "door", "hello again"):
        ask(server, user, headers={"authorization": "Bearer sk-0123456789abcdef"})
    listed = admin("GET", "/requests").json
    assert [one["json"]["messages"][0]["content"] for one in listed["requests"]] == ["hello", "door", "hello again"]
    assert {one["headers"]["authorization"] for one in listed["requests"]} == {"Bearer ***cdef"}
    assert [one["stub"] for one in listed["requests"]] == ["greeting", "door", "greeting"]
    latest = admin("GET", "/requests", params={"limit": 1}).json
    assert (latest["count"], latest["requests"]) == (3, listed["requests"][2:])
    meant = {"match": {"user": "/^hello/"}, "stub": "greeting"}
    assert admin("POST", "/requests/find", meant).json["count"] == 2
    assert admin("POST", "/requests/count", meant).json == {"count": 2, "dropped": 0}
    assert admin("POST", "/requests/count").json == {"count": 3, "dropped": 0}
    assert admin("DELETE", "/requests").json == {"forgotten": 3}
    assert admin("GET", "/requests").json["requests"] == []
    refused = admin("GET", "/requests", params={"limit": "all"}).json["error"]["message"]
    assert refused == "limit: expected a whole number from 1 to 10,000, got 'all'"


def test_one_can_wait_for_requests(admin: Admin, server: MockServer) -> None:
    """Until so many have come, be they answered or not; or for so long."""
    assert admin("POST", "/requests/wait", {"count": 1, "timeout": 0}).json["arrived"] is False
    client = httpx.Client(base_url=server.base_url, trust_env=False, timeout=120)
    body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "slow"}]}

    def call() -> None:
        with pytest.raises(httpx.TransportError):
            client.post("/chat/completions", json=body)

    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    found = admin("POST", "/requests/wait", {"match": {"user": "slow"}, "timeout": "1m"}, timeout=120).json
    assert (found["arrived"], found["count"], found["requests"][0]["ended"]) == (True, 1, "open")
    server.stop()
    thread.join()
    client.close()


def test_waiting_has_an_end(admin: Admin) -> None:
    """Ten minutes at the most."""
    refused = admin("POST", "/requests/wait", {"timeout": "11m"})
    assert (refused.status, refused.json["error"]["message"]) == (
        400,
        "timeout: expected at most 600 seconds, got 660",
    )


def test_a_server_ends_though_somebody_waits(
    serve: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """At once, and without a word."""
    server = serve("stubs: [{response: x}]")
    waits = threading.Event()

    def wait() -> None:
        with pytest.raises(httpx.TransportError):
            httpx.post(f"{server.url}/__admin/requests/wait", json={"timeout": "9m"}, timeout=600, trust_env=False)

    journal = server._app.api.journal
    watch = journal.watch

    def noted(told: Callable[[], None]) -> Callable[[], None]:
        waits.set()
        stop: Callable[[], None] = watch(told)
        return stop

    monkeypatch.setattr(journal, "watch", noted)
    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    assert waits.wait(60)
    server.stop()
    thread.join()
    assert caplog.records == []


def test_nobody_waits_for_a_client_that_has_left(server: MockServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was waited for is given up, and the server goes on."""
    assert server._app is not None
    journal = server._app.api.journal
    watch = journal.watch
    waits, ended = threading.Event(), threading.Event()

    def noted(told: Callable[[], None]) -> Callable[[], None]:
        stop = watch(told)
        waits.set()

        def stopped() -> None:
            stop()
            ended.set()

        return stopped

    monkeypatch.setattr(journal, "watch", noted)
    body = b'{"timeout": "9m"}'
    head = "POST /__admin/requests/wait HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
        assert waits.wait(60)
        assert not ended.is_set()
    assert ended.wait(60)
    assert said(server) == "Hi there!"


@pytest.mark.parametrize("left", ["before", "within"])
def test_a_client_may_leave_before_its_body_is_whole(left: str) -> None:
    """Nothing is done, and nothing fails."""
    app = mockserver.asgi()
    head = [(b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/__admin/stubs", "query_string": b"", "headers": head}
    came = [{"type": "http.request", "body": b'{"response": "x"}', "more_body": True}] if left == "within" else []
    sent: list[Any] = []

    async def receive() -> Any:
        return came.pop() if came else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    assert (sent[0]["status"], sent[1]["body"]) == (499, b"")
    assert app.control.stubs("") == ()


def test_unmatched_requests_are_told_with_what_came_nearest(admin: Admin, server: MockServer) -> None:
    """In words, and part by part."""
    assert admin("GET", "/requests/unmatched").json == {"requests": [], "message": None}
    said(server)
    ask(server, "helo")
    told = admin("GET", "/requests/unmatched").json
    (request,) = told["requests"]
    assert request["problem"]["code"] == "mockserver_no_match"
    assert request["near_misses"][0]["stub"] == "greeting"
    assert request["near_misses"][0]["differences"] == [
        {"key": "user", "expected": "a text containing 'hello'", "got": "'helo'"}
    ]
    assert steady(told["message"]).startswith(
        "1 call was not answered by a stub as it says:\n"
        "  2. +TIME chat gpt-4o-mini 'helo' -> 404 by nobody, no_match\n"
        "      No stub matches this request to chat for the model 'gpt-4o-mini'.\n"
    )


# Verification


def test_a_verification_says_what_is_instead(admin: Admin, server: MockServer) -> None:
    """How many there are, what came nearest and why."""
    said(server)
    assert admin("POST", "/verify", {"match": {"user": "hello"}, "times": 1}).json == {
        "holds": True,
        "count": 1,
        "dropped": 0,
        "message": None,
        "nearest": [],
    }
    failed = admin("POST", "/verify", {"match": {"user": "bye"}, "at_least": 2}).json
    assert (failed["holds"], failed["count"]) == (False, 0)
    assert steady(failed["message"]) == (
        "expected at least 2 calls with user: a text containing 'bye', got none\n"
        "\n"
        "The nearest calls, and what differed:\n"
        "  1. +TIME chat gpt-4o-mini 'hello' -> 200 greeting\n"
        "      user: expected a text containing 'bye', got 'hello'"
    )
    (near,) = failed["nearest"]
    assert near["request"]["stub"] == "greeting"
    assert near["differences"] == [{"key": "user", "expected": "a text containing 'bye'", "got": "'hello'"}]
    assert admin("POST", "/verify", {"stub": "greeting", "never": True}).json["holds"] is False
    assert admin("POST", "/verify").json["holds"] is True


def test_what_cannot_be_verified_is_refused(admin: Admin) -> None:
    """Numbers that contradict each other, or are none."""
    refused = admin("POST", "/verify", {"times": 1, "never": True})
    assert (refused.status, refused.json["error"]["message"]) == (
        400,
        "say one of times, never, or at_least and at_most",
    )
    assert mistakes(admin("POST", "/verify", {"times": -1, "match": {"model": 1, "turns": "x"}}))[0] == (
        "times",
        "expected a whole number from 0 to 1,000,000, got -1",
    )


def test_an_order_is_verified(admin: Admin, server: MockServer) -> None:
    """Others may come in between."""
    for user in ("hello", "nobody", "door"):
        ask(server, user)
    steps = [{"match": {"user": "hello"}}, {"stub": "door"}]
    assert admin("POST", "/verify/order", {"steps": steps}).json == {"holds": True, "found": 2, "message": None}
    failed = admin("POST", "/verify/order", {"steps": steps[::-1]}).json
    assert (failed["holds"], failed["found"]) == (False, 1)
    assert failed["message"].startswith("expected 2 calls in this order, got 1 of them:\n")


def test_a_verdict_says_what_the_client_did_wrong(admin: Admin, server: MockServer) -> None:
    """By the rules, but for those that are to be ignored."""
    assert admin("GET", "/verdict").json == {"findings": [], "message": None}
    ask(server, "hello", headers={"x-mockserver-error": "invalid_api_key"})
    ask(server, "hello", headers={"x-mockserver-error": "invalid_api_key", "x-stainless-retry-count": "1"})
    (finding,) = admin("GET", "/verdict").json["findings"]
    assert (finding["rule"], finding["calls"], finding["doubt"]) == ("retried_in_vain", [1, 2], False)
    assert admin("GET", "/verdict", params={"ignore": "retried_in_vain"}).json["findings"] == []
    refused = admin("GET", "/verdict", params={"ignore": "retried"})
    assert (refused.status, refused.json["error"]["message"].partition(";")[0]) == (400, "there is no rule 'retried'")


# Failures and time


def test_failures_are_switched_while_the_server_runs(admin: Admin, server: MockServer) -> None:
    """Those of files, and added ones; in one session, until it begins anew."""
    assert ask(server, "outage").status_code == 500
    assert admin("PUT", "/failures/outage", {"on": False}).json["on"] is False
    assert ask(server, "outage").status_code == 404
    assert ask(server.session("other"), "outage").status_code == 500
    added = admin("POST", "/failures", {"match": {"user": "hello"}, "error": {"name": "rate_limit"}})
    assert (added.status, added.json["name"], added.json["at_run_time"]) == (201, "run-time!1", True)
    refused = ask(server)
    assert (refused.status_code, refused.headers["x-mockserver-stub"]) == (429, "run-time!1")
    assert said(server.session("other")) == "Hi there!"
    listed = admin("GET", "/failures").json["failures"]
    assert [(one["name"], one["on"]) for one in listed] == [("run-time!1", True), ("outage", False)]
    admin("PUT", "/failures/run-time!1", {"on": False})
    assert said(server) == "Hi there!"
    admin("PUT", "/failures/run-time!1", {"on": True})
    assert ask(server).status_code == 429
    admin("DELETE", "/failures/run-time!1")
    assert said(server) == "Hi there!"
    admin("POST", "/reset")
    assert ask(server, "outage").status_code == 500


def test_a_failure_that_is_none_is_refused(admin: Admin) -> None:
    """In the words that a file gets."""
    assert mistakes(admin("POST", "/failures", {"match": {}})) == [
        ("", "a failure needs one of error, fault, latency, fails_by_model")
    ]
    assert mistakes(admin("POST", "/failures", {"name": "outage", "error": "rate_limit"}))[0][0] == "name"
    stays = admin("DELETE", "/failures/outage").json["error"]["message"]
    assert stays.endswith("which stays as it is: switch it off instead.")


def test_the_clock_goes_on_at_another_pace(admin: Admin, server: MockServer) -> None:
    """An hour's delay takes no time at 0; time goes on from where it was."""
    before = admin("GET", "/clock").json
    assert before["time_scale"] == 1
    after = admin("PUT", "/clock", {"time_scale": 0}).json
    assert after["time_scale"] == 0
    assert before["elapsed"] <= after["elapsed"] < before["elapsed"] + 600
    assert said(server, "slow") == "At last."
    later = admin("GET", "/clock").json
    assert later["elapsed"] >= after["elapsed"] + 3600
    moved = admin("PUT", "/clock", {"time_scale": 1, "advance": "2h"}).json
    assert moved["elapsed"] >= later["elapsed"] + 7200
    assert abs((moved["now"] - moved["elapsed"]) - (later["now"] - later["elapsed"])) < 1e-3
    assert mistakes(admin("PUT", "/clock", {})) == [("", "a clock needs one of time_scale, advance")]


# What is not as it should be


@pytest.mark.parametrize(
    ("method", "path", "options", "status", "message"),
    [
        ("GET", "/none", {}, 404, "There is nothing at /__admin/none: GET /__admin/openapi.json tells what there is."),
        ("GET", "", {}, 404, "There is nothing at /__admin: GET /__admin/openapi.json tells what there is."),
        (
            "OPTIONS",
            "/none",
            {},
            404,
            "There is nothing at /__admin/none: GET /__admin/openapi.json tells what there is.",
        ),
        (
            "PUT",
            "/s/x/none",
            {},
            404,
            "There is nothing at /__admin/s/x/none: GET /__admin/openapi.json tells what there is.",
        ),
        ("PUT", "/stubs/x/y", {}, 400, "The body is empty: this needs a JSON object."),
        ("POST", "/failures/x", {}, 405, "POST cannot be done here: PUT, DELETE, OPTIONS can."),
        ("PATCH", "/stubs", {}, 405, "PATCH cannot be done here: GET, POST, DELETE, HEAD, OPTIONS can."),
        ("POST", "/stubs", {}, 400, "The body is empty: this needs a JSON object."),
        ("POST", "/reset", {"json": {"session": "a"}}, 400, "This takes no body."),
        ("GET", "/stubs?sesion=a", {}, 400, "unknown parameter 'sesion' in the query; known are session"),
        ("GET", "/clock?session=a", {}, 400, "unknown parameter 'session' in the query; there is none here"),
        (
            "POST",
            "/stubs",
            {"data": {"response": "x"}},
            415,
            "A body is sent with 'content-type: application/json', got 'application/x-www-form-urlencoded'.",
        ),
        (
            "POST",
            "/stubs",
            {"content": b"{}"},
            415,
            "A body is sent with 'content-type: application/json', got nothing.",
        ),
    ],
)
def test_what_is_asked_wrongly_is_told(
    admin: Admin, method: str, path: str, options: dict[str, Any], status: int, message: str
) -> None:
    """In one shape, and a sentence."""
    response = admin.client.request(method, f"/__admin{path}", **options)
    assert (response.status_code, response.json()) == (status, {"error": {"message": message}})


def test_a_failure_of_its_own_is_told(
    admin: Admin, server: MockServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """To the client in the one shape, to the log with where it happened; the server goes on."""

    def fail(session: str) -> None:
        raise ZeroDivisionError(session)

    assert server._app is not None
    monkeypatch.setattr(server._app.control, "scenarios", fail)
    response = admin.client.get("/__admin/scenarios")
    told = {"error": {"message": "GET /__admin/scenarios failed: ZeroDivisionError"}}
    assert (response.status_code, response.json(), response.headers["connection"]) == (500, told, "close")
    assert admin("GET", "/stubs").status == 200
    (record,) = caplog.records
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], ZeroDivisionError)


WRONG = [
    b"{",
    b"\xff",
    b"[" * 100_000,
    b'{"a": NaN}',
    b'{"a": 1, "a": 2}',
    b"[]",
    b"null",
    b'"x"',
    b'{"match": "\\ud800"}',
]


@pytest.mark.parametrize("body", WRONG, ids=range(len(WRONG)))
def test_no_body_is_a_server_error(admin: Admin, body: bytes) -> None:
    """What is no JSON, or not what is expected, is the client's mistake."""
    headers = {"content-type": "application/json"}
    for operation in OPERATIONS:
        if operation.body is not None:
            path = operation.path.replace("{name}", "outage" if "failures" in operation.path else "x")
            response = admin.client.request(operation.method, f"/__admin{path}", content=body, headers=headers)
            assert response.status_code == 400, (operation, response.text)
            assert response.json()["error"]["message"]


def test_halves_of_characters_come_back_as_they_went(admin: Admin) -> None:
    """JSON can say them, UTF-8 cannot."""
    headers = {"content-type": "application/json"}
    body = b'{"name": "x", "match": {"user": "\\ud800"}, "response": "\\udfff"}'
    response = admin.client.post("/__admin/stubs", content=body, headers=headers)
    assert response.json()["written"]["match"] == {"user": "\ud800"}


def test_a_body_is_bounded(admin: Admin) -> None:
    """Before any of it is read."""
    with socket.create_connection((admin.client.base_url.host, admin.client.base_url.port or 0)) as client:
        head = "POST /__admin/stubs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
        client.sendall(f"{head}content-length: {17 * 1024 * 1024}\r\n\r\n".encode())
        answer = b"".join(iter(lambda: client.recv(65_536), b""))
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"16777216 bytes" in answer


def test_a_regex_that_takes_too_long_finds_nothing(admin: Admin, server: MockServer) -> None:
    """It is given up, and the server goes on."""
    ask(server, "a" * 50_000)
    assert admin("POST", "/requests/count", {"match": {"user": "/(?:(?:a|a)+)+b$/"}}).json == {
        "count": 0,
        "dropped": 0,
    }
    assert said(server) == "Hi there!"


def test_nothing_of_the_mock_concerns_it(serve: Any) -> None:
    """No stub, failure or key; nothing of it is in the journal, and it is asked as HEAD too."""
    text = "failures: [{error: server_error}]\nstubs: [{response: x, fault: reset}]"
    server = serve(text, api_keys=["k"])
    admin = Admin(server)
    assert chat(server).status_code == 401
    assert admin("GET", "/stubs", headers={"x-mockserver-error": "rate_limit"}).status == 200
    assert [one["status"] for one in admin("GET", "/requests").json["requests"]] == [401]
    head = admin.client.head("/__admin/stubs")
    assert (head.status_code, head.content) == (200, b"")
    assert admin.client.get("/__admin/stubs/").status_code == 200
    assert admin.client.get("/__admin//stubs").status_code == 200
    admin.client.close()


def test_a_model_may_be_called_like_it(default_server: MockServer) -> None:
    """A path of the API stays one of the API."""
    response = httpx.get(f"{default_server.base_url}/models/x%2F__admin%2Fhealth", trust_env=False)
    assert response.json()["id"] == "x/__admin/health"
    assert content(chat(default_server, model="x/__admin/y"))
