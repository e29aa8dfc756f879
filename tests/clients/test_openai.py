"""The official Python SDK, the latest of each major version, sync and async, against one server."""

import json
from typing import Any

import pytest

from mockserver import MockServer
from tests.clients.conftest import Answers, RunOnce, run_script

ENVIRONMENTS = ("openai-3", "openai-2", "openai-1")
FLAVOURS = ("sync", "async")

STUBS = """
models: [gpt-4o-mini, gpt-4o, meta-llama/Llama-3.3-70B]
stubs:
  - name: hello
    match: {endpoint: chat, user: hello, wants_tool: false}
    response: Hi there!
  - name: count
    match: {endpoint: [chat, completions], user: count}
    response: one two three four five
"""

WEATHER_CALL = {"name": "get_weather", "arguments": '{"city":"Paris"}'}


@pytest.fixture(scope="module", params=[(env, flavour) for env in ENVIRONMENTS for flavour in FLAVOURS], ids="-".join)
def answers(request: pytest.FixtureRequest, once: RunOnce, tmp_path_factory: pytest.TempPathFactory) -> Answers:
    """What one version of the SDK, sync or async, got in each case of `scripts/openai_sdk.py`."""
    environment, flavour = request.param

    def run() -> Answers:
        file = tmp_path_factory.mktemp("openai") / "stubs.yaml"
        file.write_text(STUBS, encoding="utf-8")
        with MockServer(file) as server:
            return run_script(environment, "openai_sdk", server.url)

    found: Answers = once(environment, run)[flavour]
    return found


def text_of(chunks: list[Any]) -> str:
    """The text that a chat stream's deltas add up to."""
    return "".join(choice["delta"].get("content") or "" for chunk in chunks for choice in chunk["choices"])


def head_of(answer: dict[str, Any]) -> tuple[Any, ...]:
    """What all chunks of one stream have in common."""
    return answer["id"], answer["object"], answer["created"], answer["model"], answer["system_fingerprint"]


def test_chat(answers: Answers) -> None:
    """A plain chat answer arrives whole, in the SDK's types."""
    answer = answers["chat"]["answer"]
    assert answer["id"].startswith("chatcmpl-")
    assert answer["object"] == "chat.completion"
    assert answer["model"] == "gpt-4o-mini"
    assert isinstance(answer["created"], int)
    assert answer["choices"] == [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "Hi there!", "refusal": None, "annotations": []},
            "logprobs": None,
            "finish_reason": "stop",
        }
    ]
    usage = answer["usage"]
    assert usage["completion_tokens"] == 3
    assert usage["total_tokens"] == usage["prompt_tokens"] + 3


def test_an_answer_has_a_request_id(answers: Answers) -> None:
    """The SDK finds it in the headers."""
    assert answers["chat"]["request_id"].startswith("req_")


def test_headers_of_a_raw_response(answers: Answers) -> None:
    """`with_raw_response` shows which stub answered."""
    assert answers["chat_headers"] == {"type": "application/json", "stub": "hello"}


def test_chat_stream(answers: Answers) -> None:
    """The chunks share one head, begin with the role, add up to the text and end with the reason."""
    chunks = answers["chat_stream"]
    assert len({head_of(chunk) for chunk in chunks}) == 1
    assert chunks[0]["object"] == "chat.completion.chunk"
    assert chunks[0]["choices"][0]["delta"] == {"role": "assistant", "content": "", "refusal": None}
    assert text_of(chunks) == "Hi there!"
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks] == [None] * (len(chunks) - 1) + ["stop"]
    assert all("usage" not in chunk for chunk in chunks)


def test_chat_stream_with_usage(answers: Answers) -> None:
    """`include_usage` adds a last chunk without choices; its usage is that of the plain answer."""
    *chunks, last = answers["chat_stream_usage"]
    assert text_of(chunks) == "Hi there!"
    assert all(chunk["usage"] is None for chunk in chunks)
    assert last["choices"] == []
    assert last["usage"] == answers["chat"]["answer"]["usage"]


def test_the_sdks_own_accumulation_of_a_stream(answers: Answers) -> None:
    """`chat.completions.stream` puts a tool call together again."""
    choice = answers["chat_stream_helper"]
    (call,) = choice["message"]["tool_calls"]
    assert choice["finish_reason"] == "tool_calls"
    assert {key: call["function"][key] for key in WEATHER_CALL} == WEATHER_CALL


