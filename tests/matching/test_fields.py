"""Any field of the request: paths, comparisons, and what is said to differ."""

from typing import Any

import pytest

from mockserver.errors import RegexTimeout
from mockserver.matching.comparison import equal
from tests.matching.asking import chat, differences

BODY: dict[str, Any] = {
    "temperature": 0.7,
    "n": 1,
    "logprobs": True,
    "seed": None,
    "stop": ["a", "b"],
    "metadata": {"tier": "gold", "user-id": "u1", "a.b": "dotted"},
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}]},
        {"role": "user", "content": "x"},
    ],
}

FITS = [
    "temperature: 0.7",
    "$.temperature: 0.7",
    "n: 1.0",
    "logprobs: true",
    "seed: null",
    "stop: {eq: [a, b]}",
    "stop: {contains: b}",
    "stop[0]: a",
    "stop[-1]: b",
    "metadata: {eq: {tier: gold, user-id: u1, a.b: dotted}}",
    "metadata.tier: gold",
    "metadata.tier: [silver, gold]",
    "metadata.tier: {in: [silver, gold]}",
    "metadata.tier: /^GO/i",
    "metadata.tier: [silver, /^go/]",
    "metadata.tier: {regex: old$}",
    "metadata.tier: {regex: OLD$, ignore_case: true}",
    "metadata.tier: {contains: OL, ignore_case: true}",
    "metadata.tier: {eq: GOLD, ignore_case: true}",
    "metadata.tier: {ne: silver}",
    "metadata.other: {ne: silver}",
    "metadata.other: {present: false}",
    "metadata.tier: {present: true}",
    "seed: {present: true}",
    "metadata.user-id: u1",
    "$.metadata['a.b']: dotted",
    "temperature: {gt: 0.5, lte: 0.7}",
    "temperature: {gte: 0.7, lt: 1}",
    "messages[0].role: system",
    "$.messages[-1].content: x",
    "'$.messages[?@.role == \"system\"].content': {contains: brief}",
    "$..url: /png$/",
    "$.messages[*].role: system",
    "$.messages[*].role: {ne: tool}",
    "$.messages[1:].role: user",
    "'$.messages[?search(@.content, \"b.*f\")].role': system",
    "'$.messages[?match(@.content, \"Be .*\")].role': system",
    "'$.messages[?length(@.content) == 9].role': system",
]


@pytest.mark.parametrize("written", FITS)
def test_a_field_is_as_compared(written: str) -> None:
    """Paths with and without `$`, each comparison, values and regexes."""
    assert differences(f"fields:\n  {written}\n", chat(**BODY)) == []


DIFFERS = [
    ("temperature: 1", "fields.temperature: expected 1, got 0.7"),
    ("n: true", "fields.n: expected true, got 1"),
    ("n: '1'", "fields.n: expected '1', got 1"),
    ("logprobs: 1", "fields.logprobs: expected 1, got true"),
    ("logprobs: {gte: 0}", "fields.logprobs: expected at least 0, got true"),
    ("metadata.tier: {gt: 1}", "fields.metadata.tier: expected more than 1, got 'gold'"),
    ("metadata.tier: [silver, 7]", "fields.metadata.tier: expected 'silver' or 7, got 'gold'"),
    ("metadata.tier: /^old/", "fields.metadata.tier: expected a text matching /^old/, got 'gold'"),
    ("temperature: /7/", "fields.temperature: expected a text matching /7/, got 0.7"),
    ("temperature: {contains: 7}", "fields.temperature: expected something containing 7, got 0.7"),
    ("metadata.tier: {contains: 7}", "fields.metadata.tier: expected something containing 7, got 'gold'"),
    ("metadata.other: gold", "fields.metadata.other: expected 'gold', got nothing"),
    ("metadata.other: {present: true}", "fields.metadata.other: expected any value, got nothing"),
    ("metadata.tier: {present: false}", "fields.metadata.tier: expected nothing, got 'gold'"),
    ("metadata.tier: {ne: gold}", "fields.metadata.tier: expected not 'gold', got 'gold'"),
    ("$.messages[*].role: {ne: user}", "fields.$.messages[*].role: expected not 'user', got 'system', 'user', 'user'"),
    ("stop: {eq: [b, a]}", 'fields.stop: expected ["b", "a"], got ["a", "b"]'),
    ("stop[7]: a", "fields.stop[7]: expected 'a', got nothing"),
    ("stop.a: a", "fields.stop.a: expected 'a', got nothing"),
    ("metadata[0]: a", "fields.metadata[0]: expected 'a', got nothing"),
    (
        "metadata.tier: {eq: SILVER, ignore_case: true}",
        "fields.metadata.tier: expected 'SILVER' in any case, got 'gold'",
    ),
]


@pytest.mark.parametrize(("written", "told"), DIFFERS, ids=[written for written, _ in DIFFERS])
def test_a_field_is_not_as_compared(written: str, told: str) -> None:
    """The comparison in words, and the values as JSON writes them."""
    assert differences(f"fields:\n  {written}\n", chat(**BODY)) == [told]


def test_of_many_values_three_are_shown() -> None:
    """A path may lead to thousands."""
    (told,) = differences("{fields: {'$.stop[*]': x}}", chat(stop=["a", "b", "c", "d"]))
    assert told == "fields.$.stop[*]: expected 'x', got 'a', 'b', 'c', ..."


def test_a_regex_inside_of_a_path_ends_in_time() -> None:
    """The search of RFC 9535 has the bounds that regexes of `match` have."""
    call = chat(messages=[{"role": "user", "content": "a" * 5_000 + "b"}])
    with pytest.raises(RegexTimeout, match=r"the regex /\(a\|aa\)\+\$/ took too long"):
        differences("{fields: {'$.messages[?search(@.content, \"(a|aa)+$\")]': x}}", call)


def test_a_regex_inside_of_a_path_that_is_none_finds_nothing() -> None:
    """It may stand in the request itself."""
    call = chat(**BODY, pattern="(")
    assert len(differences("{fields: {'$.messages[?search(@.content, $.pattern)].role': system}}", call)) == 1


def test_what_is_nested_too_deeply_is_not_found() -> None:
    """The library goes so deep, and no deeper; that is no reason to fail."""
    nested: Any = "x"
    for _ in range(300):
        nested = [nested]
    assert len(differences("{fields: {'$.metadata..name': x}}", chat(metadata=nested))) == 1


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (1, 1.0, True),
        (1, True, False),
        (0, False, False),
        ([1, {"a": [True]}], [1.0, {"a": [True]}], True),
        ([1, {"a": [True]}], [1, {"a": [1]}], False),
        ({"a": 1}, {"a": 1, "b": None}, False),
        ([1], [1, 1], False),
        ("1", 1, False),
        (None, None, True),
    ],
)
def test_values_are_the_same_as_json_has_it(one: Any, other: Any, same: bool) -> None:
    """All the way down: Python takes 1 and true for one."""
    assert equal(one, other) is same
