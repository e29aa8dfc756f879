"""Templates: Jinja2 in a bounded sandbox, and what they may refer to."""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any
from uuid import UUID

from jinja2 import TemplateSyntaxError, nodes, pass_context
from jinja2.runtime import Context

from mockserver.call import Call, content_text
from mockserver.draw import Draw
from mockserver.errors import Place, TemplateFailure
from mockserver.templates.allowance import MAX_TEXT, Allowance, Exceeded, allow, weight
from mockserver.templates.fake import LOCALE, SeededFaker
from mockserver.templates.sandbox import BoundedEnvironment
from mockserver.tokens import count
from mockserver.wire.encode import compact

_LONGEST_REASON = 300

_ALLOWANCE, _DRAW = "what is left", "what is drawn"
"""Names of variables that no template can write."""


class Template:
    """A compiled template.

    `place` is where its text stands in a fixture file; `block` says that its lines stand below that place, one for
    one, as those of a YAML block (`|`) do.
    """

    __slots__ = ("_block", "_place", "_template", "source")

    def __init__(self, source: str, place: Place | None = None, *, block: bool = False) -> None:
        """Raises TemplateFailure where the source is not a template."""
        self.source = source
        self._place = place
        self._block = block
        allow(Allowance())
        try:
            self._template = _environment.from_string(source)
        except TemplateSyntaxError as error:
            raise self._failure(str(error.message), error.lineno) from None
        except Exceeded as error:
            raise self._failure(str(error), None) from None
        except (RecursionError, MemoryError, SyntaxError):
            raise self._failure("nested too deeply", None) from None

    def render(self, variables: Mapping[str, Any]) -> str:
        """The text. Raises TemplateFailure, whatever goes wrong inside."""
        allow(variables.get(_ALLOWANCE) or Allowance())
        parts: list[str] = []
        length = 0
        try:
            for part in self._template.root_render_func(self._template.new_context(dict(variables))):
                parts.append(part)
                length += len(part)
                if length > MAX_TEXT:
                    raise Exceeded(f"it makes a text of more than {MAX_TEXT:,} characters")
            return "".join(parts)
        except Exceeded as error:
            raise self._failure(str(error), _line(error)) from None
        except RecursionError as error:
            raise self._failure("nested too deeply", _line(error)) from None
        except MemoryError as error:
            raise self._failure("it takes more memory than there is", _line(error)) from None
        except Exception as error:  # a template may call anything of Faker, which may raise anything
            reason = f"{type(error).__name__}: {error}"
            shown = reason if len(reason) <= _LONGEST_REASON else reason[:_LONGEST_REASON] + "..."
            raise self._failure(shown, _line(error)) from None

    def parsed(self) -> nodes.Template:
        """Its syntax tree."""
        return _environment.parse(self.source)

    def _failure(self, reason: str, line: int | None) -> TemplateFailure:
        return TemplateFailure(reason, *located(self._place, line, block=self._block))


def located(place: Place | None, line: int | None, *, block: bool) -> tuple[int | None, Place | None]:
    """Where a line of a template is: its place in the file, and the line where the place does not say it."""
    if place is None:
        return line, None
    if block and line is not None:
        return None, Place(place.file, place.line + line, 1)
    return (line if line is not None and line > 1 else None), place


def _line(error: BaseException) -> int | None:
    """The line of a template in which an error was raised."""
    line: int | None = None
    trace = error.__traceback__
    while trace is not None:
        template = trace.tb_frame.f_globals.get("__jinja_template__")
        if template is not None:
            line = template.get_corresponding_lineno(trace.tb_lineno)
        trace = trace.tb_next
    return line


def to_json(value: Any) -> str:
    """A value as compact JSON."""
    weight(value)
    return compact(value)


def from_json(text: Any) -> Any:
    """The value of a JSON text."""
    return json.loads(text)


@pass_context
def tokens(context: Context, value: Any) -> int:
    """How many tokens a text has for the model that is asked."""
    return count(str(value), context["model"])


def b64(value: Any) -> str:
    """A text's UTF-8 as base64."""
    return b64encode(_bytes(value)).decode("ascii")


def sha(value: Any) -> str:
    """The SHA-256 of a text's UTF-8, in hexadecimal."""
    return sha256(_bytes(value)).hexdigest()


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


