"""Values generated from JSON Schemas."""

import copy
import ipaddress
import json
import re
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mockserver.draw import Draw
from mockserver.generate.schema import JSON, MOST_CHARACTERS, MOST_NODES, value_for

Schema = dict[str, Any]

quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def value(schema: object, *key: str | int, hint: str = "") -> Any:
    """A value for the schema, of a draw that the key names."""
    return value_for(schema, Draw(*key), hint=hint)


def objects(hint: str = "", /, **properties: Schema) -> Any:
    """The value for an object schema with those properties."""
    return value({"type": "object", "properties": properties}, "objects", hint=hint)


def nodes(made: JSON) -> int:
    """How many values a value consists of, itself included."""
    if isinstance(made, dict):
        return 1 + sum(nodes(part) for part in made.values())
    return 1 + sum(nodes(part) for part in made) if isinstance(made, list) else 1


# Schemas that have a conforming value, whatever hypothesis makes of them.

names = st.sampled_from(["name", "email", "city", "items", "count", "user_id", "createdAt", "url", "x", "y", "z"])
small = st.integers(-50, 50)


@st.composite
def strings(draw: st.DrawFn) -> Schema:
    """A schema of strings."""
    schema: Schema = {"type": "string"}
    kind = draw(st.sampled_from(["plain", "sized", "pattern", "format"]))
    if kind == "sized":
        least = draw(st.integers(0, 60))
        schema |= {"minLength": least, "maxLength": least + draw(st.integers(0, 40))}
    if kind == "pattern":
        schema["pattern"] = draw(st.sampled_from(PATTERNS))
    if kind == "format":
        schema["format"] = draw(st.sampled_from(["date", "date-time", "email", "uuid", "uri", "ipv4", "unheard-of"]))
    return schema


@st.composite
def numbers(draw: st.DrawFn) -> Schema:
    """A schema of numbers or integers, with room for at least one multiple of its step."""
    schema: Schema = {"type": draw(st.sampled_from(["integer", "number"]))}
    low, step = draw(small), draw(st.sampled_from([None, None, 1, 3, 7, 0.5, 0.25]))
    if step is not None:
        schema["multipleOf"] = step
    if draw(st.booleans()):
        schema[draw(st.sampled_from(["minimum", "exclusiveMinimum"]))] = low
    if draw(st.booleans()):
        schema[draw(st.sampled_from(["maximum", "exclusiveMaximum"]))] = low + draw(st.integers(9, 1000))
    return schema


constants = st.one_of(st.none(), st.booleans(), small, st.text(max_size=5), st.just([1, "a"]), st.just({"a": [None]}))
leaves: st.SearchStrategy[Schema] = st.one_of(
    strings(),
    numbers(),
    st.sampled_from([{"type": "boolean"}, {"type": "null"}, {}, {"description": "Whatever."}]).map(copy.deepcopy),
    constants.map(lambda constant: {"const": constant}),
    st.lists(constants, min_size=1, max_size=4).map(lambda constants: {"enum": constants}),
    st.lists(
        st.sampled_from(["string", "integer", "number", "boolean", "null", "array", "object"]),
        min_size=1,
        unique=True,
    ).map(lambda types: {"type": types}),
)


def containers(inner: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
    """Schemas made of other schemas."""
    return st.one_of(
        arrays(inner),
        tuples(inner),
        mappings(inner),
        inner.map(lambda part: {"type": "object", "additionalProperties": part, "minProperties": 1}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"anyOf": parts}),
        inner.map(lambda part: {"anyOf": [part, {"type": "null"}], "default": None}),
        inner.map(lambda part: {"allOf": [part], "title": "Wrapped"}),
        st.lists(inner, min_size=1, max_size=3).map(tagged),
        st.tuples(inner, inner).map(joined),
    )


