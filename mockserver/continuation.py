"""The choices of a legacy completion: its prompts in turn, each with its answers, echoed and scored as asked."""

from collections.abc import Callable
from typing import NamedTuple

from mockserver.call import Call
from mockserver.draw import Draw
from mockserver.reply import Choice, Text, TokenLogprob
from mockserver.tokens import text_of
from mockserver.wire.encode import compact

BEFORE_SUFFIX = 55
"""Characters of the text that a prompt and its suffix are wrapped in. A recording's first `text_offset` was 123 for
a prompt of 53 characters and a suffix of 15."""

Answer = Callable[[int, str], Choice]
"""Makes the answer with a number, counted across prompts, to a prompt."""


class Prompt(NamedTuple):
    """A prompt: what there is to continue, and what an echo shows of it."""

    text: str
    echo: Text

    @classmethod
    def of(cls, prompt: str | list[int], model: str) -> "Prompt":
        """The prompt that a text or token ids stand for.

        Ids that no vocabulary is there for say nothing that could be continued; an echo shows each as `<id>`.
        """
        if isinstance(prompt, str):
            return cls(prompt, Text(prompt))
        text = text_of(prompt, model)
        if text is None:
            return cls("", Text.of(tuple(f"<{number}>" for number in prompt), model))
        return cls(text, _by_token(prompt, text, model))


def _by_token(ids: list[int], text: str, model: str) -> Text:
    """The text of ids with a piece for each of them, where it would be cut otherwise."""
    whole = Text(text)
    if len(whole.pieces(model)) == len(ids):
        return whole
    pieces = tuple(text_of([number], model) or "" for number in ids)
    return Text.of(pieces, model) if "".join(pieces) == text else whole


def completion_choices(call: Call, answer: Answer, seed: int) -> tuple[tuple[Choice, ...], tuple[Choice, ...]]:
    """The choices, `n` for each prompt in the order of the prompts; and those made for `best_of` but not shown.

    The shown ones are those with the best logprob per token. All are paid for, as the API says of `best_of`.
    """
    inputs, asked, shows_more = call.inputs, call.choices, call.echo or call.logprobs is not None
    made = max(call.best_of, asked)
    if made == 1 and not shows_more and len(inputs) == 1 and isinstance(inputs[0], str):
        return (answer(0, inputs[0]),), ()
    shown: list[Choice] = []
    unseen: list[Choice] = []
    for number, given in enumerate(inputs):
        prompt = Prompt.of(given, call.model)
        choices = [answer(number * made + index, prompt.text) for index in range(made)]
        if made > asked:
            choices.sort(key=lambda choice: _likelihood(call, prompt, choice, seed), reverse=True)
            unseen += choices[asked:]
        shown += _detailed(call, prompt, choices[:asked], seed) if shows_more else choices[:asked]
    return tuple(shown), tuple(unseen)


def _detailed(call: Call, prompt: Prompt, choices: list[Choice], seed: int) -> list[Choice]:
    """The choices with the prompt's echo and the logprobs that were asked for."""
    echo, top = prompt.echo if call.echo else None, call.logprobs
    if top is None:
        return [choice._replace(echo=echo) for choice in choices]
    echoed = _first_unscored(_scored(call, prompt.echo, top, seed)) if echo else ()
    return [
        choice._replace(
            echo=echo,
            logprobs=echoed
            + (
                _given(call, choice.logprobs, prompt, suffixed=not echo)
                if choice.logprobs is not None
                else _scored(call, choice.text or Text(""), top, seed, prompt, suffixed=not echo)
            ),
        )
        for choice in choices
    ]


def _first_unscored(entries: tuple[TokenLogprob, ...]) -> tuple[TokenLogprob, ...]:
    """Nothing comes before an echoed prompt's first token that could make it likely."""
    return (entries[0]._replace(logprob=None, top=()), *entries[1:]) if entries else ()


def _likelihood(call: Call, prompt: Prompt, choice: Choice, seed: int) -> float:
    """A choice's mean logprob."""
    entries = choice.logprobs or _scored(call, choice.text or Text(""), 0, seed, prompt)
    return sum(entry.logprob or 0.0 for entry in entries) / (len(entries) or 1)


def _scored(
    call: Call, text: Text, top: int, seed: int, prompt: Prompt | None = None, *, suffixed: bool = False
) -> tuple[TokenLogprob, ...]:
    """The logprobs of a text, which stands behind the prompt if there is one."""
    before = prompt.echo.value if prompt else ""
    offset = _offset(call, before, suffixed=suffixed)
    return _logprobs(call, text, top, seed, before.encode("utf-8", "replace"), offset)


def _offset(call: Call, before: str, *, suffixed: bool) -> int:
    """Where a text begins that stands behind another."""
    suffix = call.body.get("suffix") if suffixed else None
    return len(before) + (len(suffix) + BEFORE_SUFFIX if suffix else 0)


def _given(
    call: Call, entries: tuple[TokenLogprob, ...], prompt: Prompt, *, suffixed: bool
) -> tuple[TokenLogprob, ...]:
    """The logprobs that a stub gives, at the places where their tokens are."""
    start = _offset(call, prompt.echo.value, suffixed=suffixed)
    return tuple(entry._replace(offset=start + entry.offset) for entry in entries)


def chat_logprobs(call: Call, text: Text, seed: int) -> tuple[TokenLogprob, ...]:
    """The logprobs of a chat's answer, where the call asks for them; they depend on the messages before it."""
    return _logprobs(call, text, call.logprobs or 0, seed, compact(call.messages).encode("utf-8", "replace"))


def _logprobs(call: Call, text: Text, top: int, seed: int, before: bytes, offset: int = 0) -> tuple[TokenLogprob, ...]:
    from mockserver.generate.logprobs import scored

    return scored(text, call.model, top, Draw("logprobs", seed, call.model), before=before, offset=offset)
