"""What is allowed in fixture files and probably not meant: the warnings of `mockserver check`."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from mockserver.errors import Problem
from mockserver.language.load import Fixtures
from mockserver.language.source import nearest
from mockserver.matching.regexes import Regex
from mockserver.matching.requests import ScenarioIs
from mockserver.state import STARTED
from mockserver.stubs import Stub

if TYPE_CHECKING:
    from mockserver.templates.template import Template


def doubtful(fixtures: Fixtures) -> list[Problem]:
    """The warnings, each at its stub."""
    stubs = fixtures.given
    return [*_states(stubs), *(problem for stub in stubs for problem in _templates(stub))]


def _states(stubs: tuple[Stub, ...]) -> Iterator[Problem]:
    """States that no stub leads to; only the admin API can."""
    reached: set[tuple[str | None, str | None]] = {(stub.scenario, STARTED) for stub in stubs}
    for stub in stubs:
        reached |= {(stub.scenario, state) for state in (stub.new_state, *(step.new_state for step in stub.steps))}
    for stub in stubs:
        for condition in stub.conditions:
            if isinstance(condition, ScenarioIs) and (condition.scenario, condition.state) not in reached:
                message = f"no stub brings the scenario '{condition.scenario}' into the state '{condition.state}'"
                yield Problem(stub.place, message)


def _templates(stub: Stub) -> Iterator[Problem]:
    """Names in templates that nothing has, which make a call fail when it comes."""
    groups = set(_groups(stub.conditions))
    told: set[str] = set()
    for step in stub.steps:
        for template in _inside(step.response) if step.response.dynamic else ():
            for message in (*_unknown_names(template), *_unknown_groups(template, groups)):
                if message not in told:
                    told.add(message)
                    yield Problem(step.response.place, message)


def _unknown_names(template: "Template") -> Iterator[str]:
    from jinja2 import nodes
    from jinja2.meta import find_undeclared_variables

    tree = template.parsed()
    asked = {test.node.name for test in tree.find_all(nodes.Test) if isinstance(test.node, nodes.Name)}
    known = _names()
    for name in sorted(find_undeclared_variables(tree) - set(known) - asked):
        close = nearest(name, list(known)) or f"; known are {', '.join(known)}"
        yield f"a template names '{name}', which is nothing{close}"


def _unknown_groups(template: "Template", groups: set[str]) -> Iterator[str]:
    from jinja2 import nodes

    tree = template.parsed()
    read = [node.attr for node in tree.find_all(nodes.Getattr) if _is_match(node.node)]
    for item in tree.find_all(nodes.Getitem):
        if _is_match(item.node) and isinstance(item.arg, nodes.Const):
            read.append(str(item.arg.value))
    for name in sorted(set(read) - groups):
        close = nearest(name, sorted(groups))
        yield f"a template has match.{name}, but no pattern of the stub has a group of that name{close}"


def _is_match(node: Any) -> bool:
    from jinja2 import nodes

    return isinstance(node, nodes.Name) and node.name == "match"


def _names() -> Mapping[str, Any]:
    """What templates may name: all that they are ever given, and Jinja's own."""
    from mockserver.call import Call
    from mockserver.draw import Draw
    from mockserver.templates.template import functions, variables

    conversation = {"messages": [{"role": "tool", "content": ""}]}
    given = variables(
        Call("chat", conversation), {}, seconds=0, ordinal=1, chance=Draw(), content=lambda part: Draw(), locale=None
    )
    return {name: value for name, value in (given | functions()).items() if name.isidentifier()}


def _groups(value: Any) -> Iterator[str]:
    """The named groups of all regexes in conditions."""
    if isinstance(value, Regex):
        yield from value.names
    elif isinstance(value, tuple):
        for inner in value:
            yield from _groups(inner)


def _inside(value: Any) -> Iterator["Template"]:
    """The templates in a response."""
    from mockserver.templates.template import Template

    if isinstance(value, Template):
        yield value
    elif isinstance(value, (tuple, list)):
        for inner in value:
            yield from _inside(inner)
    elif isinstance(value, dict):
        yield from _inside(list(value.values()))
