"""Files that include others, and what a file says for all its stubs."""

from pathlib import Path

import pytest

from mockserver import FixtureError
from mockserver.language.load import load, shipped


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test has a folder of its own."""
    monkeypatch.chdir(tmp_path)


def write(name: str, include: str = "", extra: str = "") -> None:
    """A file with one stub, which bears the file's name."""
    file = Path(name)
    file.parent.mkdir(parents=True, exist_ok=True)
    included = f"include: {include}\n" if include else ""
    file.write_text(f"{included}{extra}stubs: [{{name: {name}, response: {name}}}]\n")


def names(*paths: str) -> list[str]:
    """The stubs of files, in the order in which they are tried."""
    return [stub.name for stub in load(paths, strict=True).stubs.all]


def mistakes(*paths: str) -> list[str]:
    """What is wrong with files."""
    with pytest.raises(FixtureError) as failed:
        load(paths)
    return [str(problem) for problem in failed.value.problems]


def test_included_files_come_behind_the_one_that_includes_them() -> None:
    """Its own stubs first, then theirs in the order of the list, each with what it includes; then the next file."""
    write("a.yaml", "[sub/b.yaml, d.yaml]")
    write("sub/b.yaml", "c.yaml")
    write("sub/c.yaml")
    write("d.yaml")
    write("e.yaml")
    assert names("a.yaml", "e.yaml") == ["a.yaml", "sub/b.yaml", "sub/c.yaml", "d.yaml", "e.yaml"]
    assert [str(file) for file in load(["a.yaml"]).files] == ["a.yaml", "sub/b.yaml", "sub/c.yaml", "d.yaml"]


def test_each_file_is_read_once() -> None:
    """Where it first stands, whichever way leads to it."""
    write("a.yaml", "[b.yaml, sub]")
    write("b.yaml", "sub/../sub/c.yaml")
    write("sub/c.yaml")
    assert names("a.yaml", "b.yaml", "sub") == ["a.yaml", "b.yaml", "sub/c.yaml"]


def test_any_path_will_do(tmp_path: Path) -> None:
    """Absolute ones, and those that lead out of the folder."""
    write("in/a.yaml", f"[../b.yaml, {tmp_path}/c.yaml]")
    write("b.yaml")
    write("c.yaml")
    assert names("in") == ["in/a.yaml", "b.yaml", "c.yaml"]


def test_a_path_that_leads_nowhere_is_told_where_it_is_named() -> None:
    """A file that is not there, and a folder with nothing in it."""
    write("a.yaml", "[b.yaml, empty]")
    Path("empty").mkdir()
    assert mistakes("a.yaml") == [
        "a.yaml:1:11: no such file or folder: b.yaml",
        "a.yaml:1:19: the folder has no .yaml or .yml file: empty",
    ]


def test_a_path_that_names_a_shipped_file_is_told_where_that_is() -> None:
    """As the docs write it, in a folder that is not there, and in an include; other paths are not."""
    storm = shipped("failures/rate-limit-storm.yaml")
    assert storm.is_absolute()
    assert storm.is_file()
    for path in ("fixtures/failures/rate-limit-storm.yaml", "failures/rate-limit-storm.yaml"):
        assert mistakes(path) == [f"{path}: no such file or folder; mockserver ships one: {storm}"]
    far = f"{Path.cwd()}/fixtures/failures"
    assert mistakes(far) == [f"{far}: no such file or folder; mockserver ships one: {storm.parent}"]
    write("a.yaml", "failures/rate-limit-storm.yaml")
    assert mistakes("a.yaml") == [
        f"a.yaml:1:10: no such file or folder: failures/rate-limit-storm.yaml; mockserver ships one: {storm}"
    ]
    for path in ("rate-limit-storm.yaml", "fixtures", "fixtures/none.yaml", "../failures", "/failures"):
        assert all("ships" not in mistake for mistake in mistakes(path))


def test_files_that_include_each_other_are_told() -> None:
    """With the whole circle; a file that includes itself is the smallest."""
    write("a.yaml", "b.yaml")
    write("b.yaml", "c.yaml")
    write("c.yaml", "[b.yaml, c.yaml]")
    assert mistakes("a.yaml") == [
        "c.yaml:1:11: files include each other: b.yaml > c.yaml > b.yaml",
        "c.yaml:1:19: files include each other: c.yaml > c.yaml",
    ]


def test_mistakes_of_included_files_are_told_with_the_others() -> None:
    """At their own places, and the paths that were named are known."""
    write("a.yaml", "b.yaml", "models: [{idd: x}]\n")
    write("b.yaml", "c.yaml", "banana: 1\n")
    assert mistakes("a.yaml") == [
        "a.yaml:2:11: unknown key 'idd' in a model; did you mean 'id'?",
        "a.yaml:2:10: a model needs the key 'id': The model's id.",
        "b.yaml:2:1: unknown key 'banana' in a fixture file; "
        "known are models, unknown_models, include, defaults, failures, limits, stubs",
        "b.yaml:1:10: no such file or folder: c.yaml",
    ]
    write("c.yaml")
    write("a.yaml", "b.yaml")
    with pytest.raises(FixtureError) as failed:
        load(["a.yaml"])
    assert [str(problem.place) for problem in failed.value.problems] == ["b.yaml:2:1"]
    assert [str(file) for file in failed.value.paths] == ["a.yaml", "b.yaml", "c.yaml"]


def test_models_of_included_files_count() -> None:
    """As those of any file that is served."""
    write("a.yaml", "b.yaml", "models: [one]\n")
    write("b.yaml", extra="models: [two]\nunknown_models: refuse\n")
    catalogue = load(["a.yaml"]).catalogue
    assert [model.id for model in catalogue.listed()] == ["one", "two"]
    assert catalogue.refusal("three") is not None


def test_defaults_hold_for_the_stubs_of_their_file() -> None:
    """A response's own words win; a header comes beside the defaults' others; included files have their own."""
    Path("a.yaml").write_text("""
include: b.yaml
defaults: {model: gpt-4o, headers: {X-A: '1', x-b: '2'}}
stubs:
  - response: Hi
  - response: {text: Hi, model: mine, headers: {x-a: '3'}}
  - response: {body: raw}
  - sequence: [{response: one}, {response: {text: two, model: other}}]
""")
    write("b.yaml")
    plain, own, body, sequence, included = load(["a.yaml"], strict=True).stubs.all
    assert (plain.response.model, dict(plain.response.headers)) == ("gpt-4o", {"x-a": "1", "x-b": "2"})
    assert (own.response.model, dict(own.response.headers)) == ("mine", {"x-b": "2", "x-a": "3"})
    assert (body.response.model, dict(body.response.headers)) == (None, {"x-a": "1", "x-b": "2"})
    assert [step.response.model for step in sequence.steps] == ["gpt-4o", "other"]
    assert (included.response.model, included.response.headers) == (None, ())
