"""Errors by name: each as the real API sends it, every field open to change, inside of streams too."""

import json
from typing import Any

import httpx
import pytest

from mockserver.failures.apierrors import ApiError, api_error, inside, named, told
from mockserver.failures.presets import BY_NAME, NAMES, PRESETS
from mockserver.language.errors import ERROR
from mockserver.plan import Piece, Plan
from tests.conftest import Serve, chat, content, events
from tests.failures.reading import mistakes, read


def body(error: ApiError) -> dict[str, Any]:
    """The body of an error, which is JSON."""
    made: dict[str, Any] = json.loads(told(error, "gpt-4o", "sk-0123456789abcdef").body)
    return made


def header(error: ApiError, name: str) -> str | None:
    """A header of an error."""
    return {key.decode(): value.decode() for key, value in told(error).headers}.get(name)


@pytest.mark.parametrize("name", NAMES)
def test_each_has_its_status_and_what_clients_read(name: str) -> None:
    """JSON with an `error`, or a page; every header can be sent; no place in a text is left unfilled."""
    status, headers, raw = told(named(name), "gpt-4o", "sk-0123456789abcdef")
    assert status == BY_NAME[name].status
    kinds = [value for key, value in headers if key == b"content-type"]
    assert len(kinds) == 1
    assert len({key for key, _ in headers}) == len(headers)
    assert not any(place in raw for place in (b"{model}", b"{key}", b"{retry_after}", b"{seconds}"))
    if kinds[0].startswith(b"text/html"):
        assert raw.startswith(b"<!DOCTYPE html>")
    elif name == "unprocessable":
        assert json.loads(raw).keys() == {"detail"}
    else:
        assert json.loads(raw)["error"]["message"]


def test_the_envelope_has_its_four_keys() -> None:
    """As the API has them, in order; the proxy in front of it and Azure have others."""
    own = [p for p in PRESETS if p.body is None and not p.name.startswith("azure")]
    assert len(own) > 15
    for preset in own:
        assert list(body(named(preset.name))["error"]) == ["message", "type", "param", "code"], preset.name


def test_what_is_known_of_the_call_is_filled_in() -> None:
    """The model asked for; the key, masked as the API masks it; the wait, in the text and in the headers alike."""
    assert "model `gpt-4o` does not exist" in body(named("model_not_found"))["error"]["message"]
    assert "provided: sk-01234*******cdef." in body(named("invalid_api_key"))["error"]["message"]
    error = named("rate_limit", retry_after=1.5)
    assert "Please try again in 1.5s." in body(error)["error"]["message"]
    assert (header(error, "retry-after"), header(error, "retry-after-ms")) == ("2", "1500")
    error = named("azure_rate_limit", retry_after=7.2)
    assert "retry after 8 seconds" in body(error)["error"]["message"]


def test_a_model_of_any_name_keeps_the_body_json() -> None:
    """Quotes and braces in what the caller sends are not taken for the body's own."""
    error = api_error(None, {"status": 404, "body": {"error": "no {model} here"}})
    assert json.loads(told(error, 'a"b\\{key}').body) == {"error": 'no a"b\\{key} here'}
    assert 'a"b{seconds}' in json.loads(told(named("model_not_found"), 'a"b{seconds}').body)["error"]["message"]


def test_the_recorded_headers_are_there() -> None:
    """Rate limits tell what is left, the edge has no version, ordinary refusals have all headers."""
    limit = named("rate_limit")
    assert header(limit, "x-ratelimit-remaining-requests") == "0"
    assert header(limit, "x-ratelimit-remaining-tokens") != "0"
    assert header(named("rate_limit_tokens"), "x-ratelimit-remaining-tokens") == "0"
    assert header(limit, "retry-after-ms") == "6"
    assert header(named("insufficient_quota"), "retry-after") is None
    assert header(named("invalid_api_key"), "openai-version") is None
    assert header(named("server_error"), "openai-version") == "2020-10-01"
    assert header(named("bad_gateway_html"), "server") == "cloudflare"
    assert header(named("azure_content_filter"), "x-ms-region") == "East US 2"


