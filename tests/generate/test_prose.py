import json
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mockserver.draw import Draw
from mockserver.generate.prose import after_tool, answer, fim

QUESTIONS = [
    "Hello!",
    "Hi, what is the weather like in Paris?",
    "Good morning",
    "How are you?",
    "Who are you?",
    "What is the capital of France?",
    "How do I bake bread at home?",
    "How to reverse a list in Python",
    "How many people live in Oslo?",
    "Why is the sky blue?",
    "When was the Eiffel Tower built?",
    "Does Python support threads?",
    "Write a poem about the sea",
    "Write a function that adds two numbers",
    "List three fruits",
    "Translate 'good morning' to French",
    "Summarise this text: The quick brown fox jumps over the lazy dog.",
    "Explain quantum computing to me",
    "Fix my code",
    "Can you help me with my homework?",
    "Thanks, bye",
    "Bye",
    "I like pizza",
    "2 + 2",
    "?",
    "",
    " \n\t",
]

WILD = st.text(st.characters(codec=None, exclude_categories=()), max_size=120)
MISREAD = ("rate limit", "429", "maximum context length", "timeout")


def is_clean(text: str) -> bool:
    """Whether a text can be sent and shown: no control characters but newlines, no half characters."""
    text.encode()  # raises for a lone surrogate
    return not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", text)


def sentences(text: str) -> int:
    """The number of sentences of a text."""
    return len(re.findall(r"[.!?](?=\s|$)", text))


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_answer_is_a_few_sentences_long(question: str) -> None:
    """Whatever the kind of the question and the draw, there are about 20 to 70 words in full sentences."""
    for seed in range(40):
        text = answer(question, Draw(seed))
        assert 17 <= len(text.split()) <= 75
        assert 1 <= sentences(text) <= 4
        assert text[0].isupper()
        assert text[-1] in ".!?"
        assert "{" not in text


TOPICS = [
    ("What is the capital of France?", "the capital of France"),
    ("Hi, what is the weather like in Paris?", "the weather in Paris"),
    ("How do I bake bread at home?", "bake bread at home"),
    ("Please tell me how to tie a knot", "tie a knot"),
    ("Why is the sky blue?", "the sky"),
    ("When was the Eiffel Tower built?", "the Eiffel Tower"),
    ("Why do cats purr at night?", "cats"),
    ("Write a poem about the sea", "the sea"),
    ("Could you please tell me about the history of Rome?", "the history of Rome"),
    ("Translate 'good morning' to French", "good morning"),
    ("Summarise the above.\nBees are very busy", "bees"),
    ("My code is slow", "your code"),
    ("Compare C++ and Rust", "C++ and Rust"),
    ("What is 2 + 2?", "2 + 2"),
    ("\u4eca\u5929\u5929\u6c14\u600e\u4e48\u6837\uff1f", "\u4eca\u5929\u5929\u6c14\u600e\u4e48\u6837"),
    (
        "\u0939\u093f\u0928\u094d\u0926\u0940 \u092d\u093e\u0937\u093e",
        "\u0939\u093f\u0928\u094d\u0926\u0940 \u092d\u093e\u0937\u093e",
    ),
]


@pytest.mark.parametrize(("question", "topic"), TOPICS)
def test_an_answer_mentions_what_the_question_is_about(question: str, topic: str) -> None:
    """The topic stands in the answer as it stood in the question, seen from the other side."""
    assert topic.lower() in answer(question, Draw("topic")).lower()


def test_the_same_question_and_draw_give_the_same_answer() -> None:
    """An answer depends on nothing else."""
    for question in QUESTIONS:
        assert answer(question, Draw(7)) == answer(question, Draw(7))


def test_other_draws_give_other_answers() -> None:
    """One question has many answers."""
    assert len({answer("What is love?", Draw(seed)) for seed in range(100)}) > 60


def test_different_questions_are_answered_differently() -> None:
    """With the same draw, questions about different things have answers that differ."""
    asked = [f"What is {thing}?" for thing in ("tea", "coffee", "cocoa", "a goat", "2 + 2", "Rust")]
    assert len({answer(question, Draw(1)) for question in asked}) == len(asked)


def test_there_are_many_sentence_patterns() -> None:
    """The answers to a few questions are made of at least 40 different sentences."""
    seen: set[str] = set()
    for question in QUESTIONS:
        for seed in range(30):
            seen.update(re.split(r"(?<=[.!?]) ", answer(question, Draw(seed))))
    assert len(seen) > 100


