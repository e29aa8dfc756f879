"""What clients make of faults: `python -m tests.clients.scripts.faults URL CASES`.

CASES is a JSON list of `[fault, user, timeout]`. Printed is, for each fault, what each client makes of a plain and of
a streamed answer with it: the exception it raises, or what it takes for the answer.
"""

import asyncio
import json
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import aiohttp
import httpx
from openai import OpenAI

PATH = "/v1/chat/completions"
IMPOSSIBLE = "impossible"
THREADS = 4


class Case(NamedTuple):
    """A request that asks for a fault."""

    fault: str
    user: str
    timeout: float
    stream: bool

    @property
    def body(self) -> dict[str, Any]:
        """The request's body."""
        body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": self.user}]}
        return {**body, "stream": True, "stream_options": {"include_usage": True}} if self.stream else body

    @property
    def headers(self) -> dict[str, str]:
        """The header that asks, if anything is asked."""
        return {"x-mockserver-fault": self.fault} if self.fault else {}


def by_openai(url: str, case: Case) -> list[Any]:
    """The official SDK, which does not retry here."""
    with OpenAI(
        base_url=url + "/v1", api_key="any", max_retries=0, timeout=case.timeout, default_headers=case.headers
    ) as client:
        made: Any = client.chat.completions.create(**case.body)
        if isinstance(made, str):
            return [f"the text {made[:20]!r}"]
        return together(chunk.to_dict() for chunk in made) if case.stream else whole(made.to_dict())


def by_httpx(url: str, case: Case) -> list[Any]:
    """httpx, with the body read as JSON, or line by line."""
    with (
        httpx.Client(timeout=case.timeout, trust_env=False) as client,
        client.stream("POST", url + PATH, json=case.body, headers=case.headers) as response,
    ):
        if case.stream and response.status_code == 200:
            return together(chunks(response.iter_lines()))
        response.read()
        return judged(response.status_code, response.json if response.content else lambda: None)


def by_aiohttp(url: str, case: Case) -> list[Any]:
    """aiohttp, with the body read as JSON whatever its type, or line by line."""
    return asyncio.run(_by_aiohttp(url, case))


async def _by_aiohttp(url: str, case: Case) -> list[Any]:
    limit = aiohttp.ClientTimeout(total=case.timeout)
    async with (
        aiohttp.ClientSession(timeout=limit) as session,
        session.post(url + PATH, json=case.body, headers=case.headers) as response,
    ):
        if case.stream and response.status == 200:
            return together(chunks([line.decode() async for line in response.content]))
        text = await response.text()
        return judged(response.status, lambda: json.loads(text) if text else None)


CLIENTS: dict[str, Callable[[str, Case], list[Any]]] = {
    "openai": by_openai,
    "httpx": by_httpx,
    "aiohttp": by_aiohttp,
}


def chunks(lines: Iterable[str]) -> Iterable[dict[str, Any]]:
    """The chunks in the lines of a stream, read as simple clients do."""
    for line in lines:
        if line.startswith("data: ") and (data := line.removeprefix("data: ").strip()) != "[DONE]":
            yield json.loads(data)


def judged(status: int, read: Callable[[], Any]) -> list[Any]:
    """A plain answer's content, or its status where it is none."""
    if status == 500 and read()["error"]["code"] == "mockserver_fault_impossible":
        return [IMPOSSIBLE]
    return whole(read()) if status == 200 else [f"status {status}"]


def whole(answer: Any) -> list[Any]:
    """Text or arguments, finish_reason and whether there is usage."""
    if not isinstance(answer, dict) or not answer.get("choices"):
        return ["", None, False]
    choice = answer["choices"][0]
    return [said(choice["message"]), choice.get("finish_reason"), answer.get("usage") is not None]


def together(parts: Iterable[dict[str, Any]]) -> list[Any]:
    """The same, put together from chunks."""
    text, finish, usage = "", None, False
    for part in parts:
        usage = usage or part.get("usage") is not None
        for choice in part.get("choices") or ():
            text += said(choice["delta"])
            finish = choice.get("finish_reason") or finish
    return [text, finish, usage]


def said(message: dict[str, Any]) -> str:
    """The text and the arguments of a message or a delta."""
    calls = message.get("tool_calls") or ()
    return (message.get("content") or "") + "".join(call["function"].get("arguments") or "" for call in calls)


def tried(url: str, client: str, case: Case) -> list[Any]:
    """What a client makes of a case: what it takes for the answer, or the exception it raises and its status."""
    try:
        return CLIENTS[client](url, case)
    except Exception as error:
        body = getattr(error, "body", None)
        if isinstance(body, dict) and body.get("code") == "mockserver_fault_impossible":
            return [IMPOSSIBLE]
        return [f"`{type(error).__name__}`"]


def main() -> None:
    """Try all and print what came out."""
    url, rows_given = sys.argv[1:]
    cases = [
        Case(fault, user, timeout, stream)
        for fault, user, timeout in json.loads(rows_given)
        for stream in (False, True)
    ]
    asked = [(client, case) for case in cases for client in CLIENTS]
    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(lambda one: tried(url, *one), asked))
    rows: dict[str, dict[str, list[Any]]] = {}
    for (client, case), result in zip(asked, found, strict=True):
        kind = "streamed" if case.stream else "plain"
        rows.setdefault(f"{case.user}|{case.fault}", {})[f"{kind} {client}"] = result
    print(json.dumps(rows))


if __name__ == "__main__":
    main()
