"""Rate limits: token buckets that tell the truth, and keep a place for those who obey."""

from collections.abc import Sequence
from heapq import heapify, heappop, heappush
from math import ceil, inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.call import Call
from mockserver.limiting.limiter import DAY, MINUTE, Cost, Limiter, Quota, Verdict, estimated_tokens

THREE = (Quota("requests", 3, MINUTE),)


class Asking:
    """Somebody who asks a limiter, at moments that the test says."""

    def __init__(self, quotas: Sequence[Quota] = THREE, most: int = 100) -> None:
        self.limiter = Limiter(most)
        self.quotas = quotas

    def __call__(self, now: float, tokens: int = 1, name: str = "", account: str = "k") -> Verdict:
        """Ask once."""
        return self.limiter.admit(
            [(("", account), self.quotas)], now, Cost(tokens), lambda: (name or str(now)).encode()
        )

    def wait(self, now: float, tokens: int = 1, name: str = "", account: str = "k") -> float | None:
        """Ask once; None for let in, else the seconds to wait."""
        refused = self(now, tokens, name, account).refused
        return None if refused is None else refused.wait


def test_a_full_bucket_lets_so_many_in_at_once() -> None:
    """Three a minute is three at once, then one every 20 seconds."""
    ask = Asking()
    assert [ask.wait(0) for _ in range(3)] == [None] * 3
    assert ask.wait(0, name="x") == pytest.approx(20)
    assert ask.wait(20, name="x") is None
    assert ask.wait(20) == pytest.approx(20)


def test_it_refills_little_by_little() -> None:
    """Not all at once at the end of a window, and never above the limit."""
    ask = Asking()
    for _ in range(3):
        ask(0)
    assert [ask.wait(at) for at in (40, 40)] == [None, None]
    assert ask.wait(40) is not None
    ask = Asking()
    for _ in range(3):
        assert ask.wait(1e6) is None
    assert ask.wait(1e6) is not None


def test_tokens_are_counted_like_the_api_counts_them() -> None:
    """The recorded refusal: of 200,000 a minute 170,583 are used, 180,002 more have to wait 45.175 s."""
    ask = Asking((Quota("tokens", 200_000, MINUTE),))
    assert ask.wait(0, 170_583) is None
    verdict = ask(0, 180_002)
    assert verdict.refused is not None
    assert (verdict.refused.used, verdict.refused.requested) == (170_583, 180_002)
    assert int(verdict.refused.wait * 1_000) == 45_175


def test_what_is_larger_than_the_limit_waits_in_vain() -> None:
    """And takes nothing from the others."""
    ask = Asking((Quota("tokens", 100, MINUTE),))
    assert ask.wait(0, 101) == inf
    assert ask.wait(0, 100) is None


def test_all_quotas_count() -> None:
    """The one that has to be waited for longest decides; nothing is taken of the others meanwhile."""
    ask = Asking((Quota("requests", 60, MINUTE), Quota("tokens", 600, MINUTE), Quota("requests", 61, DAY)))
    assert ask.wait(0, 600) is None
    verdict = ask(0, 300, name="a")
    assert verdict.refused is not None
    assert verdict.refused.quota == Quota("tokens", 600, MINUTE)
    assert verdict.refused.wait == pytest.approx(30)
    for n in range(60):
        assert ask.wait(40 + n, 1, name=f"b{n}") is None
    verdict = ask(200, 1, name="c")
    assert verdict.refused is not None
    assert verdict.refused.quota == Quota("requests", 61, DAY)


def test_headers_tell_what_is_left() -> None:
    """The limit, what is left of it, and when it is whole again."""
    ask = Asking((Quota("requests", 500, MINUTE), Quota("tokens", 200_000, MINUTE)))
    limits = ask(0, 4).limits
    assert dict(limits.headers()) == {
        b"x-ratelimit-limit-requests": b"500",
        b"x-ratelimit-remaining-requests": b"499",
        b"x-ratelimit-reset-requests": b"120ms",
        b"x-ratelimit-limit-tokens": b"200000",
        b"x-ratelimit-remaining-tokens": b"199996",
        b"x-ratelimit-reset-tokens": b"1ms",
    }
    daily = Asking((Quota("requests", 10_000, DAY),))
    assert dict(daily(0).limits.headers())[b"x-ratelimit-reset-requests"] == b"8.64s"


def test_accounts_are_apart_and_the_oldest_is_forgotten() -> None:
    """Each has buckets of its own; of more than so many, the one that was not used longest is full again."""
    ask = Asking((Quota("requests", 1, MINUTE),), most=2)
    assert [ask.wait(0, account=name) for name in "ab"] == [None, None]
    assert ask.wait(0, account="a") is not None
    assert ask.wait(0, account="c") is None
    assert ask.wait(0, account="b") is None
    ask.limiter.reset()
    assert ask.wait(0, account="c") is None


