"""The page on other runners says what is so: its examples are run, as they stand there."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.readme import blocks, commands

PAGE = Path(__file__).parents[2] / "docs" / "other-runners.md"
BLOCKS = blocks(PAGE)
COMMANDS = [command for block in BLOCKS if block.info == "console" for command in commands(block.code)]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the page's files, each by the name that its first line says, which is worked in."""
    for block in BLOCKS:
        named = re.match(r"(?:#|//) ([\w.-]+)\n", block.code)
        if named is not None:
            (tmp_path / named[1]).write_text(block.code, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(command: str) -> "subprocess.CompletedProcess[str]":
    """Run a command of the page, with this Python as its Python, whose package it is."""
    words = command.split()
    python = [sys.executable, *(["-m", "mockserver"] if words[0] == "mockserver" else [])]
    return subprocess.run([*python, *words[1:]], capture_output=True, text=True, check=False)


def command(start: str, part: str) -> str:
    """The command of the page that begins and goes on like this."""
    (found,) = [one for one in COMMANDS if one.startswith(start) and part in one]
    return found


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not on this machine")
def test_nodes_own_runner(folder: Path) -> None:
    """Both tests pass, and the calls are told: those since the last reset."""
    done = run(command("mockserver run", "node --test"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^\S pass 2$", done.stdout, re.MULTILINE)
    assert done.stderr.startswith("mockserver: 1 call\n")


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not on this machine")
def test_nodes_own_runner_tells_what_is_wrong(folder: Path) -> None:
    """A failed verification has the server's words."""
    file = folder / "greet.test.mjs"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("times: 1", "times: 2"), encoding="utf-8")
    done = run(command("mockserver run", "node --test"))
    assert done.returncode == 1
    assert re.search("expected 2 calls with model: .*, user: a text containing .*hello.*, got 1", done.stdout)


def test_unittest(folder: Path) -> None:
    """Both tests pass."""
    done = run(command("python -m unittest", "test_greet.py"))
    assert done.returncode == 0, done.stderr
    assert "Ran 2 tests" in done.stderr


def test_unittest_tells_of_calls_that_nothing_matches(folder: Path) -> None:
    """Though the code under test says nothing of it."""
    file = folder / "test_greet.py"
    text = file.read_text(encoding="utf-8")
    call = 'self.assertEqual(greet("hello"), "Hi there!")'
    assert call in text
    file.write_text(text.replace(call, f'{call}\n        self.assertRaises(Exception, greet, "bye")'), encoding="utf-8")
    done = run(command("python -m unittest", "test_greet.py"))
    assert done.returncode == 1
    assert "mockserver.errors.UnmatchedCallError: 1 call was not answered by a stub as it says:" in done.stderr


def test_in_process(folder: Path) -> None:
    """The transport and the admin API over it."""
    done = run("python in_process.py")
    assert (done.returncode, done.stdout) == (0, "Hi there!\n1\n"), done.stderr
