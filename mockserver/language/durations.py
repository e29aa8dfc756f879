"""The kind of value that a duration is."""

from typing import NamedTuple

import yaml

from mockserver.failures.durations import EXPECTED, PATTERN, seconds
from mockserver.language.kinds import Schema, Schemas
from mockserver.language.source import Node, Source, describe


class Duration(NamedTuple):
    """`200ms`, `1.5s`, `2m`, `1m30s` or a number of seconds; read as seconds, never negative."""

    expected: str = EXPECTED

    def read(self, node: Node, source: Source) -> float:
        """The duration in seconds."""
        if isinstance(node, yaml.ScalarNode):
            source.no_tag(node)
            try:
                return seconds(node.value)
            except ValueError:
                pass
        raise source.refuse(node, f"expected {self.expected}, got {describe(node)}")

    def schema(self, defs: Schemas) -> Schema:
        """A number of seconds, or text with units."""
        return {"anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": PATTERN}]}


DURATION = Duration()
