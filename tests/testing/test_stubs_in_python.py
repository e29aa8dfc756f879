"""Stubs added from Python: the same language as YAML, with the caller's line where YAML has a file's."""

import re
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver import FixtureError, InvalidValue, MockServer, UsageError
from mockserver.language.load import load_stubs
from mockserver.language.matching import Match
from mockserver.language.model import StubSpec
from mockserver.language.values import as_yaml, node_of
from mockserver.testing.typed import MatchKeys, StubKeys
from tests.testing.asking import ask, said, steady


def test_a_stub_answers_from_then_on(server: MockServer) -> None:
    """The keys of `match` stand beside the others; the answer says who gave it."""
    server.stub(user="hello", reply="Hi!")
    response = ask(server)
    assert response.json()["choices"][0]["message"]["content"] == "Hi!"
    assert response.headers["x-mockserver-stub"] == "run-time#1"


def test_the_newest_stub_is_tried_first(server: MockServer) -> None:
    """So a test can say what is different in it from what was said for all."""
    server.stub(reply="of all")
    server.stub(user="hello", reply="of one")
    assert (said(server), said(server, "bye")) == ("of one", "of all")


def test_run_time_stubs_come_before_those_of_files(tmp_path: Path) -> None:
    """Until they are removed."""
    file = tmp_path / "stubs.yaml"
    file.write_text("stubs: [{response: of the file}]")
    with MockServer(file) as server:
        stub = server.stub(reply="run-time")
        assert said(server) == "run-time"
        stub.remove()
        assert said(server) == "of the file"


def test_a_sequence_with_an_error_in_it(server: MockServer) -> None:
    """Steps take the same keys, `reply` too."""
    server.stub(sequence=[{"error": {"name": "rate_limit", "retry_after": 2}}, {"reply": "Second time lucky."}])
    first = ask(server)
    assert (first.status_code, first.headers["retry-after"]) == (429, "2")
    assert said(server) == "Second time lucky."


def test_a_function_answers_each_call(server: MockServer) -> None:
    """It is given the call; its text is taken as it is, also where it looks like a template."""
    server.stub(reply=lambda call: f"{len(call.messages)} message, {{{{ {call.user} }}}}")
    assert said(server, "x") == "1 message, {{ x }}"


def test_a_function_can_answer_with_a_mapping_or_with_numbers(server: MockServer) -> None:
    """A mapping is a `response` as in YAML; numbers are an embedding."""
    server.stub(endpoint="chat", reply=lambda call: {"refusal": "I cannot."})
    server.stub(endpoint="embeddings", reply=lambda call: [0.5, 0.5])
    assert ask(server).json()["choices"][0]["message"]["refusal"] == "I cannot."
    import httpx

    body = {"model": "text-embedding-3-small", "input": "x"}
    vector = httpx.post(f"{server.base_url}/embeddings", json=body, trust_env=False).json()["data"][0]["embedding"]
    assert vector == [0.5, 0.5]


def test_a_function_in_a_sequence(server: MockServer) -> None:
    """Each step may be answered by one."""
    server.stub(sequence=[{"reply": "first"}, {"reply": lambda call: call.model}])
    assert [said(server), said(server)] == ["first", "gpt-4o-mini"]


def test_a_function_runs_in_the_servers_thread_and_may_ask_the_server(server: MockServer) -> None:
    """It can look at the journal, where its own call is not yet."""
    seen: list[tuple[int, str]] = []

    def answer(call: object) -> str:
        seen.append((len(server.calls), threading.current_thread().name))
        return "ok"

    server.stub(reply=answer)
    assert [said(server), said(server)] == ["ok", "ok"]
    assert seen == [(0, f"mockserver:{server.port}"), (1, f"mockserver:{server.port}")]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (lambda call: 1 / 0, "ZeroDivisionError: division by zero"),
        (lambda call: None, "it returned None, and not a text, a mapping as in 'response', or a list of numbers"),
        (
            lambda call: {"txt": "x"},
            "what it returned cannot be used: txt: unknown key 'txt' in response; did you mean 'text'?",
        ),
    ],
)
def test_a_function_that_fails_is_told(server: MockServer, answer: Any, reason: str) -> None:
    """The client gets a 500 that it need not retry."""
    server.stub(reply=answer)
    response = ask(server)
    assert response.status_code == 500
    assert response.headers["x-should-retry"] == "false"
    assert (
        steady(response.json()["error"]["message"]) == f"The function of the stub 'run-time#1' (LINE) failed: {reason}"
    )


