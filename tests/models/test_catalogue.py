"""The catalogue: which models there are, how they are called in answers, how those look."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver import FixtureError
from mockserver.language.load import load
from mockserver.models import ALIASES, Catalogue, Model, fine_tuned, public, traits


def catalogue_of(path: Path, *texts: str) -> Catalogue:
    """The catalogue of fixture files."""
    files = []
    for number, text in enumerate(texts):
        file = path / f"{number}.yaml"
        file.write_text(text)
        files.append(file)
    return load(files).catalogue


def test_the_public_catalogue_is_listed_by_default() -> None:
    """Ids, times, owners and shutdown dates are those of the real listing, in its order."""
    listed = Catalogue().listed()
    assert listed[0] == Model("gpt-4-0613", 1686588896, "openai", None, "2026-10-23")
    assert listed[-1] == Model("text-embedding-ada-002", 1671217299, "openai-internal")
    assert public()["gpt-4o"] == Model("gpt-4o", 1715367049, "system")
    assert len(listed) == len({model.id for model in listed}) > 100


@pytest.mark.parametrize(("asked", "reported"), ALIASES.items())
def test_an_alias_answers_as_its_snapshot(asked: str, reported: str) -> None:
    """The name in an answer is the snapshot's, which answers as itself."""
    catalogue = Catalogue()
    assert catalogue.answers_as(asked) == reported != asked
    assert catalogue.answers_as(reported) == reported


@pytest.mark.parametrize(
    "name", ["gpt-4o-2024-05-13", "text-embedding-3-small", "ft:gpt-4o:org::1", "llama-3", "", "m"]
)
def test_any_other_name_answers_as_itself(name: str) -> None:
    """Snapshots, embeddings, fine-tunes and names nobody knows are reported as they were asked for."""
    assert Catalogue().answers_as(name) == name


def test_a_declared_alias_answers_as_itself() -> None:
    """Who declares a name says what it is."""
    catalogue = Catalogue([Model("gpt-4o")])
    assert catalogue.answers_as("gpt-4o") == "gpt-4o"
    assert catalogue.answers_as("gpt-4o-mini") == "gpt-4o-mini-2024-07-18"


@pytest.mark.parametrize(
    ("name", "fingerprint", "null_logprobs"),
    [
        ("gpt-4o-mini", "fp_", True),
        ("gpt-4.1-nano-2025-04-14", "fp_", True),
        ("ft:gpt-4o-2024-08-06:org::1", "fp_", True),
        ("openai/gpt-4o", "fp_", True),
        ("gpt-4-turbo-2024-04-09", "fp_", True),
        ("gpt-4-0613", None, True),
        ("gpt-3.5-turbo-0125", None, True),
        ("gpt-5-nano", None, False),
        ("gpt-5.6-luna", None, False),
        ("o3-mini", None, False),
        ("gpt-4o-audio-preview", "fp_", False),
        ("gpt-4o-search-preview", "", False),
        ("gpt-5-search-api", "", False),
        ("gpt-4omni", None, True),
        ("llama-3", None, True),
    ],
)
def test_a_familys_answers_look_as_recorded(name: str, fingerprint: str | None, null_logprobs: bool) -> None:
    """Which answers have a fingerprint, and which have `logprobs: null`, depends on the model."""
    found = traits(name)
    assert (found.fingerprint, found.null_logprobs) == (fingerprint, null_logprobs)


@given(st.text(max_size=40))
def test_any_name_has_traits_and_an_answer(name: str) -> None:
    """No name is too odd, and what it answers as is stable."""
    catalogue = Catalogue()
    assert traits(name).prefix in name
    assert catalogue.answers_as(catalogue.answers_as(name)) == catalogue.answers_as(name)
    assert catalogue.refusal(name) is None


