"""Regexes end in time, whichever engine searches, and mean what Python's `re` says."""

import re
from typing import Any

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.errors import RegexTimeout
from mockserver.matching import regexes
from mockserver.matching.regexes import Regex
from mockserver.matching.translate import facts, translated
from tests.matching.asking import chat

LETTERS = "abAB kK_1é²\u0301\u0915\u093e\u1c90\n\r\t\x1c.-|{}[]()*+?^$\\/\u212a\u00df"
"""Ordinary characters, and those that engines have their own ideas about."""

atoms = st.one_of(
    st.sampled_from(list(LETTERS)).map(re.escape),
    st.sampled_from([".", r"\w", r"\W", r"\d", r"\D", r"\s", r"\S", r"\b", r"\B", "^", "$", r"\A", r"\Z"]),
    st.sampled_from(
        ["[a-c]", "[^a-c]", r"[\w-]", r"[^\w\s]", r"[\W_]", r"[^\Wa]", "[{e}]", r"[\]\[:alpha:]", "{e}", "{1,x"]
    ),
)


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    counts = st.sampled_from(["*", "+", "?", "*?", "+?", "??", "{2}", "{1,3}", "{0,2}?", "{2,}"])
    return st.one_of(
        st.lists(inner, min_size=1, max_size=4).map("".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"(?:{'|'.join(parts)})"),
        st.tuples(inner, counts).map(lambda pair: f"(?:{pair[0]}){pair[1]}"),
        inner.map(lambda part: f"({part})"),
        st.tuples(st.sampled_from(["(?=", "(?!", "(?>", "(?i:", "(?s:", "(?m:", "(?-i:"]), inner)
        .map("".join)
        .map("{})".format),
        st.tuples(st.sampled_from(["(?<=", "(?<!"]), st.sampled_from(["a", "ab", r"\w", "[ab]"]))
        .map("".join)
        .map("{})".format),
    )


sources = st.recursive(atoms, _larger, max_leaves=8)
texts = st.text(st.sampled_from(LETTERS), max_size=14)
flags = st.sampled_from([0, re.I, re.M, re.S, re.I | re.S, re.A, re.A | re.I])


def compiled(source: str, flag: int) -> re.Pattern[str] | None:
    """The regex as `re` has it, if it has."""
    try:
        return re.compile(source, flag)
    except re.error:
        return None


@settings(max_examples=400)
@given(source=sources, text=texts, flag=flags)
def test_both_engines_find_the_same(source: str, text: str, flag: int) -> None:
    """What `re` finds in a short text, `regex` would find in a long one: the same place, the same groups."""
    first = compiled(source, flag)
    if first is None:
        return
    told, kept = translated(source, flag)
    second = regex.compile(told, kept)
    found, other = first.search(text), second.search(text, timeout=5)
    assert (found and (found.span(), found.groups())) == (other and (other.span(), other.groups())), told


@settings(max_examples=400)
@given(source=sources, text=texts, flag=flags)
def test_what_a_regex_needs_is_there_where_it_matches(source: str, text: str, flag: int) -> None:
    """Of each group one text, in any case under the flag `i`: an index may leave out what lacks it."""
    first = compiled(source, flag)
    if first is None or first.search(text) is None:
        return
    found = facts(source, flag)
    folded = text.casefold() if found.ignores_case else text
    for group in found.needed:
        assert any((part.casefold() if found.ignores_case else part) in folded for part in group), found.needed


@given(source=sources, flag=flags)
def test_what_is_said_to_be_safe_compiles(source: str, flag: int) -> None:
    """A regex that is compiled later than it is read must not turn out to be none."""
    try:
        safe = facts(source, flag).safe
    except re.error:
        return
    if safe:
        re.compile(source, flag)


@pytest.mark.parametrize(
    ("source", "needed"),
    [
        ("weather in (?P<city>\\w+) please", (("weather in ",), (" please",))),
        ("^hello$", (("hello",),)),
        ("(?:cats|dogs) like", (("cats", "dogs"), (" like",))),
        ("(?:cats|\\d) like", ((" like",),)),
        ("(ab)+c", (("ab",), ("c",))),
        ("x?y*z", (("z",),)),
        ("\\w+", ()),
        ("(?i)Find it", (("F",), ("nd ",), ("t",))),
        ("a(?=bc)d", (("a",), ("d",))),
        ("(?:a|b|)", ()),
    ],
)
def test_what_a_regex_needs(source: str, needed: Any) -> None:
    """Every text that matches contains one of each group."""
    assert facts(source, 0).needed == needed


@pytest.mark.parametrize(
    ("source", "least", "most"),
    [
        ("hello", 1_000_000, 1_000_000),
        ("hello|bye", 100_000, 500_000),
        (r"in (?P<city>\w+)", 1_000, 1_000),
        (r"^in (?P<city>\w+)", 1_000_000, 1_000_000),
        (".*x.*y", 100, 100),
        ("(a+)+$", 0, 0),
        ("(a|aa)+$", 0, 0),
        (r"(\w+)\s\1", 0, 0),
        ("(a?){50}a{50}", 0, 0),
        ("((a{0,9}){0,9}){0,9}", 0, 0),
    ],
)
def test_for_which_texts_few_steps_are_enough(source: str, least: int, most: int) -> None:
    """The more wildcards have to share a text, the shorter it must be; repetitions in repetitions have no bound."""
    assert least <= facts(source, 0).short <= most


