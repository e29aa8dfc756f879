"""Paths to fields of an answer: `citations`, `usage.cost`, `message.audio.id`, `choice.native_finish_reason`."""

_NOT_AT_ONCE = ("choices", "data")
_OWN: dict[str, dict[str, str]] = {
    "message": {
        "content": "text",
        "tool_calls": "tool_calls",
        "function_call": "tool_calls",
        "refusal": "refusal",
        "reasoning_content": "reasoning",
    },
    "choice": {"text": "text", "finish_reason": "finish_reason", "logprobs": "logprobs"},
}
"""Fields that come in pieces in a stream, and the keys that say them."""
_PLACED = ("index", "message", "delta")


def mistake_in(path: str, *, of_choice: bool, omitted: bool = False) -> str | None:
    """What is wrong with a path, None where nothing is. One of a choice says nothing of the answer around it."""
    parts = path.split(".")
    head = parts[0]
    if not all(parts):
        return f"expected names with single dots between them, got '{path}'"
    if head in _OWN:
        if len(parts) == 1:
            return f"'{path}' is no field: name one in it, such as '{path}.x'"
        if head == "choice" and parts[1] in _PLACED:
            return f"'{path}' cannot be changed: 'message.…' names fields of the message"
        own = _OWN[head].get(parts[1])
        if own is not None and not omitted:
            return f"'{path}' has a key of its own: {own}"
        return None
    if of_choice:
        return f"a choice has fields 'message.…' and 'choice.…', got '{path}'"
    if head in _NOT_AT_ONCE:
        return f"'{path}' cannot be changed at once: name fields in it as 'message.…' and 'choice.…'"
    return None
