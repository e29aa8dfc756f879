"""The tables in the docs, made from what runs: the typed model of the language, the rules for requests.

    python -m mockserver.reference docs/*.md

puts what is so today between marks of Markdown files: the keys of a record between `<!-- keys: match -->` and
`<!-- /keys -->`, the rules of an endpoint between `<!-- rules: chat -->` and `<!-- /rules -->`, a group of faults
between `<!-- faults: endings -->` and `<!-- /faults -->`, the files of a folder of fixtures between
`<!-- scenarios: failures -->` and `<!-- /scenarios -->`, the rules of a verdict between `<!-- verdict: rules -->` and
`<!-- /verdict -->`, what a command says of itself between `<!-- help: explain -->` and `<!-- /help -->`, the requests
and the bodies of the admin API between `<!-- admin: operations -->` or `<!-- admin: wait -->` and `<!-- /admin -->`.
"""

import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from mockserver.cli import COMMANDS
from mockserver.endpoints import BY_NAME
from mockserver.faults import GROUPS
from mockserver.faults import Kind as FaultKind
from mockserver.faults.points import CHUNKS, point_keys
from mockserver.language.comparisons import ComparisonSpec
from mockserver.language.defaults import DefaultsSpec
from mockserver.language.durations import Duration
from mockserver.language.errors import ErrorSpec
from mockserver.language.failures import FailureSpec
from mockserver.language.kinds import Key, Spec
from mockserver.language.latency import DELAY_RECORD, LatencySpec
from mockserver.language.limits import LimitSpec
from mockserver.language.load import shipped
from mockserver.language.matching import Match, ToolResultSpec
from mockserver.language.model import (
    FileSpec,
    ModelSpec,
    StubSpec,
)
from mockserver.language.patterns import Pattern
from mockserver.language.responses import ResponseSpec, UsageSpec
from mockserver.language.said import TokenSpec, ToolCallSpec
from mockserver.language.steps import StepSpec, WeightedSpec
from mockserver.language.when import DuringSpec, InStateSpec, WhenSpec
from mockserver.rules import rows
from mockserver.testing.verdict import RULES

RECORDS: dict[str, type[Spec]] = {
    "file": FileSpec,
    "defaults": DefaultsSpec,
    "stub": StubSpec,
    "step": StepSpec,
    "choice": WeightedSpec,
    "match": Match,
    "pattern": Pattern,
    "tool_result": ToolResultSpec,
    "comparison": ComparisonSpec,
    "response": ResponseSpec,
    "token": TokenSpec,
    "tool_call": ToolCallSpec,
    "usage": UsageSpec,
    "error": ErrorSpec,
    "latency": LatencySpec,
    "delay": DELAY_RECORD,
    "failure": FailureSpec,
    "limit": LimitSpec,
    "when": WhenSpec,
    "during": DuringSpec,
    "state": InStateSpec,
    "model": ModelSpec,
}
"""The records of the language, by the names that marks have for them."""

_HEAD = "| key | takes | default | meaning |\n|---|---|---|---|\n"
_MARKED = re.compile(
    r"(?P<mark><!-- (?P<kind>keys|rules|faults|scenarios|verdict|help|admin): (?P<name>\w+) -->\n)"
    r".*?(?P<end>^<!-- /(?P=kind) -->$)",
    re.DOTALL | re.MULTILINE,
)


def table(record: type[Spec]) -> str:
    """The Markdown table of a record's keys, in the order in which the model has them."""
    return _HEAD + "".join(_row(name, key) for name, key in record.keys.items())


def refreshed(page: str) -> str:
    """A page with the table of today between each pair of marks. Raises KeyError for a name there is nothing of."""
    return _MARKED.sub(lambda found: f"{found['mark']}\n{_marked(found['kind'], found['name'])}\n{found['end']}", page)


def _marked(kind: str, name: str) -> str:
    return _MAKERS[kind](name)


def scenarios_table(folder: str) -> str:
    """The Markdown table of the fixture files of a folder that is shipped, by what their second lines say."""
    lines = ["| file | what happens |\n|---|---|\n"]
    for file in sorted(shipped(folder).glob("*.yaml")):
        said = file.read_text(encoding="utf-8").splitlines()[1].removeprefix("# ")
        lines.append(f"| [{file.name}](../fixtures/{folder}/{file.name}) | {said} |\n")
    return "".join(lines)


