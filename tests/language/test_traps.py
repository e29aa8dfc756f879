"""The traps of YAML, by name: none of them changes silently what a file says."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from mockserver import FixtureError
from mockserver.language import source
from mockserver.language.load import load

MIB = 1024 * 1024

Say = Callable[[str | bytes], Any]
"""The stubs of a file with this text."""


@pytest.fixture(params=["C", "pure"])
def say(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Say:
    """Reads a file with either of PyYAML's parsers."""
    if request.param == "pure":
        monkeypatch.setattr(source, "_Loader", source.bounded(yaml.SafeLoader))
    monkeypatch.chdir(tmp_path)

    def read(text: str | bytes) -> Any:
        Path("x.yaml").write_bytes(text.encode() if isinstance(text, str) else text)
        return load(["x.yaml"], strict=True).stubs.all

    return read


def mistake(say: Say, text: str | bytes) -> str:
    """All that is told of a file."""
    with pytest.raises(FixtureError) as failed:
        say(text)
    return str(failed.value)


def test_no(say: Say) -> None:
    """`no` is the text "no", in a match, in an answer and in a body; a truth value is true or false."""
    first, second = say("stubs: [{match: {user: no}, response: no}, {response: {body: {norway: no, on: off}}}]")
    assert str(first.conditions[0].patterns[0]) == "a text containing 'no'"
    assert first.response.canned.value == "no"
    assert second.response.body.render({}) == {"norway": "no", "on": "off"}
    assert mistake(say, "stubs: [{match: {stream: no}, response: a}]") == (
        "x.yaml:1:26: expected true or false, got 'no'"
    )


def test_1_0(say: Say) -> None:
    """`1.0` is a text where a text stands, as long as it was written, and a number in a body."""
    first, second = say("stubs: [{match: {model: 1.0}, response: 1.10}, {response: {body: {version: 1.10, n: 1.0}}}]")
    assert first.conditions[0].difference.__self__.expected == "1.0"
    assert first.response.canned.value == "1.10"
    assert second.response.body.render({}) == {"version": 1.1, "n": 1.0}


def test_dates(say: Say) -> None:
    """Dates, times and sexagesimal numbers are texts, also in a body."""
    first, second = say("stubs: [{response: 2024-01-01}, {response: {body: [2024-01-01, 12:30:45, 1:30]}}]")
    assert first.response.canned.value == "2024-01-01"
    assert second.response.body.render({}) == ["2024-01-01", "12:30:45", "1:30"]


def test_duplicate_keys(say: Say) -> None:
    """The first does not win and the second does not: it is a mistake, everywhere."""
    assert mistake(say, "stubs:\n  - response: a\n    response: b\n") == (
        "x.yaml:3:5: the key 'response' stands twice in a stub (first on line 2)"
    )
    assert mistake(say, "stubs: [{response: a}]\nstubs: [{response: b}]\n") == (
        "x.yaml:2:1: the key 'stubs' stands twice in a fixture file (first on line 1)"
    )
    assert mistake(say, "stubs: [{response: {body: {a: 1, a: 1}}}]") == (
        "x.yaml:1:34: the key 'a' stands twice in the mapping (first on line 1)"
    )


def test_anchors_and_aliases(say: Say) -> None:
    """A value is used again where its alias stands, and a mapping can be merged; what stands beside `<<` wins."""
    first, second = say(
        "x-greeting: &hi {text: Hi, model: m}\nstubs:\n  - response: *hi\n  - response: {<<: *hi, text: Ho}\n"
    )
    assert (first.response.canned.value, first.response.model) == ("Hi", "m")
    assert (second.response.canned.value, second.response.model) == ("Ho", "m")


