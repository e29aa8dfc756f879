"""What single models refuse: one row per family, found by the longest prefix of a model's name.

A family only ever narrows what the endpoint takes, so all of it belongs to the exact level. Models
that no row knows refuse nothing. Limits are those litellm publishes, the rest was seen in answers.
"""

from typing import NamedTuple

from mockserver.endpoints import EndpointName
from mockserver.values import remembered

_TEXT_ONLY = frozenset({"modalities", "audio", "web_search_options"})
_SAMPLING = frozenset({"presence_penalty", "frequency_penalty", "logprobs", "top_logprobs"})
_O1 = frozenset({"max_tokens", "logit_bias", "prediction", "parallel_tool_calls"})
_O3 = _O1 | {"stop"}
_GPT5 = frozenset({"max_tokens", "logit_bias", "prediction", "stop"})


class Family(NamedTuple):
    """A family of models: the prefix of their names, and what they refuse.

    `serves` are the endpoints it is for; `responses_only` models have none here. `efforts` are the
    values of `reasoning_effort`, `effort` is the default; `"none"` turns reasoning off. `fixed` takes
    only 1 while reasoning, `sampling` is refused then, `refused` always. `output` and `context` are in
    tokens, `size` in numbers of a vector; `context` is for a request and what it asks for together, on
    gpt-5 for the request alone. `old_words`: unknown arguments are "unrecognized".
    """

    prefix: str
    serves: tuple[EndpointName, ...] = ("chat",)
    responses_only: bool = False
    unknown: frozenset[str] = _TEXT_ONLY
    refused: frozenset[str] = frozenset()
    fixed: frozenset[str] = frozenset()
    sampling: frozenset[str] = frozenset()
    efforts: tuple[str, ...] = ()
    effort: str = "none"
    verbosities: tuple[str, ...] = ()
    roles: frozenset[str] = frozenset()
    schemas: bool = True
    tools_reason: bool = True
    long_caching_only: bool = False
    choices: int | None = None
    alternatives: int | None = None
    output: int | None = None
    context: int | None = None
    size: int | None = None
    dimensions: bool = True
    old_words: bool = False


ANY = Family("", serves=("chat", "completions", "embeddings"), unknown=frozenset())
"""The family of a model that no row knows: it takes whatever its endpoint takes."""

_O = Family(
    "o",
    refused=_O3,
    fixed=frozenset({"temperature", "top_p"}),
    sampling=_SAMPLING,
    efforts=("low", "medium", "high"),
    effort="medium",
    output=100_000,
    context=200_000,
)
_O1_SMALL = _O._replace(
    prefix="o1-mini", refused=_O1 | {"tools"}, efforts=(), roles=frozenset({"system"}), context=128_000
)
_5 = Family(
    "gpt-5",
    refused=_GPT5,
    fixed=frozenset({"temperature"}),
    sampling=_SAMPLING | {"top_p"},
    efforts=("minimal", "low", "medium", "high"),
    effort="medium",
    output=128_000,
    context=272_000,
)
_5_CHAT = Family("gpt-5-chat", output=16_384, context=128_000)
_4 = Family("gpt-4", verbosities=("medium",), context=128_000)
_OLD = _4._replace(schemas=False, refused=frozenset({"prediction"}), output=4096, context=16_385, old_words=True)
_SEARCH = _TEXT_ONLY - {"web_search_options"}
_AUDIO = _TEXT_ONLY - {"modalities", "audio"}
_XHIGH = ("none", "low", "medium", "high", "xhigh")
_LEGACY = Family("", serves=("completions",), unknown=frozenset(), context=4_097, old_words=True)
_RESPONSES = Family("", serves=(), responses_only=True)
_VECTORS = Family("", serves=("embeddings",), context=8_192, size=1536)

