"""`when`: on which calls an error, a fault or a delay holds."""

from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.draw import Draw
from mockserver.failures.when import ALWAYS, Facts, When
from mockserver.language.when import WHEN
from tests.failures.reading import mistakes, read


def facts(**known: Any) -> Facts:
    """Facts of one call whose chances come from a seed."""
    return Facts(draws=lambda purpose: Draw("a seed", purpose), **known)


def holding(text: str, count: int = 12) -> list[int]:
    """The calls, from 1, on which a `when` holds."""
    when = read(WHEN, text)
    return [n for n in range(1, count + 1) if when.holds(facts(ordinal=n), "error")]


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ("always", list(range(1, 13))),
        ("{first: 3}", [1, 2, 3]),
        ("{every: 4}", [4, 8, 12]),
        ("{calls: 2}", [2]),
        ("{calls: 2-4}", [2, 3, 4]),
        ("{calls: [1, 3-5, '11-']}", [1, 3, 4, 5, 11, 12]),
        ("{first: 8, every: 2, calls: 4-}", [4, 6, 8]),
        ("{probability: 0}", []),
        ("{probability: 1}", list(range(1, 13))),
    ],
)
def test_calls_are_chosen_by_their_number(text: str, calls: list[int]) -> None:
    """Counts, ranges and lists choose calls; what stands together must hold together."""
    assert holding(text) == calls


def test_a_time_begins_and_ends() -> None:
    """It holds from its first moment to just before its last; without one it goes on, or was there from the start."""
    when = read(WHEN, "{during: {from: 10s, to: 1m}}")
    assert [when.holds(facts(elapsed=at), "error") for at in (0, 9.9, 10, 59.9, 60, 1e9)] == [
        False,
        False,
        True,
        True,
        False,
        False,
    ]
    assert read(WHEN, "{during: {from: 10s}}").holds(facts(elapsed=1e9), "error")
    assert read(WHEN, "{during: {to: 10s}}").holds(facts(elapsed=0), "error")


def test_a_scenario_has_to_be_in_a_state() -> None:
    """All scenarios are in `Started` until they are put elsewhere."""
    down = read(WHEN, "{state: {scenario: region, is: down}}")
    assert not down.holds(facts(), "error")
    assert down.holds(facts(states={"region": "down"}), "error")
    assert not down.holds(facts(states={"region": "up"}), "error")
    assert read(WHEN, "{state: {scenario: region, is: Started}}").holds(facts(), "error")


def test_a_client_that_has_retried_often_enough_gets_through() -> None:
    """`until_retries: 2` holds for the first attempt and the first retry."""
    when = read(WHEN, "{until_retries: 2}")
    assert [when.holds(facts(retries=n), "error") for n in range(4)] == [True, True, False, False]


@given(st.integers(), st.floats(0, 1))
def test_a_chance_is_that_of_its_draw(seed: int, probability: float) -> None:
    """The same draw decides the same; different purposes are drawn apart."""
    when = When(probability=probability)
    known = Facts(draws=lambda purpose: Draw(seed, purpose))
    assert when.holds(known, "error") == when.holds(known, "error") == Draw(seed, "error").chance(probability)
    assert when.holds(known, "latency") == Draw(seed, "latency").chance(probability)


def test_a_probability_is_the_share_of_the_calls() -> None:
    """Of 20,000 calls with different draws, close to a twentieth: within four standard deviations."""
    when = When(probability=0.05)
    count = sum(when.holds(Facts(draws=partial(Draw, n)), "error") for n in range(20_000))
    assert abs(count - 1_000) < 4 * (20_000 * 0.05 * 0.95) ** 0.5


def test_what_always_holds_is_one_value() -> None:
    """So that it can be told from the others at a glance, and costs nothing."""
    assert read(WHEN, "always") is ALWAYS
    assert ALWAYS.holds(Facts(), "error")
    assert not ALWAYS.depends_on_calls
    assert read(WHEN, "{first: 1}").depends_on_calls


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("always", "always"),
        ("{first: 1}", "the first call"),
        ("{first: 3, probability: 0.5}", "the first 3 calls, with probability 0.5"),
        ("{calls: [1, 3-5, 7-]}", "calls 1, 3-5, 7-"),
        ("{every: 2, during: {from: 1m}}", "every call whose number divides by 2, from 60 s on"),
        ("{during: {from: 10s, to: 40s}}", "from 10 s to 40 s"),
        ("{state: {scenario: a, is: b}, until_retries: 2}", "while 'a' is 'b', until 2 retries"),
    ],
)
def test_it_says_itself_in_words(text: str, words: str) -> None:
    """As `explain` shows it."""
    assert str(read(WHEN, text)) == words


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("sometimes", ["1:1: when: expected always, or a mapping, got 'sometimes'"]),
        ("{frist: 3}", ["1:2: unknown key 'frist' in when; did you mean 'first'?"]),
        ("{first: 0}", ["1:9: expected a whole number of at least 1, got 0"]),
        ("{probability: 5}", ["1:15: expected a number from 0 to 1, got 5"]),
        ("{calls: 5-3}", ["1:9: the range 5-3 ends before it begins"]),
        (
            "{calls: [1, two]}",
            ["1:13: expected a call's number such as 3, or a range such as 3-5 or 7-, got 'two'"],
        ),
        ("{during: {}}", ["1:10: during needs one of from, to"]),
        ("{during: {from: 2m, to: 1m}}", ["1:25: 'to' must be later than 'from'"]),
        (
            "{during: {from: soon}}",
            ["1:17: expected a duration such as 200ms, 1.5s or 2m, or a number of seconds, got 'soon'"],
        ),
        ("{state: {scenario: a}}", ["1:9: state needs the key 'is': Its state; all scenarios begin in `Started`."]),
    ],
)
def test_mistakes_are_told(text: str, told: list[str]) -> None:
    """Where, what was expected, and the nearest word."""
    assert mistakes(WHEN, text) == told
