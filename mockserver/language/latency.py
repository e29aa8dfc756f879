"""`latency`: how long an answer takes, as fixed durations or as distributions of them."""

from collections.abc import Mapping
from typing import Any

import yaml

from mockserver.failures.latency import (
    Distribution,
    Fixed,
    Latency,
    LogNormal,
    Mixture,
    Normal,
    Percentiles,
    Replay,
    Uniform,
)
from mockserver.failures.when import ALWAYS, When
from mockserver.language.durations import DURATION
from mockserver.language.kinds import Kind, ListOf, Made, Number, Record, Schema, Schemas, Spec, key, required
from mockserver.language.source import Invalid, Node, Source, describe
from mockserver.language.when import WHEN

_INFINITY = float("inf")
_RATE = Number(1e-6, 1e9)
_SIGMA = Number(0, 20)
_WEIGHT = Number(0, 1e9)

SHAPES = ("fixed", "uniform", "normal", "lognormal", "percentiles", "replay")


class _Table:
    """A table of percentiles: percentages from 0 to 100, and values that do not fall."""

    expected = "a mapping of percentages to values, such as {50: 0.2, 99: 4}"

    def __init__(self, value: Kind[float]) -> None:
        self.value = value

    def read(self, node: Node, source: Source) -> Percentiles:
        """The table, in order."""
        if not isinstance(node, yaml.MappingNode) or not node.value:
            raise source.refuse(node, f"expected {self.expected}, got {describe(node)}")
        source.no_tag(node)
        before = len(source.problems)
        points: list[tuple[float, float]] = []
        for _, key_node, value_node in source.entries(node, "percentiles"):
            try:
                points.append((Number(0, 100).read(key_node, source), self.value.read(value_node, source)))
            except Invalid:
                pass  # noted
        if len(source.problems) > before:
            raise Invalid
        points.sort()
        if [value for _, value in points] != sorted(value for _, value in points):
            raise source.refuse(node, "the values of a higher percentage must not be smaller")
        return Percentiles(tuple(points))

    def schema(self, defs: Schemas) -> Schema:
        """An object of values by numbers."""
        return {"type": "object", "minProperties": 1, "additionalProperties": self.value.schema(defs)}


def distribution(value: Kind[float], what: str) -> "Made[Spec, Distribution]":
    """The kind of a distribution of such values: one of them, or a mapping that says how they are spread."""

    class UniformSpec(Spec):
        """All values between two, equally likely."""

        min: float = required(value, "The smallest.")
        max: float = required(value, "The largest.")

    class NormalSpec(Spec):
        """A normal distribution; what falls outside of `min` and `max` is put there."""

        mean: float = required(value, "The mean.")
        sd: float = required(value, "The standard deviation.")
        min: float = key(value, "The smallest; 0 when left out.", default=0.0)
        max: float = key(value, "The largest.", default=_INFINITY)

    class LogNormalSpec(Spec):
        """A lognormal distribution, by two percentiles or by its mean and the spread of its logarithm."""

        median: float | None = key(value, "Half are below.")
        p99: float | None = key(value, "99 of 100 are below.")
        mean: float | None = key(value, "The mean.")
        sigma: float | None = key(_SIGMA, "The standard deviation of the logarithm.")

    class DistributionSpec(Spec):
        """How values are spread: exactly one of these."""

        fixed: float | None = key(value, "Always this.")
        uniform: Uniform | None = key(
            Made(Record(UniformSpec, f"{what} uniform", check=_check_bounds), lambda spec: Uniform(spec.min, spec.max)),
            "Anything from `min` to `max`, all equally likely.",
        )
        normal: Normal | None = key(
            Made(
                Record(NormalSpec, f"{what} normal", check=_check_bounds),
                lambda spec: Normal(spec.mean, spec.sd, spec.min, spec.max),
            ),
            "A normal distribution of `mean` and `sd`, clamped to `min` and `max`.",
        )
        lognormal: LogNormal | None = key(
            Made(Record(LogNormalSpec, f"{what} lognormal", check=_check_lognormal), _lognormal),
            "A lognormal distribution: `median` and `p99`, or `mean` and `sigma` (of the logarithm).",
        )
        percentiles: Percentiles | None = key(
            _Table(value), "A table of percentages and values, with straight lines between them."
        )
        replay: tuple[float, ...] | None = key(ListOf(value), "These values, one after the other, again and again.")

    class PartSpec(DistributionSpec):
        """One part of a mixture."""

        weight: float = required(_WEIGHT, "How likely this part is, beside the weights of the others.")

    class MixedSpec(DistributionSpec):
        """How values are spread, perhaps by several distributions."""

        mixture: tuple[PartSpec, ...] = key(
            ListOf(Record(PartSpec, f"{what} mixture", check=_check_one)),
            "One of several distributions, each with its `weight`.",
            default=(),
        )

    def short(node: Node, source: Source) -> MixedSpec:
        return MixedSpec(fixed=value.read(node, source))

    record = Record(
        MixedSpec,
        f"a {what}",
        short=short,
        short_expected=value.expected,
        check=_check_one,
        short_schema=value.schema({}),
    )
    return Made(record, _distribution)


