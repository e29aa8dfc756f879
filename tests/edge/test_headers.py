"""The headers around answers: which, where, and in what form."""

import io
import json
import re
import threading
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver import MockServer
from mockserver.language.load import load
from mockserver.log import RequestLog
from mockserver.rules import Refusal
from mockserver.server import create_app
from mockserver.serving import Server, bind
from mockserver.tokens import splitter, vocabulary
from mockserver.wire.headers import LONGEST, Limits, duration, printable
from tests.conftest import Serve, chat
from tests.edge.asking import BODY, JSON, request

LIMITS = {
    "x-ratelimit-limit-requests": "10000",
    "x-ratelimit-limit-tokens": "2000000",
    "x-ratelimit-remaining-requests": "9999",
    "x-ratelimit-remaining-tokens": "1999900",
    "x-ratelimit-reset-requests": "6ms",
    "x-ratelimit-reset-tokens": "3ms",
}
ORDINARY = {
    "content-type": "application/json",
    "openai-organization": "mockserver",
    "openai-project": "proj_mockserver",
    "openai-version": "2020-10-01",
    "access-control-expose-headers": "X-Request-ID",
    **LIMITS,
}
VARYING = {"date", "content-length", "x-request-id", "openai-processing-ms", "x-mockserver-stub", "x-mockserver-tokens"}
VARYING |= {"transfer-encoding", "connection"}


def constant(response: httpx.Response) -> dict[str, str]:
    """The headers that are the same in every answer of this kind."""
    assert re.fullmatch("req_[0-9a-f]{32}", response.headers["x-request-id"])
    return {name: value for name, value in response.headers.items() if name not in VARYING}


def test_a_chat_answer_has_the_recorded_headers(default_server: MockServer) -> None:
    """All of them, and no model: chat answers do not name it here."""
    response = chat(default_server)
    assert constant(response) == ORDINARY
    assert int(response.headers["openai-processing-ms"]) >= 1


def test_a_chat_stream_has_them_too(default_server: MockServer) -> None:
    """With the content type of events."""
    response = chat(default_server, stream=True)
    assert constant(response) == {**ORDINARY, "content-type": "text/event-stream; charset=utf-8"}


def test_older_endpoints_name_the_model_and_any_origin(http: httpx.Client) -> None:
    """Completions are not to be cached, besides."""
    older = {**ORDINARY, "openai-model": "m-1", "access-control-allow-origin": "*"}
    embedded = http.post("/embeddings", json={"model": "m-1", "input": "x"})
    completed = http.post("/completions", json={"model": "m-1", "prompt": "x"})
    streamed = http.post("/completions", json={"model": "m-1", "prompt": "x", "stream": True})
    uncached = {**older, "cache-control": "no-cache, must-revalidate"}
    assert constant(embedded) == older
    assert constant(completed) == uncached
    assert constant(streamed) == {**uncached, "content-type": "text/event-stream"}


def test_a_refusal_of_a_body_has_those_of_an_answer(default_server: MockServer) -> None:
    """Limits and all; it comes from the API proper."""
    refused = chat(default_server, temperature=9)
    assert refused.status_code == 400
    assert constant(refused) == ORDINARY
    assert refused.text.startswith('{\n  "error"')


def test_models_have_those_of_an_answer(http: httpx.Client) -> None:
    """List and single model."""
    assert constant(http.get("/models")) == constant(http.get("/models/m")) == ORDINARY


EDGE = {
    "content-type": "application/json; charset=utf-8",
    "openai-organization": "mockserver",
    "vary": "Origin",
}


def test_a_refusal_of_the_edge_has_fewer(serve: Serve) -> None:
    """No version, project, limits or time; an unknown model is indented by four and ends with a newline."""
    server = serve("{models: [known], unknown_models: refuse, stubs: [{response: Hi}]}", api_keys=["right"])
    url, key = f"{server.base_url}/chat/completions", {"authorization": "Bearer right"}
    unknown = httpx.post(url, json=BODY, headers=key)
    assert (unknown.status_code, constant(unknown)) == (404, EDGE)
    assert unknown.text.startswith('{\n    "error": {\n        "message"')
    assert unknown.text.endswith("}\n")
    assert constant(httpx.post(url, json=BODY)) == EDGE
    assert constant(httpx.get(url + "/x/y")) == EDGE


