"""Paths: the table, its bases, and what is told of paths that are none."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver import MockServer
from mockserver.routes import ROUTES, UNSERVED, handler, resolve
from tests.conftest import Serve
from tests.edge.asking import BODY, answered, request

CHAT = [
    "/chat/completions",
    "/v1/chat/completions",
    "/openai/v1/chat/completions",
    "/v1/chat/completions/",
    "//v1//chat/completions",
    "/s/a-test/v1/chat/completions",
    "/s/a-test//v1/chat/completions/",
    "/v1/chat/completions?api-version=preview",
]


@pytest.mark.parametrize("path", CHAT)
def test_a_path_is_found_below_every_base(default_server: MockServer, path: str) -> None:
    """With and without `/v1`, on Azure's v1 surface, in a session, with a slash too many."""
    assert answered(request(default_server, path=path))["object"] == "chat.completion"


@pytest.mark.parametrize("row", ROUTES, ids=lambda row: f"{row.methods[0]} {row.path}")
def test_each_row_leads_somewhere(row: object) -> None:
    """Every handler of the table exists, and every path of it resolves to its row."""
    assert row in ROUTES
    for found in [found for found in ROUTES if found == row]:
        for base in found.bases:
            path = base + found.path.replace("{model*}", "org/m").replace("{", "").replace("}", "")
            assert resolve(path).routes[found.methods[0]] == found
            assert resolve("/s/x" + path + "/").routes[found.methods[0]] == found
        assert found.endpoint is not None or callable(handler(found.handler))


@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [
        ("chat/completions", {"messages": BODY["messages"]}, "chat.completion"),
        ("completions", {"prompt": "x"}, "text_completion"),
        ("embeddings", {"input": "x"}, "list"),
    ],
)
@pytest.mark.parametrize("base", ["/openai/deployments/prod", "/v1/openai/deployments/prod", "/v1/engines/prod"])
@pytest.mark.parametrize("model", [{}, {"model": None}, {"model": "gpt-4o"}], ids=["absent", "null", "another"])
def test_a_model_comes_from_the_path(
    default_server: MockServer, base: str, path: str, body: dict[str, object], kind: str, model: dict[str, object]
) -> None:
    """A deployment or an engine is the model, whatever the body says of it."""
    response = httpx.post(f"{default_server.url}{base}/{path}?api-version=2024-10-21", json={**body, **model})
    assert response.status_code == 200, response.text
    assert (response.json()["object"], response.json()["model"]) == (kind, "prod")


def test_stubs_match_the_model_of_the_path(serve: Serve) -> None:
    """A stub for a model answers its deployment."""
    server = serve("stubs: [{match: {model: prod}, response: deployed}, {response: other}]")
    url = f"{server.url}/openai/deployments/prod/chat/completions?api-version=1"
    response = httpx.post(url, json={"messages": BODY["messages"], "model": None})
    assert response.json()["choices"][0]["message"]["content"] == "deployed"


@pytest.mark.parametrize("path", ["/openai/models?api-version=1", "/v1/openai/models", "/openai/v1/models", "/models/"])
def test_models_are_listed_below_every_base(default_server: MockServer, path: str) -> None:
    """Azure's too."""
    listed = httpx.get(default_server.url + path).json()
    assert listed["object"] == "list"
    assert {entry["object"] for entry in listed["data"]} == {"model"}


@pytest.mark.parametrize("name", ["error%2Frate_limit", "error/rate_limit", "ft:gpt-4o:org::id", "a%20b", "%C3%A9"])
@pytest.mark.parametrize("base", ["/v1/models/", "/s/x/models/", "/v1//models/", "/openai/models/"])
def test_a_models_id_is_the_rest_of_the_path(default_server: MockServer, base: str, name: str) -> None:
    """Slashes in it may be escaped or not."""
    assert httpx.get(f"{default_server.url}{base}{name}").json()["id"] == httpx.URL(f"http://x/{name}").path[1:]


def test_engines_are_the_models(default_server: MockServer) -> None:
    """As clients before 1.0 list them."""
    engines = httpx.get(f"{default_server.base_url}/engines").json()["data"]
    models = httpx.get(f"{default_server.base_url}/models").json()["data"]
    assert [engine["id"] for engine in engines] == [model["id"] for model in models]
    assert {engine["object"] for engine in engines} == {"engine"}


@pytest.mark.parametrize("row", UNSERVED, ids=lambda row: row.path)
@pytest.mark.parametrize("rest", ["", "/", "/x_1/y"])
def test_paths_of_the_api_that_are_not_served_say_so(default_server: MockServer, row: object, rest: str) -> None:
    """A 404 with the path, its name, and what to do instead."""
    path = "/v1" + row.path + rest  # type: ignore[attr-defined]
    response = httpx.post(default_server.url + path)
    assert response.status_code == 404
    error = response.json()["error"]
    assert error["message"].startswith(f"mockserver does not serve {path} (")
    assert (error["type"], error["code"]) == ("invalid_request_error", "mockserver_not_served")


