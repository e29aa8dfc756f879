"""A plan with what goes wrong with it."""

from mockserver.call import Call
from mockserver.failures.apierrors import ApiError, inside
from mockserver.failures.pacing import Load, paced
from mockserver.failures.trouble import Trouble
from mockserver.failures.when import Draws
from mockserver.plan import Plan


def arrives_inside(error: ApiError, call: Call) -> bool:
    """Whether an error comes inside of a call's answer, which has to be a stream for that."""
    return call.stream and error.after_chunks is not None


def disturbed(plan: Plan, trouble: Trouble, model: str, draws: Draws, load: Load) -> Plan:
    """A plan with what goes wrong with it: first slow, then broken. Raises ValueError where it cannot be had."""
    for number, latency in enumerate(trouble.latencies):
        plan = paced(plan, latency, draws(f"pace {number}"), load)
    if plan.events and trouble.error is not None:
        plan = inside(plan, trouble.error, model)
    if trouble.faults:
        from mockserver.faults import apply

        plan = apply(trouble.faults, plan, draws("faults"))
    return plan
