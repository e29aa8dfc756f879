"""The store of chat completions: bounds, pages, filters."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.call import Call
from mockserver.limits import Bounds
from mockserver.reply import Choice, Head, Reply, Text, Usage
from mockserver.rules import Refusal
from mockserver.stored import SHARE, Filter, MemoryStored, Page, read_query, read_update


def reply(id: str, **fields: Any) -> Reply:
    """An answer with an id."""
    return Reply(Head(id, 1, "answered"), Usage(1, 1, 2), choices=(Choice(Text("hi"), "stop"),), **fields)


def call(session: str = "", **fields: Any) -> Call:
    """A request that is to be stored."""
    return Call("chat", {"model": "asked", "messages": [], "store": True, **fields}, session=session)


FIRST, ALL = Page(), Filter()
SIZE = 100 + len(call().canonical)
"""Bytes of a request to store something and of an answer of 100 bytes."""


def kept(store: MemoryStored, page: Page = FIRST, wanted: Filter = ALL, session: str = "") -> list[str]:
    """The ids of a page."""
    return [one.id for one in store.list(session, page, wanted)[0]]


def filled(*ids: str, **bounds: int) -> MemoryStored:
    """A store with completions in it."""
    store = MemoryStored(Bounds(**bounds))
    for id in ids:
        store.keep(call(), reply(id), "req_1", 100)
    return store


@given(st.integers(0, 12), st.integers(1, 5), st.booleans())
def test_pages_put_together_are_the_whole_list(count: int, limit: int, descending: bool) -> None:
    """Each page goes on behind the last id of the one before, until there are no more."""
    ids = [f"c{number}" for number in range(count)]
    store, seen, after, more = filled(*ids), list[str](), None, True
    while more:
        found, more = store.list("", Page(after, limit, descending), Filter())
        assert len(found) <= limit
        seen += [one.id for one in found]
        after = seen[-1] if seen else None
    assert seen == (ids[::-1] if descending else ids)


@given(st.integers(0, 9), st.integers(1, 4), st.booleans())
def test_who_deletes_each_page_comes_to_the_end(count: int, limit: int, descending: bool) -> None:
    """A page may begin behind an id that has been deleted."""
    store, after = filled(*[f"c{number}" for number in range(count)]), None
    more = True
    while more:
        found, more = store.list("", Page(after, limit, descending), Filter())
        for one in found:
            assert store.delete("", one.id)
            after = one.id
    assert kept(store) == []


def test_behind_an_unknown_id_there_is_nothing() -> None:
    """An id that never was is not the beginning."""
    assert filled("a", "b").list("", Page("z"), Filter()) == ((), False)


def test_the_oldest_go_when_there_are_too_many() -> None:
    """A session keeps so many, the latest: a quarter of what all of them may keep."""
    store = filled(*(f"c{number}" for number in range(10)), stored=3 * SHARE)
    assert kept(store) == ["c7", "c8", "c9"]
    assert store.get("", "c6") is None


def test_the_oldest_go_when_they_grow_too_large() -> None:
    """Bytes of requests and answers are bounded too; what is too large by itself is not kept at all."""
    store = filled("a", "b", "c", stored_bytes=400 * SHARE)
    assert kept(store) == ["b", "c"]
    store.keep(call(), reply("huge"), "req_1", 10_000)
    assert kept(store) == ["b", "c"]
    store.keep(call(), reply("d"), "req_1", 100)
    assert kept(store) == ["c", "d"]


def test_sessions_are_bounded_and_apart() -> None:
    """A session sees its own; the one that stored nothing for longest goes first."""
    store = MemoryStored(Bounds(sessions=2))
    for session in ("a", "b", "a", "c"):
        store.keep(call(session), reply(f"in-{session}"), "req_1", 1)
    assert kept(store, session="a") == ["in-a"]
    assert kept(store, session="b") == []
    assert kept(store, session="c") == ["in-c"]
    assert store.get("c", "in-a") is None
    store.reset("b")
    store.reset("c")
    assert (kept(store, session="a"), kept(store, session="c")) == (["in-a"], [])
    store.reset()
    assert kept(store, session="a") == []


@pytest.mark.parametrize("bounds", [{"stored": 4}, {"stored_bytes": 4 * SIZE}], ids=["count", "bytes"])
def test_all_sessions_together_are_bounded(bounds: dict[str, int]) -> None:
    """However many sessions there are, together they keep no more than the store may hold; the latest stay."""
    store = MemoryStored(Bounds(**bounds))
    for number in range(50):
        store.keep(call(f"s{number}"), reply("c"), "req_1", 100)
    assert sum(len(kept(store, session=f"s{number}")) for number in range(50)) == 4
    assert kept(store, session="s49") == ["c"]
    assert store.delete("s49", "c")
    store.keep(call("s50"), reply("c"), "req_1", 100)
    assert kept(store, session="s46") == ["c"], "what was deleted makes room"


def test_a_store_that_may_keep_nothing_keeps_nothing() -> None:
    """0 switches it off."""
    assert kept(filled("a", stored=0)) == kept(filled("a", stored_bytes=0)) == []


def test_an_id_given_twice_is_kept_once() -> None:
    """The later answer takes the place of the earlier, at the end."""
    store = filled("a", "b", "a")
    assert kept(store) == ["b", "a"]
    assert kept(store, Page("b")) == ["a"]


def test_what_is_no_completion_is_not_kept() -> None:
    """Errors and bodies without an id cannot be looked up."""
    store = MemoryStored()
    store.keep(call(), reply("a", status=500), "req_1", 1)
    store.keep(call(), reply("b", body="text"), "req_1", 1)
    store.keep(call(), reply("c", body={"choices": []}), "req_1", 1)
    store.keep(call(), reply("d", body={"id": "given"}), "req_1", 1)
    assert kept(store) == ["given"]


def test_a_model_is_found_by_both_its_names() -> None:
    """The one asked for and the one it answered as."""
    store = filled("a")
    assert kept(store, wanted=Filter("asked")) == kept(store, wanted=Filter("answered")) == ["a"]
    assert kept(store, wanted=Filter("other")) == []


def test_metadata_filter_and_change() -> None:
    """All pairs asked for must be there; an update replaces them all."""
    store = MemoryStored()
    store.keep(call(metadata={"a": "1", "b": "2"}), reply("x"), "req_1", 1)
    store.keep(call(metadata={"a": "1"}), reply("y"), "req_1", 1)
    assert kept(store, wanted=Filter(metadata=(("a", "1"),))) == ["x", "y"]
    assert kept(store, wanted=Filter(metadata=(("a", "1"), ("b", "2")))) == ["x"]
    store.update("", "x", {"c": "3"})
    assert kept(store, wanted=Filter(metadata=(("a", "1"),))) == ["y"]
    assert kept(store, wanted=Filter(metadata=(("c", "3"),))) == ["x"]
    assert store.update("", "z", {}) is None


def test_a_query_is_read() -> None:
    """Keys in brackets are metadata; what nobody knows is passed over."""
    asked = read_query("limit=5&after=c1&order=desc&model=m&metadata%5Bk%5D=v%20w&metadata[l]=&x=1")
    assert asked == (Page("c1", 5, True), Filter("m", (("k", "v w"), ("l", ""))))
    assert read_query("") == (Page(None, 20, False), Filter())


@pytest.mark.parametrize(
    ("query", "message", "code"),
    [
        ("limit=many", "Invalid type for 'limit': expected an integer, but got a string instead.", "invalid_type"),
        ("limit=--1", "Invalid type for 'limit': expected an integer, but got a string instead.", "invalid_type"),
        (
            "limit=-1",
            "Invalid 'limit': integer below minimum value. Expected a value >= 0, but got -1 instead.",
            "integer_below_min_value",
        ),
        (
            "limit=101",
            "Invalid 'limit': integer above maximum value. Expected a value <= 100, but got 101 instead.",
            "integer_above_max_value",
        ),
        ("order=up", "Invalid value: 'up'. Supported values are: 'asc' and 'desc'.", "invalid_value"),
    ],
)
def test_a_wrong_query_is_refused(query: str, message: str, code: str) -> None:
    """In the words of the API's other refusals."""
    refusal = read_query(query)
    assert isinstance(refusal, Refusal)
    assert (refusal.status, refusal.message, refusal.code) == (400, message, code)
    assert refusal.param == query.partition("=")[0]


