"""What a client did wrong, seen from the server: a table of rules over the journal, each with its evidence."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from mockserver.errors import MisbehaviourError, UsageError
from mockserver.journal import OPEN, Exchange
from mockserver.testing.attempts import Chain, chains, ended, failed, must_not_retry, should_retry, told_to_wait, waits
from mockserver.testing.recorded import line

TOLERANCE = 0.05
"""Seconds by which a client may be early: clocks tick."""
NO_WAIT = 0.05
"""A retry that comes in fewer seconds than this has not waited."""
STORM = 3
"""From so many retries of one request on it is asked whether they come less and less often."""
GROWTH = 1.3
"""By this factor the wait must have grown from the first retry to the last."""
SOON = 1.0
"""The same request within so many seconds of its answer is suspicious."""
CROWD = 4
"""From so many requests on that are retried at once it is asked whether they wait equally long."""
ALIKE = 0.02
"""Waits that differ by less than this part of them are equal."""


class Finding(NamedTuple):
    """Something that a client did wrong, and the calls that show it; a `doubt` may be as it should be."""

    rule: str
    message: str
    evidence: tuple[Exchange, ...]
    doubt: bool = False


class Evidence(NamedTuple):
    """The calls of a session, and the same by request and retries."""

    calls: Sequence[Exchange]
    chains: Sequence[Chain]

    def number(self, exchange: Exchange) -> int:
        """The number of a call, from 1."""
        return next(number for number, one in enumerate(self.calls, 1) if one is exchange)


class Rule(NamedTuple):
    """One kind of mistake: what it is, and how it is found."""

    name: str
    doc: str
    look: Callable[[Evidence], Iterator[Finding]]


def _ignored_retry_after(seen: Evidence) -> Iterator[Finding]:
    for first, then, waited in _pairs(seen):
        told = told_to_wait(first)
        if told is not None and first.plan.status >= 400 and waited < told - max(TOLERANCE, told * 0.02):
            message = f"call {seen.number(first)} said to wait {told:g} s, and call {seen.number(then)} came after "
            yield Finding("ignored_retry_after", f"{message}{max(0.0, waited):.3f} s", (first, then))


def _retried_in_vain(seen: Evidence) -> Iterator[Finding]:
    for chain in seen.chains:
        vain = [(first, then) for first, then, _ in waits(chain) if must_not_retry(first)]
        if vain:
            first = vain[0][0]
            message = (
                f"call {seen.number(first)} was answered {_why(first)}, which another try does not change, and was "
            )
            count = len(vain)
            again = "sent again" if count == 1 else f"sent again {count} times"
            yield Finding("retried_in_vain", message + again, tuple(chain))


def _retry_storm(seen: Evidence) -> Iterator[Finding]:
    for chain in seen.chains:
        own = [waited for first, _, waited in waits(chain) if failed(first) and told_to_wait(first) is None]
        if len(own) < STORM:
            continue
        message = f"call {seen.number(chain[0])} was tried {len(chain)} times "
        if max(own) < NO_WAIT:
            yield Finding("retry_storm", f"{message}without a wait", tuple(chain))
        elif own[-1] < own[0] * GROWTH:
            grown = f"without waiting longer each time: {own[0]:.3f} s at first, {own[-1]:.3f} s at last"
            yield Finding("retry_storm", message + grown, tuple(chain))


def _no_jitter(seen: Evidence) -> Iterator[Finding]:
    firsts = [chain[:2] for chain in seen.chains if len(chain) > 1 and told_to_wait(chain[0]) is None]
    first_waits = [then.at - ended(first) for first, then in firsts if failed(first)]
    if len(first_waits) < CROWD or min(first_waits) < NO_WAIT:
        return
    if max(first_waits) - min(first_waits) < ALIKE * max(first_waits):
        message = (
            f"{len(first_waits)} requests were all retried after {min(first_waits):.3f} s: they come back together"
        )
        yield Finding("no_jitter", message, tuple(one for pair in firsts for one in pair), doubt=True)


def _gave_up(seen: Evidence) -> Iterator[Finding]:
    for chain in seen.chains:
        last = chain[-1]
        if len(chain) == 1 and should_retry(last):
            message = f"call {seen.number(last)} was answered {_why(last)}, which may pass, and was not tried again"
            began = last.plan.status < 400 and last.plan.events  # which no SDK tries again by itself
            yield Finding("gave_up", message, (last,), doubt=began)


def _took_cut_for_whole(seen: Evidence) -> Iterator[Finding]:
    for cut in seen.calls:
        part = _text_of_cut(cut)
        if not part:
            continue
        for later in seen.calls:
            if later.at > cut.at and later.call is not None and part in _assistant_texts(later):
                message = (
                    f"the stream that answered call {seen.number(cut)} was cut, and call {seen.number(later)} goes on "
                    "from what had come of it as if that were all"
                )
                yield Finding("took_cut_for_whole", message, (cut, later))
                break


def _left_open(seen: Evidence) -> Iterator[Finding]:
    for exchange in seen.calls:
        if exchange.outcome.ended == OPEN:
            message = (
                f"the answer to call {seen.number(exchange)} is still open: it was neither read to its end nor closed"
            )
            yield Finding("left_open", message, (exchange,))


def _sent_twice(seen: Evidence) -> Iterator[Finding]:
    for first, then, _ in _pairs(seen):
        if _answered(first):
            message = f"call {seen.number(then)} is a retry of call {seen.number(first)}, which was answered"
            yield Finding("sent_twice", message, (first, then))
    latest: dict[object, Exchange] = {}
    for chain in seen.chains:
        call = chain[0].call
        if call is None:
            continue
        before = latest.get(call.canonical)
        if before is not None and _answered(before) and 0 <= chain[0].at - ended(before) < SOON:
            message = f"call {seen.number(chain[0])} asks again what call {seen.number(before)} was just asked"
            yield Finding("sent_twice", message, (before, chain[0]), doubt=True)
        latest[call.canonical] = chain[-1]


def _refused_by_the_api(seen: Evidence) -> Iterator[Finding]:
    by_warning: dict[str, list[Exchange]] = {}
    for exchange in seen.calls:
        if exchange.warning:
            by_warning.setdefault(exchange.warning, []).append(exchange)
    for warning, exchanges in by_warning.items():
        numbers = ", ".join(str(seen.number(exchange)) for exchange in exchanges[:10])
        which = f"call{'s' * (len(exchanges) > 1)} {numbers}"
        yield Finding("refused_by_the_api", f"the real API would refuse {which}: {warning}", tuple(exchanges))


RULES: tuple[Rule, ...] = (
    Rule("ignored_retry_after", "A retry came before the time that `retry-after` says.", _ignored_retry_after),
    Rule(
        "retried_in_vain",
        "What fails the same way each time was sent again: 400, 401, 403, 404, 413, 422, `insufficient_quota`, or "
        "`x-should-retry: false`.",
        _retried_in_vain,
    ),
    Rule("retry_storm", "Three or more retries of a request without a wait, or without longer waits.", _retry_storm),
    Rule("no_jitter", "Many requests are retried after the very same wait, and so at once. A doubt.", _no_jitter),
    Rule(
        "gave_up",
        "What may pass was not tried again: 408, 409, 429, 5xx, a connection that broke. One retry is enough. A stream "
        "that was cut is a doubt.",
        _gave_up,
    ),
    Rule(
        "took_cut_for_whole",
        "A stream was cut, and a later call has its first part as the assistant's message.",
        _took_cut_for_whole,
    ),
    Rule("left_open", "An answer was neither read to its end nor closed.", _left_open),
    Rule(
        "sent_twice",
        "A request that was answered was sent again as a retry; or, as a doubt, was sent again within a second.",
        _sent_twice,
    ),
    Rule("refused_by_the_api", "A request was answered that the real API would refuse.", _refused_by_the_api),
)
NAMES = tuple(rule.name for rule in RULES)


class Verdict(NamedTuple):
    """What was found about the calls of a session."""

    findings: tuple[Finding, ...]
    calls: tuple[Exchange, ...]

    @property
    def mistakes(self) -> tuple[Finding, ...]:
        """The findings of which there is no doubt."""
        return tuple(finding for finding in self.findings if not finding.doubt)

    def verify(self) -> None:
        """Raise MisbehaviourError where there are mistakes; doubts are told with them."""
        __tracebackhide__ = True
        if self.mistakes:
            raise MisbehaviourError(f"the client did something wrong:\n{self}")

    def to_json(self) -> list[dict[str, Any]]:
        """The findings as JSON; `calls` are the numbers of the calls that show them, from 1."""
        evidence = Evidence(self.calls, ())
        return [
            {
                "rule": finding.rule,
                "doubt": finding.doubt,
                "message": finding.message,
                "calls": [evidence.number(exchange) for exchange in finding.evidence],
            }
            for finding in self.findings
        ]

    def __str__(self) -> str:
        return "\n".join(_told(self))


def judge(calls: Sequence[Exchange], ignore: Iterable[str] = ()) -> Verdict:
    """What the rules find in calls, without those that are to be ignored. Raises UsageError for a rule there is not."""
    ignored = tuple(ignore)
    for name in ignored:
        if name not in NAMES:
            raise UsageError(f"there is no rule '{name}'; known are {', '.join(NAMES)}")
    evidence = Evidence(calls, chains(calls))
    found = [finding for rule in RULES if rule.name not in ignored for finding in rule.look(evidence)]
    return Verdict(tuple(found), tuple(calls))


def _told(verdict: Verdict) -> Iterator[str]:
    evidence = Evidence(verdict.calls, ())
    for finding in verdict.findings:
        yield f"- {finding.rule}{' (a doubt)' * finding.doubt}: {finding.message}"
        for exchange in finding.evidence[:6]:
            yield f"    {evidence.number(exchange)}. {line(exchange, verdict.calls[0].at)}"
        if len(finding.evidence) > 6:
            yield f"    ... and {len(finding.evidence) - 6} more"


def _pairs(seen: Evidence) -> Iterator[tuple[Exchange, Exchange, float]]:
    return (pair for chain in seen.chains for pair in waits(chain))


def _answered(exchange: Exchange) -> bool:
    return exchange.plan.status < 400 and exchange.outcome.ended == "complete" and _text_of_cut(exchange) is None


def _why(exchange: Exchange) -> str:
    """An answer in words: `429`, or how it broke off."""
    status, how = exchange.plan.status, exchange.outcome.ended
    broke = {"closed": "and cut off", "reset": "and reset"}.get(how)
    return f"{status} {broke}" if broke else str(status)


def _text_of_cut(exchange: Exchange) -> str | None:
    """The text of a stream that ended before its end, "" where there was none; None for what is whole or no stream."""
    plan = exchange.plan
    if not plan.events or plan.status >= 400:
        return None
    text = ""
    for event in plan.body.split(b"\n\n"):
        if not event.startswith(b"data: {"):
            continue
        try:
            choices = json.loads(event[6:]).get("choices") or [{}]
        except ValueError:
            continue  # cut inside of an event
        if choices[0].get("finish_reason"):
            return None
        delta = choices[0].get("delta") or {}
        text += delta.get("content") or choices[0].get("text") or ""
    return text


def _assistant_texts(exchange: Exchange) -> list[object]:
    messages = [] if exchange.call is None else exchange.call.messages
    return [message.get("content") for message in messages if message.get("role") == "assistant"]
