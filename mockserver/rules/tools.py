"""Tools, functions, the choice among them, and the format of the answer."""

from collections.abc import Iterator
from typing import Any

from mockserver.rules import refusal
from mockserver.rules.kinds import (
    Clause,
    Field,
    Kind,
    Limit,
    anything,
    array,
    boolean,
    checked,
    choice,
    either,
    free_object,
    kind,
    record,
    string,
    tagged,
)
from mockserver.rules.messages import name_kind
from mockserver.rules.refusal import Fault, hard, soft
from mockserver.rules.schemas import problems

VENDOR_TOOLS = (
    "builtin_function",
    "code_interpreter",
    "computer_use_preview",
    "file_search",
    "google_search",
    "image_generation",
    "mcp",
    "retrieval",
    "url_context",
    "web_search",
    "web_search_preview",
)
"""Types of tools that other servers run themselves."""


def _type() -> Field:
    return Field("type", anything())


def _parameters(function: Any, path: str) -> Iterator[Fault]:
    schema = function.get("parameters")
    if schema is None:
        return
    for problem in problems(schema, function.get("strict") is True):
        words = f"Invalid schema for function '{refusal.short(function['name'])}': {problem}"
        yield soft(refusal.refuse(words, f"{path}.parameters", "invalid_function_parameters"))


FUNCTION = checked(
    record(
        Field("name", name_kind(), "compatible"),
        Field("description", string()),
        Field("parameters", free_object()),
        Field("strict", boolean()),
    ),
    _parameters,
    Clause(".parameters", "a schema the API takes", "exact", "invalid_function_parameters"),
)

TOOL = tagged(
    "type",
    choice("function", "custom", tolerated=VENDOR_TOOLS),
    function=record(_type(), Field("function", FUNCTION, "compatible")),
    custom=record(
        _type(),
        Field(
            "custom",
            record(
                Field("name", name_kind(), "compatible"),
                Field("description", string()),
                Field("format", free_object()),
            ),
            "compatible",
        ),
    ),
)

TOOLS = array(TOOL, "an array of objects", empty="exact", longest=Limit(128))
FUNCTIONS = array(FUNCTION, "an array of function definitions", empty="exact", longest=Limit(128))

_NAMED = record(Field("name", string(empty="compatible"), "compatible"))
_ALLOWED = record(
    Field("mode", choice("auto", "required"), "compatible"),
    Field("tools", array(free_object(), "an array of objects"), "compatible"),
)
_CHOICES: dict[str, Kind] = {"function": _NAMED, "allowed_tools": _ALLOWED, "custom": _NAMED}


def _choice(value: dict[str, object], path: str) -> Iterator[Fault]:
    """An object as `tool_choice`. Whatever its type, a function is looked for first (measured)."""
    tag = value.get("type")
    name = tag if isinstance(tag, str) and tag in _CHOICES else "function"
    if name not in value:
        yield hard(refusal.missing(f"{path}.{name}"))
        return
    yield from _CHOICES[name].find(value[name], f"{path}.{name}")
    if tag is None:
        yield hard(refusal.missing(f"{path}.type"))
    elif tag != name:
        yield hard(refusal.not_one_of(f"{path}.type", tag, tuple(_CHOICES)))


def _choice_fits(value: object) -> bool:
    return type(value) is dict and next(_choice(value, ""), None) is None


TOOL_CHOICE = either(
    choice("none", "auto", "required", tolerated=("any",)),
    kind(
        "an object",
        (dict,),
        _choice_fits,
        _choice,
        Clause(".function.name", "present", "compatible", "missing_required_parameter"),
        Clause(".type", refusal.listed(tuple(_CHOICES), "or"), "compatible", "invalid_value"),
    ),
    words="one of one of 'none', 'auto', or 'required' or object",
)

FUNCTION_CALL = either(
    choice("none", "auto"),
    record(Field("name", string(empty="compatible"), "compatible")),
    words="one of one of 'none' or 'auto' or object",
)


def _strict_format(value: Any, path: str) -> Iterator[Fault]:
    wanted = value.get("json_schema")
    if value["type"] != "json_schema" or wanted.get("strict") is not True or wanted.get("schema") is None:
        return
    for problem in problems(wanted["schema"], strict=True):
        words = f"Invalid schema for response_format '{refusal.short(wanted['name'])}': {problem}"
        yield soft(refusal.refuse(words, path))


RESPONSE_FORMAT = checked(
    tagged(
        "type",
        choice("json_object", "json_schema", "text", tolerated=("grammar", "json", "regex", "structural_tag")),
        text=record(_type()),
        json_object=record(_type()),
        json_schema=record(
            _type(),
            Field(
                "json_schema",
                record(
                    Field("name", name_kind(), "compatible"),
                    Field("description", string()),
                    Field("schema", free_object()),
                    Field("strict", boolean()),
                ),
                "compatible",
            ),
        ),
    ),
    _strict_format,
    Clause(".json_schema.schema", "a schema the API takes, where strict", "exact", None),
)
