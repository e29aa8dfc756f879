"""What is answered to the second call, and the third: sequences, chance, state machines, retries, per session."""

from typing import Any

import httpx
import pytest

from mockserver import MockServer
from mockserver.draw import Draw
from mockserver.stubs import Step, weighted
from tests.conftest import Serve, chat, content

COUNTING = """
    stubs:
      - name: counting
        match: {{user: count}}
        sequence: [{{response: one}}, {{response: two}}, {{response: three}}]
        {more}
"""
STATES = """
    stubs:
      - {match: {user: push}, scenario: door, required_state: Started, new_state: open, response: It opens.}
      - {match: {user: push}, scenario: door, required_state: open, new_state: Started, response: It closes.}
      - {match: {user: look}, scenario: door, required_state: open, response: It is open.}
      - {match: {user: look}, response: It is shut.}
"""


def said(server: MockServer, text: str, times: int, **headers: str) -> list[str]:
    """What is answered to so many calls, one after the other; the status where it is no answer."""
    answers = [again(server, text, **headers) for _ in range(times)]
    return [content(answer) if answer.status_code == 200 else str(answer.status_code) for answer in answers]


def again(server: MockServer, text: str, base: str = "/v1", **headers: str) -> httpx.Response:
    """One call with headers, whose names have hyphens."""
    body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": text}]}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.post(f"{server.url}{base}/chat/completions", json=body, headers=named, trust_env=False)


@pytest.mark.parametrize(
    ("at_end", "then"),
    [("stay", ["three", "three"]), ("cycle", ["one", "two"]), ("fail", ["404", "404"])],
)
def test_a_sequence_ends_as_it_says(serve: Serve, at_end: str, then: list[str]) -> None:
    """After its last step it stays there, begins again, or fails."""
    server = serve(COUNTING.format(more=f"at_end: {at_end}"))
    assert said(server, "count", 5) == ["one", "two", "three", *then]


def test_a_sequence_stays_at_its_last_step_by_default(serve: Serve) -> None:
    """Nobody is surprised by a failure nobody wrote."""
    assert said(serve(COUNTING.format(more="")), "count", 4)[-1] == "three"


def test_a_failed_sequence_says_what_to_do_and_is_not_retried(serve: Serve) -> None:
    """In the API's envelope, with the stub's name and place."""
    server = serve("stubs: [{name: once, sequence: [{response: one}], at_end: fail}]")
    chat(server)
    answer = chat(server)
    assert answer.status_code == 404
    assert answer.headers["x-should-retry"] == "false"
    assert answer.headers["x-mockserver-stub"] == "once"
    error = answer.json()["error"]
    assert error["code"] == "mockserver_sequence_ended"
    assert error["message"].endswith(
        "stubs.yaml:1:9) has ended: earlier calls took its 1 step. Instead of 'at_end: fail', 'stay' repeats the last "
        "one and 'cycle' begins again."
    )


def test_models_and_health_take_no_step(serve: Serve) -> None:
    """Probes and lists are no calls, and neither is a request that is refused."""
    server = serve(COUNTING.format(more=""))
    assert said(server, "count", 1) == ["one"]
    httpx.get(f"{server.base_url}/models", trust_env=False)
    httpx.get(f"{server.url}/__admin/health", trust_env=False)
    httpx.post(f"{server.base_url}/chat/completions", json={"model": "m"}, trust_env=False)
    assert said(server, "count", 1) == ["two"]


@pytest.mark.parametrize("way", ["path", "header", "key"])
def test_each_session_begins_anew(serve: Serve, way: str) -> None:
    """By the base URL, a header or the API key."""
    server = serve(COUNTING.format(more=""))

    def call(name: str) -> str:
        where: dict[str, Any] = {
            "path": {"base": f"/s/{name}/v1"},
            "header": {"x_mockserver_session": name},
            "key": {"authorization": f"Bearer mock-session-{name}"},
        }[way]
        return content(again(server, "count", **where))

    assert [call("a"), call("a"), call("b"), call("a"), call("b")] == ["one", "two", "one", "three", "two"]
    assert said(server, "count", 1) == ["one"]


def test_a_scenario_goes_from_state_to_state(serve: Serve) -> None:
    """It begins in `Started`; a stub waits for its state and sets the next."""
    server = serve(STATES)
    turns = ["look", "push", "look", "push", "look"]
    assert [said(server, turn, 1)[0] for turn in turns] == [
        "It is shut.", "It opens.", "It is open.", "It closes.", "It is shut.",
    ]  # fmt: skip


def test_a_scenario_is_the_session_s_own(serve: Serve) -> None:
    """What one session opens stays shut for the others."""
    server = serve(STATES)
    assert content(again(server, "push", base="/s/a/v1")) == "It opens."
    assert content(again(server, "look", base="/s/a/v1")) == "It is open."
    assert content(again(server, "look", base="/s/b/v1")) == "It is shut."


