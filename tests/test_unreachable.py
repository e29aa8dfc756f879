"""Stubs that can never match are told, and no other ones."""

import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.call import Call
from mockserver.checks.unreachable import unreachable
from mockserver.endpoints import EndpointName
from mockserver.language.load import load
from mockserver.matching import regexes
from mockserver.matching.implied import covers, implied, same
from mockserver.matching.requests import model_is
from mockserver.stubs import Stub


@pytest.fixture(autouse=True)
def _here(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder for the files."""
    monkeypatch.chdir(tmp_path_factory.mktemp("stubs"))


def stubs_of(*stubs: Any, **file: Any) -> list[Stub]:
    """The stubs of a file."""
    Path("x.yaml").write_text(json.dumps({"stubs": stubs, **file}))
    return list(load(["x.yaml"], strict=True).stubs.all)


def told(*stubs: Any, **file: Any) -> list[str]:
    """What is told of the stubs of a file."""
    stubs_of(*stubs, **file)
    return [problem.message for problem in unreachable(load(["x.yaml"], strict=True))]


SHADOWED: list[tuple[Any, Any]] = [
    ({}, {"user": "a"}),
    ({"user": "a"}, {"user": "a"}),
    ({"user": "hello"}, {"user": "say hello to me"}),
    ({"user": "hello"}, {"user": {"exact": "hello"}, "model": "m"}),
    ({"user": ["a", "b"]}, {"user": ["ab", {"exact": "b"}]}),
    ({"user": "/^h.*o$/i"}, {"user": {"exact": "HELLO"}}),
    ({"user": "/x/"}, {"user": "/x/", "stream": True}),
    ({"user": {"contains": "HI", "ignore_case": True}}, {"user": "this"}),
    ({"model": "gpt-4*"}, {"model": ["gpt-4", "gpt-4o*", "gpt-4?-mini"]}),
    ({"model": "gpt-4o", "snapshots": True}, {"model": "gpt-4o"}),
    ({"model": ["a", "b"]}, {"model": "b"}),
    ({"endpoint": "chat"}, {"endpoint": "chat", "tools": ["t"]}),
    ({"endpoint": ["chat", "completions"]}, {}),
    ({"tools": "t"}, {"tools": ["t", "u"]}),
    ({"after_tool": True}, {"tool_result": "done"}),
    ({"tool_result": {"name": ["a", "b"]}}, {"tool_result": {"name": "a", "content": "x"}}),
    ({"turns": {"gt": 1}}, {"turns": 2}),
    ({"turns": {"gte": 2}}, {"turns": {"gt": 2, "lt": 9}}),
    ({"fields": {"temperature": {"lt": 1}}}, {"fields": {"temperature": 0.5}}),
    ({"fields": {"user": ["a", "b"]}}, {"fields": {"user": "a", "n": 2}}),
    ({"fields": {"metadata.a": {"present": True}}}, {"fields": {"metadata.a": "x"}}),
    ({"fields": {"$..name": "x"}}, {"fields": {"$..name": "x"}, "user": "a"}),
    ({"headers": {"X-A": "b"}}, {"headers": {"x-a": "abc"}}),
    ({"any": [{"user": "a"}, {"model": "m"}]}, {"model": "m"}),
    ({"user": "a"}, {"any": [{"user": "ab"}, {"user": "ba"}]}),
    ({"not": {"user": "ab"}}, {"not": {"user": "a"}}),
    ({"all": [{"user": "a"}, {"user": "b"}]}, {"user": "a b"}),
]


@pytest.mark.parametrize(("first", "second"), SHADOWED, ids=range(len(SHADOWED)))
def test_a_stub_behind_one_that_matches_all_that_it_does_is_told(first: Any, second: Any) -> None:
    """With the one that is tried before it, and where that stands."""
    assert told({"match": first, "response": "a"}, {"name": "late", "match": second, "response": "b"}) == [
        "'late' can never match: 'x#1' (x.yaml:1:12) is tried before it and matches every call that it does"
    ]


def test_a_search_leaves_the_next_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many stubs are compared, and however long that takes in all: what bounds a call bounds no file."""
    monkeypatch.setattr(regexes, "thread_time", count(0, regexes.PATTERN_SECONDS * 0.9).__next__)
    texts = [f"{'ab' * 1_000}c{number}" for number in range(6)]
    later = [{"match": {"user": {"exact": text}}, "response": "b"} for text in texts]
    assert len(told({"match": {"user": "/(a|b)*c/"}, "response": "a"}, *later)) == len(texts)


REACHED: list[tuple[Any, Any]] = [
    ({"user": "a"}, {}),
    ({"user": "a"}, {"user": "b"}),
    ({"user": "say hello"}, {"user": "hello"}),
    ({"user": {"exact": "a"}}, {"user": "a"}),
    ({"user": "HI"}, {"user": {"contains": "HI", "ignore_case": True}}),
    ({"user": "/a/"}, {"user": "a"}),
    ({"user": ["a", "b"]}, {"user": ["a", "c"]}),
    ({"model": "gpt-4?"}, {"model": "gpt-4*"}),
    ({"model": "gpt-4o"}, {"model": "gpt-4o", "snapshots": True}),
    ({"tools": ["t", "u"]}, {"tools": "t"}),
    ({"endpoint": "chat"}, {}),
    ({"turns": {"gt": 2}}, {"turns": {"gte": 2}}),
    ({"fields": {"n": 1}}, {"fields": {"n": True}}),
    ({"fields": {"n": {"ne": 1}}}, {"fields": {"n": 2}}),
    ({"fields": {"n": {"ne": 1}}}, {"fields": {"$.tools[*].n": 2}}),
    ({"headers": {"x-a": "b"}}, {"headers": {"x-b": "b"}}),
    ({"ordinal": 1}, {}),
    ({"not": {"user": "a"}}, {"not": {"user": "ab"}}),
    ({"any": [{"user": "a"}, {"user": "b"}]}, {"user": "c"}),
]


@pytest.mark.parametrize(("first", "second"), REACHED, ids=range(len(REACHED)))
def test_a_stub_that_may_match_is_not(first: Any, second: Any) -> None:
    """Some call fits it and not the one before."""
    assert told({"match": first, "response": "a"}, {"match": second, "response": "b"}) == []


def test_what_a_stub_can_answer_counts() -> None:
    """One that answers chats leaves embeddings to the next; one that answers all leaves nothing."""
    vector = {"name": "e", "response": {"embedding": [1]}}
    assert told({"response": "a"}, vector, {"error": "overloaded"}) == []
    assert told({"error": "overloaded"}, vector) == [
        "'e' can never match: 'x#1' (x.yaml:1:12) is tried before it and matches every call that it does"
    ]


def test_states_and_priorities_count() -> None:
    """A stub for one state leaves the others; a stub of a higher priority is tried before those above it."""
    state = {"scenario": "s", "required_state": "open"}
    assert told({**state, "response": "a"}, {"response": "b"}) == []
    assert told({"response": "b"}, {"name": "x", "priority": 1, "match": {"user": "a"}, "response": "a"}) == []
    assert told({"match": {"user": "a"}, "response": "a"}, {"name": "b", "priority": 1, "response": "b"}) == [
        "'x#1' can never match: 'b' (x.yaml:1:55) is tried before it and matches every call that it does"
    ]


def test_what_no_request_can_be_is_told() -> None:
    """What only others have, demands that exclude each other, a model that may not be asked for."""
    assert told(
        {"name": "a", "match": {"input": "x"}, "response": "a"},
        {"name": "b", "match": {"prompt": "x"}, "response": {"tool_calls": [{"name": "t"}]}},
        {"name": "c", "match": {"stream": True}, "response": {"embedding": [1]}},
        {"name": "d", "match": {"model": ["x", "y*"]}, "response": "d"},
        {"name": "e", "match": {"model": ["x", "m*"]}, "response": "e"},
        {"name": "f", "match": {"after_tool": False, "tool_result": "x"}, "response": "f"},
        {"name": "g", "match": {"after_tool": True, "tool_result": "x"}, "response": "g"},
        models=["mine"],
        unknown_models="refuse",
    ) == [
        "'a' can never match: only embeddings has what 'input' looks at, and it does not answer that",
        "'b' can never match: only completions has what 'prompt' looks at, and it does not answer that",
        "'c' can never match: embeddings are never streamed",
        "'d' can never match: no declared model is x or y*, and unknown models are refused",
        "'f' can never match: 'tool_result' asks for a tool's result as last message, and 'after_tool: false' for none",
    ]


WORDS = st.sampled_from(["", "a", "b", "ab", "A", "a b"])
PATTERNS = st.one_of(
    WORDS.filter(bool),
    WORDS.map(lambda word: {"exact": word}),
    WORDS.filter(bool).map(lambda word: {"contains": word, "ignore_case": True}),
    st.sampled_from(["/a/", "/^a?b$/i", "/(a|b)+/"]),
)
TEXTS = st.one_of(PATTERNS, st.lists(PATTERNS, min_size=1, max_size=3))
MODELS = st.sampled_from(["m", "mm", "m*", "m?", "*", "m-2024-08-06", "n"])
NUMBERS = st.sampled_from([0, 1, 2, 1.5])
COMPARISONS = st.one_of(
    NUMBERS,
    st.lists(NUMBERS, min_size=1, max_size=2),
    st.dictionaries(st.sampled_from(["gt", "gte", "lt", "lte", "ne", "eq"]), NUMBERS, min_size=1, max_size=2),
    st.just({"present": True}),
    st.just({"present": False}),
    st.just({"in": [True, "a"]}),
    st.sampled_from([True, None, "a", "/a/"]),
)
COUNTS = st.one_of(
    st.integers(0, 2), st.dictionaries(st.sampled_from(["gt", "lte", "ne"]), st.integers(0, 2), min_size=1, max_size=2)
)
TOOLS = st.lists(st.sampled_from(["t", "u"]), min_size=1, max_size=2, unique=True)
PLAIN: dict[str, st.SearchStrategy[Any]] = {
    "user": TEXTS,
    "any_message": TEXTS,
    "system": TEXTS,
    "prompt": TEXTS,
    "input": TEXTS,
    "model": st.one_of(MODELS, st.lists(MODELS, min_size=1, max_size=3)),
    "endpoint": st.lists(st.sampled_from(["chat", "completions", "embeddings"]), min_size=1, max_size=2),
    "stream": st.booleans(),
    "after_tool": st.booleans(),
    "wants_tool": st.booleans(),
    "tools": TOOLS,
    "tool_result": st.fixed_dictionaries({}, optional={"name": TOOLS, "content": TEXTS}),
    "turns": COUNTS,
    "fields": st.dictionaries(st.sampled_from(["n", "metadata.a", "$..n"]), COMPARISONS, min_size=1, max_size=2),
    "headers": st.dictionaries(st.just("x-a"), TEXTS, min_size=1),
}


def matches(keys: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Matches with up to three of the keys."""
    names = st.lists(st.sampled_from(sorted(keys)), min_size=1, max_size=3, unique=True)
    return names.flatmap(lambda chosen: st.fixed_dictionaries({name: keys[name] for name in chosen}))


INNER = st.lists(matches(PLAIN), min_size=1, max_size=2)
MATCHES = matches({**PLAIN, "any": INNER, "all": INNER, "not": INNER})

CONTENT = st.sampled_from(["", "a", "b", "ab", "A", "a b", "c"])
MESSAGES = st.lists(
    st.fixed_dictionaries({"role": st.sampled_from(["user", "system", "assistant"]), "content": CONTENT}), max_size=3
)
RESULT = st.fixed_dictionaries({"role": st.just("tool"), "content": CONTENT, "name": st.sampled_from(["t", "u", "v"])})


@st.composite
def calls(draw: st.DrawFn) -> Call:
    """Requests with few values, so that they often fit."""
    endpoint: EndpointName = draw(st.sampled_from(["chat", "chat", "completions", "embeddings"]))
    body: dict[str, Any] = {"model": draw(st.sampled_from(["m", "mm", "m-2024-08-06", "n", "x"]))}
    if endpoint == "chat":
        body["messages"] = [*draw(MESSAGES), *draw(st.lists(RESULT, max_size=1))]
        body["tools"] = [{"type": "function", "function": {"name": name}} for name in draw(st.just([]) | TOOLS)]
    else:
        body["prompt" if endpoint == "completions" else "input"] = draw(
            CONTENT | st.lists(CONTENT, min_size=1, max_size=2)
        )
    body |= draw(
        st.fixed_dictionaries(
            {},
            optional={
                "stream": st.booleans(),
                "n": NUMBERS | st.sampled_from([True, "a", None]),
                "metadata": st.fixed_dictionaries({"a": NUMBERS | st.just("a"), "n": NUMBERS}),
            },
        )
    )
    headers = draw(st.just({}) | CONTENT.map(lambda text: {b"x-a": text.encode()}))
    return Call(endpoint, body, headers=headers)


@settings(max_examples=60)
@given(st.lists(MATCHES, min_size=2, max_size=4), st.lists(calls(), min_size=10, max_size=30))
def test_no_stub_that_is_told_ever_matches(found: list[dict[str, Any]], asked: list[Call]) -> None:
    """Whatever the stubs and the requests are."""
    Path("x.yaml").write_text(
        json.dumps({"stubs": [{"match": match, "error": {"status": 500}} for match in found if match != {}]})
    )
    fixtures = load(["x.yaml"], strict=True)
    never = {problem.message.split("'")[1] for problem in unreachable(fixtures)}
    for call in asked:
        stub = fixtures.stubs.find(call)
        assert stub is None or stub.name not in never


@settings(max_examples=80)
@given(MATCHES, MATCHES, st.lists(calls(), min_size=10, max_size=30))
def test_what_is_implied_holds(given_: dict[str, Any], demanded: dict[str, Any], asked: list[Call]) -> None:
    """A call that meets all conditions of one match meets what they are said to imply."""
    one, other = stubs_of(
        {"match": given_, "error": {"status": 500}},
        {"match": demanded, "error": {"status": 500}},
    )
    proven = [condition for condition in other.conditions if implied(one.conditions, condition)]
    for call in asked:
        if not one.differences(call):
            assert [c for c in proven if c.difference(call) is not None] == []


GLOBS = st.text(alphabet="ab*?", max_size=5)


@given(GLOBS, GLOBS, st.lists(st.text(alphabet="abc", max_size=5), max_size=20))
def test_a_glob_that_covers_another_fits_its_names(wide: str, narrow: str, names: list[str]) -> None:
    """And every glob covers itself, and `*` all."""
    one, other = model_is((wide,)), model_is((narrow,))
    if covers(wide, narrow):
        for name in names:
            call = Call("chat", {"model": name})
            assert other.difference(call) is not None or one.difference(call) is None
    assert covers(wide, wide)
    assert covers("*", narrow)


def test_values_of_different_types_are_not_the_same() -> None:
    """Though Python takes them for equal."""
    assert not same((1,), (True,))
    assert not same((1, (2.0,)), (1, (2,)))
    assert same((1, [{"a": "b"}]), (1, [{"a": "b"}]))


def test_thousands_of_stubs_are_checked() -> None:
    """What is told of them is told of the right one, however many there are."""
    many = [{"match": {"model": f"m{n}", "user": f"number {n}."}, "response": "a"} for n in range(1_000)]
    many += [{"match": {"user": f"number {n}!"}, "response": "a"} for n in range(1_000)]
    late = {"name": "late", "match": {"user": "say number 77!"}, "response": "b"}
    last = {"name": "last", "match": {"user": "number 5.", "model": "m5"}, "response": "b"}
    messages = told(*many, late, last)
    assert [message.split("(")[0] for message in messages] == [
        "'late' can never match: 'x#1078' ",
        "'last' can never match: 'x#6' ",
    ]
