"""Stubs as a user writes them: what matches, what is answered, and what is told when nothing matches."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import Serve, chat, content, events

TOOL = {"type": "function", "function": {"name": "book_table", "parameters": {"type": "object"}}}


def answered_by(response: httpx.Response) -> str:
    """The stub that answered."""
    return response.headers["x-mockserver-stub"]


MATCHES: list[tuple[str, dict[str, Any], bool]] = [
    ("{user: hello}", {"user": "well, hello there"}, True),
    ("{user: hello}", {"user": "Hello"}, False),
    ("{user: /^hel+o$/i}", {"user": "HELLLO"}, True),
    ("{user: /^hel+o$/}", {"user": "hello there"}, False),
    ("{user: {exact: hello}}", {"user": "hello"}, True),
    ("{user: {exact: hello}}", {"user": "hello "}, False),
    ("{user: {contains: ell}}", {"user": "hello"}, True),
    ("{user: {regex: H.LLO, flags: is}}", {"user": "h\nllo"}, True),
    ("{user: [bye, hello]}", {"user": "hello"}, True),
    ("{user: [bye, ciao]}", {"user": "hello"}, False),
    ("{user: 1.0}", {"user": "version 1.0"}, True),
    ("{model: gpt-4o}", {"model": "gpt-4o"}, True),
    ("{model: gpt-4o}", {"model": "gpt-4o-mini"}, False),
    ("{model: gpt-4*}", {"model": "gpt-4o-mini"}, True),
    ("{model: gpt-?}", {"model": "gpt-4"}, True),
    ("{model: gpt-?}", {"model": "gpt-45"}, False),
    ("{model: 'a.c'}", {"model": "abc"}, False),
    ("{model: [x, '*-mini']}", {"model": "gpt-4o-mini"}, True),
    ("{endpoint: chat}", {}, True),
    ("{endpoint: [completions, chat]}", {}, True),
    ("{endpoint: completions}", {}, False),
    ("{stream: true}", {"stream": True}, True),
    ("{stream: true}", {}, False),
    ("{stream: false}", {}, True),
    ("{tools: [book_table]}", {"tools": [TOOL]}, True),
    ("{tools: [book_table, other]}", {"tools": [TOOL]}, False),
    ("{tools: book_table}", {}, False),
    ("{wants_tool: true}", {"tools": [TOOL], "tool_choice": "required"}, True),
    ("{wants_tool: true}", {"tools": [TOOL], "user": "Thanks!"}, False),
    ("{wants_tool: false}", {}, True),
    ("{response_format: json_object}", {"response_format": {"type": "json_object"}, "user": "json"}, True),
    ("{response_format: text}", {}, True),
    ("{response_format: [json_schema, json_object]}", {}, False),
    ("{after_tool: true}", {}, False),
    ("{user: hello, model: gpt-4o}", {"model": "gpt-4o"}, False),
]


@pytest.mark.parametrize(("match", "asked", "fits"), MATCHES, ids=[f"{m}-{f}" for m, _, f in MATCHES])
def test_a_match_fits_or_does_not(serve: Serve, match: str, asked: dict[str, Any], fits: bool) -> None:
    """Every key of `match`, in each of its forms."""
    server = serve(f"stubs: [{{name: mine, match: {match}, response: x}}]")
    user = asked.pop("user", "good day")
    assert (answered_by(chat(server, user, **asked)) == "mine") is fits


def test_the_last_user_message_counts(serve: Serve) -> None:
    """Not the system prompt, not an earlier message; the text parts of its content are joined."""
    server = serve("stubs: [{name: mine, match: {user: /^hello\\nworld$/}, response: x}]")
    parts = [
        {"type": "text", "text": "hello"},
        {"type": "image_url", "image_url": {"url": "data:,"}},
        {"type": "text", "text": "world"},
    ]
    messages: list[dict[str, Any]] = [{"role": "user", "content": parts}, {"role": "assistant", "content": "hm"}]
    assert answered_by(chat(server, messages=messages)) == "mine"
    messages = [{"role": "user", "content": "hello\nworld"}, {"role": "user", "content": "no"}]
    assert answered_by(chat(server, messages=messages)) != "mine"
    messages = [{"role": "system", "content": "hello\nworld"}, {"role": "developer", "content": "x"}]
    assert answered_by(chat(server, messages=messages)) != "mine"


def test_the_prompt_and_the_input_are_what_the_user_said(serve: Serve) -> None:
    """`user` matches on the other endpoints too; token ids are no text."""
    server = serve(
        """\
        stubs:
          - {name: text, match: {user: hello}, response: x}
          - {name: vector, match: {user: hello}, response: {embedding: [1, 0.5, -0.25]}}
        """
    )
    for body, stub in (
        ({"prompt": "say hello"}, "text"),
        ({"prompt": ["a", "hello"]}, "text"),
        ({"prompt": [1, 2]}, "default/text"),
    ):
        response = httpx.post(f"{server.base_url}/completions", json={"model": "m", **body})
        assert answered_by(response) == stub
    response = httpx.post(f"{server.base_url}/embeddings", json={"model": "m", "input": ["hello", "x"]})
    assert answered_by(response) == "vector"
    assert [item["embedding"] for item in response.json()["data"]] == [[1, 0.5, -0.25]] * 2
    asked = {"model": "m", "input": "hello", "encoding_format": "base64"}
    response = httpx.post(f"{server.base_url}/embeddings", json=asked)
    assert response.json()["data"][0]["embedding"] == "AACAPwAAAD8AAIC+"


def test_the_first_stub_that_matches_answers(serve: Serve) -> None:
    """In the order of the file."""
    server = serve("stubs: [{match: {user: a}, response: one}, {match: {user: b}, response: two}, {response: three}]")
    assert [content(chat(server, user)) for user in ("ab", "b", "c")] == ["one", "two", "three"]


def test_tool_calls_do_not_answer_a_tools_result(serve: Serve) -> None:
    """An agent loop ends, unless the stub asks for the result itself."""
    call = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    messages = [
        {"role": "user", "content": "go"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "done"},
    ]
    once = serve("stubs: [{name: mine, match: {user: go}, response: {tool_calls: [{name: f}]}}]", "once.yaml")
    again = serve("stubs: [{name: mine, match: {after_tool: true}, response: {tool_calls: [{name: f}]}}]", "again.yaml")
    assert answered_by(chat(once, "go")) == "mine"
    assert answered_by(chat(once, messages=messages)) == "default/text"
    assert answered_by(chat(again, messages=messages)) == "mine"


def test_overrides_replace_fields(serve: Serve) -> None:
    """What a stub says of the answer stands in it, in streams too."""
    server = serve(
        """\
        stubs:
          - response:
              text: Hi
              id: my-id
              created: 1.5
              model: my-model
              finish_reason: content_filter
              usage: {prompt_tokens: 7}
              warning: old
              status: 201
              headers: {X-Mine: "1", Content-Type: application/weird+json}
        """
    )
    response = chat(server)
    answer = response.json()
    assert response.status_code == 201
    assert response.headers["x-mine"] == "1"
    assert response.headers.get_list("content-type") == ["application/weird+json"]
    assert next(iter(answer)) == "warning"
    assert (answer["warning"], answer["id"], answer["created"], answer["model"]) == ("old", "my-id", 1.5, "my-model")
    assert answer["choices"][0]["finish_reason"] == "content_filter"
    usage = answer["usage"]
    assert usage["prompt_tokens"] == 7
    assert usage["total_tokens"] == 7 + usage["completion_tokens"]
    first = json.loads(chat(server, stream=True).text.partition("\n\n")[0].removeprefix("data: "))
    assert next(iter(first)) == "warning"
    assert (first["id"], first["created"], first["model"]) == ("my-id", 1.5, "my-model")


def test_a_finish_reason_keeps_the_text_whole(serve: Serve) -> None:
    """A stub that says why its answer ends says where it ends."""
    server = serve("stubs: [{response: {text: one two three four five, finish_reason: stop}}]")
    answer = chat(server, max_tokens=1, stop="two").json()["choices"][0]
    assert answer["message"]["content"] == "one two three four five"


def test_a_body_is_sent_as_it_is(serve: Serve) -> None:
    """JSON in the order written, or text; not even a model's warning is added."""
    server = serve(
        """\
        models: [{id: old, warning: deprecated}]
        stubs:
          - {match: {user: json}, response: {body: {z: 1, a: [true, null, 1.5, no]}}}
          - {match: {user: text}, response: {body: "<html>", headers: {content-type: text/html}, status: 502}}
        """
    )
    response = chat(server, "json", model="old")
    assert response.text == json.dumps({"z": 1, "a": [True, None, 1.5, "no"]}, indent=2)
    response = chat(server, "text")
    assert (response.status_code, response.text, response.headers["content-type"]) == (502, "<html>", "text/html")


