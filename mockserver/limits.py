"""How much a server remembers: every memory that requests can fill has a bound here, by count, by bytes, or by both.

Whoever keeps something takes its bounds from a `Bounds`, drops the oldest when it would hold more, and counts the
bytes of what it keeps by the bodies that it refers to. A new kind is a field here and a line in `DOCS`: from these
the command has its option and its environment variable.
"""

from typing import NamedTuple

MIB = 1024 * 1024


class Bounds(NamedTuple):
    """The most that is kept of each kind, for the whole server; what is oldest goes first.

    Names that end in `_bytes` are bytes, all others are counts; 0 keeps nothing. `DOCS` tells of each.
    """

    journal: int = 1_000
    journal_bytes: int = 16 * MIB
    sessions: int = 1_000
    requests: int = 100_000
    stubs: int = 10_000
    stored: int = 10_000
    stored_bytes: int = 64 * MIB
    accounts: int = 10_000


DEFAULT = Bounds()

DOCS: dict[str, str] = {
    "journal": "exchanges the journal keeps",
    "journal_bytes": "bytes of their requests and answers",
    "sessions": "sessions whose state is kept",
    "requests": "different requests remembered, to tell a repetition or a retry from the first",
    "stubs": "run-time stubs of one session; one more is refused",
    "stored": "chat completions kept for requests with store: true; each session may fill a quarter",
    "stored_bytes": "bytes of their requests and answers",
    "accounts": "keys, models and the like whose rate limits are counted",
}
"""What each bound bounds, as `--help` and the docs say it."""


def option(name: str) -> str:
    """The command's option that sets a bound: `--max-journal-bytes`."""
    return "--max-" + name.replace("_", "-")
