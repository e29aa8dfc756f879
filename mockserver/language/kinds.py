"""The kinds of values the YAML language has, each able to read, to say what it expected, and to describe itself.

A kind reads a node to a value or notes what is wrong and raises `Invalid`. From the same kinds come the
validation, the messages and the descriptions, so they cannot disagree.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, Generic, NamedTuple, Protocol, TypeAlias, TypeVar

import yaml

from mockserver.errors import Place
from mockserver.language.source import (
    Invalid,
    Json,
    Node,
    Source,
    describe,
    is_null,
    nearest,
    scalar,
)

T = TypeVar("T")
U = TypeVar("U")
S = TypeVar("S", bound="Spec")
T_co = TypeVar("T_co", covariant=True)


Schema: TypeAlias = dict[str, Any]
"""A JSON Schema."""
Schemas: TypeAlias = dict[str, Schema]
"""The schemas of records by their names, to which others refer."""


class Kind(Protocol[T_co]):
    """How one kind of value is read; `expected` completes the sentence "expected ...\"."""

    @property
    def expected(self) -> str:
        """What a user should have written."""
        ...

    def read(self, node: Node, source: Source) -> T_co:
        """The value of a node. Raises `Invalid` after noting the problem."""
        ...

    def schema(self, defs: Schemas) -> Schema:
        """The JSON Schema of what can be read, for editors; those of records go into `defs`."""
        ...


TEXT_SCHEMA: Schema = {"type": ["string", "number", "boolean"]}
"""A text, which need not be quoted: an editor sees a number in `1.0`."""


class Text(NamedTuple):
    """Text as written: `no`, `1.0` and `2024-01-01` are text here."""

    expected: str = "text"

    def read(self, node: Node, source: Source) -> str:
        """The scalar's own characters."""
        if not isinstance(node, yaml.ScalarNode) or is_null(node):
            raise source.refuse(node, f"expected {self.expected}, got {describe(node)}")
        source.no_tag(node)
        return str(node.value)

    def schema(self, defs: Schemas) -> Schema:
        """Any scalar."""
        return TEXT_SCHEMA


MANY = 10
"""So many words are listed even where the nearest one is told."""


class Choice(NamedTuple):
    """One word of a closed set."""

    words: tuple[str, ...]

    @property
    def expected(self) -> str:
        """The words themselves."""
        return "one of " + ", ".join(self.words)

    def read(self, node: Node, source: Source) -> str:
        """The word."""
        if isinstance(node, yaml.ScalarNode) and node.value in self.words:
            return str(node.value)
        close = nearest(node.value, self.words) if isinstance(node, yaml.ScalarNode) else ""
        expected = f"one of {len(self.words)} words" if close and len(self.words) > MANY else self.expected
        raise source.refuse(node, f"expected {expected}, got {describe(node)}{close}")

    def schema(self, defs: Schemas) -> Schema:
        """The words."""
        return {"enum": list(self.words)}


class Boolean(NamedTuple):
    """true or false."""

    expected: str = "true or false"

    def read(self, node: Node, source: Source) -> bool:
        """The truth value."""
        value = scalar(node) if isinstance(node, yaml.ScalarNode) else None
        if not isinstance(value, bool):
            raise source.refuse(node, f"expected {self.expected}, got {describe(node)}")
        return value

    def schema(self, defs: Schemas) -> Schema:
        """JSON's own truth values."""
        return {"type": "boolean"}


def _plain(number: float) -> str:
    """A number without an exponent where it is large."""
    return f"{number:,.0f}" if abs(number) >= 1e6 else f"{number:g}"


class Number(NamedTuple):
    """A number with bounds; `whole` asks for an integer."""

    low: float
    high: float
    whole: bool = False

    @property
    def expected(self) -> str:
        """The bounds in words."""
        kind = "a whole number" if self.whole else "a number"
        if self.high == float("inf"):
            return f"{kind} of at least {_plain(self.low)}" if self.low > -float("inf") else kind
        if self.low == -float("inf"):
            return f"{kind} of at most {_plain(self.high)}"
        return f"{kind} from {_plain(self.low)} to {_plain(self.high)}"

    def read(self, node: Node, source: Source) -> float:
        """The number: an int where one was written."""
        value = scalar(node) if isinstance(node, yaml.ScalarNode) else None
        wanted = int if self.whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, wanted) or not self.low <= value <= self.high:
            raise source.refuse(node, f"expected {self.expected}, got {describe(node)}")
        return value

    def schema(self, defs: Schemas) -> Schema:
        """The bounds, where there are any."""
        bounds = {"minimum": self.low, "maximum": self.high}
        finite = {word: bound for word, bound in bounds.items() if abs(bound) != float("inf")}
        return {"type": "integer" if self.whole else "number", **finite}


