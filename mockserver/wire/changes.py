"""Fields that a stub sets in an answer, or leaves out of it, beyond those that have a key of their own.

In a stream a field of the answer stands in every chunk, one of `usage` where the usage is; one of a message in the
first delta of its choice, one of a choice in its last chunk. What is left out is left out everywhere.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from mockserver.reply import Change, Scope


def of(changes: Iterable[Change], scope: Scope) -> tuple[Change, ...]:
    """The changes of one scope."""
    return tuple(change for change in changes if change.scope == scope)


def omissions(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Only what is left out."""
    return tuple(change for change in changes if change.omit)


def change(target: dict[str, Any], changes: Sequence[Change]) -> None:
    """Make changes in an object."""
    for one in changes:
        *path, last = one.path
        inner = target
        if path[:1] == ["usage"] and not isinstance(target.get("usage"), dict):
            continue  # a chunk that is not the one with the usage
        for name in path:
            found = inner.get(name)
            if not isinstance(found, dict):
                if one.omit:
                    break
                found = {}
            else:
                found = dict(found)  # it may be a value that a stub gives, and is not changed
            inner[name] = found
            inner = found
        else:
            if one.omit:
                inner.pop(last, None)
            else:
                inner[last] = one.value
