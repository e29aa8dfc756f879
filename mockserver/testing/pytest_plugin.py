"""The pytest plugin: the fixtures `mockserver`, `mockserver_module` and `mockserver_session`, and what goes with them.

Pytest imports this module at every start, so it imports nothing else of the package: all that does something is in
`mockserver.testing.pytest_support`, which comes with the first test that uses a fixture.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mockserver.testing.handle import Session
    from mockserver.testing.pytest_support import Support

VERDICTS = ("off", "report", "fail")

SUPPORT = pytest.StashKey["Support"]()
"""What is running, once a test has used a fixture."""

MARKER = (
    "mockserver(*paths, seed, strict, exact, api_keys, env, verdict, ...): serve these fixture files to the tests "
    "marked, with options as those of mockserver.MockServer"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the command line and of the configuration file."""
    group = parser.getgroup("mockserver", "mockserver: a mock of the OpenAI API")
    group.addoption("--mockserver-seed", type=int, metavar="N", help="make every answer the same in every run")
    group.addoption(
        "--mockserver-exact",
        action="store_true",
        default=None,
        help="refuse everything the real API refuses",
    )
    group.addoption(
        "--mockserver-verdict",
        choices=VERDICTS,
        help="look for what the client did wrong: off, report (in the reports of failed tests), fail (the test)",
    )
    parser.addini("mockserver_files", "fixture files that every test is served", type="paths", default=[])
    parser.addini("mockserver_seed", "make every answer the same in every run", default=None)
    parser.addini("mockserver_strict", "a call that no stub matches fails the test", type="bool", default=True)
    parser.addini("mockserver_exact", "refuse everything the real API refuses", type="bool", default=False)
    parser.addini(
        "mockserver_env", "set OPENAI_BASE_URL, OPENAI_API_BASE and OPENAI_API_KEY", type="bool", default=True
    )
    parser.addini("mockserver_verdict", "what of the client's mistakes: off, report or fail", default="off")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", MARKER)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the servers."""
    support = config.stash.get(SUPPORT, None)
    if support is not None:
        support.stop()


_current: list[pytest.Item] = []
"""The test that runs."""


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Remember which test runs: to ask pytest for it, as fixtures do, costs as much as all the rest of a fixture."""
    _current[:] = (item,)


@pytest.fixture
def mockserver() -> "Iterator[Session]":
    """A mock of the OpenAI API with nothing on it but what the test says; `mockserver.base_url` is where it is.

    OPENAI_BASE_URL, OPENAI_API_BASE and OPENAI_API_KEY lead there while the test runs.
    """
    (item,) = _current
    yield from _support(item.config).lend(item, "function")


@pytest.fixture(scope="module")
def mockserver_module(request: pytest.FixtureRequest) -> "Iterator[Session]":
    """As `mockserver`, for all tests of a module: stubs and calls stay from one to the next."""
    yield from _support(request.config).lend(request.node, "module")


@pytest.fixture(scope="session")
def mockserver_session(request: pytest.FixtureRequest) -> "Iterator[Session]":
    """As `mockserver`, for all tests of a run: stubs and calls stay from one to the next."""
    yield from _support(request.config).lend(request.node, "session")


def _support(config: pytest.Config) -> "Support":
    support = config.stash.get(SUPPORT, None)
    if support is None:
        from mockserver.testing.pytest_support import Support

        support = config.stash[SUPPORT] = Support(config)
        config.pluginmanager.register(support, "mockserver-support")  # its hooks cost nothing where it is not used
    return support
