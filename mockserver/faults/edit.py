"""What faults share: headers, lengths, the JSON of a chunk, and where the text stands in it."""

import json
import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from mockserver.faults.kind import Impossible
from mockserver.plan import Headers, Piece, Plan
from mockserver.wire.encode import compact, indented, to_bytes

_DATA = b"data: "
_TEXTS = ("content", "text", "refusal", "reasoning_content")
"""Under these names an answer's text stands in a message, a delta, or a choice."""
_VECTOR = re.compile(r'"embedding": \[[^\]"]*\]')
"""The API writes vectors on one line."""


class Span(NamedTuple):
    """A text in the JSON of a chunk: it begins at byte `start`, and ends before `end`; `model` gave it."""

    text: str
    start: int
    end: int
    model: str


def resized(plan: Plan) -> Plan:
    """The plan with a content-length that is true, where it has one."""
    length = b"%d" % len(plan.body)
    return plan._replace(
        headers=tuple((name, length if name == b"content-length" else value) for name, value in plan.headers)
    )


def without(headers: Headers, *names: bytes) -> Headers:
    """The headers but for those of these names."""
    return tuple(header for header in headers if header[0] not in names)


def each_event(change: Callable[[bytes], bytes]) -> Callable[[Plan, Any, Any], Plan]:
    """A fault that changes the bytes of every event."""

    def changed(plan: Plan, params: object, draw: object) -> Plan:
        pieces = plan.apart().pieces
        return plan._replace(pieces=tuple(piece._replace(data=change(piece.data)) for piece in pieces))

    return changed


def payload(data: bytes) -> Any:
    """The JSON of a chunk, an event's or a whole body; None where it is none, as in `[DONE]`."""
    try:
        return json.loads(data.removeprefix(_DATA))
    except ValueError:
        return None


def repacked(data: bytes, value: Any) -> bytes:
    """A chunk with other JSON in it, written as the first was."""
    if data.startswith(_DATA):
        return to_bytes(f"data: {compact(value)}\n\n")
    return to_bytes(_VECTOR.sub(lambda found: "".join(found[0].split()).replace(":", ": ", 1), indented(value)))


def done(piece: Piece) -> bool:
    """Whether a piece is the event that ends a stream."""
    return b"[DONE]" in piece.data[:16]


def parts(value: Any) -> list[dict[str, Any]]:
    """The choices' messages, deltas or, where there are none of those, the choices themselves."""
    if not isinstance(value, dict) or not isinstance(value.get("choices"), list):
        return []
    return [choice.get("delta") or choice.get("message") or choice for choice in value["choices"]]


def texts_at(data: bytes) -> list[Span]:
    """The texts in a chunk of an answer, in order: content, reasoning, refusals, tool calls' arguments."""
    value = payload(data)
    found: list[Span] = []
    at = 0
    for part in parts(value):
        for name, text in _texts(part):
            quoted = json.dumps(text, ensure_ascii=False).encode("utf-8", "backslashreplace")
            written = re.compile(b'"%b": ?%b' % (name.encode(), re.escape(quoted))).search(data, at)
            if written is not None:
                at = written.end()
                found.append(Span(text, at - len(quoted) + 1, at - 1, str(value.get("model", ""))))
    return found


def _texts(part: dict[str, Any]) -> Iterable[tuple[str, str]]:
    """The names and values of the texts of a message or delta that are not empty, in the order of the wire."""
    for name, value in part.items():
        if name in _TEXTS and isinstance(value, str) and value:
            yield name, value
        elif name in ("tool_calls", "function_call"):
            for function in functions({name: value}):
                for inner in ("arguments", "input"):
                    if function.get(inner):
                        yield inner, function[inner]


def functions(part: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """What a message or delta says of the functions called: name and arguments."""
    for call in part.get("tool_calls") or ():
        yield from (call[name] for name in ("function", "custom") if isinstance(call.get(name), dict))
    if isinstance(part.get("function_call"), dict):
        yield part["function_call"]


def rewrite(plan: Plan, change: Callable[[Any], Any | None], missing: str) -> Plan:
    """The plan with the JSON of its chunks changed.

    `change` gives the new JSON of a chunk, None where it stays as it is. Raises Impossible, with `missing` as its
    message, where no chunk is changed.
    """
    pieces, changed = list(plan.apart().pieces), False
    for index, piece in enumerate(pieces):
        value = payload(piece.data)
        new = None if value is None else change(value)
        if new is not None:
            pieces[index] = piece._replace(data=repacked(piece.data, new))
            changed = True
    if not changed:
        raise Impossible(missing)
    return resized(plan._replace(pieces=tuple(pieces)))
