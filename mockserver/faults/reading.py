"""Faults as headers, Python and YAML say them: their parameters read by the language's kinds of values."""

from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from mockserver.faults import KINDS, Fault, Kind
from mockserver.language.source import Entry, Invalid, Node, Source, nearest

_MARK = yaml.Mark("", 0, 0, 0, None, 0)
_resolve: Any = yaml.resolver.Resolver().resolve


def parsed(text: str) -> Fault:
    """A fault as a header says it. Raises ValueError."""
    name, *rest = (part.strip() for part in text.split(";"))
    given: dict[str, str] = {}
    for part in filter(None, rest):
        key, equals, value = (side.strip() for side in part.partition("="))
        if not equals:
            raise ValueError(f"expected NAME=VALUE behind the ';', got '{part}': write it as reset; after_chunks=3")
        if key in given:
            raise ValueError(f"'{key}' is given twice")
        given[key] = value
    return made(name, given)


def made(name: str, given: Mapping[str, Any]) -> Fault:
    """A fault of a kind and parameters. Raises ValueError."""
    kind = KINDS.get(name)
    if kind is None:
        raise ValueError(unknown_kind(name))
    source = Source("")
    entries = [(key, _node(key), _node(value)) for key, value in given.items()]
    try:
        return Fault(name, read_params(kind, entries, _node(name), source))
    except Invalid:
        raise ValueError("; ".join(problem.message for problem in source.problems)) from None


def read_params(kind: Kind, entries: Iterable[Entry], node: Node, source: Source) -> dict[str, Any]:
    """The parameters of a fault. Notes all that is wrong with them, then raises `Invalid`."""
    before = len(source.problems)
    params: dict[str, Any] = {}
    for name, key_node, value_node in entries:
        key = kind.keys.get(name)
        if key is None:
            source.note(key_node, _unknown_parameter(kind, name))
            continue
        try:
            params[name] = key.kind.read(value_node, source)
        except Invalid:
            if source.problems[-1].place.file == "":  # a header has no lines and columns to point with
                source.problems[-1] = source.problems[-1]._replace(message=f"{name}: {source.problems[-1].message}")
    if len(source.problems) == before and (wrong := kind.check(params)) is not None:
        source.note(node, wrong)
    if len(source.problems) > before:
        raise Invalid
    return params


def unknown_kind(name: str) -> str:
    """What is said of a name that no kind of fault has."""
    close = nearest(name, tuple(KINDS)) or f"; known are {', '.join(KINDS)}"
    return f"there is no fault '{name}'{close}"


def _unknown_parameter(kind: Kind, name: str) -> str:
    if not kind.keys:
        return f"unknown key '{name}': the fault {kind.name} takes none"
    close = nearest(name, tuple(kind.keys)) or f"; known are {', '.join(kind.keys)}"
    return f"unknown key '{name}' of the fault {kind.name}{close}"


def _node(value: Any) -> Node:
    """A value as YAML's parser would give it, written plain."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return yaml.ScalarNode(_resolve(yaml.ScalarNode, text, (True, False)), text, _MARK, _MARK)
