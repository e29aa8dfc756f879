"""Broken HTTP around a body that is what it was: lengths, chunks, headers."""

from mockserver.draw import Draw
from mockserver.faults.edit import without
from mockserver.faults.kind import Impossible, Kind, Params
from mockserver.faults.points import check_point, divide, point_keys
from mockserver.language.kinds import Choice, Number, Text, key
from mockserver.plan import Ending, Piece, Plan

_INFINITY = float("inf")
_LENGTH = b"content-length"

HOWS = {
    "size": "a size that is no number",
    "long": "a size larger than the chunk",
    "short": "a size smaller than the chunk",
    "end": "the last chunk, which says that there are no more, is missing",
}
"""What is wrong with the chunks of HTTP."""


def _wrong_length(plan: Plan, params: Params, draw: Draw) -> Plan:
    length = len(plan.body) + params["by"]
    if length < 0:
        raise Impossible(f"by is {params['by']}, and the body of this answer has {len(plan.body):,} bytes")
    ending = Ending.HUNG if params["then"] == "hang" else Ending.CLOSED
    return plan._replace(headers=((_LENGTH, b"%d" % length), *without(plan.headers, _LENGTH)), ending=ending)


def _check_length(params: Params) -> str | None:
    return "'by' is 0, and the length would be right" if params.get("by") == 0 else None


def _broken_chunks(plan: Plan, params: Params, draw: Draw) -> Plan:
    how = params["how"]
    point = divide(plan, {**params, "after": "nothing"} if how == "end" else params, draw)
    after = point.after
    if how == "size":
        after = (Piece(b"no number\r\n", after[0].due if after else plan.until, framed=False), *after)
    elif how != "end":
        if not after:
            raise Impossible("there is no chunk behind that point whose size could be wrong")
        wrong = max(0, len(after[0].data) + (16 if how == "long" else -2))
        data = b"%x\r\n%b\r\n" % (wrong, after[0].data)
        after = (after[0]._replace(data=data, splits=(), framed=False), *after[1:])
    return plan._replace(headers=without(plan.headers, _LENGTH), pieces=(*point.before, *after), ending=Ending.CLOSED)


def _content_type(plan: Plan, params: Params, draw: Draw) -> Plan:
    kept = without(plan.headers, b"content-type")
    return plan._replace(headers=((b"content-type", params["type"].encode("ascii")), *kept))


def _redirect(plan: Plan, params: Params, draw: Draw) -> Plan:
    kept = without(plan.headers, b"content-type", _LENGTH, b"location")
    headers = ((b"location", params["location"].encode("ascii")), (_LENGTH, b"0"), *kept)
    return plan._replace(
        status=int(params["status"]), headers=headers, pieces=(Piece(b"", plan.began),), events=False, opens=None
    )


def _duplicate_headers(plan: Plan, params: Params, draw: Draw) -> Plan:
    name, value = params["name"].lower().encode("ascii"), params["value"].encode("ascii")
    if name == _LENGTH and value != b"%d" % len(plan.body):
        plan = plan._replace(ending=Ending.CLOSED)  # whoever believes the wrong one waits for another end
    return plan._replace(headers=(*plan.headers, (name, value)))


def _check_headers(params: Params) -> str | None:
    """Header values go over the wire as they are, so they must be what headers can have."""
    for name in ("name", "value", "type", "location"):
        text = params.get(name)
        if text is not None and not (text.isascii() and text.isprintable()):
            return f"'{name}' is not printable ASCII on one line"
    named = str(params.get("name", "a"))
    return None if named.replace("-", "").replace("_", "").isalnum() else f"'{named}' is not a header's name"


def _oversized_headers(plan: Plan, params: Params, draw: Draw) -> Plan:
    return plan._replace(headers=(*plan.headers, (b"x-mockserver-oversized", b"a" * params["bytes"])))


FRAMING = (
    Kind(
        "wrong_length",
        "The content-length is not the body's; then the connection is closed, or hangs. A stream gets one, too.",
        _wrong_length,
        "keeps",
        {
            "by": key(
                Number(-_INFINITY, _INFINITY, whole=True),
                "Bytes by which it is too large, or, below 0, too small.",
                default=10,
            ),
            "then": key(Choice(("close", "hang")), "What follows the body.", default="close"),
        },
        needs_connection=True,
        check=_check_length,
    ),
    Kind(
        "broken_chunks",
        "The chunks in which HTTP sends a body are broken at one point, and the connection closes in the end.",
        _broken_chunks,
        "alters",
        {
            "how": key(
                Choice(tuple(HOWS)),
                "What is wrong: " + "; ".join(f"`{name}`: {words}" for name, words in HOWS.items()) + ".",
                default="size",
            ),
            **point_keys("middle"),
        },
        alters="the framing, not the body",
        needs_connection=True,
        check=check_point,
    ),
    Kind(
        "content_type",
        "The content-type is another one.",
        _content_type,
        "keeps",
        {"type": key(Text("a media type"), "The content-type.", default="text/html; charset=utf-8")},
        check=_check_headers,
    ),
    Kind(
        "redirect",
        "A redirect instead of the answer.",
        _redirect,
        "cuts",
        {
            "status": key(Choice(("301", "302", "303", "307", "308")), "The HTTP status.", default="307"),
            "location": key(Text("a URL or path"), "Where to.", default="/v1/redirected"),
        },
        check=_check_headers,
    ),
    Kind(
        "duplicate_headers",
        "A header stands there twice, with two values.",
        _duplicate_headers,
        "keeps",
        {
            "name": key(Text("a header's name"), "The header.", default="content-type"),
            "value": key(Text("a header's value"), "Its second value.", default="text/plain"),
        },
        check=_check_headers,
    ),
    Kind(
        "oversized_headers",
        "A header that is larger than clients and proxies take.",
        _oversized_headers,
        "keeps",
        {"bytes": key(Number(1, 999_999, whole=True), "The bytes of its value.", default=100_000)},
    ),
)
