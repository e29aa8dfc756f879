"""What a stub does at one of its calls, at a row of calls (`sequence`), or by chance (`choose`)."""

from collections.abc import Mapping

from mockserver.language.failures import FAILURE_KEYS, MayFailSpec
from mockserver.language.kinds import Choice, ListOf, Number, Record, Text, key
from mockserver.language.responses import RESPONSE, ResponseSpec
from mockserver.language.source import Node, Source

AT_END = ("stay", "cycle", "fail")
RETRIES = ("advance", "repeat")

STEP_KEYS = ("response", *FAILURE_KEYS)
"""What can be done at a call; a step says at least one of them."""
STUB_KEYS = (*STEP_KEYS, "sequence", "choose")
"""The ways in which a stub says what it does; it takes one of them."""


class StepSpec(MayFailSpec):
    """What is done at one call."""

    response: ResponseSpec | None = key(RESPONSE, "What is answered.")
    new_state: str | None = key(Text("a state"), "The state the stub's scenario is in from then on.")


class WeightedSpec(StepSpec):
    """One of the things that a stub may do, and how likely it is."""

    weight: float = key(Number(0, 1e9), "How likely it is, beside the weights of the others.", default=1)


STEP = Record(StepSpec, "a step", some_of=STEP_KEYS)
WEIGHTED = Record(WeightedSpec, "a choice", some_of=STEP_KEYS)


class SequencedSpec(StepSpec):
    """What a stub does, call after call: always the same, a sequence of steps, or one of several by chance."""

    sequence: tuple[StepSpec, ...] = key(
        ListOf(STEP), "Steps taken one after the other, each call the next, in each session anew.", default=()
    )
    at_end: str = key(
        Choice(AT_END),
        "What follows the last step: it stays the answer, the sequence begins again, or calls fail with a 404.",
        default="stay",
    )
    choose: tuple[WeightedSpec, ...] = key(
        ListOf(WEIGHTED), "One of these is done, by chance; from the seed, where there is one.", default=()
    )
    retries: str = key(
        Choice(RETRIES),
        "Whether an SDK's retry of the same request takes the next step (`advance`), or is answered by the same stub "
        "with the same step again (`repeat`).",
        default="advance",
    )
    scenario: str | None = key(Text("a name"), "The state machine it is part of; each session has its own.")
    required_state: str | None = key(
        Text("a state"), "The state the scenario must be in; all begin in `Started`. Any state when left out."
    )


def check_steps(record: SequencedSpec, nodes: Mapping[str, Node], node: Node, source: Source) -> None:
    """Note what does not go together in a stub."""
    own = [name for name in STEP_KEYS if name in nodes]
    ways = [*own[:1], *(name for name in ("sequence", "choose") if name in nodes)]
    if len(ways) > 1:
        source.note(nodes[ways[1]], f"'{ways[0]}' and '{ways[1]}' cannot stand in one stub")
    if "at_end" in nodes and "sequence" not in nodes:
        source.note(nodes["at_end"], "'at_end' goes with 'sequence'")
    if record.choose and not any(choice.weight for choice in record.choose):
        source.note(nodes["choose"], "all weights are 0: at least one must be more")
    if record.scenario is None:
        for name in ("required_state", "new_state"):
            if name in nodes:
                source.note(nodes[name], f"'{name}' goes with 'scenario'")
        for step in (*record.sequence, *record.choose):
            if step.new_state is not None:
                source.note(nodes.get("sequence") or nodes["choose"], "'new_state' goes with 'scenario'")
                break
