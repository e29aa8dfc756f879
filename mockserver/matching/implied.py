"""Whether a condition holds wherever others do. Sound, not complete: True is proven, False means "not shown".

So a stub can be told that it can never match without ever being told so wrongly.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

from mockserver.call import Call
from mockserver.errors import RegexTimeout
from mockserver.matching.comparison import Comparison
from mockserver.matching.difference import Condition
from mockserver.matching.fields import FieldIs
from mockserver.matching.logic import AnyOf, NoneOf
from mockserver.matching.regexes import Regex
from mockserver.matching.requests import CountIs, Includes, ModelIs, OffersTools, OneOf, Truth
from mockserver.matching.texts import HeaderFits, TextFits, TextPattern
from mockserver.matching.tools import ToolResultIs

_INFINITY = float("inf")
_LONG = 300
"""Globs of more characters than this together are only compared."""


def all_implied(given: Sequence[Condition], demanded: Iterable[Condition]) -> bool:
    """Whether every call that meets all `given` conditions meets all `demanded` ones."""
    return all(implied(given, condition) for condition in demanded)


def implied(given: Sequence[Condition], demanded: Condition) -> bool:
    """Whether every call that meets all `given` conditions meets the `demanded` one."""
    if any(_implies(condition, demanded) for condition in given):
        return True
    return isinstance(demanded, AnyOf) and any(all_implied(given, group) for group in demanded.matches)


def _implies(given: Condition, demanded: Condition) -> bool:
    if same(given, demanded):
        return True
    if isinstance(given, AnyOf):
        return all(implied(group, demanded) for group in given.matches)
    rule = _RULES.get((type(given), type(demanded)))
    return rule is not None and rule(given, demanded)


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same in type too: Python takes 1 and true for equal, and all kinds of tuples."""
    if type(one) is not type(other):
        return False
    if isinstance(one, (tuple, list)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(value, other[name]) for name, value in one.items())
    return bool(one == other)


def _models(given: ModelIs, demanded: ModelIs) -> bool:
    if given.snapshots and not demanded.snapshots:
        return False
    return all(any(covers(wide, glob) for wide in demanded.globs) for glob in given.globs)


@lru_cache(maxsize=10_000)
def covers(wide: str, narrow: str) -> bool:
    """Whether every name that fits one glob fits another one too."""
    if len(wide) + len(narrow) > _LONG:
        return wide == narrow
    if not wide or not narrow:
        return not wide.strip("*") and not narrow
    if wide[0] == "*":
        return covers(wide[1:], narrow) or covers(wide, narrow[1:])
    if narrow[0] == "*" or (wide[0] != "?" and wide[0] != narrow[0]):
        return False
    return covers(wide[1:], narrow[1:])


def _one_of(given: OneOf, demanded: OneOf) -> bool:
    return given.key == demanded.key and set(given.names) <= set(demanded.names)


def _includes(given: Includes, demanded: Includes) -> bool:
    return given.key == demanded.key and set(given.names) >= set(demanded.names)


def _texts(given: TextFits, demanded: TextFits) -> bool:
    return given.key == demanded.key and _patterns(given.patterns, demanded.patterns)


def _headers(given: HeaderFits, demanded: HeaderFits) -> bool:
    return given.name == demanded.name and _patterns(given.patterns, demanded.patterns)


def _tool_results(given: ToolResultIs, demanded: ToolResultIs) -> bool:
    return (
        (not demanded.names or (bool(given.names) and set(given.names) <= set(demanded.names)))
        and (not demanded.content or (bool(given.content) and _patterns(given.content, demanded.content)))
        and (not demanded.ids or (bool(given.ids) and _patterns(given.ids, demanded.ids)))
    )


def _patterns(given: tuple[TextPattern, ...], demanded: tuple[TextPattern, ...]) -> bool:
    return all(any(_pattern(narrow, wide) for wide in demanded) for narrow in given)


