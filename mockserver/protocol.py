"""uvicorn's protocol for HTTP/1.1, fitted: delivery can write on the connection itself, answers whole and broken."""

import asyncio
import re
import socket
import struct
import sys
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

from mockserver.delivery import Listener
from mockserver.plan import Headers
from mockserver.refusals import invalid_http
from mockserver.wire.encode import to_bytes
from mockserver.wire.headers import PREPARED
from mockserver.wire.refusals import envelope

_STATUS_LINES = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode()
    for status in HTTPStatus
    if status >= 200 and status not in (204, 304)
}
"""Of the statuses whose answers have a body."""
STATUS_LINE = {status: b"HTTP/1.1 %d \r\n" % status for status in range(200, 600)}
"""Of all statuses, for those that have no phrase, or no body."""
_NOT_PREPARED = (0, (), b"")
_HEAD = 4096
"""Bytes in which the headers of a request are looked for."""

CLOSE = (b"connection", b"close")
RESET_PATIENCE = 1_000
"""Milliseconds for which a reset waits for what was written to arrive."""
_NO_LINGER = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
"""Makes closing a socket reset its connection."""

_UPGRADE = re.compile(rb"\r\nupgrade: *h2c(?=\r\n)", re.IGNORECASE)
_ONE_WRITE = AutoHTTPProtocol.__name__ == "HttpToolsProtocol"
"""Whether an answer may be written in one go: h11 keeps a state of its own, which has to see every part."""


