"""How long things take: distributions of durations, and where in an answer they pass."""

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple, Protocol

from mockserver.draw import Draw
from mockserver.failures.when import ALWAYS, When

_P99 = 2.3263478740408408
"""How many standard deviations the 99th percentile of a normal distribution is above its middle."""


class Distribution(Protocol):
    """Durations in seconds (or rates per second), one at a time."""

    def draw(self, draw: Draw, index: int) -> float:
        """The next one; `index` counts, from 0, what a replayed list goes along with. Never negative."""
        ...


class Fixed(NamedTuple):
    """Always the same."""

    value: float

    def draw(self, draw: Draw, index: int) -> float:
        """That."""
        return self.value


class Uniform(NamedTuple):
    """Anything between two values, all equally likely."""

    low: float
    high: float

    def draw(self, draw: Draw, index: int) -> float:
        """One of them."""
        return self.low + (self.high - self.low) * draw.unit()


class Normal(NamedTuple):
    """A normal distribution, clamped: what is drawn below `low` is `low`."""

    mean: float
    sd: float
    low: float = 0.0
    high: float = math.inf

    def draw(self, draw: Draw, index: int) -> float:
        """One of them."""
        return min(max(self.mean + self.sd * standard(draw), self.low), self.high)


class LogNormal(NamedTuple):
    """A lognormal distribution, the shape that waiting for a server has: `mu` and `sigma` are of the logarithm."""

    mu: float
    sigma: float

    @classmethod
    def of_percentiles(cls, median: float, p99: float) -> "LogNormal":
        """Half of them below `median`, 99 of 100 below `p99`."""
        return cls(math.log(median), math.log(p99 / median) / _P99)

    @classmethod
    def of_mean(cls, mean: float, sigma: float) -> "LogNormal":
        """With the mean `mean`; `sigma` is the standard deviation of the logarithm."""
        return cls(math.log(mean) - sigma * sigma / 2, sigma)

    def draw(self, draw: Draw, index: int) -> float:
        """One of them."""
        return math.exp(min(self.mu + self.sigma * standard(draw), 300.0))


class Percentiles(NamedTuple):
    """A table of percentiles, each a percentage and its value, straight lines between them and level outside."""

    points: tuple[tuple[float, float], ...]

    def draw(self, draw: Draw, index: int) -> float:
        """The value at a percentage drawn from 0 to 100."""
        at = 100 * draw.unit()
        points = self.points
        if at <= points[0][0]:
            return points[0][1]
        for (low, begin), (high, end) in pairwise(points):
            if at <= high:
                return begin + (end - begin) * (at - low) / (high - low)
        return points[-1][1]


class Mixture(NamedTuple):
    """One of several distributions, each as likely as its weight says."""

    parts: tuple[tuple[float, Distribution], ...]

    def draw(self, draw: Draw, index: int) -> float:
        """One of one of them."""
        left = draw.unit() * sum(weight for weight, _ in self.parts)
        for weight, part in self.parts:
            left -= weight
            if left < 0:
                return part.draw(draw, index)
        return self.parts[-1][1].draw(draw, index)


class Replay(NamedTuple):
    """A list of values, one after the other, then again from its beginning."""

    values: tuple[float, ...]

    def draw(self, draw: Draw, index: int) -> float:
        """The one whose turn it is."""
        return self.values[index % len(self.values)]


def standard(draw: Draw) -> float:
    """A number of the standard normal distribution (Box and Muller's way)."""
    return math.sqrt(-2 * math.log(1 - draw.unit())) * math.cos(math.tau * draw.unit())


class Latency(NamedTuple):
    """How long an answer takes.

    `before` passes before the headers, `ttft` from there to the first token, `itl` between two tokens, or
    `tokens_per_second` of them come; `end` passes before what ends the answer. The time to the first token grows by
    `per_prompt_token` and by `per_request_in_flight`, both in seconds.
    """

    before: Distribution | None = None
    ttft: Distribution | None = None
    itl: Distribution | None = None
    tokens_per_second: Distribution | None = None
    end: Distribution | None = None
    per_prompt_token: float = 0.0
    per_request_in_flight: float = 0.0
    when: When = ALWAYS

    @property
    def draws(self) -> bool:
        """Whether anything of it is drawn."""
        return any(not isinstance(part, Fixed) for part in self._distributions())

    @property
    def replays(self) -> bool:
        """Whether it goes along with the calls."""
        return any(isinstance(part, Replay) for part in self._distributions())

    def _distributions(self) -> Iterator[Distribution]:
        parts = (self.before, self.ttft, self.itl, self.tokens_per_second, self.end)
        for part in parts:
            if isinstance(part, Mixture):
                yield from (inner for _, inner in part.parts)
            if part is not None:
                yield part
