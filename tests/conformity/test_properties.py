"""What holds for every answer, whatever is asked: streams, limits, stops, usage."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.tokens import pieces
from tests.conformity.asking import Asker
from tests.conformity.assembling import assembled, comparable, tokens_of
from tests.conformity.matrix import said
from tests.conformity.strategies import KNOWN_TEXT, Body, chats, completions, limits, spoken, stops

USAGE = {"stream": True, "stream_options": {"include_usage": True}}
EXAMPLES = settings(max_examples=120)


def ask(api: Asker, endpoint: str, body: Body) -> Any:
    """The answer's body."""
    answer = api.ask(endpoint, body)
    assert answer.status == 200, answer.body
    return answer.json


def content(choice: dict[str, Any]) -> str:
    """What a choice of a chat says."""
    message = choice["message"]
    return message["content"] or message["refusal"] or ""


@given(body=chats)
@EXAMPLES
def test_a_chat_stream_says_what_the_plain_answer_says(api: Asker, body: Body) -> None:
    """Texts, tool calls, refusals, function calls, logprobs, usage and finish reasons, for any request."""
    plain = ask(api, "chat", body)
    assert assembled(api.ask("chat", body | USAGE).chunks) == comparable(plain)


@given(body=completions)
@EXAMPLES
def test_a_completion_stream_says_what_the_plain_answer_says(api: Asker, body: Body) -> None:
    """Texts with echo and suffix, the four arrays of logprobs, usage and finish reasons, for any request."""
    plain = ask(api, "completions", body)
    assert assembled(api.ask("completions", body | USAGE).chunks) == comparable(plain)


@given(body=chats)
@EXAMPLES
def test_usage_of_a_chat_adds_up(api: Asker, body: Body) -> None:
    """Prompt and completion are the total."""
    usage = ask(api, "chat", body)["usage"]
    assert usage["prompt_tokens"] > 0
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert usage["completion_tokens"] >= usage["completion_tokens_details"]["reasoning_tokens"]


@given(body=completions)
@EXAMPLES
def test_usage_of_a_completion_adds_up(api: Asker, body: Body) -> None:
    """Prompt and completion are the total; no choice has more than the limit allows."""
    answer = ask(api, "completions", body)
    usage, limit = answer["usage"], body.get("max_tokens", 16)
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    if all(
        choice["finish_reason"] != "content_filter" for choice in answer["choices"]
    ):  # a stub set that: it is not cut
        assert usage["completion_tokens"] <= limit * len(answer["choices"])


@given(body=spoken)
@EXAMPLES
def test_the_completion_tokens_are_the_tokens_of_the_texts(api: Asker, body: Body) -> None:
    """As many as have a logprob, in all choices together, beside those of reasoning."""
    answer = ask(api, "chat", body | {"logprobs": True, "top_logprobs": 0})
    thought = answer["usage"]["completion_tokens_details"]["reasoning_tokens"]
    assert answer["usage"]["completion_tokens"] - thought == sum(map(tokens_of, answer["choices"]))


@given(body=spoken)
@EXAMPLES
def test_the_tokens_with_logprobs_are_the_text(api: Asker, body: Body) -> None:
    """Their bytes joined are the text's; every one has as many alternatives as asked, the likeliest first."""
    answer = ask(api, "chat", body | {"logprobs": True, "top_logprobs": 2})
    for choice in answer["choices"]:
        scored = (choice["logprobs"] or {}).get("content") or []
        joined = b"".join(bytes(token["bytes"]) for token in scored)
        assert joined.decode("utf-8", "ignore") == content(choice)
        assert all(len(token["top_logprobs"]) == 2 for token in scored)
        assert all(token["logprob"] <= 0 for token in scored)
        for token in scored:
            likely = [other["logprob"] for other in token["top_logprobs"]]
            assert likely == sorted(likely, reverse=True)


