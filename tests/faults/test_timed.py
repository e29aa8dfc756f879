"""A paced stream keeps its body whole: it is played, looked at and broken as the pieces that it stands for."""

import asyncio
import gc
from collections.abc import Sequence
from itertools import accumulate
from types import GeneratorType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.delivery import MAX_SEND, Player
from mockserver.journal import Outcome
from mockserver.plan import Ending, Piece, Plan
from mockserver.timed import Layout, Timed
from tests.faults.test_player import HandClock, Noted, Scene, play

GAPS = st.sampled_from([0.0, 0.0, 0.25, 1.0])
EVENTS = st.lists(st.tuples(st.integers(1, 40), GAPS), min_size=1, max_size=8)
LARGE = st.lists(st.tuples(st.integers(1, MAX_SEND), st.just(0.0)), min_size=2, max_size=5)


def timed(events: Sequence[tuple[int, float]], begin: float = 0.0) -> Timed:
    """Pieces of so many bytes, each so long behind the one before it."""
    sizes = [size for size, _ in events]
    moments = tuple(accumulate(gap for _, gap in events))
    total = sum(sizes)
    return Timed((bytes(range(251)) * (total // 251 + 1))[:total], Layout(sizes, (), 0), moments, begin)


def moving(
    moments: Sequence[tuple[float, bool]], room_at: float | None = None, leaves_at: float | None = None
) -> Scene:
    """A scene in which time passes, or jumps; the client reads on, or leaves, once it has come to some moment."""

    async def scene(clock: HandClock, noted: Noted, playing: "asyncio.Future[Outcome]") -> None:
        for moment, jumps in [*moments, (100.0, False)]:
            if jumps:
                clock.moment = max(clock.moment, 100 + moment)
            clock.go_to(moment)
            if room_at is not None and moment >= room_at and noted.write_paused:
                noted.room, noted.write_paused = float("inf"), False
                noted.player.writable()
            if leaves_at is not None and moment >= leaves_at:
                noted.player.lost()
            await asyncio.sleep(0)
        for _ in range(10):  # what is large is written in turns
            clock.go_to(100)

    return scene


@given(
    EVENTS,
    st.tuples(GAPS, GAPS, GAPS),
    st.lists(st.tuples(st.floats(0, 10), st.booleans()), max_size=6).map(sorted),
    st.booleans(),
    st.none() | st.tuples(st.integers(0, 60), st.floats(0, 10)),
    st.none() | st.floats(0, 10),
    st.sampled_from([Ending.COMPLETE, Ending.CLOSED]),
)
def test_it_is_played_as_its_pieces_are(
    events: list[tuple[int, float]],
    waits: tuple[float, float, float],
    moments: list[tuple[float, bool]],
    chunked: bool,
    slow: tuple[int, float] | None,
    leaves_at: float | None,
    ending: Ending,
) -> None:
    """The same bytes leave in the same writes at the same moments, however late, slow or impatient anybody is."""
    opens, wait, end = waits
    pieces = timed(events, opens + wait)
    ends = pieces.begin + pieces.moments[-1] + end
    room, room_at = slow or (float("inf"), None)
    found: list[Any] = []
    for each in (pieces, tuple(pieces)):
        plan = Plan(200, (), each, True, ending, opens, ends)
        found.append(play(plan, moving(moments, room_at, leaves_at), chunked=chunked, room=room))
    assert found[0] == found[1]


@given(LARGE)
def test_large_events_leave_as_pieces_do(events: list[tuple[int, float]]) -> None:
    """Never too much in one write."""
    pieces = timed(events)
    found = [play(Plan(200, (), each, True), moving(())) for each in (pieces, tuple(pieces))]
    assert found[0] == found[1]


def test_an_event_that_is_too_large_for_one_write_leaves_in_several() -> None:
    """As any piece does."""
    _, told = play(Plan(200, (), timed([(MAX_SEND + 1, 0.0)]), True), moving(()))
    assert [len(data) for _, data in told[:-1]] == [4, MAX_SEND, 1]


@pytest.mark.parametrize("cancelled", [False, True])
def test_nothing_is_left_of_what_played_it(cancelled: bool) -> None:
    """It leads back to itself while it waits, and must not behind its end: the garbage collector looks seldom."""

    async def run() -> None:
        clock = HandClock()
        noted = Noted(clock)
        player = Player(Plan(200, (), timed([(1, 0.0), (1, 1.0)]), True), noted, clock)
        playing = asyncio.ensure_future(player.play(noted.write))
        await asyncio.sleep(0)
        assert gc.get_referrers(player)
        clock.go_to(0.5 if cancelled else 2)
        if cancelled:
            playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)
        player.writable()
        assert [data for _, data in noted.told][:2] == ([b"HEAD\x00"] if cancelled else [b"HEAD\x00", b"\x01"])
        del playing
        clock.waiting.clear()
        assert not [each for each in gc.get_referrers(player) if isinstance(each, GeneratorType)]

    asyncio.run(run())


class TestSequence:
    """Whoever looks at it sees pieces."""

    PIECES = Timed(b"abcdef", Layout((1, 2, 3), (0, 1, 1), 2), (0.0, 0.5, 0.5), 1.0)
    TUPLE = (Piece(b"a", 1.0), Piece(b"bc", 1.5), Piece(b"def", 1.5))

    def test_it_is_its_pieces(self) -> None:
        """One by one, some of them, all of them, and how many."""
        assert [*self.PIECES] == [*self.TUPLE]
        assert (len(self.PIECES), self.PIECES[1], self.PIECES[-1]) == (3, self.TUPLE[1], self.TUPLE[2])
        assert self.PIECES[1:] == self.TUPLE[1:]

    def test_it_equals_them(self) -> None:
        """So plans can be compared."""
        assert self.PIECES == self.TUPLE
        assert self.TUPLE == self.PIECES
        assert self.TUPLE[:2] != self.PIECES
        assert Plan(200, (), self.PIECES) == Plan(200, (), self.TUPLE)
        assert repr(self.PIECES) == repr(self.TUPLE)

    def test_a_plan_that_is_taken_apart_has_them(self) -> None:
        """Faults change pieces."""
        plan = Plan(200, (), self.PIECES, events=True)
        assert type(plan.apart().pieces) is tuple
        assert plan.apart() == plan
        assert plan.body == b"abcdef"
