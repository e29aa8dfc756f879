"""How likely each token of a text is said to have been, and what else was likely there.

A token's logprob depends on the draw and on the tokens before it, and on nothing else, as it does with a model: a
prompt scored twice is scored alike, and so are two answers as far as they are the same.
"""

from codecs import getincrementaldecoder
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from math import exp, log
from zlib import crc32

from mockserver.draw import Draw
from mockserver.reply import Text, TokenLogprob
from mockserver.tokens import token_bytes
from mockserver.tokens.surrogates import replaced
from mockserver.values import maker

_MAGNITUDES = (-7.0, -5.6, -4.6, -3.6, -2.6, -1.8, -1.1, -0.6, -0.25, 0.1, 0.5)
"""Decimal logarithms of negated logprobs, each step as likely as the others: half of the tokens are as good as
certain, one in ten was a surprise (-1.3 to -3.2). So recordings of ordinary answers have it."""

_STEPS = len(_MAGNITUDES) - 1
_RISES = tuple(after - before for before, after in pairwise(_MAGNITUDES))

_UNSURE = -0.75
"""Below this a likelier token may have been passed over: one time in four it was."""

_KEPT = 0.9
"""How much of the probability that is left the alternatives may share; tokens not shown have the rest."""

_COMMON = tuple(
    (token, token.encode())
    for token in (
        *(" the", " a", " and", " to", " of", " in", " is", " that", " for", " it", " with", " on", " as", " are"),
        *(",", ".", " be", " I", " you", " not", " an", " or", " this", " from", " at", " by", " so", " but", " can"),
        *("The", "I", "It", "This", "In", "A", "You", "\n", "\n\n", ":", " (", "!", "?", "-", " \u2013", "'s", "s"),
    )
)
"""Tokens that are likely nearly everywhere."""

_TWICE = _COMMON * 2

_PICTURE = b"\xf0\x9f\x98"
"""What most characters begin with that take more than one token."""

_MASK = (1 << 64) - 1
_FACTOR, _TERM = 0x5851F42D4C957F2D, 0x14057B7EF767814F
"""Any factor of the form 8k + 5 and any odd term: each number of 64 bits is followed by another."""

_entry = maker(TokenLogprob)
_Alternative = tuple[str, bytes]


def scored(
    text: Text, model: str, top: int, draw: Draw, *, before: bytes = b"", offset: int = 0
) -> tuple[TokenLogprob, ...]:
    """A logprob for each token of a text, with `top` alternatives each: see `logprobs_for`."""
    return logprobs_for(text.pieces(model), bytes_of(text, model), top, draw, before=before, offset=offset)


def logprobs_for(
    pieces: Sequence[str], data: Sequence[bytes], top: int, draw: Draw, *, before: bytes = b"", offset: int = 0
) -> tuple[TokenLogprob, ...]:
    """A logprob for each token, negative and of eight digits, with the `top` (0 to 20) likeliest tokens there.

    `pieces` and `data` are the tokens' texts and bytes; `before` is what precedes them and `offset` its length in
    characters. The alternatives come likeliest first; mostly the token itself is among them, with the logprob it
    has. Their probabilities add up to less than 1. Costs 1 us per token, and 1 us per alternative.
    """
    factor = int.from_bytes(draw.bytes(8), "little") | 1
    state = crc32(before, int.from_bytes(draw.bytes(4), "little"))
    entries = []
    for piece, raw in zip(pieces, data, strict=True):
        state = crc32(raw, state)
        chance = (state * factor ^ state << 29) & _MASK
        height = (chance >> 40) * (_STEPS / (1 << 24))
        step = int(height)
        logprob = -float(f"{10 ** (_MAGNITUDES[step] + (height - step) * _RISES[step]):.8g}")
        shown = _likeliest((piece, raw), logprob, top, chance) if top else ()
        entries.append(_entry((piece, raw, logprob, shown, offset)))
        offset += len(piece)
    return tuple(entries)