class Protocol(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
    """uvicorn's protocol for HTTP/1.1, shown to delivery as `scope["state"]["connection"]`, refusing in JSON."""

    write_paused = False
    _listener: Listener | None = None
    _played: Any
    """The cycle of the request that the listener answers: pipelined, the next one may have come already."""

    def connection_made(self, transport: asyncio.Transport) -> None:
        """A client has connected."""
        super().connection_made(transport)
        self.app_state: dict[str, Any] = {**self.app_state, "connection": self}

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone, or was sent away."""
        super().connection_lost(exc)
        if self._listener is not None:
            listener, self._listener = self._listener, None
            listener.lost()

    def pause_writing(self) -> None:
        """The client does not read fast enough."""
        super().pause_writing()
        self.write_paused = True

    def resume_writing(self) -> None:
        """The client has read on."""
        super().resume_writing()
        self.write_paused = False
        if self._listener is not None:
            self._listener.writable()

    def data_received(self, data: bytes) -> None:
        """Bytes have come.

        Java's HTTP client offers to go on in HTTP/2 in its first request. Nobody takes it up, but the parser would
        drop the body of a request that makes the offer, so the parser does not see it.
        """
        if data.find(b"h2c\r\n", 0, _HEAD) > 0:
            data = _UPGRADE.sub(b"", data, 1)
        super().data_received(data)

    def write_answer(self, scope: Any, status: int, headers: Headers, body: bytes) -> bool:
        """Write a whole answer at once; without a content-length, as one chunk or up to the connection's end.

        What uvicorn's `send` does in two calls and with a look at every header, for the ordinary case only:
        False where it is another one, and nothing has been written.
        """
        cycle = self.cycle
        ordinary = (
            _ONE_WRITE
            and cycle.scope is scope
            and not (cycle.more_body or cycle.response_started or cycle.disconnected or self.flow.write_paused)
        )
        line = _STATUS_LINES.get(status)
        if not ordinary or line is None or scope["method"] == "HEAD":
            return False
        head = [line, *[b"%b: %b\r\n" % header for header in self.server_state.default_headers]]
        count, shared, lines = PREPARED.get(headers[-1], _NOT_PREPARED)
        if count and headers[-count:] == shared:
            head.append(lines)
            headers = headers[:-count]
        sized = False
        for header in headers:
            name = header[0]
            if name == b"content-length":
                sized = True
            elif name == b"connection":
                return False
            head.append(b"%b: %b\r\n" % header)
        if not cycle.keep_alive:
            head.append(b"connection: close\r\n")
        if sized or scope["http_version"] == "1.0":  # which knows no chunks: the end of the connection is the end
            head += (b"\r\n", body)
        elif body:
            head += (b"transfer-encoding: chunked\r\n\r\n%x\r\n" % len(body), body, b"\r\n0\r\n\r\n")
        else:
            head.append(b"transfer-encoding: chunked\r\n\r\n0\r\n\r\n")
        cycle.response_started = cycle.response_complete = True
        cycle.message_event.set()
        self.transport.write(b"".join(head))
        if not cycle.keep_alive:
            self.transport.close()
        cycle.on_response()
        return True

    def begin(self, scope: Any, send: Any, listener: Listener, *, at_once: bool) -> Callable[[bytes], None] | None:
        """Let a listener write the answer to a request itself, in the ordinary case."""
        cycle: Any = self.cycle
        if cycle.scope is not scope:  # pipelined, the next request has come already; `send` is a method of the cycle
            cycle = getattr(send, "__self__", None)
            if getattr(cycle, "scope", None) is not scope:
                return None
        if cycle.more_body or cycle.response_started or cycle.disconnected:
            return None
        if scope["method"] == "HEAD":
            return None
        cycle.response_started, cycle.waiting_for_100_continue = True, False
        self._listener, self._played = listener, cycle
        self.flow.resume_reading()  # or a client that leaves would not be noticed
        if at_once:
            self.transport.set_write_buffer_limits(high=0)
        write: Callable[[bytes], None] = self.transport.write
        return write

    def head(self, status: int, headers: Headers) -> tuple[bytes, bool]:
        """Status line and headers as bytes, and whether the body behind them comes in HTTP's chunks."""
        line = _STATUS_LINES.get(status) or STATUS_LINE[status]
        lines = [b"%b: %b\r\n" % header for header in self.server_state.default_headers]
        closing = CLOSE in headers
        count, shared, ready = PREPARED.get(headers[-1], _NOT_PREPARED) if headers else _NOT_PREPARED
        if count and headers[-count:] == shared:
            lines.append(ready)
            headers = headers[:-count]
        sized = False
        for header in headers:
            sized = sized or header[0] == b"content-length"
            lines.append(b"%b: %b\r\n" % header)
        # HTTP/1.0 has no chunks: there a body ends with its connection
        chunked = not sized and status not in (204, 304) and self._played.scope["http_version"] != "1.0"
        if chunked:
            lines.append(b"transfer-encoding: chunked\r\n")
        if closing:
            self._played.keep_alive = False
        elif not self._keeps_alive():
            lines.append(b"connection: close\r\n")
        return b"".join((line, *lines, b"\r\n")), chunked

    def complete(self) -> None:
        """The answer is whole: the next request may come, or the connection closes."""
        if not _ONE_WRITE:
            follow(self._played)
        self._end(close=not self._keeps_alive())

    def close(self) -> None:
        """Close (FIN) behind what was written."""
        self._end(close=True)

    def reset(self) -> None:
        """Reset (RST) once what was written has arrived: a reset destroys what is still on its way."""
        self._reset(RESET_PATIENCE)

    def _reset(self, patience: int) -> None:
        if self.transport.is_closing():
            return
        sock = self.transport.get_extra_info("socket")
        if patience and (self.transport.get_write_buffer_size() or _on_its_way(sock)):
            self.loop.call_later(0.001, self._reset, patience - 1)
            return
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        self._played.response_complete = True
        self.transport.abort()

    def _keeps_alive(self) -> bool:
        """Whether the connection serves another request behind this one."""
        cycle = self._played
        if _ONE_WRITE:
            return bool(cycle.keep_alive)
        return cycle.keep_alive and cycle.scope["http_version"] != "1.0" and CLOSE not in cycle.scope["headers"]

    def _end(self, *, close: bool) -> None:
        """The answer is over, as far as the server's books go."""
        self._listener = None
        cycle = self._played
        cycle.response_complete = True
        cycle.message_event.set()
        if close:
            self.transport.close()
        else:
            self.transport.set_write_buffer_limits()
        cycle.on_response()

    def send_400_response(self, msg: str) -> None:
        """Answer what is not HTTP in the API's envelope, and close."""
        body = to_bytes(envelope(invalid_http(msg)))
        self.transport.write(
            b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\nconnection: close\r\n"
            b"content-length: %d\r\n\r\n%b" % (len(body), body)
        )
        self.transport.close()


def follow(cycle: Any) -> None:
    """Tell h11, which keeps a state of its own, that an answer was written past it."""
    import h11

    headers = [] if cycle.keep_alive else [CLOSE]
    cycle.conn.send(h11.Response(status_code=200, headers=headers))
    cycle.conn.send(h11.EndOfMessage())


def _on_its_way(sock: socket.socket) -> int:
    """Bytes that the peer has not acknowledged, where the platform tells (Linux)."""
    if sys.platform != "linux":
        return 0
    import fcntl
    import termios

    try:
        count: int = struct.unpack("i", fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, b"\0" * 4))[0]
    except OSError:
        return 0
    return count
