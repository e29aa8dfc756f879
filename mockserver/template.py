"""Templates: Jinja2 in its sandbox, with Faker seeded for each call.

Jinja2 and Faker are heavy, so this module is imported only when a file has a template, and Faker only when
a template uses it.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from jinja2 import StrictUndefined, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from mockserver.draw import Draw
from mockserver.errors import TemplateFailure

if TYPE_CHECKING:
    from faker import Faker

_environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False)


class Template:
    """A compiled template."""

    __slots__ = ("_render",)

    def __init__(self, source: str) -> None:
        """Raises TemplateFailure where the source is not a template."""
        try:
            self._render = _environment.from_string(source).render
        except TemplateSyntaxError as error:
            raise TemplateFailure(str(error.message), error.lineno) from None

    def render(self, variables: Mapping[str, Any]) -> str:
        """The text. Raises TemplateFailure, whatever goes wrong inside."""
        try:
            return self._render(variables)
        except RecursionError:
            raise TemplateFailure("nested too deeply") from None
        except Exception as error:  # a template may call anything of Faker, which may raise anything
            raise TemplateFailure(f"{type(error).__name__}: {error}") from None


_faker: "Faker | None" = None


class SeededFaker:
    """`faker` in templates: Faker, seeded from the call's own draw when first used."""

    __slots__ = ("_draw", "_seeded")

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self._seeded: Faker | None = None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if self._seeded is None:
            self._seeded = _shared_faker()
            self._seeded.seed_instance(self._draw.below(2**32))
            self._seeded.unique.clear()  # what an earlier call was given is nothing to this one
        return getattr(self._seeded, name)


def _shared_faker() -> "Faker":
    """One generator for the process; each call seeds it before use and renders without a pause."""
    global _faker
    if _faker is None:
        from faker import Faker

        _faker = Faker()
    return _faker


class Groups:
    """`match` in templates: the named groups of the stub's regex, whatever they are called."""

    __slots__ = ("_groups",)

    def __init__(self, groups: Mapping[str, str]) -> None:
        self._groups = groups

    def __getitem__(self, name: str) -> str:
        return self._groups[name]


def now(seconds: float) -> datetime:
    """The time for `now()` in templates."""
    return datetime.fromtimestamp(seconds, UTC)


def uuid(draw: Draw) -> str:
    """A random (version 4) UUID from the draw."""
    return str(UUID(bytes=draw.bytes(16), version=4))
