"""Input tokens of requests, against counts that the API itself is known to have answered."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver import tokens
from mockserver.tokens.splitter import Mode
from mockserver.tokens.typescript import functions_text

from .conftest import both_modes, needs_vocabulary

Body = dict[str, Any]


def user(content: str) -> Body:
    """A user's message."""
    return {"role": "user", "content": content}


def system(content: str, **more: str) -> Body:
    """A system message."""
    return {"role": "system", "content": content, **more}


def function(name: str, description: str | None = None, **properties: object) -> Body:
    """A function with the given parameters."""
    described = {"description": description} if description else {}
    return {"name": name, **described, "parameters": {"type": "object", "properties": properties}}


FOO = {"type": "string"}
BAR = {"type": "number", "description": "A number"}
NESTED = {
    "type": "object",
    "properties": {"bar": {"type": "string", "enum": ["a", "b", "c"]}, "baz": {"type": "boolean"}},
}
RECIPE = {
    "name": "get_recipe",
    "parameters": {
        "type": "object",
        "required": ["ingredients", "instructions", "time_to_cook"],
        "properties": {
            "ingredients": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["name", "unit", "amount"],
                    "properties": {
                        "name": {"type": "string"},
                        "unit": {"type": "string", "enum": ["grams", "ml", "cups", "pieces", "teaspoons"]},
                        "amount": {"type": "number"},
                    },
                },
            },
            "instructions": {
                "type": "array",
                "items": {"type": "string"},
                "description": "Steps to prepare the recipe (no numbering)",
            },
            "time_to_cook": {
                "type": "number",
                "description": "Total time to prepare the recipe in minutes",
            },
        },
    },
}
STUFF = function("do_stuff")
ARGUMENTS = '{"foo": "bar", "baz": 1.5}'

PUBLISHED: list[tuple[int, list[Body], list[Body]]] = [
    (8, [user("hello")], []),
    (9, [user("hello world")], []),
    (8, [system("hello")], []),
    (9, [system("hello:")], []),
    (31, [user("hello")], [function("foo")]),
    (36, [user("hello")], [function("foo", "Do a foo")]),
    (49, [user("hello")], [function("bing_bong", "Do a bing bong", foo=FOO)]),
    (57, [user("hello")], [function("bing_bong", "Do a bing bong", foo=FOO, bar=BAR)]),
    (68, [user("hello")], [function("bing_bong", "Do a bing bong", foo=NESTED)]),
    (106, [user("hello")], [RECIPE]),
    (15, [user("hello world"), {"role": "function", "name": "do_stuff", "content": "{}"}], []),
    (28, [user("hello world"), {"role": "function", "name": "do_stuff", "content": ARGUMENTS}], []),
    (
        26,
        [{"role": "assistant", "content": "", "function_call": {"name": "do_stuff", "arguments": ARGUMENTS}}],
        [],
    ),
    (35, [system("Hello"), user("Hi there")], [STUFF]),
    (35, [system("Hello:"), user("Hi there")], [STUFF]),
    (40, [system("Hello:"), system("Hello"), user("Hi there")], [STUFF]),
]
"""Answered by gpt-3.5-turbo; published with the tests of hmarr/openai-chat-tokens."""

JARGON = [
    system("You are a helpful, pattern-following assistant that translates corporate jargon into plain English."),
    system("New synergies will help drive top-line growth.", name="example_user"),
    system("Things working well together will increase revenue.", name="example_assistant"),
    system(
        "Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage.",
        name="example_user",
    ),
    system("Let's talk later when we're less busy about how to do better.", name="example_assistant"),
    user("This late pivot means we don't have time to boil the ocean for the client deliverable."),
]
WEATHER = [
    system("You are a helpful assistant that can answer to questions about the weather."),
    user("What's the weather like in San Francisco?"),
]
GET_WEATHER = function(
    "get_current_weather",
    "Get the current weather in a given location",
    location={"type": "string", "description": "The city and state, e.g. San Francisco, CA"},
    unit={
        "type": "string",
        "description": "The unit of temperature to return",
        "enum": ["celsius", "fahrenheit"],
    },
)
GET_WEATHER["parameters"]["required"] = ["location"]


@needs_vocabulary
@pytest.mark.parametrize(("expected", "messages", "functions"), PUBLISHED)
def test_counts_equal_those_the_api_answered(expected: int, messages: list[Body], functions: list[Body]) -> None:
    """To the token, and the same whether given as `functions` or as `tools`."""
    tokens.use("exact")
    body = {"model": "gpt-3.5-turbo", "messages": messages}
    tools = [{"type": "function", "function": one} for one in functions]
    assert tokens.prompt_tokens({**body, "functions": functions}) == expected
    assert tokens.prompt_tokens({**body, "tools": tools}) == expected


@needs_vocabulary
@pytest.mark.parametrize(
    ("model", "expected"),
    [("gpt-3.5-turbo-0613", 129), ("gpt-4-0613", 129), ("gpt-4o", 124), ("gpt-4o-mini", 124)],
)
def test_the_cookbooks_messages_count_as_it_says(model: str, expected: int) -> None:
    """Six messages, four of them with names."""
    tokens.use("exact")
    assert tokens.prompt_tokens({"model": model, "messages": JARGON}) == expected


