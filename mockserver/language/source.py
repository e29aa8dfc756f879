"""A fixture file as PyYAML's node tree: every value keeps the line and column it was written at.

PyYAML resolves nodes to Python values by YAML 1.1 rules (`no` is false, `1:30` is 90, dates are objects).
Here the nodes are read directly, so those rules never apply, and the C and the pure loader agree.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import yaml

from mockserver.errors import Place, Problem

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
"""A JSON value."""

T = TypeVar("T")
Node: TypeAlias = Any
"""A PyYAML node: ScalarNode, SequenceNode or MappingNode."""
Entry: TypeAlias = "tuple[str, Node, Node]"
"""One line of a mapping: the key as written, the key's node, the value's node."""

MAX_VALUES = 1_000_000
"""How many values one file may have, and expand to: aliases of aliases ("billion laughs") end here."""
MAX_DEPTH = 100
MAX_NESTED = 150
"""How deep values may stand inside each other in a file: PyYAML's C parser ends the process where the stack does."""


class _TooMuch(Exception):
    """A file has too many values, or they stand too deep inside each other; carries the message and a node."""


def bounded(base: Any) -> Any:
    """A loader of PyYAML's that gives up on a file that has too much in it, before the memory or the stack does."""

    class Bounded(base):  # type: ignore[misc]
        """Counts at the places where PyYAML would look for paths that resolve to types; there are none."""

        values = depth = 0

        def descend_resolver(self, current_node: Node, current_index: object) -> None:
            """A value begins."""
            self.depth += 1
            self.values += 1
            if self.depth > MAX_NESTED:
                raise _TooMuch(f"values stand more than {MAX_NESTED} levels deep inside each other", current_node)
            if self.values > MAX_VALUES:
                raise _TooMuch(f"the file has more than {MAX_VALUES:,} values", current_node)

        def ascend_resolver(self) -> None:
            """It ends."""
            self.depth -= 1

    return Bounded


_Loader: Any = bounded(getattr(yaml, "CSafeLoader", yaml.SafeLoader))

_TAG = "tag:yaml.org,2002:"
_PLAIN_TAGS = frozenset(
    _TAG + kind for kind in ("str", "int", "float", "bool", "null", "timestamp", "value", "merge", "map", "seq")
)
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)\Z")
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?\Z")
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


class Invalid(Exception):
    """A value that cannot be used; its problem has been noted already."""


