"""The small parts of the core: draws, sessions, state, the journal, plans and their delivery."""

import asyncio
import io
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver import session
from mockserver.call import Call
from mockserver.clock import Timer
from mockserver.delivery import MAX_SEND, deliver, deliver_at_once
from mockserver.draw import Draw, Fresh
from mockserver.journal import Exchange, Journal, Outcome
from mockserver.limits import Bounds
from mockserver.log import RequestLog
from mockserver.plan import Piece, Plan
from mockserver.state import MemoryState


class TestDraw:
    """Randomness is keyed."""

    def test_the_same_key_draws_the_same_everywhere(self) -> None:
        """Pinned, so that another machine or version that drew otherwise would fail."""
        draw = Draw("a", 1, b"x")
        assert (draw.below(1000), draw.alphanumeric(8), draw.hexadecimal(5)) == PINNED
        assert round(draw.unit(), 12) == PINNED_UNIT

    @given(st.lists(st.text() | st.integers() | st.binary(), max_size=4).map(tuple))
    def test_another_key_draws_otherwise(self, key: tuple[Any, ...]) -> None:
        """Parts are framed: moving a border between them makes another key."""
        assert Draw(*key).bytes(16) == Draw(*key).bytes(16)
        assert Draw(*key).bytes(16) != Draw(*key, "").bytes(16)
        assert Draw("ab", "c").bytes(16) != Draw("a", "bc").bytes(16)

    @given(st.integers(1, 2**32))
    def test_numbers_stay_in_their_bounds(self, limit: int) -> None:
        """`below` and `between` include what they say."""
        draw = Draw(limit)
        assert 0 <= draw.below(limit) < limit
        assert limit <= draw.between(limit, limit + 1) <= limit + 1
        assert 0 <= draw.unit() < 1
        assert draw.pick([limit]) == limit
        assert not draw.chance(0)
        assert draw.chance(1)

    def test_long_draws_go_on(self) -> None:
        """A stream of bytes does not depend on how it is cut."""
        whole = Draw("k").bytes(300)
        cut = Draw("k")
        assert cut.bytes(1) + cut.bytes(99) + cut.bytes(200) == whole

    def test_fresh_draws_differ(self) -> None:
        """What has no key is different each time, also past the end of what was fetched at once."""
        fresh = Fresh()
        drawn = [fresh.alphanumeric(29) for _ in range(500)]
        assert len(set(drawn)) == 500
        assert all(len(text) == 29 and text.isalnum() for text in drawn)
        assert len(fresh.bytes(10_000)) == 10_000


PINNED = (135, "zIYhcBiM", "0c404")
PINNED_UNIT = 0.602059347138


class TestSession:
    """Which session a request belongs to."""

    @pytest.mark.parametrize(
        ("path", "expected"),
        [
            ("/v1/models", ("", "/v1/models")),
            ("/s/a/v1/models", ("a", "/v1/models")),
            ("/s/a/", ("a", "/")),
            ("/s/a", ("", "/s/a")),
            ("/s//v1", ("", "/s//v1")),
            ("/scores", ("", "/scores")),
        ],
    )
    def test_a_path_prefix_names_it(self, path: str, expected: tuple[str, str]) -> None:
        """`/s/NAME/...`, and nothing that only looks like it."""
        assert session.split_path(path) == expected

    @pytest.mark.parametrize(
        ("headers", "expected"),
        [
            ([], ""),
            ([(b"authorization", b"Bearer sk-1")], ""),
            ([(b"authorization", b"Bearer mock-session-a")], "a"),
            ([(b"authorization", b"bearer  mock-session-a")], "a"),
            ([(b"authorization", b"Basic mock-session-a")], ""),
            ([(b"api-key", b"mock-session-a")], "a"),
            ([(b"x-mockserver-session", b"b"), (b"api-key", b"mock-session-a")], "b"),
            ([(b"x-mockserver-session", b"")], ""),
        ],
    )
    def test_headers_name_it(self, headers: list[tuple[bytes, bytes]], expected: str) -> None:
        """The header first, then the API key."""
        assert session.named_by(dict(headers)) == expected


