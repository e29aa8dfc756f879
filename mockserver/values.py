"""Values of NamedTuples, made quickly on the hot path."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T", bound=tuple[Any, ...])


def maker(kind: type[T]) -> Callable[[tuple[Any, ...]], T]:
    """Makes a NamedTuple from a tuple of all its fields, without the Python that calling the class runs.

    A third of the cost; in return the fields are not checked, so keep it to where requests are counted in
    microseconds.
    """
    return partial(tuple.__new__, kind)
