"""The condition on any field of the request, found by its path.

A plain path such as `metadata.tier` or `$.messages[0].role` is walked; anything else that RFC 9535 allows is left to
python-jsonpath, which is imported when a file has such a path.
"""

import re
from contextvars import ContextVar
from typing import Any, NamedTuple

from mockserver.call import Call
from mockserver.matching.comparison import Comparison, spelled
from mockserver.matching.difference import Difference
from mockserver.matching.regexes import Regex

_STEP = r"[A-Za-z_][A-Za-z0-9_-]*"
_PLAIN = re.compile(rf"(?:\$\.|\$(?=\[))?(?:{_STEP}|\[-?\d{{1,9}}\])(?:\.{_STEP}|\[-?\d{{1,9}}\])*\Z")
_STEPS = re.compile(rf"({_STEP})|\[(-?\d+)\]")

_calling: ContextVar[Call] = ContextVar("_calling")
"""The call whose fields are looked at, for regexes inside of paths: they have the call's bounds too."""


class Path(NamedTuple):
    """A way to values of a JSON document; `query` is the library's, where the way is no plain one."""

    source: str
    steps: tuple[str | int, ...] = ()
    query: Any = None

    def find(self, document: Any, call: Call) -> list[Any]:
        """The values it leads to. Raises RegexTimeout."""
        if self.query is not None:
            return self._queried(document, call)
        value = document
        for step in self.steps:
            if isinstance(step, str):
                if not isinstance(value, dict) or step not in value:
                    return []
            elif not isinstance(value, list) or not -len(value) <= step < len(value):
                return []
            value = value[step]
        return [value]

    def _queried(self, document: Any, call: Call) -> list[Any]:
        from jsonpath import JSONPathError

        token = _calling.set(call)
        try:
            found: list[Any] = self.query.findall(document)
        except JSONPathError:
            return []  # nested deeper than the library goes
        finally:
            _calling.reset(token)
        return found


def parse(source: str) -> Path:
    """The path that is written. Raises ValueError, which says what is wrong with it."""
    if _PLAIN.match(source):
        found = _STEPS.findall(source)
        return Path(source, tuple(name if name else int(position) for name, position in found))
    if not source.startswith("$"):
        raise ValueError("a path begins with '$', or is names and positions such as messages[0].role")
    from jsonpath import JSONPathEnvironment, JSONPathError

    environment = JSONPathEnvironment(strict=True)
    environment.function_extensions["search"] = _function("")
    environment.function_extensions["match"] = _function(r"\Z")
    try:
        return Path(source, (), environment.compile(source))
    except JSONPathError as error:
        raise ValueError(str(error.args[0] if error.args else error)) from None


def _function(end: str) -> Any:
    """RFC 9535's `search` and `match`, with regexes that end in time: the library's own know no bounds."""
    from jsonpath.function_extensions import ExpressionType, FilterFunction

    class Bounded(FilterFunction):
        arg_types = [ExpressionType.VALUE, ExpressionType.VALUE]
        return_type = ExpressionType.LOGICAL

        def __init__(self) -> None:
            self._known: dict[str, Regex | None] = {}

        def __call__(self, value: object, pattern: object) -> bool:
            if not isinstance(value, str) or not isinstance(pattern, str):
                return False
            regex = self._regex(pattern)
            return regex is not None and regex.fits(value, _calling.get())

        def _regex(self, pattern: str) -> Regex | None:
            if pattern not in self._known:
                if len(self._known) >= 100:  # patterns may come from requests
                    self._known.clear()
                try:
                    self._known[pattern] = Regex(rf"\A(?:{pattern}){end}" if end else pattern)
                except (re.error, OverflowError, RecursionError):
                    self._known[pattern] = None
            return self._known[pattern]

    return Bounded()


class FieldIs(NamedTuple):
    """The field a path leads to is as compared; where it leads to several, one of them is enough."""

    path: Path
    comparison: Comparison

    @property
    def key(self) -> str:
        """The key of `match`, with the path."""
        return f"fields.{self.path.source}"

    @property
    def expected(self) -> str:
        """The comparison."""
        return str(self.comparison)

    def got(self, call: Call) -> str:
        """The values; of many, three."""
        values = self.path.find(call.body, call)
        if not values:
            return "nothing"
        more = ", ..." if len(values) > 3 else ""
        return ", ".join(map(spelled, values[:3])) + more

    def difference(self, call: Call) -> Difference | None:
        """None where it is. Raises RegexTimeout."""
        return None if self.comparison.fits(self.path.find(call.body, call), call) else Difference(self, call)

    def groups(self, call: Call) -> dict[str, str]:
        """The named groups of the comparison's regex. Raises RegexTimeout."""
        return self.comparison.groups(self.path.find(call.body, call), call)
