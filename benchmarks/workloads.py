"""What is timed: one row per workload."""

import json
from typing import Any, NamedTuple

TALK = """\
stubs:
  - match: {user: hello}
    response: Hi there! How can I help you today?
  - match: {user: tell me a story}
    response: >-
      Once upon a time there was a small server at the edge of a large net. Every day it got the same
      question, and every day it gave the same answer. The clients liked it very much, for it was fast and
      never changed its mind. So they all lived well and passed each of their many tests.
"""


class Workload(NamedTuple):
    """One kind of request, and what it may cost.

    `stubs` is the YAML that mockserver serves, `path` and `body` are the request, `has` is a part of the
    answer that shows that the right stub gave it, `must` is how many times f1's CPU per request mockserver
    may use, `streamed` says whether the answer is a stream of events, `connections` is how many requests are
    under way at once.
    """

    name: str
    stubs: str
    path: str
    body: bytes
    has: bytes
    must: float
    streamed: bool = False
    connections: int = 16


class Start(NamedTuple):
    """The start of a server, from its spawn to its first answer to `first`; `must` is the ratio of times."""

    name: str
    first: Workload
    must: float


def _chat(text: str, **more: Any) -> bytes:
    return _json({"model": "gpt-4o-mini", "messages": [{"role": "user", "content": text}], **more})


def _embed(form: str) -> bytes:
    return _json({"model": "text-embedding-3-small", "input": "The sea is calm.", "encoding_format": form})


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


CHAT, EMBEDDINGS = "/v1/chat/completions", "/v1/embeddings"
STORY = _chat("tell me a story", stream=True)

WORKLOADS = (
    Workload("plain-chat", TALK, CHAT, _chat("hello"), b"Hi there!", 2.2),
    Workload("streamed-chat", TALK, CHAT, STORY, b'"content":"Once"', 3.0, streamed=True),
    Workload("embeddings-float", TALK, EMBEDDINGS, _embed("float"), b'"embedding"', 3.0),
    Workload("embeddings-base64", TALK, EMBEDDINGS, _embed("base64"), b'"embedding"', 3.0),
)
START = Start("start", WORKLOADS[0], 1.35)

NAMES = (*(workload.name for workload in WORKLOADS), START.name)
