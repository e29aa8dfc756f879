"""The pytest plugin, as a user's tests meet it; the text of failures too."""

import importlib.metadata
import os
import re
from pathlib import Path
from textwrap import dedent

import pytest

import mockserver.testing.pytest_support  # noqa: F401
from mockserver import MockServer

pytest_plugins = ["pytester"]

with MockServer() as _server:  # so that all modules are there: pytester takes away what a run inside of it imports
    _server.stub(reply="Hi!")
    _server.verify(never=True)
    _server.verdict()

ASK = """
import httpx, os

def ask(user, base_url=None, **fields):
    body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": user}], **fields}
    url = (base_url or os.environ["OPENAI_BASE_URL"]) + "/chat/completions"
    key = {"authorization": "Bearer " + os.environ.get("OPENAI_API_KEY", "none")}
    return httpx.post(url, json=body, headers=key, trust_env=False, timeout=60)

def said(user, base_url=None, **fields):
    return ask(user, base_url, **fields).json()["choices"][0]["message"]["content"]
"""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder with tests, in which the plugin is there as if installed."""
    here = Path(__file__).parent.parent.parent
    if not [point for point in importlib.metadata.entry_points(group="pytest11") if point.name == "mockserver"]:
        info = pytester.mkdir("installed") / "plugin-0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: plugin\nVersion: 0\n")
        (info / "entry_points.txt").write_text("[pytest11]\nmockserver = mockserver.testing.pytest_plugin\n")
        pytester.syspathinsert(info.parent)
    monkeypatch.setenv("PYTHONPATH", f"{here}:{pytester.path / 'installed'}")
    for name in ("OPENAI_BASE_URL", "OPENAI_API_BASE", "OPENAI_API_KEY", "FORCE_COLOR", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)
    pytester.makepyfile(asking=ASK)
    pytester.syspathinsert()
    pytester.makeini("[pytest]\naddopts = -p no:randomly -p no:cacheprovider -p no:asyncio --tb=short")
    return pytester


def run(project: pytest.Pytester, test: str, *options: str) -> pytest.RunResult:
    """Run a file of tests, in this process: to start another for each would take most of the time."""
    project.makepyfile(test_it="from asking import ask, said\nimport pytest\n" + dedent(test))
    return project.runpytest_inprocess(*options)


def steady(result: pytest.RunResult) -> list[str]:
    """What pytest prints, without times."""
    return [re.sub(r"\+\d+\.\d{3}s", "+TIME", line) for line in result.outlines]


def between(lines: list[str], begin: str, end: str) -> list[str]:
    """The lines from one that contains a text up to one that contains another."""
    first = next(n for n, line in enumerate(lines) if begin in line)
    return lines[first : next(n for n, line in enumerate(lines) if n > first and end in line)]


def test_a_first_test(project: pytest.Pytester) -> None:
    """The environment leads to the server, which answers what the test says."""
    run(
        project,
        """
        import os

        def test_greeting(mockserver):
            mockserver.stub(user="hello", reply="Hi!").expect(times=1)
            assert os.environ["OPENAI_BASE_URL"] == os.environ["OPENAI_API_BASE"] == mockserver.base_url
            assert said("hello") == "Hi!"
            assert mockserver.calls.last.messages[-1]["content"] == "hello"

        def test_afterwards():
            assert "OPENAI_BASE_URL" not in os.environ
        """,
    ).assert_outcomes(passed=2)


UNMATCHED = """
def test_swallows(mockserver):
    mockserver.stub(user="hello", reply="Hi!")
    assert said("hello") == "Hi!"
    ask("goodbye")
