"""What a template may use: half a second of work, texts and lists that fit in memory."""

import threading
from collections.abc import ItemsView, Iterable, KeysView, ValuesView
from typing import Any

from mockserver.clock import ticks, worked

MAX_SECONDS = 0.5
"""How long all templates of one answer may work, together."""
MAX_TEXT = 10_000_000
"""Characters a text may have, or all the texts in a list."""
MAX_MADE = 50_000_000
"""Characters that all the texts made on the way may have, together."""
MAX_VALUES = 200_000
"""Values a list or a mapping may have, those inside it included."""

SEQUENCES: tuple[type[Iterable[Any]], ...] = (list, tuple, set, frozenset, KeysView, ValuesView, ItemsView)


class Exceeded(BaseException):
    """A bound is reached. No ordinary exception: nothing that a template calls shall catch it."""


class Allowance:
    """What the templates of one answer may still use."""

    __slots__ = ("_check_at", "_made", "_until")

    def __init__(self) -> None:
        self._until = worked() + MAX_SECONDS
        self._check_at = ticks() + MAX_SECONDS
        self._made = 0

    def step(self) -> None:
        """Count a step. Raises Exceeded where the time is up."""
        if ticks() < self._check_at:
            return  # no more time has been worked than has passed
        left = self._until - worked()
        if left <= 0:
            raise Exceeded(f"it takes more than {MAX_SECONDS:g} seconds of work")
        self._check_at = ticks() + left

    def make(self, value: Any) -> Any:
        """Count a step that made a value, and give the value. Raises Exceeded."""
        self.step()
        if isinstance(value, (str, bytes, dict, *SEQUENCES)):
            self.spend(weight(value))
        return value

    def spend(self, characters: int) -> None:
        """Count characters that are made, or would be. Raises Exceeded before there are too many."""
        if characters > MAX_TEXT:
            raise Exceeded(f"it makes a text of more than {MAX_TEXT:,} characters")
        self._made += characters
        if self._made > MAX_MADE:
            raise Exceeded(f"it makes texts of more than {MAX_MADE:,} characters on the way")


def weight(value: Any) -> int:
    """The characters of a value as text, about; a value that stands in several places counts in each.

    Raises Exceeded where it is too large: what is small in memory can be endless when it is written.
    """
    if isinstance(value, (str, bytes)):
        return len(value)
    total = count = 0
    waiting: list[Any] = [value]
    while waiting:
        item: Any = waiting.pop()
        count += 1
        if isinstance(item, (str, bytes)):
            total += len(item)
        elif isinstance(item, dict):
            waiting.extend(item)
            waiting.extend(item.values())
        elif isinstance(item, SEQUENCES):
            waiting.extend(item)
        if count + len(waiting) > MAX_VALUES:
            raise Exceeded(f"it makes a list or mapping of more than {MAX_VALUES:,} values")
    return total + count


_local = threading.local()


def allowance() -> Allowance:
    """That of the template which runs in this thread."""
    found: Allowance | None = getattr(_local, "allowance", None)
    if found is None:
        found = _local.allowance = Allowance()
    return found


def allow(given: Allowance) -> None:
    """Let what follows in this thread use an allowance."""
    _local.allowance = given
