"""A server, and a client of its admin API."""

from collections.abc import Iterator

import pytest

from mockserver import MockServer
from tests.admin.asking import Admin
from tests.conftest import Serve

STUBS = """
failures:
  - name: outage
    match: {user: outage}
    error: server_error
stubs:
  - name: greeting
    match: {user: hello}
    response: Hi there!
  - name: door
    match: {user: door}
    scenario: door
    required_state: Started
    new_state: open
    response: It opens.
  - name: slow
    match: {user: slow}
    response: At last.
    latency: {ttft: 1h}
"""


@pytest.fixture
def server(serve: Serve) -> MockServer:
    """A server that answers what its stubs match, and nothing else."""
    return serve(STUBS, strict=True)


@pytest.fixture
def admin(server: MockServer) -> Iterator[Admin]:
    """Its admin API."""
    made = Admin(server)
    yield made
    made.client.close()
