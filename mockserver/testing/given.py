"""The reply of a stub that gives the body whole."""

from typing import Any

from mockserver.call import Call
from mockserver.reply import Choice, Head, Reply, Text, ToolCall, Usage
from mockserver.response import Response


def given(call: Call, response: Response, head: Head, body: Any) -> Reply:
    """A reply whose body the stub gives; a stream of it where the call wants one and the body is an answer."""
    if not call.stream or not isinstance(body, dict) or not isinstance(body.get("choices"), list):
        return Reply(head, Usage(0, 0, 0), call.model, body=body, status=response.status, headers=response.headers)
    choices = tuple(_choice(choice) for choice in body["choices"] if isinstance(choice, dict))
    usage = body.get("usage")
    counted = usage if isinstance(usage, dict) else {}
    counts = [counted.get(key) or 0 for key in ("prompt_tokens", "completion_tokens", "total_tokens")]
    head = head._replace(
        **{key: body[key] for key in ("id", "created", "model", "warning") if body.get(key) is not None}
    )
    return Reply(head, Usage(*counts), call.model, choices=choices, status=response.status, headers=response.headers)


def _choice(choice: dict[str, Any]) -> Choice:
    message = choice.get("message")
    message = message if isinstance(message, dict) else choice
    content = message.get("content", choice.get("text"))
    listed = message.get("tool_calls")
    calls = map(_call, listed if isinstance(listed, list) else ())
    text = Text(content) if isinstance(content, str) else None
    return Choice(text, str(choice.get("finish_reason") or "stop"), tuple(calls))


def _call(call: Any) -> ToolCall:
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(function, dict):
        return ToolCall("", "", "")
    return ToolCall(str(call.get("id", "")), str(function.get("name", "")), str(function.get("arguments", "")))