MILLION = "x" * 1_000_000
HARMFUL = [
    ("(a|aa)+$", "a" * 5_000 + "b"),
    ("(x+x+)+y", "y" + MILLION),
    (".*x.*y", "y" + MILLION),
    ("a.*b.*c.*d", "d" + "abc" * 300_000),
    (r"^(.*?,){11}P", "P" + "1,2,3,4,5,6,7,8,9," * 30_000),
]
"""Regexes, and texts that have all that they need but not in an order that matches."""


@pytest.mark.parametrize(("source", "text"), HARMFUL, ids=[source for source, _ in HARMFUL])
def test_a_search_that_takes_too_long_is_given_up(source: str, text: str) -> None:
    """It says which regex it was, on how long a text, and after how long."""
    with pytest.raises(RegexTimeout) as given_up:
        Regex(source).fits(text, chat())
    found = given_up.value
    assert (found.pattern, found.length, found.seconds, found.together) == (f"/{source}/", len(text), 0.1, False)


@pytest.mark.parametrize(
    ("source", "text", "fits"),
    [
        ("(a+)+$", "a" * 30 + "b", False),
        ("needle", MILLION + "needle", True),
        (r"in (?P<city>\w+)", MILLION + " in Rome", True),
        (r"in (?P<city>\w+)", MILLION, False),
        ("(?i)NEEDLE", MILLION + "needle", True),
    ],
)
def test_an_ordinary_search_of_a_long_text_is_none_that_takes_long(source: str, text: str, fits: bool) -> None:
    """Bounds are for regexes that would hang."""
    assert Regex(source).fits(text, chat()) is fits


def test_all_searches_for_a_call_have_one_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many regexes there are; the next call has its own."""
    monkeypatch.setattr(regexes, "CALL_SECONDS", 0.15)
    call, harmful = chat(), Regex(".*x.*y")
    ends = []
    for _ in range(3):
        with pytest.raises(RegexTimeout) as given_up:
            harmful.fits(HARMFUL[2][1], call)
        ends.append((given_up.value.seconds, given_up.value.together))
    assert ends == [(0.1, False), (0.15, True), (0.15, True)]
    with pytest.raises(RegexTimeout) as given_up:
        harmful.fits(HARMFUL[2][1], chat())
    assert given_up.value.seconds == 0.1


def test_groups_are_the_same_in_long_texts() -> None:
    """Named ones, those that took no part as empty texts."""
    source = r"in (?P<city>\w+)(?: of (?P<land>\w+))?"
    for text in ("in Rome", "y" * 2_000 + " in Rome"):
        assert Regex(source).groups(text, chat()) == {"city": "Rome", "land": ""}


def test_letters_mean_the_same_in_short_and_long_texts() -> None:
    """A combining vowel sign is no letter for `re`, and so for neither."""
    word = Regex(r"^\w+$")
    hindi = "\u0915\u093e"
    assert word.fits("\u0915", chat())
    assert not word.fits(hindi, chat())
    long = Regex(r"(?:\w+)+$|never")
    assert long.fits("\u0915" * 3_000, chat())
    assert Regex(r"^(?:(?:\w)+)+$").fits("\u0915" * 3_000, chat())
    assert not Regex(r"^(?:(?:\w)+)+$").fits(hindi * 2, chat())


def test_what_python_only_warns_of_is_refused() -> None:
    """`[[:alpha:]]` is not what it looks like."""
    with pytest.raises(re.error, match="Possible nested set at position 1: put a backslash before it"):
        Regex("[[:alpha:]]")
    assert Regex(r"[\[a]--").fits("[--", chat())


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        (r"(a|b)c\1", ["aca", "acb", "bcb"]),
        (r"(?P<x>a|b)c(?P=x)", ["aca", "acb"]),
        (r"(a)?b(?(1)c|d)", ["abc", "abd", "bd", "bc"]),
        (r"(?P<x>a)?b(?(x)c)e", ["abce", "abe", "be"]),
        (r"(?>a+)b|(?>a|ab)c", ["aab", "abc", "ac"]),
        (r"a++b|a*+c|a?+d", ["aab", "aac", "ad", "d"]),
        (r"(?!)|x", ["x", "y"]),
        (r"(?a)^\w+\s\d$", ["a 1", "\u00e9 1", "a\u00a01", "a \u0661"]),
        (r"(?i-s:a.)b", ["AXb", "AXB", "A\nb"]),
        (r"(?a:\w)x", ["ax", "\u00e9x"]),
    ],
)
def test_both_engines_know_what_is_rarely_written(source: str, texts: list[str]) -> None:
    """References to groups, conditions, atomic groups, possessive repetitions, flags for a part."""
    told, kept = translated(source, 0)
    one, other = re.compile(source), regex.compile(told, kept)
    for text in texts:
        found, again = one.search(text), other.search(text)
        assert (found and (found.span(), found.groups())) == (again and (again.span(), again.groups())), (told, text)
