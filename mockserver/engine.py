"""One request's way from a call to a plan: stub, reply, plan. Pure but for the state it reads first."""

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from mockserver import frames
from mockserver.access import presented
from mockserver.call import Call
from mockserver.clock import Clock
from mockserver.draw import Draw, Fresh
from mockserver.errors import FixtureError, FunctionFailure, Problem, RegexTimeout, TemplateFailure
from mockserver.failures.apierrors import ApiError, told
from mockserver.failures.disturbing import arrives_inside, disturbed
from mockserver.failures.pacing import Load
from mockserver.failures.trouble import CALM, Cause, Rule, Switched, Trouble
from mockserver.failures.when import Draws, Facts
from mockserver.frames import Frame
from mockserver.language.load import Fixtures
from mockserver.limiting.limiter import Cost, estimated_tokens
from mockserver.limiting.quotas import accounts, exceeded, told_of
from mockserver.limits import DEFAULT, Bounds
from mockserver.mishaps import function_failed, regex_timeout, sequence_ended, template_failed, unmatched
from mockserver.plan import Headers, Plan
from mockserver.planning import around, events_of, fixed, plan
from mockserver.refusals import fault_impossible
from mockserver.respond import Moment, respond
from mockserver.rules import Refusal
from mockserver.state import Again, State
from mockserver.stubs import Step, Stub, Stubs
from mockserver.values import maker
from mockserver.wire.encode import to_bytes
from mockserver.wire.headers import EDGE, JSON_TYPE, ORDINARY, Limits, processing
from mockserver.wire.refusals import envelope

if TYPE_CHECKING:
    from mockserver.stored import Stored

NO_RETRY = ((b"x-should-retry", b"false"),)
"""Both official SDKs obey it: what a file says wrong stays wrong the third time."""

LIMIT = "limit"
"""What log and header call the giver of an error that says that there is too much to do."""

ASKED = "asked"
"""What log and header call the giver of an error that the request itself has asked for."""

AT_THE_EDGE = dict.fromkeys((401, 403, 404, 405, 413), EDGE) | {429: (*EDGE, *Limits().headers())}
"""Headers of refusals that come from in front of the API proper, by status (recorded for 401, 404 and 429)."""

SEEDED_EPOCH = 1_700_000_000
"""With a seed, times come from it: between this moment and a year later."""


class Answer(NamedTuple):
    """A plan, and for logs and the journal: who made it and what it cost.

    `problem` is what this server, not the API, had against the request; `trouble` what was made to go wrong with it.
    """

    plan: Plan
    stub: str
    tokens: int | None = None
    problem: Refusal | None = None
    trouble: Trouble = CALM


_errors = logging.getLogger("mockserver")
_answer, _moment = maker(Answer), maker(Moment)


