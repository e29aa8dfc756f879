"""Clients for Node: the official SDK, and the AI SDK with its provider for servers of this format."""

import json
import re
from pathlib import Path

import pytest

from tests.clients import environments, node
from tests.clients.conftest import Answers, RunOnce, run_against
from tests.clients.node import run_node

WORDS = 20_000
"""Of a stream that no socket's buffers hold."""

STUBS = f"""
models: [gpt-4o-mini, gpt-4o, meta-llama/Llama-3.3-70B]
stubs:
  - match: {{endpoint: chat, user: hello, wants_tool: false}}
    response: Hi there!
  - match: {{endpoint: [chat, completions], user: count}}
    response: one two three
  - match: {{user: slow}}
    response: "{"word " * WORDS}"
  - match: {{user: think}}
    response: {{reasoning: "First the one.", text: "It is so."}}
"""

WEATHER_CALL = {"name": "get_weather", "arguments": '{"city":"Paris"}'}
TYPES = {"name": str, "guests": list, "seats": int}


@pytest.fixture(scope="module")
def sdk(once: RunOnce) -> Answers:
    """What the official SDK got in each case of `node/openai.mjs`."""
    return once("node-openai", lambda: run_against(STUBS, "node", "openai", run=run_node))


@pytest.fixture(scope="module")
def ai(once: RunOnce) -> Answers:
    """What the AI SDK got in each case of `node/ai.mjs`."""
    return once("node-ai", lambda: run_against(STUBS, "node", "ai", run=run_node))


# What is installed


def test_packages_are_pinned() -> None:
    """By version and by hash, and the lock names no host to download from."""
    asked, locked = (json.loads((node.SOURCE / name).read_text(encoding="utf-8")) for name in node.PINS)
    assert [pin for pin in asked["dependencies"].values() if not re.fullmatch(r"\d+\.\d+\.\d+", pin)] == []
    packages = [package for path, package in locked["packages"].items() if path]
    assert packages
    assert all("integrity" in package and "resolved" not in package for package in packages)


@pytest.mark.skipif(node.missing() is not None, reason="Node is not on this machine")
def test_nothing_is_installed_where_that_is_not_wanted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """MOCKSERVER_SKIP_CLIENTS=1 goes for Node too."""
    monkeypatch.setattr(environments, "ROOT", tmp_path)
    monkeypatch.setenv(environments.SKIP, "1")
    node.folder.cache_clear()
    with pytest.raises(environments.NotWanted):
        node.installed()
    node.folder.cache_clear()


# The official SDK


def test_chat(sdk: Answers) -> None:
    """An answer with its text, usage and request id."""
    answer = sdk["chat"]["answer"]
    assert (answer["model"], answer["choices"][0]["message"]["content"]) == ("gpt-4o-mini", "Hi there!")
    assert answer["usage"]["completion_tokens"] == 3
    assert sdk["chat"]["request_id"].startswith("req_")


def test_stream(sdk: Answers) -> None:
    """The deltas add up to the answer, and the last chunk has its usage."""
    *chunks, last = sdk["stream"]
    assert "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks) == "Hi there!"
    assert chunks[-1]["choices"][0]["finish_reason"] == "stop"
    assert (last["choices"], last["usage"]) == ([], sdk["chat"]["answer"]["usage"])


def test_the_sdks_own_accumulation_of_a_stream(sdk: Answers) -> None:
    """`chat.completions.stream` puts a tool call together again."""
    choice = sdk["stream_helper"]
    (call,) = choice["message"]["tool_calls"]
    assert (call["function"], choice["finish_reason"]) == (WEATHER_CALL, "tool_calls")


def test_a_stream_can_be_aborted(sdk: Answers) -> None:
    """Before its end, and the next request is answered."""
    assert 3 <= sdk["aborted"]["chunks"] < WORDS
    assert sdk["aborted"]["after"] == "Hi there!"


def test_a_tool_is_called(sdk: Answers) -> None:
    """And its result answered in words."""
    called, last = sdk["tool"]["called"], sdk["tool"]["last"]
    assert [call["function"] for call in called["message"]["tool_calls"]] == [WEATHER_CALL]
    assert (called["finish_reason"], last["finish_reason"]) == ("tool_calls", "stop")
    assert "18 degrees" in last["message"]["content"]


def test_the_sdks_own_loop_over_tools(sdk: Answers) -> None:
    """`runTools` calls the function once and ends."""
    assert sdk["tool_runner"]["asked"] == ["Paris"]
    assert "18 degrees" in sdk["tool_runner"]["content"]


def test_structured_output(sdk: Answers) -> None:
    """`parse` accepts it by the schema."""
    assert {key: type(value) for key, value in sdk["structured"].items()} == TYPES


def test_completion(sdk: Answers) -> None:
    """Plain and streamed say the same."""
    assert sdk["completion"]["choices"][0]["text"] == "one two three"
    assert [chunk["choices"][0]["text"] for chunk in sdk["completion_stream"]] == ["one", " two", " three"]


def test_models(sdk: Answers) -> None:
    """The list, and one of it whose id has a slash."""
    listed = sdk["models"]["list"]
    assert [model["id"] for model in listed] == ["gpt-4o-mini", "gpt-4o", "meta-llama/Llama-3.3-70B"]
    assert sdk["models"]["slash"] == listed[2]


def test_embeddings(sdk: Answers) -> None:
    """The SDK asks for base64 by itself; decoded it is what floats say."""
    found = sdk["embedding"]
    assert found["sizes"] == [1536, 1536]
    assert found["length"] == pytest.approx(1, abs=1e-6)
    assert found["base64_to_float"] < 1e-7


# The AI SDK


def test_ai_text(ai: Answers) -> None:
    """`generateText`: text, reason and usage."""
    assert ai["text"] == {"text": "Hi there!", "finishReason": "stop", "tokens": 3}


def test_ai_stream(ai: Answers) -> None:
    """`streamText`: the same in pieces."""
    assert ai["stream"] == {"pieces": ["Hi", " there", "!"], "finishReason": "stop", "tokens": 3}


def test_ai_reasoning(ai: Answers) -> None:
    """It finds what compatible servers send as reasoning."""
    assert ai["reasoning"] == {"text": "It is so.", "reasoningText": "First the one."}


@pytest.mark.parametrize("case", ["tool", "tool_streamed"])
def test_ai_tool(ai: Answers, case: str) -> None:
    """An agent of two steps, plain and streamed."""
    found = ai[case]
    assert (found["asked"], found["steps"]) == (["Paris"], 2)
    assert "18 degrees" in found["text"]


def test_ai_object(ai: Answers) -> None:
    """`generateObject` and `streamObject` accept it by the schema; the stream has states on the way."""
    assert {key: type(value) for key, value in ai["object"].items()} == TYPES
    assert {key: type(value) for key, value in ai["object_streamed"]["last"].items()} == TYPES
    assert ai["object_streamed"]["states"] > 1


def test_ai_completion(ai: Answers) -> None:
    """A model of legacy completions."""
    assert ai["completion"] == "one two three"


def test_ai_embeddings(ai: Answers) -> None:
    """`embed` and `embedMany`."""
    assert ai["embedding"] == {"sizes": [1536] * 3}


def test_ai_refusal(ai: Answers) -> None:
    """Its exception has the status and the error as sent."""
    found = ai["refused"]
    assert (found["name"], found["status"]) == ("AI_APICallError", 400)
    assert (found["error"]["code"], found["error"]["param"]) == ("decimal_above_max_value", "temperature")
