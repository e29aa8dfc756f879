"""What clients make of every fault: the tables of docs/faults.md, from what a run of the clients gives.

    python -m tests.faults.experiences docs/faults.md

runs them and puts the tables between `<!-- clients: plain -->` and `<!-- /clients -->`, and the same for `streamed`.
"""

import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from mockserver import MockServer
from tests.clients.conftest import run_script
from tests.faults.faulty import STUBS

LONG = 20.0
SHORT = 1.0
"""Seconds for which a client waits: for what comes, and for what never does."""

CLIENTS = ("openai", "httpx", "aiohttp")
KINDS = ("plain", "streamed")
_TEXT, _TOOL = "Say something", "tool"


class Case(NamedTuple):
    """A fault that clients are tried on, what the user says, and how long the client waits."""

    fault: str
    user: str = _TEXT
    timeout: float = LONG


CASES = (
    Case("close"),
    Case("close; after=headers"),
    Case("close; after_bytes=200"),
    Case("close; after_chunks=3"),
    Case("reset"),
    Case("reset; after=headers"),
    Case("reset; after_bytes=200"),
    Case("reset; after_chunks=3"),
    Case("hang", timeout=SHORT),
    Case("hang; after=headers", timeout=SHORT),
    Case("hang; after_bytes=200", timeout=SHORT),
    Case("hang; after_chunks=3", timeout=SHORT),
    Case("stall; for=100ms"),
    Case("truncate"),
    Case("truncate; after_chunks=3"),
    Case("split_character"),
    Case("split_event"),
    Case("one_byte"),
    Case("drip; bytes_per_second=50000"),
    Case("wrong_length; by=10"),
    Case("wrong_length; by=10; then=hang", timeout=SHORT),
    Case("wrong_length; by=-10"),
    Case("broken_chunks; how=size"),
    Case("broken_chunks; how=long"),
    Case("broken_chunks; how=short"),
    Case("broken_chunks; how=end"),
    Case("content_type"),
    Case("redirect"),
    Case("duplicate_headers"),
    Case("duplicate_headers; name=content-length; value=5"),
    Case("oversized_headers"),
    Case("garbage"),
    Case("garbage; after=nothing"),
    Case("garbage; after_bytes=200"),
    Case("empty_body"),
    Case("malformed_json"),
    Case("invalid_utf8"),
    Case("missing_usage"),
    Case("missing_finish_reason"),
    Case("bad_arguments; how=cut", _TOOL),
    Case("bad_arguments; how=invalid", _TOOL),
    Case("missing_blank_line"),
    Case("missing_done"),
    Case("data_after_done"),
    Case("duplicate_chunk"),
    Case("swapped_chunks"),
    Case("empty_choices"),
    Case("sse_comments"),
    Case("sse_crlf"),
    Case("sse_cr"),
    Case("sse_no_space"),
    Case("sse_several_lines"),
    Case("sse_fields"),
    Case("sse_bom"),
)
"""The rows of the tables; every kind of fault is among them."""

_MARKED = re.compile(
    r"(?P<mark><!-- clients: (?P<kind>\w+) -->\n).*?(?P<end>^<!-- /clients -->$)", re.DOTALL | re.MULTILINE
)


def measured() -> dict[str, Any]:
    """What each client made of each case, by user and fault; the healthy answers are there, too."""
    rows = [*CASES, Case("", _TEXT), Case("", _TOOL)]
    with TemporaryDirectory() as folder:
        file = Path(folder) / "stubs.yaml"
        file.write_text(STUBS, encoding="utf-8")
        with MockServer(file, seed=1) as server:
            return dict(run_script("faults", "faults", server.url, json.dumps(rows)))


def table(kind: str, results: Mapping[str, Any]) -> str:
    """The Markdown table of plain or of streamed answers."""
    lines = [f"| fault | {' | '.join(f'`{client}`' for client in CLIENTS)} |", "|---|---|---|---|"]
    for case in CASES:
        cells = [told(case, f"{kind} {client}", results) for client in CLIENTS]
        if cells != ["-"] * len(CLIENTS):
            lines.append(f"| `{case.fault}` | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def told(case: Case, who: str, results: Mapping[str, Any]) -> str:
    """What a client makes of a case, in words."""
    found, healthy = results[f"{case.user}|{case.fault}"][who], results[f"{case.user}|"][who]
    if len(found) == 1:
        return "-" if found[0] == "impossible" else str(found[0])
    if found == healthy:
        return "the answer"
    missing = [name for name, index in (("finish_reason", 1), ("usage", 2)) if healthy[index] and not found[index]]
    if found[0] == healthy[0]:
        return f"the answer, without {' and '.join(missing)}"
    if healthy[0].startswith(found[0]):
        return "a part of it, and no error" if found[0] else "nothing, and no error"
    return "something else, and no error"


def refreshed(page: str, results: Mapping[str, Any]) -> str:
    """The page with these tables."""
    return _MARKED.sub(lambda found: f"{found['mark']}\n{table(found['kind'], results)}\n{found['end']}", page)


def main(arguments: Sequence[str]) -> int:
    """Refresh the file named; returns the exit code."""
    (file,) = map(Path, arguments)
    file.write_text(refreshed(file.read_text(encoding="utf-8"), measured()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
