"""litellm against the answers its own page documents, and against deprecated models and the default."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from mockserver import MockServer
from tests.clients.conftest import Answers, RunOnce, run_script
from tests.conftest import events

FIXTURES = Path(__file__).parents[2] / "fixtures"

DEPRECATED = """
models: [{id: old, warning: This model is old.}]
stubs:
  - match: {user: own}
    response: {text: Mine., warning: "The stub's own."}
  - match: {endpoint: chat, user: whole}
    response: {body: {id: whole, object: chat.completion, choices: []}}
  - match: {endpoint: completions, user: whole}
    response: {body: {id: whole, object: text_completion, choices: []}}
  - match: {endpoint: [chat, completions]}
    response: Hi there!
"""

DOCUMENTED_CHAT = """
{
    "object": "chat.completion",
    "choices": [{
        "finish_reason": "stop",
        "index": 0,
        "message": {
            "content": "The sky, a canvas of blue,\\nA work of art, pure and true,\\nA",
            "role": "assistant"
        }
    }],
    "id": "chatcmpl-7fbd6077-de10-4cb4-a8a4-3ef11a98b7c8",
    "created": 1699290237.408061,
    "model": "togethercomputer/llama-2-70b-chat",
    "usage": {"completion_tokens": 18, "prompt_tokens": 14, "total_tokens": 32}
}
"""

DOCUMENTED_TEXT = """
{
    "warning": "This model version is deprecated. Migrate before January 4, 2024 to avoid disruption of service. \
Learn more https://platform.openai.com/docs/deprecations",
    "id": "cmpl-8HxHqF5dymQdALmLplS0dWKZVFe3r",
    "object": "text_completion",
    "created": 1699290166,
    "model": "text-davinci-003",
    "choices": [{
        "text": "\\n\\nThe weather in San Francisco varies depending on what time of year and time",
        "index": 0,
        "logprobs": null,
        "finish_reason": "length"
    }],
    "usage": {"prompt_tokens": 7, "completion_tokens": 16, "total_tokens": 23}
}
"""

BASES = ("bare", "bare slash", "v1", "v1 slash")
"""How the script writes `api_base`."""

HELLO = [{"content": "Hello, how are you?", "role": "user"}]


class Servers(NamedTuple):
    """The page's answers, a deprecated model, and the default."""

    page: MockServer
    deprecated: MockServer
    default: MockServer


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """The three servers of this module."""
    file = tmp_path_factory.mktemp("litellm") / "deprecated.yaml"
    file.write_text(DEPRECATED, encoding="utf-8")
    with MockServer(FIXTURES / "litellm.yaml") as page, MockServer(file) as old, MockServer() as default:
        yield Servers(page, old, default)


@pytest.fixture(scope="module")
def answers(once: RunOnce, servers: Servers) -> Answers:
    """What litellm got in each case of `scripts/litellm_sdk.py`."""
    return once("litellm", lambda: run_script("litellm", "litellm_sdk", *(server.url for server in servers)))


def post(url: str, path: str, **body: Any) -> httpx.Response:
    """A request as a client without any library sends it."""
    response = httpx.post(url + path, json=body, trust_env=False)
    assert response.status_code == 200, response.text
    return response


def ordered(text: str) -> Any:
    """JSON with its objects as lists of pairs, so that equal means equal in order too."""
    return json.loads(text, object_pairs_hook=list)


# The documented bodies, raw


@pytest.mark.parametrize("base", ["", "/v1"])
def test_the_chat_body_is_the_documented_one(servers: Servers, base: str) -> None:
    """Field for field, in order, and nothing besides."""
    body = post(servers.page.url + base, "/chat/completions", model="command-nightly", messages=HELLO).text
    assert ordered(body) == ordered(DOCUMENTED_CHAT)


def test_a_fraction_of_a_second_is_sent_as_documented(servers: Servers) -> None:
    """`created` is the page's number, digit for digit."""
    body = post(servers.page.base_url, "/chat/completions", model="command-nightly", messages=HELLO).text
    assert '"created": 1699290237.408061,' in body


