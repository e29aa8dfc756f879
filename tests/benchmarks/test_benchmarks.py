"""The benchmarks' pure parts: framing, /proc, the floor's file, the table. Nothing is timed."""

import json
import os
import re
import time
from itertools import islice
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import pages, profile
from benchmarks.chart import svg
from benchmarks.floor import pack, unpack
from benchmarks.framing import Reader, WrongAnswer
from benchmarks.jobs import JOBS
from benchmarks.load import Count, request_bytes
from benchmarks.measure import Aim, Effort, Result
from benchmarks.pages import BEGIN, END, inserted, tables
from benchmarks.peers import PEERS, PINS
from benchmarks.process import Stat, cpu_seconds, family, parse_resident, parse_stat, supported
from benchmarks.report import Spread, as_json, ratios, read_json, table, verdict, worse
from benchmarks.workloads import WORKLOADS, Workload, fixture_file
from benchmarks.wrk import read_result
from mockserver.call import Call
from mockserver.language.load import load

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
    """User and system time are summed, of the process and of its children; a name may look like fields."""
    line = "42 (a) R 9 (b) S 7 42 42 0 -1 4194560 900 0 1 0 100 20 3 1 20 0 1 0 12345 0 0"
    assert parse_stat(line) == Stat(42, 7, 120, 4)


def test_a_family_is_a_process_and_all_below_it() -> None:
    """Children of children count, whatever the order; strangers do not."""
    stats = [Stat(4, 3, 1, 0), Stat(3, 2, 1, 0), Stat(2, 1, 1, 0), Stat(9, 1, 1, 0), Stat(5, 2, 1, 0)]
    assert sorted(stat.pid for stat in family(2, stats)) == [2, 3, 4, 5]
    assert family(77, stats) == []


@pytest.mark.skipif(not supported(), reason="there is no /proc")
def test_the_cpu_time_of_a_process_only_grows() -> None:
    """What this very process has used is more after some work, by what its own clock says at most."""
    before, began = cpu_seconds(os.getpid()), time.process_time()
    assert before is not None
    sum(range(1_000_000))
    after = cpu_seconds(os.getpid())
    assert after is not None
    assert 0 < after - before <= time.process_time() - began + 1


def test_resident_memory_is_in_bytes() -> None:
    """The kernel writes kB; a process without the line has none."""
    assert parse_resident("Name:\tx\nVmPeak:\t  9 kB\nVmRSS:\t  2048 kB\n") == 2 * 1024 * 1024
    assert parse_resident("Name:\tzombie\n") == 0


def test_wrk_tells_what_it_did() -> None:
    """Requests and microseconds are in the line that the script prints."""
    assert read_result("Running ...\nRESULT 300 1500000 0 0\nmore") == Count(300, 1.5)


@pytest.mark.parametrize(
    ("printed", "message"),
    [
        ("", "wrk told nothing: ''"),
        ("RESULT 9 100 2 0\n", "of 9 answers 2 were refusals, 0 connections broke"),
        ("RESULT 9 100 0 1\n", "of 9 answers 0 were refusals, 1 connections broke"),
        ("RESULT 0 100 0 0\n", "no answer came in time"),
    ],
)
def test_wrong_answers_to_wrk_are_errors(printed: str, message: str) -> None:
    """A refusal, a broken connection or silence must not count as speed."""
    with pytest.raises(WrongAnswer, match=re.escape(message)):
        read_result(printed)


MOCK, TOKENS = "mockserver", "mockserver[tokens]"
RESULT = Result(
    "plain-chat",
    "plain chat",
    "us CPU",
    {"f1": [10.0, 20.0, 40.0], MOCK: [30.0, 20.0, 80.0], "aimock": [60.0, 40.0, 160.0]},
    (Aim(MOCK, "f1", 1.5), Aim(MOCK, "aimock", 0.7, 0.5)),
    {"f1": [2000.0], MOCK: [1000.0]},
    {MOCK: "840 bytes"},
    {"llmock": "llmock cannot be installed: no network\nmore"},
)
GROWTH = Result("growth", "more memory", "MiB", {MOCK: [7.0]}, (Aim(MOCK, None, 10.0, 6.0),))


