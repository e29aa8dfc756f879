"""From what a file says to what the server runs: specs become stubs, texts with `{{` become templates."""

from mockserver.endpoints import ENDPOINTS
from mockserver.errors import Place, Problem
from mockserver.failures.trouble import Failures, Rule
from mockserver.failures.when import ALWAYS
from mockserver.language.answers import build_response
from mockserver.language.conditions import conditions
from mockserver.language.defaults import NONE, DefaultsSpec, with_defaults
from mockserver.language.failures import FailureSpec
from mockserver.language.limits import LimitSpec
from mockserver.language.model import StubSpec
from mockserver.language.responses import ResponseSpec, endpoints_of
from mockserver.language.steps import StepSpec, WeightedSpec
from mockserver.limiting.limiter import Quota
from mockserver.limiting.quotas import QUOTAS, Limit
from mockserver.stubs import Step, Stub, header_name

_ALL = tuple(endpoint.name for endpoint in ENDPOINTS)


def build_stub(spec: StubSpec, name: str, problems: list[Problem], defaults: DefaultsSpec = NONE) -> Stub:
    """The stub of a spec; templates that do not compile are noted in `problems`. `defaults` are those of its file."""
    place = spec.place or Place("", 1, 1)
    specs: tuple[StepSpec, ...] = spec.sequence or spec.choose or (spec,)
    possible = [_ALL if step.response is None else endpoints_of(step.response) for step in specs]
    endpoints = tuple(e for e in _ALL if all(e in those for those in possible))
    answered = tuple(e for e in endpoints if not spec.match.endpoint or e in spec.match.endpoint)
    if not endpoints:
        told = "; ".join(" and ".join(those) for those in dict.fromkeys(possible))
        problems.append(Problem(place, f"the steps of this stub answer different endpoints: {told}"))
    elif not answered:
        wanted = " or ".join(spec.match.endpoint)
        answers = " and ".join(endpoints)
        problems.append(Problem(place, f"this response cannot answer {wanted}: it answers {answers}"))
    streams = spec.match.stream is not False and bool({"chat", "completions"}.intersection(answered))
    for step in specs:
        _note_impossible(step, streams, problems)
    return Stub(
        name=name,
        conditions=conditions(spec),
        steps=tuple(_step(step, place, problems, defaults) for step in specs),
        endpoints=answered,
        place=place,
        header=header_name(name),
        at_end=spec.at_end,
        chosen=bool(spec.choose),
        repeats=spec.retries == "repeat",
        scenario=spec.scenario,
        new_state=spec.new_state,
        priority=spec.priority,
    )


def _step(spec: StepSpec, place: Place, problems: list[Problem], defaults: DefaultsSpec) -> Step:
    here = spec.place or place
    said = ResponseSpec(generate="auto", place=here) if spec.response is None else spec.response
    response = build_response(with_defaults(said, defaults), problems, defaults.locale)
    weight = spec.weight if isinstance(spec, WeightedSpec) else 1.0
    return Step(here, response, spec.new_state, weight, failures(spec, defaults))


def _note_impossible(spec: StepSpec, streams: bool, problems: list[Problem]) -> None:
    """Note the faults of a step that no answer of it can have."""
    if spec.fault:
        from mockserver.faults.never import never

        streams = streams and (spec.response is None or spec.response.body is None)
        given = [(fault.fault, fault.when is ALWAYS) for fault in spec.fault]
        problems += [Problem(spec.fault[index].place, why) for index, why in never(given, streams=streams)]


def build_rule(spec: FailureSpec, name: str) -> Rule:
    """The rule of a file's `failures`."""
    made = Failures(spec.error, spec.latency, spec.fault, spec.fails_by_model)
    return Rule(name, conditions(StubSpec(match=spec.match)), made, spec.place or Place("", 1, 1), header_name(name))


def build_limit(spec: LimitSpec, name: str) -> Limit:
    """A limit of a file."""
    quotas = [
        Quota(kind, most, period) for key, (kind, period) in QUOTAS.items() if (most := getattr(spec, key)) is not None
    ]
    met = conditions(StubSpec(match=spec.match))
    place = spec.place or Place("", 1, 1)
    return Limit(name, met, spec.per, tuple(quotas), spec.concurrent, spec.queue, place)


def failures(spec: StepSpec, defaults: DefaultsSpec) -> Failures | None:
    """What may go wrong, as a step says it."""
    made = Failures(spec.error, spec.latency or defaults.latency, spec.fault, spec.fails_by_model)
    return made if any(made) else None
