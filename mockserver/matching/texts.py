"""Conditions on texts: what the user said, any message, prompts, inputs, headers, the API key."""

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from mockserver.access import presented
from mockserver.call import Call, content_text
from mockserver.matching.difference import Difference, either, shown
from mockserver.matching.regexes import Regex

SECRET = ("authorization", "api-key", "cookie", "proxy-authorization", "x-api-key")
"""Headers whose values no message repeats."""


class TextPattern(NamedTuple):
    """A demand on a text, as `match` writes it; `value` is the text or the regex's source."""

    how: Literal["contains", "exact", "regex"]
    value: str
    regex: Regex | None = None
    folded: bool = False
    """Whether upper and lower case are the same; a regex has a flag for it."""

    def fits(self, text: str, call: Call) -> bool:
        """Whether the text is as demanded. Raises RegexTimeout."""
        if self.regex is not None:
            return self.regex.fits(text, call)
        if self.folded:
            text, value = folded(text, call), self.value.casefold()
        else:
            value = self.value
        return value in text if self.how == "contains" else value == text

    def groups(self, text: str, call: Call) -> dict[str, str] | None:
        """The named groups where the text is as demanded ({} without a regex), else None. Raises RegexTimeout."""
        if self.regex is not None and self.regex.names:
            return self.regex.groups(text, call)
        return {} if self.fits(text, call) else None

    def __str__(self) -> str:
        if self.regex is not None:
            return f"a text matching {self.regex}"
        text = f"a text containing {shown(self.value)}" if self.how == "contains" else shown(self.value)
        return f"{text} in any case" if self.folded else text


def folded(text: str, call: Call) -> str:
    """The text without its case, made once for a call."""
    made: dict[str, str] = call.memo.setdefault("folded", {})
    found = made.get(text)
    if found is None:
        found = made[text] = text.casefold()
    return found


def _any_message(call: Call) -> tuple[str, ...]:
    if call.endpoint != "chat":
        return _inputs(call)
    return tuple(content_text(message.get("content")) for message in call.messages)


def _system(call: Call) -> tuple[str, ...]:
    roles = ("system", "developer")
    return tuple(content_text(m.get("content")) for m in call.messages if m.get("role") in roles)


def _inputs(call: Call) -> tuple[str, ...]:
    return tuple(text for text in call.inputs if isinstance(text, str))


def _key(call: Call) -> tuple[str, ...]:
    key = presented(call.headers)
    return () if key is None else (key.decode("utf-8", "replace"),)


SUBJECTS: dict[str, Callable[[Call], tuple[str, ...]]] = {
    "user": lambda call: (call.user,),
    "any_message": _any_message,
    "system": _system,
    "prompt": lambda call: _inputs(call) if call.endpoint == "completions" else (),
    "input": lambda call: _inputs(call) if call.endpoint == "embeddings" else (),
    "api_key": _key,
}
"""The texts a key of `match` looks at. Where there are several, one that fits is enough."""

_NAMES = {
    "any_message": "messages",
    "system": "a system prompt",
    "prompt": "a prompt",
    "input": "a text as input",
    "api_key": "an API key",
}


def texts_of(call: Call, subject: str) -> tuple[str, ...]:
    """The texts a key looks at, gathered once for a call."""
    found: tuple[str, ...] | None = call.memo.get(subject)
    if found is None:
        found = call.memo[subject] = SUBJECTS[subject](call)
    return found


def groups_in(patterns: Sequence[TextPattern], texts: Sequence[str], call: Call) -> dict[str, str]:
    """The named groups of the first pattern that fits, in the first text it fits. Raises RegexTimeout."""
    for pattern in patterns:
        for text in texts:
            groups = pattern.groups(text, call)
            if groups is not None:
                return groups
    return {}


class TextFits(NamedTuple):
    """One of the texts is like one of the patterns."""

    key: str
    patterns: tuple[TextPattern, ...]

    @property
    def expected(self) -> str:
        """The patterns."""
        return either([*map(str, self.patterns)])

    def got(self, call: Call) -> str:
        """The text, and where it nearly fits how; of several the last."""
        texts = texts_of(call, self.key)
        if not texts:
            return f"no {_NAMES[self.key].removeprefix('a ').removeprefix('an ')}"
        if self.key == "api_key":
            return masked(texts[0])
        from mockserver.matching.closeness import closest

        text, hint = closest(self.patterns, texts, call)
        return shown(text) + hint

    def difference(self, call: Call) -> Difference | None:
        """None where one fits. Raises RegexTimeout."""
        for text in call.memo.get(self.key) or texts_of(call, self.key):
            for pattern in self.patterns:
                if pattern.fits(text, call):
                    return None
        return Difference(self, call)

    def groups(self, call: Call) -> dict[str, str]:
        """The named groups. Raises RegexTimeout."""
        return groups_in(self.patterns, texts_of(call, self.key), call)


class HeaderFits(NamedTuple):
    """A header of the request is there, with a value like one of the patterns."""

    name: str
    patterns: tuple[TextPattern, ...]

    @property
    def key(self) -> str:
        """The key of `match`, with the header's name."""
        return f"headers.{self.name}"

    @property
    def expected(self) -> str:
        """The patterns."""
        return either([*map(str, self.patterns)])

    def _values(self, call: Call) -> tuple[str, ...]:
        value = call.headers.get(self.name.encode("ascii"))
        return () if value is None else (value.decode("latin-1"),)

    def got(self, call: Call) -> str:
        """Its value, unless that is a secret."""
        values = self._values(call)
        if not values:
            return "no such header"
        return masked(values[0]) if self.name in SECRET else shown(values[0])

    def difference(self, call: Call) -> Difference | None:
        """None where it is. Raises RegexTimeout."""
        fits = any(pattern.fits(value, call) for value in self._values(call) for pattern in self.patterns)
        return None if fits else Difference(self, call)

    def groups(self, call: Call) -> dict[str, str]:
        """The named groups. Raises RegexTimeout."""
        return groups_in(self.patterns, self._values(call), call)


def masked(secret: str) -> str:
    """A secret as messages may show it: its end, if it is long."""
    return f"'***{secret[-4:]}'" if len(secret) >= 12 else "'***'"