@pytest.mark.parametrize("model", ["command-nightly", "text-davinci-003"])
@pytest.mark.parametrize("base", ["", "/v1"])
def test_the_completions_body_is_the_documented_one(servers: Servers, base: str, model: str) -> None:
    """Field for field, in order, `warning` first; for the page's model and for the one that answers."""
    body = post(servers.page.url + base, "/completions", model=model, prompt="Hello, how are you?").text
    assert ordered(body) == ordered(DOCUMENTED_TEXT)


# The documented calls, with the real litellm


@pytest.mark.parametrize("base", BASES)
def test_the_documented_chat_call(answers: Answers, base: str) -> None:
    """`custom_llm_provider="openai"` gives the documented answer, however `api_base` is written."""
    answer = answers["page_chat"][base]
    documented = json.loads(DOCUMENTED_CHAT)
    (choice,), (expected,) = answer["choices"], documented["choices"]
    assert {key: answer[key] for key in ("id", "object", "model")} == {
        key: documented[key] for key in ("id", "object", "model")
    }
    assert int(answer["created"]) == int(documented["created"])  # litellm itself drops the fraction
    assert (choice["index"], choice["finish_reason"]) == (0, "stop")
    assert {key: choice["message"][key] for key in expected["message"]} == expected["message"]
    assert {key: answer["usage"][key] for key in documented["usage"]} == documented["usage"]


@pytest.mark.parametrize("base", BASES)
def test_the_documented_completions_call(answers: Answers, base: str) -> None:
    """`custom_llm_provider="text-completion-openai"` gives the documented text, which litellm makes a chat answer."""
    answer = answers["page_text"][base]
    documented = json.loads(DOCUMENTED_TEXT)
    (choice,), (expected,) = answer["choices"], documented["choices"]
    assert (answer["id"], answer["model"]) == (documented["id"], documented["model"])
    assert choice["message"]["content"] == expected["text"]
    assert (choice["index"], choice["finish_reason"]) == (0, "length")
    assert {key: answer["usage"][key] for key in documented["usage"]} == documented["usage"]


def test_text_completion_keeps_the_documented_body(answers: Answers) -> None:
    """`litellm.text_completion` has every documented field, `warning` too."""
    answer = answers["page_text_completion"]["answer"]
    documented = json.loads(DOCUMENTED_TEXT)
    answer["usage"] = {key: answer["usage"][key] for key in documented["usage"]}
    assert {key: answer[key] for key in documented} == documented


def test_the_documented_chat_call_awaited(answers: Answers) -> None:
    """`acompletion` gives what `completion` gives."""
    assert answers["page_chat_async"] == answers["page_chat"]["bare"]


@pytest.mark.parametrize(("case", "plain"), [("page_chat_stream", "page_chat"), ("page_text_stream", "page_text")])
def test_the_documented_calls_streamed(answers: Answers, case: str, plain: str) -> None:
    """The chunks add up to the documented text and end with its reason."""
    (choice,) = answers[plain]["bare"]["choices"]
    chunks = answers[case]
    assert {chunk["id"] for chunk in chunks} == {answers[plain]["bare"]["id"]}
    assert text_of(chunks) == choice["message"]["content"]
    assert reasons_of(chunks) == [choice["finish_reason"]]


# The rest of litellm, with nothing configured


@pytest.mark.parametrize("case", ["chat_stream", "chat_stream_async"])
def test_a_stream_says_what_the_plain_answer_says(answers: Answers, case: str) -> None:
    """Text, reason and usage, sync and async."""
    chunks, plain = answers[case], answers["chat_plain"]
    assert text_of(chunks) == plain["choices"][0]["message"]["content"] != ""
    assert reasons_of(chunks) == ["stop"]
    usages = [chunk["usage"] for chunk in chunks if chunk.get("usage")]
    assert [usage["total_tokens"] for usage in usages] == [plain["usage"]["total_tokens"]]


def test_a_tool_is_called(answers: Answers) -> None:
    """An apt question calls the tool offered."""
    choice = answers["chat_tools"]
    (call,) = choice["message"]["tool_calls"]
    assert call["function"] == {"name": "get_weather", "arguments": '{"city":"Paris"}'}
    assert choice["finish_reason"] == "tool_calls"


def test_a_text_is_completed(answers: Answers) -> None:
    """The default of 16 tokens cuts it."""
    answer = answers["text_completion"]
    assert answer["object"] == "text_completion"
    assert answer["choices"][0]["text"] != ""
    assert answer["choices"][0]["finish_reason"] == "length"
    assert answer["usage"]["completion_tokens"] == 16
    assert "warning" not in answer


