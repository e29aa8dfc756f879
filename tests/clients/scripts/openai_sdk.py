# mypy: disable-error-code="import-not-found"
"""Calls of the official SDK, of each of its major versions: `openai_sdk.py URL`, sync and async."""

import math
import sys
from collections.abc import Callable
from typing import Any

import openai
from pydantic import create_model

from tests.clients.scripts.cases import case, done, each, main, plain, run

MODEL = "gpt-4o-mini"
HELLO: Any = [{"role": "user", "content": "hello"}]
COUNT: Any = [{"role": "user", "content": "count"}]
WEATHER: Any = [{"role": "user", "content": "What is the weather in Paris today?"}]
TOOLS: Any = [
    {
        "type": "function",
        "function": {
            "name": name,
            "description": description,
            "strict": True,
            "parameters": {
                "type": "object",
                "properties": {argument: {"type": "string"}},
                "required": [argument],
                "additionalProperties": False,
            },
        },
    }
    for name, description, argument in (
        ("send_mail", "Send a mail to somebody.", "recipient"),
        ("get_weather", "Get the current weather of a city.", "city"),
    )
]
SEND_MAIL: Any = {"type": "function", "function": {"name": "send_mail"}}
Event: Any = create_model("Event", name=(str, ...), guests=(list[str], ...), seats=(int, ...))
"""What structured output is asked to be."""


@case
async def chat(client: Any, url: str) -> Any:
    """One answer."""
    answer = await done(client.chat.completions.create(model=MODEL, messages=HELLO))
    return {"answer": plain(answer), "request_id": answer._request_id}


@case
async def chat_headers(client: Any, url: str) -> Any:
    """What stands in its headers."""
    raw = await done(client.chat.completions.with_raw_response.create(model=MODEL, messages=HELLO))
    return {"type": raw.headers["content-type"], "stub": raw.headers["x-mockserver-stub"]}


@case
async def chat_stream(client: Any, url: str) -> Any:
    """The chunks of a stream."""
    stream = await done(client.chat.completions.create(model=MODEL, messages=HELLO, stream=True))
    return [plain(chunk) async for chunk in each(stream)]


@case
async def chat_stream_usage(client: Any, url: str) -> Any:
    """The chunks of a stream that ends with usage."""
    stream = await done(
        client.chat.completions.create(model=MODEL, messages=HELLO, stream=True, stream_options={"include_usage": True})
    )
    return [plain(chunk) async for chunk in each(stream)]


@case
async def chat_stream_helper(client: Any, url: str) -> Any:
    """The SDK's own accumulation of a stream; 1.x and 2.x have it too."""
    manager = client.chat.completions.stream(model=MODEL, messages=WEATHER, tools=TOOLS)
    if hasattr(manager, "__aenter__"):
        async with manager as stream:
            return plain((await stream.get_final_completion()).choices[0])
    with manager as stream:
        return plain(stream.get_final_completion().choices[0])


@case
async def chat_length(client: Any, url: str) -> Any:
    """An answer cut by `max_tokens`."""
    return plain(await done(client.chat.completions.create(model=MODEL, messages=COUNT, max_tokens=3)))


@case
async def chat_stop(client: Any, url: str) -> Any:
    """An answer cut by `stop`."""
    return plain(await done(client.chat.completions.create(model=MODEL, messages=COUNT, stop=["three", "x"])))


@case
async def tool_chosen(client: Any, url: str) -> Any:
    """A tool that `tool_choice` names."""
    asked = {"model": MODEL, "messages": HELLO, "tools": TOOLS, "tool_choice": SEND_MAIL}
    return plain((await done(client.chat.completions.create(**asked))).choices[0])


@case
async def tool_apt(client: Any, url: str) -> Any:
    """A question that a tool answers."""
    asked = {"model": MODEL, "messages": WEATHER, "tools": TOOLS}
    return plain((await done(client.chat.completions.create(**asked))).choices[0])


@case
async def tool_not_apt(client: Any, url: str) -> Any:
    """A greeting, with tools on offer."""
    asked = {"model": MODEL, "messages": HELLO, "tools": TOOLS}
    return plain((await done(client.chat.completions.create(**asked))).choices[0])


@case
async def tool_stream(client: Any, url: str) -> Any:
    """The choices of a streamed tool call."""
    asked = {"model": MODEL, "messages": WEATHER, "tools": TOOLS, "stream": True}
    stream = await done(client.chat.completions.create(**asked))
    return [plain(chunk)["choices"][0] async for chunk in each(stream)]


@case
async def tool_answered(client: Any, url: str) -> Any:
    """The second turn: the call goes back with its result, and a text comes."""
    asked = {"model": MODEL, "tools": TOOLS}
    called = (await done(client.chat.completions.create(messages=WEATHER, **asked))).choices[0].message
    result = {"role": "tool", "tool_call_id": called.tool_calls[0].id, "content": "18 degrees"}
    answer = await done(client.chat.completions.create(messages=[*WEATHER, called, result], **asked))
    return plain(answer.choices[0])


@case
async def structured_parse(client: Any, url: str) -> Any:
    """Structured output, by a Pydantic model."""
    answer = await done(
        client.chat.completions.parse(
            model=MODEL, messages=[{"role": "user", "content": "Invent a party."}], response_format=Event
        )
    )
    message = answer.choices[0].message
    return {"type": type(message.parsed).__name__, "parsed": plain(message.parsed), "content": message.content}


@case
async def completion(client: Any, url: str) -> Any:
    """A legacy completion."""
    return plain(await done(client.completions.create(model="gpt-3.5-turbo-instruct", prompt="count")))


