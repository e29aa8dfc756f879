"""`error`: an error of the API in the place of the answer."""

from collections.abc import Mapping
from typing import NamedTuple

import yaml

from mockserver.failures import presets
from mockserver.failures.apierrors import ApiError, api_error
from mockserver.failures.when import ALWAYS, When
from mockserver.language.durations import DURATION
from mockserver.language.kinds import (
    AnyJson,
    Boolean,
    Choice,
    Kind,
    Made,
    MappingOf,
    Number,
    Record,
    Schema,
    Schemas,
    Spec,
    Text,
    key,
)
from mockserver.language.responses import check_headers
from mockserver.language.source import Json, Node, Source, describe, is_null
from mockserver.language.when import WHEN

_INFINITY = float("inf")
_PRESET = Choice(presets.NAMES)


class _OrNull(NamedTuple):
    """A value, or null."""

    kind: Kind[str]

    @property
    def expected(self) -> str:
        """The value's kind in words."""
        return f"{self.kind.expected}, or null"

    def read(self, node: Node, source: Source) -> str | None:
        """The value, None for null."""
        return None if is_null(node) else self.kind.read(node, source)

    def schema(self, defs: Schemas) -> Schema:
        """The value's schema, or null."""
        return {"anyOf": [self.kind.schema(defs), {"type": "null"}]}


class ErrorSpec(Spec):
    """An error of the API: one that has a name, changed where something else is said; or one by its status."""

    name: str | None = key(_PRESET, "The error, by its name; the table of errors lists them.")
    status: int | None = key(Number(400, 599, whole=True), "The HTTP status.")
    message: str | None = key(Text(), "What it says. `{model}` is the model asked for, `{retry_after}` the wait.")
    type: str | None = key(Text(), "The envelope's `type`.")
    code: str | None = key(_OrNull(Text()), "The envelope's `code`.")
    param: str | None = key(_OrNull(Text()), "The envelope's `param`.")
    headers: dict[str, str] | None = key(MappingOf(Text(), "header names to values"), "HTTP headers to add or replace.")
    retry_after: float | None = key(DURATION, "How long to wait: fills `retry-after` and `retry-after-ms`.")
    should_retry: bool | None = key(Boolean(), "`x-should-retry`, which the official SDKs obey.")
    after_chunks: int | None = key(
        Number(0, _INFINITY, whole=True),
        "It arrives inside a stream that began with 200, after so many chunks; an answer that is no stream is "
        "replaced by it.",
    )
    body: Json = key(AnyJson(), "The whole body in the envelope's place, as JSON or as text.")
    when: When = key(WHEN, "On which calls; on all when left out.", default=ALWAYS)


def _short_error(node: Node, source: Source) -> ErrorSpec:
    if not isinstance(node, yaml.ScalarNode):
        raise source.refuse(node, f"an error: expected an error's name, or a mapping, got {describe(node)}")
    return ErrorSpec(name=_PRESET.read(node, source), place=source.place(node))


def _check_error(record: ErrorSpec, nodes: Mapping[str, Node], node: Node, source: Source) -> None:
    if "body" in nodes:
        if record.body is None:
            source.note(nodes["body"], "expected JSON or text, got nothing: an empty body is ''")
        for name in ("message", "type", "code", "param"):
            if name in nodes:
                source.note(nodes[name], f"'body' is sent as it is: put '{name}' into it")
    check_headers(nodes.get("headers"), source)


def _error(spec: ErrorSpec) -> ApiError:
    given = dict(spec.given())
    name, when = given.pop("name", None), given.pop("when", ALWAYS)
    return api_error(presets.BY_NAME[name] if name else None, {**given, "place": spec.place}, when)


ERROR_RECORD = Record(
    ErrorSpec,
    "an error",
    short=_short_error,
    short_expected="an error's name",
    check=_check_error,
    some_of=("name", "status"),
    short_schema=_PRESET.schema({}),
)
ERROR = Made(ERROR_RECORD, _error)
"""Reads an error, ready to be answered with."""
