"""The commands' options: each can be set from the environment, and the docs show what `--help` says."""

import argparse
from pathlib import Path

import pytest

from mockserver.cli import COMMANDS, main
from mockserver.cli.options import from_environment, header, variable
from mockserver.reference import help_of, refreshed

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"


@pytest.mark.parametrize("command", COMMANDS, ids=[command.name for command in COMMANDS])
def test_every_option_has_a_variable(command: object) -> None:
    """`MOCKSERVER_` and the long option's name in capitals; it sets what the option sets."""
    parser: argparse.ArgumentParser = command.module.parser()  # type: ignore[attr-defined]
    samples = {"port": "1", "seed": "1", "max_body": "1", "header": "a:b"}
    for action in parser._actions:
        name = variable(action)
        if name is None:
            assert action.dest in ("help", "version") or not action.option_strings
            continue
        long = [option for option in action.option_strings if option.startswith("--")]
        assert name == "MOCKSERVER_" + long[0].removeprefix("--").replace("-", "_").upper()
        text = samples.get(action.dest) or (str(next(iter(action.choices))) if action.choices else "1")
        value = from_environment(parser, {name: text})[action.dest]
        switch = action.nargs == 0
        given = parser.parse_args(["x", long[0]] if switch else ["x", long[0], text])
        assert value == getattr(given, action.dest)


def test_the_command_line_wins(capsys: pytest.CaptureFixture[str]) -> None:
    """Over the environment; a variable that makes no sense is told even where the option is given."""
    with pytest.raises(SystemExit) as stopped:
        main(["explain", "x.json"], {"MOCKSERVER_ENDPOINT": "images"})
    assert stopped.value.code == 2
    assert capsys.readouterr().err == (
        "usage: mockserver explain REQUEST.json [PATH ...] [options]\n"
        "mockserver explain: error: environment variable MOCKSERVER_ENDPOINT='images': "
        "expected one of chat, completions, embeddings\n"
    )


def test_headers_are_names_and_values() -> None:
    """As ASGI has them; what has no colon is refused."""
    assert header("X-A: b:c ") == (b"x-a", b"b:c")
    for wrong in ("x", ":b"):
        with pytest.raises(argparse.ArgumentTypeError, match=f"expected NAME:VALUE, got '{wrong}'"):
            header(wrong)


def test_the_page_has_the_help_of_every_command() -> None:
    """`python -m mockserver.reference docs/commands.md` would change nothing."""
    page = PAGE.read_text(encoding="utf-8")
    assert page == refreshed(page)
    for command in COMMANDS:
        assert f"<!-- help: {command.name} -->\n\n{help_of(command.name)}\n<!-- /help -->\n" in page


def test_the_help_of_the_server_names_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    """One finds the others from `mockserver --help`."""
    with pytest.raises(SystemExit) as stopped:
        main(["--help"], {})
    assert stopped.value.code == 0
    out = capsys.readouterr().out
    for command in COMMANDS:
        assert f"  mockserver {command.name:<9} {command.does}\n" in out