def test_a_rate_limit_comes_from_the_edge_with_limits() -> None:
    """As recorded: no version, but the six headers; indented by four, with a newline at its end."""
    engine = create_app(load())[0].api.engine
    plan = engine.refuse(Refusal(429, "slow", "requests", None, "rate_limit_exceeded")).plan
    headers = {name.decode(): value.decode() for name, value in plan.headers}
    assert {name: value for name, value in headers.items() if name not in VARYING} == {**EDGE, **LIMITS}
    assert plan.body.startswith(b'{\n    "error": {\n        "message": "slow"')
    assert plan.body.endswith(b"}\n")


def test_every_answer_has_an_id_of_its_own(default_server: MockServer) -> None:
    """Refusals and models too."""
    urls = ["/v1/models", "/v1/foo", "/v1/models/x"] * 3
    ids = {httpx.get(default_server.url + url).headers["x-request-id"] for url in urls}
    assert len(ids) == len(urls)


def test_the_time_taken_is_the_same_in_every_seeded_run(serve: Serve) -> None:
    """With a seed all headers but the date are reproducible."""
    first, second = (serve("stubs: [{response: Hi}]", seed=3) for _ in range(2))
    one, other = (dict(chat(server).headers) for server in (first, second))
    del one["date"], other["date"]
    assert one == other
    assert one["openai-processing-ms"] == "1"


def test_a_stub_puts_its_headers_in_the_place_of_these(serve: Serve) -> None:
    """Each name comes once; the rest stays."""
    server = serve(
        "stubs: [{response: {text: Hi, headers: {x-ratelimit-remaining-requests: '0', openai-version: '2030'}}}]"
    )
    headers = chat(server).headers
    assert headers.get_list("x-ratelimit-remaining-requests") == ["0"]
    assert headers.get_list("openai-version") == ["2030"]
    assert headers["x-ratelimit-limit-requests"] == "10000"


@pytest.mark.parametrize("model", ["m\r\nx-evil: 1", "modèle", "\ud800", "x" * 5_000])
def test_a_models_name_cannot_break_out_of_its_header(default_server: MockServer, model: str) -> None:
    """What is not printable is escaped, what is long is cut."""
    body = json.dumps({"model": model, "input": "x"}).encode()
    raw = request(default_server, body, "/v1/embeddings")
    assert raw.status == 200
    assert "x-evil" not in raw.headers
    assert len(raw.headers["openai-model"]) <= LONGEST
    assert raw.headers["openai-model"].isprintable()


class TestWarnings:
    """What the real API would have refused is said, not kept quiet."""

    def test_a_header_says_it(self, default_server: MockServer) -> None:
        """All of it, in the API's words."""
        response = chat(default_server, wobble=5, max_tokens=0)
        assert response.status_code == 200
        warning = response.headers["x-mockserver-warning"]
        first, second = warning.split("; ")
        assert first == "Unknown parameter: 'wobble'."
        assert second.startswith("Invalid 'max_tokens': integer below minimum value.")

    def test_nothing_to_say_is_no_header(self, default_server: MockServer) -> None:
        """Ordinary requests get none."""
        assert "x-mockserver-warning" not in chat(default_server).headers

    def test_it_is_ascii_and_not_too_long(self, default_server: MockServer) -> None:
        """Whatever the request calls its parameters."""
        odd: dict[str, Any] = {f"é\r\n{'x' * 200}{n}": 1 for n in range(20)}
        response = chat(default_server, **odd)
        warning = response.headers["x-mockserver-warning"]
        assert warning.startswith("Unknown parameter: '\\xe9\\r\\n")
        assert len(warning) == LONGEST
        assert warning.endswith("...")

    def test_exact_refuses_instead(self) -> None:
        """The first of them, as the API would."""
        with MockServer(exact=True) as server:
            refused = chat(server, top_k=5)
            assert refused.status_code == 400
            assert refused.json()["error"]["code"] == "unknown_parameter"
            assert chat(server).status_code == 200

    def test_a_model_may_have_a_level_of_its_own(self, serve: Serve) -> None:
        """Whatever the server's."""
        text = "{models: [{id: strict, exact: true}, {id: loose, exact: false}, {id: plain}], stubs: [{response: Hi}]}"
        for exact in (False, True):
            server = serve(text, exact=exact)
            statuses = [chat(server, model=model, top_k=1).status_code for model in ("strict", "loose", "plain")]
            assert statuses == [400, 200, 400 if exact else 200]


