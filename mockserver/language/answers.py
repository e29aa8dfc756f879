"""From `response` to what is prepared for answering: canned texts, compiled templates, fixed values."""

from typing import Any

from mockserver.errors import Place, Problem, TemplateFailure
from mockserver.language.responses import ResponseSpec
from mockserver.language.written import Written, has_template, is_template
from mockserver.reply import Text
from mockserver.response import Response, TextSource, ToolCallTemplate, Value


def build_response(spec: ResponseSpec, problems: list[Problem], locale: str | None = None) -> Response:
    """The response of a spec; templates that do not compile are noted in `problems`. `locale` is Faker's."""
    return _Builder(spec, problems).response()._replace(locale=locale)


def _vector(values: tuple[float, ...]) -> tuple[str, str]:
    from mockserver.generate.vectors import encode_base64, encode_json

    return encode_json(values), f'"{encode_base64(values)}"'


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
        dynamic = has_template(value)
        return Value(self._tree(value) if dynamic else value, dynamic)

    def _tree(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._tree(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._tree(item) for item in value]
        return self._template(value) if isinstance(value, str) and is_template(value) else value

    def _template(self, text: str) -> Any:
        from mockserver.template import Template

        self._dynamic = True
        place, block = (text.place, text.block) if isinstance(text, Written) else (self._place, False)
        try:
            return Template(text, place, block=block)
        except TemplateFailure as failure:
            line = f"line {failure.line} of the template: " if failure.line else ""
            self._problems.append(Problem(failure.place or place, f"not a valid template: {line}{failure}"))
            return Text("")
