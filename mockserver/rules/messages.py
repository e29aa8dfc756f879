"""The messages of a chat request: roles, content parts and tool calls."""

import re
from collections.abc import Iterator
from operator import itemgetter
from typing import Any, NamedTuple

from mockserver.rules import refusal
from mockserver.rules.conversation import conversation, without_content
from mockserver.rules.kinds import (
    Clause,
    Field,
    Kind,
    Limit,
    anything,
    array,
    checked,
    choice,
    either,
    free_object,
    kind,
    record,
    string,
    tagged,
)
from mockserver.rules.refusal import Fault, Level, hard, soft

NAME_PATTERN = "^[a-zA-Z0-9_-]+$"
"""What names of functions, tools and speakers look like to the API."""

_matches_name = re.compile("[a-zA-Z0-9_-]+").fullmatch
_LONGEST_TEXT = 10_485_760


class Role(NamedTuple):
    """What one role's messages may hold: types of content parts, and the fields it cannot do without."""

    name: str
    parts: tuple[str, ...] = ("text",)
    needs: tuple[str, ...] = ()


ROLES: tuple[Role, ...] = (
    Role("system"),
    Role("assistant", parts=("text", "refusal")),
    Role("user", parts=("text", "image_url", "input_audio", "file")),
    Role("function", needs=("name",)),
    Role("tool", needs=("tool_call_id",)),
    Role("developer"),
)
"""In the order in which the API lists them."""

_BY_NAME = {role.name: role for role in ROLES}
_PLAIN = frozenset({"system", "assistant", "user", "developer"})
_role, _content = itemgetter("role"), itemgetter("content")
_VENDOR_PARTS = (
    "audio_url",
    "document",
    "document_url",
    "image",
    "image_embeds",
    "input_image",
    "input_text",
    "output_text",
    "reasoning",
    "redacted_thinking",
    "thinking",
    "tool_result",
    "tool_use",
    "video",
    "video_url",
)


def name_kind(empty: Level = "compatible") -> Kind:
    """The name of a function, tool or speaker."""
    return string(empty=empty, longest=64, matches=_matches_name, pattern=NAME_PATTERN)


def text_kind() -> Kind:
    """A text of any length a request can have; its characters are never looked at."""
    return string(longest=_LONGEST_TEXT)


def _type() -> Field:
    return Field("type", anything())


def _part(*fields: Field) -> Kind:
    return record(_type(), *fields, Field("prompt_cache_breakpoint", free_object()))


def _image_text(value: object, path: str) -> Iterator[Fault]:
    if isinstance(value, str):
        yield soft(refusal.wrong_type(path, "an object", value))


_AUDIO_FORMATS = ("aac", "flac", "m4a", "ogg", "opus", "pcm16", "webm")
_IMAGE = record(
    Field("url", string(), "compatible"),
    Field("detail", choice("auto", "low", "high", tolerated=("original",))),
)
_AUDIO = record(
    Field("data", string(), "compatible"),
    Field("format", choice("wav", "mp3", tolerated=_AUDIO_FORMATS), "compatible"),
)
_FILE = record(Field("file_data", string()), Field("file_id", string()), Field("filename", string()))

TEXT_PART = _part(Field("text", text_kind(), "compatible"))

PART = tagged(
    "type",
    choice("text", "image_url", "input_audio", "refusal", "audio", "file", tolerated=_VENDOR_PARTS),
    text=TEXT_PART,
    image_url=_part(
        Field("image_url", checked(either(_IMAGE, string(), words="an object"), _image_text), "compatible")
    ),
    input_audio=_part(Field("input_audio", _AUDIO, "compatible")),
    refusal=_part(Field("refusal", string(), "compatible")),
    audio=free_object(),
    file=_part(Field("file", _FILE, "compatible")),
)

_CALL_ID = string(empty="exact", longest=40)
_TOOL_CALL = tagged(
    "type",
    choice("function", "custom"),
    function=record(
        _type(),
        Field("id", _CALL_ID, "compatible"),
        Field(
            "function",
            record(
                Field("name", name_kind("exact"), "compatible"),
                Field("arguments", text_kind(), "compatible"),
            ),
            "compatible",
        ),
    ),
    custom=record(
        _type(),
        Field("id", _CALL_ID, "compatible"),
        Field(
            "custom",
            record(Field("name", name_kind("exact"), "compatible"), Field("input", text_kind(), "compatible")),
            "compatible",
        ),
    ),
)

