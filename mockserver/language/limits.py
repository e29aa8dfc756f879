"""`limits`: how many requests and tokens are let in, and how many at once."""

from collections.abc import Mapping

from mockserver.language.kinds import Choice, ListOf, Number, Record, Spec, Text, key
from mockserver.language.matching import Match
from mockserver.language.source import Node, Source

_COUNT = Number(1, 1e12, whole=True)
PER = ("key", "model", "endpoint", "server")
QUOTAS = ("requests_per_minute", "tokens_per_minute", "requests_per_day", "tokens_per_day")


class LimitSpec(Spec):
    """A limit. Who sends more is told when to come back, with a 429."""

    name: str | None = key(Text("a name"), "How logs and headers call it; `FILE~N` when left out.")
    match: Match = key(Record(Match, "match"), "Which calls it counts; all when left out.", default=Match())
    per: tuple[str, ...] = key(
        ListOf(Choice(PER), or_one=True),
        "What has a limit of its own: each API key, model or endpoint, or each combination of those in a list; "
        "`server` is one for all. Each session has its own in any case.",
        default=("key", "model"),
    )
    requests_per_minute: int | None = key(_COUNT, "Requests in a minute (RPM).")
    tokens_per_minute: int | None = key(_COUNT, "Tokens in a minute (TPM), as estimated before the answer.")
    requests_per_day: int | None = key(_COUNT, "Requests in a day (RPD).")
    tokens_per_day: int | None = key(_COUNT, "Tokens in a day (TPD).")
    concurrent: int | None = key(_COUNT, "Requests that are answered at the same time.")
    queue: int = key(
        Number(0, 1e6, whole=True),
        "How many more wait for their turn; one too many is told that the server is overloaded, with a 503.",
        default=0,
    )


def _check_limit(record: LimitSpec, nodes: Mapping[str, Node], node: Node, source: Source) -> None:
    if "queue" in nodes and "concurrent" not in nodes:
        source.note(nodes["queue"], "'queue' goes with 'concurrent'")
    if "server" in record.per and len(record.per) > 1:
        source.note(nodes["per"], "'server' is one limit for all: it goes with nothing else")


LIMIT = Record(LimitSpec, "a limit", check=_check_limit, some_of=(*QUOTAS, "concurrent"))
