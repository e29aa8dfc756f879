"""What one choice of an answer says: text, JSON, tool calls, a refusal, or something made up."""

from collections.abc import Iterable, Mapping
from itertools import combinations

import yaml

from mockserver.language.beside import TextFile
from mockserver.language.fields import mistake_in
from mockserver.language.kinds import Choice, JsonObject, ListOf, MappingOf, Number, Record, Spec, Text, key, required
from mockserver.language.source import Json, Node, Source
from mockserver.language.written import TemplateJson, TemplateText

FINISH_REASONS = ("stop", "length", "tool_calls", "content_filter", "function_call")
GENERATORS = ("auto", "text", "json", "tool_calls", "embedding")

SAID = ("text", "text_file", "json", "tool_calls", "refusal", "generate", "logprobs")
"""What a choice can say; it says at least one of them."""
_TOGETHER = tuple(
    map(
        frozenset,
        [("text", "tool_calls"), ("text_file", "tool_calls"), ("json", "tool_calls"), ("text", "logprobs")],
    )
)
"""Those that can stand beside each other."""


class ToolCallSpec(Spec):
    """A tool call in an answer."""

    name: str = required(Text("a tool's name"), "The tool that is called.")
    arguments: Json = key(TemplateJson(), "Its arguments: a mapping, or the JSON text itself; `{}` when left out.")
    id: str | None = key(Text(), "The call's id; made up when left out.")


_LOGPROB = Number(-float("inf"), 0)


class TokenSpec(Spec):
    """A token of a text, and how likely it was."""

    token: str = required(Text("a token's text"), "The token's text.")
    logprob: float = required(_LOGPROB, "The logarithm of its probability: 0 is certain.")
    top: dict[str, float] | None = key(
        MappingOf(_LOGPROB, "tokens to their logprobs"),
        "The likeliest tokens in its place; the token alone when left out.",
    )


class AnswerSpec(Spec):
    """What one choice says. Text that contains `{{` or `{%` is a template."""

    text: str | None = key(TemplateText(), "The answer's text.")
    text_file: str | None = key(
        TextFile(), "A file with the answer's text, by its path from the folder of this one; no template."
    )
    json: Json = key(TemplateJson(), "The answer's text is this value, as compact JSON; texts in it may be templates.")
    tool_calls: tuple[ToolCallSpec, ...] = key(
        ListOf(Record(ToolCallSpec, "a tool call")), "Tool calls the assistant makes.", default=()
    )
    refusal: str | None = key(TemplateText(), "The model refuses, with this text.")
    reasoning: str | None = key(
        TemplateText(), "What the model thought first: `reasoning_content`, as compatible servers send it."
    )
    generate: str | None = key(
        Choice(GENERATORS),
        "Made up to suit the request, the same for the same request: whatever suits it (`auto`); plausible text; JSON "
        "that conforms to the response format's schema; a call of the wanted tool; an embedding of the input.",
    )
    schema: dict[str, Json] | None = key(
        JsonObject(), "With `generate: json`, the JSON Schema to conform to, in the place of the request's."
    )
    logprobs: tuple[TokenSpec, ...] = key(
        ListOf(Record(TokenSpec, "a token")),
        "The tokens of the text and how likely they were, for requests that ask for logprobs; `text` may be left out.",
        default=(),
    )
    finish_reason: str | None = key(
        Choice(FINISH_REASONS), "Why the answer ends. Setting it also keeps the text from being cut."
    )
    fields: dict[str, Json] | None = key(
        MappingOf(TemplateJson(), "paths to values"),
        "Any other fields of the answer: `message.…` and `choice.…` in each choice, all others in the answer itself.",
    )
    omit: tuple[str, ...] = key(
        ListOf(Text("a field's path")), "Fields to leave out, by paths as in `fields`.", default=()
    )


def _short_answer(node: Node, source: Source) -> AnswerSpec:
    return AnswerSpec(text=TemplateText("the answer's text").read(node, source), place=source.place(node))


def check_said(
    record: AnswerSpec, nodes: Mapping[str, Node], node: Node, source: Source, *, content: tuple[str, ...], what: str
) -> None:
    """Note what does not go together; of `content` one must be given. `what` names the record."""
    given = [name for name in content if name in nodes]
    if not given:
        source.note(node, f"{what} needs one of {', '.join(content)}")
    for one, other in combinations(given, 2):
        if frozenset((one, other)) not in _TOGETHER:
            source.note(nodes[other], f"'{one}' and '{other}' cannot stand in one {what.removeprefix('a ')}")
            break
    if "schema" in nodes and record.generate != "json":
        source.note(nodes["schema"], "'schema' goes with 'generate: json'")
    said = "".join(token.token for token in record.logprobs)
    if record.logprobs and record.text is not None and said != record.text:
        source.note(nodes["logprobs"], f"these tokens add up to {said!r}, not to the text")


def check_fields(nodes: Mapping[str, Node], source: Source, *, of_choice: bool) -> None:
    """Note paths that name no field which can be set or left out."""
    fields, omitted = nodes.get("fields"), nodes.get("omit")
    paths: Iterable[tuple[str, Node, bool]] = [
        *((name, at, False) for name, at, _ in (source.entries(fields, "fields") if fields is not None else ())),
        *((at.value, at, True) for at in (omitted.value if isinstance(omitted, yaml.SequenceNode) else ())),
    ]
    for path, at, leave_out in paths:
        mistake = mistake_in(path, of_choice=of_choice, omitted=leave_out)
        if mistake is not None:
            source.note(at, mistake)


def _check_answer(record: AnswerSpec, nodes: Mapping[str, Node], node: Node, source: Source) -> None:
    check_said(record, nodes, node, source, content=SAID, what="a choice")
    check_fields(nodes, source, of_choice=True)
    if record.generate == "embedding":
        source.note(nodes["generate"], "an embedding has no choices")


ANSWER = Record(
    AnswerSpec,
    "an answer",
    short=_short_answer,
    short_expected="the answer's text",
    check=_check_answer,
    also={"anyOf": [{"required": [name]} for name in SAID]},
)
