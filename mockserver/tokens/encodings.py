"""Which vocabulary a model's tokens come from."""

from functools import lru_cache

O200K = "o200k_base"
CL100K = "cl100k_base"

_LONGEST_NAME = 200
"""Longer model names are nobody's and would only fill the cache."""

_CL100K_PREFIXES = (
    "gpt-4-",
    "gpt-3.5",
    "gpt-35",
    "text-embedding-",
    "davinci",
    "babbage",
    "curie",
    "text-davinci-",
    "text-curie-",
    "text-babbage-",
    "text-ada-",
    "text-similarity-",
    "text-search-",
    "code-davinci-",
    "code-cushman-",
)
_CL100K_NAMES = frozenset({"gpt-4", "ada"})


def encoding_of(model: str) -> str:
    """The encoding of a model: o200k_base for gpt-4o and everything newer or unknown.

    Dated snapshots, fine-tunes (`ft:gpt-4o:org::id`) and provider prefixes (`openai/gpt-4o`) follow their
    base. Models before 2022 used p50k_base and r50k_base, which are not carried: they get cl100k_base, the
    nearest, and so nearly right counts but other ids.
    """
    return _encoding_of(model) if len(model) <= _LONGEST_NAME else O200K


def base_model(model: str) -> str:
    """The bare name, in lower case: without provider prefix and without the wrapping of a fine-tune."""
    name = model.lower()
    if "ft:" in name:
        name = name[name.index("ft:") + 3 :].partition(":")[0]
    return name.rpartition("/")[2]


@lru_cache(maxsize=512)
def _encoding_of(model: str) -> str:
    name = base_model(model)
    old = name in _CL100K_NAMES or name.startswith(_CL100K_PREFIXES)
    return CL100K if old else O200K
