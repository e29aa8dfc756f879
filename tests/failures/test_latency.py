"""Distributions of durations: what is drawn has the shape that was asked for."""

import math
from statistics import fmean, quantiles, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.draw import Draw
from mockserver.failures.durations import seconds
from mockserver.failures.latency import Distribution, Fixed, LogNormal
from mockserver.language.durations import DURATION
from mockserver.language.latency import DELAY, LATENCY
from tests.failures.reading import mistakes, read

COUNT = 20_000


def drawn(text: str, count: int = COUNT) -> list[float]:
    """Values drawn one after the other from a distribution, as a file has it."""
    distribution: Distribution = read(DELAY, text)
    draw = Draw("a seed")
    return [distribution.draw(draw, n) for n in range(count)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("200ms", 0.2),
        ("1.5s", 1.5),
        ("2m", 120),
        ("1h", 3600),
        ("1m30s", 90),
        ("0.25", 0.25),
        ("3", 3),
        ("0", 0),
        ("'20ms'", 0.02),
    ],
)
def test_durations_have_units_or_are_seconds(text: str, expected: float) -> None:
    """Milliseconds, seconds, minutes, hours, together too; a number is of seconds."""
    assert read(DURATION, text) == pytest.approx(expected)


@pytest.mark.parametrize("text", ["fast", "10 ms", "-1", "1d", "s", "1.s", "", "inf", "nan", "1e3", "{}"])
def test_other_words_are_no_duration(text: str) -> None:
    """What was expected is said."""
    told = mistakes(DURATION, text or "~")
    assert len(told) == 1
    assert told[0].startswith("1:1: expected a duration such as 200ms, 1.5s or 2m, or a number of seconds, got ")
    with pytest.raises(ValueError, match="expected a duration such as"):
        seconds(text)


def test_fixed_is_always_the_same() -> None:
    """The short form and the long form."""
    assert set(drawn("200ms", 5)) == set(drawn("{fixed: 200ms}", 5)) == {0.2}


def test_uniform_fills_its_range_evenly() -> None:
    """Nothing outside, the middle in the middle, each tenth of the range about a tenth of the draws."""
    values = drawn("{uniform: {min: 1s, max: 3s}}")
    assert min(values) >= 1
    assert max(values) < 3
    assert fmean(values) == pytest.approx(2, abs=0.02)
    tenths = [sum(1 + n / 5 <= value < 1 + (n + 1) / 5 for value in values) for n in range(10)]
    assert all(abs(tenth - COUNT / 10) < 200 for tenth in tenths)


def test_normal_has_its_mean_and_its_spread() -> None:
    """Far enough from 0, clamping does not show."""
    values = drawn("{normal: {mean: 2s, sd: 200ms}}")
    assert fmean(values) == pytest.approx(2, abs=0.01)
    assert stdev(values) == pytest.approx(0.2, rel=0.05)


def test_normal_is_clamped() -> None:
    """Never below 0, nor outside of what the file says."""
    assert min(drawn("{normal: {mean: 100ms, sd: 1s}}")) == 0
    values = drawn("{normal: {mean: 1s, sd: 1s, min: 500ms, max: 1200ms}}")
    assert (min(values), max(values)) == (0.5, 1.2)


def test_lognormal_by_two_percentiles() -> None:
    """Half are below the median, 99 of 100 below p99."""
    values = drawn("{lognormal: {median: 0.8, p99: 4}}")
    parts = quantiles(values, n=100)
    assert parts[49] == pytest.approx(0.8, rel=0.03)
    assert parts[98] == pytest.approx(4, rel=0.1)


def test_lognormal_by_its_mean() -> None:
    """The mean is that of the durations, sigma that of their logarithms."""
    values = drawn("{lognormal: {mean: 500ms, sigma: 0.5}}")
    assert fmean(values) == pytest.approx(0.5, rel=0.02)
    assert stdev(map(math.log, values)) == pytest.approx(0.5, rel=0.03)


def test_percentiles_are_those_of_the_table() -> None:
    """Straight lines between the points, level outside of them."""
    values = drawn("{percentiles: {99: 4, 50: 0.2, 90: 1}}")
    parts = quantiles(values, n=100)
    assert (min(values), max(values)) == (0.2, 4)
    assert parts[48] == 0.2
    assert parts[69] == pytest.approx(0.6, rel=0.1)
    assert parts[89] == pytest.approx(1, rel=0.1)
    assert parts[94] == pytest.approx(1 + 3 * 5 / 9, rel=0.1)


