"""Virtual environments for clients: made when first needed, kept below `.venvs/`, shared by all test processes.

`python -m tests.clients.environments [NAME ...]` makes them ahead. The requirement files beside this module
pin everything, so an environment is what its file says; a changed file gets a new environment.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.clients.locks import exclusive

ROOT = Path(__file__).parents[2] / ".venvs"
REQUIREMENTS = Path(__file__).parent / "environments"
SKIP = "MOCKSERVER_SKIP_CLIENTS"
"""Set to 1, nothing is installed: tests of clients whose environment is not there are skipped."""

TIMEOUT = 600.0
"""Seconds that one step of an installation may take."""

_MARKER = "complete"
"""The file written last into an environment: without it, its builder was stopped half-way."""


class NotInstalled(Exception):
    """A client's environment is not there, and could not be made; the message says why."""


class NotWanted(NotInstalled):
    """It should not be made."""


def names() -> list[str]:
    """The environments there are."""
    return sorted(file.stem for file in REQUIREMENTS.glob("*.txt"))


def folder(name: str) -> Path:
    """Where an environment lives: its name, and a hash of its requirements and of this Python's version."""
    digest = hashlib.sha256(sys.version.encode() + b"\0" + _requirements(name).read_bytes())
    return ROOT / f"{name}-{digest.hexdigest()[:12]}"


def python(name: str) -> Path:
    """The interpreter of an environment, which is made if it is not there. Raises NotInstalled."""
    home = folder(name)
    if not (home / _MARKER).exists():
        if os.environ.get(SKIP) == "1":
            raise NotWanted(f"the environment {name} is not installed, and {SKIP}=1")
        with exclusive(home.with_name(home.name + ".lock")):
            if not (home / _MARKER).exists():  # another process may have made it meanwhile
                _build(name, home)
    return _interpreter(home)


def _requirements(name: str) -> Path:
    return REQUIREMENTS / f"{name}.txt"


def _interpreter(home: Path) -> Path:
    return home / "Scripts" / "python.exe" if os.name == "nt" else home / "bin" / "python"


def _build(name: str, home: Path) -> None:
    shutil.rmtree(home, ignore_errors=True)
    _run(name, sys.executable, "-m", "venv", str(home))
    # The files are complete, so there is nothing to resolve; modules are compiled when they are imported.
    install = ["-m", "pip", "install", "--quiet", "--no-input", "--no-deps", "--no-compile", "--retries", "2"]
    _run(name, str(_interpreter(home)), *install, "--requirement", str(_requirements(name)))
    (home / _MARKER).touch()


def _run(name: str, *command: str) -> None:
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            close_fds=False,  # it holds the lock with us
            text=True,
            errors="replace",
            timeout=TIMEOUT,
        )
        problem = (done.stderr or done.stdout).strip() if done.returncode else ""
        failed = done.returncode != 0
    except (OSError, subprocess.TimeoutExpired) as error:
        problem, failed = str(error), True
    if failed:
        last = "\n    ".join(problem.splitlines()[-8:])
        raise NotInstalled(
            f"the environment {name} cannot be installed from {_requirements(name)}. Its tests need a package\n"
            f"index once; to go without them where there is none, set {SKIP}=1. What was said last:\n    {last}"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the environments named, or all: 0 when they are there, 1 when one cannot be made."""
    parser = argparse.ArgumentParser(prog="python -m tests.clients.environments", description=main.__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(names())}")
    wanted = parser.parse_args(arguments).names or names()
    if unknown := set(wanted) - set(names()):
        parser.error(f"there is no environment {', '.join(sorted(unknown))}; there are {', '.join(names())}")
    with ThreadPoolExecutor(len(wanted)) as pool:
        return 0 if all(list(pool.map(_make, wanted))) else 1


def _make(name: str) -> bool:
    began = time.perf_counter()
    try:
        interpreter = python(name)
    except NotInstalled as error:
        print(error, file=sys.stderr)
        return False
    print(f"{name}: {interpreter} ({time.perf_counter() - began:.1f} s)", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
