"""`failures`: what may go wrong with all calls that match, whichever stub answers them."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver import FixtureError
from mockserver.call import Call
from mockserver.language.load import load
from mockserver.plan import Plan
from mockserver.server import create_app
from tests.conftest import Serve, chat, content

STUBS = """
    failures:
      - name: retired
        match: {model: gpt-3.5*}
        error: model_not_found
      - match: {endpoint: embeddings}
        error: {name: server_error, when: {every: 2}}
      - match: {user: outage}
        error: {name: overloaded, when: {calls: 2-3}}

    stubs:
      - match: {user: outage}
        sequence:
          - response: One.
          - response: Two.
      - response: Fine.
"""


def test_they_come_before_the_stubs(serve: Serve) -> None:
    """The sequence takes no step while the server is out."""
    server = serve(STUBS)
    answers = [chat(server, "outage") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 503, 503, 200]
    assert [content(answers[0]), content(answers[3])] == ["One.", "Two."]
    assert answers[1].headers["x-mockserver-stub"] == "stubs!3"


def test_they_are_about_what_matches(serve: Serve) -> None:
    """A model, an endpoint, or what else a match can say; each counts its own calls."""
    server = serve(STUBS)
    gone = chat(server, model="gpt-3.5-turbo")
    assert gone.status_code == 404
    assert gone.headers["x-mockserver-stub"] == "retired"
    assert chat(server).status_code == 200
    body = {"model": "text-embedding-3-small", "input": "x"}
    codes = [httpx.post(f"{server.base_url}/embeddings", json=body, trust_env=False).status_code for _ in range(4)]
    assert codes == [200, 500, 200, 500]


def test_each_session_counts_for_itself(serve: Serve) -> None:
    """Parallel tests don't spoil each other's outages."""
    server = serve(STUBS)

    def ask(session: str) -> int:
        body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "outage"}]}
        url = f"{server.url}/s/{session}/v1/chat/completions"
        return httpx.post(url, json=body, trust_env=False).status_code

    assert [ask("a"), ask("a"), ask("b"), ask("b"), ask("a")] == [200, 503, 200, 503, 503]


def test_a_stream_can_break_for_all(serve: Serve) -> None:
    """An error inside of a stream, from a rule: the stub's own answer comes first."""
    server = serve(
        """
        failures:
          - error: {name: server_error, after_chunks: 2}
        stubs:
          - response: One two three four.
        """
    )
    streamed = chat(server, stream=True).text
    assert streamed.count("data: ") == 3
    assert '"error":' in streamed
    assert chat(server).status_code == 500


def test_the_seed_decides_the_same(serve: Serve) -> None:
    """The same requests meet the same errors; other requests, others."""
    text = """
        failures:
          - error: {name: server_error, when: {probability: 0.5}}
        stubs:
          - response: Fine.
    """
    runs = []
    for name in ("a.yaml", "b.yaml"):
        server = serve(text.replace("- error", "- name: chance\n            error"), name, seed=5)
        runs.append([chat(server, str(n % 10)).status_code for n in range(40)])
    assert runs[0] == runs[1]
    assert {200, 500} == set(runs[0])
    assert len({tuple(runs[0][n::10]) for n in range(10)}) > 1


@pytest.mark.parametrize("seed", [5, None])
def test_each_call_meets_them_anew(tmp_path: Path, seed: int | None) -> None:
    """The same request again takes the next of a replayed list, has an id of its own, and is cut somewhere else."""
    file = tmp_path / "stubs.yaml"
    file.write_text(
        """
        failures:
          - name: down
            error: overloaded
            latency: {before: {replay: [1s, 2s, 3s]}}
            fault: {kind: close, after: anywhere}
        """
    )
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hello"}]}

    def met() -> list[Plan]:
        engine = create_app(load([file]), seed=seed)[0].api.engine
        return [engine.answer(Call("chat", body)).plan for _ in range(8)]

    plans = met()
    assert [plan.until for plan in plans] == [1, 2, 3, 1, 2, 3, 1, 2]
    assert len({dict(plan.headers)[b"x-request-id"] for plan in plans}) == 8
    assert len({len(plan.body) for plan in plans}) > 1
    assert (plans == met()) == (seed is not None)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("failures: [{match: {user: x}}]", "1:12: a failure needs one of error, fault, latency, fails_by_model"),
        ("failures: [{eror: x}]", "1:13: unknown key 'eror' in a failure; did you mean 'error'?"),
    ],
)
def test_mistakes_are_told(tmp_path: Any, text: str, told: str) -> None:
    """Where, and what was expected."""
    file = tmp_path / "stubs.yaml"
    file.write_text(text)
    with pytest.raises(FixtureError, match=r"stubs\.yaml") as failed:
        load([file])
    assert f"{file}:{told}" in str(failed.value)
