"""Whatever is sent to the admin API, it is answered with JSON, and never with a failure of the server's own."""

from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mockserver
from mockserver.admin.bodies import RECORDS
from mockserver.admin.operations import OPERATIONS, Operation
from mockserver.language.failures import FailureSpec
from mockserver.language.kinds import Spec
from mockserver.language.matching import Match
from mockserver.language.model import StubSpec
from mockserver.language.responses import ResponseSpec

SPECS: list[type[Spec]] = [*RECORDS.values(), StubSpec, FailureSpec, Match, ResponseSpec]
KEYS = sorted({name for spec in SPECS for name in spec.keys} - {"timeout", "file"})
NAMES = st.text(min_size=1, max_size=8) | st.sampled_from(["greeting", "run-time#1", "outage", "*", ".."])
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.sampled_from(["/a+/i", "/(/", "{{ x }}", "{{", "hello", "rate_limit", "reset", "1s", "chat", "gpt-4*"])
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS) | st.text(), inner, max_size=4),
    max_leaves=8,
)
BODIES = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4) | VALUES


@pytest.mark.parametrize("operation", OPERATIONS, ids=[operation.name for operation in OPERATIONS])
@settings(max_examples=40)
@given(data=st.data())
def test_nothing_that_is_sent_makes_it_fail(operation: Operation, data: Any) -> None:
    """By path, query and body."""
    path = operation.path.replace("{name}", quote(data.draw(NAMES), safe=""))
    body = {} if operation.name == "wait_for_requests" else data.draw(BODIES)
    if operation.name == "wait_for_requests":
        body = {"timeout": 0, **({"count": data.draw(VALUES)} if data.draw(st.booleans()) else {})}
    params = data.draw(st.dictionaries(st.sampled_from(["session", "limit", "ignore", "x"]), NAMES, max_size=1))
    options: dict[str, Any] = {"params": params}
    if operation.body is not None or data.draw(st.booleans()):
        options["json"] = body
    with httpx.Client(transport=mockserver.transport(), base_url="http://mock/__admin") as client:
        response = client.request(operation.method, path, **options)
    assert response.status_code in (*operation.statuses, *operation.refusals, 400, 404, 405), response.text
    told = response.json()
    assert ("error" in told) == (response.status_code >= 400)