class TestState:
    """What changes from call to call."""

    def test_calls_are_counted_by_session_and_stub(self) -> None:
        """Sessions do not see each other."""
        state = MemoryState()
        assert [state.enter("a", "s", None).ordinal for _ in range(3)] == [1, 2, 3]
        assert state.enter("b", "s", None).ordinal == 1
        assert state.enter("a", "t", None).ordinal == 1
        state.reset()
        assert state.enter("a", "s", None).ordinal == 1

    def test_repetitions_are_counted_by_request(self) -> None:
        """The same request is known again, another is not, nor the same in another session."""
        state = MemoryState()
        assert [state.enter("", "s", r).repetition for r in (b"x", b"y", b"x", b"x")] == [0, 0, 1, 2]
        assert state.enter("other", "s", b"x").repetition == 0

    def test_memory_is_bounded(self) -> None:
        """The least recent sessions and requests are forgotten."""
        state = MemoryState(Bounds(sessions=10, requests=20))
        for number in range(15):
            state.enter("", "x", None)
            state.enter(f"s{number}", "x", None)
        assert state.enter("", "x", None).ordinal == 16
        assert state.enter("s0", "x", None).ordinal == 1
        assert state.enter("s14", "x", None).ordinal == 2
        for number in range(21):
            state.enter(f"s{number % 3}", "x", b"%d" % number)
        assert state.enter("s0", "x", b"0").repetition == 0
        assert state.enter("s0", "x", b"3").repetition == 1


def exchange(size: int = 1, path: str = "/p", stub: str = "stub") -> Exchange:
    """An exchange of some size."""
    call = Call("chat", {"model": "m\n1"})
    return Exchange(0.0, "POST", path, call, stub, Plan(200, (), ()), Outcome(0, "complete"), 3, 0.0042, size)


class TestJournal:
    """What happened, bounded."""

    def test_the_latest_are_kept(self) -> None:
        """Bounded by count."""
        journal = Journal(max_entries=2)
        for path in "abc":
            journal.add(exchange(path=path))
        assert [entry.path for entry in journal] == ["b", "c"]

    def test_large_ones_push_others_out(self) -> None:
        """Bounded by bytes; one that is too large alone is not kept."""
        journal = Journal(max_bytes=100)
        for size in (40, 40, 40):
            journal.add(exchange(size))
        assert len(journal) == 2
        journal.add(exchange(101))
        assert len(journal) == 0
        journal.add(exchange(100))
        assert len(journal) == 1
        journal.clear()
        assert len(journal) == 0


class TestLog:
    """A line for each request."""

    @staticmethod
    def written(*exchanges: Exchange) -> str:
        """What the log writes."""
        stream = io.StringIO()

        async def run() -> None:
            log = RequestLog(stream)
            for one in exchanges:
                log.add(one)
            log.close()

        asyncio.run(run())
        return stream.getvalue()

    def test_a_line_says_what_was_asked_and_who_answered(self) -> None:
        """Control characters of a client cannot forge lines."""
        assert self.written(exchange()) == "POST /p m\\n1 -> stub 200 3 tokens 4.2 ms\n"

    def test_long_names_are_cut(self) -> None:
        """A line stays a line."""
        assert len(self.written(exchange(path="/" + "x" * 10_000))) < 200

    def test_a_closed_stream_is_no_error(self) -> None:
        """Nobody is left to tell."""
        stream = io.StringIO()
        stream.close()

        async def run() -> None:
            log = RequestLog(stream)
            log.add(exchange())
            log.close()

        asyncio.run(run())


class FakeClock:
    """A clock that does not tick, but jumps to what it is told to wait for."""

    def __init__(self) -> None:
        self.moment = 100.0

    def now(self) -> float:
        """A fixed time."""
        return 0.0

    def elapsed(self) -> float:
        """The moment last waited for."""
        return self.moment

    async def wait_until(self, moment: float) -> None:
        """Jump."""
        self.moment = max(moment, self.moment)

    def call_at(self, moment: float, callback: Callable[[], None]) -> Timer:
        """Nothing here is called."""
        raise NotImplementedError


