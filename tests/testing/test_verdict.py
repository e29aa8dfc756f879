"""The verdict: what a client does wrong is found, with the calls that show it, and what is right is not."""

import json
from typing import Any

import pytest

from mockserver import MisbehaviourError, MockServer, UsageError
from mockserver.call import Call
from mockserver.journal import Exchange, Outcome
from mockserver.plan import Piece, Plan
from mockserver.testing.verdict import NAMES, RULES, judge
from tests.testing.asking import ask, steady


def exchange(
    at: float,
    status: int = 200,
    *,
    user: str = "hello",
    retry: int | None = None,
    seconds: float = 0.0,
    headers: dict[str, str] | None = None,
    sent: dict[str, str] | None = None,
    body: bytes = b"",
    ended: str = "complete",
    events: bool = False,
    messages: list[dict[str, Any]] | None = None,
    warning: str = "",
    unread: bool = False,
) -> Exchange:
    """A call and its answer: `headers` and `body` are the answer's, `sent` the request's headers."""
    given = {name.encode(): value.encode() for name, value in (sent or {}).items()}
    if retry is not None:
        given[b"x-stainless-retry-count"] = b"%d" % retry
    call = Call("chat", {"model": "m", "messages": messages or [{"role": "user", "content": user}]}, headers=given)
    answered = tuple((name.encode(), value.encode()) for name, value in (headers or {}).items())
    plan = Plan(status, answered, (Piece(body),), events)
    outcome = Outcome(len(body), ended, seconds)
    return Exchange(
        at, "POST", "/v1/chat/completions", None if unread else call, "s", plan, outcome, 1, seconds, 1, warning,
        headers=given, body=b"{" if unread else b"",
    )  # fmt: skip


def found(*calls: Exchange) -> list[tuple[str, str]]:
    """The rules that find something, and what they say."""
    return [(finding.rule, finding.message) for finding in judge(calls).findings]


OK = 200


def test_a_client_that_behaves_is_not_blamed() -> None:
    """It waits as it is told, or longer each time; asks other things; and gives up what cannot be."""
    assert found() == []
    assert found(exchange(0), exchange(5), exchange(10, user="x")) == []
    assert found(exchange(0, 429, headers={"retry-after": "2"}), exchange(2)) == []
    assert found(exchange(0, 500), exchange(0.5, 500), exchange(1.5, 500), exchange(3.5, 500), exchange(7.5)) == []
    assert found(exchange(0, 401)) == []
    assert found(exchange(0, 500), exchange(1, 500)) == []
    assert found(exchange(0, 500, headers={"x-should-retry": "false"})) == []


@pytest.mark.parametrize(
    ("headers", "told"), [({"retry-after": "2"}, "2"), ({"retry-after-ms": "1500", "retry-after": "2"}, "1.5")]
)
def test_a_wait_that_was_told_and_not_kept(headers: dict[str, str], told: str) -> None:
    """From the end of the answer on; in milliseconds where they are told."""
    calls = exchange(0, 429, seconds=0.5, headers=headers), exchange(1.5)
    assert found(*calls) == [
        ("ignored_retry_after", f"call 1 said to wait {told} s, and call 2 came after 1.000 s"),
    ]


