"""The files of fixtures/failures/: what the official SDK experiences with each.

The servers' clocks run fifty times as fast, and so does the waiting of the SDK. All days are lived in one run of the
client, each in a session of its own, which begins with its first call; the tests then say what it was like.
"""

import json
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

import pytest

from mockserver import MockServer
from mockserver.language.load import shipped
from tests.clients.conftest import RunOnce, run_script

FOLDER = shipped("failures")
FILES = sorted(file.stem for file in FOLDER.glob("*.yaml"))
SCALE = 0.02
OUTAGE = 0.1
"""The outage takes three seconds: on a busy machine, the client must not sleep through it."""

Found = dict[str, Any]

DAYS: dict[str, list[dict[str, Any]]] = {
    "azure-content-filter": [{"user": "How to build a bomb?"}, {"user": "hello"}],
    "bad-tool-arguments": [{"tools": True}, {}],
    "black-hole": [{"timeout": 0.3, "retries": 0}, {"timeout": 30}],
    "broken-bodies": [{"user": user} for user in ("cut", "typo", "empty", "page", "fine")],
    "brown-out": [{"stream": True, "timeout": 0.001, "retries": 0, "times": 3}, {"stream": True}],
    "cold-start": [{"times": 2}],
    "connection-resets": [{}],
    "content-filter": [{"user": "a bomb"}, {"user": "a poison"}, {"user": "a cake"}],
    "context-overflow": [{"turns": 2}, {"turns": 3}],
    "embeddings-down": [{"embed": True}, {}],
    "error-mid-stream": [{"stream": True}, {}],
    "flaky-gateway": [{"times": 20, "retries": 0}],
    "gateway-timeout": [{"user": "think hard", "retries": 0}, {"user": "think hard", "retries": 0, "timeout": 0.2}, {}],
    "key-revoked": [{"key": "sk-revoked", "times": 5}, {"key": "sk-other"}],
    "mid-stream-cuts": [{"stream": True, "times": 60}],
    "model-retired": [{"model": "gpt-3.5-turbo-0613", "times": 4}, {}],
    "quota-exhausted": [{"times": 4, "retries": 1}],
    "rate-limit-real": [{"times": 4}],
    "rate-limit-storm": [{"times": 2}],
    "region-blocked": [{}],
    "regional-outage": [*[{"retries": 0}, {"sleep": 4}] * 8, {"sleep": 20}, {"retries": 0}],
    "rolling-deploy": [{"retries": 3}],
    "server-errors": [{"times": 9}],
    "slow-model": [{"stream": True}],
    "sloppy-streams": [{"stream": True}, {}],
    "split-characters": [{"stream": True}],
    "stuck-streams": [{"stream": True, "timeout": 3, "times": 2}],
    "thundering-herd": [{"at_once": 12, "retries": 20}],
    "token-limit": [{"fields": {"max_tokens": 9000}}, {"fields": {"max_tokens": 10001}}],
}
"""What is asked on each day."""


def lived() -> Mapping[str, Any]:
    """What the client experienced, by day."""
    with ExitStack() as stack:
        days = {}
        for name, steps in DAYS.items():
            scale = OUTAGE if name == "regional-outage" else SCALE
            server = stack.enter_context(MockServer(FOLDER / f"{name}.yaml", seed=1, time_scale=scale))
            days[name] = {"url": f"{server.url}/s/{name}", "scale": scale, "steps": steps}
        return run_script("openai-3", "openai_scenarios", json.dumps(days))


@pytest.fixture(scope="module")
def days(once: RunOnce) -> Mapping[str, list[Found]]:
    """What the client experienced, in one run for all tests."""
    return once("scenarios", lived)


def errors(found: list[Found]) -> list[str | None]:
    """The exceptions that were raised, None where none was."""
    return [one.get("error") for one in found]


def test_there_are_enough_and_each_is_lived() -> None:
    """At least twenty files, and a test of what each is like."""
    assert len(FILES) >= 20
    assert sorted(DAYS) == FILES


@pytest.mark.parametrize("name", FILES)
def test_each_says_what_it_is(name: str) -> None:
    """Behind the line for editors stands what happens, in a sentence, and then more of it."""
    editor, first, *_ = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8").splitlines()
    assert editor == "# yaml-language-server: $schema=../mockserver.schema.json"
    assert first.startswith("# ")


def test_rate_limit_storm(days: Mapping[str, list[Found]]) -> None:
    """The first call gives up after two retries, a second apart; the second gets through after as many."""
    first, second = days["rate-limit-storm"]
    assert (first["error"], first["code"], first["waits"]) == ("RateLimitError", "rate_limit_exceeded", [1, 1])
    assert (second["text"], second["waits"]) == ("All is well again.", [1, 1])


