"""Parameters that chat and legacy completions share, kinds and rules."""

from collections.abc import Iterator
from typing import Any

from mockserver.rules import refusal
from mockserver.rules.families import Family
from mockserver.rules.kinds import (
    Clause,
    Field,
    Kind,
    Limit,
    array,
    boolean,
    either,
    integer,
    kind,
    number,
    record,
    string,
)
from mockserver.rules.refusal import Fault, Level, soft
from mockserver.rules.table import Body, Param, Rule

SEED = integer(-(2**63), 2**63 - 1)
STOP = either(string(), array(string(), "an array of strings", empty="exact", longest=Limit(4, "compatible")))
STREAM_OPTIONS = record(Field("include_usage", boolean()), Field("include_obfuscation", boolean()))
_BIAS = integer(-100, 100)


def _biases(value: dict[str, object], path: str) -> Iterator[Fault]:
    for key, bias in value.items():
        if not (key.isascii() and key.isdigit()):
            words = f"Invalid key in 'logit_bias': {refusal.short(key)}. You should only be submitting "
            yield soft(refusal.refuse(f"{words}non-negative integers.", "logit_bias"))
        if type(bias) is float and -100 <= bias <= 100:
            yield soft(refusal.wrong_type(f"{path}.{refusal.short(key)}", _BIAS.words, bias))
        else:
            yield from _BIAS.find(bias, f"{path}.{refusal.short(key)}")


def _biases_fit(value: object) -> bool:
    return type(value) is dict and next(_biases(value, ""), None) is None


LOGIT_BIAS: Kind = kind(
    "an object",
    (dict,),
    _biases_fit,
    _biases,
    Clause(".(key)", "token ids", "exact", None),
    Clause(".(value)", "an integer", "exact", "invalid_type"),
    Clause(".(value)", "-100 to 100", "compatible", "integer_above_max_value"),
)

SHARED: dict[str, Param] = {
    param.name: param
    for param in (
        Param("model", string()),
        Param("n", integer(1, 128)),
        Param("temperature", number(0, 2)),
        Param("top_p", number(0, 1)),
        Param("presence_penalty", number(-2, 2)),
        Param("frequency_penalty", number(-2, 2)),
        Param("user", string()),
        Param("seed", SEED),
        Param("logit_bias", LOGIT_BIAS),
        Param("stop", STOP),
        Param("stream", boolean()),
        Param("stream_options", STREAM_OPTIONS),
    )
}


def only_with(key: str, other: str, verb: str) -> refusal.Refusal:
    """A parameter that needs another one; `verb` is `is enabled` or `are specified`."""
    if verb == "is enabled":
        words = f"The '{key}' parameter is only allowed when '{other}' is enabled."
    else:
        words = f"Invalid value for '{key}': '{key}' is only allowed when '{other}' are specified."
    return refusal.refuse(words, key)


def _stream_options(body: Body, family: Family) -> Iterator[Fault]:
    stream: Any = body.get("stream")
    if stream is not True:
        level: Level = "exact" if stream is False else "compatible"
        yield Fault(only_with("stream_options", "stream", "is enabled"), level)


STREAM_RULES: tuple[Rule, ...] = (
    Rule(
        "across",
        "stream_options",
        "with stream",
        "compatible",
        None,
        _stream_options,
        strictly="with stream: true",
    ),
)
