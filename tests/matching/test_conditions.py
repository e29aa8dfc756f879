"""Every key of `match`: the calls it fits, and what is said to differ of those it does not."""

from typing import Any

import pytest

from mockserver.call import Call
from mockserver.state import Past
from tests.matching.asking import chat, completion, differences, embedding, groups

USER = {"role": "user", "content": "good day"}
CALLS = {
    "role": "assistant",
    "content": None,
    "tool_calls": [
        {"id": "call_time", "type": "function", "function": {"name": "get_time", "arguments": "{}"}},
        {"id": "call_1", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}},
    ],
}
RESULT = {"role": "tool", "tool_call_id": "call_1", "content": "21 degrees"}
AFTER_TOOL = chat(messages=[USER, CALLS, RESULT])
OLD_RESULT = chat(messages=[USER, {"role": "function", "name": "get_weather", "content": "rain"}])
WEATHER = {"type": "function", "function": {"name": "get_weather"}}
CUSTOM = {"type": "custom", "custom": {"name": "shell"}}
PICTURE = {"type": "image_url", "image_url": {"url": "data:,"}}
SOUND = {"type": "input_audio", "input_audio": {"data": "", "format": "wav"}}
FILE = {"type": "file", "file": {"file_id": "f"}}
TALK = [
    {"role": "system", "content": "You are a pirate."},
    {"role": "developer", "content": [{"type": "text", "text": "Be brief."}]},
    {"role": "user", "content": "my name is Ada"},
    {"role": "assistant", "content": "Ahoy!"},
    {"role": "user", "content": "who am I?"},
]
SCHEMA = {"type": "json_schema", "json_schema": {"name": "person", "schema": {"type": "object"}}}


def named(name: str) -> dict[str, Any]:
    """A `tool_choice` that demands a tool."""
    return {"type": "function", "function": {"name": name}}


FITS: list[tuple[str, Call]] = [
    ("{model: gpt-4o, snapshots: true}", chat(model="gpt-4o-2024-08-06")),
    ("{model: gpt-4o, snapshots: true}", chat(model="gpt-4o")),
    ("{model: gpt-4, snapshots: true}", chat(model="gpt-4-0613")),
    ("{model: [x, 'gpt-?o'], snapshots: true}", chat(model="gpt-4o-2024-08-06")),
    ("{any_message: my name}", chat(messages=TALK)),
    ("{any_message: {exact: 'Ahoy!'}}", chat(messages=TALK)),
    ("{any_message: [nothing, pirate]}", chat(messages=TALK)),
    ("{any_message: hello}", completion(["x", "hello"])),
    ("{system: pirate}", chat(messages=TALK)),
    ("{system: {exact: Be brief.}}", chat(messages=TALK)),
    ("{prompt: {exact: b}}", completion(["a", "b"])),
    ("{prompt: once}", completion("once upon")),
    ("{input: {exact: b}}", embedding(["a", "b"])),
    ("{user: {contains: GOOD, ignore_case: true}}", chat()),
    ("{user: {exact: GOOD DAY, ignore_case: true}}", chat()),
    ("{user: {regex: '^GOOD', ignore_case: true}}", chat()),
    ("{user: {contains: 'STRASSE', ignore_case: true}}", chat("in der Straße")),
    ("{parts: image}", chat(messages=[{"role": "user", "content": [PICTURE]}, USER])),
    ("{parts: [image, audio, file, text]}", chat(messages=[{"role": "user", "content": [PICTURE, SOUND, FILE]}, USER])),
    ("{parts: text}", chat()),
    ("{tools: [shell, get_weather]}", chat(tools=[WEATHER, CUSTOM])),
    ("{tool_choice: none}", chat()),
    ("{tool_choice: auto}", chat(tools=[WEATHER])),
    ("{tool_choice: none}", chat(tools=[WEATHER], tool_choice="none")),
    ("{tool_choice: [auto, required]}", chat(tools=[WEATHER], tool_choice="required")),
    ("{tool_choice: get_weather}", chat(tools=[WEATHER], tool_choice=named("get_weather"))),
    ("{tool_result: 21}", AFTER_TOOL),
    ("{tool_result: [rain, 21 degrees]}", AFTER_TOOL),
    ("{tool_result: {name: get_weather}}", AFTER_TOOL),
    ("{tool_result: {name: [other, get_weather], content: '/degrees$/', tool_call_id: {exact: call_1}}}", AFTER_TOOL),
    ("{tool_result: {name: get_weather, content: rain}}", OLD_RESULT),
    ("{after_tool: true}", OLD_RESULT),
    ("{turns: 2}", chat(messages=TALK)),
    ("{turns: [1, 2]}", chat(messages=TALK)),
    ("{turns: {gt: 1, lte: 2}}", chat(messages=TALK)),
    ("{turns: {ne: 1}}", chat(messages=TALK)),
    ("{turns: {in: [2, 4]}}", chat(messages=TALK)),
    ("{turns: 0}", completion("x")),
    ("{schema: person}", chat(response_format=SCHEMA)),
    ("{schema: [x, person]}", chat(response_format=SCHEMA)),
    ("{ordinal: 3}", chat(past=Past(3))),
    ("{ordinal: {gte: 2}}", chat(past=Past(3))),
    ("{headers: {X-Tenant: acme}}", chat(headers={b"x-tenant": b"the acme corp"})),
    ("{headers: {x-a: {exact: '1'}, x-b: [2, 3]}}", chat(headers={b"x-a": b"1", b"x-b": b"3"})),
    ("{api_key: {exact: sk-1}}", chat(headers={b"authorization": b"Bearer sk-1"})),
    ("{api_key: /^sk/}", chat(headers={b"api-key": b"sk-1"})),
    ("{not: {user: bye}}", chat()),
    ("{not: [{user: bye}, {user: good, model: x}]}", chat()),
    ("{any: [{user: bye}, {user: good}]}", chat()),
    ("{all: [{user: good}, {user: day}]}", chat()),
    ("{user: good, any: {all: [{user: day}, {not: {user: night}}]}}", chat()),
]


