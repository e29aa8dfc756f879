"""`python -m benchmarks`: measure mockserver beside f1 and print the ratios."""

import argparse
import shlex
import signal
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from benchmarks.framing import WrongAnswer
from benchmarks.measure import Effort, Series, measure_start, measure_workload
from benchmarks.process import supported
from benchmarks.report import SLACK, as_json, conditions, over, table
from benchmarks.servers import ServerFailed, choose_cores, mockserver, pin
from benchmarks.workloads import NAMES, START, WORKLOADS

FULL = Effort(repetitions=5, seconds=1.5, starts=7)
SHORT = Effort(repetitions=3, seconds=0.6, starts=3)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for.

    Returns the exit code: 0 fine, 1 something broke or `--check` found a ratio far over its target.
    """
    options = _parser().parse_args(arguments)
    effort = SHORT if options.short else FULL
    if options.repetitions:
        effort = effort._replace(repetitions=options.repetitions, starts=options.repetitions)
    cores = choose_cores()
    if cores:
        pin(cores.load)
    server = mockserver(options.command)
    jobs: dict[str, Callable[[], list[Series]]] = {
        workload.name: partial(measure_workload, workload, [server], cores, effort) for workload in WORKLOADS
    }
    jobs[START.name] = partial(measure_start, START, [server], cores, effort)
    results, failures = _run({name: jobs[name] for name in options.only or NAMES})
    where = conditions(cores)
    _print(results, where)
    if options.json:
        options.json.write_text(as_json(results, failures, effort, where), encoding="utf-8")
    too_much = [series.workload for series in results if over(series, SLACK)] if options.check else []
    for name in too_much:
        print(f"{name}: over {SLACK} times its target", file=sys.stderr)
    return 1 if failures or too_much else 0


def _run(jobs: dict[str, Callable[[], list[Series]]]) -> tuple[list[Series], list[str]]:
    """Results of the jobs that worked, and why the others did not."""
    results: list[Series] = []
    failures: list[str] = []
    for name, job in jobs.items():
        print(f"{name} ...", file=sys.stderr, flush=True)
        try:
            results += job()
        except (ServerFailed, WrongAnswer, OSError) as error:
            failures.append(f"{name}: {error}")
            print(f"{name} broke: {error}", file=sys.stderr, flush=True)
    return results, failures


def _print(results: Sequence[Series], where: dict[str, str]) -> None:
    print("; ".join(f"{key} {value}" for key, value in where.items()))
    if not supported():
        print("This platform has no /proc: CPU time and memory of the servers are not supported here.")
    if results:
        print("\n" + table(results))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure mockserver beside f1.")
    parser.add_argument("--short", action="store_true", help="fewer and shorter repetitions: under a minute")
    parser.add_argument(
        "--only",
        action="append",
        choices=NAMES,
        metavar="NAME",
        help=f"one of {', '.join(NAMES)}; repeatable",
    )
    parser.add_argument(
        "--repetitions", type=_positive, metavar="N", help="of each workload, and starts of each server"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all that was measured")
    parser.add_argument("--check", action="store_true", help=f"exit 1 when a ratio is over {SLACK} times its target")
    parser.add_argument(
        "--command",
        type=shlex.split,
        default=[sys.executable, "-m", "mockserver"],
        help="how mockserver is started, up to its arguments (default: python -m mockserver)",
    )
    return parser


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 on, got {text!r}")
    return int(text)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # so that servers are killed
    sys.exit(main())
