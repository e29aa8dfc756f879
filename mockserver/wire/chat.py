"""Chat answers: `chat.completion`, and `chat.completion.chunk` in streams.

Key order, nulls and absences as in recordings of the API. `body` and `chunks` say it clearly; `plain` and
`stream` give the same bytes, spliced from prepared parts for the common case of one text.
"""

from collections.abc import Iterator
from typing import Any

from mockserver.reply import Choice, Reply, Text, TokenLogprob, ToolCall, Usage, quote
from mockserver.tokens import pieces
from mockserver.wire import changes
from mockserver.wire.encode import DONE, compact, event, indented
from mockserver.wire.logprobs import chat_logprobs

_NOISE = "mQ7xV2kLp9RdT4wYbN8sHgJ5cFzA3uKeW6tXiO1vBnGqPyMjUaEhZrSlCfD0oIk"
"""Letters and digits that `obfuscation` is cut from."""


def usage(counts: Usage) -> dict[str, Any]:
    """The `usage` object, with its details."""
    return {
        "prompt_tokens": counts.prompt_tokens,
        "completion_tokens": counts.completion_tokens,
        "total_tokens": counts.total_tokens,
        "prompt_tokens_details": {"cached_tokens": counts.cached_tokens, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": counts.reasoning_tokens,
            "audio_tokens": 0,
            "accepted_prediction_tokens": counts.accepted_prediction_tokens,
            "rejected_prediction_tokens": counts.rejected_prediction_tokens,
        },
    }


def message(choice: Choice) -> dict[str, Any]:
    """The `message` of a choice; calls and reasoning are absent where there are none."""
    content: dict[str, Any] = {"role": "assistant", "content": choice.text and choice.text.value}
    if choice.reasoning is not None:
        content["reasoning_content"] = choice.reasoning.value
    if choice.tool_calls:
        content["tool_calls"] = [_call(call, call.arguments) for call in choice.tool_calls]
    if choice.function_call is not None:
        call = choice.function_call
        content["function_call"] = {"name": call.name, "arguments": call.arguments}
    content["refusal"] = choice.refusal and choice.refusal.value
    content["annotations"] = []
    return content


def body(reply: Reply) -> dict[str, Any]:
    """The whole answer."""
    head = reply.head
    choices = [
        {
            "index": index,
            "message": message(choice),
            **_logprobs(reply, choice, choice.logprobs),
            "finish_reason": choice.finish_reason,
        }
        for index, choice in enumerate(reply.choices)
    ]
    for made, choice in zip(choices, reply.choices, strict=True):
        changes.change(made["message"], changes.of(choice.changes, "message"))
        changes.change(made, changes.of(choice.changes, "choice"))
    answer = {
        **({"warning": head.warning} if head.warning is not None else {}),
        "id": head.id,
        "object": "chat.completion",
        "created": head.created,
        "model": head.model,
        "choices": choices,
        "usage": usage(reply.usage),
        "service_tier": head.service_tier,
        "system_fingerprint": head.system_fingerprint,
    }
    changes.change(answer, reply.changes)
    return answer


def plain(reply: Reply) -> str:
    """The JSON text of `body`."""
    if not _is_one_text(reply):
        return indented(body(reply))
    head, choice, counts = reply.head, reply.choices[0], reply.usage
    text = choice.text.quoted if choice.text else "null"
    fingerprint = "null" if head.system_fingerprint is None else quote(head.system_fingerprint)
    logprobs = '\n      "logprobs": null,' if head.null_logprobs else ""
    return f"""{{
  "id": {quote(head.id)},
  "object": "chat.completion",
  "created": {head.created},
  "model": {quote(head.model)},
  "choices": [
    {{
      "index": 0,
      "message": {{
        "role": "assistant",
        "content": {text},
        "refusal": null,
        "annotations": []
      }},{logprobs}
      "finish_reason": "{choice.finish_reason}"
    }}
  ],
  "usage": {{
    "prompt_tokens": {counts.prompt_tokens},
    "completion_tokens": {counts.completion_tokens},
    "total_tokens": {counts.total_tokens},
    "prompt_tokens_details": {{
      "cached_tokens": {counts.cached_tokens},
      "audio_tokens": 0
    }},
    "completion_tokens_details": {{
      "reasoning_tokens": {counts.reasoning_tokens},
      "audio_tokens": 0,
      "accepted_prediction_tokens": {counts.accepted_prediction_tokens},
      "rejected_prediction_tokens": {counts.rejected_prediction_tokens}
    }}
  }},
  "service_tier": {quote(head.service_tier)},
  "system_fingerprint": {fingerprint}
}}"""


