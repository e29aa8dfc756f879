"""A plan with what goes wrong with it."""

from mockserver.call import Call
from mockserver.failures.apierrors import ApiError, inside
from mockserver.failures.pacing import Load, paced
from mockserver.failures.trouble import Trouble
from mockserver.failures.when import Draws
from mockserver.frames import Frame
from mockserver.plan import Plan


def arrives_inside(error: ApiError, call: Call) -> bool:
    """Whether an error comes inside of a call's answer, which has to be a stream for that."""
    return call.stream and error.after_chunks is not None


def disturbed(plan: Plan, trouble: Trouble, model: str, draws: Draws, load: Load, frame: Frame | None = None) -> Plan:
    """A plan with what goes wrong with it: first slow, then broken; `frame` is what its stream was made from, if any.

    Raises ValueError where it cannot be had.
    """
    layout = frame.layout(plan.body) if frame is not None and plan.events and trouble.latencies else None
    for number, latency in enumerate(trouble.latencies):
        plan = paced(plan, latency, draws(f"pace {number}"), load, layout)
    if plan.events and trouble.error is not None:
        plan = inside(plan, trouble.error, model)
    if trouble.faults:
        from mockserver.faults import apply

        plan = apply(trouble.faults, plan, draws("faults"))
    return plan
