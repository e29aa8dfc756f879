"""What a condition is, and what kept it from holding."""

from typing import NamedTuple, Protocol

from mockserver.call import Call


class Condition(Protocol):
    """One demand on a call. Conditions are values: equal where they demand the same."""

    @property
    def key(self) -> str:
        """The key of `match` that makes the demand."""
        ...

    @property
    def expected(self) -> str:
        """What is demanded, in words."""
        ...

    def got(self, call: Call) -> str:
        """What the call has in its place, in words."""
        ...

    def difference(self, call: Call) -> "Difference | None":
        """What is different in the call, or None where it is as demanded. Raises RegexTimeout."""
        ...


class Difference(NamedTuple):
    """What kept a stub from matching. Put into words only when somebody wants to read it: most are never read."""

    condition: Condition
    call: Call
    note: str = ""

    @property
    def key(self) -> str:
        """The key of `match`."""
        return self.condition.key

    @property
    def expected(self) -> str:
        """What it asked for."""
        return self.condition.expected

    @property
    def got(self) -> str:
        """What the call has."""
        return self.note or self.condition.got(self.call)

    def __str__(self) -> str:
        return f"{self.key}: expected {self.expected}, got {self.got}"


def shown(text: str, limit: int = 60) -> str:
    """A text in quotes, shortened where it is long."""
    return f"'{text}'" if len(text) <= limit else f"'{text[: limit - 3]}...'"


def either(words: "tuple[str, ...] | list[str]") -> str:
    """Alternatives in words."""
    return " or ".join(words)
