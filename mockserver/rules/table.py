"""The shape of an endpoint's rules: parameters, rules across them, and the two passes over both.

The quick pass answers "nothing to say" for ordinary requests. Whatever it will not vouch for is left
to `faults`, which goes through everything in the order the API does.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from mockserver.endpoints import EndpointName
from mockserver.rules import refusal
from mockserver.rules.families import Family
from mockserver.rules.kinds import Kind
from mockserver.rules.refusal import Fault, Level, hard, soft

Place = Literal["field", "across", "model", "end"]
"""When a rule has its turn: at its own parameter, after all of them, then what the model cannot do, last."""

Body = dict[str, Any]

_LONGEST_KEPT = 64
"""Up to which length an unknown key is compared with the known ones, in characters."""

_MOST_UNKNOWN = 20
"""How many unknown keys are named; a body can have a million."""


def _every(family: Family) -> bool:
    return True


class Param(NamedTuple):
    """A parameter of the body; `required` ones are refused when they are absent or null."""

    name: str
    kind: Kind
    required: bool = False


class Rule(NamedTuple):
    """A rule that needs more than one value, or the model.

    It has its turn when `key` is in the body and not null. A rule at a field must stand any value of
    it; later ones only see values of the right types. `level` refuses what is not `accepts`; where the
    exact level asks for more, `strictly` says what. `concerns` are the families it is for.
    """

    place: Place
    key: str
    accepts: str
    level: Level
    code: str | None
    find: Callable[[Body, Family], Iterator[Fault]]
    strictly: str = ""
    concerns: Callable[[Family], bool] = _every


class Row(NamedTuple):
    """One line of the printed table: what is accepted, and who refuses the rest with which code."""

    endpoint: str
    parameter: str
    accepts: str
    level: Level
    code: str | None


class _Selection(NamedTuple):
    """The rules of one table that concern one family, and those of the quick pass by their key."""

    rules: tuple[Rule, ...]
    quick: dict[str, tuple[Rule, ...]]
    keys: frozenset[str]


class Table:
    """The rules of one endpoint.

    `covered` are the keys whose `Kind.fits` also vouches for the rules of that key. `old_words`:
    unknown arguments are always reported as "unrecognized", all at once. `short` says whether a request,
    right so far, surely has no more tokens than a context.
    """

    def __init__(
        self,
        endpoint: EndpointName,
        params: tuple[Param, ...],
        rules: tuple[Rule, ...],
        *,
        covered: frozenset[str] = frozenset(),
        old_words: bool = False,
        short: Callable[[Body, int], bool],
    ) -> None:
        self.endpoint = endpoint
        self.params = params
        self.rules = rules
        self.old_words = old_words
        self._fits = {param.name: param.kind.fits for param in params}
        self._names = tuple(self._fits)
        self._required = tuple(param.name for param in params if param.required)
        self._covered = covered
        self._short = short
        self._selections: dict[str, _Selection] = {}

    def _select(self, family: Family) -> _Selection:
        """The rules that concern a family, found once."""
        found = self._selections.get(family.prefix)
        if found is None:
            rules = tuple(rule for rule in self.rules if rule.concerns(family))
            quick: dict[str, tuple[Rule, ...]] = {}
            for rule in rules:
                if rule.key not in self._covered:
                    quick[rule.key] = (*quick.get(rule.key, ()), rule)
            found = self._selections[family.prefix] = _Selection(rules, quick, frozenset(quick))
        return found

    def clean(self, body: Body, family: Family) -> bool:
        """Whether there is surely nothing to say about a request; the hot path."""
        if self.endpoint not in family.serves or family.roles:
            return False
        fits = self._fits
        for key, value in body.items():
            fit = fits.get(key)
            if fit is None or (value is not None and not fit(value)):
                return False
        for key in self._required:
            if body.get(key) is None:
                return False
        if not family.unknown.isdisjoint(body):
            return False
        if family.context is not None and not self._short(body, family.context):
            return False
        _, rules, keys = self._select(family)
        return keys.isdisjoint(body) or not any(_ruled(body, family, rules, keys & body.keys()))

    def faults(self, body: Body, family: Family) -> Iterator[Fault]:
        """Every fault, in the order the API looks for them; rules across parameters need sound ones."""
        sound = True
        for fault in self._plain_faults(body, family):
            sound = sound and fault.level == "exact"
            yield fault
        for place in ("across", "model", "end") if sound else ():
            for rule in self._select(family).rules:
                if rule.place == place and body.get(rule.key) is not None:
                    yield from rule.find(body, family)

    def _plain_faults(self, body: Body, family: Family) -> Iterator[Fault]:
        yield from _wrong_endpoint(self.endpoint, family)
        for name in self._required:
            if body.get(name) is None:
                yield hard(self._missing(name))
        yield from self._unknown(body, family)
        rules = self._select(family).rules
        for param in self.params:
            if body.get(param.name) is not None:
                for rule in rules:
                    if rule.place == "field" and rule.key == param.name:
                        yield from rule.find(body, family)
                yield from param.kind.find(body[param.name], param.name)

    def _missing(self, name: str) -> refusal.Refusal:
        if self.endpoint == "embeddings":
            return refusal.refuse(f"'{name}' is a required property")
        return refusal.missing(name)

    def _unknown(self, body: Body, family: Family) -> Iterator[Fault]:
        unfit = [key for key in family.unknown if key in body and key in self._fits]
        names = [key for key in body if key not in self._fits or key in unfit]
        if names and (self.old_words or family.old_words):
            yield soft(refusal.unrecognized(names[:_MOST_UNKNOWN]))
            return
        for key in names[:_MOST_UNKNOWN]:
            near = [name for name in _near(key, self._names) if name not in body]
            yield soft(refusal.unknown(refusal.short(key), near))

    def rows(self) -> Iterator[Row]:
        """The table as printable lines, parameter by parameter, each line once."""
        yield from dict.fromkeys(self._rows())

    def _rows(self) -> Iterator[Row]:
        for param in self.params:
            if param.required:
                yield Row(self.endpoint, param.name, "present", "compatible", "missing_required_parameter")
            for clause in param.kind.clauses:
                yield Row(self.endpoint, param.name + clause.path, clause.accepts, clause.level, clause.code)
            for rule in self.rules:
                if rule.key == param.name:
                    yield Row(self.endpoint, param.name, rule.accepts, rule.level, rule.code)
                    if rule.strictly:
                        yield Row(self.endpoint, param.name, rule.strictly, "exact", rule.code)
        code = None if self.old_words else "unknown_parameter"
        yield Row(self.endpoint, "(any other)", "absent", "exact", code)


def _ruled(body: Body, family: Family, rules: dict[str, tuple[Rule, ...]], keys: frozenset[str]) -> Iterator[Fault]:
    for key in keys:
        if body[key] is not None:
            for rule in rules[key]:
                yield from rule.find(body, family)


def _near(key: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Known names one slip away from an unknown one; clients repeat their unknown keys, so they are kept."""
    return _kept_near(key, names) if len(key) <= _LONGEST_KEPT else ()


