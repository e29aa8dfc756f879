"""The benchmarks' pure parts: framing, /proc, the floor's file, the table. Nothing is timed."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.floor import pack, unpack
from benchmarks.framing import Reader, WrongAnswer
from benchmarks.load import request_bytes
from benchmarks.measure import Effort, Series
from benchmarks.process import Stat, family, parse_resident, parse_stat
from benchmarks.report import Spread, as_json, over, ratios, table
from benchmarks.workloads import NAMES, WORKLOADS

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Id: a: b\r\n\r\nhello"
CHUNKED = b"HTTP/1.1 429 Slow down\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\nB\r\nlo\r\n0\r\n\r\n!!\r\n0\r\n\r\n"


def read(parts: list[bytes]) -> Reader:
    """A reader that has been fed the parts, of which only the last completes the answer."""
    reader = Reader()
    assert [reader.feed(part) for part in parts] == [False] * (len(parts) - 1) + [True]
    return reader


@pytest.mark.parametrize(
    ("answer", "status", "body", "chunks"),
    [(PLAIN, 200, b"hello", 0), (CHUNKED, 429, b"hello\r\n0\r\n\r\n!!", 2)],
    ids=["content-length", "chunked"],
)
def test_an_answer_is_complete_with_its_last_byte_however_it_is_cut(
    answer: bytes, status: int, body: bytes, chunks: int
) -> None:
    """Cut in two at every place, and byte by byte, the answer reads the same, and not before its end."""
    cuts = [[answer[:at], answer[at:]] for at in range(1, len(answer))]
    for parts in [[answer], *cuts, [answer[at : at + 1] for at in range(len(answer))]]:
        reader = read(parts)
        assert (reader.status, reader.length, reader.body(), reader.chunks()) == (
            status,
            len(body),
            body,
            chunks,
        )


def test_a_reader_starts_anew_after_reset() -> None:
    """A chunked answer leaves nothing behind for the plain one after it."""
    reader = read([CHUNKED])
    reader.reset()
    assert reader.feed(PLAIN)
    assert (reader.status, reader.length, reader.body(), reader.chunks()) == (200, 5, b"hello", 0)


def test_headers_keep_their_order_and_spelling() -> None:
    """Only the first colon parts a name from its value."""
    assert read([PLAIN]).headers() == [(b"Content-Length", b"5"), (b"X-Id", b"a: b")]


@pytest.mark.parametrize(
    "answer",
    [
        PLAIN + b"H",
        CHUNKED + b"H",
        b"SSH-2.0-x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nabc\r\n",
    ],
    ids=["surplus", "surplus after chunks", "not HTTP", "no length", "no size", "long chunk"],
)
def test_bytes_that_are_no_single_answer_are_wrong(answer: bytes) -> None:
    """Surplus bytes, other protocols and broken framing are errors, not counts."""
    with pytest.raises(WrongAnswer):
        Reader().feed(answer)


def test_a_request_says_how_long_its_body_is() -> None:
    """The body follows the head, and the head has its length."""
    head, _, body = request_bytes("/v1/x", b"{}").partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1/x HTTP/1.1\r\n")
    assert b"content-length: 2" in head.split(b"\r\n")
    assert body == b"{}"


NAME = st.from_regex(rb"\Ax-[a-z0-9-]{1,12}\Z")
VALUE = st.from_regex(rb"\A[!-~]([ -~]{0,20}[!-~])?\Z")


@settings(max_examples=60)
@given(status=st.integers(100, 599), headers=st.lists(st.tuples(NAME, VALUE)), body=st.binary())
def test_the_floor_gets_the_answer_that_was_packed(
    status: int, headers: list[tuple[bytes, bytes]], body: bytes
) -> None:
    """Whatever the bytes, packing and unpacking gives them back."""
    assert unpack(pack(status, headers, body)) == (status, headers, body)


def test_the_floor_leaves_to_uvicorn_what_uvicorn_writes() -> None:
    """Date and framing are not repeated, names are in lower case."""
    headers = [(b"Date", b"today"), (b"Transfer-Encoding", b"chunked"), (b"X-A", b"1")]
    assert unpack(pack(200, headers, b"")) == (200, [(b"x-a", b"1")], b"")


def test_cpu_time_is_read_past_an_odd_program_name() -> None:
    """User, system and both kinds of children's time are summed; a name may look like fields."""
    line = "42 (a) R 9 (b) S 7 42 42 0 -1 4194560 900 0 1 0 100 20 3 1 20 0 1 0 12345 0 0"
    assert parse_stat(line) == Stat(42, 7, 124)


