"""The wheel that all waiting hangs on, and clocks that run at another pace."""

import asyncio
import gc
import time
import weakref
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from mockserver.clock import ScaledClock, SystemClock, Wheel


def run(scene: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a scene on an event loop."""
    asyncio.run(asyncio.wait_for(scene(), 20))


class TestWheel:
    """One timer for everything."""

    def test_calls_come_in_the_order_of_their_moments_and_never_early(self) -> None:
        """However they were asked for."""

        async def scene() -> None:
            wheel, begun = Wheel(), time.monotonic()
            called: list[tuple[float, float]] = []
            done = asyncio.Event()

            def at(after: float) -> None:
                wheel.at(begun + after, lambda: called.append((after, time.monotonic() - begun)))

            for after in (0.03, 0.01, 0.02, -1.0, 0.01):
                at(after)
            wheel.at(begun + 0.05, done.set)
            await done.wait()
            assert [after for after, _ in called] == [-1.0, 0.01, 0.01, 0.02, 0.03]
            assert all(late >= after for after, late in called)

        run(scene)

    def test_a_cancelled_call_is_not_made_and_holds_nothing(self) -> None:
        """Streams whose clients leave must not stay in memory until their next token."""

        async def scene() -> None:
            class Target:
                def method(self) -> None:
                    raise AssertionError("cancelled")

            wheel, target = Wheel(), Target()
            timers = [wheel.at(time.monotonic() + after, target.method) for after in (0.001, 3600)]
            for timer in timers:
                timer.cancel()
                timer.cancel()
            gone = weakref.ref(target)
            del target, timer, timers
            gc.collect()
            assert gone() is None
            done = asyncio.Event()
            wheel.at(time.monotonic() + 0.02, done.set)
            await done.wait()

        run(scene)

    def test_a_call_may_ask_for_the_next(self) -> None:
        """If only at a moment that has passed: it comes in a later turn, and others get theirs."""

        async def scene() -> None:
            wheel, done = Wheel(), asyncio.Event()
            turns: list[str] = []

            def again() -> None:
                turns.append("call")
                asyncio.get_running_loop().call_soon(turns.append, "loop")
                if len(turns) < 6:
                    wheel.at(0, again)
                else:
                    done.set()

            wheel.at(0, again)
            await done.wait()
            await asyncio.sleep(0)
            assert turns == ["call", "loop"] * (len(turns) // 2)

        run(scene)

    def test_a_call_that_fails_does_not_stop_the_others(self) -> None:
        """The event loop is told, and the wheel turns on."""

        async def scene() -> None:
            wheel, done = Wheel(), asyncio.Event()
            told: list[Any] = []
            asyncio.get_running_loop().set_exception_handler(lambda loop, context: told.append(context["message"]))
            moment = time.monotonic()
            wheel.at(moment, lambda: 1 // 0)
            wheel.at(moment + 0.005, done.set)
            await done.wait()
            assert told == ["a timer's callback failed"]

        run(scene)

    def test_another_loop_may_follow(self) -> None:
        """As for an application without a server, asked from one test after the other."""
        wheel = Wheel()

        async def leaves_something() -> None:
            wheel.at(time.monotonic() + 3600, lambda: None)
            wheel.at(time.monotonic() + 0.001, lambda: None)

        async def waits() -> None:
            done = asyncio.Event()
            wheel.at(time.monotonic() + 0.005, done.set)
            await done.wait()

        run(leaves_something)
        run(waits)


class TestSystemClock:
    """The machine's clock."""

    def test_it_calls_when_the_moment_has_come(self) -> None:
        """Not before."""

        async def scene() -> None:
            clock, done = SystemClock(), asyncio.Event()
            moment = clock.elapsed() + 0.01
            clock.call_at(moment, done.set)
            await done.wait()
            assert clock.elapsed() >= moment

        run(scene)


class TestScaledClock:
    """Clocks that run at another pace."""

    def test_a_tenth_runs_ten_times_as_fast(self) -> None:
        """Its ten seconds are one of the machine's."""

        async def scene() -> None:
            clock = ScaledClock(0.001)
            begun, real = clock.elapsed(), time.monotonic()
            await clock.wait_until(begun + 20)
            passed = time.monotonic() - real
            assert clock.elapsed() >= begun + 20
            assert passed >= 0.02
            assert clock.now() - time.time() > 19

        run(scene)

    def test_at_nought_nothing_waits_and_the_order_stays(self) -> None:
        """An hour passes at once; what is due first comes first, and sees the moment it waited for."""

        async def scene() -> None:
            clock = ScaledClock(0)
            begun = clock.elapsed()
            seen: list[tuple[int, bool]] = []
            done = asyncio.Event()
            for hours in (3, 1, 2):
                moment = begun + hours * 3600
                clock.call_at(moment, lambda h=hours, m=moment: seen.append((h, clock.elapsed() >= m)))  # type: ignore[misc]
            clock.call_at(begun + 4 * 3600, done.set)
            clock.call_at(begun + 5 * 3600, lambda: seen.append((5, False))).cancel()
            await done.wait()
            assert seen == [(1, True), (2, True), (3, True)]
            assert 4 * 3600 <= clock.elapsed() - begun < 4.5 * 3600

        run(scene)

    def test_at_nought_another_loop_may_follow(self) -> None:
        """What waited on the one before is forgotten."""
        clock = ScaledClock(0)

        async def leaves_something() -> None:
            waiting = asyncio.ensure_future(clock.wait_until(clock.elapsed() + 5))
            clock.call_at(clock.elapsed() + 1, lambda: None).cancel()
            waiting.cancel()

        run(leaves_something)
        run(lambda: clock.wait_until(clock.elapsed() + 3600))

    def test_a_scale_is_not_negative(self) -> None:
        """Time does not run backwards."""
        with pytest.raises(ValueError, match=r"^a time scale is 0 or more, got -1$"):
            ScaledClock(-1)
        with pytest.raises(ValueError, match=r"^a time scale is 0 or more, got nan$"):
            ScaledClock(float("nan"))