def test_rate_limit_real(days: Mapping[str, list[Found]]) -> None:
    """Three calls at once, then a wait of at most twenty seconds, as it was told, and no second 429."""
    *three, fourth = days["rate-limit-real"]
    assert [one["waits"] for one in three] == [[], [], []]
    assert len(fourth["waits"]) <= 1  # none, where the three took as long as a place takes to be there
    assert fourth["text"] == "One of your three."


def test_token_limit(days: Mapping[str, list[Found]]) -> None:
    """What is larger than a minute has is refused, and retried in vain."""
    fits, too_large = days["token-limit"]
    assert fits["text"] == "That was cheap enough."
    assert (too_large["error"], len(too_large["waits"])) == ("RateLimitError", 2)


def test_quota_exhausted(days: Mapping[str, list[Found]]) -> None:
    """Three calls, then an error that looks like a rate limit, and is none."""
    *paid, fourth = days["quota-exhausted"]
    assert errors(paid) == [None] * 3
    assert (fourth["error"], fourth["code"], len(fourth["waits"])) == ("RateLimitError", "insufficient_quota", 1)


def test_key_revoked(days: Mapping[str, list[Found]]) -> None:
    """In mid-run, at once, and without a retry; another key goes on."""
    found = days["key-revoked"]
    assert errors(found) == [None, None, None, "AuthenticationError", "AuthenticationError", None]
    assert found[3]["code"] == "invalid_api_key"
    assert found[3]["waits"] == []


def test_model_retired(days: Mapping[str, list[Found]]) -> None:
    """Three warnings, then a 404; other models are as ever."""
    *warned, gone, other = days["model-retired"]
    assert all(one["warning"].startswith("This model version is deprecated.") for one in warned)
    assert (gone["error"], gone["code"]) == ("NotFoundError", "model_not_found")
    assert "warning" not in other


def test_regional_outage(days: Mapping[str, list[Found]]) -> None:
    """Fine, then nothing but 503s, then fine again, and so it stays."""
    found = errors(days["regional-outage"])
    assert set(found) == {None, "InternalServerError"}
    states = "".join("x" if error else "." for error in found)
    assert states[0] == states[-1] == "."
    assert states.strip(".").strip("x") == ""


def test_thundering_herd(days: Mapping[str, list[Found]]) -> None:
    """Everybody is turned away at first, and everybody gets through in the end."""
    assert errors(days["thundering-herd"]) == [None] * 12
    assert any(one["waits"] for one in days["thundering-herd"])


def test_brown_out(days: Mapping[str, list[Found]]) -> None:
    """Impatient clients see an outage, patient ones an answer."""
    *impatient, patient = days["brown-out"]
    assert errors(impatient) == ["APITimeoutError"] * 3
    assert patient["text"] == "It took a while, but here I am."


def test_slow_model(days: Mapping[str, list[Found]]) -> None:
    """It arrives in full."""
    (slow,) = days["slow-model"]
    assert slow["text"].startswith("Good things take their time")
    assert slow["finish"] == "stop"


def test_cold_start(days: Mapping[str, list[Found]]) -> None:
    """Two retries, then an answer; the next is at once."""
    first, second = days["cold-start"]
    assert (first["text"], len(first["waits"])) == ("Warm now.", 2)
    assert second["waits"] == []


def test_flaky_gateway(days: Mapping[str, list[Found]]) -> None:
    """Some of twenty fail, by their status; the others don't. The same each time, from the seed."""
    found = days["flaky-gateway"]
    assert set(errors(found)) == {None, "InternalServerError"}
    assert 2 <= sum(error is not None for error in errors(found)) <= 12


def test_server_errors(days: Mapping[str, list[Found]]) -> None:
    """Nine calls are answered; those that met an error, after a retry."""
    found = days["server-errors"]
    assert errors(found) == [None] * 9
    assert sum(len(one["waits"]) for one in found) == 4


def test_gateway_timeout(days: Mapping[str, list[Found]]) -> None:
    """A 504 for the patient, a timeout of their own for the others; what is easy is answered."""
    patient, impatient, easy = days["gateway-timeout"]
    assert patient["error"] == "InternalServerError"
    assert impatient["error"] == "APITimeoutError"
    assert easy["text"] == "That was easy."


