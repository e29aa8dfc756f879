"""A schema made of others (`$ref`, `allOf`, `anyOf`, `oneOf`, `if`) as one plain schema, branches chosen."""

from collections.abc import Sequence
from typing import NamedTuple

from mockserver.draw import Draw
from mockserver.generate.conformance import Conformance
from mockserver.generate.keywords import (
    JSON,
    allowed,
    is_null,
    listed,
    needed,
    resolved,
    types_of,
    unions_of,
)
from mockserver.generate.merging import NOTHING, merged

_MOST_PARTS = 64
"""How many parts of one schema, and choices between branches, are looked at."""
_HIGHEST = 16
_COMPOSING = frozenset(("$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "if", "then", "else"))


class Flat(NamedTuple):
    """A schema without composing keywords: branches chosen, references followed."""

    schema: dict[str, JSON]
    references: Sequence[str] = ()
    doubtful: bool = False
    """Whether the value must be checked: with `oneOf` and `not` no choice of branches is sure to be right."""


class Composer:
    """Makes flat schemas of those of one root."""

    __slots__ = ("_check", "_draw", "_heights", "_root")

    def __init__(self, root: object, check: Conformance, draw: Draw) -> None:
        self._root = root
        self._check = check
        self._draw = draw
        self._heights: dict[tuple[int, int], tuple[object, int]] = {}

    def flat(self, schema: dict[str, JSON], attempt: int, lean: bool) -> Flat:
        """The schema with references followed and parts merged.

        `lean` prefers the branches that end soonest; every `attempt` prefers others.
        """
        if _COMPOSING.isdisjoint(schema):
            return Flat(schema, (), "not" in schema)
        parts = _Parts()
        self._gather(schema, parts)
        doubtful = False
        for turn, (keyword, branches) in enumerate(parts.unions):  # grows: a branch may have unions of its own
            if turn >= _MOST_PARTS:
                break
            doubtful = doubtful or keyword != "anyOf" or len(parts.unions) > 1
            self._choose(parts, self._preferred(branches, attempt, lean))
        return Flat(parts.schema, parts.references, doubtful or "not" in parts.schema)

    def _gather(self, schema: object, parts: "_Parts") -> None:
        """Add all that holds whatever the branch, and the unions met on the way."""
        stack = [schema]
        for _ in range(_MOST_PARTS):
            if not stack:
                break
            part = stack.pop()
            if part is False:
                parts.schema = NOTHING
            if not isinstance(part, dict):
                continue
            plain = {key: value for key, value in part.items() if key not in _COMPOSING}
            parts.schema = merged(parts.schema, plain)
            stack.extend(reversed(listed(part, "allOf")))
            reference = part.get("$ref", part.get("$dynamicRef"))
            if isinstance(reference, str) and reference not in parts.references:
                parts.references.append(reference)
                stack.append(resolved(self._root, reference))
            parts.unions.extend(unions_of(part))

    def _choose(self, parts: "_Parts", branches: Sequence[JSON]) -> None:
        """Add the first branch that does not contradict what is there already."""
        for branch in branches:
            tried = _Parts(parts.schema, parts.references)
            self._gather(branch, tried)
            if self._possible(tried.schema):
                parts.schema = tried.schema
                parts.references = tried.references
                parts.unions += tried.unions
                return

    def _preferred(self, branches: list[JSON], attempt: int, lean: bool) -> Sequence[JSON]:
        """Branches in the order to try: when lean those that end soonest first, else null last."""
        if lean:
            order = sorted(branches, key=lambda branch: self._height(branch, _HIGHEST))
            start = 0
        else:
            some = [branch for branch in branches if not is_null(branch)]
            order = some + [branch for branch in branches if is_null(branch)]
            start = self._draw.below(len(some)) if len(some) > 1 else 0
        start = (start + attempt) % len(order)
        turned = order[start:] + order[:start]
        return turned if lean or is_null(order[start]) else sorted(turned, key=is_null)

    def _possible(self, schema: dict[str, JSON]) -> bool:
        """Whether nothing speaks against there being a value."""
        if schema.get("type") == []:
            return False
        values = allowed(schema)
        return values is None or any(self._check.conforms(value, schema) for value in values)

    def _height(self, schema: object, room: int) -> int:
        """How deep the shallowest value of a schema is, at most `room` + 1: a recursive one may have none."""
        if not isinstance(schema, dict):
            return 0 if schema is not False else room + 1
        if room < 0:
            return 0
        found = self._heights.get((id(schema), room))
        if found is None:
            found = schema, min(self._measured(schema, room), room + 1)  # kept, as ids of the dead are reused
            self._heights[id(schema), room] = found
        return found[1]

    def _measured(self, schema: dict[str, JSON], room: int) -> int:
        names = types_of(schema) or ()
        if allowed(schema) is not None or "null" in names or schema.get("nullable") is True:
            return 0
        height = 1 + self._height(resolved(self._root, schema["$ref"]), room - 1) if "$ref" in schema else 0
        for part in listed(schema, "allOf"):
            height = max(height, self._height(part, room - 1))
        for _, branches in unions_of(schema):
            height = max(height, min(self._height(branch, room - 1) for branch in branches))
        for need in needed(schema):
            height = max(height, 1 + self._height(need, room - 1))
        return height


class _Parts:
    """What was gathered of a schema so far."""

    __slots__ = ("references", "schema", "unions")

    def __init__(self, schema: dict[str, JSON] | None = None, references: Sequence[str] = ()) -> None:
        self.schema: dict[str, JSON] = schema or {}
        self.references = list(references)
        self.unions: list[tuple[str, list[JSON]]] = []
