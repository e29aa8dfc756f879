"""What fixture files say, and the order in which they count."""

import json
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mockserver.language import source
from mockserver.language.load import load, shipped
from mockserver.language.source import Source
from mockserver.reply import Text
from mockserver.response import Response


def stubs_of(tmp_path: Path, text: str) -> list[Any]:
    """The stubs of one file, without the default's."""
    file = tmp_path / "stubs.yaml"
    file.write_text(dedent(text), encoding="utf-8")
    return list(load([file], strict=True).stubs.all)


def texts(tmp_path: Path, text: str) -> list[str]:
    """The canned texts of one file's stubs."""
    responses: list[Response] = [stub.response for stub in stubs_of(tmp_path, text)]
    return [response.canned.value for response in responses if isinstance(response.canned, Text)]


def test_files_are_read_in_the_order_given_and_folders_by_name(tmp_path: Path) -> None:
    """Sub-folders come where their names stand; hidden and other files are passed over; none is read twice."""
    for name in (
        "b.yaml",
        "a.yml",
        "c/z.yaml",
        "c/a.yaml",
        ".hidden.yaml",
        "d.txt",
        "last/x.yaml",
        ".git/y.yaml",
    ):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"stubs: [{{response: '{name}'}}]")
    fixtures = load([tmp_path / "last" / "x.yaml", tmp_path])
    names = [file.relative_to(tmp_path).as_posix() for file in fixtures.files]
    assert names == ["last/x.yaml", "a.yml", "b.yaml", "c/a.yaml", "c/z.yaml"]
    responses = [stub.response.canned.value for stub in fixtures.stubs.all[:5]]  # type: ignore[union-attr]
    assert responses == names


def test_stubs_are_named_by_file_and_position(tmp_path: Path) -> None:
    """Files of the same name in two folders are told apart by their paths."""
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "chat.yaml").write_text(f"stubs: [{{response: a}}, {{name: mine-{folder}, response: b}}]")
    names = [stub.name for stub in load([tmp_path], strict=True).stubs.all]
    assert names == ["chat#1", "mine-one", f"{tmp_path / 'two' / 'chat.yaml'}#1", "mine-two"]


def test_the_default_stands_behind_unless_strict(tmp_path: Path) -> None:
    """`strict` takes the default away when files are given, and only then."""
    file = tmp_path / "one.yaml"
    file.write_text("stubs: [{response: a}]")
    behind = [stub.name for stub in load([file]).stubs.all]
    assert behind[0] == "one#1"
    assert behind[1:] == [stub.name for stub in load().stubs.all] == [s.name for s in load(strict=True).stubs.all]
    assert [stub.name for stub in load([file], strict=True).stubs.all] == ["one#1"]


def test_the_default_given_by_name_is_not_read_twice() -> None:
    """`mockserver fixtures/default.yaml` serves what `mockserver` serves."""
    assert [s.name for s in load([shipped("default.yaml")]).stubs.all] == [s.name for s in load().stubs.all]


@pytest.mark.parametrize("written", ["no", "1.0", "2024-01-01", "on", "0x10", "1e3", "1_000", "12:30:00", "True"])
def test_text_is_taken_as_written(tmp_path: Path, written: str) -> None:
    """Where the language wants text, YAML's own ideas of types do not apply."""
    (stub,) = stubs_of(tmp_path, f"stubs: [{{match: {{user: {written}, model: {written}}}, response: {written}}}]")
    assert stub.response.canned.value == written
    assert written in str(stub.conditions[0]) + str(stub.conditions[1])


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("no", "no"),
        ("true", True),
        ("True", True),
        ("~", None),
        ("null", None),
        ("1", 1),
        ("-1.5", -1.5),
        ("1e3", 1000.0),
        ("1.5e-3", 0.0015),
        ("0x10", "0x10"),
        ("007", "007"),
        ("1_000", "1_000"),
        ("2024-01-01", "2024-01-01"),
        ("12:30", "12:30"),
        (".nan", ".nan"),
        ("'1'", "1"),
        ("!!str 1", "1"),
        ("[a, {b: [1, ~]}]", ["a", {"b": [1, None]}]),
    ],
)
def test_json_values_follow_json_not_yaml_1_1(tmp_path: Path, written: str, value: object) -> None:
    """In `body` and `arguments` only what JSON knows is not text."""
    (stub,) = stubs_of(tmp_path, f"stubs:\n  - response:\n      body:\n        key: {written}\n")
    assert stub.response.body.render({}) == {"key": value}
    assert type(stub.response.body.render({})["key"]) is type(value)


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")))
"""What YAML allows in a file: no control characters but escaped, no surrogates."""
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=20,
)


@given(JSON)
def test_json_written_as_json_is_read_as_json(value: object) -> None:
    """JSON is YAML: what is pasted from a log is what is served."""
    source = Source("x")
    node = source.compose(json.dumps({"v": value}, ensure_ascii=False).encode())
    assert node is not None, source.problems
    assert source.json(node) == {"v": value}


@pytest.mark.parametrize("loader", [yaml.SafeLoader, yaml.CSafeLoader])
def test_merge_keys_and_aliases_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loader: type) -> None:
    """What stands behind `<<` is overridden by what stands in the mapping itself."""
    monkeypatch.setattr(source, "_Loader", source.bounded(loader))
    text = """\
    stubs:
      - match: &base {model: a, user: x}
        response: &answer {text: one, model: m}
      - match: {<<: *base, user: y}
        response: {<<: [*answer], text: two}
    """
    first, second = stubs_of(tmp_path, text)
    assert (first.response.canned.value, second.response.canned.value) == ("one", "two")
    assert second.response.model == "m"
    assert "'y'" in str(second.conditions[1].difference.__self__.patterns[0])


def test_models_are_those_of_the_files_or_the_public_ones(tmp_path: Path) -> None:
    """Declared models are listed in their order; without any, well-known public ids are."""
    file = tmp_path / "models.yaml"
    file.write_text("models: [b, {id: a, owned_by: me, created: 5, warning: old}]")
    catalogue = load([file]).catalogue
    assert [(m.id, m.created, m.owned_by) for m in catalogue.listed()] == [
        ("b", 1_700_000_000, "mockserver"),
        ("a", 5, "me"),
    ]
    assert catalogue.warning("a") == "old"
    assert "gpt-4o" in [model.id for model in load().catalogue.listed()]


@pytest.mark.parametrize("name", sorted(p.name for p in shipped("default.yaml").parent.glob("*.yaml")))
def test_every_shipped_file_can_be_read(name: str) -> None:
    """What comes with the package has no mistakes."""
    assert load([shipped(name)]).stubs.all
