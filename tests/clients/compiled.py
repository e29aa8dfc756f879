"""Programs with the official SDKs for Go and Java: built when first needed, kept below `.venvs/`.

`go/go.sum` and `java/pom.xml` pin what they are built from.
"""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.clients import environments
from tests.clients.conftest import TIMEOUT, Answers, environment_variables
from tests.clients.environments import NotInstalled, NotWanted
from tests.clients.locks import exclusive

SOURCES = Path(__file__).parent


class Toolchain(NamedTuple):
    """How a language's program is built and run; `{home}` is the folder it is built in."""

    programs: tuple[str, ...]
    build: tuple[str, ...]
    run: tuple[str, ...]


TOOLCHAINS = {
    "go": Toolchain(("go",), ("go", "build", "-o", "{home}/clients", "."), ("{home}/clients",)),
    "java": Toolchain(
        ("java", "javac", "mvn"),
        ("mvn", "-B", "-q", "compile", "dependency:copy-dependencies", "-DoutputDirectory=lib"),
        (
            "java",
            "-Dhttp.nonProxyHosts=*",
            "-cp",
            os.pathsep.join(("{home}/target/classes", "{home}/lib/*")),
            "Clients",
        ),
    ),
}


def missing(language: str) -> str | None:
    """Which program there must be and is not."""
    return next((name for name in TOOLCHAINS[language].programs if shutil.which(name) is None), None)


def built(language: str) -> Path:
    """The folder of a language's program, which is built if it is not there. Raises NotInstalled."""
    files = sorted(file for file in (SOURCES / language).rglob("*") if file.is_file())
    digest = hashlib.sha256(b"\0".join(file.read_bytes() for file in files))
    home = environments.ROOT / f"{language}-{digest.hexdigest()[:12]}"
    with exclusive(home.with_name(home.name + ".lock")):
        if not (home / "complete").exists():
            if os.environ.get(environments.SKIP) == "1":
                raise NotWanted(f"the program in {language} is not built, and {environments.SKIP}=1")
            _build(language, home)
    return home


def _build(language: str, home: Path) -> None:
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(SOURCES / language, home)
    done = subprocess.run(
        _filled(TOOLCHAINS[language].build, home),
        cwd=home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=environments.TIMEOUT,
    )
    if done.returncode != 0:
        raise NotInstalled(
            f"the program in {language} cannot be built; {environments.SKIP}=1 goes without. What was said:\n"
            f"{done.stdout}{done.stderr}"
        )
    (home / "complete").touch()


def _filled(command: Sequence[str], home: Path) -> list[str]:
    return [part.format(home=home) for part in command]


def run_compiled(environment: str, script: str, *arguments: str) -> Answers:
    """Run the program of a language, named as environment, and read the JSON it prints."""
    if absent := missing(environment):
        pytest.skip(f"{absent} is not on this machine")
    try:
        home = built(environment)
    except NotWanted as error:
        pytest.skip(str(error))
    except NotInstalled as error:
        pytest.fail(str(error), pytrace=False)
    done = subprocess.run(
        [*_filled(TOOLCHAINS[environment].run, home), *arguments],
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
