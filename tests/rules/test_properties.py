"""Whatever JSON is sent, a check ends with an outcome, and its quick pass never overlooks a fault."""

import copy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.rules import MOST_WARNINGS, check
from mockserver.rules.check import TABLES
from mockserver.rules.families import FAMILIES, family_of
from tests.rules.bodies import ORDINARY, TOLERATED

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.text(st.characters(), max_size=2)
    | st.sampled_from(["function", "text", "auto", "user", "tool", "call_a", "object", "array", "json_schema"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
ENDPOINTS = st.sampled_from(sorted(TABLES))
MODELS = st.sampled_from(["some-model", *(family.prefix + "x" * family.prefix.endswith("-") for family in FAMILIES)])
SAMPLES = [*ORDINARY, *TOLERATED]
NAMES = sorted({param.name for table in TABLES.values() for param in table.params})


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every container in a value with one of its keys or indexes."""
    found: list[tuple[Any, Any]] = []
    keys: Any = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        found += [(value, key), *places(value[key])]
    return found


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A good request with a few of its places replaced, removed or added to."""
    endpoint, sample = draw(st.sampled_from(SAMPLES))
    body = copy.deepcopy(sample)
    body["model"] = draw(MODELS)
    for _ in range(draw(st.integers(0, 3))):
        container, key = draw(st.sampled_from(places(body)))
        change = draw(st.sampled_from(["replace", "remove", "add"]))
        if change == "replace":
            container[key] = draw(JSON)
        elif change == "remove":
            del container[key]
        elif isinstance(container, dict):
            container[draw(st.text(max_size=5))] = draw(JSON)
        else:
            container.append(draw(JSON))
        if not places(body):
            break
    return endpoint, body


def holds(endpoint: Any, body: dict[str, Any]) -> None:
    """Both levels answer, agree on what they find, and the quick pass vouches for nothing faulty."""
    compatible, exact = check(endpoint, body), check(endpoint, body, exact=True)
    assert exact.warnings == ()
    assert len(compatible.warnings) <= MOST_WARNINGS
    assert not (compatible.refusal and compatible.warnings)
    assert bool(exact.refusal) == bool(compatible.refusal or compatible.warnings)
    if compatible.warnings:
        assert exact.refusal == compatible.warnings[0]
    for refusal in (exact.refusal, compatible.refusal, *compatible.warnings):
        assert refusal is None or (400 <= refusal.status < 500 and refusal.message.encode())
    name = body.get("model")
    if isinstance(name, str) and TABLES[endpoint].clean(body, family_of(name)):
        assert list(TABLES[endpoint].faults(body, family_of(name))) == []


@given(ENDPOINTS, st.dictionaries(st.text(max_size=5) | st.sampled_from(NAMES), JSON, max_size=6))
@settings(max_examples=250, deadline=None)
def test_any_json_object_gets_an_outcome(endpoint: str, body: dict[str, Any]) -> None:
    """Bodies of nothing but noise."""
    holds(endpoint, body)


@given(ENDPOINTS, MODELS, st.sampled_from(NAMES), JSON)
@settings(max_examples=250, deadline=None)
def test_any_value_of_any_parameter_gets_an_outcome(endpoint: str, model: str, name: str, value: object) -> None:
    """A sound request but for one parameter."""
    holds(endpoint, {"model": model, "messages": [{"role": "user", "content": "hi"}], "input": "x", name: value})


@given(mutated())
@settings(max_examples=300, deadline=None)
def test_a_damaged_request_gets_an_outcome(request: tuple[str, dict[str, Any]]) -> None:
    """Requests that are almost right."""
    holds(*request)


@given(ENDPOINTS, st.sampled_from(NAMES))
@settings(max_examples=30, deadline=None)
def test_deep_nesting_and_huge_numbers_do_no_harm(endpoint: Any, name: str) -> None:
    """A value nested ten thousand deep, and an integer too long to print."""
    deep: Any = {"type": "object"}
    for _ in range(10_000):
        deep = {"type": "object", "properties": {"a": deep}, "items": [deep]}
    for value in (deep, [deep], 10**5000, -(10**5000)):
        body = {
            "model": "gpt-5.6",
            "messages": [{"role": "user", "content": "hi"}],
            "input": "x",
            name: value,
        }
        found = check(endpoint, body, exact=True).refusal
        assert found is None or len(found.message) < 2000


def test_a_deep_schema_is_looked_at_without_recursion() -> None:
    """A tool's parameters may be nested without bound; the first fault is found all the same."""
    schema: dict[str, Any] = {"type": "object"}
    for _ in range(50_000):
        schema = {"type": "object", "properties": {"a": schema}}
    function = {"name": "f", "strict": True, "parameters": schema}
    body = {
        "model": "m",
        "messages": [{"role": "user", "content": "x"}],
        "tools": [{"type": "function", "function": function}],
    }
    found = check("chat", body, exact=True).refusal
    assert found is not None
    assert found.code == "invalid_function_parameters"


def test_a_flood_of_unknown_keys_is_not_repeated_in_the_answer() -> None:
    """Only the first names of many are said."""
    body: dict[str, Any] = {f"key{index}": 1 for index in range(200_000)}
    body |= {"model": "gpt-4", "messages": [{"role": "user", "content": "x"}]}
    assert len(check("chat", body).warnings[0].message) < 1000
