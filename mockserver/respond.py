"""From a stub's response to the reply for one call: render, make up, cut, count."""

from collections.abc import Mapping
from functools import partial
from itertools import takewhile
from typing import Any, NamedTuple

from mockserver import invent
from mockserver.call import Call, content_text
from mockserver.continuation import chat_logprobs, completion_choices
from mockserver.draw import Draw
from mockserver.errors import RegexTimeout
from mockserver.matching.requests import wants_tool
from mockserver.models import Catalogue, traits
from mockserver.reply import Change, Choice, Head, Reply, Text, TokenLogprob, ToolCall, Usage
from mockserver.response import Embedding, Response, TextSource, ToolCallTemplate
from mockserver.testing.given import given
from mockserver.tokens import count, input_tokens, pieces, text_of
from mockserver.values import maker, remembered
from mockserver.wire.encode import compact

SERVICE_TIERS = {"flex": "flex", "priority": "priority", "fast": "priority"}
"""The tier an answer names for the tier asked for; `default` for all others (measured against the API)."""

_ID_PREFIXES = {"chat": "chatcmpl-", "completions": "cmpl-", "embeddings": ""}


class Moment(NamedTuple):
    """What a reply may depend on besides the call and the response, read before it is made.

    `now` is the time in seconds since 1970, `created` what answers say of it; `ordinal` counts the stub's calls
    in this session, from 1; `chance` draws ids and other chances, different each time; `seed` and `stub` (its
    name) are for `content`; `position` counts the steps of its sequence that were taken before,
    `repetition` the times the same request came before, where there is a seed.
    """

    now: float
    created: int
    ordinal: int
    chance: Draw
    seed: int
    stub: str
    position: int = 0
    repetition: int = 0

    def content(self, call: Call, part: str) -> Draw:
        """The draw of what an answer says: the same for the same request, whenever and however often it comes."""
        return Draw("content", self.seed, call.session, self.stub, call.canonical, part)


_reply, _head_of, _choice_of, _usage_of = maker(Reply), maker(Head), maker(Choice), maker(Usage)


def respond(
    call: Call, stub_groups: Mapping[str, str], response: Response, moment: Moment, catalogue: Catalogue
) -> Reply:
    """The reply to a call. Raises TemplateFailure where a template of the response fails."""
    head = _head(call, response, moment, catalogue)
    model = call.model
    unseen: tuple[Choice, ...] = ()
    changes: tuple[Change, ...] = ()
    if response.canned is not None and call.endpoint == "chat" and call.choices == 1:
        choices: tuple[Choice, ...] = (_cut(call, response.canned),)
    else:
        variables = _variables(call, stub_groups, response, moment) if response.dynamic else {}
        if response.body is not None:
            raw = response.body
            return given(call, response, head, raw if isinstance(raw, bytes) else raw.render(variables))
        changes = tuple(setting.render(variables) for setting in response.settings)
        if call.endpoint == "embeddings":
            vectors = _vectors(call, response, moment)
            usage = _usage(call, response, _input_tokens(call), ())
            return Reply(head, usage, model, (), vectors, None, response.status, response.headers, changes)
        answer = partial(_choice, call, response, moment, variables)
        if call.endpoint == "completions":
            choices, unseen = completion_choices(call, answer, moment.seed)
        else:
            choices = tuple(answer(index, call.user) for index in range(call.choices))
    if call.endpoint == "chat" and call.logprobs is not None:
        choices = tuple(_scored(call, choice, moment.seed) if choice.logprobs is None else choice for choice in choices)
    prompt = call.prompt_tokens if call.endpoint == "chat" else _input_tokens(call)
    usage = _usage(call, response, prompt, choices + unseen)
    return _reply((head, usage, model, choices, (), None, response.status, response.headers, changes))


def _head(call: Call, response: Response, moment: Moment, catalogue: Catalogue) -> Head:
    model = call.model
    fingerprint, null_logprobs = _look(model)
    warning = response.warning
    if warning is None and call.endpoint != "embeddings" and response.body is None:
        warning = catalogue.warning(model)
    return _head_of(
        (
            _ID_PREFIXES[call.endpoint] + moment.chance.alphanumeric(29) if response.id is None else response.id,
            moment.created if response.created is None else response.created,
            catalogue.answers_as(model) if response.model is None else response.model,
            warning,
            fingerprint if response.system_fingerprint is None else response.system_fingerprint,
            _tier(call) if response.service_tier is None else response.service_tier,
            null_logprobs,
        )
    )


def _tier(call: Call) -> str:
    return SERVICE_TIERS.get(call.body.get("service_tier", ""), "default") if call.endpoint == "chat" else "default"


@remembered(1_000)
def _look(model: str) -> tuple[str | None, bool]:
    """A model's fingerprint, `fp_` and ten digits, None where the API sends null; and whether `logprobs` is null."""
    look = traits(model)
    fingerprint = look.fingerprint
    if fingerprint:
        fingerprint += Draw("fingerprint", model).hexadecimal(10)
    return fingerprint, look.null_logprobs