@st.composite
def arrays(draw: st.DrawFn, inner: st.SearchStrategy[Schema]) -> Schema:
    """An array schema; what must be unique has room to be."""
    if draw(st.booleans()):
        items = draw(st.sampled_from([{"type": "string"}, {"type": "integer"}, {"type": "string", "minLength": 3}]))
        return {
            "type": "array",
            "items": items,
            "uniqueItems": True,
            "minItems": draw(st.integers(0, 20)),
        }
    least = draw(st.integers(0, 4))
    return {
        "type": "array",
        "items": draw(inner),
        "minItems": least,
        "maxItems": least + draw(st.integers(0, 3)),
    }


@st.composite
def tuples(draw: st.DrawFn, inner: st.SearchStrategy[Schema]) -> Schema:
    """An array schema with positions, perhaps one that must contain something."""
    prefix = draw(st.lists(inner, min_size=1, max_size=3))
    schema: Schema = {"type": "array", "prefixItems": prefix, "minItems": len(prefix)}
    if draw(st.booleans()):
        return schema | {"items": False, "maxItems": len(prefix)}
    return schema | {"contains": draw(inner), "minContains": draw(st.integers(1, 3))}


@st.composite
def mappings(draw: st.DrawFn, inner: st.SearchStrategy[Schema]) -> Schema:
    """An object schema."""
    properties = draw(st.dictionaries(names, inner, max_size=4))
    required = draw(st.lists(st.sampled_from(sorted(properties)), unique=True)) if properties else []
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": draw(st.sampled_from([True, False, {"type": "integer"}])),
    }


def tagged(parts: list[Schema]) -> Schema:
    """A discriminated union, as Pydantic writes it."""
    return {
        "oneOf": [
            {
                "type": "object",
                "properties": {"kind": {"const": f"k{index}"}, "value": part},
                "required": ["kind", "value"],
            }
            for index, part in enumerate(parts)
        ]
    }


def joined(parts: tuple[Schema, Schema]) -> Schema:
    """Two object schemas of which both must hold."""
    return {
        "allOf": [
            {"type": "object", "properties": {f"part{i}": part}, "required": [f"part{i}"]}
            for i, part in enumerate(parts)
        ]
    }


schemas = st.recursive(leaves, containers, max_leaves=8)

PATTERNS = [
    r"^\d{3}-\d{4}$",
    r"^[A-Z]{2}\d+$",
    r"^(foo|ba[rz])+$",
    r"^[^\s@]+@[^\s@]+\.[^\s@]+$",
    r"^(?=.*[A-Z])(?=.*\d)[A-Za-z\d]{8,}$",
    r"^\+?[1-9]\d{1,14}$",
    r"^#(?:[0-9a-fA-F]{3}){1,2}$",
    r"\bfoo\b",
    r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$",
    r"^(?!\s*$).+",
    r"^[a-z0-9]+(?:-[a-z0-9]+)*$",
    r"^(?P<year>\d{4})-\x41\u0042\.$",
    r"^[]a]+[^]a]*?$",
    r"^a$|^b{2}$",
    r"[\w.\-]{5,}",
    r"^\D\W\S$",
    r"^{a}$",
    r"",
]


