"""Mistakes in fixture files: the full text of what a user is told, for every kind there is."""

from pathlib import Path
from textwrap import dedent

import pytest
import yaml

from mockserver import FixtureError
from mockserver.language import source
from mockserver.language.load import load

STUB_KEYS = "name, match, response"
CORPUS: list[tuple[str, str, list[str]]] = [
    ("an empty file", "", ["1:1: the file is empty: expected a mapping with the key 'stubs' or 'models'"]),
    (
        "only comments",
        "# later\n",
        ["1:1: the file is empty: expected a mapping with the key 'stubs' or 'models'"],
    ),
    (
        "a list at the top",
        "- response: Hi\n",
        ["1:1: expected a mapping with the key 'stubs', got a list: write 'stubs:' above it"],
    ),
    ("text at the top", "hello\n", ["1:1: a fixture file: expected a mapping, got 'hello'"]),
    (
        "a misspelt key at the top",
        "stub:\n  - response: Hi\n",
        ["1:1: unknown key 'stub' in a fixture file; did you mean 'stubs'?"],
    ),
    (
        "a key that is like no other",
        "banana: 1\n",
        ["1:1: unknown key 'banana' in a fixture file; known are models, unknown_models, include, defaults, stubs"],
    ),
    (
        "stubs that are no list",
        "stubs: {response: Hi}\n",
        ["1:8: expected a list, each item a mapping, got a mapping"],
    ),
    ("an empty list", "stubs: []\n", ["1:8: expected a list, each item a mapping, got an empty list"]),
    ("a stub that is text", "stubs: [Hi]\n", ["1:9: a stub: expected a mapping, got 'Hi'"]),
    (
        "a stub without a response",
        "stubs:\n  - name: x\n",
        ["2:5: a stub needs one of response, error, sequence, choose"],
    ),
    (
        "a misspelt key in a stub",
        "stubs:\n  - mtach: {user: x}\n    response: Hi\n",
        ["2:5: unknown key 'mtach' in a stub; did you mean 'match'?"],
    ),
    (
        "a misspelt key in match",
        "stubs:\n  - match: {usr: x}\n    response: Hi\n",
        ["2:13: unknown key 'usr' in match; did you mean 'user'?"],
    ),
    (
        "a misspelt key in a response",
        "stubs:\n  - response:\n      txt: Hi\n",
        ["3:7: unknown key 'txt' in response; did you mean 'text'?"],
    ),
    (
        "a key that stands twice",
        "stubs:\n  - response: Hi\n    response: Ho\n",
        ["3:5: the key 'response' stands twice in a stub (first on line 2)"],
    ),
    (
        "an unknown endpoint",
        "stubs:\n  - match: {endpoint: chats}\n    response: Hi\n",
        ["2:23: expected one of chat, completions, embeddings, got 'chats'; did you mean 'chat'?"],
    ),
    (
        "a list with one wrong item",
        "stubs:\n  - match: {endpoint: [chat, images]}\n    response: Hi\n",
        ["2:30: expected one of chat, completions, embeddings, got 'images'"],
    ),
    (
        "a truth value in words",
        "stubs:\n  - match: {stream: yes}\n    response: Hi\n",
        ["2:21: expected true or false, got 'yes'"],
    ),
    (
        "a regex that is none",
        "stubs:\n  - match: {user: '/(/'}\n    response: Hi\n",
        ["2:19: not a valid regex: missing ), unterminated subpattern at position 0"],
    ),
    (
        "an unknown regex flag",
        "stubs:\n  - match: {user: /x/q}\n    response: Hi\n",
        ["2:19: unknown regex flag 'q': known are i, m, s, x"],
    ),
    (
        "two long forms of a pattern",
        "stubs:\n  - match: {user: {exact: a, contains: b}}\n    response: Hi\n",
        ["2:19: a text pattern takes exactly one of contains, exact, regex"],
    ),
    (
        "flags without a regex",
        "stubs:\n  - match: {user: {exact: a, flags: i}}\n    response: Hi\n",
        ["2:19: 'flags' goes with 'regex'"],
    ),
    (
        "a pattern that is a list of lists",
        "stubs:\n  - match: {user: [[a]]}\n    response: Hi\n",
        ["2:20: expected text or /regex/flags, got a list"],
    ),
    (
        "a key without a value",
        "stubs:\n  - match:\n      user:\n    response: Hi\n",
        ["3:12: a text pattern: expected text or /regex/flags, or a mapping, got nothing"],
    ),
    (
        "an empty response",
        "stubs:\n  - response:\n",
        ["2:14: response: expected the answer's text, or a mapping, got nothing"],
    ),
    (
        "a response that says nothing",
        "stubs:\n  - response: {model: x}\n",
        ["2:15: a response needs one of text, tool_calls, refusal, generate, embedding, body"],
    ),
    (
        "two answers in one response",
        "stubs:\n  - response: {text: Hi, body: {a: 1}}\n",
        ["2:32: 'text' and 'body' cannot stand in one response"],
    ),
    (
        "an override beside a body",
        "stubs:\n  - response: {body: {a: 1}, id: x}\n",
        ["2:34: 'body' is sent as it is: put 'id' into it"],
    ),
    (
        "an unknown generator",
        "stubs:\n  - response: {generate: txt}\n",
        ["2:26: expected one of text, json, tool_calls, embedding, got 'txt'; did you mean 'text'?"],
    ),
    (
        "an unknown finish reason",
        "stubs:\n  - response: {text: a, finish_reason: stopped}\n",
        [
            "2:40: expected one of stop, length, tool_calls, content_filter, function_call, got 'stopped'; "
            "did you mean 'stop'?"
        ],
    ),
    (
        "a status out of range",
        "stubs:\n  - response: {text: a, status: 99}\n",
        ["2:33: expected a whole number from 200 to 599, got 99"],
    ),
    (
        "a token count that is no number",
        "stubs:\n  - response: {text: a, usage: {prompt_tokens: many}}\n",
        ["2:48: expected a whole number of at least 0, got 'many'"],
    ),
    (
        "a header that is none",
        'stubs:\n  - response: {text: a, headers: {"a b": c, x: "1\\n2"}}\n',
        ["2:35: 'a b' is not a header's name", "2:48: a header's value is printable ASCII on one line"],
    ),
    (
        "a tool call without a name",
        "stubs:\n  - response: {tool_calls: [{arguments: {}}]}\n",
        ["2:29: a tool call needs the key 'name': The tool that is called."],
    ),
    (
        "a vector with a word in it",
        "stubs:\n  - response: {embedding: [0.5, one]}\n",
        ["2:33: expected a number, got 'one'"],
    ),
    (
        "an answer the endpoint cannot give",
        "stubs:\n  - match: {endpoint: embeddings}\n    response: Hi\n",
        ["2:5: this response cannot answer embeddings: it answers chat and completions"],
    ),
    (
        "a template that is none",
        "stubs:\n  - response: 'Hello {{ name'\n",
        ["2:15: not a valid template: unexpected end of template, expected 'end of print statement'."],
    ),
    (
        "a name that is taken",
        "stubs:\n  - {name: a, response: x}\n  - {name: a, response: y}\n",
        ["3:5: the name 'a' is taken by the stub at FILE:2:5"],
    ),
    (
        "a tab",
        "stubs:\n\t- response: Hi\n",
        ["2:1: not valid YAML: a tab where YAML wants spaces: indent with spaces"],
    ),
    (
        "an unquoted star",
        "stubs:\n  - match: {model: *-mini}\n    response: Hi\n",
        ["2:20: not valid YAML: '*' begins an alias here: quote a value that begins with '*', as in model: '*-mini'"],
    ),
    (
        "a colon in plain text",
        "stubs:\n  - response: Note: this\n",
        ["2:19: not valid YAML: a second ': ' in one line: quote a value that contains ': '"],
    ),
    (
        "two documents",
        "stubs: [{response: a}]\n---\nstubs: [{response: b}]\n",
        ["2:1: not valid YAML: a second document ('---'): expected one document in a file"],
    ),
    (
        "a quote that is not closed",
        "stubs:\n  - response: 'Hi\n",
        ["3:1: not valid YAML: a quoted text does not end: its closing quote is missing"],
    ),
    (
        "a tag that makes an object",
        "stubs:\n  - response: {body: !!python/object:os.system {}}\n",
        ["2:22: the tag '!!python/object:os.system' is not supported here: write the value without it"],
    ),
    (
        "a control character",
        "stubs: [{response: a\x07}]\n",
        ["1:21: not valid YAML: the character U+0007 is not allowed"],
    ),
    (
        "a mapping merged into itself",
        "stubs:\n  - response: &a {<<: *a, text: x}\n",
        ["2:15: '<<' merges more than 100 levels deep"],
    ),
    (
        "fields that embeddings do not have",
        "stubs:\n  - response: {embedding: [1], id: x, finish_reason: stop}\n",
        [
            "2:36: an answer to embeddings has no 'id'",
            "2:54: an answer to embeddings has no 'finish_reason'",
        ],
    ),
    (
        "several mistakes, all of them",
        """\
        models: [{idd: x}]
        stubs:
          - match: {user: /(/, modl: x, stream: 1}
            respons: Hi
          - response: {text: a, sttaus: 200}
        """,
        [
            "1:11: unknown key 'idd' in a model; did you mean 'id'?",
            "1:10: a model needs the key 'id': The model's id.",
            "3:19: not a valid regex: missing ), unterminated subpattern at position 0",
            "3:24: unknown key 'modl' in match; did you mean 'model'?",
            "3:41: expected true or false, got 1",
            "4:5: unknown key 'respons' in a stub; did you mean 'response'?",
            "3:5: a stub needs one of response, error, sequence, choose",
            "5:25: unknown key 'sttaus' in response; did you mean 'status'?",
        ],
    ),
]


@pytest.fixture(params=["C", "pure"])
def _loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both of PyYAML's parsers: the fast one is not everywhere."""
    if request.param == "pure":
        monkeypatch.setattr(source, "_Loader", yaml.SafeLoader)


@pytest.mark.usefixtures("_loader")
@pytest.mark.parametrize(("text", "expected"), [c[1:] for c in CORPUS], ids=[c[0] for c in CORPUS])
def test_a_mistake_is_told_where_it_is(tmp_path: Path, text: str, expected: list[str]) -> None:
    """File, line, column, what was expected and the nearest word; with either parser."""
    file = tmp_path / "stubs.yaml"
    file.write_text(dedent(text), encoding="utf-8")
    with pytest.raises(FixtureError) as failed:
        load([file])
    told = [str(p).replace(str(file), "FILE") for p in failed.value.problems]
    assert told == [f"FILE:{line}" for line in expected]


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
