"""Node packages for clients: installed when first needed, kept below `.venvs/`, shared by all test processes.

`python -m tests.clients.node` installs them ahead. `node/package-lock.json` pins everything.
"""

import functools
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clients import environments
from tests.clients.conftest import TIMEOUT, Answers, environment_variables
from tests.clients.environments import NotInstalled, NotWanted
from tests.clients.locks import exclusive

SOURCE = Path(__file__).parent / "node"
PINS = ("package.json", "package-lock.json")


def missing() -> str | None:
    """Which program there must be and is not."""
    return next((name for name in ("node", "npm") if shutil.which(name) is None), None)


@functools.cache
def folder() -> Path:
    """Where the packages live: a hash of what is pinned, and of Node's version."""
    version = subprocess.run(["node", "--version"], capture_output=True, check=True, timeout=TIMEOUT).stdout
    digest = hashlib.sha256(version + b"".join((SOURCE / name).read_bytes() for name in PINS))
    return environments.ROOT / f"node-{digest.hexdigest()[:12]}"


def installed() -> Path:
    """The folder of the packages, with today's scripts beside them. Raises NotInstalled."""
    home = folder()
    with exclusive(home.with_name(home.name + ".lock")):
        if not (home / "complete").exists():
            if os.environ.get(environments.SKIP) == "1":
                raise NotWanted(f"the packages for Node are not installed, and {environments.SKIP}=1")
            _install(home)
        for script in SOURCE.glob("*.mjs"):  # a module finds packages beside or above itself only
            shutil.copy(script, home)
    return home


def _install(home: Path) -> None:
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    for name in PINS:
        shutil.copy(SOURCE / name, home)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(
        command, cwd=home, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=environments.TIMEOUT
    )
    if done.returncode != 0:
        raise NotInstalled(
            f"the packages of {SOURCE / PINS[1]} cannot be installed. Their tests need a package registry once;\n"
            f"to go without them where there is none, set {environments.SKIP}=1. What was said:\n{done.stderr}"
        )
    (home / "complete").touch()


def run_node(environment: str, script: str, *arguments: str) -> Answers:
    """Run a script and read the JSON it prints; `environment` is `node`, there is but one."""
    if absent := missing():
        pytest.skip(f"{absent} is not on this machine")
    try:
        home = installed()
    except NotWanted as error:
        pytest.skip(str(error))
    except NotInstalled as error:
        pytest.fail(str(error), pytrace=False)
    done = subprocess.run(
        ["node", str(home / f"{script}.mjs"), *arguments],
        env=environment_variables(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=TIMEOUT,
    )
    assert done.returncode == 0, done.stderr
    found: Answers = json.loads(done.stdout)
    return found


def main() -> int:
    """Install the packages: 0 when they are there or Node is not, 1 when they cannot be installed."""
    if absent := missing():
        print(f"node: skipped, as {absent} is not on this machine")
        return 0
    try:
        print(f"node: {installed()}")
    except NotInstalled as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
