"""What clients make of every error that has a name: the table of docs/failures.md, from what a run of them gives.

    python -m tests.failures.experiences docs/failures.md

runs them and puts the table between `<!-- errors -->` and `<!-- /errors -->`.
"""

import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mockserver.failures.presets import NAMES, PRESETS
from tests.clients.conftest import run_against

SDKS = ("openai-3", "openai-2")
PROVIDERS = ("openai", "hosted_vllm", "azure")
STUBS = "stubs:\n" + "".join(
    f"  - match: {{user: {{exact: {name}}}}}\n    error: {name}\n"
    f"  - match: {{user: {{exact: inside {name}}}}}\n    error: {{name: {name}, after_chunks: 2}}\n"
    "    response: One two three.\n"
    for name in NAMES
)
CASES = {
    name: {
        "method": "POST",
        "path": "/chat/completions",
        "key": "sk-0123456789abcdef",
        "body": {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": name}]},
    }
    for name in NAMES
}

_MARKED = re.compile(r"(?P<mark><!-- errors -->\n).*?(?P<end>^<!-- /errors -->$)", re.DOTALL | re.MULTILINE)


def measured() -> dict[str, Any]:
    """What each client raised, by client (litellm's by provider) and error; `streams` are errors inside of one."""
    cases = json.dumps(CASES)
    found = {sdk: run_against(STUBS, sdk, "openai_errors", cases) for sdk in SDKS}
    found |= run_against(STUBS, "litellm", "litellm_errors", cases)
    inside = json.dumps([f"inside {name}" for name in NAMES])
    return {**found, "streams": run_against(STUBS, "openai-3", "openai_streams", inside)}


def table(results: Mapping[str, Any]) -> str:
    """The Markdown table of the errors: what they are, and the exceptions that clients raise."""
    clients = ("`openai` 3 and 2", "litellm `openai/`", *(f"`{provider}/`" for provider in PROVIDERS[1:]))
    lines = [f"| name | status | what has happened | evidence | {' | '.join(clients)} |", "|---" * 8 + "|"]
    for preset in PRESETS:
        sdk = " / ".join(dict.fromkeys(f"`{results[sdk][preset.name]['class']}`" for sdk in SDKS))
        others = [f"`{results[provider][preset.name]['class']}`" for provider in PROVIDERS]
        cells = (f"`{preset.name}`", str(preset.status), preset.about, preset.evidence, sdk, *others)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def refreshed(page: str, results: Mapping[str, Any]) -> str:
    """The page with this table."""
    return _MARKED.sub(lambda found: f"{found['mark']}\n{table(results)}\n{found['end']}", page)


def main(arguments: Sequence[str]) -> int:
    """Refresh the file named; returns the exit code."""
    (file,) = map(Path, arguments)
    file.write_text(refreshed(file.read_text(encoding="utf-8"), measured()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
