"""What the journal has of a call, and how it is shown."""

import json
import socket
from typing import Any

import httpx
import pytest

from mockserver import Bounds, MockServer, UsageError, VerificationError
from mockserver.journal import Exchange, Journal, Outcome
from mockserver.plan import Plan
from mockserver.testing.recorded import mask
from tests.testing.asking import ask, said, steady, told


def test_a_call_has_what_was_asked_and_what_was_answered(server: MockServer) -> None:
    """The parsed body, the messages, headers, stub, status, and the answer as planned."""
    stub = server.stub(name="greeting", reply="Hi!")
    ask(server, "hello", headers={"x-stainless-retry-count": "2"}, temperature=0.5)
    call = server.calls.last
    assert call.json["temperature"] == 0.5
    assert call.messages == [{"role": "user", "content": "hello"}]
    assert (call.user, call.model, call.endpoint, call.retry) == ("hello", "gpt-4o-mini", "chat", 2)
    assert (call.stub, call.status, call.ended, call.session) == ("greeting", 200, "complete", "")
    assert (call.method, call.path) == ("POST", "/v1/chat/completions")
    assert call.headers["content-type"] == "application/json"
    assert json.loads(call.answer)["choices"][0]["message"]["content"] == "Hi!"
    assert call.sent == len(call.answer)
    assert call.answer_headers["x-mockserver-stub"] == "greeting"
    assert call.problem is None
    assert [one.user for one in stub.calls] == ["hello"]


def test_a_call_as_json_is_json(server: MockServer) -> None:
    """All of it, for the admin API and for files."""
    server.stub(reply="Hi!")
    ask(server)
    whole = json.loads(json.dumps(server.calls.last.to_json()))
    assert whole["json"]["messages"][0]["content"] == "hello"
    assert (whole["stub"], whole["status"], whole["answer"]["stream"], whole["problem"]) == (
        "run-time#1",
        200,
        False,
        None,
    )


def test_a_call_has_its_plan_beside_what_happened(server: MockServer) -> None:
    """The times that the file says, whatever the time scale, and how it was to end; what left, and how it ended."""
    with MockServer(time_scale=0) as fast:
        fast.stub(
            reply="Hi there!",
            latency={"before": "1h", "itl": "1m"},
            fault=[{"kind": "close", "after_chunks": 2}],
        )
        with pytest.raises(httpx.RemoteProtocolError):
            ask(fast, stream=True)
        call = fast.calls.last
    assert call.planned == {"begins": 3600.0, "pieces": [3600.0, 3600.0], "ends": 3600.0, "ending": "closed"}
    assert call.to_json()["planned"] == call.planned
    assert (call.ended, call.sent) == ("closed", len(call.answer))
    server.stub(reply="Hi there!")
    ask(server)
    assert server.calls.last.planned == {"begins": 0.0, "pieces": [0.0], "ends": 0.0, "ending": "complete"}


@pytest.mark.parametrize(
    ("secret", "shown"),
    [
        ("Bearer sk-proj-0123456789abcdef", "Bearer ***cdef"),
        ("short", "***"),
        ("Bearer short", "Bearer ***"),
        ("Bearer mock-session-mine", "Bearer mock-session-mine"),
    ],
)
def test_secrets_are_masked(server: MockServer, secret: str, shown: str) -> None:
    """Long ones show their last four characters; a key that names a session is no secret."""
    handle: Any = server.session("mine") if "mock-session" in secret else server
    handle.stub(reply="Hi!")
    ask(handle, headers={"authorization": secret, "api-key": "abc", "cookie": "id=12345678901234567890"})
    headers = handle.calls.last.headers
    assert (headers["authorization"], headers["api-key"]) == (shown, "***")
    assert headers["cookie"] == "***7890"
    assert mask(secret) == shown