FAMILIES: tuple[Family, ...] = (
    _OLD._replace(prefix="gpt-3.5-turbo"),
    _OLD._replace(prefix="gpt-35-turbo"),
    _LEGACY._replace(prefix="gpt-3.5-turbo-instruct"),
    _LEGACY._replace(prefix="gpt-35-turbo-instruct"),
    _LEGACY._replace(prefix="davinci-002", context=16_384),
    _LEGACY._replace(prefix="babbage-002", context=16_384),
    _LEGACY._replace(prefix="text-davinci-"),
    _OLD._replace(prefix="gpt-4", context=8_192),
    _OLD._replace(prefix="gpt-4-32k", context=32_768),
    _OLD._replace(prefix="gpt-4-1106", context=128_000),
    _OLD._replace(prefix="gpt-4-0125", context=128_000),
    _OLD._replace(prefix="gpt-4-vision", context=128_000),
    _OLD._replace(prefix="gpt-4-turbo", context=128_000),
    _4._replace(prefix="gpt-4o", output=16_384),
    _4._replace(prefix="gpt-4o-2024-05-13", schemas=False, output=4096),
    _4._replace(prefix="gpt-4o-audio", unknown=_AUDIO, output=16_384),
    _4._replace(prefix="gpt-4o-mini-audio", unknown=_AUDIO, output=16_384),
    _4._replace(prefix="gpt-4o-search", unknown=_SEARCH, output=16_384),
    _4._replace(prefix="gpt-4o-mini-search", unknown=_SEARCH, output=16_384),
    Family("gpt-audio", unknown=_AUDIO, context=128_000),
    _4._replace(prefix="chatgpt-4o", output=16_384),
    _4._replace(prefix="gpt-4.1", output=32_768, context=1_047_576),
    _4._replace(prefix="gpt-4.5", output=16_384),
    _O._replace(prefix="o1", refused=_O1),
    _O1_SMALL,
    _O1_SMALL._replace(prefix="o1-preview"),
    _RESPONSES._replace(prefix="o1-pro"),
    _O._replace(prefix="o3"),
    _O._replace(prefix="o3-mini", fixed=frozenset(), refused=_O3 | {"temperature", "top_p"}),
    _RESPONSES._replace(prefix="o3-pro"),
    _RESPONSES._replace(prefix="o3-deep-research"),
    _O._replace(prefix="o4-mini"),
    _RESPONSES._replace(prefix="o4-mini-deep-research"),
    _RESPONSES._replace(prefix="codex-mini"),
    _RESPONSES._replace(prefix="computer-use-preview"),
    _5,
    _5_CHAT,
    _RESPONSES._replace(prefix="gpt-5-pro"),
    _RESPONSES._replace(prefix="gpt-5-codex"),
    _5._replace(prefix="gpt-5.1", efforts=_XHIGH[:-1], effort="none"),
    _5_CHAT._replace(prefix="gpt-5.1-chat"),
    _RESPONSES._replace(prefix="gpt-5.1-codex"),
    _5._replace(prefix="gpt-5.2", efforts=_XHIGH, effort="none"),
    _5_CHAT._replace(prefix="gpt-5.2-chat"),
    _RESPONSES._replace(prefix="gpt-5.2-pro"),
    _RESPONSES._replace(prefix="gpt-5.2-codex"),
    _5_CHAT._replace(prefix="gpt-5.3-chat"),
    _5._replace(prefix="gpt-5.4", efforts=_XHIGH, effort="none", tools_reason=False, context=1_050_000),
    _5._replace(prefix="gpt-5.5", efforts=_XHIGH, context=1_050_000),
    _5._replace(
        prefix="gpt-5.6",
        efforts=_XHIGH,
        tools_reason=False,
        long_caching_only=True,
        choices=8,
        alternatives=5,
        context=922_000,
    ),
    _VECTORS._replace(prefix="text-embedding-3-small"),
    _VECTORS._replace(prefix="text-embedding-3-large", size=3072),
    _VECTORS._replace(prefix="text-embedding-ada-002", dimensions=False),
)

_BY_LENGTH = sorted(FAMILIES, key=lambda family: len(family.prefix), reverse=True)


@remembered(1_024)
def family_of(model: str) -> Family:
    """The family of a model's name: `openai/gpt-4o-2024-08-06` and `ft:gpt-4o:org::1` are gpt-4o's."""
    name = base_name(model)
    return next((family for family in _BY_LENGTH if belongs(name, family.prefix)), ANY)


def base_name(model: str) -> str:
    """A model's name without what a provider or a fine-tune puts before it."""
    return model[:256].removeprefix("ft:").rsplit("/", 1)[-1]


def belongs(name: str, prefix: str) -> bool:
    """Whether a name is the prefix itself or goes on at a break: `o3-x` is o3's, `o3x` is not."""
    rest = name[len(prefix) :]
    return name.startswith(prefix) and (not rest or rest[0] in "-:@" or prefix.endswith("-"))


def reasons(family: Family, effort: object) -> bool:
    """Whether a model of the family reasons at this `reasoning_effort` (None: its default)."""
    return bool(family.efforts or family.fixed) and (effort or family.effort) != "none"
