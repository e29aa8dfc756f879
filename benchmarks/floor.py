"""f1, the floor: a bare uvicorn app that reads the request's body and answers constant bytes.

`python -m benchmarks.floor ANSWER PORT` serves the answer in the file ANSWER, as `pack` wrote it. This module
imports nothing but what serving needs, for its start is timed too.
"""

import sys
from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn

Headers = list[tuple[bytes, bytes]]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

OWN = frozenset({b"date", b"connection", b"transfer-encoding"})
"""Headers that uvicorn writes itself."""


def pack(status: int, headers: Headers, body: bytes) -> bytes:
    """One answer as the bytes of a file: a status line, a line per header, an empty line, the body."""
    lines = [b"%d" % status, *(b"%s: %s" % pair for pair in headers if pair[0].lower() not in OWN)]
    return b"\n".join(lines) + b"\n\n" + body


def unpack(packed: bytes) -> tuple[int, Headers, bytes]:
    """Status, headers and body of what `pack` wrote."""
    head, _, body = packed.partition(b"\n\n")
    status, *lines = head.split(b"\n")
    pairs = (line.partition(b": ") for line in lines)
    return int(status), [(name.lower(), value) for name, _, value in pairs], body


def app(packed: bytes) -> Callable[[Any, Receive, Send], Awaitable[None]]:
    """The ASGI app that gives this answer to every request, in one send of headers and one of the body.

    Without a content-length among the headers uvicorn sends the body chunked, as mockserver's streams are.
    """
    status, headers, body = unpack(packed)
    start = {"type": "http.response.start", "status": status, "headers": headers}
    finish = {"type": "http.response.body", "body": body}

    async def answer(scope: Any, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        await send(start)
        await send(finish)

    return answer


def main(path: str, port: str) -> None:
    """Serve the answer in the file at `path` until killed."""
    with open(path, "rb") as file:
        packed = file.read()
    uvicorn.run(
        app(packed),
        host="127.0.0.1",
        port=int(port),
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
