"""From `match` to the conditions a call must meet."""

from mockserver.language.matching import Match
from mockserver.language.responses import ResponseSpec
from mockserver.match import (
    AfterTool,
    Condition,
    EndpointIs,
    FormatIs,
    ModelIs,
    OffersTools,
    StreamIs,
    ToolsOffered,
    UserText,
    WantsTool,
    glob_regex,
)


def conditions(match: Match, response: ResponseSpec) -> tuple[Condition, ...]:
    """The conditions of a `match`, the cheap ones first."""
    found: list[Condition] = []
    if match.endpoint:
        found.append(EndpointIs(match.endpoint))
    if match.model:
        found.append(ModelIs(match.model, frozenset(match.model), glob_regex(match.model)))
    if match.stream is not None:
        found.append(StreamIs(match.stream))
    if match.after_tool is not None:
        found.append(AfterTool(match.after_tool))
    elif response.tool_calls or response.generate == "tool_calls":
        found.append(AfterTool(False))  # else an agent would be given the same call again, without end
    if response.generate == "tool_calls":
        found.append(OffersTools())
    if match.response_format:
        found.append(FormatIs(match.response_format))
    if match.user:
        found.append(UserText(tuple(pattern.pattern for pattern in match.user)))
    if match.tools:
        found.append(ToolsOffered(match.tools))
    if match.wants_tool is not None:
        found.append(WantsTool(match.wants_tool))
    return tuple(found)
