"""Answers made up to suit a call: the same for the same draw.

Each generator takes milliseconds to import, so it is imported by the first call that needs it.
"""

from functools import lru_cache

from mockserver.call import Call, ToolOffer, content_text
from mockserver.draw import Draw
from mockserver.tokens import text_of
from mockserver.wire.encode import compact

EMBEDDING_SIZES = {"text-embedding-3-large": 3072}
EMBEDDING_SIZE = 1536
"""Numbers in an embedding, by model and for all others (published documentation)."""

_SHORT = 1_000


def text(call: Call, kind: str, draw: Draw, prompt: str, schema: object = None) -> str:
    """A plausible text (`kind` "text"), or JSON that conforms to `schema`, else to the call's (`kind` "json").

    `prompt` is the one to continue, where the call has several.
    """
    if kind == "json":
        return _json(call, draw, schema)
    from mockserver.generate import prose

    if call.endpoint == "completions":
        return prose.fim(prompt, draw)
    if call.after_tool:
        last = call.messages[-1]
        name = last.get("name")
        return prose.after_tool(name if isinstance(name, str) else "", content_text(last.get("content")), draw)
    return prose.answer(call.user, draw)


def _json(call: Call, draw: Draw, schema: object) -> str:
    if schema is None:
        asked = call.json_schema
        schema = None if asked is None else asked.schema
    if schema is None:
        from mockserver.generate import prose

        return compact({"answer": prose.answer(call.user, draw)})
    from mockserver.generate.schema import value_for

    return compact(value_for(schema, draw, hint=call.user))


def tool_call(call: Call, draw: Draw) -> tuple[str, str]:
    """The name of the tool to call, and arguments that conform to its schema, as JSON text; a custom tool gets text.

    The tool is the one `tool_choice` names, else the one the user's message asks for, else the first offered.
    """
    from mockserver.generate.schema import value_for
    from mockserver.generate.tools import wanted

    offered = call.tools
    named = [tool for tool in offered if tool.name == call.forced_tool]
    nothing = [ToolOffer("", "", {})]
    tool = (named or [wanted(offered, call.user) or (*offered, *nothing)[0]])[0]
    if tool.custom:
        return tool.name, call.user or tool.name
    value = value_for(tool.parameters, draw, hint=call.user)
    return tool.name, compact(value if isinstance(value, dict) else {})


def embeddings(call: Call, seed: int) -> tuple[str, ...]:
    """The JSON of an embedding for each input, in the encoding the call asks for."""
    return tuple(embedding(call, item, seed) for item in call.inputs)


def embedding(call: Call, item: str | list[int], seed: int) -> str:
    """The JSON of the embedding of a text or of token ids.

    Token ids are embedded as their text, as the API does it, where the vocabulary is there to tell it.
    """
    size = call.body.get("dimensions") or EMBEDDING_SIZES.get(call.model, EMBEDDING_SIZE)
    as_base64 = call.body.get("encoding_format") == "base64"
    text = item if isinstance(item, str) else text_of(item, call.model)
    if text is not None and len(text) <= _SHORT:
        return _remembered(text, size, seed, as_base64)
    return _embedding(item if text is None else text, size, seed, as_base64)


def _embedding(item: str | list[int], size: int, seed: int, as_base64: bool) -> str:
    from mockserver.generate.vectors import embed, embed_tokens

    vector = embed(item, size, seed) if isinstance(item, str) else embed_tokens(item, size, seed)
    return f'"{vector.base64()}"' if as_base64 else vector.json()


_remembered = lru_cache(maxsize=128)(_embedding)
"""Tests and load runs embed the same short texts again and again; at most some 5 MB are kept."""
