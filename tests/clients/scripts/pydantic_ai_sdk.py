# mypy: disable-error-code="import-not-found"
"""Runs of pydantic-ai agents: `pydantic_ai_sdk.py URL`."""

import asyncio
import json
import sys
from typing import Any

from pydantic import create_model
from pydantic_ai import Agent, ModelHTTPError, NativeOutput, PromptedOutput, ToolOutput
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

from tests.clients.scripts.cases import case, run

Event: Any = create_model("Event", name=(str, ...), guests=(list[str], ...), seats=(int, ...))


def _agent(url: str, **options: Any) -> Any:
    provider = OpenAIProvider(base_url=url + "/v1", api_key="anything")
    return Agent(OpenAIChatModel("gpt-4o-mini", provider=provider), **options)


def _with_tool(url: str) -> tuple[Any, list[str]]:
    """An agent that can ask for the weather, and the cities it was asked for."""
    agent, asked = _agent(url), []

    @agent.tool_plain  # type: ignore[untyped-decorator]
    def get_weather(city: str) -> str:
        """Get the current weather of a city."""
        asked.append(city)
        return "18 degrees"

    return agent, asked


@case
async def plain(url: str) -> Any:
    """One answer and its usage."""
    result = await _agent(url).run("hello")
    return {"output": result.output, "requests": result.usage.requests, "tokens": result.usage.output_tokens}


@case
async def tool(url: str) -> Any:
    """A run that calls a tool and ends in words."""
    agent, asked = _with_tool(url)
    result = await agent.run("What is the weather in Paris today?")
    return {"output": result.output, "asked": asked, "requests": result.usage.requests}


@case
async def tool_streamed(url: str) -> Any:
    """The same, streamed."""
    agent, asked = _with_tool(url)
    async with agent.run_stream("What is the weather in Paris today?") as result:
        pieces = [piece async for piece in result.stream_text(delta=True, debounce_by=None)]
        return {"output": "".join(pieces), "pieces": len(pieces), "asked": asked}


@case
async def structured(url: str) -> Any:
    """Structured output in each of its modes: by a tool, by the response format, by asking."""
    modes = {"tool": ToolOutput(Event), "native": NativeOutput(Event), "prompted": PromptedOutput(Event)}
    found = {}
    for name, mode in modes.items():
        text = "Write a party down." if name == "prompted" else "Invent a party."
        result = await _agent(url, output_type=mode, retries=0).run(text)
        found[name] = {"output": result.output.model_dump(), "requests": result.usage.requests}
    return found


@case
async def structured_streamed(url: str) -> Any:
    """Structured output that grows as it comes."""
    agent = _agent(url, output_type=ToolOutput(Event))
    async with agent.run_stream("Invent a party.") as result:
        return (await result.get_output()).model_dump()


@case
async def refused(url: str) -> Any:
    """A refusal, as it raises it."""
    try:
        await _agent(url, model_settings={"temperature": 9}).run("hello")
    except ModelHTTPError as error:
        return {"status": error.status_code, "model": error.model_name, "body": error.body}
    return "nothing was raised"


if __name__ == "__main__":
    json.dump(asyncio.run(run(sys.argv[1])), sys.stdout)
