"""What came, and whether it is what was expected."""

from collections.abc import Iterable, Sequence
from typing import Any

from mockserver.admin.asked import Asked, Result
from mockserver.admin.bodies import MOST_SECONDS, MeantSpec
from mockserver.errors import UsageError
from mockserver.journal import Exchange
from mockserver.language.conditions import matched
from mockserver.testing.handle import SETTLE
from mockserver.testing.recorded import RecordedCall
from mockserver.testing.verification import Unmatched, Wanted, times_of

MOST = 10_000
SHOWN = 1_000
"""So many calls are listed where the request says nothing else: the latest."""


async def listed(asked: Asked) -> Result:
    """The calls, or all of a kind."""
    return _listed(asked, Wanted() if asked.spec is None else wanted(asked.spec))


async def forget(asked: Asked) -> Result:
    """Forget the calls of the session, and nothing else."""
    count = len(asked.control.calls(session=asked.one))
    asked.control.journal.forget(asked.one)
    return Result({"forgotten": count})


async def count(asked: Asked) -> Result:
    """How many calls of a kind there were."""
    found = asked.control.calls(wanted(asked.spec), asked.some)
    return Result({"count": len(found), "dropped": _dropped(asked)})


async def wait(asked: Asked) -> Result:
    """Wait for calls of a kind."""
    meant = wanted(asked.spec)
    if asked.spec.timeout > MOST_SECONDS:
        raise UsageError(f"timeout: expected at most {MOST_SECONDS:.0f} seconds, got {asked.spec.timeout:g}")
    waiting = asked.control.wait_for(meant, int(asked.spec.count), asked.spec.timeout, asked.one)
    arrived = await asked.while_there(waiting)
    return Result({"arrived": arrived, **_listed(asked, meant).json})


async def unmatched(asked: Asked) -> Result:
    """The calls that no stub answered as it says, with the stubs that come nearest."""
    problems = asked.control.problems(asked.one)
    calls = asked.control.calls(session=asked.one)
    told = Unmatched(tuple(problems), tuple(calls)).told() if problems else None
    return Result({"requests": [_with_near_misses(asked, exchange) for exchange in problems], "message": told})


async def verify(asked: Asked) -> Result:
    """Whether there were as many calls as expected."""
    spec = asked.spec
    times = times_of(_whole(spec.times), _whole(spec.at_least), _whole(spec.at_most), spec.never)
    found = asked.control.verify(wanted(spec), times, asked.one)
    nearest = [
        {"request": shown(near.exchange), "differences": _differences(near.differences)} for near in found.nearest
    ]
    told = {"holds": found.holds, "count": found.counted, "dropped": found.dropped}
    return Result({**told, "message": None if found.holds else found.told(), "nearest": nearest})


async def verify_order(asked: Asked) -> Result:
    """Whether there were calls one after the other."""
    found = asked.control.verify_order([wanted(step) for step in asked.spec.steps], asked.one)
    told = {"holds": found.holds, "found": len(found.found)}
    return Result({**told, "message": None if found.holds else found.told()})


async def verdict(asked: Asked) -> Result:
    """What the client did wrong."""
    ignored = [name.strip() for name in asked.request.query_params.get("ignore", "").split(",") if name.strip()]
    found = await asked.while_there(asked.control.verdict(asked.one, ignored, SETTLE))
    return Result({"findings": found.to_json(), "message": str(found) or None})


def wanted(spec: MeantSpec) -> Wanted:
    """Which calls are meant."""
    return Wanted(matched(spec.match), spec.stub)


def shown(exchange: Exchange) -> dict[str, Any]:
    """A call as JSON."""
    return RecordedCall(exchange).to_json()


def _listed(asked: Asked, meant: Wanted) -> Result:
    found: Sequence[Exchange] = asked.control.calls(meant, asked.some)
    latest = found[-asked.number("limit", SHOWN, MOST) :]
    told = {"requests": list(map(shown, latest)), "count": len(found), "dropped": _dropped(asked)}
    return Result(told)


def _dropped(asked: Asked) -> int:
    """How many calls the journal has forgotten, of one session or of all that it knows."""
    journal = asked.control.journal
    names: Iterable[str] = asked.control.sessions() if asked.some is None else (asked.some,)
    return sum(map(journal.dropped, names))


def _with_near_misses(asked: Asked, exchange: Exchange) -> dict[str, Any]:
    near = [
        {"stub": miss.stub.name, "place": str(miss.stub.place), "differences": _differences(miss.differences)}
        for miss in asked.control.near_misses(exchange)
    ]
    return {**shown(exchange), "near_misses": near}


def _differences(differences: Iterable[Any]) -> list[dict[str, str]]:
    return [{"key": one.key, "expected": one.expected, "got": one.got} for one in differences]


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)
