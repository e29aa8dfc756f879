"""`mockserver check`: every mistake in fixture files."""

from pathlib import Path

import pytest

from mockserver.cli import main


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
        "b.yaml:1:1: no such file or folder\n"
        "3 mistakes\n"
    )


def test_nothing_to_check_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    """The shipped default needs no checking."""
    with pytest.raises(SystemExit) as stopped:
        main(["check"], {})
    assert stopped.value.code == 2
    assert "mockserver check: error: the following arguments are required: PATH\n" in capsys.readouterr().err
