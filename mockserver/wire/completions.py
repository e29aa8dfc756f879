"""Answers of the legacy completions endpoint: `text_completion`, the same object in streams.

Recordings: no details in `usage`, no `service_tier`, no `system_fingerprint`; in chunks `model` stands
behind `choices`, the last piece of text carries the `finish_reason`, and a deprecated model's `warning`
comes first. `body` and `chunks` say it clearly; `plain` and `stream` give the same bytes, spliced from
prepared parts for the common case of one text.
"""

from collections.abc import Iterator
from itertools import accumulate
from typing import Any

from mockserver.reply import Change, Choice, Reply, TokenLogprob, Usage, quote
from mockserver.wire import changes
from mockserver.wire.encode import DONE, compact, event, indented
from mockserver.wire.logprobs import completion_logprobs

Part = tuple[str, tuple[TokenLogprob, ...] | None]
"""What a chunk says: a piece of text and, where they are asked for, the logprobs of its tokens."""


def usage(counts: Usage) -> dict[str, Any]:
    """The `usage` object."""
    return {
        "prompt_tokens": counts.prompt_tokens,
        "completion_tokens": counts.completion_tokens,
        "total_tokens": counts.total_tokens,
    }


def body(reply: Reply) -> dict[str, Any]:
    """The whole answer."""
    answer = {
        **_head(reply),
        "model": reply.head.model,
        "choices": [
            _choice(index, (_text(choice), choice.logprobs), choice.finish_reason, choice.changes)
            for index, choice in enumerate(reply.choices)
        ],
        "usage": usage(reply.usage),
    }
    changes.change(answer, reply.changes)
    return answer


def plain(reply: Reply) -> str:
    """The JSON text of `body`."""
    if not _is_one_text(reply):
        return indented(body(reply))
    head, choice, counts = reply.head, reply.choices[0], reply.usage
    warning = "" if head.warning is None else f'"warning": {quote(head.warning)},\n  '
    text = choice.text.quoted if choice.text else '""'
    return f"""{{
  {warning}"id": {quote(head.id)},
  "object": "text_completion",
  "created": {head.created},
  "model": {quote(head.model)},
  "choices": [
    {{
      "text": {text},
      "index": 0,
      "logprobs": null,
      "finish_reason": {quote(choice.finish_reason)}
    }}
  ],
  "usage": {{
    "prompt_tokens": {counts.prompt_tokens},
    "completion_tokens": {counts.completion_tokens},
    "total_tokens": {counts.total_tokens}
  }}
}}"""


def chunks(reply: Reply, *, include_usage: bool) -> Iterator[dict[str, Any]]:
    """The chunks of a stream: parts of the choices in turn, then usage."""
    head = _head(reply)
    model = {"model": reply.head.model}
    last = {"usage": None} if include_usage else {}

    def chunk(made: dict[str, Any]) -> dict[str, Any]:
        changes.change(made, reply.changes)
        return made

    parts = [_parts(choice, reply.tokens_by) for choice in reply.choices]
    for step in range(max(map(len, parts), default=0)):
        for index, (listed, choice) in enumerate(zip(parts, reply.choices, strict=True)):
            if step < len(listed):
                reason = choice.finish_reason if step == len(listed) - 1 else None
                made = choice.changes if reason is not None else changes.omissions(choice.changes)
                yield chunk({**head, "choices": [_choice(index, listed[step], reason, made)], **model, **last})
    if include_usage:
        yield chunk({**head, **model, "usage": usage(reply.usage), "choices": []})


def stream(reply: Reply, *, include_usage: bool) -> str:
    """The events of a stream, joined."""
    if not _is_one_text(reply):
        return "".join(map(event, chunks(reply, include_usage=include_usage))) + DONE
    choice, model = reply.choices[0], quote(reply.head.model)
    opening = f'data: {compact(_head(reply))[:-1]},"choices":[{{"text":'
    ending = f'}}],"model":{model}' + (',"usage":null}\n\n' if include_usage else "}\n\n")
    behind = ',"index":0,"logprobs":null,"finish_reason":'
    pieces = choice.text.quoted_pieces(reply.tokens_by) if choice.text else []
    parts = [
        opening,
        f"{behind}null{ending}{opening}".join(pieces or ['""']),
        f"{behind}{quote(choice.finish_reason)}{ending}",
    ]
    if include_usage:
        parts.append(f'data: {compact(_head(reply))[:-1]},"model":{model},"usage":{compact(usage(reply.usage))}')
        parts.append(',"choices":[]}\n\n')
    parts.append(DONE)
    return "".join(parts)


def _is_one_text(reply: Reply) -> bool:
    """Whether the prepared parts serve: one choice, neither echoed nor scored, and nothing changed."""
    if len(reply.choices) != 1 or reply.changes:
        return False
    choice = reply.choices[0]
    return choice.logprobs is None and choice.echo is None and not choice.changes


def _head(reply: Reply) -> dict[str, Any]:
    head = reply.head
    return {
        **({"warning": head.warning} if head.warning is not None else {}),
        "id": head.id,
        "object": "text_completion",
        "created": head.created,
    }


def _choice(index: int, part: Part, finish_reason: str | None, changed: tuple[Change, ...]) -> dict[str, Any]:
    text, entries = part
    logprobs = None if entries is None else completion_logprobs(entries)
    made = {"text": text, "index": index, "logprobs": logprobs, "finish_reason": finish_reason}
    changes.change(made, changes.of(changed, "choice"))
    return made


def _text(choice: Choice) -> str:
    """The prompt's echo, if there is one, and the text."""
    return (choice.echo.value if choice.echo else "") + (choice.text.value if choice.text else "")


def _parts(choice: Choice, model: str) -> list[Part]:
    """What the chunks of a choice say: an echo at once, then token by token. At least one, to carry the reason.

    A token that ends inside a character comes with the one that ends the character, if that one comes.
    """
    echo, text, entries = choice.echo, choice.text.pieces(model) if choice.text else (), choice.logprobs
    sizes = [len(echo.pieces(model))] if echo and echo.value else []
    texts = [echo.value] if echo and echo.value else []
    waiting = 0
    for piece in text:
        waiting += 1
        if piece:
            texts.append(piece)
            sizes.append(waiting)
            waiting = 0
    if not texts:
        return [("", entries)]
    if entries is None:
        return [(piece, None) for piece in texts]
    sizes[-1] += waiting
    ends = accumulate(sizes)
    return [(piece, entries[end - size : end]) for piece, end, size in zip(texts, ends, sizes, strict=True)]
