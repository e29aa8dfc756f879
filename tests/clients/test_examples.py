"""The shipped examples, each served and asked by the official SDK as the programs do that it stands for."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from mockserver import MockServer
from mockserver.language.load import load
from tests.clients.conftest import Answers, RunOnce, run_script

EXAMPLES = Path(__file__).parents[2] / "fixtures" / "examples"
FILES = {file.stem: file for file in EXAMPLES.glob("*.yaml")}


@pytest.fixture(scope="module")
def answers(once: RunOnce) -> Answers:
    """What the SDK got from each example, served alone."""

    def run() -> Answers:
        with ExitStack() as stack:
            servers = {name: stack.enter_context(MockServer(file, strict=True)) for name, file in FILES.items()}
            return run_script("openai-3", "examples", *(f"{name}={server.url}" for name, server in servers.items()))

    return once("examples", run)


def test_every_example_is_run(answers: Answers) -> None:
    """None is shipped that no client has seen."""
    assert sorted(answers) == sorted(FILES)
    assert len(FILES) >= 8
    assert {name: answer["raised"] for name, answer in answers.items() if "raised" in answer} == {}


@pytest.mark.parametrize("file", FILES.values(), ids=FILES)
def test_an_example_is_for_reading(file: Path) -> None:
    """It has the editor's comment, says what it shows, is short, and every stub of it can match."""
    lines = file.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "# yaml-language-server: $schema=../mockserver.schema.json"
    assert (file.parent / "../mockserver.schema.json").exists()
    assert lines[1].startswith("# ")
    assert len(lines) <= 60
    assert max(map(len, lines)) <= 120
    assert load([file], strict=True).stubs.all


def test_hello(answers: Answers) -> None:
    """A fixed text, one with what the user said, and one from a file, whole although it is limited."""
    greeting, name, story = answers["hello"]
    assert (greeting, name) == ("Hi there!", "Nice to meet you, Ada.")
    assert story == (EXAMPLES / "answers" / "story.txt").read_text(encoding="utf-8")


def test_an_agents_loop(answers: Answers) -> None:
    """Two calls at once, one that depends on their results, and an end that depends on its own."""
    calls = [
        ["get_weather", {"city": "Paris"}],
        ["find_hotels", {"city": "Paris", "nights": 2}],
        ["book_hotel", {"hotel": "Ritz"}],
    ]
    assert answers["agent"] == [
        [*calls, "Your trip is planned: you stay at the Ritz."],
        [*calls, "I could not book the Ritz. Shall I try another one?"],
    ]


def test_retrieval(answers: Answers) -> None:
    """The nearest document is found by meaning and by words, and the answer depends on it."""
    assert answers["rag"] == [
        ["Refunds are paid within 14 days.", "You get your money back within 14 days.", ["refunds.md"]],
        ["Our shop is open from 9 to 17 on weekdays.", "From 9 to 17, Monday to Friday.", None],
        ["We ship to Norway and Denmark.", "I do not know.", None],
    ]


def test_structured_output(answers: Answers) -> None:
    """All that a client has to cope with."""
    assert answers["structured"] == {
        "given": ["ACME", 2, False],
        "refused": [None, "I cannot help with that."],
        "cut": ['{"items": ["a", "b', "length"],
        "made": [["count", "int"]],
    }


def test_a_conversation(answers: Answers) -> None:
    """What was said, what happened, and a session of its own."""
    assert answers["conversation"] == {
        "heard": ["Hello! What is your name?", "Hello Grace!", "You are Grace, and this is message 3 of yours."],
        "orders": [
            "One pizza. Shall I charge your card?",
            "Paid. It is on its way.",
            "You have paid already.",
            "One pizza. Shall I charge your card?",
        ],
        "bored": ["Who is there?", "You again?", "Not today.", "Not today."],
    }


def test_deprecated_models(answers: Answers) -> None:
    """One warns, one is gone, one was never there."""
    assert answers["deprecated"] == {
        "answer": [
            "I still work.",
            "This model version is deprecated. Migrate before January 4, 2024 to avoid disruption of service.",
        ],
        "failures": [
            ["model_not_found", "The model `gpt-3.5-turbo-0301` has been deprecated."],
            ["model_not_found", "The model `gpt-5` does not exist or you do not have access to it."],
        ],
        "models": 3,
    }


def test_locales(answers: Answers) -> None:
    """Each in its own language, the same ones again."""
    found = answers["locales"]
    german, french, japanese = found["people"]
    assert found["again"] == found["people"]
    assert german.count(",") >= 2
    assert french.isprintable()
    assert japanese.endswith(" 様")
    assert not japanese.removesuffix(" 様").isascii()
    assert found["list"] == ["en_US", "de_DE", "pt_BR"]


def test_choices(answers: Answers) -> None:
    """What else was likely; titles in turn, from the first again."""
    titles = ["A Tale of Two Servers", "The Mock", "The Importance of Being Deterministic"]
    assert answers["choices"] == {
        "spam": ["Yes", [["Yes", -0.105], ["No", -2.303]]],
        "titles": [*titles, titles[0]],
    }
