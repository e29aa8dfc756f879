# mypy: disable-error-code="import-not-found"
"""What the official SDK raises in the middle of streams: `openai_streams.py URL USERS`, a JSON list of texts."""

import asyncio
import json
import sys
from typing import Any

import openai


async def _raised(client: Any, user: str) -> Any:
    """How many chunks came, and the exception behind them, in its parts."""
    chunks = 0
    try:
        messages = [{"role": "user", "content": user}]
        async for _ in await client.chat.completions.create(model="gpt-4o-mini", messages=messages, stream=True):
            chunks += 1
    except openai.APIError as error:
        return {"class": type(error).__name__, "chunks": chunks, "message": error.message, "code": error.code}
    return {"class": "nothing", "chunks": chunks}


async def _all(url: str, users: list[str]) -> dict[str, Any]:
    async with openai.AsyncOpenAI(base_url=url + "/v1", api_key="anything", max_retries=0) as client:
        return {user: await _raised(client, user) for user in users}


if __name__ == "__main__":
    json.dump(asyncio.run(_all(sys.argv[1], json.loads(sys.argv[2]))), sys.stdout)
