"""`mockserver check`: every mistake in fixture files, and every stub that can never match."""

from pathlib import Path

import pytest

from mockserver.cli import main
from mockserver.language.load import shipped


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test has a folder of its own."""
    monkeypatch.chdir(tmp_path)


def test_files_without_mistakes_are_fine(capsys: pytest.CaptureFixture[str]) -> None:
    """It says how much was looked at; the exit code is 0."""
    Path("a.yaml").write_text("stubs: [{match: {user: x}, response: a}, {response: b}]")
    assert main(["check", "a.yaml"], {}) == 0
    assert capsys.readouterr() == ("2 stubs in 1 file: no mistakes\n", "")


def test_all_mistakes_are_told_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    """Those of all files; the exit code is 2."""
    Path("a.yaml").write_text("stubs: [{mtach: {}, response: a, name: [x]}]")
    assert main(["check", "a.yaml", "b.yaml"], {}) == 2
    out, err = capsys.readouterr()
    assert err == ""
    assert out == (
        "a.yaml:1:10: unknown key 'mtach' in a stub; did you mean 'match'?\n"
        "a.yaml:1:40: expected a name, got a list\n"
        "b.yaml: no such file or folder\n"
        "3 mistakes\n"
    )


def test_stubs_that_can_never_match_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    """With the one that is tried before them; the exit code is 1. A state that no stub leads to is a warning."""
    Path("a.yaml").write_text(
        "stubs:\n"
        "  - {name: one, match: {user: hello}, response: a}\n"
        "  - {name: two, match: {user: hello there}, response: b}\n"
        "  - {name: three, scenario: s, required_state: open, response: c}\n"
        "  - {name: four, scenario: s, required_state: shut, response: c, new_state: shut}\n"
    )
    assert main(["check", "a.yaml"], {}) == 1
    assert capsys.readouterr().out == (
        "a.yaml:3:5: 'two' can never match: 'one' (a.yaml:2:5) is tried before it and matches every call that it does\n"
        "a.yaml:4:5: warning: no stub brings the scenario 's' into the state 'open'\n"
        "4 stubs in 1 file: 1 stub can never match, 1 warning\n"
    )


def test_warnings_are_no_mistakes(capsys: pytest.CaptureFixture[str]) -> None:
    """What the admin API may do is not wrong; the exit code is 0."""
    Path("a.yaml").write_text("stubs: [{scenario: s, required_state: open, response: a}]")
    assert main(["check", "a.yaml"], {}) == 0
    assert capsys.readouterr().out == (
        "a.yaml:1:9: warning: no stub brings the scenario 's' into the state 'open'\n"
        "1 stub in 1 file: no mistakes, 1 warning\n"
    )


@pytest.mark.parametrize("file", sorted(shipped("default.yaml").parent.rglob("*.yaml")), ids=lambda file: file.name)
def test_shipped_files_have_nothing_to_tell(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every stub of every one can match."""
    assert main(["check", str(file)], {}) == 0
    assert "warning" not in capsys.readouterr().out


def test_nothing_to_check_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    """The shipped default needs no checking."""
    with pytest.raises(SystemExit) as stopped:
        main(["check"], {})
    assert stopped.value.code == 2
    assert "mockserver check: error: the following arguments are required: PATH\n" in capsys.readouterr().err
