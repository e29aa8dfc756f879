"""Tokens without a vocabulary: one expression cuts a text about as o200k_base would.

The lengths in it were fitted to true o200k_base counts of prose in 30 languages, code, JSON and logs.
English, code and JSON come within a few percent, most other text within 15.
"""

import re
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from zlib import crc32

from .surrogates import replaced

WHOLE = 8192
"""Texts up to this many characters are counted whole, longer ones from samples."""

_WINDOWS = 8
_WINDOW = 512
"""A long text is judged by this many windows of this many characters, evenly spread."""

_SHORT = 512
"""Counts of texts up to this many characters are remembered."""

_IDS = 199_998
"""As many ordinary tokens as o200k_base has."""

_LEAD = r"[ \t!-/:-@\[-`{-~]?+"
"""The one space or sign that a word carries in front: ` word`, `.word`, `_word`, `(word`."""

_SIGNS = r"!-/:-@\[-`{-~\u00a1-\u00bf\u2010-\u2027\u2030-\u205e"
_ACCENTED = r"\u00c0-\u024f\u1e00-\u1eff"
_VIETNAMESE = r"\u01a0-\u01b0\u1ea0-\u1ef9"
_PICTURE = r" ?[\u2190-\u27bf\U00010000-\U0010ffff]"

_ASCII = (
    # The most frequent first. Words are one token up to 8 letters, longer ones 7 and the rest.
    rf"{_LEAD}[A-Z]?+(?:[a-z]{{1,8}}+(?![a-z{_ACCENTED}])|[a-z]{{7}})",
    rf"[ \t]?+[{_SIGNS}]{{1,6}}+[\r\n]{{0,4}}+",
    r"[0-9]{1,3}+",
    rf"{_LEAD}[A-Z]{{1,3}}(?![a-z])",
    r"[ \t]{0,80}+[\r\n]{1,16}+",
    r"[ \t]{1,80}(?=[ \t])",
)
_LETTERS = rf"{_LEAD}[A-Za-z{_ACCENTED}]{{1,2}}+"
_BEYOND = (
    rf"{_LEAD}[A-Za-z\u0111]{{0,4}}[{_VIETNAMESE}][a-z]{{0,3}}",
    _LETTERS,
    rf"{_LEAD}[\u0400-\u052f]{{1,5}}+",
    # Ideographs and hangul: some pairs are one token, so the first part of each block pairs.
    r"[\u4e00-\u55ff][\u4e00-\u9fff]?+",
    r"[\u3040-\u30ff]{1,2}+",
    r" ?+(?:[\uac00-\uc1ff][\uac00-\ud7a3]?+|[\uc200-\ud7a3])",
    rf"{_LEAD}[\u0600-\u06ff\u200c]{{1,3}}+",
    rf"{_LEAD}[\u0370-\u03ff]{{1,2}}+",
    rf"{_LEAD}[\u0590-\u05ff]{{1,4}}+",
    r" ?+[\u0900-\u0dff]{1,4}+",
    r" ?+[\u0e00-\u0eff]{1,2}+",
    # A picture is two tokens, the first of which ends inside the character: an empty match in
    # front of it, after which `findall` must advance and takes the next line.
    rf"(?={_PICTURE})",
    _PICTURE,
)


def _compiled(*alternatives: str) -> Callable[[str], list[str]]:
    return re.compile("|".join(alternatives), re.DOTALL).findall


_cut_ascii = _compiled(*_ASCII, _LETTERS, ".")


@cache
def _cut_any() -> Callable[[str], list[str]]:
    """The whole expression, compiled when text beyond ASCII first comes: it takes milliseconds."""
    return _compiled(*_ASCII, *_BEYOND, ".")


def _cut(text: str) -> list[str]:
    """The pieces; for ASCII text an expression without the other scripts gives the same ones, faster."""
    return _cut_ascii(text) if text.isascii() else _cut_any()(text)


def pieces(text: str, /) -> tuple[str, ...]:
    """The text cut into pieces as long as tokens usually are."""
    return tuple(_cut(text))


def token_bytes(text: str, /) -> tuple[bytes, ...]:
    """The UTF-8 of each piece."""
    return tuple(piece.encode() for piece in _cut(replaced(text)))


def count(text: str, /) -> int:
    """The number of pieces; for more than `WHOLE` characters scaled up from evenly spread windows.

    The same text always gets the same count, in constant time beyond that length (about 0.15 ms).
    """
    if len(text) <= _SHORT:
        return _count_short(text)
    if len(text) <= WHOLE:
        return len(_cut(text))
    step = (len(text) - _WINDOW) // (_WINDOWS - 1)
    sample = "".join([text[start : start + _WINDOW] for start in range(0, step * _WINDOWS, step)])
    return round(len(_cut(sample)) * len(text) / len(sample))


@lru_cache(maxsize=1024)
def _count_short(text: str) -> int:
    """The same system prompt comes again and again."""
    return len(_cut(text))


def encode(text: str, /) -> list[int]:
    """A number for each piece, the same for the same piece: stands for an id, but no text comes back."""
    return [crc32(piece) % _IDS for piece in token_bytes(text)]


def text_of(ids: Sequence[int], /) -> str | None:
    """None: without a vocabulary an id means nothing."""
    return None
