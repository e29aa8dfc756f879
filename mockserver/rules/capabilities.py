"""Rules about what single models cannot do, driven by the rows of `families`."""

from collections.abc import Iterator

from mockserver.rules import refusal
from mockserver.rules.families import Family, reasons
from mockserver.rules.refusal import Fault, soft
from mockserver.rules.table import Body, Rule

_REFUSED = (
    "max_tokens",
    "stop",
    "logit_bias",
    "prediction",
    "parallel_tool_calls",
    "tools",
    "temperature",
    "top_p",
)
_FIXED = ("temperature", "top_p")
_SAMPLING = {
    "top_p": 1,
    "presence_penalty": 0,
    "frequency_penalty": 0,
    "logprobs": False,
    "top_logprobs": 0,
}
"""What a reasoning model does not take, unless it asks for nothing."""

_SCHEMA_GUIDE = (
    "Learn more about supported models at the Structured Outputs guide: "
    "https://platform.openai.com/docs/guides/structured-outputs"
)


def _refused(key: str) -> Rule:
    hint = " Use 'max_completion_tokens' instead." if key == "max_tokens" else ""

    def find(body: Body, family: Family) -> Iterator[Fault]:
        yield soft(refusal.unsupported_parameter(key, hint))

    return Rule(
        "field",
        key,
        "a model that takes it",
        "exact",
        "unsupported_parameter",
        find,
        concerns=lambda family: key in family.refused,
    )


def _fixed(key: str) -> Rule:
    def find(body: Body, family: Family) -> Iterator[Fault]:
        if body[key] != 1 and reasons(family, body.get("reasoning_effort")):
            yield soft(refusal.unsupported_value(key, body[key], ()))

    return Rule(
        "model",
        key,
        "1 while the model reasons",
        "exact",
        "unsupported_value",
        find,
        concerns=lambda family: key in family.fixed,
    )


def _sampling(key: str, idle: float) -> Rule:
    def find(body: Body, family: Family) -> Iterator[Fault]:
        if body[key] != idle and reasons(family, body.get("reasoning_effort")):
            yield soft(refusal.unsupported_parameter(key))

    return Rule(
        "model",
        key,
        "a model that does not reason",
        "exact",
        "unsupported_parameter",
        find,
        concerns=lambda family: key in family.sampling,
    )


def _output(key: str) -> Rule:
    def find(body: Body, family: Family) -> Iterator[Fault]:
        asked, most = body[key], family.output or 0
        if asked > most:
            words = (
                f"max_tokens is too large: {refusal.number(asked)}. This model supports at most {most} "
                f"completion tokens, whereas you provided {refusal.number(asked)}."
            )
            yield soft(refusal.refuse(words, key, "invalid_value"))

    return Rule(
        "model",
        key,
        "what the model can write",
        "exact",
        "invalid_value",
        find,
        concerns=lambda family: family.output is not None,
    )


def _efforts(body: Body, family: Family) -> Iterator[Fault]:
    effort = body["reasoning_effort"]
    if not family.efforts:
        yield soft(refusal.unrecognized(["reasoning_effort"]))
    elif effort not in family.efforts:
        yield soft(refusal.unsupported_value("reasoning_effort", effort, family.efforts))


def _verbosities(body: Body, family: Family) -> Iterator[Fault]:
    if body["verbosity"] in ("low", "high"):
        yield soft(refusal.unsupported_value("verbosity", body["verbosity"], family.verbosities))


def _choices(body: Body, family: Family) -> Iterator[Fault]:
    asked, most = body["n"], family.choices or 1
    if type(asked) is int and asked > most:
        yield soft(refusal.above("n", "integer", most, asked))


def _alternatives(body: Body, family: Family) -> Iterator[Fault]:
    most = family.alternatives or 0
    if body["top_logprobs"] > most:
        words = f"Invalid value for 'top_logprobs': must be less than or equal to {most}."
        yield soft(refusal.refuse(words, "top_logprobs"))


def _schemas(body: Body, family: Family) -> Iterator[Fault]:
    if body["response_format"]["type"] == "json_schema":
        words = "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model."
        yield soft(refusal.refuse(f"{words} {_SCHEMA_GUIDE}", "response_format"))


def _tools_reason(body: Body, family: Family) -> Iterator[Fault]:
    if body["reasoning_effort"] != "none" and body.get("tools"):
        words = (
            f"Function tools with reasoning_effort are not supported for {refusal.short(body['model'])} in "
            "/v1/chat/completions. To use function tools, use /v1/responses or set reasoning_effort to "
            "'none'."
        )
        yield soft(refusal.refuse(words, "reasoning_effort"))


def _caching(body: Body, family: Family) -> Iterator[Fault]:
    if body["prompt_cache_retention"] == "in_memory":
        words = "This model is compatible only with 24h extended prompt caching"
        yield soft(refusal.refuse(words, "prompt_cache_retention"))


def _roles(body: Body, family: Family) -> Iterator[Fault]:
    for index, message in enumerate(body["messages"]):
        if message["role"] in family.roles:
            path = f"messages[{index}].role"
            words = f"'{path}' does not support '{message['role']}' with this model."
            yield soft(refusal.refuse(f"Unsupported value: {words}", path, "unsupported_value"))


CAPABILITIES: tuple[Rule, ...] = (
    *map(_refused, _REFUSED),
    Rule(
        "field",
        "reasoning_effort",
        "an effort of the model's",
        "exact",
        "unsupported_value",
        _efforts,
        concerns=lambda family: bool(family.prefix),
    ),
    Rule(
        "field",
        "verbosity",
        "a verbosity of the model's",
        "exact",
        "unsupported_value",
        _verbosities,
        concerns=lambda family: bool(family.verbosities),
    ),
    Rule(
        "field",
        "n",
        "at most 8 on gpt-5.6",
        "exact",
        "integer_above_max_value",
        _choices,
        concerns=lambda family: family.choices is not None,
    ),
    Rule(
        "field",
        "prompt_cache_retention",
        "'24h' on gpt-5.6",
        "exact",
        None,
        _caching,
        concerns=lambda family: family.long_caching_only,
    ),
    *map(_fixed, _FIXED),
    *(_sampling(key, idle) for key, idle in _SAMPLING.items()),
    *map(_output, ("max_tokens", "max_completion_tokens")),
    Rule(
        "model",
        "top_logprobs",
        "at most 5 on gpt-5.6",
        "exact",
        None,
        _alternatives,
        concerns=lambda family: family.alternatives is not None,
    ),
    Rule(
        "model",
        "response_format",
        "a type of the model's",
        "exact",
        None,
        _schemas,
        concerns=lambda family: not family.schemas,
    ),
    Rule(
        "model",
        "reasoning_effort",
        "'none' beside tools on gpt-5.4 and gpt-5.6",
        "exact",
        None,
        _tools_reason,
        concerns=lambda family: not family.tools_reason,
    ),
    Rule(
        "model",
        "messages",
        "no system messages on o1-mini and o1-preview",
        "exact",
        "unsupported_value",
        _roles,
        concerns=lambda family: bool(family.roles),
    ),
)
"""In the order in which they are reported."""
