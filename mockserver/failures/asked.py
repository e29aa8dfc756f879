"""Failures that a request asks for itself.

By headers, of which the second may name several faults with commas between them:

    x-mockserver-error: rate_limit; retry_after=2
    x-mockserver-fault: drip; bytes_per_second=100, reset; after_bytes=500

or, where a stub lets it, by the name of the model: `error/rate_limit; retry_after=2`, `fault/reset`.
"""

from collections.abc import Mapping
from typing import Any

import yaml

from mockserver.failures.apierrors import ApiError
from mockserver.failures.trouble import CALM, Trouble
from mockserver.language.errors import ERROR
from mockserver.language.source import Invalid, Node, Source
from mockserver.rules import Refusal

ERROR_HEADER = b"x-mockserver-error"
FAULT_HEADER = b"x-mockserver-fault"

_MARK = yaml.Mark("", 0, 0, 0, None, 0)
_resolve: Any = yaml.resolver.Resolver().resolve


def in_headers(headers: Mapping[bytes, bytes]) -> Trouble:
    """What the headers of a request ask for; an error that says so where that cannot be understood."""
    trouble = CALM
    for header, kind in ((ERROR_HEADER, "error"), (FAULT_HEADER, "fault")):
        if header in headers:
            trouble = trouble.and_also(_asked(kind, headers[header].decode("latin-1"), header.decode()))
    return trouble


def in_model(model: str) -> Trouble:
    """What a model's name asks for: `error/rate_limit`, `fault/reset; after_chunks=3`; nothing where it is another."""
    kind, slash, text = model.partition("/")
    return _asked(kind, text, "model") if slash and kind in ("error", "fault") else CALM


def _asked(kind: str, text: str, where: str) -> Trouble:
    """One error, or faults with commas between them."""
    try:
        if kind == "error":
            return Trouble(error=error(text))
        from mockserver.faults import parse

        return Trouble(faults=tuple(map(parse, text.split(","))))
    except ValueError as wrong:
        message = f"'{where}' asks for a failure that there is not: {wrong}"
        refusal = Refusal(400, message, "invalid_request_error", where, "mockserver_failure_unknown")
        return Trouble(error=ApiError("", refusal, added=((b"x-should-retry", b"false"),)))


def error(text: str) -> ApiError:
    """An error as a header says it: `rate_limit; retry_after=2`. Raises ValueError, which says what was expected."""
    name, *rest = (part.strip() for part in text.split(";"))
    entries = [(_node("name"), _node(name))] if not name.isdecimal() else [(_node("status"), _node(name))]
    for part in filter(None, rest):
        key, equals, value = (side.strip() for side in part.partition("="))
        if not equals:
            raise ValueError(f"expected NAME=VALUE behind the ';', got '{part}': write it as rate_limit; retry_after=2")
        entries.append((_node(key), _node(value)))
    source = Source("")
    try:
        return ERROR.read(yaml.MappingNode("tag:yaml.org,2002:map", entries, _MARK, _MARK), source)
    except Invalid:
        raise ValueError("; ".join(problem.message for problem in source.problems)) from None


def _node(text: str) -> Node:
    """A text as YAML's parser would give it, written plain."""
    return yaml.ScalarNode(_resolve(yaml.ScalarNode, text, (True, False)), text, _MARK, _MARK)