class AnyJson(NamedTuple):
    """Any JSON value, written as YAML."""

    expected: str = "a JSON value"

    def read(self, node: Node, source: Source) -> Json:
        """The value by JSON's rules: only true, false, null and numbers are not text."""
        return source.json(node)

    def schema(self, defs: Schemas) -> Schema:
        """Everything."""
        return {}


class JsonObject(NamedTuple):
    """A JSON object, written as a YAML mapping."""

    expected: str = "a mapping"

    def read(self, node: Node, source: Source) -> dict[str, Json]:
        """The object."""
        value = source.json(node)
        if not isinstance(value, dict):
            raise source.refuse(node, f"expected {self.expected}, got {describe(node)}")
        return value

    def schema(self, defs: Schemas) -> Schema:
        """Any object."""
        return {"type": "object"}


class ListOf(Generic[T]):
    """A list of one kind; with `or_one`, a single value stands for a list of one."""

    def __init__(self, kind: Kind[T], *, or_one: bool = False) -> None:
        self.kind = kind
        self.or_one = or_one

    @property
    def expected(self) -> str:
        """The items' kind in words."""
        listed = f"a list, each item {self.kind.expected}"
        return f"{self.kind.expected}, or a list of them" if self.or_one else listed

    def read(self, node: Node, source: Source) -> tuple[T, ...]:
        """The items, all their problems noted."""
        if isinstance(node, yaml.SequenceNode):
            source.no_tag(node)
            if not node.value:
                raise source.refuse(node, f"expected {self.expected}, got an empty list")
            return source.each(node, lambda item: self.kind.read(item, source))
        if self.or_one:
            return (self.kind.read(node, source),)
        raise source.refuse(node, f"expected {self.expected}, got {describe(node)}")

    def schema(self, defs: Schemas) -> Schema:
        """An array that is not empty, or one item."""
        item = self.kind.schema(defs)
        array: Schema = {"type": "array", "items": item, "minItems": 1}
        return {"anyOf": [item, array]} if self.or_one else array


class MappingOf(Generic[T]):
    """A mapping of free names to one kind of value."""

    def __init__(self, kind: Kind[T], what: str) -> None:
        self.kind = kind
        self.what = what

    @property
    def expected(self) -> str:
        """The values' kind in words."""
        return f"a mapping of {self.what}"

    def read(self, node: Node, source: Source) -> dict[str, T]:
        """The mapping, all problems of its values noted."""
        if not isinstance(node, yaml.MappingNode):
            raise source.refuse(node, f"expected {self.expected}, got {describe(node)}")
        source.no_tag(node)
        values: dict[str, T] = {}
        invalid = False
        for name, _, value in source.entries(node, self.expected):
            try:
                values[name] = self.kind.read(value, source)
            except Invalid:
                invalid = True
        if invalid:
            raise Invalid
        return values

    def schema(self, defs: Schemas) -> Schema:
        """An object whose values are all of one kind."""
        return {"type": "object", "additionalProperties": self.kind.schema(defs)}


class Made(Generic[T, U]):
    """A value that is made of what another kind has read."""

    def __init__(self, kind: Kind[T], make: Callable[[T], U]) -> None:
        self.kind = kind
        self.make = make

    @property
    def expected(self) -> str:
        """What the other kind expects."""
        return self.kind.expected

    def read(self, node: Node, source: Source) -> U:
        """The value that is made."""
        return self.make(self.kind.read(node, source))

    def schema(self, defs: Schemas) -> Schema:
        """That of the other kind."""
        return self.kind.schema(defs)


class Key(NamedTuple):
    """What a key of a record takes and means, and its value when it is left out."""

    kind: Kind[Any]
    doc: str
    required: bool
    default: Any


def key(kind: Kind[Any], doc: str, *, default: Any = None) -> Any:
    """A key of a record that may be left out."""
    return Key(kind, doc, False, default)


def required(kind: Kind[Any], doc: str) -> Any:
    """A key of a record that must be written."""
    return Key(kind, doc, True, None)


