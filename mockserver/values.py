"""Values on the hot path: NamedTuples made quickly, and what was worked out of a text before."""

from collections.abc import Callable
from functools import lru_cache, partial, wraps
from typing import Any, TypeVar

T = TypeVar("T", bound=tuple[Any, ...])
V = TypeVar("V")


def maker(kind: type[T]) -> Callable[[tuple[Any, ...]], T]:
    """Makes a NamedTuple from a tuple of all its fields, without the Python that calling the class runs.

    A third of the cost; in return the fields are not checked, so keep it to where requests are counted in
    microseconds.
    """
    return partial(tuple.__new__, kind)


def remembered(maxsize: int, longest: int = 256) -> Callable[[Callable[[str], V]], Callable[[str], V]]:
    """Remembers what a function gives for its latest texts, of at most so many characters.

    `lru_cache` alone bounds their number, and a request can hold texts of many megabytes.
    """

    def decorate(function: Callable[[str], V]) -> Callable[[str], V]:
        kept = lru_cache(maxsize=maxsize)(function)

        @wraps(function)
        def look(text: str) -> V:
            return kept(text) if len(text) <= longest else function(text)

        return look

    return decorate
