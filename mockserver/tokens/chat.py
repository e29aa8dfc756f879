"""How many tokens a request's input costs, as the API counts it in `usage.prompt_tokens`.

The overheads of messages are those of OpenAI's cookbook, which shows them equal to the API's own counts.
Tools are shown to the model as TypeScript and counted so, as published counts of real requests confirm.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from .encodings import base_model
from .splitter import count, count_many
from .typescript import functions_text

REPLY = 3
"""Every answer is primed with the assistant's opening."""

MESSAGE = 3
ROLE = 1
NAME = 1
CALL = 3
"""Around each message; its role; beside a name's own tokens; around a call of a tool or function."""

RESULT = -2
"""A result of a tool or function is framed more tightly than other messages."""

TOOLS = 9
TOOLS_BESIDE_SYSTEM = -4
"""Around the text of all tools; less when a system message is there to hold it."""

NONE = 1
CHOSEN = 4
"""For `tool_choice: none`; around the name of a function that must be called (both unverified)."""

MEDIA = 85
"""For each image, audio or file: that of a low-detail image. True amounts depend on pixels and model."""

# Tuples: a role that cannot be hashed is still only a role that is not there.
_RESULTS = ("tool", "function")
_SYSTEM = ("system", "developer")
_PLAIN = ("user", "system", "assistant", "developer")


def prompt_tokens(body: Mapping[str, Any], model: str | None = None) -> int:
    """The input tokens of a chat request: messages, tools and functions.

    `model` decides the vocabulary; without it the body's own. What is not as it should be counts nothing.
    On gpt-5 recorded answers have one token less; tools cost more there than is counted here.
    """
    if model is None:
        named = body.get("model")
        model = named if isinstance(named, str) else ""
    texts: list[str] = []
    total = REPLY - (model != "" and _is_gpt5(model[:100]))
    system = None
    for message in _objects(body.get("messages")):
        role = message.get("role")
        total += MESSAGE + ROLE
        if system is None and role in _SYSTEM:
            system = len(texts)
        if len(message) == 2 and role in _PLAIN and isinstance(content := message.get("content"), str):
            texts.append(content)
        else:
            total += _message(message, texts)
    if "tools" in body or "functions" in body:
        total += _tools(body, system, texts)
    return total + sum(count_many(texts, model))


def input_tokens(value: object, model: str = "") -> int:
    """The tokens of a `prompt` or `input`: a text, token ids, or a list of either.

    A null prompt is one token, `<|endoftext|>`. Anything else counts nothing.
    """
    if value is None:
        return 1
    if isinstance(value, str):
        return count(value, model)
    total = 0
    for item in value if isinstance(value, list) else ():
        if isinstance(item, int):
            total += 1
        elif isinstance(item, str):
            total += count(item, model)
        elif isinstance(item, list):
            total += len(item)
    return total


@lru_cache(maxsize=64)
def _is_gpt5(model: str) -> bool:
    return base_model(model).startswith("gpt-5")


def _message(message: dict[str, Any], texts: list[str]) -> int:
    """The overhead of a message beyond every message's; its texts are put on the list."""
    total = RESULT if message.get("role") in _RESULTS else 0
    total += _content(message.get("content"), texts)
    if isinstance(name := message.get("name"), str):
        texts.append(name)
        total += NAME
    if isinstance(refusal := message.get("refusal"), str):
        texts.append(refusal)
    if isinstance(call := message.get("function_call"), dict):
        total += _call(call, texts)
    for call in _objects(message.get("tool_calls")):
        total += _call(_function(call), texts)
    return total


def _content(content: object, texts: list[str]) -> int:
    """The tokens of a content's media; its texts are put on the list."""
    if isinstance(content, str):
        texts.append(content)
        return 0
    media = 0
    for part in _objects(content):
        text = part.get("text", part.get("refusal"))
        if isinstance(text, str):
            texts.append(text)
        else:
            media += MEDIA
    return media


def _call(call: Mapping[str, Any], texts: list[str]) -> int:
    """The overhead of a call; its name and arguments are put on the list."""
    texts.extend(part for key in ("name", "arguments", "input") if isinstance(part := call.get(key), str))
    return CALL


def _tools(body: Mapping[str, Any], system: int | None, texts: list[str]) -> int:
    """The overhead of tools and functions; their rendering is put on the list.

    They share the first system message, whose own text (at index `system`) then ends in a newline.
    """
    functions = [_function(tool) for tool in _objects(body.get("tools"))]
    functions.extend(_objects(body.get("functions")))
    if not functions:
        return 0
    total = TOOLS
    if system is not None:
        total += TOOLS_BESIDE_SYSTEM
        if system < len(texts):
            texts[system] += "\n"
    texts.append(functions_text(functions))
    return total + _choice(body.get("tool_choice", body.get("function_call")), texts)


def _choice(choice: object, texts: list[str]) -> int:
    """The overhead of `tool_choice` or `function_call`; a function's name is put on the list."""
    if choice == "none":
        return NONE
    if isinstance(choice, dict) and isinstance(name := _function(choice).get("name"), str):
        texts.append(name)
        return CHOSEN
    return 0


def _function(tool: dict[str, Any]) -> dict[str, Any]:
    """What is inside a tool, a call or a choice; itself where it is bare, as the old functions are."""
    inner = tool.get("function", tool.get("custom"))
    return inner if isinstance(inner, dict) else tool


def _objects(value: object) -> list[dict[str, Any]]:
    """The objects in a JSON array; nothing if it is none."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
