"""Verification: what holds passes, and what does not is told with the nearest calls and what differed."""

from collections.abc import Callable

import pytest

from mockserver import MockServer, UnmatchedCallError, VerificationError
from mockserver.errors import RegexTimeout
from mockserver.testing import colour
from tests.testing.asking import ask, said, steady


def failure(verify: Callable[[], None], kind: type[VerificationError] = VerificationError) -> list[str]:
    """The lines with which a verification fails."""
    with pytest.raises(kind) as failed:
        verify()
    return steady(str(failed.value)).splitlines()


@pytest.fixture
def asked(server: MockServer) -> MockServer:
    """A server that was asked three things."""
    server.stub(name="any", reply="Hi!")
    for user in ("hello", "hello there", "goodbye"):
        said(server, user)
    return server


def test_what_holds_passes(asked: MockServer) -> None:
    """Any number when none is said; so many, at least, at most, from to, and never."""
    asked.verify()
    asked.verify(user="hello")
    asked.verify(user="hello", times=2)
    asked.verify(user="hello", at_least=1, at_most=2)
    asked.verify(user="hello", at_most=5)
    asked.verify(user="farewell", never=True)
    asked.verify(stub="any", times=3)
    asked.verify(stub="any", user="goodbye", times=1)


def test_too_few_calls_are_told_with_the_nearest(asked: MockServer) -> None:
    """Those that were found, then the nearest of the others, and what differed."""
    assert failure(lambda: asked.verify(user="hello there", times=2)) == [
        "expected 2 calls with user: a text containing 'hello there', got 1",
        "",
        "These were found:",
        "  2. +TIME chat gpt-4o-mini 'hello there' -> 200 any",
        "",
        "The nearest of the other calls, and what differed:",
        "  1. +TIME chat gpt-4o-mini 'hello' -> 200 any",
        "      user: expected a text containing 'hello there', got 'hello'",
        "  3. +TIME chat gpt-4o-mini 'goodbye' -> 200 any",
        "      user: expected a text containing 'hello there', got 'goodbye'",
    ]


def test_too_many_calls_are_told(asked: MockServer) -> None:
    """All that were found."""
    assert failure(lambda: asked.verify(user="hello", never=True)) == [
        "expected no call with user: a text containing 'hello', got 2",
        "",
        "These were found:",
        "  1. +TIME chat gpt-4o-mini 'hello' -> 200 any",
        "  2. +TIME chat gpt-4o-mini 'hello there' -> 200 any",
    ]


def test_no_calls_at_all_are_told(server: MockServer) -> None:
    """There is nothing near."""
    assert failure(lambda: server.verify(model="gpt-4o", user="hi")) == [
        "expected at least 1 call with model: gpt-4o, user: a text containing 'hi', got none",
        "",
        "There were no calls at all.",
    ]


def test_a_range_is_told_in_words(asked: MockServer) -> None:
    """Each way to say how often."""
    assert failure(lambda: asked.verify(at_least=4, at_most=5))[0] == "expected 4 to 5 calls, got 3"
    assert failure(lambda: asked.verify(at_most=2))[0] == "expected at most 2 calls, got 3"
    assert failure(lambda: asked.verify(times=1))[0] == "expected 1 call, got 3"


def test_many_calls_are_not_all_shown(server: MockServer) -> None:
    """Twenty are enough to see."""
    server.stub(reply="Hi!")
    for _ in range(22):
        said(server)
    told = failure(lambda: server.verify(times=1))
    assert (len(told), told[-1]) == (24, "  ... and 2 more")


def test_a_stub_that_was_not_called_as_expected(server: MockServer) -> None:
    """Its name and place, and the calls that came near to what it demands."""
    server.stub(user="hello", reply="Hi!").expect(times=2)
    server.stub(name="other", user="help", reply="How?").expect(at_least=0)
    said(server, "hello")
    said(server, "help")
    assert failure(server.verify_expectations) == [
        "expected 2 calls answered by run-time#1 (LINE), got 1",
        "",
        "These were found:",
        "  1. +TIME chat gpt-4o-mini 'hello' -> 200 run-time#1",
        "",
        "The nearest of the other calls, and what differed:",
        "  2. +TIME chat gpt-4o-mini 'help' -> 200 other",
        "      user: expected a text containing 'hello', got 'help'",
    ]


def test_a_call_that_another_stub_has_taken(server: MockServer) -> None:
    """It fits, so there is no difference to tell."""
    server.stub(user="hello", reply="Hi!").expect()
    server.stub(name="before", reply="Me first.")
    said(server, "hello")
    assert failure(server.verify_expectations)[-2:] == [
        "  1. +TIME chat gpt-4o-mini 'hello' -> 200 before",
        "      it fits, but another stub was tried first and has answered it",
    ]