def test_those_who_dont_come_back_take_nothing_from_others() -> None:
    """A flood of requests that are never repeated: as many pass as the limit says, minute after minute."""
    ask = Asking((Quota("requests", 60, MINUTE),))
    passed = sum(ask.wait(n / 20, name=f"flood {n}") is None for n in range(20 * 600))
    assert 60 + 600 * 0.8 < passed <= 60 + 600


def test_who_comes_too_early_keeps_the_place() -> None:
    """A retry is told the rest of the wait; another that sends the same has a place of its own."""
    ask = Asking()
    for _ in range(3):
        ask(0)
    assert ask.wait(0, name="early") == pytest.approx(20)
    assert ask.wait(0, name="early") == pytest.approx(40)
    again = ask.limiter.admit([(("", "k"), THREE)], 5, Cost(1), lambda: b"early", retry=True).refused
    assert again is not None
    assert again.wait == pytest.approx(15)
    assert ask.wait(0, name="other") == pytest.approx(60)
    assert ask.wait(39, name="early") is None
    assert ask.wait(40, name="early") is None
    assert ask.wait(60, name="other") is None


def test_a_crowd_that_sends_the_same_is_let_in_one_by_one() -> None:
    """Each is told another moment, and gets through at it."""
    ask = Asking()
    told = [ask.wait(0, name="same") or 0.0 for _ in range(9)]
    assert told == pytest.approx([0, 0, 0, 20, 40, 60, 80, 100, 120])
    assert [ask.wait(at, name="same") for at in told[3:]] == [None] * 6


clients = st.lists(
    st.tuples(
        st.floats(0, 120),  # when it begins
        st.integers(1, 5),  # how many requests it makes
        st.integers(1, 90),  # tokens of each
        st.booleans(),  # reads retry-after-ms, or retry-after
        st.floats(0, 2),  # how much later than told it comes
    ),
    min_size=1,
    max_size=12,
)
quotas = st.lists(
    st.one_of(
        st.builds(Quota, st.just("requests"), st.integers(5, 100), st.just(MINUTE)),
        st.builds(Quota, st.just("tokens"), st.integers(500, 5_000), st.just(MINUTE)),
    ),
    min_size=1,
    max_size=3,
)


@given(clients, quotas, st.lists(st.floats(0, 200), max_size=30))
def test_who_obeys_never_sees_a_second_429(
    clients: list[tuple[float, int, int, bool, float]], quotas: list[Quota], others: list[float]
) -> None:
    """Whoever else asks meanwhile, obeying or not: a client that waits as long as it was told is let in."""
    ask = Asking(quotas)
    line: list[tuple[float, int, int, bool]] = [(begin, n, 0, False) for n, (begin, *_) in enumerate(clients)]
    line += [(at, -1, 0, False) for at in others]
    heapify(line)
    while line:
        now, who, done, waited = heappop(line)
        if who < 0:
            ask(now, 5, name=f"other {now}")
            continue
        _, count, tokens, exact, late = clients[who]
        refused = ask(now, tokens, name=f"{who} {done}").refused
        if refused is None:
            if done + 1 < count:
                heappush(line, (now, who, done + 1, False))
            continue
        assert not waited or refused.wait > 120, "a second 429"
        told = ceil(refused.wait * 1_000 - 1e-6) / 1_000
        if told <= 120:
            heappush(line, (now + (told if exact else ceil(told)) + late, who, done, True))


def call(**body: object) -> Call:
    """A chat request."""
    return Call("chat", {"model": "m", **body})


def test_tokens_are_estimated_from_characters() -> None:
    """Four to a token, rounded up; `max_tokens` where it is more; token ids as they are."""
    messages = [
        {"role": "system", "content": "x" * 10},
        {"role": "user", "content": [{"type": "text", "text": "y" * 7}]},
    ]
    assert estimated_tokens(call(messages=messages)) == 5
    assert estimated_tokens(call(messages=messages, max_tokens=100)) == 100
    assert estimated_tokens(call(messages=messages, max_completion_tokens=3)) == 5
    assert estimated_tokens(Call("completions", {"model": "m", "prompt": ["a" * 100, "b"]})) == 26
    assert estimated_tokens(Call("completions", {"model": "m", "prompt": "a"})) == 16
    assert estimated_tokens(Call("embeddings", {"model": "m", "input": [[1, 2, 3], [4]]})) == 4
