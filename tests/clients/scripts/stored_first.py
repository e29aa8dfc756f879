# mypy: disable-error-code="import-not-found,misc"
"""A pytest plugin for the SDK's own tests: before each of them, the completion they look up is stored.

They ask for the id `completion_id`, which a mock of the schema alone always has; a server has what was stored.
"""

import json
import os
from urllib.request import Request, urlopen

import pytest

STORE = {
    "model": "stored",
    "store": True,
    "messages": [{"role": "assistant", "content": "hello"}],  # the SDK's type has no other role; the API's example has
}


@pytest.fixture(autouse=True)
def stored() -> None:
    """Store the completion."""
    address = os.environ["TEST_API_BASE_URL"] + "/chat/completions"
    request = Request(address, json.dumps(STORE).encode(), {"content-type": "application/json"})
    with urlopen(request, timeout=60):
        pass
