"""What the scripts share: cases written once for sync and async clients, and the JSON they end in."""

import asyncio
import inspect
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

Case = Callable[..., Awaitable[Any]]

CASES: dict[str, Case] = {}


def case(function: Case) -> Case:
    """Register a case under its function's name."""
    CASES[function.__name__] = function
    return function


async def done(value: Any) -> Any:
    """The result of a call, of a sync client or of an async one."""
    return await value if inspect.isawaitable(value) else value


async def each(stream: Any) -> AsyncIterator[Any]:
    """The items of a stream, sync or async."""
    if hasattr(stream, "__aiter__"):
        async for item in stream:
            yield item
    else:
        for item in stream:
            yield item


def plain(value: Any) -> Any:
    """An object of a client as JSON values, with the fields that were sent."""
    return value.model_dump(mode="json", exclude_unset=True) if hasattr(value, "model_dump") else value


async def run(*arguments: Any) -> dict[str, Any]:
    """The result of every case; `raised` where one fails unexpectedly, so that only its own test fails."""
    found: dict[str, Any] = {}
    for name, function in CASES.items():
        try:
            found[name] = await function(*arguments)
        except Exception as error:
            found[name] = {"raised": f"{type(error).__name__}: {error}"}
    return found


def main(flavours: dict[str, Callable[[], Awaitable[dict[str, Any]]]]) -> None:
    """Run all cases in each flavour and print `{flavour: {case: result}}`, this script's only output."""

    async def all_flavours() -> dict[str, Any]:
        return {name: await make() for name, make in flavours.items()}

    json.dump(asyncio.run(all_flavours()), sys.stdout)
