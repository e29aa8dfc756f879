"""JSON values that conform to a JSON Schema: tool-call arguments and structured output.

What OpenAI's strict mode, Pydantic and zod write is followed to the letter. Anything else, however broken,
still gets a value: a schema that cannot be satisfied gets the best that could be made of it, and one that
asks for a billion items, or that contains itself, gets a bounded answer.
"""

from collections.abc import Callable

from mockserver.draw import Draw
from mockserver.generate.composition import Composer, Flat
from mockserver.generate.conformance import Conformance, identity
from mockserver.generate.keywords import (
    JSON,
    allowed,
    count,
    listed,
    mapping,
    others,
    positions,
    suggested,
    types_of,
)
from mockserver.generate.numeric import Bounds, integer_for, number_for
from mockserver.generate.plausible import Hint, format_for, singular, sized, text_for, words_of
from mockserver.generate.regexes import string_for

__all__ = ["JSON", "value_for"]

MOST_NODES = 10_000
"""No value has more strings, numbers, arrays, objects, ... than this."""
MOST_CHARACTERS = 100_000
"""No value has more characters in its generated strings and its keys than this."""

_SPARE_NODES = 8_000
"""With fewer nodes than this left, only what is required is written."""
_DEEP = 16
"""Deeper than this, only what is required is written."""
_DEEPEST = 48
"""Deeper than this, null is written."""
_TRIES = 6
_REFUSALS_OF_ONE = 250
_MOST_REFUSALS = 20_000

