"""`mockserver init`: a first fixture file that works."""

from pathlib import Path

import pytest

from mockserver import MockServer
from mockserver.cli import main
from tests.conftest import chat, content

TOOL = {"type": "function", "function": {"name": "book_table", "parameters": {"type": "object"}}}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test has a folder of its own."""
    monkeypatch.chdir(tmp_path)


def test_it_writes_a_file_that_answers(capsys: pytest.CaptureFixture[str]) -> None:
    """Every stub of it does what its comment says."""
    assert main(["init"], {}) == 0
    assert capsys.readouterr().out == "wrote stubs.yaml; serve it with: mockserver stubs.yaml\n"
    with MockServer("stubs.yaml", strict=True) as server:
        assert content(chat(server, "Oh, hello")) == "Hi there!"
        assert content(chat(server, "the Weather in Oslo")) == "It is sunny in Oslo."
        booked = chat(server, "please book a table", tools=[TOOL]).json()["choices"][0]["message"]["tool_calls"]
        assert [call["function"] for call in booked] == [{"name": "book_table", "arguments": '{"party":4}'}]
        assert chat(server, "else").status_code == 404


def test_it_overwrites_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is there is left as it is; the exit code is 2."""
    Path("mine.yaml").write_text("mine")
    assert main(["init", "mine.yaml"], {}) == 2
    assert Path("mine.yaml").read_text() == "mine"
    assert capsys.readouterr().err == (
        "mockserver: mine.yaml is there already, and is left as it is: name another file\n"
    )


def test_a_folder_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """It makes no folders; the exit code is 1."""
    assert main(["init", "none/stubs.yaml"], {}) == 1
    assert capsys.readouterr().err == "mockserver: none/stubs.yaml: cannot be written: No such file or directory\n"
