"""Servers whose answers are disturbed as requests ask."""

from collections.abc import Iterator

import pytest

from mockserver import MockServer
from tests.faults.faulty import faulty

STUBS = """
x-same: &same {id: chatcmpl-1, created: 1700000000}
stubs:
  - match: {user: tool}
    response: {<<: *same, tool_calls: [{id: call_1, name: book_table, arguments: {party: 4, name: Özge}}]}
  - match: {user: ascii}
    response: {<<: *same, text: Nothing but plain letters here.}
  - match: {user: one}
    response: {<<: *same, text: "1"}
  - response: {<<: *same, text: "Grüße aus Zürich, 東京 und 🌍!"}
"""
"""All answers are the same each time, so that a disturbed one can be held against a healthy one."""


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MockServer]:
    """A server that is shared, so tests may only ask it."""
    file = tmp_path_factory.mktemp("faults") / "stubs.yaml"
    file.write_text(STUBS, encoding="utf-8")
    with faulty(file, seed=1) as running:
        yield running
