"""The server's clock can run faster than the machine's: delays take less, what is told of them stays the same."""

import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from mockserver import MockServer
from mockserver.call import Call
from mockserver.cli import main
from mockserver.explain import engine_of
from mockserver.language.load import load
from tests.conftest import Serve, chat, content

DAY = """
    failures:
      - match: {user: outage}
        error: {name: rate_limit, retry_after: 1h, when: {during: {to: 3h}}}
    stubs:
      - response: At last.
        latency: {before: 1h, itl: 1m}
"""


@pytest.mark.parametrize("stream", [False, True])
def test_nothing_waits_at_scale_0(serve: Serve, stream: bool) -> None:
    """An answer that takes an hour and some minutes is there at once; headers say what the file says."""
    server = serve(DAY, time_scale=0)
    began = time.monotonic()
    answer = chat(server, stream=stream)
    assert answer.status_code == 200
    assert time.monotonic() - began < 60
    refused = chat(server, "outage", stream=stream)
    assert refused.headers["retry-after"] == "3600"


def test_windows_pass_as_fast(serve: Serve) -> None:
    """At scale 0 the clock jumps over what it waits for: after three such answers the outage is over."""
    server = serve(DAY, time_scale=0)
    assert chat(server, "outage").status_code == 429
    for _ in range(3):
        assert content(chat(server)) == "At last."
    assert chat(server, "outage").status_code == 200


def test_a_plan_keeps_the_intended_times(tmp_path: Path) -> None:
    """What the journal and `explain` show is what the file says, whatever the scale."""
    file = tmp_path / "stubs.yaml"
    file.write_text("stubs: [{response: Hi there, latency: {before: 1h, itl: 1m}}]")
    plan = engine_of(load([file]), 1).answer(Call("chat", {"model": "gpt-4o", "stream": True, "messages": []})).plan
    assert plan.pieces[0].due == 3600
    assert plan.pieces[-1].due == 3660


def test_the_latency_of_one_grows_with_the_others(serve: Serve) -> None:
    """A stream that hangs is one that is still being answered."""
    server = serve(
        """
        stubs:
          - match: {user: hang}
            response: Wait.
            fault: {kind: hang, after_chunks: 1}
          - match: {user: next}
            response: Next.
            latency: {per_request_in_flight: 10s}
        """,
        time_scale=0.01,
    )
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hang"}], "stream": True}
    url = f"{server.base_url}/chat/completions"
    with httpx.Client(trust_env=False) as client, client.stream("POST", url, json=body) as hanging:
        parts = hanging.iter_raw()
        next(parts)
        with pytest.raises(httpx.ReadTimeout):
            client.post(url, json={**body, "messages": [{"role": "user", "content": "next"}]}, timeout=0.05)
        assert client.post(url, json={**body, "messages": [{"role": "user", "content": "next"}]}).status_code == 200


@pytest.mark.parametrize("scale", ["-1", "fast", "nan", "inf"])
def test_other_scales_are_told(capsys: pytest.CaptureFixture[str], scale: str) -> None:
    """By the option and by the variable."""
    told = f"expected a number of at least 0, got '{scale}'"

    def fails(run: Callable[[], int]) -> str:
        with pytest.raises(SystemExit):
            run()
        return capsys.readouterr().err

    assert told in fails(lambda: main([f"--time-scale={scale}"], {}))
    assert told in fails(lambda: main([], {"MOCKSERVER_TIME_SCALE": scale}))


def test_a_server_is_not_made_with_another_scale() -> None:
    """Python says so too."""
    with pytest.raises(ValueError, match="a time scale is 0 or more, got -1"):
        MockServer(time_scale=-1).start()
