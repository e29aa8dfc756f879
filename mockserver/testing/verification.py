"""What was asked of the calls: how many there should be of which kind, and in words what there is instead."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from mockserver.call import Call
from mockserver.errors import UsageError
from mockserver.journal import Exchange
from mockserver.matching.difference import Condition, Difference
from mockserver.matching.regexes import SPENT
from mockserver.stubs import differences
from mockserver.testing.recorded import line

NEAREST = 3
"""So many calls are told of that came nearest to what was expected."""
SHOWN = 20
"""So many calls are told of at most."""

Paint = Callable[[str], str]


class Paints(NamedTuple):
    """How what was expected and what there is are set off from each other."""

    expected: Paint
    got: Paint


PLAIN = Paints(str, str)
COLOURED = Paints("\033[32m{}\033[0m".format, "\033[31m{}\033[0m".format)


class Times(NamedTuple):
    """How many calls are expected; without an end where `at_most` is None."""

    at_least: int = 1
    at_most: int | None = None

    def __contains__(self, count: object) -> bool:
        return isinstance(count, int) and self.at_least <= count and (self.at_most is None or count <= self.at_most)

    def __str__(self) -> str:
        low, high = self
        if high is None:
            return f"at least {_calls(low)}"
        if high == 0:
            return "no call"
        if low == high:
            return _calls(low)
        return f"at most {_calls(high)}" if low == 0 else f"{low} to {_calls(high)}"


def _calls(count: int) -> str:
    return f"{count} call{'s' * (count != 1)}"


def times_of(
    times: int | None = None, at_least: int | None = None, at_most: int | None = None, never: bool = False
) -> Times:
    """How many calls are meant. Raises UsageError for what cannot be meant."""
    for name, given in (("times", times), ("at_least", at_least), ("at_most", at_most)):
        if given is not None and (isinstance(given, bool) or not isinstance(given, int) or given < 0):
            raise UsageError(f"{name}: expected a whole number from 0 on, got {given!r}")
    ranged = at_least is not None or at_most is not None
    if never + (times is not None) + ranged > 1:
        raise UsageError("say one of times, never, or at_least and at_most")
    if never or times is not None:
        return Times(times or 0, times or 0)
    if at_least is not None and at_most is not None and at_most < at_least:
        raise UsageError(f"at_least is {at_least} and at_most {at_most}: there is no such number")
    return Times(at_least if at_least is not None else 0 if ranged else 1, at_most)


class Wanted(NamedTuple):
    """Which calls are meant: those that meet all conditions and were answered by the stub, where one is named.

    `place` is where that stub stands.
    """

    conditions: tuple[Condition, ...] = ()
    stub: str | None = None
    place: str = ""

    def includes(self, exchange: Exchange) -> bool:
        """Whether an exchange is among them. Of one that is no call nothing can be demanded. Raises RegexTimeout."""
        if self.stub is not None and exchange.stub != self.stub:
            return False
        call = exchange.call
        if call is None or not self.conditions:
            return not self.conditions
        call.memo.pop(SPENT, None)  # each question has the time of a call's own
        return all(condition.difference(call) is None for condition in self.conditions)

    def differences(self, call: Call) -> tuple[Difference, ...]:
        """What is different in a call."""
        return differences(self.conditions, call)

    def __str__(self) -> str:
        demanded = ", ".join(f"{condition.key}: {condition.expected}" for condition in self.conditions)
        words = [f"with {demanded}"] if demanded else []
        if self.stub is not None:
            words.append(f"answered by {self.stub}" + (f" ({self.place})" if self.place else ""))
        return ", ".join(words)


class NearCall(NamedTuple):
    """A call that is none of those that were meant, and why."""

    exchange: Exchange
    differences: tuple[Difference, ...]


class Verification(NamedTuple):
    """What came of a question about the calls of a session.

    `calls` are all of them, `found` those that were meant, `counted` how many that is; `nearest` are others that came
    near, where too few were found. `dropped` are calls that the journal has forgotten, so that nothing is certain.
    """

    wanted: Wanted
    times: Times
    counted: int
    calls: tuple[Exchange, ...]
    found: tuple[Exchange, ...]
    nearest: tuple[NearCall, ...] = ()
    dropped: int = 0

    @property
    def holds(self) -> bool:
        """Whether it is as expected."""
        return self.counted in self.times and not self.dropped

    def told(self, paints: Paints = PLAIN) -> str:
        """The expectation, and what there is instead, as a person reads it."""
        return "\n".join(_told(self, paints))


def verify(
    calls: Sequence[Exchange],
    wanted: Wanted,
    times: Times,
    *,
    dropped: int = 0,
    count: int | None = None,
    of_stub: tuple[Condition, ...] = (),
) -> Verification:
    """Look whether there are as many calls as expected.

    `count` is how many there were, where that is known better; `of_stub` are the conditions of the stub that is meant.
    """
    found = tuple(filter(wanted.includes, calls))
    near: tuple[NearCall, ...] = ()
    actual = len(found) if count is None else count
    demands = Wanted(wanted.conditions or of_stub)
    if actual < times.at_least and demands.conditions:
        near = _nearest([exchange for exchange in calls if not wanted.includes(exchange)], demands)
    return Verification(wanted, times, actual, tuple(calls), found, near, 0 if count is not None else dropped)


def _nearest(calls: Iterable[Exchange], wanted: Wanted) -> tuple[NearCall, ...]:
    """The calls that came nearest."""
    from mockserver.matching.nearest import nearest  # here, where one is missing: it is not needed before

    near = [(nearest([wanted], e.call, 1)[0].distance, n, e) for n, e in enumerate(calls) if e.call is not None]
    return tuple(NearCall(e, wanted.differences(e.call)) for _, _, e in sorted(near)[:NEAREST] if e.call is not None)


def _told(verification: Verification, paints: Paints) -> Iterable[str]:
    wanted, times, count, calls, found, near, dropped = verification
    got = "none" if count == 0 else str(count)
    meant = f" {wanted}" if str(wanted) else ""
    yield f"expected {times}{meant}, got {got}"  # the first line is plain: runners cut it to fit
    if dropped:
        yield f"The journal has dropped {_calls(dropped)} of this session and cannot tell: let it keep more (bounds)."
    if found:
        yield ""
        yield "These were found:"
        yield from lines(found, calls)
    if near:
        yield ""
        yield "The nearest of the other calls, and what differed:" if found else "The nearest calls, and what differed:"
        for exchange, different in near:
            yield from lines((exchange,), calls)
            for one in different:
                yield f"      {one.key}: expected {paints.expected(one.expected)}, got {paints.got(one.got)}"
            if not different:
                yield "      it fits, but another stub was tried first and has answered it"
    if not found and not near:
        yield ""
        if calls:
            yield "The calls there were:"
            yield from lines(calls, calls)
        else:
            yield "There were no calls at all."


def lines(shown: Sequence[Exchange], calls: Sequence[Exchange]) -> Iterable[str]:
    """Some of the calls, a line for each, with its number among all of them."""
    numbers = {id(exchange): number for number, exchange in enumerate(calls, 1)}
    for exchange in shown[:SHOWN]:
        yield f"  {numbers.get(id(exchange), 0)}. {line(exchange, calls[0].at)}"
    if len(shown) > SHOWN:
        yield f"  ... and {len(shown) - SHOWN} more"


class Order(NamedTuple):
    """What came of a question about the order of calls: how many of the steps were found one after the other."""

    steps: tuple[Wanted, ...]
    calls: tuple[Exchange, ...]
    found: tuple[Exchange, ...]

    @property
    def holds(self) -> bool:
        """Whether all were found, in this order."""
        return len(self.found) == len(self.steps)

    def told(self, paints: Paints = PLAIN) -> str:
        """What was expected, and where it ends."""
        return "\n".join(_order_told(self, paints))


def in_order(calls: Sequence[Exchange], steps: Sequence[Wanted]) -> Order:
    """Look for calls one after the other; others may come in between."""
    left = iter(calls)
    found: list[Exchange] = []
    for step in steps:
        one = next(filter(step.includes, left), None)
        if one is None:
            break
        found.append(one)
    return Order(tuple(steps), tuple(calls), tuple(found))


def _order_told(order: Order, paints: Paints) -> Iterable[str]:
    steps, calls, found = order
    yield f"expected {_calls(len(steps))} in this order, got {len(found)} of them:"
    for number, step in enumerate(steps):
        words = str(step) or "any call"
        if number < len(found):
            yield f"  {number + 1}. {words}: call {_position(calls, found[number])}"
        elif number == len(found):
            after = f" after call {_position(calls, found[-1])}" if found else ""
            yield f"  {number + 1}. {paints.expected(words)}: {paints.got('not there')}{after}"
        else:
            yield f"  {number + 1}. {words}"
    yield ""
    yield "The calls there were:" if calls else "There were no calls at all."
    yield from lines(calls, calls)


def _position(calls: Sequence[Exchange], exchange: Exchange) -> int:
    return next(number for number, one in enumerate(calls, 1) if one is exchange)


class Unmatched(NamedTuple):
    """The calls of a session, and those among them that this server had something against.

    `more` are those of which only the number is known; there are some only beside `SHOWN` others or more.
    """

    problems: tuple[Exchange, ...]
    calls: tuple[Exchange, ...]
    more: int = 0

    def told(self, paints: Paints = PLAIN) -> str:
        """Each with what was wrong."""
        count = len(self.problems) + self.more
        told = [f"{_calls(count)} {'was' if count == 1 else 'were'} not answered by a stub as it says:"]
        for exchange in self.problems[:SHOWN]:
            told.extend(lines((exchange,), self.calls))
            message = "" if exchange.problem is None else exchange.problem.message
            told.extend(f"      {paints.got(text)}" for text in message.splitlines())
        if count > SHOWN:
            told.append(f"  ... and {count - SHOWN} more")
        return "\n".join(told)
