"""`mockserver run [PATH ...] -- COMMAND ...`: a server for as long as a command runs, such as tests in any language."""

import argparse
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, TextIO

from mockserver.cli import options
from mockserver.errors import UsageError

if TYPE_CHECKING:
    from mockserver.journal import Exchange
    from mockserver.server import MockServer
    from mockserver.testing.verdict import Verdict

KEY = "mock-key"
"""The API key that the command is given; every key will do, but clients want one."""

NOT_EXECUTABLE, NOT_FOUND, KILLED = 126, 127, 128
"""Exit codes that shells have for commands that cannot be run, or end by a signal (whose number is added)."""

FORWARDED = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
"""Signals that are the command's business."""


def parser() -> argparse.ArgumentParser:
    """The options; what stands behind `--` is the command."""
    made = options.new_parser(
        "mockserver run",
        "[PATH ...] [options] -- COMMAND ...",
        "Start a server, run a command with OPENAI_BASE_URL, OPENAI_API_BASE, OPENAI_API_KEY and MOCKSERVER_URL\n"
        "set to it, and print at the end on standard error what was asked. The exit code is the command's, or 1 where\n"
        "the command is content but a call was not answered by a stub as it says: with --strict those that no stub\n"
        "matches, and always those whose template failed, whose sequence has ended, and the like.",
    )
    made.add_argument("paths", nargs="*", metavar="PATH", help="fixture files or folders, first match wins")
    made.add_argument(
        "--port", type=options.port, default=0, metavar="N", help="port; 0, the default, picks a free one"
    )
    options.add_seed(made)
    options.add_strict(made)
    options.add_exact(made)
    options.add_time_scale(made)
    made.add_argument(
        "--verdict",
        action="store_true",
        help="fail where a client did something wrong too, such as a retry before the time it was told",
    )
    made.add_argument("-q", "--quiet", action="store_true", help="print only what went wrong")
    return made


def run(given: argparse.Namespace) -> int:
    """Run the command; returns its exit code."""
    if not given.command:
        raise UsageError("run needs a command behind '--', as in: mockserver run stubs.yaml -- pytest")
    from mockserver.server import MockServer

    server = MockServer(
        *given.paths,
        port=given.port,
        seed=given.seed,
        strict=given.strict,
        exact=given.exact,
        time_scale=given.time_scale,
    )
    forgotten = Forgotten()
    with server:
        control = server._running_control()
        control.journal.lost = forgotten.add
        code = _outcome(given.command, environment(server))
        verdicts = _verdicts(server) if given.verdict else []
        calls = server._on_loop(control.journal.entries)
    due = report(calls, forgotten, sys.stderr, quiet=given.quiet)
    for verdict in verdicts:
        print(f"mockserver: the client did something wrong:\n{verdict}", file=sys.stderr)
        due = options.EXIT_FAILURE
    return code or due


class Forgotten:
    """The calls that were not answered by a stub as it says and that the journal has not any more.

    The `first` of them, as many as are told of, and how many `more` there were.
    """

    def __init__(self) -> None:
        self.first: list[Exchange] = []
        self.more = 0

    def add(self, exchange: "Exchange") -> None:
        """Keep a call that the journal forgets, where something was wrong with it."""
        from mockserver.testing.verification import SHOWN

        if exchange.problem is None:
            return
        if len(self.first) < SHOWN:
            self.first.append(exchange)
        else:
            self.more += 1


def _verdicts(server: "MockServer") -> "list[Verdict]":
    """What clients did wrong, without what is but doubted, in each session in which there is something."""
    control = server._running_control()
    sessions = [server, *(server.session(name) for name in server._on_loop(control.sessions) if name)]
    return [found for session in sessions if (found := session.verdict()).mistakes]


def environment(server: "MockServer", inherited: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment in which clients of the command find a server."""
    found = {"OPENAI_BASE_URL": server.base_url, "OPENAI_API_BASE": server.base_url, "OPENAI_API_KEY": KEY}
    return {**inherited, **found, "MOCKSERVER_URL": server.url}


def report(calls: "Sequence[Exchange]", forgotten: Forgotten, stream: TextIO, *, quiet: bool = False) -> int:
    """Tell what was asked, and what was not answered by a stub as it says; the exit code that is due to that.

    Of the calls that are forgotten by now only those are known that were not.
    """
    from mockserver.testing.verification import Unmatched, lines

    known = tuple(sorted((*forgotten.first, *calls), key=lambda exchange: exchange.at))
    problems = tuple(exchange for exchange in known if exchange.problem is not None)
    if not quiet:
        count = len(known) + forgotten.more
        print(f"mockserver: {count} call{'s' * (count != 1)}", *lines(known, known), sep="\n", file=stream)
    if not problems:
        return 0
    print(f"mockserver: {Unmatched(problems, known, forgotten.more).told()}", file=stream)
    return options.EXIT_FAILURE


def _outcome(command: Sequence[str], environ: Mapping[str, str]) -> int:
    """The exit code of a command, as a shell has it."""
    with _forwarding() as to:
        try:
            process = subprocess.Popen(command, env=environ)
        except OSError as error:
            print(f"mockserver: cannot run {shlex.quote(command[0])}: {error.strerror}", file=sys.stderr)
            return NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_EXECUTABLE
        to(process)
        code = process.wait()
    return code if code >= 0 else KILLED - code


@contextmanager
def _forwarding() -> "Iterator[Callable[[subprocess.Popen[bytes]], None]]":
    """Let signals be the command's business; what comes before it is there waits for it."""
    running: list[subprocess.Popen[bytes]] = []
    early: list[int] = []

    def forward(number: int, frame: FrameType | None) -> None:
        if not running:
            early.append(number)
        elif number != signal.SIGINT or not _in_foreground():
            running[0].send_signal(number)

    def begin(process: "subprocess.Popen[bytes]") -> None:
        running.append(process)
        for number in early:
            process.send_signal(number)

    before = {number: signal.signal(number, forward) for number in FORWARDED}
    try:
        yield begin
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _in_foreground() -> bool:
    """Whether a terminal has sent its Ctrl-C to the command too."""
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except (AttributeError, OSError, ValueError):  # no terminal, or none of this kind
        return sys.platform == "win32"
