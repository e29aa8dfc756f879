"""The vectors of texts: length, encodings, likeness, and that they never change."""
# ruff: noqa: RUF001 (wide letters and marks are meant)

import base64
import json
import math
import os
import struct
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from hashlib import sha256

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mockserver.generate import vectors
from mockserver.generate.vectors import Vector, embed, embed_tokens, encode_base64, encode_json

SIZES = (1, 2, 3, 5, 8, 64, 255, 256, 1024, 1536, 3072, 4096)

PAIRS = (
    ("How do I reset my password?", "I forgot my password, how can I recover it?"),
    ("How can I cancel my subscription?", "Please tell me how to terminate the subscription."),
    ("Where is my parcel?", "The package I ordered has not arrived, where is it?"),
    ("What is the capital of France?", "Which city is the capital of France?"),
    ("The cat sat on the mat.", "A kitten was sitting on a rug."),
    ("He bought a new car.", "He purchased a new automobile."),
    ("The movie was fantastic.", "It was a great film."),
    ("My laptop does not turn on.", "The notebook computer won't turn on any more."),
    ("The doctor prescribed antibiotics.", "A physician gave him a prescription for antibiotics."),
    ("How tall is Mount Everest?", "What is the height of Mount Everest?"),
    ("Water boils at 100 degrees Celsius.", "The boiling point of water is 100 °C."),
    ("Shakespeare wrote Romeo and Juliet.", "Romeo and Juliet was written by William Shakespeare."),
    ("The dog chased the ball.", "A puppy was chasing a ball."),
    ("I am very happy with this product.", "This product makes me really glad."),
    ("Wireless headphones with noise cancelling", "Noise-cancelling wireless headphone, black"),
    ("Waterproof hiking boots for men", "Men's hiking boot, waterproof leather"),
    ("Stainless steel water bottle, 750 ml", "750 ml steel bottle for water, stainless"),
    ("The stock market fell sharply today.", "Stock markets dropped sharply on Monday."),
    ("How do I install Python on Windows?", "Installing Python on a Windows machine"),
    ("The application crashes with an error on startup.", "There is a bug: the app fails at startup."),
    ("Is there a vegetarian restaurant nearby?", "Which vegetarian restaurants are close to here?"),
    ("What time does the museum open?", "What are the opening hours of the museum?"),
    ("The train to Berlin is delayed.", "There is a delay of the Berlin train."),
    (
        "Photosynthesis turns light into energy in plants.",
        "Plants convert light into energy by photosynthesis.",
    ),
    ("The Eiffel Tower was completed in 1889.", "Construction of the Eiffel Tower finished in 1889."),
    ("How much does shipping to Canada cost?", "What is the price of delivery to Canada?"),
    ("I would like a refund for my order.", "Can I get my money back for this order? I want a refund."),
    ("The invoice contains a wrong address.", "My address on the invoice is incorrect."),
    ("Machine learning needs a lot of data.", "Lots of data are needed for machine learning."),
    ("The children are playing in the garden.", "Kids play in the backyard garden."),
    ("Heavy rain caused flooding in the valley.", "The valley was flooded after heavy rainfall."),
    ("She plays the violin in an orchestra.", "She is an orchestra's violinist."),
    ("Exercise improves your health.", "Regular exercise is good for health."),
    ("Restart the router if the internet is slow.", "Slow internet? Try restarting your router."),
    ("Wie setze ich mein Passwort zurück?", "Ich habe mein Passwort vergessen und will es zurücksetzen."),
    ("Wann kommt meine Bestellung an?", "Wo bleibt meine Bestellung?"),
    ("Der Zug nach München hat Verspätung.", "Der Münchner Zug ist verspätet."),
    ("Comment annuler ma commande ?", "Je voudrais annuler une commande."),
    ("Quel temps fait-il à Paris ?", "Quelle est la météo, le temps à Paris ?"),
    ("¿Dónde está la biblioteca municipal?", "Busco la biblioteca municipal, ¿dónde queda?"),
    ("¿Cómo puedo cambiar mi contraseña?", "Quiero cambiar la contraseña de mi cuenta."),
    ("如何重置我的密码？", "我忘记了密码，怎么重置？"),
    ("今天北京的天气怎么样？", "北京今天天气好吗？"),
    ("パスワードを忘れました。", "パスワードを忘れたので再設定したいです。"),
    ("東京の天気を教えてください。", "今日の東京の天気はどうですか？"),
    ("비밀번호를 재설정하려면 어떻게 하나요?", "비밀번호 재설정 방법을 알려 주세요."),
)
"""Pairs that mean nearly the same."""

