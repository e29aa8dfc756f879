"""The choice of who cuts a text: the real vocabulary where its package is installed, else the estimate."""

from collections.abc import Iterable, Sequence
from typing import Literal, Protocol

from . import estimate, vocabulary
from .encodings import encoding_of


class Splitter(Protocol):
    """What the estimate (a module) and a vocabulary (an object) both offer."""

    def pieces(self, text: str, /) -> tuple[str, ...]:
        """The text cut into tokens."""

    def token_bytes(self, text: str, /) -> tuple[bytes, ...]:
        """The bytes of each token."""

    def count(self, text: str, /) -> int:
        """How many tokens the text has."""

    def encode(self, text: str, /) -> list[int]:
        """The ids of the tokens."""

    def text_of(self, ids: Sequence[int], /) -> str | None:
        """The text of ids, or None."""


Mode = Literal["auto", "exact", "estimated"]

_exact: bool | None = None
"""None until the first question: looking for the package is left to whoever needs it."""


def use(mode: Mode = "auto") -> None:
    """Choose who counts from now on: the best there is ("auto"), the vocabulary, or the estimate.

    Raises ImportError for "exact" when the vocabulary's package is not installed.
    """
    global _exact
    if mode == "exact" and not vocabulary.available():
        raise ImportError("exact token counts need the extra: pip install 'mockserver[tokens]'")
    _exact = None if mode == "auto" else mode == "exact"


def exact() -> bool:
    """Whether counts are the real ones. The first call imports the package (4 ms), but no vocabulary."""
    global _exact
    if _exact is None:
        _exact = vocabulary.available()
    return _exact


def preload(model: str = "") -> None:
    """Load the model's vocabulary now (0.2 to 0.6 s, nothing else runs meanwhile), not on first need."""
    _splitter(model)


def pieces(text: str, model: str = "") -> tuple[str, ...]:
    """The text cut into its tokens: joined they are the text, and there are as many as tokens.

    A token may end inside a character (emoji, rare ideographs). Its piece is then "" and the character
    comes whole in the piece that completes it, so a cut anywhere leaves valid text.
    """
    return _splitter(model).pieces(text)


def token_bytes(text: str, model: str = "") -> tuple[bytes, ...]:
    """The bytes of each token, one for one with `pieces`. A lone surrogate counts as U+FFFD."""
    return _splitter(model).token_bytes(text)


def count(text: str, model: str = "") -> int:
    """How many tokens the text has.

    Equal to `len(pieces(text, model))`, but for an estimate of more than `estimate.WHOLE` characters, which
    is scaled up from samples. What was cut into pieces is counted by its pieces.
    """
    return _splitter(model).count(text)


def count_many(texts: Iterable[str], model: str = "") -> list[int]:
    """`count` of each text."""
    return list(map(_splitter(model).count, texts))


def encode(text: str, model: str = "") -> list[int]:
    """The id of each token, one for one with `pieces`; estimated: numbers that depend on the piece alone."""
    return _splitter(model).encode(text)


def text_of(ids: Sequence[int], model: str = "") -> str | None:
    """The text that token ids stand for; None without a vocabulary or for an id that is not in it."""
    return _splitter(model).text_of(ids)


def _splitter(model: str) -> Splitter:
    """Who counts for the model."""
    if not (_exact or exact()):
        return estimate
    return vocabulary.load(encoding_of(model))
