"""Any input at all gets an answer or a refusal in the API's envelope: never a 500, never a hanging connection."""

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.conformity import schema
from tests.conformity.asking import PATHS, Answer, Asker
from tests.conformity.assembling import assembled, comparable
from tests.conformity.matrix import BASES
from tests.conformity.strategies import KEYS, Body, anything, crossed, endpoints, mutated, wild

PLAIN = {"chat": schema.CHAT, "completions": schema.COMPLETION, "embeddings": schema.EMBEDDINGS}
CHUNK = {"chat": schema.CHAT_CHUNK, "completions": schema.COMPLETION_CHUNK}
DEEP = 100_000
ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    2**63,
    10**400,
    1.5,
    "",
    "x",
    [],
    [None],
    [[]],
    [{}],
    {},
    {"type": []},
    {"type": "function", "function": {"name": []}},
    {"type": "json_schema", "json_schema": {"name": "x", "schema": []}},
)
"""Values that are wrong for most keys."""
SHORT: dict[str, Body] = {
    "chat": {"n": 2, "max_tokens": 5},
    "completions": {"n": 2, "max_tokens": 5},
    "embeddings": {"dimensions": 2},
}
"""Fields for answers that are soon looked through."""
EXAMPLES = settings(max_examples=150)


def check(endpoint: str, answer: Answer) -> None:
    """An answer of the published shape, or an enveloped 4xx."""
    if answer.status != 200:
        check_refusal(answer)
    elif answer.headers["content-type"].startswith("text/event-stream"):
        assert [fault for chunk in answer.chunks for fault in schema.faults(CHUNK[endpoint], chunk)] == []
    else:
        assert schema.faults(PLAIN[endpoint], answer.json) == []


def check_refusal(answer: Answer) -> None:
    """A 4xx in the envelope."""
    assert 400 <= answer.status < 500, answer.body
    assert list(answer.json) == ["error"]
    assert list(answer.json["error"]) == ["message", "type", "param", "code"]
    assert schema.faults(schema.ERROR, answer.json) == []


@given(endpoint=endpoints, body=wild)
@EXAMPLES
def test_any_json_gets_an_answer_or_an_enveloped_refusal(api: Asker, endpoint: str, body: Any) -> None:
    """Whatever JSON a client sends: no 500, and what is answered is of the published shape."""
    check(endpoint, api.ask(endpoint, body))


@pytest.mark.parametrize("value", ODD, ids=json.dumps)
def test_any_value_of_any_key_gets_an_answer_or_an_enveloped_refusal(api: Asker, value: Any) -> None:
    """Every key the API knows, at every endpoint, with a value of the wrong kind."""
    for endpoint, base in BASES.items():
        for key in KEYS:
            check(endpoint, api.ask(endpoint, {**base, **SHORT[endpoint], key: value}))


@given(request=crossed())
@EXAMPLES
def test_parameters_never_tried_together_get_an_answer_or_an_enveloped_refusal(
    api: Asker, request: tuple[str, Body]
) -> None:
    """Each with a good value: what is answered is of the published shape, and its stream says the same."""
    endpoint, body = request
    plain = api.ask(endpoint, body | {"stream": False} if endpoint in CHUNK else body)
    check(endpoint, plain)
    if plain.status == 200 and endpoint in CHUNK and (body.get("best_of") or 1) <= body["n"]:
        streamed = api.ask(endpoint, body | {"stream": True, "stream_options": {"include_usage": True}})
        check(endpoint, streamed)
        assert assembled(streamed.chunks) == comparable(plain.json)


@given(request=mutated())
@EXAMPLES
def test_good_requests_gone_wrong_get_an_answer_or_an_enveloped_refusal(api: Asker, request: tuple[str, Body]) -> None:
    """Up to three places of a good request have become something else, or are gone."""
    endpoint, body = request
    check(endpoint, api.ask(endpoint, body))


