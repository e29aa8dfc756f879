"""The command's option for the admin API."""

import httpx
import pytest

from mockserver.cli import main
from tests.commands.conftest import Start


def test_the_admin_api_asks_for_the_token(start: Start) -> None:
    """Of the option or its variable; other machines may use it then."""
    for running in (
        start("--host", "0.0.0.0", "--admin-token", "secret"),
        start("--host", "0.0.0.0", MOCKSERVER_ADMIN_TOKEN="secret"),
    ):
        url = running.url.replace("0.0.0.0", "127.0.0.1") + "/__admin/stubs"
        assert httpx.get(url, trust_env=False).status_code == 401
        assert httpx.get(url, headers={"authorization": "Bearer secret"}, trust_env=False).status_code == 200


def test_without_a_token_it_is_for_this_machine(start: Start) -> None:
    """A server that other machines can reach keeps it closed."""
    running = start("--host", "0.0.0.0")
    assert httpx.get(running.url.replace("0.0.0.0", "127.0.0.1") + "/__admin/stubs", trust_env=False).status_code == 403
    assert httpx.get(start().url + "/__admin/stubs", trust_env=False).status_code == 200


@pytest.mark.parametrize("token", ["", "a b", "sécret"])
def test_a_token_is_one_word(token: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A header has to carry it."""
    with pytest.raises(SystemExit) as stopped:
        main(["--admin-token", token], {})
    assert stopped.value.code == 2
    error = "mockserver: error: argument --admin-token: expected characters of ASCII without spaces\n"
    assert capsys.readouterr().err.endswith(error)