"""


def test_an_unmatched_call_fails_the_test_though_it_was_swallowed(project: pytest.Pytester) -> None:
    """With its near misses, and the journal."""
    result = run(project, UNMATCHED)
    result.assert_outcomes(failed=1)
    assert between(steady(result), "test_swallows __", "= short test summary") == [
        "________________________________ test_swallows _________________________________",
        "1 call was not answered by a stub as it says:",
        "  2. +TIME chat gpt-4o-mini 'goodbye' -> 404 by nobody, no_match",
        "      No stub matches this request to chat for the model 'gpt-4o-mini'.",
        "      The nearest stubs, and what differed:",
        "      - run-time#1 (test_it.py:5): user: expected a text containing 'hello', got 'goodbye'",
        "---------------------------- mockserver: the calls -----------------------------",
        "1. +TIME chat gpt-4o-mini 'hello' -> 200 run-time#1",
        "2. +TIME chat gpt-4o-mini 'goodbye' -> 404 by nobody, no_match",
    ]


def test_strictness_can_be_turned_off(project: pytest.Pytester) -> None:
    """By the marker, and in the configuration; the default answers then."""
    marked = "@pytest.mark.mockserver(strict=False)\n" + UNMATCHED.strip()
    run(project, marked).assert_outcomes(passed=1)
    run(project, UNMATCHED, "-o", "mockserver_strict=false").assert_outcomes(passed=1)


def test_expectations_are_checked_at_the_end(project: pytest.Pytester) -> None:
    """A test that would pass fails; one that fails anyway is not told of them."""
    result = run(
        project,
        """
        def test_expects(mockserver):
            mockserver.stub(user="hello", reply="Hi!").expect(times=2)
            said("hello")

        def test_fails(mockserver):
            mockserver.stub(reply="Hi!").expect(times=2)
            assert said("hello") == "Ho!"
        """,
    )
    result.assert_outcomes(failed=2)
    lines = steady(result)
    assert between(lines, "test_expects __", "test_fails __")[1:6] == [
        "expected 2 calls answered by run-time#1 (test_it.py:5), got 1",
        "",
        "These were found:",
        "  1. +TIME chat gpt-4o-mini 'hello' -> 200 run-time#1",
        "---------------------------- mockserver: the calls -----------------------------",
    ]
    assert between(lines, "test_fails __", "= short test summary")[-2:] == [
        "---------------------------- mockserver: the calls -----------------------------",
        "1. +TIME chat gpt-4o-mini 'hello' -> 200 run-time#1",
    ]


def test_a_failed_verification_shows_the_line_of_the_test(project: pytest.Pytester) -> None:
    """And nothing of what is behind it."""
    result = run(
        project,
        """
        def test_verifies(mockserver):
            mockserver.stub(reply="Hi!")
            said("goodbye")
            mockserver.verify(user="hello")
        """,
    )
    assert between(steady(result), "test_it.py:7", "----- mockserver") == [
        "test_it.py:7: in test_verifies",
        '    mockserver.verify(user="hello")',
        "E   mockserver.errors.VerificationError: "
        "expected at least 1 call with user: a text containing 'hello', got none",
        "E   ",
        "E   The nearest calls, and what differed:",
        "E     1. +TIME chat gpt-4o-mini 'goodbye' -> 200 run-time#1",
        "E         user: expected a text containing 'hello', got 'goodbye'",
    ]


@pytest.mark.parametrize("wrong", ["verify(usr='hello')", "verify_order({'usr': 'hello'})", "calls(usr='hello')"])
def test_a_mistake_in_a_match_shows_the_line_of_the_test(project: pytest.Pytester, wrong: str) -> None:
    """As one in a stub does: nothing of what is behind it."""
    result = run(project, f"def test_wrong(mockserver):\n    mockserver.{wrong}\n")
    assert between(steady(result), "test_it.py:4", "=====") == [
        "test_it.py:4: in test_wrong",
        f"    mockserver.{wrong}",
        "E   mockserver.errors.InvalidValue: test_it.py:4: usr: unknown key 'usr' in match; did you mean 'user'?",
    ]


def test_a_function_that_fails_fails_the_test(project: pytest.Pytester) -> None:
    """With what went wrong, and its traceback among the log."""
    result = run(
        project,
        """
        def test_function(mockserver):
            mockserver.stub(reply=lambda call: 1 / 0)
            ask("hello")
        """,
    )
    result.assert_outcomes(failed=1)
    expected = "The function of the stub 'run-time#1' (test_it.py:5) failed: ZeroDivisionError: division by zero"
    assert any(expected in line for line in result.outlines)
    assert any("Traceback (most recent call last)" in line for line in result.outlines)


def test_the_marker_names_files_and_options(project: pytest.Pytester) -> None:
    """Beside the test's file or in pytest's root; a server for each set of options, the same for the same."""
    (project.path / "stubs.yaml").write_text("stubs: [{match: {user: hello}, response: Of the file.}]")
    (project.mkdir("below") / "test_below.py").write_text(
        "import pytest\nfrom asking import said\n"
        "@pytest.mark.mockserver('stubs.yaml', seed=7)\n"
        "def test_below(mockserver):\n    assert said('hello') == 'Of the file.'\n"
    )
    (project.path / "below" / "stubs.yaml").write_text("stubs: [{response: Of the file.}]")
    run(
        project,
        """
        pytestmark = pytest.mark.mockserver("stubs.yaml")
        ports = []

        def test_file(mockserver):
            assert said("hello") == "Of the file."
            ports.append(mockserver.server.port)

        @pytest.mark.mockserver(seed=7)
        def test_seed(mockserver):
            assert said("hello") == "Of the file."
            ports.append(mockserver.server.port)

        def test_again(mockserver):
            mockserver.stub(reply="Of the test.")
            assert said("hello") == "Of the test."
            ports.append(mockserver.server.port)
            assert ports[0] == ports[2] != ports[1]

        @pytest.mark.mockserver(api_keys=["sk-right"], exact=True)
        def test_keys(mockserver):
            assert said("hello") == "Of the file."
            assert ask("hello", nonsense=1).status_code == 400
        """,
        "-v",
    ).assert_outcomes(passed=5)


@pytest.mark.parametrize(
    ("marker", "message"),
    [
        ("sed=7", "the marker mockserver takes no 'sed'; did you mean 'seed'?"),
        ("verdict='maybe'", "mockserver's verdict: expected one of off, report, fail, got 'maybe'"),
        ("'nowhere.yaml'", "nowhere.yaml: no such file or folder"),
    ],
)
def test_a_marker_that_is_wrong(project: pytest.Pytester, marker: str, message: str) -> None:
    """The test does not begin, and nothing but the message is told."""
    result = run(project, f"@pytest.mark.mockserver({marker})\ndef test_it(mockserver): pass\n")
    result.assert_outcomes(errors=1)
    (told,) = between(result.outlines, "ERROR at setup of test_it", "= short test summary")[1:]
    assert told.removeprefix(f"{project.path}{os.sep}") == message


def test_a_mistake_in_a_stub_shows_the_line_of_the_test(project: pytest.Pytester) -> None:
    """And not the way through the server's thread."""
    test = "def test_it(mockserver):\n    mockserver.stub(usr='hello', reply='Hi!')\n"
    result = run(project, test, "--tb=long")
    result.assert_outcomes(failed=1)
    mistake = "test_it.py:4: match.usr: unknown key 'usr' in match; did you mean 'user'?"
    assert between(result.outlines, "    def test_it", "= short test summary") == [
        "    def test_it(mockserver):",
        ">       mockserver.stub(usr='hello', reply='Hi!')",
        f"E       mockserver.errors.InvalidValue: {mistake}",
        "",
        "test_it.py:4: InvalidValue",
    ]


