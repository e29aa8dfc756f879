"""Plans that wait or end badly, played on a connection of which every step is noted, on a clock set by hand."""

import asyncio
from collections.abc import Callable, Coroutine
from heapq import heappop, heappush
from itertools import count
from typing import Any

import pytest

from mockserver.clock import Timer
from mockserver.delivery import MAX_SEND, NoConnection, Player, deliver
from mockserver.journal import Outcome
from mockserver.plan import Ending, Piece, Plan


class HandClock:
    """A clock that moves when it is told to, and calls what is due on its way."""

    def __init__(self) -> None:
        self.moment = 100.0
        self.waiting: list[tuple[float, int, HandTimer]] = []
        self._order = count()

    def now(self) -> float:
        """A fixed time."""
        return 0.0

    def elapsed(self) -> float:
        """Where the hand stands."""
        return self.moment

    async def wait_until(self, moment: float) -> None:
        """Nothing here waits in a task."""
        raise NotImplementedError

    def call_at(self, moment: float, callback: Callable[[], None]) -> Timer:
        """Have something called."""
        timer = HandTimer(callback)
        heappush(self.waiting, (moment, next(self._order), timer))
        return timer

    def go_to(self, seconds: float) -> None:
        """Move the hand to so many seconds behind the beginning."""
        while self.waiting and self.waiting[0][0] <= 100 + seconds:
            moment, _, timer = heappop(self.waiting)
            self.moment = max(self.moment, moment)
            timer.fire()
        self.moment = max(self.moment, 100 + seconds)

    @property
    def idle(self) -> bool:
        """Whether nothing waits any more."""
        return not any(timer.callback for _, _, timer in self.waiting)


class HandTimer:
    """A call that will be made."""

    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        """Don't."""
        self.callback = None

    def fire(self) -> None:
        """Make the call."""
        if self.callback is not None:
            self.callback()


class Noted:
    """A connection that notes when it is told what; `room` is how many bytes it takes before it is full."""

    def __init__(self, clock: HandClock, *, chunked: bool = False, room: float = float("inf")) -> None:
        self.clock = clock
        self.chunked = chunked
        self.room = room
        self.told: list[tuple[float, bytes | str]] = []
        self.player: Any = None

    def note(self, what: bytes | str) -> None:
        """Remember it, and when it was."""
        self.told.append((round(self.clock.moment - 100, 6), what))

    write_paused = False

    def begin(self, scope: Any, send: Any, listener: Any, *, at_once: bool) -> Callable[[bytes], None]:
        """Every answer may be played."""
        self.player = listener
        return self.write

    def head(self, status: int, headers: Any) -> tuple[bytes, bool]:
        """A short one."""
        return b"HEAD", self.chunked

    def write_answer(self, *args: Any) -> bool:
        """Not here."""
        return False

    def write(self, data: bytes) -> None:
        """Take bytes."""
        self.room -= len(data)
        self.write_paused = self.room <= 0
        self.note(data)

    def complete(self) -> None:
        """The answer is whole."""
        self.note("complete")

    def close(self) -> None:
        """It is to be closed."""
        self.note("close")

    def reset(self) -> None:
        """It is to be reset, which takes until `lost`."""
        self.note("reset")


Scene = Callable[[HandClock, Noted, "asyncio.Future[Outcome]"], Coroutine[Any, Any, None]]


def play(plan: Plan, scene: Scene, **connection: Any) -> tuple[Outcome, list[tuple[float, bytes | str]]]:
    """Play a plan while a scene moves the clock; the outcome, and what the connection was told."""

    async def run() -> tuple[Outcome, list[tuple[float, bytes | str]]]:
        clock = HandClock()
        noted = Noted(clock, **connection)
        player = Player(plan, noted, clock)
        noted.player = player
        playing = asyncio.ensure_future(player.play(noted.write))
        await asyncio.sleep(0)
        await scene(clock, noted, playing)
        outcome = await playing
        assert clock.idle
        return outcome, noted.told

    return asyncio.run(run())


def by(*moments: float) -> Scene:
    """A scene in which nothing happens but that time passes, in steps."""

    async def scene(clock: HandClock, noted: Noted, playing: "asyncio.Future[Outcome]") -> None:
        for moment in moments:
            clock.go_to(moment)
            await asyncio.sleep(0)

    return scene


STREAM = Plan(200, (), (Piece(b"a", 1.0), Piece(b"b", 2.0), Piece(b"c", 3.0)))