def test_every_field_can_be_changed() -> None:
    """What is given stands in the place of the preset's own, null too."""
    error = read(
        ERROR,
        "{name: overloaded, status: 529, type: overloaded_error, code: null, param: x, message: '{model} is full',"
        " headers: {X-Extra: 1, Content-Type: text/json}, retry_after: 90s, should_retry: false}",
    )
    assert body(error) == {
        "error": {"message": "gpt-4o is full", "type": "overloaded_error", "param": "x", "code": None}
    }
    assert told(error).status == 529
    assert header(error, "x-extra") == "1"
    assert header(error, "content-type") == "text/json"
    assert header(error, "retry-after") == "90"
    assert header(error, "x-should-retry") == "false"


def test_a_page_can_become_an_envelope() -> None:
    """A preset without an envelope gets one when a field of it is given."""
    error = read(ERROR, "{name: bad_gateway_html, message: Try later.}")
    assert body(error)["error"] == {"message": "Try later.", "type": "server_error", "param": None, "code": None}
    assert header(error, "content-type") == "application/json"


def test_the_body_can_be_anything() -> None:
    """JSON is sent as JSON, text as text."""
    error = read(ERROR, "{name: server_error, body: {detail: [1, two]}}")
    assert told(error).body == b'{"detail":[1,"two"]}'
    assert header(error, "content-type") == "application/json"
    error = read(ERROR, "{status: 503, body: 'upstream connect error'}")
    assert told(error).body == b"upstream connect error"
    assert header(error, "content-type") == "text/plain; charset=utf-8"


def test_a_status_is_enough() -> None:
    """Type and message suit it."""
    assert body(read(ERROR, "{status: 418}"))["error"] == {
        "message": "The server answered with status 418.",
        "type": "invalid_request_error",
        "param": None,
        "code": None,
    }
    assert body(read(ERROR, "{status: 507}"))["error"]["type"] == "server_error"


EVENTS = Plan(200, (), (Piece(b"data: 1\n\ndata: 2\n\ndata: [DONE]\n\n"),), events=True)


def test_an_error_arrives_inside_a_stream() -> None:
    """What came before is the stream's own; the error is its last event."""
    for after in range(4):
        plan = inside(EVENTS, named("server_error", after_chunks=after))
        *before, last = [piece.data for piece in plan.pieces]
        assert before == [b"data: 1\n\n", b"data: 2\n\n", b"data: [DONE]\n\n"][:after]
        assert json.loads(last.removeprefix(b"data: "))["error"]["type"] == "server_error"
        assert last.count(b"\n") == 2


def test_a_page_inside_a_stream_is_a_message() -> None:
    """An event is one line of JSON, whatever the error is."""
    plan = inside(EVENTS, named("bad_gateway_html", after_chunks=1))
    error = json.loads(plan.pieces[-1].data.removeprefix(b"data: "))["error"]
    assert error["message"].startswith("<!DOCTYPE html>")
    assert error["type"] == "server_error"


def test_an_error_behind_the_end_of_a_stream_is_refused() -> None:
    """It says what is there, instead of never coming."""
    with pytest.raises(ValueError, match=r"^an error after 4 chunks cannot arrive: the stream has 3$"):
        inside(EVENTS, named("server_error", after_chunks=4))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{}", ["1:1: an error needs one of name, status"]),
        ("[rate_limit]", ["1:1: an error: expected an error's name, or a mapping, got a list"]),
        ("{status: 200}", ["1:10: expected a whole number from 400 to 599, got 200"]),
        (
            "{name: server_error, retry_aftr: 2}",
            ["1:22: unknown key 'retry_aftr' in an error; did you mean 'retry_after'?"],
        ),
        ("{status: 500, body: x, message: y}", ["1:33: 'body' is sent as it is: put 'message' into it"]),
        ("{status: 500, body: null}", ["1:21: expected JSON or text, got nothing: an empty body is ''"]),
        ("{status: 500, headers: {a b: c}}", ["1:25: 'a b' is not a header's name"]),
        ("{status: 500, headers: {a: ö}}", ["1:28: a header's value is printable ASCII on one line"]),
    ],
)
def test_mistakes_are_told(text: str, told: list[str]) -> None:
    """Where, what was expected, and the nearest word."""
    assert mistakes(ERROR, text) == told


