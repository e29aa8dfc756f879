"""`when`: on which calls an error, a fault or a delay holds."""

import re
from collections.abc import Mapping

import yaml

from mockserver.failures.when import ALWAYS, Span, When
from mockserver.language.durations import DURATION
from mockserver.language.kinds import ListOf, Made, Number, Record, Schema, Schemas, Spec, Text, key, required
from mockserver.language.source import Node, Source, describe

_INFINITY = float("inf")
_COUNT = Number(1, _INFINITY, whole=True)
_SPAN = re.compile(r"([1-9][0-9]{0,9})(?:(-)([1-9][0-9]{0,9})?)?\Z")


class _SpanKind:
    """One ordinal, or a range of them."""

    expected = "a call's number such as 3, or a range such as 3-5 or 7-"

    def read(self, node: Node, source: Source) -> Span:
        """The ordinals."""
        found = _SPAN.match(node.value.replace(" ", "")) if isinstance(node, yaml.ScalarNode) else None
        if found is None:
            raise source.refuse(node, f"expected {self.expected}, got {describe(node)}")
        first = int(found[1])
        last = int(found[3]) if found[3] else None if found[2] else first
        if last is not None and last < first:
            raise source.refuse(node, f"the range {found[0]} ends before it begins")
        return Span(first, last)

    def schema(self, defs: Schemas) -> Schema:
        """A whole number, or text with a range."""
        return {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string", "pattern": "^[0-9]+ *(- *[0-9]*)?$"}]}


class DuringSpec(Spec):
    """A time, counted from the start of the server or its last reset."""

    from_: float = key(DURATION, "When it begins.", default=0.0)
    to: float | None = key(DURATION, "When it ends; never when left out.")


def _check_during(record: DuringSpec, nodes: Mapping[str, Node], node: Node, source: Source) -> None:
    if record.to is not None and record.to <= getattr(record, "from"):
        source.note(nodes["to"], "'to' must be later than 'from'")


class InStateSpec(Spec):
    """A scenario and the state it must be in."""

    scenario: str = required(Text("a scenario's name"), "The scenario.")
    is_: str = required(Text("a state"), "Its state; all scenarios begin in `Started`.")


class WhenSpec(Spec):
    """On which calls something holds. All that is said must be so."""

    probability: float | None = key(
        Number(0, 1), "So likely, drawn for each call apart; from the seed, where there is one."
    )
    first: int | None = key(_COUNT, "On the first so many calls of the stub, in each session.")
    every: int | None = key(_COUNT, "On every Nth call of the stub: 3 is calls 3, 6, 9, ...")
    calls: tuple[Span, ...] = key(
        ListOf(_SpanKind(), or_one=True), "On these calls of the stub: `3`, `3-5`, `7-`, or a list of them.", default=()
    )
    during: DuringSpec | None = key(
        Record(DuringSpec, "during", check=_check_during, some_of=("from", "to")),
        "From one time after the start or the last reset to another.",
    )
    state: InStateSpec | None = key(Record(InStateSpec, "state"), "While a scenario is in a state.")
    until_retries: int | None = key(
        _COUNT, "Until the client has retried so often, as it says in `x-stainless-retry-count` (the official SDKs do)."
    )


def _short_when(node: Node, source: Source) -> WhenSpec:
    if not isinstance(node, yaml.ScalarNode) or node.value != "always":
        raise source.refuse(node, f"when: expected always, or a mapping, got {describe(node)}")
    return WhenSpec()


def _when(spec: WhenSpec) -> When:
    during, state = spec.during, spec.state
    made = When(
        probability=spec.probability,
        first=spec.first,
        every=spec.every,
        calls=spec.calls,
        during=None if during is None else (getattr(during, "from"), during.to),
        state=None if state is None else (state.scenario, getattr(state, "is")),
        until_retries=spec.until_retries,
    )
    return ALWAYS if made == ALWAYS else made


WHEN = Made(
    Record(WhenSpec, "when", short=_short_when, short_expected="always", short_schema={"const": "always"}), _when
)
"""Reads a `when`, ready to be judged."""