def _scored(call: Call, choice: Choice, seed: int) -> Choice:
    """A chat's answer with the logprobs of what it says; calls have none."""
    said = choice.text if choice.refusal is None else choice.refusal
    return choice if said is None else choice._replace(logprobs=chat_logprobs(call, said, seed))


def _usage(call: Call, response: Response, prompt: int, choices: tuple[Choice, ...]) -> Usage:
    completion = reasoning = 0
    for choice in choices:
        completion += spent(choice, call.model)
        if choice.reasoning is not None:
            reasoning += len(choice.reasoning.pieces(call.model))
    accepted, rejected = _predicted(call, choices) if "prediction" in call.body else (0, 0)
    completion += rejected  # what was predicted in vain is paid for
    usage = _usage_of((prompt, completion, prompt + completion, 0, reasoning, accepted, rejected))
    if response.usage is None:
        return usage
    usage = usage._replace(**response.usage)
    return (
        usage
        if "total_tokens" in response.usage
        else usage._replace(total_tokens=usage.prompt_tokens + usage.completion_tokens)
    )


def _predicted(call: Call, choices: tuple[Choice, ...]) -> tuple[int, int]:
    """How many tokens of the `prediction` the first answer begins with, and how many were in vain."""
    prediction = call.body["prediction"]
    predicted = pieces(content_text(prediction.get("content")) if isinstance(prediction, dict) else "", call.model)
    answered = choices[0].text.pieces(call.model) if choices and choices[0].text else ()
    pairs = zip(predicted, answered, strict=False)
    accepted = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    return accepted, len(predicted) - accepted


def _input_tokens(call: Call) -> int:
    return input_tokens(call.body.get("prompt" if call.endpoint == "completions" else "input"), call.model)


def spent(choice: Choice, model: str) -> int:
    """The completion tokens of an answer."""
    total = len(choice.text.pieces(model)) if choice.text is not None else 0
    for text in (choice.refusal, choice.reasoning):
        if text is not None:
            total += len(text.pieces(model))
    for call in (*choice.tool_calls, choice.function_call) if choice.function_call else choice.tool_calls:
        total += count(call.name, model) + len(pieces(call.arguments, model))
    return total


def _choice(
    call: Call, response: Response, moment: Moment, variables: Mapping[str, Any], index: int, prompt: str
) -> Choice:
    """The answer with a number, counted across prompts: what the response says, its answers in turn for each prompt."""
    answers = response.answers
    said = answers[index % max(call.choices, call.best_of) % len(answers)] if len(answers) > 1 else answers[0]
    text: Text | None = None
    calls: tuple[ToolCall, ...] = ()
    generate = suited(call) if said.generate == "auto" else said.generate
    if generate == "tool_calls":
        calls = (_made_up_call(call, moment, index),)
    elif generate is not None:
        draw = moment.content(call, f"{generate} {index}")
        text = Text(invent.text(call, generate, draw, prompt, said.schema))
    elif said.scores:
        text = Text.of(tuple(entry.text for entry in said.scores), call.model)
    else:
        text = _rendered(said.text, variables)
    if said.tool_calls:
        calls = tuple(_templated_call(template, call, moment, variables) for template in said.tool_calls)
    refusal, reasoning = _rendered(said.refusal, variables), _rendered(said.reasoning, variables)
    if said.finish_reason is not None:
        choice = _older(call, Choice(text, said.finish_reason, calls, refusal, reasoning))
    else:
        choice = _cut(call, text, calls, refusal, reasoning)
    if said.scores and call.logprobs is not None and choice.text is not None:
        choice = _with_scores(choice, choice.text.value, said.scores, call.logprobs, call.model)
    if said.settings:
        choice = choice._replace(changes=tuple(setting.render(variables) for setting in said.settings))
    return choice


def _with_scores(choice: Choice, said: str, scores: tuple[TokenLogprob, ...], most: int, model: str) -> Choice:
    """A choice with the logprobs that are given for its text, as far as the text was not cut."""
    entries: list[TokenLogprob] = []
    offset = 0
    for entry in scores:
        if offset >= len(said):
            break
        kept = entry.text[: len(said) - offset]
        data = entry.data if kept == entry.text else kept.encode("utf-8", "replace")
        entries.append(entry._replace(text=kept, data=data, top=entry.top[:most], offset=offset))
        offset += len(kept)
    text = Text.of(tuple(entry.text for entry in entries), model)
    return choice._replace(text=text, logprobs=tuple(entries))


def suited(call: Call) -> str:
    """What suits a call to which nothing is given to answer: a tool call that is due, JSON that is asked for, text."""
    if call.endpoint == "chat" and wants_tool(call):
        return "tool_calls"
    return "text" if call.response_format == "text" else "json"