def _likeliest(token: _Alternative, logprob: float, top: int, chance: int) -> tuple[tuple[str, bytes, float], ...]:
    """The likeliest tokens where `token` was taken, itself among them if it is one of so many."""
    others = _others(token, top, chance)
    most = exp(logprob)
    left = 1.0 - most
    found = [(*token, logprob)]
    if logprob < _UNSURE and not chance & 3:
        better = most + (left - most) * (0.2 + _unit(chance) * 0.6)
        found.insert(0, (*others.pop(0), _rounded(better)))
        left -= better
    left *= _KEPT
    for other in others[: top - len(found)]:
        chance = (chance * _FACTOR + _TERM) & _MASK
        share = min(left * (0.25 + _unit(chance) * 0.3), most * 0.95)
        found.append((*other, _rounded(share)))
        left -= share
        most = share
    return tuple(found[:top])


def _unit(chance: int) -> float:
    return (chance >> 40) / (1 << 24)


def _rounded(probability: float) -> float:
    return float(f"{log(probability):.8g}")


def _others(token: _Alternative, count: int, chance: int) -> list[_Alternative]:
    """So many tokens that could stand for `token`: spellings of it, then common ones."""
    spelled = _spellings(token)
    start = (chance >> 8) % len(_COMMON)
    enough = _TWICE[start : start + count + len(spelled) + 1]
    common = [other for other in enough if other != token and other not in spelled]
    first = (chance >> 16) & 3  # mostly something else comes before another spelling
    return [*common[:first], *spelled, *common[first:]]


@lru_cache(maxsize=2_048)
def _spellings(token: _Alternative) -> tuple[_Alternative, ...]:
    """Other spellings of a token: in the other case, with or without the space in front, the next number."""
    piece, raw = token
    bare = piece.lstrip(" ")
    if not bare.isalnum() or raw != replaced(piece).encode():
        return ()
    space = piece[: len(piece) - len(bare)]
    if bare.isdecimal():
        found = [space + bare[:-1] + str((int(bare[-1]) + step) % 10) for step in (1, 2, 9)]
    else:
        found = [space + _turned(bare), bare if space else " " + bare]
    return tuple((other, other.encode()) for other in dict.fromkeys(found) if other != piece)


def _turned(word: str) -> str:
    """A word in the other case: as a sentence begins, or as it stands inside one."""
    return word.capitalize() if word.islower() else word.lower()


def bytes_of(text: Text, model: str) -> tuple[bytes, ...]:
    """The bytes of each of a text's tokens, also where it was cut, so that its text alone would be cut otherwise.

    A token that ends inside a character has its true bytes where the vocabulary is there, else likely ones.
    """
    pieces = text.pieces(model)
    if text.value.isascii() and "" not in pieces:
        return tuple([piece.encode() for piece in pieces])
    end = len(pieces)
    while end and not pieces[end - 1]:
        end -= 1
    data = token_bytes(text.value, model)
    known = data if _spell(data, pieces[:end]) else _spread(pieces[:end])
    return (*known, *_begun(len(pieces) - end))


def _spell(data: Sequence[bytes], pieces: Sequence[str]) -> bool:
    """Whether the bytes are those of the pieces, one for one."""
    if len(data) != len(pieces) or not all(data):
        return False
    decode = getincrementaldecoder("utf-8")("replace").decode
    return all(decode(raw) == replaced(piece) for raw, piece in zip(data, pieces, strict=True))


def _spread(pieces: Iterable[str]) -> list[bytes]:
    """Bytes for pieces; a piece with empty ones before it leaves each token behind the first of them one byte."""
    data: list[bytes] = []
    waiting = 0
    for piece in pieces:
        if not piece:
            waiting += 1
            continue
        raw = replaced(piece).encode()
        cut = max(len(raw) - waiting, 1)
        data.append(raw[:cut])
        data.extend(raw[at : at + 1] for at in range(cut, cut + waiting))
        waiting = 0
    return data


def _begun(count: int) -> list[bytes]:
    """Bytes for tokens of a character that a limit cut off, so all together no more than three of its four bytes.

    Nearly all such characters are pictures.
    """
    if not count:
        return []
    first = max(3 - (count - 1), 1)
    return [_PICTURE[:first], *(_PICTURE[at : at + 1] for at in range(first, first + count - 1))]
