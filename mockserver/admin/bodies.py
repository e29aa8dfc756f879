"""What requests to the admin API say, as records of the language: read, refused and described like fixture files."""

from typing import Any

from mockserver.language.durations import DURATION
from mockserver.language.failures import FAILURE
from mockserver.language.kinds import Boolean, ListOf, Number, Record, Spec, Text, key, required
from mockserver.language.matching import MATCH, Match
from mockserver.language.model import STUB

MOST_SECONDS = 600.0
"""For so long a request may wait for others."""

_COUNT = Number(0, 1_000_000, whole=True)


class MeantSpec(Spec):
    """Which calls are meant; all when nothing is said."""

    match: Match = key(MATCH, "What the calls are like, in the words of a stub's `match`.", default=Match())
    stub: str | None = key(Text("a stub's name"), "The name of the stub that answered them.")


class WaitSpec(MeantSpec):
    """For which calls to wait, and how long."""

    count: int = key(Number(1, 1_000_000, whole=True), "So many calls are waited for.", default=1)
    timeout: float = key(DURATION, "For so long at most, 10 minutes at the longest.", default=5.0)


class VerifySpec(MeantSpec):
    """How many calls are expected; at least one when nothing is said."""

    times: int | None = key(_COUNT, "Exactly so many.")
    at_least: int | None = key(_COUNT, "So many or more.")
    at_most: int | None = key(_COUNT, "So many or fewer.")
    never: bool = key(Boolean(), "Not one.", default=False)


class OrderSpec(Spec):
    """Calls that are expected one after the other."""

    steps: tuple[MeantSpec, ...] = required(
        ListOf(Record(MeantSpec, "calls")), "The calls, one for each item; others may come in between."
    )


class StateSpec(Spec):
    """The state of a scenario."""

    state: str = required(Text("the name of a state"), "The state it is put into.")


class SwitchSpec(Spec):
    """Whether failures happen."""

    on: bool = required(Boolean(), "Whether they happen.")


class ClockSpec(Spec):
    """What becomes of the server's clock."""

    time_scale: float | None = key(
        Number(0, 1_000), "How long waiting takes: with 0.1 a tenth of what the files say, with 0 nothing."
    )
    advance: float | None = key(DURATION, "By so much it is moved forward.")


CALLS: Record[Any] = Record(MeantSpec, "calls")
WAIT: Record[Any] = Record(WaitSpec, "a wait")
VERIFY: Record[Any] = Record(VerifySpec, "a verification")
ORDER: Record[Any] = Record(OrderSpec, "an order")
STATE: Record[Any] = Record(StateSpec, "a new state")
SWITCH: Record[Any] = Record(SwitchSpec, "a switch")
CLOCK: Record[Any] = Record(ClockSpec, "a clock", some_of=("time_scale", "advance"))
RECORDS: dict[str, type[Spec]] = {
    "calls": MeantSpec,
    "wait": WaitSpec,
    "verification": VerifySpec,
    "order": OrderSpec,
    "new_state": StateSpec,
    "switch": SwitchSpec,
    "clock": ClockSpec,
}
"""The records by the names that the OpenAPI document and the docs have for them."""

ADDED_STUB: Record[Any] = STUB
ADDED_FAILURE: Record[Any] = FAILURE
