"""The reference of the language says what is so: its tables are those of the model, its examples are run.

A `yaml` block is a whole fixture file. A `text` block behind it is a conversation with a server of that file, in
exchanges with empty lines between them: `user`, `prompt` or `input`, `request` (other fields of the request) and
`headers` are asked, every other line names a part of the answer and says what it is. Behind a `yaml wrong` block stand
its mistakes. A block that begins with `# NAME.yaml` or has `title=NAME` is there under that name too, for others.
"""

import json
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import pytest
import yaml

from mockserver import FixtureError, MockServer
from mockserver.language.kinds import Spec
from mockserver.language.load import load
from mockserver.language.matching import RESPONSE_FORMATS, Match
from mockserver.language.model import read_file
from mockserver.language.source import Source
from mockserver.reference import RECORDS, main, refreshed, rules_table, table
from tests.conftest import events
from tests.readme import blocks

PAGE = Path(__file__).parent.parent / "docs" / "language.md"
EXAMPLES = PAGE.with_name("keys.md")
FIXTURES = [block.code for page in (PAGE, EXAMPLES) for block in blocks(page) if block.info == "yaml"]
FOLLOWED = [*pairwise(blocks(PAGE)), *pairwise(blocks(EXAMPLES))]
ASKED = [(first.code, then.code) for first, then in FOLLOWED if (first.info, then.info) == ("yaml", "text")]
WRONG = [(first.code, then.code) for first, then in FOLLOWED if first.info == "yaml wrong"]

