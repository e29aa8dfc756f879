"""What a browser asks before and beside a request: CORS."""

import httpx
import pytest

from mockserver import MockServer
from tests.conftest import chat
from tests.edge.asking import BODY

ORIGIN = {"origin": "https://app.example"}


def test_a_preflight_is_allowed_what_it_asks(default_server: MockServer) -> None:
    """The origin, the path's methods, and the headers that are going to be sent."""
    asked = {
        **ORIGIN,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type,x-stainless-lang",
    }
    response = httpx.options(default_server.base_url + "/completions", headers=asked)
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["access-control-allow-origin"] == "https://app.example"
    assert response.headers["access-control-allow-methods"] == "POST, OPTIONS"
    assert response.headers["access-control-allow-headers"] == "authorization,content-type,x-stainless-lang"
    assert response.headers["access-control-max-age"] == "600"
    assert "content-length" not in response.headers


@pytest.mark.parametrize("path", ["/v1/responses", "/v1/foo", "/openai/deployments/x/chat/completions"])
def test_any_path_may_be_asked_of(default_server: MockServer, path: str) -> None:
    """So that a page gets to see the 404 that follows."""
    response = httpx.options(default_server.url + path, headers=ORIGIN)
    assert response.status_code == 204
    assert "POST" in response.headers["access-control-allow-methods"]
    assert response.headers["access-control-allow-headers"] == "authorization, content-type"


def test_options_without_an_origin_say_what_is_allowed(default_server: MockServer) -> None:
    """No browser asks, so there is nothing about origins."""
    response = httpx.options(default_server.base_url + "/models/x")
    assert response.status_code == 204
    assert response.headers["allow"] == "GET, HEAD, DELETE, OPTIONS"
    assert not [name for name in response.headers if name.startswith("access-control")]


@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_may_be_read_by_the_page_that_asked(default_server: MockServer, stream: bool) -> None:
    """The origin once; a request that names none gets no such header."""
    url = f"{default_server.base_url}/chat/completions"
    response = httpx.post(url, json={**BODY, "stream": stream}, headers=ORIGIN)
    assert response.status_code == 200
    assert response.headers.get_list("access-control-allow-origin") == ["https://app.example"]
    assert response.headers["vary"] == "Origin"
    assert "access-control-allow-origin" not in chat(default_server).headers


def test_older_endpoints_name_the_origin_instead_of_any(http: httpx.Client) -> None:
    """Two values of that header would make a browser refuse the answer."""
    response = http.post("/embeddings", json={"model": "m", "input": "x"}, headers=ORIGIN)
    assert response.headers.get_list("access-control-allow-origin") == ["https://app.example"]


def test_refusals_may_be_read_too(default_server: MockServer) -> None:
    """Of the body, and of the path."""
    for path in ("/chat/completions", "/foo"):
        response = httpx.post(default_server.base_url + path, json={}, headers=ORIGIN)
        assert response.status_code in (400, 404)
        assert response.headers["access-control-allow-origin"] == "https://app.example"
        assert response.headers.get_list("vary") == ["Origin"]
