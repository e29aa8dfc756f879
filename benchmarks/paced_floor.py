"""What paced streams are measured against: a bare event loop whose callbacks write constant bytes.

    python -m benchmarks.paced_floor FRAMES PORT

FRAMES holds, one behind the other, a JSON list of seconds at which a part of the answer is due, and its bytes, in
hexadecimal. Nothing is parsed but the end of a request, nothing is looked up, and nothing is decided: no server can do
the same for less on this loop. It runs on uvloop where that is installed, as mockserver does.
"""

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop's, where it is installed; None for asyncio's own."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


Frames = list[tuple[float, bytes]]


def packed(frames: Frames) -> str:
    """Frames as the text of a file."""
    return json.dumps([(due, data.hex()) for due, data in frames])


def unpacked(text: str) -> Frames:
    """What `packed` wrote."""
    return [(due, bytes.fromhex(data)) for due, data in json.loads(text)]


class Stream(asyncio.Protocol):
    """A connection: each request gets the frames, in their time."""

    def __init__(self, frames: Frames, loop: asyncio.AbstractEventLoop) -> None:
        self.frames = frames
        self.loop = loop
        self.received = b""

    def connection_made(self, transport: Any) -> None:
        """A client has connected."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """A request has come, or a part of one, which ends with its JSON's last brace."""
        self.received += data
        if self.received.endswith(b"}"):
            self.received = b""
            self.began = self.loop.time()
            self.at = 0
            self.step()

    def step(self) -> None:
        """Write what is due, and have the next part called for when it is."""
        self.transport.write(self.frames[self.at][1])
        self.at += 1
        if self.at < len(self.frames) and not self.transport.is_closing():
            self.loop.call_at(self.began + self.frames[self.at][0], self.step)


async def serve(frames: Frames, port: int) -> None:
    """Serve until killed."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Stream(frames, loop), "127.0.0.1", port, backlog=2048)
    await server.serve_forever()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(serve(unpacked(Path(sys.argv[1]).read_text(encoding="ascii")), int(sys.argv[2])))
