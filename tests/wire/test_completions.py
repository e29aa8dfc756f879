"""Legacy completions on the wire: prompts of all kinds, echo, logprobs, offsets, streams."""

import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver import tokens
from mockserver.call import Call
from mockserver.continuation import Prompt, completion_choices
from mockserver.draw import Draw
from mockserver.generate.logprobs import scored
from mockserver.reply import Choice, Head, Reply, Text, TokenLogprob, Usage
from mockserver.wire import completions
from mockserver.wire.encode import DONE, event, indented
from mockserver.wire.logprobs import chat_logprobs, completion_logprobs
from tests.conftest import Serve, events

MODEL = "gpt-3.5-turbo-instruct"
LISTS = ("text_offset", "token_logprobs", "tokens", "top_logprobs")
TEXTS = st.text(max_size=30) | st.text("aZ 1é€😀👍🏽漢…\n", max_size=30)


@st.composite
def choices(draw: st.DrawFn) -> Choice:
    """Choices: cut anywhere, perhaps echoed, perhaps scored."""
    pieces = Text(draw(TEXTS)).pieces(MODEL)
    text = Text.of(pieces[: draw(st.integers(0, 12))], MODEL)
    echo = draw(st.none() | TEXTS.map(Text))
    top = draw(st.none() | st.integers(1, 5))
    entries = None
    if top is not None:
        before = scored(echo, MODEL, top, Draw("x")) if echo else ()
        if before:
            before = (before[0]._replace(logprob=None, top=()), *before[1:])
        entries = before + scored(text, MODEL, top, Draw("x"), offset=len(echo.value) if echo else 7)
    return Choice(text, draw(st.sampled_from(["stop", "length"])), logprobs=entries, echo=echo)


REPLIES = st.builds(
    Reply,
    head=st.builds(Head, id=TEXTS, created=st.integers(0, 2**40), model=TEXTS, warning=st.none() | TEXTS),
    usage=st.builds(Usage, *[st.integers(0, 10**6)] * 3),
    tokens_by=st.just(MODEL),
    choices=st.lists(choices(), min_size=1, max_size=3).map(tuple),
    vectors=st.just(()),
    body=st.none(),
    status=st.just(200),
    headers=st.just(()),
)


@given(REPLIES, st.booleans())
def test_spliced_or_serialised_an_answer_is_the_same(reply: Reply, include_usage: bool) -> None:
    """The fast way and the clear way give the same bytes, plain and streamed."""
    assert completions.plain(reply) == indented(completions.body(reply))
    clear = "".join(map(event, completions.chunks(reply, include_usage=include_usage))) + DONE
    assert completions.stream(reply, include_usage=include_usage) == clear


@given(REPLIES)
def test_a_stream_joined_is_the_plain_answer(reply: Reply) -> None:
    """Texts and the four lists of the logprobs join to those of the answer; the last piece has the reason."""
    chunks = list(completions.chunks(reply, include_usage=True))
    for choice in completions.body(reply)["choices"]:
        parts = [part for chunk in chunks for part in chunk["choices"] if part["index"] == choice["index"]]
        assert joined(parts) == choice
        assert [part["finish_reason"] for part in parts[:-1]] == [None] * (len(parts) - 1)
    assert chunks[-1]["usage"] == completions.body(reply)["usage"]
    assert [chunk["usage"] for chunk in chunks[:-1]] == [None] * (len(chunks) - 1)


