# mypy: disable-error-code="import-not-found"
"""What the official SDK experiences on bad days: `openai_scenarios.py DAYS`, the days as JSON.

A day is a URL, a scale and steps, a step what is asked (see `_body`) and how: `times` one after the other, `at_once`
together, with `retries`, a `timeout` in seconds and a `key`; or `sleep`, which lets nominal seconds pass. Waiting takes
`scale` times as long as the SDK wants it to, as the server's clock does.
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import openai

_sleep = time.sleep
_waits: list[float] = []
_scale = 1.0


def _wait(seconds: Any) -> None:
    _waits.append(seconds)
    _sleep(seconds * _scale)


time.sleep = _wait

TOOL = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}


def _body(step: dict[str, Any], number: int) -> dict[str, Any]:
    """A chat request: `user` (a `#` is the number of the call), `turns` of the user before it, and other fields."""
    user = step.get("user", "hello #").replace("#", str(number))
    before = [message for turn in range(step.get("turns", 0)) for message in _turn(turn)]
    fields = {"tools": [TOOL]} if step.get("tools") else {}
    model = step.get("model", "gpt-4o-mini")
    messages = [*before, {"role": "user", "content": user}]
    return {"model": model, "messages": messages, **fields, **step.get("fields", {})}


def _turn(number: int) -> list[dict[str, str]]:
    return [{"role": "user", "content": f"question {number}"}, {"role": "assistant", "content": "answer"}]


def _call(client: Any, step: dict[str, Any], number: int) -> dict[str, Any]:
    """What became of one call: the `text` that came, the `error` if one was raised, the `waits` between retries."""
    before = len(_waits)
    found: dict[str, Any] = {"text": ""}
    try:
        if step.get("embed"):
            client.embeddings.create(model="text-embedding-3-small", input="hello")
        elif step.get("stream"):
            for chunk in client.chat.completions.create(**_body(step, number), stream=True):
                choice = chunk.choices[0] if chunk.choices else None
                found["text"] += (choice.delta.content or "") if choice else ""
                found["finish"] = choice.finish_reason if choice else found.get("finish")
        else:
            answer = client.chat.completions.create(**_body(step, number))
            if isinstance(answer, str):
                return {"text": answer, "odd": "a str"}
            choice = answer.choices[0]
            found |= {"text": choice.message.content, "finish": choice.finish_reason}
            if choice.message.tool_calls:
                found["arguments"] = choice.message.tool_calls[0].function.arguments
            if getattr(answer, "warning", None):
                found["warning"] = answer.warning
    except Exception as error:
        found |= {"error": type(error).__name__, "code": getattr(error, "code", None)}
    found["waits"] = [round(seconds, 3) for seconds in _waits[before:]]
    return found


def _step(url: str, step: dict[str, Any]) -> list[dict[str, Any]]:
    if "sleep" in step:
        _sleep(step["sleep"] * _scale)
        return []
    client = openai.OpenAI(
        base_url=url + "/v1",
        api_key=step.get("key", "sk-key"),
        max_retries=step.get("retries", 2),
        timeout=step.get("timeout", 60),
    )
    numbers = range(step.get("times", step.get("at_once", 1)))
    if "at_once" not in step:
        return [_call(client, step, number) for number in numbers]
    with ThreadPoolExecutor(len(numbers)) as pool:
        return list(pool.map(lambda number: _call(client, step, number), numbers))


if __name__ == "__main__":
    experienced = {}
    for name, day in json.loads(sys.argv[1]).items():
        _scale = day["scale"]
        experienced[name] = [found for step in day["steps"] for found in _step(day["url"], step)]
    json.dump(experienced, sys.stdout)