ASKS: dict[str, tuple[str, Callable[[str], dict[str, Any]]]] = {
    "user": (
        "chat/completions",
        lambda said: {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": said}]},
    ),
    "prompt": ("completions", lambda said: {"model": "gpt-3.5-turbo-instruct", "prompt": said}),
    "input": ("embeddings", lambda said: {"model": "text-embedding-3-small", "input": said}),
}
"""What a line of an exchange asks: the path, and the body."""


def message(answer: dict[str, Any]) -> dict[str, Any]:
    """The first choice's message, or the choice itself where it has none."""
    choice: dict[str, Any] = answer["choices"][0]
    found: dict[str, Any] = choice.get("message", choice)
    return found


def text(answer: dict[str, Any]) -> str:
    """The text of a chat or a completion."""
    said = message(answer)
    return str(said["content"] if "content" in said else said["text"])


def tool_call(answer: dict[str, Any]) -> str:
    """The only tool call, as its name and its arguments."""
    (call,) = message(answer)["tool_calls"]
    return f"{call['function']['name']} {call['function']['arguments']}"


def usage(answer: dict[str, Any]) -> dict[str, Any]:
    """The counts, without their details."""
    return {name: count for name, count in answer["usage"].items() if not name.endswith("_details")}


def logprobs(answer: dict[str, Any]) -> dict[str, float]:
    """The tokens of a chat and their logprobs."""
    return {entry["token"]: entry["logprob"] for entry in answer["choices"][0]["logprobs"]["content"]}


PARTS: dict[str, Callable[[dict[str, Any]], object]] = {
    "answer": text,
    "answers": lambda answer: [choice["message"]["content"] for choice in answer["choices"]],
    "citations": lambda answer: answer["citations"],
    "native_finish_reason": lambda answer: answer["choices"][0]["native_finish_reason"],
    "logprobs": logprobs,
    "model": lambda answer: answer["model"],
    "finish_reason": lambda answer: answer["choices"][0]["finish_reason"],
    "tool_call": tool_call,
    "embedding": lambda answer: answer["data"][0]["embedding"],
    "warning": lambda answer: answer["warning"],
    "usage": usage,
    "error": lambda answer: answer["error"]["message"],
    "id": lambda answer: answer["id"],
    "created": lambda answer: str(answer["created"]),
    "refusal": lambda answer: message(answer)["refusal"],
    "reasoning": lambda answer: message(answer)["reasoning_content"],
}
"""What the other lines are about."""


def ask(server: MockServer, exchange: dict[str, str]) -> httpx.Response:
    """The answer to what an exchange asks."""
    (who,) = exchange.keys() & ASKS.keys()
    path, body = ASKS[who]
    fields = yaml.safe_load(exchange.get("request", "{}"))
    headers = yaml.safe_load(exchange.get("headers", "{}"))
    return httpx.post(f"{server.base_url}/{path}", json={**body(exchange[who]), **fields}, headers=headers)


def whole(response: httpx.Response) -> dict[str, Any]:
    """An answer; of a stream's chunks, what a client puts together."""
    if response.headers["content-type"].startswith("application/json"):
        answer: dict[str, Any] = response.json()
        return answer
    *chunks, done = events(response)
    assert done == "[DONE]"
    choices = [json.loads(chunk)["choices"][0] for chunk in chunks]
    content = "".join(choice["delta"].get("content", "") for choice in choices)
    return {"choices": [{"message": {"content": content}, "finish_reason": choices[-1]["finish_reason"]}]}


def conversation(code: str) -> list[dict[str, str]]:
    """The exchanges of a `text` block."""
    parts = code.strip().split("\n\n")
    return [dict(line.split(": ", 1) for line in part.splitlines()) for part in parts]


def _write_named(folder: Path) -> None:
    """The files to which blocks of the pages give a name; a text without the line end of its block."""
    for code in FIXTURES:
        first, _, _ = code.partition("\n")
        if first.startswith("# ") and first.endswith(".yaml"):
            (folder / first.removeprefix("# ")).write_text(code, encoding="utf-8")
    for block in blocks(EXAMPLES):
        if "title=" in block.info:
            (folder / block.info.partition("title=")[2]).write_text(block.code.rstrip("\n"), encoding="utf-8")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A path that messages call `stubs.yaml`, as the page does; beside it the files that blocks give a name."""
    monkeypatch.chdir(tmp_path)
    _write_named(tmp_path)
    return Path("stubs.yaml")


def test_the_tables_are_up_to_date() -> None:
    """The pages have what `python -m mockserver.reference docs/*.md` would write."""
    for page in PAGE.parent.glob("*.md"):
        text = page.read_text(encoding="utf-8")
        assert text == refreshed(text)


@pytest.mark.parametrize("endpoint", ["chat", "completions", "embeddings"])
def test_every_rule_of_an_endpoint_has_its_line(endpoint: str) -> None:
    """The page on requests is made from the rules that look at them."""
    page = PAGE.with_name("requests.md").read_text(encoding="utf-8")
    assert f"<!-- rules: {endpoint} -->\n\n{rules_table(endpoint)}\n<!-- /rules -->\n" in page
    assert rules_table("chat").count("\n| `messages[].role` |") >= 2


@pytest.mark.parametrize("name", RECORDS)
def test_every_record_of_the_language_has_its_table(name: str) -> None:
    """No key is left out of the page."""
    assert f"<!-- keys: {name} -->\n\n{table(RECORDS[name])}\n<!-- /keys -->\n" in PAGE.read_text(encoding="utf-8")


def test_a_table_has_what_a_key_takes_its_default_and_its_meaning() -> None:
    """A row for each key, from the model itself."""
    rows = table(Match).splitlines()
    formats = ", ".join(RESPONSE_FORMATS)
    assert rows[:2] == ["| key | takes | default | meaning |", "|---|---|---|---|"]
    assert [row.split("`")[1] for row in rows[2:]] == list(Match.keys)
    assert (
        f"| `response_format` | one of {formats}, or a list of them |  | {Match.keys['response_format'].doc} |" in rows
    )
    assert "| `status` | a whole number from 200 to 599 | `200` | The HTTP status. |" in table(RECORDS["response"])
    assert "| `name` | a tool's name | required | The tool that is called. |" in table(RECORDS["tool_call"])


def test_defaults_stand_in_a_table_as_in_a_fixture_file() -> None:
    """As YAML writes them: `false`, lists in brackets, and what has a name by its name."""
    assert "| `snapshots` | true or false | `false` |" in table(Match)
    assert "| `[key, model]` |" in table(RECORDS["limit"])
    assert "| `when` | always, or a mapping | `always` |" in table(RECORDS["error"])


def test_the_command_refreshes_the_tables_of_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What stands between the marks is replaced, the rest stays."""
    file = tmp_path / "page.md"
    file.write_text("a\n<!-- keys: usage -->\nold\n<!-- /keys -->\nb\n", encoding="utf-8")
    assert main([str(file)]) == 0
    new = f"a\n<!-- keys: usage -->\n\n{table(RECORDS['usage'])}\n<!-- /keys -->\nb\n"
    assert file.read_text(encoding="utf-8") == new == refreshed(new)
    assert main([]) == 2
    assert capsys.readouterr().err.startswith("usage: ")


def test_a_mark_for_no_record_is_a_mistake() -> None:
    """A misspelt name does not leave an empty table behind."""
    with pytest.raises(KeyError, match="usge"):
        refreshed("<!-- keys: usge -->\n<!-- /keys -->\n")


@pytest.mark.parametrize("code", FIXTURES, ids=range(len(FIXTURES)))
def test_every_example_can_be_read(file: Path, code: str) -> None:
    """An example is a fixture file without mistakes."""
    file.write_text(code, encoding="utf-8")
    assert load([file], strict=True).stubs.all


@pytest.mark.parametrize(("code", "said"), ASKED, ids=range(len(ASKED)))
def test_the_examples_answer_what_the_page_says(file: Path, code: str, said: str) -> None:
    """Every exchange below an example, asked in its order, from one server."""
    file.write_text(code, encoding="utf-8")
    with MockServer(file) as server:
        for exchange in conversation(said):
            response = ask(server, exchange)
            answer = whole(response)
            told = {
                "status": str(response.status_code),
                "stub": response.headers.get("x-mockserver-stub", ""),
                **{part: shown(read(answer)) for part, read in PARTS.items() if part in exchange},
            }
            expected = {part: value for part, value in exchange.items() if part not in (*ASKS, "request", "headers")}
            assert expected, "an exchange that expects nothing"
            assert {part: told[part] for part in ("status", *expected)} == {"status": "200", **expected}


def shown(value: object) -> str:
    """A part of an answer as the page writes it: YAML's flow style, texts as they are."""
    return value if isinstance(value, str) else yaml.safe_dump(value, default_flow_style=True, sort_keys=False).strip()


@pytest.mark.parametrize(("code", "said"), WRONG, ids=range(len(WRONG)))
def test_the_mistakes_are_told_as_the_page_says(file: Path, code: str, said: str) -> None:
    """Word for word."""
    file.write_text(code, encoding="utf-8")
    with pytest.raises(FixtureError) as failed:
        load([file])
    assert str(failed.value) == said.rstrip("\n")


@pytest.mark.parametrize("name", RECORDS)
def test_every_key_of_the_language_has_an_example(name: str) -> None:
    """In a page whose examples are run: language.md, or keys.md for those that are not explained by one."""
    record = RECORDS[name]
    shown = {key for made, key in _used() if issubclass(made, record) or issubclass(record, made)}
    assert set(record.keys) - shown == set()


@cache
def _used() -> frozenset[tuple[type[Spec], str]]:
    """The records and keys that the examples have."""
    used: set[tuple[type[Spec], str]] = set()
    made = Spec.__init__

    def noted(self: Spec, **values: Any) -> None:
        used.update((type(self), key) for key in values)
        made(self, **values)

    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as folder:
        _write_named(Path(folder))
        patch.setattr(Spec, "__init__", noted)
        for code in FIXTURES:
            source = Source("stubs.yaml", Path(folder))
            read_file(source.compose(code.encode()), source)
    return frozenset(used)


def test_the_page_has_examples_of_every_kind() -> None:
    """The tests above would say nothing of a page without blocks."""
    assert len(ASKED) > 10
    assert WRONG
    assert {line.split(": ")[0] for _, said in ASKED for line in said.splitlines() if line} >= {*ASKS, *PARTS}
