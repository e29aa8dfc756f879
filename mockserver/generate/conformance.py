"""Whether a JSON value conforms to a JSON Schema, as far as a generator needs to know.

One row per keyword. `pattern` and `format` are not looked at: the generator writes those by
construction, and running a client's regular expression could take forever. A keyword whose own value makes no
sense says nothing.
"""

from collections.abc import Callable

from mockserver.generate.keywords import JSON, TYPES, resolved, types_of

_DEEPEST = 64
_MOST_STEPS = 20_000


def is_multiple(value: float, step: float) -> bool:
    """Whether `value` is a multiple of `step`; of a step that is not positive everything is."""
    if not step > 0:
        return True
    try:
        if isinstance(step, float):
            return (value / step).is_integer()
        return value % step == 0
    except OverflowError:
        return True


def same(one: object, other: object) -> bool:
    """Whether two JSON values are equal; unlike in Python, true is not 1."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def identity(value: JSON) -> object:
    """A hashable stand-in: equal values have equal ones."""
    return repr(value) if isinstance(value, (list, dict)) else value


class Conformance:
    """Checks values against schemas that share one root.

    The work of one instance is bounded; once it has done it, everything conforms.
    """

    __slots__ = ("_depth", "_root", "_steps")

    def __init__(self, root: object) -> None:
        self._root = root
        self._steps = _MOST_STEPS
        self._depth = 0

    def conforms(self, value: JSON, schema: object) -> bool:
        """Whether `value` conforms to `schema`, a JSON Schema or a part of one."""
        if not isinstance(schema, dict):
            return schema is not False
        self._steps -= 1
        if self._steps < 0 or self._depth > _DEEPEST:
            return True
        self._depth += 1
        try:
            for keyword, argument in schema.items():
                row = _RULES.get(keyword)
                if (
                    row is not None
                    and isinstance(value, row[0])
                    and isinstance(argument, row[1])
                    and not row[2](self, value, argument, schema)
                ):
                    return False
            return True
        finally:
            self._depth -= 1

    def reference(self, value: JSON, reference: str) -> bool:
        """Whether `value` conforms to what the reference points to."""
        return self.conforms(value, resolved(self._root, reference))

    def count(self, values: list[JSON], schema: object) -> int:
        """How many of the values conform."""
        return sum(self.conforms(value, schema) for value in values)

    def branches(self, value: JSON, schemas: list[JSON]) -> int:
        """How many of the schemas the value conforms to."""
        return sum(self.conforms(value, schema) for schema in schemas)


# What the rules get: the checker, the value, the keyword's argument and the schema around it.


def _type(check: Conformance, value: JSON, argument: object, schema: dict[str, JSON]) -> bool:
    names = types_of(schema)
    if names is None or (value is None and schema.get("nullable") is True):
        return True
    if isinstance(value, bool):
        return "boolean" in names
    if isinstance(value, float) and not value.is_integer():
        return "number" in names
    return any(isinstance(value, TYPES[name]) for name in names)


def _properties(check: Conformance, value: dict[str, JSON], argument: dict[str, JSON], schema: dict[str, JSON]) -> bool:
    return all(check.conforms(value[name], argument[name]) for name in argument if name in value)


def _additional(check: Conformance, value: dict[str, JSON], argument: object, schema: dict[str, JSON]) -> bool:
    declared = schema.get("properties")
    if argument is True or schema.get("patternProperties"):
        return True
    known = declared if isinstance(declared, dict) else {}
    return all(check.conforms(value[name], argument) for name in value if name not in known)


def _items(check: Conformance, value: list[JSON], argument: object, schema: dict[str, JSON]) -> bool:
    if isinstance(argument, list):  # what `prefixItems` was called before 2020
        return _prefix(check, value, argument, schema)
    prefix = schema.get("prefixItems")
    rest = value[len(prefix) :] if isinstance(prefix, list) else value
    return check.count(rest, argument) == len(rest)


def _prefix(check: Conformance, value: list[JSON], argument: list[JSON], schema: dict[str, JSON]) -> bool:
    return all(check.conforms(item, part) for item, part in zip(value, argument, strict=False))


def _contains(check: Conformance, value: list[JSON], argument: object, schema: dict[str, JSON]) -> bool:
    least, most = schema.get("minContains", 1), schema.get("maxContains")
    found = check.count(value, argument)
    return (not isinstance(least, (int, float)) or found >= least) and (
        not isinstance(most, (int, float)) or found <= most
    )


def _condition(check: Conformance, value: JSON, argument: object, schema: dict[str, JSON]) -> bool:
    return check.conforms(value, schema.get("then" if check.conforms(value, argument) else "else", True))


def _above(check: Conformance, value: float, argument: float, schema: dict[str, JSON]) -> bool:
    if isinstance(argument, bool):  # draft 4: a switch on `minimum`
        least = schema.get("minimum")
        return not argument or not isinstance(least, (int, float)) or value > least
    return value > argument


def _below(check: Conformance, value: float, argument: float, schema: dict[str, JSON]) -> bool:
    if isinstance(argument, bool):
        most = schema.get("maximum")
        return not argument or not isinstance(most, (int, float)) or value < most
    return value < argument


_ANY = (object,)
_NUMBER = (int, float)

_RULES: dict[str, tuple[tuple[type, ...], tuple[type, ...], Callable[..., bool]]] = {
    "$ref": (_ANY, (str,), lambda check, value, argument, schema: check.reference(value, argument)),
    "type": (_ANY, (str, list), _type),
    "enum": (_ANY, (list,), lambda check, value, argument, schema: any(same(value, one) for one in argument)),
    "const": (_ANY, _ANY, lambda check, value, argument, schema: same(value, argument)),
    "allOf": (
        _ANY,
        (list,),
        lambda check, value, argument, schema: check.branches(value, argument) == len(argument),
    ),
    "anyOf": (_ANY, (list,), lambda check, value, argument, schema: check.branches(value, argument) > 0),
    "oneOf": (_ANY, (list,), lambda check, value, argument, schema: check.branches(value, argument) == 1),
    "not": (_ANY, (dict, bool), lambda check, value, argument, schema: not check.conforms(value, argument)),
    "if": (_ANY, (dict, bool), _condition),
    "minimum": (_NUMBER, _NUMBER, lambda check, value, argument, schema: value >= argument),
    "maximum": (_NUMBER, _NUMBER, lambda check, value, argument, schema: value <= argument),
    "exclusiveMinimum": (_NUMBER, _NUMBER, _above),
    "exclusiveMaximum": (_NUMBER, _NUMBER, _below),
    "multipleOf": (_NUMBER, _NUMBER, lambda check, value, argument, schema: is_multiple(value, argument)),
    "minLength": ((str,), _NUMBER, lambda check, value, argument, schema: len(value) >= argument),
    "maxLength": ((str,), _NUMBER, lambda check, value, argument, schema: len(value) <= argument),
    "required": (
        (dict,),
        (list,),
        lambda check, value, argument, schema: all(str(name) in value for name in argument),
    ),
    "properties": ((dict,), (dict,), _properties),
    "additionalProperties": ((dict,), (dict, bool), _additional),
    "minProperties": ((dict,), _NUMBER, lambda check, value, argument, schema: len(value) >= argument),
    "maxProperties": ((dict,), _NUMBER, lambda check, value, argument, schema: len(value) <= argument),
    "items": ((list,), (dict, bool, list), _items),
    "prefixItems": ((list,), (list,), _prefix),
    "minItems": ((list,), _NUMBER, lambda check, value, argument, schema: len(value) >= argument),
    "maxItems": ((list,), _NUMBER, lambda check, value, argument, schema: len(value) <= argument),
    "uniqueItems": (
        (list,),
        (bool,),
        lambda check, value, argument, schema: not argument or len({identity(one) for one in value}) == len(value),
    ),
    "contains": ((list,), (dict, bool), _contains),
}
"""Keyword: the types of value it speaks about, the types its argument may have, and the rule."""
