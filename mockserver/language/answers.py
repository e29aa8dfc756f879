"""From `response` to what is prepared for answering: canned texts, compiled templates, fixed values."""

from collections.abc import Iterable
from typing import Any

from mockserver.errors import Place, Problem, TemplateFailure
from mockserver.language.responses import EmbeddingSpec, ResponseSpec
from mockserver.language.said import AnswerSpec, TokenSpec, ToolCallSpec
from mockserver.language.written import Written, has_template, is_template
from mockserver.reply import Scope, Text, TokenLogprob
from mockserver.response import (
    Embedding,
    JsonText,
    Response,
    Said,
    Setting,
    TextSource,
    ToolCallTemplate,
    Value,
)
from mockserver.wire.encode import compact


def build_response(
    spec: ResponseSpec, problems: list[Problem], locale: str | None = None, *, literal: bool = False
) -> Response:
    """The response of a spec; templates that do not compile are noted in `problems`. `locale` is Faker's.

    With `literal` there are no templates: all texts are taken as they are.
    """
    return _Builder(spec, problems, literal).response()._replace(locale=locale)


class _Builder:
    """Builds one response; remembers whether anything in it was a template."""

    def __init__(self, spec: ResponseSpec, problems: list[Problem], literal: bool) -> None:
        self._spec = spec
        self._place = spec.place or Place("", 1, 1)
        self._problems = problems
        self._literal = literal
        self._dynamic = False

    def response(self) -> Response:
        spec = self._spec
        settings = tuple(self._settings(spec))
        inside = tuple(setting for setting in settings if setting.scope != "answer")
        answers = tuple(self._said(answer, inside if answer is not spec else ()) for answer in spec.answers)
        outside = tuple(setting for setting in settings if setting.scope == "answer")
        return Response(
            place=self._place,
            answers=answers,
            embeddings=_embeddings(spec),
            body=spec.body_file if spec.body is None else self._value(spec.body),
            warning=spec.warning,
            id=spec.id,
            created=spec.created,
            model=spec.model,
            system_fingerprint=spec.system_fingerprint,
            service_tier=spec.service_tier,
            usage=None if spec.usage is None else {name: n for name, n in spec.usage.given() if n is not None},
            status=spec.status,
            headers=tuple((name.lower(), value) for name, value in (spec.headers or {}).items()),
            settings=outside,
            dynamic=self._dynamic,
            canned=None if outside else _canned(answers),
        )

    def _said(self, spec: AnswerSpec, shared: tuple[Setting, ...]) -> Said:
        """What a choice says; `shared` are settings of all choices, before its own."""
        own = (setting for setting in self._settings(spec) if setting.scope != "answer")
        return Said(
            text=self._spoken(spec),
            tool_calls=tuple(map(self._call, spec.tool_calls)),
            refusal=self._text(spec.refusal),
            reasoning=self._text(spec.reasoning),
            generate=spec.generate,
            schema=spec.schema,
            scores=tuple(map(_score, spec.logprobs)),
            finish_reason=spec.finish_reason,
            settings=(*shared, *own),
        )

    def _spoken(self, spec: AnswerSpec) -> "TextSource | None":
        if spec.text_file is not None:
            return Text(spec.text_file)
        if "json" in dict(spec.given()):
            value = self._value(spec.json)
            return JsonText(value) if value.dynamic else Text(compact(value.tree))
        if spec.logprobs:
            return Text("".join(token.token for token in spec.logprobs))
        return self._text(spec.text)

    def _call(self, call: ToolCallSpec) -> ToolCallTemplate:
        return ToolCallTemplate(call.name, self._value({} if call.arguments is None else call.arguments), call.id)

    def _settings(self, spec: AnswerSpec) -> Iterable[Setting]:
        for path, value in (spec.fields or {}).items():
            yield Setting(*_scoped(path), self._value(value))
        for path in spec.omit:
            yield Setting(*_scoped(path), None)

    def _text(self, text: str | None) -> "TextSource | None":
        if text is None:
            return None
        return Text(text) if self._literal or not is_template(text) else self._template(text)

    def _value(self, value: Any) -> Value:
        dynamic = not self._literal and has_template(value)
        return Value(self._tree(value) if dynamic else value, dynamic)

    def _tree(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._tree(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._tree(item) for item in value]
        return self._template(value) if isinstance(value, str) and is_template(value) else value

    def _template(self, text: str) -> Any:
        from mockserver.templates.template import Template

        self._dynamic = True
        place, block = (text.place, text.block) if isinstance(text, Written) else (self._place, False)
        try:
            return Template(text, place, block=block)
        except TemplateFailure as failure:
            line = f"line {failure.line} of the template: " if failure.line else ""
            self._problems.append(Problem(failure.place or place, f"not a valid template: {line}{failure}"))
            return Text("")


def _scoped(path: str) -> tuple[Scope, tuple[str, ...]]:
    """Where the field of a path is."""
    parts = tuple(path.split("."))
    if parts[0] == "message":
        return "message", parts[1:]
    if parts[0] == "choice":
        return "choice", parts[1:]
    return "answer", parts


def _canned(answers: tuple[Said, ...]) -> Text | None:
    """The text of a response that says one canned text, and nothing else."""
    (first, *others) = answers
    if others or not isinstance(first.text, Text):
        return None
    return first.text if first == Said(first.text) else None


def _score(token: TokenSpec) -> TokenLogprob:
    likely = {token.token: token.logprob} if token.top is None else token.top
    top = sorted(((text, _bytes(text), logprob) for text, logprob in likely.items()), key=lambda one: -one[2])
    return TokenLogprob(token.token, _bytes(token.token), token.logprob, tuple(top))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _embeddings(spec: ResponseSpec) -> tuple[Embedding, ...]:
    if spec.embedding is not None:
        return (Embedding(None, _vector(spec.embedding)),)
    return tuple(map(_embedding, spec.embeddings))


def _embedding(spec: EmbeddingSpec) -> Embedding:
    return Embedding(spec.pattern.pattern, None if spec.vector is None else _vector(spec.vector), spec.like)


def _vector(values: tuple[float, ...]) -> tuple[str, str]:
    from mockserver.generate.vectors import encode_base64, encode_json

    return encode_json(values), f'"{encode_base64(values)}"'
