"""What was asked: one request to an endpoint, read from its body.

This module and `mockserver.rules` know the field names of requests; `mockserver.wire` knows those of answers.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from mockserver.endpoints import EndpointName
from mockserver.state import Past
from mockserver.tokens import prompt_tokens

NOT_CONTENT = ("stream", "stream_options")
"""Request fields that change how an answer travels, never what it says."""


NO_HEADERS: Mapping[bytes, bytes] = {}
NO_PAST = Past()
_new = object.__new__


class ToolOffer(NamedTuple):
    """A tool the caller offers; `parameters` is its JSON Schema, any JSON; a `custom` tool takes free text."""

    name: str
    description: str
    parameters: object
    custom: bool = False


class JsonSchema(NamedTuple):
    """A schema the answer shall conform to: `response_format` of type `json_schema`."""

    name: str
    schema: object


class Call:
    """One request, validated. Everything but `endpoint`, `body` and `session` is read from the body when asked for.

    `body` is the request's JSON object as sent and is not changed by anybody; `model` is the name asked
    for, which Azure-style paths carry instead of the body; the names of `headers` are in lower case. `past` is what
    came before in its session, told by the state once the call is let in.
    """

    __slots__ = (
        "_canonical",
        "_first",
        "_prompt_tokens",
        "_tools",
        "_user",
        "body",
        "endpoint",
        "headers",
        "memo",
        "model",
        "past",
        "session",
        "stream",
    )

    def __init__(
        self,
        endpoint: EndpointName,
        body: dict[str, Any],
        *,
        model: str = "",
        session: str = "",
        headers: Mapping[bytes, bytes] = NO_HEADERS,
    ) -> None:
        self.endpoint: EndpointName = endpoint
        self.body = body
        self.model: str = model or body.get("model") or ""
        self.session = session
        self.headers = headers
        self.past = NO_PAST
        self.stream: bool = body.get("stream") is True and endpoint != "embeddings"
        self._user: str | None = None
        self._tools: tuple[ToolOffer, ...] | None = None
        self._canonical: bytes | None = None
        self._prompt_tokens: int | None = None
        self._first: Call | None = None
        self.memo: dict[str, Any] = {}
        """What matching has worked out of the call, so that thousands of stubs do not do it again."""

    def again(self, session: str, headers: Mapping[bytes, bytes]) -> "Call":
        """The same request, come once more: what is read of its body is read once for all of them."""
        made: Call = _new(Call)
        made.endpoint = self.endpoint
        made.body = self.body
        made.model = self.model
        made.session = session
        made.headers = headers
        made.past = NO_PAST
        made.stream = self.stream
        made._user = self.user
        made._tools = made._canonical = made._prompt_tokens = None
        made._first = self
        made.memo = {}
        return made

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The conversation of a chat request, else nothing."""
        return self.body.get("messages") or []

    @property
    def user(self) -> str:
        """What the user said: the last user message of a chat, else the prompt or the input."""
        if self._user is None:
            if self.endpoint == "chat":
                self._user = last_user_text(self.messages)
            else:
                self._user = "\n".join(item for item in self.inputs if isinstance(item, str))
        return self._user

    @property
    def inputs(self) -> list[str | list[int]]:
        """The prompts of a completion or the inputs of an embedding: texts, or lists of token ids."""
        value = self.body.get("prompt" if self.endpoint == "completions" else "input")
        if value is None:
            return [""]
        if isinstance(value, str):
            return [value]
        if value and isinstance(value[0], int):
            return [value]
        return list(value)

    @property
    def tools(self) -> tuple[ToolOffer, ...]:
        """The functions offered, in `tools` or in the older `functions`."""
        if self._tools is None:
            body = self.body
            if self._first is not None:
                self._tools = self._first.tools
            elif body.get("tools") or body.get("functions"):
                offered = [_offer(tool.get(_kind(tool)), _kind(tool)) for tool in body.get("tools") or ()]
                functions = [_offer(function) for function in body.get("functions") or ()]
                self._tools = (*offered, *functions)
            else:
                self._tools = ()
        return self._tools

    @property
    def forced_tool(self) -> str | None:
        """The tool that `tool_choice` (or `function_call`) names, if it names one."""
        choice = self.body.get("tool_choice") or self.body.get("function_call")
        if isinstance(choice, dict):
            named = choice.get(choice.get("type") or "function") or choice
            name = named.get("name") if isinstance(named, dict) else None
            return name if isinstance(name, str) else None
        return None

    @property
    def tool_mode(self) -> str:
        """`none`, `auto`, `required`, or `named` where one tool is forced by its name."""
        choice = self.body.get("tool_choice") or self.body.get("function_call")
        if isinstance(choice, str):
            return choice
        if self.forced_tool is not None:
            return "named"
        allowed = choice.get("allowed_tools") if isinstance(choice, dict) else None
        mode = allowed.get("mode") if isinstance(allowed, dict) else None
        return mode if isinstance(mode, str) else "auto"

    @property
    def after_tool(self) -> bool:
        """Whether the last message is a tool's result, which the model is to go on from."""
        messages = self.messages
        return bool(messages) and messages[-1].get("role") in ("tool", "function")

    @property
    def response_format(self) -> str:
        """`text`, `json_object` or `json_schema`."""
        wanted = self.body.get("response_format")
        kind = wanted.get("type") if isinstance(wanted, dict) else None
        return kind if isinstance(kind, str) else "text"

    @property
    def json_schema(self) -> JsonSchema | None:
        """The schema of a `json_schema` response format."""
        wanted = self.body.get("response_format")
        inner = wanted.get("json_schema") if isinstance(wanted, dict) else None
        if not isinstance(inner, dict):
            return None
        return JsonSchema(str(inner.get("name") or ""), inner.get("schema", {}))

    @property
    def limit(self) -> int | None:
        """The most tokens an answer may have; 16 for completions that say nothing, as the API has it."""
        body = self.body
        limit: int | None = body.get("max_completion_tokens") if self.endpoint == "chat" else None
        if limit is None:
            limit = body.get("max_tokens")
        if limit is None and self.endpoint == "completions":
            return 16
        return limit

    @property
    def prompt_tokens(self) -> int:
        """The tokens of a chat's messages and of what else is put before the model; 0 or more."""
        if self._prompt_tokens is None:
            first = self._first
            self._prompt_tokens = prompt_tokens(self.body, self.model) if first is None else first.prompt_tokens
        return self._prompt_tokens

    @property
    def stops(self) -> tuple[str, ...]:
        """The stop sequences."""
        stop = self.body.get("stop")
        if not stop:
            return ()
        return (stop,) if isinstance(stop, str) else tuple(text for text in stop if text)

    @property
    def choices(self) -> int:
        """How many answers are asked for, per prompt."""
        return self.body.get("n") or 1

    @property
    def best_of(self) -> int:
        """How many answers to a completion's prompt are made, of which `choices` are shown."""
        return self.body.get("best_of") or 1

    @property
    def echo(self) -> bool:
        """Whether a completion shall repeat its prompt."""
        return self.body.get("echo") is True

    @property
    def logprobs(self) -> int | None:
        """How many alternatives to each token shall be told; None where logprobs are not asked for.

        A completion's `logprobs: 0` asks for nothing, a chat asks with `logprobs: true` and `top_logprobs`.
        """
        asked = self.body.get("logprobs")
        if self.endpoint == "chat":
            return self.body.get("top_logprobs") or 0 if asked is True else None
        return asked or None

    @property
    def retry(self) -> int:
        """How many times an SDK has sent this request before, as it says itself; 0 where nobody says."""
        count = self.headers.get(b"x-stainless-retry-count", b"0")
        return int(count) if count.isdigit() and len(count) < 10 else 0

    @property
    def retry_key(self) -> bytes:
        """What a request and its retries have in common: an idempotency key, else what is asked."""
        return self.headers.get(b"idempotency-key") or self.canonical

    @property
    def may_be_retry(self) -> bool:
        """Whether the request says that it may have been sent before."""
        headers = self.headers
        return headers.get(b"x-stainless-retry-count", b"0") != b"0" or b"idempotency-key" in headers

    @property
    def obfuscate(self) -> bool:
        """Whether a stream's chunks shall be padded to hide the length of their tokens: unless told not to."""
        options = self.body.get("stream_options")
        return not isinstance(options, dict) or options.get("include_obfuscation") is not False

    @property
    def include_usage(self) -> bool:
        """Whether a stream shall end with a chunk of usage."""
        options = self.body.get("stream_options")
        return isinstance(options, dict) and options.get("include_usage") is True

    @property
    def canonical(self) -> bytes:
        """The request as one spelling of its JSON, without what changes only how the answer travels.

        The same request has the same canonical form whatever its key order, and whether streamed or not.
        """
        if self._canonical is None and self._first is not None:
            self._canonical = self._first.canonical
        elif self._canonical is None:
            content = {k: v for k, v in self.body.items() if k not in NOT_CONTENT}
            content["model"] = self.model
            spelled = json.dumps([self.endpoint, content], sort_keys=True, separators=(",", ":"))
            self._canonical = spelled.encode("ascii")
        return self._canonical

    @property
    def as_sent(self) -> bytes:
        """The canonical form with how the answer shall travel: what tells one request from another, to the byte."""
        travel = [self.body.get(name) for name in NOT_CONTENT]
        return self.canonical + json.dumps(travel, sort_keys=True).encode("ascii")


def content_text(content: object) -> str:
    """The text of a message's `content`: a string, or the text parts of a list, joined by line ends."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        texts = [part.get("text") for part in content if isinstance(part, dict)]
        return "\n".join(text for text in texts if isinstance(text, str))
    return ""


def last_user_text(messages: Sequence[Mapping[str, Any]]) -> str:
    """The text of the last message with the role `user`, or nothing."""
    for message in reversed(messages):
        if message.get("role") == "user":
            return content_text(message.get("content"))
    return ""


def _kind(tool: Mapping[str, Any]) -> str:
    return tool.get("type") or "function"


def _offer(function: object, kind: str = "function") -> ToolOffer:
    if not isinstance(function, dict):
        return ToolOffer("", "", {})
    name, description = function.get("name"), function.get("description")
    return ToolOffer(
        name if isinstance(name, str) else "",
        description if isinstance(description, str) else "",
        function.get("parameters") or {},
        kind == "custom",
    )
