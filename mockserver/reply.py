"""What is answered, free of wire format: texts, tool calls, vectors, or a refusal."""

from collections.abc import Callable
from json.encoder import encode_basestring
from typing import Any, Literal, NamedTuple, TypeAlias

from mockserver.language.source import Json
from mockserver.rules import Refusal
from mockserver.tokens import pieces
from mockserver.tokens.encodings import encoding_of

__all__ = [
    "Change",
    "Choice",
    "Head",
    "Refusal",
    "Reply",
    "Scope",
    "Text",
    "TokenLogprob",
    "ToolCall",
    "Usage",
    "quote",
]


def quote(text: str) -> str:
    """A text as JSON writes it, non-ASCII characters as they are."""
    return encode_basestring(text)


class Text:
    """A text with its tokens, both also as JSON; worked out at first use, so a canned answer is prepared once.

    `pieces(model)` are the text's tokens by the model's encoding: joined they are the text.
    """

    __slots__ = ("_pieces", "_prepared", "_quoted", "_quoted_pieces", "value")

    def __init__(self, value: str) -> None:
        self.value = value
        self._pieces: dict[str, tuple[str, ...]] = {}
        self._quoted: str | None = None
        self._quoted_pieces: dict[str, list[str]] = {}
        self._prepared: dict[object, list[str]] = {}

    @classmethod
    def of(cls, pieces: tuple[str, ...], model: str) -> "Text":
        """A text made of tokens, which stay its tokens even if another cut of the joined text is possible."""
        text = cls("".join(pieces))
        text._pieces[encoding_of(model)] = pieces
        return text

    def pieces(self, model: str) -> tuple[str, ...]:
        """The text's tokens; a token that ends inside a character is ""."""
        encoding = encoding_of(model)
        found = self._pieces.get(encoding)
        if found is None:
            found = self._pieces[encoding] = pieces(self.value, model)
        return found

    @property
    def quoted(self) -> str:
        """The text as JSON."""
        if self._quoted is None:
            self._quoted = quote(self.value)
        return self._quoted

    def quoted_pieces(self, model: str) -> list[str]:
        """The tokens as JSON, without the empty ones: what a stream sends one by one."""
        encoding = encoding_of(model)
        found = self._quoted_pieces.get(encoding)
        if found is None:
            found = [quote(piece) for piece in self.pieces(model) if piece]
            self._quoted_pieces[encoding] = found
        return found

    def prepared(self, key: object, make: Callable[[], list[str]]) -> list[str]:
        """What `make` gives, kept by `key`, a few at a time: parts of an answer that depend on the text alone."""
        found = self._prepared.get(key)
        if found is None:
            if len(self._prepared) >= _MOST_PREPARED:
                self._prepared.clear()
            found = self._prepared[key] = make()
        return found


_MOST_PREPARED = 8


class ToolCall(NamedTuple):
    """A call of a tool; `arguments` is JSON text as the model wrote it, or a `custom` tool's free input."""

    id: str
    name: str
    arguments: str
    custom: bool = False


class TokenLogprob(NamedTuple):
    """How likely a token was, and what else was likely there.

    `text` is the token's piece of the text ("" where it ends inside a character), `data` its true bytes;
    `logprob` is None where the API gives none (the first token of an echoed prompt); `top` are the most likely
    tokens at this place, each with its bytes and its logprob, the likeliest first. `offset` is where its piece
    begins, in characters from the start of a completion's prompt.
    """

    text: str
    data: bytes
    logprob: float | None
    top: tuple[tuple[str, bytes, float], ...] = ()
    offset: int = 0


Scope: TypeAlias = Literal["answer", "choice", "message"]
"""Where a field stands: in the answer, in a choice, or in a choice's message."""


class Change(NamedTuple):
    """A field that is set to a value, or left out (`omit`); `path` are the names that lead to it."""

    scope: Scope
    path: tuple[str, ...]
    value: Any
    omit: bool = False


class Choice(NamedTuple):
    """One of the answers: a text, a refusal, tool calls, or a text and calls.

    `function_call` is the call of an older `functions` request. `reasoning` is what the model thought, as
    compatible servers show it. `logprobs` has one entry for each piece of the text; `echo` is a completion's
    prompt, which stands before its text and whose tokens then come first in `logprobs`.
    `changes` are those of the choice and of its message.
    """

    text: Text | None
    finish_reason: str
    tool_calls: tuple[ToolCall, ...] = ()
    refusal: Text | None = None
    reasoning: Text | None = None
    function_call: ToolCall | None = None
    logprobs: tuple[TokenLogprob, ...] | None = None
    echo: Text | None = None
    changes: tuple[Change, ...] = ()


class Usage(NamedTuple):
    """Tokens of the request and of the answer; `completion_tokens` includes those of reasoning."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    accepted_prediction_tokens: int = 0
    rejected_prediction_tokens: int = 0


class Head(NamedTuple):
    """What stands around the choices: the same in every chunk of a stream.

    `created` is a float only where a stub says so; `system_fingerprint` is None for models that send null;
    `null_logprobs` says whether `logprobs` is null where there are none, or absent, as newer models have it.
    """

    id: str
    created: float
    model: str
    warning: str | None = None
    system_fingerprint: str | None = None
    service_tier: str = "default"
    null_logprobs: bool = True


class Reply(NamedTuple):
    """An answer to a call, of one of three kinds.

    Completions have `choices`; embeddings have `vectors`, each the JSON of its `embedding` field; a `body`
    given by a stub replaces everything, as JSON, text or bytes. `tokens_by` is the model whose encoding cuts texts into
    pieces. `changes` are those of the answer around its choices.
    """

    head: Head
    usage: Usage
    tokens_by: str = ""
    choices: tuple[Choice, ...] = ()
    vectors: tuple[str, ...] = ()
    body: "Json | bytes" = None
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    changes: tuple[Change, ...] = ()