GOLDEN = {
    "How do I reset my password?": "51a2ee83d2eb202b",
    "": "a912fd104f051e64",
    "  \n\t ": "942bba00f6dfc380",
    "Straße Ünïcödé ﬁne ＡＢＣ İ": "0b31c41bb3283726",
    "如何重置我的密码？東京でラーメンを": "32a8b15e93db6390",
    "hello \ud800\0 e\u0301\u0301\u0301": "17f5b7043bc31793",
    "long text " * 5000: "b7c50415b5f0391a",
}
"""Texts and the beginning of the SHA-256 of their 1,536 components as JSON."""

texts = st.text(st.characters(), max_size=60)  # with lone surrogates
sizes = st.integers(1, 600)


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    """The cosine of two vectors of length 1."""
    return sum(a * b for a, b in zip(one, other, strict=True))


def likeness(one: str, other: str, size: int = 1536) -> float:
    """The cosine of the vectors of two texts."""
    return cosine(embed(one, size).floats(), embed(other, size).floats())


def numbers(encoded: str) -> tuple[float, ...]:
    """What a client reads from base64."""
    data = base64.b64decode(encoded, validate=True)
    return struct.unpack(f"<{len(data) // 4}f", data)


def float32(value: float) -> float:
    """The nearest float32."""
    return float(struct.unpack("<f", struct.pack("<f", value))[0])


def mark(vector: Vector) -> str:
    """A short sum of everything a client can see of a vector."""
    return sha256(vector.json().encode()).hexdigest()[:16]


@cache
def likenesses() -> tuple[list[float], list[list[float]]]:
    """For each pair its cosine, and the cosines of its two members to every member of other pairs."""
    rows = [[embed(text, 1536).floats() for text in pair] for pair in PAIRS]
    near = [cosine(*row) for row in rows]
    far = [[cosine(a, b) for other in rows if other is not row for b in other for a in row] for row in rows]
    return near, far


