"""The headers around an answer, as recordings have them, and how they are written.

What all ordinary answers share is one tuple that never changes, so the protocol keeps its lines ready.
"""

from functools import lru_cache
from typing import NamedTuple

from mockserver.plan import Headers
from mockserver.values import remembered

ORGANIZATION = (b"openai-organization", b"mockserver")
PROJECT = (b"openai-project", b"proj_mockserver")
VERSION = (b"openai-version", b"2020-10-01")
EXPOSED = (b"access-control-expose-headers", b"X-Request-ID")
ESTIMATED = (b"x-mockserver-tokens", b"estimated")
"""Says that the counts of an answer are not the real vocabulary's."""

LONGEST = 1_000
"""Bytes of a header's value that is made of somebody's text: clients and proxies refuse heads that are too large."""

JSON_TYPE = (b"content-type", b"application/json")
EDGE: Headers = ((b"content-type", b"application/json; charset=utf-8"), ORGANIZATION, (b"vary", b"Origin"))
"""Of refusals made before a request reaches the API proper: no version, no project, no limits (recorded)."""


class Limits(NamedTuple):
    """What the rate limits are and what is left of them.

    The resets are in seconds: when the whole limit is there again; None where the limit is that of a minute, and what
    is left says it.
    """

    requests: int = 10_000
    requests_left: int = 9_999
    tokens: int = 2_000_000
    tokens_left: int = 1_999_900
    requests_reset: float | None = None
    tokens_reset: float | None = None

    def headers(self) -> Headers:
        """The six headers."""
        return (
            (b"x-ratelimit-limit-requests", b"%d" % self.requests),
            (b"x-ratelimit-limit-tokens", b"%d" % self.tokens),
            (b"x-ratelimit-remaining-requests", b"%d" % self.requests_left),
            (b"x-ratelimit-remaining-tokens", b"%d" % self.tokens_left),
            (b"x-ratelimit-reset-requests", _refill(self.requests_left, self.requests, self.requests_reset)),
            (b"x-ratelimit-reset-tokens", _refill(self.tokens_left, self.tokens, self.tokens_reset)),
        )


def _refill(left: int, limit: int, reset: float | None) -> bytes:
    return duration(60 * (limit - left) / limit if reset is None else reset).encode()


def duration(seconds: float) -> str:
    """A time as Go writes it, in whole milliseconds: `0s`, `120ms`, `8.64s`, `1m30s`, `1h0m0s` (recorded)."""
    milliseconds = int(seconds * 1_000 + 1e-6)
    if milliseconds == 0:
        return "0s"
    if milliseconds < 1_000:
        return f"{milliseconds}ms"
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    text = f"{rest / 1_000:.3f}".rstrip("0").rstrip(".") + "s"
    if minutes or hours:
        text = f"{minutes}m{text}"
    return f"{hours}h{text}" if hours else text


ORDINARY: Headers = (ORGANIZATION, PROJECT, VERSION, EXPOSED, *Limits().headers())
"""Of every answer of the API proper, refusals of a body included (recorded)."""
ORDINARY_ESTIMATED: Headers = (*ORDINARY, ESTIMATED)

_ANY_ORIGIN = (b"access-control-allow-origin", b"*")
_ENDPOINT: dict[str, Headers] = {
    "chat": (),
    "completions": (_ANY_ORIGIN, (b"cache-control", b"no-cache, must-revalidate")),
    "embeddings": (_ANY_ORIGIN,),
}
"""What single endpoints add to the ordinary headers (recorded); the model too, where they add anything."""


def of_endpoint(endpoint: str, model: str, *, exact: bool) -> Headers:
    """The headers of an answer to a call, without those that are its own alone."""
    shared = ORDINARY if exact else ORDINARY_ESTIMATED
    added = _ENDPOINT[endpoint]
    return (*added, (b"openai-model", printable(model)), *shared) if added else shared


@lru_cache(maxsize=256)
def processing(milliseconds: int) -> tuple[bytes, bytes]:
    """How long an answer took to make; never nothing."""
    return (b"openai-processing-ms", b"%d" % max(1, milliseconds))


@remembered(256, LONGEST)
def printable(text: str) -> bytes:
    """A text as a header's value: whatever is not printable ASCII is escaped, and it is not too long."""
    if not (text.isascii() and text.isprintable()):
        text = text.encode("unicode_escape").decode("ascii")
    return (text if len(text) <= LONGEST else text[: LONGEST - 3] + "...").encode("ascii")


def lines(headers: Headers) -> bytes:
    """Headers as they stand on the wire."""
    return b"".join([b"%b: %b\r\n" % header for header in headers])


PREPARED = {shared[-1]: (len(shared), shared, lines(shared)) for shared in (ORDINARY, ORDINARY_ESTIMATED)}
"""Headers whose lines are ready, by the last of them: how many, which, and their lines."""
