"""How many tokens a request may have, and what is said of one that has more."""

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.rules import Refusal, check
from mockserver.rules.lengths import short_chat, short_inputs, short_prompts
from mockserver.tokens import count, input_tokens, prompt_tokens
from tests.conftest import Serve
from tests.rules.bodies import WEATHER

TEXT = "word " * 9_000
SAY = [{"role": "user", "content": TEXT}]


def chat(model: str = "gpt-4", **fields: Any) -> dict[str, Any]:
    """A long chat request."""
    return {"model": model, "messages": SAY, **fields}


def embedding(*inputs: Any) -> dict[str, Any]:
    """An embeddings request."""
    return {"model": "text-embedding-3-small", "input": list(inputs)}


def refused(endpoint: Any, body: dict[str, Any]) -> Refusal:
    """The refusal of a request at the exact level, which is a warning at the compatible one."""
    found = check(endpoint, body, exact=True).refusal
    assert found is not None
    assert check(endpoint, body) == (None, (found,))
    return found


def test_messages_that_are_too_long_are_told_how_long() -> None:
    """Nothing but messages: their tokens, as usage counts them."""
    total = prompt_tokens(chat())
    assert refused("chat", chat()) == (
        400,
        f"This model's maximum context length is 8192 tokens. However, your messages resulted in {total} tokens. "
        "Please reduce the length of the messages.",
        "invalid_request_error",
        "messages",
        "context_length_exceeded",
    )


def test_functions_are_counted_apart() -> None:
    """Tools are functions in these words."""
    messages, total = prompt_tokens(chat()), prompt_tokens(chat(tools=[WEATHER]))
    assert refused("chat", chat(tools=[WEATHER])).message == (
        f"This model's maximum context length is 8192 tokens. However, your messages resulted in {total} tokens "
        f"({messages} in the messages, {total - messages} in the functions). "
        "Please reduce the length of the messages or functions."
    )


def test_room_for_the_answer_is_part_of_the_context() -> None:
    """What fits by itself is refused with a limit that does not fit beside it."""
    body = chat("gpt-3.5-turbo", max_tokens=4_096)
    assert check("chat", body).warnings == ()
    body["messages"] = [*SAY, {"role": "user", "content": "word " * 4_000}]
    total = prompt_tokens(body)
    assert total < 16_385
    assert refused("chat", body).message == (
        f"This model's maximum context length is 16385 tokens. However, you requested {total + 4_096} tokens "
        f"({total} in the messages, 4096 in the completion). Please reduce the length of the messages or completion."
    )


def test_three_parts_are_listed() -> None:
    """Messages, functions and completion."""
    body = chat(tools=[WEATHER], max_tokens=100)
    messages, total = prompt_tokens(chat()), prompt_tokens(body)
    assert refused("chat", body).message == (
        f"This model's maximum context length is 8192 tokens. However, you requested {total + 100} tokens "
        f"({messages} in the messages, {total - messages} in the functions, and 100 in the completion). "
        "Please reduce the length of the messages, functions, or completion."
    )


def test_gpt_5_says_it_in_other_words() -> None:
    """There the limit is of the input alone."""
    body = chat("gpt-5", messages=[{"role": "user", "content": "word " * 300_000}], max_completion_tokens=100)
    refusal = refused("chat", body)
    assert refusal[2:] == ("invalid_request_error", "messages", "context_length_exceeded")
    assert refusal.message == (
        "Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in "
        f"{prompt_tokens(body)} tokens. Please reduce the length of the messages."
    )


@pytest.mark.parametrize("prompt", [[1] * 4_092, [[1], [1] * 4_092]], ids=["ids", "lists"])
def test_a_prompt_and_its_completion_share_a_context(prompt: list[Any]) -> None:
    """16 tokens are asked for where nothing is said; each prompt has a context of its own."""
    body = {"model": "gpt-3.5-turbo-instruct", "prompt": prompt}
    assert refused("completions", body) == (
        400,
        "This model's maximum context length is 4097 tokens, however you requested 4108 tokens (4092 in your prompt; "
        "16 for the completion). Please reduce your prompt; or completion length.",
        "invalid_request_error",
        None,
        None,
    )
    assert check("completions", body | {"max_tokens": 5}).warnings == ()


