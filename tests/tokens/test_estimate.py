"""How near the estimate comes to the true counts."""

import math

import pytest

from mockserver.tokens import estimate, vocabulary

from .conftest import needs_vocabulary
from .samples import SAMPLES, Sample


def _by_bytes(text: str) -> int:
    """The usual rule of thumb."""
    return math.ceil(len(text.encode()) / 4)


@pytest.mark.parametrize("sample", [s for s in SAMPLES if s.common], ids=lambda s: s.name)
def test_english_code_and_json_come_within_a_tenth(sample: Sample) -> None:
    """On texts it was not fitted to."""
    assert estimate.count(sample.text) == pytest.approx(sample.tokens, rel=0.1)


@pytest.mark.parametrize("sample", [s for s in SAMPLES if not s.common], ids=lambda s: s.name)
def test_no_other_text_is_far_off(sample: Sample) -> None:
    """Short samples of several languages each: the bound is loose."""
    assert estimate.count(sample.text) == pytest.approx(sample.tokens, rel=0.4)


def test_over_all_kinds_the_estimate_errs_less_than_half_as_much_as_counting_bytes() -> None:
    """The mean error in size, whatever its sign."""
    ours = sum(abs(math.log(estimate.count(s.text) / s.tokens)) for s in SAMPLES)
    bytes_ = sum(abs(math.log(_by_bytes(s.text) / s.tokens)) for s in SAMPLES)
    assert ours < bytes_ / 2


@needs_vocabulary
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: s.name)
def test_the_true_counts_are_true(sample: Sample) -> None:
    """What the estimate is measured against."""
    assert vocabulary.load("o200k_base").count(sample.text) == sample.tokens


def test_words_keep_their_leading_space() -> None:
    """As real tokens do."""
    pieces = estimate.pieces("The quick brown fox, 12345 don't!\n")
    assert pieces == ("The", " quick", " brown", " fox", ",", " ", "123", "45", " don", "'t", "!\n")


def test_long_texts_are_counted_from_samples() -> None:
    """Close to the whole count, the same every time, and in proportion to the length."""
    text = "".join(sample.text for sample in SAMPLES) * 4
    assert len(text) > 3 * estimate.WHOLE
    assert estimate.count(text) == pytest.approx(len(estimate.pieces(text)), rel=0.1)
    assert estimate.count(text) == estimate.count(text[:1] + text[1:])
    assert estimate.count("word " * 100_000) == pytest.approx(100_000, rel=0.02)


def test_texts_up_to_the_bound_are_counted_whole() -> None:
    """Then the count is the number of pieces."""
    text = ("Hello, world. " * 1000)[: estimate.WHOLE]
    assert estimate.count(text) == len(estimate.pieces(text))


def test_ids_depend_on_the_piece_alone() -> None:
    """They are small numbers, equal for equal pieces."""
    one, two = estimate.encode(" cat cat")
    assert one == two
    assert 0 <= one < 199_998
