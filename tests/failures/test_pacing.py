"""A plan in time: when each piece is due, with whatever latency."""

from collections.abc import Sequence
from pathlib import Path
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver import frames
from mockserver.call import Call
from mockserver.clock import SystemClock
from mockserver.draw import Draw
from mockserver.engine import Engine
from mockserver.explain import engine_of
from mockserver.failures.pacing import Load, _side_by_side, layout_of, paced, timetable
from mockserver.language.latency import LATENCY
from mockserver.language.load import load
from mockserver.plan import Piece, Plan
from mockserver.state import MemoryState
from tests.failures.reading import read
from tests.faults.answers import REQUESTS, answer


def engine() -> Engine:
    """An engine of the shipped default."""
    return engine_of(load(), 7)


def answered(endpoint: str = "chat", **body: object) -> Plan:
    """The plan of a call that waits for nothing."""
    if endpoint == "chat":
        call = Call("chat", {"model": "gpt-4o", "messages": [{"role": "user", "content": "hello"}], **body})
    else:
        call = Call("completions", {"model": "gpt-3.5-turbo-instruct", "prompt": "hello", **body})
    return engine().answer(call).plan


def late(plan: Plan, latency: str, load: Load = Load()) -> Plan:  # noqa: B008
    """A plan with a latency, as a file has it."""
    return paced(plan, read(LATENCY, latency), Draw("a seed"), load)


def dues(plan: Plan) -> list[float]:
    """When the pieces are due, to the microsecond."""
    return [round(piece.due, 6) for piece in plan.pieces]


STREAM = answered(stream=True, max_tokens=4, stream_options={"include_usage": True})
"""A role, four tokens, the finish, usage, `[DONE]`."""


def test_a_stream_comes_token_by_token() -> None:
    """The role with the first token, what ends it with the last; the headers before."""
    plan = late(STREAM, "{before: 100ms, ttft: 200ms, itl: 20ms}")
    assert plan.opens == pytest.approx(0.1)
    assert dues(plan) == [0.3, 0.3, 0.32, 0.34, 0.36, 0.36, 0.36, 0.36]


def test_the_end_can_take_its_time() -> None:
    """Finish chunk, usage and `[DONE]` come later than the last token."""
    assert dues(late(STREAM, "{itl: 1s, end: 500ms}")) == [0, 0, 1, 2, 3, 3.5, 3.5, 3.5]


def test_tokens_can_be_counted_by_the_second() -> None:
    """One rate for a whole answer."""
    assert dues(late(STREAM, "{ttft: 1s, tokens_per_second: 4}")) == [1, 1, 1.25, 1.5, 1.75, 1.75, 1.75, 1.75]


def test_gaps_are_drawn_one_by_one() -> None:
    """A replayed list goes along with the tokens; what is drawn differs from token to token."""
    assert dues(late(STREAM, "{itl: {replay: [1s, 2s]}}")) == [0, 0, 1, 3, 4, 4, 4, 4]
    gaps = dues(late(STREAM, "{itl: {uniform: {min: 0.1, max: 0.9}}}"))
    assert len(set(gaps[1:5])) == 4
    assert gaps == sorted(gaps)


def test_the_time_to_the_first_token_grows() -> None:
    """With the tokens of the request, and with the others that are being answered."""
    latency = "{ttft: 1s, per_prompt_token: 1ms, per_request_in_flight: 100ms}"
    assert dues(late(STREAM, latency, Load(500, 4, 3)))[0] == pytest.approx(1.8)


def test_replayed_lists_go_along_with_the_calls() -> None:
    """What is drawn once in a call takes the next value with the next call."""
    starts = [late(STREAM, "{ttft: {replay: [1s, 2s]}}", Load(ordinal=ordinal)).pieces[0].due for ordinal in (1, 2, 3)]
    assert starts == [1, 2, 1]


def test_a_plain_answer_comes_as_late_as_the_end_of_a_stream() -> None:
    """Its tokens have to be made all the same."""
    plain = answered(max_tokens=4)
    latency = "{before: 100ms, ttft: 200ms, itl: 20ms, end: 50ms}"
    assert late(plain, latency, Load(completion_tokens=4)).pieces[0].due == pytest.approx(0.41)
    assert late(STREAM, latency).pieces[-1].due == pytest.approx(0.41)
    assert late(plain, latency, Load(completion_tokens=4)).opens is None


def test_an_error_comes_at_once() -> None:
    """Nothing is generated: only `before` passes."""
    error = Plan(500, (), (Piece(b"{}"),))
    assert dues(late(error, "{before: 3s, ttft: 200ms, itl: 20ms, end: 1s}")) == [3]


