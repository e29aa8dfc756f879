"""The published document as the server is to be held to: with the deviations, streams, refusals, and closed objects."""

import json
from copy import deepcopy
from typing import Any

from tests.conformity import schema

_STREAMS = {"/chat/completions": schema.CHAT_CHUNK, "/completions": schema.COMPLETION_CHUNK}
_STORED = "/chat/completions/{completion_id}"


def document() -> dict[str, Any]:
    """An OpenAPI document in which the events of a stream are chunks, and any 4xx is a refusal in the envelope."""
    whole: dict[str, Any] = json.loads(schema.DOCUMENT.read_text(encoding="utf-8"))
    requests = whole["components"]["schemas"]
    answers = {f"{name}.answer": node for name, node in schema.components()["schemas"].items()}
    whole["components"]["schemas"] = {**requests, **_renamed(answers)}
    for path, operations in whole["paths"].items():
        for method, operation in operations.items():
            responses = _renamed(deepcopy(operation["responses"]))
            if method == "post" and path in _STREAMS:
                responses["200"]["content"]["text/event-stream"] = {"schema": _answer(_STREAMS[path])}
            elif path == _STORED and method != "delete":
                responses["200"]["content"]["application/json"] = {"schema": _answer(schema.CHAT_STORED)}
            refusal = {"description": "A refusal", "content": {"application/json": {"schema": _answer(schema.ERROR)}}}
            operation["responses"] = {"200": responses["200"], "4XX": refusal}
    return whole


def _answer(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}.answer"}


def _renamed(node: Any) -> Any:
    """The same with references to the schemas of answers, which are stricter than those of requests."""
    if isinstance(node, dict):
        return {
            key: value + ".answer" if key == "$ref" and isinstance(value, str) else _renamed(value)
            for key, value in node.items()
        }
    return [_renamed(part) for part in node] if isinstance(node, list) else node