@given(body=spoken, limit=limits, name=st.sampled_from(("max_tokens", "max_completion_tokens")))
@EXAMPLES
def test_no_chat_answer_is_longer_than_asked(api: Asker, body: Body, limit: int, name: str) -> None:
    """Every choice has at most `max_tokens` tokens, and just as many where it ends with `length`."""
    asked = {key: value for key, value in body.items() if not key.startswith("max_")}
    answer = ask(api, "chat", asked | {name: limit, "logprobs": True, "n": 2})
    thought = answer["usage"]["completion_tokens_details"]["reasoning_tokens"]
    for choice in answer["choices"]:
        if choice["finish_reason"] == "length" and not thought:
            assert tokens_of(choice) == limit
        elif choice["finish_reason"] == "stop":
            assert tokens_of(choice) <= limit


@given(body=chats, limit=limits)
@EXAMPLES
def test_no_chat_costs_more_than_asked(api: Asker, body: Body, limit: int) -> None:
    """Whatever is answered, calls and reasoning too, its tokens are within the limit of every choice."""
    asked = {key: value for key, value in body.items() if not key.startswith("max_")}
    answer = ask(api, "chat", asked | {"max_completion_tokens": limit})
    reasons = {choice["finish_reason"] for choice in answer["choices"]}
    if "content_filter" not in reasons:  # a stub set that: it is not cut
        assert answer["usage"]["completion_tokens"] <= limit * len(answer["choices"])


@given(limit=limits, model=st.sampled_from(("gpt-4o", "gpt-4", "gpt-5")), stream=st.booleans())
@EXAMPLES
def test_length_is_said_exactly_when_a_text_was_cut(api: Asker, limit: int, model: str, stream: bool) -> None:
    """The text is the first tokens of what it would have been; `stop` is said when nothing is missing."""
    whole = pieces(KNOWN_TEXT, model)
    body = {"model": model, "messages": said("say something known"), "max_completion_tokens": limit}
    if stream:
        answer = assembled(api.ask("chat", body | USAGE).chunks)
        choice = answer["choices"][0]
        text, reason, usage = choice.get("content", ""), choice["finish_reason"], answer["usage"]
    else:
        answer = ask(api, "chat", body)
        (choice,) = answer["choices"]
        text, reason, usage = content(choice), choice["finish_reason"], answer["usage"]
    assert text == "".join(whole[:limit])
    assert reason == ("length" if limit < len(whole) else "stop")
    assert usage["completion_tokens"] == min(limit, len(whole))


@given(body=chats, stop=stops)
@EXAMPLES
def test_no_stop_sequence_stands_in_an_answer(api: Asker, body: Body, stop: str | list[str]) -> None:
    """Whatever the text, it ends before the first of them."""
    answer = ask(api, "chat", body | {"stop": stop})
    for choice in answer["choices"]:
        if choice["finish_reason"] != "content_filter":
            said_text = choice["message"]["content"] or ""
            assert not any(sequence in said_text for sequence in ([stop] if isinstance(stop, str) else stop))


@given(body=completions, stop=stops)
@EXAMPLES
def test_no_stop_sequence_stands_in_a_completion(api: Asker, body: Body, stop: str | list[str]) -> None:
    """The same at the legacy endpoint; an echoed prompt may have it."""
    answer = ask(api, "completions", body | {"stop": stop, "echo": False})
    for choice in answer["choices"]:
        if choice["finish_reason"] != "content_filter":
            assert not any(sequence in choice["text"] for sequence in ([stop] if isinstance(stop, str) else stop))


@given(stop=stops)
@EXAMPLES
def test_a_text_ends_right_before_its_first_stop_sequence(api: Asker, stop: str | list[str]) -> None:
    """Nothing before it is lost, and what has none of them comes whole."""
    body = {"model": "gpt-4o", "messages": said("say something known"), "stop": stop}
    (choice,) = ask(api, "chat", body)["choices"]
    sequences = [stop] if isinstance(stop, str) else stop
    ends = [KNOWN_TEXT.find(sequence) for sequence in sequences if sequence in KNOWN_TEXT]
    assert content(choice) == KNOWN_TEXT[: min(ends, default=len(KNOWN_TEXT))]
    assert choice["finish_reason"] == "stop"
