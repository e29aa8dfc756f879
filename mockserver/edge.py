"""How requests are received: what both fronts, the command and `MockServer`, can set."""

import re
from typing import NamedTuple

MAX_BODY = 64 * 1024 * 1024
"""Bytes a request's body may have, unless told otherwise."""

_LOOPBACK = re.compile(r"127(\.\d{1,3}){3}|\[?::1\]?|localhost|[a-z0-9.-]+\.localhost", re.IGNORECASE)

_UNITS = {"": 1, "k": 1_000, "m": 1_000_000, "g": 1_000_000_000, "ki": 1 << 10, "mi": 1 << 20, "gi": 1 << 30}


class Edge(NamedTuple):
    """How requests are received.

    `exact` refuses everything the real API refuses; `api_keys` are those accepted, any or none where there are
    none; `max_body` is in bytes, inflated; `compress` compresses answers for clients that say they understand it. With
    `request_failures` a request may ask for a failure itself, by a header. `admin_token` is what the admin API asks
    for; without one it is there for clients on the same machine only, so `loopback` says whether all are.
    """

    exact: bool = False
    api_keys: tuple[str, ...] = ()
    max_body: int = MAX_BODY
    compress: bool = False
    request_failures: bool = True
    admin_token: str | None = None
    loopback: bool = True


ANY = Edge()
"""As the real API receives them, but for its limits: any key, any model's parameters."""


def size(text: str) -> int:
    """The bytes of a size as people write it: `1000`, `10MB`, `64 MiB`, `1.5g`. Raises ValueError."""
    found = re.fullmatch(r"(\d{1,15}(?:\.\d{1,6})?)\s*([kmg]i?)?b?", text.strip().lower())
    if found is None:
        raise ValueError(f"expected a size such as 10MB or 64MiB, got {text!r}")
    return int(float(found[1]) * _UNITS[found[2] or ""])


def is_loopback(host: str) -> bool:
    """Whether a host, as addresses and URLs have it, is this machine and nobody else can reach it."""
    return _LOOPBACK.fullmatch(host) is not None
