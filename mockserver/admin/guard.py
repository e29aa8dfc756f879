"""Who may use the admin API.

With a token, those who have it. Without one, clients on the same machine, and of those not the web pages that a
browser there shows: a page of another site can send requests to any address (it names itself in `Origin`), and have
its own name lead to this machine (which stands in `Host` then).
"""

import re
from collections.abc import Mapping
from hmac import compare_digest
from typing import NamedTuple

from mockserver.edge import Edge, is_loopback

_NOT_OPEN = (
    "The admin API needs a token where a server can be reached from other machines: start it with --admin-token TOKEN "
    "(or MOCKSERVER_ADMIN_TOKEN=TOKEN, or MockServer(admin_token=...)) and send 'Authorization: Bearer TOKEN'."
)
_NO_TOKEN = "The admin API of this server asks for its token: send 'Authorization: Bearer TOKEN'."
_WRONG_TOKEN = "This is not the token of this server's admin API."

_ADDRESS = re.compile(r"\d+(\.\d+){3}|\[?[0-9a-f:.]*:[0-9a-f:.%]*\]?", re.IGNORECASE)


class Denied(NamedTuple):
    """Why a request is not let in."""

    status: int
    message: str
    headers: tuple[tuple[str, str], ...] = ()


def denied(edge: Edge, headers: Mapping[bytes, bytes], server: str) -> Denied | None:
    """Why a request is not let in, None where it is; `server` is the host that it has reached."""
    if edge.admin_token is not None:
        return _without_token(edge.admin_token, headers.get(b"authorization", b""))
    if not edge.loopback or _is_elsewhere(server):
        return Denied(403, _NOT_OPEN)
    return _from_a_page(headers, server)


def _without_token(token: str, given: bytes) -> Denied | None:
    scheme, _, value = given.partition(b" ")
    if scheme.lower() != b"bearer":
        return Denied(401, _NO_TOKEN, (("www-authenticate", "Bearer"),))
    if not compare_digest(value.strip(), token.encode()):
        return Denied(401, _WRONG_TOKEN, (("www-authenticate", "Bearer"),))
    return None


def _is_elsewhere(server: str) -> bool:
    """Whether an application that another server serves was reached by an address that other machines can reach."""
    return _ADDRESS.fullmatch(server) is not None and not is_loopback(server)


def _from_a_page(headers: Mapping[bytes, bytes], server: str) -> Denied | None:
    host = name_of(headers.get(b"host", b"").decode("latin-1"))
    if host and not is_loopback(host) and host != server:
        shown = host if host.isprintable() else ascii(host)
        return Denied(403, f"The admin API is asked for as localhost or 127.0.0.1, not as '{shown}'.")
    origin = headers.get(b"origin")
    if origin is not None and not local_origin(origin):
        shown = ascii(origin.decode("latin-1"))
        return Denied(403, f"The admin API is closed to web pages of other machines: this one is from {shown}.")
    if origin is None and headers.get(b"sec-fetch-site") == b"cross-site":
        return Denied(403, "The admin API is closed to web pages of other sites.")
    return None


def local_origin(origin: bytes) -> bool:
    """Whether a page comes from this machine, such as that of a test runner in a browser."""
    scheme, _, host = origin.decode("latin-1").partition("://")
    return scheme in ("http", "https") and is_loopback(name_of(host))


def name_of(host: str) -> str:
    """A host without its port."""
    return re.sub(r":\d*\Z", "", host) if host.startswith("[") or host.count(":") <= 1 else host
