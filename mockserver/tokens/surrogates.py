"""Lone surrogates: JSON can carry them, UTF-8 and so every vocabulary cannot."""

import re
from collections.abc import Iterable

_SURROGATE = re.compile("[\ud800-\udfff]")


def replaced(text: str) -> str:
    """The text with U+FFFD for each lone surrogate; as long as before."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def recut(text: str, pieces: Iterable[str]) -> tuple[str, ...]:
    """The text cut at the lengths of the given pieces."""
    parts, start = [], 0
    for piece in pieces:
        end = start + len(piece)
        parts.append(text[start:end])
        start = end
    return tuple(parts)
