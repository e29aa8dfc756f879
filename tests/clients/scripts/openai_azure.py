# mypy: disable-error-code="import-not-found"
"""The official SDK's client for Azure: `openai_azure.py URL`, sync and async."""

import sys
from typing import Any

import openai

from tests.clients.scripts.cases import case, done, each, main, plain, run

MODEL = "gpt-4o-mini"
HELLO: Any = [{"role": "user", "content": "hello"}]


@case
async def chat(client: Any) -> Any:
    """One answer of a deployment."""
    return plain(await done(client.chat.completions.create(model=MODEL, messages=HELLO)))


@case
async def chat_stream(client: Any) -> Any:
    """Its stream."""
    stream = await done(client.chat.completions.create(model=MODEL, messages=HELLO, stream=True))
    chunks = [plain(chunk) async for chunk in each(stream)]
    return "".join(choice["delta"].get("content") or "" for chunk in chunks for choice in chunk["choices"])


@case
async def completion(client: Any) -> Any:
    """A legacy completion."""
    return plain(await done(client.completions.create(model="gpt-3.5-turbo-instruct", prompt="hello")))["choices"]


@case
async def embedding(client: Any) -> Any:
    """A vector."""
    answer = await done(client.embeddings.create(model="text-embedding-3-small", input="red apples"))
    return {"size": len(answer.data[0].embedding), "model": answer.model}


@case
async def models(client: Any) -> Any:
    """The list, which Azure has below `/openai`."""
    return [plain(model)["id"] async for model in each(client.models.list())]


@case
async def refused(client: Any) -> Any:
    """A refusal."""
    try:
        await done(client.chat.completions.create(model=MODEL, messages=HELLO, temperature=9))
    except openai.BadRequestError as error:
        return {"code": error.code, "param": error.param}
    return "nothing was raised"


@case
async def wrong_key(client: Any) -> Any:
    """A key that is none."""
    try:
        other = client.with_options(api_key="wrong")
        await done(other.chat.completions.create(model=MODEL, messages=HELLO))
    except openai.AuthenticationError as error:
        return {"code": error.code, "param": error.param, "type": error.type, "message": str(error)}
    return "nothing was raised"


def _options(url: str) -> dict[str, Any]:
    return {"azure_endpoint": url, "api_version": "2024-10-21", "api_key": "azure-key", "max_retries": 0}


async def _sync(url: str) -> dict[str, Any]:
    with openai.AzureOpenAI(**_options(url)) as client:
        return await run(client)


async def _async(url: str) -> dict[str, Any]:
    async with openai.AsyncAzureOpenAI(**_options(url)) as client:
        return await run(client)


if __name__ == "__main__":
    main({"sync": lambda: _sync(sys.argv[1]), "async": lambda: _async(sys.argv[1])})