@needs_vocabulary
@pytest.mark.parametrize(
    ("model", "expected"), [("gpt-3.5-turbo", 105), ("gpt-4", 105), ("gpt-4o", 101), ("gpt-4o-mini", 101)]
)
def test_the_cookbooks_tool_counts_as_it_says(model: str, expected: int) -> None:
    """A tool beside a system message."""
    tokens.use("exact")
    body = {"messages": WEATHER, "tools": [{"type": "function", "function": GET_WEATHER}]}
    assert tokens.prompt_tokens(body, model) == expected


@needs_vocabulary
def test_gpt_5_counts_one_less() -> None:
    """Seen in recordings of gpt-5-nano."""
    tokens.use("exact")
    assert tokens.prompt_tokens({"model": "gpt-5-nano", "messages": [user("Hello!")]}) == 8
    assert tokens.prompt_tokens({"model": "gpt-4o", "messages": [user("Hello!")]}) == 9


@both_modes
def test_what_is_in_a_message_adds_up(mode: Mode) -> None:
    """Parts, media, names, refusals, calls and results each add their share."""
    tokens.use(mode)
    word = tokens.count("hello")

    def added(**message: object) -> int:
        return tokens.prompt_tokens({"messages": [{"role": "user", **message}]}) - 3 - 3 - 1

    assert added(content="hello") == word
    assert added(content=[{"type": "text", "text": "hello"}] * 2) == 2 * word
    assert added(content=[{"type": "image_url", "image_url": {"url": "data:..."}}]) == 85
    assert added(content=None) == added() == 0
    assert added(content="", name="hello") == word + 1
    assert added(role="assistant", refusal="hello") == word
    call = {"id": "call_1", "type": "function", "function": {"name": "hello", "arguments": "hello"}}
    assert added(role="assistant", tool_calls=[call, call]) == 2 * (3 + 2 * word)
    assert added(role="tool", tool_call_id="call_1", content="hello") == word - 2


@both_modes
def test_a_choice_of_tool_costs_little(mode: Mode) -> None:
    """None one token, a named function four and its name."""
    tokens.use(mode)
    body: Body = {"messages": [user("hello")], "tools": [{"type": "function", "function": STUFF}]}
    free = tokens.prompt_tokens(body)
    assert tokens.prompt_tokens({**body, "tool_choice": "auto"}) == free
    assert tokens.prompt_tokens({**body, "tool_choice": "none"}) == free + 1
    named = {"type": "function", "function": {"name": "do_stuff"}}
    assert tokens.prompt_tokens({**body, "tool_choice": named}) == free + 4 + tokens.count("do_stuff")


def test_tools_are_shown_as_typescript() -> None:
    """Descriptions only of the outermost properties; a nested brace closes at the margin."""
    inner = {"deep": {"type": "array", "items": {"type": "integer"}, "description": "hidden"}, "odd": {}}
    tool = function("f", "Does f", a={"type": "object", "description": "shown", "properties": inner})
    assert functions_text([tool, {"name": "g"}]).splitlines() == [
        "namespace functions {",
        "",
        "// Does f",
        "type f = (_: {",
        "// shown",
        "a?: {",
        "  deep?: number[],",
        "  odd?: any,",
        "},",
        "}) => any;",
        "",
        "type g = () => any;",
        "",
        "} // namespace functions",
    ]


def test_schemas_of_any_depth_are_counted() -> None:
    """The deepest levels are not looked at."""
    objects: Body = {}
    arrays: Body = {}
    for _ in range(5000):
        objects = {"type": "object", "properties": {"a": objects}}
        arrays = {"type": "array", "items": arrays}
    body = {"messages": [], "functions": [function("f", a=objects, b=arrays)]}
    assert tokens.prompt_tokens(body) > 0


MESSAGE_KEYS = ["role", "content", "name", "type", "text", "function", "tool_calls", "arguments"]
SCHEMA_KEYS = ["parameters", "properties", "required", "items", "enum", "type"]
KEYS = st.sampled_from(MESSAGE_KEYS + SCHEMA_KEYS)
STRINGS = st.text(st.characters(exclude_categories=[]), max_size=4)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | STRINGS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS | STRINGS, inner, max_size=4),
    max_leaves=8,
)
ODD = JSON | st.lists(st.dictionaries(KEYS, JSON, max_size=5), max_size=3)


FIELDS = ("messages", "tools", "functions", "tool_choice", "function_call", "model")


@settings(max_examples=80, deadline=None)
@given(body=st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, ODD)))
def test_any_json_has_a_count(body: Body) -> None:
    """Bodies that validation let through, or never saw, are not the counter's business."""
    tokens.use("estimated")
    assert tokens.prompt_tokens(body) >= 2
    assert tokens.input_tokens(body.get("messages")) >= 0


@both_modes
def test_every_form_of_a_prompt_has_its_count(mode: Mode) -> None:
    """Texts by their tokens, ids by their number, null as one."""
    tokens.use(mode)
    two = tokens.count("hello world")
    assert tokens.input_tokens("hello world") == two
    assert tokens.input_tokens(["hello world", "hello world"]) == 2 * two
    assert tokens.input_tokens([1, 2, 3]) == 3
    assert tokens.input_tokens([[1, 2, 3], [4]]) == 4
    assert tokens.input_tokens(None) == 1
