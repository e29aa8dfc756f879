"""Reading one value of the language, as a file has it."""

from typing import TypeVar

import pytest

from mockserver.language.kinds import Kind
from mockserver.language.source import Invalid, Source

T = TypeVar("T")


def read(kind: Kind[T], text: str) -> T:
    """The value that a text of YAML is read as."""
    source = Source("x.yaml")
    value = kind.read(source.compose(text.encode()), source)
    assert source.problems == []
    return value


def mistakes(kind: Kind[T], text: str) -> list[str]:
    """What a user is told of a text that cannot be read, each with line and column."""
    source = Source("x.yaml")
    with pytest.raises(Invalid):
        kind.read(source.compose(text.encode()), source)
    return [str(problem).removeprefix("x.yaml:") for problem in source.problems]