def test_an_unknown_name_is_told_with_the_nearest() -> None:
    """The one that was probably meant; all names where none is near."""
    (message,) = mistakes(ERROR, "rate_limits")
    assert message == f"1:1: expected one of {len(NAMES)} words, got 'rate_limits'; did you mean 'rate_limit'?"
    (message,) = mistakes(ERROR, "banana")
    assert message == f"1:1: expected one of {', '.join(NAMES)}, got 'banana'"


STUBS = """
    stubs:
      - match: {user: storm}
        error: {name: rate_limit, retry_after: 2}

      - match: {user: middle}
        response: One two three four.
        error: {name: server_error, after_chunks: 3}

      - match: {user: behind}
        response: One two three four.
        error: {name: server_error, after_chunks: 300}

      - match: {user: some}
        response: Fine.
        error:
          - {name: overloaded, when: {calls: [2, 4]}}
          - {name: server_error, when: {first: 2}}

      - match: {user: stubborn}
        response: You again.
        error: {name: conflict, when: {until_retries: 2}}
"""


def test_a_stub_answers_with_an_error(serve: Serve) -> None:
    """Status, envelope and headers; the header says which stub it was."""
    answer = chat(serve(STUBS), "storm")
    assert answer.status_code == 429
    assert answer.json()["error"]["code"] == "rate_limit_exceeded"
    assert answer.headers["retry-after-ms"] == "2000"
    assert answer.headers["x-mockserver-stub"] == "stubs#1"
    assert answer.headers["x-request-id"].startswith("req_")


def test_an_error_that_does_not_hold_leaves_the_response(serve: Serve) -> None:
    """Of several, the first that holds is the answer."""
    server = serve(STUBS)
    answers = [chat(server, "some") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [500, 503, 200, 503, 200]
    assert content(answers[2]) == "Fine."


def test_a_client_retries_itself_through(serve: Serve) -> None:
    """The official SDKs count their retries in a header."""
    server = serve(STUBS)
    codes = []
    for retry in range(4):
        body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "stubborn"}]}
        headers = {"x-stainless-retry-count": str(retry)}
        codes.append(
            httpx.post(f"{server.base_url}/chat/completions", json=body, headers=headers, trust_env=False).status_code
        )
    assert codes == [409, 409, 200, 200]


def test_a_stream_that_began_well_ends_with_an_error(serve: Serve) -> None:
    """Three chunks, then an event with the error, and nothing behind it; without a stream the error is the answer."""
    server = serve(STUBS)
    chunks = [json.loads(event) for event in events(chat(server, "middle", stream=True))]
    assert ["choices" in chunk for chunk in chunks] == [True, True, True, False]
    assert chunks[-1]["error"]["type"] == "server_error"
    assert chat(server, "middle").status_code == 500


def test_an_error_that_cannot_come_is_told(serve: Serve) -> None:
    """The stream has fewer chunks than the error waits for."""
    answer = chat(serve(STUBS), "behind", stream=True)
    assert answer.status_code == 500
    assert answer.headers["x-should-retry"] == "false"
    assert answer.json()["error"] == {
        "message": "The fault cannot be played: an error after 300 chunks cannot arrive: the stream has 8.",
        "type": "server_error",
        "param": None,
        "code": "mockserver_fault_impossible",
    }
