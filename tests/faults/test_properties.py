"""What holds of every fault on every answer, and of several of them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.coding import compressed
from mockserver.draw import Draw
from mockserver.faults import KINDS, Fault, Impossible, apply, impossible
from mockserver.faults.kind import Kind
from mockserver.language.kinds import Choice, Key, Number, Text
from mockserver.plan import Ending, Plan
from tests.faults.answers import REQUESTS, answer

EFFECTS = ("cuts", "keeps", "alters")
SECONDS = st.sampled_from([0.0, 0.001, 0.5, 2.0])


def values(name: str, key: Key) -> st.SearchStrategy[Any]:
    """Values that a parameter takes."""
    kind = key.kind
    if isinstance(kind, Choice):
        return st.sampled_from(kind.words)
    if isinstance(kind, Number):
        low = int(max(-40, kind.low))
        return st.integers(low, 400).filter(bool) if low < 0 else st.integers(low, 400)
    return st.sampled_from(["a", "text/plain"]) if isinstance(kind, Text) else SECONDS


@st.composite
def faults(draw: st.DrawFn, effects: tuple[str, ...] = EFFECTS) -> Fault:
    """A fault of any kind with any parameters that go together."""
    kind: Kind = draw(st.sampled_from([kind for kind in KINDS.values() if kind.effect in effects]))
    named = {name: key for name, key in kind.keys.items() if name != "name"}
    params: Mapping[str, Any] = draw(st.fixed_dictionaries({}, optional={n: values(n, k) for n, k in named.items()}))
    return Fault(kind.name, params if kind.check(params) is None else {})


plans = st.sampled_from(list(REQUESTS)).map(answer)


class Case(NamedTuple):
    """A healthy plan and faults that can be had on it, one after the other."""

    plan: Plan
    faults: tuple[Fault, ...]
    seed: int

    def made(self) -> Plan:
        """The disturbed plan."""
        return apply(self.faults, self.plan, Draw("test", self.seed))

    @property
    def fault(self) -> Fault:
        """The only fault."""
        (one,) = self.faults
        return one


@st.composite
def cases(draw: st.DrawFn, most: int = 1, effects: tuple[str, ...] = EFFECTS) -> Case:
    """A plan and up to so many faults; those that cannot be had are left out, and one is always there."""
    case = Case(draw(plans), (), draw(st.integers(0, 99)))
    for fault in draw(st.lists(faults(effects), min_size=1, max_size=most + 2)):
        more = case._replace(faults=(*case.faults, fault)[:most])
        try:
            more.made()
        except Impossible:
            continue
        case = more
    return case if case.faults else case._replace(faults=(Fault("oversized_headers"),))


def dues(plan: Plan) -> list[float]:
    """When everything of a plan is due, in the order in which it leaves."""
    return [plan.began, *(due for piece in plan.pieces for due in (piece.due, piece.until))]


class TestOneFault:
    """A fault does what its kind says, and no more."""

    @given(cases())
    def test_what_arrives_is_a_prefix_or_the_kind_says_what_it_alters(self, case: Case) -> None:
        """`cuts` leaves a prefix, `keeps` all of it; of `alters` there is a sentence."""
        made, plan, kind = case.made(), case.plan, KINDS[case.fault.kind]
        if kind.effect == "cuts":
            assert plan.body.startswith(made.body)
        elif kind.effect == "keeps":
            assert made.body == plan.body
        else:
            assert kind.alters

    @given(cases())
    def test_what_stands_before_its_point_is_as_it_was(self, case: Case) -> None:
        """Chunks and bytes that come before are those of the healthy answer."""
        made, plan, fault = case.made(), case.plan, case.fault
        if fault.params.get("after_bytes") is not None and fault.kind != "broken_chunks":
            count = fault.params["after_bytes"]
            assert made.body[:count] == plan.body[:count]
        if (count := fault.params.get("after_chunks")) is not None:
            whole, disturbed = plan.apart().pieces, made.apart().pieces
            before = min(count, len(disturbed))
            assert [piece.data for piece in disturbed[:before]] == [piece.data for piece in whole[:before]]

    @given(cases())
    def test_the_same_seed_gives_the_same_plan(self, case: Case) -> None:
        """Whenever it is made."""
        assert case.made() == case.made()

    @given(cases())
    def test_an_answer_that_is_http_stays_so_where_no_connection_is_needed(self, case: Case) -> None:
        """What claims not to break HTTP has a true length, an end, and its headers in order."""
        made = case.made()
        if not made.needs_connection:
            lengths = [value for name, value in made.headers if name == b"content-length"]
            assert lengths in ([], [b"%d" % len(made.body)])
            assert made.ending is Ending.COMPLETE

    @given(cases())
    def test_times_go_on(self, case: Case) -> None:
        """Nothing is due before what stands before it."""
        made = case.made()
        assert dues(made) == sorted(dues(made))
        assert made.until >= 0

    @given(plans, faults())
    def test_impossible_says_what_apply_would(self, plan: Plan, fault: Fault) -> None:
        """Without making anything."""
        said = impossible(fault, plan)
        if said is None:
            apply((fault,), plan, Draw())
        else:
            assert said.startswith(f"{fault}: ")
            with pytest.raises(Impossible):
                apply((fault,), plan, Draw())

    @given(cases())
    def test_splits_are_inside_their_pieces(self, case: Case) -> None:
        """In order, and none of them cuts off nothing."""
        for piece in case.made().pieces:
            assert list(piece.splits) == sorted(set(piece.splits))
            assert all(0 < mark < len(piece.data) for mark in piece.splits)

    @given(plans, faults())
    def test_the_healthy_plan_is_not_changed(self, plan: Plan, fault: Fault) -> None:
        """A fault makes another plan."""
        before = repr(plan)
        impossible(fault, plan)
        assert repr(plan) == before

    @given(cases())
    def test_what_breaks_http_is_not_compressed(self, case: Case) -> None:
        """Compressed bytes would break in another place."""
        made = case.made()
        small = compressed(made, b"gzip")
        if made.needs_connection or any(piece.splits for piece in made.pieces):
            assert small is made


class TestSeveral:
    """Faults compose in their order."""

    @given(cases(4))
    def test_several_are_one_after_the_other(self, case: Case) -> None:
        """All at once is the same as each on what the one before it made."""
        whole = case.made()
        drawn = Draw("test", case.seed)
        made = case.plan
        for fault in case.faults:
            made = apply((fault,), made, drawn)
        assert whole == made
        assert dues(whole) == sorted(dues(whole))

    @given(cases(4, effects=("cuts", "keeps")))
    def test_cuts_of_cuts_are_prefixes(self, case: Case) -> None:
        """However many."""
        assert case.plan.body.startswith(case.made().body)

    @given(faults())
    def test_nothing_can_follow_what_sends_nothing(self, fault: Fault) -> None:
        """It is said, not passed over."""
        said = impossible_after(Fault("reset"), fault)
        streamed = KINDS[fault.kind].on == "streamed"
        assert said == f"{fault}: {fault.kind} has nothing left to work on: of this answer nothing is sent" or streamed


def impossible_after(first: Fault, then: Fault) -> str | None:
    """Why the second cannot follow the first."""
    return impossible(then, apply((first,), answer("streamed"), Draw()))


@pytest.mark.parametrize("name", ["plain", "tool", "legacy", "embeddings"])
def test_nothing_but_the_usage_is_missing(name: str) -> None:
    """The other bytes are those of the healthy answer, vectors on one line too."""
    made = apply((Fault("missing_usage"),), answer(name), Draw())
    before, _, behind = answer(name).body.partition(b',\n  "usage": {')
    assert made.body == before + behind[behind.index(b"\n  }") + len(b"\n  }") :]


def test_slow_then_cut() -> None:
    """What was slowed down is cut where it was to be, with its times."""
    made = apply(
        (Fault("drip", {"bytes_per_second": 100}), Fault("reset", {"after_bytes": 250})), answer("streamed"), Draw()
    )
    assert made.ending is Ending.RESET
    assert made.body == answer("streamed").body[:250]
    assert 2 < made.until <= 2.5


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_kind_says_whether_it_needs_a_connection(kind: Kind) -> None:
    """As it is without parameters."""
    for name in REQUESTS:
        if impossible(Fault(kind.name), answer(name)) is None:
            made = apply((Fault(kind.name),), answer(name), Draw())
            assert made.needs_connection is kind.needs_connection


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_kind_can_be_had(kind: Kind) -> None:
    """On some answer, and where it is not for streams alone, on one that is none."""
    possible = [name for name in REQUESTS if impossible(Fault(kind.name), answer(name)) is None]
    assert any(answer(name).events for name in possible)
    plain = [name for name in possible if not answer(name).events]
    assert bool(plain) == (kind.on == "any" and kind.name != "split_character") or "not ASCII" in possible


IMPOSSIBLE: list[tuple[str, Fault, str]] = [
    ("plain", Fault("sse_bom"), "sse_bom is for streams, and this answer is none"),
    ("plain", Fault("reset", {"after_chunks": 2}), "after_chunks is 2, and this answer has 1 chunk"),
    (
        "plain",
        Fault("malformed_json", {"after_chunks": 1}),
        "after_chunks is 1, and this answer has no chunk behind that: it has 1 chunk",
    ),
    ("plain", Fault("split_character"), "all characters of this answer are single bytes (ASCII), so none can be split"),
    ("plain", Fault("bad_arguments"), "this answer calls no tool with arguments"),
    ("embeddings", Fault("missing_finish_reason"), "this answer has no finish_reason"),
    ("embeddings", Fault("close", {"after_tokens": 1}), "after_tokens is 1, and the text of this answer has 0 tokens"),
    ("plain", Fault("wrong_length", {"by": -99999}), "by is -99999, and the body of this answer has {bytes:,} bytes"),
    (
        "streamed",
        Fault("reset", {"after_bytes": 99999}),
        "after_bytes is 99999, and the body of this answer has {bytes:,} bytes",
    ),
    ("streamed", Fault("reset", {"after_chunks": 999}), "after_chunks is 999, and this answer has {chunks} chunks"),
    ("streamed", Fault("missing_usage"), "this stream has no usage: the request did not ask for it"),
]


@pytest.mark.parametrize(("name", "fault", "reason"), IMPOSSIBLE, ids=lambda value: str(value)[:40])
def test_what_cannot_be_had_says_why(name: str, fault: Fault, reason: str) -> None:
    """In a sentence that names the fault and what the answer has."""
    plan = answer(name)
    counted = reason.format(bytes=len(plan.body), chunks=len(plan.apart().pieces))
    assert impossible(fault, plan) == f"{fault}: {counted}"


@pytest.mark.parametrize(
    ("first", "then", "reason"),
    [
        ("truncate; after=headers", "close; after=middle", "this answer has no body, so nothing can happen in it"),
        ("garbage", "invalid_utf8; after_chunks=0", "the chunk behind 0 has no text that could be broken"),
        ("garbage", "malformed_json; after_chunks=0", "the chunk behind 0 is no JSON object that could be broken"),
        ("garbage", "empty_choices; after_chunks=0", "the first chunk of this stream has no choices"),
        ("empty_body", "sse_bom", "sse_bom has nothing left to work on: this stream has no chunks"),
        ("missing_done", "missing_done", "this stream has no [DONE] that could be left out"),
        ("missing_done", "data_after_done", "this stream does not end with [DONE], so nothing can come behind it"),
        (
            "close; after_chunks=2",
            "swapped_chunks",
            "the chunk behind 1 is the last one, and cannot change places with the next",
        ),
        (
            "close; after_chunks=1",
            "duplicate_chunk",
            "after_chunks is 1, and this answer has no chunk behind that: it has 1 chunk",
        ),
        ("garbage; after=nothing", "reset", "reset has nothing left to work on: this answer is not HTTP any more"),
        ("empty_body", "one_byte", "the body of this answer has no two bytes"),
        ("empty_body", "split_event", "split_event has nothing left to work on: this stream has no chunks"),
        (
            "empty_body",
            "invalid_utf8; after_chunks=0",
            "after_chunks is 0, and this answer has no chunk behind that: it has 0 chunks",
        ),
        (
            "empty_body",
            "malformed_json; after_chunks=0",
            "after_chunks is 0, and this answer has no chunk behind that: it has 0 chunks",
        ),
        (
            "empty_body",
            "empty_choices; after_chunks=0",
            "empty_choices has nothing left to work on: this stream has no chunks",
        ),
        (
            "truncate; after=headers",
            "broken_chunks; how=long; after_chunks=0",
            "there is no chunk behind that point whose size could be wrong",
        ),
    ],
)
def test_what_another_fault_has_taken_away_cannot_be_disturbed(first: str, then: str, reason: str) -> None:
    """The second fault finds nothing left."""
    from mockserver.faults import parse

    second = parse(then)
    assert impossible_after(parse(first), second) == f"{second}: {reason}"
