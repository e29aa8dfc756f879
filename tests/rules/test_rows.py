"""The rules as printable lines."""

from mockserver.rules import Row, check, rows
from tests.rules.bodies import GENERATED_CHAT, GENERATED_COMPLETION, GENERATED_EMBEDDING


def test_every_parameter_of_the_sdks_has_a_row() -> None:
    """The table knows each parameter of each endpoint."""
    printed = {(row.endpoint, row.parameter) for row in rows()}
    sent = {"chat": GENERATED_CHAT, "completions": GENERATED_COMPLETION, "embeddings": GENERATED_EMBEDDING}
    assert {(endpoint, name) for endpoint, body in sent.items() for name in body} <= printed


def test_a_row_says_path_values_level_and_code() -> None:
    """Rows of nested fields carry their whole path."""
    printed = set(rows())
    assert Row("chat", "temperature", "<= 2", "compatible", "decimal_above_max_value") in printed
    assert Row("chat", "max_completion_tokens", ">= 1", "exact", "integer_below_min_value") in printed
    assert Row("chat", "tools[].function.name", "not empty", "compatible", "empty_string") in printed
    assert Row("chat", "(any other)", "absent", "exact", "unknown_parameter") in printed


def test_no_row_is_printed_twice() -> None:
    """Two equal lines would say nothing new."""
    printed = list(rows())
    assert len(printed) == len(set(printed))


def test_every_code_of_a_refusal_is_in_the_table() -> None:
    """What a refused temperature is told is what its rows say."""
    found = check("chat", GENERATED_CHAT | {"temperature": 9}).refusal
    assert found is not None
    assert found.code in {row.code for row in rows() if row.parameter == "temperature"}
