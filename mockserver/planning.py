"""From a reply to its plan: the headers around it, and its bytes as the wire has them."""

from collections.abc import Callable

from mockserver.call import Call
from mockserver.plan import AT_ONCE, COMPLETE, Headers, Piece, Plan
from mockserver.reply import Reply
from mockserver.stubs import Stub
from mockserver.tokens import exact
from mockserver.values import maker
from mockserver.wire import chat, completions, embeddings
from mockserver.wire.encode import indented, to_bytes
from mockserver.wire.headers import JSON_TYPE, of_endpoint, processing

EVENTS_TYPES = {
    "chat": (b"content-type", b"text/event-stream; charset=utf-8"),
    "completions": (b"content-type", b"text/event-stream"),
}
PLAIN: dict[str, Callable[[Reply], str]] = {
    "chat": chat.plain,
    "completions": completions.plain,
    "embeddings": embeddings.plain,
}

NO_BODY = (204, 304)
"""Statuses whose answers end with the headers (RFC 9110)."""

_plan, _piece = maker(Plan), maker(Piece)


def plan(call: Call, reply: Reply, stub: Stub, request_id: str, milliseconds: int = 1) -> Plan:
    """The plan of a reply, whose making took so many milliseconds."""
    streamed = call.stream and reply.body is None
    headers = around(call, stub, request_id, milliseconds, reply.head.model, streamed=streamed)
    if reply.headers:
        headers = _with(headers, reply.headers)
    if streamed:
        if call.endpoint == "chat":
            events = chat.stream(reply, include_usage=call.include_usage, obfuscate=call.obfuscate)
        else:
            events = completions.stream(reply, include_usage=call.include_usage)
        return events_of(reply.status, headers, to_bytes(events))
    if isinstance(reply.body, bytes):
        return fixed(reply.status, headers, reply.body)
    if reply.body is None:
        text = PLAIN[call.endpoint](reply)
    else:
        text = reply.body if isinstance(reply.body, str) else indented(reply.body)
    return fixed(reply.status, headers, to_bytes(text))


def around(call: Call, stub: Stub, request_id: str, milliseconds: int, model: str, *, streamed: bool) -> Headers:
    """The headers of an answer: its own, and those of every answer of the API."""
    return (
        EVENTS_TYPES[call.endpoint] if streamed else JSON_TYPE,
        (b"x-request-id", b"req_%b" % request_id.encode()),
        (b"x-mockserver-stub", stub.header),
        processing(milliseconds),
        *of_endpoint(call.endpoint, model, exact=exact()),
    )


def events_of(status: int, headers: Headers, body: bytes) -> Plan:
    """A plan of a stream whose events are joined."""
    return _plan((status, headers, (_piece((body, *AT_ONCE)),), True, *COMPLETE))


def fixed(status: int, headers: Headers, body: bytes) -> Plan:
    """A plan with one body of known length."""
    if status in NO_BODY:
        return _plan((status, headers, (_piece((b"", *AT_ONCE)),), False, *COMPLETE))
    length = (b"content-length", b"%d" % len(body))
    return _plan((status, (length, *headers), (_piece((body, *AT_ONCE)),), False, *COMPLETE))


def _with(headers: Headers, given: tuple[tuple[str, str], ...]) -> Headers:
    """Headers with those a stub gives added, or put in the place of their namesakes."""
    added = [(name.encode("ascii"), value.encode("ascii")) for name, value in given]
    names = {name for name, _ in added} | {b"content-length"}
    return (
        *(header for header in headers if header[0] not in names),
        *(header for header in added if header[0] != b"content-length"),
    )
