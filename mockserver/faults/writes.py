"""The right bytes, handed to TCP in odd parts or slowly."""

from collections.abc import Callable, Sequence

from mockserver.draw import Draw
from mockserver.faults.kind import Change, Impossible, Kind, Params
from mockserver.language.durations import DURATION
from mockserver.language.kinds import Key, Number, key
from mockserver.plan import Piece, Plan

PARTS_PER_SECOND = 20
"""Into so many parts a second is cut where a bandwidth is limited; more, and the parts cost more than the bytes."""


def _gap(default: float) -> dict[str, Key]:
    return {"gap": key(DURATION, "The time between two writes, so that they are read apart.", default=default)}


def _split(marks: Callable[[bytes, Draw], Sequence[int]], missing: str) -> Change:
    """A fault that begins a new write at marks in every chunk."""

    def change(plan: Plan, params: Params, draw: Draw) -> Plan:
        pieces = [piece._replace(splits=marks(piece.data, draw), gap=params["gap"]) for piece in plan.apart().pieces]
        if not any(piece.splits for piece in pieces):
            raise Impossible(missing)
        return plan._replace(pieces=tuple(pieces))

    return change


def _in_character(data: bytes, draw: Draw) -> Sequence[int]:
    """Behind the first byte of the first character that has several."""
    return next(((at + 1,) for at, byte in enumerate(data) if byte >= 0xC0), ())


def _in_event(data: bytes, draw: Draw) -> Sequence[int]:
    return (draw.between(1, len(data) - 1),) if len(data) > 1 else ()


def _everywhere(data: bytes, draw: Draw) -> Sequence[int]:
    return range(1, len(data))


def _drip(plan: Plan, params: Params, draw: Draw) -> Plan:
    rate: float = params["bytes_per_second"]
    step = max(1, int(rate / PARTS_PER_SECOND))
    free = 0.0
    pieces: list[Piece] = []
    for piece in plan.apart().pieces:
        due = max(piece.due, free)
        size = len(piece.data)
        pieces.append(piece._replace(due=due, splits=range(step, size, step), gap=step / rate))
        free = due + size / rate
    return plan._replace(pieces=tuple(pieces), ends=max(plan.ends, free))


WRITES = (
    Kind(
        "split_character",
        "A character of several bytes arrives in two parts: the first one of every chunk that has any.",
        _split(_in_character, "all characters of this answer are single bytes (ASCII), so none can be split"),
        "keeps",
        _gap(0.005),
    ),
    Kind(
        "split_event",
        "Every event of a stream arrives in two parts, cut anywhere.",
        _split(_in_event, "there is no event of more than one byte in this answer"),
        "keeps",
        _gap(0.005),
        on="streamed",
    ),
    Kind(
        "one_byte",
        "The body is written byte by byte.",
        _split(_everywhere, "the body of this answer has no two bytes"),
        "keeps",
        _gap(0.0),
    ),
    Kind(
        "drip",
        "The body comes no faster than a bandwidth allows.",
        _drip,
        "keeps",
        {"bytes_per_second": key(Number(1, float("inf")), "The bandwidth.", default=1_000)},
    ),
)
