"""Both ways of counting, and a clean slate after each test."""

from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from mockserver import tokens

HAS_VOCABULARY = find_spec("toktok") is not None
needs_vocabulary = pytest.mark.skipif(not HAS_VOCABULARY, reason="needs the extra [tokens]")
both_modes = pytest.mark.parametrize("mode", ["estimated", pytest.param("exact", marks=needs_vocabulary)])


@pytest.fixture(autouse=True)
def _automatic() -> Iterator[None]:
    """Whatever a test chose, the next one starts with the default."""
    yield
    tokens.use("auto")
