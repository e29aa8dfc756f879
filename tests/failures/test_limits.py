"""`limits` of a file, as clients meet them."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver import MockServer
from mockserver.call import Call
from mockserver.clock import SystemClock
from mockserver.language.load import load
from mockserver.limiting.turns import Lane, Turns
from mockserver.plan import Plan
from mockserver.server import create_app
from tests.conftest import Serve

STUBS = "stubs: [{response: Hi}]"


def ask(server: MockServer, user: str = "hello", key: str = "sk-a", session: str = "", **fields: Any) -> httpx.Response:
    """One chat request with a key."""
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": user}], **fields}
    url = f"{server.url}/s/{session}/v1" if session else server.base_url
    headers = {"authorization": f"Bearer {key}"}
    return httpx.post(f"{url}/chat/completions", json=body, headers=headers, trust_env=False)


class Manual(SystemClock):
    """A clock that stands still until it is set."""

    at = 0.0

    def elapsed(self) -> float:
        """What it is set to."""
        return self.at


def test_too_many_requests_are_turned_away(tmp_path: Path) -> None:
    """The API's 429: its words, its type, when to come back; then the same request is let in."""
    file = tmp_path / "stubs.yaml"
    file.write_text("limits: {requests_per_minute: 3}\n" + STUBS)
    clock = Manual()
    engine = create_app(load([file]), clock=clock)[0].api.engine

    def answer(user: str) -> Plan:
        return engine.answer(Call("chat", {"model": "gpt-4o", "messages": [{"role": "user", "content": user}]})).plan

    assert [answer(str(n)).status for n in range(3)] == [200] * 3
    refused = answer("once more")
    headers = dict(refused.headers)
    assert refused.status == 429
    assert json.loads(refused.body)["error"] == {
        "message": "Rate limit reached for gpt-4o in organization org-mockserver on requests per min (RPM): Limit 3, "
        "Used 3, Requested 1. Please try again in 20s. Visit https://platform.openai.com/account/rate-limits to learn "
        "more.",
        "type": "requests",
        "param": None,
        "code": "rate_limit_exceeded",
    }
    assert (headers[b"retry-after"], headers[b"retry-after-ms"]) == (b"20", b"20000")
    assert headers[b"x-ratelimit-remaining-requests"] == b"0"
    assert headers[b"x-ratelimit-reset-requests"] == b"1m0s"
    assert headers[b"x-mockserver-stub"] == b"limit"
    assert answer("another").status == 429
    clock.at = 20.0
    assert answer("a third").status == 429
    assert answer("once more").status == 200


def test_too_many_tokens_are_turned_away(serve: Serve) -> None:
    """What is asked for counts, whatever is answered; more than a minute has is never let in."""
    server = serve("limits: {tokens_per_minute: 1000}\n" + STUBS)
    first = ask(server, max_tokens=900)
    assert first.headers["x-ratelimit-limit-tokens"] == "1000"
    assert first.headers["x-ratelimit-remaining-tokens"] == "100"
    second = ask(server, "x" * 800)
    assert second.status_code == 429
    assert "tokens per min (TPM): Limit 1000, Used " in second.json()["error"]["message"]
    assert second.json()["error"]["type"] == "tokens"
    third = ask(server, max_tokens=1001)
    assert third.json()["error"]["message"] == (
        "Request too large for gpt-4o in organization org-mockserver on tokens per min (TPM): Limit 1000, Requested "
        "1001. The input or output tokens must be reduced in order to run successfully. Visit "
        "https://platform.openai.com/account/rate-limits to learn more."
    )
    assert "retry-after" not in third.headers


def test_every_answer_says_what_is_left(serve: Serve) -> None:
    """Streams, errors of stubs and answers alike."""
    server = serve(
        """
        limits: {requests_per_minute: 60}
        stubs:
          - {match: {user: fail}, error: server_error}
          - response: Hi
        """
    )
    answers = [ask(server), ask(server, stream=True), ask(server, "fail")]
    assert [answer.headers["x-ratelimit-remaining-requests"] for answer in answers] == ["59", "58", "57"]
    assert {answer.headers["x-ratelimit-limit-requests"] for answer in answers} == {"60"}
    assert answers[0].headers["x-ratelimit-reset-requests"] == "1s"


