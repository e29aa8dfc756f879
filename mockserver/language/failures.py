"""What may go wrong: `error`, `fault` and `latency`, in a step of a stub or, under `failures`, for all calls."""

from mockserver.failures.apierrors import ApiError
from mockserver.failures.latency import Latency
from mockserver.language.errors import ERROR
from mockserver.language.faults import FAULT, FaultSpec
from mockserver.language.kinds import Boolean, ListOf, Record, Spec, Text, key
from mockserver.language.latency import LATENCY
from mockserver.language.matching import Match

FAILURE_KEYS = ("error", "fault", "latency", "fails_by_model")
"""The ways in which something goes wrong."""


class MayFailSpec(Spec):
    """Something that may go wrong."""

    error: tuple[ApiError, ...] = key(
        ListOf(ERROR, or_one=True),
        "An error of the API in the place of the response; of several, the first whose `when` holds.",
        default=(),
    )
    fault: tuple[FaultSpec, ...] = key(
        ListOf(FAULT, or_one=True),
        "What goes wrong on the wire; of several, all whose `when` holds, one after the other.",
        default=(),
    )
    latency: tuple[Latency, ...] = key(
        ListOf(LATENCY, or_one=True), "How long it takes; of several, all whose `when` holds, added up.", default=()
    )
    fails_by_model: bool = key(
        Boolean(),
        "Whether the model's name says what goes wrong: `error/NAME` or `fault/NAME`, with `; KEY=VALUE` behind it as "
        "in the headers that ask for failures.",
        default=False,
    )


class FailureSpec(MayFailSpec):
    """What may go wrong with all calls that match, whichever stub answers them."""

    name: str | None = key(Text("a name"), "How logs and headers call it; `FILE!N` when left out.")
    match: Match = key(Record(Match, "match"), "Which calls it is about; all when left out.", default=Match())


FAILURE = Record(FailureSpec, "a failure", some_of=FAILURE_KEYS)
