"""What docs/testing.md says is so: its tests are run by pytest, and fail as it says where it says that they fail."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.readme import Block, blocks
from tests.testing.test_pytest_plugin import project

__all__ = ["project"]

pytest_plugins = ["pytester"]

PAGE = Path(__file__).parent.parent.parent / "docs" / "testing.md"
FOUND = blocks(PAGE)
FILES = [block for block in FOUND if re.match(r"# [\w.]+\n", block.code)]
TESTS = [block for block in FOUND if "def test_" in block.code]
SCRIPTS = [block for block in FOUND if block.info == "python" and block not in FILES and block not in TESTS]

OPENAI = '''
"""As much of the official SDK as the page needs: it is not among the packages that tests are run with."""
import os, time, httpx
from types import SimpleNamespace

class OpenAI:
    def __init__(self):
        self.chat = SimpleNamespace(completions=SimpleNamespace(create=self.create))

    def create(self, **body):
        for retry in range(3):
            headers = {"authorization": "Bearer " + os.environ["OPENAI_API_KEY"], "x-stainless-retry-count": str(retry)}
            url = os.environ["OPENAI_BASE_URL"] + "/chat/completions"
            answer = httpx.post(url, json=body, headers=headers, trust_env=False, timeout=60)
            if answer.status_code != 429:
                break
            time.sleep(float(answer.headers["retry-after-ms"]) / 1000)
        answer.raise_for_status()
        message = answer.json()["choices"][0]["message"]
        return SimpleNamespace(choices=[SimpleNamespace(message=SimpleNamespace(**message))])
'''


def failure_of(block: Block) -> list[str]:
    """What stands behind a test that fails."""
    return FOUND[FOUND.index(block) + 1].code.splitlines()


@pytest.mark.parametrize("block", TESTS, ids=[re.findall(r"def (test_\w+)", block.code)[0] for block in TESTS])
def test_a_test_of_the_page_does_what_it_says(project: pytest.Pytester, block: Block) -> None:
    """It passes, or fails with the text behind it."""
    project.makepyfile(openai=OPENAI)
    for file in FILES:
        (project.path / file.code.split()[1]).write_text(file.code)
    (project.path / "test_example.py").write_text(block.code)
    result = project.runpytest_inprocess("test_example.py")
    if block.info == "python":
        result.assert_outcomes(passed=block.code.count("def test_"))
        return
    result.assert_outcomes(failed=1)
    lines = [re.sub(r"\+\d+\.\d{3}s", "+0.000s", line) for line in result.outlines]
    expected = failure_of(block)
    begin = lines.index(expected[0])
    assert lines[begin : begin + len(expected)] == expected


@pytest.mark.parametrize("block", SCRIPTS, ids=lambda block: block.code.split("\n")[-2].strip())
def test_a_script_of_the_page_runs(block: Block, tmp_path: Path) -> None:
    """From its first line to its last."""
    script = tmp_path / "script.py"
    script.write_text(block.code)
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_every_option_is_in_the_page() -> None:
    """Those of the command line, of the configuration file and of the marker."""
    from mockserver.testing.pytest_plugin import MARKER
    from mockserver.testing.pytest_support import KNOWN

    text = PAGE.read_text()
    plugin = (Path(__file__).parent.parent.parent / "mockserver" / "testing" / "pytest_plugin.py").read_text()
    named = re.findall(r'"(--mockserver-\w+|mockserver_\w+)"', plugin)
    assert len(named) == 9
    assert [name for name in (*named, *(f"{known}=" for known in KNOWN)) if name not in text] == []
    assert "paths" in MARKER
