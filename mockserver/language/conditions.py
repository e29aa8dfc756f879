"""From a stub's `match` and scenario to the conditions a call must meet."""

from mockserver.language.model import StubSpec
from mockserver.language.responses import ResponseSpec
from mockserver.match import (
    AfterTool,
    Condition,
    EndpointIs,
    FormatIs,
    ModelIs,
    OffersTools,
    ScenarioIs,
    StreamIs,
    ToolsOffered,
    UserText,
    WantsTool,
    glob_regex,
)


def conditions(spec: StubSpec) -> tuple[Condition, ...]:
    """The conditions of a stub, the cheap ones first."""
    match = spec.match
    found: list[Condition] = []
    if spec.scenario is not None and spec.required_state is not None:
        found.append(ScenarioIs(spec.scenario, spec.required_state))
    if match.endpoint:
        found.append(EndpointIs(match.endpoint))
    if match.model:
        found.append(ModelIs(match.model, frozenset(match.model), glob_regex(match.model)))
    if match.stream is not None:
        found.append(StreamIs(match.stream))
    if match.after_tool is not None:
        found.append(AfterTool(match.after_tool))
    elif all(map(_calls_tools, _responses(spec))):
        found.append(AfterTool(False))  # else an agent would be given the same call again, without end
    if any(response is not None and response.generate == "tool_calls" for response in _responses(spec)):
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


def _responses(spec: StubSpec) -> list[ResponseSpec | None]:
    return [step.response for step in spec.sequence or spec.choose or (spec,)]


def _calls_tools(response: ResponseSpec | None) -> bool:
    return response is not None and (bool(response.tool_calls) or response.generate == "tool_calls")
