# mypy: disable-error-code="import-not-found"
"""Structured output by instructor: `instructor_sdk.py URL`, sync and async."""

import sys
from typing import Annotated, Any

import instructor
import openai
from pydantic import AfterValidator, create_model

from tests.clients.scripts.cases import case, done, each, main, run

MODEL = "gpt-4o-mini"
MODES = {"TOOLS": "Invent", "JSON_SCHEMA": "Invent", "JSON": "Write down", "MD_JSON": "Write down"}
"""The verb by which a stub knows the modes that tell the schema to the model only."""
PARTY: Any = [{"role": "user", "content": "Invent a party."}]
Event: Any = create_model("Event", name=(str, ...), guests=(list[str], ...), seats=(int, ...))
Guest: Any = create_model("Guest", name=(str, ...), age=(int, ...))


@case
async def structured(client: Any) -> Any:
    """The same model in each mode."""
    found = {}
    for mode, verb in MODES.items():
        wrapped = instructor.from_openai(client, mode=instructor.Mode[mode])
        asked: Any = [{"role": "user", "content": f"{verb} a party."}]
        answer = await done(
            wrapped.chat.completions.create(model=MODEL, messages=asked, response_model=Event, max_retries=0)
        )
        found[mode] = answer.model_dump()
    return found


@case
async def several(client: Any) -> Any:
    """A list of models, one after the other, from a stream."""
    wrapped = instructor.from_openai(client)
    made = wrapped.chat.completions.create_iterable(model=MODEL, messages=PARTY, response_model=Guest)
    return [guest.model_dump() async for guest in each(await done(made))]


@case
async def partial(client: Any) -> Any:
    """A model that grows as it is streamed."""
    wrapped = instructor.from_openai(client)
    made = wrapped.chat.completions.create_partial(model=MODEL, messages=PARTY, response_model=Event)
    states = [state.model_dump() async for state in each(await done(made))]
    return {"states": len(states), "last": states[-1]}


@case
async def retried(client: Any) -> Any:
    """A validation that fails once: the second request brings the answer and the reason, and is accepted."""
    seen: list[str] = []

    def check(value: str) -> str:
        seen.append(value)
        if len(seen) == 1:
            raise ValueError("not good enough")
        return value

    picky: Any = create_model("Picky", name=(Annotated[str, AfterValidator(check)], ...))
    wrapped = instructor.from_openai(client)
    answer = await done(
        wrapped.chat.completions.create(
            model=MODEL,
            messages=[{"role": "user", "content": "Try again?"}],
            response_model=picky,
            max_retries=2,
        )
    )
    return {"attempts": len(seen), "name": answer.name}


async def _sync(url: str) -> dict[str, Any]:
    with openai.OpenAI(base_url=url + "/v1", api_key="anything", max_retries=0) as client:
        return await run(client)


async def _async(url: str) -> dict[str, Any]:
    async with openai.AsyncOpenAI(base_url=url + "/v1", api_key="anything", max_retries=0) as client:
        return await run(client)


if __name__ == "__main__":
    main({"sync": lambda: _sync(sys.argv[1]), "async": lambda: _async(sys.argv[1])})
