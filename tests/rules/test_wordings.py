"""Every wording of a refusal: a body, and the status, type, code, param and message it gets."""

from typing import Any

import pytest

from mockserver.rules import NOT_JSON, check
from tests.rules.bodies import ANSWER, ASK, SAY, WEATHER, chat, completion, embedding, terra

Case = tuple[str, dict[str, Any], str | None, str | None, str]

LONG = "k" * 70
OLD_INPUT = "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference."
NAME_PATTERN = "Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'."
EFFORTS = "'none', 'low', 'medium', 'high', and 'xhigh'"


def without(body: dict[str, Any], key: str) -> dict[str, Any]:
    """The body without one key."""
    return {name: value for name, value in body.items() if name != key}


def said(*messages: dict[str, Any]) -> dict[str, Any]:
    """A chat request with these messages."""
    return chat(messages=list(messages))


def tool(**function: Any) -> dict[str, Any]:
    """A chat request that offers one function."""
    return chat(tools=[{"type": "function", "function": function}])


# Refused at both levels: body, code, param, message.
HARD: list[Case] = [
    ("chat", without(chat(), "model"), None, None, "you must provide a model parameter"),
    ("chat", chat(model=None), None, None, "you must provide a model parameter"),
    ("chat", chat(model=""), None, None, "you must provide a model parameter"),
    ("embeddings", without(embedding(), "model"), None, None, "you must provide a model parameter"),
    ("chat", chat(model=7), None, None, NOT_JSON),
    (
        "chat",
        without(chat(), "messages"),
        "missing_required_parameter",
        "messages",
        "Missing required parameter: 'messages'.",
    ),
    (
        "chat",
        chat(messages=None),
        "missing_required_parameter",
        "messages",
        "Missing required parameter: 'messages'.",
    ),
    (
        "chat",
        chat(messages="ping"),
        "invalid_type",
        "messages",
        "Invalid type for 'messages': expected an array of objects, but got a string instead.",
    ),
    (
        "chat",
        chat(messages=[]),
        "empty_array",
        "messages",
        "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
    ),
    (
        "chat",
        chat(messages=["ping"]),
        "invalid_type",
        "messages[0]",
        "Invalid type for 'messages[0]': expected an object, but got a string instead.",
    ),
    (
        "chat",
        said({"content": "ping"}),
        "missing_required_parameter",
        "messages[0].role",
        "Missing required parameter: 'messages[0].role'.",
    ),
    (
        "chat",
        said({"role": "bogus", "content": "ping"}),
        "invalid_value",
        "messages[0].role",
        "Invalid value: 'bogus'. Supported values are: "
        "'system', 'assistant', 'user', 'function', 'tool', and 'developer'.",
    ),
    (
        "chat",
        said({"role": "user", "content": 7}),
        "invalid_type",
        "messages[0].content",
        "Invalid type for 'messages[0].content': "
        "expected one of a string or array of objects, but got an integer instead.",
    ),
    (
        "chat",
        said(SAY, SAY, SAY, {"role": "user", "content": [{"text": "x"}]}),
        "missing_required_parameter",
        "messages[3].content[0].type",
        "Missing required parameter: 'messages[3].content[0].type'.",
    ),
    (
        "chat",
        said({"role": "user", "content": [{"type": "bogus"}]}),
        "invalid_value",
        "messages[0].content[0].type",
        "Invalid value: 'bogus'. Supported values are: "
        "'text', 'image_url', 'input_audio', 'refusal', 'audio', and 'file'.",
    ),
    (
        "chat",
        said({"role": "user", "content": [{"type": "image_url"}]}),
        "missing_required_parameter",
        "messages[0].content[0].image_url",
        "Missing required parameter: 'messages[0].content[0].image_url'.",
    ),
    (
        "chat",
        said({"role": "tool", "content": "x"}),
        "missing_required_parameter",
        "messages[0].tool_call_id",
        "Missing required parameter: 'messages[0].tool_call_id'.",
    ),
    (
        "chat",
        said(SAY, {"role": "assistant", "content": "x", "tool_calls": "x"}),
        "invalid_type",
        "messages[1].tool_calls",
        "Invalid type for 'messages[1].tool_calls': expected an array of objects, but got a string instead.",
    ),
    (
        "chat",
        said(SAY, SAY, SAY, SAY, ANSWER),
        None,
        "messages.[4].role",
        "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
    ),
    (
        "chat",
        said(SAY, ASK, ANSWER | {"tool_call_id": "call_b"}),
        None,
        "messages.[2].tool_call_id",
        "Invalid parameter: 'tool_call_id' of 'call_b' not found in 'tool_calls' of previous message.",
    ),
    (
        "chat",
        chat(functions="x"),
        "invalid_type",
        "functions",
        "Invalid type for 'functions': expected an array of function definitions, but got a string instead.",
    ),
    (
        "chat",
        chat(functions=[{"parameters": {}}]),
        "missing_required_parameter",
        "functions[0].name",
        "Missing required parameter: 'functions[0].name'.",
    ),
    (
        "chat",
        chat(functions=[{"name": "f"}], function_call={"x": 1}),
        "missing_required_parameter",
        "function_call.name",
        "Missing required parameter: 'function_call.name'.",
    ),
    (
        "chat",
        chat(functions=[{"name": "f"}], function_call={"name": "g"}),
        None,
        "function_call",
        "Invalid value for 'function_call': no function named 'g' was specified in the 'functions' parameter.",
    ),
    (
        "chat",
        chat(function_call="auto"),
        None,
        "function_call",
        "Invalid value for 'function_call': 'function_call' is only allowed when 'functions' are specified.",
    ),
    (
        "chat",
        chat(tools="none"),
        "invalid_type",
        "tools",
        "Invalid type for 'tools': expected an array of objects, but got a string instead.",
    ),
    (
        "chat",
        chat(tools=[{"type": "function"}]),
        "missing_required_parameter",
        "tools[0].function",
        "Missing required parameter: 'tools[0].function'.",
    ),
    (
        "chat",
        tool(parameters={}),
        "missing_required_parameter",
        "tools[0].function.name",
        "Missing required parameter: 'tools[0].function.name'.",
    ),
    (
        "chat",
        tool(name=""),
        "empty_string",
        "tools[0].function.name",
        "Invalid 'tools[0].function.name': empty string. "
        "Expected a string with minimum length 1, but got an empty string instead.",
    ),
    (
        "chat",
        chat(tool_choice="auto"),
        None,
        "tool_choice",
        "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.",
    ),
    (
        "chat",
        chat(tools=[WEATHER], tool_choice=7),
        "invalid_type",
        "tool_choice",
        "Invalid type for 'tool_choice': "
        "expected one of one of 'none', 'auto', or 'required' or object, but got an integer instead.",
    ),
    (
        "chat",
        chat(tools=[WEATHER], tool_choice="bogus"),
        "invalid_value",
        "tool_choice",
        "Invalid value: 'bogus'. Supported values are: 'none', 'auto', and 'required'.",
    ),
    (
        "chat",
        chat(tools=[WEATHER], tool_choice={"type": "bogus"}),
        "missing_required_parameter",
        "tool_choice.function",
        "Missing required parameter: 'tool_choice.function'.",
    ),
    (
        "chat",
        chat(tools=[WEATHER], tool_choice={"type": "function", "function": {}}),
        "missing_required_parameter",
        "tool_choice.function.name",
        "Missing required parameter: 'tool_choice.function.name'.",
    ),
    (
        "chat",
        chat(tools=[WEATHER], tool_choice={"type": "function", "function": {"name": "other"}}),
        None,
        "function_call",
        "Invalid value for 'function_call': no function named 'other' was specified in the 'functions' parameter.",
    ),
    (
        "chat",
        chat(max_completion_tokens=-1),
        "integer_below_min_value",
        "max_completion_tokens",
        "Invalid 'max_completion_tokens': integer below minimum value. Expected a value >= 1, but got -1 instead.",
    ),
    (
        "chat",
        chat(n=0),
        "integer_below_min_value",
        "n",
        "Invalid 'n': integer below minimum value. Expected a value >= 1, but got 0 instead.",
    ),
    (
        "chat",
        chat(n=129),
        "integer_above_max_value",
        "n",
        "Invalid 'n': integer above maximum value. Expected a value <= 128, but got 129 instead.",
    ),
    (
        "chat",
        chat(n="2"),
        "invalid_type",
        "n",
        "Invalid type for 'n': expected an integer, but got a string instead.",
    ),
    (
        "chat",
        chat(n=True),
        "invalid_type",
        "n",
        "Invalid type for 'n': expected an integer, but got a boolean instead.",
    ),
    (
        "chat",
        chat(temperature="hot"),
        "invalid_type",
        "temperature",
        "Invalid type for 'temperature': expected a decimal, but got a string instead.",
    ),
    (
        "chat",
        chat(temperature=9),
        "decimal_above_max_value",
        "temperature",
        "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 9 instead.",
    ),
    (
        "chat",
        chat(top_p=-0.5),
        "decimal_below_min_value",
        "top_p",
        "Invalid 'top_p': decimal below minimum value. Expected a value >= 0, but got -0.5 instead.",
    ),
    (
        "chat",
        chat(presence_penalty=-3),
        "decimal_below_min_value",
        "presence_penalty",
        "Invalid 'presence_penalty': decimal below minimum value. Expected a value >= -2, but got -3 instead.",
    ),
    (
        "chat",
        chat(frequency_penalty=3),
        "decimal_above_max_value",
        "frequency_penalty",
        "Invalid 'frequency_penalty': decimal above maximum value. Expected a value <= 2, but got 3 instead.",
    ),
    (
        "chat",
        chat(logprobs={"a": 1}),
        "invalid_type",
        "logprobs",
        "Invalid type for 'logprobs': expected a boolean, but got an object instead.",
    ),
    (
        "chat",
        chat(logprobs=True, top_logprobs=-1),
        "integer_below_min_value",
        "top_logprobs",
        "Invalid 'top_logprobs': integer below minimum value. Expected a value >= 0, but got -1 instead.",
    ),
    (
        "chat",
        chat(top_logprobs=1),
        None,
        "top_logprobs",
        "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.",
    ),
    (
        "chat",
        chat(logprobs=False, top_logprobs=1),
        None,
        "top_logprobs",
        "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled.",
    ),
    (
        "chat",
        chat(user={"a": 1}),
        "invalid_type",
        "user",
        "Invalid type for 'user': expected a string, but got an object instead.",
    ),
    (
        "chat",
        chat(seed=1.5),
        "invalid_type",
        "seed",
        "Invalid type for 'seed': expected an integer, but got a decimal number instead.",
    ),
    (
        "chat",
        chat(moderation={}),
        "missing_required_parameter",
        "moderation.model",
        "Missing required parameter: 'moderation.model'.",
    ),
    (
        "chat",
        chat(prompt_cache_retention={"a": 1}),
        "invalid_type",
        "prompt_cache_retention",
        "Invalid type for 'prompt_cache_retention': expected one of 'in_memory' or '24h', but got an object instead.",
    ),
    (
        "chat",
        chat(prompt_cache_retention="x"),
        None,
        "prompt_cache_retention",
        "Invalid prompt_cache_retention argument",
    ),
    (
        "chat",
        chat(response_format="json"),
        "invalid_type",
        "response_format",
        "Invalid type for 'response_format': expected an object, but got a string instead.",
    ),
    (
        "chat",
        chat(response_format={}),
        "missing_required_parameter",
        "response_format.type",
        "Missing required parameter: 'response_format.type'.",
    ),
    (
        "chat",
        chat(response_format={"type": "bogus"}),
        "invalid_value",
        "response_format.type",
        "Invalid value: 'bogus'. Supported values are: 'json_object', 'json_schema', and 'text'.",
    ),
    (
        "chat",
        chat(response_format={"type": "json_schema"}),
        "missing_required_parameter",
        "response_format.json_schema",
        "Missing required parameter: 'response_format.json_schema'.",
    ),
    (
        "chat",
        chat(response_format={"type": "json_schema", "json_schema": {}}),
        "missing_required_parameter",
        "response_format.json_schema.name",
        "Missing required parameter: 'response_format.json_schema.name'.",
    ),
    (
        "chat",
        chat(service_tier={"a": 1}),
        "invalid_type",
        "service_tier",
        "Invalid type for 'service_tier': expected one of "
        "'auto', 'default', 'fast', 'flex', or 'priority', but got an object instead.",
    ),
    (
        "chat",
        chat(service_tier="bogus"),
        "invalid_value",
        "service_tier",
        "Invalid value: 'bogus'. Supported values are: 'auto', 'default', 'fast', 'flex', and 'priority'.",
    ),
    (
        "chat",
        chat(verbosity="bogus"),
        "invalid_value",
        "verbosity",
        "Invalid value: 'bogus'. Supported values are: 'low', 'medium', and 'high'.",
    ),
    (
        "chat",
        chat(stop=["a", "b", "c", "d", "e"]),
        "array_above_max_length",
        "stop",
        "Invalid 'stop': array too long. "
        "Expected an array with maximum length 4, but got an array with length 5 instead.",
    ),
    (
        "chat",
        chat(stop=[1]),
        "invalid_type",
        "stop[0]",
        "Invalid type for 'stop[0]': expected a string, but got an integer instead.",
    ),
    (
        "chat",
        chat(stream="yes"),
        "invalid_type",
        "stream",
        "Invalid type for 'stream': expected a boolean, but got a string instead.",
    ),
    (
        "chat",
        chat(stream_options={"include_usage": True}),
        None,
        "stream_options",
        "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
    ),
    (
        "chat",
        chat(store="yes"),
        "invalid_type",
        "store",
        "Invalid type for 'store': expected a boolean, but got a string instead.",
    ),
    (
        "chat",
        chat(metadata="x"),
        "invalid_type",
        "metadata",
        "Invalid type for 'metadata': expected a metadata object, but got a string instead.",
    ),
    (
        "completions",
        completion(max_tokens=-1),
        "integer_below_min_value",
        "max_tokens",
        "Invalid 'max_tokens': integer below minimum value. Expected a value >= 0, but got -1 instead.",
    ),
    (
        "completions",
        completion(logprobs=6),
        "integer_above_max_value",
        "logprobs",
        "Invalid 'logprobs': integer above maximum value. Expected a value <= 5, but got 6 instead.",
    ),
    (
        "completions",
        completion(n=2, best_of=1),
        None,
        "best_of",
        "You requested that the server return more choices than it will generate (HINT: you must set 'n' "
        "(currently 2) to be at most 'best_of' (currently 1), or omit either parameter if you don't "
        "specifically want to use them.)",
    ),
    (
        "completions",
        completion(prompt=[[1]] * 2049),
        "array_above_max_length",
        "prompt",
        "Invalid 'prompt': array too long. Expected an array with maximum length 2048, but got an array with length "
        "2049 instead.",
    ),
    (
        "completions",
        completion(prompt=["a"] * 1000, n=20),
        "integer_above_max_value",
        "n",
        "Invalid 'n': integer above maximum value. Expected a value <= 2 with 1000 prompts, but got 20 instead.",
    ),
    (
        "completions",
        completion(prompt=["a"] * 1000, n=2, best_of=3),
        "integer_above_max_value",
        "best_of",
        "Invalid 'best_of': integer above maximum value. Expected a value <= 2 with 1000 prompts, but got 3 instead.",
    ),
    (
        "completions",
        completion(prompt=["a", 1]),
        "invalid_type",
        "prompt",
        "Invalid type for 'prompt': expected one of a string, array of strings, array of integers, "
        "or array of integer arrays, but got an array instead.",
    ),
    ("embeddings", without(embedding(), "input"), None, None, "'input' is a required property"),
    ("embeddings", embedding(input=""), None, None, OLD_INPUT),
    ("embeddings", embedding(input=["a", ""]), None, None, OLD_INPUT),
    ("embeddings", embedding(input=[]), None, None, OLD_INPUT),
    ("embeddings", embedding(input=7), None, None, OLD_INPUT),
    ("embeddings", embedding(input=[1, "a"]), None, None, OLD_INPUT),
    (
        "embeddings",
        embedding(input=["a"] * 7000),
        "array_above_max_length",
        "input",
        "Invalid 'input': array too long. "
        "Expected an array with maximum length 2048, but got an array with length 7000 instead.",
    ),
    (
        "embeddings",
        embedding(dimensions=-1, encoding_format="x", input=[-1]),
        None,
        None,
        "-1 is less than the minimum of 1 - 'dimensions'",
    ),
    (
        "embeddings",
        embedding(dimensions="big"),
        None,
        None,
        "'big' is not of type 'integer' - 'dimensions'",
    ),
    (
        "embeddings",
        embedding(encoding_format="x"),
        None,
        None,
        "'x' is not one of ['float', 'base64'] - 'encoding_format'",
    ),
    (
        "embeddings",
        embedding(model="text-embedding-ada-002", dimensions=5),
        None,
        None,
        "This model does not support specifying dimensions.",
    ),
    (
        "embeddings",
        embedding(model="text-embedding-3-large", dimensions=4096),
        None,
        None,
        "Invalid value for 'dimensions' = 4096. Must be less than or equal to 3072.",
    ),
]