CATCHES: list[Schema] = [
    {"type": "object", "properties": {"a": {}, "b": {}}, "oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
    {"oneOf": [{"type": "number", "multipleOf": 5}, {"type": "number", "multipleOf": 3}]},
    {"not": {"type": "string"}},
    {"type": ["string", "integer"], "not": {"type": "string"}},
    {"type": "string", "enum": ["a", "b", 3], "minLength": 1, "not": {"const": "a"}},
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.001},
    {"type": "number", "minimum": 1e300, "maximum": 1e301},
    {"type": "integer", "minimum": 10**400},
    {"type": "integer", "minimum": 0.5, "maximum": 1.5},
    {"type": "integer", "exclusiveMinimum": 1, "exclusiveMaximum": 3, "minimum": 0},
    {"type": "integer", "multipleOf": 17, "minimum": 900},
    {"allOf": [{"type": "number", "minimum": 3}, {"type": "integer", "maximum": 4}, {"multipleOf": 4}]},
    {"allOf": [{"enum": [1, 2, 3]}, {"enum": [3, 4]}]},
    {"type": "integer", "anyOf": [{"type": "string"}, {"minimum": 500}]},
    {"anyOf": [False, {"type": "integer"}]},
    {"anyOf": [{"type": "string"}, {"type": "integer"}], "oneOf": [{"type": "integer"}, {"type": "null"}]},
    {"type": "array", "items": {"type": "boolean"}, "uniqueItems": True, "minItems": 2},
    {"type": "array", "items": {"enum": list("abcdef")}, "uniqueItems": True, "minItems": 6},
    {
        "type": "array",
        "items": {"type": "integer", "minimum": 1, "maximum": 9},
        "uniqueItems": True,
        "minItems": 9,
    },
    {"type": "array", "items": {"type": "string"}, "uniqueItems": True, "minItems": 300},
    {
        "type": "array",
        "items": {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]},
        "uniqueItems": True,
        "minItems": 30,
    },
    {"type": "array", "contains": {"const": 7}, "minItems": 3},
    {"type": "object", "required": ["undeclared"], "additionalProperties": {"type": "integer"}},
    {"type": "object", "minProperties": 5},
    {"type": "object", "properties": {"a": {}, "b": {}, "c": {}}, "required": ["c"], "maxProperties": 2},
    {"type": "object", "properties": {"a": False, "b": {"const": 1}}},
    {
        "type": "object",
        "patternProperties": {"^x-[a-z]+$": {"type": "integer"}},
        "additionalProperties": False,
    },
    {"type": "object", "propertyNames": {"pattern": "^[A-Z]{3}$"}, "minProperties": 2},
    {
        "type": "object",
        "propertyNames": {"enum": ["a", "b"]},
        "additionalProperties": {"type": "null"},
        "minProperties": 2,
    },
    {
        "if": {"properties": {"k": {"const": 1}}, "required": ["k"]},
        "then": {"required": ["v"]},
        "type": "object",
    },
    {"$ref": "#/$defs/a~1b%20c", "$defs": {"a/b c": {"type": "integer"}}},
    {"$ref": "#/properties/x", "properties": {"x": {"type": "object"}}},
    {"$ref": "#there", "$defs": {"A": {"$anchor": "there", "type": "integer"}}},
    {"$ref": "#/$defs/A", "minimum": 400, "$defs": {"A": {"$ref": "#/$defs/B"}, "B": {"type": "integer"}}},
    {"type": "string", "default": 5},
    {"type": "string", "minLength": 5, "examples": ["abc"]},
    {"type": "string", "pattern": r"^\d+$", "minLength": 30, "maxLength": 31},
    {"type": "string", "format": "email", "maxLength": 4},
]


GREEDY: list[Schema] = [
    {"type": "array", "minItems": 10**9},
    {"type": "array", "minItems": 10**9, "uniqueItems": True, "items": {"type": "integer"}},
    {"type": "array", "minItems": 10**9, "items": {"type": "string", "minLength": 10**9}},
    {"type": "array", "minItems": 10**9, "items": {"const": "x" * 1000}},
    {"type": "array", "minItems": 10**9, "contains": {"const": [1] * 100}, "minContains": 10**9},
    {"type": "string", "minLength": 10**12},
    {"type": "string", "pattern": "^(a{1000}){1000}$"},
    {"type": "string", "pattern": "^((a?){10000}){10000}$"},
    {"type": "string", "pattern": "^(|a){99999999}$", "minLength": 50_000},
    {"type": "object", "minProperties": 10**9},
    {"type": "object", "minProperties": 10**9, "patternProperties": {"^a$": {}}},
    {"type": "object", "properties": {"l": {"$ref": "#"}, "r": {"$ref": "#"}}, "required": ["l", "r"]},
    {"type": "array", "items": {"$ref": "#"}, "minItems": 7},
    {"$ref": "#"},
    {"allOf": [{"$ref": "#"}]},
    {"anyOf": [{"$ref": "#"}, {"$ref": "#"}]},
    {"oneOf": [{"$ref": "#"}, {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]}]},
    {"not": {}},
    {"not": {"$ref": "#"}, "type": "object", "properties": {"a": {"$ref": "#"}, "b": {"$ref": "#"}}},
    {
        "$ref": "#/$defs/a",
        "$defs": {
            name: {"type": "object", "properties": {to: {"$ref": f"#/$defs/{to}"} for to in "abcdefghij"}}
            for name in "abcdefghij"
        },
    },
]


