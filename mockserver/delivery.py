"""Plays a plan to the client. Decides nothing: what, when and how it ends stands in the plan.

There are three ways. Nearly every plan is one piece that waits for nothing: one write on the connection
(`deliver_at_once`). What waits or is disturbed is played on the connection by callbacks (`Player`). Where there is
no connection to write on, as with in-process clients, ASGI is spoken (`_speak`).
"""

import asyncio
from collections.abc import Callable, Generator, Iterator, Sequence
from itertools import chain, pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, Protocol, TypeAlias

from mockserver.clock import Clock, Timer
from mockserver.journal import Outcome
from mockserver.plan import Ending, Headers, Piece, Plan
from mockserver.timed import Timed
from mockserver.values import maker

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

MAX_SEND = 64 * 1024
"""Bytes handed to the transport at once; a slow reader holds up the next ones, so little waits in memory."""


_outcome = maker(Outcome)
_split = itemgetter(Piece._fields.index("splits"))


class Listener(Protocol):
    """Who plays an answer on a connection, and is told what becomes of it."""

    def lost(self) -> None:
        """The connection is gone."""
        ...

    def writable(self) -> None:
        """The client has read what was held up."""
        ...


class Connection(Protocol):
    """What delivery needs of a client's connection, beyond what ASGI offers."""

    write_paused: bool
    """Whether the client does not read fast enough: nothing may be written until `writable`."""

    def write_answer(self, scope: "Scope", status: int, headers: Headers, body: bytes) -> bool:
        """Write a whole answer at once; False where ASGI has to be spoken."""
        ...

    def begin(
        self, scope: "Scope", send: "Send", listener: Listener, *, at_once: bool
    ) -> Callable[[bytes], None] | None:
        """Let a listener write the answer to a request itself; gives what writes, None where ASGI has to be spoken.

        With `at_once`, nothing may be written (`write_paused`) until what was written before has left.
        """
        ...

    def head(self, status: int, headers: Headers) -> tuple[bytes, bool]:
        """Status line and headers as bytes, and whether the body behind them comes in HTTP's chunks."""
        ...

    def complete(self) -> None:
        """The answer is whole: the next request may come, or the connection closes, as HTTP says."""
        ...

    def close(self) -> None:
        """Close (FIN) behind what was written."""
        ...

    def reset(self) -> None:
        """Reset (RST) once what was written has arrived, and then tell the listener that it is lost."""
        ...


def deliver_at_once(plan: Plan, scope: "Scope") -> Outcome | None:
    """Play a plan that is one piece and waits for nothing, nearly every one; None where it is not, or cannot be.

    Without a coroutine, without a task, in one write: the answer's own cost is all there is.
    """
    _, _, pieces, _, ending, opens, ends, opening = plan
    if len(pieces) != 1 or ending is not Ending.COMPLETE or opens or ends or opening is not None:
        return None
    data, due, splits, _, framed = pieces[0]
    if due or splits or not framed or len(data) > MAX_SEND:
        return None
    connection: Connection | None = scope["state"].get("connection") if "state" in scope else None
    if connection is None or not connection.write_answer(scope, plan.status, plan.headers, data):
        return None
    return _outcome((len(data), "complete", 0.0))


async def deliver(plan: Plan, scope: "Scope", receive: "Receive", send: "Send", clock: Clock) -> Outcome:
    """Play a plan; says how many bytes of the body were handed over, how and when it ended.

    Raises NoConnection, before anything is sent.
    """
    pieces = plan.pieces
    connection: Connection | None = scope.get("state", {}).get("connection")
    if connection is not None and (
        len(pieces) != 1 or pieces[0].splits or pieces[0].due or plan.waits or plan.needs_connection
    ):
        player = Player(plan, connection, clock)
        write = connection.begin(scope, send, player, at_once=_splits(pieces))
        if write is not None:
            return await player.play(write)
    if plan.needs_connection and scope.get("method") != "HEAD":  # whose content-length is that of another body
        raise NoConnection
    return await _speak(plan, receive, send, clock)