# Refused at the exact level, warned of at the compatible one.
SOFT: list[Case] = [
    ("chat", chat(zzz=1), "unknown_parameter", "zzz", "Unknown parameter: 'zzz'."),
    (
        "chat",
        chat(stor=1),
        "unknown_parameter",
        "stor",
        "Unknown parameter: 'stor'. Did you mean 'stop' or 'store'?",
    ),
    (
        "chat",
        chat(temperatur=1),
        "unknown_parameter",
        "temperatur",
        "Unknown parameter: 'temperatur'. Did you mean 'temperature'?",
    ),
    ("chat", chat(messagess=1), "unknown_parameter", "messagess", "Unknown parameter: 'messagess'."),
    (
        "chat",
        chat(model="gpt-3.5-turbo", zzz=1, yyy=2),
        None,
        None,
        "Unrecognized request arguments supplied: zzz, yyy",
    ),
    ("completions", completion(zzz=1), None, None, "Unrecognized request argument supplied: zzz"),
    (
        "chat",
        chat(stream=True, stream_options={"bogus": 1}),
        "unknown_parameter",
        "stream_options.bogus",
        "Unknown parameter: 'stream_options.bogus'.",
    ),
    (
        "chat",
        chat(stream=False, stream_options={}),
        None,
        "stream_options",
        "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
    ),
    (
        "chat",
        chat(prompt_cache_options={"bogus": 1}),
        "unknown_parameter",
        "prompt_cache_options.bogus",
        "Unknown parameter: 'prompt_cache_options.bogus'.",
    ),
    (
        "chat",
        chat(max_completion_tokens=0),
        "integer_below_min_value",
        "max_completion_tokens",
        "Invalid 'max_completion_tokens': integer below minimum value. Expected a value >= 1, but got 0 instead.",
    ),
    (
        "chat",
        chat(max_tokens=1, max_completion_tokens=1),
        "invalid_parameter_combination",
        "max_tokens",
        "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
    ),
    (
        "chat",
        chat(parallel_tool_calls=True),
        None,
        "parallel_tool_calls",
        "Invalid value for 'parallel_tool_calls': 'parallel_tool_calls' is only allowed when 'tools' are specified.",
    ),
    (
        "chat",
        chat(tools=[]),
        "empty_array",
        "tools",
        "Invalid 'tools': empty array. Expected an array with minimum length 1, but got an empty array instead.",
    ),
    (
        "chat",
        chat(tools=[WEATHER] * 150),
        "array_above_max_length",
        "tools",
        "Invalid 'tools': array too long. "
        "Expected an array with maximum length 128, but got an array with length 150 instead.",
    ),
    (
        "chat",
        tool(name="get weather"),
        "invalid_value",
        "tools[0].function.name",
        f"Invalid 'tools[0].function.name': string does not match pattern. {NAME_PATTERN}",
    ),
    (
        "chat",
        tool(name="f" * 74),
        "string_above_max_length",
        "tools[0].function.name",
        "Invalid 'tools[0].function.name': string too long. "
        "Expected a string with maximum length 64, but got a string with length 74 instead.",
    ),
    (
        "chat",
        chat(metadata={f"k{i}": "v" for i in range(17)}),
        "object_above_max_properties",
        "metadata",
        "Invalid 'metadata': too many properties. Expected an object with at most 16 properties, "
        "but got an object with 17 properties instead.",
    ),
    (
        "chat",
        chat(metadata={LONG: "v"}),
        "property_name_above_max_length",
        f"metadata.{LONG}",
        "Invalid property name in 'metadata': 'kkk...kkk' is too long. "
        "Expected a string with maximum length 64, but got a string with length 70 instead.",
    ),
    (
        "chat",
        chat(metadata={"k": "x" * 600}),
        "string_above_max_length",
        "metadata.k",
        "Invalid 'metadata.k': string too long. "
        "Expected a string with maximum length 512, but got a string with length 600 instead.",
    ),
    (
        "chat",
        chat(metadata={"k": 7}),
        "invalid_type",
        "metadata.k",
        "Invalid type for 'metadata.k': expected a string, but got an integer instead.",
    ),
    (
        "chat",
        chat(logit_bias={"foo": 0}),
        None,
        "logit_bias",
        "Invalid key in 'logit_bias': foo. You should only be submitting non-negative integers.",
    ),
    (
        "chat",
        chat(response_format={"type": "json_object"}),
        None,
        "messages",
        "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
    ),
    (
        "chat",
        said({"role": "user"}),
        None,
        "messages.[0].content",
        "Invalid value for 'content': expected a string, got null.",
    ),
    (
        "chat",
        said(SAY, {"role": "developer"}),
        "missing_required_parameter",
        "messages[1].content",
        "Missing required parameter: 'messages[1].content'.",
    ),
    (
        "chat",
        said(SAY, {"role": "developer", "content": None}),
        "invalid_type",
        "messages[1].content",
        "Invalid type for 'messages[1].content': expected one of a string or array of objects, but got null instead.",
    ),
    (
        "chat",
        said(SAY, {"role": "assistant", "tool_calls": []}),
        "empty_array",
        "messages[1].tool_calls",
        "Invalid 'messages[1].tool_calls': empty array. "
        "Expected an array with minimum length 1, but got an empty array instead.",
    ),
    (
        "chat",
        said(SAY, ASK, SAY),
        None,
        "messages.[2].role",
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
        "'tool_call_id'. The following tool_call_ids did not have response messages: call_a",
    ),
    (
        "chat",
        said(SAY, ASK, ANSWER, ANSWER),
        None,
        "messages.[3].tool_call_id",
        "Invalid parameter: Duplicate value for 'tool_call_id' of 'call_a', in messages[2] and messages[3].",
    ),
    (
        "chat",
        said(
            {"role": "system", "content": [{"type": "image_url", "image_url": {"url": "http://x"}}]},
        ),
        "invalid_value",
        "messages[0]",
        "Invalid 'messages[0]'. Image URLs are only allowed for messages with role 'user', "
        "but this message with role 'system' contains an image URL.",
    ),
    (
        "chat",
        tool(name="f", strict=True, parameters={"type": "object", "properties": {}}),
        "invalid_function_parameters",
        "tools[0].function.parameters",
        "Invalid schema for function 'f': In context=(), "
        "'additionalProperties' is required to be supplied and to be false.",
    ),
    (
        "chat",
        tool(
            name="f",
            strict=True,
            parameters={
                "type": "object",
                "properties": {"params": {"type": "string"}},
                "additionalProperties": False,
            },
        ),
        "invalid_function_parameters",
        "tools[0].function.parameters",
        "Invalid schema for function 'f': In context=(), 'required' is required to be supplied "
        "and to be an array including every key in properties. Missing 'params'.",
    ),
    (
        "chat",
        tool(name="f", parameters={"type": "object"}),
        "invalid_function_parameters",
        "tools[0].function.parameters",
        "Invalid schema for function 'f': In context=(), object schema missing properties.",
    ),
    (
        "chat",
        tool(name="f", parameters={"oneOf": []}),
        "invalid_function_parameters",
        "tools[0].function.parameters",
        "Invalid schema for function 'f': schema must be a JSON Schema of 'type: \"object\"', got 'type: \"None\"'.",
    ),
    (
        "chat",
        tool(name="f", parameters={"type": "object", "properties": {"a": {"type": "array"}}}),
        "invalid_function_parameters",
        "tools[0].function.parameters",
        "Invalid schema for function 'f': In context=('properties', 'a'), array schema missing items.",
    ),
    (
        "chat",
        chat(
            response_format={
                "type": "json_schema",
                "json_schema": {"name": "n", "strict": True, "schema": {"type": "object", "properties": {}}},
            }
        ),
        None,
        "response_format",
        "Invalid schema for response_format 'n': In context=(), "
        "'additionalProperties' is required to be supplied and to be false.",
    ),
    (
        "completions",
        completion(best_of=0),
        None,
        "best_of",
        "You requested that the server return more choices than it will generate (HINT: you must set 'n' "
        "(currently 1) to be at most 'best_of' (currently 0), or omit either parameter if you don't "
        "specifically want to use them.)",
    ),
    ("embeddings", embedding(zzz=1), None, None, "Unrecognized request argument supplied: zzz"),
    # What single models refuse.
    (
        "chat",
        terra(modalities=["text"]),
        "unknown_parameter",
        "modalities",
        "Unknown parameter: 'modalities'.",
    ),
    (
        "chat",
        terra(stop=["ZZ"]),
        "unsupported_parameter",
        "stop",
        "Unsupported parameter: 'stop' is not supported with this model.",
    ),
    (
        "chat",
        terra(max_tokens=32),
        "unsupported_parameter",
        "max_tokens",
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    ),
    (
        "chat",
        terra(logprobs=True),
        "unsupported_parameter",
        "logprobs",
        "Unsupported parameter: 'logprobs' is not supported with this model.",
    ),
    (
        "chat",
        terra(frequency_penalty=0.5),
        "unsupported_parameter",
        "frequency_penalty",
        "Unsupported parameter: 'frequency_penalty' is not supported with this model.",
    ),
    (
        "chat",
        terra(temperature=0),
        "unsupported_value",
        "temperature",
        "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported.",
    ),
    (
        "chat",
        terra(reasoning_effort="max"),
        "unsupported_value",
        "reasoning_effort",
        f"Unsupported value: 'reasoning_effort' does not support 'max' with this model. "
        f"Supported values are: {EFFORTS}.",
    ),
    (
        "chat",
        terra(n=64),
        "integer_above_max_value",
        "n",
        "Invalid 'n': integer above maximum value. Expected a value <= 8, but got 64 instead.",
    ),
    (
        "chat",
        terra(reasoning_effort="none", logprobs=True, top_logprobs=20),
        None,
        "top_logprobs",
        "Invalid value for 'top_logprobs': must be less than or equal to 5.",
    ),
    (
        "chat",
        terra(prompt_cache_retention="in_memory"),
        None,
        "prompt_cache_retention",
        "This model is compatible only with 24h extended prompt caching",
    ),
    (
        "chat",
        terra(reasoning_effort="high", tools=[WEATHER]),
        None,
        "reasoning_effort",
        "Function tools with reasoning_effort are not supported for gpt-5.6-terra in /v1/chat/completions. "
        "To use function tools, use /v1/responses or set reasoning_effort to 'none'.",
    ),
    (
        "chat",
        chat(model="o3-mini", temperature=1),
        "unsupported_parameter",
        "temperature",
        "Unsupported parameter: 'temperature' is not supported with this model.",
    ),
    (
        "chat",
        chat(model="o1-preview", messages=[{"role": "system", "content": "x"}]),
        "unsupported_value",
        "messages[0].role",
        "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
    ),
    (
        "chat",
        chat(model="gpt-4o", max_tokens=100_000),
        "invalid_value",
        "max_tokens",
        "max_tokens is too large: 100000. This model supports at most 16384 completion tokens, "
        "whereas you provided 100000.",
    ),
    (
        "chat",
        chat(model="gpt-4o", reasoning_effort="low"),
        None,
        None,
        "Unrecognized request argument supplied: reasoning_effort",
    ),
    (
        "chat",
        chat(model="gpt-4o-mini", web_search_options={}),
        "unknown_parameter",
        "web_search_options",
        "Unknown parameter: 'web_search_options'.",
    ),
    (
        "chat",
        chat(model="gpt-4", response_format={"type": "json_schema", "json_schema": {"name": "n"}}),
        None,
        "response_format",
        "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model. "
        "Learn more about supported models at the Structured Outputs guide: "
        "https://platform.openai.com/docs/guides/structured-outputs",
    ),
]

