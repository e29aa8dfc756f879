"""Who may use the admin API."""

from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

import mockserver
from mockserver import MockServer
from mockserver.admin.guard import Denied, denied, name_of
from mockserver.edge import Edge, is_loopback

NOT_OPEN = (
    "The admin API needs a token where a server can be reached from other machines: start it with --admin-token TOKEN "
    "(or MOCKSERVER_ADMIN_TOKEN=TOKEN, or MockServer(admin_token=...)) and send 'Authorization: Bearer TOKEN'."
)


def let_in(edge: Edge = Edge(), server: str = "127.0.0.1", **headers: str) -> Denied | None:  # noqa: B008
    """Why a request is denied, if it is."""
    return denied(edge, {name.replace("_", "-").encode(): text.encode() for name, text in headers.items()}, server)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "localhost", "LOCALHOST", "a.localhost", "::1", "[::1]"])
def test_loopback_is_known(host: str) -> None:
    """By address and by name."""
    assert is_loopback(host)
    assert let_in(host=f"{host if host != '::1' else '[::1]'}:8080") is None


@pytest.mark.parametrize(
    "host", ["", "0.0.0.0", "::", "10.0.0.1", "127.evil.com", "localhost.evil.com", "evil.com", "127.0.0.1.evil.com"]
)
def test_nothing_else_is_loopback(host: str) -> None:
    """A name that merely begins like it leads wherever its owner wants."""
    assert not is_loopback(host)


@pytest.mark.parametrize("host", ["evil.com", "evil.com:8080", "127.0.0.1.evil.com:80", "10.0.0.1:8080"])
def test_a_name_that_leads_here_is_refused(host: str) -> None:
    """A page's own name may lead to this machine: then the page could read the answers."""
    found = let_in(host=host)
    shown = host.partition(":")[0]
    assert found == Denied(403, f"The admin API is asked for as localhost or 127.0.0.1, not as '{shown}'.")


@pytest.mark.parametrize("origin", ["http://evil.com", "null", "https://127.0.0.1.evil.com", "file://", ""])
def test_pages_of_other_machines_are_refused(origin: str) -> None:
    """They can send requests to any address."""
    found = let_in(host="127.0.0.1:8080", origin=origin)
    message = f"The admin API is closed to web pages of other machines: this one is from '{origin}'."
    assert found == Denied(403, message)


def test_pages_of_this_machine_are_let_in() -> None:
    """Test runners in browsers are such pages."""
    assert let_in(host="localhost:8080", origin="http://localhost:5173", sec_fetch_site="cross-site") is None
    assert let_in(host="localhost:8080", sec_fetch_site="none") is None
    assert let_in(host="localhost:8080", sec_fetch_site="cross-site") == Denied(
        403, "The admin API is closed to web pages of other sites."
    )


def test_another_server_on_an_address_is_not_open() -> None:
    """The application does not know where it is served; the address that was reached does."""
    assert let_in(server="10.0.0.1", host="10.0.0.1") == Denied(403, NOT_OPEN)
    assert let_in(server="fe80::1", host="[fe80::1]") == Denied(403, NOT_OPEN)
    assert let_in(server="testserver", host="testserver") is None


def test_a_name_has_its_port_cut_off() -> None:
    """IPv6 addresses have colons of their own."""
    assert [name_of(host) for host in ("a:1", "a", "[::1]:8080", "[::1]", "::1", "a:")] == [
        *("a", "a", "[::1]", "[::1]", "::1", "a")
    ]


def test_a_token_is_needed_where_there_is_one() -> None:
    """On loopback too; with it, anybody is let in from anywhere."""
    edge = Edge(admin_token="secret", loopback=False)
    assert let_in(edge, host="mock.internal", authorization="Bearer secret") is None
    assert let_in(edge, host="mock.internal", authorization="bearer secret", origin="https://ci.internal") is None
    for wrong in ("Bearer other", "Bearer ", "Bearer sécret"):
        assert let_in(edge, authorization=wrong) == Denied(
            401, "This is not the token of this server's admin API.", (("www-authenticate", "Bearer"),)
        )
    for none in ({}, {"authorization": "secret"}, {"authorization": "Basic c2VjcmV0"}):
        assert let_in(edge, **none) == Denied(
            401,
            "The admin API of this server asks for its token: send 'Authorization: Bearer TOKEN'.",
            (("www-authenticate", "Bearer"),),
        )


