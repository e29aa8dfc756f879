"""`mockserver explain`: which stub answers a request, why the others do not, and what would be sent."""

import io
import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from mockserver.cli import main
from mockserver.explain import shown_plan
from mockserver.matching import regexes
from mockserver.plan import Ending, Piece, Plan
from tests.readme import blocks

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"

STUBS = """\
stubs:
  - match: {user: hello}
    response: Hi there!
  - {name: vector, match: {model: small}, response: {embedding: [0.5]}}
  - {name: weather, match: {user: weather, tools: [forecast]}, response: Sunny.}
  - {name: any, response: Yes?}
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test has a folder of its own, with the stubs in it."""
    monkeypatch.chdir(tmp_path)
    Path("stubs.yaml").write_text(STUBS)


def asked(**fields: Any) -> str:
    """The path of a file with a request."""
    Path("request.json").write_text(json.dumps({"model": "m", **fields}))
    return "request.json"


def chat(user: str, **fields: Any) -> str:
    """The path of a file with a chat request."""
    return asked(messages=[{"role": "user", "content": user}], **fields)


def test_it_tells_what_differed_and_who_answers(capsys: pytest.CaptureFixture[str]) -> None:
    """Every stub before the one that answers has its place and everything that differed; those behind it have none."""
    assert main(["explain", chat("Weather?", wobble=1), "stubs.yaml"], {}) == 0
    told, plan = capsys.readouterr().out.split("\n\nstatus: ")
    assert told == (
        "request: chat, model m\n"
        "  the real API would refuse it: Unknown parameter: 'wobble'.\n"
        "\n"
        "stubs, in the order in which they are tried:\n"
        "  no   stubs#1 (stubs.yaml:2:5)\n"
        "         user: expected a text containing 'hello', got 'Weather?'\n"
        "  no   vector (stubs.yaml:4:5)\n"
        "         endpoint: expected embeddings, got chat\n"
        "  no   weather (stubs.yaml:5:5)\n"
        "         user: expected a text containing 'weather', got 'Weather?' "
        "(with ignore_case it would match)\n"
        "         tools: expected forecast, got none\n"
        "  yes  any (stubs.yaml:6:5)\n"
        "\n"
        "answered by any"
    )
    assert plan.startswith("200\nheaders:\n  content-length: ")
    assert '\n                    "content": "Yes?",\n' in plan
    assert plan.endswith("\nending: complete\n")


def test_the_page_shows_what_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """The example of the docs, word for word."""
    code = {info: [b.code for b in blocks(PAGE) if b.info == info] for info in ("yaml", "json", "text")}
    Path("stubs.yaml").write_text(code["yaml"][0])
    Path("request.json").write_text(code["json"][0])
    assert main(["explain", "request.json", "stubs.yaml"], {}) == 0
    printed = capsys.readouterr().out
    (shown,) = [text for text in code["text"] if text.startswith("request: ")]
    assert printed.startswith(shown + "\nstatus: 200\n")


def test_nothing_answers_when_strict(capsys: pytest.CaptureFixture[str]) -> None:
    """The exit code is 1, and the 404 that would be sent is shown."""
    assert main(["explain", "--strict", asked(input="x"), "stubs.yaml"], {}) == 1
    out = capsys.readouterr().out
    assert "  no   vector (stubs.yaml:4:5)\n         model: expected small, got 'm'\n" in out
    assert "\n\nno stub answers\n\nstatus: 404\n" in out
    assert main(["explain", asked(input="x"), "stubs.yaml"], {}) == 0
    assert "\n\nanswered by default/embedding\n\nstatus: 200\n" in capsys.readouterr().out


def test_the_same_question_has_the_same_explanation(capsys: pytest.CaptureFixture[str]) -> None:
    """Ids and times come from the seed, which is 0 unless it is said."""
    outs = []
    for seed in ([], ["--seed", "0"], [], ["--seed", "1"]):
        assert main(["explain", *seed, chat("a story", stream=True)], {}) == 0
        outs.append(capsys.readouterr().out)
    assert outs[0] == outs[1] == outs[2] != outs[3]
    assert outs[0].count("     0.000  data: {") > 3
    assert "     0.000  data: [DONE]\nending: complete\n" in outs[0]
    assert outs[0].startswith("request: chat, model m, a stream\n")


