"""What the commands' options have in common: their looks, their environment variables, the kinds of their values."""

import argparse
from collections.abc import Mapping
from typing import Any, NoReturn

from mockserver.edge import size

EXIT_FAILURE = 1
EXIT_USAGE = 2

ENVIRONMENT = "Every option can be set by an environment variable too: MOCKSERVER_SEED=7 is --seed 7."

MOST_WORKERS = 64

_TRUE = ("1", "true", "yes", "on")
_FALSE = ("0", "false", "no", "off", "")


class _Help(argparse.RawDescriptionHelpFormatter):
    """The help, of one width everywhere, since the docs have it too."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=22, width=100)


def new_parser(prog: str, usage: str, description: str, epilog: str = ENVIRONMENT) -> argparse.ArgumentParser:
    """A command's parser. Options are not abbreviated: a new one would change what an old script says."""
    return argparse.ArgumentParser(
        prog=prog,
        usage=f"{prog} {usage}",
        description=description,
        epilog=epilog,
        formatter_class=_Help,
        allow_abbrev=False,
    )


def add_seed(
    parser: argparse.ArgumentParser, help_text: str = "make every answer, ids and times too, the same in every run"
) -> None:
    """`--seed N`."""
    parser.add_argument("--seed", type=int, metavar="N", help=help_text)


def add_strict(parser: argparse.ArgumentParser) -> None:
    """`--strict`."""
    parser.add_argument(
        "--strict", action="store_true", help="answer what no given file matches with a 404 that says why"
    )


def add_exact(parser: argparse.ArgumentParser) -> None:
    """`--exact`."""
    parser.add_argument("--exact", action="store_true", help="refuse everything the real API refuses")


def add_time_scale(parser: argparse.ArgumentParser) -> None:
    """`--time-scale FACTOR`."""
    parser.add_argument(
        "--time-scale",
        type=factor,
        default=1.0,
        metavar="FACTOR",
        help="let the server's clock run faster: with 0.1 delays, limits and windows take a tenth of the time, with 0 "
        "none (default: 1)",
    )


def variable(action: argparse.Action) -> str | None:
    """The environment variable that sets an option; None for what is no option."""
    if not action.option_strings or action.dest in ("help", "version"):
        return None
    return "MOCKSERVER_" + action.dest.upper()


def from_environment(parser: argparse.ArgumentParser, environ: Mapping[str, str]) -> dict[str, Any]:
    """Defaults that `MOCKSERVER_*` variables set. Ends the command where one cannot be understood."""
    found: dict[str, Any] = {}
    for action in parser._actions:
        name = variable(action)
        if name is None or name not in environ:
            continue
        try:
            found[action.dest] = _value(action, environ[name])
        except (ValueError, argparse.ArgumentTypeError) as error:
            _refuse(parser, name, environ[name], str(error))
    return found


def _value(action: argparse.Action, text: str) -> Any:
    """What a variable's text means. Raises ValueError, or argparse's own error."""
    if isinstance(action, argparse._StoreTrueAction):
        if text.lower() not in (*_TRUE, *_FALSE):
            raise ValueError("expected 1 or 0")
        return text.lower() in _TRUE
    read = action.type if callable(action.type) else str
    if isinstance(action, argparse._AppendAction):
        return [read(part.strip()) for part in text.split(",") if part.strip()]
    if action.choices is not None and text not in action.choices:
        raise ValueError(f"expected one of {', '.join(action.choices)}")
    return read(text)


def _refuse(parser: argparse.ArgumentParser, name: str, value: str, reason: str) -> NoReturn:
    parser.error(f"environment variable {name}={value!r}: {reason}")


def port(text: str) -> int:
    """A port as text. Raises argparse's error."""
    try:
        number = int(text)
    except ValueError:
        number = -1
    if not 0 <= number <= 65_535:
        raise argparse.ArgumentTypeError(f"expected a port from 0 to 65535, got {text!r}")
    return number


def factor(text: str) -> float:
    """A number that is 0 or more, as text. Raises argparse's error."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a number of at least 0, got {text!r}")
    return number


def token(text: str) -> str:
    """A token, as text. Raises argparse's error."""
    if not text.isascii() or not text.isprintable() or not text or " " in text:
        raise argparse.ArgumentTypeError("expected characters of ASCII without spaces")
    return text


def count(text: str) -> int:
    """How many, as text. Raises argparse's error."""
    if not text.isdecimal() or len(text) > 15:
        raise argparse.ArgumentTypeError(f"expected a whole number from 0 on, got {text!r}")
    return int(text)


def ordinal(text: str) -> int:
    """Which of several, as text. Raises argparse's error."""
    if not text.isdecimal() or len(text) > 6 or not int(text):
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 on, got {text!r}")
    return int(text)


def workers(text: str) -> int:
    """How many processes, as text. Raises argparse's error."""
    if not text.isdecimal() or not 1 <= int(text[:9]) <= MOST_WORKERS:
        raise argparse.ArgumentTypeError(f"expected a number of processes from 1 to {MOST_WORKERS}, got {text!r}")
    return int(text)


def bytes_size(text: str) -> int:
    """A size such as 10MB as text. Raises argparse's error."""
    try:
        return size(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def header(text: str) -> tuple[bytes, bytes]:
    """`NAME: VALUE` as ASGI has headers. Raises argparse's error."""
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise argparse.ArgumentTypeError(f"expected NAME:VALUE, got {text!r}")
    return name.strip().lower().encode("latin-1", "replace"), value.strip().encode("latin-1", "replace")
