"""What the pytest plugin does once a test uses a fixture of it: servers, sessions, checks, reports.

There is one server for each set of options in a process, started when first asked for; each fixture gets a session of
its own on it. A session's name is made from the test's, so that seeded answers are the same in every run.
"""

import os
import re
from collections.abc import Generator, Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from mockserver.errors import FixtureError, UsageError, VerificationError
from mockserver.language.source import nearest
from mockserver.server import MockServer
from mockserver.testing import colour
from mockserver.testing.handle import Session
from mockserver.testing.pytest_plugin import VERDICTS
from mockserver.testing.recorded import line

VARIABLES = ("OPENAI_BASE_URL", "OPENAI_API_BASE", "OPENAI_API_KEY")
"""What clients look at."""
SHOWN = 50
"""So many calls of a failed test are shown at most, the last ones."""


class Options(NamedTuple):
    """How a fixture is served; `server` are the options of its server, as pairs."""

    paths: tuple[str, ...]
    strict: bool
    env: bool
    verdict: str
    ignore: tuple[str, ...]
    server: tuple[tuple[str, Any], ...]


_OWN = ("strict", "env", "verdict", "ignore")
_OF_SERVER = (
    "seed",
    "exact",
    "api_keys",
    "default",
    "max_body",
    "tokens",
    "compress",
    "bounds",
    "time_scale",
    "request_failures",
)
KNOWN = (*_OWN, *_OF_SERVER)
"""What the marker takes beside paths."""


def options_of(config: pytest.Config, node: Any) -> Options:
    """The options of a test, or of a module: the nearest marker says it, else the command line, else the file.

    Raises UsageError.
    """
    markers = list(node.iter_markers("mockserver"))
    given: dict[str, Any] = {}
    for marker in reversed(markers):
        given |= marker.kwargs
    for name in given:
        if name not in KNOWN:
            close = nearest(name, KNOWN) or f"; known are {', '.join(KNOWN)}"
            raise UsageError(f"the marker mockserver takes no '{name}'{close}")
    named = next((marker.args for marker in markers if marker.args), None)
    paths = map(str, config.getini("mockserver_files")) if named is None else (_found(p, config, node) for p in named)
    strict = bool(given.get("strict", config.getini("mockserver_strict")))
    verdict = given.get("verdict", config.getoption("--mockserver-verdict") or config.getini("mockserver_verdict"))
    if verdict not in VERDICTS:
        raise UsageError(f"mockserver's verdict: expected one of {', '.join(VERDICTS)}, got {verdict!r}")
    server = {name: value for name, value in given.items() if name not in _OWN}
    server.setdefault("seed", _seed(config))
    server.setdefault("exact", bool(config.getoption("--mockserver-exact") or config.getini("mockserver_exact")))
    keys = server.get("api_keys", ())
    server["api_keys"] = (keys,) if isinstance(keys, str) else tuple(keys)
    server.setdefault("default", not strict)
    env = bool(given.get("env", config.getini("mockserver_env")))
    return Options(tuple(paths), strict, env, verdict, tuple(given.get("ignore", ())), tuple(sorted(server.items())))


def _seed(config: pytest.Config) -> int | None:
    given = config.getoption("--mockserver-seed")
    text = config.getini("mockserver_seed")
    if given is not None or not text:
        return given  # type: ignore[no-any-return]
    try:
        return int(text)
    except ValueError:
        raise UsageError(f"mockserver_seed: expected a whole number, got {text!r}") from None


def _found(path: Any, config: pytest.Config, node: Any) -> str:
    """A path as a marker has it: from the folder of the test's file, else from pytest's root."""
    beside = Path(node.path).parent if Path(node.path).is_file() else Path(node.path)
    for folder in (beside, config.rootpath):
        if (folder / path).exists():
            return str(folder / path)
    return str(beside / path)


def session_name(node: Any) -> str:
    """The name of a test's session: like the test's, different for each, and the same in every run."""
    node_id = node.nodeid or "session"
    readable = re.sub(r"[^A-Za-z0-9_.-]+", "-", node_id.rpartition("/")[2].rpartition("::")[2] or node_id)
    return f"{readable[:60].strip('-')}-{blake2b(node_id.encode(), digest_size=4).hexdigest()}"


class Service(NamedTuple):
    """A server with its options, where it is, and the key it asks for, if it does."""

    options: Options
    server: MockServer
    url: str
    key: str | None


class Covered:
    """What a fixture stands in the place of while it lasts: the environment before, and the server's session before."""

    __slots__ = ("environment", "session")

    def __init__(self, environment: tuple[str | None, ...], session: str) -> None:
        self.environment = environment
        self.session = session


class Lent(NamedTuple):
    """A session that a fixture has handed out, how many requests its server had got then, and what was told of it."""

    session: Session
    options: Options
    scope: str
    arrived: int
    told: set[float]
    covered: Covered

    @property
    def asked(self) -> bool:
        """Whether its server was asked anything since."""
        return self.session.server._arrived != self.arrived

    @property
    def touched(self) -> bool:
        """Whether there is anything to look at, and to forget."""
        return self.session._used or self.asked