def test_a_failure_does_not_show_the_calls_of_a_test_before_it(project: pytest.Pytester) -> None:
    """Though that one failed when it had ended; neither where there is no fixture, nor where the fixture fails."""
    result = run(
        project,
        """
        def test_ends_badly(mockserver):
            said("hello")
            assert False

        def test_without():
            assert False

        @pytest.mark.mockserver(sed=7)
        def test_wrong(mockserver):
            pass
        """,
    )
    result.assert_outcomes(failed=2, errors=2)
    lines = steady(result)
    assert sum("mockserver: the calls" in line for line in lines) == 2
    for start in ("ERROR at teardown of test_ends_badly", "_ test_ends_badly _"):
        assert any("mockserver: the calls" in line for line in between(lines, start, " test_w"))


def test_the_configuration_names_files_for_all_tests(project: pytest.Pytester) -> None:
    """From the folder of the configuration file; the command line asks for exactness."""
    (project.path / "all.yaml").write_text("stubs: [{response: Of the file.}]")
    test = """
        def test_file(mockserver):
            assert said("hello") == "Of the file."
            assert ask("hello", nonsense=1).status_code == 400
    """
    run(project, test, "-o", "mockserver_files=all.yaml", "--mockserver-exact").assert_outcomes(passed=1)


def test_the_environment_is_as_it_was(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was set before is set again, and only that."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-real")
    test = """
        import os

        def test_inside(mockserver):
            assert os.environ["OPENAI_API_KEY"] == mockserver.api_key

        def test_behind():
            assert os.environ["OPENAI_API_KEY"] == "sk-real"
            assert "OPENAI_BASE_URL" not in os.environ
    """
    run(project, test).assert_outcomes(passed=2)