def _splits(pieces: Sequence[Piece]) -> bool:
    """Whether any of them leaves in several writes."""
    return not isinstance(pieces, Timed) and any(map(_split, pieces))


class NoConnection(Exception):
    """A plan is not HTTP, and there is no connection on which it could be played."""


Write: TypeAlias = tuple[float, bytes, int, bool]
"""One step of a plan on a connection: when it is due, bytes, how many of them are the body's, and whether they leave
in a write of their own."""


class Player:
    """Plays one plan on a connection, by callbacks: no task waits, and the schedule is absolute.

    Whatever is due when it gets to write leaves together, so that a stream which is behind its time catches up.
    """

    __slots__ = (
        "_began",
        "_clock",
        "_connection",
        "_done",
        "_ending",
        "_next",
        "_plan",
        "_sent",
        "_step",
        "_timer",
        "_write",
        "_writes",
    )

    def __init__(self, plan: Plan, connection: Connection, clock: Clock) -> None:
        self._plan = plan
        self._connection = connection
        self._clock = clock
        self._began = clock.elapsed()
        self._sent = 0
        self._ending: str | None = None
        self._timer: Timer | None = None
        self._done: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

    async def play(self, write: Callable[[bytes], None]) -> Outcome:
        """Play it to its end, or to the client's; `write` hands bytes to the transport."""
        self._write = write
        pieces = self._plan.pieces
        through = None
        if isinstance(pieces, Timed) and pieces.layout.longest <= MAX_SEND:
            through = self._through(pieces)
            self._step = through.__next__
        else:
            self._writes = _writes(self._plan, self._connection)
            self._next = next(self._writes, None)
            self._step = self._any_step
        try:
            self._step()
            return await self._done
        finally:
            self._stop_waiting()
            self._step = _nothing  # both lead back to here, and only the garbage collector would find them
            if through is not None:
                through.close()

    def writable(self) -> None:
        """The client has read what was held up: go on."""
        if self._timer is None and self._ending is None:
            self._step()

    def lost(self) -> None:
        """The connection is gone: the plan's own doing, or the client's."""
        self._stop_waiting()
        self._finish(self._ending or "disconnected")

    def _through(self, pieces: Timed) -> Generator[None, None, None]:
        """Play a stream that is paced, from one wait to the next: what `_any_step` does, for a part of the cost."""
        plan, connection, began, write = self._plan, self._connection, self._began, self._write
        elapsed, call_at, step = self._clock.elapsed, self._clock.call_at, self._step
        head, chunked = _head(plan, connection)
        around = head, _tail(plan, chunked=chunked)
        data, begin, at = pieces.data, pieces.begin, 0
        first, last = (0, plan.began - begin), (len(data), plan.ends - begin)
        ready, now = b"", elapsed() - began
        for cut, moment in chain((first,), zip(pieces.layout.cuts, pieces.moments, strict=True), (last,)):
            due = begin + moment
            size = cut - at
            if ready and (due > now or len(ready) + size > MAX_SEND):
                write(ready)
                ready = b""
                self._sent = at
                self._timer = call_at(began + due, step)
                yield
                now = elapsed() - began
            while due > now or (connection.write_paused and (size or around[at > 0])):
                self._timer = call_at(began + due, step) if due > now else None
                yield
                now = elapsed() - began
            if size:
                ready += b"%x\r\n%b\r\n" % (size, data[at:cut]) if chunked else data[at:cut]
                at = cut
            else:
                ready += around[at > 0]
        if ready:
            write(ready)
        self._sent = at
        self._timer = None
        self._end()
        yield

    def _any_step(self) -> None:
        """Write what is due, and wait for what is not."""
        connection, clock, began, step = self._connection, self._clock, self._began, self._next
        now = clock.elapsed() - began
        if step is not None and step[0] <= now and not (connection.write_paused and step[1]):
            _, data, of_body, alone = step
            self._sent += of_body
            step = next(self._writes, None)
            if step is not None and step[0] <= now and not alone:
                data, step = self._more(data, step, now)
            if data:
                self._write(data)
            self._next = step
        if step is None:
            self._timer = None
            self._end()
        elif connection.write_paused and step[1]:
            self._timer = None
        else:
            self._timer = clock.call_at(began + step[0], self._step)

    def _more(self, data: bytes, step: Write | None, now: float) -> tuple[bytes, Write | None]:
        """What is due, too, and can leave together with it; and what cannot."""
        ready, size = [data], len(data)
        while step is not None:
            due, data, of_body, alone = step
            if due > now or (data and size and (alone or size + len(data) > MAX_SEND)):
                break
            ready.append(data)
            size += len(data)
            self._sent += of_body
            step = next(self._writes, None)
            if alone:
                break
        return b"".join(ready), step

    def _end(self) -> None:
        """All has been written: end as the plan says."""
        ending = self._plan.ending
        self._ending = ending.value
        if ending is Ending.RESET:
            self._connection.reset()  # and be told when it is lost
        elif ending is not Ending.HUNG:
            if ending is Ending.CLOSED:
                self._connection.close()
            else:
                self._connection.complete()
            self._finish(ending.value)

    def _finish(self, ended: str) -> None:
        self._ending = ended
        if not self._done.done():
            self._done.set_result(Outcome(self._sent, ended, self._clock.elapsed() - self._began))

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _nothing() -> None:
    """What there is to do behind an end."""


