"""Answers that end too early, or do not go on."""

from mockserver.draw import Draw
from mockserver.faults.edit import resized
from mockserver.faults.kind import Change, Kind, Params
from mockserver.faults.points import check_point, divide, point_keys
from mockserver.language.durations import DURATION
from mockserver.language.kinds import key
from mockserver.plan import Ending, Plan


def cut(plan: Plan, params: Params, draw: Draw, ending: Ending) -> Plan:
    """The plan up to a point, and another ending."""
    point = divide(plan, params, draw)
    if not point.headers:
        return plan._replace(head=b"", pieces=(), ending=ending, opens=None, ends=plan.began)
    return plan._replace(pieces=point.before, ending=ending, opens=_opens(plan, not point.before), ends=0.0)


def _opens(plan: Plan, alone: bool) -> float | None:
    """When the headers leave: as they would have, even where the piece that they would have left with is cut off."""
    return plan.began if alone else plan.opens


def _ending(ending: Ending) -> Change:
    return lambda plan, params, draw: cut(plan, params, draw, ending)


def _hang(plan: Plan, params: Params, draw: Draw) -> Plan:
    if params["for"] is None:
        return cut(plan, params, draw, Ending.HUNG)
    plan = cut(plan, params, draw, Ending.CLOSED)
    return plan._replace(ends=plan.until + params["for"])


def _stall(plan: Plan, params: Params, draw: Draw) -> Plan:
    point = divide(plan, params, draw)
    pause: float = params["for"]
    later = tuple(piece._replace(due=piece.due + pause) for piece in point.after)
    opens = _opens(plan, point.headers and not point.before)
    if not point.headers:
        opens = plan.began + pause
    return plan._replace(pieces=(*point.before, *later), opens=opens, ends=plan.until + pause)


def _truncate(plan: Plan, params: Params, draw: Draw) -> Plan:
    point = divide(plan, params, draw)
    opens = _opens(plan, not point.before)
    return resized(plan._replace(pieces=point.before, opens=opens, ends=0.0))


ENDINGS = (
    Kind(
        "close",
        "The connection is closed (FIN), by default without a byte of an answer.",
        _ending(Ending.CLOSED),
        "cuts",
        point_keys("nothing"),
        needs_connection=True,
        check=check_point,
    ),
    Kind(
        "reset",
        "The connection is reset (RST), by default without a byte of an answer.",
        _ending(Ending.RESET),
        "cuts",
        point_keys("nothing"),
        needs_connection=True,
        check=check_point,
    ),
    Kind(
        "hang",
        "Nothing comes any more while the connection stays open, by default not even headers.",
        _hang,
        "cuts",
        {**point_keys("nothing"), "for": key(DURATION, "How long, before it is closed; as long as the client waits.")},
        needs_connection=True,
        check=check_point,
    ),
    Kind(
        "stall",
        "The answer pauses, and then goes on.",
        _stall,
        "keeps",
        {**point_keys("middle"), "for": key(DURATION, "How long.", default=5.0)},
        check=check_point,
    ),
    Kind(
        "truncate",
        "The body ends too early, and HTTP says nothing of it: JSON cut short, a stream without its end and `[DONE]`.",
        _truncate,
        "cuts",
        point_keys("middle"),
        check=check_point,
    ),
)