def test_a_request_comes_from_standard_input_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`-` reads it; headers and the session they name belong to it."""
    body = json.dumps({"model": "m", "prompt": "hello"}).encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(body)))
    assert main(["explain", "-", "stubs.yaml", "--header", "X-Mockserver-Session: ci"], {}) == 0
    out = capsys.readouterr().out
    assert out.startswith("request: completions, model m, session ci\n")
    assert "\n\nanswered by stubs#1\n\n" in out


def test_a_refused_request_is_shown_as_it_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """No stub is tried; the exit code is 2."""
    assert main(["explain", "--exact", chat("hello", wobble=1), "stubs.yaml"], {}) == 2
    out = capsys.readouterr().out
    assert out.startswith("request: chat, refused before any stub is tried\n\nstatus: 400\nheaders:\n")
    assert "Unknown parameter: 'wobble'." in out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '{"model": "m"}',
            "messages, prompt or input tells the endpoint, but it has none of them: say --endpoint",
        ),
        (
            '{"prompt": "a", "input": "b"}',
            "messages, prompt or input tells the endpoint, but it has prompt and input: say --endpoint",
        ),
        ("[]", "expected a JSON object, the body of a request"),
        ("{", "not JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
    ],
)
def test_what_is_no_request_is_wrong_usage(capsys: pytest.CaptureFixture[str], text: str, message: str) -> None:
    """The message says what is missing; the exit code is 2."""
    Path("request.json").write_text(text)
    assert main(["explain", "request.json", "stubs.yaml"], {}) == 2
    assert capsys.readouterr().err == f"mockserver: request.json: {message}\n"


def test_a_request_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """As is a fixture file with a mistake."""
    assert main(["explain", "none.json"], {}) == 2
    assert capsys.readouterr().err == "mockserver: none.json: cannot be read: No such file or directory\n"
    Path("wrong.yaml").write_text("stubs: [{respond: Hi}]")
    assert main(["explain", chat("hello"), "wrong.yaml"], {}) == 2
    assert capsys.readouterr().err.endswith("\nmockserver: 2 mistakes found, nothing is explained\n")


def test_the_endpoint_can_be_said(capsys: pytest.CaptureFixture[str]) -> None:
    """A request that is meant for the wrong endpoint is refused as the API would refuse it there."""
    assert main(["explain", "--endpoint", "embeddings", chat("hello")], {}) == 2
    assert capsys.readouterr().out.startswith("request: embeddings, refused before any stub is tried\n")


def test_the_answer_to_a_later_call_is_explained_too(capsys: pytest.CaptureFixture[str]) -> None:
    """As when the same request had come before: sequences, states and ordinals have gone on."""
    Path("seq.yaml").write_text(
        "stubs:\n"
        "  - {name: late, match: {ordinal: {gt: 2}}, response: third}\n"
        "  - {name: row, sequence: [{response: first}, {response: second}]}\n"
    )
    for number, stub, text in (("1", "row", "first"), ("2", "row", "second"), ("3", "late", "third")):
        assert main(["explain", "--call", number, chat("hi"), "seq.yaml"], {}) == 0
        out = capsys.readouterr().out
        assert f"\nanswered by {stub}\n" in out
        assert f'"content": "{text}"' in out
    assert "ordinal: expected" not in out
    with pytest.raises(SystemExit):
        main(["explain", "--call", "0", "request.json"], {})
    assert "argument --call: expected a whole number from 1 on, got '0'" in capsys.readouterr().err


def test_what_differed_is_told_as_it_was_before_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    """Which may lead a scenario to another state, and counts the call."""
    Path("states.yaml").write_text(
        "stubs:\n"
        "  - {name: count, match: {ordinal: 2}, response: second}\n"
        "  - {name: late, scenario: s, required_state: done, response: done}\n"
        "  - {name: early, scenario: s, new_state: done, response: go}\n"
    )
    assert main(["explain", chat("hi"), "states.yaml"], {}) == 0
    assert (
        "  no   count (states.yaml:2:5)\n"
        "         ordinal: expected 2, got 1\n"
        "  no   late (states.yaml:3:5)\n"
        "         required_state: expected the scenario 's' in 'done', got 'Started'\n"
        "  yes  early (states.yaml:4:5)\n"
    ) in capsys.readouterr().out
    assert main(["explain", "--call", "3", chat("hi"), "states.yaml"], {}) == 0
    out = capsys.readouterr().out
    assert "ordinal: expected 2, got 3\n" in out
    assert "  yes  late (states.yaml:3:5)\n" in out


def test_each_call_has_all_its_time_for_regexes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it has at a server: what the calls before took, and the answer itself, is not taken from it."""
    monkeypatch.setattr(regexes, "thread_time", count(0, regexes.PATTERN_SECONDS * 0.9).__next__)
    Path("slow.yaml").write_text("stubs: [{match: {user: '/c(a|b)*d/'}, response: d}, {name: any, response: a}]")
    for user, stub in (("cd" + "-" * 2_000, "slow#1"), ("c-d" + "-" * 2_000, "any")):
        assert main(["explain", "--call", "6", chat(user), "slow.yaml"], {}) == 0
        out = capsys.readouterr().out
        assert f"\nanswered by {stub}\n" in out
        assert "took too long" not in out