def test_a_coroutine_function_is_refused(server: MockServer) -> None:
    """The server does not wait for a test's code."""

    async def answer(call: object) -> str:
        return "never"

    with pytest.raises(InvalidValue) as failed:
        server.stub(sequence=[{"reply": answer}])
    message = "LINE: sequence[0].response: a function that answers must be a plain one, not `async def`"
    assert steady(str(failed.value)) == message


def test_all_mistakes_are_told_at_once_with_the_callers_line(server: MockServer) -> None:
    """Each with the path of its key, and the nearest word."""
    with pytest.raises(InvalidValue) as failed:
        server.stub(usr="x", user=["a", {"regexp": "x"}], respones="?", sequence=[{"error": "rate_limt"}])  # type: ignore[call-arg]
    assert steady(str(failed.value)).splitlines() == [
        "LINE: match.usr: unknown key 'usr' in match; did you mean 'user'?",
        "LINE: match.user[1].regexp: unknown key 'regexp' in a text pattern; did you mean 'regex'?",
        "LINE: respones: unknown key 'respones' in a stub; did you mean 'response'?",
        "LINE: sequence[0].error: " + failed.value.mistakes[-1].message,
    ]
    assert failed.value.mistakes[-1].message.endswith("got 'rate_limt'; did you mean 'rate_limit'?")
    assert ask(server).status_code == 404


def test_what_is_no_json_is_told(server: MockServer) -> None:
    """With its path too."""
    with pytest.raises(InvalidValue) as failed:
        server.stub(sequence=[{"reply": "x"}, {"response": {"body": {"a": [object()]}}}])
    assert steady(str(failed.value)) == "LINE: sequence[1].response.body.a[0]: expected a value of JSON, got object"


def test_a_name_can_be_taken_once(server: MockServer) -> None:
    """The message says by whom."""
    server.stub(name="greeting", reply="Hi!")
    with pytest.raises(InvalidValue) as failed:
        server.stub(name="greeting", reply="Hello!")
    assert steady(str(failed.value)) == "LINE: name: the name 'greeting' is taken by the stub at LINE"


def test_a_response_that_does_not_suit_the_endpoint_is_told(server: MockServer) -> None:
    """As in YAML."""
    with pytest.raises(InvalidValue, match="this response cannot answer embeddings: it answers chat and completions"):
        server.stub(endpoint="embeddings", reply="text")


def test_a_compiled_regex_is_a_pattern(server: MockServer) -> None:
    """With its flags."""
    server.stub(user=re.compile("^HELLO", re.IGNORECASE), reply="Hi!")
    assert said(server, "hello there") == "Hi!"
    assert 'regex: "^HELLO"' in server.to_yaml()


def test_a_python_word_has_an_underscore_behind_it(server: MockServer) -> None:
    """`not_` is the language's `not`."""
    server.stub(not_={"user": "bye"}, reply="Hi!")
    assert (said(server), ask(server, "bye").status_code) == ("Hi!", 404)


def test_sessions_have_stubs_of_their_own(server: MockServer) -> None:
    """And base URLs of their own; numbers are counted in each."""
    one, two = server.session("one"), server.session("two words")
    one.stub(reply="1")
    two.stub(reply="2")
    assert (said(one), said(two), ask(server).status_code) == ("1", "2", 404)
    assert two.base_url == f"http://127.0.0.1:{server.port}/s/two%20words/v1"
    assert (
        ask(server, headers={"authorization": f"Bearer {one.api_key}"}).json()["choices"][0]["message"]["content"]
        == "1"
    )


