"""Where in an answer a fault happens: after nothing, its headers, so many chunks, bytes or tokens.

A chunk is a server-sent event, the role chunk and `[DONE]` included; an answer that is no stream is one chunk.
"""

import json
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from mockserver.draw import Draw
from mockserver.faults.edit import texts_at
from mockserver.faults.kind import Impossible, Params
from mockserver.language.kinds import Choice, Key, Number, key
from mockserver.plan import Piece, Plan

_COUNT = Number(0, float("inf"), whole=True)

PLACES = ("nothing", "headers", "middle", "anywhere")
"""`middle` is half of a stream's chunks, or half of the bytes of another answer; `anywhere` is drawn, by bytes."""

CHUNKS = "after_chunks"


class Point(NamedTuple):
    """An answer cut in two; `headers` says whether the headers stand before the cut."""

    headers: bool
    before: tuple[Piece, ...]
    after: tuple[Piece, ...]


def point_keys(default: str | None = None) -> dict[str, Key]:
    """The parameters that say where; `default` is one of PLACES, and None in the docs of all kinds."""
    return {
        "after": key(
            Choice(PLACES),
            "Where it happens: before anything is sent, behind the headers, in the middle of the body (half of its "
            "chunks, or of its bytes where it is no stream), or anywhere in it, which is drawn.",
            default=default,
        ),
        CHUNKS: key(_COUNT, "It happens after so many chunks; 0 is behind the headers."),
        "after_bytes": key(_COUNT, "It happens after so many bytes of the body."),
        "after_tokens": key(_COUNT, "It happens after so many tokens of the answer's text."),
    }


def chunk_key() -> dict[str, Key]:
    """The parameter that says which chunk is meant."""
    return {
        CHUNKS: key(
            _COUNT,
            "How many chunks come before the one that is meant; 1 in a stream when left out, else 0.",
        )
    }


def check_point(params: Params) -> str | None:
    """What is wrong with the parameters that say where, of those given."""
    given = [name for name in ("after", CHUNKS, "after_bytes", "after_tokens") if params.get(name) is not None]
    return f"'{given[0]}' and '{given[1]}' both say where it happens: give one" if len(given) > 1 else None


def divide(plan: Plan, params: Params, draw: Draw) -> Point:
    """The plan's pieces before and after the point that the parameters name. Raises Impossible."""
    pieces = tuple(plan.apart().pieces)
    for name in (CHUNKS, "after_bytes", "after_tokens"):
        if (count := params.get(name)) is not None:
            return _counted(pieces, name, count)
    place = params["after"]
    if place in ("nothing", "headers"):
        return Point(place == "headers", (), pieces)
    size = sum(len(piece.data) for piece in pieces)
    if size < 2:
        raise Impossible("this answer has no body, so nothing can happen in it")
    if place == "anywhere":
        return _at_byte(pieces, draw.between(1, size - 1))
    return _at_chunk(pieces, len(pieces) // 2) if len(pieces) > 1 else _at_byte(pieces, size // 2)


def chunk(plan: Plan, params: Params) -> tuple[tuple[Piece, ...], int]:
    """The plan's chunks, and which one is meant. Raises Impossible."""
    pieces = tuple(plan.apart().pieces)
    given = params[CHUNKS]
    index: int = given if given is not None else int(plan.events)
    if index >= len(pieces):
        raise Impossible(f"{CHUNKS} is {index}, and this answer has no chunk behind that: it has {_chunks(pieces)}")
    return pieces, index


def _counted(pieces: tuple[Piece, ...], name: str, count: int) -> Point:
    """The point after a number of chunks, bytes or tokens."""
    if name == CHUNKS:
        if count > len(pieces):
            raise Impossible(f"{name} is {count}, and this answer has {_chunks(pieces)}")
        return _at_chunk(pieces, count)
    size = sum(len(piece.data) for piece in pieces)
    if name == "after_bytes":
        if count > size:
            raise Impossible(f"{name} is {count}, and the body of this answer has {size:,} bytes")
        return _at_byte(pieces, count)
    return _at_token(pieces, count)


def _chunks(pieces: tuple[Piece, ...]) -> str:
    return "1 chunk" if len(pieces) == 1 else f"{len(pieces)} chunks"


def _at_chunk(pieces: tuple[Piece, ...], count: int) -> Point:
    return Point(True, pieces[:count], pieces[count:])


def _at_byte(pieces: tuple[Piece, ...], count: int) -> Point:
    """The point after so many bytes; a piece in which it lies is cut in two."""
    before: list[Piece] = []
    for index, piece in enumerate(pieces):
        size = len(piece.data)
        if count < size:
            first, second = _halves(piece, count)
            left = [first] if count else []
            return Point(True, (*before, *left), (second, *pieces[index + 1 :]))
        before.append(piece)
        count -= size
    return Point(True, tuple(before), ())


def _halves(piece: Piece, at: int) -> tuple[Piece, Piece]:
    splits = piece.splits
    first, second = splits[: bisect_left(splits, at)], splits[bisect_right(splits, at) :]
    passed = piece.gap * (len(splits) - len(second))
    return (
        piece._replace(data=piece.data[:at], splits=first),
        piece._replace(data=piece.data[at:], splits=_moved(second, at), due=piece.due + passed),
    )


def _moved(splits: Sequence[int], by: int) -> Sequence[int]:
    """Split marks as they are so many bytes further on."""
    if isinstance(splits, range):  # which holds a million marks as easily as one
        return range(splits.start - by, splits.stop - by, splits.step)
    return tuple(mark - by for mark in splits)


def _at_token(pieces: tuple[Piece, ...], count: int) -> Point:
    """The point after so many tokens of the text; what is around it, as the role chunk, counts nothing."""
    from mockserver.tokens import pieces as tokens_of

    passed = offset = 0
    for piece in pieces if count else ():
        for span in texts_at(piece.data):
            tokens = tokens_of(span.text, span.model)
            if passed + len(tokens) >= count:
                shown = "".join(tokens[: count - passed])
                whole = len(pieces) > 1 and shown == span.text  # an event is not cut behind its last token
                return _at_byte(pieces, offset + (len(piece.data) if whole else span.start + len(_quoted(shown))))
            passed += len(tokens)
        offset += len(piece.data)
    if count:
        raise Impossible(f"after_tokens is {count}, and the text of this answer has {passed} tokens")
    return _at_chunk(pieces, 0)


def _quoted(text: str) -> bytes:
    return json.dumps(text, ensure_ascii=False)[1:-1].encode("utf-8", "backslashreplace")
