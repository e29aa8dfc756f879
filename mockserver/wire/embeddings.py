"""Answers of the embeddings endpoint: a `list` of `embedding`, in the order of the inputs."""

from typing import Any

from mockserver.reply import Reply, quote
from mockserver.wire import changes
from mockserver.wire.encode import indented

_DATA = "the data"


def plain(reply: Reply) -> str:
    """The JSON text; the vectors come encoded and are not looked at again."""
    items = ",\n    ".join(
        f'{{\n      "object": "embedding",\n      "index": {index},\n      "embedding": {vector}\n    }}'
        for index, vector in enumerate(reply.vectors)
    )
    data = f"[\n    {items}\n  ]"
    if reply.changes:
        return indented(_changed(reply)).replace(quote(_DATA), data, 1)
    counts = reply.usage
    return f"""{{
  "object": "list",
  "data": {data},
  "model": {quote(reply.head.model)},
  "usage": {{
    "prompt_tokens": {counts.prompt_tokens},
    "total_tokens": {counts.total_tokens}
  }}
}}"""


def _changed(reply: Reply) -> dict[str, Any]:
    """The answer with its changes, and a mark where the data belongs."""
    counts = reply.usage
    usage = {"prompt_tokens": counts.prompt_tokens, "total_tokens": counts.total_tokens}
    answer: dict[str, Any] = {"object": "list", "data": _DATA, "model": reply.head.model, "usage": usage}
    changes.change(answer, reply.changes)
    return answer
