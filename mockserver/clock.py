"""The only clock: what time it is, how long something took, and the only waiting."""

import asyncio
import time
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from math import ceil
from typing import Protocol

worked = time.thread_time
"""Seconds this thread has worked: what bounds a computation, however busy the machine is with others."""
ticks = time.monotonic
"""Seconds since some fixed moment: what is quick to ask for."""

TICKS = 1_000
"""Ticks of the wheel in a second: waiting is exact to one of them, and never too short."""


class Timer(Protocol):
    """Something that will be called."""

    def cancel(self) -> None:
        """Don't call it; harmless when it was called already."""
        ...


class Clock(Protocol):
    """Time as a parameter, so that tests can say what it is."""

    def now(self) -> float:
        """Seconds since 1970, UTC."""
        ...

    def elapsed(self) -> float:
        """Seconds since some fixed moment; never goes back."""
        ...

    async def wait_until(self, moment: float) -> None:
        """Return when `elapsed()` has reached `moment`."""
        ...

    def call_at(self, moment: float, callback: Callable[[], None]) -> Timer:
        """Have something called on the running event loop when `elapsed()` has reached `moment`, never at once."""
        ...


class SystemClock:
    """The machine's clock."""

    now = staticmethod(time.time)
    elapsed = staticmethod(time.monotonic)

    def __init__(self) -> None:
        self._wheel = Wheel()
        self.call_at = self._wheel.at

    async def wait_until(self, moment: float) -> None:
        """Sleep until `moment`; a moment that has passed only yields to the loop."""
        await asyncio.sleep(max(0.0, moment - time.monotonic()))


class ScaledClock:
    """A clock on which what waits takes `scale` times as long: at 0.1 its seconds pass ten times as fast.

    At 0 nothing waits: the clock jumps to the moment that something waits for, the earliest first, and goes at the
    machine's pace in between. It is right when it is made, and goes on from what a clock of another scale says then.
    Raises ValueError for a negative scale.
    """

    def __init__(self, scale: float) -> None:
        self._wheel = Wheel()
        self._began = self._since = time.monotonic()
        self._ahead = time.time() - self._began
        self._scale(scale)
        self._waiting: list[tuple[float, int, _Jump]] = []
        self._order = count()

    def rescale(self, scale: float) -> None:
        """Run at another pace from now on; what waits already waits as long as it was to. Raises ValueError."""
        self._began, self._since = self.elapsed(), time.monotonic()
        self._scale(scale)

    def advance(self, seconds: float) -> None:
        """Move the clock forward; what waits already waits as long as it was to."""
        self._began += seconds

    def now(self) -> float:
        """Seconds since 1970, as this clock has them."""
        return self._ahead + self.elapsed()

    def elapsed(self) -> float:
        """Seconds since some fixed moment, as this clock has them."""
        return self._began + (time.monotonic() - self._since) * self._pace

    async def wait_until(self, moment: float) -> None:
        """Return when this clock has reached `moment`."""
        reached = asyncio.Event()
        timer = self.call_at(moment, reached.set)
        try:
            await reached.wait()
        finally:
            timer.cancel()

    def call_at(self, moment: float, callback: Callable[[], object]) -> Timer:
        """Have something called when this clock has reached `moment`."""
        if self.scale:
            return self._wheel.at(self._since + (moment - self._began) * self.scale, callback)
        jump = _Jump(callback)
        heappush(self._waiting, (moment, next(self._order), jump))
        asyncio.get_running_loop().call_soon(self._jump)
        return jump

    def _scale(self, scale: float) -> None:
        if not scale >= 0:
            raise ValueError(f"a time scale is 0 or more, got {scale}")
        self.scale = scale
        self._pace = 1 / scale if scale else 1.0

    def _jump(self) -> None:
        """Go to the earliest moment that something waits for. There is a call of this for everything that waits."""
        while self._waiting:
            moment, _, jump = heappop(self._waiting)
            if jump.callback is not None:
                self._began += max(0.0, moment - self.elapsed())
                jump.callback()
                break


class _Jump:
    """A call that a clock without waiting will make, unless it is cancelled."""

    __slots__ = ("callback",)

    def __init__(self, callback: Callable[[], object]) -> None:
        self.callback: Callable[[], object] | None = callback

    def cancel(self) -> None:
        """Don't call it."""
        self.callback = None


class Wheel:
    """One timer of the event loop for everything that waits, in ticks of a millisecond.

    Thousands of streams wait for tokens at once; a timer of the loop for each costs more than the token.
    """

    def __init__(self) -> None:
        self._buckets: dict[int, dict[_Spoke, None]] = {}
        self._ticks: list[int] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._armed: asyncio.TimerHandle | None = None
        self._armed_for = 0
        self._turning = False

    def at(self, moment: float, callback: Callable[[], object]) -> Timer:
        """Have something called at a moment of `time.monotonic`, on the event loop that runs now."""
        tick = ceil(moment * TICKS)
        bucket = self._buckets.get(tick)
        if bucket is None:
            loop = asyncio.get_running_loop()
            if loop is not self._loop:  # the one before has ended, and what waited on it with it
                self._loop, self._armed = loop, None
                self._buckets.clear()
                self._ticks.clear()
            bucket = self._buckets[tick] = {}
            heappush(self._ticks, tick)
            if not self._turning and (self._armed is None or tick < self._armed_for):
                self._arm()
        spoke = _Spoke(bucket, callback)
        bucket[spoke] = None
        return spoke

    def _arm(self) -> None:
        """Set the loop's timer to the earliest tick."""
        if self._armed is not None:
            self._armed.cancel()
        self._armed_for = self._ticks[0]
        # uvloop's timers have whole milliseconds, rounded: up to the next one, or it would come too early
        delay = max(0, ceil(self._armed_for - time.monotonic() * TICKS)) / TICKS
        assert self._loop is not None
        self._armed = self._loop.call_later(delay, self._turn)

    def _turn(self) -> None:
        """Call everything that is due now; what that asks for in turn waits for the next turn, if only in the past."""
        self._armed, self._turning = None, True
        now = time.monotonic() * TICKS
        ticks = self._ticks
        due = []
        while ticks and ticks[0] <= now:
            due.append(self._buckets.pop(heappop(ticks)))
        for bucket in due:
            while bucket:
                try:
                    bucket.popitem()[0].callback()
                except Exception as error:  # which must not keep the others from being called
                    context = {"message": "a timer's callback failed", "exception": error}
                    asyncio.get_running_loop().call_exception_handler(context)
        self._turning = False
        if ticks:
            self._arm()


class _Spoke:
    """A call that a wheel will make, unless it is cancelled."""

    __slots__ = ("_bucket", "callback")

    def __init__(self, bucket: "dict[_Spoke, None]", callback: Callable[[], object]) -> None:
        self._bucket = bucket
        self.callback = callback

    def cancel(self) -> None:
        """Don't call it; a bucket that is left empty turns up at its tick and does nothing."""
        self._bucket.pop(self, None)