class Spec:
    """A record of the language: a frozen value whose attributes were made by `key` and `required`.

    A record that extends another has its keys too, behind its own. A key that is a word of Python's own has an
    underscore behind it here, and nowhere else. A dataclass would do the same, and cost a hundred times more at every
    start.
    """

    keys: ClassVar[dict[str, Key]]
    place: Place | None = None

    def __init_subclass__(cls) -> None:
        own = {name.rstrip("_"): made for name, made in vars(cls).items() if isinstance(made, Key)}
        cls.keys = {**own, **getattr(cls, "keys", {})}
        for name, made in own.items():
            setattr(cls, name, made.default)

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)

    def given(self) -> Iterator[tuple[str, Any]]:
        """The keys that were written, and their values."""
        return ((name, value) for name, value in vars(self).items() if name in self.keys)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"a {type(self).__name__} does not change")


class Record(Generic[S]):
    """A mapping with known keys, read into a record of the language.

    `what` names it in messages. `short` reads the short form: a value that is not a mapping. `extras` passes over
    keys that begin with `x-`; of `some_of` at least one key must be written. `check` looks at the finished record and
    its keys' nodes, for rules across keys. `short_schema` and `also` are for the JSON Schema: the short form's, any
    scalar when left out, and what `check` asks for, as far as a schema can say it.
    """

    def __init__(
        self,
        cls: type[S],
        what: str,
        *,
        short: Callable[[Node, Source], S] | None = None,
        short_expected: str = "",
        check: "Callable[[S, Mapping[str, Node], Node, Source], None] | None" = None,
        extras: bool = False,
        some_of: tuple[str, ...] = (),
        short_schema: Schema = TEXT_SCHEMA,
        also: Schema | None = None,
    ) -> None:
        self.cls = cls
        self.what = what
        self.short = short
        self.expected = f"{short_expected}, or a mapping" if short_expected else "a mapping"
        self.check = check
        self.extras = extras
        self.some_of = some_of
        self.short_schema = short_schema
        self.also = also or {}
        self.keys = cls.keys
        self.must = tuple(name for name, known in self.keys.items() if known.required)
        self._readers = {name: known.kind.read for name, known in self.keys.items()}

    def read(self, node: Node, source: Source) -> S:
        """The record. Notes unknown, missing and wrong keys, all of them, before it raises."""
        if not isinstance(node, yaml.MappingNode):
            if self.short is not None and not is_null(node):
                source.no_tag(node)
                return self.short(node, source)
            raise source.refuse(node, f"{self.what}: expected {self.expected}, got {describe(node)}")
        source.no_tag(node)
        before = len(source.problems)
        values: dict[str, Any] = {}
        nodes: dict[str, Node] = {}
        for name, key_node, value in source.entries(node, self.what):
            reader = self._readers.get(name)
            if reader is None:
                if self.extras and name.startswith("x-"):
                    continue  # a place for anchors
                close = nearest(name, tuple(self.keys)) or f"; known are {', '.join(self.keys)}"
                source.note(key_node, f"unknown key '{name}' in {self.what}{close}")
                continue
            nodes[name] = value
            try:
                values[name] = reader(value, source)
            except Invalid:
                pass  # noted; the other keys are still read
        for name in self.must:
            if name not in nodes:
                source.note(node, f"{self.what} needs the key '{name}': {self.keys[name].doc}")
        if self.some_of and not nodes.keys() & self.some_of:
            source.note(node, f"{self.what} needs one of {', '.join(self.some_of)}")
        if len(source.problems) > before:
            raise Invalid
        record = self.cls(**values, place=source.place(node))
        if self.check is not None:
            self.check(record, nodes, node, source)
            if len(source.problems) > before:
                raise Invalid
        return record

    def schema(self, defs: Schemas) -> Schema:
        """An object with the known keys and no others, or the short form."""
        name = self.what.removeprefix("a ").removeprefix("an ").replace(" ", "_")
        if name not in defs:
            defs[name] = {}  # a record may stand inside itself
            defs[name] = self._object(defs)
        whole = {"$ref": f"#/$defs/{name}"}
        return whole if self.short is None else {"anyOf": [self.short_schema, whole]}

    def _object(self, defs: Schemas) -> Schema:
        made: Schema = {
            "type": "object",
            "description": (self.cls.__doc__ or "").partition("\n")[0],
            "properties": {name: _described(known, defs) for name, known in self.keys.items()},
            "additionalProperties": False,
        }
        if self.extras:
            made["patternProperties"] = {"^x-": {}}
        if self.must:
            made["required"] = list(self.must)
        if self.some_of:
            made["anyOf"] = [{"required": [name]} for name in self.some_of]
        return {**made, **self.also}


def _described(known: Key, defs: Schemas) -> Schema:
    """The schema of a key's value, and what an editor shows of it."""
    made = {**known.kind.schema(defs), "description": known.doc}
    if not known.required and isinstance(known.default, str | int | float):
        made["default"] = known.default
    return made
