"""Whether a stub matches a call. The primitive is the difference: to match is to have none.

So an explanation of why a stub did not match costs nothing extra, and cannot disagree with the matching.
"""

import re
from typing import Literal, NamedTuple, Protocol

from mockserver.call import Call
from mockserver.state import STARTED


class Difference(NamedTuple):
    """What kept a stub from matching: the key of `match`, what it asked for, what the call has."""

    key: str
    expected: str
    got: str

    def __str__(self) -> str:
        return f"{self.key}: expected {self.expected}, got {self.got}"


class Condition(Protocol):
    """One demand on a call."""

    def difference(self, call: Call) -> Difference | None:
        """What is different in the call, or None where it is as demanded."""
        ...


class TextPattern(NamedTuple):
    """A demand on a text, as `match` writes it; `value` is the text or the regex's source."""

    how: Literal["contains", "exact", "regex"]
    value: str
    regex: re.Pattern[str] | None = None

    def groups(self, text: str) -> dict[str, str] | None:
        """The named groups where the text is as demanded ({} without a regex), else None."""
        if self.regex is not None:
            found = self.regex.search(text)
            return None if found is None else {k: v or "" for k, v in found.groupdict().items()}
        fits = self.value in text if self.how == "contains" else self.value == text
        return {} if fits else None

    def __str__(self) -> str:
        if self.regex is not None:
            return f"a text matching /{self.value}/"
        return f"a text containing '{self.value}'" if self.how == "contains" else f"'{self.value}'"


class UserText(NamedTuple):
    """What the user said is like one of the patterns."""

    patterns: tuple[TextPattern, ...]

    def difference(self, call: Call) -> Difference | None:
        """None where one pattern fits."""
        text = call.user
        for pattern in self.patterns:
            if pattern.groups(text) is not None:
                return None
        return Difference("user", " or ".join(map(str, self.patterns)), _shown(text))

    def groups(self, call: Call) -> dict[str, str]:
        """The named groups of the first pattern that fits."""
        for pattern in self.patterns:
            groups = pattern.groups(call.user)
            if groups is not None:
                return groups
        return {}


class ModelIs(NamedTuple):
    """The model's name is one of the given, or fits one of the globs."""

    globs: tuple[str, ...]
    names: frozenset[str]
    regex: re.Pattern[str] | None

    def difference(self, call: Call) -> Difference | None:
        """None where the name fits."""
        model = call.model
        if model in self.names or (self.regex is not None and self.regex.match(model)):
            return None
        return Difference("model", " or ".join(self.globs), _shown(model))


class EndpointIs(NamedTuple):
    """The call goes to one of the endpoints."""

    names: tuple[str, ...]

    def difference(self, call: Call) -> Difference | None:
        """None where it does."""
        if call.endpoint in self.names:
            return None
        return Difference("endpoint", " or ".join(self.names), call.endpoint)


class ToolsOffered(NamedTuple):
    """All the named tools are offered."""

    names: tuple[str, ...]

    def difference(self, call: Call) -> Difference | None:
        """None where none is missing."""
        offered = {tool.name for tool in call.tools}
        if offered.issuperset(self.names):
            return None
        return Difference("tools", ", ".join(self.names), ", ".join(sorted(offered)) or "none")


class OffersTools:
    """Some tool is offered: a call cannot be made up without one."""

    def difference(self, call: Call) -> Difference | None:
        """None where one is."""
        return None if call.tools else Difference("tools", "at least one", "none")


class WantsTool(NamedTuple):
    """The call has to be answered by a tool call, or reads as if it should be."""

    expected: bool

    def difference(self, call: Call) -> Difference | None:
        """None where the call is as demanded."""
        if wants_tool(call) == self.expected:
            return None
        return Difference("wants_tool", _bool(self.expected), _bool(not self.expected))


class FormatIs(NamedTuple):
    """The `response_format` is of one of the kinds."""

    kinds: tuple[str, ...]

    def difference(self, call: Call) -> Difference | None:
        """None where it is."""
        if call.response_format in self.kinds:
            return None
        return Difference("response_format", " or ".join(self.kinds), call.response_format)


class StreamIs(NamedTuple):
    """A stream is asked for, or is not."""

    expected: bool

    def difference(self, call: Call) -> Difference | None:
        """None where the call is as demanded."""
        if call.stream == self.expected:
            return None
        return Difference("stream", _bool(self.expected), _bool(call.stream))


class AfterTool(NamedTuple):
    """The last message is a tool's result, or is not."""

    expected: bool

    def difference(self, call: Call) -> Difference | None:
        """None where the call is as demanded."""
        if call.after_tool == self.expected:
            return None
        got = "a tool's result" if call.after_tool else "another message"
        return Difference("after_tool", _bool(self.expected), f"{got} as the last message")


class ScenarioIs(NamedTuple):
    """The scenario is in a state, in the call's session."""

    scenario: str
    state: str

    def difference(self, call: Call) -> Difference | None:
        """None where it is."""
        state = call.past.states.get(self.scenario, STARTED)
        if state == self.state:
            return None
        return Difference("required_state", f"the scenario '{self.scenario}' in '{self.state}'", f"'{state}'")


def wants_tool(call: Call) -> bool:
    """Whether a tool call is demanded (`tool_choice`), or tools are offered and the last message asks for one.

    A tool's result as the last message wants an answer, not the same call again.
    """
    if not call.tools:
        return False
    from mockserver.generate.tools import wanted  # here, where tools are offered: it takes milliseconds to import

    mode = call.tool_mode
    if mode == "none" or call.after_tool:
        return False
    return mode in ("required", "named") or wanted(call.tools, call.user) is not None


def glob_regex(globs: tuple[str, ...]) -> re.Pattern[str] | None:
    """One pattern for the globs that have wildcards (`*` any text, `?` one character); None without any."""
    with_wildcards = [glob for glob in globs if "*" in glob or "?" in glob]
    if not with_wildcards:
        return None
    parts = (re.escape(glob).replace(r"\*", ".*").replace(r"\?", ".") for glob in with_wildcards)
    return re.compile("(?:" + "|".join(parts) + r")\Z", re.DOTALL)


def _shown(text: str, limit: int = 60) -> str:
    return f"'{text}'" if len(text) <= limit else f"'{text[: limit - 3]}...'"


def _bool(value: bool) -> str:
    return "true" if value else "false"