class Support:
    """Everything that runs in this process."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._servers: dict[tuple[Any, ...], MockServer] = {}
        self._known: dict[tuple[Any, ...], Service] = {}
        self._above: dict[int, tuple[int, ...]] = {}
        self._lent: list[Lent] = []
        self._last: list[tuple[str, str]] = []
        reporter = config.pluginmanager.getplugin("terminalreporter")
        plain = reporter is None or bool(config.getoption("xmlpath", None))
        colour.forced = not plain and config.get_terminal_writer().hasmarkup

    def lend(self, node: Any, scope: str) -> Iterator[Session]:
        """A session for a fixture, with the environment that leads to it, until the fixture ends."""
        try:
            options, server, url, key = self._service(node)
        except (FixtureError, UsageError) as error:
            # the message has the place; a traceback would show ours
            raise pytest.fail.Exception(str(error), pytrace=False) from None
        name = session_name(node)
        session = Session(server, name)
        before = server._take_for(name)
        environment = _lead_to(f"{url}/s/{name}/v1", key or session.api_key) if options.env else ()
        lent = Lent(session, options, scope, server._arrived, set(), Covered(environment, before))
        self._lent.append(lent)
        self._last.clear()
        try:
            yield session
        finally:
            self._take_back(lent)
        self._end(lent)

    def _take_back(self, lent: Lent) -> None:
        """Uncover what a fixture stood in the place of; where a later one stands there now, that one shall do it.

        A fixture of a module ends before one of the run, also where that came later.
        """
        at = next(number for number, one in enumerate(self._lent) if one is lent)
        del self._lent[at]
        later, covered, server = self._lent[at:], lent.covered, lent.session.server
        if covered.environment:
            above = next((one.covered for one in later if one.covered.environment), None)
            if above is None:
                _put_back(covered.environment)
            else:
                above.environment = covered.environment
        over = next((one.covered for one in later if one.session.server is server), None)
        if over is None:
            server._take_for(covered.session)
        else:
            over.session = covered.session

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self) -> Generator[None]:
        """A test that has passed fails where it made a call that no stub matches, or its expectations are not met."""
        yield
        for lent in self._lent:
            if lent.touched:
                self._check(lent, at_end=lent.scope == "function")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """The report of a test that failed shows what was asked of the server, one line per call."""
        if report.failed:
            report.sections.extend(self._sections())
        if report.when == "teardown":
            self._last.clear()

    def _end(self, lent: Lent) -> None:
        """Look once more, and forget what happened."""
        if not lent.touched:
            return
        try:
            self._check(lent, at_end=lent.scope != "function")
        finally:
            lent.session.reset()

    def _check(self, lent: Lent, *, at_end: bool) -> None:
        wrong = _wrong(lent, at_end)
        if wrong is not None:
            self._last = [*_section(lent)]
            pytest.fail(wrong, pytrace=False)

    def _sections(self) -> list[tuple[str, str]]:
        """What the report of a failed test is given: the calls of each session."""
        found = [section for lent in self._lent for section in _section(lent)]
        return found or self._last

    def stop(self) -> None:
        """Stop all servers."""
        for server in self._servers.values():
            server.stop()
        self._servers.clear()
        self._known.clear()
        colour.forced = None

    def _service(self, node: Any) -> Service:
        """How a test, or a module, is served; the server is started when first asked for."""
        marked = self._marked(node)
        key = (*marked, node.path) if marked else ()
        known = self._known.get(key)
        if known is None:
            options = options_of(self._config, node)
            same = (options.paths, options.strict, options.server)
            server = self._servers.get(same)
            if server is None:
                server = MockServer(*options.paths, strict=options.strict, **dict(options.server)).start()
                self._servers[same] = server
            keys: tuple[str, ...] = dict(options.server)["api_keys"]
            known = self._known[key] = Service(options, server, server.url, keys[0] if keys else None)
        return known

    def _marked(self, node: Any) -> tuple[int, ...]:
        """The markers that concern a test, by their ids: they live as long as the tests do."""
        own = [id(marker) for marker in node.own_markers if marker.name == "mockserver"]
        parent = node.parent
        if parent is None:
            return tuple(own)
        above = self._above.get(id(parent))
        if above is None:
            above = self._above[id(parent)] = self._marked(parent)
        return (*own, *above) if own else above


def _lead_to(url: str, key: str) -> tuple[str | None, ...]:
    """Have the environment lead clients to a session; gives what it said before."""
    environment = os.environ
    before = (*map(environment.get, VARIABLES),)
    environment["OPENAI_BASE_URL"] = environment["OPENAI_API_BASE"] = url
    environment["OPENAI_API_KEY"] = key
    return before


def _put_back(before: tuple[str | None, ...]) -> None:
    """Have the environment say what it said before."""
    environment = os.environ
    for name, value in zip(VARIABLES, before, strict=False):
        if value is not None:
            environment[name] = value
        else:
            try:
                del environment[name]
            except KeyError:
                pass  # the test has taken it away itself


def _wrong(lent: Lent, at_end: bool) -> str | None:
    """What is wrong with the calls of a session; `at_end` nothing more will come."""
    session = lent.session
    try:
        if lent.asked and lent.options.strict:
            session._verify_no_unmatched(lent.told)
        if at_end:
            session.verify_expectations()
            if lent.asked and lent.options.verdict == "fail":
                session.verdict(ignore=lent.options.ignore).verify()
    except VerificationError as error:
        return str(error)
    return None


def _section(lent: Lent) -> Iterator[tuple[str, str]]:
    """The calls of a session, and what the client did wrong, as a section of a report."""
    if not lent.asked:
        return
    calls = lent.session.calls
    if not calls:
        return
    text = [f"{n}. {line(call.exchange, calls[0].at)}" for n, call in enumerate(calls, 1)]
    if len(text) > SHOWN:
        text = [f"(the first {len(text) - SHOWN} of {len(text)} calls are left out)", *text[-SHOWN:]]
    name = "mockserver" if lent.scope == "function" else f"mockserver_{lent.scope}"
    yield f"{name}: the calls", "\n".join(text)
    if lent.options.verdict != "off":
        found = str(lent.session.verdict(ignore=lent.options.ignore))
        if found:
            yield f"{name}: what the client did wrong", found