class TestConformance:
    """The value is what the schema asks for."""

    @quick
    @given(schema=schemas, seed=st.integers(0, 99), hint=st.sampled_from(["", 'Is "it" 7 in Paris, Bob?']))
    @example(schema={"type": "number", "multipleOf": 0.01}, seed=0, hint="")
    @example(schema={"oneOf": [{"type": "integer"}, {"type": "number"}]}, seed=0, hint="")
    def test_values_conform_to_any_schema_that_can_be_satisfied(self, schema: Schema, seed: int, hint: str) -> None:
        """An independent validator accepts the value."""
        made = value(schema, seed, hint=hint)
        Draft202012Validator(schema).validate(made)
        assert json.loads(json.dumps(made, allow_nan=False)) == made

    @settings(quick, max_examples=80)
    @given(inner=schemas, seed=st.integers(0, 99))
    def test_values_conform_inside_recursive_definitions(self, inner: Schema, seed: int) -> None:
        """A tree and a linked list around any schema end, and are accepted."""
        schema = {
            "$defs": {
                "Tree": {
                    "type": "object",
                    "properties": {
                        "value": inner,
                        "children": {"type": "array", "items": {"$ref": "#/$defs/Tree"}},
                        "next": {"anyOf": [{"$ref": "#/$defs/Tree"}, {"type": "null"}]},
                    },
                    "required": ["value", "children", "next"],
                    "additionalProperties": False,
                }
            },
            "$ref": "#/$defs/Tree",
        }
        Draft202012Validator(schema).validate(value(schema, seed))

    @pytest.mark.parametrize("schema", CATCHES, ids=json.dumps)
    def test_values_conform_to_schemas_with_a_catch(self, schema: Schema) -> None:
        """Whatever the seed, each of these has a conforming value and gets one."""
        for seed in range(20):
            Draft202012Validator(schema).validate(value(schema, seed))

    @pytest.mark.parametrize("pattern", PATTERNS)
    def test_strings_match_their_pattern(self, pattern: str) -> None:
        """The pattern is found in the string, also when a length is asked for that it can have."""
        for seed in range(30):
            assert re.search(pattern, value({"type": "string", "pattern": pattern}, seed))

    @pytest.mark.parametrize(
        "pattern", ["(", "[", "a**", r"\1(a)", "(?<=a)b", "[z-a]", "x{3,1}", "\\", "(" * 3000, "(?"]
    )
    def test_a_pattern_that_cannot_be_read_gives_a_plain_string(self, pattern: str) -> None:
        """A malformed or unsupported pattern is as good as none."""
        made = value({"type": "string", "pattern": pattern, "minLength": 3}, "plain")
        assert isinstance(made, str)
        assert len(made) >= 3

    @pytest.mark.parametrize(
        ("form", "read"),
        [
            ("date-time", lambda text: datetime.fromisoformat(text).tzinfo),
            ("date", date.fromisoformat),
            ("time", lambda text: time.fromisoformat(text).tzinfo),
            ("duration", lambda text: re.fullmatch(r"PT\d+M", text)),
            ("email", lambda text: re.fullmatch(r"[a-z.]+@[a-z]+\.com", text)),
            ("hostname", lambda text: re.fullmatch(r"[a-z]+(\.[a-z]+)+", text)),
            ("ipv4", ipaddress.IPv4Address),
            ("ipv6", ipaddress.IPv6Address),
            ("uuid", lambda text: UUID(text).version == 4),
            ("uri", lambda text: re.fullmatch(r"https://[a-z.]+/[a-z]+", text)),
        ],
    )  # fmt: skip
    def test_strings_have_their_format(self, form: str, read: Callable[[str], object]) -> None:
        """Each format of strict mode is one that its reader accepts."""
        for seed in range(20):
            assert read(value({"type": "string", "format": form}, seed))

    def test_a_boolean_limit_of_draft_4_excludes_the_limit(self) -> None:
        """`exclusiveMinimum: true` beside `minimum`, as older generators write it."""
        schema = {"type": "integer", "minimum": 3, "exclusiveMinimum": True, "maximum": 4}
        assert {value(schema, seed) for seed in range(10)} == {4}

    def test_items_as_a_list_are_positions(self) -> None:
        """Positions as they were written before 2020."""
        assert value({"type": "array", "items": [{"const": 1}, {"const": 2}], "additionalItems": False}) == [
            1,
            2,
        ]


