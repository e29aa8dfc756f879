"""The ways litellm has to ask a server of this format: `litellm_providers.py URL`."""

import asyncio
import json
import os
import sys
from typing import Any

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # importing asks the network otherwise

import litellm

from tests.clients.scripts.cases import plain

litellm.telemetry = False
litellm.suppress_debug_info = True
litellm.num_retries = 0

MESSAGES: Any = [{"role": "user", "content": "count"}]
AZURE = {"api_version": "2024-10-21"}

CHATS: dict[str, dict[str, Any]] = {
    "openai": {"model": "openai/gpt-4o-mini"},
    "openai, by provider": {"model": "gpt-4o-mini", "custom_llm_provider": "openai"},
    "hosted_vllm": {"model": "hosted_vllm/meta-llama/Llama-3.3-70B"},
    "custom_openai": {"model": "custom_openai/some-model"},
    "azure": {"model": "azure/gpt-4o-mini", **AZURE},
    "text-completion-openai": {"model": "text-completion-openai/gpt-3.5-turbo-instruct"},
}
TEXTS: dict[str, dict[str, Any]] = {
    "text-completion-openai": {"model": "text-completion-openai/gpt-3.5-turbo-instruct"},
    "openai": {"model": "openai/gpt-4o-mini"},
}
EMBEDDINGS: dict[str, dict[str, Any]] = {
    "openai": {"model": "openai/text-embedding-3-small"},
    "hosted_vllm": {"model": "hosted_vllm/some-model"},
    "azure": {"model": "azure/text-embedding-3-small", **AZURE},
}


def _chat(answer: Any) -> Any:
    (choice,) = answer.choices
    return {"text": choice.message.content, "reason": choice.finish_reason, "tokens": answer.usage.completion_tokens}


def _text(answer: Any) -> Any:
    (choice,) = answer.choices
    return {"text": choice.text, "reason": choice.finish_reason, "tokens": answer.usage.completion_tokens}


def _sum(chunks: list[Any]) -> Any:
    choices = [choice for chunk in map(plain, chunks) for choice in chunk["choices"]]
    usages = [chunk.usage.completion_tokens for chunk in chunks if getattr(chunk, "usage", None)]
    texts = [choice["delta"].get("content") if "delta" in choice else choice.get("text") for choice in choices]
    return {
        "text": "".join(text or "" for text in texts),
        "reason": [choice["finish_reason"] for choice in choices if choice.get("finish_reason")][-1],
        "tokens": usages[-1] if usages else None,
    }


async def _chats(options: dict[str, Any]) -> Any:
    streamed = {"stream": True, "stream_options": {"include_usage": True}}
    return {
        "plain": _chat(litellm.completion(messages=MESSAGES, **options)),
        "awaited": _chat(await litellm.acompletion(messages=MESSAGES, **options)),
        "streamed": _sum(list(litellm.completion(messages=MESSAGES, **streamed, **options))),
        "streamed, awaited": _sum(
            [chunk async for chunk in await litellm.acompletion(messages=MESSAGES, **streamed, **options)]
        ),
    }


async def _texts(options: dict[str, Any]) -> Any:
    return {
        "plain": _text(litellm.text_completion(prompt="count", **options)),
        "awaited": _text(await litellm.atext_completion(prompt="count", **options)),
        "streamed": _sum(list(litellm.text_completion(prompt="count", stream=True, **options)))["text"],
    }


async def _embeddings(options: dict[str, Any]) -> Any:
    answers = [
        litellm.embedding(input=["red apples", "green pears"], **options),
        await litellm.aembedding(input=["red apples", "green pears"], **options),
    ]
    return [[len(item["embedding"]) for item in answer.data] for answer in answers]


async def _tried(make: Any, options: dict[str, Any]) -> Any:
    try:
        return await make(options)
    except Exception as error:
        return {"raised": f"{type(error).__name__}: {error}"}


async def _all(url: str) -> Any:
    """What each provider gets, from each way to write the base URL."""
    tables = {"chat": (_chats, CHATS), "text": (_texts, TEXTS), "embedding": (_embeddings, EMBEDDINGS)}
    return {
        kind: {
            name: {
                base: await _tried(make, {"api_base": url + base, "api_key": "anything", **options})
                for base in ("", "/v1")
            }
            for name, options in rows.items()
        }
        for kind, (make, rows) in tables.items()
    }


if __name__ == "__main__":
    json.dump(asyncio.run(_all(sys.argv[1])), sys.stdout)
