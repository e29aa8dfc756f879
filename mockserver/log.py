"""One readable line per request, on standard error.

Lines are handed to a thread in batches: a reader of standard error who stops reading must not stop the
server, so what cannot be written is dropped, and counted.
"""

import asyncio
import sys
import threading
from functools import lru_cache
from queue import Full, Queue
from typing import TextIO

from mockserver.journal import Exchange

FLUSH_AFTER = 0.05
"""Seconds for which lines are gathered."""
MAX_BATCHES = 64


def line(exchange: Exchange) -> str:
    """What the log says of a request: method, path, model, stub, status, tokens, milliseconds, and what was odd."""
    _, method, path, call, stub, plan, outcome, tokens, seconds, _, warning, client_id = exchange[:12]
    asked = _asked(method, path[:_LONGEST], call.model[:_LONGEST] if call is not None else "", stub)
    counted = "" if tokens is None else f" {tokens} tokens"
    odd = "" if outcome.ended == "complete" else f" {outcome.ended}"
    if client_id:
        odd += f" x-client-request-id={_printable(client_id)}"
    if warning:
        odd += f" warning: {_printable(warning, 1_000)}"
    return f"{asked} {plan.status}{counted} {seconds * 1000:.1f} ms{odd}\n"


_LONGEST = 200
"""Characters of a path or a model that the log looks at: it shows fewer."""


@lru_cache(maxsize=256)
def _asked(method: str, path: str, model: str, stub: str) -> str:
    named = f" {_printable(model)}" if model else ""
    return f"{method} {_printable(path)}{named} -> {_printable(stub)}"


class RequestLog:
    """Gathers lines and writes them from a thread of its own, started with the first one."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._waiting: list[Exchange] = []
        self._batches: Queue[list[Exchange] | None] = Queue(MAX_BATCHES)
        self._thread: threading.Thread | None = None
        self._dropped = 0

    def add(self, exchange: Exchange) -> None:
        """Write a line soon. Called on the event loop."""
        self._waiting.append(exchange)
        if len(self._waiting) == 1:
            asyncio.get_running_loop().call_later(FLUSH_AFTER, self._hand_over)

    def close(self) -> None:
        """Write what is left, unless nobody reads."""
        self._hand_over()
        if self._thread is not None:
            try:
                self._batches.put_nowait(None)
            except Full:
                return
            self._thread.join(0.2)

    def _hand_over(self) -> None:
        if not self._waiting:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._write, name="mockserver-log", daemon=True)
            self._thread.start()
        try:
            self._batches.put_nowait(self._waiting)
        except Full:
            self._dropped += len(self._waiting)
        self._waiting = []

    def _write(self) -> None:
        while (batch := self._batches.get()) is not None:
            text = "".join(map(line, batch))
            if self._dropped:
                text += f"({self._dropped} lines dropped: standard error is not being read)\n"
                self._dropped = 0
            try:
                self._stream.write(text)
                self._stream.flush()
            except (OSError, ValueError):
                return  # closed: nobody to tell


def _printable(text: str, limit: int = 80) -> str:
    """A text on one line, control characters escaped, not too long."""
    short = text if len(text) <= limit else text[: limit - 3] + "..."
    return short if short.isprintable() else short.encode("unicode_escape").decode("ascii")
