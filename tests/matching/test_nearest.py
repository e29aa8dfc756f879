"""Near misses: which stubs are named to whom nothing matched, and what is said of their texts."""

from pathlib import Path

import pytest

from mockserver.call import Call
from tests.matching.asking import chat, completion, differences, stubs


def nearest(folder: Path, text: str, call: Call) -> list[str]:
    """The names of the stubs that came nearest."""
    return [miss.stub.name for miss in stubs(folder, text).near_misses(call)]


HINTS = [
    ("hello", "Hello!", "a text containing 'hello', got 'Hello!' (with ignore_case it would match)"),
    ("{exact: hello}", "HELLO", "'hello', got 'HELLO' (with ignore_case it would match)"),
    ("/^hello$/", "Hello", "a text matching /^hello$/, got 'Hello' (with the flag i it would match)"),
    (
        "good  morning",
        "good morning all",
        "a text containing 'good  morning', got 'good morning all' (the white space differs)",
    ),
    ("{exact: 'good day '}", "good day", "'good day ', got 'good day' (the white space differs)"),
    (
        "{contains: GOOD  DAY, ignore_case: true}",
        "good day",
        "a text containing 'GOOD  DAY' in any case, got 'good day' (the white space differs)",
    ),
    (
        "book a table",
        "please boook a table",
        "a text containing 'book a table', got 'please boook a table' (the nearest is 'oook a table')",
    ),
    ("{exact: good morning}", "good morning all", "'good morning', got 'good morning all' (it goes on with ' all')"),
    (
        "{exact: good morning all}",
        "good morning",
        "'good morning all', got 'good morning' (it lacks ' all' at its end)",
    ),
    (
        "{exact: the weather in Rome}",
        "the weather in Paris",
        "'the weather in Rome', got 'the weather in Paris' (they differ from character 16 on: 'Rome', 'Paris')",
    ),
    ("hello", "good day", "a text containing 'hello', got 'good day'"),
    ("hello", "", "a text containing 'hello', got ''"),
    ("/^hel+o$/", "bye", "a text matching /^hel+o$/, got 'bye'"),
]


@pytest.mark.parametrize(("pattern", "text", "told"), HINTS, ids=[pattern for pattern, _, _ in HINTS])
def test_it_is_said_how_a_text_differs(pattern: str, text: str, told: str) -> None:
    """Where it nearly fits: what would make it fit, or where the two part."""
    assert differences(f"{{user: {pattern}}}", chat(text)) == [f"user: expected {told}"]


def test_of_a_long_text_the_beginning_is_shown_and_the_nearest_part() -> None:
    """Not the whole prompt."""
    (told,) = differences("{user: book a tabel now}", chat("x" * 100 + " please book a table now " + "y" * 100))
    assert told == (
        f"user: expected a text containing 'book a tabel now', got '{'x' * 57}...' (the nearest is 'book a table now')"
    )


def test_of_several_texts_the_nearest_is_shown() -> None:
    """Of messages and prompts."""
    call = completion(["something else", "Once upon a tim", "other"])
    assert differences("{prompt: once upon a time}", call) == [
        "prompt: expected a text containing 'once upon a time', got 'Once upon a tim'"
    ]


def test_the_nearest_are_those_that_nearly_fit(tmp_path: Path) -> None:
    """A text with a letter wrong before another text, a name in another case before another name."""
    text = """
    stubs:
      - {name: other text, match: {user: something else entirely}, response: x}
      - {name: typo, match: {user: book a tabel}, response: x}
      - {name: other model, match: {user: book, model: llama}, response: x}
      - {name: other case, match: {user: book, model: GPT-4o-mini}, response: x}
      - {name: two things, match: {user: book a tabel, model: llama}, response: x}
    """
    found = stubs(tmp_path, text).near_misses(chat("please book a table"), most=5)
    assert [miss.stub.name for miss in found] == ["other case", "typo", "other model", "two things", "other text"]


