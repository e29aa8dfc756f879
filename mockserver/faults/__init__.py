"""Faults: what goes wrong on the wire, each a function from plan to plan, in the table `KINDS`."""

from collections.abc import Sequence
from typing import Any

from mockserver.draw import Draw
from mockserver.faults.body import BODY
from mockserver.faults.endings import ENDINGS
from mockserver.faults.events import EVENTS
from mockserver.faults.framing import FRAMING
from mockserver.faults.kind import Fault, Impossible, Kind
from mockserver.faults.sse import SSE
from mockserver.faults.writes import WRITES
from mockserver.plan import Plan

__all__ = ["GROUPS", "KINDS", "Fault", "Impossible", "Kind", "apply", "fault", "impossible", "parse"]

GROUPS: dict[str, tuple[Kind, ...]] = {
    "endings": ENDINGS,
    "writes": WRITES,
    "framing": FRAMING,
    "body": BODY,
    "events": EVENTS,
    "sse": SSE,
}
"""The kinds of faults by what they break."""

KINDS: dict[str, Kind] = {kind.name: kind for group in GROUPS.values() for kind in group}
"""Every kind of fault by its name, in the order of the docs."""


def apply(faults: Sequence[Fault], plan: Plan, draw: Draw) -> Plan:
    """The plan with the faults in it, one after the other: slow, then cut. Raises Impossible, which names the fault."""
    for one in faults:
        try:
            plan = KINDS[one.kind].apply(plan, one.params, draw)
        except Impossible as reason:
            raise Impossible(f"{one}: {reason}") from None
    return plan


def impossible(fault: Fault, plan: Plan) -> str | None:
    """Why a fault cannot be had on a plan; None where it can."""
    try:
        apply((fault,), plan, Draw())
    except Impossible as reason:
        return str(reason)
    return None


def fault(kind: str, **params: Any) -> Fault:
    """A fault of a kind: `fault("reset", after_chunks=3)`. Raises ValueError, which says what was expected."""
    from mockserver.faults.reading import made

    return made(kind, params)


def parse(text: str) -> Fault:
    """A fault as a header says it: `reset; after_chunks=3`. Raises ValueError, which says what was expected."""
    from mockserver.faults.reading import parsed

    return parsed(text)