def test_a_family_is_a_process_and_all_below_it() -> None:
    """Children of children count, whatever the order; strangers do not."""
    stats = [Stat(4, 3, 1), Stat(3, 2, 1), Stat(2, 1, 1), Stat(9, 1, 1), Stat(5, 2, 1)]
    assert sorted(stat.pid for stat in family(2, stats)) == [2, 3, 4, 5]
    assert family(77, stats) == []


def test_resident_memory_is_in_bytes() -> None:
    """The kernel writes kB; a process without the line has none."""
    assert parse_resident("Name:\tx\nVmPeak:\t  9 kB\nVmRSS:\t  2048 kB\n") == 2 * 1024 * 1024
    assert parse_resident("Name:\tzombie\n") == 0


SERIES = Series("plain-chat", "mockserver", "us CPU", [10.0, 20.0, 40.0], [30.0, 20.0, 80.0], 1.5)


def test_ratios_are_of_pairs_measured_together() -> None:
    """The median of the ratios, not the ratio of the medians."""
    assert ratios(SERIES) == Spread(2.0, 1.0, 3.0)


def test_what_could_not_be_measured_has_no_ratio_and_misses_no_target() -> None:
    """Without values there is nothing to compare, and the table says so."""
    nothing = SERIES._replace(floor=[], value=[])
    assert ratios(nothing) is None
    assert not over(nothing)
    assert "not supported here" in table([nothing])


@pytest.mark.parametrize(
    ("must", "slack", "expected"),
    [(1.5, 1.0, True), (2.0, 1.0, False), (1.5, 1.5, False), (None, 1.0, False)],
)
def test_a_target_is_missed_by_the_median_beyond_the_slack(must: float | None, slack: float, expected: bool) -> None:
    """A median of just the target reaches it; without a target there is nothing to miss."""
    assert over(SERIES._replace(must=must), slack) is expected


def test_the_table_shows_ratio_rates_target_and_verdict() -> None:
    """One line per series under the headings, columns aligned."""
    lines = table([SERIES._replace(rates=([2000.0], [1000.0])), SERIES._replace(must=2.0)]).splitlines()
    assert len(lines) == 3
    cells = ["plain-chat", "mockserver", "us CPU", "20.0", "30.0", "2.00 (1.00-3.00)", "1,000", "2,000", "1.5"]
    assert re.split(" {2,}", lines[1]) == [*cells, "over"]
    assert lines[2].split()[-2:] == ["2", "reached"]
    assert lines[0].index("ratio") == lines[1].index("2.00") == lines[2].index("2.00")


def test_the_json_has_every_repetition_and_what_failed() -> None:
    """All values are kept, so that a later reader can compute anew."""
    content = json.loads(as_json([SERIES], ["start: no"], Effort(3, 1.0, 3), {"date": "today"}))
    (result,) = content["results"]
    assert (result["f1"], result["value"]) == (SERIES.floor, SERIES.value)
    assert result["ratio"] == {"median": 2.0, "low": 1.0, "high": 3.0}
    assert (content["failures"], content["conditions"]) == (["start: no"], {"date": "today"})


def test_workloads_have_names_of_their_own_and_json_bodies() -> None:
    """A name picks one row, and every body is a request with a model."""
    assert len(set(NAMES)) == len(NAMES)
    assert all(json.loads(workload.body)["model"] for workload in WORKLOADS)
