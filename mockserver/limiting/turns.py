"""Turns: so many requests at once, others in a queue."""

import asyncio
from collections import deque
from collections.abc import Hashable
from typing import NamedTuple


class Lane(NamedTuple):
    """Where requests take turns: `most` at once, `queue` more may wait."""

    key: Hashable
    most: int
    queue: int


class Turns:
    """The lanes that have somebody in them. Belongs to one event loop."""

    def __init__(self) -> None:
        self._running: dict[Hashable, int] = {}
        self._waiting: dict[Hashable, deque[asyncio.Future[None]]] = {}

    async def take(self, lane: Lane) -> bool:
        """Return True when it is the caller's turn, who has to `leave`; False at once where the queue is full."""
        running = self._running.get(lane.key, 0)
        if running < lane.most:
            self._running[lane.key] = running + 1
            return True
        waiting = self._waiting.setdefault(lane.key, deque())
        if len(waiting) >= lane.queue:
            return False
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self.leave(lane)  # it came just then
            raise
        return True

    def leave(self, lane: Lane) -> None:
        """Give one's turn to the next, if anybody waits."""
        waiting = self._waiting.get(lane.key) or deque()
        while waiting:
            turn = waiting.popleft()
            if not turn.done():  # who waited for the others is gone
                turn.set_result(None)
                return
        self._waiting.pop(lane.key, None)
        self._running[lane.key] -= 1
        if not self._running[lane.key]:
            del self._running[lane.key]
