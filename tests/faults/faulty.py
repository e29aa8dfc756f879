"""Requests that ask for a fault, and raw sockets that see what becomes of the answers."""

import json
import socket
from typing import Any, NamedTuple

from mockserver import MockServer

HEADER = b"x-mockserver-fault"
STUBS = """
x-same: &same {id: chatcmpl-1, created: 1700000000}
stubs:
  - match: {user: tool}
    response: {<<: *same, tool_calls: [{id: call_1, name: book_table, arguments: {party: 4, name: Özge}}]}
  - match: {user: ascii}
    response: {<<: *same, text: Nothing but plain letters here.}
  - match: {user: one}
    response: {<<: *same, text: "1"}
  - response: {<<: *same, text: "Grüße aus Zürich, 東京 und 🌍!"}
"""
"""All answers are the same each time, so that a disturbed one can be held against a healthy one."""

TIMEOUT = 20.0
"""Seconds after which a server that says nothing is taken to hang for good."""


class Seen(NamedTuple):
    """What a client saw: what each read gave, and how it ended: `eof`, `reset` or `open`."""

    reads: list[bytes]
    end: str

    @property
    def data(self) -> bytes:
        """All of it."""
        return b"".join(self.reads)

    @property
    def head(self) -> bytes:
        """Status line and headers."""
        return self.data.partition(b"\r\n\r\n")[0]

    @property
    def sent(self) -> bytes:
        """What came behind the headers, framing and all."""
        return self.data.partition(b"\r\n\r\n")[2]

    @property
    def body(self) -> bytes:
        """The body, as much of it as there is, without the chunks of HTTP."""
        return self.sent if b"transfer-encoding: chunked" not in self.head.lower() else dechunked(self.sent)


def dechunked(data: bytes) -> bytes:
    """The content of chunks; the last one may be cut."""
    content = b""
    while data:
        size, _, data = data.partition(b"\r\n")
        length = int(size, 16)
        content += data[:length]
        data = data[length + 2 :]
    return content


def request(fault: str = "", *, stream: bool = False, user: str = "hello", keep: bool = False, **fields: Any) -> bytes:
    """A chat request that asks for a fault; the connection is closed behind the answer unless it is to be kept."""
    body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": user}], **fields}
    data = json.dumps({**body, "stream": True} if stream else body).encode()
    lines = [b"POST /v1/chat/completions HTTP/1.1", b"host: x", b"content-length: %d" % len(data)]
    lines += [] if keep else [b"connection: close"]
    lines += [HEADER + b": " + fault.encode()] if fault else []
    return b"\r\n".join(lines) + b"\r\n\r\n" + data


def connect(server: MockServer) -> socket.socket:
    """A connection to a server."""
    return socket.create_connection(("127.0.0.1", server.port), timeout=TIMEOUT)


def read_all(connection: socket.socket) -> Seen:
    """Everything up to the connection's end."""
    reads = []
    try:
        while data := connection.recv(65_536):
            reads.append(data)
    except ConnectionResetError:
        return Seen(reads, "reset")
    return Seen(reads, "eof")


def read_until(connection: socket.socket, mark: bytes) -> bytes:
    """What comes up to a mark, and with it."""
    data = b""
    while mark not in data:
        part = connection.recv(65_536)
        assert part, f"the connection ended behind {data!r}"
        data += part
    return data


def ask(server: MockServer, fault: str = "", **fields: Any) -> Seen:
    """One request on a connection of its own, and all that comes back."""
    with connect(server) as connection:
        connection.sendall(request(fault, **fields))
        return read_all(connection)
