"""What a test costs that uses the pytest fixture, and a run that does not, beside pytest-httpserver."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from benchmarks.framing import WrongAnswer
from benchmarks.measure import MOCKSERVER, Aim, Result, Setting, folder
from benchmarks.peers import NotInstalled, installed
from benchmarks.servers import ROOT

PEER = "pytest-httpserver"
EMPTY = "an empty plugin"
TESTS = 400
"""Tests of each kind in a run, in turn, so that they share whatever the machine does."""

CONFTEST = """
import collections, json, statistics, time
import pytest

spent = collections.defaultdict(list)

@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item):
    began = time.perf_counter()
    result = yield
    spent[item.name.split("_")[1]].append(time.perf_counter() - began)
    return result

def pytest_unconfigure():
    medians = {name: statistics.median(values) * 1e6 for name, values in spent.items()}
    with open("spent.json", "w") as file:
        json.dump(medians, file)
"""

ONE = """
def test_{name}_{number}({fixture}):
    pass
"""
KINDS = (("none", ""), (MOCKSERVER, "mockserver"), ("httpserver", "httpserver"))

STARTS = """
import json, sys, time
from mockserver import MockServer
from pytest_httpserver import HTTPServer

def seconds(make):
    server = make()
    began = time.perf_counter()
    server.start()
    started = time.perf_counter()
    server.stop()
    return started - began, time.perf_counter() - started

kinds = {"mockserver": lambda: MockServer(strict=True, default=False), "pytest-httpserver": HTTPServer}
for make in kinds.values():
    seconds(make)  # which imports what is put off
print(json.dumps({name: [seconds(make) for _ in range(int(sys.argv[1]))] for name, make in kinds.items()}))
"""


def measure_testing(setting: Setting) -> list[Result]:
    """What one test adds by its fixture; start and stop of the server; a start of pytest that does not use it.

    Raises WrongAnswer where pytest fails.
    """
    try:
        beside = str(next((installed(PEER) / "lib").glob("python*/site-packages")))
    except NotInstalled as error:
        return [Result("test", "what the fixture adds to a test", "us", {}, skipped={PEER: str(error)})]
    with folder() as files:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(files), beside))}
        environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        return [
            _added(files, environment, setting.effort.repetitions),
            *_starts(environment, setting.effort.starts),
            _unused(files, environment, setting.effort.starts),
        ]


def _added(files: Path, environment: dict[str, str], repetitions: int) -> Result:
    """Setup and teardown: what a test with the fixture takes longer than one without."""
    (files / "conftest.py").write_text(CONFTEST)
    tests = [ONE.format(name=name, number=n, fixture=fixture) for n in range(TESTS) for name, fixture in KINDS]
    (files / "test_all.py").write_text("".join(tests))
    found: dict[str, list[float]] = {MOCKSERVER: [], PEER: []}
    plugins = ("-p", "mockserver.testing.pytest_plugin", "-p", "pytest_httpserver.pytest_plugin")
    for _ in range(repetitions):
        _pytest(files, environment, *plugins)
        spent = json.loads((files / "spent.json").read_text())
        found[MOCKSERVER].append(spent[MOCKSERVER] - spent["none"])
        found[PEER].append(spent["httpserver"] - spent["none"])
    about = "what the fixture adds to a test that does nothing, setup and teardown"
    return Result("test", about, "us", found, (Aim(MOCKSERVER, PEER, 1.0),))


def _starts(environment: dict[str, str], starts: int) -> list[Result]:
    """Start and stop of a server in the test's process, imports apart."""
    done = subprocess.run(
        [sys.executable, "-c", STARTS, str(starts)], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise WrongAnswer(f"a server did not start: {done.stderr.splitlines()[-1]}")
    found = json.loads(done.stdout)
    aims = (Aim(MOCKSERVER, PEER, 1.0),)
    started = {name: [begun * 1e3 for begun, _ in pairs] for name, pairs in found.items()}
    stopped = {name: [ended * 1e3 for _, ended in pairs] for name, pairs in found.items()}
    return [
        Result("test-start", "start of the server in a test's process, imports apart", "ms", started, aims),
        Result("test-stop", "its stop", "ms", stopped, aims),
    ]


def _unused(files: Path, environment: dict[str, str], starts: int) -> Result:
    """A run of pytest that does not use the plugin."""
    (files / "conftest.py").write_text("")
    (files / "test_all.py").write_text("def test_one():\n    pass\n")
    (files / "empty_plugin.py").write_text("")
    found: dict[str, list[float]] = {MOCKSERVER: [], EMPTY: []}
    plugins = {MOCKSERVER: "mockserver.testing.pytest_plugin", EMPTY: "empty_plugin"}
    for turn in range(starts + 1):
        for name, plugin in plugins.items():
            began = perf_counter()
            _pytest(files, environment, "-p", plugin)
            if turn:
                found[name].append((perf_counter() - began) * 1e3)
    about = "a run of pytest, of one test that does not use the fixture"
    return Result("test-unused", about, "ms", found, (Aim(MOCKSERVER, EMPTY, 1.05),))


def _pytest(files: Path, environment: dict[str, str], *options: str) -> None:
    command: Sequence[str] = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, str(files))
    done = subprocess.run(command, cwd=files, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise WrongAnswer(f"pytest failed: {(done.stdout or done.stderr).strip().splitlines()[-1]}")
