"""The table of `POST /embeddings`, which still answers in the words of before 2024."""

from collections.abc import Iterator

from mockserver.rules import refusal
from mockserver.rules.completions import is_texts_or_tokens
from mockserver.rules.families import Family
from mockserver.rules.kinds import Clause, Kind, string
from mockserver.rules.lengths import INPUT_LENGTH, short_inputs
from mockserver.rules.refusal import Fault, hard
from mockserver.rules.table import Body, Param, Rule, Table

MOST_INPUTS = 2048
"""Texts or token lists in one request; also the tokens of a single list of ids (published schema)."""

MOST_DIMENSIONS = 16_384
"""The size of a vector where the model's own is not known: more than any model has, and little enough to be made."""

_INPUT = "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference."


def _old_type(path: str, value: object, noun: str) -> Fault:
    shown = refusal.quoted(value)
    return hard(refusal.refuse(f"{shown} is not of type '{noun}' - '{path}'"))


def _input_fits(value: object) -> bool:
    if type(value) is str:
        return bool(value)
    if type(value) is not list or len(value) > MOST_INPUTS or not is_texts_or_tokens(value):
        return False
    return "" not in value


def _input(value: object, path: str) -> Iterator[Fault]:
    if isinstance(value, list) and len(value) > MOST_INPUTS:
        yield hard(refusal.long_array(path, MOST_INPUTS, len(value)))
    elif not _input_fits(value):
        yield hard(refusal.refuse(_INPUT))


def _dimensions(value: object, path: str) -> Iterator[Fault]:
    if type(value) is not int:
        yield _old_type(path, value, "integer")
    elif value < 1:
        yield hard(refusal.refuse(f"{refusal.number(value)} is less than the minimum of 1 - '{path}'"))


def _format(value: object, path: str) -> Iterator[Fault]:
    if value not in ("float", "base64"):
        yield hard(refusal.refuse(f"{refusal.quoted(value)} is not one of ['float', 'base64'] - '{path}'"))


def _user(value: object, path: str) -> Iterator[Fault]:
    if type(value) is not str:
        yield _old_type(path, value, "string")


INPUT = Kind(
    "a string or an array",
    (str, list),
    _input_fits,
    _input,
    (
        Clause("", "a string, not empty", "compatible", None),
        Clause("", f"1 to {MOST_INPUTS} strings, none empty", "compatible", None),
        Clause("", f"1 to {MOST_INPUTS} token ids or lists of them", "compatible", None),
    ),
)
DIMENSIONS = Kind(
    "an integer",
    (int,),
    lambda value: type(value) is int and value >= 1,
    _dimensions,
    (Clause("", "an integer >= 1", "compatible", None),),
)
FORMAT = Kind(
    "a string",
    (str,),
    lambda value: value in ("float", "base64"),
    _format,
    (Clause("", "'float' or 'base64'", "compatible", None),),
)
USER = Kind(
    "a string",
    (str,),
    lambda value: type(value) is str,
    _user,
    (Clause("", "a string", "compatible", None),),
)


def _size(body: Body, family: Family) -> Iterator[Fault]:
    asked, most = body["dimensions"], family.size or MOST_DIMENSIONS
    if not family.dimensions:
        yield hard(refusal.refuse("This model does not support specifying dimensions."))
    elif asked > most:
        words = f"Invalid value for 'dimensions' = {refusal.number(asked)}."
        yield hard(refusal.refuse(f"{words} Must be less than or equal to {most}."))


PARAMS: tuple[Param, ...] = (
    Param("model", string()),
    Param("dimensions", DIMENSIONS),
    Param("encoding_format", FORMAT),
    Param("user", USER),
    Param("input", INPUT, required=True),
)
"""`dimensions` is reported before `encoding_format` and the input (recorded)."""

RULES: tuple[Rule, ...] = (
    Rule("model", "dimensions", "at most the model's size, if it has a choice", "compatible", None, _size),
    INPUT_LENGTH,
)

EMBEDDINGS = Table("embeddings", PARAMS, RULES, covered=frozenset({"input"}), old_words=True, short=short_inputs)
