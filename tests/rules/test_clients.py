"""What clients send is taken: by both levels where the API takes it, else with warnings."""

from typing import Any

import pytest

from mockserver.rules import CLEAN, MOST_WARNINGS, check
from tests.rules.bodies import GENERATED_CHAT, GENERATED_EMBEDDING, ORDINARY, SAY, TOLERATED, chat


@pytest.mark.parametrize(("endpoint", "body"), [*ORDINARY, ("embeddings", GENERATED_EMBEDDING)])
@pytest.mark.parametrize("exact", [False, True], ids=["compatible", "exact"])
def test_an_ordinary_request_passes_without_a_word(endpoint: Any, body: dict[str, Any], exact: bool) -> None:
    """Nothing is refused and nothing warned of."""
    assert check(endpoint, body, exact=exact) == CLEAN


@pytest.mark.parametrize(("endpoint", "body"), TOLERATED)
def test_a_request_for_other_servers_passes_with_a_warning(endpoint: Any, body: dict[str, Any]) -> None:
    """It is accepted, and what the API would have refused is said."""
    found = check(endpoint, body)
    assert found.refusal is None
    assert found.warnings


@pytest.mark.parametrize(("endpoint", "body"), TOLERATED)
def test_the_first_warning_is_what_the_exact_level_refuses(endpoint: Any, body: dict[str, Any]) -> None:
    """The two levels differ in what they do about a fault, not in what they find."""
    assert check(endpoint, body, exact=True).refusal == check(endpoint, body).warnings[0]


@pytest.mark.parametrize("field", sorted(GENERATED_CHAT.keys() - {"model", "messages"}))
def test_a_null_is_as_good_as_nothing(field: str) -> None:
    """Optional parameters may be null at both levels."""
    assert check("chat", chat(**{field: None}), exact=True) == CLEAN


@pytest.mark.parametrize("body", [{"messages": [SAY]}, {"messages": [SAY], "model": None}, chat(model=7)])
def test_a_model_in_the_path_stands_for_the_bodys(body: dict[str, Any]) -> None:
    """Azure's clients may leave the body's model out or null."""
    assert check("chat", body, model="gpt-4o") == CLEAN
    assert check("chat", body, model="").refusal is not None


def test_a_model_in_the_path_decides_about_the_model() -> None:
    """Its family's rules hold, not those of the name in the body."""
    found = check("chat", chat(model="gpt-4o", temperature=0.5), model="gpt-5", exact=True)
    assert found.refusal is not None
    assert found.refusal.param == "temperature"


@pytest.mark.parametrize(
    "model", ["gpt-5", "openai/gpt-5", "gpt-5-2025-08-07", "ft:gpt-5:org::id", "gpt-5-mini", "o3", "o4-mini"]
)
def test_a_family_is_known_by_prefix_date_and_fine_tune(model: str) -> None:
    """All of them are reasoning models, which take no other temperature."""
    assert check("chat", chat(model=model, temperature=0.5), exact=True).refusal is not None


@pytest.mark.parametrize(
    "model", ["gpt-4o", "gpt-5-chat-latest", "gpt-50", "gpt-5x", "o3x", "gpt-6-astra", "my/gpt-oss", "o"]
)
def test_other_models_take_any_temperature(model: str) -> None:
    """A name that only looks like a family's is nobody's."""
    assert check("chat", chat(model=model, temperature=0.5), exact=True) == CLEAN


def test_warnings_are_bounded() -> None:
    """A body with many oddities gets the first few warnings, each once."""
    found = check("chat", chat(**{f"odd_{index}": 1 for index in range(100)}))
    assert len(found.warnings) == len(set(found.warnings)) == MOST_WARNINGS


def test_a_refusal_is_found_behind_many_warnings() -> None:
    """The bound on warnings is no bound on the search."""
    found = check("chat", chat(**{f"odd_{index}": 1 for index in range(100)}, temperature=9))
    assert found.refusal is not None
    assert found.refusal.param == "temperature"


def test_all_oddities_are_warned_of() -> None:
    """One warning per oddity, in the API's order."""
    found = check("chat", chat(top_k=1, max_tokens=0, tools=[], parallel_tool_calls=True))
    assert [warning.param for warning in found.warnings] == [
        "top_k",
        "tools",
        "max_tokens",
        "parallel_tool_calls",
    ]
