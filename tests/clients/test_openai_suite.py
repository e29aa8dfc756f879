"""The official Python SDK's own tests of our endpoints, from its source distribution, against the server."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from mockserver import MockServer
from tests.clients import environments, suites
from tests.clients.conftest import ROOT, environment_variables

pytestmark = pytest.mark.slow

STUBS = """
stubs:
  - match: {model: stored}
    response:
      body:
        id: completion_id
        object: chat.completion
        created: 1700000000
        model: stored
        choices:
          - {index: 0, message: {role: assistant, content: Hi., refusal: null}, logprobs: null, finish_reason: stop}
"""

TESTS = ("chat/test_completions.py", "chat/completions", "test_completions.py", "test_embeddings.py", "test_models.py")

# These ask for an embedding without a format, which the SDK makes base64, and validate the raw answer as a list of
# numbers: they hold only for a mock that ignores the format, and fail with the real API.
IMPOSSIBLE = re.compile(
    r"test_embeddings\.py::Test(Async)?Embeddings::test_(method|raw_response|streaming_response)_create\[(strict|aiohttp)\]"
)

TIMEOUT = 300.0


def test_its_own_tests_pass(tmp_path: Path) -> None:
    """All of them, but for those that no faithful server passes, which fail."""
    try:
        source = suites.openai_python()
        python = environments.python("openai-suite")
    except environments.NotWanted as error:
        pytest.skip(str(error))
    file = tmp_path / "stubs.yaml"
    file.write_text(STUBS, encoding="utf-8")
    with MockServer(file) as server:
        done = subprocess.run(
            [
                *(python, "-m", "pytest", "-q", "-rfE", "--tb=short", "-o", "addopts=", "-p", "no:cacheprovider"),
                *("-p", "tests_of_mockserver.stored_first"),
                *(f"tests/api_resources/{name}" for name in TESTS),
            ],
            cwd=source,
            env={
                **environment_variables(),
                "TEST_API_BASE_URL": server.base_url,
                "PYTHONPATH": os.pathsep.join([str(_plugins(tmp_path))]),
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
        )
    failed = re.findall(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
    (passed,) = re.findall(r"(\d+) passed", done.stdout) or [done.stdout + done.stderr]
    assert [name for name in failed if not IMPOSSIBLE.search(name)] == []
    assert len(failed) == 9
    assert int(passed) > 200


def _plugins(folder: Path) -> Path:
    """A folder with our plugin under a name that the SDK's own package `tests` does not hide."""
    package = folder / "tests_of_mockserver"
    package.mkdir()
    (package / "stored_first.py").write_bytes((ROOT / "tests/clients/scripts/stored_first.py").read_bytes())
    return folder
