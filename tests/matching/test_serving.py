"""Matching over a real socket: a regex that would hang the server, and what clients are told."""

import json
import logging
from pathlib import Path

import httpx
import pytest

from tests.conftest import Serve, chat, content
from tests.readme import blocks

PAGE = Path(__file__).parents[2] / "docs" / "language.md"

HARMFUL = "y" + "x" * 1_000_000
STUBS = r"""
stubs:
  - {name: fine, match: {user: hello}, response: Hi!}
  - name: slow
    match: {user: '/.*x.*y(?P<z>.)/'}
    response: "{{ match.z }}"
"""


def test_a_regex_that_would_hang_the_server_is_a_500_that_names_it(
    serve: Serve, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The stub, its place, the regex and the text's length, in the envelope and in the log; SDKs do not try again."""
    server = serve(STUBS)
    with caplog.at_level(logging.ERROR, "mockserver"):
        response = chat(server, HARMFUL)
    assert response.status_code == 500
    assert response.headers["x-should-retry"] == "false"
    error = response.json()["error"]
    message = error.pop("message").replace(str(tmp_path), "")
    assert message == (
        "The regex /.*x.*y(?P<z>.)/ of the stub 'slow' (/stubs.yaml:4:5) was given up on a text of 1,000,001 "
        "characters: it took more than 100 ms. A regex is quick that has no repetition inside of another and few '.*'."
    )
    assert error == {"type": "server_error", "param": None, "code": "mockserver_regex_timeout"}
    assert [record.getMessage().replace(str(tmp_path), "") for record in caplog.records] == [message]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("failures: [{match: {user: /.*x.*y/}, error: rate_limit}]", "the failure 'stubs!1' (/stubs.yaml:1:12)"),
        ("limits: [{match: {user: /.*x.*y/}, requests_per_minute: 9}]", "the limit 'stubs~1' (/stubs.yaml:1:10)"),
    ],
)
def test_regexes_of_failures_and_limits_are_bounded_too(serve: Serve, tmp_path: Path, text: str, named: str) -> None:
    """And it is told where they stand."""
    error = chat(serve(text), HARMFUL).json()["error"]
    assert error["code"] == "mockserver_regex_timeout"
    assert f"The regex /.*x.*y/ of {named} was given up" in error["message"].replace(str(tmp_path), "")


def test_the_server_answers_on(serve: Serve) -> None:
    """What matches before the harmful regex is answered, whatever the length; and so is what comes after."""
    server = serve(STUBS)
    assert content(chat(server, "hello " + HARMFUL)) == "Hi!"
    assert chat(server, HARMFUL).status_code == 500
    assert content(chat(server, "axbyc")) == "c"


def test_the_first_regex_that_is_given_up_ends_it(serve: Serve) -> None:
    """A hundred of them do not take a hundred times as long."""
    lines = "".join(f"  - {{match: {{user: '/.*x.*y{n}?z/'}}, response: x}}\n" for n in range(100))
    response = chat(serve(f"stubs:\n{lines}"), "z" + HARMFUL)
    assert "of the stub 'stubs#1' (" in response.json()["error"]["message"]


def test_what_matches_is_whatever_the_request_says_and_shows(serve: Serve) -> None:
    """Headers and keys come from the connection, the ordinal from the session."""
    server = serve(
        """\
        stubs:
          - {match: {headers: {X-Tenant: acme}}, response: tenant}
          - {match: {api_key: {exact: sk-1}}, response: key}
          - {match: {ordinal: 4}, response: fourth}
          - {response: other}
        """
    )
    body = {"model": "m", "messages": [{"role": "user", "content": "x"}]}
    answers = []
    for headers in ({"x-tenant": "acme"}, {"authorization": "Bearer sk-1"}, {}, {}, {}):
        response = httpx.post(f"{server.base_url}/chat/completions", content=json.dumps(body), headers=headers)
        answers.append(content(response))
    assert answers == ["tenant", "key", "other", "fourth", "other"]


def test_the_page_shows_what_is_told_when_nothing_matches(serve: Serve, tmp_path: Path) -> None:
    """Word for word, from the stubs above it."""
    page = blocks(PAGE)
    (number,) = (n for n, block in enumerate(page) if block.info == "text 404")
    server = serve(page[number - 1].code, strict=True)
    message = chat(server, "good morning!").json()["error"]["message"]
    assert message.replace(f"{tmp_path}/", "") == page[number].code.rstrip("\n")
