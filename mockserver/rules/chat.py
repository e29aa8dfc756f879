"""The table of `POST /chat/completions`."""

from collections.abc import Iterator
from typing import Any

from mockserver.rules import refusal
from mockserver.rules.capabilities import CAPABILITIES
from mockserver.rules.common import SHARED, STREAM_RULES, only_with
from mockserver.rules.conversation import conversation, without_content
from mockserver.rules.families import Family
from mockserver.rules.kinds import (
    Clause,
    Field,
    Kind,
    anything,
    array,
    boolean,
    choice,
    either,
    free_object,
    integer,
    kind,
    record,
    string,
    tagged,
)
from mockserver.rules.lengths import CHAT_LENGTH, short_chat
from mockserver.rules.messages import MESSAGES, TEXT_PART
from mockserver.rules.refusal import Fault, Level, hard, soft
from mockserver.rules.table import Body, Param, Rule, Table
from mockserver.rules.tools import FUNCTION_CALL, FUNCTIONS, RESPONSE_FORMAT, TOOL_CHOICE, TOOLS

EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
_PAIRS, _KEY, _VALUE = 16, 64, 512


def _metadata(value: dict[str, object], path: str) -> Iterator[Fault]:
    if len(value) > _PAIRS:
        yield soft(refusal.many_properties(path, _PAIRS, len(value)))
    for key, one in value.items():
        if len(key) > _KEY:
            yield soft(refusal.long_name(path, key, _KEY))
        elif not isinstance(one, str):
            yield soft(refusal.wrong_type(f"{path}.{key}", "a string", one))
        elif len(one) > _VALUE:
            yield soft(refusal.long_string(f"{path}.{key}", _VALUE, len(one)))


def _metadata_fits(value: object) -> bool:
    return type(value) is dict and next(_metadata(value, ""), None) is None


METADATA: Kind = kind(
    "a metadata object",
    (dict,),
    _metadata_fits,
    _metadata,
    Clause("", f"at most {_PAIRS} pairs", "exact", "object_above_max_properties"),
    Clause(".(key)", f"at most {_KEY} characters", "exact", "property_name_above_max_length"),
    Clause(".(value)", "a string", "exact", "invalid_type"),
    Clause(".(value)", f"at most {_VALUE} characters", "exact", "string_above_max_length"),
)


def _retention(value: str, path: str) -> Iterator[Fault]:
    if value not in ("in_memory", "24h"):
        yield hard(refusal.refuse(f"Invalid {path} argument", path))


RETENTION: Kind = kind(
    "one of 'in_memory' or '24h'",
    (str,),
    lambda value: value in ("in_memory", "24h"),
    _retention,
    Clause("", "'in_memory' or '24h'", "compatible", None),
)
PREDICTION = tagged(
    "type",
    choice("content"),
    content=record(
        Field("type", anything()),
        Field("content", either(string(), array(TEXT_PART, "an array of objects")), "compatible"),
    ),
)
CACHE_OPTIONS = record(Field("ttl", choice("30m")), Field("mode", choice("implicit", "explicit")))
MODERATION = record(Field("model", string(), "compatible"), Field("policy", free_object()))
AUDIO = record(
    Field("voice", anything(), "compatible"),
    Field("format", choice("wav", "aac", "mp3", "flac", "opus", "pcm16"), "compatible"),
)

PARAMS: tuple[Param, ...] = (
    SHARED["model"],
    Param("messages", MESSAGES, required=True),
    Param("functions", FUNCTIONS),
    Param("function_call", FUNCTION_CALL),
    Param("tools", TOOLS),
    Param("tool_choice", TOOL_CHOICE),
    Param("parallel_tool_calls", boolean()),
    Param("max_completion_tokens", integer(1, tolerated=0)),
    SHARED["n"],
    SHARED["temperature"],
    SHARED["top_p"],
    SHARED["presence_penalty"],
    SHARED["frequency_penalty"],
    Param("logprobs", boolean()),
    Param("top_logprobs", integer(0, 20)),
    SHARED["user"],
    SHARED["seed"],
    Param("moderation", MODERATION),
    Param("safety_identifier", string(longest=64)),
    Param("prompt_cache_options", CACHE_OPTIONS),
    Param("prompt_cache_key", string()),
    Param("prompt_cache_retention", RETENTION),
    Param("response_format", RESPONSE_FORMAT),
    Param("service_tier", choice("auto", "default", "fast", "flex", "priority", tolerated=("scale",))),
    Param("max_tokens", integer(1, tolerated=0)),
    Param("reasoning_effort", choice(*EFFORTS)),
    SHARED["logit_bias"],
    SHARED["stop"],
    SHARED["stream"],
    SHARED["stream_options"],
    Param("store", boolean()),
    Param("metadata", METADATA),
    Param("prediction", PREDICTION),
    Param("verbosity", choice("low", "medium", "high")),
    Param("modalities", array(choice("text", "audio"), "an array of strings")),
    Param("audio", AUDIO),
    Param("web_search_options", free_object()),
)
"""In the order in which the API reports faults (measured up to `verbosity`)."""


