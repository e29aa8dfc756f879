"""The index leaves out only what cannot match, and priorities put the rest in order."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.call import Call
from mockserver.errors import Place
from mockserver.language.conditions import matched
from mockserver.matching.difference import Condition
from mockserver.matching.index import FROM, Index
from mockserver.stubs import Stub, Stubs, first_match
from tests.matching.asking import chat, completion, embedding, read, stubs

WORDS = [
    "a",
    "hello",
    "hello world",
    "Hello",
    "number 1",
    "number 12",
    "STRASSE",
    "straße",
    "\u017feen",
    "\u212a",
    "kelvin",
    "i̇x",
    "",
    "🎉🎉",
]
words = st.sampled_from(WORDS)
patterns = st.one_of(
    words,
    words.map(lambda text: {"exact": text}),
    words.map(lambda text: {"exact": text, "ignore_case": True}),
    words.map(lambda text: {"contains": text, "ignore_case": True}),
    st.sampled_from(
        [
            "/hello( world)?/",
            "/^number \\d+$/",
            "/(hello|number)/",
            "/HELLO W/i",
            "/kelvin/i",
            "/seen|i/i",
            "/x*/",
            "/l{2}o w/",
        ]
    ),
)
matches = st.fixed_dictionaries(
    {},
    optional={
        "model": st.one_of(st.sampled_from(["m1", "m2", "m1-2024-08-06", "m*"]), st.just(["m1", "m3"])),
        "user": st.one_of(patterns, st.lists(patterns, min_size=1, max_size=3)),
        "any_message": patterns,
        "system": patterns,
        "prompt": patterns,
        "input": patterns,
        "stream": st.booleans(),
        "not": st.fixed_dictionaries({"user": patterns}),
        "all": st.lists(st.fixed_dictionaries({"user": patterns}), min_size=1, max_size=2),
    },
).map(lambda match: {**match, "snapshots": True} if match.get("model") == "m1" else match)
texts = st.lists(words, max_size=3).map(" ".join)
calls = st.one_of(
    st.builds(
        lambda user, system, model, stream: chat(
            model=model,
            stream=stream,
            messages=[{"role": "system", "content": system}, {"role": "user", "content": user}],
        ),
        texts,
        texts,
        st.sampled_from(["m1", "m2", "m1-2024-08-06", "m1-0613", "other"]),
        st.booleans(),
    ),
    st.builds(completion, texts),
    st.builds(embedding, st.lists(texts, min_size=1, max_size=2)),
)


class Rule:
    """What has conditions."""

    def __init__(self, match: dict[str, Any]) -> None:
        self.conditions: tuple[Condition, ...] = matched(read(json.dumps(match, ensure_ascii=False)))

    def holds(self, call: Call) -> bool:
        """Whether all hold."""
        return all(condition.difference(call) is None for condition in self.conditions)


@settings(max_examples=150)
@given(st.lists(matches, min_size=1, max_size=12), st.lists(calls, min_size=1, max_size=5))
def test_no_stub_that_matches_is_left_out(written: list[dict[str, Any]], asked: list[Call]) -> None:
    """Candidates are in order, each once, and all that match are among them."""
    rules = [Rule(match) for match in written]
    index = Index(rules)
    for call in asked:
        found = list(index.candidates(call))
        assert found == sorted(set(found))
        assert {n for n, rule in enumerate(rules) if rule.holds(call)} <= set(found)


MANY = 400
KINDS: dict[str, tuple[str, Callable[[int], Call]]] = {
    "model": ("{{model: m{n}}}", lambda n: chat(model=f"m{n}")),
    "exact": ("{{user: {{exact: number {n}}}}}", lambda n: chat(f"number {n}")),
    "contains": ("{{user: number {n} please}}", lambda n: chat(f"the number {n} please, now")),
    "any case": ("{{user: {{contains: NUMBER {n} PLEASE, ignore_case: true}}}}", lambda n: chat(f"Number {n} please")),
    "regex": ("{{user: '/(number|no) {n} (please|now)/'}}", lambda n: chat(f"the number {n} please")),
    "regex in any case": ("{{user: '/NUMBER {n}$/i'}}", lambda n: chat(f"the number {n}")),
    "system": (
        "{{system: number {n} please}}",
        lambda n: chat(messages=[{"role": "system", "content": f"number {n} please"}]),
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_of_many_stubs_few_are_held_against_a_call(tmp_path: Path, kind: str) -> None:
    """What is literal is looked up: in short texts, and in texts so long that they are taken apart in chunks."""
    written, asked = KINDS[kind]
    lines = "".join(f"  - {{match: {written.format(n=n)}, response: x}}\n" for n in range(1_000, 1_000 + MANY))
    found = stubs(tmp_path, f"stubs:\n{lines}")
    index = Index(found.all)
    for n in (1_000, 1_234, 999 + MANY):
        call = asked(n)
        assert found.all[n - 1_000] is found.find(call)
        assert len(list(index.candidates(call))) <= MANY // 10
        if kind in ("contains", "regex"):
            long = chat("lorem ipsum " * 6_000 + call.user)
            assert found.all[n - 1_000] is found.find(long)
            assert len(list(index.candidates(long))) <= MANY // 10


def test_a_long_text_is_not_taken_apart_for_a_few_stubs(tmp_path: Path) -> None:
    """To search for them costs less."""
    lines = "".join(f"  - {{match: {{user: number {n}}}, response: x}}\n" for n in range(FROM))
    index = Index(stubs(tmp_path, f"stubs:\n{lines}").all)
    assert len(list(index.candidates(chat("x" * 10_000)))) == FROM
    assert len(list(index.candidates(chat("x" * 100)))) == 0


def test_stubs_that_cannot_be_indexed_keep_their_place(tmp_path: Path) -> None:
    """Between those that can, in the order of the file."""
    lines = "".join(f"  - {{match: {{user: number {n}}}, response: x}}\n" for n in range(10))
    text = f"stubs:\n{lines}  - {{name: mini, match: {{model: '*-mini', turns: 2}}, response: x}}\n{lines}"
    found = stubs(tmp_path, text)
    said = [{"role": "user", "content": "x"}, {"role": "user", "content": "number 7"}]
    assert named(found, chat(messages=said)) == "stubs#8"
    assert named(found, chat(messages=[said[0], {"role": "user", "content": "no"}])) == "mini"
    assert named(found, chat("no")) is None


def named(found: Stubs, call: Call, own: Stubs | None = None) -> str | None:
    """The name of the stub that matches."""
    stub = found.find(call, own.all if own is not None else ())
    return None if stub is None else stub.name


PRIORITIES = """
stubs:
  - {name: low, priority: -1, response: x}
  - {name: first, match: {user: good}, response: x}
  - {name: second, match: {user: good}, response: x}
  - {name: high, match: {user: day}, priority: 5, response: x}
