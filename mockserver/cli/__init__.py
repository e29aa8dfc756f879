"""The command `mockserver`: a table of commands, each in the module of its name, imported when it is asked for."""

import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from types import ModuleType
from typing import NamedTuple

from mockserver.cli.options import EXIT_FAILURE, EXIT_USAGE, from_environment
from mockserver.errors import FixtureError, MockServerError, UsageError


class Command(NamedTuple):
    """A command: its name, which is its module's too, what it does, and what fixture files with mistakes prevent.

    `runs` says that behind `--` stands a command to be run. The module has `parser()`, its options, and
    `run(options)`, which returns the exit code.
    """

    name: str
    does: str
    undone: str
    runs: bool = False

    @property
    def module(self) -> ModuleType:
        """The module that does it."""
        return import_module(f"mockserver.cli.{self.name}")


COMMANDS = (
    Command("serve", "serve fixture files; what `mockserver` does when no command is named", "nothing is served"),
    Command("run", "serve for as long as a command runs, such as tests in any language", "nothing is run", True),
    Command("explain", "which stub answers a request, why the others do not, and the answer", "nothing is explained"),
    Command("check", "every mistake in fixture files, and every stub that can never match", "nothing else is checked"),
    Command("schema", "the JSON Schema of fixture files, for completion and checks in editors", ""),
    Command("init", "write a first fixture file", ""),
)


def main(argv: Sequence[str] | None = None, environ: Mapping[str, str] | None = None) -> int:
    """Run the command; returns its exit code: 0, 2 for wrong usage or fixture files, 1 for anything else."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    command = COMMANDS[0]
    word = arguments[0] if arguments else ""  # a path, unless it is a command's name
    for known in COMMANDS:
        if arguments[:1] == [known.name]:
            command = known
            word = ""
            del arguments[0]
            break
    parser = command.module.parser()
    if command.runs:
        cut = arguments.index("--") if "--" in arguments else len(arguments)
        arguments, behind = arguments[:cut], arguments[cut + 1 :]
        parser.set_defaults(command=behind)
    parser.set_defaults(**from_environment(parser, os.environ if environ is None else environ))
    options = parser.parse_intermixed_args(arguments)
    try:
        code: int = command.module.run(options)
        return code
    except FixtureError as error:
        count = len(error.problems)
        print(error, file=sys.stderr)
        print(f"mockserver: {count} mistake{'s' * (count != 1)} found, {command.undone}", file=sys.stderr)
        if word.isalpha() and not os.path.exists(word):
            _perhaps_a_command(word)
        return EXIT_USAGE
    except MockServerError as error:
        print(f"mockserver: {error}", file=sys.stderr)
        return EXIT_USAGE if isinstance(error, UsageError) else EXIT_FAILURE


def _perhaps_a_command(word: str) -> None:
    """Say which command is meant by a word that was taken for a path, where it is like one."""
    from mockserver.language.source import nearest

    if close := nearest(word, [command.name for command in COMMANDS]):
        print(f"mockserver: '{word}' is no command either{close}", file=sys.stderr)