SECRETS = [
    "sk-proj-abc123def456ghi789",
    "sk_live_51HabcDEF",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "AKIAIOSFODNN7EXAMPLE",
    "eyJhbGciOiJIUzI1NiJ9",
    "4111 1111 1111 1111",
    "+1-202-555-0178",
    "a.b@example.org",
    "https://example.org/x?token=1",
    "<script>alert(1)</script>",
    "d41d8cd98f00b204",
    "qwertyuiopasdfghjklzxcvbnmqwerty",
]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "question", ["What is {}?", "Explain {} please", "{}", "my key: {}", "x" * 195 + " {}" + " y" * 300]
)
def test_a_secret_is_not_echoed(question: str, secret: str) -> None:
    """Nothing that looks like a key, a number of a card, an address or markup comes back, even in part."""
    text = answer(question.replace("{}", secret), Draw(1))
    assert not any(part in text for part in re.split(r"[^0-9A-Za-z]+", secret) if len(part) > 4)
    assert "4111" not in text


@pytest.mark.parametrize(
    "question", ["my password is hunter", "The secret: swordfish", "token = abra", "password hunter2"]
)
def test_a_password_is_not_echoed(question: str) -> None:
    """The word after "password is" and the like does not come back."""
    assert question.split()[-1] not in answer(question, Draw(1))


@pytest.mark.parametrize(
    "question",
    [
        "What is a rate limit?",
        "Explain HTTP 429",
        "Why was there a TIMEOUT here?",
        "rate-limit",
        "maximum context length",
    ],
)
def test_words_that_read_as_an_error_are_not_echoed(question: str) -> None:
    """Clients look for such words in a text to tell an error."""
    for seed in range(20):
        text = answer(question, Draw(seed), words=200).lower()
        assert not any(word in text for word in (*MISREAD, "rate-limit"))


@settings(max_examples=150, deadline=None)
@given(WILD, st.integers(0, 1000))
@example("\ud800 \udfff", 0)
@example("What is \u202eevil\u202c?", 0)
@example("\x00\x1b[31mred", 0)
def test_any_question_has_a_clean_answer_of_bounded_length(question: str, seed: int) -> None:
    """Any text is answered in clean, bounded text that is the same each time and reads as no error."""
    text = answer(question, Draw(seed))
    assert is_clean(text)
    assert len(text) < 600
    assert text == answer(question, Draw(seed))
    assert not any(word in text.lower() for word in MISREAD)


@settings(max_examples=60, deadline=None)
@given(WILD)
def test_markup_is_never_echoed(question: str) -> None:
    """The characters that markup is made of stay out of the answer."""
    assert not set('<>&*_`[]{}|\\$#~^@"') & set(answer(question, Draw(1)))


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=20), st.integers(1, 3_000))
def test_a_number_of_words_is_met_to_the_sentence(question: str, words: int) -> None:
    """The text ends with the sentence that reaches the number of words."""
    text = answer(question, Draw(3), words=words)
    assert words <= len(text.split()) < words + 25
    assert text[-1] in ".!?"
    assert is_clean(text)


def test_a_long_text_has_paragraphs_and_begins_like_the_short_one() -> None:
    """Filling goes on where the short answer ends."""
    short, long = answer("What is tea?", Draw(3)), answer("What is tea?", Draw(3), words=400)
    assert long.startswith(short + "\n\n")
    assert long.count("\n\n") > 5
    assert "\n\n\n" not in long


def test_no_words_asked_for_is_still_one_sentence() -> None:
    """A number of words below one gives the first sentence alone."""
    assert sentences(answer("What is tea?", Draw(3), words=0)) == 1
    assert sentences(answer("What is tea?", Draw(3), words=-5)) == 1