@pytest.mark.parametrize("exact", [True, False])
def test_estimated_counts_are_said_to_be(
    monkeypatch: pytest.MonkeyPatch, default_server: MockServer, exact: bool
) -> None:
    """On every answer that counts tokens; exact ones are not marked."""
    if exact and not vocabulary.available():
        pytest.skip("the extra [tokens] is not installed")
    monkeypatch.setattr(splitter, "_exact", exact)
    for stream in (False, True):
        said = chat(default_server, stream=stream).headers.get("x-mockserver-tokens")
        assert said == (None if exact else "estimated")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (0.0012, "1ms"),
        (0.12, "120ms"),
        (8.64, "8.64s"),
        (51.174, "51.174s"),
        (54, "54s"),
        (90, "1m30s"),
        (179.56, "2m59.56s"),
        (360, "6m0s"),
        (3600, "1h0m0s"),
    ],
)
def test_times_are_written_as_in_recordings(seconds: float, text: str) -> None:
    """Go's text of a duration."""
    assert duration(seconds) == text


@given(st.floats(0, 1e6))
def test_every_time_can_be_read_by_clients(seconds: float) -> None:
    """By the pattern that parsers in the wild use, and it says what was meant."""
    found = re.fullmatch(r"(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+)ms)?", duration(seconds))
    assert found is not None
    hours, minutes, rest, milliseconds = (float(part or 0) for part in found.groups())
    assert abs(hours * 3600 + minutes * 60 + rest + milliseconds / 1000 - seconds) <= 0.0011


def test_limits_come_from_one_object() -> None:
    """The recorded example: 500 a minute with one used, 200,000 tokens with four used."""
    headers = dict(Limits(500, 499, 200_000, 199_996).headers())
    assert headers[b"x-ratelimit-reset-requests"] == b"120ms"
    assert headers[b"x-ratelimit-reset-tokens"] == b"1ms"


@given(st.text(max_size=2_000))
def test_any_text_fits_into_a_header(text: str) -> None:
    """Printable ASCII, bounded."""
    value = printable(text)
    assert len(value) <= LONGEST
    assert value.decode("ascii").isprintable()


def test_the_callers_id_and_warnings_are_logged() -> None:
    """So that a line can be found from the client's side, and odd requests in the log."""
    written = io.StringIO()
    log = RequestLog(written)
    app, journal = create_app(load(), log=log)
    sock, ready = bind("127.0.0.1", 0), threading.Event()
    url = f"http://127.0.0.1:{sock.getsockname()[1]}/v1/chat/completions"
    server = Server(app, ready.set)
    thread = threading.Thread(target=server.run_in_this_thread, args=(sock,))
    thread.start()
    try:
        assert ready.wait(10)
        httpx.post(url, json={**BODY, "wobble": 1}, headers=[(b"x-client-request-id", b"mine-\xe9")])
        httpx.post(url, content=JSON)
    finally:
        server.stop()
        thread.join()
        log.close()
    odd, plain = written.getvalue().splitlines()
    assert odd.endswith(" ms x-client-request-id=mine-é warning: Unknown parameter: 'wobble'.")
    assert plain.endswith(" ms")
    assert [entry.warning for entry in journal] == ["Unknown parameter: 'wobble'.", ""]
    assert [entry.client_id for entry in journal] == ["mine-é", ""]
