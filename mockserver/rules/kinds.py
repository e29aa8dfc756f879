"""The kinds of values a parameter takes, as combinators.

A kind is two readings of one rule. `fits` is a quick yes or no for the hot path. `find` explains: it
yields every fault in the order the API reports them. `fits` must never pass what `find` faults, the
other way round only costs time. `clauses` are the same rule as printable lines.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from mockserver.rules import refusal
from mockserver.rules.refusal import Fault, Level, hard, soft

Fits = Callable[[object], bool]
Find = Callable[[object, str], Iterator[Fault]]


class Clause(NamedTuple):
    """One printable line of a kind: where (a path relative to it), what it accepts, who refuses the rest."""

    path: str
    accepts: str
    level: Level
    code: str | None


class Kind(NamedTuple):
    """A kind of value; `words` name it with its article, `types` are the Python types of its JSON."""

    words: str
    types: tuple[type, ...]
    fits: Fits
    find: Find
    clauses: tuple[Clause, ...]


class Field(NamedTuple):
    """A key of an object; `required` says at which level its absence is refused, if at all."""

    name: str
    kind: Kind
    required: Level | None = None


class Limit(NamedTuple):
    """A greatest length, and the level at which more is refused."""

    most: int
    level: Level = "exact"


def _typed(words: str, types: tuple[type, ...], inside: Callable[..., Iterator[Fault]]) -> Find:
    """A `find` that refuses other JSON types and leaves the rest to `inside`."""

    def find(value: object, path: str) -> Iterator[Fault]:
        if type(value) not in types:
            yield hard(refusal.wrong_type(path, words, value))
        else:
            yield from inside(value, path)

    return find


def kind(
    words: str,
    types: tuple[type, ...],
    fits: Fits,
    inside: Callable[..., Iterator[Fault]],
    *clauses: Clause,
) -> Kind:
    """A kind from its parts; `inside` sees only values of `types`."""
    typed = Clause("", words, "compatible", "invalid_type")
    return Kind(words, types, fits, _typed(words, types, inside), (typed, *clauses))


def _nothing(value: object, path: str) -> Iterator[Fault]:
    return iter(())


def string(
    *,
    empty: Level | None = None,
    longest: int | None = None,
    matches: Callable[[str], object] | None = None,
    pattern: str = "",
) -> Kind:
    """A string. `empty` is the level that refuses `""`; length and pattern are refused when exact."""
    clauses = []
    if empty:
        clauses.append(Clause("", "not empty", empty, "empty_string"))
    if longest is not None:
        clauses.append(Clause("", f"at most {longest} characters", "exact", "string_above_max_length"))
    if matches is not None:
        clauses.append(Clause("", f"matches {pattern}", "exact", "invalid_value"))

    def inside(value: str, path: str) -> Iterator[Fault]:
        if not value:
            if empty:
                yield Fault(refusal.empty_string(path), empty)
        elif longest is not None and len(value) > longest:
            yield soft(refusal.long_string(path, longest, len(value)))
        elif matches is not None and not matches(value):
            yield soft(refusal.no_match(path, pattern))

    def plain(value: object) -> bool:
        return type(value) is str

    def limited(value: object) -> bool:
        return (
            type(value) is str
            and (bool(value) or not empty)
            and (longest is None or len(value) <= longest)
            and (matches is None or not value or bool(matches(value)))
        )

    return kind("a string", (str,), limited if clauses else plain, inside, *clauses)


def integer(low: int, high: int | None = None, *, tolerated: int | None = None) -> Kind:
    """An integer from `low` to `high`. From `tolerated` to `low` it is refused only when exact."""
    floor = low if tolerated is None else tolerated
    most: float = float("inf") if high is None else high
    clauses = [Clause("", f">= {low}", "compatible" if floor == low else "exact", "integer_below_min_value")]
    if floor != low:
        clauses.append(Clause("", f">= {floor}", "compatible", "integer_below_min_value"))
    if high is not None:
        clauses.append(Clause("", f"<= {high}", "compatible", "integer_above_max_value"))

    def inside(value: int, path: str) -> Iterator[Fault]:
        if value < low:
            level: Level = "compatible" if value < floor else "exact"
            yield Fault(refusal.below(path, "integer", low, value), level)
        elif value > most:
            yield hard(refusal.above(path, "integer", most, value))

    def fits(value: object) -> bool:
        return type(value) is int and low <= value <= most

    return kind("an integer", (int,), fits, inside, *clauses)


def number(low: int, high: int) -> Kind:
    """A number from `low` to `high`, both included."""

    def inside(value: float, path: str) -> Iterator[Fault]:
        if value < low:
            yield hard(refusal.below(path, "decimal", low, value))
        elif not value <= high:
            yield hard(refusal.above(path, "decimal", high, value))

    def fits(value: object) -> bool:
        return (type(value) is float or type(value) is int) and low <= value <= high

    return kind(
        "a decimal",
        (int, float),
        fits,
        inside,
        Clause("", f">= {low}", "compatible", "decimal_below_min_value"),
        Clause("", f"<= {high}", "compatible", "decimal_above_max_value"),
    )


def boolean() -> Kind:
    """`true` or `false`."""
    return kind("a boolean", (bool,), lambda value: type(value) is bool, _nothing)


def choice(*values: str, tolerated: tuple[str, ...] = (), words: str | None = None) -> Kind:
    """One of some strings. `tolerated` ones belong to other servers: refused only when exact."""
    known = frozenset(values)

    def inside(value: str, path: str) -> Iterator[Fault]:
        if value not in known:
            level: Level = "exact" if value in tolerated else "compatible"
            yield Fault(refusal.not_one_of(path, value, values), level)

    def fits(value: object) -> bool:
        return type(value) is str and value in known

    clauses = [Clause("", refusal.listed(values, "or"), "compatible", "invalid_value")]
    if tolerated:
        clauses.append(Clause("", f"not {refusal.listed(tolerated, 'or')}", "exact", "invalid_value"))
    expected = words or (f"one of {refusal.listed(values, 'or')}" if len(values) > 1 else "a string")
    return kind(expected, (str,), fits, inside, *clauses)


def array(item: Kind, words: str, *, empty: Level | None = None, longest: Limit | None = None) -> Kind:
    """An array of one kind. `empty` is the level that refuses `[]`."""
    most = longest.most if longest else None
    item_fits, item_find = item.fits, item.find
    clauses = []
    if empty:
        clauses.append(Clause("", "not empty", empty, "empty_array"))
    if longest:
        code = "array_above_max_length"
        clauses.append(Clause("", f"at most {longest.most} items", longest.level, code))
    clauses += [clause._replace(path=f"[]{clause.path}") for clause in item.clauses]

    def inside(value: list[object], path: str) -> Iterator[Fault]:
        if not value and empty:
            yield Fault(refusal.empty_array(path), empty)
        if longest and len(value) > longest.most:
            yield Fault(refusal.long_array(path, longest.most, len(value)), longest.level)
        for index, one in enumerate(value):
            yield from item_find(one, f"{path}[{index}]")

    def fits(value: object) -> bool:
        if type(value) is not list or (empty and not value) or (most is not None and len(value) > most):
            return False
        return all(map(item_fits, value))

    return kind(words, (list,), fits, inside, *clauses)


def record(*fields: Field, words: str = "an object", closed: bool = True) -> Kind:
    """An object with known keys. Unknown ones are refused when exact, unless it is not `closed`.

    `null` stands for absence where the field is not required. An absent key is reported before an
    unknown one (measured).
    """
    kinds = {field.name: field.kind for field in fields}
    quick = {field.name: field.kind.fits for field in fields}
    required = frozenset(field.name for field in fields if field.required)
    clauses = [Clause("", "known keys only", "exact", "unknown_parameter")] if closed else []
    for field in fields:
        path = f".{field.name}"
        if field.required:
            clauses.append(Clause(path, "present", field.required, "missing_required_parameter"))
        clauses += [clause._replace(path=path + clause.path) for clause in field.kind.clauses]

    def inside(value: dict[str, object], path: str) -> Iterator[Fault]:
        for name, of, level in fields:
            if name not in value:
                if level:
                    yield Fault(refusal.missing(f"{path}.{name}"), level)
            elif value[name] is not None or level:
                yield from of.find(value[name], f"{path}.{name}")
        if closed:
            for key in value:
                if key not in kinds:
                    yield soft(refusal.unknown(f"{path}.{refusal.short(key)}"))

    def fits(value: object) -> bool:
        if type(value) is not dict:
            return False
        for key, one in value.items():
            fit = quick.get(key)
            if fit is None:
                if closed:
                    return False
            elif one is None:
                if key in required:
                    return False
            elif not fit(one):
                return False
        return value.keys() >= required

    return kind(words, (dict,), fits, inside, *clauses)


def tagged(tag: str, tags: Kind, **kinds: Kind) -> Kind:
    """An object whose key `tag` says which of `kinds` the rest of it is."""

    def inside(value: dict[str, object], path: str) -> Iterator[Fault]:
        where = f"{path}.{tag}"
        if tag not in value:
            yield hard(refusal.missing(where))
            return
        yield from tags.find(value[tag], where)
        name = value[tag]
        if isinstance(name, str) and name in kinds:
            yield from kinds[name].find(value, path)

    def fits(value: object) -> bool:
        if type(value) is not dict:
            return False
        name = value.get(tag)
        of = kinds.get(name) if type(name) is str else None
        return of is not None and of.fits(value)

    clauses = [Clause(f".{tag}", "present", "compatible", "missing_required_parameter")]
    clauses += [clause._replace(path=f".{tag}{clause.path}") for clause in tags.clauses]
    for of in kinds.values():
        clauses += of.clauses[1:]
    return kind("an object", (dict,), fits, inside, *clauses)


def either(*kinds: Kind, words: str | None = None) -> Kind:
    """One of several kinds, told apart by their JSON types."""
    by_type = {each: of for of in kinds for each in of.types}
    quick = {each: of.fits for each, of in by_type.items()}
    plain = [of.words.split(" ", 1)[-1] for of in kinds[1:]]
    expected = words or f"one of {' or '.join([kinds[0].words, *plain])}"

    def inside(value: object, path: str) -> Iterator[Fault]:
        yield from by_type[type(value)].find(value, path)

    def fits(value: object) -> bool:
        fit = quick.get(type(value))
        return fit is not None and fit(value)

    clauses = [clause for of in kinds for clause in of.clauses[1:]]
    return kind(expected, tuple(by_type), fits, inside, *clauses)


def anything() -> Kind:
    """Any JSON value at all."""
    return Kind("any value", (), lambda value: True, _nothing, ())


def free_object(words: str = "an object") -> Kind:
    """An object with any keys."""
    return kind(words, (dict,), lambda value: type(value) is dict, _nothing)


def checked(of: Kind, find: Find, *clauses: Clause) -> Kind:
    """A kind with a further check of values that are already found to be of it."""

    def all_of(value: object, path: str) -> Iterator[Fault]:
        whole = True
        for fault in of.find(value, path):
            whole = whole and fault.level == "exact"
            yield fault
        if whole:
            yield from find(value, path)

    def fits(value: object) -> bool:
        return of.fits(value) and next(find(value, ""), None) is None

    return Kind(of.words, of.types, fits, all_of, of.clauses + clauses)
