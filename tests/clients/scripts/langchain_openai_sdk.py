# mypy: disable-error-code="import-not-found"
"""Calls of langchain-openai: `langchain_openai_sdk.py URL`, sync and async where it has both."""

import asyncio
import json
import math
import sys
import warnings
from typing import Any

warnings.simplefilter("ignore")  # of the frameworks among themselves; the results are what is tested

import openai  # noqa: E402
from langchain_core.messages import HumanMessage, ToolMessage  # noqa: E402
from langchain_openai import ChatOpenAI, OpenAI, OpenAIEmbeddings  # noqa: E402
from pydantic import create_model  # noqa: E402

from tests.clients.scripts.cases import case, run  # noqa: E402

Event: Any = create_model("Event", name=(str, ...), guests=(list[str], ...), seats=(int, ...))
WEATHER = "What is the weather in Paris today?"
TOOL = {
    "name": "get_weather",
    "description": "Get the current weather of a city.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


def _chat(url: str, **options: Any) -> Any:
    return ChatOpenAI(model="gpt-4o-mini", base_url=url + "/v1", api_key="anything", max_retries=0, **options)


@case
async def invoke(url: str) -> Any:
    """One answer, sync and async."""
    plain, awaited = _chat(url).invoke("hello"), await _chat(url).ainvoke("hello")
    return {
        "content": [plain.content, awaited.content],
        "usage": plain.usage_metadata,
        "finish_reason": plain.response_metadata["finish_reason"],
        "model": plain.response_metadata["model_name"],
        "id": plain.response_metadata["id"],
    }


@case
async def several(url: str) -> Any:
    """Two choices of one request, and their log probabilities."""
    result = _chat(url, n=2, logprobs=True).generate([[HumanMessage("hello")]])
    (choices,) = result.generations
    tokens = [choice.generation_info["logprobs"]["content"] for choice in choices]
    return {
        "texts": [choice.text for choice in choices],
        "tokens": ["".join(token["token"] for token in one) for one in tokens],
        "usage": result.llm_output["token_usage"]["completion_tokens"],
    }


@case
async def stream(url: str) -> Any:
    """The chunks of a stream, sync and async, and their sum."""
    chunks = list(_chat(url, stream_usage=True).stream("hello"))
    awaited = [chunk async for chunk in _chat(url).astream("hello")]
    whole = chunks[0]
    for chunk in chunks[1:]:
        whole += chunk
    return {
        "pieces": len([chunk for chunk in chunks if chunk.content]),
        "content": [whole.content, "".join(chunk.content for chunk in awaited)],
        "usage": whole.usage_metadata,
        "finish_reason": whole.response_metadata["finish_reason"],
    }


@case
async def tool_call(url: str) -> Any:
    """A tool call, plain and streamed, and the turn that ends it."""
    model = _chat(url).bind_tools([TOOL])
    called = model.invoke(WEATHER)
    pieces = list(model.stream(WEATHER))
    whole = pieces[0]
    for piece in pieces[1:]:
        whole += piece
    result = ToolMessage("18 degrees", tool_call_id=called.tool_calls[0]["id"])
    return {
        "plain": called.tool_calls,
        "streamed": whole.tool_calls,
        "last": model.invoke([HumanMessage(WEATHER), called, result]).content,
    }


@case
async def structured(url: str) -> Any:
    """Structured output in each of the three ways there are; JSON mode's schema is for the prompt to tell."""
    asked = {"json_schema": "Invent a party.", "function_calling": "Invent a party.", "json_mode": "Write down JSON."}
    return {
        method: _chat(url).with_structured_output(Event, method=method).invoke(text).model_dump()
        for method, text in asked.items()
    }


@case
async def embeddings(url: str) -> Any:
    """Vectors of texts, which it sends as token ids where it knows the model's vocabulary."""
    # Its vocabulary would be downloaded: the way for other servers sends the text itself.
    model = OpenAIEmbeddings(
        model="text-embedding-3-small", base_url=url + "/v1", api_key="anything", check_embedding_ctx_length=False
    )
    query = model.embed_query("red apples")
    documents = await model.aembed_documents(["red apples", "green pears"])
    return {
        "sizes": [len(query), *map(len, documents)],
        "length": math.hypot(*query),
        "same": max(abs(one - other) for one, other in zip(query, documents[0], strict=True)),
        "different": documents[0] != documents[1],
    }


@case
async def embeddings_of_tokens(url: str) -> Any:
    """Token ids, as it sends them for the models whose vocabulary it has."""
    model = OpenAIEmbeddings(model="text-embedding-3-small", base_url=url + "/v1", api_key="anything")
    made = [model.client.create(input=[[1, 2, 3], [4, 5]], **model._invocation_params) for _ in range(2)]
    return {
        "sizes": [len(item.embedding) for item in made[0].data],
        "usage": made[0].usage.prompt_tokens,
        "same": [item.embedding for item in made[0].data] == [item.embedding for item in made[1].data],
    }


@case
async def legacy(url: str) -> Any:
    """Completions of old: one, several prompts at once, a stream."""
    model = OpenAI(model="gpt-3.5-turbo-instruct", base_url=url + "/v1", api_key="anything", max_retries=0)
    several = model.generate(["apples are", "pears are"])
    return {
        "invoke": [model.invoke("count"), await model.ainvoke("count")],
        "several": [choices[0].text for choices in several.generations],
        "stream": list(model.stream("count")),
    }


@case
async def refused(url: str) -> Any:
    """A refusal, as it raises it."""
    try:
        _chat(url, temperature=9).invoke("hello")
    except openai.BadRequestError as error:
        bases = [kind.__name__ for kind in type(error).__mro__]
        return {"bases": bases, "code": error.code, "param": error.param, "request_id": error.request_id}
    return "nothing was raised"


if __name__ == "__main__":
    json.dump(asyncio.run(run(sys.argv[1])), sys.stdout)
