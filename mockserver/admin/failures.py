"""Failures of all calls, on and off while the server runs, and its clock."""

from typing import Any

from mockserver.admin.asked import Asked, Refused, Result
from mockserver.errors import InvalidValue, Mistake
from mockserver.failures.trouble import Rule, Switched
from mockserver.language.build import build_rule
from mockserver.testing.control import ADMIN


async def listed(asked: Asked) -> Result:
    """The failures of the session: those that were added, and those of the files."""
    switched = _switched(asked)
    added, files = switched.added, asked.control.engine.fixtures.rules
    told = [_shown(rule, True, switched) for rule in added] + [_shown(rule, False, switched) for rule in files]
    return Result({"failures": told})


async def add(asked: Asked) -> Result:
    """Add a failure, which happens from now on."""
    switched = _switched(asked)
    name = asked.spec.name or f"run-time!{asked.control.engine.state.number(asked.one)}"
    taken = _named(asked, name)
    if taken is not None:
        raise InvalidValue([Mistake("name", f"the name '{name}' is taken by the failure at {taken.place}")], ADMIN)
    rule = build_rule(asked.spec, name)._replace(place=ADMIN)
    switched = Switched((rule, *switched.added), switched.off)
    _set(asked, switched)
    return Result(_shown(rule, True, switched), 201)


async def switch(asked: Asked) -> Result:
    """Switch a failure on or off."""
    rule, switched = _found(asked), _switched(asked)
    off = switched.off - {rule.name} if asked.spec.on else switched.off | {rule.name}
    switched = Switched(switched.added, off)
    _set(asked, switched)
    return Result(_shown(rule, rule in switched.added, switched))


async def remove(asked: Asked) -> Result:
    """Remove a failure that was added."""
    rule, switched = _found(asked), _switched(asked)
    if rule not in switched.added:
        message = f"The failure '{rule.name}' is of the file {rule.place}, which stays as it is: switch it off instead."
        raise Refused(409, message)
    _set(asked, Switched(tuple(one for one in switched.added if one is not rule), switched.off - {rule.name}))
    return Result(_shown(rule, True, switched))


async def clock(asked: Asked) -> Result:
    """What time it is on the server's clock."""
    from mockserver.clock import ScaledClock

    found = asked.app.api.clock
    scale = found.scale if isinstance(found, ScaledClock) else 1.0
    return Result({"now": found.now(), "elapsed": found.elapsed(), "time_scale": scale})


async def set_clock(asked: Asked) -> Result:
    """Let the clock run faster or slower, or move it."""
    from mockserver.clock import ScaledClock

    running = asked.app.api.clock
    if not isinstance(running, ScaledClock):
        running = ScaledClock(1.0)
        asked.app.api.use_clock(running)
    if asked.spec.time_scale is not None:
        running.rescale(float(asked.spec.time_scale))
    if asked.spec.advance is not None:
        running.advance(asked.spec.advance)
    return await clock(asked)


def _switched(asked: Asked) -> Switched:
    return asked.control.engine.state.switched(asked.one) or Switched()


def _set(asked: Asked, switched: Switched) -> None:
    try:
        asked.control.engine.switch(asked.one, switched)
    except ValueError as error:
        raise InvalidValue([Mistake("", str(error))], ADMIN) from None


def _named(asked: Asked, name: str) -> Rule | None:
    rules = (*_switched(asked).added, *asked.control.engine.fixtures.rules)
    return next((rule for rule in rules if rule.name == name), None)


def _found(asked: Asked) -> Rule:
    name = asked.name
    rule = _named(asked, name)
    if rule is None:
        raise Refused(404, f"There is no failure '{name}'.")
    return rule


def _shown(rule: Rule, at_run_time: bool, switched: Switched) -> dict[str, Any]:
    conditions = [{"key": one.key, "expected": one.expected} for one in rule.conditions]
    told = {"name": rule.name, "place": str(rule.place), "at_run_time": at_run_time, "conditions": conditions}
    return {**told, "on": rule.name not in switched.off}