_FIELDS = record(
    Field("role", choice(*(role.name for role in ROLES)), "compatible"),
    Field("content", either(text_kind(), array(PART, "an array of objects"))),
    Field("name", name_kind("exact")),
    Field("refusal", string()),
    Field("tool_calls", array(_TOOL_CALL, "an array of objects", empty="exact", longest=Limit(128))),
    Field(
        "function_call",
        record(Field("name", name_kind("exact"), "compatible"), Field("arguments", text_kind(), "compatible")),
    ),
    Field("audio", record(Field("id", string(), "compatible"), closed=False)),
    Field("tool_call_id", _CALL_ID),
    Field("annotations", array(anything(), "an array of objects")),
)


def _by_role(message: Any, path: str) -> Iterator[Fault]:
    role = _BY_NAME[message["role"]]
    content = message.get("content")
    if role.name == "developer" and content is None:
        yield soft(_no_developer_content(message, f"{path}.content"))
    for name in role.needs:
        if message.get(name) is None:
            yield hard(refusal.missing(f"{path}.{name}"))
    if isinstance(content, list):
        for index, part in enumerate(content):
            yield from _part_of(role, part["type"], path, index)


def _no_developer_content(message: dict[str, object], path: str) -> refusal.Refusal:
    if "content" in message:
        return refusal.wrong_type(path, "one of a string or array of objects", None)
    return refusal.missing(path)


def _part_of(role: Role, part: str, path: str, index: int) -> Iterator[Fault]:
    if part in role.parts or part in _VENDOR_PARTS:
        return
    if part == "image_url":
        words = (
            f"Invalid '{path}'. Image URLs are only allowed for messages with role 'user', "
            f"but this message with role '{role.name}' contains an image URL."
        )
        yield soft(refusal.refuse(words, path, "invalid_value"))
    else:
        yield soft(refusal.not_one_of(f"{path}.content[{index}].type", part, role.parts))


MESSAGE = checked(
    _FIELDS,
    _by_role,
    *(
        Clause(
            f".{name}",
            f"present in messages of role '{role.name}'",
            "compatible",
            "missing_required_parameter",
        )
        for role in ROLES
        for name in role.needs
    ),
    *(
        Clause(
            ".content[].type",
            f"{refusal.listed(role.parts, 'or')} in role '{role.name}'",
            "exact",
            "invalid_value",
        )
        for role in ROLES
    ),
    Clause(".content", "present in messages of role 'developer'", "exact", "missing_required_parameter"),
)


_ALL = array(MESSAGE, "an array of objects", empty="compatible")


def _fit(messages: object) -> bool:
    """Whether a conversation is without any fault, its tool results and contents included."""
    if type(messages) is not list or not messages:
        return False
    if _simple(messages):
        return True
    if not all(map(MESSAGE.fits, messages)):
        return False
    return not (any(conversation(messages)) or any(without_content(messages)))


def _simple(messages: list[Any]) -> bool:
    """Whether every message is a role that needs nothing else and a text: the hot path."""
    try:
        if len(messages) <= _FEW:
            return all(
                [  # noqa: C419 - a generator costs twice as much
                    len(message) == 2
                    and message["role"] in _PLAIN
                    and type(content := message["content"]) is str
                    and len(content) <= _LONGEST_TEXT
                    for message in messages
                ]
            )
        # for many messages the same without a loop in Python
        if set(map(len, messages)) != {2} or not _PLAIN.issuperset(map(_role, messages)):
            return False
        contents = list(map(_content, messages))
        return set(map(type, contents)) == {str} and max(map(len, contents)) <= _LONGEST_TEXT
    except (KeyError, TypeError):
        return False


_FEW = 8


MESSAGES = kind("an array of objects", (list,), _fit, _ALL.find, *_ALL.clauses[1:])
"""`fits` covers `conversation` and `without_content` too."""
