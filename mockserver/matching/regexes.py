"""Regexes whose searches end in time.

Where few steps are all that `re` can take, it searches. Else the `regex` package does, which can be stopped: it is
imported when the first text comes that asks for it.
"""

import re
import warnings
from time import thread_time
from typing import Any

from mockserver.call import Call
from mockserver.errors import RegexTimeout
from mockserver.matching.translate import Facts, facts, translated

PATTERN_SECONDS = 0.1
"""How long one search may take."""

CALL_SECONDS = 0.25
"""How long all searches for one call may take that could take long."""

SPENT = "regex_seconds"
_MISREAD = re.compile(r"\[\[|--|&&|~~|\|\|")
"""Only where one of these stands can Python have something to warn of."""


class Regex:
    """A regex as Python reads it. Compiled when it is first needed: of thousands, few ever are."""

    __slots__ = ("_bounded", "_compiled", "_short", "flags", "ignores_case", "names", "needed", "source")

    def __init__(self, source: str, flags: int = 0) -> None:
        """Raises re.error, OverflowError or RecursionError where the source is no regex."""
        self.source = source
        self.flags = flags
        self._short, self.needed, self.names, self.ignores_case, safe = _looked_at(source, flags)
        self._compiled: re.Pattern[str] | None = None if safe else re.compile(source, flags)
        self._bounded: Any = None

    def fits(self, text: str, call: Call) -> bool:
        """Whether it is found in the text. Raises RegexTimeout."""
        return self._search(text, call) is not None

    def groups(self, text: str, call: Call) -> dict[str, str] | None:
        """The named groups where it is found, those that took no part as empty texts. Raises RegexTimeout."""
        found = self._search(text, call)
        return None if found is None else {name: value or "" for name, value in found.groupdict().items()}

    @property
    def compiled(self) -> re.Pattern[str]:
        """The regex as `re` has it, for texts that are short enough."""
        if self._compiled is None:
            self._compiled = re.compile(self.source, self.flags)
        return self._compiled

    def _search(self, text: str, call: Call) -> Any:
        if len(text) <= self._short:
            return (self._compiled or self.compiled).search(text)
        if not self.ignores_case and not all(any(part in text for part in group) for group in self.needed):
            return None
        spent: float = call.memo.get(SPENT, 0.0)
        left = min(PATTERN_SECONDS, CALL_SECONDS - spent)
        if left <= 0:
            raise RegexTimeout(str(self), len(text), CALL_SECONDS, together=True)
        began = thread_time()  # not the clock: a bound on work done, whatever else the machine does meanwhile
        try:
            return self._stoppable().search(text, timeout=left)
        except TimeoutError:
            together = left < PATTERN_SECONDS
            seconds = CALL_SECONDS if together else PATTERN_SECONDS
            raise RegexTimeout(str(self), len(text), seconds, together=together) from None
        finally:
            call.memo[SPENT] = spent + thread_time() - began

    def _stoppable(self) -> Any:
        if self._bounded is None:
            import regex

            source, flags = translated(self.source, self.flags)
            self._bounded = regex.compile(source, flags)
        return self._bounded

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Regex) and (self.source, self.flags) == (other.source, other.flags)

    def __hash__(self) -> int:
        return hash((self.source, self.flags))

    def __str__(self) -> str:
        letters = ((re.IGNORECASE, "i"), (re.MULTILINE, "m"), (re.DOTALL, "s"), (re.VERBOSE, "x"))
        return f"/{self.source}/" + "".join(letter for flag, letter in letters if self.flags & flag)


def _looked_at(source: str, flags: int) -> Facts:
    if _MISREAD.search(source) is None:
        return facts(source, flags)
    with warnings.catch_warnings():
        warnings.simplefilter("error", FutureWarning)
        try:
            return facts(source, flags)
        except FutureWarning as warning:
            raise re.error(f"{warning}: put a backslash before it") from None