class TestSchedule:
    """When bytes leave."""

    def test_each_piece_leaves_when_it_is_due(self) -> None:
        """The headers with the first, and HTTP's end with the last."""
        outcome, told = play(STREAM, by(1, 2, 3), chunked=True)
        assert told == [
            (1.0, b"HEAD1\r\na\r\n"),
            (2.0, b"1\r\nb\r\n"),
            (3.0, b"1\r\nc\r\n0\r\n\r\n"),
            (3.0, "complete"),
        ]
        assert outcome == Outcome(3, "complete", 3.0)

    def test_lateness_does_not_add_up(self) -> None:
        """A step that comes late does not put off the next one."""

        async def late(clock: HandClock, noted: Noted, playing: "asyncio.Future[Outcome]") -> None:
            clock.moment += 1.7
            clock.go_to(1.7)
            clock.go_to(2)
            clock.go_to(3)

        _, told = play(STREAM, late)
        assert [at for at, _ in told] == [1.7, 2.0, 3.0, 3.0]

    def test_what_is_behind_leaves_together(self) -> None:
        """A stream that was held up catches up in one write."""

        async def late(clock: HandClock, noted: Noted, playing: "asyncio.Future[Outcome]") -> None:
            clock.moment += 9
            clock.go_to(9)

        _, told = play(STREAM, late)
        assert told == [(9.0, b"HEADabc"), (9.0, "complete")]

    def test_headers_can_leave_before_the_body_and_the_end_after_it(self) -> None:
        """`opens` and `ends` have times of their own."""
        plan = STREAM._replace(opens=0.5, ends=4.0)
        outcome, told = play(plan, by(0.5, 1, 2, 3, 4))
        assert told == [(0.5, b"HEAD"), (1.0, b"a"), (2.0, b"b"), (3.0, b"c"), (4.0, "complete")]
        assert outcome.at == 4.0

    def test_splits_are_writes_of_their_own(self) -> None:
        """Each so long after the one before it, and never together with what stands around them."""
        plan = Plan(200, (), (Piece(b"ab"), Piece(b"cdefg", 1.0, (1, 3), 0.25), Piece(b"h", 1.5)))
        _, told = play(plan, by(0, 1, 1.25, 1.5, 1.5))
        assert [data for _, data in told] == [b"HEADab", b"c", b"de", b"fg", b"h", "complete"]
        assert [at for at, _ in told] == [0, 1.0, 1.25, 1.5, 1.5, 1.5]

    def test_splits_without_a_gap_are_writes_of_their_own_too(self) -> None:
        """They are due at once."""
        _, told = play(Plan(200, (), (Piece(b"abc", 0.0, (1, 2)),)), by(0, 0, 0))
        assert [data for _, data in told] == [b"HEAD", b"a", b"b", b"c", "complete"]

    def test_bytes_that_are_not_framed_stay_as_they_are(self) -> None:
        """HTTP's chunks go around the others."""
        plan = Plan(200, (), (Piece(b"ab"), Piece(b"xyz\r\n", framed=False)), ending=Ending.CLOSED)
        _, told = play(plan, by(0), chunked=True)
        assert told == [(0.0, b"HEAD2\r\nab\r\nxyz\r\n"), (0.0, "close")]

    def test_a_large_piece_leaves_in_parts(self) -> None:
        """No write is larger than MAX_SEND, and between them others get their turn."""
        outcome, told = play(Plan(200, (), (Piece(b"x" * (2 * MAX_SEND + 1)),)), by(0, 0, 0))
        assert [len(data) for _, data in told[:-1]] == [4, MAX_SEND, MAX_SEND, 1]
        assert outcome.sent == 2 * MAX_SEND + 1