def test_a_mixture_takes_its_parts_by_weight() -> None:
    """One in five calls is slow."""
    values = drawn("{mixture: [{weight: 4, fixed: 100ms}, {weight: 1, uniform: {min: 1s, max: 2s}}]}")
    slow = [value for value in values if value >= 1]
    assert len(slow) == pytest.approx(COUNT / 5, rel=0.05)
    assert {value for value in values if value < 1} == {0.1}


def test_a_replayed_list_begins_again() -> None:
    """Value by value, whatever is drawn."""
    assert drawn("{replay: [1s, 200ms, 0.5]}", 5) == [1, 0.2, 0.5, 1, 0.2]


@given(st.floats(0.001, 100), st.floats(1, 50), st.integers())
def test_no_lognormal_is_negative_or_endless(median: float, factor: float, seed: int) -> None:
    """Whatever is asked for and drawn, it is a duration that passes."""
    distribution = LogNormal.of_percentiles(median, median * factor)
    value = distribution.draw(Draw(seed), 0)
    assert value > 0
    assert math.isfinite(value)


def test_the_same_key_draws_the_same() -> None:
    """Two draws of one key give the same row."""
    assert drawn("{lognormal: {median: 1, p99: 9}}", 50) == drawn("{lognormal: {median: 1, p99: 9}}", 50)


def test_a_latency_has_a_short_form() -> None:
    """A duration is what passes before the answer."""
    latency = read(LATENCY, "200ms")
    assert latency.before == Fixed(0.2)
    assert (latency.ttft, latency.itl, latency.end) == (None, None, None)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "{}",
            [
                "1:1: a latency needs one of before, ttft, itl, tokens_per_second, end, per_prompt_token, "
                "per_request_in_flight"
            ],
        ),
        ("{itl: 20ms, tfft: 1s}", ["1:13: unknown key 'tfft' in a latency; did you mean 'ttft'?"]),
        (
            "{itl: 20ms, tokens_per_second: 50}",
            ["1:32: 'itl' and 'tokens_per_second' cannot stand in one latency"],
        ),
        (
            "{ttft: {}}",
            ["1:8: a distribution needs one of fixed, uniform, normal, lognormal, percentiles, replay, mixture"],
        ),
        ("{ttft: {fixed: 1, replay: [2]}}", ["1:27: 'fixed' and 'replay' cannot stand in one distribution"]),
        ("{ttft: {uniform: {min: 2, max: 1}}}", ["1:32: 'max' must not be smaller than 'min'"]),
        ("{ttft: {uniform: {min: 2}}}", ["1:18: delay uniform needs the key 'max': The largest."]),
        ("{ttft: {lognormal: {median: 1}}}", ["1:20: lognormal takes median and p99, or mean and sigma"]),
        ("{ttft: {lognormal: {median: 0, p99: 1}}}", ["1:29: 'median' must be more than 0"]),
        ("{ttft: {lognormal: {median: 2, p99: 1}}}", ["1:37: 'p99' must not be smaller than 'median'"]),
        ("{ttft: {percentiles: {50: 2, 99: 1}}}", ["1:22: the values of a higher percentage must not be smaller"]),
        ("{ttft: {percentiles: {half: 2}}}", ["1:23: expected a number from 0 to 100, got 'half'"]),
        (
            "{ttft: {percentiles: 3}}",
            ["1:22: expected a mapping of percentages to values, such as {50: 0.2, 99: 4}, got 3"],
        ),
        (
            "{ttft: {mixture: [{fixed: 1}]}}",
            ["1:19: delay mixture needs the key 'weight': How likely this part is, beside the weights of the others."],
        ),
        ("{ttft: {mixture: [{weight: 0, fixed: 1}]}}", ["1:18: all weights are 0: at least one must be more"]),
        ("{tokens_per_second: 0}", ["1:21: expected a number from 1e-06 to 1,000,000,000, got 0"]),
        (
            "slow",
            ["1:1: expected a duration such as 200ms, 1.5s or 2m, or a number of seconds, got 'slow'"],
        ),
    ],
)
def test_mistakes_are_told(text: str, told: list[str]) -> None:
    """Where, what was expected, and the nearest word."""
    assert mistakes(LATENCY, text) == told
