"""With a seed, the same requests get the same bytes: in every run, in any order of arrival, however many at once."""

import asyncio
import random
from collections import defaultdict
from typing import Any

import httpx

from mockserver import MockServer
from tests.conftest import Serve

STUBS = """
    stubs:
      - match: {user: template}
        response: "{{ faker.name() }} asks {{ user }} at {{ now() }}: {{ uuid() }}"
      - match: {user: chance}
        choose: [{response: a}, {response: b}, {weight: 2, response: "{{ faker.word() }}"}]
      - match: {user: tool}
        response: {tool_calls: [{name: add, arguments: {who: "{{ faker.name() }}"}}, {name: sub}]}
"""
CONCURRENT = 200
Asked = tuple[str, str, str]
"""A session, a path and a body's JSON, as text."""


def requests() -> list[tuple[str, str, dict[str, Any]]]:
    """Two hundred requests of every kind, some of them the very same."""
    made: list[tuple[str, str, dict[str, Any]]] = []
    for number in range(CONCURRENT):
        text = ("template", "chance", "tool", "What is it?", "Tell me a story")[number % 5] + f" {number % 17}"
        session = "" if number % 3 else "/s/other"
        if number % 10 == 8:
            made.append((session, "completions", {"model": "gpt-3.5-turbo-instruct", "prompt": text, "n": 2}))
        elif number % 10 == 9:
            made.append((session, "embeddings", {"model": "text-embedding-3-small", "input": text, "dimensions": 8}))
        else:
            body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": text}], "stream": number % 4 == 0}
            made.append((session, "chat/completions", body))
    return made


def asked_at_once(server: MockServer, order: int) -> dict[str, list[tuple[Any, ...]]]:
    """All answers by what was asked: status, headers and body, those to the same request in no order."""
    asked = requests()
    random.Random(order).shuffle(asked)
    found: dict[str, list[tuple[Any, ...]]] = defaultdict(list)

    async def ask(client: httpx.AsyncClient, session: str, path: str, body: dict[str, Any]) -> None:
        answer = await client.post(f"{server.url}{session}/v1/{path}", json=body)
        headers = sorted((name, value) for name, value in answer.headers.items() if name != "date")
        found[repr((session, path, body))].append((answer.status_code, headers, answer.content))

    async def ask_all() -> None:
        limits = httpx.Limits(max_connections=CONCURRENT)
        async with httpx.AsyncClient(trust_env=False, limits=limits, timeout=60) as client:
            await asyncio.gather(*(ask(client, *request) for request in asked))

    asyncio.run(ask_all())
    return {request: sorted(answers) for request, answers in found.items()}


def test_the_same_seed_gives_the_same_bytes_in_any_order_of_arrival(serve: Serve) -> None:
    """Two hundred requests at once, twice, shuffled: ids, times, chances, templates and vectors are the same."""
    first = asked_at_once(serve(STUBS, seed=7), order=1)
    second = asked_at_once(serve(STUBS, seed=7), order=2)
    assert first == second
    assert sum(map(len, first.values())) == CONCURRENT
    assert {answer[0] for answers in first.values() for answer in answers} == {200}


def test_another_seed_gives_other_bytes(serve: Serve) -> None:
    """The seed is what the answers come from."""
    first = asked_at_once(serve(STUBS, seed=7), order=1)
    second = asked_at_once(serve(STUBS, seed=8), order=1)
    assert all(first[request] != second[request] for request in first)