def test_a_server_that_others_can_reach_is_closed_without_a_token(tmp_path: Any) -> None:
    """And says how to open it; its health is told in any case."""
    with MockServer(host="0.0.0.0") as server:
        url = f"http://127.0.0.1:{server.port}/__admin"
        refused = httpx.get(f"{url}/stubs", trust_env=False)
        assert (refused.status_code, refused.json()) == (403, {"error": {"message": NOT_OPEN}})
        assert httpx.get(f"{url}/health", trust_env=False).json()["status"] == "ok"
    with MockServer(host="0.0.0.0", admin_token="secret") as server:
        url = f"http://127.0.0.1:{server.port}/__admin"
        assert httpx.get(f"{url}/stubs", trust_env=False).status_code == 401
        assert httpx.get(f"{url}/health", trust_env=False).status_code == 200
        allowed = httpx.get(f"{url}/stubs", headers={"authorization": "Bearer secret"}, trust_env=False)
        assert allowed.status_code == 200


def test_a_page_of_this_machine_may_read_answers(default_server: MockServer) -> None:
    """It asks before it sends JSON; one of another machine is refused, and its browser sees no permission."""
    url = f"{default_server.url}/__admin/requests/count"
    mine, other = {"origin": "http://localhost:5173"}, {"origin": "https://evil.com"}
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "content-type"}
    allowed = httpx.options(url, headers={**mine, **asked}, trust_env=False)
    assert allowed.status_code == 204
    assert allowed.headers["access-control-allow-origin"] == "http://localhost:5173"
    assert allowed.headers["access-control-allow-methods"] == "POST, OPTIONS"
    assert allowed.headers["access-control-allow-headers"] == "content-type"
    done = httpx.post(url, json={}, headers=mine, trust_env=False)
    assert (done.status_code, done.headers["access-control-allow-origin"]) == (200, "http://localhost:5173")
    for refused in (
        httpx.options(url, headers={**other, **asked}, trust_env=False),
        httpx.post(url, json={}, headers=other, trust_env=False),
    ):
        assert refused.status_code == 403
        assert "access-control-allow-origin" not in refused.headers


def test_a_page_asks_before_it_sends_its_token() -> None:
    """A preflight has none: it is told what may be asked, and its page is let in by the token alone."""
    mine = {"origin": "http://localhost:5173"}
    with TestClient(mockserver.asgi(admin_token="secret")) as client:
        allowed = client.options("/s/a/__admin/stubs/x", headers={**mine, "access-control-request-method": "GET"})
        assert (allowed.status_code, allowed.content) == (204, b"")
        assert allowed.headers["allow"] == "GET, PUT, DELETE, HEAD, OPTIONS"
        assert allowed.headers["access-control-allow-methods"] == allowed.headers["allow"]
        assert allowed.headers["access-control-allow-headers"] == "authorization, content-type"
        refused = client.get("/__admin/stubs", headers=mine)
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
        for answer in (allowed, refused):
            assert answer.headers["access-control-allow-origin"] == mine["origin"]
            assert answer.headers["vary"] == "Origin"


def test_the_application_alone_has_it_too() -> None:
    """In-process nobody else can ask; served by others it is told by the address that was reached."""
    with TestClient(mockserver.asgi()) as client:
        assert client.get("/__admin/stubs").status_code == 200
        assert client.get("/__admin/stubs", headers={"host": "evil.com"}).status_code == 403
    with TestClient(mockserver.asgi(), base_url="http://10.0.0.1") as client:
        assert client.get("/__admin/stubs").status_code == 403
