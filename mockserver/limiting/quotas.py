"""A file's limits: which calls they count, in which accounts, and what those are told who exceed them."""

from collections.abc import Sequence
from math import inf
from typing import NamedTuple

from mockserver.access import presented
from mockserver.call import Call
from mockserver.errors import Place
from mockserver.failures.apierrors import ApiError, named, waiting
from mockserver.limiting.limiter import DAY, MINUTE, AccountKey, Quota, Refused
from mockserver.limiting.turns import Lane
from mockserver.matching.difference import Condition
from mockserver.matching.logic import meets
from mockserver.plan import Plan
from mockserver.wire.headers import Limits

QUOTAS = {
    "requests_per_minute": ("requests", MINUTE),
    "tokens_per_minute": ("tokens", MINUTE),
    "requests_per_day": ("requests", DAY),
    "tokens_per_day": ("tokens", DAY),
}
"""What a limit may be of, by the keys of the language."""

_WORDS = {
    ("requests", MINUTE): "requests per min (RPM)",
    ("tokens", MINUTE): "tokens per min (TPM)",
    ("requests", DAY): "requests per day (RPD)",
    ("tokens", DAY): "tokens per day (TPD)",
}
"""The API's words for a quota (recorded)."""

_VISIT = "Visit https://platform.openai.com/account/rate-limits to learn more."


class Limit(NamedTuple):
    """A limit of the calls that meet the conditions.

    `per` says what has an account of its own. `concurrent` calls are answered at once, `queue` more wait; None for as
    many as come.
    """

    name: str
    conditions: tuple[Condition, ...]
    per: tuple[str, ...]
    quotas: tuple[Quota, ...]
    concurrent: int | None
    queue: int
    place: Place

    def counts(self, call: Call) -> bool:
        """Whether it is about a call. Raises RegexTimeout."""
        return meets(self.conditions, call, f"the limit '{self.name}'", self.place)

    def account(self, call: Call) -> AccountKey:
        """The account that a call counts in; a session's own."""
        key: list[str] = [call.session, self.name]
        for what in self.per:
            if what == "key":
                key.append((presented(call.headers) or b"").decode("latin-1"))
            elif what != "server":
                key.append(call.model if what == "model" else call.endpoint)
        return tuple(key)


CROWDED = named("overloaded", retry_after=1.0)
"""The error where there is no room, not even to wait."""


def lanes(limits: Sequence[Limit], call: Call) -> list[Lane]:
    """Where a call takes its turn."""
    return [
        Lane(limit.account(call), limit.concurrent, limit.queue)
        for limit in limits
        if limit.concurrent is not None and limit.counts(call)
    ]


def accounts(limits: Sequence[Limit], call: Call) -> list[tuple[AccountKey, tuple[Quota, ...]]]:
    """The accounts that a call counts in, and their quotas."""
    return [(limit.account(call), limit.quotas) for limit in limits if limit.quotas and limit.counts(call)]


def exceeded(refused: Refused, model: str) -> ApiError:
    """The error that says which quota is used up, and when to come back."""
    kind, limit, _ = refused.quota
    words = _WORDS[refused.quota.kind, refused.quota.period]
    if refused.wait == inf:
        message = (
            f"Request too large for {model} in organization org-mockserver on {words}: Limit {limit}, Requested "
            f"{refused.requested}. The input or output tokens must be reduced in order to run successfully. {_VISIT}"
        )
        return named("request_too_large", message=message)
    message = (
        f"Rate limit reached for {model} in organization org-mockserver on {words}: Limit {limit}, Used "
        f"{refused.used}, Requested {refused.requested}. Please try again in {{retry_after}}. {_VISIT}"
    )
    seconds = int(waiting(refused.wait)[1][1]) / 1_000  # as the header says it, rounded up
    return named("rate_limit" if kind == "requests" else "rate_limit_tokens", message=message, retry_after=seconds)


def told_of(plan: Plan, limits: Limits) -> Plan:
    """A plan whose headers say what is left, where they say anything of it."""
    true = dict(limits.headers())
    if not any(name in true for name, _ in plan.headers):
        return plan
    return plan._replace(headers=tuple((name, true.get(name, value)) for name, value in plan.headers))