# Refused with another status at the exact level.
MISPLACED: list[tuple[str, dict[str, Any], int, str | None, str]] = [
    (
        "chat",
        chat(model="gpt-3.5-turbo-instruct"),
        404,
        "model",
        "This is not a chat model and thus not supported in the v1/chat/completions endpoint. "
        "Did you mean to use v1/completions?",
    ),
    (
        "chat",
        chat(model="o3-pro"),
        404,
        "model",
        "This model is only supported in v1/responses and not in v1/chat/completions.",
    ),
    (
        "completions",
        completion(model="gpt-5"),
        404,
        "model",
        "This is a chat model and not supported in the v1/completions endpoint. "
        "Did you mean to use v1/chat/completions?",
    ),
    (
        "embeddings",
        embedding(model="gpt-4o-mini"),
        403,
        None,
        "You are not allowed to generate embeddings from this model",
    ),
    (
        "completions",
        completion(model="text-embedding-3-small"),
        403,
        None,
        "You are not allowed to sample from this model",
    ),
]

# Bodies with two faults each: the param of the one that is reported.
ORDER: list[tuple[dict[str, Any], str | None]] = [
    (without(terra(zzz=1), "model"), None),
    (without(terra(zzz=1), "messages"), "messages"),
    (terra(n="abc", zzz=1), "zzz"),
    (terra(messages=[], zzz=1), "zzz"),
    (terra(zzz=1, yyy=1), "zzz"),
    (terra(stop=["ZZ"], n="abc"), "n"),
    (terra(temperature=0.5, n=0), "n"),
    (terra(temperature=0.5, stop=["ZZ"]), "stop"),
    (terra(service_tier="bogus", seed=1.5), "seed"),
    (terra(metadata={"k": 7}, n=0), "n"),
    (terra(logprobs="x", max_completion_tokens=0), "max_completion_tokens"),
    (terra(metadata={"k": 7}, messages=[7]), "messages[0]"),
    (terra(moderation={}, n=0), "n"),
    (terra(store="x", stream="y"), "stream"),
    (terra(top_logprobs=-1, tools="x"), "tools"),
    (terra(verbosity="bogus", user=7), "user"),
    (terra(function_call={}, functions="x"), "functions"),
    (terra(prompt_cache_key=7, prompt_cache_options="x"), "prompt_cache_options"),
    (terra(store="x", max_tokens=32), "max_tokens"),
    (terra(stream_options="x", stop=["ZZ"]), "stop"),
    (terra(prediction={"type": "content", "content": "p"}, metadata="x"), "metadata"),
    (terra(verbosity="bogus", logit_bias={"1": 1}), "logit_bias"),
    (terra(temperature=0.5, metadata="x"), "metadata"),
    (terra(logprobs=True, verbosity="bogus"), "verbosity"),
    (terra(temperature=0.5, messages=[{"role": "user"}]), "temperature"),
    (terra(messages=[{"role": "user"}, {"role": "user", "content": 7}]), "messages[1].content"),
    (terra(messages=[{"role": "user"}, {"role": "bogus", "content": "a"}]), "messages[1].role"),
    (
        terra(messages=[SAY, {"role": "assistant", "content": 7, "tool_calls": []}]),
        "messages[1].content",
    ),
    (terra(reasoning_effort={"a": 1}, stop="x"), "reasoning_effort"),
]


