"""`defaults`: what the stubs of a file have where they do not say it themselves."""

from collections.abc import Mapping
from typing import Any

from mockserver.language.kinds import MappingOf, Record, Spec, Text, key
from mockserver.language.responses import ResponseSpec, check_headers
from mockserver.language.source import Node, Source


class DefaultsSpec(Spec):
    """What the stubs of a file have where they do not say it themselves."""

    model: str | None = key(Text(), "The model that answers name.")
    headers: dict[str, str] | None = key(
        MappingOf(Text(), "header names to values"), "HTTP headers of answers; a response's own come on top."
    )


def _check(record: DefaultsSpec, nodes: Mapping[str, Node], node: Node, source: Source) -> None:
    check_headers(nodes.get("headers"), source)


DEFAULTS = Record(DefaultsSpec, "defaults", check=_check)
NONE = DefaultsSpec()


def with_defaults(response: ResponseSpec, defaults: DefaultsSpec) -> ResponseSpec:
    """A response that says what it leaves to the file. A given body stays as it is, headers apart."""
    added: dict[str, Any] = {}
    if defaults.model is not None and response.model is None and response.body is None:
        added["model"] = defaults.model
    if defaults.headers:
        own = response.headers or {}
        named = {name.lower() for name in own}
        added["headers"] = {**{n: v for n, v in defaults.headers.items() if n.lower() not in named}, **own}
    if not added:
        return response
    return ResponseSpec(**{**dict(response.given()), **added}, place=response.place)