def _top_logprobs(body: Body, family: Family) -> Iterator[Fault]:
    if body.get("logprobs") is not True:
        level: Level = "compatible" if body["top_logprobs"] else "exact"
        yield Fault(only_with("top_logprobs", "logprobs", "is enabled"), level)


def _tool_choice(body: Body, family: Family) -> Iterator[Fault]:
    asked, tools = body["tool_choice"], body.get("tools")
    if not tools:
        yield hard(only_with("tool_choice", "tools", "are specified"))
        return
    known = set(map(_tool_name, tools))
    for tool in _chosen(asked):
        if tool not in known:
            yield hard(_no_function(tool[1]))


def _tool_name(tool: dict[str, Any]) -> tuple[object, object]:
    """A tool as a pair: its type and, where its type gives it one, its name."""
    inner = tool.get(tool["type"])
    name = inner.get("name") if isinstance(inner, dict) else None
    return tool["type"], name if isinstance(name, str) else None


def _chosen(asked: Any) -> Iterator[tuple[object, str]]:
    """The tools a choice names; those of `allowed_tools` only as far as they are named like tools."""
    if isinstance(asked, str):
        return
    if asked["type"] != "allowed_tools":
        yield asked["type"], asked[asked["type"]]["name"]
        return
    for tool in asked["allowed_tools"]["tools"]:
        tag = tool.get("type")
        inner = tool.get(tag) if tag in ("function", "custom") else None
        if isinstance(inner, dict) and isinstance(inner.get("name"), str):
            yield tag, inner["name"]


def _no_function(name: str) -> refusal.Refusal:
    """The API speaks of `function_call` here, whichever of the two was sent (measured)."""
    words = f"no function named {refusal.quoted(name)} was specified in the 'functions' parameter."
    return refusal.refuse(f"Invalid value for 'function_call': {words}", "function_call")


def _function_call(body: Body, family: Family) -> Iterator[Fault]:
    asked, functions = body["function_call"], body.get("functions")
    if not functions:
        yield hard(only_with("function_call", "functions", "are specified"))
    elif isinstance(asked, dict) and asked["name"] not in {function["name"] for function in functions}:
        yield hard(_no_function(asked["name"]))


def _parallel(body: Body, family: Family) -> Iterator[Fault]:
    if not body.get("tools"):
        yield soft(only_with("parallel_tool_calls", "tools", "are specified"))


def _functions(body: Body, family: Family) -> Iterator[Fault]:
    if body.get("tools") is not None:
        words = "Invalid value for 'functions': 'functions' is not allowed when 'tools' are specified."
        yield soft(refusal.refuse(words, "functions"))


def _both_limits(body: Body, family: Family) -> Iterator[Fault]:
    if body.get("max_completion_tokens") is not None:
        words = "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported."
        yield soft(refusal.refuse(words, "max_tokens", "invalid_parameter_combination"))


def _json_word(body: Body, family: Family) -> Iterator[Fault]:
    if body["response_format"]["type"] == "json_object" and not any(map(_says_json, body["messages"])):
        words = "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'."
        yield soft(refusal.refuse(words, "messages"))


def _says_json(message: dict[str, Any]) -> bool:
    content = message.get("content")
    texts = [content] if isinstance(content, str) else [part.get("text") for part in content or ()]
    return any(isinstance(text, str) and _has_json(text) for text in texts)


def _has_json(text: str) -> bool:
    return "json" in text or "JSON" in text or "json" in text.lower()


def _audio_answer(body: Body, family: Family) -> Iterator[Fault]:
    if "audio" in body["modalities"]:
        yield hard(refusal.unknown("modalities"))


RULES: tuple[Rule, ...] = (
    Rule(
        "across",
        "messages",
        "each tool message answers a call",
        "compatible",
        None,
        lambda body, family: conversation(body["messages"]),
        strictly="every call is answered, once",
    ),
    Rule("across", "modalities", "no audio: it is not served", "compatible", "unknown_parameter", _audio_answer),
    Rule("across", "functions", "without tools", "exact", None, _functions),
    Rule("across", "function_call", "with functions, one of them", "compatible", None, _function_call),
    Rule("across", "tool_choice", "with tools, one of them", "compatible", None, _tool_choice),
    Rule("across", "parallel_tool_calls", "with tools", "exact", None, _parallel),
    Rule("across", "top_logprobs", "with logprobs: true", "compatible", None, _top_logprobs),
    Rule("across", "response_format", "json_object where a message says json", "exact", None, _json_word),
    Rule(
        "across",
        "max_tokens",
        "without max_completion_tokens",
        "exact",
        "invalid_parameter_combination",
        _both_limits,
    ),
    *STREAM_RULES,
    *CAPABILITIES,
    Rule(
        "end",
        "messages",
        "every message has content or what stands in for it",
        "exact",
        None,
        lambda body, family: without_content(body["messages"]),
    ),
    CHAT_LENGTH,
)

CHAT = Table("chat", PARAMS, RULES, covered=frozenset({"messages"}), short=short_chat)