@pytest.mark.parametrize(("match", "call"), FITS, ids=[match for match, _ in FITS])
def test_it_fits(match: str, call: Call) -> None:
    """Nothing differs."""
    assert differences(match, call) == []


DIFFERS: list[tuple[str, Call, str]] = [
    ("{model: gpt-4o}", chat(model="gpt-4o-2024-08-06"), "model: expected gpt-4o, got 'gpt-4o-2024-08-06'"),
    (
        "{model: gpt-4o, snapshots: true}",
        chat(model="gpt-4o-mini"),
        "model: expected gpt-4o or a dated snapshot, got 'gpt-4o-mini'",
    ),
    ("{any_message: bye}", chat(messages=TALK), "any_message: expected a text containing 'bye', got 'who am I?'"),
    ("{system: bye}", chat(), "system: expected a text containing 'bye', got no system prompt"),
    ("{prompt: bye}", chat(), "prompt: expected a text containing 'bye', got no prompt"),
    ("{prompt: bye}", completion([1, 2]), "prompt: expected a text containing 'bye', got no prompt"),
    ("{input: bye}", completion("bye"), "input: expected a text containing 'bye', got no text as input"),
    (
        "{user: {exact: BYE, ignore_case: true}}",
        chat(),
        "user: expected 'BYE' in any case, got 'good day'",
    ),
    ("{parts: [image, text]}", chat(), "parts: expected image, text, got text"),
    ("{parts: audio}", chat(messages=[{"role": "user", "content": [PICTURE]}]), "parts: expected audio, got image"),
    ("{tools: shell}", chat(tools=[WEATHER]), "tools: expected shell, got get_weather"),
    ("{tool_choice: required}", chat(), "tool_choice: expected required, got none"),
    (
        "{tool_choice: [auto, shell]}",
        chat(tools=[WEATHER], tool_choice=named("get_weather")),
        "tool_choice: expected auto or shell, got get_weather",
    ),
    (
        "{tool_result: 21}",
        chat(),
        "tool_result: expected a result with a text containing '21', got another message as the last message",
    ),
    (
        "{tool_result: {name: get_time}}",
        AFTER_TOOL,
        "tool_result: expected the result of get_time, got the result of get_weather",
    ),
    (
        "{tool_result: {content: rain, tool_call_id: call_2}}",
        AFTER_TOOL,
        "tool_result: expected a result with a text containing 'rain' to the call a text containing 'call_2', "
        "got the result of get_weather with '21 degrees' to the call 'call_1'",
    ),
    (
        "{tool_result: {name: x}}",
        chat(messages=[USER, {"role": "tool", "tool_call_id": "lost", "content": ""}]),
        "tool_result: expected the result of x, got the result of an unknown tool",
    ),
    (
        "{tool_result: {name: get_weather}}",
        chat(messages=[USER, CALLS, RESULT, USER]),
        "tool_result: expected the result of get_weather, got another message as the last message",
    ),
    ("{after_tool: true}", chat(), "after_tool: expected true, got another message as the last message"),
    ("{after_tool: false}", AFTER_TOOL, "after_tool: expected false, got a tool's result as the last message"),
    ("{turns: 3}", chat(), "turns: expected 3, got 1"),
    ("{turns: [2, 3]}", chat(), "turns: expected 2 or 3, got 1"),
    ("{turns: {gt: 1, lt: 5}}", chat(), "turns: expected more than 1 and less than 5, got 1"),
    ("{turns: {gte: 2, lte: 5, ne: 3}}", chat(), "turns: expected at least 2 and at most 5 and not 3, got 1"),
    ("{schema: person}", chat(), "schema: expected person, got none"),
    ("{ordinal: 2}", chat(), "ordinal: expected 2, got 1"),
    ("{headers: {x-a: b}}", chat(), "headers.x-a: expected a text containing 'b', got no such header"),
    ("{headers: {X-A: /b/}}", chat(headers={b"x-a": b"c"}), "headers.x-a: expected a text matching /b/, got 'c'"),
    (
        "{headers: {authorization: x}}",
        chat(headers={b"authorization": b"Bearer sk-very-secret-1234"}),
        "headers.authorization: expected a text containing 'x', got '***1234'",
    ),
    ("{api_key: x}", chat(), "api_key: expected a text containing 'x', got no API key"),
    (
        "{api_key: x}",
        chat(headers={b"authorization": b"Bearer sk-very-secret-1234"}),
        "api_key: expected a text containing 'x', got '***1234'",
    ),
    ("{api_key: x}", chat(headers={b"api-key": b"short"}), "api_key: expected a text containing 'x', got '***'"),
    (
        "{not: {user: good, stream: false}}",
        chat(),
        "not: expected no match of [stream: false; user: a text containing 'good'], got one",
    ),
    (
        "{not: [{user: bye}, {model: gpt*}]}",
        chat(),
        "not: expected no match of [user: a text containing 'bye'] or [model: gpt*], got one of [model: gpt*]",
    ),
    (
        "{any: [{user: bye, stream: false}, {model: x}]}",
        chat(),
        "any: expected [stream: false; user: a text containing 'bye'] or [model: x], "
        "got user: 'good day'; model: 'gpt-4o-mini'",
    ),
    ("{all: [{user: good}, {user: night}]}", chat(), "user: expected a text containing 'night', got 'good day'"),
]