def test_a_date_to_wait_for_is_not_judged() -> None:
    """Nobody's clock is that right."""
    assert found(exchange(0, 429, headers={"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}), exchange(0.5)) == []


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_a_retry_of_what_stays_wrong(status: int) -> None:
    """Once, and more often; also where the request could not even be read."""
    told = f"call 1 was answered {status}, which another try does not change, and was sent again"
    for unread in (False, True):
        first = exchange(0, status, unread=unread)
        assert found(first, exchange(1, status, unread=unread)) == [("retried_in_vain", told)]
    again = (exchange(0, status), exchange(1, status), exchange(3, status))
    assert found(*again) == [("retried_in_vain", f"{told} 2 times")]


def test_a_retry_without_money() -> None:
    """A 429 is not always one that passes."""
    body = b'{"error": {"code": "insufficient_quota"}}'
    told = "call 1 was answered 429, which another try does not change, and was sent again"
    assert found(exchange(0, 429, body=body), exchange(1, 429, body=body)) == [("retried_in_vain", told)]
    assert found(exchange(0, 429, body=body)) == []


def test_a_retry_that_was_told_not_to_be() -> None:
    """`x-should-retry: false` holds whatever the status."""
    told = "call 1 was answered 500, which another try does not change, and was sent again"
    assert found(exchange(0, 500, headers={"x-should-retry": "false"}), exchange(1)) == [("retried_in_vain", told)]


def test_a_storm_of_retries_without_a_wait() -> None:
    """Four tries at once."""
    calls = [exchange(number / 100, 500) for number in range(4)]
    assert found(*calls) == [("retry_storm", "call 1 was tried 4 times without a wait")]


def test_a_storm_of_retries_without_longer_waits() -> None:
    """Each second again."""
    calls = [exchange(number, 500) for number in range(5)]
    told = "call 1 was tried 5 times without waiting longer each time: 1.000 s at first, 1.000 s at last"
    assert found(*calls) == [("retry_storm", told)]


def test_waits_that_are_told_are_no_storm() -> None:
    """The server says how long, not the client."""
    calls = [exchange(number, 429, headers={"retry-after": "1"}) for number in range(5)]
    assert found(*calls) == []


def test_retries_that_come_back_together() -> None:
    """A doubt: many clients that wait exactly as long."""
    firsts = [exchange(0, 500, user=str(number)) for number in range(4)]
    thens = [exchange(1 + number / 1000, user=str(number)) for number in range(4)]
    (finding,) = judge([*firsts, *thens]).findings
    told = "4 requests were all retried after 1.000 s: they come back together"
    assert (finding.rule, finding.message, finding.doubt) == ("no_jitter", told, True)
    spread = [exchange(1 + number / 10, user=str(number)) for number in range(4)]
    assert found(*firsts, *spread) == []


@pytest.mark.parametrize(
    ("call", "how"),
    [
        (exchange(0, 429), "429"),
        (exchange(0, 503), "503"),
        (exchange(0, 408), "408"),
        (exchange(0, 200, ended="reset"), "200 and reset"),
        (exchange(0, 200, ended="closed"), "200 and cut off"),
        (exchange(0, 400, headers={"x-should-retry": "true"}), "400"),
    ],
)
def test_what_may_pass_was_not_tried_again(call: Exchange, how: str) -> None:
    """What the official SDKs retry."""
    told = f"call 1 was answered {how}, which may pass, and was not tried again"
    assert found(call, exchange(9, user="another")) == [("gave_up", told)]


def event(content: str, finish: str | None = None) -> bytes:
    """A chunk of a stream."""
    return (
        b"data: %b\n\n" % json.dumps({"choices": [{"delta": {"content": content}, "finish_reason": finish}]}).encode()
    )


def test_a_stream_that_was_cut_is_taken_for_whole() -> None:
    """The conversation goes on with its first part."""
    conversation = [{"role": "user", "content": "hello"}, {"role": "assistant", "content": "Once upon"}]
    cut = exchange(0, ended="complete", events=True, body=event("Once ") + event("upon") + b"data: {")
    later = exchange(1, messages=[*conversation, {"role": "user", "content": "go on"}])
    told = "the stream that answered call 1 was cut, and call 2 goes on from what had come of it as if that were all"
    assert found(cut, later) == [("took_cut_for_whole", told)]
    whole = exchange(0, events=True, body=event("Once ") + event("upon", "stop"))
    assert found(whole, later) == []
    assert found(cut, exchange(1, user="tell me again")) == []


def test_an_answer_that_is_left_open() -> None:
    """Neither read to its end nor closed."""
    told = "the answer to call 1 is still open: it was neither read to its end nor closed"
    assert found(exchange(0, ended="open")) == [("left_open", told)]


def test_a_request_that_was_answered_is_sent_again() -> None:
    """As a retry, by what the client says itself; or by its idempotency key."""
    told = [("sent_twice", "call 2 is a retry of call 1, which was answered")]
    assert found(exchange(0, retry=0), exchange(2, retry=1)) == told
    key = {"idempotency-key": "a"}
    assert found(exchange(0, sent=key), exchange(2, sent=key)) == told
    assert found(exchange(0, retry=0), exchange(2, retry=0)) == []


def test_the_same_request_soon_again_is_a_doubt() -> None:
    """It may be meant; so it is told and fails nothing."""
    verdict = judge([exchange(0), exchange(0.5)])
    told = "call 2 asks again what call 1 was just asked"
    assert [(f.rule, f.message, f.doubt) for f in verdict.findings] == [("sent_twice", told, True)]
    verdict.verify()


def test_what_the_real_api_refuses() -> None:
    """Each refusal once, with the calls that it is about."""
    calls = [exchange(0, warning="No 'x'."), exchange(5, user="a"), exchange(9, user="b", warning="No 'x'.")]
    assert found(*calls) == [("refused_by_the_api", "the real API would refuse calls 1, 3: No 'x'.")]


def test_parallel_requests_are_not_retries_of_each_other() -> None:
    """The same question at once, by clients that say which try it is, or before the first one's answer."""
    failed = {"headers": {"retry-after": "2"}}
    assert (
        found(
            exchange(0, 429, retry=0, **failed),  # type: ignore[arg-type]
            exchange(0.5, 429, retry=0, **failed),  # type: ignore[arg-type]
            exchange(2.1, retry=1),
            exchange(2.6, retry=1),
        )
        == []
    )
    slow = [exchange(0, 500, seconds=1), exchange(0.5, 500, seconds=1), exchange(3), exchange(3)]
    assert "retry_storm" not in [rule for rule, _ in found(*slow)]


def test_code_that_tries_again_around_an_sdk() -> None:
    """Each round says that it is the first try."""
    told = {"retry-after": "9", "x-should-retry": "true"}
    rounds = [exchange(float(number), 429, retry=0, headers=told) for number in range(3)]
    assert [rule for rule, _ in found(*rounds)] == ["ignored_retry_after", "ignored_retry_after"]
    tries = [exchange(0, 401, retry=0), exchange(1, 401, retry=0)]
    assert [rule for rule, _ in found(*tries)] == ["retried_in_vain"]


def test_a_stream_that_was_cut_and_not_asked_for_again_is_a_doubt() -> None:
    """The official SDKs do not retry it by themselves."""
    (finding,) = judge([exchange(0, ended="reset", events=True, body=event("Once"))]).findings
    assert (finding.rule, finding.doubt) == ("gave_up", True)


def test_rules_can_be_left_out() -> None:
    """By their names."""
    assert judge([exchange(0, 500)], ["gave_up"]).findings == ()
    with pytest.raises(UsageError) as failed:
        judge([], ["give_up"])
    assert str(failed.value) == f"there is no rule 'give_up'; known are {', '.join(NAMES)}"


def test_every_rule_says_what_it_is_about() -> None:
    """The docs have a table of them."""
    assert len(set(NAMES)) == len(RULES)
    assert all(rule.doc.endswith(".") for rule in RULES)


def test_a_verdict_on_a_server_has_its_evidence(server: MockServer) -> None:
    """Asked for; with the lines of the journal, and as JSON."""
    server.stub(error={"name": "rate_limit", "retry_after": 60})
    assert str(server.verdict()) == ""
    server.verdict().verify()
    ask(server)
    ask(server)
    ask(server, "hello", tempratur=1)
    verdict = server.verdict(ignore=["gave_up"])
    with pytest.raises(MisbehaviourError) as failed:
        verdict.verify()
    lines = steady(str(failed.value)).splitlines()
    assert lines[0] == "the client did something wrong:"
    assert lines[1].startswith("- ignored_retry_after: call 1 said to wait 60 s, and call 2 came after 0.")
    assert lines[2:4] == [
        "    1. +TIME chat gpt-4o-mini 'hello' -> 429 run-time#1",
        "    2. +TIME chat gpt-4o-mini 'hello' -> 429 run-time#1",
    ]
    assert lines[4].startswith("- refused_by_the_api: the real API would refuse call 3: ")
    (first, _) = verdict.to_json()
    assert (first["rule"], first["calls"], first["doubt"]) == ("ignored_retry_after", [1, 2], False)
    assert json.loads(json.dumps(verdict.to_json())) == verdict.to_json()
