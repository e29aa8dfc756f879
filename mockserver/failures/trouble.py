"""What may go wrong with a call, and what does: errors, faults and latencies, each with its `when`."""

from typing import TYPE_CHECKING, NamedTuple

from mockserver.call import Call
from mockserver.errors import Place
from mockserver.failures.apierrors import ApiError
from mockserver.failures.latency import Latency
from mockserver.failures.when import Draws, Facts
from mockserver.matching.difference import Condition
from mockserver.matching.logic import meets

if TYPE_CHECKING:
    from mockserver.faults import Fault
    from mockserver.language.faults import FaultSpec


class Trouble(NamedTuple):
    """What goes wrong with one call: an error in the place of the answer, what makes it slow, what breaks it."""

    error: ApiError | None = None
    latencies: tuple[Latency, ...] = ()
    faults: "tuple[Fault, ...]" = ()

    def and_also(self, other: "Trouble") -> "Trouble":
        """Both; of two errors, the first."""
        error = self.error if self.error is not None else other.error
        return Trouble(error, self.latencies + other.latencies, self.faults + other.faults)


CALM = Trouble()
"""Nothing goes wrong."""


class Failures(NamedTuple):
    """What may go wrong, in a step of a stub or with all calls that a rule is about.

    With `by_model`, the name of the model that is asked for says more of it.
    """

    errors: tuple[ApiError, ...] = ()
    latencies: tuple[Latency, ...] = ()
    faults: "tuple[FaultSpec, ...]" = ()
    by_model: bool = False

    def trouble(self, facts: Facts, model: str) -> Trouble:
        """What goes wrong with a call to a model: the first error that holds, every latency and fault that does."""
        trouble = Trouble(
            next((e for n, e in enumerate(self.errors) if e.when.holds(facts, f"error {n}")), None),
            tuple(late for n, late in enumerate(self.latencies) if late.when.holds(facts, f"latency {n}")),
            tuple(spec.fault for n, spec in enumerate(self.faults) if spec.when.holds(facts, f"fault {n}")),
        )
        if self.by_model:
            from mockserver.failures.asked import in_model

            trouble = trouble.and_also(in_model(model))
        return trouble


class Rule(NamedTuple):
    """Failures of all calls that meet the conditions, whichever stub answers them.

    `header` is the name as `x-mockserver-stub` carries it.
    """

    name: str
    conditions: tuple[Condition, ...]
    failures: Failures
    place: Place
    header: bytes

    def matches(self, call: Call) -> bool:
        """Whether it is about a call. Raises RegexTimeout."""
        return meets(self.conditions, call, f"the failure '{self.name}'", self.place)


class Cause(NamedTuple):
    """The rule that has a call answered with an error, which of its calls that is, from 1, and what is drawn for it."""

    rule: Rule
    ordinal: int
    draws: Draws


class Switched(NamedTuple):
    """What was changed of the rules of one session while the server runs: some were added, some are off, by name."""

    added: tuple[Rule, ...] = ()
    off: frozenset[str] = frozenset()

    def of(self, rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
        """The rules that hold, where these are those of the files."""
        return tuple(rule for rule in (*self.added, *rules) if rule.name not in self.off)
