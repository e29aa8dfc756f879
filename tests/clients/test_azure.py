"""The official SDK's client for Azure: deployments in the path, an `api-version`, the key in its own header."""

import pytest

from tests.clients.conftest import Answers, RunOnce, run_against

STUBS = """
models: [gpt-4o-mini, gpt-3.5-turbo-instruct, text-embedding-3-small]
stubs:
  - match: {endpoint: [chat, completions], user: hello}
    response: Hi there!
"""


@pytest.fixture(scope="module", params=["sync", "async"])
def answers(request: pytest.FixtureRequest, once: RunOnce) -> Answers:
    """What the client got in each case of `scripts/openai_azure.py`."""
    run = once("azure", lambda: run_against(STUBS, "openai-3", "openai_azure", api_keys=["azure-key"]))
    found: Answers = run[request.param]
    return found


def test_chat(answers: Answers) -> None:
    """The deployment's name is the model."""
    answer = answers["chat"]
    assert (answer["model"], answer["choices"][0]["message"]["content"]) == ("gpt-4o-mini", "Hi there!")


def test_chat_stream(answers: Answers) -> None:
    """It adds up to the plain answer."""
    assert answers["chat_stream"] == "Hi there!"


def test_completion(answers: Answers) -> None:
    """A legacy completion."""
    assert [choice["text"] for choice in answers["completion"]] == ["Hi there!"]


def test_embedding(answers: Answers) -> None:
    """A vector of the model's size."""
    assert answers["embedding"] == {"size": 1536, "model": "text-embedding-3-small"}


def test_models(answers: Answers) -> None:
    """The file's."""
    assert answers["models"] == ["gpt-4o-mini", "gpt-3.5-turbo-instruct", "text-embedding-3-small"]


def test_a_refusal(answers: Answers) -> None:
    """It has the code and the parameter."""
    assert answers["refused"] == {"code": "decimal_above_max_value", "param": "temperature"}


def test_a_wrong_key(answers: Answers) -> None:
    """Azure's own words, its code, and no type."""
    error = answers["wrong_key"]
    assert (error["code"], error["type"], error["param"]) == ("401", None, None)
    assert "Access denied due to invalid subscription key or wrong API endpoint." in error["message"]
