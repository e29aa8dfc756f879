"""`defaults`: what the stubs of a file have where they do not say it themselves."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

from mockserver.failures.latency import Latency
from mockserver.language.kinds import ListOf, MappingOf, Record, Schema, Schemas, Spec, Text, key
from mockserver.language.latency import LATENCY
from mockserver.language.responses import ResponseSpec, check_headers
from mockserver.language.source import Node, Source, describe


class LocaleName(NamedTuple):
    """A locale that Faker has."""

    expected: str = "a locale of Faker such as de_DE"

    def read(self, node: Node, source: Source) -> str:
        """The locale's name."""
        from mockserver.templates.fake import locales  # heavy: only files that say so need it

        name = Text(self.expected).read(node, source)
        known = sorted(locales())
        if name in known:
            return name
        close = get_close_matches(name.replace("-", "_"), known, n=1) or [x for x in known if x[:2] == name[:2].lower()]
        hint = f"; did you mean '{close[0]}'?" if close else ""
        raise source.refuse(node, f"expected {self.expected}, got {describe(node)}{hint}")

    def schema(self, defs: Schemas) -> Schema:
        """Any text."""
        return {"type": "string"}


class DefaultsSpec(Spec):
    """What the stubs of a file have where they do not say it themselves."""

    model: str | None = key(Text(), "The model that answers name.")
    latency: tuple[Latency, ...] = key(
        ListOf(LATENCY, or_one=True), "How long answers take, but for those of stubs that say it.", default=()
    )
    headers: dict[str, str] | None = key(
        MappingOf(Text(), "header names to values"), "HTTP headers of answers; a response's own come on top."
    )
    locale: str | None = key(
        LocaleName(), "The locale of `faker` in templates, such as `de_DE`; `en_US` when left out."
    )


def _check(record: DefaultsSpec, nodes: Mapping[str, Node], node: Node, source: Source) -> None:
    check_headers(nodes.get("headers"), source)


DEFAULTS = Record(DefaultsSpec, "defaults", check=_check)
NONE = DefaultsSpec()


def with_defaults(response: ResponseSpec, defaults: DefaultsSpec) -> ResponseSpec:
    """A response that says what it leaves to the file. A given body stays as it is, headers apart."""
    added: dict[str, Any] = {}
    if defaults.model is not None and response.model is None and not response.is_raw:
        added["model"] = defaults.model
    if defaults.headers:
        own = response.headers or {}
        named = {name.lower() for name in own}
        added["headers"] = {**{n: v for n, v in defaults.headers.items() if n.lower() not in named}, **own}
    if not added:
        return response
    return ResponseSpec(**{**dict(response.given()), **added}, place=response.place)
