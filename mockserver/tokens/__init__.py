"""Tokens: the only place where text is cut into them and where they are counted.

Chunks of a stream, `max_tokens`, `usage` and logprobs all come from `pieces`, so they cannot disagree.
With the `[tokens]` extra the cut is the real one ("exact"), without it a good likeness ("estimated").
"""

from .chat import input_tokens, prompt_tokens
from .encodings import encoding_of
from .splitter import count, count_many, encode, exact, pieces, preload, text_of, token_bytes, use

__all__ = [
    "count",
    "count_many",
    "encode",
    "encoding_of",
    "exact",
    "input_tokens",
    "pieces",
    "preload",
    "prompt_tokens",
    "text_of",
    "token_bytes",
    "use",
]