class Source:
    """One fixture file while it is read: its name and the problems found so far."""

    def __init__(self, file: str, folder: Path | None = None) -> None:
        self.file = file
        self.folder = folder
        self.problems: list[Problem] = []
        self.beside: list[Path] = []
        self._budget = MAX_VALUES
        self.nested = 0
        """How deep inside of each other the matches stand that are being read."""

    def note(self, node: Node, message: str) -> None:
        """Note a problem where `node` begins."""
        mark = node.start_mark
        self.problems.append(Problem(Place(self.file, mark.line + 1, mark.column + 1), message))

    def refuse(self, node: Node, message: str) -> Invalid:
        """Note a problem and return the exception to raise."""
        self.note(node, message)
        return Invalid()

    def place(self, node: Node) -> Place:
        """Where `node` begins."""
        mark = node.start_mark
        return Place(self.file, mark.line + 1, mark.column + 1)

    def compose(self, data: bytes) -> Node | None:
        """Parse the file's bytes to nodes.

        Returns None, with a problem noted, where they are not YAML, or an empty document.
        """
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            before = data[: error.start]
            line = before.count(b"\n") + 1
            column = len(before.rpartition(b"\n")[2].decode("utf-8", "replace")) + 1
            self._note_at(line, column, "not UTF-8: expected a text file saved as UTF-8")
            return None
        try:
            node: Node | None = yaml.compose(text, Loader=_Loader)
        except yaml.reader.ReaderError as error:
            before_text = text[: error.position]
            line = before_text.count("\n") + 1
            column = len(before_text.rpartition("\n")[2]) + 1
            code = ord(text[error.position])
            self._note_at(line, column, f"not valid YAML: the character U+{code:04X} is not allowed")
            return None
        except yaml.MarkedYAMLError as error:
            from mockserver.language.syntax import told

            line, column, sentence = told(error, text)
            self._note_at(line, column, f"not valid YAML: {sentence}")
            return None
        except _TooMuch as much:
            message, near = much.args
            self.note(near, message)
            return None
        if node is None:
            self.note_empty()
        return node

    def note_empty(self) -> None:
        """Note that there is nothing in the file."""
        self._note_at(1, 1, "the file is empty: expected a mapping with the key 'stubs' or 'models'")

    def _note_at(self, line: int, column: int, message: str) -> None:
        self.problems.append(Problem(Place(self.file, line, column), message))

    def entries(self, node: Node, what: str, depth: int = 0) -> list[Entry]:
        """The lines of a mapping, merge keys (`<<`) applied, keys said twice noted as problems."""
        if depth > MAX_DEPTH:
            raise self.refuse(node, f"'<<' merges more than {MAX_DEPTH} levels deep")
        found: dict[str, Entry] = {}
        merged: list[Node] = []
        for key_node, value_node in node.value:
            if key_node.tag == _TAG + "merge":
                merged.extend(self._merged(value_node))
                continue
            if not isinstance(key_node, yaml.ScalarNode):
                self.note(key_node, f"a key of {what} must be text, got {describe(key_node)}")
                continue
            key = key_node.value
            if key in found:
                first = found[key][1].start_mark.line + 1
                self.note(key_node, f"the key '{key}' stands twice in {what} (first on line {first})")
                continue
            found[key] = (key, key_node, value_node)
        for mapping in merged:
            for key, key_node, value_node in self.entries(mapping, what, depth + 1):
                found.setdefault(key, (key, key_node, value_node))
        return list(found.values())

    def _merged(self, node: Node) -> Iterator[Node]:
        for part in node.value if isinstance(node, yaml.SequenceNode) else [node]:
            if isinstance(part, yaml.MappingNode):
                self._spend(part)
                yield part
            else:
                self.note(part, f"'<<' takes a mapping or a list of mappings, got {describe(part)}")

    def json(self, node: Node, leaf: "Callable[[Node], Json] | None" = None, depth: int = 0) -> Json:
        """The JSON value of a node, of each scalar what `leaf` gives. Raises `Invalid` where there is none."""
        self._spend(node)
        if depth > MAX_DEPTH:
            raise self.refuse(node, f"nested more than {MAX_DEPTH} levels deep")
        self.no_tag(node)
        if isinstance(node, yaml.SequenceNode):
            return [self.json(item, leaf, depth + 1) for item in node.value]
        if isinstance(node, yaml.MappingNode):
            return {key: self.json(value, leaf, depth + 1) for key, _, value in self.entries(node, "the mapping")}
        return scalar(node) if leaf is None else leaf(node)

    def no_tag(self, node: Node) -> None:
        """Raise `Invalid` for a node with a tag such as `!!python/object` or `!include`."""
        if node.tag not in _PLAIN_TAGS:
            tag = node.tag.replace(_TAG, "!!")
            raise self.refuse(node, f"the tag '{tag}' is not supported here: write the value without it")

    def _spend(self, node: Node) -> None:
        self._budget -= 1
        if self._budget < 0:
            if self._budget == -1:
                self.note(node, f"the file expands to more than {MAX_VALUES:,} values: use fewer aliases")
            raise Invalid

    def each(self, node: Node, read: Callable[[Node], T]) -> tuple[T, ...]:
        """Read every item of a sequence; an invalid one does not hide the others' problems."""
        values: list[T] = []
        invalid = False
        for item in node.value:
            try:
                self._spend(item)
                values.append(read(item))
            except Invalid:
                invalid = True
        if invalid:
            raise Invalid
        return tuple(values)


def scalar(node: Node) -> Json:
    """The JSON value of a scalar node: quoted is text, plain is what JSON would call it."""
    value: str = node.value
    if node.style not in (None, ""):
        return value
    if node.tag == _TAG + "str":  # YAML 1.1 sees text in 1e5, JSON a number
        return float(value) if _NUMBER.match(value) and "e" in value.lower() else value
    if value in _WORDS:
        return _WORDS[value]
    if _INTEGER.match(value) and len(value) < 400:
        return int(value)
    if _NUMBER.match(value):
        number = float(value)
        return number if number - number == 0 else value
    return value


def is_null(node: Node) -> bool:
    """Whether the node is a plain null (`key:` with nothing behind it, `~`, `null`)."""
    return isinstance(node, yaml.ScalarNode) and scalar(node) is None


def describe(node: Node) -> str:
    """What a node is, in the words of an error message."""
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    value = scalar(node)
    if value is None:
        return "nothing"
    if isinstance(value, str):
        short = value if len(value) <= 40 else value[:37] + "..."
        return f"'{short}'"
    return node.value if not isinstance(value, bool) else str(value).lower()


def nearest(word: str, known: "list[str] | tuple[str, ...]") -> str:
    """`; did you mean 'x'?` for a word close to a known one, else nothing."""
    from difflib import get_close_matches

    close = get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    return f"; did you mean '{close[0]}'?" if close else ""
