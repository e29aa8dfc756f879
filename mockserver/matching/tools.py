"""The condition on the result of a tool, which an agent's program has sent last."""

from typing import Any, NamedTuple

from mockserver.call import Call, content_text
from mockserver.matching.difference import Difference, either, shown
from mockserver.matching.texts import TextPattern, groups_in


class ToolResult(NamedTuple):
    """What a tool gave: the tool's name, as the assistant's call with that id has it, the text, the call's id."""

    name: str
    content: str
    tool_call_id: str


def tool_result(call: Call) -> ToolResult | None:
    """The tool's result that is the last message; None where that is another message."""
    if not call.after_tool:
        return None
    *before, last = call.messages
    called = last.get("tool_call_id")
    name = last.get("name")  # of the older functions, and of clients that send it
    if isinstance(called, str):
        name = _called(before, called) or name
    return ToolResult(str(name or ""), content_text(last.get("content")), str(called or ""))


def _called(messages: list[dict[str, Any]], called: str) -> str | None:
    """The name of the tool that the call with an id is for."""
    for message in reversed(messages):
        for made in message.get("tool_calls") or ():
            if isinstance(made, dict) and made.get("id") == called:
                tool = made.get(made.get("type") or "function")
                name = tool.get("name") if isinstance(tool, dict) else None
                return name if isinstance(name, str) else None
    return None


class ToolResultIs(NamedTuple):
    """The last message is a tool's result, as demanded in every way that is given."""

    names: tuple[str, ...] = ()
    content: tuple[TextPattern, ...] = ()
    ids: tuple[TextPattern, ...] = ()

    @property
    def key(self) -> str:
        """The key of `match`."""
        return "tool_result"

    @property
    def expected(self) -> str:
        """What is demanded."""
        said = [f"the result of {either(self.names)}"] if self.names else ["a result"]
        if self.content:
            said.append(f"with {either([*map(str, self.content)])}")
        if self.ids:
            said.append(f"to the call {either([*map(str, self.ids)])}")
        return " ".join(said)

    def got(self, call: Call) -> str:
        """The result, in the ways that are asked for."""
        result = tool_result(call)
        if result is None:
            return "another message as the last message"
        said = f"the result of {result.name or 'an unknown tool'}"
        if self.content:
            said += f" with {shown(result.content)}"
        if self.ids:
            said += f" to the call {shown(result.tool_call_id)}"
        return said

    def difference(self, call: Call) -> Difference | None:
        """None where it is. Raises RegexTimeout."""
        result = tool_result(call)
        if (
            result is None
            or (self.names and result.name not in self.names)
            or (self.content and not any(pattern.fits(result.content, call) for pattern in self.content))
            or (self.ids and not any(pattern.fits(result.tool_call_id, call) for pattern in self.ids))
        ):
            return Difference(self, call)
        return None

    def groups(self, call: Call) -> dict[str, str]:
        """The named groups. Raises RegexTimeout."""
        result = tool_result(call)
        if result is None:
            return {}
        return groups_in(self.content, [result.content], call) | groups_in(self.ids, [result.tool_call_id], call)
