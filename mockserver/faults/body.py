"""Bodies that are not what the API sends: garbage, broken JSON, broken text, things left out."""

from typing import Any

from mockserver.draw import Draw
from mockserver.faults.edit import functions, parts, payload, resized, rewrite, texts_at
from mockserver.faults.kind import Impossible, Kind, Params
from mockserver.faults.points import check_point, chunk, chunk_key, divide, point_keys
from mockserver.language.kinds import Choice, Number, key
from mockserver.plan import Ending, Piece, Plan

_NOT_UTF8 = b"\xc3\x28"
"""A byte that begins a character of two bytes, and one that cannot be its second."""


def _garbage(plan: Plan, params: Params, draw: Draw) -> Plan:
    point = divide(plan, params, draw)
    garbage = draw.bytes(params["bytes"])
    if not point.headers:
        return plan._replace(head=garbage, pieces=(), ending=Ending.CLOSED, opens=plan.began, ends=0.0)
    due = point.after[0].due if point.after else plan.until
    return resized(plan._replace(pieces=(*point.before, Piece(garbage, due)), ends=0.0))


def _empty_body(plan: Plan, params: Params, draw: Draw) -> Plan:
    return resized(plan._replace(pieces=(Piece(b"", plan.began),), ends=0.0))


def _with_chunk(plan: Plan, pieces: tuple[Piece, ...], index: int, data: bytes) -> Plan:
    changed = (*pieces[:index], pieces[index]._replace(data=data, splits=()), *pieces[index + 1 :])
    return resized(plan._replace(pieces=changed))


def _malformed_json(plan: Plan, params: Params, draw: Draw) -> Plan:
    pieces, index = chunk(plan, params)
    data = pieces[index].data
    if not isinstance(payload(data), dict):
        raise Impossible(f"the chunk behind {index} is no JSON object that could be broken")
    broken = data.replace(b'":', b'"=', 1)
    return _with_chunk(plan, pieces, index, broken)


def _invalid_utf8(plan: Plan, params: Params, draw: Draw) -> Plan:
    pieces, index = chunk(plan, params)
    data = pieces[index].data
    spans = texts_at(data)
    at = spans[0].start if spans else data.find(b'"') + 1
    if not at:
        raise Impossible(f"the chunk behind {index} has no text that could be broken")
    return _with_chunk(plan, pieces, index, data[:at] + _NOT_UTF8 + data[at:])


def _missing_usage(plan: Plan, params: Params, draw: Draw) -> Plan:
    if plan.events:
        pieces = plan.apart().pieces
        kept = tuple(piece for piece in pieces if not _is_usage(payload(piece.data)))
        if len(kept) == len(pieces):
            raise Impossible("this stream has no usage: the request did not ask for it")
        return plan._replace(pieces=kept)

    def change(value: Any) -> Any | None:
        return {name: field for name, field in value.items() if name != "usage"} if _is_usage(value) else None

    return rewrite(plan, change, "this answer has no usage")


def _is_usage(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("usage"), dict)


def _missing_finish_reason(plan: Plan, params: Params, draw: Draw) -> Plan:
    def change(value: Any) -> Any | None:
        choices = value.get("choices") if isinstance(value, dict) else None
        ended = [choice for choice in choices or () if choice.get("finish_reason")]
        for choice in ended:
            if plan.events:
                choice["finish_reason"] = None
            else:
                del choice["finish_reason"]
        return value if ended else None

    return rewrite(plan, change, "this answer has no finish_reason")


def _bad_arguments(plan: Plan, params: Params, draw: Draw) -> Plan:
    total = sum(
        len(function.get("arguments") or "")
        for piece in plan.apart().pieces
        for part in parts(payload(piece.data))
        for function in functions(part)
    )
    left = total // 2
    invalid = params["how"] == "invalid"
    begun = False

    def change(value: Any) -> Any | None:
        nonlocal left, begun
        called = [function for part in parts(value) for function in functions(part) if function.get("arguments")]
        for function in called:
            arguments = function["arguments"]
            if invalid:
                function["arguments"] = arguments if begun else "}" + arguments
            else:
                function["arguments"] = arguments[:left]
                left = max(0, left - len(arguments))
            begun = True
        return value if called else None

    return rewrite(plan, change, "this answer calls no tool with arguments")


BODY = (
    Kind(
        "garbage",
        "Bytes drawn from the seed instead of the body or the rest of it; with `after: nothing`, instead of HTTP.",
        _garbage,
        "alters",
        {
            "bytes": key(Number(1, 999_999, whole=True), "How many.", default=64),
            **point_keys("headers"),
        },
        alters="everything from that point on",
        check=check_point,
    ),
    Kind("empty_body", "There is no body, and HTTP says so.", _empty_body, "cuts"),
    Kind(
        "malformed_json",
        "The JSON of the answer, or of one chunk of a stream, is none: a `=` stands in the place of its first `:`.",
        _malformed_json,
        "alters",
        chunk_key(),
        alters="one byte of one chunk",
    ),
    Kind(
        "invalid_utf8",
        "The text of the answer, or of one chunk of a stream, begins with bytes that are not UTF-8.",
        _invalid_utf8,
        "alters",
        chunk_key(),
        alters="two bytes more in one chunk",
    ),
    Kind(
        "missing_usage",
        "There is no `usage`, though there should be: in a stream, where the request asks for it.",
        _missing_usage,
        "alters",
        alters="`usage`, or the chunk that is nothing else",
    ),
    Kind(
        "missing_finish_reason",
        "The answer has no `finish_reason`; in a stream it stays null.",
        _missing_finish_reason,
        "alters",
        alters="`finish_reason`",
    ),
    Kind(
        "bad_arguments",
        "The arguments of the tool calls are no JSON.",
        _bad_arguments,
        "alters",
        {"how": key(Choice(("cut", "invalid")), "Whether they end in the middle, or begin with a `}`.", default="cut")},
        alters="the arguments",
    ),
)
