"""A plan in time: its pieces due when a model that takes so long would send them."""

import re
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from mockserver.draw import Draw
from mockserver.failures.latency import Distribution, Fixed, Latency
from mockserver.plan import Piece, Plan, events_of, pieces_at

_ROLE = b'"delta":{"role"'
_ENDS = (b'"delta":{},', b'"choices":[]')
_DONE = b"data: [DONE]"
_SECOND = b'"index":1'
"""In a stream with a second choice, or a second tool call; text cannot look like it, since quotes are escaped in it."""
_INDEX = re.compile(rb'"choices":\[\{(?:"text":"(?:[^"\\]|\\.)*",)?"index":(\d+)')


class Load(NamedTuple):
    """What a latency depends on: the tokens of the answer, the other requests in flight, the stub's call, from 1."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    in_flight: int = 0
    ordinal: int = 1


class Timetable(NamedTuple):
    """Where a stream's tokens are: the number of each event's token, from 0, and the first of the events that end it.

    A role comes with the first token, what ends the stream with the last. The choices of an answer to `n` are
    generated side by side: their tokens of one number come together.
    """

    numbers: tuple[int, ...]
    ends: int


def paced(plan: Plan, latency: Latency, draw: Draw, load: Load) -> Plan:
    """A plan as it comes with a latency, on top of any that it has.

    An answer that is no stream comes as late as the end of one would. An error has `before` only: nothing was
    generated.
    """
    call = load.ordinal - 1
    before = _drawn(latency.before, draw, call)
    if plan.status >= 400:
        return _shifted(plan, [before] * len(plan.pieces))
    wait = _drawn(latency.ttft, draw, call)
    wait += latency.per_prompt_token * load.prompt_tokens + latency.per_request_in_flight * load.in_flight
    end = _drawn(latency.end, draw, call)
    if not plan.events:
        gaps = _gaps(latency, draw, call, load.completion_tokens - 1)
        return _shifted(plan, [before + wait + sum(gaps) + end] * len(plan.pieces))
    parts = plan.pieces
    events = events_of(parts[0].data) if len(parts) == 1 else [piece.data for piece in parts]
    numbers, ends = timetable(events)
    gaps = _gaps(latency, draw, call, max(numbers, default=0))
    moments = list(accumulate(gaps, initial=before + wait))
    offsets = [moments[number] for number in numbers]
    if end:
        offsets[ends:] = [offset + end for offset in offsets[ends:]]
    if len(parts) == 1 and any(offsets):  # made once, and not first taken to pieces and then put off
        return _opened(plan, pieces_at(events, [parts[0].due + offset for offset in offsets]), offsets, before)
    return _shifted(plan, offsets, before)


def timetable(events: Sequence[bytes]) -> Timetable:
    """Which token each event of a stream carries."""
    ends = len(events)
    while ends and _is_end(events[ends - 1]):
        ends -= 1
    if ends > 1 and _ROLE in events[0] and _SECOND not in b"".join(events):
        numbers = (0, *range(ends - 1))  # one choice, as nearly always: behind its role each event is a token
    else:
        numbers = _side_by_side(events[:ends])
    last = numbers[-1] if numbers else 0
    return Timetable((*numbers, *[last] * (len(events) - ends)), ends)


def _side_by_side(events: Sequence[bytes]) -> tuple[int, ...]:
    """Which token each event carries, where there may be several choices."""
    numbers: list[int] = []
    number, latest = 0, -1
    for event in events:
        if _ROLE not in event and not _is_end(event):
            found = _INDEX.search(event)
            index = int(found[1]) if found else 0
            if index <= latest:
                number += 1
            latest = index
        numbers.append(number)
    return tuple(numbers)


def _is_end(event: bytes) -> bool:
    """Whether an event carries no token; text cannot look like one, since quotes are escaped in it."""
    return event.startswith(_DONE) or any(mark in event for mark in _ENDS)


def _gaps(latency: Latency, draw: Draw, call: int, count: int) -> list[float]:
    """The times between so many tokens and one more."""
    if latency.tokens_per_second is not None:
        return [1 / max(latency.tokens_per_second.draw(draw, call), 1e-6)] * count
    if latency.itl is None:
        return [0.0] * count
    if isinstance(latency.itl, Fixed):
        return [latency.itl.value] * count
    return [latency.itl.draw(draw, number) for number in range(count)]


def _drawn(distribution: Distribution | None, draw: Draw, index: int) -> float:
    return 0.0 if distribution is None else distribution.draw(draw, index)


def _shifted(plan: Plan, offsets: Sequence[float], opens: float | None = None) -> Plan:
    """A plan with its pieces due so much later, and its headers at `opens`, or else with the first piece."""
    if not any(offsets):
        return plan
    pieces = tuple([piece._replace(due=piece.due + offset) for piece, offset in zip(plan.pieces, offsets, strict=True)])
    return _opened(plan, pieces, offsets, opens)


def _opened(plan: Plan, pieces: tuple[Piece, ...], offsets: Sequence[float], opens: float | None) -> Plan:
    """A plan with these pieces, each of which was put off so much, and its headers and its end with them."""
    first = plan.opens if plan.opens is not None else plan.pieces[0].due
    opens = None if opens is None and plan.opens is None else first + (offsets[0] if opens is None else opens)
    ends = plan.ends + offsets[-1] if plan.ends else 0.0
    return plan._replace(pieces=pieces, opens=opens, ends=ends)