def test_equally_near_stubs_are_told_in_their_order(tmp_path: Path) -> None:
    """Three of them, unless more are asked for."""
    lines = "".join(f"  - {{name: s{n}, match: {{stream: true}}, response: x}}\n" for n in range(5))
    assert nearest(tmp_path, f"stubs:\n{lines}", chat()) == ["s0", "s1", "s2"]


def test_only_stubs_that_could_answer_are_told(tmp_path: Path) -> None:
    """An embedding is no answer to a chat."""
    text = "stubs: [{name: vector, response: {embedding: [1]}}, {name: talk, match: {user: x}, response: y}]"
    assert nearest(tmp_path, text, chat()) == ["talk"]


def test_a_sessions_own_stubs_are_told_too(tmp_path: Path) -> None:
    """They are tried, so they may have come near."""
    own = stubs(tmp_path, "stubs: [{name: mine, match: {user: god day}, response: x}]").all
    found = stubs(tmp_path, "stubs: [{name: far, match: {user: bye}, response: x}]").near_misses(chat(), own)
    assert [miss.stub.name for miss in found] == ["mine", "far"]


@pytest.mark.parametrize(
    ("written", "call"),
    [
        ("{{user: question number {n} please}}", chat("my qestion number 4321 please")),
        ("{{user: '/question number {n} .*please/'}}", chat("question number 4321")),
        ("{{user: question, model: model-{n}}}", chat("question", model="MODEL-4321")),
        (
            "{{system: question number {n} please}}",
            chat(messages=[{"role": "system", "content": "question number 4321 pleas"}]),
        ),
    ],
)
def test_of_thousands_the_nearest_is_found(tmp_path: Path, written: str, call: Call) -> None:
    """All are looked at, and only a few closely."""
    lines = "".join(f"  - {{name: s{n}, match: {written.format(n=n)}, response: x}}\n" for n in range(4_000, 5_000))
    assert nearest(tmp_path, f"stubs:\n{lines}", call)[0] == "s4321"


RESULT = chat(
    messages=[
        {"role": "assistant", "tool_calls": [{"id": "c", "type": "function", "function": {"name": "tool-4321"}}]},
        {"role": "tool", "tool_call_id": "c", "content": "fine"},
    ]
)


@pytest.mark.parametrize(
    ("written", "call"),
    [
        ("{{tool_result: {{name: tool-{n}, content: bad}}}}", RESULT),
        ("{{turns: {n}, fields: {{seed: {n}}}}}", chat(seed=4_000, messages=[{"role": "user", "content": ""}] * 4_321)),
        (
            "{{headers: {{x: '/^(a|aa)+$|{n}/'}}, any: [{{user: x}}], not: {{user: good}}}}",
            chat(headers={b"x": b"a" * 5_000 + b"4321"}),
        ),
    ],
)
def test_every_kind_of_condition_can_be_looked_at_quickly(tmp_path: Path, written: str, call: Call) -> None:
    """Whatever it costs to hold it against the call."""
    lines = "".join(f"  - {{name: s{n}, match: {written.format(n=n)}, response: x}}\n" for n in range(4_300, 4_340))
    assert len(nearest(tmp_path, f"stubs:\n{lines}", call)) == 3
    if "headers" not in written:
        assert nearest(tmp_path, f"stubs:\n{lines}", call)[0] == "s4321"


def test_a_regex_that_takes_too_long_is_told_as_that(tmp_path: Path) -> None:
    """It is no near miss, and no reason to fail."""
    call = chat("y" + "x" * 1_000_000)
    (miss,) = stubs(tmp_path, "stubs: [{name: slow, match: {model: m, user: /.*x.*y/}, response: x}]").near_misses(call)
    assert [str(difference) for difference in miss.differences] == [
        "model: expected m, got 'gpt-4o-mini'",
        "user: expected a text matching /.*x.*y/, got a text on which the regex /.*x.*y/ took too long",
    ]
