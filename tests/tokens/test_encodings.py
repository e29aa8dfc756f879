"""Which encoding a model has."""

import pytest

from mockserver.tokens import encoding_of
from mockserver.tokens.encodings import CL100K, O200K, base_model


@pytest.mark.parametrize(
    "model",
    [
        "gpt-4",
        "gpt-4-0613",
        "gpt-4-32k",
        "gpt-4-turbo",
        "gpt-4-turbo-2024-04-09",
        "gpt-3.5-turbo",
        "gpt-3.5-turbo-instruct",
        "gpt-35-turbo",
        "gpt-35-turbo-16k",
        "text-embedding-ada-002",
        "text-embedding-3-large",
        "davinci-002",
        "babbage-002",
        "openai/gpt-4",
        "azure/gpt-35-turbo",
        "ft:gpt-3.5-turbo-0613:acme::abc123",
        "openai/ft:gpt-4-0613:acme:x:1",
        "ada",
        "GPT-4",
        "text-davinci-003",
    ],
)
def test_models_before_gpt_4o_have_cl100k_base(model: str) -> None:
    """With dates, prefixes and fine-tunes; those older still have it as the nearest."""
    assert encoding_of(model) == CL100K


@pytest.mark.parametrize(
    "model",
    [
        "gpt-4o",
        "gpt-4o-mini",
        "gpt-4o-2024-08-06",
        "gpt-4.1",
        "gpt-4.1-nano",
        "gpt-4.5-preview",
        "o1",
        "o3-mini",
        "o4-mini",
        "gpt-5",
        "gpt-5-nano",
        "chatgpt-4o-latest",
        "gpt-oss-120b",
        "openai/gpt-4o",
        "ft:gpt-4o-mini:acme:davinci-002:1",
        "llama-3",
        "adaptive",
        "x/y/z",
    ],
)
def test_newer_and_unknown_models_have_o200k_base(model: str) -> None:
    """The unknown are taken for new."""
    assert encoding_of(model) == O200K


def test_no_model_and_absurd_names_have_the_default() -> None:
    """Any string is a model name."""
    assert encoding_of("") == O200K
    assert encoding_of("gpt-4-" * 100_000) == O200K


def test_the_base_of_a_model_is_its_bare_name() -> None:
    """Whatever is wrapped around it."""
    assert base_model("openai/ft:GPT-5-mini:acme::1") == "gpt-5-mini"