class Engine:
    """Answers calls from stubs.

    `fixtures` are what it answers from, `mistakes` those of a later edit of the files, which is not served because of
    them. `hits` counts the calls that each stub of the files has answered, in all sessions.
    """

    def __init__(
        self,
        fixtures: Fixtures,
        state: State,
        clock: Clock,
        seed: int | None = None,
        stored: "Stored | None" = None,
        bounds: Bounds = DEFAULT,
        fresh: Draw | None = None,
    ) -> None:
        self.fixtures = fixtures
        self.mistakes: tuple[Problem, ...] = ()
        self.state = state
        self._clock = clock
        self._seed = seed
        self._fresh = fresh or Fresh()
        self._stored = stored
        self._bounds = bounds
        self.in_flight = 0
        self._switching = False
        self.hits: dict[str, int] = {stub.name: 0 for stub in fixtures.stubs.all}

    def use(self, fixtures: Fixtures) -> None:
        """Answer from other fixtures from now on. What happened before is remembered, by the names of stubs."""
        self.fixtures = fixtures
        self.mistakes = ()
        self.hits = {stub.name: self.hits.get(stub.name, 0) for stub in fixtures.stubs.all}

    def reset(self, session: str | None = None) -> None:
        """Forget what happened and the run-time stubs, of a session or of all (None)."""
        self.state.reset(session)
        if session is None:
            self.hits = dict.fromkeys(self.hits, 0)
        if self._stored is not None:
            self._stored.reset(session)

    def switch(self, session: str, switched: Switched) -> None:
        """Change the rules of a session. Raises ValueError where they are too many."""
        self.state.set_switched(session, switched)
        self._switching = True

    def use_clock(self, clock: Clock) -> None:
        """Go by another clock, which goes on from what the one before says."""
        self._clock = clock
        self.state.use(clock.elapsed)

    def refuse_edit(self, error: FixtureError) -> None:
        """Remember that an edit of the files has mistakes and is not served."""
        self.mistakes = error.problems

    def unused(self) -> tuple[Stub, ...]:
        """The stubs of the given files that have answered nothing yet."""
        return tuple(stub for stub in self.fixtures.given if not self.hits[stub.name])

    @property
    def stored(self) -> "Stored":
        """The stored chat completions; in memory unless told otherwise, made when the first one is asked for."""
        if self._stored is None:
            from mockserver.stored import MemoryStored

            self._stored = MemoryStored(self._bounds)
        return self._stored

    def answer(self, call: Call, asked: Trouble = CALM) -> Answer:
        """The plan for a call; `asked` goes wrong with it in any case.

        Never raises for anything a request or a template can cause.
        """
        if not self.fixtures.limits or asked.error is not None:
            return self._let_in(call, asked)
        try:
            counted = accounts(self.fixtures.limits, call)
        except RegexTimeout as timeout:
            return self.gave_up(timeout)
        if not counted:
            return self._let_in(call, asked)
        cost = Cost(estimated_tokens(call))
        verdict = self.state.admit(counted, cost, lambda: call.retry_key, retry=call.retry > 0)
        if verdict.refused is not None:
            return self.turned_away(call, exceeded(verdict.refused, call.model), verdict.limits)
        answer = self._let_in(call, asked)
        return answer._replace(plan=told_of(answer.plan, verdict.limits))

    def turned_away(self, call: Call, error: ApiError, limits: Limits | None = None) -> Answer:
        """The plan for a call that exceeds a limit."""
        request_id = self._fresh.hexadecimal(32)
        return Answer(self._told(error, call.model, call.headers, request_id, LIMIT.encode(), limits), LIMIT)

    def _let_in(self, call: Call, asked: Trouble) -> Answer:
        """The plan for a call that is within the limits."""
        fixtures, state = self.fixtures, self.state
        call.past = state.begin(call.session)
        outer = asked
        rules = fixtures.rules
        if self._switching and (switched := state.switched(call.session)) is not None:
            rules = switched.of(rules)
        if rules or asked is not CALM:
            try:
                outer, cause = self._outer(call, asked, rules)
            except RegexTimeout as timeout:
                return self.gave_up(timeout)
            if outer.error is not None and not arrives_inside(outer.error, call):
                return self._failed(call, outer, cause)
        again = state.again(call.session, call.retry_key) if call.may_be_retry else None
        own = state.stubs(call.session)
        stub = named(again.stub, own, fixtures.stubs) if again is not None else None
        if stub is None:
            try:
                again, stub = None, fixtures.stubs.find(call, own)
            except RegexTimeout as timeout:
                return self.gave_up(timeout)
        if stub is None:
            return self.refuse(unmatched(call, fixtures.stubs.near_misses(call, own)))
        name = stub.name
        if name in self.hits:  # a stub of the files: run-time stubs come and go
            self.hits[name] += 1
        moment = self._moment(call, stub, again)
        step = stub.step(moment.position, lambda: self._draws(call, stub, moment)("choose"))
        if step is None:
            return self.refuse(sequence_ended(stub), stub, NO_RETRY)
        trouble = outer
        if step.failures is not None:
            facts = self._facts(call, moment.ordinal, self._draws(call, stub, moment))
            trouble = outer.and_also(step.failures.trouble(facts, call.model))
        if stub.scenario is not None and again is None:
            new_state = step.new_state or stub.new_state
            if new_state is not None:
                state.set_state(call.session, stub.scenario, new_state)
        request_id = moment.chance.hexadecimal(32)
        if trouble.error is not None and not arrives_inside(trouble.error, call):
            told = self._told(trouble.error, call.model, call.headers, request_id, stub.header)
            load = Load(in_flight=self.in_flight, ordinal=moment.ordinal)
            return self._disturbed(Answer(told, name), trouble, call.model, self._draws(call, stub, moment), load, stub)
        try:
            made, prompt, tokens, frame = self._made(call, stub, step, moment, request_id)
        except TemplateFailure as failure:
            return self.refuse(template_failed(stub, step, failure), stub, NO_RETRY)
        except FunctionFailure as error:
            _errors.error("the function of the stub '%s' (%s) failed", stub.name, stub.place, exc_info=error.__cause__)
            return self.refuse(function_failed(stub, error), stub, NO_RETRY)
        except RegexTimeout as timeout:
            return self.gave_up(timeout)
        answer = _answer((made, name, tokens, None, CALM))
        if trouble is CALM:
            return answer
        load = Load(prompt, tokens - prompt, self.in_flight, moment.ordinal)
        return self._disturbed(answer, trouble, call.model, self._draws(call, stub, moment), load, stub, frame)

    def _made(
        self, call: Call, stub: Stub, step: Step, moment: Moment, request_id: str
    ) -> tuple[Plan, int, int, Frame | None]:
        """The plan of what a step answers, the tokens of the request, those of both, and what it was made from.

        Raises TemplateFailure, FunctionFailure or RegexTimeout.
        """
        catalogue, response = self.fixtures.catalogue, step.response
        if response.made_by is not None:
            from mockserver.language.functions import answer_of

            response = answer_of(response.made_by, call, stub.place)
        ready = frames.ready(call, response, moment, catalogue)
        if ready is not None:
            headers = around(call, stub, request_id, self._milliseconds(moment), call.model, streamed=call.stream)
            made = (events_of if call.stream else fixed)(200, headers, ready.body)
            return made, call.prompt_tokens, ready.tokens, ready.frame
        groups = stub.groups(call) if response.dynamic else {}
        reply = respond(call, groups, response, moment, catalogue)
        made = plan(call, reply, stub, request_id, self._milliseconds(moment))
        if call.body.get("store") is True and call.endpoint == "chat":
            self.stored.keep(call, reply, f"req_{request_id}", len(made.body))
        return made, reply.usage.prompt_tokens, reply.usage.total_tokens, None

    def _milliseconds(self, moment: Moment) -> int:
        """How long the making of an answer has taken so far."""
        return 1 if self._seed is not None else int((self._clock.now() - moment.now) * 1_000)

    def refuse(self, refusal: Refusal, stub: Stub | Rule | None = None, extra: Headers = ()) -> Answer:
        """The plan for a refusal, in the API's envelope."""
        around = AT_THE_EDGE.get(refusal.status) or (JSON_TYPE, processing(1), *ORDINARY)
        if stub is not None:
            extra = (*extra, (b"x-mockserver-stub", stub.header))
        body = to_bytes(envelope(refusal))
        made = fixed(refusal.status, (self._identified(), *extra, *around), body)
        return Answer(made, stub.name if stub else "-", None, refusal if refusal.is_our_own else None)

    def gave_up(self, timeout: RegexTimeout) -> Answer:
        """The refusal of a call on which a regex took too long; loud, for the file has to be changed."""
        refusal = regex_timeout(timeout)
        _errors.error("%s", refusal.message)
        return self.refuse(refusal, extra=NO_RETRY)

    def serve(self, text: str, name: str) -> Answer:
        """The plan for a JSON text that no stub answers with; `name` says who does, for the log."""
        return Answer(fixed(200, (self._identified(), JSON_TYPE, processing(1), *ORDINARY), to_bytes(text)), name)

    def _identified(self) -> tuple[bytes, bytes]:
        return (b"x-request-id", b"req_%b" % self._fresh.hexadecimal(32).encode())

    def _moment(self, call: Call, stub: Stub, again: Again | None) -> Moment:
        """Everything a reply may depend on besides the call, read at once."""
        seed = self._seed
        now = self._clock.now()
        key = call.retry_key if stub.repeats else None
        position = None if again is None else again.position
        if seed is None:
            ordinal, _, position = self.state.enter(call.session, stub.name, None, key, position)
            return _moment((now, int(now), ordinal, self._fresh, 0, stub.name, position, 0))
        request = call.as_sent
        snapshot = self.state.enter(call.session, stub.name, request, key, position)
        ordinal, repetition, position = snapshot
        chance = Draw("chance", seed, call.session, stub.name, request, repetition)
        created = SEEDED_EPOCH + chance.below(365 * 86_400)
        return Moment(float(created), created, ordinal, chance, seed, stub.name, position, repetition)

    def disturb(self, answer: Answer, trouble: Trouble, headers: Mapping[bytes, bytes]) -> Answer:
        """An answer that no stub gave, with what goes wrong with it."""
        if trouble.error is not None:
            made = self._told(trouble.error, "", headers, self._fresh.hexadecimal(32), ASKED.encode())
            answer = Answer(made, ASKED)
        return self._disturbed(answer, trouble, "", lambda purpose: self._fresh, Load(), None)

    def _outer(self, call: Call, asked: Trouble, rules: Sequence[Rule]) -> tuple[Trouble, Cause | None]:
        """What goes wrong with a call whichever stub answers it, and the rule that has it answered with an error."""
        trouble, cause = asked, None
        for rule in rules:
            if rule.matches(call):
                ordinal, repetition = self._counted(call, rule.name)
                before = trouble.error
                draws = self._keyed(call, rule.name, repetition)
                trouble = trouble.and_also(rule.failures.trouble(self._facts(call, ordinal, draws), call.model))
                if before is None and trouble.error is not None:
                    cause = Cause(rule, ordinal, draws)
        return trouble, cause

    def _counted(self, call: Call, name: str) -> tuple[int, int]:
        """Count a call that a rule is about: its number, and how often the same came before (without a seed, 0)."""
        return self.state.count(call.session, name, None if self._seed is None else call.as_sent)

    def _failed(self, call: Call, trouble: Trouble, cause: Cause | None) -> Answer:
        """The answer to a call that no stub gets to see; without a cause the request has asked for it."""
        assert trouble.error is not None
        if cause is None:
            rule, name, header = None, ASKED, ASKED.encode()
            ordinal, repetition = self._counted(call, "\0" + ASKED)  # no rule has that name
            draws = self._keyed(call, name, repetition)
        else:
            rule, ordinal, draws = cause
            name, header = rule.name, rule.header
        made = self._told(trouble.error, call.model, call.headers, draws("request id").hexadecimal(32), header)
        load = Load(in_flight=self.in_flight, ordinal=ordinal)
        return self._disturbed(Answer(made, name), trouble, call.model, draws, load, rule)

    def _facts(self, call: Call, ordinal: int, draws: Draws) -> Facts:
        """By what is judged whether anything goes wrong with a call."""
        return Facts(ordinal, draws, self.state.since(call.session), call.past.states, call.retry)

    def _told(
        self,
        error: ApiError,
        model: str,
        headers: Mapping[bytes, bytes],
        request_id: str,
        header: bytes,
        limits: Limits | None = None,
    ) -> Plan:
        """The plan for an error that is asked for."""
        status, around, body = told(error, model, (presented(headers) or b"").decode("latin-1"), limits)
        identified = ((b"x-request-id", b"req_%b" % request_id.encode()), (b"x-mockserver-stub", header))
        return fixed(status, (*identified, *around), body)

    def _disturbed(
        self,
        answer: Answer,
        trouble: Trouble,
        model: str,
        draws: Draws,
        load: Load,
        by: Stub | Rule | None,
        frame: Frame | None = None,
    ) -> Answer:
        """An answer with what goes wrong with it; where that cannot be had, one that says so."""
        try:
            return answer._replace(plan=disturbed(answer.plan, trouble, model, draws, load, frame), trouble=trouble)
        except ValueError as reason:
            return self.refuse(fault_impossible(str(reason)), by, NO_RETRY)

    def _draws(self, call: Call, stub: Stub, moment: Moment) -> Draws:
        """The draws of a call that a stub answers."""
        return self._keyed(call, stub.name, moment.repetition)

    def _keyed(self, call: Call, name: str, repetition: int) -> Draws:
        """The draws of a call, by what they are for: from the seed, where there is one."""
        seed = self._seed
        if seed is None:
            return lambda purpose: self._fresh
        return lambda purpose: Draw("chance", seed, call.session, name, call.as_sent, repetition, purpose)


def named(name: str, own: Sequence[Stub], shared: Stubs) -> Stub | None:
    """The stub of a name, the session's own first."""
    return next((stub for stub in own if stub.name == name), None) or shared.named(name)
