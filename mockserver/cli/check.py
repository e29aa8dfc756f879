"""`mockserver check PATH ...`: every mistake in fixture files, and every stub that can never match."""

import argparse

from mockserver.cli import options
from mockserver.errors import FixtureError


def parser() -> argparse.ArgumentParser:
    """The options; there are none yet."""
    made = options.new_parser(
        "mockserver check",
        "PATH ...",
        "Print every mistake in fixture files; where there is none, every stub that can never match, and what is\n"
        "probably not meant. Exit codes: 0 all is well or there are only warnings, 1 a stub can never match, 2 there\n"
        "are mistakes.",
        "",
    )
    made.add_argument("paths", nargs="+", metavar="PATH", help="fixture files or folders, in the order of serving")
    return made


def run(given: argparse.Namespace) -> int:
    """Check; returns the exit code."""
    from mockserver.checks.doubtful import doubtful
    from mockserver.checks.unreachable import unreachable
    from mockserver.language.load import load

    try:
        fixtures = load(given.paths, strict=True)
    except FixtureError as error:
        print(error)
        print(counted(len(error.problems), "mistake"))
        return options.EXIT_USAGE
    warnings, never = doubtful(fixtures), unreachable(fixtures)
    for problem in never:
        print(problem)
    for problem in warnings:
        print(f"{problem.place}: warning: {problem.message}")
    told = [f"{counted(len(never), 'stub')} can never match"] if never else ["no mistakes"]
    if warnings:
        told.append(counted(len(warnings), "warning"))
    print(f"{fixtures}: {', '.join(told)}")
    return options.EXIT_FAILURE if never else 0


def counted(count: int, what: str) -> str:
    """`1 stub`, `2 stubs`."""
    return f"{count} {what}{'s' * (count != 1)}"