@pytest.mark.parametrize(
    ("per", "codes"),
    [
        ("key", [200, 429, 200, 429]),
        ("model", [200, 429, 429, 200]),
        ("[key, model]", [200, 429, 200, 200]),
        ("server", [200, 429, 429, 429]),
    ],
)
def test_each_has_its_own(serve: Serve, per: str, codes: list[int]) -> None:
    """Keys, models, both, or one for all."""
    server = serve(f"limits: {{requests_per_day: 1, per: {per}}}\n" + STUBS)
    asked = [("sk-a", "gpt-4o"), ("sk-a", "gpt-4o"), ("sk-b", "gpt-4o"), ("sk-a", "gpt-5")]
    assert [ask(server, key=key, model=model).status_code for key, model in asked] == codes


def test_sessions_have_their_own(serve: Serve) -> None:
    """Parallel tests don't use up each other's."""
    server = serve("limits: {requests_per_day: 1, per: server}\n" + STUBS)
    assert [ask(server, session=name).status_code for name in "aabb"] == [200, 429, 200, 429]


def test_a_limit_counts_what_matches(serve: Serve) -> None:
    """Others are neither counted nor told."""
    server = serve("limits: {match: {model: gpt-5*}, requests_per_day: 1}\n" + STUBS)
    assert [ask(server, model="gpt-5").status_code for _ in range(2)] == [200, 429]
    assert ask(server).headers["x-ratelimit-limit-requests"] == "10000"


def test_a_reset_fills_the_buckets(tmp_path: Path) -> None:
    """As it forgets everything else: of one session, or of all."""
    file = tmp_path / "stubs.yaml"
    file.write_text("limits: {requests_per_day: 1, per: server}\n" + STUBS)
    engine = create_app(load([file]), clock=SystemClock())[0].api.engine

    def code(session: str) -> int:
        body = {"model": "m", "messages": [{"role": "user", "content": "x"}]}
        return engine.answer(Call("chat", body, session=session)).plan.status

    assert [code(name) for name in "aabb"] == [200, 429, 200, 429]
    engine.state.reset("a")
    assert [code("a"), code("b")] == [200, 429]
    engine.state.reset()
    assert [code("a"), code("b")] == [200, 200]


async def at_once(server: MockServer, count: int) -> list[httpx.Response]:
    """So many requests at the same time."""
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hello"}]}
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        url = f"{server.base_url}/chat/completions"
        return await asyncio.gather(*(client.post(url, json=body) for _ in range(count)))


def test_more_at_once_wait_for_their_turn(serve: Serve) -> None:
    """Two are answered, two wait, the others are told that there is too much to do."""
    server = serve("limits: {concurrent: 2, queue: 2, per: server}\ndefaults: {latency: 500ms}\n" + STUBS)
    answers = asyncio.run(at_once(server, 6))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 200, 503, 503]
    crowded = next(answer for answer in answers if answer.status_code == 503)
    assert crowded.headers["retry-after"] == "1"
    assert crowded.json()["error"]["code"] == "server_is_overloaded"
    assert ask(server).status_code == 200


def test_who_leaves_gives_the_turn_to_the_next(serve: Serve) -> None:
    """A client that hangs up holds up nobody for longer than its answer would have taken to fail."""
    server = serve("limits: {concurrent: 1, queue: 5, per: server}\ndefaults: {latency: 300ms}\n" + STUBS)
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(
            f"{server.base_url}/chat/completions",
            json={"model": "gpt-4o", "messages": [{"role": "user", "content": "x"}]},
            timeout=0.1,
            trust_env=False,
        )
    assert ask(server).status_code == 200


@given(st.lists(st.sampled_from(["come", "leave", "give up"]), max_size=60), st.integers(1, 3), st.integers(0, 4))
def test_turns_are_never_too_many_and_none_is_lost(deeds: list[str], most: int, queue: int) -> None:
    """Whoever comes, leaves, or gives up waiting, in whatever order."""

    async def run() -> None:
        turns, lane = Turns(), Lane("k", most, queue)
        tasks: list[asyncio.Task[bool]] = []
        for deed in deeds:
            inside = [task for task in tasks if task.done() and not task.cancelled() and task.result()]
            waiting = [task for task in tasks if not task.done()]
            if deed == "come":
                tasks.append(asyncio.create_task(turns.take(lane)))
            elif deed == "leave" and inside:
                tasks.remove(inside[0])
                turns.leave(lane)
            elif deed == "give up" and waiting:
                waiting[-1].cancel()
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            inside = [task for task in tasks if task.done() and not task.cancelled() and task.result()]
            waiting = [task for task in tasks if not task.done()]
            assert len(inside) <= most
            assert len(waiting) <= queue
            assert not waiting or len(inside) == most
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(run())