class TestShape:
    """What is written beyond what must be."""

    def test_all_declared_properties_are_written_in_declared_order(self) -> None:
        """Optional ones too."""
        made = objects(b={"type": "integer"}, a={"type": "string"}, c={"type": "boolean"})
        assert list(made) == ["b", "a", "c"]

    def test_an_optional_value_is_written_and_not_null(self) -> None:
        """All the ways of libraries to say "or null" get a value."""
        made = objects(
            pydantic={"anyOf": [{"type": "integer"}, {"type": "null"}], "default": None},
            strict={"type": ["null", "integer"]},
            openapi={"type": "integer", "nullable": True},
            choice={"enum": [None, 1, 2]},
        )
        assert all(isinstance(part, int) for part in made.values())

    def test_a_recursive_schema_is_followed_once(self) -> None:
        """A linked list has a second element, which is the last."""
        node = {
            "type": "object",
            "properties": {
                "value": {"const": 1},
                "next": {"anyOf": [{"$ref": "#/$defs/N"}, {"type": "null"}]},
            },
            "required": ["value", "next"],
        }
        assert value({"$ref": "#/$defs/N", "$defs": {"N": node}}) == {
            "value": 1,
            "next": {"value": 1, "next": None},
        }

    def test_a_recursive_branch_gives_way_to_one_that_ends(self) -> None:
        """Of an expression's branches the one that is not an expression again is taken in the depths."""
        schema = {
            "$defs": {
                "E": {"anyOf": [{"$ref": "#/$defs/Sum"}, {"type": "integer"}]},
                "Sum": {
                    "type": "object",
                    "properties": {"left": {"$ref": "#/$defs/E"}, "right": {"$ref": "#/$defs/E"}},
                    "required": ["left", "right"],
                },
            },
            "$ref": "#/$defs/E",
        }
        for seed in range(20):
            made = value(schema, seed)
            Draft202012Validator(schema).validate(made)
            assert nodes(made) < 20

    def test_optional_recursion_is_left_out_in_the_depths(self) -> None:
        """A property that may be left out does not go on for ever."""
        made = value({"type": "object", "properties": {"again": {"$ref": "#"}}})
        assert made == {"again": {}}

    def test_a_map_gets_entries(self) -> None:
        """A described but undeclared property is shown by example."""
        made = value({"type": "object", "additionalProperties": {"type": "integer"}})
        assert made
        assert all(isinstance(part, int) for part in made.values())

    def test_examples_and_defaults_are_used_where_they_fit(self) -> None:
        """The first example, else the default, unless it is of another type."""
        made = objects(
            both={"type": "string", "examples": ["seen", "unseen"], "default": "other"},
            default={"type": "integer", "default": 42},
            wrong={"type": "integer", "default": "42", "maximum": 10},
        )
        assert made["both"] == "seen"
        assert made["default"] == 42
        assert isinstance(made["wrong"], int)

    def test_names_decide_what_a_string_looks_like(self) -> None:
        """However the words of a name are joined."""
        made = objects(**{name: {"type": "string"} for name in ("userEmail", "home-page_URL", "birth_date", "id")})
        assert re.fullmatch(r"\S+@\S+", made["userEmail"])
        assert made["home-page_URL"].startswith("https://")
        assert date.fromisoformat(made["birth_date"])
        assert re.fullmatch(r"[A-Za-z0-9]{12}", made["id"])

    def test_names_decide_how_big_a_number_is(self) -> None:
        """As long as the schema leaves room for it."""
        made = objects(birth_year={"type": "integer"}, year={"type": "integer", "minimum": 3000})
        assert 1900 < made["birth_year"] < 2100
        assert made["year"] >= 3000

    def test_items_are_named_after_their_array(self) -> None:
        """Cities are each a city."""
        made = objects("Compare Oslo with Rome.", cities={"type": "array", "items": {"type": "string"}, "minItems": 1})
        assert made["cities"][0] == "Oslo" or made["cities"][0] == "Rome"


