"""Cutting text, whoever does it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver import tokens
from mockserver.tokens import estimate, splitter, vocabulary

from .conftest import both_modes, needs_vocabulary

MODELS = st.sampled_from(["", "gpt-4o", "gpt-4", "my/own-model"])
SNIPPETS = ["👩‍👩‍👧", "🇫🇷", "\ud800", "\udfff\ud800", " \r\n\t", "don't", "𠮷", "e\u0301", "<|endoftext|>", "\x00"]
WILD = st.text(
    st.characters(exclude_categories=[]) | st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)
) | st.lists(st.sampled_from(SNIPPETS) | st.text(st.characters(exclude_categories=[]), max_size=5)).map("".join)


@both_modes
@settings(max_examples=150, deadline=None)
@given(text=WILD, model=MODELS)
def test_pieces_joined_are_the_text(mode: splitter.Mode, text: str, model: str) -> None:
    """Nothing is lost, added or changed, lone surrogates included."""
    tokens.use(mode)
    assert "".join(tokens.pieces(text, model)) == text


@both_modes
@settings(max_examples=150, deadline=None)
@given(text=WILD, model=MODELS)
def test_there_are_as_many_pieces_as_tokens(mode: splitter.Mode, text: str, model: str) -> None:
    """Count, pieces, bytes and ids agree."""
    tokens.use(mode)
    number = tokens.count(text, model)
    assert len(tokens.pieces(text, model)) == number
    assert len(tokens.token_bytes(text, model)) == number
    assert len(tokens.encode(text, model)) == number
    assert tokens.count_many([text, text], model) == [number, number]


@both_modes
@settings(max_examples=150, deadline=None)
@given(text=WILD, model=MODELS)
def test_token_bytes_joined_are_the_text_in_utf_8(mode: splitter.Mode, text: str, model: str) -> None:
    """A lone surrogate, which UTF-8 cannot say, is U+FFFD there."""
    tokens.use(mode)
    said = "".join("\ufffd" if "\ud800" <= letter <= "\udfff" else letter for letter in text)
    assert b"".join(tokens.token_bytes(text, model)) == said.encode()


@both_modes
def test_a_character_of_several_tokens_comes_whole_in_the_last(mode: splitter.Mode) -> None:
    """Until then the pieces are empty, so that a cut never leaves half a character."""
    tokens.use(mode)
    assert tokens.pieces("🥳") == ("", "🥳")


@both_modes
def test_the_empty_text_has_no_tokens(mode: splitter.Mode) -> None:
    """Nothing is nothing."""
    tokens.use(mode)
    assert tokens.pieces("") == ()
    assert tokens.count("") == 0


@both_modes
def test_long_runs_of_one_character_are_cut_too(mode: splitter.Mode) -> None:
    """No piece grows with the text."""
    tokens.use(mode)
    for letter in ("a", "A", " ", "\n", "-", "7", "é", "中", "\t"):
        assert max(map(len, tokens.pieces(letter * 5000))) <= 128


def test_without_the_package_counts_are_estimated(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing package is no error, and asking for it by name says what to install."""
    monkeypatch.setattr(vocabulary, "_package", lambda: None)
    tokens.use("auto")
    assert not tokens.exact()
    assert tokens.pieces("Hello there") == estimate.pieces("Hello there")
    assert tokens.text_of([1, 2]) is None
    with pytest.raises(ImportError, match=r"mockserver\[tokens\]"):
        tokens.use("exact")


def test_the_estimate_can_be_forced() -> None:
    """Also where the package is there."""
    tokens.use("estimated")
    assert not tokens.exact()


@needs_vocabulary
def test_the_vocabulary_is_used_where_it_is() -> None:
    """Without asking for it."""
    tokens.use("auto")
    assert tokens.exact()
    assert tokens.encode("hello world", "gpt-4o") == [24912, 2375]


@needs_vocabulary
def test_each_model_has_its_own_encoding() -> None:
    """Published ids of the two encodings for one text."""
    tokens.use("exact")
    assert tokens.encode("hello world", "gpt-4") == [15339, 1917]
    assert tokens.text_of([15339, 1917], "gpt-4") == "hello world"
    assert tokens.text_of([24912, 2375], "gpt-4o") == "hello world"
