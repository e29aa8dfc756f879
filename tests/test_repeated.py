"""Requests that come again: read once, and yet each a call of its own."""

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver import MockServer, repeated
from mockserver.call import Call
from mockserver.models import Catalogue
from mockserver.repeated import Key, Repeated
from tests.conftest import chat

CATALOGUE = Catalogue()
TEXT = st.text(max_size=20)
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
BODIES = st.fixed_dictionaries(
    {"model": TEXT, "messages": st.lists(st.fixed_dictionaries({"role": st.just("user"), "content": TEXT}))},
    optional={
        "stream": st.booleans(),
        "stream_options": st.dictionaries(st.just("include_usage"), st.booleans()),
        "tools": st.just([TOOL]),
        "max_tokens": st.integers(1, 9),
    },
)


def key(body: bytes) -> Key:
    """What a chat request with this body is read from."""
    return ("chat", body, None, CATALOGUE, False)


@given(BODIES, st.sampled_from(["", "path-model"]))
def test_a_call_that_comes_again_says_what_the_first_said(body: dict[str, Any], model: str) -> None:
    """Whatever can be asked of a call is the same, and only session, headers and past are its own."""
    first = Call("chat", body, model=model, session="a", headers={b"x": b"1"})
    again, fresh = first.again("b", {b"y": b"2"}), Call("chat", body, model=model, session="b", headers={b"y": b"2"})
    public = [name for name in dir(Call) if not name.startswith("_") and name not in ("again", "memo")]
    assert [getattr(again, name) for name in public] == [getattr(fresh, name) for name in public]
    assert again.memo == {}
    assert again.memo is not first.memo
    assert all(hasattr(again, name) for name in Call.__slots__), "every slot is filled"


def test_the_second_time_is_remembered_and_the_first_is_not() -> None:
    """A request that never comes again costs a number."""
    kept, found = Repeated(), (Call("chat", {}), ())
    kept.note(key(b"a"), found)
    assert kept.find(key(b"a")) is None
    kept.note(key(b"a"), found)
    assert kept.find(key(b"a")) == found
    assert kept.find(("chat", b"a", None, Catalogue(), False)) is None, "other models may refuse it"


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """By count, and by bytes."""
    monkeypatch.setattr(repeated, "MAX_KEPT", 5)
    monkeypatch.setattr(repeated, "MAX_BYTES", 1_000)
    monkeypatch.setattr(repeated, "MAX_SEEN", 7)
    for size in (1, 300):
        kept = Repeated()
        for number in range(40):
            body = b"%d" % number * size
            for _ in range(2):
                kept.note(key(body), (Call("chat", {}), ()))
            assert len(kept._seen) <= 7
            assert len(kept._kept) <= 5
            assert sum(len(one[1]) for one in kept._kept) <= 1_000


def ids(order: str) -> dict[str, list[str]]:
    """The ids of answers to one request, asked in sessions in this order of a new server, by session."""
    found: dict[str, list[str]] = {}
    body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hello"}]}
    with MockServer(seed=1) as server, httpx.Client(trust_env=False) as client:
        for name in order:
            answer = client.post(f"{server.url}/s/{name}/v1/chat/completions", json=body)
            found.setdefault(name, []).append(answer.json()["id"])
    return found


def test_the_same_request_counts_in_each_session() -> None:
    """Each session's answers follow each other alike, whoever's request was read first, and none is another's."""
    first = ids("aaabbb")
    assert ids("bababa") == first
    assert len({*first["a"], *first["b"]}) == 6


def test_the_same_request_is_warned_of_each_time() -> None:
    """What the real API would have refused is told with the tenth answer as with the first."""
    with MockServer() as server:
        warnings = {chat(server, "hello", wobble=1).headers["x-mockserver-warning"] for _ in range(10)}
    assert warnings == {"Unknown parameter: 'wobble'."}
