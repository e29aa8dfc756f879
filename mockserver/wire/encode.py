"""JSON as the API writes it: answers indented by two spaces, stream chunks compact, UTF-8 unescaped."""

import json
from typing import Any

_indented = json.JSONEncoder(ensure_ascii=False, indent=2).encode
_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def to_bytes(text: str) -> bytes:
    """UTF-8 of a JSON text; lone surrogates, which UTF-8 does not have, become `\\udXXX` escapes."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace")


def indented(value: Any) -> str:
    """An answer's JSON."""
    return _indented(value)


def compact(value: Any) -> str:
    """A chunk's JSON, on one line."""
    return _compact(value)


def event(value: Any) -> str:
    """A server-sent event as the API writes it."""
    return f"data: {_compact(value)}\n\n"


DONE = "data: [DONE]\n\n"
