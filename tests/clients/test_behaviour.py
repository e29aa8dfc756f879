"""The verdict on the official SDK, which is not blamed for what it does by itself, and on code around it."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from mockserver import MockServer
from tests.clients.conftest import Answers, RunOnce, run_script

ENVIRONMENTS = ("openai-3", "openai-2")
LIMITED = {"error": {"name": "rate_limit", "retry_after": 0.2}}

STUBS: dict[str, Callable[[Any], object]] = {
    "limited": lambda session: session.stub(sequence=[LIMITED, {"reply": "Hi!"}]),
    "broken": lambda session: session.stub(sequence=[{"error": "server_error"}, {"reply": "Hi!"}]),
    "unauthorized": lambda session: session.stub(error="invalid_api_key"),
    "never": lambda session: session.stub(error="overloaded"),
    "loops": lambda session: session.stub(error={"name": "rate_limit", "retry_after": 20, "should_retry": True}),
    "part": lambda session: (
        session.stub(reply="Of course."),
        session.stub(
            stream=True, reply="Once upon a time there was a server.", fault={"kind": "close", "after_chunks": 4}
        ),
    ),
}


@pytest.fixture(scope="module", params=ENVIRONMENTS)
def behaved(request: pytest.FixtureRequest, once: RunOnce) -> Answers:
    """What each case of `scripts/openai_behaviour.py` got, and what the verdict on it is."""

    def run() -> Answers:
        with MockServer(strict=True, default=False) as server:
            for name, stubs in STUBS.items():
                stubs(server.session(name))
            got = run_script(request.param, "openai_behaviour", server.url)
            found = {name: server.session(name).verdict() for name in STUBS}
            return {
                name: {"got": got[name], "rules": [f.rule for f in verdict.mistakes], "all": verdict.to_json()}
                for name, verdict in found.items()
            }

    return once(f"behaviour-{request.param}", run)


@pytest.mark.parametrize(
    ("case", "got", "rules"),
    [
        ("limited", "Hi!", []),
        ("broken", "Hi!", []),
        ("unauthorized", "AuthenticationError", []),
        ("never", "InternalServerError", ["gave_up"]),
        ("loops", "gave up", ["ignored_retry_after"] * 3),
        ("part", "Of course.", ["took_cut_for_whole"]),
    ],
)
def test_the_verdict_on_the_official_sdk(behaved: Answers, case: str, got: str, rules: list[str]) -> None:
    """It waits as it is told, and retries what may pass; whoever turns that off or works around it is told of."""
    found = behaved[case]
    assert (found["got"], found["rules"]) == (got, rules), json.dumps(found["all"], indent=1)
