"""What a test can do to a running server: its run-time stubs, its scenarios, what came, and to begin anew.

One core for the Python handle, the pytest plugin and the admin API: they differ in where values come from and in how
answers are shown. Everything here runs on the server's event loop, between requests, so nothing is locked; who is on
another thread has it called there (`Server.run`). Values are in the language of the YAML files and read by its own
records.
"""

import asyncio
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from mockserver.engine import Engine
from mockserver.errors import FixtureError, InvalidValue, Mistake, Place, Problem, UsageError
from mockserver.journal import OPEN, Exchange, Journal
from mockserver.language.build import build_stub
from mockserver.language.conditions import matched
from mockserver.language.kinds import Kind
from mockserver.language.load import load_stubs
from mockserver.language.matching import MATCH
from mockserver.language.model import STUB, StubSpec
from mockserver.language.values import ValueSource, as_yaml, node_of, read
from mockserver.matching.difference import Condition
from mockserver.response import Makes
from mockserver.state import STARTED
from mockserver.stubs import NearMiss, Stub
from mockserver.testing.verification import Order, Times, Verification, Wanted, in_order, verify

if TYPE_CHECKING:
    from mockserver.testing.verdict import Verdict

ADMIN = Place("the admin API", 0, 0)
"""Where a value comes from that no line of Python gave."""


class Hits(NamedTuple):
    """A stub of a session, run-time or of the files, and how many calls it has answered there."""

    stub: Stub
    hits: int
    at_run_time: bool


