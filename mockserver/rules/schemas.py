"""What the API asks of the JSON Schemas in tools and response formats, stricter with `strict: true`.

Schemas are walked with a list, never by recursion, and only so far: a schema may be nested or wide
without bound.
"""

from collections.abc import Iterator
from typing import NamedTuple

_MOST_NODES = 2000
"""Objects looked at in one schema; what lies beyond is taken as it is."""

_FORBIDDEN = ("default", "oneOf", "allOf", "not", "if", "then", "else", "patternProperties")
"""Keywords a strict schema may not use (seen for `default`, `oneOf` and `allOf`, the rest documented)."""

_MAPS = ("properties", "$defs", "definitions")
_LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")


class Node(NamedTuple):
    """A schema inside a schema, and the keys and indexes that lead to it."""

    path: tuple[str, ...]
    schema: dict[str, object]


def problems(schema: dict[str, object], strict: bool) -> Iterator[str]:
    """What is wrong with a schema, as the API words it after `Invalid schema for ...: `.

    An empty schema stands for no parameters and has no faults, unless it is strict.
    """
    if not schema and not strict:
        return
    root = schema.get("type")
    if root != "object":
        yield f"schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{_named(root)}\"'."
        return
    for node in _nodes(schema):
        for words in _node_problems(node, strict):
            yield f"In context={_context(node.path)}, {words}"


def _node_problems(node: Node, strict: bool) -> Iterator[str]:
    path, schema = node
    kind = schema.get("type")
    if kind == "array" and "items" not in schema and "prefixItems" not in schema:
        yield "array schema missing items."
    if strict:
        yield from _strict_problems(schema, kind)
    elif not path and "properties" not in schema:
        yield "object schema missing properties."


def _strict_problems(schema: dict[str, object], kind: object) -> Iterator[str]:
    if kind == "object" or "properties" in schema:
        if schema.get("additionalProperties") is not False:
            yield "'additionalProperties' is required to be supplied and to be false."
        yield from _required_problems(schema)
    for keyword in _FORBIDDEN:
        if keyword in schema:
            yield f"'{keyword}' is not permitted."


def _required_problems(schema: dict[str, object]) -> Iterator[str]:
    properties, required = schema.get("properties"), schema.get("required")
    keys = properties if isinstance(properties, dict) else {}
    listed = [name for name in required if isinstance(name, str)] if isinstance(required, list) else []
    rule = "'required' is required to be supplied and to be an array including every key in properties."
    absent = keys.keys() - listed
    if absent:
        yield f"{rule} Missing '{next(key for key in keys if key in absent)[:64]}'."
    for name in listed:
        if name not in keys:
            yield f"{rule} Extra required key '{name[:64]}' supplied."


def _nodes(root: dict[str, object]) -> Iterator[Node]:
    """Every schema in a schema, outermost first, at most `_MOST_NODES`."""
    queue = [Node((), root)]
    for node in queue:
        yield node
        if len(queue) < _MOST_NODES:
            queue += _children(node)


def _children(node: Node) -> Iterator[Node]:
    path, schema = node
    for keyword, inner in schema.items():
        if keyword not in _NESTING:
            continue
        if isinstance(inner, dict) and keyword in _MAPS:
            for name, one in inner.items():
                if isinstance(one, dict):
                    yield Node((*path, keyword, name), one)
        elif isinstance(inner, dict):
            yield Node((*path, keyword), inner)
        elif isinstance(inner, list) and keyword in _LISTS:
            for index, one in enumerate(inner):
                if isinstance(one, dict):
                    yield Node((*path, keyword, str(index)), one)


_NESTING = frozenset((*_MAPS, *_LISTS, "items", "additionalProperties"))


def _context(path: tuple[str, ...]) -> str:
    return repr(tuple(step[:64] for step in path[:20]))


def _named(kind: object) -> str:
    return kind[:64] if isinstance(kind, str) else "None"
