"""The command as a process of its own."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import NamedTuple

import pytest


class Running(NamedTuple):
    """A command that serves, and what it printed as its ready line."""

    process: "subprocess.Popen[str]"
    line: str

    @property
    def url(self) -> str:
        """Where it serves."""
        return self.line.removeprefix("mockserver ready on ").strip()


Start = Callable[..., Running]


@pytest.fixture
def start() -> Iterator[Start]:
    """Runs `python -m mockserver` with arguments and waits for its ready line."""
    with ExitStack() as stack:

        def run(*arguments: str, **environment: str) -> Running:
            process = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "mockserver", *arguments],
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                    env={**os.environ, "MOCKSERVER_PORT": "0", **environment},
                )
            )
            stack.callback(process.kill)
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                assert process.stderr is not None
                raise AssertionError(process.stderr.read())
            return Running(process, line)

        yield run