@lru_cache(maxsize=256)
def _kept_near(key: str, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(name for name in names if _one_slip(key, name)))


def _one_slip(one: str, other: str) -> bool:
    """Whether one letter added, dropped or changed makes the two words equal."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    tails = (
        (one[start:], other[start + 1 :]),
        (one[start + 1 :], other[start:]),
        (one[start + 1 :], other[start + 1 :]),
    )
    return any(left == right for left, right in tails)


_NOT_CHAT = (
    "This is not a chat model and thus not supported in the v1/chat/completions endpoint. "
    "Did you mean to use v1/completions?"
)
_IS_CHAT = (
    "This is a chat model and not supported in the v1/completions endpoint. Did you mean to use v1/chat/completions?"
)
_RESPONSES_ONLY = "This model is only supported in v1/responses and not in v1/chat/completions."
_NO_SAMPLES = "You are not allowed to sample from this model"
_NO_VECTORS = "You are not allowed to generate embeddings from this model"


def _wrong_endpoint(endpoint: EndpointName, family: Family) -> Iterator[Fault]:
    """A model that is not for this endpoint; what concerns embeddings is a 403, the rest a 404."""
    if endpoint in family.serves:
        return
    if endpoint == "embeddings":
        yield soft(refusal.refuse(_NO_VECTORS, status=403))
    elif endpoint == "completions" and "embeddings" in family.serves:
        yield soft(refusal.refuse(_NO_SAMPLES, status=403))
    elif endpoint == "completions":
        yield soft(refusal.refuse(_IS_CHAT, "model", status=404))
    else:
        words = _RESPONSES_ONLY if family.responses_only else _NOT_CHAT
        yield soft(refusal.refuse(words, "model", status=404))