def name_of(value: object) -> str | None:
    """A short id for a case: its message or param."""
    return value[:60] if isinstance(value, str) else ""


@pytest.mark.parametrize(("endpoint", "body", "code", "param", "message"), HARD, ids=name_of)
@pytest.mark.parametrize("exact", [False, True], ids=["compatible", "exact"])
def test_a_fault_no_server_takes_is_refused_at_both_levels(
    endpoint: Any, body: dict[str, Any], code: str | None, param: str | None, message: str, exact: bool
) -> None:
    """Each gets a 400 in the API's words, whatever the level."""
    found = check(endpoint, body, exact=exact)
    assert found.refusal == (400, message, "invalid_request_error", param, code)
    assert found.warnings == ()


@pytest.mark.parametrize(("endpoint", "body", "code", "param", "message"), SOFT, ids=name_of)
def test_a_fault_only_the_api_minds_is_refused_when_exact(
    endpoint: Any, body: dict[str, Any], code: str | None, param: str | None, message: str
) -> None:
    """Each gets a 400 in the API's words at the exact level."""
    found = check(endpoint, body, exact=True).refusal
    assert found == (400, message, "invalid_request_error", param, code)


@pytest.mark.parametrize(("endpoint", "body", "code", "param", "message"), SOFT, ids=name_of)
def test_a_fault_only_the_api_minds_is_a_warning_when_compatible(
    endpoint: Any, body: dict[str, Any], code: str | None, param: str | None, message: str
) -> None:
    """The same refusal is the first warning at the compatible level."""
    found = check(endpoint, body)
    assert found.refusal is None
    assert found.warnings[0] == (400, message, "invalid_request_error", param, code)