class TestHint:
    """What the user said is used where the property invites it."""

    @pytest.mark.parametrize(
        ("hint", "name", "schema", "expected"),
        [
            ("weather in Paris", "city", {"type": "string"}, "Paris"),
            (
                "What is the weather in San Francisco, please?",
                "location",
                {"type": "string"},
                "San Francisco",
            ),
            ("weather in Paris", "q", {"type": "string", "description": "The city to look up."}, "Paris"),
            ("On Monday, is it nice in Rome?", "destination", {"type": "string"}, "Rome"),
            ("Book a table for Alice in Oslo", "customer_name", {"type": "string"}, "Alice"),
            ("Plan 5 days", "days", {"type": "integer"}, 5),
            ("Plan 50 or 5 days", "days", {"type": "integer", "maximum": 10}, 5),
            ("It costs $1,250.50 now", "price", {"type": "number"}, 1250.5),
            ("Show it in fahrenheit", "unit", {"enum": ["celsius", "fahrenheit"]}, "fahrenheit"),
            ("Write to ann@site.org.", "email", {"type": "string"}, "ann@site.org"),
            (
                "Read https://site.org/a today",
                "link",
                {"type": "string", "format": "uri"},
                "https://site.org/a",
            ),
            ("Meet on 2031-05-06", "date", {"type": "string", "format": "date"}, "2031-05-06"),
            ('Add "Buy milk" to my list', "title", {"type": "string"}, "Buy milk"),
            ("who won the cup", "query", {"type": "string"}, "who won the cup"),
        ],
    )
    def test_the_message_fills_a_property(self, hint: str, name: str, schema: Schema, expected: JSON) -> None:
        """A part of the message is the value of the property it suits."""
        assert objects(hint, **{name: schema}) == {name: expected}

    def test_each_name_and_number_is_used_once_in_order(self) -> None:
        """Two places and two numbers of a message go to two properties each."""
        text, number = {"type": "string"}, {"type": "number"}
        made = objects("Fly from Rome to Oslo, add 3 and 5", origin=text, destination=text, a=number, b=number)
        assert made == {"origin": "Rome", "destination": "Oslo", "a": 3, "b": 5}

    def test_the_first_word_of_a_sentence_is_no_name(self) -> None:
        """It is capitalised anyway."""
        assert objects("Weather?", city={"type": "string"}) != {"city": "Weather"}

    @quick
    @given(hint=st.text())
    def test_no_message_breaks_a_value(self, hint: str) -> None:
        """Whatever the user says, the value conforms."""
        properties: Schema = {name: {"type": "string", "maxLength": 9} for name in ("city", "name", "query", "title")}
        properties["n"] = {"type": "integer", "minimum": 0}
        schema = {"type": "object", "properties": properties}
        Draft202012Validator(schema).validate(value(schema, hint=hint))


