# mypy: disable-error-code="import-not-found"
"""What the official SDK gets from the shipped examples: `examples.py NAME=URL ...`, a case for each name."""

import json
import sys
from collections.abc import Callable
from typing import Any

import openai

CASES: dict[str, Callable[[openai.OpenAI], Any]] = {}
MODEL = "gpt-4o-mini"


def case(function: Callable[[openai.OpenAI], Any]) -> Callable[[openai.OpenAI], Any]:
    """Register a case under its function's name, that of its example."""
    CASES[function.__name__] = function
    return function


def ask(client: openai.OpenAI, text: str, **more: Any) -> Any:
    """The answer to one user message."""
    return client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": text}], **more)


def said(client: openai.OpenAI, text: str, **more: Any) -> Any:
    """Its text."""
    return ask(client, text, **more).choices[0].message.content


@case
def hello(client: openai.OpenAI) -> Any:
    """A greeting, a name, a story, the last streamed."""
    stream = ask(client, "tell me a story", max_tokens=5, stream=True)
    story = "".join(chunk.choices[0].delta.content or "" for chunk in stream)
    return [said(client, "hello"), said(client, "My name is Ada"), story]


def function(name: str) -> dict[str, Any]:
    """A tool as a request offers it."""
    return {"type": "function", "function": {"name": name, "parameters": {"type": "object", "properties": {}}}}


@case
def agent(client: openai.OpenAI) -> Any:
    """The loop of an agent until there is nothing to call, once with a booking that works and once without."""

    def run(confirmed: bool) -> list[Any]:
        results = {
            "get_weather": {"degrees": 21},
            "find_hotels": {"hotels": ["Ritz", "Astoria"]},
            "book_hotel": {"confirmed": confirmed},
        }
        tools = [function(name) for name in results]
        messages: list[Any] = [{"role": "user", "content": "Plan a trip to Paris"}]
        seen: list[Any] = []
        for _ in range(5):
            answer = client.chat.completions.create(model=MODEL, messages=messages, tools=tools).choices[0]
            messages.append(answer.message.model_dump(exclude_none=True))
            if answer.finish_reason != "tool_calls":
                return [*seen, answer.message.content]
            for call in answer.message.tool_calls:
                seen.append([call.function.name, json.loads(call.function.arguments)])
                result = json.dumps(results[call.function.name])
                messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
        return [*seen, "no end"]

    return [run(True), run(False)]


@case
def rag(client: openai.OpenAI) -> Any:
    """Three questions to a small store: the nearest document goes into the prompt."""
    documents = [
        "Our shop is open from 9 to 17 on weekdays.",
        "Refunds are paid within 14 days.",
        "We ship to Norway and Denmark.",
    ]

    def embed(*texts: str) -> list[list[float]]:
        made = client.embeddings.create(model="text-embedding-3-small", input=list(texts))
        return [item.embedding for item in made.data]

    store = embed(*documents)

    def answer(question: str) -> Any:
        (asked,) = embed(question)
        near = [sum(a * b for a, b in zip(asked, vector, strict=True)) for vector in store]
        document = documents[near.index(max(near))]
        messages: Any = [
            {"role": "system", "content": f"Answer from this alone: {document}"},
            {"role": "user", "content": question},
        ]
        made = client.chat.completions.create(model=MODEL, messages=messages)
        return [document, made.choices[0].message.content, getattr(made, "citations", None)]

    questions = ["How do I get my money back?", "When do you open?", "Do you ship to Denmark?"]
    return [answer(question) for question in questions]


def schema(name: str) -> dict[str, Any]:
    """A response format."""
    shape = {"type": "object", "properties": {"count": {"type": "integer"}}, "required": ["count"]}
    return {"type": "json_schema", "json_schema": {"name": name, "schema": shape}}


@case
def structured(client: openai.OpenAI) -> Any:
    """JSON that is given, refused, cut off, and made up."""
    given = json.loads(said(client, "ACME", response_format=schema("invoice")))
    refused = ask(client, "how to pick a lock", response_format=schema("lock")).choices[0]
    cut = ask(client, "tell me everything", response_format=schema("items")).choices[0]
    made = json.loads(said(client, "How many?", response_format=schema("number")))
    return {
        "given": [given["customer"], len(given["lines"]), given["paid"]],
        "refused": [refused.message.content, refused.message.refusal],
        "cut": [cut.message.content, cut.finish_reason],
        "made": sorted((key, type(value).__name__) for key, value in made.items()),
    }


@case
def conversation(client: openai.OpenAI) -> Any:
    """Turns that depend on what was said and on what happened; another session begins anew."""
    messages: list[Any] = []
    heard = []
    for text in ["Good day", "My name is Grace.", "So what is my name?"]:
        messages.append({"role": "user", "content": text})
        answer = client.chat.completions.create(model=MODEL, messages=messages).choices[0].message
        messages.append({"role": "assistant", "content": answer.content})
        heard.append(answer.content)
    other = client.with_options(default_headers={"x-mockserver-session": "other"})
    orders = [said(client, text) for text in ("order", "yes", "yes")]
    return {
        "heard": heard,
        "orders": [*orders, said(other, "order")],
        "bored": [said(client, "knock knock") for _ in range(4)],
    }


@case
def deprecated(client: openai.OpenAI) -> Any:
    """A warning, an error, and a model that nobody declared."""
    old = client.completions.create(model="text-davinci-003", prompt="Hi")
    failures = []
    for model in ("gpt-3.5-turbo-0301", "gpt-5"):
        try:
            client.chat.completions.create(model=model, messages=[{"role": "user", "content": "Hi"}])
        except openai.NotFoundError as error:
            failures.append([error.code, error.body["message"] if isinstance(error.body, dict) else ""])
    warning = (old.model_extra or {}).get("warning")
    return {"answer": [old.choices[0].text, warning], "failures": failures, "models": len(client.models.list().data)}


@case
def locales(client: openai.OpenAI) -> Any:
    """People in four languages, the same ones when asked again."""
    asked = ("Kunde", "client", "お客様")
    listed = json.loads(said(client, "list, as JSON", response_format={"type": "json_object"}))
    return {
        "people": [said(client, text) for text in asked],
        "again": [said(client, text) for text in asked],
        "list": [entry["locale"] for entry in listed],
    }


@case
def choices(client: openai.OpenAI) -> Any:
    """A certainty, and titles."""
    answer = ask(client, "Is this spam?", logprobs=True, top_logprobs=2).choices[0]
    (token,) = answer.logprobs.content
    titles = ask(client, "a title, please", n=4).choices
    return {
        "spam": [answer.message.content, [[top.token, top.logprob] for top in token.top_logprobs]],
        "titles": [choice.message.content for choice in titles],
    }


def main(given: list[str]) -> dict[str, Any]:
    """The result of each case; `raised` where one fails."""
    found: dict[str, Any] = {}
    for name, url in (pair.split("=", 1) for pair in given):
        with openai.OpenAI(base_url=f"{url}/v1", api_key="anything", max_retries=0) as client:
            try:
                found[name] = CASES[name](client)
            except Exception as error:
                found[name] = {"raised": f"{type(error).__name__}: {error}"}
    return found


if __name__ == "__main__":
    json.dump(main(sys.argv[1:]), sys.stdout)
