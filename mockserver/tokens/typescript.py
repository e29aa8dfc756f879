"""Functions as the model is shown them: one TypeScript namespace (known from published token counts)."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_DEEPEST = 32
"""Schemas nested deeper than this are shown as `any`."""

_SIMPLE = {"string": "string", "number": "number", "integer": "number", "boolean": "boolean", "null": "null"}


def functions_text(functions: Iterable[Mapping[str, Any]]) -> str:
    """The namespace; each function has a `name`, and perhaps a `description` and `parameters`."""
    lines = ["namespace functions {", ""]
    for function in functions:
        lines.extend(_function(function))
    lines.append("} // namespace functions")
    return "\n".join(lines)


def _function(function: Mapping[str, Any]) -> Iterator[str]:
    description, name = function.get("description"), function.get("name")
    name = name if isinstance(name, str) else ""
    if isinstance(description, str) and description:
        yield f"// {description}"
    schema = _mapping(function.get("parameters"))
    if _mapping(schema.get("properties")):
        yield f"type {name} = (_: {{"
        yield from _properties(schema, 0)
        yield "}) => any;"
    else:
        yield f"type {name} = () => any;"
    yield ""


def _properties(schema: Mapping[str, Any], depth: int) -> Iterator[str]:
    """A line for each property of an object; descriptions only of the outermost."""
    required = schema.get("required")
    needed = {name for name in required if isinstance(name, str)} if isinstance(required, list) else set()
    indent = "  " * depth
    for name, value in _mapping(schema.get("properties")).items():
        one = _mapping(value)
        description = one.get("description")
        if depth == 0 and isinstance(description, str) and description:
            yield f"// {description}"
        yield f"{indent}{name}{'' if name in needed else '?'}: {_type(one, depth)},"


def _type(schema: Mapping[str, Any], depth: int) -> str:
    """The type of a value; a nested object's closing brace is not indented."""
    arrays = 0
    while schema.get("type") == "array":
        arrays += 1
        schema = _mapping(schema.get("items"))
    return _item_type(schema, depth) + "[]" * arrays


def _item_type(schema: Mapping[str, Any], depth: int) -> str:
    """The type of a value that is no array."""
    kind = schema.get("type")
    if not isinstance(kind, str) or depth > _DEEPEST:
        return "any"
    if kind == "object":
        return "\n".join(("{", *_properties(schema, depth + 1), "}"))
    choices = schema.get("enum")
    if kind == "string" and isinstance(choices, list) and choices:
        return " | ".join(json.dumps(one, ensure_ascii=False) for one in choices if isinstance(one, str))
    return _SIMPLE.get(kind, "any")


def _mapping(value: object) -> Mapping[str, Any]:
    """The value if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}
