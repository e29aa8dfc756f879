"""The table of the legacy `POST /completions`."""

from collections.abc import Iterator
from typing import Any

from mockserver.rules import refusal
from mockserver.rules.common import SHARED, STREAM_RULES
from mockserver.rules.families import Family
from mockserver.rules.kinds import Clause, Kind, boolean, integer, kind, string
from mockserver.rules.lengths import PROMPT_LENGTH, short_prompts
from mockserver.rules.refusal import Fault, Level, hard, soft
from mockserver.rules.table import Body, Param, Rule, Table

MOST_CHOICES = 2048
"""Choices that one request may have made, for all its prompts: as many as an embeddings request may have inputs."""

_PROMPT = "one of a string, array of strings, array of integers, or array of integer arrays"


def is_tokens(value: object) -> bool:
    """Whether a value is a list of token ids, at least one."""
    return type(value) is list and bool(value) and set(map(type, value)) == {int} and min(value) >= 0


def is_texts_or_tokens(value: list[Any]) -> bool:
    """Whether a list holds texts only, token ids only, or lists of token ids only; at least one."""
    first = type(value[0]) if value else None
    if first is str:
        return set(map(type, value)) == {str}
    return all(map(is_tokens, value)) if first is list else is_tokens(value)


def _prompt(value: object, path: str) -> Iterator[Fault]:
    if value == []:
        yield hard(refusal.empty_array(path))
    elif isinstance(value, list) and not is_texts_or_tokens(value):
        yield hard(refusal.wrong_type(path, _PROMPT, value))
    elif (count := _prompts(value)) > MOST_CHOICES:
        yield hard(refusal.long_array(path, MOST_CHOICES, count))


def _prompts(value: object) -> int:
    """How many prompts a `prompt` has: a list of token ids is one."""
    return len(value) if isinstance(value, list) and not isinstance(value[0], int) else 1


def _prompt_fits(value: object) -> bool:
    if type(value) is list:
        return is_texts_or_tokens(value) and _prompts(value) <= MOST_CHOICES
    return type(value) is str


PROMPT: Kind = kind(
    _PROMPT,
    (str, list),
    _prompt_fits,
    _prompt,
    Clause("", "not empty", "compatible", "empty_array"),
    Clause("", f"at most {MOST_CHOICES} prompts", "compatible", "array_above_max_length"),
    Clause("[]", "all strings, all token ids or all lists of them", "compatible", "invalid_type"),
)


def _best_of(body: Body, family: Family) -> Iterator[Fault]:
    best_of, choices = body["best_of"], body.get("n") or 1
    if best_of < choices:
        level: Level = "compatible" if best_of else "exact"
        words = (
            "You requested that the server return more choices than it will generate (HINT: you must set 'n' "
            f"(currently {choices}) to be at most 'best_of' (currently {best_of}), or omit either parameter "
            "if you don't specifically want to use them.)"
        )
        yield Fault(refusal.refuse(words, "best_of"), level)
    elif best_of > choices and body.get("stream"):
        words = "Cannot stream results when 'best_of' is greater than 'n'."
        yield soft(refusal.refuse(words, "best_of"))


def _choices(key: str) -> Rule:
    """What bounds the work of one request; the other of `n` and `best_of` has its own."""

    def find(body: Body, family: Family) -> Iterator[Fault]:
        prompts, asked = _prompts(body.get("prompt")), body[key]
        if prompts * asked > MOST_CHOICES:
            words = (
                f"Invalid '{key}': integer above maximum value. Expected a value <= {MOST_CHOICES // prompts} with "
                f"{prompts} prompts, but got {asked} instead."
            )
            yield hard(refusal.refuse(words, key, "integer_above_max_value"))

    accepts = f"<= {MOST_CHOICES} for all prompts together"
    return Rule("across", key, accepts, "compatible", "integer_above_max_value", find)


PARAMS: tuple[Param, ...] = (
    SHARED["model"],
    Param("prompt", PROMPT),
    Param("suffix", string()),
    Param("max_tokens", integer(0)),
    SHARED["temperature"],
    SHARED["top_p"],
    SHARED["n"],
    SHARED["stream"],
    SHARED["stream_options"],
    Param("logprobs", integer(0, 5)),
    Param("echo", boolean()),
    SHARED["stop"],
    SHARED["presence_penalty"],
    SHARED["frequency_penalty"],
    Param("best_of", integer(0, 20)),
    SHARED["logit_bias"],
    SHARED["user"],
    SHARED["seed"],
)

RULES: tuple[Rule, ...] = (
    Rule(
        "across",
        "best_of",
        "at least n, or 0",
        "compatible",
        None,
        _best_of,
        strictly="at least n, and n itself in streams",
    ),
    _choices("n"),
    _choices("best_of"),
    *STREAM_RULES,
    PROMPT_LENGTH,
)

COMPLETIONS = Table("completions", PARAMS, RULES, covered=frozenset({"prompt"}), old_words=True, short=short_prompts)