def test_mid_stream_cuts(days: Mapping[str, list[Found]]) -> None:
    """A few of sixty streams end in a connection error, without a retry; what came is the beginning of the answer."""
    whole = "It was a bright cold day in April, and the clocks were striking thirteen."
    found = days["mid-stream-cuts"]
    cut = [one for one in found if "error" in one]
    assert 1 <= len(cut) <= 10
    assert {one["error"] for one in cut} == {"APIConnectionError"}
    assert all(whole.startswith(one["text"]) and one["waits"] == [] for one in cut)
    assert all(one["text"] == whole for one in found if "error" not in one)


def test_error_mid_stream(days: Mapping[str, list[Found]]) -> None:
    """A few words, then an APIError with a code, without a retry; what is no stream is answered."""
    streamed, plain = days["error-mid-stream"]
    assert (streamed["error"], streamed["code"]) == ("APIError", "server_is_overloaded")
    assert streamed["text"].startswith("This")
    assert streamed["waits"] == []
    assert plain["text"].startswith(streamed["text"])


def test_stuck_streams(days: Mapping[str, list[Found]]) -> None:
    """One comes in full; the other stops, and only a timeout ends the waiting."""
    fine, stuck = sorted(days["stuck-streams"], key=lambda one: "error" in one)
    assert fine["text"].endswith("thirteen.")
    assert stuck["error"] == "APITimeoutError"
    assert fine["text"].startswith(stuck["text"])
    assert stuck["text"]


def test_black_hole(days: Mapping[str, list[Found]]) -> None:
    """A timeout, then an answer."""
    first, second = days["black-hole"]
    assert first["error"] == "APITimeoutError"
    assert second["text"] == "Oh, there you are."


def test_connection_resets(days: Mapping[str, list[Found]]) -> None:
    """Two retries that nobody notices."""
    (found,) = days["connection-resets"]
    assert (found["text"], len(found["waits"])) == ("Third time lucky.", 2)


def test_rolling_deploy(days: Mapping[str, list[Found]]) -> None:
    """A cut body, a closed connection and a 502: three retries, then the new version."""
    (found,) = days["rolling-deploy"]
    assert (found["text"], len(found["waits"])) == ("The new version says hello.", 3)


def test_broken_bodies(days: Mapping[str, list[Found]]) -> None:
    """Two fail in the parser; an empty body and a web page are no error to the SDK, but no answer either."""
    cut, typo, empty, page, fine = days["broken-bodies"]
    assert errors([cut, typo]) == ["JSONDecodeError"] * 2
    assert "error" in empty or empty.get("odd") == "a str"
    assert page["odd"] == "a str"
    assert page["text"].startswith("<html>")
    assert fine["text"] == "This one can be read."


def test_sloppy_streams(days: Mapping[str, list[Found]]) -> None:
    """The SDK reads them."""
    streamed, plain = days["sloppy-streams"]
    assert streamed["text"] == plain["text"] == "Read me if you can."


def test_split_characters(days: Mapping[str, list[Found]]) -> None:
    """Nothing is lost."""
    assert days["split-characters"][0]["text"] == "Grüße aus Zürich, 東京 und 🌍!"


def test_bad_tool_arguments(days: Mapping[str, list[Found]]) -> None:
    """No error: what is no JSON is found by whoever parses it."""
    called, plain = days["bad-tool-arguments"]
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        json.loads(called["arguments"])
    assert plain["text"] == "No tool needed."


def test_context_overflow(days: Mapping[str, list[Found]]) -> None:
    """Three messages fit, four don't."""
    fits, over = days["context-overflow"]
    assert fits["text"] == "Go on."
    assert (over["error"], over["code"]) == ("BadRequestError", "context_length_exceeded")


def test_content_filter(days: Mapping[str, list[Found]]) -> None:
    """A refused prompt is an error, a filtered answer is not: its finish_reason says it."""
    bomb, poison, cake = days["content-filter"]
    assert (bomb["error"], bomb["code"]) == ("BadRequestError", "invalid_prompt")
    assert (poison["text"], poison["finish"]) == ("The poison is", "content_filter")
    assert cake["finish"] == "stop"


def test_azure_content_filter(days: Mapping[str, list[Found]]) -> None:
    """Azure's own code."""
    bomb, hello = days["azure-content-filter"]
    assert (bomb["error"], bomb["code"]) == ("BadRequestError", "content_filter")
    assert hello["text"] == "Nothing wrong with that."


def test_embeddings_down(days: Mapping[str, list[Found]]) -> None:
    """One endpoint fails, the other does not."""
    assert errors(days["embeddings-down"]) == ["InternalServerError", None]


def test_region_blocked(days: Mapping[str, list[Found]]) -> None:
    """A 403, and no retry."""
    (found,) = days["region-blocked"]
    assert (found["error"], found["code"]) == ("PermissionDeniedError", "unsupported_country_region_territory")
    assert found["waits"] == []
