"""`faker` in templates: Faker in any locale, seeded for each call, with bounds on how much it makes.

Faker is heavy, so it is imported only when a template uses it.
"""

import re
import threading
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, Any

from mockserver.draw import Draw
from mockserver.language.source import nearest
from mockserver.templates.allowance import Exceeded, allowance
from mockserver.templates.sandbox import MAX_COUNT

if TYPE_CHECKING:
    from faker import Faker

LOCALE = "en_US"
"""The locale where none is said."""

_LOCALE = re.compile(r"[a-z]{2,3}_[A-Z]")
_RANGED = frozenset({"random_int", "pyint"})
"""Methods whose plain numbers are bounds of a range, not counts."""
_RANGES = ("min", "max", "start", "end", "step")
_MODIFIERS = ("unique", "optional")
_MAX_BITS = 1_000_000


class _CountedRandom(Random):
    """Random numbers that count as steps, so that nothing made of them goes on for ever."""

    def random(self) -> float:
        allowance().step()
        return super().random()

    def getrandbits(self, k: int, /) -> int:
        allowance().step()
        if k > _MAX_BITS:
            raise Exceeded(f"faker makes at most {_MAX_BITS:,} random bits at once")
        return super().getrandbits(k)


class SeededFaker:
    """Faker, seeded from the call's own draw: `faker.name()`, and `faker.de_DE.name()` for another locale.

    Only what makes fake data can be reached. `draw` makes the draw of a locale.
    """

    __slots__ = ("_draw", "_locale", "_others", "_seeded")

    def __init__(self, draw: Callable[[str], Draw], locale: str = LOCALE) -> None:
        self._draw = draw
        self._locale = locale
        self._seeded: Faker | None = None
        self._others: dict[str, SeededFaker] = {}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._others and (_LOCALE.match(name) or name in locales()):
            if name not in locales():
                raise ValueError(f"Faker has no locale '{name}'")
            self._others[name] = SeededFaker(self._draw, name)
        if name in self._others:
            return self._others[name]
        if self._seeded is None:
            self._seeded = _seeded(self._locale, self._draw(self._locale))
        if name in _MODIFIERS:
            return _Modified(self._seeded, getattr(self._seeded, name))
        return _bounded(name, _method(self._seeded, name))

    def _missing(self, name: str) -> str:
        """What is told of a name that is not there."""
        faker = self._seeded or _seeded(self._locale, self._draw(self._locale))
        return _no(name, [*_methods(faker), *_MODIFIERS, *sorted(locales())])


class _Modified:
    """`faker.unique` and `faker.optional`, with the same methods."""

    __slots__ = ("_faker", "_modified")

    def __init__(self, faker: "Faker", modified: Any) -> None:
        self._faker = faker
        self._modified = modified

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        _method(self._faker, name)
        return _bounded(name, getattr(self._modified, name))

    def _missing(self, name: str) -> str:
        """What is told of a name that is not there."""
        return _no(name, _methods(self._faker))


def locales() -> frozenset[str]:
    """The locales that Faker has."""
    from faker.config import AVAILABLE_LOCALES

    return frozenset(AVAILABLE_LOCALES)


_local = threading.local()


def _seeded(locale: str, draw: Draw) -> "Faker":
    """This thread's Faker of a locale, seeded anew: each call renders without a pause."""
    fakers: dict[str, Any] = _local.__dict__.setdefault("fakers", {})
    if locale not in fakers:
        from faker import Faker

        # each value as likely as any other: by how common they are, a name costs ten times as much
        fakers[locale] = Faker(locale, use_weighting=False)
        fakers[locale].factories[0].random = _CountedRandom()
    faker: Faker = fakers[locale]
    faker.seed_instance(draw.below(2**32))
    faker.unique.clear()  # what an earlier call was given is nothing to this one
    return faker


def _method(faker: "Faker", name: str) -> Callable[..., Any]:
    """A method that makes data; what changes Faker itself, or reaches into it, is not there."""
    from faker.providers import BaseProvider

    method: Callable[..., Any] | None = getattr(faker.factories[0], name, None)
    if not isinstance(getattr(method, "__self__", None), BaseProvider):
        raise AttributeError(name)
    assert method is not None
    return method


def _methods(faker: "Faker") -> list[str]:
    """The names of the methods that make data."""
    from faker.providers import BaseProvider

    return sorted(
        name
        for name, method in vars(faker.factories[0]).items()
        if not name.startswith("_") and isinstance(getattr(method, "__self__", None), BaseProvider)
    )


def _no(name: str, known: list[str]) -> str:
    return f"Faker has no '{name}'{nearest(name, known)}"


def _bounded(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    def made(*args: Any, **kwargs: Any) -> Any:
        counts = [] if name in _RANGED else list(args)
        counts += [value for word, value in kwargs.items() if not word.startswith(_RANGES)]
        for count in counts:
            if isinstance(count, int) and abs(count) > MAX_COUNT:
                raise Exceeded(f"'faker.{name}' takes numbers up to {MAX_COUNT:,} here, got {count:.4g}")
        return method(*args, **kwargs)

    return made