class TestReaders:
    """Clients that are slow, or leave."""

    def test_a_slow_reader_is_waited_for(self) -> None:
        """Nothing is written while the connection is full, and all of it afterwards."""

        async def slow(clock: HandClock, noted: Noted, playing: "asyncio.Future[Outcome]") -> None:
            clock.go_to(10)
            assert noted.told == [(1.0, b"HEADa")]
            noted.room, noted.write_paused = 100, False
            noted.player.writable()

        outcome, told = play(STREAM, slow, room=5)
        assert told == [(1.0, b"HEADa"), (10.0, b"bc"), (10.0, "complete")]
        assert outcome == Outcome(3, "complete", 10.0)

    def test_an_end_without_bytes_waits_for_no_reader(self) -> None:
        """The last bytes may still be on their way to the client when the answer is over."""
        outcome, told = play(STREAM, by(1, 2, 3, 3), room=7)
        assert told[-2:] == [(3.0, b"c"), (3.0, "complete")]
        assert outcome == Outcome(3, "complete", 3.0)

    def test_a_reader_that_is_in_time_changes_nothing(self) -> None:
        """To be writable again does not make anything leave early."""

        async def eager(clock: HandClock, noted: Noted, playing: "asyncio.Future[Outcome]") -> None:
            noted.player.writable()
            clock.go_to(1)
            noted.player.writable()
            clock.go_to(3)

        _, told = play(STREAM, eager)
        assert [at for at, _ in told] == [1.0, 2.0, 3.0, 3.0]

    def test_a_client_that_leaves_ends_it(self) -> None:
        """What was written until then counts."""

        async def leaves(clock: HandClock, noted: Noted, playing: "asyncio.Future[Outcome]") -> None:
            clock.go_to(2.5)
            noted.player.lost()

        outcome, told = play(STREAM, leaves)
        assert outcome == Outcome(2, "disconnected", 2.5)
        assert [at for at, _ in told] == [1.0, 2.0]

    def test_a_task_that_is_cancelled_leaves_nothing_waiting(self) -> None:
        """As when the server stops."""

        async def run() -> bool:
            clock = HandClock()
            playing = asyncio.ensure_future(Player(STREAM, noted := Noted(clock), clock).play(noted.write))
            await asyncio.sleep(0)
            playing.cancel()
            await asyncio.gather(playing, return_exceptions=True)
            return clock.idle

        assert asyncio.run(run())


class TestEndings:
    """How it ends."""

    def test_a_connection_is_closed(self) -> None:
        """Without what HTTP still needs."""
        outcome, told = play(STREAM._replace(ending=Ending.CLOSED, ends=5.0), by(1, 2, 3, 5), chunked=True)
        assert told[-2:] == [(3.0, b"1\r\nc\r\n"), (5.0, "close")]
        assert outcome == Outcome(3, "closed", 5.0)

    def test_a_connection_is_reset(self) -> None:
        """The outcome waits until it is done."""

        async def scene(clock: HandClock, noted: Noted, playing: "asyncio.Future[Outcome]") -> None:
            clock.go_to(3)
            assert noted.told[-1] == (3.0, "reset")
            await asyncio.sleep(0)
            assert not playing.done()
            noted.player.lost()

        outcome, _ = play(STREAM._replace(ending=Ending.RESET), scene)
        assert outcome == Outcome(3, "reset", 3.0)

    def test_a_hang_ends_with_the_client(self) -> None:
        """However long that takes; a slow reader that reads on does not wake it."""

        async def scene(clock: HandClock, noted: Noted, playing: "asyncio.Future[Outcome]") -> None:
            clock.go_to(3)
            noted.player.writable()
            clock.go_to(500)
            await asyncio.sleep(0)
            assert not playing.done()
            noted.player.lost()

        outcome, told = play(STREAM._replace(ending=Ending.HUNG), scene)
        assert outcome == Outcome(3, "hung", 500.0)
        assert told[-1] == (3.0, b"c")

    def test_nothing_at_all_may_be_sent(self) -> None:
        """A head of no bytes is none."""
        plan = Plan(200, (), (), head=b"", ending=Ending.CLOSED, ends=2.0)
        outcome, told = play(plan, by(2))
        assert told == [(2.0, "close")]
        assert outcome == Outcome(0, "closed", 2.0)

    def test_a_head_can_be_anything(self) -> None:
        """What stands behind it is not framed."""
        plan = Plan(200, (), (Piece(b"ab"),), head=b"garbage", ending=Ending.CLOSED)
        _, told = play(plan, by(0), chunked=True)
        assert told == [(0.0, b"garbageab"), (0.0, "close")]


BROKEN = [
    Plan(200, (), (Piece(b"a"),), ending=Ending.RESET),
    Plan(200, (), (Piece(b"a"),), ending=Ending.HUNG),
    Plan(200, (), (), head=b"", ending=Ending.CLOSED),
    Plan(200, (), (Piece(b"a", framed=False),)),
    Plan(200, ((b"content-length", b"2"),), (Piece(b"a"),)),
]


@pytest.mark.parametrize("plan", BROKEN)
def test_what_is_not_http_needs_a_connection(plan: Plan) -> None:
    """In-process, over ASGI, it is refused before anything is sent."""

    async def never(*message: Any) -> Any:
        raise AssertionError("nothing may be sent")

    async def run() -> None:
        await deliver(plan, {"type": "http", "method": "POST"}, never, never, HandClock())

    assert plan.needs_connection
    with pytest.raises(NoConnection):
        asyncio.run(run())