def test_a_body_that_is_an_answer_can_be_streamed(serve: Serve) -> None:
    """Its choices become chunks with its own id, time and model; any other body is sent whole."""
    server = serve(
        """\
        stubs:
          - match: {user: answer}
            response:
              body:
                id: given
                created: 5
                model: m1
                choices:
                  - {index: 0, message: {role: assistant, content: Hi there}, finish_reason: length}
                  - index: 1
                    finish_reason: tool_calls
                    message:
                      tool_calls: [{id: c1, type: function, function: {name: f, arguments: "{}"}}]
                usage: {prompt_tokens: 1, completion_tokens: 2, total_tokens: 3}
          - match: {user: other}
            response: {body: {error: {message: no}}}
        """
    )
    streamed = chat(server, "answer", stream=True, stream_options={"include_usage": True})
    chunks = [json.loads(chunk) for chunk in events(streamed)[:-1]]
    assert {(chunk["id"], chunk["created"], chunk["model"]) for chunk in chunks} == {("given", 5, "m1")}
    parts = [choice for chunk in chunks for choice in chunk["choices"]]
    assert "".join(p["delta"].get("content") or "" for p in parts if p["index"] == 0) == "Hi there"
    assert [p["finish_reason"] for p in parts if p["finish_reason"]] == ["length", "tool_calls"]
    assert chunks[-1]["usage"]["total_tokens"] == 3
    assert chat(server, "other", stream=True).json() == {"error": {"message": "no"}}


