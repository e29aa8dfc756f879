"""The JSON Schema of fixture files: current, and of one mind with the reader."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mockserver.cli import main
from mockserver.language.load import shipped
from mockserver.language.schema import NAME, file_schema, schema_text
from mockserver.language.source import Invalid, Source
from tests.readme import blocks

ROOT = Path(__file__).parents[2]
SHIPPED = sorted(shipped("default.yaml").parent.rglob("*.yaml"))
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
EXAMPLES = [(page.name, block.code) for page in PAGES for block in blocks(page) if block.info == "yaml"]
VALIDATOR = Draft202012Validator(file_schema())


def value(text: str) -> Any:
    """A fixture file as an editor's validator sees it."""
    source = Source("stubs.yaml")
    node = source.compose(text.encode())
    assert node is not None, source.problems
    return source.json(node)


def faults(text: str) -> list[str]:
    """What the schema has against a fixture file: the path and the rule of each error."""
    return [f"{'/'.join(map(str, e.absolute_path))} {e.validator}" for e in VALIDATOR.iter_errors(value(text))]


def test_the_shipped_schema_is_that_of_the_language() -> None:
    """Where it is not: `python -m mockserver schema > fixtures/mockserver.schema.json`."""
    assert shipped(NAME).read_text(encoding="utf-8") == schema_text()


def test_the_command_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing but the schema is on standard output, and it is a schema."""
    assert main(["schema"], {}) == 0
    printed = capsys.readouterr().out
    assert printed == schema_text()
    Draft202012Validator.check_schema(json.loads(printed))


@pytest.mark.parametrize("file", SHIPPED, ids=[file.name for file in SHIPPED])
def test_shipped_files_show_editors_the_schema(file: Path) -> None:
    """The first line names it by a path that leads there, in a checkout and in an installed package alike."""
    first = file.read_text(encoding="utf-8").partition("\n")[0]
    named = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert named is not None, f"{file}: its first line does not name the schema"
    assert (file.parent / named[1]).resolve() == shipped(NAME).resolve()


@pytest.mark.parametrize("file", SHIPPED, ids=[file.name for file in SHIPPED])
def test_shipped_files_conform(file: Path) -> None:
    """An editor shows no error in them."""
    assert faults(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("text", [code for _, code in EXAMPLES], ids=[f"{p}-{n}" for n, (p, _) in enumerate(EXAMPLES)])
def test_the_examples_of_the_docs_conform(text: str) -> None:
    """What the reader reads, the schema takes."""
    assert faults(text) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("stub: []", " additionalProperties"),
        ("stubs: []", "stubs minItems"),
        ("stubs: [Hi]", "stubs/0 type"),
        ("stubs: [{name: a}]", "stubs/0 anyOf"),
        ("stubs: [{response: Hi, match: {stream: 1}}]", "stubs/0/match/stream type"),
        ("stubs: [{response: {txt: Hi}}]", "stubs/0/response anyOf"),
        ("stubs: [{response: Hi, retries: never}]", "stubs/0/retries enum"),
        ("unknown_models: maybe", "unknown_models enum"),
    ],
)
def test_an_editor_shows_what_is_wrong(text: str, fault: str) -> None:
    """Unknown keys, missing ones, wrong types and words, where they stand."""
    assert faults(text) == [fault]


BEYOND = frozenset((Path(__file__).parent / "beyond-a-schema.txt").read_text(encoding="utf-8").split())
"""Broken files whose mistakes no schema tells: rules across keys, names, regexes, templates, other files."""

BROKEN = [
    file
    for file in sorted((Path(__file__).parent / "broken").glob("*.yaml"))
    if "not valid YAML" not in file.with_suffix(".txt").read_text(encoding="utf-8")
]


@pytest.mark.parametrize("file", BROKEN, ids=[file.stem for file in BROKEN])
def test_broken_files_do_not_conform_where_a_schema_can_tell(file: Path) -> None:
    """What an editor does not show is listed in `beyond-a-schema.txt`, so that it is known."""
    source = Source(file.name)
    node = source.compose(file.read_bytes())
    if node is None:
        return  # no YAML that an editor would validate
    try:
        seen = source.json(node)
    except Invalid:
        return  # an editor does not read it either
    assert bool(list(VALIDATOR.iter_errors(seen))) != (file.stem in BEYOND)


def test_texts_need_no_quotes() -> None:
    """What the reader takes as written, though an editor sees a number or a truth value, is no error."""
    assert faults("stubs: [{match: {user: 1.0, model: 4}, response: true}]\nx-anchors: {a: 1}") == []


def test_keys_are_described() -> None:
    """What an editor shows at a key is what the docs say of it."""
    properties = file_schema()["$defs"]["stub"]["properties"]
    assert properties["match"]["description"] == "Which calls it answers; every call when left out."
    assert properties["at_end"]["default"] == "stay"
