"""Run-time stubs, sessions and scenarios."""

from collections.abc import Mapping
from typing import Any

from mockserver import __version__
from mockserver.admin.asked import Asked, Refused, Result
from mockserver.language.values import ValueSource
from mockserver.stubs import Stub
from mockserver.testing.control import ADMIN, Hits

NONE_OF_RUN_TIME = (
    "The stub '{}' is of the file {}, which stays as it is: add a stub to the session, which is tried before those of "
    "files."
)


async def health(asked: Asked) -> Result:
    """That it is up, and what it serves."""
    engine = asked.app.api.engine
    told: dict[str, object] = {"status": "ok", "version": __version__, "stubs": len(engine.fixtures.stubs.all)}
    if asked.app.workers > 1:
        told["workers"] = asked.app.workers
    if engine.mistakes:
        told |= {"status": "stale", "mistakes": list(map(str, engine.mistakes))}
    return Result(told)


async def listed(asked: Asked) -> Result:
    """All stubs of the session."""
    return Result({"stubs": [shown(*hits) for hits in asked.control.hits(asked.one)]})


async def add(asked: Asked) -> Result:
    """Add a stub."""
    stub = asked.control.add(asked.body, asked.one)
    return Result(shown(stub, 0, True), 201)


async def get(asked: Asked) -> Result:
    """One stub."""
    return Result(shown(*_found(asked)))


async def replace(asked: Asked) -> Result:
    """Put a stub in the place of another, or add it by a name of its own."""
    name = asked.name
    _of_run_time(asked, name)
    stub, there = asked.control.replace(name, asked.body, asked.one)
    hits = asked.control.engine.state.counts(asked.one).get(name, 0)
    return Result(shown(stub, hits, True), 200 if there else 201)


async def remove(asked: Asked) -> Result:
    """Remove a stub."""
    found = _found(asked)
    _of_run_time(asked, found.stub.name)
    asked.control.remove(found.stub.name, asked.one)
    return Result(shown(*found))


async def clear(asked: Asked) -> Result:
    """Remove all stubs that were added."""
    own = asked.control.stubs(asked.one)
    for stub in own:
        asked.control.remove(stub.name, asked.one)
    return Result({"removed": [stub.name for stub in own]})


async def sessions(asked: Asked) -> Result:
    """The sessions that are remembered."""
    return Result({"sessions": [_session(asked, name) for name in asked.control.sessions()]})


async def end_session(asked: Asked) -> Result:
    """Forget a session."""
    name = asked.name
    if name not in asked.control.sessions():
        raise Refused(404, f"There is no session '{name}': a session begins with its first call or stub.")
    told = _session(asked, name)
    asked.control.reset(name)
    return Result(told)


async def scenarios(asked: Asked) -> Result:
    """The state of every scenario."""
    found = asked.control.scenarios(asked.one)
    return Result({"scenarios": [{"name": name, "state": state} for name, state in found.items()]})


async def scenario(asked: Asked) -> Result:
    """The state of one."""
    name = asked.name
    found = asked.control.scenarios(asked.one)
    if name not in found:
        known = ", ".join(f"'{known}'" for known in found) or "none"
        raise Refused(404, f"No stub names a scenario '{name}', and nobody has set it; known are {known}.")
    return Result({"name": name, "state": found[name]})


async def set_scenario(asked: Asked) -> Result:
    """Put one into a state."""
    name = asked.name
    asked.control.set_scenario(name, asked.spec.state, asked.one)
    return Result({"name": name, "state": asked.spec.state})


async def reset_scenarios(asked: Asked) -> Result:
    """Put all back into the state in which they begin."""
    asked.control.reset_scenarios(asked.one)
    return await scenarios(asked)


async def reset(asked: Asked) -> Result:
    """Begin anew: a session where one is named, be it for all requests that name none, else everything."""
    everything = asked.session is None and not asked.app.api.default_session
    asked.control.reset(None if everything else asked.some)
    return Result({"reset": "everything" if everything or asked.some is None else asked.some})


def shown(stub: Stub, hits: int, at_run_time: bool) -> dict[str, Any]:
    """A stub: what it demands in words, and for one that was added also what was sent."""
    return {
        "name": stub.name,
        "place": str(stub.place),
        "at_run_time": at_run_time,
        "hits": hits,
        "priority": stub.priority,
        "endpoints": list(stub.endpoints),
        "conditions": [{"key": one.key, "expected": one.expected} for one in stub.conditions],
        "steps": len(stub.steps),
        "scenario": stub.scenario,
        "written": _written(stub),
    }


def _written(stub: Stub) -> Any:
    return None if stub.written is None else ValueSource(ADMIN).json(stub.written)


def _found(asked: Asked) -> Hits:
    name = asked.name
    hits = asked.control.hits(asked.one)
    found = next((one for one in hits if one.stub.name == name), None)
    if found is None:
        from mockserver.language.source import nearest

        raise Refused(404, f"There is no stub '{name}'{nearest(name, tuple(one.stub.name for one in hits))}.")
    return found


def _of_run_time(asked: Asked, name: str) -> None:
    """Raise Refused for the name of a stub that no request can change."""
    mine: Mapping[str, Stub] = {stub.name: stub for stub in asked.control.stubs(asked.one)}
    of_file = asked.control.engine.fixtures.stubs.named(name)
    if name not in mine and of_file is not None:
        raise Refused(409, NONE_OF_RUN_TIME.format(name, of_file.place))


def _session(asked: Asked, name: str) -> dict[str, Any]:
    control = asked.control
    return {"name": name, "calls": len(control.calls(session=name)), "stubs": len(control.stubs(name))}