def _rendered(source: "TextSource | None", variables: Mapping[str, Any]) -> Text | None:
    return source if source is None or isinstance(source, Text) else Text(source.render(variables))


def _made_up_call(call: Call, moment: Moment, index: int) -> ToolCall:
    name, arguments = invent.tool_call(call, moment.content(call, f"tool {index}"))
    return ToolCall(_call_id(moment), name, arguments, _is_custom(call, name))


def _templated_call(template: ToolCallTemplate, call: Call, moment: Moment, variables: Mapping[str, Any]) -> ToolCall:
    arguments = _arguments(template.arguments.render(variables))
    return ToolCall(template.id or _call_id(moment), template.name, arguments, _is_custom(call, template.name))


def _is_custom(call: Call, name: str) -> bool:
    """Whether a tool was offered with the type `custom`: it takes free text."""
    return any(tool.custom and tool.name == name for tool in call.tools)


def _cut(
    call: Call,
    text: Text | None,
    calls: tuple[ToolCall, ...] = (),
    refusal: Text | None = None,
    reasoning: Text | None = None,
) -> Choice:
    """An answer cut at stop sequences and at the token limit, and why it ends."""
    stops, limit = call.stops, call.limit
    if stops and text is not None:
        ends = [at for at in map(text.value.find, stops) if at >= 0]
        if ends:
            text = Text(text.value[: min(ends)])
    reason = "stop"
    if calls and call.tool_mode != "named":
        # a tool that was named is a demand met, not a decision of the model: recordings end with `stop`
        reason = "tool_calls"
    choice = _choice_of((text, reason, calls, refusal, reasoning, None, None, None, ()))
    if limit is not None and spent(choice, call.model) > limit:
        choice = _limited(choice, limit, call.model)
    return _older(call, choice) if calls else choice


def _limited(choice: Choice, limit: int, model: str) -> Choice:
    """An answer of so many tokens: first its reasoning, then what it says, then its calls are let through."""
    reasoning, left = _within(choice.reasoning, limit, model)
    refusal, left = _within(choice.refusal, left, model)
    text, left = _within(choice.text, left, model)
    calls = []
    for call in choice.tool_calls:
        left -= count(call.name, model)
        if left <= 0:
            break
        arguments, left = _within(Text(call.arguments), left, model)
        calls.append(call._replace(arguments=arguments.value if arguments else ""))
    if text is None and refusal is None and not calls:
        text = Text("")
    return Choice(text, "length", tuple(calls), refusal, reasoning)


def _within(text: Text | None, left: int, model: str) -> tuple[Text | None, int]:
    """As much of a text as `left` tokens allow, and how many are left then."""
    if text is None:
        return None, left
    tokens = text.pieces(model)
    return (text, left - len(tokens)) if len(tokens) <= left else (Text.of(tokens[:left], model), 0)


def _older(call: Call, choice: Choice) -> Choice:
    """The answer to a request that offers `functions`: a `function_call` in the place of the tool calls."""
    if not choice.tool_calls or not call.body.get("functions") or call.body.get("tools"):
        return choice
    reason = "function_call" if choice.finish_reason in ("tool_calls", "stop") else choice.finish_reason
    return choice._replace(tool_calls=(), function_call=choice.tool_calls[0], finish_reason=reason)


def _arguments(value: Any) -> str:
    return value if isinstance(value, str) else compact(value)


def _call_id(moment: Moment) -> str:
    return "call_" + moment.chance.alphanumeric(24)


def _vectors(call: Call, response: Response, moment: Moment) -> tuple[str, ...]:
    """The JSON of each input's embedding. Raises RegexTimeout."""
    if not response.embeddings:
        return invent.embeddings(call, moment.seed)
    try:
        return tuple(_embedding(call, response.embeddings, item, moment.seed) for item in call.inputs)
    except RegexTimeout as timeout:
        raise timeout.of(moment.stub, response.place) from None


def _embedding(call: Call, embeddings: tuple[Embedding, ...], item: str | list[int], seed: int) -> str:
    """The embedding of an input: that of the first pattern that fits, else a made up one."""
    text = item if isinstance(item, str) else text_of(item, call.model) or ""
    for embedding in embeddings:
        if embedding.pattern is None or embedding.pattern.fits(text, call):
            if embedding.vector is None:
                return invent.embedding(call, embedding.like, seed)
            return embedding.vector[call.body.get("encoding_format") == "base64"]
    return invent.embedding(call, item, seed)


def _variables(call: Call, groups: Mapping[str, str], response: Response, moment: Moment) -> dict[str, Any]:
    """What templates may refer to."""
    from mockserver.templates.template import variables

    return variables(
        call,
        groups,
        seconds=moment.now,
        ordinal=moment.ordinal,
        chance=moment.chance,
        content=partial(moment.content, call),
        locale=response.locale,
    )
