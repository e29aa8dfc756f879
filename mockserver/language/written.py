"""Texts that may be templates, which remember where they are written: a template that fails is told by its line."""

from typing import Any, NamedTuple

from mockserver.errors import Place
from mockserver.language.kinds import Schema, Schemas, Text
from mockserver.language.source import Json, Node, Source, scalar


class Written(str):
    """The text of a template and its place; of a `block`, each line of the text is a line of the file."""

    __slots__ = ("block", "place")

    block: bool
    place: Place

    @classmethod
    def at(cls, node: Node, text: str, source: Source) -> "Written":
        """The text of a node."""
        written = cls(text)
        written.place = source.place(node)
        written.block = node.style == "|"
        return written


def is_template(text: str) -> bool:
    """Whether a text is a template rather than canned."""
    return "{{" in text or "{%" in text


class TemplateText(NamedTuple):
    """Text, or a template of one."""

    expected: str = "text"

    def read(self, node: Node, source: Source) -> str:
        """The scalar's own characters."""
        text = Text(self.expected).read(node, source)
        return Written.at(node, text, source) if is_template(text) else text

    def schema(self, defs: Schemas) -> Schema:
        """Any scalar."""
        return Text().schema(defs)


class TemplateJson(NamedTuple):
    """Any JSON value, written as YAML, whose texts may be templates."""

    expected: str = "a JSON value"

    def read(self, node: Node, source: Source) -> Json:
        """The value by JSON's rules: only true, false, null and numbers are not text."""

        def leaf(node: Node) -> Json:
            value = scalar(node)
            return Written.at(node, value, source) if isinstance(value, str) and is_template(value) else value

        return source.json(node, leaf)

    def schema(self, defs: Schemas) -> Schema:
        """Everything."""
        return {}


def has_template(value: Any) -> bool:
    """Whether a JSON value has a template anywhere among its texts."""
    if isinstance(value, dict):
        return any(map(has_template, value.values()))
    if isinstance(value, list):
        return any(map(has_template, value))
    return isinstance(value, str) and is_template(value)
