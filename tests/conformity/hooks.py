"""Loaded by schemathesis in its own environment: reads streams, and makes half of the chats ones that are answered."""

import json
from typing import Any

import schemathesis  # type: ignore[import-not-found]

TOGETHER = {
    "tool_choice": "tools",
    "parallel_tool_calls": "tools",
    "function_call": "functions",
    "stream_options": "stream",
    "top_logprobs": "logprobs",
}
"""Parameters, and what they are refused without."""


def events(context: Any, response: Any) -> list[Any]:
    """The chunks of a stream, each of which is held against the schema; of a long one only the first are read."""
    *found, rest = response.content.decode().split("\n\n")
    if rest or not found:
        raise ValueError("the stream ends within an event")
    if found[-1] == "data: [DONE]":
        del found[-1]
    return [json.loads(event.removeprefix("data: ")) for event in found]


def map_body(context: Any, body: Any) -> Any:
    """Makes most chats answerable, half of them as streams: what is made up seldom is a conversation."""
    if isinstance(body, dict) and isinstance(body.get("messages"), list):
        lot = len(json.dumps(body, default=str)) % 5
        if lot:
            body = {**body, "model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}], "stream": lot > 2}
            for key, needed in TOGETHER.items():
                if not body.get(needed):
                    body.pop(key, None)
    return body


schemathesis.deserializer("text/event-stream")(events)
schemathesis.hook("map_body")(map_body)
