"""The ways litellm has to ask a server of this format, sync, async and streamed: all get the same answer."""

from typing import Any

import pytest

from tests.clients.conftest import Answers, RunOnce, run_against

STUBS = """
stubs:
  - match: {endpoint: [chat, completions], user: count}
    response: one two three
"""

ANSWER = {"text": "one two three", "reason": "stop", "tokens": 3}
BASES = ("", "/v1")
"""How `api_base` may end."""


@pytest.fixture(scope="module")
def answers(once: RunOnce) -> Answers:
    """What `scripts/litellm_providers.py` got."""
    return once("litellm-providers", lambda: run_against(STUBS, "litellm", "litellm_providers"))


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize(
    "provider",
    ["openai", "openai, by provider", "hosted_vllm", "custom_openai", "azure", "text-completion-openai"],
)
def test_chat(answers: Answers, provider: str, base: str) -> None:
    """Plain, awaited and streamed say the same, text, reason and usage."""
    ways = ("plain", "awaited", "streamed", "streamed, awaited")
    assert answers["chat"][provider][base] == dict.fromkeys(ways, ANSWER)


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("provider", ["text-completion-openai", "openai"])
def test_text_completion(answers: Answers, provider: str, base: str) -> None:
    """`text_completion` too, by the endpoint of old or by chat."""
    expected: dict[str, Any] = {"plain": ANSWER, "awaited": ANSWER, "streamed": ANSWER["text"]}
    assert answers["text"][provider][base] == expected


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("provider", ["openai", "hosted_vllm", "azure"])
def test_embedding(answers: Answers, provider: str, base: str) -> None:
    """A vector for each of two texts, sync and async."""
    assert answers["embedding"][provider][base] == [[1536, 1536]] * 2