@pytest.mark.parametrize("piece", ["word ", "a", " ", "a1", "key ", "\\", "1 ", "\u4eca", "\u0301", "\n", "?!", "='"])
def test_a_megabyte_is_no_trouble(piece: str) -> None:
    """Huge texts are answered, continued and quoted in bounded length."""
    text = piece * (1_000_000 // len(piece))
    assert len(answer(text, Draw(1))) < 600
    assert len(fim(text, Draw(1))) < 500
    assert len(after_tool(text, text, Draw(1))) < 400


def test_the_end_of_a_long_message_decides_too() -> None:
    """A request at the end of a long text is read."""
    text = "The bee is an insect. " * 500 + "Translate it to French."
    assert "translation" in answer(text, Draw(1)) or "wording" in answer(text, Draw(1))


QUOTED = [
    ("42", "42"),
    ("21.50", "21.50"),
    ("true", "true"),
    ('"sunny"', "sunny"),
    ("Plain text.", "Plain text."),
    ('{"temp": 21.5, "unit": "C"}', "temp: 21.5, unit: C"),
    ('{"open": false, "note": null}', "open: false, note: none"),
    ('["a", 2]', "a, 2"),
    ('{"a": {"b": 1}}', '{"a": {"b": 1}}'),
    ("line one\nline two\t\x07", "line one line two"),
    ("12345678901234567890123", "12345678901234567890123"),
]


@pytest.mark.parametrize(("result", "said"), QUOTED)
def test_a_short_result_of_a_tool_is_quoted_whole(result: str, said: str) -> None:
    """Scalars and flat values are put into words, everything else stands as it is."""
    for seed in range(12):
        text = after_tool("get_weather", result, Draw(seed))
        assert said in text
        assert text[-1] == "."
        assert not text.endswith("..")


@pytest.mark.parametrize("result", ["", "  \n", "null", '""', "{}", "[]"])
def test_an_empty_result_is_said_to_be_empty(result: str) -> None:
    """A tool that returned nothing is named, and nothing is quoted."""
    for seed in range(12):
        assert "get_weather" in after_tool("get_weather", result, Draw(seed))
        assert ":" not in after_tool("", result, Draw(seed)).replace("done:", "")


@pytest.mark.parametrize("result", ['{"error": "no such city"}', "Error: no such city"])
def test_a_failed_tool_is_reported_as_failed(result: str) -> None:
    """The answer does not call an error a result."""
    for seed in range(12):
        text = after_tool("get_weather", result, Draw(seed))
        assert "no such city" in text
        assert "result" not in text
        assert "found" not in text


def test_a_long_result_is_cut_at_the_end_of_a_word() -> None:
    """About 200 characters are quoted, and an ellipsis says that there was more."""
    text = after_tool("read", "wonderful " * 100, Draw(1))
    assert text.endswith("wonderful\u2026")
    assert 150 < len(text) < 280
    assert 150 < len(after_tool("read", json.dumps({"text": "wonderful " * 100}), Draw(1))) < 280


@settings(max_examples=150, deadline=None)
@given(WILD, WILD | st.builds(json.dumps, st.dictionaries(WILD, WILD | st.none() | st.floats(), max_size=4)))
@example("f", "[" * 1_999)
@example("f", "9" * 1_999)
@example("f", '"\\ud800"')
def test_any_result_is_reported_in_clean_text_of_bounded_length(name: str, result: str) -> None:
    """Any name and result give clean text on one line, the same each time."""
    text = after_tool(name, result, Draw(1))
    assert is_clean(text)
    assert "\n" not in text
    assert len(text) < 400
    assert text == after_tool(name, result, Draw(1))


STARTS = [
    ("Once upon a time", r" [a-z]"),
    ("It was late.", r" [A-Z]"),
    ("It was late. ", r" [A-Z]"),
    ("Q: Why?", r"\n\n[A-Z]"),
    ("Answer:", r"\n\n[A-Z]"),
    ("First line\n", r"\n[A-Z]"),
    ("", r"\n\n[A-Z]"),
]


@pytest.mark.parametrize(("prompt", "start"), STARTS)
def test_a_continuation_begins_as_the_prompt_asks(prompt: str, start: str) -> None:
    """In mid-sentence the sentence goes on, elsewhere a new one begins."""
    for seed in range(12):
        assert re.match(start, fim(prompt, Draw(seed)))


@settings(max_examples=80, deadline=None)
@given(WILD, st.integers(0, 1000))
def test_any_prompt_is_continued_in_about_20_to_60_words(prompt: str, seed: int) -> None:
    """Any prompt has a clean continuation that begins with a space or newline, the same each time."""
    text = fim(prompt, Draw(seed))
    assert text[0] in " \n"
    assert 20 <= len(text.split()) <= 60
    assert is_clean(text)
    assert text == fim(prompt, Draw(seed))


def test_other_draws_give_other_continuations() -> None:
    """One prompt has many continuations."""
    assert len({fim("Once upon a time", Draw(seed)) for seed in range(100)}) > 40