def test_fixtures_that_end_in_another_order_leave_the_environment_as_it_was(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A module's, which came first, ends before the run's; a request that names no session is the run's then."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-real")
    project.makepyfile(
        test_next="""
        import os
        from asking import said

        def test_behind(mockserver_session, monkeypatch):
            assert os.environ["OPENAI_API_KEY"] == mockserver_session.api_key
            monkeypatch.setenv("OPENAI_API_KEY", "names-no-session")
            assert said("hello", mockserver_session.base_url.partition("/s/")[0] + "/v1") == "of the run"
        """
    )
    test = """
        import os

        def test_module(mockserver_module):
            assert os.environ["OPENAI_API_KEY"] == mockserver_module.api_key

        def test_run(mockserver_session):
            mockserver_session.stub(reply="of the run")
            assert os.environ["OPENAI_API_KEY"] == mockserver_session.api_key
    """
    run(project, test).assert_outcomes(passed=3)
    assert os.environ["OPENAI_API_KEY"] == "sk-real"
    assert "OPENAI_BASE_URL" not in os.environ


def test_the_environment_can_be_left_alone(project: pytest.Pytester) -> None:
    """By the marker, and in the configuration."""
    test = "import os\n{}def test_it(mockserver):\n    assert 'OPENAI_API_KEY' not in os.environ\n"
    run(project, test.format("@pytest.mark.mockserver(env=False)\n")).assert_outcomes(passed=1)
    run(project, test.format(""), "-o", "mockserver_env=false").assert_outcomes(passed=1)


def test_the_seed_makes_all_the_same_in_every_run(project: pytest.Pytester) -> None:
    """From the command line or the configuration, in whatever order the tests run; other tests are given others."""
    test = """
        @pytest.mark.mockserver(strict=False)
        @pytest.mark.parametrize("n", [1, 2])
        def test_it(mockserver, n):
            with open("answers", "a") as file:
                file.write(str(n) + ask("hello").text.replace("\\n", "") + "\\n")
    """
    for options in (("--mockserver-seed", "7"), ("-o", "mockserver_seed=7"), ("--mockserver-seed=7", "-k", "2")):
        run(project, test, *options)
    first, second, *again = (project.path / "answers").read_text().splitlines()
    assert again == [first, second, second]
    assert first[1:] != second[1:]
    result = run(project, test, "-o", "mockserver_seed=seven")
    assert any("mockserver_seed: expected a whole number, got 'seven'" in line for line in result.outlines)


def test_tests_leave_nothing_behind(project: pytest.Pytester) -> None:
    """Each has a session of its own; a client that drops its base URL's path and key is still the test's."""
    run(
        project,
        """
        import httpx

        def bare(mockserver):
            body = {"model": "m", "messages": [{"role": "user", "content": "x"}]}
            return httpx.post(f"{mockserver.server.base_url}/chat/completions", json=body, trust_env=False)

        def test_one(mockserver):
            mockserver.stub(reply="one", name="same")
            mockserver.scenarios["door"] = "open"
            assert bare(mockserver).json()["choices"][0]["message"]["content"] == "one"
            assert len(mockserver.calls) == 1

        def test_two(mockserver):
            assert (len(mockserver.calls), mockserver.scenarios["door"]) == (0, "Started")
            mockserver.stub(reply="two", name="same")
            assert bare(mockserver).json()["choices"][0]["message"]["content"] == "two"
        """,
    ).assert_outcomes(passed=2)


def test_wider_fixtures_keep_stubs_and_calls(project: pytest.Pytester) -> None:
    """For a module and for a run; an unmatched call fails the test that made it, expectations the last one's end."""
    result = run(
        project,
        """
        @pytest.fixture(scope="module", autouse=True)
        def greeting(mockserver_module):
            mockserver_module.stub(user="hello", reply="Hi!").expect(times=1)

        def test_one(mockserver_module):
            assert said("hello") == "Hi!"

        def test_two(mockserver_module):
            assert said("hello") == "Hi!"
            assert len(mockserver_module.calls) == 2

        def test_three():
            ask("goodbye")

        def test_four(mockserver_module, mockserver, mockserver_session):
            mockserver.stub(reply="of the test")
            assert said("hello", mockserver.base_url) == "of the test"
            assert said("hello", mockserver_module.base_url) == "Hi!"
            assert mockserver_session.calls(user="hello") == []  or len(mockserver_session.calls) == 0
        """,
    )
    result.assert_outcomes(passed=3, failed=1, errors=1)
    lines = steady(result)
    assert any("expected 1 call answered by run-time#1 (test_it.py:6), got 3" in line for line in lines)
    assert any("mockserver_module: the calls" in line for line in lines)


def test_it_works_in_unittest_and_in_async_tests(project: pytest.Pytester) -> None:
    """The fixture is synchronous; the server has a thread of its own, so async clients can ask it."""
    run(
        project,
        """
        import asyncio, os, unittest, httpx

        @pytest.mark.usefixtures("mockserver")
        class TestIt(unittest.TestCase):
            def test_unmatched(self):
                ask("hello")

        @pytest.fixture
        def anyio_backend():
            return "asyncio"

        @pytest.mark.anyio
        async def test_async(mockserver):
            mockserver.stub(reply="Hi!")
            async with httpx.AsyncClient(trust_env=False) as client:
                body = {"model": "m", "messages": [{"role": "user", "content": "x"}]}
                answers = [client.post(mockserver.base_url + "/chat/completions", json=body) for _ in range(5)]
                assert {answer.status_code for answer in await asyncio.gather(*answers)} == {200}
            mockserver.verify(times=5)

        @pytest.mark.anyio
        async def test_async_unmatched(mockserver):
            async with httpx.AsyncClient(trust_env=False) as client:
                body = {"model": "m", "messages": [{"role": "user", "content": "x"}]}
                await client.post(mockserver.base_url + "/chat/completions", json=body)
        """,
    ).assert_outcomes(passed=1, failed=2)


def test_it_works_with_pytest_asyncio(project: pytest.Pytester) -> None:
    """What is unmatched in a coroutine fails its test too."""
    result = run(
        project,
        """
        import httpx

        async def post(mockserver):
            async with httpx.AsyncClient(trust_env=False) as client:
                body = {"model": "m", "messages": [{"role": "user", "content": "x"}]}
                await client.post(mockserver.base_url + "/chat/completions", json=body)

        @pytest.mark.asyncio
        async def test_answered(mockserver):
            mockserver.stub(reply="Hi!").expect(times=1)
            await post(mockserver)
            mockserver.verify(user="x")

        @pytest.mark.asyncio
        async def test_unmatched(mockserver):
            await post(mockserver)
        """,
        "-p",
        "pytest_asyncio.plugin",
        "-o",
        "asyncio_default_fixture_loop_scope=function",
    )
    result.assert_outcomes(passed=1, failed=1)


VERDICT = """
def test_it(mockserver):
    mockserver.stub(error={"name": "rate_limit", "retry_after": 60})
    ask("hello")
    ask("hello")
    assert not FAIL
"""


def test_the_verdict_is_asked_for_by_option(project: pytest.Pytester) -> None:
    """Off when not said; `report` tells it of tests that fail, `fail` makes them fail."""
    run(project, VERDICT.replace("FAIL", "False")).assert_outcomes(passed=1)
    run(project, VERDICT.replace("FAIL", "False"), "--mockserver-verdict=report").assert_outcomes(passed=1)
    for test, options in (("True", ["-o", "mockserver_verdict=report"]), ("False", ["--mockserver-verdict", "fail"])):
        result = run(project, VERDICT.replace("FAIL", test), *options)
        result.assert_outcomes(failed=1)
        told = "- ignored_retry_after: call 1 said to wait 60 s, and call 2 came after 0."
        assert any(line.startswith(told) for line in result.outlines)
        assert any("mockserver: what the client did wrong" in line for line in result.outlines)
    marked = "@pytest.mark.mockserver(verdict='fail', ignore=['ignored_retry_after'])\n" + VERDICT.strip()
    run(project, marked.replace("FAIL", "False")).assert_outcomes(passed=1)


def test_the_plugin_can_be_left_out(project: pytest.Pytester) -> None:
    """`-p no:mockserver`; then there is no fixture."""
    result = run(project, UNMATCHED, "-p", "no:mockserver")
    result.assert_outcomes(errors=1)
    assert any("fixture 'mockserver' not found" in line for line in result.outlines)


def test_a_run_that_does_not_use_it_imports_nothing_of_it(project: pytest.Pytester) -> None:
    """But the package, which is empty until something of it is used, and the plugin itself."""
    project.makepyfile(
        test_it="""
        import sys

        def test_it():
            assert [name for name in sys.modules if name.partition(".")[0] == "mockserver"] == [
                "mockserver", "mockserver.testing", "mockserver.testing.pytest_plugin",
            ]
        """
    )
    project.runpytest_subprocess().assert_outcomes(passed=1)


def test_no_thread_is_left(project: pytest.Pytester) -> None:
    """The servers stop with the run."""
    project.makeconftest(
        """
        import threading

        BEFORE = set(threading.enumerate())

        def left():
            return [thread.name for thread in set(threading.enumerate()) - BEFORE if "mock" in thread.name]

        def pytest_unconfigure(config):
            config.add_cleanup(lambda: print("THREADS", left()))
        """
    )
    result = run(project, "def test_it(mockserver):\n    mockserver.stub(reply='Hi!')\n    assert said('x') == 'Hi!'\n")
    assert any(line.endswith("THREADS []") for line in result.outlines)


def test_calls_of_a_long_test_are_cut(project: pytest.Pytester) -> None:
    """The last fifty are shown."""
    result = run(
        project,
        """
        def test_it(mockserver):
            mockserver.stub(reply="Hi!")
            for number in range(52):
                said(f"call {number}")
            assert False
        """,
    )
    shown = between(steady(result), "----- mockserver: the calls", "= short test summary")
    assert (len(shown), shown[1]) == (52, "(the first 2 of 52 calls are left out)")


def test_colours_are_those_of_pytest(project: pytest.Pytester) -> None:
    """Where its own are on; not in a file that programs read."""
    result = run(project, UNMATCHED, "--color=yes")
    assert any("\033[31mNo stub matches this request" in line for line in result.outlines)
    run(project, UNMATCHED, "--color=yes", "--junitxml=report.xml")
    assert "[31mNo stub" not in (project.path / "report.xml").read_text()


ISOLATED = """
import pytest
from asking import ask, said

@pytest.mark.parametrize("number", range({tests}))
def test_it(mockserver, number):
    mockserver.stub(user="who", reply=f"I am {{number}}.").expect(times=2)
    assert said("who are you?") == f"I am {{number}}."
    assert said("who are you?", stream=False) == f"I am {{number}}."
    assert len(mockserver.calls) == 2
    assert {{call.session for call in mockserver.calls}} == {{mockserver.name}}
"""


def test_tests_run_in_parallel_and_in_any_order(project: pytest.Pytester) -> None:
    """A server for each worker process."""
    project.makepyfile(test_many=ISOLATED.format(tests=20))
    project.runpytest_subprocess("-n", "2", "-p", "randomly").assert_outcomes(passed=20)


@pytest.mark.slow
def test_five_hundred_tests_on_four_workers_do_not_meet(project: pytest.Pytester) -> None:
    """No answer goes to another test."""
    project.makepyfile(test_many=ISOLATED.format(tests=500))
    project.runpytest_subprocess("-n", "4").assert_outcomes(passed=500)
