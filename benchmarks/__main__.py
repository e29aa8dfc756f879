"""`python -m benchmarks`: measure mockserver beside f1 and other servers, and print the ratios."""

import argparse
import shlex
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import pages, wrk
from benchmarks.framing import WrongAnswer
from benchmarks.jobs import JOBS
from benchmarks.measure import Effort, Result, Setting, has_tokens
from benchmarks.peers import PEERS
from benchmarks.process import supported
from benchmarks.report import SLACK, as_json, conditions, read_json, table, worse
from benchmarks.servers import ServerFailed, choose_cores, pin

FULL = Effort(repetitions=5, seconds=1.5, starts=7, requests=100_000)
SHORT = Effort(repetitions=3, seconds=0.4, starts=3, requests=10_000)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for.

    Returns the exit code: 0 fine, 1 something broke or `--check` found a ratio far over what it should be.
    """
    options = _parser().parse_args(arguments)
    if options.render:
        pages.render()
        return 0
    effort = SHORT if options.short else FULL
    if options.repetitions:
        effort = effort._replace(repetitions=options.repetitions, starts=options.repetitions)
    cores = choose_cores()
    if cores:
        pin(cores.load)
    peers = options.peers if options.peers is not None else () if options.short else tuple(PEERS)
    use_wrk = wrk.available() and not options.own_client
    tokens = has_tokens() and not options.short
    setting = Setting(tuple(options.command), tuple(peers), cores, effort, use_wrk, tokens)
    results, failures = _run(options.only or list(JOBS), setting)
    where = conditions(setting)
    print("; ".join(f"{key} {value}" for key, value in where.items()))
    if not supported():
        print("This platform has no /proc: CPU time and memory of the servers are not supported here.")
    if results:
        print("\n" + table(results))
    text = as_json(results, failures, effort, where)
    if options.json:
        options.json.write_text(text, encoding="utf-8")
    if options.docs:
        pages.RESULTS.parent.mkdir(exist_ok=True)
        pages.RESULTS.write_text(text, encoding="utf-8")
        pages.render()
    too_much = _worse(results) if options.check else []
    for line in too_much:
        print(line, file=sys.stderr)
    return 1 if failures or too_much else 0


def _run(names: Sequence[str], setting: Setting) -> tuple[list[Result], list[str]]:
    """Results of the jobs that worked, and why the others did not."""
    results: list[Result] = []
    failures: list[str] = []
    for name in names:
        print(f"{name} ...", file=sys.stderr, flush=True)
        try:
            results += JOBS[name](setting)
        except (ServerFailed, WrongAnswer, OSError) as error:
            failures.append(f"{name}: {error}")
            print(f"{name} broke: {error}", file=sys.stderr, flush=True)
    return results, failures


def _worse(results: Sequence[Result]) -> list[str]:
    """The ratios far over their targets and over what is recorded in the docs."""
    recorded = read_json(pages.RESULTS.read_text(encoding="utf-8"))[0] if pages.RESULTS.exists() else []
    before = {result.workload: result for result in recorded}
    return [line for result in results for line in worse(result, before)]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measure mockserver beside f1 and other servers."
    )
    parser.add_argument(
        "--short", action="store_true", help="fewer and shorter repetitions, no peers, no real tokens: under 2 minutes"
    )
    parser.add_argument(
        "--only", action="append", choices=JOBS, metavar="NAME", help=f"one of {', '.join(JOBS)}; repeatable"
    )
    parser.add_argument(
        "--peers",
        type=_names,
        metavar="NAMES",
        help=f"of {', '.join(PEERS)}, or none (default: all; none with --short)",
    )
    parser.add_argument(
        "--repetitions", type=_positive, metavar="N", help="of each workload, and starts of each server"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all that was measured")
    parser.add_argument("--docs", action="store_true", help="record it in the docs: numbers, tables, chart")
    parser.add_argument("--render", action="store_true", help="only write the docs anew from what is recorded there")
    parser.add_argument(
        "--check", action="store_true", help=f"exit 1 when a ratio is over {SLACK} times its target or what is recorded"
    )
    parser.add_argument("--own-client", action="store_true", help="generate load without wrk, which is used if found")
    parser.add_argument(
        "--command",
        type=shlex.split,
        default=[sys.executable, "-m", "mockserver"],
        help="how mockserver is started, up to its arguments (default: python -m mockserver)",
    )
    return parser


def _names(text: str) -> tuple[str, ...]:
    names = () if text == "none" else tuple(text.split(","))
    if unknown := set(names) - set(PEERS):
        raise argparse.ArgumentTypeError(f"expected some of {', '.join(PEERS)}, or none, got {', '.join(unknown)}")
    return names


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 on, got {text!r}")
    return int(text)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # so that servers are killed
    sys.exit(main())
