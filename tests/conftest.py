"""Pytest fixtures shared by all tests: servers on real sockets."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from textwrap import dedent
from typing import Any

import httpcore  # noqa: F401 - else a pytest run inside of a test imports it, and httpx knows the errors of that copy
import httpx
import pytest
from httpx._config import DEFAULT_TIMEOUT_CONFIG
from hypothesis import HealthCheck, settings

from mockserver import MockServer, tokens

# How long an example takes depends on the machine, and on what was imported before it. CI tries the same examples in
# every run, so that a change is judged by what it changes; people's own runs look for new ones.
settings.register_profile(
    "mockserver",
    deadline=None,
    derandomize=os.environ.get("CI") == "true",
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("mockserver")

# httpx gives up after five seconds, which a loaded machine may need for a first answer; nothing here tests that.
for _kind in ("connect", "read", "write", "pool"):
    setattr(DEFAULT_TIMEOUT_CONFIG, _kind, 60.0)

Serve = Callable[..., MockServer]


@pytest.fixture(autouse=True)
def _automatic_tokens() -> Iterator[None]:
    """Who counts tokens holds for a process: whatever a test chose, the next one starts with the default."""
    yield
    tokens.use("auto")


@pytest.fixture(scope="session")
def default_server() -> Iterator[MockServer]:
    """A server that serves the shipped default; shared, so tests may only ask it."""
    with MockServer() as server:
        yield server


@pytest.fixture
def http(default_server: MockServer) -> Iterator[httpx.Client]:
    """An HTTP client whose base URL is the default server's `/v1`."""
    with httpx.Client(base_url=default_server.base_url, trust_env=False) as client:
        yield client


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts a server from the text of a fixture file: `serve("stubs: ...", seed=1)`."""
    with ExitStack() as stack:

        def start(text: str, name: str = "stubs.yaml", **options: Any) -> MockServer:
            file = tmp_path / name
            file.write_text(dedent(text), encoding="utf-8")
            return stack.enter_context(MockServer(file, **options))

        yield start


def chat(server: MockServer, user: str = "hello", **fields: Any) -> httpx.Response:
    """One chat request."""
    body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": user}], **fields}
    return httpx.post(f"{server.base_url}/chat/completions", json=body, trust_env=False)


def content(response: httpx.Response) -> str:
    """The text of a chat answer."""
    assert response.status_code == 200, response.text
    text: str = response.json()["choices"][0]["message"]["content"]
    return text


def events(response: httpx.Response) -> list[str]:
    """The data of a stream's events, `[DONE]` included."""
    assert response.status_code == 200, response.text
    *parts, rest = response.text.split("\n\n")
    assert rest == ""
    assert all(part.startswith("data: ") for part in parts)
    return [part.removeprefix("data: ") for part in parts]
