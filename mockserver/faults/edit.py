"""What faults share: headers, lengths, the JSON of a chunk, and where the text stands in it."""

import json
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from mockserver.faults.kind import Impossible
from mockserver.plan import Headers, Piece, Plan
from mockserver.wire.encode import compact, indented, to_bytes

_DATA = b"data: "
_TEXTS = ("content", "text", "refusal", "reasoning_content")


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


def in_turn(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """The pieces put off, where one would be due before all of the one before it has left."""
    found: list[Piece] = []
    for piece in pieces:
        if found and piece.due < (free := found[-1].until + found[-1].gap):
            piece = piece._replace(due=free)
        found.append(piece)
    return tuple(found)


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
    return to_bytes(indented(value))


def done(piece: Piece) -> bool:
    """Whether a piece is the event that ends a stream."""
    return b"[DONE]" in piece.data[:16]


def parts(value: Any) -> list[dict[str, Any]]:
    """The choices' messages, deltas or, where there are none of those, the choices themselves."""
    if not isinstance(value, dict) or not isinstance(value.get("choices"), list):
        return []
    return [choice.get("delta") or choice.get("message") or choice for choice in value["choices"]]


def text_at(data: bytes) -> Span | None:
    """The first text in a chunk of an answer: content, reasoning, refusal or a tool call's arguments."""
    value = payload(data)
    for part in parts(value):
        for text in _texts(part):
            if text:
                quoted = json.dumps(text, ensure_ascii=False).encode("utf-8", "backslashreplace")
                if (start := data.find(quoted)) >= 0:
                    return Span(text, start + 1, start + len(quoted) - 1, str(value.get("model", "")))
    return None


def _texts(part: dict[str, Any]) -> Iterable[str]:
    yield from (part[name] for name in _TEXTS if isinstance(part.get(name), str))
    yield from (call["arguments"] for call in functions(part) if isinstance(call.get("arguments"), str))


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
