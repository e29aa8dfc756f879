"""The quick way of ordinary chat requests: the bytes of the clear way, and nothing kept without a bound."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver import frames
from mockserver.call import Call
from mockserver.clock import SystemClock
from mockserver.engine import Engine
from mockserver.errors import Place
from mockserver.frames import HARMLESS
from mockserver.language.load import Fixtures
from mockserver.models import Catalogue, Model
from mockserver.plan import Plan
from mockserver.reply import Text
from mockserver.response import Response, Said
from mockserver.state import MemoryState
from mockserver.stubs import Step, Stub, Stubs

PLACE = Place("stubs.yaml", 1, 1)
MODELS = ("gpt-4o-mini", "gpt-4", "gpt-5", "o3", "somebody/elses", "old")
CATALOGUE = Catalogue([Model("old", warning="Soon gone.")])

TEXT = st.text(st.characters(), max_size=80)
MESSAGES = st.lists(
    st.fixed_dictionaries({"role": st.sampled_from(["user", "system"]), "content": TEXT}), min_size=1, max_size=3
)
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
OPTIONS = st.dictionaries(st.sampled_from(["include_usage", "include_obfuscation"]), st.booleans())
BODIES = st.fixed_dictionaries(
    {"model": st.sampled_from(MODELS), "messages": MESSAGES},
    optional={
        "stream": st.booleans(),
        "stream_options": st.none()
        | st.dictionaries(st.sampled_from(["include_usage", "include_obfuscation"]), st.booleans()),
        "max_tokens": st.none() | st.integers(1, 30),
        "max_completion_tokens": st.none() | st.integers(1, 30),
        "temperature": st.just(0.5),
        "tools": st.just([TOOL]),
        "tool_choice": st.sampled_from(["none", "auto", "required"]),
        "response_format": st.just({"type": "json_object"}),
        "n": st.integers(1, 2),
        "stop": st.just("e"),
        "service_tier": st.just("flex"),
        "store": st.just(True),
        "logprobs": st.just(True),
        "functions": st.just([TOOL["function"]]),
    },
)
RESPONSES = st.builds(
    lambda text, **more: Response(PLACE, (Said(text),), canned=text, **more),
    st.builds(Text, TEXT | st.sampled_from(["MARKmarkMARKmarkMARKmarkMARKm", "9876543210", "1: 9876543211"])),
    id=st.sampled_from([None, None, "given"]),
    created=st.sampled_from([None, None, 5]),
    model=st.sampled_from([None, None, "given"]),
    system_fingerprint=st.sampled_from([None, None, '"given"']),
    warning=st.sampled_from([None, None, "given"]),
    status=st.sampled_from([200, 200, 201]),
    headers=st.sampled_from([(), (), (("x-a", "1"),)]),
)


def answers(response: Response, body: dict[str, Any], times: int) -> list[tuple[Plan, int | None]]:
    """The plans and tokens of an engine that has one stub, asked the same so many times."""
    stub = Stub("s", (), (Step(PLACE, response),), ("chat",), PLACE, b"s")
    engine = Engine(Fixtures(Stubs([stub]), CATALOGUE, ()), MemoryState(), SystemClock(), seed=7)
    made = [engine.answer(Call("chat", dict(body))) for _ in range(times)]
    return [(answer.plan, answer.tokens) for answer in made]


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(RESPONSES, BODIES)
def test_the_quick_way_gives_the_bytes_of_the_clear_way(
    monkeypatch: pytest.MonkeyPatch, response: Response, body: dict[str, Any]
) -> None:
    """Whatever is asked and whatever the stub says: the same plan, when it is prepared and when it is taken again."""
    quick = answers(response, body, 3)
    with monkeypatch.context() as patched:
        patched.setattr(frames, "ready", lambda *given: None)
        assert quick == answers(response, body, 3)


@pytest.mark.parametrize("more", [{}, {"stream": True}, {"max_tokens": 50}, {"tools": [TOOL]}])
def test_ordinary_requests_take_the_quick_way(monkeypatch: pytest.MonkeyPatch, more: dict[str, Any]) -> None:
    """Else it would be of no use: the clear way is taken once, for the frame, and not again."""
    text = Text("Hi there!")
    response = Response(PLACE, (Said(text),), canned=text)
    body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hello"}], **more}
    answers(response, body, 1)
    monkeypatch.setattr("mockserver.engine.respond", None)
    assert len(answers(response, body, 2)) == 2


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it is dropped when it would be too much; long texts and names are never kept."""
    monkeypatch.setattr(frames, "MAX_BYTES", 20_000)
    sizes = []
    for number in range(100):
        text = Text(f"Answer {number}. " * 20)
        answers(
            Response(PLACE, (Said(text),), canned=text), {"model": "m", "messages": [], "stream": number % 2 == 0}, 1
        )
        sizes.append(sum(1_000 + sum(map(len, frame.parts)) for frame in frames._kept.values() if frame))
    assert 10_000 < max(sizes) <= 20_000
    kept = dict(frames._kept)
    for text, model in ((Text("x" * 20_000), "m"), (Text("x"), "m" * 1_000)):
        answers(Response(PLACE, (Said(text),), canned=text), {"model": model, "messages": []}, 1)
    assert frames._kept == kept


def test_harmless_fields_are_known_ones() -> None:
    """Each is a parameter of chat requests."""
    from mockserver.rules.chat import CHAT

    assert {param.name for param in CHAT.params} >= HARMLESS