@case
async def completion_stream(client: Any, url: str) -> Any:
    """The chunks of a legacy completion."""
    stream = await done(
        client.completions.create(
            model="gpt-3.5-turbo-instruct",
            prompt="count",
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    return [plain(chunk) async for chunk in each(stream)]


@case
async def models_list(client: Any, url: str) -> Any:
    """All models."""
    return [plain(model) async for model in each(client.models.list())]


@case
async def models_retrieve(client: Any, url: str) -> Any:
    """One model."""
    return plain(await done(client.models.retrieve("gpt-4o")))


@case
async def models_retrieve_slash(client: Any, url: str) -> Any:
    """One model whose id has a slash."""
    return plain(await done(client.models.retrieve("meta-llama/Llama-3.3-70B")))


@case
async def stored(client: Any, url: str) -> Any:
    """Completions that are stored, listed page by page, changed and deleted one by one."""
    client = client.with_options(default_headers={"x-mockserver-session": type(client).__name__})
    completions = client.chat.completions
    made = [
        await done(completions.create(model=MODEL, messages=HELLO, store=True, metadata={"number": str(number)}))
        for number in range(3)
    ]
    last = made[-1].id
    updated = await done(completions.update(last, metadata={"number": "changed"}))
    listed = [one.id async for one in each(completions.list(limit=2))]
    found = [one.id async for one in each(completions.list(metadata={"number": "changed"}))]
    messages = [plain(one) async for one in each(completions.messages.list(last))]
    deleted = [plain(await done(completions.delete(one.id))) async for one in each(completions.list(limit=2))]
    return {
        "made": [one.id for one in made],
        "updated": [updated.id, updated.metadata],
        "listed": listed,
        "found": found,
        "messages": messages,
        "deleted": deleted,
        "gone": await _raised(lambda: completions.retrieve(last)),
    }


@case
async def embedding(client: Any, url: str) -> Any:
    """The SDK asks for base64 by itself and decodes it."""
    asked = {"model": "text-embedding-3-small", "input": ["red apples", "green pears"]}
    packed = await done(client.embeddings.create(**asked))
    floats = await done(client.embeddings.create(**asked, encoding_format="float"))
    pairs = zip(packed.data[0].embedding, floats.data[0].embedding, strict=True)
    return {
        "indexes": [item.index for item in packed.data],
        "objects": [packed.object, packed.data[0].object],
        "model": packed.model,
        "usage": plain(packed.usage),
        "sizes": [len(item.embedding) for item in packed.data],
        "lengths": [math.hypot(*item.embedding) for item in [*packed.data, *floats.data]],
        "different": packed.data[0].embedding != packed.data[1].embedding,
        "base64_to_float": max(abs(one - other) for one, other in pairs),
    }


@case
async def embedding_dimensions(client: Any, url: str) -> Any:
    """A vector of fewer dimensions."""
    answer = await done(client.embeddings.create(model="text-embedding-3-large", input="red apples", dimensions=256))
    vector = answer.data[0].embedding
    return {"size": len(vector), "length": math.hypot(*vector)}


@case
async def base_urls(client: Any, url: str) -> Any:
    """The same call from each way to write the base URL."""
    found = {}
    for tail in ("", "/", "/v1", "/v1/"):
        other = client.with_options(base_url=url + tail)
        answer = await done(other.chat.completions.create(model=MODEL, messages=HELLO))
        found[tail] = answer.choices[0].message.content
    return found


@case
async def error_unknown_path(client: Any, url: str) -> Any:
    """A path that is none."""
    return await _raised(lambda: client.post("/nothing/here", body={}, cast_to=object))


@case
async def error_method(client: Any, url: str) -> Any:
    """A path asked with the wrong method."""
    return await _raised(lambda: client.get("/completions", cast_to=object))


@case
async def error_malformed(client: Any, url: str) -> Any:
    """A body that is no JSON object."""
    return await _raised(lambda: client.post("/chat/completions", body="no object", cast_to=object))


@case
async def error_missing_field(client: Any, url: str) -> Any:
    """A body without its messages."""
    return await _raised(lambda: client.post("/chat/completions", body={"model": MODEL}, cast_to=object))


@case
async def error_wrong_type(client: Any, url: str) -> Any:
    """A field of the wrong type."""
    return await _raised(lambda: client.embeddings.create(model="text-embedding-3-small", input={"no": "text"}))


@case
async def error_streamed(client: Any, url: str) -> Any:
    """A stream that is refused."""
    asked: Any = {"model": MODEL, "messages": [{"role": "nobody", "content": "hello"}], "stream": True}
    return await _raised(lambda: client.chat.completions.create(**asked))


async def _raised(call: Callable[[], Any]) -> Any:
    """What the SDK makes of a refusal."""
    try:
        await done(call())
    except openai.APIStatusError as error:
        return {
            "class": type(error).__name__,
            "status": error.status_code,
            "type": error.type,
            "code": error.code,
            "param": error.param,
            "request_id": error.request_id,
            "message": error.body["message"] if isinstance(error.body, dict) else error.body,
        }
    return "nothing was raised"


async def _sync(url: str) -> dict[str, Any]:
    with openai.OpenAI(base_url=url + "/v1", api_key="anything", max_retries=0) as client:
        return await run(client, url)


async def _async(url: str) -> dict[str, Any]:
    async with openai.AsyncOpenAI(base_url=url + "/v1", api_key="anything", max_retries=0) as client:
        return await run(client, url)


if __name__ == "__main__":
    main({"sync": lambda: _sync(sys.argv[1]), "async": lambda: _async(sys.argv[1])})