@pytest.mark.parametrize(("endpoint", "body", "status", "param", "message"), MISPLACED, ids=name_of)
def test_a_model_of_another_endpoint_is_refused_when_exact(
    endpoint: Any, body: dict[str, Any], status: int, param: str | None, message: str
) -> None:
    """It is told where the model belongs; compatible servers serve any model anywhere."""
    refusal = (status, message, "invalid_request_error", param, None)
    assert check(endpoint, body, exact=True).refusal == refusal
    assert refusal in check(endpoint, body).warnings


@pytest.mark.parametrize(("body", "param"), ORDER, ids=name_of)
def test_of_two_faults_the_one_the_api_sees_first_is_reported(body: dict[str, Any], param: str | None) -> None:
    """The order was measured; each body is wrong twice, and mostly the later fault comes first in it."""
    found = check("chat", body, exact=True).refusal
    assert found is not None
    assert found.param == param


def test_a_refused_value_is_shown_as_python_writes_it() -> None:
    """An object as an effort comes back with Python's quotes."""
    found = check("chat", terra(reasoning_effort={"k": "a'b"}), exact=True).refusal
    assert found is not None
    assert "does not support {'k': \"a'b\"} with" in found.message


def test_unanswered_calls_are_all_named_without_a_full_stop() -> None:
    """At the end of a conversation the param is the messages as a whole."""
    calls = [{**ASK["tool_calls"][0], "id": name} for name in ("call_a", "call_b")]
    found = check("chat", said(SAY, ASK | {"tool_calls": calls}), exact=True).refusal
    assert found is not None
    assert found.param == "messages"
    assert found.message.endswith("did not have response messages: call_a, call_b")