def joined(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """A choice put together as a client does it."""
    scores = [part["logprobs"] for part in parts]
    return {
        "text": "".join(part["text"] for part in parts),
        "index": parts[0]["index"],
        "logprobs": None
        if scores[0] is None
        else {name: [item for score in scores for item in score[name]] for name in LISTS},
        "finish_reason": parts[-1]["finish_reason"],
    }


@given(choices())
def test_offsets_say_where_tokens_stand(choice: Choice) -> None:
    """A token that is whole characters stands in the text at its offset."""
    if choice.logprobs is None or choice.text is None:
        return
    text = choice.echo.value + choice.text.value if choice.echo else "?" * 7 + choice.text.value
    scores = completion_logprobs(choice.logprobs)
    assert len({len(scores[name]) for name in LISTS}) == 1
    for offset, token in zip(scores["text_offset"], scores["tokens"], strict=True):
        assert token.startswith("bytes:") or text[offset : offset + len(token)] == token


def test_the_form_of_logprobs() -> None:
    """Four lists; the token itself leads its map, even if it is not one of the likeliest."""
    entries = (
        TokenLogprob("A", b"A", None),
        TokenLogprob(" b", b" b", -0.5, ((" b", b" b", -0.5), ("c", b"c", -2.5)), 1),
        TokenLogprob("d", b"d", -2.25, (("e", b"e", -0.25),), 3),
    )
    scores = completion_logprobs(entries)
    assert json.dumps(scores) == json.dumps(
        {
            "text_offset": [0, 1, 3],
            "token_logprobs": [None, -0.5, -2.25],
            "tokens": ["A", " b", "d"],
            "top_logprobs": [None, {" b": -0.5, "c": -2.5}, {"d": -2.25, "e": -0.25}],
        }
    )


def test_a_token_inside_a_character_is_shown_by_its_bytes() -> None:
    """Chats show them escaped, completions with `bytes:` in front."""
    entries = (
        TokenLogprob(" ", b" \xf0\x9f\x98", -0.1, ((" ", b" \xf0\x9f\x98", -0.1),)),
        TokenLogprob("😀", b"\x80", -0.2),
        TokenLogprob("é", b"\xc3\xa9", -0.3),
    )
    scores = completion_logprobs(entries)
    assert scores["tokens"] == ["bytes: \\xf0\\x9f\\x98", "bytes:\\x80", "é"]
    assert scores["top_logprobs"][0] == {"bytes: \\xf0\\x9f\\x98": -0.1}
    shown = chat_logprobs(entries)["content"]
    assert [item["token"] for item in shown] == [" \\xf0\\x9f\\x98", "\\x80", "é"]
    assert [item["bytes"] for item in shown] == [[32, 240, 159, 152], [128], [195, 169]]
    assert shown[0]["top_logprobs"] == [{"token": " \\xf0\\x9f\\x98", "logprob": -0.1, "bytes": [32, 240, 159, 152]}]
    assert chat_logprobs(entries, refusal=True) == {"content": None, "refusal": shown}


def ask(http: httpx.Client, **fields: Any) -> dict[str, Any]:
    """A completion, as plain answer; the stream of the same request is held against it."""
    body = {"model": MODEL, "prompt": "Once upon a time", **fields}
    response = http.post("/completions", json=body)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    streamed = http.post("/completions", json={**body, "stream": True})
    chunks = [json.loads(data) for data in events(streamed)[:-1]]
    for choice in answer["choices"]:
        parts = [part for chunk in chunks for part in chunk["choices"] if part["index"] == choice["index"]]
        assert joined(parts) == choice
    return answer


def test_a_completion_has_sixteen_tokens_unless_it_is_told_otherwise(http: httpx.Client) -> None:
    """The endpoint's default; 0 is a limit too."""
    answer = ask(http)
    assert list(answer) == ["id", "object", "created", "model", "choices", "usage"]
    assert answer["usage"] == {"prompt_tokens": 4, "completion_tokens": 16, "total_tokens": 20}
    assert list(answer["choices"][0]) == ["text", "index", "logprobs", "finish_reason"]
    assert answer["choices"][0]["finish_reason"] == "length"
    none = ask(http, max_tokens=0)
    assert none["choices"] == [{"text": "", "index": 0, "logprobs": None, "finish_reason": "length"}]
    assert none["usage"]["completion_tokens"] == 0


def test_choices_are_numbered_across_prompts(http: httpx.Client) -> None:
    """Choice i belongs to prompt i // n; prompts are counted once each, completions all."""
    answer = ask(http, prompt=["Once", "In a land far away"], n=2, echo=True, max_tokens=5)
    assert [choice["index"] for choice in answer["choices"]] == [0, 1, 2, 3]
    for choice, prompt in zip(
        answer["choices"], ["Once", "Once", "In a land far away", "In a land far away"], strict=True
    ):
        assert choice["text"].startswith(prompt)
    assert answer["usage"] == {"prompt_tokens": 6, "completion_tokens": 20, "total_tokens": 26}


@pytest.mark.parametrize("asked", [0, None])
def test_no_logprobs_are_null(http: httpx.Client, asked: int | None) -> None:
    """`logprobs: 0` asks for none, as does an explicit null."""
    assert ask(http, logprobs=asked)["choices"][0]["logprobs"] is None


@pytest.mark.parametrize("asked", [1, 5])
def test_logprobs_begin_behind_the_prompt(http: httpx.Client, asked: int) -> None:
    """Offsets count from the start of the prompt, whether it is echoed or not (recordings)."""
    prompt = "Once upon a time"
    choice = ask(http, prompt=prompt, logprobs=asked)["choices"][0]
    scores = choice["logprobs"]
    assert tuple(scores) == LISTS
    assert scores["text_offset"][0] == len(prompt)
    assert "".join(scores["tokens"]) == choice["text"]
    assert {len(scores[name]) for name in LISTS} == {16}
    for token, logprob, top in zip(scores["tokens"], scores["token_logprobs"], scores["top_logprobs"], strict=True):
        assert top[token] == logprob
        assert asked <= len(top) <= asked + 1


def test_a_suffix_shifts_the_offsets(http: httpx.Client) -> None:
    """A recording with a prompt of 53 characters and a suffix of 15 begins at 123."""
    choice = ask(http, prompt="x" * 53, suffix="y" * 15, logprobs=1)["choices"][0]
    assert choice["logprobs"]["text_offset"][0] == 123


def test_echo_with_no_tokens_scores_the_prompt(http: httpx.Client) -> None:
    """What evaluation harnesses ask for: all tokens of the prompt, nothing said of the first."""
    prompt = "The cat sat on the mat."
    answer = ask(http, prompt=prompt, echo=True, logprobs=1, max_tokens=0)
    choice, scores = answer["choices"][0], answer["choices"][0]["logprobs"]
    assert choice["text"] == "".join(scores["tokens"]) == prompt
    assert scores["text_offset"][:3] == [0, 3, 7]
    assert (scores["token_logprobs"][0], scores["top_logprobs"][0]) == (None, None)
    assert None not in scores["token_logprobs"][1:]
    assert answer["usage"]["completion_tokens"] == 0
    assert len(scores["tokens"]) == answer["usage"]["prompt_tokens"]


def test_a_prompt_is_scored_alike_in_every_request(http: httpx.Client) -> None:
    """What follows it changes nothing, so scores of several continuations can be compared."""

    def scores(prompt: str, **fields: Any) -> list[float | None]:
        choice = ask(http, prompt=prompt, echo=True, logprobs=1, **fields)["choices"][0]
        found: list[float | None] = choice["logprobs"]["token_logprobs"]
        return found

    alone = scores("The cat sat", max_tokens=0)
    assert scores("The cat sat", max_tokens=4)[:3] == alone
    assert scores("The cat sat on the mat", max_tokens=0)[:3] == alone
    assert scores("The dog sat", max_tokens=0)[1:] != alone[1:]


def test_echo_goes_on_with_the_offsets(http: httpx.Client) -> None:
    """The completion's tokens follow the prompt's, and have the logprobs that they have without it."""
    prompt = "Once upon a time"
    stop = {"logprobs": 2, "max_tokens": 6}
    with_echo = ask(http, prompt=prompt, echo=True, **stop)["choices"][0]
    scores = with_echo["logprobs"]
    assert with_echo["text"].startswith(prompt)
    assert scores["text_offset"][4] == len(prompt)
    for offset, token in zip(scores["text_offset"], scores["tokens"], strict=True):
        assert with_echo["text"][offset:].startswith(token)


def test_best_of_shows_the_best_and_counts_all(http: httpx.Client) -> None:
    """The answers with the best logprob per token come first; those not shown are paid for."""
    answer = http.post(
        "/completions",
        json={"model": MODEL, "prompt": ["Once", "Twice"], "n": 2, "best_of": 4, "max_tokens": 5, "logprobs": 1},
    ).json()
    assert answer["usage"]["completion_tokens"] == 2 * 4 * 5
    means = [sum(choice["logprobs"]["token_logprobs"]) / 5 for choice in answer["choices"]]
    assert means[0] >= means[1]
    assert means[2] >= means[3]
    assert [choice["index"] for choice in answer["choices"]] == [0, 1, 2, 3]


def test_best_of_chooses_by_logprob() -> None:
    """Whatever order the answers are made in."""
    call = Call("completions", {"model": MODEL, "prompt": "Once", "best_of": 8, "logprobs": 1})
    texts = [Text(f" upon a {word} there") for word in ("time", "day", "night", "hill", "road", "town", "king", "fox")]
    shown, unseen = completion_choices(call, lambda index, _: Choice(texts[index], "stop"), seed=0)
    everything = Call("completions", {**call.body, "best_of": 1, "n": 8})
    likely = {
        choice.text.value: sum(entry.logprob or 0 for entry in choice.logprobs or ()) / len(choice.logprobs or ())
        for choice in completion_choices(everything, lambda index, _: Choice(texts[index], "stop"), seed=0)[0]
        if choice.text
    }
    assert len(shown) == 1
    assert len(unseen) == 7
    assert shown[0].text is not None
    assert shown[0].text.value == max(likely, key=likely.__getitem__)


def test_ids_without_a_vocabulary_are_shown_as_numbers() -> None:
    """They say nothing that could be continued; an echo has a token for each."""
    tokens.use("estimated")
    prompt = Prompt.of([12, 345], MODEL)
    assert (prompt.text, prompt.echo.value) == ("", "<12><345>")
    assert prompt.echo.pieces(MODEL) == ("<12>", "<345>")


@pytest.mark.skipif(not tokens.exact(), reason="needs the vocabulary")
def test_ids_stand_for_their_text() -> None:
    """With the vocabulary, and an echo has a token for each even if the text would be cut otherwise."""
    cat, c, at = (tokens.encode(text, MODEL) for text in (" cat", " c", "at"))
    assert Prompt.of(cat, MODEL).text == " cat"
    assert Prompt.of(cat, MODEL).echo.pieces(MODEL) == (" cat",)
    assert Prompt.of(c + at, MODEL).echo.pieces(MODEL) == (" c", "at")
    picture = tokens.encode("🦩", MODEL)
    assert Prompt.of(picture, MODEL).echo.value == "🦩"
    assert len(Prompt.of(picture, MODEL).echo.pieces(MODEL)) == len(picture)


@pytest.mark.parametrize("prompt", [[1, 2, 3], [[1, 2, 3]], [[1, 2], [3]]])
def test_token_ids_are_prompts(http: httpx.Client, prompt: list[Any]) -> None:
    """One list is one prompt, a list of lists several; each id is a token."""
    answer = ask(http, prompt=prompt, echo=True, logprobs=1, max_tokens=0)
    several = prompt if isinstance(prompt[0], list) else [prompt]
    assert answer["usage"]["prompt_tokens"] == 3
    counts = [len(choice["logprobs"]["tokens"]) for choice in answer["choices"]]
    assert counts == list(map(len, several))


def test_stop_and_suffix(serve: Serve) -> None:
    """A completion ends before a stop sequence; an echoed prompt may have one; a suffix is accepted."""
    with httpx.Client(base_url=serve("stubs: [{response: 'one two three'}]").base_url) as http:
        answer = ask(http, prompt="two", stop=[" three", "x"], echo=True, suffix="end")
        assert answer["choices"][0]["text"] == "twoone two"
        assert answer["choices"][0]["finish_reason"] == "stop"
        assert ask(http, stop="one")["choices"][0]["text"] == ""


def test_a_warning_comes_first_in_every_chunk(serve: Serve) -> None:
    """A deprecated model's answers carry it, streamed too; usage is last, before its empty choices."""
    stubs = "models: [{id: old, warning: Migrate.}]\nstubs: [{response: Hi there}]"
    body = {"model": "old", "prompt": "x", "stream": True, "stream_options": {"include_usage": True}}
    response = httpx.post(f"{serve(stubs).base_url}/completions", json=body)
    assert response.headers["content-type"] == "text/event-stream"
    *chunks, usage = [json.loads(data) for data in events(response)[:-1]]
    keys = ["warning", "id", "object", "created", "choices", "model", "usage"]
    assert [list(chunk) for chunk in chunks] == [keys, keys]
    assert list(usage) == ["warning", "id", "object", "created", "model", "usage", "choices"]
    assert usage["choices"] == []
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks] == [None, "stop"]
