"""Rules about how many tokens a request may have: the model's context, what it asks for included.

Counting takes longer than all other rules together. So the quick pass asks `short_...`, which know without counting
that a request has room: a token is at least one byte.
"""

from collections.abc import Callable, Iterator
from typing import Any

from mockserver.rules import refusal
from mockserver.rules.families import Family
from mockserver.rules.refusal import Fault, Level, Refusal, hard, soft
from mockserver.rules.table import Body, Rule
from mockserver.tokens import input_tokens, prompt_tokens

MOST_IN_ALL = 300_000
"""Tokens of all inputs of one embeddings request (public reports)."""

_DEFAULT_MAX_TOKENS = 16
_MESSAGE = 12
"""More than a message costs beside its texts, and the opening of the answer."""


def short_chat(body: Body, context: int) -> bool:
    """Whether a chat request surely fits into a context, in tokens."""
    most = _asked(body) + _MESSAGE
    for message in body["messages"]:
        content = message.get("content")
        plain = len(message) == 2 and type(content) is str
        most += _MESSAGE + (_bytes(content) if plain else _written(message))
    for key in ("tools", "functions"):
        if key in body:
            most += _MESSAGE + _written(body[key])
    return most <= context


def short_prompts(body: Body, context: int) -> bool:
    """Whether every prompt of a legacy completion surely fits."""
    return max(map(_most, _items(body.get("prompt"))), default=0) + _room(body) <= context


def short_inputs(body: Body, context: int) -> bool:
    """Whether all inputs of an embeddings request together surely fit."""
    value = body["input"]
    return (_most(value) if type(value) is str else sum(map(_most, _items(value)))) <= context


def _chat(body: Body, family: Family) -> Iterator[Fault]:
    context = family.context or 0
    if short_chat(body, context):
        return
    total, asked = prompt_tokens(body), _asked(body)
    if family.prefix.startswith("gpt-5"):
        if total > context:
            yield soft(_chat_refusal(_input_too_long(context, total)))
    elif total + asked > context:
        offered = [key for key in ("tools", "functions") if body.get(key)]
        bare = {key: value for key, value in body.items() if key not in offered}
        functions = total - prompt_tokens(bare) if offered else 0
        yield soft(_chat_refusal(_chat_too_long(context, total - functions, functions, asked)))


def _chat_refusal(words: str) -> Refusal:
    return refusal.refuse(words, "messages", "context_length_exceeded")


def _input_too_long(context: int, total: int) -> str:
    return (
        f"Input tokens exceed the configured limit of {context} tokens. Your messages resulted in {total} tokens. "
        "Please reduce the length of the messages."
    )


def _chat_too_long(context: int, messages: int, functions: int, asked: int) -> str:
    """What is too long, part by part; parts that are not there are not named."""
    parts = {"messages": messages, "functions": functions, "completion": asked}
    named = {part: count for part, count in parts.items() if count}
    total = sum(named.values())
    came = f"you requested {refusal.number(total)}" if asked else f"your messages resulted in {total}"
    shares = _joined([f"{refusal.number(count)} in the {part}" for part, count in named.items()], "and")
    return (
        f"This model's maximum context length is {context} tokens. However, {came} tokens"
        f"{f' ({shares})' if len(named) > 1 else ''}. Please reduce the length of the {_joined(list(named), 'or')}."
    )


def _joined(words: list[str], last: str) -> str:
    """As the API lists parts: `a`, `a or b`, `a, b, or c`; shares of two have a comma alone."""
    if len(words) < 3:
        return (", " if last == "and" else f" {last} ").join(words)
    return f"{', '.join(words[:-1])}, {last} {words[-1]}"


def _prompts(body: Body, family: Family) -> Iterator[Fault]:
    context, room = family.context or 0, _room(body)
    for prompt in _items(body["prompt"]):
        if _most(prompt) + room > context:
            count = input_tokens(prompt, body["model"])
            if count + room > context:
                yield soft(refusal.refuse(_text_too_long(context, count, room)))
                return


def _inputs(body: Body, family: Family) -> Iterator[Fault]:
    context = family.context or 0
    items = _items(body["input"])
    for item in items:
        if _most(item) > context and (count := input_tokens(item, body["model"])) > context:
            yield hard(refusal.refuse(_text_too_long(context, count, 0)))
            return
    if sum(map(_most, items)) > MOST_IN_ALL:
        total = input_tokens(body["input"], body["model"])
        if total > MOST_IN_ALL:
            words = f"Requested {total} tokens, max {MOST_IN_ALL} tokens per request"
            yield hard(Refusal(400, words, "max_tokens_per_request", None, "max_tokens_per_request"))


def _text_too_long(context: int, prompt: int, room: int) -> str:
    return (
        f"This model's maximum context length is {context} tokens, however you requested "
        f"{refusal.number(prompt + room)} tokens ({prompt} in your prompt; {refusal.number(room)} for the completion). "
        "Please reduce your prompt; or completion length."
    )


def _asked(body: Body) -> int:
    """The tokens a chat request leaves room for, as far as it says."""
    return body.get("max_completion_tokens") or body.get("max_tokens") or 0


def _room(body: Body) -> int:
    """The tokens a legacy completion leaves room for."""
    asked: int | None = body.get("max_tokens")
    return _DEFAULT_MAX_TOKENS if asked is None else asked


def _items(value: Any) -> list[Any]:
    """The texts or lists of token ids of a `prompt` or `input`."""
    if isinstance(value, list) and not (value and isinstance(value[0], int)):
        return value
    return [value]


def _most(item: Any) -> int:
    """At least as many as the tokens of a text, or of a list of ids; a null prompt is one."""
    return 1 if item is None else _bytes(item) if isinstance(item, str) else len(item)


def _bytes(text: str) -> int:
    """At least as many as its bytes in UTF-8."""
    return len(text) if text.isascii() else 4 * len(text)


def _written(value: object) -> int:
    """At least as many as the tokens of what an object holds, media included."""
    return 4 * len(repr(value))


def _is_bounded(family: Family) -> bool:
    return family.context is not None


def _rule(
    key: str, accepts: str, level: Level, code: str | None, find: Callable[[Body, Family], Iterator[Fault]]
) -> Rule:
    return Rule("end", key, accepts, level, code, find, concerns=_is_bounded)


_LIMIT = "no more tokens than the model takes"

CHAT_LENGTH = _rule("messages", f"{_LIMIT}, the answer's limit included", "exact", "context_length_exceeded", _chat)
PROMPT_LENGTH = _rule("prompt", f"{_LIMIT}, `max_tokens` included", "exact", None, _prompts)
INPUT_LENGTH = _rule("input", f"{_LIMIT}, and {MOST_IN_ALL} in all", "compatible", None, _inputs)
