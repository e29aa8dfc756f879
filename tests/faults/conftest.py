"""Servers whose answers are disturbed as requests ask."""

from collections.abc import Iterator

import pytest

from mockserver import MockServer
from tests.faults.faulty import STUBS


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MockServer]:
    """A server that is shared, so tests may only ask it."""
    file = tmp_path_factory.mktemp("faults") / "stubs.yaml"
    file.write_text(STUBS, encoding="utf-8")
    with MockServer(file, seed=1) as running:
        yield running