_IMPLIED = {
    "object": ("properties", "required", "additionalProperties", "patternProperties", "minProperties"),
    "array": ("items", "prefixItems", "minItems", "maxItems", "contains", "uniqueItems"),
    "string": ("pattern", "format", "minLength", "maxLength"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}
"""The type a schema without `type` most likely means, by the keywords it has."""
_TYPE_BY_KEYWORD = {keyword: name for name, keywords in _IMPLIED.items() for keyword in keywords}
_FALLBACKS = ("string", "integer", "object", "array", "boolean", "null")
"""Types to try, in order, when a schema does not say but refuses some by `not`."""


def value_for(schema: object, draw: Draw, *, hint: str = "") -> JSON:
    """A value that conforms to `schema`: the same for the same draw and hint.

    `hint` is what the user said last; names, numbers, addresses and quotations in it are used where a
    property's name invites it ("weather in Paris" gives `city` "Paris"). All declared properties are there,
    in order, except in the depths of a recursive schema, which have only what is required. Values of `const`,
    `enum` and `default` are the schema's own objects, not copies. Never raises, whatever the schema.
    """
    try:
        return _Writer(schema, draw, hint).value(schema, ())
    except RecursionError:  # called from deep down, or given a `const` that is as deep as a value can be
        return None


class _Writer:
    """Writes one value; knows how much may still be written and where it is."""

    __slots__ = (
        "characters",
        "check",
        "composer",
        "depth",
        "draw",
        "hint",
        "lean",
        "nodes",
        "refusals",
        "retry",
        "trail",
    )

    def __init__(self, root: object, draw: Draw, hint: str) -> None:
        self.draw = draw
        self.hint = Hint(hint)
        self.check = Conformance(root)
        self.composer = Composer(root, self.check, draw)
        self.nodes = MOST_NODES
        self.characters = MOST_CHARACTERS
        self.depth = 0
        self.lean = False
        """Whether only what is required is written."""
        self.refusals = 0
        self.retry = 0
        """How many values were refused as duplicates before this one."""
        self.trail = ["#"]
        """The references being written, outermost first."""

    # Choosing

    def value(self, schema: object, words: tuple[str, ...]) -> JSON:
        """A value for a schema; `words` are those of the property's name."""
        self.nodes -= 1
        if self._spent() or self.depth > _DEEPEST:
            return None
        if not isinstance(schema, dict):
            return self._string({}, words) if schema is not False else None
        lean, self.depth = self.lean, self.depth + 1
        self.lean = lean or self.depth > _DEEP or self.nodes < _SPARE_NODES
        value = self._chosen(schema, words)
        self.lean, self.depth = lean, self.depth - 1
        return value

    def _chosen(self, schema: dict[str, JSON], words: tuple[str, ...]) -> JSON:
        """The first try that conforms, where it is in doubt; else the first."""
        flat = self.composer.flat(schema, 0, self.lean)
        first = self._followed(flat, words, 0)
        if not flat.doubtful or self.check.conforms(first, schema):
            return first
        lean = self.lean
        for attempt in range(1, 2 * _TRIES):
            if self.nodes < 0:
                break
            self.lean = lean or attempt >= _TRIES
            value = self._followed(self.composer.flat(schema, attempt % _TRIES, self.lean), words, attempt)
            if self.check.conforms(value, schema):
                return value
        return first

    def _followed(self, flat: Flat, words: tuple[str, ...], attempt: int) -> JSON:
        """A value for a flat schema; one that was on the trail already is written lean."""
        lean = self.lean
        self.lean = lean or any(reference in self.trail for reference in flat.references)
        self.trail.extend(flat.references)
        value = self._plain(flat.schema, words, attempt)
        del self.trail[len(self.trail) - len(flat.references) :]
        self.lean = lean
        return value

    def _plain(self, schema: dict[str, JSON], words: tuple[str, ...], attempt: int) -> JSON:
        values = allowed(schema)
        if values:
            return self._given(self._one_of(values, schema, attempt))
        if not self.retry and not attempt and ("default" in schema or "examples" in schema):
            for value in suggested(schema):
                if self.check.conforms(value, schema):
                    return self._given(value)
        write = _WRITERS.get(self._type(schema, attempt))
        return write(self, schema, words) if write is not None else None

    def _type(self, schema: dict[str, JSON], attempt: int) -> str:
        """The type to write."""
        names = types_of(schema)
        if names is None:
            implied = next((_TYPE_BY_KEYWORD[key] for key in schema if key in _TYPE_BY_KEYWORD), "string")
            return _FALLBACKS[(attempt - 1) % len(_FALLBACKS)] if attempt else implied
        if self.lean and ("null" in names or schema.get("nullable") is True):
            return "null"
        some = [name for name in names if name != "null"]
        if len(some) > 1:
            return some[(self.draw.below(len(some)) + attempt) % len(some)]
        return some[0] if some else "null"

    def _one_of(self, values: list[JSON], schema: dict[str, JSON], attempt: int) -> JSON:
        """One of the values of an `enum`: the one the user mentioned, else any that fits."""
        if len(values) == 1:
            return values[0]
        if not self.retry and not attempt and self.hint.text:
            for value in values:
                if isinstance(value, str) and self.hint.mentions(value):
                    return value
        usual = values if None not in values else [value for value in values if value is not None] or values
        start = self.retry if self.retry > 0 and len(usual) < _REFUSALS_OF_ONE else self.draw.below(len(usual))
        for candidate in (usual[(start + attempt) % len(usual)], *values):
            if self.check.conforms(candidate, schema):
                return candidate
        return values[0]

    def _given(self, value: JSON) -> JSON:
        """A value of the schema's own, charged for what it costs."""
        stack: list[JSON] = [value]
        while stack and self.nodes >= 0:
            part = stack.pop()
            if isinstance(part, str):
                self.characters -= len(part)
            elif isinstance(part, (list, dict)):
                self.nodes -= len(part)
                stack.extend(part.values() if isinstance(part, dict) else part)
        return value

    # Scalars

    def _string(self, schema: dict[str, JSON], words: tuple[str, ...]) -> str:
        shortest = min(count(schema, "minLength", 0), max(self.characters, 0))
        longest = min(count(schema, "maxLength", MOST_CHARACTERS), max(self.characters, 0))
        text = self._special(schema, shortest, longest)
        if text is None:
            text = text_for(words, schema.get("description"), self.draw, self.hint)
            if self.retry:
                text = f"{text} {self.draw.alphanumeric(6)}"
                text = text[-max(longest, 0) :] if longest else ""
            text = sized(text, shortest, longest, self.draw)
        self.characters -= len(text)
        return text

    def _special(self, schema: dict[str, JSON], shortest: int, longest: int) -> str | None:
        """A string by `pattern` or by `format`."""
        pattern, form = schema.get("pattern"), schema.get("format")
        if isinstance(form, str):
            text = format_for(form, self.draw, self.hint)
            if text is not None and shortest <= len(text) <= longest:
                return text
        if isinstance(pattern, str):
            text = string_for(pattern, self.draw, shortest, longest)
            if text is not None and len(text) <= longest:
                return text
        return None

    def _integer(self, schema: dict[str, JSON], words: tuple[str, ...]) -> int:
        if self.hint.text and not self.retry:
            bounds = Bounds(schema)
            heard = self.hint.number(lambda number: isinstance(number, int) and bounds.allow(number))
            if heard is not None:
                return int(heard)
        return integer_for(schema, words[-1] if words else "", self.draw, retry=self.retry)

    def _number(self, schema: dict[str, JSON], words: tuple[str, ...]) -> float:
        if self.hint.text and not self.retry:
            heard = self.hint.number(Bounds(schema).allow)
            if heard is not None:
                return heard
        return number_for(schema, words[-1] if words else "", self.draw, retry=self.retry)

    def _boolean(self, schema: dict[str, JSON], words: tuple[str, ...]) -> bool:
        return self.retry % 2 == 1 if self.retry else self.draw.below(2) == 1

    def _null(self, schema: dict[str, JSON], words: tuple[str, ...]) -> None:
        return None

    # Containers

    def _object(self, schema: dict[str, JSON], words: tuple[str, ...]) -> dict[str, JSON]:
        """An object: declared properties, then what is required and not declared, then what makes it full."""
        declared = mapping(schema, "properties")
        required = [name for name in listed(schema, "required") if isinstance(name, str)]
        most = count(schema, "maxProperties", MOST_NODES)
        result: dict[str, JSON] = {}
        needed = frozenset(required)
        spare = most - len(needed)
        for name, part in declared.items():
            if name not in needed:
                if self.lean or part is False or spare <= 0:
                    continue
                spare -= 1
            if self._spent():
                return result
            self._put(result, name, part)
        undeclared = others(schema)
        for name in required:
            if name not in result and not self._spent():
                self._put(result, name, undeclared)
        if len(result) < count(schema, "minProperties", 0) or (not declared and not required and not self.lean):
            self._fill(result, schema, declared, most)
        return result

    def _put(self, result: dict[str, JSON], name: str, schema: object) -> None:
        self.characters -= len(name)
        result[name] = self.value(schema, words_of(name))

    def _fill(self, result: dict[str, JSON], schema: dict[str, JSON], declared: dict[str, JSON], most: int) -> None:
        """Add properties that need no declaration: as many as are needed, two when a map is described."""
        for name, part in declared.items():
            if len(result) < min(count(schema, "minProperties", 0), most) and part is not False and name not in result:
                self._put(result, name, part)
        patterns = mapping(schema, "patternProperties")
        undeclared = schema.get("additionalProperties")
        described = bool(patterns) or (isinstance(undeclared, dict) and bool(undeclared))
        wanted = min(max(count(schema, "minProperties", 0), 2 if described and not self.lean else 0), most)
        if undeclared is False and not patterns:
            return
        for attempt in range(2 * wanted + 2):
            if len(result) >= wanted or self._spent():
                return
            key, inner = self._key(schema, patterns, attempt)
            if key not in result and key not in declared:
                self._put(result, key, inner)

    def _key(self, schema: dict[str, JSON], patterns: dict[str, JSON], attempt: int) -> tuple[str, object]:
        """A key for an undeclared property, and its schema."""
        names = schema.get("propertyNames")
        if isinstance(names, dict):
            retry, self.retry = self.retry, attempt
            name = self.value({"type": "string"} | names, ("key",))
            self.retry = retry
            return (name if isinstance(name, str) else f"key{attempt + 1}"), others(schema)
        for pattern, part in patterns.items():
            name = string_for(pattern, self.draw, 1, 40)
            if name is not None:
                return name, part
        return f"key{attempt + 1}", others(schema)

    def _array(self, schema: dict[str, JSON], words: tuple[str, ...]) -> list[JSON]:
        """An array of as many items as are asked for, one to three when nothing is asked."""
        prefix, items = positions(schema)
        contained = schema.get("contains")
        extra = count(schema, "minContains", 1) if contained is not None else 0
        most = count(schema, "maxItems", MOST_NODES) if items is not False else len(prefix)
        least = max(count(schema, "minItems", 0), len(prefix) + extra if extra else 0)
        usual = least if self.lean else max(least, len(prefix) or self.draw.between(1, 3))
        wanted = min(usual, most)
        start = max(min(len(prefix), wanted - extra), 0)  # of what the array must contain
        seen: set[object] | None = set() if schema.get("uniqueItems") is True else None
        single = singular(words)
        result: list[JSON] = []
        for index in range(wanted):
            if self._spent():
                break
            part = prefix[index] if index < len(prefix) else items
            if start <= index < start + extra:
                part = {"allOf": [part, contained]}
            if not self._append(result, seen, part, single):
                break
        return result

    def _append(self, result: list[JSON], seen: set[object] | None, part: JSON, words: tuple[str, ...]) -> bool:
        """Append an item, one that is not `seen` yet; whether one was found."""
        outer, nodes, characters = self.retry, self.nodes, self.characters
        for attempt in range(_REFUSALS_OF_ONE):
            self.retry = outer + attempt
            value = self.value(part, words)
            self.retry = outer
            if seen is None or identity(value) not in seen:
                break
            self.refusals += 1
            if self.refusals > _MOST_REFUSALS:
                return False
            self.nodes, self.characters = nodes, characters
        else:
            return False
        if seen is not None:
            seen.add(identity(value))
        result.append(value)
        return True

    def _spent(self) -> bool:
        """Whether the value is as big as a value may be."""
        return self.nodes < 0 or self.characters <= 0


_WRITERS: dict[str, Callable[[_Writer, dict[str, JSON], tuple[str, ...]], JSON]] = {
    "string": _Writer._string,
    "integer": _Writer._integer,
    "number": _Writer._number,
    "boolean": _Writer._boolean,
    "null": _Writer._null,
    "object": _Writer._object,
    "array": _Writer._array,
}
