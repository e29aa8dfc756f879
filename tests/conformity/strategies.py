"""Requests for property tests: good ones of every kind, bodies gone wrong, and anything at all."""

import json
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

from tests.conformity.asking import PATHS
from tests.conformity.matrix import (
    BASES,
    CALLED,
    CHOSEN,
    COMBINATIONS,
    CUSTOM,
    FUNCTION,
    NAMED,
    OBJECT,
    RESULT,
    ROWS,
    SAY,
    VALUES,
    WEATHER,
    json_schema,
    request,
    said,
)

Body = dict[str, Any]

KNOWN_TEXT = "One, two, three: the quick brown fox jumps over the lazy dog. Grüße, 你好, 👩‍👩‍👧! The end.\n"
"""What the stub for `say something known` answers."""

SPOKEN = ("say something known", "say nothing", "think about it", "hi", "Tell me of Grüße and 👩‍👩‍👧", "filter it")
"""What is answered with a text."""

_STOPS = ("O", " two", "the", "e", ". ", ",", "\n", "好", "👧", "Grüße", "never to be seen", "a", " ")
_MODELS = ("gpt-4o-mini", "gpt-4", "gpt-5", "gpt-3.5-turbo", "org/model", "deprecated-model")

stops = st.one_of(st.sampled_from(_STOPS), st.lists(st.sampled_from(_STOPS), min_size=1, max_size=4, unique=True))
limits = st.integers(1, 60)


def _optional(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Body]:
    return st.fixed_dictionaries({}, optional=fields)


_SCORED = st.sampled_from(({}, {"logprobs": True}, {"logprobs": True, "top_logprobs": 3}))
_LIMITED: st.SearchStrategy[Body] = st.one_of(
    st.just({}),
    limits.map(lambda limit: {"max_tokens": limit}),
    limits.map(lambda limit: {"max_completion_tokens": limit}),
)
_TEMPERED = _optional(
    n=st.integers(1, 3), stop=stops, seed=st.integers(0, 3), temperature=st.sampled_from((0, 0.7)), user=st.just("u")
)
_SHAPED: tuple[Body, ...] = (
    {},
    {"messages": said("refuse it")},
    {"messages": said("call two tools")},
    {"messages": said("talk and call"), **CHOSEN},
    {"messages": [SAY, CALLED, RESULT], **CHOSEN},
    {**CHOSEN, "tool_choice": "required"},
    {**CHOSEN, "tool_choice": NAMED},
    {**CHOSEN, "tool_choice": "required", "parallel_tool_calls": False},
    {"tools": [CUSTOM], "tool_choice": "required"},
    {"tools": [WEATHER], "messages": said("What is the weather in Rome?")},
    {"functions": [FUNCTION], "function_call": {"name": "weather"}},
    {"functions": [FUNCTION], "messages": said("What is the weather in Rome?")},
    {"response_format": json_schema(OBJECT)},
    {"response_format": {"type": "json_object"}, "messages": said("As json.")},
)


def _joined(*parts: Body) -> Body:
    return {key: value for part in parts for key, value in part.items()}


spoken = st.builds(
    _joined,
    st.sampled_from(_MODELS).map(lambda model: {"model": model}),
    st.one_of(st.sampled_from(SPOKEN), st.text(max_size=20)).map(lambda text: {"messages": said(text)}),
    _LIMITED,
    _SCORED,
    _TEMPERED,
)
"""Chat requests that are answered with a text."""

chats = st.builds(_joined, spoken, st.sampled_from(_SHAPED))
"""Chat requests that are answered in every way there is."""

_prompt = st.one_of(st.sampled_from(SPOKEN), st.text(max_size=20))
_ids = st.lists(st.integers(0, 50_000), min_size=1, max_size=5)
_prompts = st.one_of(
    _prompt,
    st.lists(_prompt, min_size=1, max_size=3),
    _ids,
    st.lists(_ids, min_size=1, max_size=3),
    st.none(),
)
completions = st.builds(
    _joined,
    st.sampled_from(("gpt-3.5-turbo-instruct", "davinci-002", "deprecated-model")).map(lambda model: {"model": model}),
    st.fixed_dictionaries(
        {"prompt": _prompts},
        optional={
            "max_tokens": st.integers(0, 60),
            "echo": st.booleans(),
            "logprobs": st.integers(0, 5),
            "suffix": st.sampled_from(("", " the end.")),
        },
    ),
    _TEMPERED,
)
"""Requests to the legacy endpoint."""

_character = st.characters(exclude_categories=())
anything = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.sampled_from(
            (0, -1, 1, 2**31, 2**63, 10**400, 1e308, "", "auto", "user", "function", "text", "json_schema")
        ),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(_character, max_size=10),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(_character, max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
"""Any JSON at all, lone surrogates and huge numbers too."""

KEYS = sorted({key for row in ROWS for key in row.body})
"""Every key of a request that the API knows, and one it doesn't."""
wild = st.one_of(
    anything,
    st.dictionaries(st.sampled_from(KEYS), anything, max_size=6),
    st.builds(
        _joined,
        st.sampled_from(list(map(dict, BASES.values()))),
        st.dictionaries(st.sampled_from(KEYS), anything, max_size=3),
    ),
)
"""Any JSON at all, most of it with the keys the API knows, also those that other endpoints have."""

endpoints = st.sampled_from(sorted(PATHS))

_FIELDS: dict[str, list[tuple[str, Any]]] = {
    endpoint: [
        *((name, value) for name, values in VALUES[endpoint].items() for value in values if name != "messages"),
        *(item for fields in COMBINATIONS[endpoint] for item in fields.items()),
    ]
    for endpoint in PATHS
}


@st.composite
def crossed(draw: st.DrawFn) -> tuple[str, Body]:
    """An endpoint, and up to eight parameters that each have a value of the matrix, never tried together."""
    endpoint = draw(endpoints)
    fields = draw(st.lists(st.sampled_from(_FIELDS[endpoint]), max_size=8))
    return endpoint, _soon_checked(endpoint, request(endpoint, dict(fields)))


_LONG = 100
"""A vector of so many numbers is long: of 2,048 vectors a validator would look at millions, for half a minute."""


def _soon_checked(endpoint: str, body: Body) -> Body:
    """The request with few choices; many inputs in full where their vectors are short, the first of them elsewhere."""
    small = body | {"n": min(body.get("n") or 1, 3)}
    texts = small.get("input")
    if endpoint == "embeddings" and isinstance(texts, list) and (small.get("dimensions") or _LONG) >= _LONG:
        small["input"] = texts[:3]
    return small


_MUTABLE = [row for row in ROWS if len(json.dumps(row.body)) < 5_000]


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, Body]:
    """An endpoint, and a request of the matrix in which up to three places have become something else."""
    row = draw(st.sampled_from(_MUTABLE))
    body: Any = deepcopy(dict(row.body))
    for _ in range(draw(st.integers(1, 3))):
        places = list(_places(body))
        if not places:
            break
        holder, key = draw(st.sampled_from(places))
        if draw(st.booleans()):
            holder[key] = draw(anything)
        else:
            del holder[key]
    return row.endpoint, body


def _places(node: Any) -> list[tuple[Any, Any]]:
    """Every place below a value, as what holds it and the key it stands under."""
    keys = list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    return [place for key in keys for place in ((node, key), *_places(node[key]))]
