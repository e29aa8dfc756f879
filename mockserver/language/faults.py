"""`fault`: what goes wrong on the wire, one kind of fault or a list of them, and when."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from mockserver.errors import Place
from mockserver.failures.when import ALWAYS, When
from mockserver.language.kinds import Schema, Schemas
from mockserver.language.source import Entry, Invalid, Node, Source, describe, is_null
from mockserver.language.when import WHEN

if TYPE_CHECKING:
    from mockserver.faults import Fault, Kind


class FaultSpec(NamedTuple):
    """A fault as a file says it, when it happens, and where that stands."""

    fault: "Fault"
    when: When
    place: Place


class FaultKind(NamedTuple):
    """Reads a fault: the name of its kind, or a mapping of `kind`, its parameters and `when`."""

    expected: str = "the name of a fault, or a mapping with its kind"

    def read(self, node: Node, source: Source) -> FaultSpec:
        """The fault. Notes all that is wrong before it raises `Invalid`."""
        from mockserver.faults import KINDS, Fault

        if isinstance(node, yaml.ScalarNode) and not is_null(node):
            source.no_tag(node)
            return FaultSpec(Fault(self._kind(node, source)), ALWAYS, source.place(node))
        if not isinstance(node, yaml.MappingNode):
            raise source.refuse(node, f"fault: expected {self.expected}, got {describe(node)}")
        source.no_tag(node)
        entries = source.entries(node, "the fault")
        named = next((value for name, _, value in entries if name == "kind"), None)
        if named is None:
            raise source.refuse(node, "a fault needs the key 'kind': the name of what goes wrong")
        before = len(source.problems)
        when = self._when(entries, source)
        kind = KINDS[self._kind(named, source)]
        params = self._params(kind, entries, node, source)
        if len(source.problems) > before:
            raise Invalid
        return FaultSpec(Fault(kind.name, params), when, source.place(node))

    def _kind(self, node: Node, source: Source) -> str:
        from mockserver.faults import KINDS
        from mockserver.faults.reading import unknown_kind

        name = node.value if isinstance(node, yaml.ScalarNode) else None
        if name is None:
            raise source.refuse(node, f"expected the name of a fault, got {describe(node)}")
        if name not in KINDS:
            raise source.refuse(node, unknown_kind(name))
        return str(name)

    def _when(self, entries: list[Entry], source: Source) -> When:
        """The value of `when`; what is wrong with it is noted."""
        for name, _, value in entries:
            if name == "when":
                try:
                    return WHEN.read(value, source)
                except Invalid:
                    break
        return ALWAYS

    def _params(self, kind: Any, entries: list[Entry], node: Node, source: Source) -> Mapping[str, Any]:
        from mockserver.faults.reading import read_params

        try:
            return read_params(kind, [entry for entry in entries if entry[0] not in ("kind", "when")], node, source)
        except Invalid:
            return {}

    def schema(self, defs: Schemas) -> Schema:
        """A name, or for each kind a mapping of its own keys."""
        from mockserver.faults import KINDS

        if "fault" not in defs:
            when = WHEN.schema(defs)
            defs["fault"] = {"anyOf": [{"enum": list(KINDS)}, *(_mapping(kind, when, defs) for kind in KINDS.values())]}
        return {"$ref": "#/$defs/fault"}


def _mapping(kind: "Kind", when: Schema, defs: Schemas) -> Schema:
    params = {name: {**key.kind.schema(defs), "description": key.doc} for name, key in kind.keys.items()}
    return {
        "type": "object",
        "description": kind.doc,
        "properties": {"kind": {"const": kind.name}, **params, "when": when},
        "required": ["kind"],
        "additionalProperties": False,
    }


FAULT = FaultKind()
"""Reads a fault and its `when`."""