def _pattern(given: TextPattern, demanded: TextPattern) -> bool:
    """Whether every text that fits one pattern fits another."""
    if same(given, demanded):
        return True
    if given.regex is not None or (given.folded and not demanded.folded):
        return False
    if demanded.regex is not None:
        return given.how == "exact" and _found(demanded.regex, given.value)
    part, whole = demanded.value, given.value
    if demanded.folded:
        part, whole = part.casefold(), whole.casefold()
    return part in whole if demanded.how == "contains" else given.how == "exact" and part == whole


def _found(regex: Regex, text: str) -> bool:
    try:
        return regex.fits(text, _nobody())
    except RegexTimeout:
        return False


def _nobody() -> Call:
    """What comparing values with values takes for a call: a new one each time, for it keeps what was worked out."""
    return Call("chat", {})


def _counts(given: CountIs, demanded: CountIs) -> bool:
    return given.key == demanded.key and _comparison(given.comparison, demanded.comparison)


def _fields(given: FieldIs, demanded: FieldIs) -> bool:
    return given.path.source == demanded.path.source and _comparison(given.comparison, demanded.comparison)


def values(comparison: Comparison) -> tuple[Any, ...]:
    """The only values that a comparison lets through, where they are known: else none."""
    chosen = comparison.eq or comparison.among
    return () if comparison.folded or any(isinstance(value, Regex) for value in chosen) else chosen


def _comparison(given: Comparison, demanded: Comparison) -> bool:
    """Whether a value that is as one comparison asks is as another asks; where there are several, one is enough."""
    if same(given, demanded):
        return True
    if given.ne or demanded.ne or given.present is False or demanded.present is False:
        return False  # these ask something of all values
    if known := values(given):
        regexes = [demanded.regex, *demanded.among]
        return not any(isinstance(r, Regex) for r in regexes) and all(demanded.fits([v], _nobody()) for v in known)
    bounds_apart = demanded._replace(gt=None, gte=None, lt=None, lte=None, present=None, folded=False)
    bounded = _span(given) != _span(Comparison())
    return bounds_apart == Comparison() and bounded and _within(_span(given), _span(demanded))


Span = tuple[float, bool, float, bool]
"""A lower bound and whether it is excluded, an upper one and whether that is."""


def _span(comparison: Comparison) -> Span:
    lows = ((comparison.gt, True), (comparison.gte, False))
    highs = ((comparison.lt, True), (comparison.lte, False))
    low = max(((bound, out) for bound, out in lows if bound is not None), default=(-_INFINITY, False))
    high = min(((bound, not out) for bound, out in highs if bound is not None), default=(_INFINITY, True))
    return (*low, high[0], not high[1])


def _within(inner: Span, outer: Span) -> bool:
    return (inner[0], inner[1]) >= (outer[0], outer[1]) and (inner[2], not inner[3]) <= (outer[2], not outer[3])


def _none_of(given: NoneOf, demanded: NoneOf) -> bool:
    return all(any(all_implied(group, other) for other in given.matches) for group in demanded.matches)


def _is_after_tool(given: ToolResultIs, demanded: Truth) -> bool:
    return demanded.key == "after_tool" and demanded.wanted


def _wants(given: Truth, demanded: Truth) -> bool:
    return (given.key, given.wanted, demanded.key, demanded.wanted) == ("wants_tool", True, "after_tool", False)


_RULES: dict[tuple[type, type], Callable[[Any, Any], bool]] = {
    (ModelIs, ModelIs): _models,
    (OneOf, OneOf): _one_of,
    (Includes, Includes): _includes,
    (Includes, OffersTools): lambda given, demanded: given.key == "tools",
    (Truth, Truth): _wants,
    (Truth, OffersTools): lambda given, demanded: given.key == "wants_tool" and given.wanted,
    (ToolResultIs, Truth): _is_after_tool,
    (ToolResultIs, ToolResultIs): _tool_results,
    (TextFits, TextFits): _texts,
    (HeaderFits, HeaderFits): _headers,
    (CountIs, CountIs): _counts,
    (FieldIs, FieldIs): _fields,
    (NoneOf, NoneOf): _none_of,
}
"""What is known of two kinds of conditions, beside that a condition implies itself."""