def _writes(plan: Plan, connection: Connection) -> Iterator[Write]:
    """A plan as what goes over the wire, in order; made as it is needed."""
    head, chunked = _head(plan, connection)
    yield plan.began, head, 0, False
    for piece in plan.pieces:
        data, due, splits, _, framed = piece
        if splits or len(data) > MAX_SEND:
            for due, part in _parts(piece):
                yield due, (_chunk(part) if chunked and framed else part), len(part), bool(splits)
        elif data:
            size = len(data)
            yield due, (b"%x\r\n%b\r\n" % (size, data) if chunked and framed else data), size, False
    yield plan.ends, _tail(plan, chunked=chunked), 0, False


def _head(plan: Plan, connection: Connection) -> tuple[bytes, bool]:
    """What stands before the body, and whether the body comes in HTTP's chunks."""
    return (plan.head, False) if plan.head is not None else connection.head(plan.status, plan.headers)


def _tail(plan: Plan, *, chunked: bool) -> bytes:
    """What HTTP needs behind the body."""
    return b"0\r\n\r\n" if chunked and plan.ending is Ending.COMPLETE else b""


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def _parts(piece: Piece) -> Iterator[tuple[float, bytes]]:
    """When and what of a piece is handed over: at its split marks, and never too much at once."""
    data, due, splits, gap, _ = piece
    for begin, end in pairwise(chain((0,), splits, (len(data),))):
        for at in range(begin, end, MAX_SEND):
            yield due, data[at : min(at + MAX_SEND, end)]
        due += gap


async def _speak(plan: Plan, receive: "Receive", send: "Send", clock: Clock) -> Outcome:
    """Play a plan that is HTTP, in ASGI's words."""
    began = clock.elapsed()
    watch = asyncio.ensure_future(_disconnect(receive)) if plan.waits else None
    sent = 0
    try:
        if watch is not None and not await _reach(began + plan.began, clock, watch):
            return Outcome(sent, "disconnected", clock.elapsed() - began)
        await send({"type": "http.response.start", "status": plan.status, "headers": plan.headers})
        for piece in plan.pieces:
            for due, part in _parts(piece):
                if watch is not None and not await _reach(began + due, clock, watch):
                    return Outcome(sent, "disconnected", clock.elapsed() - began)
                await send({"type": "http.response.body", "body": part, "more_body": True})
                sent += len(part)
        if watch is not None and not await _reach(began + plan.ends, clock, watch):
            return Outcome(sent, "disconnected", clock.elapsed() - began)
        await send({"type": "http.response.body", "body": b""})
        return Outcome(sent, "complete", clock.elapsed() - began)
    finally:
        if watch is not None:
            watch.cancel()


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