def chunks(reply: Reply, *, include_usage: bool, obfuscate: bool = False) -> Iterator[dict[str, Any]]:
    """The chunks of a stream, in order: roles, deltas of the choices in turn, finishes, usage."""
    last = {"usage": None} if include_usage else {}
    head = _chunk_head(reply)

    def chunk(choices: list[dict[str, Any]], end: dict[str, Any] = last) -> dict[str, Any]:
        made = {**head, "choices": choices, **end}
        changes.change(made, reply.changes)
        return {**made, "obfuscation": padding(base - len(compact(made)))} if obfuscate else made

    def part(index: int, delta: dict[str, Any], logprobs: dict[str, Any], finish: str | None) -> dict[str, Any]:
        made = {"index": index, "delta": delta, **logprobs, "finish_reason": finish}
        of_choice = changes.of(reply.choices[index].changes, "choice") if index < len(reply.choices) else ()
        changes.change(made, of_choice if finish is not None else changes.omissions(of_choice))
        return made

    none = _logprobs(reply, None, None)
    base = len(compact({**head, "choices": [part(0, {"content": ""}, none, None)], **last})) + 4
    deltas = [_changed(list(_deltas(choice, reply)), choice) for choice in reply.choices]
    for step in range(max(map(len, deltas), default=0)):
        for index, parts in enumerate(deltas):
            if step < len(parts):
                delta, logprobs = parts[step]
                yield chunk([part(index, delta, _logprobs(reply, reply.choices[index], logprobs), None)])
    for index, choice in enumerate(reply.choices):
        yield chunk([part(index, {}, none, choice.finish_reason)])
    if include_usage:
        yield chunk([], {"usage": usage(reply.usage)})


def _changed(deltas: "list[Delta]", choice: Choice) -> "list[Delta]":
    """The deltas of a choice with the changes of its message in the first of them."""
    made = changes.of(choice.changes, "message")
    for number, (delta, _) in enumerate(deltas if made else ()):
        changes.change(delta, made if number == 0 else changes.omissions(made))
    return deltas


def stream(reply: Reply, *, include_usage: bool, obfuscate: bool = False) -> str:
    """The events of a stream, joined."""
    if not _is_one_text(reply):
        made = chunks(reply, include_usage=include_usage, obfuscate=obfuscate)
        return "".join(map(event, made)) + DONE
    choice = reply.choices[0]
    text = choice.text
    head = compact(_chunk_head(reply))[:-1]
    start = f'data: {head},"choices":['
    end = ',"usage":null' if include_usage else ""
    after = ("" if not reply.head.null_logprobs else ',"logprobs":null') + ',"finish_reason":'
    opening = f'{start}{{"index":0,"delta":{{"content":'
    closing = f"}}{after}null}}]{end}"
    # what makes all lines of a stream equally long, but for multiples of 16: see `padding`
    base = len(opening) - len("data: ") + len('""') + len(closing) + len("}") + 4

    def whole(line: str) -> str:
        pad = f',"obfuscation":"{padding(base - len(line) + len("data: ") - 1)}"' if obfuscate else ""
        return f"{line}{pad}}}\n\n"

    deltas = _text_deltas(text, reply.tokens_by, closing, obfuscate) if text else []
    parts = [
        whole(f'{start}{{"index":0,"delta":{{"role":"assistant","content":"","refusal":null}}{after}null}}]{end}'),
        *((opening, opening.join(deltas)) if deltas else ()),
        whole(f'{start}{{"index":0,"delta":{{}}{after}"{choice.finish_reason}"}}]{end}'),
    ]
    if include_usage:
        parts.append(whole(f'{start}],"usage":{compact(usage(reply.usage))}'))
    parts.append(DONE)
    return "".join(parts)


def padding(missing: int) -> str:
    """`obfuscation`: as many characters as make a line's length the same as all others', modulo 16.

    So recordings have it: the length of a line tells the length of its token only in steps of 16.
    """
    count = missing % 16
    start = missing % 47
    return _NOISE[start : start + count]


def _text_deltas(text: Text, model: str, closing: str, obfuscate: bool) -> list[str]:
    """What follows each opening of a text's chunks: the token and the rest of its event; prepared once per text."""

    def make() -> list[str]:
        if not obfuscate:
            return [f"{piece}{closing}}}\n\n" for piece in text.quoted_pieces(model)]
        return [
            f'{piece}{closing},"obfuscation":"{padding(6 - len(piece))}"}}\n\n' for piece in text.quoted_pieces(model)
        ]

    return text.prepared((model, closing, obfuscate), make)


