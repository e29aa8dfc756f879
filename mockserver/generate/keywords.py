"""What the keywords of a JSON Schema say, read so that nonsense counts as not said."""

from collections.abc import Iterator
from typing import TypeAlias
from urllib.parse import unquote

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"

TYPES: dict[str, tuple[type, ...]] = {
    "null": (type(None),),
    "boolean": (bool,),
    "integer": (int, float),
    "number": (int, float),
    "string": (str,),
    "array": (list,),
    "object": (dict,),
}
"""The types of JSON Schema, and the Python types their values may have."""


def types_of(schema: dict[str, JSON]) -> list[str] | None:
    """The known types a schema allows; None when it does not say, an empty list when it allows none."""
    given = schema.get("type")
    if isinstance(given, str):
        return [given] if given in TYPES else None
    if not isinstance(given, list):
        return None
    known = [name for name in given if isinstance(name, str) and name in TYPES]
    return known if known or not given else None


def allowed(schema: dict[str, JSON]) -> list[JSON] | None:
    """The only values a schema allows by `const` or `enum`; None when it has neither."""
    if "const" in schema:
        return [schema["const"]]
    values = schema.get("enum")
    return values if isinstance(values, list) else None


def resolved(root: object, reference: object) -> object:
    """What a `$ref` in `root` points to ("#", "#/$defs/Node", "#Node"); `True`, any value, if nothing."""
    if not isinstance(reference, str) or not reference.startswith("#"):
        return True
    found = root
    for step in reference[1:].removeprefix("/").split("/") if len(reference) > 1 else ():
        key = (unquote(step) if "%" in step else step).replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict) and key in found:
            found = found[key]
        elif isinstance(found, list) and key.isdecimal() and len(key) < 10 and int(key) < len(found):
            found = found[int(key)]
        else:
            return _anchored(root, reference[1:])
    return found


def _anchored(root: object, anchor: str) -> object:
    """The definition with that `$anchor`."""
    for definition in _definitions(root):
        if isinstance(definition, dict) and definition.get("$anchor") == anchor:
            return definition
    return True


def _definitions(root: object) -> Iterator[object]:
    for key in ("$defs", "definitions"):
        named = root.get(key) if isinstance(root, dict) else None
        yield from named.values() if isinstance(named, dict) else ()


def count(schema: dict[str, JSON], key: str, default: int) -> int:
    """A size keyword; floats with integral values count, as in the draft."""
    value = schema.get(key)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else default


def mapping(schema: dict[str, JSON], key: str) -> dict[str, JSON]:
    """A keyword that has named schemas."""
    value = schema.get(key)
    return value if isinstance(value, dict) else {}


def listed(schema: dict[str, JSON], key: str) -> list[JSON]:
    """A keyword that has a list."""
    value = schema.get(key)
    return value if isinstance(value, list) else []


def unions_of(schema: dict[str, JSON]) -> Iterator[tuple[str, list[JSON]]]:
    """The places where a schema leaves a choice: (keyword, branches), never without branches."""
    for keyword in ("anyOf", "oneOf"):
        branches = listed(schema, keyword)
        if branches:
            yield keyword, branches
    if "if" in schema:
        yield "if", [{"allOf": [schema["if"], schema.get("then", True)]}, schema.get("else", True)]


def needed(schema: dict[str, JSON]) -> Iterator[object]:
    """The schemas of the parts no value can do without."""
    properties = mapping(schema, "properties")
    for name in listed(schema, "required"):
        yield properties.get(name, True) if isinstance(name, str) else True
    prefix, items = positions(schema)
    least = count(schema, "minItems", 0)
    yield from prefix[:least]
    if least > len(prefix):
        yield items


def positions(schema: dict[str, JSON]) -> tuple[list[JSON], JSON]:
    """The schemas of an array's first items, and of all that come after."""
    items = schema.get("items", True)
    if isinstance(items, list):  # before 2020
        return items, schema.get("additionalItems", True)
    return listed(schema, "prefixItems"), items


def others(schema: dict[str, JSON]) -> object:
    """The schema of properties that are not declared."""
    given = schema.get("additionalProperties", True)
    return given if isinstance(given, dict) else True


def suggested(schema: dict[str, JSON]) -> Iterator[JSON]:
    """The schema's own example and default. A null default only says that the value may be left out."""
    yield from listed(schema, "examples")[:1]
    if "default" in schema and schema["default"] is not None:
        yield schema["default"]


def is_null(schema: object) -> bool:
    """Whether null is all that a schema allows, by its own words."""
    return isinstance(schema, dict) and (schema.get("type") in ("null", ["null"]) or allowed(schema) == [None])
