"""From what a file says to what the server runs: specs become stubs, texts with `{{` become templates."""

from mockserver.endpoints import ENDPOINTS
from mockserver.errors import Place, Problem
from mockserver.language.answers import build_response
from mockserver.language.conditions import conditions
from mockserver.language.model import StubSpec
from mockserver.language.responses import ResponseSpec
from mockserver.stubs import Stub, header_name

_COMPLETES = ("chat", "completions")
_CHAT = ("chat",)
_ANSWERS: dict[str, tuple[str, ...]] = {
    "text": _COMPLETES,
    "json": _COMPLETES,
    "tool_calls": _CHAT,
    "embedding": ("embeddings",),
}
"""Which endpoints a kind of answer makes sense for."""


def build_stub(spec: StubSpec, name: str, problems: list[Problem]) -> Stub:
    """The stub of a spec; templates that do not compile are noted in `problems`."""
    place = spec.place or Place("", 1, 1)
    response = build_response(spec.response, problems)
    endpoints = _endpoints(spec.response)
    if spec.match.endpoint and not set(endpoints).intersection(spec.match.endpoint):
        problems.append(
            Problem(
                place,
                f"this response cannot answer {' or '.join(spec.match.endpoint)}: it answers {' and '.join(endpoints)}",
            )
        )
    return Stub(
        name=name,
        conditions=conditions(spec.match, spec.response),
        response=response,
        endpoints=tuple(e for e in endpoints if not spec.match.endpoint or e in spec.match.endpoint),
        place=place,
        header=header_name(name),
    )


def _endpoints(spec: ResponseSpec) -> tuple[str, ...]:
    if spec.generate is not None:
        return _ANSWERS[spec.generate]
    if spec.tool_calls or spec.refusal is not None or spec.reasoning is not None:
        return _CHAT
    if spec.text is not None:
        return _ANSWERS["text"]
    if spec.embedding is not None:
        return _ANSWERS["embedding"]
    return tuple(endpoint.name for endpoint in ENDPOINTS)