def test_a_step_can_set_the_state(serve: Serve) -> None:
    """The second push opens the door."""
    server = serve(
        """
        stubs:
          - match: {user: push}
            scenario: door
            sequence: [{response: It moves.}, {response: It opens., new_state: open}]
          - {match: {user: look}, scenario: door, required_state: open, response: It is open.}
          - {match: {user: look}, response: It is shut.}
        """
    )
    turns = ["push", "look", "push", "look"]
    assert [said(server, turn, 1)[0] for turn in turns] == ["It moves.", "It is shut.", "It opens.", "It is open."]


def test_what_a_scenario_keeps_from_matching_is_told(serve: Serve) -> None:
    """The near miss names the scenario, the state it waits for and the one it is in."""
    server = serve("stubs: [{scenario: door, required_state: open, response: It is open.}]", strict=True)
    message = chat(server).json()["error"]["message"]
    assert message.endswith("required_state: expected the scenario 'door' in 'open', got 'Started'")


def test_a_retry_advances_unless_told_otherwise(serve: Serve) -> None:
    """So a failure at the first step is over at the second, as an SDK's user expects."""
    server = serve(COUNTING.format(more=""))
    assert content(again(server, "count", x_stainless_retry_count="0")) == "one"
    assert content(again(server, "count", x_stainless_retry_count="1")) == "two"


def test_a_retry_can_repeat_the_step(serve: Serve) -> None:
    """The same request again gets the same step; another request, or the same as a new call, the next one."""
    server = serve(COUNTING.format(more="retries: repeat"))
    assert content(again(server, "count", x_stainless_retry_count="0")) == "one"
    assert content(again(server, "count", x_stainless_retry_count="1")) == "one"
    assert content(again(server, "count", x_stainless_retry_count="2")) == "one"
    assert content(again(server, "count", x_stainless_retry_count="0")) == "two"
    assert content(again(server, "please count", x_stainless_retry_count="0")) == "three"
    assert content(again(server, "count", x_stainless_retry_count="1")) == "two"


def test_an_idempotency_key_marks_a_retry(serve: Serve) -> None:
    """Two requests with the same key are one, whatever the count says."""
    server = serve(COUNTING.format(more="retries: repeat"))
    assert said(server, "count", 2, idempotency_key="a") == ["one", "one"]
    assert said(server, "count", 2, idempotency_key="b") == ["two", "two"]
    assert said(server, "count", 1, idempotency_key="a") == ["one"]


def test_a_retry_is_answered_by_the_same_stub_though_the_scenario_has_moved(serve: Serve) -> None:
    """`repeat` holds for the whole rule: the state the first answer set does not send the retry elsewhere."""
    server = serve(STATES.replace("response: It opens.", "response: It opens., retries: repeat"))
    assert content(again(server, "push", x_stainless_retry_count="0")) == "It opens."
    assert content(again(server, "push", x_stainless_retry_count="1")) == "It opens."
    assert content(again(server, "look")) == "It is open."


def test_a_choice_is_made_by_weight() -> None:
    """Three times as likely is three times as often; what weighs nothing never comes."""
    steps = [Step(None, None, weight=weight) for weight in (3.0, 0.0, 1.0)]  # type: ignore[arg-type]
    found = [steps.index(weighted(steps, Draw("choice", number))) for number in range(4_000)]
    assert 0.7 < found.count(0) / len(found) < 0.8
    assert found.count(1) == 0


def test_a_seed_makes_the_same_choices_in_any_order(serve: Serve) -> None:
    """What a request gets depends on what it is and how often it came, not on what came before it."""
    text = "stubs: [{choose: [{response: a}, {response: b}, {response: c}]}]"
    asked = [f"request {number % 5}" for number in range(30)]

    def answers(order: list[str]) -> dict[str, list[str]]:
        with MockServer(serve(text, name="seeded.yaml")._paths[0], seed=7) as server:
            found: dict[str, list[str]] = {}
            for request in order:
                found.setdefault(request, []).append(content(chat(server, request)))
            return found

    first = answers(asked)
    assert answers(sorted(asked, reverse=True)) == first
    assert {answer for row in first.values() for answer in row} == {"a", "b", "c"}


def test_an_agent_s_two_turns_can_be_a_sequence(serve: Serve) -> None:
    """A sequence with a tool call matches a tool's result too: it does not go on for ever."""
    server = serve(
        """
        stubs:
          - sequence:
              - response: {tool_calls: [{name: add, arguments: {a: 1, b: 2}}]}
              - response: It is three.
        """
    )
    tools = [{"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}]
    first = chat(server, "1 + 2?", tools=tools).json()["choices"][0]["message"]
    result = {"role": "tool", "tool_call_id": first["tool_calls"][0]["id"], "content": "3"}
    asked = [{"role": "user", "content": "1 + 2?"}, first, result]
    assert content(chat(server, messages=asked, tools=tools)) == "It is three."


def test_a_failing_stub_needs_a_place_in_the_endpoints_it_answers(serve: Serve) -> None:
    """Steps that answer different endpoints cannot follow each other."""
    with pytest.raises(Exception, match="the steps of this stub answer different endpoints: chat; embeddings"):
        serve("stubs: [{sequence: [{response: {refusal: no}}, {response: {generate: embedding}}]}]")