class Control:
    """The server as tests see it. `session` is "" for the default one."""

    def __init__(self, engine: Engine, journal: Journal) -> None:
        self.engine = engine
        self.journal = journal

    # stubs

    def stubs(self, session: str = "") -> tuple[Stub, ...]:
        """The run-time stubs of a session, the newest first: the order in which they are tried."""
        return self.engine.state.stubs(session)

    def hits(self, session: str = "") -> list[Hits]:
        """All stubs that a session has, in the order in which they are tried, priorities aside, each with its hits."""
        counts = self.engine.state.counts(session)
        own = self.stubs(session)
        return [Hits(stub, counts.get(stub.name, 0), True) for stub in own] + [
            Hits(stub, counts.get(stub.name, 0), False) for stub in self.engine.fixtures.stubs.all
        ]

    def add(self, value: object, session: str = "", origin: Place = ADMIN) -> Stub:
        """Add a run-time stub, to be tried before all others. Raises InvalidValue with every mistake.

        `value` is a stub as YAML has it; in the place of a `response` there may be a function of the call.
        """
        stub = self._made(value, session, origin)
        self._set(session, (stub, *self.stubs(session)), origin)
        return stub

    def replace(self, name: str, value: object, session: str = "", origin: Place = ADMIN) -> tuple[Stub, bool]:
        """Put a stub in the place of the run-time stub of that name, or add it; says whether there was one.

        Raises InvalidValue with every mistake.
        """
        own = self.stubs(session)
        there = any(stub.name == name for stub in own)
        made = self._made(value, session, origin, name)
        kept = tuple(made if stub.name == name else stub for stub in own)
        self._set(session, kept if there else (made, *own), origin)
        return made, there

    def remove(self, name: str, session: str = "") -> bool:
        """Remove the run-time stub of that name; says whether there was one."""
        own = self.stubs(session)
        left = tuple(stub for stub in own if stub.name != name)
        if len(left) != len(own):
            self.engine.state.set_stubs(session, left)
        return len(left) != len(own)

    def load(self, paths: Sequence[Any], session: str = "") -> tuple[Stub, ...]:
        """Add the stubs of files as run-time stubs, in their order, before all others.

        Raises FixtureError with every mistake; to say more than stubs is one.
        """
        found = load_stubs(paths)
        taken = [(stub, other) for stub in found if (other := self._named(stub.name, session)) is not None]
        if taken:
            told = "the name '{}' is taken by the stub at {}"
            raise FixtureError([Problem(stub.place, told.format(stub.name, other.place)) for stub, other in taken])
        self._set(session, (*found, *self.stubs(session)), found[0].place)
        return found

    def to_yaml(self, session: str = "") -> str:
        """The run-time stubs of a session as a fixture file. Raises UsageError for what no file can say."""
        own = self.stubs(session)
        for stub in own:
            if stub.written is None:
                made = any(step.response.made_by for step in stub.steps)
                reason = "is made by a function" if made else "is of a file with 'defaults'"
                raise UsageError(f"the stub '{stub.name}' ({stub.place}) cannot be written as YAML: it {reason}")
        return as_yaml([(stub.name, stub.written) for stub in own])

    def _made(self, value: object, session: str, origin: Place, name: str | None = None) -> Stub:
        """The stub that a value describes."""
        source = ValueSource(origin)
        plain, functions = _without_functions(value)
        mistakes = _wrong_functions(functions)
        if isinstance(plain, Mapping):
            given = plain.get("name", name)
            chosen = given if name is None else name
            if name is not None and given != name:
                mistakes.append(Mistake("name", f"expected '{name}', by which it is asked for, got '{given}'"))
            plain = {"name": chosen or self._new_name(session), **{k: v for k, v in plain.items() if k != "name"}}

        def build(spec: StubSpec, problems: list[Problem]) -> None:
            known = str(spec.name)
            if known != name and (taken := self._named(known, session)) is not None:
                mistakes.append(Mistake("name", f"the name '{known}' is taken by the stub at {taken.place}"))
            built.append(build_stub(spec, known, problems))

        built: list[Stub] = []
        try:
            read(STUB, plain, origin, build)
        except InvalidValue as error:
            mistakes = [*error.mistakes, *mistakes]
        if mistakes:
            raise InvalidValue(mistakes, origin)
        stub = built[0]
        if not functions:
            return stub._replace(written=node_of(plain, source))
        return stub._replace(steps=tuple(map(_with_function, stub.steps, _by_step(functions, len(stub.steps)))))

    def _new_name(self, session: str) -> str:
        while True:
            name = f"run-time#{self.engine.state.number(session)}"
            if self._named(name, session) is None:
                return name

    def _named(self, name: str, session: str) -> Stub | None:
        own = next((stub for stub in self.stubs(session) if stub.name == name), None)
        return own or self.engine.fixtures.stubs.named(name)

    def _set(self, session: str, stubs: tuple[Stub, ...], origin: Place) -> None:
        try:
            self.engine.state.set_stubs(session, stubs)
        except ValueError as error:
            raise InvalidValue([Mistake("", str(error))], origin) from None

    # scenarios

    def scenarios(self, session: str = "") -> dict[str, str]:
        """The state of every scenario of a session: those that stubs name, and those that were set."""
        named = [stub.scenario for stub in (*self.stubs(session), *self.engine.fixtures.stubs.all) if stub.scenario]
        return {**dict.fromkeys(named, STARTED), **self.engine.state.states(session)}

    def set_scenario(self, name: str, state: str, session: str = "") -> None:
        """Put a scenario into a state; it need not be one that a stub names."""
        self.engine.state.set_state(session, name, state)

    def reset_scenarios(self, session: str = "") -> None:
        """Put all scenarios of a session back into `Started`."""
        for name in self.engine.state.states(session):
            self.engine.state.set_state(session, name, STARTED)

    # what came

    def calls(self, wanted: Wanted = Wanted(), session: str | None = "") -> list[Exchange]:  # noqa: B008
        """The calls of a session, or of all (None), in the order in which they came."""
        return [exchange for exchange in self.journal.entries(session) if wanted.includes(exchange)]

    def wanted(self, match: object = None, stub: str | None = None, origin: Place = ADMIN) -> Wanted:
        """Which calls a `match`, as YAML has it, means. Raises InvalidValue with every mistake."""
        return Wanted(conditions_of(match, origin), stub)

    def verify(self, wanted: Wanted, times: Times, session: str = "") -> Verification:
        """Whether there were as many calls as expected."""
        calls, dropped = self.calls(session=session), self.journal.dropped(session)
        name = wanted.stub
        if name is None:
            return verify(calls, wanted, times, dropped=dropped)
        stub = self._named(name, session)
        if stub is not None:
            wanted = wanted._replace(place=str(stub.place))
        conditions = () if stub is None else stub.conditions
        # how often a stub has answered is counted by the state too, which forgets nothing
        count = None if wanted.conditions else self.engine.state.counts(session).get(name, 0)
        return verify(calls, wanted, times, dropped=dropped, count=count, of_stub=conditions)

    def verify_order(self, steps: Sequence[Wanted], session: str = "") -> Order:
        """Whether there were calls one after the other as expected."""
        return in_order(self.calls(session=session), steps)

    def problems(self, session: str = "") -> list[Exchange]:
        """The calls with which something was wrong that is no business of the API's: unmatched, template failed, ..."""
        return [exchange for exchange in self.journal.entries(session) if exchange.problem is not None]

    def near_misses(self, exchange: Exchange) -> tuple[NearMiss, ...]:
        """The stubs that would come nearest to a call now."""
        call = exchange.call
        if call is None:
            return ()
        return self.engine.fixtures.stubs.near_misses(call, self.stubs(exchange.session))

    async def wait_for(self, wanted: Wanted, count: int, timeout: float, session: str = "") -> bool:
        """Wait until so many calls have come; False where they had not within so many seconds."""
        return await self._until(lambda: len(self.calls(wanted, session)) >= count, timeout)

    async def _until(self, so: Callable[[], bool], timeout: float) -> bool:
        """Wait until something is so; False where it was not within so many seconds."""
        come = asyncio.Event()
        stop = self.journal.watch(come.set)
        try:
            async with asyncio.timeout(timeout):
                while not so():
                    come.clear()
                    await come.wait()
        except TimeoutError:
            return False
        finally:
            stop()
        return True

    async def verdict(self, session: str = "", ignore: Sequence[str] = (), settle: float = 0.0) -> "Verdict":
        """What the client did wrong. For answers that are still open it is waited so many seconds first."""
        from mockserver.testing.verdict import judge

        def is_open() -> bool:
            return any(exchange.outcome.ended == OPEN for exchange in self.journal.entries(session))

        await self._until(lambda: not is_open(), settle)
        return judge(self.calls(session=session), ignore)

    # all of it

    def sessions(self) -> tuple[str, ...]:
        """The sessions of which anything is remembered."""
        return tuple(dict.fromkeys((*self.engine.state.sessions(), *(e.session for e in self.journal.entries()))))

    def reset(self, session: str | None = None) -> None:
        """Forget everything that happened and all run-time stubs, of a session or of all (None)."""
        self.engine.reset(session)
        if session is None:
            self.journal.clear()
        else:
            self.journal.forget(session)