class TestDeterminism:
    """The draw decides."""

    @quick
    @given(schema=schemas, seed=st.integers(0, 99))
    def test_the_same_draw_gives_the_same_value(self, schema: Schema, seed: int) -> None:
        """Value and order of keys, also from a copy of the schema, which is not changed."""
        before = copy.deepcopy(schema)
        assert json.dumps(value(schema, seed)) == json.dumps(value(copy.deepcopy(schema), seed))
        assert schema == before

    def test_other_draws_give_other_values(self) -> None:
        """The value depends on the key."""
        schema = {"type": "object", "properties": {"id": {"type": "string"}}}
        assert len({value(schema, seed)["id"] for seed in range(20)}) == 20


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
keywords = st.sampled_from(
    [
        "type",
        "properties",
        "required",
        "additionalProperties",
        "patternProperties",
        "propertyNames",
        "items",
        "prefixItems",
        "minItems",
        "maxItems",
        "uniqueItems",
        "contains",
        "minContains",
        "maxContains",
        "enum",
        "const",
        "anyOf",
        "oneOf",
        "allOf",
        "not",
        "if",
        "then",
        "else",
        "$ref",
        "$dynamicRef",
        "$defs",
        "definitions",
        "nullable",
        "format",
        "minLength",
        "maxLength",
        "pattern",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "default",
        "examples",
        "description",
        "minProperties",
        "maxProperties",
        "$anchor",
        "additionalItems",
    ]
)
arguments = st.sampled_from(
    [
        "#",
        "#/$defs/A",
        "#/properties/a",
        "string",
        "object",
        "array",
        "integer",
        "number",
        "(a|b)*",
        "email",
        0,
        -1,
        10**30,
    ]
)
wild = st.recursive(
    json_values | arguments,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keywords | st.sampled_from("aA"), inner, max_size=5),
    max_leaves=20,
)


class TestRobustness:
    """There is no schema that breaks it."""

    @quick
    @given(schema=json_values)
    def test_any_json_is_survived_as_a_schema(self, schema: JSON) -> None:
        """A value comes out, and it is JSON."""
        json.dumps(value(schema, "any"))

    @settings(quick, max_examples=300)
    @given(schema=wild, hint=st.sampled_from(["", "In Paris 5"]))
    def test_keywords_in_any_disorder_are_survived(self, schema: JSON, hint: str) -> None:
        """Keywords with arguments of wrong types, references to anywhere: a bounded value comes out."""
        assert nodes(value(schema, "wild", hint=hint)) <= MOST_NODES + 100

    @quick
    @given(schema=schemas, data=st.data())
    def test_a_schema_with_one_thing_wrong_is_survived(self, schema: Schema, data: st.DataObject) -> None:
        """One part of a good schema replaced by anything."""
        schema = copy.deepcopy(schema)
        spots = [(part, key) for part in walk(schema) for key in part]
        broken, key = data.draw(st.sampled_from(spots)) if spots else ({}, "type")
        broken[key] = data.draw(wild)
        json.dumps(value(schema, "mutated"))

    @pytest.mark.parametrize("schema", GREEDY, ids=lambda schema: json.dumps(schema)[:60])
    def test_a_value_is_bounded_whatever_is_asked(self, schema: Schema) -> None:
        """No more values and characters than the bounds, and a little for structure."""
        made = value(schema, "bounded")
        assert nodes(made) <= MOST_NODES + 100
        assert len(json.dumps(made, separators=(",", ":"))) <= MOST_CHARACTERS + 8 * MOST_NODES + 2000

    @pytest.mark.parametrize("keyword", ["properties", "items", "allOf", "anyOf", "not", "prefixItems"])
    def test_a_schema_as_deep_as_json_can_be_is_survived(self, keyword: str) -> None:
        """Deeper than the interpreter's stack would carry a naive walk."""
        schema: Schema = {"type": "string"}
        for _ in range(5_000):
            schema = {keyword: {"properties": {"a": schema}, "items": schema, "not": schema}.get(keyword, [schema])}
        value(schema, "deep")


def walk(schema: Any) -> list[Schema]:
    """All the objects in a schema."""
    if isinstance(schema, dict):
        return [schema, *(found for part in schema.values() for found in walk(part))]
    return [found for part in schema for found in walk(part)] if isinstance(schema, list) else []
