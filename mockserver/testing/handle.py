"""What a test holds in its hand: stubs, calls and questions about them, for one session of a server.

The server runs on a thread of its own. Everything here has the server's loop do it, and waits: so nothing happens
while a request is being answered, and what a client has seen the answer of is in the journal.
"""

import sys
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, ParamSpec, Self, TypeVar, Unpack, overload
from urllib.parse import quote

from mockserver.errors import FixtureError, InvalidValue, Place, UnmatchedCallError, UsageError, VerificationError

if TYPE_CHECKING:
    import os

    from mockserver.server import MockServer
    from mockserver.testing.control import Control
    from mockserver.testing.recorded import RecordedCall
    from mockserver.testing.typed import MatchKeys, StubKeys
    from mockserver.testing.verdict import Verdict
    from mockserver.testing.verification import Order, Times, Verification, Wanted

P = ParamSpec("P")
T = TypeVar("T")


SETTLE = 0.2
"""Seconds for which a verdict waits for answers that are still open: the client may just have left them."""


class Handle:
    """The stubs and calls of one session. Sessions know nothing of each other's calls, states and stubs."""

    _session: str = ""
    _used: bool = False

    @property
    def _mock_server(self) -> "MockServer":
        raise NotImplementedError

    @property
    def _control(self) -> "Control":
        return self._mock_server._running_control()

    def _run(self, do: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Have something done on the server's loop. What was wrong with a value is raised as if it were found here."""
        __tracebackhide__ = True
        self._used = True
        try:
            return self._mock_server._on_loop(lambda: do(*args, **kwargs))
        except (FixtureError, InvalidValue, UsageError) as error:
            raise error.with_traceback(None) from None  # the way through the other thread says nothing of the mistake

    def stub(self, **given: "Unpack[StubKeys]") -> "StubHandle":
        """Add a stub, which is tried before those that are there: `server.stub(user="hello", reply="Hi!")`.

        It takes every key of a stub in YAML, and the keys of `match` beside them. A `reply` (or `response`) may also
        be a function: it is called with the call, on the server's thread, and returns a text or a mapping. Raises
        InvalidValue, with every mistake, where something is not as the language has it.
        """
        __tracebackhide__ = True
        from mockserver.testing.typed import plain_stub

        made = self._run(self._control.add, plain_stub(given), self._session, caller())
        return StubHandle(self, made.name, made.place)

    def load(self, *paths: "str | os.PathLike[str]") -> "tuple[StubHandle, ...]":
        """Add the stubs of fixture files, to be tried before those that are there. Raises FixtureError."""
        __tracebackhide__ = True
        found = self._run(self._control.load, paths, self._session)
        return tuple(StubHandle(self, stub.name, stub.place) for stub in found)

    def to_yaml(self) -> str:
        """The stubs that were added, as a fixture file. Raises UsageError for what no file can say: functions."""
        __tracebackhide__ = True
        return self._run(self._control.to_yaml, self._session)

    @property
    def calls(self) -> "Calls":
        """All requests that came so far, in this order; `calls(user="hello")` are those that a match means."""
        return Calls(self, self._everything())

    @property
    def scenarios(self) -> "Scenarios":
        """The states of the scenarios: `server.scenarios["door"] = "open"`."""
        return Scenarios(self)

    def verify(
        self,
        *,
        times: int | None = None,
        at_least: int | None = None,
        at_most: int | None = None,
        never: bool = False,
        stub: "StubHandle | str | None" = None,
        **match: "Unpack[MatchKeys]",
    ) -> None:
        """Raise VerificationError unless there were so many calls that a match means; at least one when not said.

        With `stub`, those alone that it has answered.
        """
        __tracebackhide__ = True
        from mockserver.testing.verification import times_of

        self._check(self._wanted(match, stub), times_of(times, at_least, at_most, never))

    def verify_order(self, *steps: "MatchKeys | str | StubHandle") -> None:
        """Raise VerificationError unless there were calls one after the other that the steps mean.

        A step is a match as a mapping, a text that the user said, or a stub. Other calls may come in between.
        """
        __tracebackhide__ = True
        wanted = [*map(self._step, steps)]  # a comprehension would show in the traceback
        order = self._run(self._control.verify_order, wanted, self._session)
        if not order.holds:
            _fail(VerificationError, order)

    def verify_no_unmatched(self) -> None:
        """Raise UnmatchedCallError where a call was answered by no stub, or its answer failed on this side."""
        __tracebackhide__ = True
        self._verify_no_unmatched(set())

    def _verify_no_unmatched(self, told: set[float]) -> None:
        """Look for calls that were not told of before."""
        __tracebackhide__ = True
        from mockserver.testing.verification import Unmatched

        calls = self._run(self._control.calls, session=self._session)
        problems = [call for call in calls if call.problem is not None and call.at not in told]
        if problems:
            told.update(call.at for call in problems)
            _fail(UnmatchedCallError, Unmatched(tuple(problems), tuple(calls)))

    def verify_expectations(self) -> None:
        """Raise VerificationError where a stub was not called as `expect` says."""
        __tracebackhide__ = True
        for stub, times in self._mock_server._expectations.get(self._session, {}).values():
            self._check(self._wanted({}, stub), times)

    def verdict(self, *, ignore: Sequence[str] = ()) -> "Verdict":
        """What the client did wrong, by the rules of `mockserver.testing.verdict` but for those that are to be ignored.

        `server.verdict().verify()` raises MisbehaviourError where there is something. Raises UsageError for a rule
        there is not.
        """
        control = self._control
        return self._mock_server._wait(lambda: control.verdict(self._session, ignore, SETTLE))

    def wait_for(
        self,
        *,
        times: int = 1,
        timeout: float = 5.0,
        stub: "StubHandle | str | None" = None,
        **match: "Unpack[MatchKeys]",
    ) -> "Calls":
        """Wait until so many calls have come that a match means, and give them. Raises VerificationError.

        For code that calls from another thread or task: `timeout` is in seconds.
        """
        __tracebackhide__ = True
        from mockserver.testing.verification import Times

        wanted = self._wanted(match, stub)
        control = self._control
        if not self._mock_server._wait(lambda: control.wait_for(wanted, times, timeout, self._session)):
            self._check(wanted, Times(times), f"within {timeout:g} s, ")
        return Calls(self, self._everything(wanted))

    def reset(self) -> None:
        """Forget every call, every stub that was added with its expectation, and the states of scenarios."""
        self._mock_server._expectations.pop(self._session, None)
        self._run(self._control.reset, self._session)

    def _everything(self, wanted: "Wanted | None" = None) -> "list[RecordedCall]":
        from mockserver.testing.recorded import RecordedCall
        from mockserver.testing.verification import Wanted

        found = self._run(self._control.calls, wanted or Wanted(), self._session)
        return [RecordedCall(exchange) for exchange in found]

    def _wanted(self, match: "MatchKeys", stub: "StubHandle | str | None" = None) -> "Wanted":
        __tracebackhide__ = True
        from mockserver.testing.typed import plain_match

        name = stub.name if isinstance(stub, StubHandle) else stub
        return self._run(self._control.wanted, plain_match(match), name, caller())

    def _step(self, step: "MatchKeys | str | StubHandle") -> "Wanted":
        __tracebackhide__ = True
        if isinstance(step, StubHandle):
            return self._wanted({}, step)
        return self._wanted({"user": step} if isinstance(step, str) else step)

    def _check(self, wanted: "Wanted", times: "Times", about: str = "") -> None:
        __tracebackhide__ = True
        found = self._run(self._control.verify, wanted, times, self._session)
        if not found.holds:
            _fail(VerificationError, found, about)


class Session(Handle):
    """A session of a server, with its own base URL. It begins with its first call or stub."""

    def __init__(self, server: "MockServer", name: str) -> None:
        self._owner = server
        self._session = name

    @property
    def _mock_server(self) -> "MockServer":
        return self._owner

    @property
    def server(self) -> "MockServer":
        """The server it is a session of."""
        return self._owner

    @property
    def name(self) -> str:
        """What it is called."""
        return self._session

    @property
    def url(self) -> str:
        """Where it is found, as in `http://127.0.0.1:8080/s/NAME`."""
        return f"{self._owner.url}/s/{quote(self._session, safe='')}"

    @property
    def base_url(self) -> str:
        """What clients take as base URL: `url` and `/v1`."""
        return self.url + "/v1"

    @property
    def api_key(self) -> str:
        """A key that leads to this session where a client drops the path of its base URL."""
        return f"mock-session-{self._session}"

    def __repr__(self) -> str:
        return f"<Session {self._session!r} of {self._owner!r}>"


class Expectation(NamedTuple):
    """How often a stub is to be called."""

    stub: "StubHandle"
    times: "Times"


class StubHandle:
    """A stub that was added: its name, and where that was."""

    def __init__(self, handle: Handle, name: str, place: Place) -> None:
        self._handle = handle
        self.name = name
        self.place = place

    def expect(
        self,
        times: int | None = None,
        *,
        at_least: int | None = None,
        at_most: int | None = None,
        never: bool = False,
    ) -> Self:
        """Expect it to be called so often; `verify_expectations` looks, and the pytest fixture at the test's end."""
        from mockserver.testing.verification import times_of

        expected = Expectation(self, times_of(times, at_least, at_most, never))
        handle = self._handle
        handle._mock_server._expectations.setdefault(handle._session, {})[self.name] = expected
        return self

    @property
    def calls(self) -> "Calls":
        """The calls that it has answered so far."""
        return Calls(self._handle, self._handle._everything(self._handle._wanted({}, self)))

    def remove(self) -> None:
        """Remove it, with what is expected of it."""
        handle = self._handle
        handle._mock_server._expectations.get(handle._session, {}).pop(self.name, None)
        handle._run(handle._control.remove, self.name, handle._session)

    def __repr__(self) -> str:
        return f"<Stub {self.name!r} ({self.place})>"


class Calls(Sequence["RecordedCall"]):
    """Requests that came, in this order; called with keys of `match`, those of them that these mean."""

    def __init__(self, handle: Handle, calls: "Sequence[RecordedCall]") -> None:
        self._handle = handle
        self._calls = tuple(calls)

    def __call__(self, *, stub: StubHandle | str | None = None, **match: "Unpack[MatchKeys]") -> "Calls":
        """Those of the calls that a match means; with `stub`, those alone that it has answered."""
        __tracebackhide__ = True
        wanted = self._handle._wanted(match, stub)
        found = self._handle._run(lambda: [call for call in self._calls if wanted.includes(call.exchange)])
        return Calls(self._handle, found)

    @property
    def last(self) -> "RecordedCall":
        """The latest one. Raises VerificationError where there is none."""
        if not self._calls:
            raise VerificationError("there is no call")
        return self._calls[-1]

    @overload
    def __getitem__(self, index: int) -> "RecordedCall": ...

    @overload
    def __getitem__(self, index: slice) -> "Calls": ...

    def __getitem__(self, index: int | slice) -> "RecordedCall | Calls":
        return Calls(self._handle, self._calls[index]) if isinstance(index, slice) else self._calls[index]

    def __len__(self) -> int:
        return len(self._calls)

    def __str__(self) -> str:
        from mockserver.testing.recorded import line

        since = self._calls[0].at if self._calls else 0.0
        return "\n".join(f"{number}. {line(call.exchange, since)}" for number, call in enumerate(self._calls, 1))

    def __repr__(self) -> str:
        return f"<{len(self)} calls>" + "".join(f"\n{text}" for text in str(self).splitlines())


class Scenarios(MutableMapping[str, str]):
    """The state of each scenario; one that nobody has heard of is in `Started`. To delete one is to reset it."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    def __getitem__(self, name: str) -> str:
        return self._states().get(name, "Started")

    def __setitem__(self, name: str, state: str) -> None:
        self._handle._run(self._handle._control.set_scenario, name, state, self._handle._session)

    def __delitem__(self, name: str) -> None:
        self[name] = "Started"

    def __iter__(self) -> Iterator[str]:
        return iter(self._states())

    def __len__(self) -> int:
        return len(self._states())

    def reset(self) -> None:
        """Put all of them back into `Started`."""
        self._handle._run(self._handle._control.reset_scenarios, self._handle._session)

    def _states(self) -> dict[str, str]:
        return self._handle._run(self._handle._control.scenarios, self._handle._session)

    def __repr__(self) -> str:
        return f"<Scenarios {self._states()}>"


def caller() -> Place:
    """The line of Python, outside of this package, that is at work."""
    frame: Any = sys._getframe(1)
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "mockserver":
        frame = frame.f_back
    return Place("Python", 0, 0) if frame is None else Place(_shown(frame.f_code.co_filename), frame.f_lineno, 0)


def _shown(file: str) -> str:
    """A file as seen from the folder that is worked in."""
    import os

    try:
        shown = os.path.relpath(file)
    except ValueError:  # on another drive
        return file
    return file if shown.startswith("..") else shown


def session_name(name: str) -> str:
    """A name that a session can have. Raises UsageError."""
    from mockserver.session import MAX_NAME

    if not name or "/" in name or len(quote(name, safe="")) > MAX_NAME:
        raise UsageError(
            f"a session's name has 1 to {MAX_NAME} characters, as a URL has them, and no '/': got {name!r}"
        )
    return name


def _fail(kind: type[VerificationError], found: "Verification | Order | Any", about: str = "") -> NoReturn:
    __tracebackhide__ = True
    from mockserver.testing.verification import COLOURED

    raise kind(about + found.told(), about + found.told(COLOURED))