def conditions_of(match: object, origin: Place = ADMIN) -> tuple[Condition, ...]:
    """The conditions of a `match`. Raises InvalidValue with every mistake."""
    kind: Kind[Any] = MATCH
    return () if not match else matched(read(kind, match, origin))


_STEPS = ("sequence", "choose")
_NO_FUNCTION: Mapping[str, object] = {"body": ""}
"""What stands for a function's answer while a stub is read: like it, it answers every endpoint."""


def _without_functions(value: object) -> tuple[object, dict[str, Makes]]:
    """A stub without the functions that stand where responses do, and these by their paths."""
    if not isinstance(value, Mapping):
        return value, {}
    functions: dict[str, Makes] = {}

    def step(given: object, path: str) -> object:
        if not isinstance(given, Mapping) or not callable(given.get("response")):
            return given
        functions[path] = given["response"]
        return {**given, "response": _NO_FUNCTION}

    plain = dict(value)
    for key in _STEPS:
        if isinstance(plain.get(key), list | tuple):
            plain[key] = [step(one, f"{key}[{number}]") for number, one in enumerate(plain[key])]
    return step(plain, ""), functions


def _wrong_functions(functions: Mapping[str, Makes]) -> list[Mistake]:
    return [
        Mistake(f"{path}.response".lstrip("."), "a function that answers must be a plain one, not `async def`")
        for path, function in functions.items()
        if inspect.iscoroutinefunction(function)
    ]


def _by_step(functions: Mapping[str, Makes], count: int) -> list[Makes | None]:
    if "" in functions:
        return [functions[""]]
    return [
        next((functions[f"{key}[{n}]"] for key in _STEPS if f"{key}[{n}]" in functions), None) for n in range(count)
    ]


def _with_function(step: Any, function: Makes | None) -> Any:
    return step if function is None else step._replace(response=step.response._replace(made_by=function))
