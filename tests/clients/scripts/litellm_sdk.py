"""Calls of litellm: `litellm_sdk.py PAGE DEPRECATED DEFAULT`, the URLs of three servers.

PAGE serves the answers that litellm's page "Custom API Server (OpenAI Format)" documents, DEPRECATED has a
deprecated model, DEFAULT is one with nothing configured.
"""

import asyncio
import json
import math
import os
import sys
from collections.abc import Callable
from typing import Any

os.environ["OPENAI_API_KEY"] = "anything"
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # importing asks the network otherwise

import litellm

from tests.clients.scripts.cases import case, done, each, plain, run

litellm.telemetry = False
litellm.suppress_debug_info = True
litellm.num_retries = 0

HELLO: Any = [{"content": "Hello, how are you?", "role": "user"}]
BASES = {"bare": "", "bare slash": "/", "v1": "/v1", "v1 slash": "/v1/"}


def _documented(url: str, provider: str) -> Any:
    return plain(
        litellm.completion(model="command-nightly", messages=HELLO, api_base=url, custom_llm_provider=provider)
    )


@case
async def page_chat(page: str, deprecated: str, default: str) -> Any:
    """The documented call, from each way to write `api_base`."""
    return {name: _documented(page + tail, "openai") for name, tail in BASES.items()}


@case
async def page_text(page: str, deprecated: str, default: str) -> Any:
    """The documented call to completions, from each way to write `api_base`."""
    return {name: _documented(page + tail, "text-completion-openai") for name, tail in BASES.items()}


@case
async def page_chat_async(page: str, deprecated: str, default: str) -> Any:
    """The documented call, awaited."""
    answer = await litellm.acompletion(
        model="command-nightly", messages=HELLO, api_base=page, custom_llm_provider="openai"
    )
    return plain(answer)


@case
async def page_chat_stream(page: str, deprecated: str, default: str) -> Any:
    """The documented call, streamed."""
    return await _streamed("command-nightly", page, custom_llm_provider="openai")


@case
async def page_text_stream(page: str, deprecated: str, default: str) -> Any:
    """The documented call to completions, streamed."""
    return await _streamed("command-nightly", page, custom_llm_provider="text-completion-openai")


@case
async def page_text_completion(page: str, deprecated: str, default: str) -> Any:
    """`text_completion` gives the endpoint's own shape."""
    answer = litellm.text_completion(
        model="text-completion-openai/text-davinci-003", prompt="Say this is a test", api_base=page
    )
    return {"answer": plain(answer), "warning": getattr(answer, "warning", None)}


@case
async def chat_stream(page: str, deprecated: str, default: str) -> Any:
    """A stream with its usage."""
    return await _streamed("openai/gpt-4o-mini", default, stream_options={"include_usage": True})


@case
async def chat_stream_async(page: str, deprecated: str, default: str) -> Any:
    """The same, awaited."""
    stream = await litellm.acompletion(
        model="openai/gpt-4o-mini",
        messages=HELLO,
        api_base=default,
        stream=True,
        stream_options={"include_usage": True},
    )
    return [plain(chunk) async for chunk in stream]


@case
async def chat_plain(page: str, deprecated: str, default: str) -> Any:
    """The same, not streamed."""
    return plain(litellm.completion(model="openai/gpt-4o-mini", messages=HELLO, api_base=default))


@case
async def chat_tools(page: str, deprecated: str, default: str) -> Any:
    """A question that a tool answers."""
    parameters = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    answer = litellm.completion(
        model="openai/gpt-4o-mini",
        messages=[{"role": "user", "content": "What is the weather in Paris today?"}],
        tools=[{"type": "function", "function": {"name": "get_weather", "parameters": parameters}}],
        api_base=default,
    )
    return plain(answer.choices[0])


@case
async def text_completion(page: str, deprecated: str, default: str) -> Any:
    """A legacy completion."""
    return plain(
        litellm.text_completion(
            model="text-completion-openai/gpt-3.5-turbo-instruct", prompt="Once upon a time", api_base=default
        )
    )


@case
async def embedding(page: str, deprecated: str, default: str) -> Any:
    """A vector."""
    return _vector(litellm.embedding(model="openai/text-embedding-3-small", input=["red apples"], api_base=default))


@case
async def embedding_async(page: str, deprecated: str, default: str) -> Any:
    """The same, awaited."""
    return _vector(
        await litellm.aembedding(model="openai/text-embedding-3-small", input=["red apples"], api_base=default)
    )


@case
async def deprecated_chat(page: str, deprecated: str, default: str) -> Any:
    """A chat with a deprecated model."""
    answer = litellm.completion(model="openai/old", messages=HELLO, api_base=deprecated)
    return {"warning": getattr(answer, "warning", None), "content": answer.choices[0].message.content}


@case
async def deprecated_text(page: str, deprecated: str, default: str) -> Any:
    """A completion by a deprecated model."""
    answer = litellm.text_completion(
        model="text-completion-openai/old", prompt="Hello, how are you?", api_base=deprecated
    )
    return {"warning": getattr(answer, "warning", None), "content": answer.choices[0].text}


@case
async def error_missing(page: str, deprecated: str, default: str) -> Any:
    """A refusal, as litellm maps it."""
    return _raised(lambda: litellm.completion(model="openai/gpt-4o-mini", messages=[], api_base=default))


@case
async def error_unknown_path(page: str, deprecated: str, default: str) -> Any:
    """A base URL that leads nowhere."""
    return _raised(
        lambda: litellm.completion(model="openai/gpt-4o-mini", messages=HELLO, api_base=default + "/nowhere")
    )


async def _streamed(model: str, url: str, **options: Any) -> Any:
    stream = litellm.completion(model=model, messages=HELLO, api_base=url, stream=True, **options)
    return [plain(chunk) async for chunk in each(await done(stream))]


def _vector(answer: Any) -> Any:
    vector = answer.data[0]["embedding"]
    return {
        "size": len(vector),
        "length": math.hypot(*vector),
        "start": vector[:3],
        "model": answer.model,
        "usage": plain(answer.usage),
    }


def _raised(call: Callable[[], Any]) -> Any:
    try:
        call()
    except Exception as error:
        status = getattr(error, "status_code", None)
        return {"class": type(error).__name__, "status": status, "message": str(error)}
    return "nothing was raised"


if __name__ == "__main__":
    json.dump(asyncio.run(run(*sys.argv[1:])), sys.stdout)