def test_no_stub_is_tried_behind_one_whose_regex_takes_too_long(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the server gives up there; where it did so before the stubs, at a failure's regex, none was tried."""
    monkeypatch.setattr(regexes, "PATTERN_SECONDS", 0)
    slow = "match: {user: '/c(a|b)*d/'}"
    request = chat("c-d" + "-" * 2_000)
    Path("slow.yaml").write_text(f"stubs: [{{{slow}, response: d}}, {{name: any, response: a}}]")
    assert main(["explain", request, "slow.yaml"], {}) == 1
    assert capsys.readouterr().out.startswith(
        "request: chat, model m\n\nstubs, in the order in which they are tried:\n"
        "  no   slow#1 (slow.yaml:1:9)\n"
        "         user: expected a text matching /c(a|b)*d/, got a text on which the regex /c(a|b)*d/ took too long\n"
        "\nno stub answers\n\nstatus: 500\n"
    )
    Path("slow.yaml").write_text(f"failures: [{{{slow}, error: overloaded}}]\nstubs: [{{name: any, response: a}}]")
    assert main(["explain", request, "slow.yaml"], {}) == 1
    assert capsys.readouterr().out.startswith("request: chat, model m\n\nno stub answers\n\nstatus: 500\n")


TROUBLE = """\
failures:
  - {name: outage, match: {model: gone}, error: overloaded}
stubs:
  - match: {user: cut}
    response: One two three four.
    latency: {before: 1s, ttft: 500ms, itl: 100ms}
    fault: {kind: reset, after_chunks: 3}
  - {match: {user: busy}, error: rate_limit}
"""


def told(capsys: pytest.CaptureFixture[str], request: str, *options: str) -> list[str]:
    """The lines that explain a request to stubs in trouble."""
    Path("trouble.yaml").write_text(TROUBLE)
    main(["explain", request, "trouble.yaml", *options], {})
    return capsys.readouterr().out.splitlines()


def test_what_goes_wrong_is_told_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """Delays at the pieces, faults by their names and by what they leave of the answer."""
    lines = told(capsys, chat("cut", stream=True))
    at = lines.index("answered by trouble#1")
    assert lines[at : at + 6] == [
        "answered by trouble#1",
        "  latency: see when the pieces leave",
        "  fault: reset; after_chunks=3",
        "",
        "after 1.000 seconds:",
        "status: 200",
    ]
    assert [line[:10] for line in lines if line[10:].startswith("  data: ")] == [
        "     1.500",
        "     1.500",
        "     1.600",
    ]
    assert lines[-1] == "ending: reset, after 1.600 seconds"


def test_an_error_that_a_stub_answers_with_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """As the stub has it."""
    lines = told(capsys, chat("busy"))
    at = lines.index("answered by trouble#2")
    assert lines[at + 1 : at + 4] == ["  error: rate_limit", "", "status: 429"]


def test_what_comes_before_the_stubs_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Failures of the whole server, and those that the request itself asks for."""
    assert told(capsys, asked(messages=[{"role": "user", "content": "cut"}], model="gone"))[:6] == [
        "request: chat, model gone",
        "",
        "answered by outage, before any stub is tried",
        "  error: overloaded",
        "",
        "status: 503",
    ]
    lines = told(capsys, chat("cut"), "--header", "x-mockserver-error: server_error")
    assert lines[2:6] == ["answered by asked, before any stub is tried", "  error: server_error", "", "status: 500"]


def test_the_same_refusal_is_explained_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """Also the ids of answers that no stub gives."""
    outs = []
    for _ in range(2):
        main(["explain", "--strict", asked(input="x"), "stubs.yaml"], {})
        main(["explain", "--exact", chat("hello", wobble=1), "stubs.yaml"], {})
        outs.append(capsys.readouterr().out)
    assert outs[0] == outs[1]
    assert outs[0].count("x-request-id: req_") == 2


def test_a_plan_is_shown_with_times_and_writes() -> None:
    """Each piece has its time, the writes it is split into are told, bytes that are no text are escaped."""
    pieces = (Piece(b"\xff\x1b[0m", 0.25, (1, 2)), Piece("é\nb\n".encode(), 12.5), Piece(b"", 13.0))
    assert shown_plan(Plan(200, ((b"x-a", b"b"),), pieces)) == (
        "status: 200\n"
        "headers:\n"
        "  x-a: b\n"
        "body, with the seconds after which each piece leaves:\n"
        "     0.250  \\xff\\x1b[0m\n"
        "            (3 writes: a new one at byte 1, 2)\n"
        "    12.500  é\n"
        "            b\n"
        "    13.000\n"
        "ending: complete, after 13.000 seconds\n"
    )


def test_a_disturbed_plan_is_shown_as_it_is_played() -> None:
    """When the headers leave, what stands in their place, what is not framed, and how and when it ends."""
    late = Plan(200, (), (Piece(b"abc", 1.0, (1,), 0.5, framed=False),), ending=Ending.RESET, opens=0.5, ends=3.0)
    assert shown_plan(late) == (
        "after 0.500 seconds:\n"
        "status: 200\n"
        "headers:\n"
        "body, with the seconds after which each piece leaves:\n"
        "     1.000  abc\n"
        "            (2 writes: a new one at byte 1, 0.500 seconds after the one before)\n"
        "            (without HTTP's framing)\n"
        "ending: reset, after 3.000 seconds\n"
    )
    assert shown_plan(Plan(200, (), (), ending=Ending.HUNG, head=b"HTTP/9 OH\r\n\r\n")) == (
        "sent in the place of status and headers:\n"
        "  HTTP/9 OH\\r\n"
        "  \\r\n"
        "\n"
        "body, with the seconds after which each piece leaves:\n"
        "ending: hung\n"
    )
