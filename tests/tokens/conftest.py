"""Both ways of counting."""

from importlib.util import find_spec

import pytest

HAS_VOCABULARY = find_spec("toktok") is not None
needs_vocabulary = pytest.mark.skipif(not HAS_VOCABULARY, reason="needs the extra [tokens]")
both_modes = pytest.mark.parametrize("mode", ["estimated", pytest.param("exact", marks=needs_vocabulary)])
