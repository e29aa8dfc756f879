"""The real vocabulary."""

import pytest

from mockserver.tokens.vocabulary import Vocabulary, load

pytest.importorskip("toktok")


@pytest.fixture
def o200k() -> Vocabulary:
    """The encoding of today's models."""
    return load("o200k_base")


class _Counter:
    """A tokenizer that counts how often it is asked."""

    n_vocab = 1
    calls = 0

    def decode_single_token_bytes(self, number: int) -> bytes:
        return b""

    def count(self, text: str) -> int:
        self.calls += 1
        return len(text)


def test_special_tokens_are_ordinary_text(o200k: Vocabulary) -> None:
    """A user who writes one does not end the text."""
    assert o200k.count("<|endoftext|>") == 7
    assert "".join(o200k.pieces("<|endoftext|>")) == "<|endoftext|>"
    assert len(o200k.pieces("<|endoftext|>")) == 7


def test_characters_that_were_cut_are_rejoined(o200k: Vocabulary) -> None:
    """What is whole comes at once, here the space that shares a token with the character's first bytes."""
    text = " 👩\u200d👧 ok"
    assert o200k.pieces(text) == (" ", "👩", "\u200d", "", "👧", " ok")
    assert o200k.token_bytes(text)[:2] == (b" \xf0\x9f\x91", b"\xa9")


def test_ids_give_their_text_back(o200k: Vocabulary) -> None:
    """Half a character is U+FFFD."""
    ids = o200k.encode("Grüße, 世界 🥳")
    assert o200k.text_of(ids) == "Grüße, 世界 🥳"
    assert o200k.text_of(o200k.encode("🥳")[:1]) == "\ufffd"
    assert o200k.text_of([]) == ""


@pytest.mark.parametrize("number", [-1, 200_019, 2**31, 2**80])
def test_ids_outside_the_vocabulary_have_no_text(o200k: Vocabulary, number: int) -> None:
    """However large."""
    assert o200k.text_of([5, number]) is None


def test_counts_of_long_texts_are_remembered() -> None:
    """An equal text is not counted again, another of the same length, start and end is."""
    counter = _Counter()
    vocabulary = Vocabulary(counter)
    edge = "x" * 2000
    for text in (edge + "a" + edge, edge + "a" + edge, edge + "b" + edge):
        assert vocabulary.count(text) == len(text)
    assert counter.calls == 2


def test_what_is_remembered_is_bounded() -> None:
    """Some megabytes of text, and none that is larger alone."""
    vocabulary = Vocabulary(_Counter())
    for number in range(50):
        vocabulary.count(f"{number:7}" + "x" * 200_000)
        assert sum(len(text) for text, _ in vocabulary._counts.values()) <= 4 << 20
    vocabulary.count("y" * (5 << 20))
    assert all(text[0] != "y" for text, _ in vocabulary._counts.values())
