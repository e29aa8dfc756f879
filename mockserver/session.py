"""Which session a request belongs to, so that parallel tests can share one server.

The base URL's prefix (`/s/NAME/v1`) says it, else the header `x-mockserver-session`, else an API key of
the form `mock-session-NAME`; without any of them it is the default session, named "".
"""

from collections.abc import Mapping

PREFIX = "/s/"
HEADER = b"x-mockserver-session"
KEY_PREFIX = b"mock-session-"
MAX_NAME = 200


def split_path(path: str) -> tuple[str, str]:
    """The session named by a path and the rest of the path: `/s/a/v1/models` is `("a", "/v1/models")`."""
    if not path.startswith(PREFIX):
        return "", path
    name, slash, rest = path[len(PREFIX) :].partition("/")
    return (name[:MAX_NAME], "/" + rest) if name and slash else ("", path)


def named_by(found: Mapping[bytes, bytes]) -> str:
    """The session named by the headers, or ""; their names are in lower case."""
    name = found.get(HEADER)
    if name:
        return name[:MAX_NAME].decode("latin-1")
    key = found.get(b"authorization") or found.get(b"api-key") or b""
    if KEY_PREFIX not in key:
        return ""
    if key[:7].lower() == b"bearer ":
        key = key[7:].strip()
    return key.removeprefix(KEY_PREFIX)[:MAX_NAME].decode("latin-1") if key.startswith(KEY_PREFIX) else ""
