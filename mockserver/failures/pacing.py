"""A plan in time: its pieces due when a model that takes so long would send them."""

import re
from collections.abc import Sequence
from itertools import accumulate
from operator import add
from typing import NamedTuple

from mockserver.draw import Draw
from mockserver.failures.latency import Distribution, Fixed, Latency
from mockserver.plan import Plan, events_of
from mockserver.timed import Layout, Timed

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


def paced(plan: Plan, latency: Latency, draw: Draw, load: Load, layout: Layout | None = None) -> Plan:
    """A plan as it comes with a latency, on top of any that it has; `layout` is its stream's, where it is known.

    An answer that is no stream comes as late as the end of one would. An error has `before` only: nothing was
    generated.
    """
    call = load.ordinal - 1
    before = _drawn(latency.before, draw, call)
    if plan.status >= 400:
        return _shifted(plan, before)
    wait = _drawn(latency.ttft, draw, call)
    wait += latency.per_prompt_token * load.prompt_tokens + latency.per_request_in_flight * load.in_flight
    end = _drawn(latency.end, draw, call)
    if not plan.events:
        gaps = _gaps(latency, draw, call, load.completion_tokens - 1)
        return _shifted(plan, before + wait + sum(gaps) + end)
    pieces = plan.pieces
    if len(pieces) == 1 and not isinstance(pieces, Timed):
        data, begin, added = pieces[0].data, pieces[0].due, None
        layout = layout or layout_of(events_of(data))
    else:
        data, begin, added = plan.body, 0.0, [piece.due for piece in pieces]
        layout = layout_of([piece.data for piece in pieces])
    moments = _moments(layout, latency, draw, call, end)
    if not moments or not before + wait + moments[-1]:
        return plan
    if added is not None:
        moments = tuple(map(add, added, moments))
    opens = before + (begin + (added[0] if added else 0.0) if plan.opens is None else plan.opens)
    ends = plan.ends + before + wait + moments[-1] if plan.ends else 0.0
    return plan._replace(pieces=Timed(data, layout, moments, begin + before + wait), opens=opens, ends=ends)


def layout_of(events: Sequence[bytes]) -> Layout:
    """Where the events of a stream are."""
    return Layout(tuple(map(len, events)), *timetable(events))


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


def _moments(layout: Layout, latency: Latency, draw: Draw, call: int, end: float) -> tuple[float, ...]:
    """How long behind the first token each event of a stream comes."""

    def moments() -> tuple[float, ...]:
        times = list(accumulate(_gaps(latency, draw, call, layout.last), initial=0.0))
        return tuple([times[n] + (end if at >= layout.ends else 0.0) for at, n in enumerate(layout.numbers)])

    gap = latency.itl
    if latency.tokens_per_second is not None or not (gap is None or isinstance(gap, Fixed)):
        return moments()
    return layout.moments((gap, end), moments)


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


def _shifted(plan: Plan, offset: float) -> Plan:
    """A plan with all of it due so much later."""
    if not offset or not plan.pieces:
        return plan
    return plan._replace(
        pieces=tuple([piece._replace(due=piece.due + offset) for piece in plan.pieces]),
        opens=None if plan.opens is None else plan.opens + offset,
        ends=plan.ends + offset if plan.ends else 0.0,
    )
