"""What may go wrong with a call, and what does: errors of the API and latencies, each with its `when`."""

from typing import NamedTuple

from mockserver.apierrors import ApiError
from mockserver.call import Call
from mockserver.errors import Place
from mockserver.latency import Latency
from mockserver.matching.difference import Condition
from mockserver.when import Facts


class Trouble(NamedTuple):
    """What goes wrong with one call: an error in the place of the answer, what makes it slow."""

    error: ApiError | None = None
    latencies: tuple[Latency, ...] = ()

    def and_also(self, other: "Trouble") -> "Trouble":
        """Both; of two errors, the first."""
        return Trouble(self.error if self.error is not None else other.error, self.latencies + other.latencies)


CALM = Trouble()
"""Nothing goes wrong."""


class Failures(NamedTuple):
    """What may go wrong, in a step of a stub or with all calls that a rule is about."""

    errors: tuple[ApiError, ...] = ()
    latencies: tuple[Latency, ...] = ()

    def trouble(self, facts: Facts) -> Trouble:
        """What goes wrong: the first error that holds, every latency that does."""
        return Trouble(
            next((e for n, e in enumerate(self.errors) if e.when.holds(facts, f"error {n}")), None),
            tuple(late for n, late in enumerate(self.latencies) if late.when.holds(facts, f"latency {n}")),
        )


class Rule(NamedTuple):
    """Failures of all calls that meet the conditions, whichever stub answers them."""

    name: str
    conditions: tuple[Condition, ...]
    failures: Failures
    place: Place

    def matches(self, call: Call) -> bool:
        """Whether it is about a call."""
        return all(condition.difference(call) is None for condition in self.conditions)
