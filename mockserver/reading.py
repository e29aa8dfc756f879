"""From a request's bytes to the call it makes."""

import json
from collections.abc import Callable, Mapping
from json.scanner import make_scanner
from typing import TYPE_CHECKING, Any

from mockserver.call import Call
from mockserver.endpoints import Endpoint
from mockserver.refusals import Disconnected, Refused, body_too_large, invalid_json
from mockserver.rules import CLEAN, Refusal, check

if TYPE_CHECKING:
    from starlette.types import Message, Receive

    from mockserver.models import Catalogue


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of pairs. Which of two values with the same key was meant nobody knows: parsers differ."""
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key comes twice")
    return made


_decoder = json.JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=_unique)
_scan: Callable[[str, int], tuple[Any, int]] = make_scanner(_decoder)  # type: ignore[arg-type]


def decode(text: str) -> Any:
    """The value of a JSON text. Raises ValueError, RecursionError where it is nested too deeply."""
    if text[:1] == "{":  # as sent by every client: no white space to skip
        value, end = _scan(text, 0)
        if end == len(text):
            return value
    return _decoder.decode(text)


def read_object(body: bytes) -> dict[str, Any]:
    """The JSON object that a body is. Raises Refused."""
    try:
        parsed = decode(body.decode())
    except (ValueError, RecursionError, StopIteration):
        raise Refused(invalid_json()) from None
    if not isinstance(parsed, dict):
        raise Refused(invalid_json())
    return parsed


def read_call(
    endpoint: Endpoint,
    body: bytes,
    catalogue: "Catalogue",
    session: str,
    headers: Mapping[bytes, bytes],
    model: str | None = None,
    exact: bool = False,
) -> tuple[Call, tuple[Refusal, ...]]:
    """The call a body makes, and what the real API would have refused in it. Raises Refused.

    `model` is the name a path carries, which stands for the body's. `exact` is the level for models that have none of
    their own in the catalogue.
    """
    parsed = read_object(body)
    name = endpoint.name
    asked = parsed.get("model") if model is None else model
    if asked and type(asked) is str:
        unknown = catalogue.refusal(asked)
        if unknown is not None:
            raise Refused(unknown)
    outcome = check(name, parsed, model=model)
    if outcome is not CLEAN and _is_exact(asked, catalogue, exact):
        outcome = check(name, parsed, exact=True, model=model)
    if outcome.refusal is not None:
        raise Refused(outcome.refusal)
    return Call(name, parsed, model=model or "", session=session, headers=headers), outcome.warnings


def _is_exact(model: object, catalogue: "Catalogue", exact: bool) -> bool:
    own = catalogue.exact(model) if isinstance(model, str) else None
    return exact if own is None else own


def check_length(headers: Mapping[bytes, bytes], limit: int) -> None:
    """Raise Refused for a body that says it is larger than that, before any of it is read."""
    length = headers.get(b"content-length", b"")
    if length.isdigit() and int(length[:20]) > limit:
        raise Refused(body_too_large(limit), unread=True)


async def rest_of_body(message: "Message", receive: "Receive", limit: int) -> bytes:
    """A request's whole body, of which `message` is the first part. Raises Refused where it is too large."""
    parts: list[bytes] = []
    size = 0
    while True:
        if message["type"] == "http.disconnect":
            raise Disconnected
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            raise Refused(body_too_large(limit), unread=True)
        if not message.get("more_body"):
            return b"".join(parts)
        message = await receive()
