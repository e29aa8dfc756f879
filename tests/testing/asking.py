"""Asking a server, and reading what it is told of itself without what differs from run to run."""

import re
from typing import Any

import httpx

from mockserver.testing.handle import Handle


def ask(handle: Any, user: str = "hello", headers: dict[str, str] | None = None, **fields: Any) -> httpx.Response:
    """One chat request to a server or a session."""
    body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": user}], **fields}
    return httpx.post(f"{handle.base_url}/chat/completions", json=body, headers=headers, trust_env=False)


def said(handle: Any, user: str = "hello", **fields: Any) -> str:
    """The text of the answer to one chat request."""
    response = ask(handle, user, **fields)
    assert response.status_code == 200, response.text
    text: str = response.json()["choices"][0]["message"]["content"]
    return text


def steady(text: str) -> str:
    """A message without its times, and with lines of this package's tests as `LINE`."""
    text = re.sub(r"\+\d+\.\d{3}s", "+TIME", text)
    return re.sub(r"tests/testing/\w+\.py:\d+", "LINE", text)


def told(handle: Handle) -> list[str]:
    """The lines of the journal."""
    return [steady(line) for line in str(handle.calls).splitlines()]