@given(st.text(max_size=30))
def test_any_query_is_read_or_refused(query: str) -> None:
    """Nothing a client writes there makes an error of ours."""
    assert isinstance(read_query(query), tuple)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"metadata": {"a": "b"}}, {"a": "b"}),
        ({"metadata": None}, {}),
        ({"metadata": {"a": 1}}, {"a": 1}),
    ],
)
def test_an_update_is_read(body: dict[str, Any], expected: dict[str, Any]) -> None:
    """Null clears the metadata; other servers take more than text."""
    assert read_update(body) == expected


@pytest.mark.parametrize(
    ("body", "exact", "message"),
    [
        ({}, False, "Missing required parameter: 'metadata'."),
        ([], False, "Missing required parameter: 'metadata'."),
        (
            {"metadata": "x"},
            False,
            "Invalid type for 'metadata': expected a metadata object, but got a string instead.",
        ),
        (
            {"metadata": {"a": 1}},
            True,
            "Invalid type for 'metadata.a': expected a string, but got an integer instead.",
        ),
    ],
)
def test_a_wrong_update_is_refused(body: object, exact: bool, message: str) -> None:
    """With the rules that hold for metadata of a request."""
    refusal = read_update(body, exact=exact)
    assert isinstance(refusal, Refusal)
    assert refusal.message == message