@pass_context
def pick(context: Context, items: Any) -> Any:
    """One of some items: the same for the same request."""
    draw: Draw = context[_DRAW]()
    listed = list(items)
    if not listed:
        raise ValueError("'random' picks from nothing")
    return draw.pick(listed)


FILTERS: dict[str, Callable[..., Any]] = {
    "json": to_json,
    "tojson": to_json,
    "from_json": from_json,
    "tokens": tokens,
    "b64": b64,
    "sha256": sha,
    "random": pick,
}
"""The filters that are not Jinja's own, or stand in the place of one of those."""

_environment = BoundedEnvironment(FILTERS)
_environment.globals["timedelta"] = timedelta


def functions() -> dict[str, Any]:
    """What templates can call without being given it: Jinja's own and `timedelta`."""
    return dict(_environment.globals)


class Groups:
    """`match` in templates: the named groups of the stub's patterns, whatever they are called."""

    __slots__ = ("_groups",)

    def __init__(self, groups: Mapping[str, str]) -> None:
        self._groups = groups

    def __getitem__(self, name: str) -> str:
        return self._groups[name]


class ToolExchange:
    """`tool` in templates: the last tool result of a conversation, and the call it answers.

    `arguments` and `result` are JSON values where they are JSON, else the texts.
    """

    __slots__ = ("_arguments", "_result", "id", "name")

    def __init__(self, id: str, name: str, arguments: str, result: str) -> None:
        self.id = id
        self.name = name
        self._arguments = arguments
        self._result = result

    @property
    def arguments(self) -> Any:
        """What the tool was called with."""
        return _parsed(self._arguments)

    @property
    def result(self) -> Any:
        """What the tool gave."""
        return _parsed(self._result)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def tool_exchange(call: Call) -> ToolExchange | None:
    """The last tool exchange of a conversation, of the older `function` messages too."""
    messages = call.messages
    for position in range(len(messages) - 1, -1, -1):
        message = messages[position]
        if message.get("role") in ("tool", "function"):
            id, name = str(message.get("tool_call_id") or ""), str(message.get("name") or "")
            called, arguments = _called(messages[:position], id, name)
            return ToolExchange(id, called, arguments, content_text(message.get("content")))
    return None


def _called(before: list[dict[str, Any]], id: str, name: str) -> tuple[str, str]:
    """The name and the arguments of the call with an id, or, of an older `function_call`, with a name."""
    for message in reversed(before):
        for called in message.get("tool_calls") or ():
            if isinstance(called, dict) and called.get("id") == id:
                inner = called.get(called.get("type") or "function")
                inner = inner if isinstance(inner, dict) else {}
                return str(inner.get("name") or name), str(inner.get("arguments") or inner.get("input") or "")
        function = message.get("function_call")
        if isinstance(function, dict) and name and function.get("name") == name:
            return name, str(function.get("arguments") or "")
    return name, ""


def variables(
    call: Call,
    groups: Mapping[str, str],
    *,
    seconds: float,
    ordinal: int,
    chance: Draw,
    content: Any,
    locale: str | None,
) -> dict[str, Any]:
    """What templates may refer to.

    `seconds` is the time since 1970, `ordinal` the number of the stub's call; `chance` draws what differs each time,
    `content(part)` makes the draw of what is the same for the same request; `locale` is Faker's.
    """
    tool = tool_exchange(call)
    return {
        "match": Groups(groups),
        "request": call.body,
        "messages": call.messages,
        "user": call.user,
        "model": call.model,
        "call": {"count": ordinal, "endpoint": call.endpoint, "session": call.session},
        **({} if tool is None else {"tool": tool}),
        "faker": SeededFaker(lambda name: content("faker" if name == LOCALE else f"faker {name}"), locale or LOCALE),
        "now": lambda: now(seconds),
        "uuid": lambda: uuid(chance),
        _DRAW: cache(lambda: content("random")),
        _ALLOWANCE: Allowance(),
    }


def now(seconds: float) -> datetime:
    """The time for `now()` in templates."""
    return datetime.fromtimestamp(seconds, UTC)


def uuid(draw: Draw) -> str:
    """A random (version 4) UUID from the draw."""
    return str(UUID(bytes=draw.bytes(16), version=4))
