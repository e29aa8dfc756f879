"""schemathesis makes requests up from the published document: nothing it finds is a 500, HTML, or of another shape."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from mockserver import MockServer
from tests.clients import environments
from tests.conformity.document import document

ROOT = Path(__file__).parents[2]
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
EXAMPLES = 120
SEED = 20_261_124
TIMEOUT = 300.0
"""Seconds that the run may take; ordinarily a tenth."""


@pytest.mark.slow
@pytest.mark.timeout(TIMEOUT + environments.TIMEOUT)
def test_schemathesis_finds_nothing(server: MockServer, tmp_path: Path) -> None:
    """No 5xx, no status or content type but the document's, no answer, chunk or refusal outside its schema."""
    try:
        interpreter = environments.python("schemathesis")
    except environments.NotWanted as error:
        pytest.skip(str(error))
    file = tmp_path / "openapi.json"
    file.write_text(json.dumps(document()), encoding="utf-8")
    done = subprocess.run(
        [
            *(interpreter, "-m", "schemathesis.cli", "run", file, "--url", server.base_url),
            *("--checks", CHECKS, "--phases", "examples,coverage,fuzzing", "--continue-on-failure", "--no-shrink"),
            *("--max-examples", str(EXAMPLES), "--seed", str(SEED), "--suppress-health-check", "all"),
            *("--warnings", "off"),
        ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "SCHEMATHESIS_HOOKS": "tests.conformity.hooks", "NO_PROXY": "*"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=TIMEOUT,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    generated = re.search(r"(\d+) generated", done.stdout)
    assert generated is not None
    assert int(generated[1]) > 1_000, done.stdout
