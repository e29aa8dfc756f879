"""From measurements to what is printed and written."""

import datetime
import json
import os
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from statistics import median
from typing import Any, NamedTuple

from benchmarks.measure import Aim, Effort, Result, Setting
from benchmarks.peers import PEERS
from mockserver import __version__

SLACK = 1.5
"""`--check` forgives a ratio up to this many times its target, or what is recorded: shared machines are noisy."""

PACKAGES = ("uvicorn", "starlette", "uvloop", "httptools", "pyyaml", "jinja2", "faker", "toktok-rs")
HEADINGS = ("workload", "server", "value", "unit", "x f1 (min-max)", "x aimock", "req/s", "goal", "answer")


class Spread(NamedTuple):
    """The middle and the ends of some values."""

    median: float
    low: float
    high: float


def spread(values: Sequence[float]) -> Spread | None:
    """The median and the ends; None of nothing."""
    return Spread(median(values), min(values), max(values)) if values else None


def ratios(result: Result, server: str, base: str) -> Spread | None:
    """A server's values over another's, repetition by repetition; None where there is nothing to compare."""
    pairs = zip(result.values.get(base, ()), result.values.get(server, ()), strict=False)
    return spread([value / floor for floor, value in pairs if floor])


def compared(result: Result) -> bool:
    """Whether a result is about ratios to f1; one whose goal is an absolute value is not."""
    return "f1" in result.values and not any(aim.base is None for aim in result.aims)


def reached(result: Result, aim: Aim) -> Spread | None:
    """What an aim is about: the ratio to its base, or the values themselves."""
    if aim.base is None:
        return spread(result.values.get(aim.server, ()))
    return ratios(result, aim.server, aim.base)


def verdict(result: Result, aim: Aim) -> str:
    """Whether an aim is reached by the median: `stretch`, `reached`, or `over` and by how much."""
    found = reached(result, aim)
    if found is None:
        return "not measured"
    if aim.stretch is not None and found.median <= aim.stretch:
        return "stretch"
    return "reached" if found.median <= aim.must else f"over by {100 * (found.median / aim.must - 1):.0f}%"


def worse(result: Result, recorded: Mapping[str, Result]) -> list[str]:
    """The ratios that are far over what they should be: a line for each. Values without a base are no ratios.

    What is recorded excuses what missed its target then already.
    """
    lines = []
    before = recorded.get(result.workload)
    for aim in result.aims:
        found = reached(result, aim)
        if found is None or aim.base is None:
            continue
        then = None if before is None else reached(before, aim)
        most = SLACK * max(aim.must, then.median if then else 0.0)
        if found.median > most:
            lines.append(f"{result.workload}: {aim.server} is {found.median:.2f} x {aim.base}, more than {most:.2f}")
    return lines


def table(results: Sequence[Result]) -> str:
    """All results as text, a line for each server of each, columns aligned."""
    rows = [HEADINGS, *(row for result in results for row in _rows(result))]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def _rows(result: Result) -> list[tuple[str, ...]]:
    rows = [_row(result, server, values) for server, values in result.values.items()]
    blank = ("",) * 5
    rows += [("", name, "-", *blank, f"skipped: {why.splitlines()[0]}") for name, why in result.skipped.items()]
    return [(result.workload if row is rows[0] else "", *row[1:]) for row in rows]


def _row(result: Result, server: str, values: Sequence[float]) -> tuple[str, ...]:
    aims = [aim for aim in result.aims if aim.server == server]
    goals = [f"{verdict(result, aim)} (<= {aim.must:g}{f' x {aim.base}' if aim.base else ''})" for aim in aims]
    rate = result.rates.get(server)
    return (
        "",
        server,
        number(median(values)) if values else "not supported here",
        result.unit,
        "" if server == "f1" else shown(ratios(result, server, "f1"), ends=True),
        "" if server in ("f1", "aimock") else shown(ratios(result, server, "aimock")),
        f"{median(rate):,.0f}" if rate else "",
        "; ".join(goals),
        result.answers.get(server, ""),
    )


def shown(found: Spread | None, *, ends: bool = False) -> str:
    """A ratio as it is printed."""
    if found is None:
        return ""
    return f"{number(found.median)} ({number(found.low)}-{number(found.high)})" if ends else number(found.median)


def number(value: float) -> str:
    """A number with the figures that mean something."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 20 else f"{value:.2f}"


def conditions(setting: Setting) -> dict[str, str]:
    """Where and with what the results are made."""
    cores = setting.cores
    return {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "platform": f"{platform.system()} {platform.machine()}",
        "cpus": str(os.cpu_count()),
        "pinned": f"servers to core {cores.server}, load to core {cores.load}" if cores else "no",
        "load": "wrk" if setting.use_wrk else "own client",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "mockserver": __version__,
        **{name: _version(name) for name in PACKAGES},
        **{name: PEERS[name].version for name in setting.peers},
    }


def as_json(results: Sequence[Result], failures: Sequence[str], effort: Effort, where: dict[str, str]) -> str:
    """Everything measured, every repetition of it."""
    content = {
        "conditions": where,
        "effort": effort._asdict(),
        "results": [_entry(result) for result in results],
        "failures": list(failures),
    }
    return json.dumps(content, indent=1) + "\n"


def _entry(result: Result) -> dict[str, Any]:
    rounded = {server: [float(f"{value:.5g}") for value in values] for server, values in result.values.items()}
    rates = {server: [round(value) for value in values] for server, values in result.rates.items()}
    return {**result._asdict(), "values": rounded, "rates": rates, "aims": [aim._asdict() for aim in result.aims]}


def read_json(text: str) -> tuple[list[Result], dict[str, str]]:
    """Results and their conditions from what `as_json` wrote."""
    content = json.loads(text)
    results = [Result(**{**entry, "aims": tuple(Aim(**aim) for aim in entry["aims"])}) for entry in content["results"]]
    return results, content["conditions"]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