@pytest.mark.parametrize(("match", "call", "told"), DIFFERS, ids=[match for match, _, _ in DIFFERS])
def test_it_differs(match: str, call: Call, told: str) -> None:
    """And it is said in what: the demand, and what the call has."""
    assert differences(match, call) == [told]


def test_all_that_differs_is_told() -> None:
    """The cheap conditions first, in an order that does not depend on the file."""
    told = differences("{tools: t, user: bye, turns: 2, headers: {x: y}, stream: true, model: m}", chat())
    assert [line.split(":")[0] for line in told] == ["model", "stream", "headers.x", "user", "tools", "turns"]


@pytest.mark.parametrize(
    ("match", "call", "found"),
    [
        ("{user: '/(?P<a>g\\w+)/'}", chat(), {"a": "good"}),
        ("{user: ['/(?P<a>x)/', '/(?P<b>d.*)/']}", chat(), {"b": "d day"}),
        ("{user: '/(?P<a>g)(?P<b>x)?/'}", chat(), {"a": "g", "b": ""}),
        ("{user: good}", chat(), {}),
        (
            "{system: '/a (?P<who>\\w+)/', any_message: '/is (?P<name>\\w+)/'}",
            chat(messages=TALK),
            {"who": "pirate", "name": "Ada"},
        ),
        ("{user: '/(?P<a>good)/', any_message: '/(?P<a>.*)/'}", chat(), {"a": "good"}),
        ("{prompt: '/(?P<a>.+)/'}", completion("x"), {"a": "x"}),
        ("{input: '/(?P<a>.+)/'}", embedding("x"), {"a": "x"}),
        ("{tool_result: '/(?P<n>\\d+)/'}", AFTER_TOOL, {"n": "21"}),
        ("{tool_result: {tool_call_id: '/_(?P<n>\\d+)/'}}", AFTER_TOOL, {"n": "1"}),
        ("{headers: {x: '/(?P<a>.)$/'}}", chat(headers={b"x": b"yz"}), {"a": "z"}),
        ("{api_key: '/-(?P<a>.)/'}", chat(headers={b"api-key": b"sk-1"}), {"a": "1"}),
        ("{fields: {model: '/-(?P<a>\\w+)/'}}", chat(), {"a": "4o"}),
        ("{fields: {model: {regex: '-(?P<a>\\w+)'}}}", chat(), {"a": "4o"}),
        ("{any: [{user: bye}, {user: '/(?P<a>day)/'}]}", chat(), {"a": "day"}),
        ("{all: [{user: '/(?P<a>good)/'}, {user: '/(?P<b>day)/'}]}", chat(), {"a": "good", "b": "day"}),
        ("{not: {user: '/(?P<a>bye)/'}}", chat(), {}),
    ],
)
def test_named_groups_are_those_of_all_regexes(match: str, call: Call, found: dict[str, str]) -> None:
    """Where a name comes twice, the first is meant; what is in `not` did not match and has none."""
    assert groups(match, call) == found
