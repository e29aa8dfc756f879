"""A server with nothing but the stubs that a test adds."""

from collections.abc import Iterator

import pytest

from mockserver import MockServer


@pytest.fixture
def server() -> Iterator[MockServer]:
    """A server that answers nothing by itself."""
    with MockServer(strict=True, default=False) as started:
        yield started