@pytest.mark.parametrize("name", ["", "a/b", "x" * 201])
def test_a_name_that_no_session_can_have(server: MockServer, name: str) -> None:
    """What cannot stand in a path is refused."""
    with pytest.raises(UsageError, match="a session's name has 1 to 200 characters, as a URL has them, and no '/'"):
        server.session(name)


def test_reset_forgets_stubs_and_calls_of_one_session_alone(server: MockServer) -> None:
    """The numbers of its stubs begin anew."""
    other = server.session("other")
    for handle in (server, other):
        handle.stub(reply="Hi!")
        said(handle)
    server.reset()
    assert (len(server.calls), len(other.calls)) == (0, 1)
    assert (ask(server).status_code, said(other)) == (404, "Hi!")
    assert server.stub(reply="again").name == "run-time#1"


def test_files_can_be_loaded_at_run_time(server: MockServer, tmp_path: Path) -> None:
    """Their stubs keep their order, and come before those that are there."""
    file = tmp_path / "more.yaml"
    file.write_text("stubs: [{match: {user: a}, response: A}, {response: B}]")
    server.stub(reply="old")
    names = [stub.name for stub in server.load(file)]
    assert names == ["more#1", "more#2"]
    assert (said(server, "a"), said(server, "x")) == ("A", "B")
    with pytest.raises(FixtureError, match="the name 'more#1' is taken by the stub at "):
        server.load(file)


def test_a_file_loaded_at_run_time_may_say_nothing_but_stubs(server: MockServer, tmp_path: Path) -> None:
    """What holds for a whole server is told when it starts."""
    file = tmp_path / "more.yaml"
    file.write_text("models: [m]\nstubs: [{response: A}]")
    with pytest.raises(FixtureError) as failed:
        server.load(file)
    assert str(failed.value) == f"{file}:1:1: 'models' cannot be added to a server that runs"


def test_scenarios_can_be_read_set_and_reset(server: MockServer) -> None:
    """Each session has its own."""
    server.stub(scenario="door", required_state="open", reply="It is open.")
    assert dict(server.scenarios) == {"door": "Started"}
    assert ask(server).status_code == 404
    server.scenarios["door"] = "open"
    assert said(server) == "It is open."
    assert server.session("other").scenarios["door"] == "Started"
    server.scenarios.reset()
    assert server.scenarios["door"] == "Started"
    server.scenarios["door"] = "open"
    del server.scenarios["door"]
    assert (server.scenarios["door"], len(server.scenarios)) == ("Started", 1)


def test_yaml_of_run_time_stubs_is_a_fixture_file_that_does_the_same(server: MockServer, tmp_path: Path) -> None:
    """Newest first, as they are tried."""
    server.stub(
        name="tools", user="/add/i", reply={"tool_calls": [{"name": "add", "arguments": {"a": 1e-7, "b": "1e5"}}]}
    )
    server.stub(model="gpt-4*", sequence=[{"error": "rate_limit"}, {"reply": "no"}], at_end="cycle")
    text = server.to_yaml()
    assert text == (
        "stubs:\n"
        '- name: "run-time#1"\n'
        "  match:\n"
        '    model: "gpt-4*"\n'
        "  sequence:\n"
        '  - error: "rate_limit"\n'
        '  - response: "no"\n'
        '  at_end: "cycle"\n'
        '- name: "tools"\n'
        "  match:\n"
        '    user: "/add/i"\n'
        "  response:\n"
        "    tool_calls:\n"
        '    - name: "add"\n'
        "      arguments:\n"
        "        a: 1.0e-07\n"
        '        b: "1e5"\n'
    )
    file = tmp_path / "written.yaml"
    file.write_text(text)
    with MockServer(file, strict=True) as again:
        assert [ask(again, user).status_code for user in ("add", "x", "x")] == [429, 200, 429]
    written = load_stubs([file])
    run_time = server._control.stubs()
    assert [(s.name, s.conditions, s.at_end) for s in written] == [(s.name, s.conditions, s.at_end) for s in run_time]


