"""Which stubs of the files answered, and how often."""

from pathlib import Path

import pytest

from mockserver.call import Call
from mockserver.explain import engine_of
from mockserver.language.load import load

STUBS = "stubs: [{match: {user: a}, response: A}, {match: {user: b}, response: B}]"


def said(user: str, session: str = "") -> Call:
    """A chat request."""
    return Call("chat", {"model": "m", "messages": [{"role": "user", "content": user}]}, session=session)


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test has a folder of its own, with two stubs in it."""
    monkeypatch.chdir(tmp_path)
    Path("x.yaml").write_text(STUBS)


def test_calls_are_counted_in_all_sessions() -> None:
    """And what has answered none is known; the default behind the files is nobody's to use."""
    engine = engine_of(load(["x.yaml"]), 0)
    assert [stub.name for stub in engine.unused()] == ["x#1", "x#2"]
    for call in (said("a"), said("a", "other"), said("else")):
        engine.answer(call)
    assert {name: engine.hits[name] for name in ("x#1", "x#2", "default/text")} == {
        "x#1": 2,
        "x#2": 0,
        "default/text": 1,
    }
    assert [stub.name for stub in engine.unused()] == ["x#2"]


def test_what_was_used_is_remembered_over_an_edit() -> None:
    """By the stubs' names; those that are gone are forgotten, new ones begin at nothing."""
    engine = engine_of(load(["x.yaml"]), 0)
    engine.answer(said("a"))
    Path("x.yaml").write_text("stubs: [{match: {user: a}, response: A}, {name: new, response: B}]")
    engine.use(load(["x.yaml"], strict=True))
    assert engine.hits == {"x#1": 1, "new": 0}
    assert [stub.name for stub in engine.unused()] == ["new"]


def test_a_server_of_nothing_but_the_default_has_no_unused_stubs() -> None:
    """Its stubs are for every need, and nobody has them all."""
    assert engine_of(load(), 0).unused() == ()