def test_max_tokens_cuts(answers: Answers) -> None:
    """Exactly as many tokens as allowed, and `length`."""
    answer = answers["chat_length"]
    assert answer["choices"][0]["message"]["content"] == "one two three"
    assert answer["choices"][0]["finish_reason"] == "length"
    assert answer["usage"]["completion_tokens"] == 3


def test_stop_cuts(answers: Answers) -> None:
    """The text ends before the stop sequence, with `stop`."""
    (choice,) = answers["chat_stop"]["choices"]
    assert (choice["message"]["content"], choice["finish_reason"]) == ("one two ", "stop")


def test_a_named_tool_is_called(answers: Answers) -> None:
    """`tool_choice` names it, and the arguments conform to its schema."""
    choice = answers["tool_chosen"]
    (call,) = choice["message"]["tool_calls"]
    arguments = json.loads(call["function"]["arguments"])
    assert call["id"].startswith("call_")
    assert (call["type"], call["function"]["name"]) == ("function", "send_mail")
    assert list(arguments) == ["recipient"]
    assert isinstance(arguments["recipient"], str)
    assert choice["message"]["content"] is None
    assert choice["finish_reason"] == "stop"


def test_an_apt_question_calls_a_tool(answers: Answers) -> None:
    """Nobody names it: the question does."""
    choice = answers["tool_apt"]
    assert [call["function"] for call in choice["message"]["tool_calls"]] == [WEATHER_CALL]
    assert choice["finish_reason"] == "tool_calls"


def test_other_talk_calls_no_tool(answers: Answers) -> None:
    """Tools that are offered are not called for a greeting."""
    assert answers["tool_not_apt"]["message"]["content"] == "Hi there!"
    assert "tool_calls" not in answers["tool_not_apt"]["message"]


def test_a_tool_call_is_streamed(answers: Answers) -> None:
    """Id and name come once, first; the fragments of the arguments add up to the plain call's."""
    choices = answers["tool_stream"]
    first, *rest = [call for choice in choices for call in choice["delta"].get("tool_calls", [])]
    assert first["id"].startswith("call_")
    assert (first["index"], first["type"]) == (0, "function")
    assert first["function"] == {"name": "get_weather", "arguments": ""}
    assert len(rest) > 1
    assert all(set(call) == {"index", "function"} and set(call["function"]) == {"arguments"} for call in rest)
    assert "".join(call["function"]["arguments"] for call in rest) == WEATHER_CALL["arguments"]
    assert choices[-1]["finish_reason"] == "tool_calls"


def test_a_tools_result_is_answered_in_words(answers: Answers) -> None:
    """The second turn of an agent ends it: no further call, and the result is spoken of."""
    choice = answers["tool_answered"]
    assert "18 degrees" in choice["message"]["content"]
    assert choice["finish_reason"] == "stop"
    assert "tool_calls" not in choice["message"]


def test_structured_output_is_parsed(answers: Answers) -> None:
    """`parse` finds content that conforms to the model's schema."""
    found = answers["structured_parse"]
    parsed = found["parsed"]
    assert found["type"] == "Event"
    assert parsed == json.loads(found["content"])
    assert {key: type(value) for key, value in parsed.items()} == {"name": str, "guests": list, "seats": int}


def test_completion(answers: Answers) -> None:
    """A legacy completion arrives whole."""
    answer = answers["completion"]
    assert answer["id"].startswith("cmpl-")
    assert answer["object"] == "text_completion"
    assert answer["choices"] == [
        {"text": "one two three four five", "index": 0, "logprobs": None, "finish_reason": "stop"}
    ]
    assert answer["usage"] == {"prompt_tokens": 1, "completion_tokens": 5, "total_tokens": 6}


def test_completion_stream(answers: Answers) -> None:
    """Its stream says the same, with the reason at the last piece of text and the usage behind it."""
    *chunks, last = answers["completion_stream"]
    choices = [chunk["choices"][0] for chunk in chunks]
    assert {chunk["object"] for chunk in [*chunks, last]} == {"text_completion"}
    assert [choice["text"] for choice in choices] == ["one", " two", " three", " four", " five"]
    assert [choice["finish_reason"] for choice in choices] == [None] * 4 + ["stop"]
    assert last["choices"] == []
    assert last["usage"] == answers["completion"]["usage"]