def test_what_is_expected_goes_with_the_stub(server: MockServer) -> None:
    """When it is removed, and when all is reset; said again, it is as said last."""
    server.stub(reply="x").expect(times=9).remove()
    server.stub(reply="x").expect(times=9).expect(never=True)
    server.session("other").stub(reply="x").expect(times=9)
    server.verify_expectations()
    server.session("other").reset()
    server.session("other").verify_expectations()


def test_calls_one_after_the_other(asked: MockServer) -> None:
    """Others may come in between; a step is a text, a match, or a stub."""
    stub = asked.stub(user="again", reply="Hi!")
    said(asked, "again")
    asked.verify_order("hello", {"user": "goodbye"}, stub)
    assert failure(lambda: asked.verify_order("hello", "goodbye", {"model": "gpt-4*", "user": "there"}, stub)) == [
        "expected 4 calls in this order, got 2 of them:",
        "  1. with user: a text containing 'hello': call 1",
        "  2. with user: a text containing 'goodbye': call 3",
        "  3. with model: gpt-4*, user: a text containing 'there': not there after call 3",
        "  4. answered by run-time#1",
        "",
        "The calls there were:",
        "  1. +TIME chat gpt-4o-mini 'hello' -> 200 any",
        "  2. +TIME chat gpt-4o-mini 'hello there' -> 200 any",
        "  3. +TIME chat gpt-4o-mini 'goodbye' -> 200 any",
        "  4. +TIME chat gpt-4o-mini 'again' -> 200 run-time#1",
    ]


def test_an_order_of_calls_that_were_none(server: MockServer) -> None:
    """The first is missing."""
    assert failure(lambda: server.verify_order({})) == [
        "expected 1 call in this order, got 0 of them:",
        "  1. any call: not there",
        "",
        "There were no calls at all.",
    ]


def test_calls_that_no_stub_matches(server: MockServer) -> None:
    """Each with its near misses; so is what failed on this side, and a path that nobody answers."""
    server.stub(user="hello", sequence=[{"reply": "once"}], at_end="fail")
    server.verify_no_unmatched()
    said(server, "hello")
    server.verify_no_unmatched()
    ask(server, "hell")
    ask(server, "hello")
    ask(server.session("other"), "x")
    assert failure(server.verify_no_unmatched, UnmatchedCallError) == [
        "2 calls were not answered by a stub as it says:",
        "  2. +TIME chat gpt-4o-mini 'hell' -> 404 by nobody, no_match",
        "      No stub matches this request to chat for the model 'gpt-4o-mini'.",
        "      The nearest stubs, and what differed:",
        "      - run-time#1 (LINE): user: expected a text containing 'hello', got 'hell'",
        "  3. +TIME chat gpt-4o-mini 'hello' -> 404 run-time#1, sequence_ended",
        "      The sequence of the stub 'run-time#1' (LINE) has ended: earlier calls took its 1 step. Instead of "
        "'at_end: fail', 'stay' repeats the last one and 'cycle' begins again.",
    ]


def test_one_call_that_no_stub_matches_at_all(server: MockServer) -> None:
    """Nothing is near where there is nothing."""
    ask(server, "hello")
    assert failure(server.verify_no_unmatched, UnmatchedCallError) == [
        "1 call was not answered by a stub as it says:",
        "  1. +TIME chat gpt-4o-mini 'hello' -> 404 by nobody, no_match",
        "      No stub matches this request to chat for the model 'gpt-4o-mini'.",
        "      No stub answers this endpoint at all.",
    ]


def test_a_regex_that_takes_too_long_is_no_answer(server: MockServer) -> None:
    """Neither yes nor no: so nothing passes because of it."""
    server.stub(reply="Hi!")
    said(server, "a" * 100_000 + "!")
    with pytest.raises(RegexTimeout):
        server.verify(user="/^(a|a)*$/", never=True)


def test_a_failed_verification_is_a_failed_assertion(server: MockServer) -> None:
    """So any test runner takes it for one."""
    with pytest.raises(AssertionError):
        server.verify()


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [({}, False), ({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False)],
)
def test_what_differs_is_in_colour_where_a_terminal_shows_it(
    asked: MockServer, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], coloured: bool
) -> None:
    """What was expected in green, what there is in red; the first line is plain, since runners cut it."""
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(colour, "forced", None)
    told = failure(lambda: asked.verify(user="farewell"))
    green, red, end = ("\033[32m", "\033[31m", "\033[0m") if coloured else ("", "", "")
    assert told[0] == "expected at least 1 call with user: a text containing 'farewell', got none"
    assert f"      user: expected {green}a text containing 'farewell'{end}, got {red}'goodbye'{end}" in told
    monkeypatch.setattr(colour, "forced", False)
    with pytest.raises(VerificationError) as failed:
        asked.verify(user="farewell")
    assert "\033" not in str(failed.value)