def _is_one_text(reply: Reply) -> bool:
    """Whether the prepared parts serve: one choice, a text and nothing else, no `warning`."""
    choices = reply.choices
    if len(choices) != 1 or reply.head.warning is not None or reply.changes:
        return False
    _, _, calls, refusal, reasoning, function_call, logprobs, _, changed = choices[0]
    if calls or changed:
        return False
    return refusal is None and reasoning is None and function_call is None and logprobs is None


def _chunk_head(reply: Reply) -> dict[str, Any]:
    head = reply.head
    return {
        **({"warning": head.warning} if head.warning is not None else {}),
        "id": head.id,
        "object": "chat.completion.chunk",
        "created": head.created,
        "model": head.model,
        "service_tier": head.service_tier,
        "system_fingerprint": head.system_fingerprint,
    }


def _logprobs(reply: Reply, choice: Choice | None, entries: tuple[TokenLogprob, ...] | None) -> dict[str, Any]:
    """The `logprobs` of a choice: given, null, or absent as the model has it."""
    if entries is not None and choice is not None:
        return {"logprobs": chat_logprobs(entries, refusal=choice.refusal is not None)}
    return {"logprobs": None} if reply.head.null_logprobs else {}


def _call(call: ToolCall, arguments: str) -> dict[str, Any]:
    """A tool call as it stands in a message."""
    if call.custom:
        return {"id": call.id, "type": "custom", "custom": {"name": call.name, "input": arguments}}
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": arguments}}


Delta = tuple[dict[str, Any], tuple[TokenLogprob, ...] | None]


def _deltas(choice: Choice, reply: Reply) -> Iterator[Delta]:
    """A choice's deltas: its role, its reasoning, its text or refusal by token, its calls one after the other.

    Recordings show a single tool call's head together with the role, several each in a chunk of its own.
    """
    calls = choice.tool_calls
    model = reply.tokens_by
    function = choice.function_call
    if choice.refusal is not None:
        yield {"role": "assistant", "content": None, "refusal": ""}, None
    elif choice.text is not None or not (calls or function):
        yield {"role": "assistant", "content": "", "refusal": None}, None
    elif len(calls) != 1 or choice.reasoning is not None:
        yield {"role": "assistant", "content": None}, None
    for piece in _shown(choice.reasoning, model):
        yield {"reasoning_content": piece}, None
    spoken, key = (choice.text, "content") if choice.refusal is None else (choice.refusal, "refusal")
    if spoken is not None:
        for piece, entries in _spoken(spoken.pieces(model), choice.logprobs):
            yield {key: piece}, entries
    for index, call in enumerate(calls):
        head = {"index": index, **_call(call, "")}
        alone = len(calls) == 1 and choice.text is None and choice.reasoning is None
        yield {**({"role": "assistant", "content": None} if alone else {}), "tool_calls": [head]}, None
        for piece in pieces(call.arguments, model):
            if piece:
                inner = {"custom": {"input": piece}} if call.custom else {"function": {"arguments": piece}}
                yield {"tool_calls": [{"index": index, **inner}]}, None
    if function is not None:
        yield {"function_call": {"name": function.name, "arguments": ""}}, None
        for piece in pieces(function.arguments, model):
            if piece:
                yield {"function_call": {"arguments": piece}}, None


def _shown(text: Text | None, model: str) -> Iterator[str]:
    return filter(None, text.pieces(model)) if text is not None else iter(())


def _spoken(
    parts: tuple[str, ...], entries: tuple[TokenLogprob, ...] | None
) -> Iterator[tuple[str, tuple[TokenLogprob, ...] | None]]:
    """A text's pieces with their logprobs.

    Tokens that end inside a character come with the one that ends it, or, where a limit cut there, with the last.
    """
    if entries is None:
        yield from ((piece, None) for piece in parts if piece)
        return
    shown: list[tuple[str, tuple[TokenLogprob, ...]]] = []
    held: tuple[TokenLogprob, ...] = ()
    for piece, entry in zip(parts, entries, strict=True):
        held += (entry,)
        if piece:
            shown.append((piece, held))
            held = ()
    if held:
        piece, before = shown.pop() if shown else ("", ())
        shown.append((piece, before + held))
    yield from shown
