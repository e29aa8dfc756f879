"""The language from plain values: what Python and JSON say is read by the same records as what YAML says.

A value becomes the nodes that YAML's parser would have made of it, each with its path in the place of a line. So
there is one language, and a mistake is told in the same words.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import yaml

from mockserver.errors import InvalidValue, Mistake, Place, Problem
from mockserver.language.kinds import Kind
from mockserver.language.source import MAX_DEPTH, Invalid, Node, Source

T = TypeVar("T")

_TAG = "tag:yaml.org,2002:"
_MARK = yaml.Mark("", 0, 0, 0, None, 0)
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")
_FLAGS = {re.IGNORECASE: "i", re.MULTILINE: "m", re.DOTALL: "s", re.VERBOSE: "x"}


class ValuePlace(Place):
    """Where a value came from, and the path of the key in it."""

    path: str = ""


class ValueSource(Source):
    """A value while it is read, and the mistakes found so far; `origin` is where it came from."""

    def __init__(self, origin: Place) -> None:
        super().__init__(origin.file)
        self.origin = origin

    def note(self, node: Node, message: str) -> None:
        """Note a mistake at a node's key."""
        self.problems.append(Problem(self.place(node), message))

    def place(self, node: Node) -> Place:
        """Where the whole value came from, with the node's path."""
        place = ValuePlace(*self.origin)
        place.path = getattr(node, "path", "")
        return place

    def mistakes(self) -> list[Mistake]:
        """What was noted, each with its path."""
        return [Mistake(getattr(problem.place, "path", ""), problem.message) for problem in self.problems]


def read(kind: Kind[T], value: object, origin: Place, also: Callable[[T, list[Problem]], object] | None = None) -> T:
    """What a kind of the language reads in a plain value. Raises InvalidValue with every mistake.

    `also` may find more mistakes in what was read.
    """
    source = ValueSource(origin)
    try:
        found = kind.read(node_of(value, source), source)
        if also is not None:
            also(found, source.problems)
        if not source.problems:
            return found
    except Invalid:
        pass
    raise InvalidValue(source.mistakes(), origin)


def node_of(value: object, source: ValueSource, path: str = "") -> Node:
    """The node that YAML's parser would make of a value: of JSON, or of a compiled regex. Raises `Invalid`."""
    node = _node(value, source, path, 0)
    node.path = path
    return node


def _node(value: object, source: ValueSource, path: str, depth: int) -> Node:
    node: Node
    if depth > MAX_DEPTH:
        raise source.refuse(_at(_scalar("str", ""), path), f"nested more than {MAX_DEPTH} levels deep")
    if isinstance(value, re.Pattern):
        value = _regex(value)
    if isinstance(value, Mapping):
        pairs = []
        for key, item in value.items():
            below = f"{path}.{key}" if path else str(key)
            pairs.append((_at(_key(str(key)), below), _node(item, source, below, depth + 1)))
        node = yaml.MappingNode(_TAG + "map", pairs, _MARK, _MARK, flow_style=False)
    elif isinstance(value, list | tuple):
        items = [_node(item, source, f"{path}[{number}]", depth + 1) for number, item in enumerate(value)]
        node = yaml.SequenceNode(_TAG + "seq", items, _MARK, _MARK, flow_style=False)
    else:
        node = _leaf(value, source, path)
    return _at(node, path)


def _leaf(value: object, source: ValueSource, path: str) -> Node:
    if isinstance(value, str):
        return _scalar("str", str(value))
    if value is None:
        return _scalar("null", "null", None)
    if isinstance(value, bool):
        return _scalar("bool", "true" if value else "false", None)
    if isinstance(value, int):
        return _scalar("int", str(int(value)), None)
    if isinstance(value, float) and value - value == 0:
        digits, e, exponent = repr(float(value)).partition("e")
        return _scalar("float", f"{digits}{'' if '.' in digits else '.0'}{e}{exponent}", None)
    shown = repr(value) if isinstance(value, float) else type(value).__name__
    raise source.refuse(_at(_scalar("str", ""), path), f"expected a value of JSON, got {shown}")


def _scalar(tag: str, text: str, style: str | None = '"') -> Node:
    return yaml.ScalarNode(_TAG + tag, text, _MARK, _MARK, style=style)


def _key(text: str) -> Node:
    """A key; quoted where YAML could see something else in it."""
    return _scalar("str", text, None if _PLAIN_KEY.match(text) else '"')


def _at(node: Node, path: str) -> Node:
    node.path = path
    return node


def _regex(pattern: "re.Pattern[Any]") -> dict[str, str]:
    flags = "".join(letter for flag, letter in _FLAGS.items() if pattern.flags & flag)
    return {"regex": str(pattern.pattern), **({"flags": flags} if flags else {})}


def as_yaml(named: list[tuple[str, Node]]) -> str:
    """A fixture file whose stubs are these nodes, each with its name."""
    nodes = [_named(node, name) for name, node in named]
    stubs = yaml.SequenceNode(_TAG + "seq", nodes, _MARK, _MARK, flow_style=False)
    whole = yaml.MappingNode(_TAG + "map", [(_scalar("str", "stubs", None), stubs)], _MARK, _MARK, flow_style=False)
    text: str = yaml.serialize(whole, Dumper=yaml.SafeDumper, allow_unicode=True, width=float("inf"))
    return text


def _named(node: Node, name: str) -> Node:
    if any(key.value == "name" for key, _ in node.value):
        return node
    pairs = [(_key("name"), _scalar("str", name)), *node.value]
    return yaml.MappingNode(_TAG + "map", pairs, _MARK, _MARK, flow_style=False)
