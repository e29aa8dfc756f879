"""Rate limits as the real API counts them: token buckets, which refill little by little, not all at once.

Whoever is refused is told when to come back, and a place is kept for the same request until then: so a client that
obeys never sees a second 429, however many others ask. (Who sends the same request as others, at the same time as
they, may have to share their places with those that come new.)

No library fits: of `limits` 5.8 every algorithm counts windows, and reads the machine's clock itself (as `throttled-py`
3.5 does, in whole seconds); `pyrate-limiter` 4.5 keeps an entry for every token of a minute; none keeps a place, and
each takes 40 to 65 ms to import. The bucket itself is the dozen lines of `Bucket`.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from math import ceil, inf
from typing import Any, NamedTuple

from mockserver.call import Call, content_text
from mockserver.wire.headers import Limits

MINUTE, DAY = 60.0, 86_400.0
AHEAD = 120.0
"""Seconds for which a place is kept at the most: told to wait longer, the official SDK for Python gives up."""
GRACE = 5.0
"""Seconds for which a place is kept beyond its time, and a quarter of the wait: clients round up, and add to it."""
MOST_PLACES = 1_000
"""Places that are kept in one account."""

_EPSILON = 1e-6

AccountKey = tuple[str, ...]
"""What an account is known by; first the session it belongs to."""
Kind = str
"""What a bucket holds: `requests` or `tokens`."""


class Quota(NamedTuple):
    """So many requests or tokens in so many seconds."""

    kind: Kind
    limit: int
    period: float


class Bucket:
    """A bucket that holds `limit` at the most, and is refilled by as much in a period."""

    __slots__ = ("at", "level", "quota", "rate")

    def __init__(self, quota: Quota, now: float) -> None:
        self.quota = quota
        self.rate = quota.limit / quota.period
        self.level = float(quota.limit)
        self.at = now

    def refill(self, now: float) -> None:
        """Let it have what has come since."""
        self.level = min(self.quota.limit, self.level + (now - self.at) * self.rate)
        self.at = now


class Cost(NamedTuple):
    """What a request takes."""

    tokens: int
    requests: int = 1

    def of(self, kind: Kind) -> int:
        """What it takes of one kind."""
        return self.requests if kind == "requests" else self.tokens


class Place(NamedTuple):
    """A place in the line: whose it is, from when and until when, and what it takes."""

    request: bytes
    due: float
    until: float
    cost: Cost


class Account:
    """The buckets that some requests share, and the places that are kept in them, in the order of their times."""

    __slots__ = ("buckets", "places")

    def __init__(self, quotas: Sequence[Quota], now: float) -> None:
        self.buckets = [Bucket(quota, now) for quota in quotas]
        self.places: list[Place] = []

    def refill(self, now: float) -> None:
        """Let its buckets have what has come, and give away the places that nobody has claimed."""
        for bucket in self.buckets:
            bucket.refill(now)
        if self.places:
            self.places = [place for place in self.places if place.until >= now]

    def take(self, cost: Cost) -> None:
        """Take a request's cost; a place that is claimed late may take what is not there yet."""
        for bucket in self.buckets:
            bucket.level -= cost.of(bucket.quota.kind)

    def spare(self, bucket: Bucket, now: float) -> float:
        """How much may be taken from a bucket without anybody losing a place."""
        spare, reserved = bucket.level, 0
        for place in self.places:
            reserved += place.cost.of(bucket.quota.kind)
            spare = min(spare, bucket.level + max(0.0, place.due - now) * bucket.rate - reserved)
        return spare

    def fits(self, now: float, cost: Cost) -> bool:
        """Whether a request can be let in."""
        return all(self.spare(bucket, now) + _EPSILON >= cost.of(bucket.quota.kind) for bucket in self.buckets)

    def wait(self, bucket: Bucket, cost: Cost) -> float:
        """Seconds until a bucket has enough for a request behind all places that are kept."""
        kind = bucket.quota.kind
        reserved = sum(place.cost.of(kind) for place in self.places)
        return max(0.0, (reserved + cost.of(kind) - bucket.level) / bucket.rate)


class Refused(NamedTuple):
    """Why a request is refused: which quota is used up, by how much, and how many seconds to wait (inf: in vain)."""

    quota: Quota
    used: int
    requested: int
    wait: float


class Verdict(NamedTuple):
    """Whether a request is let in, and what is left then."""

    refused: Refused | None
    limits: Limits


