"""Why a request is answered as it is: each stub and what differed, and the plan, as text. No server is needed."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from mockserver.call import Call
from mockserver.clock import Timer
from mockserver.draw import Draw
from mockserver.engine import Answer, Engine
from mockserver.failures.trouble import CALM, Trouble
from mockserver.language.load import Fixtures
from mockserver.matching.difference import Difference
from mockserver.matching.requests import OneOf
from mockserver.mishaps import GAVE_UP
from mockserver.plan import Piece, Plan
from mockserver.refusals import Refused
from mockserver.rules import Refusal
from mockserver.state import MemoryState
from mockserver.stubs import Stub

NOT_MATCHED = "-"
"""What an answer calls the stub where there is none."""
MOST_MARKS = 8
"""So many of the places at which a piece is split are told."""


class Tried(NamedTuple):
    """A stub that was tried, and what kept it from matching; nothing for the one that answers."""

    stub: Stub
    differences: tuple[Difference, ...]


class Explanation(NamedTuple):
    """What became of a call: the stubs in the order in which they were tried, and the answer.

    None were tried where something else answers before them. `warnings` are what the real API would refuse.
    """

    call: Call
    warnings: tuple[Refusal, ...]
    tried: tuple[Tried, ...]
    answer: Answer

    @property
    def answered(self) -> bool:
        """Whether anything answers but the lack of a stub."""
        return self.answer.stub != NOT_MATCHED


class Stopped:
    """A clock that stands still: an explanation waits for nothing."""

    def now(self) -> float:
        """Always the beginning of 1970."""
        return 0.0

    def elapsed(self) -> float:
        """Always 0."""
        return 0.0

    async def wait_until(self, moment: float) -> None:
        """Return at once."""

    def call_at(self, moment: float, callback: Callable[[], None]) -> Timer:
        """Call soon, whenever that is."""
        return asyncio.get_running_loop().call_soon(callback)


def engine_of(fixtures: Fixtures, seed: int) -> Engine:
    """An engine that has answered nothing yet."""
    return Engine(fixtures, MemoryState(), Stopped(), seed, fresh=Draw("explained", seed))


def explain(
    engine: Engine, call: Call, warnings: tuple[Refusal, ...] = (), *, times: int = 1, asked: Trouble = CALM
) -> Explanation:
    """Answer a call that is made so many times, and say why the last answer is as it is."""
    for _ in range(times - 1):
        engine.answer(_anew(call), asked)
    made = _anew(call)
    answer = engine.answer(made, asked)
    judged = _anew(call)
    judged.past = made.past  # what was before it was answered: that may have led to another state
    stubs = engine.fixtures.stubs
    by_a_stub = answer.stub == NOT_MATCHED or stubs.named(answer.stub) is not None
    tried = tuple(_tried(stubs.all, judged, answer.stub)) if by_a_stub else ()
    if answer.problem is not None and answer.problem.code == GAVE_UP:
        tried = _until_given_up(tried)
    return Explanation(call, warnings, tried, answer)


def _anew(call: Call) -> Call:
    """The call as a server gets it: with all its time for regexes, of which each answer takes some."""
    return call.again(call.session, call.headers)


def _tried(stubs: Iterable[Stub], call: Call, answers: str) -> Iterator[Tried]:
    """The stubs up to the one that answers, all of them where none does."""
    for stub in stubs:
        if stub.name == answers:
            yield Tried(stub, ())
            return
        if call.endpoint in stub.endpoints:
            yield Tried(stub, stub.differences(call))
        else:
            yield Tried(stub, (Difference(OneOf("endpoint", stub.endpoints), call),))


def _until_given_up(tried: Sequence[Tried]) -> tuple[Tried, ...]:
    """The stubs up to the one whose regex took too long; none where that of a failure or a limit did."""
    for number, (_, differences) in enumerate(tried, 1):
        if differences and differences[0].note:
            return tuple(tried[:number])
    return ()


def refused(engine: Engine, refusal: Refused) -> Plan:
    """The plan for a request that cannot be read as a call."""
    return engine.refuse(refusal.refusal, extra=refusal.headers).plan


def shown(explanation: Explanation) -> str:
    """An explanation as a person reads it."""
    call = explanation.call
    asked = [call.endpoint, f"model {call.model}", *(["a stream"] if call.stream else [])]
    if call.session:
        asked.append(f"session {call.session}")
    lines = ["request: " + ", ".join(asked)]
    lines += [f"  the real API would refuse it: {warning.message}" for warning in explanation.warnings]
    if explanation.tried:
        lines += ["", "stubs, in the order in which they are tried:"]
    for stub, differences in explanation.tried:
        lines.append(f"  {'no ' if differences else 'yes'}  {stub.name} ({stub.place})")
        lines += [f"         {difference}" for difference in differences]
    before = "" if explanation.tried else ", before any stub is tried"
    answer = explanation.answer
    lines += ["", f"answered by {answer.stub}{before}" if explanation.answered else "no stub answers"]
    lines += [f"  {line}" for line in _troubles(answer.trouble)]
    return "\n".join(lines) + "\n\n" + shown_plan(answer.plan)


def _troubles(trouble: Trouble) -> Iterator[str]:
    """What is made to go wrong, a line for each thing."""
    if trouble.error is not None:
        yield f"error: {trouble.error.name or trouble.error.refusal.status}"
    if trouble.latencies:
        yield "latency: see when the pieces leave"
    yield from (f"fault: {fault}" for fault in trouble.faults)


def shown_plan(plan: Plan) -> str:
    """What would go over the wire, and when: status, headers, each piece of the body, how it ends."""
    lines = [*_shown_head(plan), "body, with the seconds after which each piece leaves:"]
    for piece in plan.apart().pieces:
        first, *rest = _text(piece.data).rstrip("\n").split("\n")
        lines.append(f"  {piece.due:8.3f}  {first}".rstrip())
        lines += [f"            {line}".rstrip() for line in (*rest, *_remarks(piece))]
    ends = max(plan.ends, plan.until)
    lines.append(f"ending: {plan.ending.value}" + (f", after {ends:.3f} seconds" if ends else ""))
    return "\n".join(lines) + "\n"


def _shown_head(plan: Plan) -> Iterator[str]:
    if plan.opens is not None:
        yield f"after {plan.opens:.3f} seconds:"
    if plan.head is not None:
        yield "sent in the place of status and headers:"
        yield from (f"  {line}".rstrip() for line in _text(plan.head).split("\n"))
        return
    yield f"status: {plan.status}"
    yield "headers:"
    yield from (f"  {_text(name)}: {_text(value)}" for name, value in plan.headers)


def _remarks(piece: Piece) -> Iterator[str]:
    if piece.splits:
        at = ", ".join(map(str, piece.splits[:MOST_MARKS])) + (", ..." if len(piece.splits) > MOST_MARKS else "")
        apart = f", {piece.gap:.3f} seconds after the one before" if piece.gap else ""
        yield f"({len(piece.splits) + 1} writes: a new one at byte {at}{apart})"
    if not piece.framed:
        yield "(without HTTP's framing)"


def _text(data: bytes) -> str:
    """Bytes as text on a terminal: what is not UTF-8, or would move the cursor, is escaped."""
    text = data.decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode("ascii") for c in text)
