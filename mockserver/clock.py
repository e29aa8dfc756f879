"""The only clock: what time it is, how long something took, and the only waiting."""

import asyncio
import time
from typing import Protocol


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


class SystemClock:
    """The machine's clock."""

    now = staticmethod(time.time)
    elapsed = staticmethod(time.monotonic)

    async def wait_until(self, moment: float) -> None:
        """Sleep until `moment`; a moment that has passed only yields to the loop."""
        await asyncio.sleep(max(0.0, moment - time.monotonic()))
