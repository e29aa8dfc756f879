"""Faults that can never be had, as far as that is known before there is a request."""

from collections.abc import Iterator, Sequence

from mockserver.faults import KINDS, Fault
from mockserver.faults.points import CHUNKS


def never(faults: Sequence[tuple[Fault, bool]], *, streams: bool) -> Iterator[tuple[int, str]]:
    """Which of the faults of an answer can never be had, and why.

    Each comes with whether it always happens; `streams` says whether the answer may be a stream.
    """
    silent: Fault | None = None
    for index, (fault, always) in enumerate(faults):
        kind = KINDS[fault.kind]
        why = None
        if silent is not None:
            why = f"behind '{silent}' nothing is left of the answer"
        elif not streams and kind.on == "streamed":
            why = "it is for streams, and this stub answers none"
        elif not streams and fault.params.get(CHUNKS, 0) > ("after" in kind.keys):
            why = f"{CHUNKS} is {fault.params[CHUNKS]}, and an answer that is no stream is one chunk"
        if why is not None:
            yield index, f"the fault {fault.kind} can never happen: {why}"
        if always and _place(fault) == "nothing" and fault.kind != "stall":
            silent = fault


def _place(fault: Fault) -> str | None:
    """What `after` says of a fault, or says when left out; None where something else says where it happens."""
    kind = KINDS[fault.kind]
    if "after" not in kind.keys or any(name in fault.params for name in (CHUNKS, "after_bytes", "after_tokens")):
        return None
    return str(fault.params.get("after", kind.keys["after"].default))