def test_an_embedding(answers: Answers) -> None:
    """It has the model's size and unit length; awaited it is the same."""
    found = answers["embedding"]
    assert (found["size"], found["model"]) == (1536, "text-embedding-3-small")
    assert found["length"] == pytest.approx(1, abs=1e-6)
    assert found["usage"]["prompt_tokens"] > 0
    assert answers["embedding_async"] == found


@pytest.mark.parametrize(
    ("case", "name", "status", "message"),
    [
        ("error_missing", "BadRequestError", 400, "Invalid 'messages': empty array."),
        ("error_unknown_path", "NotFoundError", 404, "Invalid URL (POST /nowhere/chat/completions)"),
    ],
)
def test_a_refusal_becomes_litellms_exception(
    answers: Answers, case: str, name: str, status: int, message: str
) -> None:
    """Class, status and the server's own words."""
    error = answers[case]
    assert (error["class"], error["status"]) == (name, status)
    assert message in error["message"]


# A deprecated model's warning


@pytest.mark.parametrize("case", ["deprecated_chat", "deprecated_text"])
def test_litellm_shows_the_warning_of_a_deprecated_model(answers: Answers, case: str) -> None:
    """On the answer, for chat and for completions."""
    assert answers[case] == {"warning": "This model is old.", "content": "Hi there!"}


class Ask(NamedTuple):
    """How an endpoint is asked something."""

    path: str
    chat: bool

    def body(self, text: str, **fields: Any) -> dict[str, Any]:
        """The request of one text."""
        said = {"messages": [{"role": "user", "content": text}]} if self.chat else {"prompt": text}
        return {"model": "old", **said, **fields}


ENDPOINTS = [
    pytest.param(Ask("/chat/completions", True), id="chat"),
    pytest.param(Ask("/completions", False), id="completions"),
]


@pytest.mark.parametrize("ask", ENDPOINTS)
@pytest.mark.parametrize(("text", "warning"), [("hello", "This model is old."), ("own", "The stub's own.")])
def test_a_plain_answer_carries_the_warning_first(servers: Servers, ask: Ask, text: str, warning: str) -> None:
    """The model's, or the stub's where it has one."""
    body = ordered(post(servers.deprecated.base_url, ask.path, **ask.body(text)).text)
    assert body[0] == ("warning", warning)


@pytest.mark.parametrize("ask", ENDPOINTS)
@pytest.mark.parametrize(("text", "warning"), [("hello", "This model is old."), ("own", "The stub's own.")])
def test_every_chunk_carries_the_warning_first(servers: Servers, ask: Ask, text: str, warning: str) -> None:
    """Of both streams, the chunk of usage included."""
    asked = ask.body(text, stream=True, stream_options={"include_usage": True})
    *chunks, end = events(post(servers.deprecated.base_url, ask.path, **asked))
    assert end == "[DONE]"
    assert len(chunks) > 2
    assert {next(iter(json.loads(chunk).items())) for chunk in chunks} == {("warning", warning)}


@pytest.mark.parametrize("ask", ENDPOINTS)
def test_a_body_given_whole_has_no_warning(servers: Servers, ask: Ask) -> None:
    """`body:` is sent as it stands."""
    answer = post(servers.deprecated.base_url, ask.path, **ask.body("whole")).json()
    assert list(answer) == ["id", "object", "choices"]


@pytest.mark.parametrize("ask", ENDPOINTS)
def test_other_models_have_no_warning(servers: Servers, ask: Ask) -> None:
    """Only the declared one is deprecated."""
    body = {**ask.body("hello"), "model": "new"}
    assert "warning" not in post(servers.deprecated.base_url, ask.path, **body).json()


def text_of(chunks: list[Any]) -> str:
    """The text that a stream's deltas add up to."""
    return "".join(choice["delta"].get("content") or "" for chunk in chunks for choice in chunk["choices"])


def reasons_of(chunks: list[Any]) -> list[str]:
    """The reasons to end that a stream gives."""
    reasons = [choice["finish_reason"] for chunk in chunks for choice in chunk["choices"]]
    return [reason for reason in reasons if reason]