def test_secrets_in_the_query_are_masked(server: MockServer) -> None:
    """As in those of Azure's older clients."""
    url = f"{server.url}/openai/deployments/m/chat/completions?api-version=2024-10-21&api-key=0123456789abcdefgh"
    httpx.post(url, json={"messages": [{"role": "user", "content": "x"}]}, trust_env=False)
    assert server.calls.last.query == "api-version=2024-10-21&api-key=***efgh"


def test_a_call_is_one_line(server: MockServer) -> None:
    """When it came, what was asked, what was answered and by whom, and what was odd."""
    server.stub(user="hello", reply="Hi!")
    server.stub(user="slow", sequence=[{"error": "rate_limit"}])
    ask(server)
    ask(server, "hello", stream=True)
    ask(server, "slow", headers={"x-stainless-retry-count": "1"})
    ask(server, "bye\n" + "x" * 100)
    ask(server, "hello", n="two")
    ask(server, "hello", tempratur=1)
    httpx.get(server.base_url + "/models", trust_env=False)
    httpx.post(server.base_url + "/chat/completions", content=b"{", trust_env=False)
    httpx.get(server.url + "/nowhere", trust_env=False)
    assert told(server) == [
        "1. +TIME chat gpt-4o-mini 'hello' -> 200 run-time#1",
        "2. +TIME chat gpt-4o-mini 'hello' as a stream -> 200 run-time#1",
        "3. +TIME chat gpt-4o-mini 'slow' -> 429 run-time#2, retry 1",
        f"4. +TIME chat gpt-4o-mini 'bye\\\\n{'x' * 53}...' -> 404 by nobody, no_match".replace("\\\\", "\\"),
        "5. +TIME POST /v1/chat/completions -> 400 by nobody",
        "6. +TIME chat gpt-4o-mini 'hello' -> 200 run-time#1, the real API would refuse: " + server.calls[5].warning,
        "7. +TIME GET /v1/models -> 200 models",
        "8. +TIME POST /v1/chat/completions -> 400 by nobody",
        "9. +TIME GET /nowhere -> 404 by nobody, unknown path",
    ]
    assert (server.calls[4].json["n"], server.calls[7].json) == ("two", None)


def test_calls_are_filtered_by_the_languages_own_match(server: MockServer) -> None:
    """They can be counted, indexed and iterated, and filtered again."""
    server.stub(reply="Hi!")
    server.stub(name="b", user="b", reply="B")
    for user in ("a", "b", "ab"):
        ask(server, user)
    assert [call.user for call in server.calls] == ["a", "b", "ab"]
    assert [call.user for call in server.calls(user="b")] == ["b", "ab"]
    assert [call.user for call in server.calls(user="b")(user={"exact": "b"})] == ["b"]
    assert [call.user for call in server.calls(stub="b")] == ["b", "ab"]
    assert [call.user for call in server.calls[1:](ordinal=3)] == ["ab"]
    assert (len(server.calls), server.calls.last.user, server.calls[0].user) == (3, "ab", "a")
    assert steady(repr(server.calls(user="ab"))) == "<1 calls>\n1. +TIME chat gpt-4o-mini 'ab' -> 200 b"


def test_there_is_no_last_call_where_there_is_none(server: MockServer) -> None:
    """A test fails with a sentence, not with an index."""
    with pytest.raises(VerificationError, match="there is no call"):
        _ = server.calls.last


