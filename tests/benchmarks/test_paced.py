"""Paced streams are measured rightly: what should come when, what came, and what is missing."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks import paced, paced_load
from benchmarks.framing import WrongAnswer
from benchmarks.paced_floor import Frames, packed, unpacked
from benchmarks.paced_load import Wanted
from benchmarks.servers import ROOT, Server, serving

HEAD = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
ROLE = b'data: {"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}\n\n'
TOKEN = b'data: {"choices":[{"index":0,"delta":{"content":"word"}}]}\n\n'
DONE = b"data: [DONE]\n\n"


def chunk(data: bytes) -> bytes:
    """Bytes as HTTP sends them in chunks."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def test_frames_can_be_written_to_a_file_and_read() -> None:
    """Nothing is lost."""
    frames = [(0.0, b"\x00a"), (0.25, b"")]
    assert unpacked(packed(frames)) == frames


def test_the_bare_loop_sends_what_mockserver_sends_in_the_same_time() -> None:
    """Headers at once, the role with the first token, the end with the last."""
    made = paced.frames(HEAD, [ROLE, *[TOKEN] * paced.TOKENS, DONE])
    assert made[0] == (0.0, HEAD)
    assert made[1] == (paced.TTFT, chunk(ROLE) + chunk(TOKEN))
    assert made[2] == (paced.TTFT + paced.ITL, chunk(TOKEN))
    assert made[-1][1] == chunk(TOKEN) + chunk(DONE) + b"0\r\n\r\n"
    assert len(made) == 1 + paced.TOKENS
    assert made[-1][0] == pytest.approx(paced.TTFT + paced.ITL * (paced.TOKENS - 1))


def test_errors_and_drifts_are_what_times_are_off() -> None:
    """Between neighbours, and from the first to the last."""
    arrived = [[1.0, 1.02, 1.05, 1.06]]
    assert paced.errors(arrived) == pytest.approx([0.0, 0.01, 0.01])
    assert paced.drifts(arrived) == pytest.approx([0.0])
    assert paced.drifts([[1.0, 1.03]]) == pytest.approx([0.01])


@pytest.mark.parametrize(("part", "value"), [(0.0, 1), (0.5, 3), (0.99, 4), (1.0, 4)])
def test_a_percentile_is_a_value(part: float, value: int) -> None:
    """None is made up."""
    assert paced.percentile([4, 1, 3, 2], part) == value


@contextmanager
def floor(tmp_path: Path, frames: Frames) -> Iterator[int]:
    """A bare loop that sends these frames; its port."""
    file = tmp_path / "frames"
    file.write_text(packed(frames), encoding="ascii")
    command = [sys.executable, "-m", "benchmarks.paced_floor", str(file)]
    with serving(Server("floor", lambda port: [*command, str(port)], announces=False), None) as running:
        yield running.port


def test_every_token_of_every_stream_is_seen(tmp_path: Path) -> None:
    """In their order, and no other event counts."""
    frames = [(0.0, HEAD), (0.01, chunk(ROLE) + chunk(TOKEN)), (0.02, chunk(TOKEN) + chunk(DONE) + b"0\r\n\r\n")]
    with floor(tmp_path, frames) as port:
        arrived = paced_load.stream(port, b"{}", Wanted(5, 2, 0.01, 20))
    assert [len(times) for times in arrived] == [2] * 5
    assert all(first <= second for first, second in arrived)


def test_a_short_stream_is_a_wrong_answer(tmp_path: Path) -> None:
    """However well it ends."""
    with (
        floor(tmp_path, [(0.0, HEAD + chunk(TOKEN) + b"0\r\n\r\n")]) as port,
        pytest.raises(WrongAnswer, match=r"expected a stream of 2 tokens, got 1 behind b'HTTP/1.1 200'"),
    ):
        paced_load.stream(port, b"{}", Wanted(1, 2, 0, 20))


def test_a_stream_that_does_not_end_is_a_wrong_answer(tmp_path: Path) -> None:
    """It is not waited for forever."""
    with (
        floor(tmp_path, [(0.0, HEAD + chunk(TOKEN))]) as port,
        pytest.raises(WrongAnswer, match=r"only 0 of 1 streams had ended after 0\.2 s"),
    ):
        paced_load.stream(port, b"{}", Wanted(1, 1, 0, 0.2))


def test_the_bare_loop_needs_nothing_but_python() -> None:
    """It must not pay for what is imported."""
    code = "import sys, benchmarks.paced_floor; print([m for m in sys.modules if m.startswith('mockserver')])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
