"""Calls and conditions, made shortly."""

from pathlib import Path
from typing import Any

from mockserver.call import Call
from mockserver.language.conditions import matched
from mockserver.language.load import load
from mockserver.language.matching import MATCH
from mockserver.language.source import Source
from mockserver.matching.logic import groups_of
from mockserver.state import Past
from mockserver.stubs import Stubs

DEFAULT = "good day"


def chat(
    user: str = DEFAULT, *, past: Past | None = None, headers: dict[bytes, bytes] | None = None, **body: Any
) -> Call:
    """A chat request with one user message, or with the `messages` given."""
    call = Call(
        "chat",
        {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": user}], **body},
        headers=headers or {},
    )
    if past is not None:
        call.past = past
    return call


def completion(prompt: Any, **body: Any) -> Call:
    """A request to completions."""
    return Call("completions", {"model": "m", "prompt": prompt, **body})


def embedding(text: Any, **body: Any) -> Call:
    """A request to embeddings."""
    return Call("embeddings", {"model": "m", "input": text, **body})


def read(match: str) -> Any:
    """A match as a file writes it."""
    source = Source("stubs.yaml")
    node = source.compose(match.encode())
    assert node is not None, source.problems
    return MATCH.read(node, source)


def differences(match: str, call: Call) -> list[str]:
    """What differs between a match and a call, in words."""
    found = (condition.difference(call) for condition in matched(read(match)))
    return [str(difference) for difference in found if difference is not None]


def groups(match: str, call: Call) -> dict[str, str]:
    """The named groups of a match's regexes."""
    return groups_of(matched(read(match)), call)


def stubs(folder: Path, text: str) -> Stubs:
    """The stubs of a fixture file, without the default behind them."""
    file = folder / "stubs.yaml"
    file.write_text(text, encoding="utf-8")
    return load([file], strict=True).stubs
