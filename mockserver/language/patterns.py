"""Demands on a text: `hello` is contained, `/hello/i` is a regex, long forms say which."""

import re

import yaml

from mockserver.language.kinds import Boolean, Record, Spec, Text, key
from mockserver.language.source import Node, Source, describe
from mockserver.matching.regexes import Regex
from mockserver.matching.texts import TextPattern

_FLAGS = {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL, "x": re.VERBOSE}
_SLASHED = re.compile(r"/(.*)/([a-zA-Z]*)\Z", re.DOTALL)


def written_regex(pattern: str, flags: str, node: Node, source: Source) -> Regex:
    """The regex of a source and its flags. Raises Invalid after noting the problem."""
    unknown = [flag for flag in flags if flag not in _FLAGS]
    if unknown:
        raise source.refuse(node, f"unknown regex flag '{unknown[0]}': known are i, m, s, x")
    combined = 0
    for flag in flags:
        combined |= int(_FLAGS[flag])
    try:
        return Regex(pattern, combined)
    except (re.error, OverflowError, RecursionError) as error:
        raise source.refuse(node, f"not a valid regex: {error}") from None


def slashed_regex(text: str, node: Node, source: Source) -> Regex | None:
    """The regex that a text between slashes is; None for another text."""
    slashed = _SLASHED.match(text)
    return None if slashed is None else written_regex(slashed[1], slashed[2], node, source)


def _short_pattern(node: Node, source: Source) -> "Pattern":
    """`hello` is contained, `/hello/i` is a regex."""
    if not isinstance(node, yaml.ScalarNode):
        raise source.refuse(node, f"expected text or /regex/flags, got {describe(node)}")
    value: str = node.value
    regex = slashed_regex(value, node, source) if value[:1] == "/" else None
    if regex is not None:
        return Pattern(pattern=TextPattern("regex", regex.source, regex))
    return Pattern(pattern=TextPattern("contains", value))


_ANYTHING = TextPattern("contains", "")


class Pattern(Spec):
    """A demand on a text; of its long forms exactly one is given."""

    pattern: TextPattern = _ANYTHING
    contains: str | None = key(Text(), "The text stands somewhere in it.")
    exact: str | None = key(Text(), "It is this text, character for character.")
    regex: str | None = key(Text(), "The regex is found in it; named groups can be used in templates.")
    flags: str | None = key(Text("regex flags such as i"), "Flags for `regex`: i, m, s, x.")
    ignore_case: bool = key(Boolean(), "Whether upper and lower case are the same.", default=False)


class _PatternKind(Record[Pattern]):
    """Reads a pattern, whose long form becomes its `pattern`."""

    def read(self, node: Node, source: Source) -> Pattern:
        record = Record.read(self, node, source)
        if not isinstance(node, yaml.MappingNode):
            return record
        given = [how for how in ("contains", "exact", "regex") if getattr(record, how) is not None]
        if len(given) != 1:
            raise source.refuse(node, "a text pattern takes exactly one of contains, exact, regex")
        folded = record.ignore_case
        if record.regex is not None:
            flags = (record.flags or "") + ("i" if folded else "")
            regex = written_regex(record.regex, flags, node, source)
            return Pattern(pattern=TextPattern("regex", record.regex, regex))
        if record.flags is not None:
            raise source.refuse(node, "'flags' goes with 'regex'")
        if record.exact is not None:
            return Pattern(pattern=TextPattern("exact", record.exact, None, folded))
        return Pattern(pattern=TextPattern("contains", record.contains or "", None, folded))


PATTERN = _PatternKind(
    Pattern,
    "a text pattern",
    short=_short_pattern,
    short_expected="text or /regex/flags",
    also={"oneOf": [{"required": [how]} for how in ("contains", "exact", "regex")]},
)
