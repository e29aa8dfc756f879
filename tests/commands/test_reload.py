"""Edits of fixture files are served as they are made, and broken ones are not."""

import logging
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Queue
from typing import Any

import httpx
import pytest

from mockserver import FixtureError, MockServer
from mockserver.cli import main
from mockserver.errors import StartError, UsageError
from mockserver.language.load import Fixtures, load
from mockserver.reload import Reloader, fingerprint, places
from tests.commands.conftest import Start
from tests.conftest import chat, content

PATIENCE = 30
"""Seconds after which an edit that was not noticed is taken to be missed."""

Said = Queue[Fixtures | FixtureError]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test has a folder of its own."""
    monkeypatch.chdir(tmp_path)


def write(name: str, text: str) -> None:
    """Replace a file at once, as careful editors do."""
    new = Path(name + ".new")
    new.write_text(text)
    os.replace(new, name)


def names(said: Said) -> list[str]:
    """The stubs of the next edit that was noticed."""
    fixtures = said.get(timeout=PATIENCE)
    assert isinstance(fixtures, tuple), fixtures
    return [stub.name for stub in fixtures.stubs.all]


@pytest.fixture
def watch() -> Iterator[Callable[..., Said]]:
    """Watches paths; gives what is said of each edit."""
    running: list[Reloader] = []

    def begin(*paths: str) -> Said:
        said: Said = Queue()
        reloader = Reloader(paths, load(paths, strict=True), said.put, said.put, strict=True)
        reloader.start()
        running.append(reloader)
        return said

    yield begin
    for reloader in running:
        reloader.stop()


def test_an_edited_file_is_read_anew(watch: Callable[..., Said]) -> None:
    """Written in place, or put in the place of the old one, again and again."""
    write("a.yaml", "stubs: [{name: one, response: Hi}]")
    said = watch("a.yaml")
    write("a.yaml", "stubs: [{name: two, response: Hi}]")
    assert names(said) == ["two"]
    Path("a.yaml").write_text("stubs: [{name: three, response: Hi}]")
    assert names(said) == ["three"]
    write("a.yaml", "stubs: [{name: four, response: Hi}]")
    assert names(said) == ["four"]


def test_files_come_to_folders_and_go(watch: Callable[..., Said]) -> None:
    """New files, new sub-folders, and files that are taken away."""
    Path("stubs").mkdir()
    write("stubs/a.yaml", "stubs: [{name: a, response: Hi}]")
    said = watch("stubs")
    write("stubs/b.yaml", "stubs: [{name: b, response: Hi}]")
    assert names(said) == ["a", "b"]
    Path("new").mkdir()
    write("new/c.yaml", "stubs: [{name: c, response: Hi}]")
    os.rename("new", "stubs/new")
    assert names(said) == ["a", "b", "c"]
    write("stubs/new/c.yaml", "stubs: [{name: d, response: Hi}]")
    assert names(said) == ["a", "b", "d"]
    os.remove("stubs/a.yaml")
    assert names(said) == ["b", "d"]


def test_included_files_are_watched_too(watch: Callable[..., Said]) -> None:
    """Also those that an edit has just included."""
    for folder in ("one", "two"):
        Path(folder).mkdir()
        write(f"{folder}/more.yaml", f"stubs: [{{name: {folder}, response: Hi}}]")
    write("a.yaml", "include: one/more.yaml")
    said = watch("a.yaml")
    write("one/more.yaml", "stubs: [{name: new, response: Hi}]")
    assert names(said) == ["new"]
    write("a.yaml", "include: [one/more.yaml, two]")
    assert names(said) == ["new", "two"]
    write("two/more.yaml", "stubs: [{name: newer, response: Hi}]")
    assert names(said) == ["new", "newer"]


def test_files_that_responses_name_are_watched_too(watch: Callable[..., Said]) -> None:
    """A text that lies in a file of its own is part of the stub."""
    write("long.txt", "one")
    write("a.yaml", "stubs: [{name: a, response: {text_file: long.txt}}]")
    said = watch("a.yaml")
    write("long.txt", "two")
    fixtures = said.get(timeout=PATIENCE)
    assert isinstance(fixtures, tuple)
    canned = fixtures.stubs.all[0].response.canned
    assert canned is not None
    assert canned.value == "two"


def test_a_broken_edit_is_told_and_a_mended_one_served(watch: Callable[..., Said]) -> None:
    """Also where the mistake is that a file is gone, or stands in an included file."""
    write("a.yaml", "include: b.yaml")
    write("b.yaml", "stubs: [{name: one, response: Hi}]")
    said = watch("a.yaml")
    write("b.yaml", "stubs: [{respond: Hi}]")
    assert isinstance(said.get(timeout=PATIENCE), FixtureError)
    write("b.yaml", "stubs: [{name: two, response: Hi}]")
    assert names(said) == ["two"]
    os.remove("b.yaml")
    assert str(said.get(timeout=PATIENCE)) == "a.yaml:1:10: no such file or folder: b.yaml"
    write("b.yaml", "stubs: [{name: three, response: Hi}]")
    assert names(said) == ["three"]


def test_a_folder_that_goes_and_comes_back_is_watched_again(watch: Callable[..., Said]) -> None:
    """As when another branch is checked out."""
    Path("stubs").mkdir()
    write("stubs/a.yaml", "stubs: [{name: a, response: Hi}]")
    said = watch("stubs")
    os.rename("stubs", "away")
    assert str(said.get(timeout=PATIENCE)) == "stubs: no such file or folder"
    os.rename("away", "stubs")
    assert names(said) == ["a"]
    write("stubs/a.yaml", "stubs: [{name: b, response: Hi}]")
    assert names(said) == ["b"]


def test_a_folder_that_goes_while_it_is_read_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is there when its name is looked up, and gone when it is listed: as if it had been gone before."""
    read = os.scandir

    def late(path: str) -> Any:
        os.rename(path, "away")
        return read(path)

    def served() -> Fixtures | str:
        try:
            return load(["stubs"], strict=True)
        except FixtureError as error:
            return str(error)

    Path("stubs").mkdir()
    write("stubs/a.yaml", "stubs: [{name: a, response: Hi}]")
    for look, found in (
        (lambda: places([Path("stubs")]), set()),
        (lambda: fingerprint([Path("stubs")]), {}),
        (served, "stubs: no such file or folder"),
    ):
        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(os, "scandir", late)
            assert look() == found
        os.rename("away", "stubs")


