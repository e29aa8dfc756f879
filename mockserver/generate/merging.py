"""Two JSON Schemas in one: what conforms to the merged one conforms to both.

One row per keyword that both may have; of any other keyword (`title`, `format`, ...) the first one's stays.
"""

from collections.abc import Callable
from math import lcm

from mockserver.generate.conformance import same
from mockserver.generate.keywords import JSON, allowed, types_of

NOTHING: dict[str, JSON] = {"type": []}
"""A schema that no value conforms to, as `false`."""


def merged(one: dict[str, JSON], other: dict[str, JSON]) -> dict[str, JSON]:
    """A schema for what conforms to both, in the first one's words where they say the same.

    Neither may have composing keywords (`$ref`, `allOf`, ...): those are the caller's.
    """
    if not one or not other:
        return one or other
    result = dict(one)
    for keyword, argument in other.items():
        if keyword not in result:
            result[keyword] = argument
        elif keyword in _RULES:
            result[keyword] = _RULES[keyword](result[keyword], argument)
    if one.get("nullable") is not other.get("nullable") and "type" in one and "type" in other:
        result.pop("nullable", None)
    first, second = allowed(one), allowed(other)
    if first is not None and second is not None:
        result.pop("const", None)
        result["enum"] = [value for value in first if any(same(value, like) for like in second)]
    return result


def _both(one: JSON, other: JSON) -> JSON:
    """A schema that says "both", left for when it is looked at."""
    if one is True or one == other:
        return other
    return one if other is True else {"allOf": [one, other]}


def _types(one: JSON, other: JSON) -> JSON:
    first, second = types_of({"type": one}), types_of({"type": other})
    if first is None or second is None:
        return other if first is None else one
    wide = [*second, "integer"] if "number" in second else second
    kept: list[JSON] = [name for name in first if name in wide]
    if "integer" in second and "number" in first and "integer" not in kept:
        kept.append("integer")
    return kept


def _properties(one: JSON, other: JSON) -> JSON:
    if not isinstance(one, dict) or not isinstance(other, dict):
        return one if isinstance(one, dict) else other
    return one | {name: _both(one[name], part) if name in one else part for name, part in other.items()}


def _names(one: JSON, other: JSON) -> JSON:
    first = one if isinstance(one, list) else []
    return [*first, *(name for name in other if name not in first)] if isinstance(other, list) else one


def _prefix(one: JSON, other: JSON) -> JSON:
    if not isinstance(one, list) or not isinstance(other, list):
        return one if isinstance(one, list) else other
    longer = one if len(one) >= len(other) else other
    return [_both(*pair) for pair in zip(one, other, strict=False)] + longer[min(len(one), len(other)) :]


def _greater(one: JSON, other: JSON) -> JSON:
    if not isinstance(one, (int, float)) or not isinstance(other, (int, float)):
        return one if isinstance(one, (int, float)) else other
    return max(one, other)


def _smaller(one: JSON, other: JSON) -> JSON:
    if not isinstance(one, (int, float)) or not isinstance(other, (int, float)):
        return one if isinstance(one, (int, float)) else other
    return min(one, other)


def _multiple(one: JSON, other: JSON) -> JSON:
    if isinstance(one, int) and isinstance(other, int) and one > 0 and other > 0:
        return lcm(one, other)
    return _greater(one, other)


_RULES: dict[str, Callable[[JSON, JSON], JSON]] = {
    "type": _types,
    "properties": _properties,
    "patternProperties": _properties,
    "additionalProperties": _both,
    "propertyNames": _both,
    "required": _names,
    "items": _both,
    "prefixItems": _prefix,
    "contains": _both,
    "uniqueItems": lambda one, other: one is True or other is True,
    "multipleOf": _multiple,
    "not": lambda one, other: {"anyOf": [one, other]},
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains"), _greater),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains"), _smaller),
}
