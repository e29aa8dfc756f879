"""Numbers within the bounds of a JSON Schema, near what the property's name makes one expect."""

from collections.abc import Iterator
from math import ceil, floor, isfinite

from mockserver.draw import Draw
from mockserver.generate.conformance import is_multiple
from mockserver.generate.keywords import JSON

_SPAN = 1 << 31
"""Room above a lone minimum, or below a lone maximum, when usual values do not fit."""

_SMALL = 200
_USUAL = (1, 100)
_RANGES: dict[str, tuple[int, int]] = {
    "age": (18, 80),
    "amount": (5, 200),
    "confidence": (0, 1),
    "cost": (5, 200),
    "count": (1, 10),
    "day": (1, 28),
    "days": (1, 7),
    "duration": (1, 120),
    "height": (50, 200),
    "hour": (0, 23),
    "humidity": (20, 90),
    "id": (1000, 9999),
    "index": (0, 10),
    "lat": (-60, 60),
    "latitude": (-60, 60),
    "limit": (1, 20),
    "lng": (-170, 170),
    "lon": (-170, 170),
    "longitude": (-170, 170),
    "minute": (0, 59),
    "month": (1, 12),
    "offset": (0, 20),
    "page": (1, 3),
    "people": (1, 8),
    "percent": (0, 100),
    "percentage": (0, 100),
    "port": (1024, 65535),
    "price": (5, 200),
    "priority": (1, 5),
    "probability": (0, 1),
    "quantity": (1, 10),
    "rank": (1, 10),
    "rating": (1, 5),
    "score": (0, 1),
    "size": (1, 50),
    "temperature": (-5, 35),
    "timestamp": (1735689600, 1767225599),
    "total": (5, 200),
    "year": (1990, 2025),
}
"""Last word of a property's name: the least and the greatest usual value."""


class Bounds:
    """The least and the greatest number a schema allows, and the step. Broken limits are left out."""

    __slots__ = ("above", "below", "high", "low", "step")

    def __init__(self, schema: dict[str, JSON]) -> None:
        self.low, self.above = _limit(schema, "minimum", "exclusiveMinimum", 1)
        self.high, self.below = _limit(schema, "maximum", "exclusiveMaximum", -1)
        step = _finite(schema.get("multipleOf"))
        self.step = step if step is not None and step > 0 else None

    def allow(self, value: float) -> bool:
        """Whether the number is within the limits and on a step."""
        return (
            (self.low is None or (value > self.low if self.above else value >= self.low))
            and (self.high is None or (value < self.high if self.below else value <= self.high))
            and (self.step is None or is_multiple(value, self.step))
        )


def integer_for(schema: dict[str, JSON], word: str, draw: Draw, *, retry: int = 0) -> int:
    """An integer that the schema allows, `word` being the last of the property's name.

    `retry` counts values refused before: with it, any that is allowed instead of a usual one, and all of
    a small range in turn. Where none is allowed, one near the bounds.
    """
    bounds = Bounds(schema)
    low = None if bounds.low is None else floor(bounds.low) + 1 if bounds.above else ceil(bounds.low)
    high = None if bounds.high is None else ceil(bounds.high) - 1 if bounds.below else floor(bounds.high)
    step = 1 if bounds.step is None else _whole(bounds.step)
    for least, most in _ranges(low, high, word, retry > 0):
        first, last = -(-ceil(least) // step), floor(most) // step
        if first <= last:
            if retry and last - first < _SMALL:
                return step * (first + retry % (last - first + 1))
            return step * draw.between(first, min(last, first + _SPAN))
    return low if low is not None else high if high is not None else 0


def number_for(schema: dict[str, JSON], word: str, draw: Draw, *, retry: int = 0) -> float:
    """A number that the schema allows, with few decimals where they do; otherwise as `integer_for`."""
    bounds = Bounds(schema)
    for least, most in _ranges(bounds.low, bounds.high, word, retry > 0):
        for value in _candidates(least, most, bounds.step, draw):
            if bounds.allow(value):
                return value
    return bounds.low if bounds.low is not None else bounds.high if bounds.high is not None else 0


def _candidates(low: float, high: float, step: float | None, draw: Draw) -> Iterator[float]:
    """Numbers of a range, the nicest first; some may miss a bound or, by rounding, a step."""
    try:
        if step is None:
            value = low + (high - low) * draw.unit()
            yield from (round(value, 2), value, low / 2 + high / 2, low, high)
            return
        first, last = ceil(low / step), floor(high / step)
        for _ in range(12):
            if first <= last:
                yield round(draw.between(first, min(last, first + _SPAN)) * step, 9)
        for count in (first, first + 1, last, 0, 1):
            yield count * step
    except (OverflowError, ValueError):  # bounds beyond what a float holds
        yield low


def _ranges(low: float | None, high: float | None, word: str, wide: bool) -> Iterator[tuple[float, float]]:
    """Ranges to take a number from, the most usual first."""
    for least, most in (_RANGES.get(word, _USUAL), _USUAL) if not wide else ():
        bottom = least if low is None else max(low, least)
        top = most if high is None else min(high, most)
        if bottom < top:
            yield bottom, top
    if low is None:
        low = 0 if high is None or high > 0 else high - _SPAN
    yield low, low + _SPAN if high is None else high


def _limit(schema: dict[str, JSON], inclusive: str, exclusive: str, sign: int) -> tuple[float | None, bool]:
    """The tighter of two limits, and whether it is itself excluded. `sign` is -1 for maxima."""
    limit, edge = _finite(schema.get(inclusive)), schema.get(exclusive)
    if edge is True:  # draft 4: a switch on the other limit
        return limit, True
    other = _finite(edge)
    if other is not None and (limit is None or sign * other >= sign * limit):
        return other, True
    return limit, False


def _finite(value: object) -> float | None:
    """The number, or None for anything that is not a finite one. Integers keep their precision."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return value if isinstance(value, int) or isfinite(value) else None


def _whole(step: float) -> int:
    """The smallest integer multiple of a step, if it is not far."""
    for count in range(1, 1001):
        if count * step >= 1 and (isinstance(step, int) or (count * step).is_integer()):
            return int(count * step)
    return 1
