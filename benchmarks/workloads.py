"""What is timed: one row per workload."""

import json
import random
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

from benchmarks.written import Stub, Vector, for_mockserver

CHAT, COMPLETIONS, EMBEDDINGS = "/v1/chat/completions", "/v1/completions", "/v1/embeddings"

HELLO = Stub("contains", "hello", "Hi there! How can I help you today?")
STORY = Stub(
    "contains",
    "tell me a story",
    "Once upon a time there was a small server at the edge of a large net. Every day it got the same "
    "question, and every day it gave the same answer. The clients liked it very much, for it was fast and "
    "never changed its mind. So they all lived well and passed each of their many tests.",
)
TALK = (HELLO, STORY)
VECTOR = Vector("sea", tuple(round(random.Random(7).uniform(-0.05, 0.05), 8) for _ in range(1536)))

BESIDE_F1, BESIDE_AIMOCK = "f1", "aimock"


class Goal(NamedTuple):
    """How much more than `base` mockserver may cost: what it must reach, and what would be better still."""

    base: str
    must: float
    stretch: float | None = None


class Variant(NamedTuple):
    """One way to run mockserver: what is added to its name, its options, and its stubs where they are others."""

    suffix: str = ""
    options: tuple[str, ...] = ()
    stubs: tuple[Stub, ...] | None = None
    content: str | None = None
    """A whole fixture file, for what the other servers cannot do."""


class Workload(NamedTuple):
    """One kind of request, and what it may cost.

    `bodies` makes the request bodies, which are sent in turn, and from the beginning when they are used up. `has` is
    a part of the answer that shows that the right stub gave it. `variants` are the ways to run mockserver; the goals
    are those of the last, and f1 answers as the first does. `peers` are the other servers that can do the same.
    """

    name: str
    about: str
    path: str
    bodies: Callable[[], Iterator[bytes]]
    has: bytes
    goals: tuple[Goal, ...]
    stubs: tuple[Stub, ...] = TALK
    variants: tuple[Variant, ...] = (Variant(),)
    peers: tuple[str, ...] = ()
    streamed: bool = False
    connections: int = 16


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def chat(*texts: str, **more: Any) -> Iterator[bytes]:
    """Bodies of chat requests with one user message each."""
    for text in texts:
        yield _json({"model": "gpt-4o-mini", "messages": [{"role": "user", "content": text}], **more})


def _embed(form: str, text: str = "The sea is calm.") -> Iterator[bytes]:
    yield _json({"model": "text-embedding-3-small", "input": text, "encoding_format": form})


def _legacy() -> Iterator[bytes]:
    yield _json({"model": "gpt-3.5-turbo-instruct", "prompt": "hello", "max_tokens": 50})


def _new_texts() -> Iterator[bytes]:
    """As many chats as requests are remembered many times over, each with another text."""
    yield from chat(*(f"hello, this is question {number} of many" for number in range(NEW_INPUTS)))


NEW_INPUTS = 20_000
"""More than any server remembers."""


def _new_inputs(count: int = NEW_INPUTS) -> Iterator[bytes]:
    """Inputs of ten words each, "sea" first, the others from a vocabulary of 5,000 that no dictionary has."""
    drawn = random.Random(11)
    syllables = [one + two for one in "bdfghjklmnprstvwz" for two in ("a", "e", "i", "o", "u", "ai", "ou")]
    words = ["".join(drawn.choices(syllables, k=drawn.randint(1, 3))) for _ in range(5_000)]
    for _ in range(count):
        yield from _embed("float", " ".join(["sea", *drawn.choices(words, k=9)]))


def _megabyte() -> Iterator[bytes]:
    """One user message of a megabyte of prose, and behind it the question."""
    prose = "".join(f"Line {number}: {STORY.answer}\n" for number in range(3_000))[:1_000_000]
    yield _json({"model": "gpt-4o-mini", "messages": [{"role": "user", "content": prose + "\nhello"}]})


def many(how: str, count: int) -> tuple[Stub, ...]:
    """So many stubs of a kind, of which the last one matches `question LAST of many`, or the model `model-LAST`."""
    texts = {
        "exact": "question {} of many",
        "contains": "uestion {} of man",
        "regex": "^(question|demand) {} of [a-z]+$",
        "model": "model-{}",
    }
    drawn = random.Random(count)
    numbers = [*drawn.sample(range(10_000, 99_999), count - 1), LAST]
    return tuple(Stub(how, texts[how].format(number), f"The answer to {number}.") for number in numbers)


LAST = 123_456