def test_templates_know_the_call(serve: Serve) -> None:
    """Match groups, the request, the conversation, how often the stub was called, time and chance."""
    server = serve(
        """\
        stubs:
          - match: {user: '/in (?P<city>\\w+)/'}
            response: >-
              {{ match.city }}|{{ request.model }}|{{ messages | length }}|{{ messages[-1].content }}|{{ user }}|
              {{- call.count }}|{{ call.session }}|{{ now().year > 2000 }}|{{ uuid() | length }}
        """,
    )
    assert content(chat(server, "in Rome")) == "Rome|gpt-4o-mini|1|in Rome|in Rome|1||True|36"
    assert content(chat(server, "in Rome")).split("|")[5] == "2"
    url = f"{server.url}/s/mine/v1/chat/completions"
    body = {"model": "m", "messages": [{"role": "user", "content": "in Rome"}]}
    assert content(httpx.post(url, json=body)).split("|")[5:7] == ["1", "mine"]


def test_faker_is_seeded_by_the_request(serve: Serve) -> None:
    """The same request gets the same name, another gets another; streamed or not."""
    server = serve("stubs: [{response: '{{ faker.name() }}, {{ faker.city() }}'}]")
    one = content(chat(server, "one"))
    assert content(chat(server, "one")) == one
    assert content(chat(server, "two")) != one
    deltas = [json.loads(c)["choices"][0]["delta"] for c in events(chat(server, "one", stream=True))[:-1]]
    assert "".join(delta.get("content", "") for delta in deltas) == one


def test_templates_stand_in_arguments_and_bodies_too(serve: Serve) -> None:
    """Any text inside them; other values keep their types."""
    server = serve(
        """\
        stubs:
          - match: {user: call}
            response: {tool_calls: [{name: f, arguments: {a: "{{ user }}", b: [1, "{{ 1 + 1 }}"]}}]}
          - response: {body: {said: "{{ user | upper }}", n: 1}}
        """
    )
    call = chat(server, "call").json()["choices"][0]["message"]["tool_calls"][0]
    assert json.loads(call["function"]["arguments"]) == {"a": "call", "b": [1, "2"]}
    assert chat(server, "other").json() == {"said": "OTHER", "n": 1}


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{{ nothing.here }}", "UndefinedError: 'nothing' is undefined"),
        ("{{ 1 / 0 }}", "ZeroDivisionError: division by zero"),
        ("{{ faker.nam() }}", "UndefinedError: Faker has no 'nam'; did you mean 'name'?"),
        ("{{ faker._draw.bytes(4) }}", "SecurityError"),
        ("{{ ''.__class__.__mro__ }}", "SecurityError"),
        ("{{ range(10000000) | list }}", "OverflowError: Range too big"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "nested too deeply"),
    ],
)
def test_a_template_that_fails_is_a_500_in_the_envelope(serve: Serve, template: str, reason: str) -> None:
    """It names the stub, the file and the place, and tells SDKs not to try again."""
    server = serve(f'stubs:\n  - name: broken\n    response: "{template}"\n')
    response = chat(server)
    error = response.json()["error"]
    assert response.status_code == 500
    assert response.headers["x-mockserver-stub"] == "broken"
    assert response.headers["x-should-retry"] == "false"
    assert error["message"].startswith("The template of the stub 'broken' (")
    assert "stubs.yaml:3:15" in error["message"]
    assert reason in error["message"]
    assert (error["type"], error["code"]) == ("server_error", "mockserver_template_failed")