def test_the_responses_api_says_how_to_use_chat_completions(default_server: MockServer) -> None:
    """The full text, which names the switch of each client that prefers the Responses API."""
    response = httpx.post(f"{default_server.base_url}/responses", json={"model": "m", "input": "x"})
    assert response.json()["error"]["message"] == (
        "mockserver does not serve /v1/responses (the Responses API). To make the client use chat completions: "
        "`client.chat.completions.create` in the official SDKs, `ChatOpenAI(use_responses_api=False)` in LangChain, "
        '`set_default_openai_api("chat_completions")` in openai-agents, `OpenAIChatModel` in pydantic-ai, '
        '`openai.chat("MODEL")` in the AI SDK.'
    )


@pytest.mark.parametrize("path", ["/", "/health", "/v1", "/v1/foo", "/responsesx", "/openai/v1/foo"])
def test_a_path_that_is_none_is_an_invalid_url(default_server: MockServer, path: str) -> None:
    """The API's words, also to a HEAD, without its body."""
    assert httpx.get(default_server.url + path).json()["error"]["message"] == f"Invalid URL (GET {path})"
    head = request(default_server, b"", path, "HEAD")
    assert (head.status, head.body) == (404, b"")


@pytest.mark.parametrize("path", ["/openai/deployments/x/images", "/openai/foo", "/v1/openai/deployments"])
def test_a_path_that_is_none_of_azures_has_azures_words(default_server: MockServer, path: str) -> None:
    """Azure's gateway has an envelope of its own."""
    response = httpx.post(default_server.url + path)
    assert response.status_code == 404
    assert response.json() == {"error": {"code": "404", "message": "Resource not found"}}


def test_azure_needs_an_api_version_when_exact() -> None:
    """In compatible mode it may be left out."""
    path = "/openai/deployments/gpt-4o/chat/completions"
    with MockServer(exact=True) as server:
        refused = httpx.post(server.url + path, json=BODY)
        assert (refused.status_code, refused.json()["error"]["message"]) == (404, "Resource not found")
        assert httpx.post(server.url + path + "?api-version=1", json=BODY).status_code == 200


def test_an_unknown_deployment_has_azures_words(serve: Serve) -> None:
    """Where undeclared models are refused."""
    server = serve("{models: [known], unknown_models: refuse, stubs: [{response: Hi}]}")
    url = f"{server.url}/openai/deployments/%s/chat/completions?api-version=1"
    assert httpx.post(url % "known", json=BODY).status_code == 200
    refused = httpx.post(url % "prod", json=BODY)
    assert refused.status_code == 404
    assert refused.json()["error"]["code"] == "DeploymentNotFound"


@pytest.mark.parametrize("path", ["/v1/models", "/v1/models/gpt-4o"])
def test_head_is_get_without_its_body(default_server: MockServer, path: str) -> None:
    """The same status and length; the connection can be used again."""
    got = httpx.get(default_server.url + path)
    with httpx.Client(base_url=default_server.url) as client:
        head = client.head(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == got.headers["content-length"]
        assert client.get(path).content == got.content


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", "/v1/embeddings", "POST, OPTIONS"),
        ("HEAD", "/v1/embeddings", "POST, OPTIONS"),
        ("PUT", "/openai/deployments/x/completions", "POST, OPTIONS"),
        ("PATCH", "/v1/models", "GET, HEAD, OPTIONS"),
        ("POST", "/v1/models/x", "GET, HEAD, DELETE, OPTIONS"),
    ],
)
def test_a_wrong_method_is_a_405(default_server: MockServer, method: str, path: str, allow: str) -> None:
    """With what is allowed; in the envelope, where there is a body."""
    refused = request(default_server, b"", path, method)
    assert (refused.status, refused.headers["allow"]) == (405, allow)
    if method != "HEAD":
        hint = "(HINT: Perhaps you meant to use a different HTTP method?)"
        assert refused.message == f"Not allowed to {method} on {path}. {hint}"


@given(st.text(st.characters(codec="ascii", exclude_characters="\r\n "), max_size=60))
def test_any_path_leads_somewhere(path: str) -> None:
    """Resolving never fails, and knows a method only for what is in the table."""
    target = resolve("/" + path)
    assert all(row in ROUTES for row in target.routes.values())


@pytest.mark.parametrize("path", ["/%ff", "/v1/models/%ff%00", "/v1/%2e%2e/x", "/s/%2F/v1/models", "/s/%00/v1/foo"])
def test_odd_escapes_do_no_harm(default_server: MockServer, path: str) -> None:
    """An answer in JSON, whatever the bytes behind them."""
    assert request(default_server, b"", path, "GET").status in (200, 404)
