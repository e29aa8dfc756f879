# mypy: disable-error-code="import-not-found"
"""The official SDK by itself, and as code around it may use it: `openai_behaviour.py URL`, a session per case."""

import json
import sys
from collections.abc import Callable
from typing import Any

import openai

ASKED = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hello"}]}


def _asks(client: Any) -> str:
    """One request, with the retries that the SDK makes of it."""
    return str(client.chat.completions.create(**ASKED).choices[0].message.content)


def _never_retries(client: Any) -> str:
    return _asks(client.with_options(max_retries=0))


def _loops(client: Any) -> str:
    """Code that tries again by itself, whatever the answer."""
    for _ in range(4):
        try:
            return _asks(client.with_options(max_retries=0))
        except openai.APIStatusError:
            continue
    return "gave up"


def _goes_on_from_a_part(client: Any) -> str:
    """Code that takes what has come of a stream for the answer."""
    text = ""
    try:
        for chunk in client.chat.completions.create(**ASKED, stream=True):
            text += chunk.choices[0].delta.content or ""
    except Exception:  # the SDK's, or its HTTP library's
        pass
    messages = [*ASKED["messages"], {"role": "assistant", "content": text}, {"role": "user", "content": "go on"}]
    return str(client.chat.completions.create(model="gpt-4o-mini", messages=messages).choices[0].message.content)


CASES: dict[str, Callable[[Any], str]] = {
    "limited": _asks,
    "broken": _asks,
    "unauthorized": _asks,
    "never": _never_retries,
    "loops": _loops,
    "part": _goes_on_from_a_part,
}


def _case(url: str, name: str, run: Callable[[Any], str]) -> str:
    with openai.OpenAI(base_url=f"{url}/s/{name}/v1", api_key="anything") as client:
        try:
            return run(client)
        except openai.APIStatusError as error:
            return type(error).__name__


if __name__ == "__main__":
    json.dump({name: _case(sys.argv[1], name, run) for name, run in CASES.items()}, sys.stdout)