@pytest.mark.parametrize("size", SIZES)
def test_every_size_has_length_one(size: int) -> None:
    """The vector has as many components as asked for, and length 1 to six digits."""
    floats = embed("The cat sat on the mat.", size).floats()
    assert len(floats) == size
    assert math.hypot(*floats) == pytest.approx(1, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(texts, sizes, st.integers() | texts)
@example("", 1, 0)
@example(" ", 4, "")
@example("\ud800\0\u0301", 7, "\udfff")
def test_any_text_gives_a_vector_whose_two_encodings_are_the_same_numbers(
    text: str, size: int, seed: int | str
) -> None:
    """Length 1, and the decimals and the base64 read back to exactly the same float32, for whatever text."""
    vector = embed(text, size, seed)
    floats = vector.floats()
    assert len(floats) == size
    assert math.hypot(*floats) == pytest.approx(1, abs=1e-6)
    assert numbers(vector.base64()) == floats
    assert tuple(map(float32, json.loads(vector.json()))) == floats


@pytest.mark.parametrize("size", [1, 5, 1536])
def test_prepared_encodings_equal_the_plain_ones(size: int) -> None:
    """The fast encodings of a vector give the same text as encoding its numbers one by one."""
    vector = embed("Where is my parcel?", size)
    assert vector.json() == encode_json(vector.floats())
    assert vector.base64() == encode_base64(vector.floats())


@settings(max_examples=30, deadline=None)
@given(texts, st.integers(1, 200), st.sampled_from([0, "", 3, "three"]))
@example("a b a b c d e f g", 200, 0)
def test_bits_are_the_weighted_majority_of_the_patterns(text: str, size: int, seed: int | str) -> None:
    """Counting the bits of all components at once gives what counting each component gives."""
    salt = f"seed {seed} " if seed else ""
    octets = (size + 7) // 8
    weighted = [
        (vectors._pattern(salt + feature, octets), 1 << level) for feature, level in vectors._features(text).items()
    ]
    half = sum(weight for _, weight in weighted) / 2
    ties = vectors._pattern(salt, octets)
    expected = 0
    for place in range(size):
        count = sum(weight for pattern, weight in weighted if pattern >> place & 1)
        if count > half or (count == half and ties >> place & 1):
            expected |= 1 << place
    assert embed(text, size, seed).bits == expected


@pytest.mark.parametrize(("text", "expected"), GOLDEN.items(), ids=range(len(GOLDEN)))
def test_vectors_never_change(text: str, expected: str) -> None:
    """The same text has the same vector on every machine and in every version: people store them."""
    assert mark(embed(text, 1536)) == expected


def test_first_components_never_change() -> None:
    """A few numbers written out, of a text, of a seed and of tokens."""
    question = "How do I reset my password?"
    assert embed(question, 6).json() == ("[0.40032762,-0.12904161,0.44400787,0.22413164,-0.6718142,-0.35266665]")
    assert embed(question, 1536).base64().startswith("mYt/PLW+pLvOto08gRIPPE5s")
    assert embed(question, 64).bits == 0xDF61257F53930C72
    assert mark(embed(question, 3072, "abc")) == "41c7715d7c318f38"
    assert mark(embed_tokens([1, 2, 3], 5, 7)) == "373d8aefe7016540"


def test_another_process_gives_the_same_vectors() -> None:
    """Neither the hash seed of the process nor what it did before changes a vector."""
    text = "The quick brown fox jumps over the lazy dog, 12 times; 如何重置"
    program = (
        "import sys; from mockserver.generate.vectors import embed;"
        f"embed('something else', 8); sys.stdout.write(embed({text!r}, 1536).base64())"
    )
    for seed in ("1", "4242"):
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout == embed(text, 1536).base64()


@pytest.mark.parametrize("size", [1, 3, 256, 1000, 1536])
def test_a_smaller_size_is_the_beginning_of_a_larger_one_scaled_to_length_one(size: int) -> None:
    """`dimensions` shortens as the real models do: cut, then normalise."""
    whole = embed("She plays the violin in an orchestra.", 3072).floats()[:size]
    length = math.hypot(*whole)
    short = embed("She plays the violin in an orchestra.", size).floats()
    assert short == pytest.approx([value / length for value in whole], rel=1e-6)


def test_seeds_give_strangers_and_no_seed_gives_the_default() -> None:
    """Another seed is another model; 0 and the empty string are the default one."""
    text = "Water boils at 100 degrees Celsius."
    default = embed(text, 1536)
    assert embed(text, 1536, 0) == embed(text, 1536, "") == default
    assert abs(cosine(default.floats(), embed(text, 1536, 1).floats())) < 0.15
    assert abs(cosine(embed(text, 1536, 1).floats(), embed(text, 1536, "other").floats())) < 0.15


def test_paraphrases_are_nearer_than_strangers() -> None:
    """Every pair is 0.2 nearer than the mean of the strangers, and all but a few than nearly all of them."""
    near, far = likenesses()
    for pair, own, others in zip(PAIRS, near, far, strict=True):
        assert own - sum(others) / len(others) > 0.2, pair
        assert own - sorted(others)[int(len(others) * 0.95)] > 0.15, pair
    assert sum(near) / len(near) > 0.42


def test_strangers_have_nothing_in_common() -> None:
    """Texts that mean different things have a cosine near 0, whatever small words they share."""
    far = [value for row in likenesses()[1] for value in row]
    assert abs(sum(far) / len(far)) < 0.02
    assert sum(abs(value) > 0.15 for value in far) / len(far) < 0.005
    assert max(far) < 0.3
    assert abs(likeness("How do I reset my password?", "What is the capital of France?")) < 0.1


@pytest.mark.parametrize(("size", "least"), [(256, len(PAIRS) - 4), (1536, len(PAIRS)), (3072, len(PAIRS))])
def test_a_question_finds_its_passage(size: int, least: int) -> None:
    """The nearest of all second members is the right one: always at full size, nearly so at 256."""
    passages = [embed(passage, size).floats() for _, passage in PAIRS]
    found = 0
    for index, (question, _) in enumerate(PAIRS):
        vector = embed(question, size).floats()
        found += max(range(len(PAIRS)), key=lambda at: cosine(vector, passages[at])) == index
    assert found >= least


@pytest.mark.parametrize(
    ("one", "other", "least"),
    [
        ("hello", "Hello!", 0.8),
        ("café", "cafe\u0301", 0.8),
        ("ＡＢＣ", "abc", 0.8),
        ("resetting passwords", "reset password", 0.6),
        ("accomodation adress", "accommodation address", 0.6),
        ("a car", "an automobile", 0.25),
        ("the dog bit the man", "the man bit the dog", 0.7),
    ],
)
def test_small_differences_stay_near_but_are_not_lost(one: str, other: str, least: float) -> None:
    """Case, accents, endings, doubled letters and order change a vector a little, and do change it."""
    assert least < likeness(one, other) < 0.999


def test_long_texts_are_told_apart_by_what_is_between_the_slices() -> None:
    """Only slices of a long text are read, yet a change anywhere gives another, very near vector."""
    text = "The children are playing in the garden. " * 30_000
    changed = f"{text[:1500]}#{text[1501:]}"
    assert embed(text, 1536) != embed(changed, 1536)
    assert likeness(text, changed) > 0.8


@pytest.mark.parametrize("text", ["a" + "\u0315\u0300" * 9000, "\ufdfa" * 200_000, "\ud800" * 200_000])
def test_long_hostile_texts_are_bounded(text: str) -> None:
    """However a text grows when it is normalised, few features of it are counted."""
    assert len(vectors._features(text)) < 2 * vectors._LIMIT
    assert len(embed(text, 8).floats()) == 8


def test_token_lists_are_like_texts() -> None:
    """Lists that share tokens are near, strangers are not, order counts, and none at all is a vector too."""
    base = embed_tokens([4438, 656, 358, 7738], 1536)
    near = embed_tokens([4438, 656, 358, 9999], 1536)
    turned = embed_tokens([7738, 358, 656, 4438], 1536)
    strange = embed_tokens([11, 12, 13, 14], 1536)
    assert cosine(base.floats(), near.floats()) > 0.4
    assert base != turned
    assert abs(cosine(base.floats(), strange.floats())) < 0.15
    assert math.hypot(*embed_tokens([], 16).floats()) == pytest.approx(1, abs=1e-6)
    assert embed_tokens(range(100_000), 1536) != embed_tokens(range(100_001), 1536)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), max_size=8))
