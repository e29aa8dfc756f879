"""Logprobs: plausible, consistent, the same for the same text."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.draw import Draw
from mockserver.generate.logprobs import bytes_of, logprobs_for, scored
from mockserver.reply import Text, TokenLogprob
from mockserver.tokens.surrogates import replaced

MODEL = "gpt-4o"
TEXTS = st.text(max_size=30) | st.text("aZ 1é€😀👍🏽漢…\n", max_size=30)
ENGLISH = "The quick brown fox jumps over the lazy dog, and nobody knows why it did that 42 times. " * 40


def english(top: int = 0, key: str = "x") -> tuple[TokenLogprob, ...]:
    """A long English text, scored."""
    return scored(Text(ENGLISH), MODEL, top, Draw(key))


@given(TEXTS, st.integers(0, 20), st.binary(max_size=4))
def test_logprobs_are_probabilities(said: str, top: int, key: bytes) -> None:
    """Each is negative and finite; the alternatives of a token are distinct, ordered, and leave something over."""
    for entry in scored(Text(said), MODEL, top, Draw(key)):
        assert entry.logprob is not None
        assert -50 < entry.logprob < 0
        assert len(entry.top) == top
        logprobs = [logprob for _, _, logprob in entry.top]
        assert logprobs == sorted(logprobs, reverse=True)
        assert all(-50 < logprob < 0 for logprob in logprobs)
        among = {(text, data): logprob for text, data, logprob in entry.top}
        assert len(among) == len({data for _, data in among}) == top
        among[entry.text, entry.data] = entry.logprob
        assert sum(map(math.exp, among.values())) < 1


@given(TEXTS, st.integers(0, 20))
def test_a_token_has_one_logprob(said: str, top: int) -> None:
    """Among its alternatives it has the logprob that it has by itself."""
    for entry in scored(Text(said), MODEL, top, Draw("x")):
        assert {logprob for text, data, logprob in entry.top if data == entry.data} <= {entry.logprob}


def test_the_token_taken_is_mostly_the_likeliest() -> None:
    """As in recordings, now and then a likelier one was passed over; then it comes second."""
    ranks = [[data for _, data, _ in entry.top].index(entry.data) for entry in english(top=5)]
    assert 0.9 < ranks.count(0) / len(ranks) < 1
    assert set(ranks) == {0, 1}


def test_most_tokens_are_all_but_certain_and_some_a_surprise() -> None:
    """The median is near 0, one in twenty is below -1, none is absurd."""
    logprobs = sorted(entry.logprob for entry in english() if entry.logprob is not None)
    assert -0.1 < logprobs[len(logprobs) // 2] < 0
    assert -3 < logprobs[len(logprobs) // 20] < -1
    assert logprobs[0] > -3.3
    assert len(set(logprobs)) > 0.9 * len(logprobs)


@pytest.mark.parametrize("top", [0, 5])
def test_logprobs_are_short_numbers(top: int) -> None:
    """Eight significant digits, as a single-precision number has them."""
    for entry in english(top)[:100]:
        for logprob in (entry.logprob, *(item[2] for item in entry.top)):
            assert float(f"{logprob:.8g}") == logprob


def test_the_same_draw_gives_the_same_logprobs_and_another_draw_others() -> None:
    """Nothing but the key and the text decides."""
    assert english(3, "x") == english(3, "x")
    assert english(3, "x") != english(3, "y")


def test_alternatives_do_not_change_the_logprobs() -> None:
    """However many are asked for, a token is as likely as it is."""
    assert [entry.logprob for entry in english(0)] == [entry.logprob for entry in english(20)]


@given(TEXTS, TEXTS)
def test_a_logprob_depends_on_what_comes_before(before: str, said: str) -> None:
    """A text scored after another has the logprobs that it has as the end of both."""
    pieces = [*before, *said]
    data = [replaced(piece).encode() for piece in pieces]
    whole = logprobs_for(pieces, data, 2, Draw("x"))
    context = b"".join(data[: len(before)])
    end = logprobs_for(list(said), data[len(before) :], 2, Draw("x"), before=context, offset=len(before))
    assert whole[len(before) :] == end


@given(TEXTS, st.integers(0, 12))
def test_offsets_count_characters(said: str, offset: int) -> None:
    """Each token begins where the one before it ends."""
    text = Text(said)
    for entry in scored(text, MODEL, 0, Draw("x"), offset=offset):
        assert entry.offset == offset
        offset += len(entry.text)


@given(TEXTS)
def test_bytes_join_to_the_text(said: str) -> None:
    """Tokens that end inside a character have part of its bytes, none has nothing."""
    data = bytes_of(Text(said), MODEL)
    assert b"".join(data) == replaced(said).encode()
    assert len(data) == len(Text(said).pieces(MODEL))
    assert all(data)


@given(TEXTS, st.integers(0, 12))
def test_bytes_of_a_cut_text_are_those_of_its_tokens(said: str, kept: int) -> None:
    """A text cut at a token, even inside a character, has bytes for each of its tokens."""
    pieces = Text(said).pieces(MODEL)[:kept]
    cut = Text.of(pieces, MODEL)
    data = bytes_of(cut, MODEL)
    assert len(data) == len(pieces)
    assert all(data)
    assert b"".join(data).startswith(replaced(cut.value).encode())


@pytest.mark.parametrize(
    ("pieces", "data"),
    [
        (("a", "", "😀", "b"), (b"a", b"\xf0\x9f\x98", b"\x80", b"b")),
        (("", "", "😀"), (b"\xf0\x9f", b"\x98", b"\x80")),
        (("a", ""), (b"a", b"\xf0\x9f\x98")),
        (("", ""), (b"\xf0\x9f", b"\x98")),
        (("a", "", "", ""), (b"a", b"\xf0", b"\x9f", b"\x98")),
        (("", " 👍"), (b" \xf0\x9f\x91", b"\x8d")),
    ],
)
def test_a_character_of_several_tokens_is_shared_out(pieces: tuple[str, ...], data: tuple[bytes, ...]) -> None:
    """The first token has most of its bytes, each further one a byte; what was cut off begins like a picture."""
    assert bytes_of(Text.of(pieces, MODEL), MODEL) == data
