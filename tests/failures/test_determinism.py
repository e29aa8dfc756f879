"""The same seed, the same errors, faults and delays, in whatever order concurrent clients come."""

import asyncio
import random
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver import MockServer
from mockserver.call import Call
from mockserver.explain import engine_of
from mockserver.language.load import load
from mockserver.plan import Plan
from tests.conftest import Serve

STUBS = """
    failures:
      - name: weather
        error: {name: overloaded, when: {probability: 0.1}}
        latency: {before: {lognormal: {median: 5ms, p99: 20ms}}, when: {probability: 0.3}}

    stubs:
      - name: days
        choose:
          - weight: 3
            response: A good day.
          - weight: 1
            response: A slow day.
            latency: {ttft: {uniform: {min: 1ms, max: 30ms}}, itl: {normal: {mean: 1ms, sd: 1ms}}}
          - error: {name: rate_limit, when: {probability: 0.5}}
            fault: {kind: garbage, after: anywhere, when: {probability: 0.5}}
          - response: A cut day.
            fault: {kind: close, after: anywhere}
"""
CLIENTS = 200


def bodies() -> list[dict[str, Any]]:
    """What the clients ask: most of it is different, some of it the same."""
    return [
        {
            "model": "gpt-4o",
            "messages": [{"role": "user", "content": f"question {n % 160}"}],
            "stream": n % 2 == 0,
        }
        for n in range(CLIENTS)
    ]


async def asked(server: MockServer, order: list[int]) -> dict[str, Counter[Any]]:
    """What each request got, in all its bytes, when all were sent at once in an order; the same requests together."""
    found: dict[str, Counter[Any]] = {}
    wanted = bodies()
    limits = httpx.Limits(max_connections=CLIENTS)
    async with httpx.AsyncClient(trust_env=False, timeout=60, limits=limits) as client:

        async def one(n: int) -> None:
            got: Any = b""
            try:
                async with client.stream("POST", f"{server.base_url}/chat/completions", json=wanted[n]) as answer:
                    got = (answer.status_code, answer.headers["x-request-id"])
                    body = b"".join([part async for part in answer.aiter_raw()])
                    got = (*got, body)
            except httpx.HTTPError as error:
                got = (got, type(error).__name__)
            found.setdefault(f"{wanted[n]['messages'][0]['content']} {wanted[n]['stream']}", Counter())[got] += 1

        await asyncio.gather(*(one(n) for n in order))
    return found


def test_two_hundred_clients_in_any_order(serve: Serve) -> None:
    """Two servers, two orders of arrival: each request meets the same; of the same requests, as many meet each."""
    runs = []
    for name in ("one.yaml", "two.yaml"):
        order = list(range(CLIENTS))
        random.Random(name).shuffle(order)
        runs.append(asyncio.run(asked(serve(STUBS, name, seed=11), order)))
    assert runs[0] == runs[1]
    statuses = {got[0] for counter in runs[0].values() for got in counter if isinstance(got[0], int)}
    assert statuses == {200, 429, 503}


def plans(folder: Path, order: list[int], seed: int = 11) -> dict[str, list[Plan]]:
    """The plans of all requests, in an order of arrival; the same requests together, in any order."""
    file = folder / "stubs.yaml"
    file.write_text(STUBS, encoding="utf-8")
    engine = engine_of(load([file]), seed)
    found: dict[str, list[Plan]] = {}
    for n in order:
        body = bodies()[n]
        key = f"{body['messages'][0]['content']} {body['stream']}"
        found.setdefault(key, []).append(engine.answer(Call("chat", body)).plan)
    return {key: sorted(those, key=repr) for key, those in found.items()}


@pytest.mark.parametrize("shuffle", range(5))
def test_plans_are_the_same_to_the_microsecond(tmp_path: Path, shuffle: int) -> None:
    """When each piece is due, where it is cut, how it ends; another seed is another run."""
    order = list(range(CLIENTS))
    ordered = plans(tmp_path, order)
    random.Random(shuffle).shuffle(order)
    assert plans(tmp_path, order) == ordered
    assert plans(tmp_path, order, seed=12) != ordered
