"""Tokens by the real vocabulary, from the package toktok-rs (the extra `[tokens]`).

Its public functions only count, and start threads at every call; the object behind them does all that is
needed here in less than a microsecond. It is reached by a private name, so this module is the only one that
knows the package, and a package without that name is treated as not installed.
"""

import sys
from codecs import getincrementaldecoder
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from typing import Any

from .surrogates import recut, replaced

_SHORT = 2048
"""Counting texts up to this many characters (6 us) is not worth remembering."""

_REMEMBERED = 4 << 20
"""Bytes of text the counts of which are remembered, for each encoding."""

_Key = tuple[int, str, str]


class Vocabulary:
    """One encoding: cuts, counts, encodes and decodes. Special tokens are ordinary text, as in the API."""

    __slots__ = ("_counts", "_parts", "_remembered", "_size", "_tokenizer")

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._size: int = tokenizer.n_vocab
        self._parts = _Parts(tokenizer.decode_single_token_bytes)
        self._counts: dict[_Key, tuple[str, int]] = {}
        self._remembered = 0

    def pieces(self, text: str, /) -> tuple[str, ...]:
        """The text cut into its tokens, "" where a token ends inside a character."""
        try:
            ids = self._tokenizer.encode_ordinary(text)
        except UnicodeEncodeError:
            return recut(text, self.pieces(replaced(text)))
        parts = [self._parts[number] for number in ids]
        if "" not in parts:
            return tuple(parts)
        decode = getincrementaldecoder("utf-8")().decode
        return tuple([decode(self._tokenizer.decode_single_token_bytes(number)) for number in ids])

    def token_bytes(self, text: str, /) -> tuple[bytes, ...]:
        """The true bytes of each token."""
        return tuple([self._tokenizer.decode_single_token_bytes(number) for number in self.encode(text)])

    def encode(self, text: str, /) -> list[int]:
        """The ids of the tokens."""
        ids: list[int] = self._tokenizer.encode_ordinary(replaced(text))
        return ids

    def text_of(self, ids: Sequence[int], /) -> str | None:
        """The text of the ids (U+FFFD for broken characters); None when one is not in the vocabulary."""
        if not all(0 <= number < self._size for number in ids):
            return None
        data: bytes = self._tokenizer.decode_bytes(list(ids))
        return data.decode("utf-8", "replace")

    def count(self, text: str, /) -> int:
        """How many tokens; of long texts the last few are remembered, since clients send a history again."""
        if len(text) <= _SHORT:
            return self._count(text)
        # Comparing with the text kept is ten times faster than hashing a megabyte.
        key = (len(text), text[:64], text[-64:])
        kept = self._counts.get(key)
        if kept is not None and kept[0] == text:
            return kept[1]
        number = self._count(text)
        self._remember(key, text, number)
        return number

    def _count(self, text: str) -> int:
        try:
            number: int = self._tokenizer.count(text)
        except UnicodeEncodeError:
            number = self._tokenizer.count(replaced(text))
        return number

    def _remember(self, key: _Key, text: str, number: int) -> None:
        size = sys.getsizeof(text)
        if size > _REMEMBERED:
            return
        if self._remembered + size > _REMEMBERED:
            self._counts.clear()
            self._remembered = 0
        self._counts[key] = (text, number)
        self._remembered += size


class _Parts(dict[int, str]):
    """The text of each token seen so far by its id; "" for one that is not whole characters."""

    def __init__(self, bytes_of: Callable[[int], bytes]) -> None:
        super().__init__()
        self._bytes_of = bytes_of

    def __missing__(self, number: int) -> str:
        try:
            part = self._bytes_of(number).decode()
        except UnicodeDecodeError:
            part = ""
        self[number] = part
        return part


def available() -> bool:
    """Whether the package can be imported and is of a kind known here."""
    return _package() is not None


@cache
def load(encoding: str) -> Vocabulary:
    """The vocabulary of an encoding, loaded once per process.

    Costs 0.35 to 0.6 s and 70 MiB for o200k_base, 0.16 s and 45 MiB for cl100k_base. Raises ImportError
    without the package.
    """
    tokenizer = _package()
    if tokenizer is None:
        raise ImportError("toktok-rs is not installed")
    return Vocabulary(tokenizer(encoding))


@cache
def _package() -> Callable[[str], Any] | None:
    """The package's function from an encoding's name to its tokenizer."""
    try:
        found = import_module("toktok")._encoding
    except Exception:  # Whatever is wrong with an optional package, there is still the estimate.
        return None
    return found if callable(found) else None