def _scaled(how: str, goals: tuple[Goal, ...], peers: tuple[str, ...]) -> tuple[Workload, ...]:
    """Stubs by the thousand: mockserver with 10 of them beside it with more, and the peers with most."""
    asked = {"model": f"model-{LAST}"} if how == "model" else {}
    return tuple(
        Workload(
            f"stubs-{how}-{count}",
            f"{count:,} stubs ({how}), the last one matches",
            CHAT,
            partial(chat, f"question {LAST} of many", **asked),
            f"The answer to {LAST}.".encode(),
            goals if count == 10_000 else (),
            many(how, count),
            (Variant(" with 10", stubs=many(how, 10)), Variant()),
            peers,
        )
        for count in (1_000, 10_000)
    )


FAULTS = """\
stubs:
  - match: {user: hello}
    response: Hi there! How can I help you today?
    error: {name: rate_limit, when: {probability: 0.0}}
    fault: {kind: reset, after_chunks: 1, when: {probability: 0.0}}
"""
"""Chances are drawn at every call, and none comes true: a connection that is reset would be the client's cost too."""

TEMPLATED = """\
stubs:
  - match: {user: hello}
    response: "Hello {{ faker.name() }}, how can I help you today?"
"""

PYTHON_PEERS = ("llmock", "stubllm", "fakellm")

WORKLOADS = (
    Workload(
        "plain-chat",
        "chat completion, a stub that contains a text",
        CHAT,
        partial(chat, "hello"),
        b"Hi there!",
        (Goal("f1", 2.0, 1.7), Goal("aimock", 0.7)),
        peers=("aimock", *PYTHON_PEERS),
    ),
    Workload(
        "new-chat",
        "the same, every request another text",
        CHAT,
        _new_texts,
        b"Hi there!",
        (),
        peers=("aimock", "stubllm"),
    ),
    Workload(
        "streamed-chat",
        "streamed chat completion, about 64 deltas, no delay",
        CHAT,
        partial(chat, "tell me a story", stream=True),
        b"Once",
        (Goal("f1", 2.5, 1.9), Goal("aimock", 0.4)),
        peers=("aimock", "stubllm", "fakellm"),
        streamed=True,
    ),
    Workload(
        "embeddings-float",
        "embedding of an input seen before, 1,536 floats",
        EMBEDDINGS,
        partial(_embed, "float"),
        b'"embedding"',
        (Goal("f1", 2.0, 1.5), Goal("aimock", 0.25)),
        peers=("aimock", "llmock", "stubllm"),
    ),
    Workload(
        "embeddings-base64",
        "the same as base64 (peers send floats)",
        EMBEDDINGS,
        partial(_embed, "base64"),
        b'"embedding"',
        (Goal("f1", 2.0, 1.5), Goal("aimock", 0.25)),
        peers=("aimock", "llmock", "stubllm"),
    ),
    Workload(
        "embeddings-new",
        "embedding of 10 words, every input new (peers' vectors are canned)",
        EMBEDDINGS,
        _new_inputs,
        b'"embedding"',
        (Goal("f1", 8.0, 4.0), Goal("aimock", 1.0)),
        peers=("aimock", "llmock", "stubllm"),
    ),
    Workload(
        "legacy-completions",
        "legacy completion",
        COMPLETIONS,
        _legacy,
        b"Hi there!",
        (Goal("f1", 2.0, 1.7),),
    ),
    Workload(
        "prompt-1mb",
        "chat completion with a prompt of a megabyte",
        CHAT,
        _megabyte,
        b"Hi there!",
        (Goal("f1", 4.5, 2.0),),
        peers=("aimock", *PYTHON_PEERS),
        connections=4,
    ),
    *_scaled("model", (Goal("mockserver with 10", 2.0, 1.1),), ()),
    *_scaled("exact", (Goal("mockserver with 10", 1.3, 1.1),), ("stubllm",)),
    *_scaled("contains", (Goal("mockserver with 10", 1.6, 1.3),), ("aimock", "stubllm", "fakellm")),
    *_scaled("regex", (Goal("f1", 35.0, 15.0),), ("stubllm",)),
    Workload(
        "templated",
        "chat completion from a template with one Faker call",
        CHAT,
        partial(chat, "hello"),
        b"how can I help you today?",
        (Goal("f1", 6.0, 4.0),),
        variants=(Variant(content=TEMPLATED),),
    ),
    Workload(
        "faults-on",
        "plain chat, an error and a fault drawn by chance at every call",
        CHAT,
        partial(chat, "hello"),
        b"Hi there!",
        (),
        variants=(Variant(content=FAULTS),),
    ),
    Workload(
        "journal-off",
        "plain chat, the journal switched off, beside the same with it",
        CHAT,
        partial(chat, "hello"),
        b"Hi there!",
        (),
        variants=(Variant(), Variant(" --max-journal 0", ("--max-journal", "0"))),
    ),
)

PLAIN = WORKLOADS[0]


def fixture_file(workload: Workload, variant: Variant) -> str:
    """What a variant of mockserver serves."""
    stubs = workload.stubs if variant.stubs is None else variant.stubs
    return for_mockserver(stubs) if variant.content is None else variant.content
