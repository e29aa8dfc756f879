"""What a fault is: a function from plan to plan, with a name, parameters and a description.

An error is a well-formed answer of the API; a fault is an answer, of whatever kind, that does not arrive as it should.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

from mockserver.draw import Draw
from mockserver.language.kinds import Key
from mockserver.plan import Plan, in_turn

Params: TypeAlias = Mapping[str, Any]
"""The parameters of a fault: those given, or all of them with the defaults of the others."""

Change: TypeAlias = Callable[[Plan, Params, Draw], Plan]
"""Disturbs a plan. Raises Impossible."""

Effect: TypeAlias = Literal["cuts", "keeps", "alters"]
"""What arrives of the healthy body: a part of it from its beginning, all of it, or something else."""

On: TypeAlias = Literal["any", "streamed"]


class Impossible(ValueError):
    """A fault that cannot be had on an answer; the message says why."""


class Fault(NamedTuple):
    """A kind of fault and the parameters that were given."""

    kind: str
    params: Params = {}

    def __str__(self) -> str:
        """As a header says it: `reset; after_chunks=3`."""
        return "; ".join((self.kind, *(f"{name}={_shown(value)}" for name, value in self.params.items())))


class Kind(NamedTuple):
    """A kind of fault.

    `doc` says in a line what it does, `keys` are its parameters; `change` does it. `on` says which answers it is for.
    `alters` says what arrives changed, where the effect is that. `needs_connection`: ASGI has no words for it, so an
    in-process client cannot have it. `check` says what is wrong with parameters that do not go together.
    """

    name: str
    doc: str
    change: Change
    effect: Effect
    keys: Mapping[str, Key] = {}
    on: On = "any"
    alters: str = ""
    needs_connection: bool = False
    check: Callable[[Params], str | None] = lambda params: None

    def apply(self, plan: Plan, params: Params, draw: Draw) -> Plan:
        """The plan with the fault in it. Raises Impossible."""
        if self.on == "streamed" and not plan.events:
            raise Impossible(f"{self.name} is for streams, and this answer is none")
        if plan.head == b"":
            raise Impossible(f"{self.name} has nothing left to work on: of this answer nothing is sent")
        if plan.head is not None:
            raise Impossible(f"{self.name} has nothing left to work on: this answer is not HTTP any more")
        if self.on == "streamed" and not plan.apart().pieces:
            raise Impossible(f"{self.name} has nothing left to work on: this stream has no chunks")
        every = {name: key.default for name, key in self.keys.items()}
        made = self.change(plan, {**every, **params}, draw)
        return made._replace(pieces=in_turn(made.pieces))


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
