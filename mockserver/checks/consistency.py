"""What cannot be the same in several processes, each of which counts for itself: it is refused before anything runs.

A stub that depends on what came before gives, with more than one worker, what depends on which worker is asked. A new
kind of memory that a stub can depend on is a line in `_reasons`.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from mockserver.errors import Place, Problem
from mockserver.failures.trouble import Failures
from mockserver.failures.when import When
from mockserver.language.load import Fixtures
from mockserver.matching.difference import Condition
from mockserver.matching.logic import AnyOf, NoneOf
from mockserver.matching.requests import CountIs, ScenarioIs
from mockserver.response import Response
from mockserver.stubs import Stub

WHY = "each of several workers counts for itself, so serve this with one"


def inconsistent(fixtures: Fixtures, *, seeded: bool) -> list[Problem]:
    """A problem for every stub that several workers would answer differently; `seeded` is whether there is a seed."""
    of_stubs = [
        Problem(place, f"{what} of the stub '{stub.name}': {WHY}")
        for stub in fixtures.stubs.all
        for place, what in dict.fromkeys(_reasons(stub, seeded))
    ]
    of_rules = [
        Problem(rule.place, f"{what} of the failure '{rule.name}': {WHY}")
        for rule in fixtures.rules
        for what in dict.fromkeys((*_of_conditions(rule.conditions), *_of_failures(rule.failures, seeded)))
    ]
    return [
        *of_stubs,
        *of_rules,
        *(Problem(limit.place, f"the limit '{limit.name}': {WHY}") for limit in fixtures.limits),
    ]


def _reasons(stub: Stub, seeded: bool) -> Iterator[tuple[Place, str]]:
    if len(stub.steps) > 1 and not stub.chosen:
        yield stub.place, "the sequence"
    if stub.chosen and seeded:
        yield stub.place, "'choose' with a seed, which counts how often a request came,"
    if stub.scenario is not None:
        yield stub.place, f"the scenario '{stub.scenario}'"
    for what in _of_conditions(stub.conditions):
        if stub.scenario is None or not what.startswith("the scenario"):
            yield stub.place, what
    for step in stub.steps:
        for what in _of_failures(step.failures, seeded) if step.failures is not None else ():
            yield step.place, what
        if _counts_calls(step.response):
            yield step.place, "'call.count' in a template"


def _of_conditions(conditions: Iterable[Condition]) -> Iterator[str]:
    """What conditions count."""
    for condition in _conditions(conditions):
        if isinstance(condition, ScenarioIs):
            yield f"the scenario '{condition.scenario}'"
        if isinstance(condition, CountIs) and condition.key == "ordinal":
            yield "'ordinal', the number of a call,"


def _of_failures(failures: Failures, seeded: bool) -> Iterator[str]:
    """What failures count."""
    for when in _whens(failures):
        if when.depends_on_calls or when.during is not None:
            yield f"'when' ({when})"
        elif when.probability is not None and seeded:
            yield "a probability with a seed, which counts how often a request came,"
    for latency in failures.latencies:
        if latency.replays:
            yield "the replayed list"
        elif latency.draws and seeded:
            yield "a drawn latency with a seed, which counts how often a request came,"


def _conditions(conditions: Iterable[Condition]) -> Iterator[Condition]:
    """All conditions, those inside of others too."""
    for condition in conditions:
        yield condition
        if isinstance(condition, (AnyOf, NoneOf)):
            for group in condition.matches:
                yield from _conditions(group)


def _whens(failures: Failures) -> Iterator[When]:
    yield from (error.when for error in failures.errors)
    yield from (latency.when for latency in failures.latencies)
    yield from (fault.when for fault in failures.faults)


def _counts_calls(response: Response) -> bool:
    return response.dynamic and any(map(_mentions_count, _sources(response)))


def _sources(value: Any) -> Iterator[str]:
    """The sources of all templates inside of a response."""
    source = getattr(value, "source", None)
    if isinstance(source, str):
        yield source
    elif isinstance(value, dict):
        for item in value.values():
            yield from _sources(item)
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from _sources(item)


def _mentions_count(source: str) -> bool:
    """Whether a template reads `call.count`, or `call` as a whole."""
    from jinja2 import Environment, nodes

    tree = Environment(autoescape=False).parse(source)
    keys = [node.attr for node in tree.find_all(nodes.Getattr) if _is_call(node.node)]
    for node in tree.find_all(nodes.Getitem):
        if _is_call(node.node):
            keys.append(node.arg.value if isinstance(node.arg, nodes.Const) else "count")
    bare = sum(map(_is_call, tree.find_all(nodes.Name))) - len(keys)
    return bare > 0 or "count" in keys


def _is_call(node: object) -> bool:
    return getattr(node, "name", None) == "call"