def test_an_answer_that_has_not_ended_is_there_already(server: MockServer) -> None:
    """As open; and as disconnected when its client has left."""
    server.stub(reply="Hi!", fault="hang")
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        body = b'{"model":"m","messages":[{"role":"user","content":"x"}]}'
        client.sendall(b"POST /chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
        assert server.wait_for(user="x").last.ended == "open"
        server.verify(times=1)


def test_waiting_for_calls_that_do_not_come_fails(server: MockServer) -> None:
    """With what came instead; a timeout of nothing looks once."""
    server.stub(reply="Hi!")
    ask(server)
    with pytest.raises(VerificationError) as failed:
        server.wait_for(user="hello", times=2, timeout=0)
    assert steady(str(failed.value)) == (
        "within 0 s, expected at least 2 calls with user: a text containing 'hello', got 1\n"
        "\n"
        "These were found:\n"
        "  1. +TIME chat gpt-4o-mini 'hello' -> 200 run-time#1"
    )
    assert len(server.wait_for(times=1)) == 1


def exchange(at: float, session: str = "", size: int = 1) -> Exchange:
    """An exchange without a call."""
    return Exchange(
        at, "GET", "/", None, "-", Plan(404, (), ()), Outcome(0, "complete"), None, 0.0, size, session=session
    )


def test_the_journal_is_bounded_and_says_what_it_dropped() -> None:
    """By entries and by bytes; what was dropped is counted by session, and forgotten with it."""
    journal = Journal(max_entries=3, max_bytes=10)
    for number in range(4):
        journal.add(exchange(number, "a"))
    assert (len(journal), journal.dropped("a"), journal.dropped("b")) == (3, 1, 0)
    journal.add(exchange(5, "b", size=9))
    assert [(e.session, e.at) for e in journal] == [("a", 3), ("b", 5)]
    journal.forget("a")
    assert ([e.session for e in journal], journal.dropped("a")) == (["b"], 0)
    journal.add(exchange(6, "b", size=2))
    assert [e.at for e in journal] == [6]


def test_the_journal_is_in_the_order_in_which_requests_came() -> None:
    """Not in that of their ends; what is forgotten meanwhile does not come back."""
    journal = Journal()
    first = journal.begin(exchange(1))
    journal.add(exchange(2))
    assert [e.at for e in journal.entries("")] == [1, 2]
    journal.end(first, exchange(1))
    assert [e.at for e in journal.entries()] == [1, 2]
    second = journal.begin(exchange(3))
    journal.forget("")
    journal.end(second, exchange(3))
    assert journal.entries() == []


def test_counting_what_was_dropped_is_bounded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sessions that dropped first are forgotten first."""
    monkeypatch.setattr("mockserver.journal.MOST_SESSIONS", 2)
    journal = Journal(max_entries=0)
    for session in "abc":
        journal.add(exchange(0, session))
    assert [journal.dropped(session) for session in "abc"] == [0, 1, 1]


def test_what_was_dropped_makes_counting_impossible() -> None:
    """A verification that cannot know does not pass; one of a stub counts where nothing is dropped."""
    with MockServer(bounds=Bounds(journal=2)) as server:
        stub = server.stub(reply="Hi!").expect(times=3)
        for _ in range(3):
            said(server)
        server.verify_expectations()
        server.verify(stub=stub, times=3)
        with pytest.raises(VerificationError) as failed:
            server.verify(user="hello", at_most=3)
    lines = steady(str(failed.value)).splitlines()
    assert lines[:2] == [
        "expected at most 3 calls with user: a text containing 'hello', got 2",
        "The journal has dropped 1 call of this session and cannot tell: let it keep more (bounds).",
    ]


def test_a_default_session_takes_what_names_none(server: MockServer) -> None:
    """So a test runner can give each test a session, whatever its clients make of base URL and key."""
    assert server._app is not None
    server._app.api.default_session = "mine"
    server.session("mine").stub(reply="Hi!")
    assert said(server) == "Hi!"
    assert (len(server.calls), len(server.session("mine").calls)) == (0, 1)


def test_asking_for_what_cannot_be_is_refused(server: MockServer) -> None:
    """Before anything is looked at."""
    for wrong, message in [
        ({"times": -1}, "times: expected a whole number from 0 on, got -1"),
        ({"at_least": True}, "at_least: expected a whole number from 0 on, got True"),
        ({"times": 1, "never": True}, "say one of times, never, or at_least and at_most"),
        ({"at_least": 3, "at_most": 2}, "at_least is 3 and at_most 2: there is no such number"),
    ]:
        with pytest.raises(UsageError) as failed:
            server.verify(**wrong)  # type: ignore[arg-type]
        assert str(failed.value) == message
