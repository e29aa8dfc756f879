"""What docs/differences.md admits is so, and each of its lines names a test that is there."""

import ast
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conformity.asking import PATHS
from tests.conformity.matrix import PNG, WEATHER, request, said

PAGE = Path(__file__).parents[2] / "docs" / "differences.md"
LINES = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("- ")]
LINK = re.compile(r"- .+\. \[test\]\(([^)#]+)#(\w+)\)")


@pytest.mark.parametrize("line", LINES)
def test_every_difference_names_a_test_that_is_there(line: str) -> None:
    """A line is a sentence or two, and a link to a function of a file of tests."""
    link = LINK.fullmatch(line)
    assert link is not None
    file = PAGE.parent / link[1]
    tree = ast.parse(file.read_text(encoding="utf-8"))
    assert link[2] in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def chat(wire: httpx.Client, **fields: Any) -> httpx.Response:
    """The answer to a chat request with some fields."""
    response = wire.post(PATHS["chat"], json=request("chat", fields))
    assert response.status_code == 200, response.text
    return response


def test_sampling_parameters_shape_nothing(wire: httpx.Client) -> None:
    """A known text stays as it is."""
    texts = {
        chat(wire, messages=said("say something known"), **fields).json()["choices"][0]["message"]["content"]
        for fields in ({}, {"temperature": 2}, {"frequency_penalty": 2}, {"logit_bias": {"1": 100}}, {"top_p": 0})
    }
    assert len(texts) == 1


def test_logprobs_are_made_up(wire: httpx.Client) -> None:
    """The same request has the same ones, and all are below zero."""
    first, second = (chat(wire, logprobs=True).json()["choices"][0]["logprobs"] for _ in range(2))
    assert first == second
    assert all(token["logprob"] <= 0 for token in first["content"])


@pytest.mark.parametrize("effort", ["minimal", "high"])
def test_no_model_thinks_by_itself(wire: httpx.Client, effort: str) -> None:
    """Reasoning costs nothing where no stub has any."""
    usage = chat(wire, model="gpt-5", reasoning_effort=effort).json()["usage"]
    assert usage["completion_tokens_details"]["reasoning_tokens"] == 0


def test_no_prompt_is_cached(wire: httpx.Client) -> None:
    """A long prompt that comes again is counted as before."""
    for _ in range(2):
        usage = chat(wire, messages=said("word " * 3_000), prompt_cache_key="key").json()["usage"]
        assert usage["prompt_tokens_details"]["cached_tokens"] == 0


def test_no_answer_is_moderated_or_cites(wire: httpx.Client) -> None:
    """Both parameters are understood and have no effect."""
    answer = chat(wire, moderation={"model": "omni-moderation-latest"}, web_search_options={}).json()
    assert "moderation" not in answer
    assert answer["choices"][0]["message"]["annotations"] == []


def test_there_is_no_audio_in_answers(wire: httpx.Client) -> None:
    """An answer to a request for audio has none."""
    fields = {"modalities": ["text", "audio"], "audio": {"voice": "alloy", "format": "wav"}}
    response = wire.post(PATHS["chat"], json=request("chat", fields))
    if response.status_code == 200:
        assert "audio" not in response.json()["choices"][0]["message"]
    else:
        assert response.status_code == 400


def test_answers_come_in_one_piece(wire: httpx.Client) -> None:
    """A stream that need not wait is one part of the body."""
    with wire.stream("POST", PATHS["chat"], json=request("chat", {"stream": True})) as response:
        parts = list(response.iter_raw())
    assert len(parts) == 1


def test_every_image_costs_the_same(wire: httpx.Client) -> None:
    """Two images cost twice what one does, in whatever detail."""

    def tokens(*details: str) -> int:
        images = [{"type": "image_url", "image_url": {"url": PNG, "detail": detail}} for detail in details]
        count: int = chat(wire, messages=said(images)).json()["usage"]["prompt_tokens"]
        return count

    assert tokens("low") - tokens() == 85
    assert tokens("low", "high") - tokens() == 170


def test_no_key_is_asked_for(wire: httpx.Client) -> None:
    """None, and any."""
    for headers in ({}, {"authorization": "Bearer anything"}, {"authorization": "nonsense"}, {"api-key": "x"}):
        assert wire.post(PATHS["chat"], json=request("chat", {}), headers=headers).status_code == 200


def test_vectors_of_unknown_models_are_bounded(wire: httpx.Client) -> None:
    """What could not be made is refused, in the real API's words for too many."""
    body = request("embeddings", {"model": "org/model", "dimensions": 16_385})
    refused = wire.post(PATHS["embeddings"], json=body)
    assert refused.status_code == 400
    assert refused.json()["error"]["message"] == (
        "Invalid value for 'dimensions' = 16385. Must be less than or equal to 16384."
    )
    assert wire.post(PATHS["embeddings"], json=body | {"dimensions": 16_384}).status_code == 200


def test_completions_of_one_request_are_bounded(wire: httpx.Client) -> None:
    """Prompts times `n` or `best_of`, whichever is more; token ids are one prompt, however many."""
    for most in ({"prompt": ["a"] * 16, "n": 128}, {"prompt": ["a"] * 2048}, {"prompt": [1] * 3000, "n": 128}):
        body = request("completions", {**most, "max_tokens": 1})
        answered = wire.post(PATHS["completions"], json=body)
        assert answered.status_code == 200, answered.text
        assert len(answered.json()["choices"]) in {128, 2048}
    for fields, param in (
        ({"prompt": ["a"] * 17, "n": 128}, "n"),
        ({"prompt": ["a"] * 129, "best_of": 16}, "best_of"),
        ({"prompt": ["a"] * 2049}, "prompt"),
    ):
        refused = wire.post(PATHS["completions"], json=request("completions", fields))
        assert refused.status_code == 400
        assert refused.json()["error"]["type"] == "invalid_request_error"
        assert refused.json()["error"]["param"] == param


def test_bodies_are_indented_by_two_spaces(wire: httpx.Client) -> None:
    """Answers with any content, and refusals."""
    for fields in ({}, {"tools": [WEATHER], "tool_choice": "required"}, {"n": 0}):
        text = wire.post(PATHS["chat"], json=request("chat", fields)).text
        assert text.startswith('{\n  "')
        assert text.endswith("}")


def test_answers_say_who_gave_them(wire: httpx.Client) -> None:
    """The stub's name."""
    assert chat(wire, messages=said("refuse it")).headers["x-mockserver-stub"] == "stubs#3"


def test_there_is_no_network_in_between(wire: httpx.Client) -> None:
    """None of what Cloudflare adds."""
    headers = chat(wire).headers
    assert headers.keys() & {"cf-ray", "cf-cache-status", "set-cookie", "alt-svc", "server"} == set()