def test_a_completion_may_be_longer_than_a_context_by_itself() -> None:
    """Then a short prompt is too long."""
    message = refused("completions", {"model": "davinci-002", "prompt": [1], "max_tokens": 16_384}).message
    assert "however you requested 16385 tokens (1 in your prompt; 16384 for the completion)" in message


@pytest.mark.parametrize("exact", [False, True], ids=["compatible", "exact"])
def test_an_input_of_more_than_8192_tokens_is_refused(exact: bool) -> None:
    """At both levels; the largest that fits is taken."""
    assert check("embeddings", embedding([1] * 8_192), exact=exact).refusal is None
    assert check("embeddings", embedding([1], [1] * 8_193), exact=exact) == (
        Refusal(
            400,
            "This model's maximum context length is 8192 tokens, however you requested 8193 tokens (8193 in your "
            "prompt; 0 for the completion). Please reduce your prompt; or completion length.",
        ),
        (),
    )


def test_an_input_of_text_is_counted_like_its_usage() -> None:
    """The number in the refusal is what usage would have said."""
    found = check("embeddings", embedding(TEXT)).refusal
    assert found is not None
    assert f"({count(TEXT, 'text-embedding-3-small')} in your prompt; 0 for the completion)" in found.message


@pytest.mark.parametrize("exact", [False, True], ids=["compatible", "exact"])
def test_inputs_of_more_than_300000_tokens_together_are_refused(exact: bool) -> None:
    """Each fits, all of them do not."""
    assert check("embeddings", embedding(*[[1] * 8_000] * 37), exact=exact).refusal is None
    assert check("embeddings", embedding(*[[1] * 8_000] * 38), exact=exact).refusal == (
        400,
        "Requested 304000 tokens, max 300000 tokens per request",
        "max_tokens_per_request",
        None,
        "max_tokens_per_request",
    )


def test_unknown_models_have_no_limit() -> None:
    """What another server's model takes nobody knows."""
    assert check("chat", chat("org/model"), exact=True) == (None, ())
    assert check("embeddings", embedding([1] * 9_000) | {"model": "org/model"}, exact=True) == (None, ())


TEXTS = st.text(max_size=40)
PARTS = st.lists(st.builds(lambda text: {"type": "text", "text": text}, TEXTS), max_size=3)
MESSAGES = st.lists(
    st.fixed_dictionaries(
        {"role": st.sampled_from(["user", "system", "assistant"]), "content": TEXTS | PARTS | st.none()},
        optional={"name": TEXTS, "refusal": TEXTS},
    ),
    min_size=1,
    max_size=4,
)


@given(messages=MESSAGES, tools=st.sampled_from([{}, {"tools": [WEATHER]}, {"functions": [WEATHER["function"]]}]))
def test_what_is_let_pass_uncounted_has_room(messages: list[Any], tools: dict[str, Any]) -> None:
    """The quick look never takes a chat for shorter than it is."""
    body = {"model": "gpt-4o", "messages": messages, **tools}
    assert not short_chat(body, prompt_tokens(body) - 1)


@given(texts=st.lists(TEXTS | st.lists(st.integers(0, 9), min_size=1, max_size=9), min_size=1, max_size=4))
def test_inputs_that_are_let_pass_uncounted_have_room(texts: list[Any]) -> None:
    """Nor prompts and inputs."""
    total = input_tokens(texts, "text-embedding-3-small")
    assert not short_inputs({"input": texts}, total - 1)
    longest = max(input_tokens([text], "davinci-002") for text in texts)
    assert not short_prompts({"prompt": texts, "max_tokens": 7}, longest + 6)


def test_a_long_conversation_is_answered_with_a_warning(serve: Serve) -> None:
    """A client of the compatible level reads in a header what the real API would have said."""
    server = serve("stubs: [{response: Hi there!}]")
    answer = httpx.post(f"{server.base_url}/chat/completions", json=chat())
    total = answer.json()["usage"]["prompt_tokens"]
    assert answer.headers["x-mockserver-warning"] == (
        f"This model's maximum context length is 8192 tokens. However, your messages resulted in {total} tokens. "
        "Please reduce the length of the messages."
    )
    exact = serve("stubs: [{response: Hi there!}]", exact=True)
    assert httpx.post(f"{exact.base_url}/chat/completions", json=chat()).json()["error"]["code"] == (
        "context_length_exceeded"
    )
