"""Demands on a text: `hello` is contained, `/hello/i` is a regex, long forms say which."""

import re

import yaml

from mockserver.language.kinds import Record, Spec, Text, key
from mockserver.language.source import Node, Source, describe
from mockserver.match import TextPattern

_FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE}
_SLASHED = re.compile(r"/(.*)/([a-zA-Z]*)\Z", re.DOTALL)


def _regex(pattern: str, flags: str, node: Node, source: Source) -> TextPattern:
    unknown = [flag for flag in flags if flag not in _FLAGS]
    if unknown:
        raise source.refuse(node, f"unknown regex flag '{unknown[0]}': known are i, m, s, x")
    combined = re.NOFLAG
    for flag in flags:
        combined |= _FLAGS[flag]
    try:
        return TextPattern("regex", pattern, re.compile(pattern, combined))
    except (re.error, OverflowError, RecursionError) as error:
        raise source.refuse(node, f"not a valid regex: {error}") from None


def _short_pattern(node: Node, source: Source) -> "Pattern":
    """`hello` is contained, `/hello/i` is a regex."""
    if not isinstance(node, yaml.ScalarNode):
        raise source.refuse(node, f"expected text or /regex/flags, got {describe(node)}")
    value: str = node.value
    slashed = _SLASHED.match(value)
    if slashed:
        return Pattern(pattern=_regex(slashed[1], slashed[2], node, source))
    return Pattern(pattern=TextPattern("contains", value))


_ANYTHING = TextPattern("contains", "")


class Pattern(Spec):
    """A demand on a text; of its long forms exactly one is given."""

    pattern: TextPattern = _ANYTHING
    contains: str | None = key(Text(), "The text stands somewhere in it.")
    exact: str | None = key(Text(), "It is this text, character for character.")
    regex: str | None = key(Text(), "The regex is found in it; named groups can be used in templates.")
    flags: str | None = key(Text("regex flags such as i"), "Flags for `regex`: i, m, s, x.")


class _PatternKind(Record[Pattern]):
    """Reads a pattern, whose long form becomes its `pattern`."""

    def read(self, node: Node, source: Source) -> Pattern:
        record = Record.read(self, node, source)
        if not isinstance(node, yaml.MappingNode):
            return record
        given = [how for how in ("contains", "exact", "regex") if getattr(record, how) is not None]
        if len(given) != 1:
            raise source.refuse(node, "a text pattern takes exactly one of contains, exact, regex")
        if record.regex is not None:
            return Pattern(pattern=_regex(record.regex, record.flags or "", node, source))
        if record.flags is not None:
            raise source.refuse(node, "'flags' goes with 'regex'")
        if record.exact is not None:
            return Pattern(pattern=TextPattern("exact", record.exact))
        return Pattern(pattern=TextPattern("contains", record.contains or ""))


PATTERN = _PatternKind(Pattern, "a text pattern", short=_short_pattern, short_expected="text or /regex/flags")
