"""Which requests of the journal are tries of the same one: what a verdict on a client's retries is made from."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TypeAlias

from mockserver.journal import Exchange

Chain: TypeAlias = list[Exchange]
"""A request and its retries, in the order in which they came."""

_RETRY = b"x-stainless-retry-count"


def chains(exchanges: Iterable[Exchange]) -> list[Chain]:
    """The requests to stubs' endpoints, each with its retries.

    A client of the official SDKs says which try it is. Where nobody says, or all its tries have failed and it begins
    again, the same request is a retry when it comes after one that failed.
    """
    found: dict[object, list[Chain]] = {}
    for exchange in exchanges:
        same = found.setdefault(_identity(exchange), [])
        chain = next((chain for chain in same if _follows(exchange, chain[-1])), None)
        if chain is None:
            chain = []
            same.append(chain)
        chain.append(exchange)
    whole = [chain for same in found.values() for chain in _joined(same)]
    return sorted(whole, key=lambda chain: chain[0].at)


def _joined(same: list[Chain]) -> list[Chain]:
    """Chains of one request, joined where one begins when another has failed and ended: code tries again around an SDK.

    A chain that goes on later is another client's.
    """
    joined: list[Chain] = []
    for chain in same:
        before = next((one for one in joined if failed(one[-1]) and ended(one[-1]) <= chain[0].at), None)
        if before is None:
            joined.append(chain)
        else:
            before.extend(chain)
    return joined


def _identity(exchange: Exchange) -> object:
    """What a request and its retries have in common."""
    key = exchange.headers.get(b"idempotency-key")
    call = exchange.call
    if call is not None:
        return exchange.session, key or call.canonical
    length = exchange.headers.get(b"content-length", b"")
    return exchange.session, exchange.method, exchange.path, key, exchange.body or length


def _follows(exchange: Exchange, last: Exchange) -> bool:
    """Whether a request is the retry of one with the same content."""
    if exchange.at < ended(last):
        return False
    said = exchange.headers.get(_RETRY)
    if said is None or not said.isdigit():
        return failed(last) or (b"idempotency-key" in exchange.headers)
    return int(said) > 0 and int(said) == int(last.headers.get(_RETRY, b"0") or b"0") + 1


def ended(exchange: Exchange) -> float:
    """When an answer had ended; for one that is still open, when its request came."""
    return exchange.at + exchange.seconds


def failed(exchange: Exchange) -> bool:
    """Whether an answer was none that a client can use."""
    return exchange.plan.status >= 400 or exchange.outcome.ended in ("closed", "reset", "hung", "disconnected")


def header(exchange: Exchange, name: bytes) -> bytes | None:
    """A header of an answer."""
    return next((value for key, value in exchange.plan.headers if key == name), None)


def told_to_wait(exchange: Exchange) -> float | None:
    """The seconds that an answer says to wait before the next try; None where it does not, or says a date."""
    for name, per_second in ((b"retry-after-ms", 1_000.0), (b"retry-after", 1.0)):
        value = header(exchange, name)
        try:
            if value is not None:
                return float(value) / per_second
        except ValueError:
            continue
    return None


def should_retry(exchange: Exchange) -> bool:
    """Whether an answer asks for another try, as the official SDKs and the API's docs have it."""
    said = header(exchange, b"x-should-retry")
    if said is not None:
        return said == b"true"
    status = exchange.plan.status
    if status == 429:
        return not out_of_quota(exchange)
    if status in (408, 409) or status >= 500:
        return True
    return status < 400 and exchange.outcome.ended in ("closed", "reset")


def must_not_retry(exchange: Exchange) -> bool:
    """Whether another try is in vain: the answer will be the same."""
    said = header(exchange, b"x-should-retry")
    if said is not None:
        return said == b"false" and exchange.plan.status >= 400
    return exchange.plan.status in (400, 401, 403, 404, 405, 413, 422) or out_of_quota(exchange)


def out_of_quota(exchange: Exchange) -> bool:
    """Whether an answer says that there is no money left, which waiting does not change."""
    return exchange.plan.status == 429 and b'"insufficient_quota"' in exchange.plan.body


def waits(chain: Sequence[Exchange]) -> list[tuple[Exchange, Exchange, float]]:
    """Each try and the next one, and the seconds between the end of its answer and that."""
    return [(first, then, then.at - ended(first)) for first, then in pairwise(chain)]
