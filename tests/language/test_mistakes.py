"""Mistakes in fixture files: the full text of what a user is told, for every kind there is."""

import re
from pathlib import Path

import pytest
import yaml

from mockserver import FixtureError
from mockserver.language import source
from mockserver.language.load import load
from mockserver.language.schema import file_schema

BROKEN = Path(__file__).parent / "broken"
"""Files with mistakes, and beside each, under the same name with `.txt`, all that is told of it."""
NAMES = sorted(file.stem for file in BROKEN.glob("*.yaml"))


@pytest.fixture(params=["C", "pure"])
def _loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both of PyYAML's parsers: the fast one is not everywhere."""
    if request.param == "pure":
        monkeypatch.setattr(source, "_Loader", source.bounded(yaml.SafeLoader))


@pytest.mark.usefixtures("_loader")
@pytest.mark.parametrize("name", NAMES)
def test_a_mistake_is_told_where_it_is(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """File, line, column, what was expected and the nearest word; with either parser."""
    monkeypatch.chdir(BROKEN)
    with pytest.raises(FixtureError) as failed:
        load([f"{name}.yaml"])
    assert str(failed.value) + "\n" == Path(f"{name}.txt").read_text(encoding="utf-8")


def test_the_corpus_is_large_and_whole() -> None:
    """Every file has its text, every text its file, and none tells of a place outside of the file."""
    assert len(NAMES) >= 100
    assert sorted(file.stem for file in BROKEN.glob("*.txt")) == NAMES
    for name in NAMES:
        lines = (BROKEN / f"{name}.yaml").read_text(encoding="utf-8").split("\n")
        for told in (BROKEN / f"{name}.txt").read_text(encoding="utf-8").splitlines():
            file, line, column, _ = told.split(":", 3)
            assert file == f"{name}.yaml"
            assert int(column) <= len(lines[int(line) - 1]) + 1


@pytest.mark.parametrize("record", sorted(file_schema()["$defs"]))
def test_every_record_of_the_language_has_a_broken_file(record: str) -> None:
    """One with a key that it does not know, one that it lacks, or something else in its place."""
    what = record.replace("_", " ")
    told = re.compile(rf"\bin (an? )?{what}\b|: (an? )?{what}(: expected| needs)")
    assert any(told.search(file.read_text(encoding="utf-8")) for file in BROKEN.glob("*.txt"))


def test_the_mistakes_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    """A person mends everything in one go."""
    for name in ("a.yaml", "b.yml"):
        (tmp_path / name).write_text("stubs: [{respond: Hi}]")
    with pytest.raises(FixtureError) as failed:
        load([tmp_path, tmp_path / "c.yaml"])
    files = [Path(p.place.file).name for p in failed.value.problems]
    assert files == ["a.yaml", "a.yaml", "b.yml", "b.yml", "c.yaml"]


def test_a_file_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    """The place is that of the first byte that is wrong."""
    file = tmp_path / "latin.yaml"
    file.write_bytes("# ok\nstubs: [{response: caf\xe9}]".encode("latin-1"))
    with pytest.raises(FixtureError, match=r"latin\.yaml:2:23: not UTF-8"):
        load([file])


def test_a_folder_without_files_is_told(tmp_path: Path) -> None:
    """Serving nothing from a folder is a mistake, not a choice."""
    with pytest.raises(FixtureError, match=r"the folder has no \.yaml or \.yml file"):
        load([tmp_path])