class Client:
    """An ASGI client that notes what it is sent and when; `leaves_after` pieces it disconnects."""

    def __init__(self, clock: FakeClock, leaves_after: int | None = None) -> None:
        self.clock = clock
        self.sent: list[tuple[float, bytes]] = []
        self.left = asyncio.Event()
        self.leaves_after = leaves_after

    async def send(self, message: Any) -> None:
        """Note a message."""
        self.sent.append((self.clock.moment, message.get("body", b"HEAD")))
        if self.leaves_after is not None and len(self.sent) > self.leaves_after:
            self.left.set()
            await asyncio.sleep(0)

    async def receive(self) -> dict[str, Any]:
        """Wait for the end."""
        await self.left.wait()
        return {"type": "http.disconnect"}


def played(plan: Plan, leaves_after: int | None = None) -> tuple[Outcome, list[tuple[float, bytes]]]:
    """The outcome of a plan and what a client got, with times since the beginning."""

    async def run() -> tuple[Outcome, list[tuple[float, bytes]]]:
        clock = FakeClock()
        client = Client(clock, leaves_after)
        receive: Callable[[], Awaitable[Any]] = client.receive
        outcome = await deliver(plan, {"type": "http"}, receive, client.send, clock)
        return outcome, [(round(at - 100, 6), data) for at, data in client.sent]

    return asyncio.run(run())


class TestDelivery:
    """Plans are played as they say."""

    def test_pieces_leave_when_they_are_due(self) -> None:
        """The schedule is absolute, and begins when delivery does."""
        plan = Plan(200, (), (Piece(b"a", 0.5), Piece(b"b", 0.5), Piece(b"c", 2.0)))
        outcome, sent = played(plan)
        assert outcome == Outcome(3, "complete", 2.0)
        assert sent == [(0.5, b"HEAD"), (0.5, b"a"), (0.5, b"b"), (2.0, b"c"), (2.0, b"")]

    def test_splits_are_separate_writes(self) -> None:
        """A piece is cut at its marks."""
        _, sent = played(Plan(200, (), (Piece(b"abcdef", 0.0, (1, 4)),)))
        assert [data for _, data in sent] == [b"HEAD", b"a", b"bcd", b"ef", b""]

    def test_large_pieces_are_handed_over_in_parts(self) -> None:
        """A slow reader costs bounded memory."""
        outcome, sent = played(Plan(200, (), (Piece(b"x" * (2 * MAX_SEND + 1)),)))
        assert outcome.sent == 2 * MAX_SEND + 1
        assert [len(data) for _, data in sent] == [4, MAX_SEND, MAX_SEND, 1, 0]

    def test_a_client_that_leaves_ends_it(self) -> None:
        """What was not sent is not counted."""
        plan = Plan(200, (), (Piece(b"a", 1.0), Piece(b"b", 2.0), Piece(b"c", 3.0)))
        outcome, _ = played(plan, leaves_after=1)
        assert outcome == Outcome(1, "disconnected", 2.0)

    def test_without_a_connection_nothing_is_written_at_once(self) -> None:
        """In-process clients have none; ASGI is spoken then."""
        assert deliver_at_once(Plan(200, (), (Piece(b"a"),)), {}) is None

    @given(st.lists(st.binary(min_size=1).filter(lambda data: b"\n\n" not in data and not data.endswith(b"\n"))))
    def test_a_stream_can_be_taken_apart(self, events: list[bytes]) -> None:
        """`apart` gives a piece for each event, and the same bytes."""
        body = b"".join(event.lstrip(b"\n") + b"x\n\n" for event in events)
        plan = Plan(200, (), (Piece(body),), events=True)
        assert plan.apart().body == body == plan.body
        assert len(plan.apart().pieces) == len(events)
        assert Plan(200, (), (Piece(body),)).apart().pieces == (Piece(body),)
