"""Plays a plan to the client. Decides nothing: what, when and how it ends stands in the plan."""

import asyncio
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

from mockserver.clock import Clock
from mockserver.journal import Outcome
from mockserver.plan import Headers, Piece, Plan
from mockserver.values import maker

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

MAX_SEND = 64 * 1024
"""Bytes handed to the transport at once; a slow reader holds up the next ones, so little waits in memory."""


_outcome = maker(Outcome)


class Connection(Protocol):
    """What delivery needs of a client's connection, beyond what ASGI offers."""

    def write_answer(self, scope: "Scope", status: int, headers: Headers, body: bytes) -> bool:
        """Write a whole answer at once; False where ASGI has to be spoken."""
        ...


def deliver_at_once(plan: Plan, scope: "Scope") -> Outcome | None:
    """Play a plan that is one piece and waits for nothing, nearly every one; None where it is not, or cannot be.

    Without a coroutine, without a task, in one write: the answer's own cost is all there is.
    """
    pieces = plan.pieces
    if len(pieces) != 1:
        return None
    data, due, splits = pieces[0]
    if due or splits or len(data) > MAX_SEND:
        return None
    connection: Connection | None = scope["state"].get("connection") if "state" in scope else None
    if connection is None or not connection.write_answer(scope, plan.status, plan.headers, data):
        return None
    return _outcome((len(data), "complete"))


async def deliver(plan: Plan, receive: "Receive", send: "Send", clock: Clock) -> Outcome:
    """Play a plan; says how many bytes of the body were handed over and how it ended."""
    pieces = plan.pieces
    began = clock.elapsed()
    watch = asyncio.ensure_future(_disconnect(receive)) if _waits(plan) else None
    sent = 0
    try:
        if watch is not None and not await _reach(began + pieces[0].due, clock, watch):
            return Outcome(sent, "disconnected")
        await send({"type": "http.response.start", "status": plan.status, "headers": plan.headers})
        for piece in pieces:
            if watch is not None and not await _reach(began + piece.due, clock, watch):
                return Outcome(sent, "disconnected")
            for part in _parts(piece):
                await send({"type": "http.response.body", "body": part, "more_body": True})
                sent += len(part)
        await send({"type": "http.response.body", "body": b""})
        return Outcome(sent, "complete")
    finally:
        if watch is not None:
            watch.cancel()


def _waits(plan: Plan) -> bool:
    pieces = plan.pieces
    return bool(pieces) and pieces[-1].due > 0


async def _reach(moment: float, clock: Clock, watch: "asyncio.Future[None]") -> bool:
    """Wait until a moment; False where the client went away first."""
    if clock.elapsed() < moment:
        waiting = asyncio.ensure_future(clock.wait_until(moment))
        try:
            await asyncio.wait((waiting, watch), return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
    return not watch.done()


async def _disconnect(receive: "Receive") -> None:
    """Return when the client is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _parts(piece: Piece) -> Iterator[bytes]:
    """A piece's bytes as they are handed over: at its split marks, and never too many at once."""
    marks = (0, *piece.splits, len(piece.data))
    for begin, end in pairwise(marks):
        for at in range(begin, end, MAX_SEND):
            yield piece.data[at : min(at + MAX_SEND, end)]
