"""`mockserver check PATH ...`: every mistake in fixture files."""

import argparse

from mockserver.cli import options
from mockserver.errors import FixtureError


def parser() -> argparse.ArgumentParser:
    """The options; each can be set by an environment variable, `MOCKSERVER_` and its name."""
    made = options.new_parser(
        "mockserver check",
        "PATH ... [options]",
        "Print every mistake in fixture files.\nExit codes: 0 nothing is wrong, 2 there are mistakes.",
    )
    made.add_argument("paths", nargs="+", metavar="PATH", help="fixture files or folders, in the order of serving")
    return made


def run(given: argparse.Namespace) -> int:
    """Check; returns the exit code."""
    from mockserver.language.load import load

    try:
        fixtures = load(given.paths, strict=True)
    except FixtureError as error:
        count = len(error.problems)
        print(error)
        print(f"{count} mistake{'s' * (count != 1)}")
        return options.EXIT_USAGE
    print(f"{fixtures}: no mistakes")
    return 0
