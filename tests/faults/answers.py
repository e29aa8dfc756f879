"""Plans of healthy answers of every sort, for faults to disturb; no server is needed."""

from functools import cache
from typing import Any

from mockserver.call import Call
from mockserver.endpoints import BY_NAME
from mockserver.engine import Engine
from mockserver.explain import engine_of
from mockserver.language.load import load
from mockserver.plan import Plan

TOOL = {"type": "function", "function": {"name": "book", "parameters": {"type": "object"}}}


def chat(text: str, **fields: Any) -> tuple[str, dict[str, Any]]:
    """A chat request."""
    return "chat", {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": text}], **fields}


REQUESTS: dict[str, tuple[str, dict[str, Any]]] = {
    "plain": chat("hello"),
    "streamed": chat("hello", stream=True),
    "with usage": chat("hello", stream=True, stream_options={"include_usage": True}),
    "not ASCII": chat("Say 'Grüße, 東京 🌍' please", stream=True),
    "two choices": chat("hello", n=2),
    "two choices streamed": chat("hello", n=2, stream=True),
    "tool": chat("book a table", tools=[TOOL], tool_choice="required"),
    "tool streamed": chat("book a table", tools=[TOOL], tool_choice="required", stream=True),
    "legacy": ("completions", {"model": "gpt-3.5-turbo-instruct", "prompt": "hello"}),
    "legacy streamed": ("completions", {"model": "gpt-3.5-turbo-instruct", "prompt": "hello", "stream": True}),
    "embeddings": ("embeddings", {"model": "text-embedding-3-small", "input": "hello", "dimensions": 8}),
}


@cache
def _engine() -> Engine:
    return engine_of(load(), 1)


@cache
def answer(name: str) -> Plan:
    """The plan of the answer to one of REQUESTS."""
    endpoint, body = REQUESTS[name]
    assert endpoint in BY_NAME
    return _engine().answer(Call(BY_NAME[endpoint].name, body)).plan