def test_models_are_listed(answers: Answers) -> None:
    """The file's models, in its order."""
    models = answers["models_list"]
    assert [model["id"] for model in models] == ["gpt-4o-mini", "gpt-4o", "meta-llama/Llama-3.3-70B"]
    assert {model["object"] for model in models} == {"model"}


def test_a_model_is_retrieved(answers: Answers) -> None:
    """As the list shows it."""
    assert answers["models_retrieve"] == answers["models_list"][1]


def test_a_model_with_a_slash_in_its_id_is_retrieved(answers: Answers) -> None:
    """Whether the SDK escapes the slash or not."""
    assert answers["models_retrieve_slash"] == answers["models_list"][2]


def test_stored_completions(answers: Answers) -> None:
    """They are paged through, found by their metadata, changed, and deleted while they are listed."""
    found = answers["stored"]
    ids = found["made"]
    assert found["listed"] == ids
    assert found["updated"] == [ids[2], {"number": "changed"}]
    assert found["found"] == [ids[2]]
    assert [(message["id"], message["content"]) for message in found["messages"]] == [(f"{ids[2]}-0", "hello")]
    assert found["deleted"] == [{"id": id, "object": "chat.completion.deleted", "deleted": True} for id in ids]
    assert (found["gone"]["class"], found["gone"]["status"]) == ("NotFoundError", 404)


def test_embeddings(answers: Answers) -> None:
    """Two inputs get two vectors of unit length and of the model's size, different ones, in order."""
    found = answers["embedding"]
    assert found["objects"] == ["list", "embedding"]
    assert found["model"] == "text-embedding-3-small"
    assert found["indexes"] == [0, 1]
    assert found["sizes"] == [1536, 1536]
    assert found["lengths"] == pytest.approx([1.0] * 4, abs=1e-6)
    assert found["different"]
    assert found["usage"]["prompt_tokens"] == found["usage"]["total_tokens"] > 0


def test_base64_embeddings_equal_those_in_floats(answers: Answers) -> None:
    """The SDK's default format says what `encoding_format="float"` says, but for the rounding."""
    assert answers["embedding"]["base64_to_float"] < 1e-7


def test_embeddings_of_other_dimensions(answers: Answers) -> None:
    """`dimensions` gives shorter vectors, of unit length again."""
    assert answers["embedding_dimensions"] == {"size": 256, "length": pytest.approx(1, abs=1e-6)}


def test_every_base_url_works(answers: Answers) -> None:
    """With and without `/v1`, with and without a slash at the end."""
    assert answers["base_urls"] == dict.fromkeys(["", "/", "/v1", "/v1/"], "Hi there!")


ERRORS = {
    "error_unknown_path": ("NotFoundError", 404, None, None, "Invalid URL (POST /v1/nothing/here)"),
    "error_method": ("APIStatusError", 405, None, None, "Not allowed to GET on /v1/completions."),
    "error_malformed": ("BadRequestError", 400, None, None, "We could not parse the JSON body"),
    "error_missing_field": (
        "BadRequestError",
        400,
        "missing_required_parameter",
        "messages",
        "Missing required parameter: 'messages'.",
    ),
    "error_wrong_type": ("BadRequestError", 400, None, None, "'$.input' is invalid."),
    "error_streamed": (
        "BadRequestError",
        400,
        "invalid_value",
        "messages[0].role",
        "Invalid value: 'nobody'. Supported values are:",
    ),
}
"""What the SDK raises: class, status, `code`, `param`, how the message begins."""


@pytest.mark.parametrize("case", ERRORS)
def test_a_refusal_becomes_the_right_exception(answers: Answers, case: str) -> None:
    """Its class, and what it carries from the body and the headers."""
    error = answers[case]
    name, status, code, param, message = ERRORS[case]
    assert (error["class"], error["status"], error["code"], error["param"]) == (name, status, code, param)
    assert error["type"] == "invalid_request_error"
    assert error["message"].startswith(message)
    assert error["request_id"].startswith("req_")
