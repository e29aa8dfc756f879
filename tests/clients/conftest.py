"""Runs client scripts in their environments; each run is made once and shared by all test processes."""

import json
import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from mockserver import MockServer
from tests.clients import environments
from tests.clients.locks import exclusive

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TIMEOUT = 300.0
"""Seconds that a script may take."""

Answers = Mapping[str, Any]
"""What a script found: the result of each case by its name."""

RunOnce = Callable[[str, Callable[[], Answers]], Answers]

Run = Callable[..., Answers]
"""Runs a script: its environment, its name, its arguments."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the first test of a client take as long as its installation and its run may."""
    for item in items:
        if HERE in item.path.parents and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(2 * environments.TIMEOUT + TIMEOUT))


def run_script(environment: str, script: str, *arguments: str) -> Answers:
    """Run a script in an environment and read the JSON it prints."""
    try:
        interpreter = environments.python(environment)
    except environments.NotWanted as error:
        pytest.skip(str(error))
    except environments.NotInstalled as error:
        pytest.fail(str(error), pytrace=False)
    done = subprocess.run(
        [interpreter, "-m", f"tests.clients.scripts.{script}", *arguments],
        cwd=ROOT,
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


def run_against(
    stubs: str, environment: str, script: str, *arguments: str, run: Run = run_script, **options: Any
) -> Answers:
    """Run a script against a server of these stubs and options, whose URL is the script's first argument."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "stubs.yaml"
        file.write_text(stubs, encoding="utf-8")
        with MockServer(file, **options) as server:
            return run(environment, script, server.url, *arguments)


def environment_variables() -> dict[str, str]:
    """Those of this process, without what would send a client elsewhere."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OPENAI_", "LITELLM_"))}
    return {**kept, "NO_PROXY": "*", "no_proxy": "*"}


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> RunOnce:
    """`once(key, make)`: what `make` found, which the first test process that asks makes for all."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base

    def find(key: str, make: Callable[[], Answers]) -> Answers:
        file = shared / f"answers-{key}.json"
        with exclusive(file.with_suffix(".lock")):
            if not file.exists():
                text = json.dumps(make())
                file.write_text(text, encoding="utf-8")
        found: Answers = json.loads(file.read_text(encoding="utf-8"))
        return found

    return find