"""


def test_a_higher_priority_is_tried_first(tmp_path: Path) -> None:
    """Stubs of the same in their order."""
    found = stubs(tmp_path, PRIORITIES)
    assert [stub.name for stub in found.all] == ["high", "first", "second", "low"]
    assert named(found, chat("good day")) == "high"
    assert named(found, chat("good")) == "first"
    assert named(found, chat("no")) == "low"


@pytest.mark.parametrize(
    ("own", "user", "answers"),
    [
        ("{name: own, response: x}", "good", "own"),
        ("{name: own, response: x}", "day", "high"),
        ("{name: own, priority: 5, response: x}", "day", "own"),
        ("{name: own, priority: -1, response: x}", "good", "first"),
        ("{name: own, priority: -1, response: x}", "no", "own"),
        ("{name: own, priority: -2, response: x}", "no", "low"),
        ("{name: own, match: {user: x}, response: x}", "good", "first"),
    ],
)
def test_stubs_of_a_session_come_before_others_of_their_priority(
    tmp_path: Path, own: str, user: str, answers: str
) -> None:
    """Whichever of the two match."""
    mine = stubs(tmp_path, f"stubs: [{own}]")
    assert named(stubs(tmp_path, PRIORITIES), chat(user), mine) == answers


def test_the_default_stays_behind_whatever_the_priority(tmp_path: Path) -> None:
    """A low priority does not mean never."""
    default = stubs(tmp_path, "stubs: [{name: default, priority: 9, response: x}]")
    low = stubs(tmp_path, "stubs: [{name: low, match: {user: good}, priority: -9, response: x}]")
    found = Stubs(low.all, default.all)
    assert [stub.name for stub in found.all] == ["low", "default"]
    assert named(found, chat("good")) == "low"
    assert named(found, chat("no")) == "default"
    assert named(Stubs((), default.all), chat("no"), low) == "default"
    assert named(Stubs((), default.all), chat("good"), low) == "low"


def stub(number: int, rule: Rule, endpoints: tuple[str, ...], priority: int) -> Stub:
    """A stub that demands what a rule demands."""
    return Stub(f"s{number}", rule.conditions, (), endpoints, Place("", 1, 1), b"", priority=priority)


ENDPOINTS = st.sampled_from([("chat", "completions"), ("embeddings",), ("chat", "completions", "embeddings")])


@settings(max_examples=60)
@given(
    st.lists(st.tuples(matches, ENDPOINTS, st.integers(0, 1)), min_size=FROM, max_size=FROM + 8),
    st.lists(calls, min_size=1, max_size=5),
)
def test_the_same_stub_is_found_as_by_trying_one_after_the_other(
    written: list[tuple[dict[str, Any], tuple[str, ...], int]], asked: list[Call]
) -> None:
    """With endpoints and priorities, above the number from which there is an index."""
    made = [stub(n, Rule(match), endpoints, priority) for n, (match, endpoints, priority) in enumerate(written)]
    found = Stubs(made)
    for call in asked:
        tried = [one for one in sorted(made, key=lambda one: -one.priority) if call.endpoint in one.endpoints]
        assert found.find(call) is first_match(tried, call)
