"""Server-sent events written as the standard allows, though the API does not write them so.

Whoever reads them by the standard (WHATWG HTML, "Server-sent events") gets the same data.
"""

from mockserver.draw import Draw
from mockserver.faults.edit import each_event
from mockserver.faults.kind import Kind, Params
from mockserver.language.kinds import Number, Text, key
from mockserver.plan import Plan

_BOM = b"\xef\xbb\xbf"


def _comments(plan: Plan, params: Params, draw: Draw) -> Plan:
    comment = b": %b\n\n" % params["text"].encode()
    pieces = [
        piece._replace(data=comment + piece.data) if index % params["every"] == 0 else piece
        for index, piece in enumerate(plan.apart().pieces)
    ]
    return plan._replace(pieces=tuple(pieces))


def _check_comments(params: Params) -> str | None:
    text = params.get("text", "")
    return "'text' has more than one line" if "\n" in text or "\r" in text else None


def _several_lines(event: bytes) -> bytes:
    """JSON may have white space behind its opening brace, and a line feed is some."""
    return event.replace(b"data: {", b"data: {\ndata: ", 1).replace(b"}\n\n", b"\ndata: }\n\n", 1)


def _fields(plan: Plan, params: Params, draw: Draw) -> Plan:
    pieces = [
        piece._replace(data=b"event: message\nid: %d\nretry: 3000\n%b" % (number, piece.data))
        for number, piece in enumerate(plan.apart().pieces, 1)
    ]
    return plan._replace(pieces=tuple(pieces))


def _bom(plan: Plan, params: Params, draw: Draw) -> Plan:
    first, *rest = plan.apart().pieces
    return plan._replace(pieces=(first._replace(data=_BOM + first.data), *rest))


SSE = (
    Kind(
        "sse_comments",
        "Comments, as servers send them to keep a connection alive.",
        _comments,
        "alters",
        {
            "text": key(Text(), "The comment.", default="ping"),
            "every": key(
                Number(1, float("inf"), whole=True), "One before every so-manieth chunk, the first included.", default=1
            ),
        },
        on="streamed",
        alters="comments between the events",
        check=_check_comments,
    ),
    Kind(
        "sse_crlf",
        "Lines end with CR LF.",
        each_event(lambda event: event.replace(b"\n", b"\r\n")),
        "alters",
        on="streamed",
        alters="the line ends",
    ),
    Kind(
        "sse_cr",
        "Lines end with CR alone.",
        each_event(lambda event: event.replace(b"\n", b"\r")),
        "alters",
        on="streamed",
        alters="the line ends",
    ),
    Kind(
        "sse_no_space",
        "No space behind `data:`.",
        each_event(lambda event: event.replace(b"data: ", b"data:", 1)),
        "alters",
        on="streamed",
        alters="the space behind `data:`",
    ),
    Kind(
        "sse_several_lines",
        "The JSON of an event stands on several `data:` lines.",
        each_event(_several_lines),
        "alters",
        on="streamed",
        alters="the lines of each event",
    ),
    Kind(
        "sse_fields",
        "`event:`, `id:` and `retry:` lines before the data.",
        _fields,
        "alters",
        on="streamed",
        alters="lines before the data",
    ),
    Kind(
        "sse_bom",
        "A byte order mark stands before the first event.",
        _bom,
        "alters",
        on="streamed",
        alters="three bytes before the first event",
    ),
)