class Limiter:
    """Counts the requests of many accounts, of which it remembers the latest."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._accounts: OrderedDict[AccountKey, Account] = OrderedDict()

    def admit(
        self,
        accounts: Sequence[tuple[AccountKey, Sequence[Quota]]],
        now: float,
        cost: Cost,
        request: Callable[[], bytes],
        *,
        retry: bool = False,
    ) -> Verdict:
        """Let a request in, or say when to come back.

        `accounts` are all that it counts in, each by its key and its quotas; `now` is in seconds; `request` gives
        what tells the request from others, for it to be known again; `retry` is whether it says itself that it was
        sent before: then it has no more than one place.
        """
        found = [self._account(key, quotas, now) for key, quotas in accounts]
        for account in found:
            account.refill(now)
        refused = _refused(found, now, cost, request, retry)
        if refused is None:
            for account in found:
                account.take(cost)
        return Verdict(refused, _limits(found, now))

    def reset(self, session: str | None = None) -> None:
        """Forget the accounts of a session, or all: their buckets are full."""
        for key in [key for key in self._accounts if session is None or key[0] == session]:
            del self._accounts[key]

    def _account(self, key: AccountKey, quotas: Sequence[Quota], now: float) -> Account:
        accounts = self._accounts
        account = accounts.get(key)
        if account is None:
            account = accounts[key] = Account(quotas, now)
            if len(accounts) > self._most:
                accounts.popitem(last=False)
        else:
            accounts.move_to_end(key)
        return account


def _refused(
    accounts: Sequence[Account], now: float, cost: Cost, request: Callable[[], bytes], retry: bool
) -> Refused | None:
    """Why a request is not let in, if it is not; a place that it has is used up, or one is kept for it."""
    if any(account.places for account in accounts):
        place = _place(accounts, request())
        if place is not None and place.due <= now + _EPSILON:
            for account in accounts:
                if place in account.places:
                    account.places.remove(place)
            return None
        if place is not None and retry:
            return _worst(accounts, cost)._replace(wait=place.due - now)
    worst = _worst(accounts, cost)
    if worst.wait == inf:
        return worst
    if all(account.fits(now, cost) for account in accounts):
        return None
    behind = max((place.due for account in accounts for place in account.places), default=now)
    wait = max(worst.wait, behind - now)
    if wait <= AHEAD and all(len(account.places) < MOST_PLACES for account in accounts):
        kept = Place(request(), now + wait, now + wait + GRACE + wait / 4, cost)
        for account in accounts:
            account.places.append(kept)
    return worst._replace(wait=wait)


def _place(accounts: Sequence[Account], request: bytes) -> Place | None:
    """The earliest place that is kept for a request."""
    places = [place for account in accounts for place in account.places if place.request == request]
    return min(places, key=lambda place: place.due, default=None)


def _worst(accounts: Sequence[Account], cost: Cost) -> Refused:
    """The bucket that has to be waited for longest."""
    found = [
        Refused(
            bucket.quota,
            max(0, ceil(bucket.quota.limit - bucket.level - _EPSILON)),
            cost.of(bucket.quota.kind),
            inf if cost.of(bucket.quota.kind) > bucket.quota.limit else account.wait(bucket, cost),
        )
        for account in accounts
        for bucket in account.buckets
    ]
    return max(found, key=lambda refused: refused.wait)


def _limits(accounts: Sequence[Account], now: float) -> Limits:
    """What is left, told of the bucket of each kind that has the least."""
    told: dict[str, Any] = {}
    for kind in ("requests", "tokens"):
        buckets = [(a.spare(b, now), b) for a in accounts for b in a.buckets if b.quota.kind == kind]
        if buckets:
            spare, bucket = min(buckets, key=lambda found: found[0])
            told[kind] = bucket.quota.limit
            told[f"{kind}_left"] = max(0, int(spare + _EPSILON))
            told[f"{kind}_reset"] = (bucket.quota.limit - bucket.level) / bucket.rate
    return Limits()._replace(**told)


def estimated_tokens(call: Call) -> int:
    """What the API counts of a request before it is answered (documented): the larger of `max_tokens` and the
    tokens that its characters make, four to a token.
    """
    if call.endpoint == "chat":
        characters = sum(len(content_text(message.get("content"))) for message in call.messages)
        tokens = 0
    else:
        characters = sum(len(item) for item in call.inputs if isinstance(item, str))
        tokens = sum(len(item) for item in call.inputs if not isinstance(item, str))
    return max(call.limit or 0, tokens + ceil(characters / 4), 1)
