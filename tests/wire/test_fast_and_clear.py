"""The fast way to write an answer gives the bytes of the clear way."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mockserver.reply import Choice, Head, Reply, Text, ToolCall, Usage
from mockserver.wire import chat, completions
from mockserver.wire.encode import DONE, event, indented, to_bytes

TEXT = st.text(max_size=60)
HEADS = st.builds(
    Head,
    id=TEXT,
    created=st.integers(0, 2**40) | st.floats(0, 2e9),
    model=TEXT,
    warning=st.none() | TEXT,
    system_fingerprint=st.none() | TEXT,
    service_tier=TEXT,
    null_logprobs=st.booleans(),
)
CALLS = st.lists(st.builds(ToolCall, TEXT, TEXT, TEXT, st.booleans()), max_size=3).map(tuple)
CHOICES = st.builds(
    Choice,
    text=st.none() | st.builds(Text, TEXT),
    finish_reason=st.sampled_from(["stop", "length", "tool_calls"]),
    tool_calls=CALLS,
    refusal=st.none() | st.builds(Text, TEXT),
    reasoning=st.none() | st.builds(Text, TEXT),
    function_call=st.none() | st.builds(ToolCall, TEXT, TEXT, TEXT),
    logprobs=st.none(),
    echo=st.none(),
    changes=st.just(()),
)
TEXTS = st.tuples(TEXT, st.sampled_from(["stop", "length"])).map(lambda drawn: Choice(Text(drawn[0]), drawn[1]))
REPLIES = st.builds(
    Reply,
    head=HEADS,
    usage=st.builds(Usage, *[st.integers(0, 10**6)] * 7),
    tokens_by=st.sampled_from(["gpt-4o", "gpt-4"]),
    choices=st.lists(CHOICES | TEXTS, min_size=1, max_size=3).map(tuple),
    vectors=st.just(()),
    body=st.none(),
    status=st.just(200),
    headers=st.just(()),
    changes=st.just(()),
)


@given(REPLIES)
def test_a_plain_chat_answer(reply: Reply) -> None:
    """Spliced or serialised, the same text."""
    assert chat.plain(reply) == indented(chat.body(reply))


@given(REPLIES, st.booleans(), st.booleans())
def test_a_chat_stream(reply: Reply, include_usage: bool, obfuscate: bool) -> None:
    """Joined from prepared parts or event by event, the same text."""
    clear = "".join(map(event, chat.chunks(reply, include_usage=include_usage, obfuscate=obfuscate))) + DONE
    for _ in range(2):  # the second time from what was prepared
        assert chat.stream(reply, include_usage=include_usage, obfuscate=obfuscate) == clear


@given(REPLIES, st.booleans())
def test_obfuscation_makes_lines_equally_long(reply: Reply, include_usage: bool) -> None:
    """But for multiples of 16, as in recordings."""
    reply = reply._replace(choices=reply.choices[:1])
    lines = chat.stream(reply, include_usage=include_usage, obfuscate=True).split("\n\n")[:-2]
    assert len({len(line) % 16 for line in lines}) == 1
    assert all(len(json.loads(line[6:])["obfuscation"]) < 16 for line in lines)


@given(REPLIES, st.booleans())
def test_a_chat_stream_says_what_the_plain_answer_says(reply: Reply, include_usage: bool) -> None:
    """Deltas join to the message: text, tool calls, finish reasons, usage."""
    plain = chat.body(reply)
    chunks = list(chat.chunks(reply, include_usage=include_usage))
    for index, choice in enumerate(plain["choices"]):
        parts = [c for chunk in chunks for c in chunk["choices"] if c["index"] == index]
        assert joined([part["delta"] for part in parts]) == said(choice["message"])
        assert [part["finish_reason"] for part in parts if part["finish_reason"]] == [choice["finish_reason"]]
    assert not include_usage or chunks[-1]["usage"] == plain["usage"]


def said(message: dict[str, Any]) -> dict[str, Any]:
    """A message as `joined` gives it: of a refusal and a text only the refusal is streamed."""
    refused = message["refusal"] is not None
    function = message.get("function_call") or {"name": "", "arguments": ""}
    return {
        "content": "" if refused else message["content"] or "",
        "refusal": message["refusal"] or "",
        "reasoning_content": message.get("reasoning_content") or "",
        "tool_calls": message.get("tool_calls", []),
        "function_call": function,
    }


def joined(deltas: list[dict[str, Any]]) -> dict[str, Any]:
    """A message put together as a client does it."""
    calls: list[dict[str, Any]] = []
    for call in (call for delta in deltas for call in delta.get("tool_calls", [])):
        inner = "custom" if "custom" in call else "function"
        text = "input" if inner == "custom" else "arguments"
        if "id" in call:
            assert call["index"] == len(calls)
            calls.append({**{k: v for k, v in call.items() if k != "index"}, inner: dict(call[inner])})
        else:
            calls[call["index"]][inner][text] += call[inner][text]
    functions = [delta["function_call"] for delta in deltas if "function_call" in delta]
    texts = {
        key: "".join(delta.get(key) or "" for delta in deltas) for key in ("content", "refusal", "reasoning_content")
    }
    function = {key: "".join(part.get(key, "") for part in functions) for key in ("name", "arguments")}
    return {**texts, "tool_calls": calls, "function_call": function}


@given(REPLIES, st.booleans())
def test_a_completions_stream_says_what_the_plain_answer_says(reply: Reply, include_usage: bool) -> None:
    """Pieces join to the texts, the last of each carries the finish reason."""
    plain = completions.body(reply)
    chunks = list(completions.chunks(reply, include_usage=include_usage))
    for index, choice in enumerate(plain["choices"]):
        parts = [c for chunk in chunks for c in chunk["choices"] if c["index"] == index]
        assert "".join(part["text"] for part in parts) == choice["text"]
        assert [part["finish_reason"] for part in parts][-1] == choice["finish_reason"]
        assert all(part["finish_reason"] is None for part in parts[:-1])
    assert all(chunk.get("warning") == reply.head.warning for chunk in chunks)


@given(st.text(st.characters()))
def test_any_text_can_be_sent(text: str) -> None:
    """Lone surrogates become escapes, and come back as they were."""
    assert json.loads(to_bytes(indented({"x": text}))) == {"x": text}