def test_any_name_is_accepted_by_default(tmp_path: Path) -> None:
    """Declared models forbid nothing; an unknown one is found with default facts."""
    catalogue = catalogue_of(tmp_path, "models: [a]")
    assert catalogue.refusal("b") is None
    assert catalogue.get("b") == Model("b")
    assert [model.id for model in catalogue.listed()] == ["a"]


def test_undeclared_models_are_refused_on_demand(tmp_path: Path) -> None:
    """With `unknown_models: refuse` only declared models exist, aliases of them neither."""
    catalogue = catalogue_of(tmp_path, "{models: [gpt-4o, ft:gpt-4o:org::1], unknown_models: refuse}")
    assert catalogue.refusal("gpt-4o") is None
    assert catalogue.refusal("ft:gpt-4o:org::1") is None
    assert catalogue.get("gpt-4o-mini") is None
    refusal = catalogue.refusal("gpt-4o-2024-08-06")
    assert refusal is not None
    assert refusal == (
        404,
        "The model `gpt-4o-2024-08-06` does not exist or you do not have access to it.",
        "invalid_request_error",
        None,
        "model_not_found",
    )


def test_without_declared_models_the_public_ones_are_known(tmp_path: Path) -> None:
    """`unknown_models: refuse` alone refuses what the public catalogue lacks."""
    catalogue = catalogue_of(tmp_path, "unknown_models: refuse")
    assert catalogue.refusal("gpt-4o-mini") is None
    assert catalogue.refusal("gpt-6") is not None


def test_a_long_name_is_cut_in_the_refusal(tmp_path: Path) -> None:
    """A name of a million characters does not come back whole, and lone surrogates can be sent."""
    refusal = catalogue_of(tmp_path, "unknown_models: refuse").refusal("\ud800" + "x" * 1_000_000)
    assert refusal is not None
    assert refusal.message.startswith("The model `?xxx")
    assert len(refusal.message) < 400


def test_files_may_say_the_same_twice(tmp_path: Path) -> None:
    """Several files may all refuse unknown models; their models add up."""
    catalogue = catalogue_of(tmp_path, "{models: [a], unknown_models: refuse}", "{models: [b], unknown_models: refuse}")
    assert catalogue.refusal("a") is catalogue.refusal("b") is None
    assert catalogue.refusal("c") is not None


def test_files_must_not_contradict_each_other(tmp_path: Path) -> None:
    """Two different policies are a mistake, told where the second one stands."""
    with pytest.raises(FixtureError) as caught:
        catalogue_of(tmp_path, "unknown_models: refuse", "models: [b]\nunknown_models: accept")
    expected = f"{tmp_path}/1.yaml:2:17: 'unknown_models' is refuse at {tmp_path}/0.yaml:1:17: say one of the two"
    assert [str(problem) for problem in caught.value.problems] == [expected]


def test_a_policy_is_one_of_two_words(tmp_path: Path) -> None:
    """Any other word is a mistake, with the nearest one."""
    with pytest.raises(FixtureError) as caught:
        catalogue_of(tmp_path, "unknown_models: refused")
    expected = f"{tmp_path}/0.yaml:1:17: expected one of accept, refuse, got 'refused'; did you mean 'refuse'?"
    assert [str(problem) for problem in caught.value.problems] == [expected]


def test_a_model_may_have_its_own_level_of_validation(tmp_path: Path) -> None:
    """`exact` of a model is true, false, or not said."""
    catalogue = catalogue_of(tmp_path, "models: [{id: a, exact: true}, {id: b, exact: false}, c]")
    assert [catalogue.exact(name) for name in "abcd"] == [True, False, None, None]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("ft:gpt-4o-mini:acme::1", True), ("davinci:ft-personal-2023-01-24", True), ("gpt-4o", False), ("left:1", False)],
)
def test_a_fine_tune_is_known_by_its_name(name: str, expected: bool) -> None:
    """Today's names begin with `ft:`, the older ones have it inside."""
    assert fine_tuned(name) is expected
