"""From measurements to what is printed and written."""

import datetime
import json
import os
import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from statistics import median
from typing import Any, NamedTuple

from benchmarks.measure import Effort, Series
from benchmarks.servers import Cores
from mockserver import __version__

SLACK = 1.5
"""`--check` forgives a ratio up to this many times its target: shared machines are noisy."""

PACKAGES = ("uvicorn", "starlette", "uvloop", "httptools", "toktok-rs")
HEADINGS = (
    "workload",
    "server",
    "unit",
    "f1",
    "server's",
    "ratio (min-max)",
    "req/s",
    "f1 req/s",
    "target",
    "",
)


class Spread(NamedTuple):
    """The middle and the ends of some values."""

    median: float
    low: float
    high: float


def ratios(series: Series) -> Spread | None:
    """The server's value over f1's, repetition by repetition; None where nothing could be measured."""
    pairs = zip(series.floor, series.value, strict=True)
    values = [value / floor for floor, value in pairs if floor]
    return Spread(median(values), min(values), max(values)) if values else None


def over(series: Series, slack: float = 1.0) -> bool:
    """Whether the median ratio is over the target times `slack`."""
    spread = ratios(series)
    return spread is not None and series.must is not None and spread.median > series.must * slack


def table(results: Sequence[Series]) -> str:
    """All results as text, a line each, columns aligned."""
    rows = [HEADINGS, *(_row(series) for series in results)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def conditions(cores: Cores | None) -> dict[str, str]:
    """Where and with what the results were made."""
    return {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "platform": platform.platform(),
        "cpus": str(os.cpu_count()),
        "pinned": f"servers to core {cores.server}, load to core {cores.load}" if cores else "no",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "mockserver": __version__,
        **{name: _version(name) for name in PACKAGES},
    }


def as_json(results: Sequence[Series], failures: Sequence[str], effort: Effort, where: dict[str, str]) -> str:
    """Everything measured, every repetition of it, for `--json`."""
    content = {
        "conditions": where,
        "effort": effort._asdict(),
        "results": [_entry(series) for series in results],
        "failures": list(failures),
    }
    return json.dumps(content, indent=2) + "\n"


def _row(series: Series) -> tuple[str, ...]:
    spread = ratios(series)
    rates = [f"{median(rate):,.0f}" for rate in series.rates] if series.rates else ["", ""]
    return (
        series.workload,
        series.server,
        series.unit,
        _number(series.floor),
        _number(series.value),
        f"{spread.median:.2f} ({spread.low:.2f}-{spread.high:.2f})" if spread else "not supported here",
        rates[1],
        rates[0],
        f"{series.must:g}" if series.must else "",
        _verdict(series, spread),
    )


def _number(values: Sequence[float]) -> str:
    return f"{median(values):.1f}" if values else "-"


def _verdict(series: Series, spread: Spread | None) -> str:
    if series.must is None or spread is None:
        return series.answer
    verdict = "over" if over(series) else "reached"
    return f"{verdict}; {series.answer}" if series.answer else verdict


def _entry(series: Series) -> dict[str, Any]:
    spread = ratios(series)
    return {
        "workload": series.workload,
        "server": series.server,
        "unit": series.unit,
        "f1": series.floor,
        "value": series.value,
        "ratio": spread._asdict() if spread else None,
        "target": series.must,
        "requests_per_second": {"f1": series.rates[0], "server": series.rates[1]} if series.rates else None,
        "answer": series.answer,
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
