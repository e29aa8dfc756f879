"""Errors that are asked for: well-formed answers of the API that say what went wrong."""

import json
import re
from collections.abc import Mapping
from math import ceil
from typing import Any, NamedTuple

from mockserver.errors import Place
from mockserver.failures.presets import BY_NAME, INVALID, Preset
from mockserver.failures.when import ALWAYS, When
from mockserver.plan import Headers, Piece, Plan
from mockserver.refusals import masked
from mockserver.reply import quote
from mockserver.rules import Refusal
from mockserver.wire.encode import compact, to_bytes
from mockserver.wire.headers import EDGE, JSON_TYPE, ORDINARY, Limits, duration, processing
from mockserver.wire.refusals import envelope

AT_THE_EDGE = (401, 403, 404, 405, 413)
"""Statuses of refusals that come from in front of the API proper, without its headers (recorded for 401 and 404)."""

_SERVER = 500
_NAMES = re.compile(r"\{(model|key|retry_after|seconds)\}")


class ApiError(NamedTuple):
    """An error to answer with.

    `refusal` is what the envelope says; `body`, where given, is sent in its place. `headers` stand in the place of
    those that the status has, `added` are put to them. `after_chunks` has it arrive inside a stream, after so many
    events.
    """

    name: str
    refusal: Refusal
    body: str | None = None
    headers: Headers | None = None
    added: Headers = ()
    retry_after: float | None = None
    after_chunks: int | None = None
    when: When = ALWAYS
    place: Place | None = None


class Told(NamedTuple):
    """An error as one caller is told it: status, headers but those of every answer, body."""

    status: int
    headers: Headers
    body: bytes


def api_error(preset: Preset | None, given: Mapping[str, Any], when: When = ALWAYS) -> ApiError:
    """The error of a preset, or of a status, with what is given in the place of its fields.

    `given` may have: status, type, code, param, message, headers (a mapping), retry_after (seconds), should_retry,
    after_chunks, body (text, or JSON), and `place`.
    """
    base = preset or _plain(given["status"], given.get("type", _type(given["status"])))
    refusal = Refusal(
        given.get("status", base.status),
        given.get("message", base.message),
        given.get("type", base.type),
        given.get("param", base.param),
        given.get("code", base.code),
    )
    replaced = not given.keys().isdisjoint(("message", "type", "param", "code"))
    body = None if replaced else base.body
    headers = None if replaced and base.body is not None else base.headers
    if "body" in given:
        body = given["body"] if isinstance(given["body"], str) else compact(given["body"])
        headers = None if base.body is not None else base.headers
    added = [(name.lower().encode("ascii"), value.encode("ascii")) for name, value in given.get("headers", {}).items()]
    if given.get("should_retry") is not None:
        added.append((b"x-should-retry", b"true" if given["should_retry"] else b"false"))
    return ApiError(
        name=base.name,
        refusal=refusal,
        body=body,
        headers=headers,
        added=tuple(added),
        retry_after=given.get("retry_after", base.retry_after),
        after_chunks=given.get("after_chunks"),
        when=when,
        place=given.get("place"),
    )


def named(name: str, **given: Any) -> ApiError:
    """The error of a preset. Raises KeyError where there is none of that name."""
    return api_error(BY_NAME[name], given)


def told(error: ApiError, model: str = "", key: str = "", limits: Limits | None = None) -> Told:
    """An error as it is told to somebody who asked a model with a key; `limits` are those of the caller."""
    values = _values(error, model, key)
    if error.body is None:
        refusal = error.refusal._replace(message=_filled(error.refusal.message, values))
        body = envelope(refusal)
    else:
        body = _filled(error.body, values, quoted=_is_json(error.body))
    headers = error.headers if error.headers is not None else _around(error, limits)
    if error.retry_after is not None:
        headers = (*headers, *waiting(error.retry_after))
    replaced = {name for name, _ in error.added}
    kept = tuple(header for header in headers if header[0] not in replaced)
    return Told(error.refusal.status, (*kept, *error.added), to_bytes(body))


def waiting(seconds: float) -> Headers:
    """How long a client shall wait: in whole seconds, rounded up, and in milliseconds (recorded)."""
    milliseconds = ceil(seconds * 1_000 - 1e-6)
    return ((b"retry-after", b"%d" % ceil(milliseconds / 1_000)), (b"retry-after-ms", b"%d" % milliseconds))


def inside(plan: Plan, error: ApiError, model: str = "", key: str = "") -> Plan:
    """A stream in which an error arrives after so many of its events, and which ends there.

    Raises ValueError where it has too few.
    """
    after = error.after_chunks or 0
    plan = plan.apart()
    if after > len(plan.pieces):
        count = len(plan.pieces)
        raise ValueError(f"an error after {after} chunks cannot arrive: the stream has {count}")
    due = plan.pieces[min(after, len(plan.pieces) - 1)].due
    event = b"data: %b\n\n" % to_bytes(_event(error, _values(error, model, key)))
    return plan._replace(pieces=(*plan.pieces[:after], Piece(event, due)))


def _event(error: ApiError, values: Mapping[str, str]) -> str:
    """An error on one line; a page in HTML becomes the message of one."""
    if error.body is not None:
        body = _filled(error.body, values, quoted=_is_json(error.body))
        try:
            return compact(json.loads(body))
        except ValueError:
            return compact({"error": {"message": body, "type": "server_error", "param": None, "code": None}})
    refusal = error.refusal
    message = _filled(refusal.message, values)
    return compact({"error": {"message": message, "type": refusal.type, "param": refusal.param, "code": refusal.code}})


def _around(error: ApiError, limits: Limits | None) -> Headers:
    """The headers that an error's status has."""
    status = error.refusal.status
    if error.body is not None and not _is_json(error.body):
        return ((b"content-type", b"text/plain; charset=utf-8"),)
    if status in AT_THE_EDGE:
        return EDGE
    if status == 429:
        return (*EDGE, *(limits or spent(error)).headers())
    return (JSON_TYPE, processing(1), *ORDINARY)


def spent(error: ApiError) -> Limits:
    """Limits of which nothing is left, of the kind that the error is about."""
    if error.refusal.type == "requests":
        return Limits()._replace(requests_left=0)
    return Limits()._replace(tokens_left=0) if error.refusal.type == "tokens" else Limits()


def _values(error: ApiError, model: str, key: str) -> dict[str, str]:
    wait = error.retry_after or 0.0
    return {
        "model": model,
        "key": masked(key) if key else "",
        "retry_after": duration(wait),
        "seconds": str(ceil(wait)),
    }


def _filled(text: str, values: Mapping[str, str], *, quoted: bool = False) -> str:
    """A text with the values of this one call in the place of their names; `quoted` where the text is JSON."""
    if "{" not in text:
        return text
    return _NAMES.sub(lambda found: quote(values[found[1]])[1:-1] if quoted else values[found[1]], text)


def _is_json(body: str) -> bool:
    """Whether a body is meant to be JSON."""
    return body.lstrip()[:1] in ("{", "[")


def _plain(status: int, type: str) -> Preset:
    return Preset("", status, "", "", f"The server answered with status {status}.", type)


def _type(status: int) -> str:
    """The type that errors of a status have when nothing else is said."""
    return "server_error" if status >= _SERVER else INVALID