def test_a_billion_laughs(say: Say) -> None:
    """Aliases of aliases are read as far as there is room, and then told; it takes seconds, not the memory."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    body = "\n".join(f"        {line}" for line in lines)
    assert mistake(say, f"stubs:\n  - response:\n      body:\n{body}\n").endswith(
        ": the file expands to more than 1,000,000 values: use fewer aliases"
    )


def test_a_billion_merges(say: Say) -> None:
    """Mappings merged into mappings end too."""
    lines = ["x-0: &a0 {text: a}"]
    lines += [f"x-{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 10)}]}}" for n in range(1, 9)]
    assert "1,000,000 values" in mistake(say, "\n".join(lines) + "\nstubs: [{response: *a8}]\n")


def test_a_value_inside_of_itself(say: Say) -> None:
    """An alias of what it stands in is told."""
    assert mistake(say, "stubs: [{response: {body: &me [*me]}}]") == "x.yaml:1:27: nested more than 100 levels deep"


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_deep_nesting(say: Say, opening: str) -> None:
    """It ends with a mistake; PyYAML's C parser alone would end the process."""
    told = mistake(say, "x-deep:\n  " + opening * 100_000)
    assert told.endswith(": values stand more than 150 levels deep inside each other")


def test_tabs(say: Say) -> None:
    """A tab that indents is told as what it is; inside of a text it stays."""
    for text in ("stubs:\n\t- response: a\n", "stubs:\n  -\tresponse: a\n", "stubs:\n  - response: |\n\ta\n"):
        assert mistake(say, text).endswith(": not valid YAML: a tab where YAML wants spaces: indent with spaces")
    assert say('stubs: [{response: "a\tb"}]')[0].response.canned.value == "a\tb"


@pytest.mark.parametrize("text", ["", "\n\n", "# later\n", "---\n", "\ufeff"])
def test_an_empty_file(say: Say, text: str) -> None:
    """It is a mistake: somebody meant to write something."""
    assert mistake(say, text) == ("x.yaml:1:1: the file is empty: expected a mapping with the key 'stubs' or 'models'")


def test_a_list_at_the_top(say: Say) -> None:
    """It is told what stands above a list."""
    assert mistake(say, "- response: Hi\n") == (
        "x.yaml:1:1: expected a mapping with the key 'stubs', got a list: write 'stubs:' above it"
    )


def test_a_byte_order_mark(say: Say) -> None:
    """It is passed over, and moves no column."""
    assert say(b"\xef\xbb\xbfstubs: [{response: Hi}]")[0].response.canned.value == "Hi"
    assert mistake(say, b"\xef\xbb\xbfstub: []").startswith("x.yaml:1:1: unknown key 'stub'")


def test_windows_line_ends(say: Say) -> None:
    """CRLF counts as one line end, and a text in a block has LF."""
    (stub,) = say(b"stubs:\r\n  - response: |\r\n      one\r\n      two\r\n")
    assert stub.response.canned.value == "one\ntwo\n"
    assert stub.place.line == 2
    assert mistake(say, b"stubs:\r\n  - mtach: {}\r\n    response: Hi\r\n").startswith("x.yaml:2:5: ")


def test_other_encodings(say: Say) -> None:
    """A file that is not UTF-8 is told, at the first byte that is wrong."""
    assert mistake(say, "stubs: [{response: café}]".encode("latin-1")) == (
        "x.yaml:1:23: not UTF-8: expected a text file saved as UTF-8"
    )
    assert mistake(say, "stubs: [{response: Hi}]".encode("utf-16")).startswith("x.yaml:1:1: not UTF-8")


def big(line: str) -> str:
    """A file of 10 MB, of such lines."""
    return "stubs:\n" + line * (10 * MIB // len(line))


@pytest.mark.timeout(90)  # it takes seconds
@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"stubs: [{{response: '{'word ' * (2 * MIB)}'}}]", ""),
        ("stubs: [{response: Hi}]\n" + "# comment\n" * MIB, ""),
        (big(f"  - {{response: Hi, match: {{user: '{'hello ' * 20}'}}}}\n"), ""),
        (f"stubs: [{{response: {{body: [{'1, ' * (3 * MIB)}1]}}}}]", "the file has more than 1,000,000 values"),
        (
            big(f"  - {{respond: Hi, match: {{user: '{'hello ' * 20}'}}}}\n"),
            "unknown key 'respond' in a stub; did you mean 'response'?",
        ),
    ],
    ids=["text", "comments", "stubs", "values", "mistakes"],
)
def test_10_mb(tmp_path: Path, text: str, told: str) -> None:
    """A large file is read in seconds, whatever is in it, or told to have too much."""
    file = tmp_path / "big.yaml"
    file.write_text(text)
    problems: tuple[Any, ...] = ()
    try:
        load([file], strict=True)
    except FixtureError as error:
        problems = error.problems
    assert (problems[0].message if problems else "") == told
