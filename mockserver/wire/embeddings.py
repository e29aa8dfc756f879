"""Answers of the embeddings endpoint: a `list` of `embedding`, in the order of the inputs."""

from mockserver.reply import Reply, quote


def plain(reply: Reply) -> str:
    """The JSON text; the vectors come encoded and are not looked at again."""
    items = ",\n    ".join(
        f'{{\n      "object": "embedding",\n      "index": {index},\n      "embedding": {vector}\n    }}'
        for index, vector in enumerate(reply.vectors)
    )
    counts = reply.usage
    return f"""{{
  "object": "list",
  "data": [
    {items}
  ],
  "model": {quote(reply.head.model)},
  "usage": {{
    "prompt_tokens": {counts.prompt_tokens},
    "total_tokens": {counts.total_tokens}
  }}
}}"""
