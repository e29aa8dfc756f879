"""Faults that can never be had are mistakes of the file that asks for them."""

from pathlib import Path

import pytest

from mockserver import FixtureError
from mockserver.language.load import load


def mistakes(folder: Path, text: str) -> list[str]:
    """What is wrong with a file; nothing where it can be served."""
    file = folder / "stubs.yaml"
    file.write_text(text, encoding="utf-8")
    try:
        load([file])
    except FixtureError as error:
        return [f"{problem.place.line}:{problem.place.column}: {problem.message}" for problem in error.problems]
    return []


NO_STREAM = "can never happen: it is for streams, and this stub answers none"


@pytest.mark.parametrize(
    ("stub", "said"),
    [
        ("{match: {stream: false}, response: Hi., fault: sse_bom}", f"2:52: the fault sse_bom {NO_STREAM}"),
        ("{response: {embedding: [1]}, fault: missing_done}", f"2:41: the fault missing_done {NO_STREAM}"),
        ("{response: {body: Hi.}, fault: [drip, split_event]}", f"2:43: the fault split_event {NO_STREAM}"),
        (
            "{match: {stream: false}, response: Hi., fault: {kind: reset, after_chunks: 2}}",
            "2:52: the fault reset can never happen: after_chunks is 2, and an answer that is no stream is one chunk",
        ),
        (
            "{match: {stream: false}, response: Hi., fault: {kind: malformed_json, after_chunks: 1}}",
            "2:52: the fault malformed_json can never happen: after_chunks is 1, and an answer that is no stream "
            "is one chunk",
        ),
        (
            "{response: Hi., fault: [hang, drip]}",
            "2:35: the fault drip can never happen: behind 'hang' nothing is left of the answer",
        ),
        (
            "{sequence: [{response: Hi., fault: [{kind: garbage, after: nothing}, one_byte]}]}",
            "2:74: the fault one_byte can never happen: behind 'garbage; after=nothing' nothing is left of the answer",
        ),
    ],
)
def test_what_can_never_happen_is_a_mistake(tmp_path: Path, stub: str, said: str) -> None:
    """It is told when the file is read, with its place."""
    assert mistakes(tmp_path, f"stubs:\n  - {stub}\n") == [said]


@pytest.mark.parametrize(
    "stub",
    [
        "{match: {stream: false}, response: Hi., fault: {kind: reset, after_chunks: 1}}",
        "{match: {stream: true}, response: Hi., fault: sse_bom}",
        "{response: Hi., fault: [{kind: hang, when: {probability: 0.5}}, drip]}",
        "{response: Hi., fault: [{kind: close, after_bytes: 5}, drip]}",
        "{response: Hi., fault: [{kind: stall, after: nothing}, drip]}",
        "{response: Hi., fault: [drip, reset]}",
    ],
)
def test_what_may_happen_is_none(tmp_path: Path, stub: str) -> None:
    """What depends on the request, or on chance, is answered when it is asked."""
    assert mistakes(tmp_path, f"stubs:\n  - {stub}\n") == []