def test_strict_says_why_nothing_matched(serve: Serve, tmp_path: Path) -> None:
    """A 404 in the envelope with the nearest stubs and what differed, those nearest first."""
    server = serve(
        """\
        stubs:
          - {name: far, match: {user: bye, model: gpt-5, stream: true}, response: x}
          - {name: near, match: {user: [/^good morning/i, good night], model: gpt-4*}, response: x}
          - {name: vector, response: {embedding: [1]}}
          - {name: tool, match: {tools: [t], wants_tool: true, response_format: json_object}, response: y}
          - {name: after, match: {after_tool: true, endpoint: completions}, response: y}
        """,
        strict=True,
    )
    response = chat(server, "good day")
    assert response.status_code == 404
    assert response.json()["error"]["message"].replace(str(tmp_path), "") == (
        "No stub matches this request to chat for the model 'gpt-4o-mini'.\n"
        "The nearest stubs, and what differed:\n"
        "- near (/stubs.yaml:3:5): user: expected a text matching /^good morning/i or a text containing 'good night', "
        "got 'good day'\n"
        "- far (/stubs.yaml:2:5): model: expected gpt-5, got 'gpt-4o-mini'; stream: expected true, got false; "
        "user: expected a text containing 'bye', got 'good day'\n"
        "- tool (/stubs.yaml:5:5): response_format: expected json_object, got text; tools: expected t, got none; "
        "wants_tool: expected true, got false"
    )
    assert response.json()["error"]["code"] == "mockserver_no_match"


def test_names_beyond_ascii_can_be_told_in_headers(serve: Serve) -> None:
    """A stub may be called anything."""
    server = serve('stubs: [{name: "grüß\\ndich", response: x}]')
    assert answered_by(chat(server)) == r"gr\xfc\xdf?dich"


def test_sessions_come_from_the_path_the_header_or_the_key(serve: Serve) -> None:
    """Each counts its own calls."""
    server = serve("stubs: [{response: '{{ call.session }}{{ call.count }}'}]")
    body = {"model": "m", "messages": [{"role": "user", "content": "x"}]}

    def ask(url: str, **headers: str) -> str:
        return content(httpx.post(f"{url}/chat/completions", json=body, headers=headers))

    assert ask(f"{server.url}/s/a/v1") == "a1"
    assert ask(f"{server.url}/s/a") == "a2"
    assert ask(server.base_url, **{"x-mockserver-session": "b"}) == "b1"
    assert ask(server.base_url, authorization="Bearer mock-session-c") == "c1"
    assert ask(server.base_url) == "1"


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_a_body_has_none(serve: Serve, status: int) -> None:
    """What is written with it is left out, so the next answer on the connection is read rightly."""
    server = serve(f"stubs: [{{response: {{body: gone, status: {status}}}}}]")
    body = {"model": "m", "messages": [{"role": "user", "content": "x"}]}
    with httpx.Client(base_url=server.base_url) as client:
        answers = [client.post("/chat/completions", json=body) for _ in range(2)]
    assert [(answer.status_code, answer.content) for answer in answers] == [(status, b"")] * 2
    assert "content-length" not in answers[0].headers
    assert "transfer-encoding" not in answers[0].headers


def test_a_made_up_tool_call_needs_a_tool_and_ends_with_its_result(serve: Serve) -> None:
    """Without a `match` of its own the stub leaves alone what it cannot answer."""
    server = serve("stubs: [{name: mine, response: {generate: tool_calls}}]")
    assert answered_by(chat(server)) == "default/text"
    assert answered_by(chat(server, tools=[TOOL])) == "mine"
    call = {"id": "call_1", "type": "function", "function": {"name": "book_table", "arguments": "{}"}}
    messages = [
        {"role": "user", "content": "go"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "done"},
    ]
    assert answered_by(chat(server, messages=messages, tools=[TOOL])) == "default/text"


def test_groups_may_be_called_anything(serve: Serve) -> None:
    """Names of a dict's methods too."""
    server = serve("stubs: [{match: {user: '/(?P<items>.+)/'}, response: '{{ match.items }}'}]")
    assert content(chat(server, "apples")) == "apples"


def test_what_was_unique_in_one_call_may_come_in_the_next(serve: Serve) -> None:
    """Faker's memory of unique values does not outlive the call."""
    server = serve("stubs: [{response: '{{ faker.unique.random_int(1, 1) }}'}]")
    assert [content(chat(server)) for _ in range(2)] == ["1", "1"]


def test_odd_tool_calls_in_a_body_are_streamed_as_far_as_they_go(serve: Serve) -> None:
    """A body may be wrong on purpose; streaming it is no crash."""
    server = serve("stubs: [{response: {body: {choices: [{message: {tool_calls: [1, {function: 2}]}}, 3]}}}]")
    assert chat(server, stream=True).status_code == 200
