"""The same stubs in the languages of all servers, so that each is asked to do the same work."""

import json
import re
from collections.abc import Sequence
from typing import NamedTuple

DELTAS = 64
"""A stream's answer comes in about so many pieces from every server."""


class Stub(NamedTuple):
    """A stub that every server of this kind can be given: what the user's text is like, and the answer's text.

    `how` is "contains", "exact" or "regex"; with "regex" `text` is the expression. With "model", which only mockserver
    is given, `text` is the name of the model asked for.
    """

    how: str
    text: str
    answer: str


class Vector(NamedTuple):
    """The numbers with which servers answer that embed nothing, for inputs that contain a text."""

    text: str
    numbers: tuple[float, ...]


def for_mockserver(stubs: Sequence[Stub]) -> str:
    """A fixture file of mockserver, as a person would write it."""
    lines = ["stubs:"]
    for stub in stubs:
        match = {
            "contains": f"user: {stub.text}",
            "exact": f"user: {{exact: {stub.text}}}",
            "regex": f"user: '/{stub.text}/'",
            "model": f"model: {stub.text}",
        }[stub.how]
        lines += [f"  - match: {{{match}}}", f"    response: {_scalar(stub.answer)}"]
    return "\n".join(lines) + "\n"


def for_aimock(stubs: Sequence[Stub], vector: Vector | None = None) -> str:
    """A fixture file of aimock, which knows texts that are contained and nothing else."""
    fixtures: list[object] = [
        {"match": {"userMessage": stub.text}, "response": {"content": stub.answer}} for stub in stubs
    ]
    if vector is not None:
        fixtures.append({"match": {"inputText": vector.text}, "response": {"embedding": vector.numbers}})
    return json.dumps({"fixtures": fixtures})


def for_stubllm(stubs: Sequence[Stub]) -> str:
    """A fixture file of stubllm, which reads JSON as YAML: without it a start with 10,000 stubs takes minutes."""
    fixtures = [
        {
            "name": f"stub-{number}",
            "match": {"messages": [{"role": "user", "content": {stub.how: stub.text}}]},
            "response": {"content": stub.answer},
        }
        for number, stub in enumerate(stubs)
    ]
    return json.dumps({"fixtures": fixtures})


def for_fakellm(stubs: Sequence[Stub]) -> str:
    """A configuration of fakellm, which knows texts that are contained and nothing else."""
    rules = [
        {"name": f"stub-{number}", "when": {"messages_contain": stub.text}, "respond": {"content": stub.answer}}
        for number, stub in enumerate(stubs)
    ]
    return json.dumps({"rules": rules})


def _scalar(text: str) -> str:
    return text if re.fullmatch(r"[A-Za-z][\w ,.!?'-]*", text) else json.dumps(text)
