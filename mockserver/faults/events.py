"""Streams with the wrong events: missing, twice, out of order, behind the end."""

from mockserver.draw import Draw
from mockserver.faults.edit import done, payload, repacked
from mockserver.faults.kind import Impossible, Kind, Params
from mockserver.faults.points import chunk, chunk_key
from mockserver.plan import Plan


def _missing_blank_line(plan: Plan, params: Params, draw: Draw) -> Plan:
    pieces, index = chunk(plan, params)
    piece = pieces[index]
    joined = piece._replace(data=piece.data.removesuffix(b"\n"))
    return plan._replace(pieces=(*pieces[:index], joined, *pieces[index + 1 :]))


def _missing_done(plan: Plan, params: Params, draw: Draw) -> Plan:
    pieces = plan.apart().pieces
    kept = tuple(piece for piece in pieces if not done(piece))
    if len(kept) == len(pieces):
        raise Impossible("this stream has no [DONE] that could be left out")
    return plan._replace(pieces=kept)


def _data_after_done(plan: Plan, params: Params, draw: Draw) -> Plan:
    pieces = plan.apart().pieces
    if not done(pieces[-1]):
        raise Impossible("this stream does not end with [DONE], so nothing can come behind it")
    return plan._replace(pieces=(*pieces, pieces[-1]._replace(data=pieces[0].data)))


def _duplicate_chunk(plan: Plan, params: Params, draw: Draw) -> Plan:
    pieces, index = chunk(plan, params)
    return plan._replace(pieces=(*pieces[: index + 1], *pieces[index:]))


def _swapped_chunks(plan: Plan, params: Params, draw: Draw) -> Plan:
    pieces, index = chunk(plan, params)
    if index + 1 >= len(pieces):
        raise Impossible(f"the chunk behind {index} is the last one, and cannot change places with the next")
    first, second = pieces[index : index + 2]
    swapped = (first._replace(data=second.data, splits=()), second._replace(data=first.data, splits=()))
    return plan._replace(pieces=(*pieces[:index], *swapped, *pieces[index + 2 :]))


def _empty_choices(plan: Plan, params: Params, draw: Draw) -> Plan:
    pieces, index = chunk(plan, params)
    value = payload(pieces[0].data)
    if not isinstance(value, dict) or "choices" not in value:
        raise Impossible("the first chunk of this stream has no choices")
    empty = pieces[index]._replace(data=repacked(pieces[0].data, {**value, "choices": []}), splits=())
    return plan._replace(pieces=(*pieces[:index], empty, *pieces[index:]))


EVENTS = (
    Kind(
        "missing_blank_line",
        "The empty line that ends an event is missing, so that it runs into the next one.",
        _missing_blank_line,
        "alters",
        chunk_key(),
        on="streamed",
        alters="one line feed less",
    ),
    Kind(
        "missing_done",
        "The stream ends without `[DONE]`.",
        _missing_done,
        "cuts",
        on="streamed",
    ),
    Kind(
        "data_after_done",
        "The stream goes on behind `[DONE]`, with its first chunk once more.",
        _data_after_done,
        "alters",
        on="streamed",
        alters="one chunk behind the end",
    ),
    Kind(
        "duplicate_chunk",
        "A chunk comes twice.",
        _duplicate_chunk,
        "alters",
        chunk_key(),
        on="streamed",
        alters="one chunk more",
    ),
    Kind(
        "swapped_chunks",
        "A chunk and the next one change places.",
        _swapped_chunks,
        "alters",
        chunk_key(),
        on="streamed",
        alters="the order of two chunks",
    ),
    Kind(
        "empty_choices",
        "A chunk whose `choices` is empty comes before another.",
        _empty_choices,
        "alters",
        chunk_key(),
        on="streamed",
        alters="one chunk more",
    ),
)
