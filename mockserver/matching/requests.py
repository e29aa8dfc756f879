"""Conditions on the kind of request: endpoint, model, tools offered, formats, counts, the state of a scenario."""

import re
from collections.abc import Callable, Collection
from typing import NamedTuple

from mockserver.call import Call
from mockserver.matching.comparison import Comparison, spelled
from mockserver.matching.difference import Difference, either, shown
from mockserver.state import STARTED

SNAPSHOT = r"-(?:\d{4}-\d\d-\d\d|\d{4})"
"""How a dated snapshot's name goes on behind that of its model: gpt-4o-2024-08-06, gpt-4-0613."""

_SNAPSHOT = re.compile(rf"(.+){SNAPSHOT}\Z", re.DOTALL)
_PARTS = {"text": "text", "image_url": "image", "input_audio": "audio", "file": "file"}
"""The types of content parts that a message can have, and their words in the language."""

PARTS = tuple(_PARTS.values())


class ModelIs(NamedTuple):
    """The model's name is one of the given, or fits one of the globs; with `snapshots` also a dated one of theirs."""

    globs: tuple[str, ...]
    names: frozenset[str]
    regex: re.Pattern[str] | None
    snapshots: bool = False

    @property
    def key(self) -> str:
        """The key of `match`."""
        return "model"

    @property
    def expected(self) -> str:
        """The names as they were written."""
        return either(self.globs) + (" or a dated snapshot" if self.snapshots else "")

    def got(self, call: Call) -> str:
        """The name asked for."""
        return shown(call.model)

    def difference(self, call: Call) -> Difference | None:
        """None where the name fits."""
        model = call.model
        if model in self.names or (self.regex is not None and self.regex.match(model)):
            return None
        return Difference(self, call)


def model_is(globs: tuple[str, ...], *, snapshots: bool = False) -> ModelIs:
    """The condition for names and globs (`*` is any text, `?` is one character)."""
    plain = frozenset(globs)
    with_wildcards = globs if snapshots else [glob for glob in globs if "*" in glob or "?" in glob]
    if not with_wildcards:
        return ModelIs(globs, plain, None)
    parts = (re.escape(glob).replace(r"\*", ".*").replace(r"\?", ".") for glob in with_wildcards)
    dated = f"(?:{SNAPSHOT})?" if snapshots else ""
    regex = re.compile("(?:" + "|".join(parts) + rf"){dated}\Z", re.DOTALL)
    return ModelIs(globs, plain, regex, snapshots)


def undated(model: str) -> str:
    """The name without the date of a snapshot, where it has one."""
    found = _SNAPSHOT.match(model)
    return model if found is None else found[1]


def _tool_choice(call: Call) -> str:
    """What `tool_choice` says, or means where it is left out: `auto` with tools, else `none`."""
    if call.forced_tool is not None:
        return call.forced_tool
    return call.tool_mode if call.tools else "none"


def _schema(call: Call) -> str:
    schema = call.json_schema
    return "" if schema is None else schema.name


_WORDS: dict[str, Callable[[Call], str]] = {
    "endpoint": lambda call: call.endpoint,
    "response_format": lambda call: call.response_format,
    "schema": _schema,
    "tool_choice": _tool_choice,
}


class OneOf(NamedTuple):
    """A word of the request is one of the given."""

    key: str
    names: tuple[str, ...]

    @property
    def expected(self) -> str:
        """The words."""
        return either(self.names)

    def got(self, call: Call) -> str:
        """The request's word."""
        return _WORDS[self.key](call) or "none"

    def difference(self, call: Call) -> Difference | None:
        """None where it is."""
        return None if _WORDS[self.key](call) in self.names else Difference(self, call)


def wants_tool(call: Call) -> bool:
    """Whether a tool call is demanded (`tool_choice`), or tools are offered and the last message asks for one.

    A tool's result as the last message wants an answer, not the same call again.
    """
    if not call.tools:
        return False
    mode = call.tool_mode
    if mode == "none" or call.after_tool:
        return False
    if mode in ("required", "named"):
        return True
    found: bool | None = call.memo.get("wants_tool")
    if found is None:
        from mockserver.generate.tools import wanted  # here, where tools are offered: it takes milliseconds to import

        found = call.memo["wants_tool"] = wanted(call.tools, call.user) is not None
    return found


