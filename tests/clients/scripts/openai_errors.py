# mypy: disable-error-code="import-not-found"
"""What the official SDK raises: `openai_errors.py URL CASES`, the cases as JSON (see `test_errors.py`)."""

import asyncio
import json
import sys
from typing import Any

import openai


async def _raised(client: Any, case: dict[str, Any]) -> Any:
    """The exception of one case, in its parts."""
    omit = {"Authorization": openai.Omit()} if case["key"] is None else {}
    client = client.with_options(api_key=case["key"] or "unused")
    options = {"cast_to": object, "options": {"headers": omit}}
    try:
        if case["method"] == "GET":
            await client.get(case["path"], **options)
        else:
            await client.post(case["path"], body=case["body"], **options)
    except openai.APIStatusError as error:
        return {
            "class": type(error).__name__,
            "status": error.status_code,
            "type": error.type,
            "code": error.code,
            "param": error.param,
            "request_id": error.request_id,
            "message": error.body.get("message") if isinstance(error.body, dict) else error.body,
        }
    return "nothing was raised"


async def _all(url: str, cases: dict[str, dict[str, Any]]) -> dict[str, Any]:
    async with openai.AsyncOpenAI(base_url=url + "/v1", api_key="anything", max_retries=0) as client:
        return {name: await _raised(client, case) for name, case in cases.items()}


if __name__ == "__main__":
    json.dump(asyncio.run(_all(sys.argv[1], json.loads(sys.argv[2]))), sys.stdout)
