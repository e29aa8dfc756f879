"""`logprobs` on the wire: the form of chats and the form of legacy completions."""

from collections.abc import Sequence
from typing import Any

from mockserver.reply import TokenLogprob


def chat_logprobs(entries: Sequence[TokenLogprob], *, refusal: bool = False) -> dict[str, Any]:
    """The `logprobs` of a chat choice; a refusal's tokens stand under `refusal`."""
    shown = [
        {
            "token": _token(entry.text, entry.data),
            "logprob": entry.logprob,
            "bytes": list(entry.data),
            "top_logprobs": [{"token": _token(t, b), "logprob": p, "bytes": list(b)} for t, b, p in entry.top],
        }
        for entry in entries
    ]
    return {"content": None, "refusal": shown} if refusal else {"content": shown, "refusal": None}


def completion_logprobs(entries: Sequence[TokenLogprob]) -> dict[str, Any]:
    """The `logprobs` of a legacy completion: four lists of the same length."""
    return {
        "text_offset": [entry.offset for entry in entries],
        "token_logprobs": [entry.logprob for entry in entries],
        "tokens": [_token(entry.text, entry.data, "bytes:") for entry in entries],
        "top_logprobs": [_top(entry) for entry in entries],
    }


def _top(entry: TokenLogprob) -> dict[str, float] | None:
    """The map of the likeliest tokens. The token itself comes first, and is there even if it is not one of them."""
    if entry.logprob is None:
        return None
    itself = _token(entry.text, entry.data, "bytes:")
    return {itself: entry.logprob, **{_token(text, data, "bytes:"): logprob for text, data, logprob in entry.top}}


def _token(text: str, data: bytes, prefix: str = "") -> str:
    r"""A token's text; one that begins or ends inside a character is shown by its bytes, `\xf0\x9f`.

    Legacy completions write `bytes:` before them (the former seen in public output, the latter in a client's code).
    """
    if data.isascii():
        return text
    try:
        data.decode()
    except UnicodeDecodeError:
        return prefix + data.decode("utf-8", "backslashreplace")
    return text