_TRUTHS: dict[str, Callable[[Call], bool]] = {
    "stream": lambda call: call.stream,
    "wants_tool": wants_tool,
    "after_tool": lambda call: call.after_tool,
}


class Truth(NamedTuple):
    """Something about the request is so, or is not."""

    key: str
    wanted: bool

    @property
    def expected(self) -> str:
        """The truth value."""
        return spelled(self.wanted)

    def got(self, call: Call) -> str:
        """What is so."""
        if self.key == "after_tool":
            return f"{_LAST[call.after_tool]} as the last message"
        return spelled(not self.wanted)

    def difference(self, call: Call) -> Difference | None:
        """None where the call is as demanded."""
        return None if _TRUTHS[self.key](call) == self.wanted else Difference(self, call)


_LAST = ("another message", "a tool's result")


def _offered(call: Call) -> Collection[str]:
    return {tool.name for tool in call.tools}


def _parts(call: Call) -> Collection[str]:
    found: set[str] = set()
    for message in call.messages:
        content = message.get("content")
        if isinstance(content, str):
            found.add("text")
        elif isinstance(content, list):
            found.update(_PARTS.get(str(part.get("type")), "") for part in content if isinstance(part, dict))
    return found - {""}


_HOLDS: dict[str, Callable[[Call], Collection[str]]] = {"tools": _offered, "parts": _parts}


def _held(call: Call, key: str) -> Collection[str]:
    """What the request has of something, gathered once for a call."""
    found: Collection[str] | None = call.memo.get(key)
    if found is None:
        found = call.memo[key] = _HOLDS[key](call)
    return found


class Includes(NamedTuple):
    """The request has all of the given: tools by name, kinds of content parts."""

    key: str
    names: tuple[str, ...]

    @property
    def expected(self) -> str:
        """All of them."""
        return ", ".join(self.names)

    def got(self, call: Call) -> str:
        """Those there are."""
        return ", ".join(sorted(_held(call, self.key))) or "none"

    def difference(self, call: Call) -> Difference | None:
        """None where none is missing."""
        held = _held(call, self.key)
        return None if all(name in held for name in self.names) else Difference(self, call)


class OffersTools(NamedTuple):
    """Some tool is offered: a call cannot be made up without one."""

    key: str = "tools"
    expected: str = "at least one"

    def got(self, call: Call) -> str:
        """Nothing."""
        return "none"

    def difference(self, call: Call) -> Difference | None:
        """None where one is."""
        return None if call.tools else Difference(self, call)


def _turns(call: Call) -> int:
    found: int | None = call.memo.get("turns")
    if found is None:
        found = call.memo["turns"] = sum(message.get("role") == "user" for message in call.messages)
    return found


_COUNTS: dict[str, Callable[[Call], int]] = {
    "turns": _turns,
    "ordinal": lambda call: call.past.ordinal,
}


class CountIs(NamedTuple):
    """A number of the request is as compared: user messages, calls so far."""

    key: str
    comparison: Comparison

    @property
    def expected(self) -> str:
        """The comparison."""
        return str(self.comparison)

    def got(self, call: Call) -> str:
        """The number."""
        return str(_COUNTS[self.key](call))

    def difference(self, call: Call) -> Difference | None:
        """None where it is."""
        return None if self.comparison.fits([_COUNTS[self.key](call)], call) else Difference(self, call)


class ScenarioIs(NamedTuple):
    """A scenario is in one of its states."""

    scenario: str
    state: str

    @property
    def key(self) -> str:
        """The key of a stub."""
        return "required_state"

    @property
    def expected(self) -> str:
        """The state."""
        return f"the scenario '{self.scenario}' in '{self.state}'"

    def got(self, call: Call) -> str:
        """The state it is in."""
        return f"'{call.past.states.get(self.scenario, STARTED)}'"

    def difference(self, call: Call) -> Difference | None:
        """None where it is."""
        return None if call.past.states.get(self.scenario, STARTED) == self.state else Difference(self, call)
