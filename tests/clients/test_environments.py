"""Environments are made once, made anew when their making was broken off, and fail with words that help."""

import re
import sys
from pathlib import Path

import pytest

from tests.clients import environments

PINNED = re.compile(r"[A-Za-z0-9_.-]+==[A-Za-z0-9.]+")


class Builder:
    """Stands in for venv and pip: notes the commands and makes the folder."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.commands: list[tuple[str, ...]] = []

    def __call__(self, name: str, *command: str) -> None:
        """Run nothing."""
        self.home.mkdir(parents=True, exist_ok=True)
        self.commands.append(command)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the environment `some` is to be, with nothing there yet."""
    requirements = tmp_path / "requirements"
    requirements.mkdir()
    (requirements / "some.txt").write_text("there-is-no-such-package==1.0\n")
    monkeypatch.setattr(environments, "REQUIREMENTS", requirements)
    monkeypatch.setattr(environments, "ROOT", tmp_path / "venvs")
    monkeypatch.delenv(environments.SKIP, raising=False)
    return environments.folder("some")


@pytest.fixture
def builder(home: Path, monkeypatch: pytest.MonkeyPatch) -> Builder:
    """A stand-in for what makes environments."""
    stand_in = Builder(home)
    monkeypatch.setattr(environments, "_run", stand_in)
    return stand_in


@pytest.mark.parametrize("name", environments.names())
def test_requirements_are_pinned(name: str) -> None:
    """Every line names one version, so that an environment is the same tomorrow."""
    lines = (environments.REQUIREMENTS / f"{name}.txt").read_text().splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert pins
    assert [line for line in pins if not PINNED.fullmatch(line)] == []


def test_an_environment_is_made_once(builder: Builder, home: Path) -> None:
    """The second time it is there."""
    interpreter = environments.python("some")
    made = len(builder.commands)
    assert home in interpreter.parents
    assert made > 0
    assert environments.python("some") == interpreter
    assert len(builder.commands) == made


def test_a_half_made_environment_is_made_anew(builder: Builder, home: Path) -> None:
    """What a killed builder left is no environment."""
    leftover = home / "leftover"
    home.mkdir(parents=True)
    leftover.touch()
    environments.python("some")
    assert builder.commands
    assert not leftover.exists()


def test_changed_requirements_get_a_new_environment(home: Path) -> None:
    """The folder's name says what is in it."""
    (environments.REQUIREMENTS / "some.txt").write_text("another==1.0\n")
    assert environments.folder("some") != home
    assert environments.folder("some").name.startswith("some-")


def test_a_failure_says_what_to_do(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file, what was said, and how to go without; the next try begins from nothing."""
    monkeypatch.setattr(sys, "executable", str(home / "no-python"))
    with pytest.raises(environments.NotInstalled) as failed:
        environments.python("some")
    message = str(failed.value)
    assert "some.txt" in message
    assert "MOCKSERVER_SKIP_CLIENTS=1" in message
    assert "no-python" in message
    assert not isinstance(failed.value, environments.NotWanted)
    assert not home.exists()


def test_nothing_is_installed_where_that_is_not_wanted(
    builder: Builder, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MOCKSERVER_SKIP_CLIENTS=1 uses what is there and makes nothing."""
    monkeypatch.setenv("MOCKSERVER_SKIP_CLIENTS", "1")
    with pytest.raises(environments.NotWanted):
        environments.python("some")
    assert builder.commands == []
    monkeypatch.delenv("MOCKSERVER_SKIP_CLIENTS")
    made = environments.python("some")
    monkeypatch.setenv("MOCKSERVER_SKIP_CLIENTS", "1")
    assert environments.python("some") == made
