"""Answers of the routes of stored chat completions: shapes and keys as the API's reference shows them."""

from collections.abc import Mapping, Sequence
from typing import Any

from mockserver.stored import Kept
from mockserver.wire import chat

_PARAMETERS: dict[str, Any] = {
    "tool_choice": None,
    "tools": None,
    "seed": None,
    "temperature": 1.0,
    "top_p": 1.0,
    "presence_penalty": 0.0,
    "frequency_penalty": 0.0,
    "response_format": None,
}
"""The parameters of the request that stand beside its answer, and what they are where it said nothing."""

_CALLS = ("tool_calls", "tool_call_id", "function_call")


def completion(kept: Kept) -> dict[str, Any]:
    """A stored completion: the answer as it was given, and what was asked."""
    reply, asked = kept.reply, kept.call.body
    answer = reply.body if isinstance(reply.body, dict) else chat.body(reply)
    parameters = {name: default if asked.get(name) is None else asked[name] for name, default in _PARAMETERS.items()}
    return {
        **answer,
        "request_id": kept.request_id,
        "input_user": asked.get("user"),
        **parameters,
        "metadata": dict(kept.metadata),
    }


def messages(kept: Kept) -> list[dict[str, Any]]:
    """The messages a stored completion answers, each with an id."""
    return [_message(f"{kept.id}-{index}", message) for index, message in enumerate(kept.call.messages)]


def listing(data: Sequence[Mapping[str, Any]], more: bool) -> dict[str, Any]:
    """A page of a list; one without entries has empty ids, since the published schema knows no null there."""
    return {
        "object": "list",
        "data": data,
        "first_id": data[0]["id"] if data else "",
        "last_id": data[-1]["id"] if data else "",
        "has_more": more,
    }


def deleted(id: str) -> dict[str, Any]:
    """What the deletion of a stored completion answers."""
    return {"object": "chat.completion.deleted", "id": id, "deleted": True}


def _message(id: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """A message as stored: a text is its content, a list its `content_parts`."""
    content = asked.get("content")
    return {
        "id": id,
        "role": asked.get("role"),
        "content": content if isinstance(content, str) else None,
        "name": asked.get("name"),
        "refusal": asked.get("refusal"),
        "content_parts": content if isinstance(content, list) else None,
        **{name: asked[name] for name in _CALLS if asked.get(name) is not None},
    }