def verdict_table(_: str) -> str:
    """The Markdown table of what a verdict looks for."""
    return "| rule | what the client did |\n|---|---|\n" + "".join(
        f"| `{rule.name}` | {rule.doc} |\n" for rule in RULES
    )


def keys_table(record: str) -> str:
    """The Markdown table of the keys of a record. Raises KeyError for a name there is no record of."""
    return table(RECORDS[record])


def help_of(command: str) -> str:
    """What `--help` prints of a command, as a block. Raises KeyError for a name there is no command of."""
    modules = {known.name: known.module for known in COMMANDS}
    return f"```text\n{modules[command].parser().format_help().rstrip()}\n```\n"


def admin_table(name: str) -> str:
    """The Markdown table of what the admin API can be asked, or of the keys of a body that it takes.

    Raises KeyError for a name there is nothing of.
    """
    from mockserver.admin import bodies, operations

    if name == "operations":
        return operations.table()
    return table(bodies.RECORDS[name])


def rules_table(endpoint: str) -> str:
    """The Markdown table of what an endpoint accepts: a line for each parameter and what is refused of it.

    Raises KeyError for an endpoint there is none of.
    """
    BY_NAME[endpoint]
    head = "| parameter | accepted | refused by | code |\n|---|---|---|---|\n"
    lines = []
    for row in rows():
        if row.endpoint == endpoint:
            cells = (f"`{row.parameter}`", row.accepts, row.level, f"`{row.code}`" if row.code else "")
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n")
    return head + "".join(dict.fromkeys(lines))


def faults_table(group: str) -> str:
    """The Markdown table of a group of faults, or, for "where", of the keys that say where in an answer.

    Raises KeyError for a name there is no group of.
    """
    if group == "where":
        return _HEAD + "".join(_row(name, key) for name, key in point_keys().items())
    head = "| fault | what goes wrong | its keys | what arrives of the body |\n|---|---|---|---|\n"
    return head + "".join(map(_fault_row, GROUPS[group]))


def _fault_row(kind: FaultKind) -> str:
    where = point_keys()
    own = [
        f"`{name}`: {key.kind.expected}. {key.doc}{_else(key)}" for name, key in kind.keys.items() if name not in where
    ]
    if "after" in kind.keys:
        own.append(f"[Where](#where); `after: {kind.keys['after'].default}` when left out.")
    elif CHUNKS in kind.keys:
        own.append(f"`{CHUNKS}`: {kind.keys[CHUNKS].doc}")
    notes = [kind.doc, *(["Needs a socket."] if kind.needs_connection else [])]
    arrives = {"cuts": "its beginning", "keeps": "all of it", "alters": f"altered: {kind.alters}"}[kind.effect]
    cells = (f"`{kind.name}`", " ".join(notes), "<br>".join(own), arrives)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _else(key: Key) -> str:
    if key.default is None:
        return ""
    shown = f"{key.default * 1_000:g}ms" if isinstance(key.kind, Duration) else key.default
    return f" `{shown}` when left out."


_MAKERS: dict[str, Callable[[str], str]] = {
    "keys": keys_table,
    "rules": rules_table,
    "faults": faults_table,
    "help": help_of,
    "scenarios": scenarios_table,
    "verdict": verdict_table,
    "admin": admin_table,
}


def main(arguments: Sequence[str]) -> int:
    """Refresh the files named; returns the exit code."""
    if not arguments:
        print("usage: python -m mockserver.reference FILE.md ...", file=sys.stderr)
        return 2
    for file in map(Path, arguments):
        file.write_text(refreshed(file.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


def _row(name: str, key: Key) -> str:
    cells = (f"`{name}`", key.kind.expected, _default(key), _sentence(key.doc))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _default(key: Key) -> str:
    """What a key is when left out; empty where that is nothing, or told by the meaning."""
    if key.required:
        return "required"
    if key.default in (None, (), {}) or isinstance(key.default, Spec):
        return ""
    return f"`{_yaml(key.default)}`"


def _yaml(value: object) -> str:
    """A default as it is written in a fixture file."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"[{', '.join(map(_yaml, value))}]" if type(value) is tuple else str(value)


def _sentence(doc: str) -> str:
    return doc[:1].upper() + doc[1:] + ("" if doc.endswith(".") else ".")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
