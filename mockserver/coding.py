"""Compressed bodies: requests are inflated, bounded, and answers compressed where that is asked for.

Imported when a request needs it. zstd is Python's own since 3.14, before that that of the package `backports.zstd`.
"""

import zlib
from collections.abc import Callable
from importlib import import_module
from typing import Any

from mockserver.plan import Piece, Plan
from mockserver.refusals import Refused, body_too_large, undecodable, unknown_coding

MOST_CODINGS = 2
"""How many codings one body may have, one around the other."""

_GZIP, _ZLIB, _RAW = 31, 15, -15
"""`wbits` of zlib for a gzip file, a zlib stream, and deflate without either's frame."""

Inflate = Callable[[bytes, int], bytes]


def decoded(body: bytes, codings: bytes, limit: int) -> bytes:
    """A request's body without its `content-encoding`. Raises Refused, also for more than `limit` bytes."""
    names = [name.strip().lower() for name in codings.decode("latin-1").split(",")]
    names = [name for name in names if name not in ("", "identity")]
    if len(names) > MOST_CODINGS:
        raise Refused(unknown_coding(", ".join(names), tuple(CODINGS)))
    for name in reversed(names):
        inflate = CODINGS.get(name)
        if inflate is None:
            raise Refused(unknown_coding(name, tuple(CODINGS)))
        try:
            body = inflate(body, limit + 1)
        except _ERRORS:
            raise Refused(undecodable(name)) from None
        if len(body) > limit:
            raise Refused(body_too_large(limit))
    return body


def _gunzip(body: bytes, most: int) -> bytes:
    """The content of a gzip file, of all its members."""
    parts = []
    while body and most > 0:
        part, body = _inflated(body, _GZIP, most)
        parts.append(part)
        most -= len(part)
    return b"".join(parts)


def _undeflate(body: bytes, most: int) -> bytes:
    """The content of a `deflate` body: a zlib stream, or, as many send it, deflate alone."""
    framed = len(body) > 1 and body[0] & 15 == 8 and int.from_bytes(body[:2], "big") % 31 == 0
    return _inflated(body, _ZLIB if framed else _RAW, most)[0]


def _inflated(body: bytes, bits: int, most: int) -> tuple[bytes, bytes]:
    """Up to `most` bytes of a stream's content, and what follows the stream. Raises EOFError where it is cut off."""
    stream = zlib.decompressobj(bits)
    content = stream.decompress(body, most)
    if not stream.eof and len(content) < most:
        raise EOFError
    return content, stream.unused_data


def _unzstd(body: bytes, most: int) -> bytes:
    """The content of zstd frames in a row. Raises EOFError where the last is cut off."""
    parts = []
    while body and most > 0:
        stream = _zstandard.ZstdDecompressor()
        parts.append(stream.decompress(body, most))
        most -= len(parts[-1])
        if not stream.eof and most > 0:
            raise EOFError
        body = stream.unused_data
    return b"".join(parts)


def _zstd() -> Any:
    """The zstd module there is: Python's own since 3.14, before that its backport; None where neither is."""
    for name in ("compression.zstd", "backports.zstd"):
        try:
            return import_module(name)
        except ImportError:
            pass
    return None


_zstandard = _zstd()
_ERRORS: tuple[type[Exception], ...] = (zlib.error, EOFError, ValueError)

CODINGS: dict[str, Inflate] = {"gzip": _gunzip, "x-gzip": _gunzip, "deflate": _undeflate}
"""What a request's body may be compressed with."""
if _zstandard is not None:
    CODINGS["zstd"] = _unzstd
    _ERRORS = (*_ERRORS, _zstandard.ZstdError)


def compressed(plan: Plan, accepted: bytes) -> Plan:
    """The same answer compressed, piece by piece as it is due, by what the client's `accept-encoding` allows.

    What breaks HTTP, or is to arrive in certain parts, stays as it is.
    """
    coding = _chosen(accepted)
    if coding is None or not any(piece.data for piece in plan.pieces):
        return plan
    if plan.needs_connection or any(piece.splits for piece in plan.pieces):
        return plan
    if coding == "zstd":  # frames in a row are a body too
        pieces = tuple(Piece(_zstandard.compress(piece.data), piece.due) for piece in plan.pieces)
    else:
        pieces = _gzipped(tuple(plan.pieces))
    length = sum(len(piece.data) for piece in pieces)
    headers = [
        (b"content-length", b"%d" % length) if header[0] == b"content-length" else header for header in plan.headers
    ]
    added = ((b"content-encoding", coding.encode()), (b"vary", b"Accept-Encoding"))
    return plan._replace(headers=(*added, *headers), pieces=pieces)


def _gzipped(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """The pieces of one gzip file; each can be read when it has arrived."""
    stream = zlib.compressobj(wbits=_GZIP)
    found = []
    for piece in pieces[:-1]:
        found.append(Piece(stream.compress(piece.data) + stream.flush(zlib.Z_SYNC_FLUSH), piece.due))
    last = pieces[-1]
    return (*found, Piece(stream.compress(last.data) + stream.flush(), last.due))


def _chosen(accepted: bytes) -> str | None:
    """The coding to use for an `accept-encoding`: zstd or gzip, whichever is weighed more; None for neither."""
    weights: dict[str, float] = {}
    for part in accepted.decode("latin-1").lower().split(","):
        name, _, parameter = part.partition(";")
        try:
            weights[name.strip()] = float(parameter.strip().removeprefix("q=") or 1)
        except ValueError:
            weights[name.strip()] = 0.0
    offered = [name for name in ("zstd", "gzip") if name in CODINGS]
    best = max(offered, key=lambda name: weights.get(name, weights.get("*", 0.0)))
    return best if weights.get(best, weights.get("*", 0.0)) > 0 else None