def _check_one(record: Spec, nodes: Mapping[str, Node], node: Node, source: Source) -> None:
    ways = [name for name in (*SHAPES, "mixture") if name in record.keys]
    given = [name for name in ways if name in nodes]
    if not given:
        source.note(node, f"a distribution needs one of {', '.join(ways)}")
    elif len(given) > 1:
        source.note(nodes[given[1]], f"'{given[0]}' and '{given[1]}' cannot stand in one distribution")
    parts = getattr(record, "mixture", ())
    if parts and not any(part.weight for part in parts):
        source.note(nodes["mixture"], "all weights are 0: at least one must be more")


def _check_bounds(record: Any, nodes: Mapping[str, Node], node: Node, source: Source) -> None:
    if record.max < record.min:
        source.note(nodes["max"], "'max' must not be smaller than 'min'")


def _check_lognormal(record: Any, nodes: Mapping[str, Node], node: Node, source: Source) -> None:
    if set(nodes) not in ({"median", "p99"}, {"mean", "sigma"}):
        source.note(node, "lognormal takes median and p99, or mean and sigma")
        return
    for name in ("median", "mean"):
        if name in nodes and getattr(record, name) <= 0:
            source.note(nodes[name], f"'{name}' must be more than 0")
    if record.median is not None and record.p99 < record.median:
        source.note(nodes["p99"], "'p99' must not be smaller than 'median'")


def _lognormal(spec: Any) -> LogNormal:
    if spec.median is not None:
        return LogNormal.of_percentiles(spec.median, spec.p99)
    return LogNormal.of_mean(spec.mean, spec.sigma)


def _distribution(spec: Any) -> Distribution:
    if getattr(spec, "mixture", ()):
        return Mixture(tuple((part.weight, _distribution(part)) for part in spec.mixture))
    if spec.fixed is not None:
        return Fixed(spec.fixed)
    if spec.replay is not None:
        return Replay(spec.replay)
    made: Distribution = spec.uniform or spec.normal or spec.lognormal or spec.percentiles
    return made


DELAY = distribution(DURATION, "delay")
RATE = distribution(_RATE, "rate")
DELAY_RECORD: type[Spec] = DELAY.kind.cls  # type: ignore[attr-defined]
"""The record of a distribution, for the docs."""


class LatencySpec(Spec):
    """How long an answer takes."""

    before: Distribution | None = key(DELAY, "What passes before the status and the headers.")
    ttft: Distribution | None = key(DELAY, "What passes from there to the first token.")
    itl: Distribution | None = key(DELAY, "What passes between two tokens, drawn for each apart.")
    tokens_per_second: Distribution | None = key(RATE, "In the place of `itl`: how fast they come, drawn once a call.")
    end: Distribution | None = key(DELAY, "What passes before that which ends it: finish chunk, usage, `[DONE]`.")
    per_prompt_token: float = key(DURATION, "What each token of the request adds to `ttft`.", default=0.0)
    per_request_in_flight: float = key(
        DURATION, "What each other request that is being answered adds to `ttft`.", default=0.0
    )
    when: When = key(WHEN, "On which calls; on all when left out.", default=ALWAYS)


def _short_latency(node: Node, source: Source) -> LatencySpec:
    return LatencySpec(before=Fixed(DURATION.read(node, source)), place=source.place(node))


def _check_latency(record: LatencySpec, nodes: Mapping[str, Node], node: Node, source: Source) -> None:
    if "itl" in nodes and "tokens_per_second" in nodes:
        source.note(nodes["tokens_per_second"], "'itl' and 'tokens_per_second' cannot stand in one latency")


def _latency(spec: LatencySpec) -> Latency:
    return Latency(**dict(spec.given()))


LATENCY_RECORD = Record(
    LatencySpec,
    "a latency",
    short=_short_latency,
    short_expected=DURATION.expected,
    check=_check_latency,
    some_of=tuple(name for name in LatencySpec.keys if name != "when"),
    short_schema=DURATION.schema({}),
)
LATENCY = Made(LATENCY_RECORD, _latency)
"""Reads a latency, ready to be drawn from."""