def test_an_edit_that_names_other_files_is_told_once() -> None:
    """Those it names anew were seen as they were read; what a broken one names too."""
    for name in ("one", "two"):
        write(f"{name}.yaml", f"stubs: [{{name: {name}, response: Hi}}]")
    write("a.yaml", "include: one.yaml")
    said: list[object] = []
    reloader = Reloader(["a.yaml"], load(["a.yaml"], strict=True), said.append, said.append, strict=True)
    for number, text in enumerate(("include: two.yaml", "include: [two.yaml, none.yaml]", "include: one.yaml"), 1):
        write("a.yaml", text)
        for _ in range(3):
            reloader.look()
        assert len(said) == number
        assert isinstance(said[-1], FixtureError) == ("none" in text)


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator["Queue[str]"]:
    """What is said to the logger `mockserver`, with its level."""
    lines: Queue[str] = Queue()

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.put(f"{record.levelname}: {record.getMessage()}")

    handler = Handler()
    logger = logging.getLogger("mockserver")
    logger.addHandler(handler)
    with caplog.at_level(logging.INFO, "mockserver"):
        yield lines
    logger.removeHandler(handler)


def test_a_server_answers_from_the_last_good_edit(logged: "Queue[str]") -> None:
    """A broken one is in the log and in the health, and changes no answer."""
    write("a.yaml", "stubs: [{response: one}]")
    with MockServer("a.yaml", reload=True) as server:
        health = f"{server.url}/__admin/health"
        assert content(chat(server)) == "one"
        write("a.yaml", "stubs: [{response: two}]")
        assert logged.get(timeout=PATIENCE) == "INFO: reloaded: 1 stub in 1 file"
        assert content(chat(server)) == "two"
        write("a.yaml", "stubs: [{respond: two, response: three}]")
        assert logged.get(timeout=PATIENCE) == (
            "ERROR: a.yaml:1:10: unknown key 'respond' in a stub; did you mean 'response'?\n"
            "mockserver: 1 mistake found, the stubs from before this edit are still served"
        )
        assert content(chat(server)) == "two"
        told = httpx.get(health).json()
        assert told["status"] == "stale"
        assert told["mistakes"] == ["a.yaml:1:10: unknown key 'respond' in a stub; did you mean 'response'?"]
        write("a.yaml", "models: [x]\nunknown_models: refuse\nstubs: [{response: four}]")
        logged.get(timeout=PATIENCE)
        assert httpx.get(health).json()["status"] == "ok"
        assert chat(server).status_code == 404  # the models are those of the edit too
        assert content(chat(server, model="x")) == "four"


def test_what_happened_is_remembered_over_an_edit(logged: "Queue[str]") -> None:
    """A sequence goes on where it was, by the stub's name."""
    write("a.yaml", "stubs: [{name: s, sequence: [{response: one}, {response: two}]}]")
    with MockServer("a.yaml", reload=True) as server:
        assert content(chat(server)) == "one"
        write("a.yaml", "stubs: [{name: s, sequence: [{response: 1}, {response: 2}, {response: 3}]}]")
        logged.get(timeout=PATIENCE)
        assert [content(chat(server)) for _ in range(3)] == ["2", "3", "3"]


def test_the_command_reloads(start: Start) -> None:
    """Standard error says so; standard output is the ready line alone."""
    write("a.yaml", "stubs: [{response: one}]")
    running = start("--reload", "--strict", "a.yaml")
    assert running.process.stderr is not None
    assert running.process.stderr.readline().startswith("OPENAI_BASE_URL=")
    write("a.yaml", "stubs: [{respond: two, response: three}]")
    assert running.process.stderr.readline() == (
        "a.yaml:1:10: unknown key 'respond' in a stub; did you mean 'response'?\n"
    )
    assert running.process.stderr.readline() == (
        "mockserver: 1 mistake found, the stubs from before this edit are still served\n"
    )
    write("a.yaml", "stubs: [{response: two}]")
    assert running.process.stderr.readline() == "reloaded: 1 stub in 1 file\n"
    running.process.terminate()
    assert running.process.communicate(timeout=PATIENCE)[0] == ""
    assert running.process.returncode == 0


def test_nothing_to_watch_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    """The shipped default is not edited."""
    assert main(["--reload", "--port", "0"], {}) == 2
    assert capsys.readouterr().err == "mockserver: reload has nothing to watch: name a file or folder to serve\n"
    with pytest.raises(UsageError, match="nothing to watch"):
        MockServer(reload=True).start()


def test_the_extra_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it the message says how to get it."""
    write("a.yaml", "stubs: [{response: one}]")
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    with pytest.raises(StartError, match=r"^reload needs the extra: pip install 'mockserver\[reload\]'$"):
        MockServer("a.yaml", reload=True).start()
