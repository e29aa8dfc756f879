"""API keys: with none given any will do; with some, the others get the API's own 401s."""

import base64

import httpx
import pytest

from mockserver import MockServer
from mockserver.refusals import masked
from tests.conftest import Serve
from tests.edge.asking import BODY

KEYS = ["sk-right-1", "sk-right-2"]


@pytest.fixture
def server(serve: Serve) -> MockServer:
    """A server that accepts two keys."""
    return serve("stubs: [{response: Hi}]", api_keys=KEYS)


def ask(server: MockServer, path: str = "/v1/chat/completions", **headers: str) -> httpx.Response:
    """One chat request; underscores in header names stand for dashes."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.post(server.url + path, json=BODY, headers=named)


BASIC = "Basic " + base64.b64encode(b":sk-right-2").decode()


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer sk-right-1"},
        {"authorization": "bearer   sk-right-2"},
        {"authorization": BASIC},
        {"api_key": "sk-right-1"},
    ],
)
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/openai/deployments/m/chat/completions?api-version=1"])
def test_a_right_key_is_accepted(server: MockServer, path: str, headers: dict[str, str]) -> None:
    """In any of the places where clients put it."""
    assert ask(server, path, **headers).status_code == 200


NO_KEY = (
    "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth "
    "(i.e. Authorization: Bearer YOUR_KEY), or as the password field (with blank username) if you're accessing the API "
    "from your browser and are prompted for a username and password. You can obtain an API key from "
    "https://platform.openai.com/account/api-keys."
)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": ""},
        {"authorization": "Bearer"},
        {"authorization": "sk-right-1"},
        {"authorization": "Token sk-right-1"},
        {"authorization": "Basic !!!"},
        {"authorization": "Basic " + base64.b64encode(b"user").decode()},
        {"api_key": ""},
    ],
)
def test_no_key_is_a_401(server: MockServer, headers: dict[str, str]) -> None:
    """Missing, empty, or not where keys belong; the recorded body."""
    refused = ask(server, **headers)
    assert refused.status_code == 401
    assert refused.json() == {
        "error": {"message": NO_KEY, "type": "invalid_request_error", "param": None, "code": None}
    }


def test_a_wrong_key_is_a_401_that_repeats_it_masked(server: MockServer) -> None:
    """The recorded body, which has a second key beside `error`."""
    refused = ask(server, authorization="Bearer sk-not-a-real-key")
    assert refused.status_code == 401
    assert refused.json() == {
        "error": {
            "message": "Incorrect API key provided: sk-not-a*****-key. You can find your API key at "
            "https://platform.openai.com/account/api-keys.",
            "type": "invalid_request_error",
            "param": None,
            "code": "invalid_api_key",
        },
        "status": 401,
    }


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("dummy", "dummy"),
        ("your_api_key_here", "your_api*****here"),
        ("sk-VKMIs" + "x" * 39 + "wjh3", "sk-VKMIs" + "*" * 39 + "wjh3"),
        ("k" * 10_000, "kkkkkkkk" + "*" * 200 + "kkkk"),
    ],
)
def test_keys_are_masked_as_in_reports(key: str, shown: str) -> None:
    """The first eight and the last four characters are shown; short ones whole."""
    assert masked(key) == shown


@pytest.mark.parametrize("headers", [{}, {"api_key": "wrong"}, {"authorization": "Bearer wrong"}])
def test_azures_paths_have_azures_401(server: MockServer, headers: dict[str, str]) -> None:
    """Azure's envelope, with a code that is a string."""
    refused = ask(server, "/openai/deployments/m/chat/completions?api-version=1", **headers)
    assert refused.status_code == 401
    assert refused.json() == {
        "error": {
            "code": "401",
            "message": "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a "
            "valid key for an active subscription and use a correct regional API endpoint for your resource.",
        }
    }


def test_every_route_asks_for_the_key(server: MockServer) -> None:
    """Models too; paths that are none do not, and neither do browsers' preflights."""
    assert httpx.get(server.base_url + "/models").status_code == 401
    assert httpx.head(server.base_url + "/models").status_code == 401
    assert httpx.get(server.base_url + "/embeddings").status_code == 401
    assert httpx.get(server.base_url + "/foo").status_code == 404
    assert httpx.options(server.base_url + "/models").status_code == 204
    assert httpx.get(server.url + "/__admin/health").status_code == 200


def test_a_sessions_key_must_be_listed_too(serve: Serve) -> None:
    """A session named by path or header needs no key of its own."""
    server = serve("stubs: [{response: '{{ call.count }} {{ request.model }}'}]", api_keys=["k", "mock-session-a"])
    for _ in range(2):
        assert ask(server, authorization="Bearer mock-session-a").status_code == 200
    assert ask(server, authorization="Bearer mock-session-b").status_code == 401
    counted = ask(server, "/s/a/v1/chat/completions", authorization="Bearer k")
    assert counted.json()["choices"][0]["message"]["content"] == "3 gpt-4o-mini"


def test_one_key_may_be_given_as_it_is(serve: Serve) -> None:
    """A string is one key, not as many as it has letters."""
    server = serve("stubs: [{response: Hi}]", api_keys="key")
    assert ask(server, authorization="Bearer key").status_code == 200
    assert ask(server, authorization="Bearer k").status_code == 401


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer x"}, {"authorization": "nonsense"}])
def test_without_keys_anything_goes(default_server: MockServer, headers: dict[str, str]) -> None:
    """The default: any key, or none."""
    assert ask(default_server, **headers).status_code == 200
