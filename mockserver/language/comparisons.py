"""Comparisons, as `match` writes them: of any field of a request, and of counts."""

from typing import Any

import yaml

from mockserver.language.kinds import AnyJson, Boolean, ListOf, Number, Record, Schema, Schemas, Spec, Text, key
from mockserver.language.patterns import slashed_regex, written_regex
from mockserver.language.source import Invalid, Json, Node, Source, describe, scalar
from mockserver.matching.comparison import Comparison
from mockserver.matching.fields import FieldIs, parse

_INFINITY = float("inf")
_NUMBER = Number(-_INFINITY, _INFINITY)
_COUNT = Number(0, _INFINITY, whole=True)
_EQUAL, _OTHER, _AMONG = "It is this.", "It is something else.", "It is one of these."
_BOUNDS = {
    "gt": "It is a number greater than this.",
    "gte": "It is a number of at least this.",
    "lt": "It is a number less than this.",
    "lte": "It is a number of at most this.",
}


class ComparisonSpec(Spec):
    """A comparison of a field of the request; all keys that are given must hold."""

    eq: Json = key(AnyJson(), "It is this value. 1 and 1.0 are the same; text is not what it looks like.")
    ne: Json = key(AnyJson(), "It is another value, or is not there.")
    gt: float | None = key(_NUMBER, _BOUNDS["gt"])
    gte: float | None = key(_NUMBER, _BOUNDS["gte"])
    lt: float | None = key(_NUMBER, _BOUNDS["lt"])
    lte: float | None = key(_NUMBER, _BOUNDS["lte"])
    locals()["in"] = key(ListOf(AnyJson()), "It is one of these values.", default=())  # a word of Python's own
    contains: Json = key(AnyJson(), "It is a text with this text in it, or a list with this value in it.")
    regex: str | None = key(Text(), "It is a text in which the regex is found; as `/.../flags` too.")
    ignore_case: bool = key(Boolean(), "Whether upper and lower case are the same in texts.", default=False)
    present: bool | None = key(Boolean(), "Whether it is there at all, be it `null`.")


class CountSpec(Spec):
    """A comparison of a count; all keys that are given must hold."""

    eq: int | None = key(_COUNT, "It is this number.")
    ne: int | None = key(_COUNT, "It is another number.")
    gt: float | None = key(_COUNT, _BOUNDS["gt"])
    gte: float | None = key(_COUNT, _BOUNDS["gte"])
    lt: float | None = key(_COUNT, _BOUNDS["lt"])
    lte: float | None = key(_COUNT, _BOUNDS["lte"])
    locals()["in"] = key(ListOf(_COUNT), "It is one of these numbers.", default=())


class ComparisonKind:
    """Reads a comparison of any JSON value: a value is equal, a list is any of them, `/.../` is a regex."""

    expected = "a value, a list of them, or a comparison"
    _record = Record(ComparisonSpec, "a comparison")

    def read(self, node: Node, source: Source) -> Comparison:
        """The comparison."""
        if isinstance(node, yaml.MappingNode):
            return _compared(self._record.read(node, source), node, source)
        if isinstance(node, yaml.SequenceNode):
            if not node.value:
                raise source.refuse(node, f"expected {self.expected}, got an empty list")
            source.no_tag(node)
            return Comparison(among=source.each(node, lambda item: _value(item, source)))
        return Comparison(among=(_value(node, source),))

    def schema(self, defs: Schemas) -> Schema:
        """A scalar, an array that is not empty, or the record."""
        scalars: Schema = {"type": ["string", "number", "boolean", "null"]}
        return {"anyOf": [scalars, {"type": "array", "minItems": 1}, self._record.schema(defs)]}


def _value(node: Node, source: Source) -> Any:
    """A JSON value, or the regex that a text between slashes is."""
    value = source.json(node)
    if not isinstance(value, str):
        return value
    regex = slashed_regex(value, node, source)
    return value if regex is None else regex


class CountKind:
    """Reads a comparison of a count: a whole number, a list of them, or a mapping."""

    expected = "a whole number of at least 0, a list of them, or a comparison"
    _record = Record(CountSpec, "a comparison of a count")

    def read(self, node: Node, source: Source) -> Comparison:
        """The comparison."""
        if isinstance(node, yaml.MappingNode):
            return _compared(self._record.read(node, source), node, source)
        if isinstance(node, yaml.SequenceNode) and node.value:
            return Comparison(among=source.each(node, lambda item: _COUNT.read(item, source)))
        if isinstance(node, yaml.ScalarNode) and isinstance(scalar(node), int):
            return Comparison(among=(_COUNT.read(node, source),))
        raise source.refuse(node, f"expected {self.expected}, got {describe(node)}")

    def schema(self, defs: Schemas) -> Schema:
        """A number, an array of them, or the record."""
        return {"anyOf": [ListOf(_COUNT, or_one=True).schema(defs), self._record.schema(defs)]}


def _compared(spec: Spec, node: Node, source: Source) -> Comparison:
    given: dict[str, Any] = dict(spec.given())
    if not set(given) - {"ignore_case"}:
        raise source.refuse(node, f"a comparison needs one of {', '.join(k for k in spec.keys if k != 'ignore_case')}")
    folded = given.get("ignore_case", False)
    regex = given.get("regex")
    made: dict[str, Any] = {name: (given[name],) for name in ("eq", "ne", "contains") if name in given}
    made |= {name: given[name] for name in (*_BOUNDS, "present") if name in given}
    if regex is not None:
        made["regex"] = written_regex(regex, "i" if folded else "", node, source)
    return Comparison(**made, among=given.get("in", ()), folded=folded)


class FieldsKind:
    """Reads conditions on fields: a mapping from paths to comparisons."""

    expected = "a mapping of paths to comparisons"
    _comparison = ComparisonKind()

    def read(self, node: Node, source: Source) -> tuple[FieldIs, ...]:
        """The conditions, all problems of paths and comparisons noted."""
        if not isinstance(node, yaml.MappingNode) or not node.value:
            raise source.refuse(node, f"expected {self.expected}, got {describe(node)}")
        source.no_tag(node)
        before = len(source.problems)
        found: list[FieldIs] = []
        for path, key_node, value in source.entries(node, "fields"):
            try:
                comparison = self._comparison.read(value, source)
                found.append(FieldIs(parse(path), comparison))
            except Invalid:
                continue
            except ValueError as error:
                source.note(key_node, f"'{path}' is not a path to a field: {error}")
        if len(source.problems) > before:
            raise Invalid
        return tuple(found)

    def schema(self, defs: Schemas) -> Schema:
        """An object of comparisons."""
        return {"type": "object", "minProperties": 1, "additionalProperties": self._comparison.schema(defs)}


COUNT = CountKind()
FIELDS = FieldsKind()