def test_ratios_are_of_pairs_measured_together() -> None:
    """The median of the ratios, not the ratio of the medians."""
    assert ratios(RESULT, MOCK, "f1") == Spread(2.0, 1.0, 3.0)


def test_what_could_not_be_measured_has_no_ratio_and_misses_no_target() -> None:
    """Without values there is nothing to compare, and the table says so."""
    nothing = RESULT._replace(values={"f1": [], MOCK: []})
    assert ratios(nothing, MOCK, "f1") is None
    assert verdict(nothing, nothing.aims[0]) == "not measured"
    assert worse(nothing, {}) == []
    assert "not supported here" in table([nothing])


@pytest.mark.parametrize(
    ("must", "stretch", "expected"),
    [(1.5, 1.2, "over by 33%"), (2.0, 1.5, "reached"), (2.0, None, "reached"), (2.5, 2.0, "stretch")],
)
def test_the_median_is_held_against_the_goal(must: float, stretch: float | None, expected: str) -> None:
    """A median of just the target reaches it."""
    assert verdict(RESULT, Aim(MOCK, "f1", must, stretch)) == expected


@pytest.mark.parametrize(
    ("must", "recorded", "lines"),
    [
        (1.2, None, ["plain-chat: mockserver is 2.00 x f1, more than 1.80"]),
        (1.34, None, []),
        (1.2, [15.0, 30.0, 60.0], []),
    ],
    ids=["far over", "a little over", "recorded so"],
)
def test_only_what_is_far_over_target_and_record_fails(
    must: float, recorded: list[float] | None, lines: list[str]
) -> None:
    """Half as much again is forgiven, of the target or of what was recorded, whichever is more."""
    result = RESULT._replace(aims=(Aim(MOCK, "f1", must),))
    before = {} if recorded is None else {"plain-chat": RESULT._replace(values={**RESULT.values, MOCK: recorded})}
    assert worse(result, before) == lines


def test_absolute_values_fail_nothing() -> None:
    """Seconds and bytes depend on the machine: they are shown with their goals, and no more."""
    assert verdict(GROWTH, GROWTH.aims[0]) == "reached"
    assert worse(GROWTH._replace(values={MOCK: [700.0]}), {}) == []


def test_the_table_shows_ratios_rates_and_verdicts() -> None:
    """One line per server under the headings, columns aligned; what was skipped says why."""
    lines = table([RESULT, GROWTH]).splitlines()
    assert len(lines) == 1 + 4 + 1
    own = ["mockserver", "30.0", "us CPU", "2.00 (1.00-3.00)", "0.50", "1,000"]
    assert re.split(" {2,}", lines[2].strip()) == [
        *own,
        "over by 33% (<= 1.5 x f1); stretch (<= 0.7 x aimock)",
        "840 bytes",
    ]
    assert re.split(" {2,}", lines[4].strip()) == ["llmock", "-", "skipped: llmock cannot be installed: no network"]
    assert lines[0].index("x f1") == lines[2].index("2.00 (")


def test_the_json_has_every_repetition_and_what_failed() -> None:
    """All values are kept and can be read again, so that a later reader can compute anew."""
    text = as_json([RESULT, GROWTH], ["start: no"], Effort(3, 1.0, 3, 10), {"date": "today"})
    assert json.loads(text)["failures"] == ["start: no"]
    assert read_json(text) == ([RESULT, GROWTH], {"date": "today"})