def test_latencies_add_up() -> None:
    """A slow day on top of a slow model."""
    plan = late(late(STREAM, "{before: 1s, ttft: 1s, itl: 1s}"), "{before: 500ms, itl: 1s}")
    assert plan.opens == pytest.approx(1.5)
    assert dues(plan) == [2.5, 2.5, 4.5, 6.5, 8.5, 8.5, 8.5, 8.5]


def test_choices_come_side_by_side() -> None:
    """The tokens of one number come together, however many answers are asked for."""
    plan = late(answered(stream=True, n=2, max_tokens=3), "{itl: 1s}")
    events = [piece.data for piece in plan.pieces]
    tokens = [at for at, data in zip(dues(plan), events, strict=True) if b'"delta":{"content":' in data]
    assert tokens == [0, 0, 1, 1, 2, 2]


def test_completions_have_no_role_and_end_with_a_token() -> None:
    """Their last token carries the reason."""
    plan = late(answered("completions", stream=True, max_tokens=3), "{ttft: 1s, itl: 1s}")
    assert dues(plan) == [1, 2, 3, 3]


def test_what_waits_for_nothing_stays_one_piece() -> None:
    """So that it can be sent in one write."""
    assert late(answered(), "0") == answered()


@pytest.mark.parametrize("text", ['"delta":{"role"', "data: [DONE]", '"choices":[]'])
def test_a_text_that_looks_like_the_frame_is_a_token(text: str) -> None:
    """Inside of JSON, quotes are escaped."""
    quoted = text.replace('"', '\\"').encode()
    event = b'data: {"choices":[{"index":0,"delta":{"content":"' + quoted + b'"},"finish_reason":null}]}\n\n'
    assert timetable([event, event]).numbers == (0, 1)


words = st.lists(st.sampled_from(["role", "token", "token", "token"]), max_size=20)


@given(words, st.floats(0, 5), st.floats(0, 1), st.floats(0, 5))
def test_pieces_come_in_order(kinds: Sequence[str], ttft: float, itl: float, end: float) -> None:
    """Whatever the events, each is due no earlier than the one before, and the bytes are the same."""
    shapes = {"role": b'"delta":{"role":"assistant"}', "token": b'"delta":{"content":"x"}'}
    events = [b'data: {"choices":[{"index":0,%b}]}\n\n' % shapes[kind] for kind in kinds] + [b"data: [DONE]\n\n"]
    plan = Plan(200, (), (Piece(b"".join(events)),), events=True)
    made = late(plan, f"{{ttft: {ttft:.9f}, itl: {itl:.9f}, end: {end:.9f}}}")
    assert made.body == plan.body
    assert dues(made) == sorted(dues(made))


@pytest.mark.parametrize("name", [name for name in REQUESTS if answer(name).events])
def test_the_quick_look_at_a_stream_sees_what_the_thorough_one_does(name: str) -> None:
    """Streams of one choice are nearly all there are, and are timed without looking into each event."""
    events = [piece.data for piece in answer(name).apart().pieces]
    numbers, ends = timetable(events)
    assert numbers[:ends] == _side_by_side(events[:ends])


CANNED = """
stubs:
  - match: {user: plain}
    response: A text that is always the same.
  - response: A text that is always the same.
    latency: [{before: 100ms, ttft: {replay: [1s, 2s]}, itl: 20ms, end: 300ms}, {itl: {replay: [1s, 3s]}}, {itl: 5ms}]
"""


def test_prepared_streams_are_paced_as_others_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the events of a canned text are is looked for once; the plans are those of the clear way."""
    (tmp_path / "stubs.yaml").write_text(CANNED, encoding="utf-8")
    body = {"model": "gpt-4o", "stream": True, "messages": [{"role": "user", "content": "hello"}]}

    def plans() -> list[Plan]:
        made = Engine(load([tmp_path / "stubs.yaml"]), MemoryState(), SystemClock(), 7)
        return [made.answer(Call("chat", dict(body))).plan for _ in range(3)]

    looked = Mock(side_effect=layout_of)
    monkeypatch.setattr(frames, "layout_of", looked)
    quick = plans()
    assert looked.call_count == 1
    monkeypatch.setattr(frames, "ready", lambda *given: None)
    clear = plans()
    assert quick == clear
    assert [plan.pieces[0].due for plan in quick] == [1.1, 2.1, 1.1]
    assert len({plan.body for plan in quick}) == 3
