"""Raw sockets: what no HTTP client would send, and what it would hide of the answer."""

import json
import socket
from typing import Any, NamedTuple

from mockserver import MockServer

BODY = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hello"}]}
JSON = json.dumps(BODY).encode()


class Raw(NamedTuple):
    """An answer as it came; `head` is all of it before the body."""

    head: str
    body: bytes

    @property
    def status(self) -> int:
        """The status."""
        return int(self.head.split()[1])

    @property
    def headers(self) -> dict[str, str]:
        """The headers, their names in lower case."""
        lines = (line.partition(":") for line in self.head.split("\r\n")[1:])
        return {name.lower(): value.strip() for name, _, value in lines}

    @property
    def message(self) -> str:
        """The message of a refusal."""
        text: str = json.loads(self.body)["error"]["message"]
        return text


def connect(server: MockServer) -> socket.socket:
    """A connection to a server; what takes too long fails."""
    return socket.create_connection(("127.0.0.1", server.port), timeout=30)


def read(connection: socket.socket, *, head_only: bool = False) -> Raw:
    """One answer; its body as long as it says, if it has one."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65_536)
        assert part, f"the connection ended after {data!r}"
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    answer = Raw(head.decode("latin-1"), body)
    length = 0 if head_only else int(answer.headers.get("content-length", 0))
    while len(body) < length:
        part = connection.recv(65_536)
        assert part, "the body ended too early"
        body += part
    return Raw(answer.head, body)


def request(
    server: MockServer, body: bytes = JSON, path: str = "/v1/chat/completions", method: str = "POST", **headers: str
) -> Raw:
    """One request on a connection of its own; underscores in header names stand for dashes."""
    lines = [f"{method} {path} HTTP/1.1", "host: x", f"content-length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    with connect(server) as connection:
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        return read(connection, head_only=method == "HEAD")


def answered(raw: Raw) -> dict[str, Any]:
    """The body of an answer that is none of a refusal."""
    assert raw.status == 200, raw
    found: dict[str, Any] = json.loads(raw.body)
    return found