def test_a_function_cannot_be_written_as_yaml(server: MockServer) -> None:
    """The message says which stub it is."""
    server.stub(reply=lambda call: "x")
    with pytest.raises(UsageError) as failed:
        server.to_yaml()
    expected = "the stub 'run-time#1' (LINE) cannot be written as YAML: it is made by a function"
    assert steady(str(failed.value)) == expected


def test_stubs_of_files_are_written_as_they_were(server: MockServer, tmp_path: Path) -> None:
    """With their names; but not what a file says once for all its stubs."""
    file = tmp_path / "more.yaml"
    file.write_text(
        "stubs:\n  - match: &m {user: no}\n    response: 1.0\n  - {name: b, match: {not: *m}, response: 'x: y'}\n"
    )
    server.load(file)
    assert server.to_yaml() == (
        'stubs:\n- name: "more#1"\n  match: &id001 {user: no}\n  response: 1.0\n'
        "- {name: b, match: {not: *id001}, response: 'x: y'}\n"
    )
    other = tmp_path / "other.yaml"
    other.write_text("defaults: {model: m}\nstubs: [{response: A}]")
    server.load(other)
    with pytest.raises(UsageError, match="cannot be written as YAML: it is of a file with 'defaults'"):
        server.to_yaml()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(body=JSON.filter(lambda body: body is not None))
def test_any_json_comes_back_from_yaml_as_it_was(body: Any) -> None:
    """Whatever a body is, what is written and read again is the same."""
    from mockserver.errors import Place
    from mockserver.language.model import read_file
    from mockserver.language.source import Source
    from mockserver.language.values import ValueSource

    text = as_yaml([("x", node_of({"response": {"body": body}}, ValueSource(Place("x", 0, 0))))])
    source = Source("written.yaml")
    spec = read_file(source.compose(text.encode()), source)
    assert spec is not None, source.problems
    assert spec.stubs[0].response is not None
    assert spec.stubs[0].response.body == body


def test_python_has_every_key_of_the_language() -> None:
    """The typed keys are those of the records, with an underscore behind Python's own words, and `reply`."""
    ours = set(MatchKeys.__annotations__) - {"not_"} | {"not"}
    assert ours == set(Match.keys)
    stub = set(StubKeys.__annotations__) - set(MatchKeys.__annotations__) - {"reply"}
    assert stub == set(StubSpec.keys)


def test_a_server_that_is_not_running_takes_no_stubs() -> None:
    """The message says what to do."""
    with pytest.raises(Exception, match="the server is not running: use it in a `with` block"):
        MockServer().stub(reply="x")


def test_the_journal_can_be_read_when_the_server_has_stopped() -> None:
    """What happened stays."""
    with MockServer() as server:
        said(server, "What is a mock?")
    assert server.calls.last.user == "What is a mock?"
    server.verify(user="mock", times=1)


def test_more_stubs_than_a_session_holds_are_refused() -> None:
    """The bound is told."""
    from mockserver import Bounds

    with MockServer(bounds=Bounds(stubs=1)) as server:
        server.stub(reply="x")
        with pytest.raises(InvalidValue, match="a session holds at most 1 run-time stubs"):
            server.stub(reply="y")


def test_a_template_that_is_none_is_told_with_its_path(server: MockServer) -> None:
    """Where it fails, too: with the caller's line."""
    with pytest.raises(InvalidValue) as failed:
        server.stub(reply={"text": "{{ nothing"})
    assert steady(str(failed.value)).startswith("LINE: response.text: not a valid template: ")
    server.stub(reply="{{ nothing }}")
    assert "(LINE) failed" in steady(ask(server).json()["error"]["message"])
