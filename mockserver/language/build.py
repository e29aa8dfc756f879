"""From what a file says to what the server runs: specs become stubs, texts with `{{` become templates."""

import json
from typing import Any

from mockserver.endpoints import ENDPOINTS
from mockserver.errors import Place, Problem, TemplateFailure
from mockserver.language.model import Match, ResponseSpec, StubSpec
from mockserver.match import (
    AfterTool,
    Condition,
    EndpointIs,
    FormatIs,
    ModelIs,
    OffersTools,
    StreamIs,
    ToolsOffered,
    UserText,
    WantsTool,
    glob_regex,
)
from mockserver.reply import Text
from mockserver.response import Response, TextSource, ToolCallTemplate, Value
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
    response = _Builder(spec.response, problems).response()
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
        conditions=_conditions(spec.match, spec.response),
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


def _vector(values: tuple[float, ...]) -> tuple[str, str]:
    from mockserver.generate.vectors import encode_base64, encode_json

    return encode_json(values), f'"{encode_base64(values)}"'


def _conditions(match: Match, response: ResponseSpec) -> tuple[Condition, ...]:
    """The conditions of a `match`, the cheap ones first."""
    found: list[Condition] = []
    if match.endpoint:
        found.append(EndpointIs(match.endpoint))
    if match.model:
        found.append(ModelIs(match.model, frozenset(match.model), glob_regex(match.model)))
    if match.stream is not None:
        found.append(StreamIs(match.stream))
    if match.after_tool is not None:
        found.append(AfterTool(match.after_tool))
    elif response.tool_calls or response.generate == "tool_calls":
        found.append(AfterTool(False))  # else an agent would be given the same call again, without end
    if response.generate == "tool_calls":
        found.append(OffersTools())
    if match.response_format:
        found.append(FormatIs(match.response_format))
    if match.user:
        found.append(UserText(tuple(pattern.pattern for pattern in match.user)))
    if match.tools:
        found.append(ToolsOffered(match.tools))
    if match.wants_tool is not None:
        found.append(WantsTool(match.wants_tool))
    return tuple(found)


def is_template(text: str) -> bool:
    """Whether a text is a template rather than canned."""
    return "{{" in text or "{%" in text


class _Builder:
    """Builds one response; remembers whether anything in it was a template."""

    def __init__(self, spec: ResponseSpec, problems: list[Problem]) -> None:
        self._spec = spec
        self._place = spec.place or Place("", 1, 1)
        self._problems = problems
        self._dynamic = False

    def response(self) -> Response:
        spec = self._spec
        usage = spec.usage
        text = self._text(spec.text)
        refusal, reasoning = self._text(spec.refusal), self._text(spec.reasoning)
        calls = tuple(
            ToolCallTemplate(call.name, self._value({} if call.arguments is None else call.arguments), call.id)
            for call in spec.tool_calls
        )
        only_text = not calls and refusal is None and reasoning is None and spec.finish_reason is None
        has_body = spec.body is not None
        body = self._value(spec.body) if has_body else None
        return Response(
            place=self._place,
            text=text,
            refusal=refusal,
            reasoning=reasoning,
            tool_calls=calls,
            generate=spec.generate,
            vector=None if spec.embedding is None else _vector(spec.embedding),
            body=body,
            finish_reason=spec.finish_reason,
            warning=spec.warning,
            id=spec.id,
            created=spec.created,
            model=spec.model,
            usage=None if usage is None else {name: value for name, value in usage.given() if value is not None},
            status=spec.status,
            headers=tuple((name.lower(), value) for name, value in (spec.headers or {}).items()),
            dynamic=self._dynamic,
            canned=text if only_text and isinstance(text, Text) else None,
        )

    def _text(self, text: str | None) -> "TextSource | None":
        if text is None:
            return None
        return self._template(text) if is_template(text) else Text(text)

    def _value(self, value: Any) -> Value:
        spelled = json.dumps(value, ensure_ascii=False)
        if not is_template(spelled):
            return Value(value, False)
        tree = self._tree(value)
        return Value(tree, self._dynamic)

    def _tree(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._tree(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._tree(item) for item in value]
        return self._template(value) if isinstance(value, str) and is_template(value) else value

    def _template(self, text: str) -> Any:
        from mockserver.template import Template

        self._dynamic = True
        try:
            return Template(text)
        except TemplateFailure as failure:
            line = f"line {failure.line} of the template: " if failure.line and failure.line > 1 else ""
            self._problems.append(Problem(self._place, f"not a valid template: {line}{failure}"))
            return Text("")