@example([3.4028234663852886e38, 1.401298464324817e-45, -0.0, 1.0])
def test_given_numbers_read_back_to_the_same_float32(values: list[float]) -> None:
    """Both encodings of numbers from a file give the client the same float32."""
    assert list(map(float32, json.loads(encode_json(values)))) == values
    assert list(numbers(encode_base64(values))) == values


@settings(max_examples=200, deadline=None)
@given(st.floats(min_value=2**-126, max_value=2.0**100, width=32))
def test_decimals_are_the_shortest(value: float) -> None:
    """No decimal of fewer digits reads back to the same float32."""
    digits = len(encode_json([value])[1:-1].split("e")[0].replace(".", "").strip("0"))
    shorter = [length for length in range(1, digits) if float32(float(f"{value:.{length}g}")) == value]
    assert shorter == []


def test_given_numbers_are_written_as_floats() -> None:
    """Integers of a file arrive as floats, and decimals as they were written."""
    assert encode_json([1, 0, -2.5, 0.1, 0.017608326]) == "[1.0,0.0,-2.5,0.1,0.017608326]"
    assert encode_json([]) == "[]"
    assert encode_base64([1]) == "AACAPw=="


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e39])
def test_numbers_that_json_or_float32_cannot_hold_are_refused(value: float) -> None:
    """Not a number, infinite and too large are a ValueError in both encodings."""
    for encode in (encode_json, encode_base64):
        with pytest.raises(ValueError, match="a component is"):
            encode([0.5, value])