def test_the_page_has_a_row_for_each_workload() -> None:
    """Ratios to f1 in one table, what has no f1 in another; the rest of the page stays."""
    page = inserted(f"before\n{BEGIN}\nold\n{END}\nafter\n", tables([RESULT, GROWTH], {"date": "today"}))
    assert (
        page
        == f"""before
{BEGIN}
date today.

| workload | mockserver | aimock | req/s (f1) | goals |
|---|---|---|---|---|
| plain chat | 2.00 (1.00-3.00) | 4.00 | 1,000 (2,000) | <= 1.5 x f1: over by 33%; <= 0.7 x aimock: stretch |

| what | | goals |
|---|---|---|
| more memory | mockserver 7.00 (MiB) | <= 10 MiB: reached |
{END}
after
"""
    )


def test_the_chart_has_a_bar_for_each_server() -> None:
    """It is well-formed, and longer bars are larger ratios."""
    root = ElementTree.fromstring(svg([RESULT, GROWTH], {"date": "2026-01-02T"}))
    bars = [bar for bar in root.iter("{http://www.w3.org/2000/svg}rect") if bar.get("x") == "190"]
    own, peer = (float(bar.get("width") or 0) for bar in bars if bar.get("height") == "9" and bar.get("y") != "25")
    assert 0 < own < peer
    assert "2026-01-02" in "".join(root.itertext())


@pytest.mark.skipif(not pages.RESULTS.exists(), reason="nothing is recorded yet")
def test_the_docs_show_what_is_recorded() -> None:
    """Tables and chart are made of the recorded numbers, and nobody edits them by hand."""
    results, where = read_json(pages.RESULTS.read_text(encoding="utf-8"))
    page = pages.PAGE.read_text(encoding="utf-8")
    assert page == inserted(page, tables(results, where))
    assert pages.CHART.read_text(encoding="utf-8") == svg(results, where)


def test_workloads_have_names_of_their_own_and_json_bodies() -> None:
    """A name picks one job, and every body is a request with a model."""
    assert set(JOBS) > {workload.name for workload in WORKLOADS}
    assert len({workload.name for workload in WORKLOADS}) == len(WORKLOADS)
    assert all(json.loads(next(workload.bodies()))["model"] for workload in WORKLOADS)


def test_new_inputs_are_new() -> None:
    """No input comes twice, and each has ten words."""
    (workload,) = [workload for workload in WORKLOADS if workload.name == "embeddings-new"]
    inputs = [json.loads(body)["input"] for body in islice(workload.bodies(), 2_000)]
    assert len(set(inputs)) == 2_000
    assert {len(text.split()) for text in inputs} == {10}


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda workload: workload.name)
def test_only_the_last_of_many_stubs_answers(workload: Workload, tmp_path: Path) -> None:
    """What mockserver is given can be read, and the stub that is asked for is the last that could answer."""
    file = tmp_path / "stubs.yaml"
    file.write_text(fixture_file(workload, workload.variants[-1]), encoding="utf-8")
    stubs = load([file], strict=True).stubs
    if "stubs-" in workload.name:
        body = json.loads(next(workload.bodies()))
        assert len(stubs.all) == int(workload.name.rpartition("-")[2])
        assert stubs.find(Call("chat", body)) is stubs.all[-1]


def test_a_profile_shares_out_the_time_of_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """Among uvicorn's modules and ours; no module has nothing to do with it, and together they are the whole."""
    monkeypatch.setattr(profile, "REQUESTS", 200)
    shares = profile.measure(WORKLOADS[0])
    assert {"mockserver/app.py", "mockserver/engine.py", "uvicorn/protocols/http/httptools_impl.py"} <= set(shares)
    assert sum(shares.values()) == pytest.approx(1)


@pytest.mark.parametrize("name", PEERS)
def test_peers_are_pinned(name: str, tmp_path: Path) -> None:
    """Each pin file names the version that the tables show, and each gets a file that is JSON, if any."""
    pins = "".join(file.read_text(encoding="utf-8") for file in PINS.rglob("*") if name in str(file) and file.is_file())
    assert PEERS[name].version in pins
    written = PEERS[name].written
    assert written is None or json.loads(written(WORKLOADS[0]))
