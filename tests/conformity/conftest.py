"""Pytest fixtures of the proof: one server, on a socket and without one, that gives every kind of answer."""

from collections.abc import Iterator

import httpx
import pytest

from mockserver import MockServer
from tests.conformity.asking import STUBS, Asker, asker


@pytest.fixture(scope="session")
def server() -> Iterator[MockServer]:
    """A server that gives every kind of answer; shared, so tests may only ask it."""
    with MockServer(STUBS) as server:
        yield server


@pytest.fixture(scope="session")
def wire(server: MockServer) -> Iterator[httpx.Client]:
    """An HTTP client of it."""
    with httpx.Client(base_url=server.url, trust_env=False) as client:
        yield client


@pytest.fixture(scope="session")
def api() -> Iterator[Asker]:
    """The same application without a socket."""
    with asker(STUBS) as asking:
        yield asking