@given(endpoint=endpoints, body=st.binary(max_size=200))
@EXAMPLES
@example(endpoint="chat", body=b"")
@example(endpoint="chat", body=b"\xef\xbb\xbf{}")
@example(endpoint="chat", body=b"{" * DEEP)
@example(endpoint="chat", body=b"[" * DEEP + b"]" * DEEP)
@example(endpoint="chat", body=b'{"model":"m","messages":' + b"[" * DEEP + b"]" * DEEP + b"}")
@example(endpoint="chat", body=b'{"model":"m","messages":[{"role":"user","content":"hi"}],"temperature":NaN}')
@example(endpoint="chat", body=b'{"model":"m","messages":[{"role":"user","content":"hi"}],"temperature":1e999}')
@example(endpoint="chat", body=b'{"model":"m","messages":[{"role":"user","content":"hi"}],"n":' + b"1" * 5_000 + b"}")
@example(endpoint="chat", body=b'{"model":"m","messages":[{"role":"user","content":"\xff\xfe"}]}')
@example(endpoint="chat", body=b'{"model":"m","model":"n","messages":[{"role":"user","content":"\\ud800"}]}')
@example(endpoint="chat", body='{"model":"m"}'.encode("utf-16"))
@example(endpoint="completions", body=b'{"model":"m","prompt":[' + b"9" * 5_000 + b"]}")
@example(endpoint="embeddings", body=b'{"model":"m","input":"\\u0000\\udfff"}')
def test_any_bytes_get_an_answer_or_an_enveloped_refusal(api: Asker, endpoint: str, body: bytes) -> None:
    """Bytes that are no JSON, no UTF-8, too deep or too large a number: a 4xx."""
    check(endpoint, api.request("POST", PATHS[endpoint], body))


_METHODS = st.sampled_from(
    ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get", "X")
)
_PARTS = st.sampled_from(
    (
        "v1",
        "chat",
        "completions",
        "embeddings",
        "models",
        "s",
        "openai",
        "deployments",
        "engines",
        "responses",
        "..",
        "",
    )
)
_WILD_PATHS = st.lists(st.one_of(_PARTS, st.text(max_size=6)), max_size=6).map(lambda parts: "/" + "/".join(parts))


@given(method=_METHODS, path=_WILD_PATHS, body=anything)
@EXAMPLES
def test_any_method_and_path_get_an_answer_or_an_enveloped_refusal(
    api: Asker, method: str, path: str, body: Any
) -> None:
    """Known or not: never a 5xx; what is refused is refused in the envelope, but for what has no body."""
    if path.startswith("/__admin"):
        return
    answer = api.request(method, path, json.dumps(body).encode())
    assert answer.status < 500, answer.body
    if answer.status >= 400 and method not in ("HEAD", "OPTIONS"):
        if "/openai" in path and answer.json["error"]["code"] == "404":
            assert list(answer.json["error"]) == ["code", "message"]  # as Azure has it
        else:
            check_refusal(answer)


_NAMES = st.one_of(
    st.sampled_from(
        (
            b"authorization",
            b"api-key",
            b"content-type",
            b"content-encoding",
            b"accept",
            b"accept-encoding",
            b"expect",
            b"origin",
            b"openai-organization",
            b"openai-project",
            b"x-client-request-id",
            b"x-mockserver-session",
            b"x-stainless-retry-count",
            b"access-control-request-method",
            b"transfer-encoding",
        )
    ),
    st.binary(min_size=1, max_size=10),
)
_VALUES = st.one_of(
    st.sampled_from(
        (b"", b"Bearer ", b"Bearer mock-session-x", b"Basic Og==", b"gzip", b"zstd, gzip;q=0", b"identity")
    ),
    st.binary(max_size=30),
)


@given(headers=st.lists(st.tuples(_NAMES, _VALUES), max_size=5))
@EXAMPLES
def test_any_headers_get_an_answer_or_an_enveloped_refusal(api: Asker, headers: list[tuple[bytes, bytes]]) -> None:
    """What clients and proxies add, right or wrong, breaks nothing."""
    body = b'{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]}'
    answer = api.request("POST", PATHS["chat"], body, headers)
    assert answer.status < 500, answer.body
    if answer.status >= 400:
        check_refusal(answer)
