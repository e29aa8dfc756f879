"""How near a text comes to what a pattern demands, and what keeps it from being it, in words."""

import re
from collections.abc import Collection, Sequence
from difflib import SequenceMatcher

from mockserver.call import Call
from mockserver.errors import RegexTimeout
from mockserver.matching.difference import shown
from mockserver.matching.regexes import Regex
from mockserver.matching.texts import TextPattern, folded

_MOST_PATTERNS, _MOST_TEXTS = 4, 4
"""So many of each are looked at closely; of the texts the last ones."""

_PATTERN, _TEXT = 100, 1_000
"""Characters of a pattern, and of the beginning and the end of a text, that are compared letter by letter."""

_PIECE = 3

_NEAR = 0.6
"""From this likeness on a text is worth showing beside what was wanted."""
_SHARED = 3
"""So many characters in a row, or all there are, two texts must share to be called alike."""
_ALMOST = 0.95
"""The likeness of what differs in case or white space alone."""


def closest(patterns: Sequence[TextPattern], texts: Sequence[str], call: Call) -> tuple[str, str]:
    """The text that comes nearest to one of the patterns, and a hint behind it: how it differs; else nothing."""
    _, text, hint = likeness(patterns, texts, call)
    return text, f" ({hint})" if hint else ""


def likeness(patterns: Sequence[TextPattern], texts: Sequence[str], call: Call) -> tuple[float, str, str]:
    """How alike the text that comes nearest is to what is demanded, from 0 to 1; that text; how it differs."""
    best = (0.0, texts[-1], "")
    for text in texts[-_MOST_TEXTS:]:
        for pattern in patterns[:_MOST_PATTERNS]:
            alike, hint = _regex(pattern.regex, text, call) if pattern.regex else _text(pattern, text, call)
            if alike > best[0]:
                best = (alike, text, hint)
    alike, text, hint = best
    return (alike if alike >= _NEAR else alike * alike), text, hint  # any two texts have some letters in common


def _text(pattern: TextPattern, text: str, call: Call) -> tuple[float, str]:
    if not pattern.folded and pattern._replace(folded=True).fits(text, call):
        return _ALMOST, "with ignore_case it would match"
    wanted, given = _spaced(pattern.value.casefold()), _folded_spaced(text, call)
    if wanted == given if pattern.how == "exact" else wanted in given:
        return _ALMOST, "the white space differs"
    if pattern.how == "exact":
        return _exact(pattern.value, text)
    alike, part = _nearest_part(pattern.value[:_PATTERN], _ends(text))
    return alike, f"the nearest is {shown(part)}" if alike >= _NEAR and part != text else ""


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _folded_spaced(text: str, call: Call) -> str:
    """The text without its case, each white space a blank, made once for a call."""
    made: dict[str, str] = call.memo.setdefault("spaced", {})
    if text not in made:
        made[text] = _spaced(folded(text, call))
    return made[text]


def _ends(text: str) -> str:
    return text if len(text) <= 2 * _TEXT else f"{text[:_TEXT]}\n{text[-_TEXT:]}"


def _exact(wanted: str, text: str) -> tuple[float, str]:
    alike = SequenceMatcher(None, wanted[:_PATTERN], text[:_PATTERN], autojunk=False).ratio()
    if alike < _NEAR:
        return alike * 0.9, ""
    same = next((n for n, (a, b) in enumerate(zip(wanted, text, strict=False)) if a != b), min(len(wanted), len(text)))
    if same == len(wanted):
        return alike, f"it goes on with {shown(text[same:], 30)}"
    if same == len(text):
        return alike, f"it lacks {shown(wanted[same:], 30)} at its end"
    return alike, f"they differ from character {same + 1} on: {shown(wanted[same:], 30)}, {shown(text[same:], 30)}"


def _nearest_part(wanted: str, text: str) -> tuple[float, str]:
    """The part of a text that is most like a shorter one: around the longest piece that they share."""
    matcher = SequenceMatcher(None, wanted.casefold(), text.casefold(), autojunk=False)
    found = matcher.find_longest_match()
    if found.size < min(_SHARED, len(wanted)):
        return 0.0, ""
    begin = max(0, found.b - found.a)
    part = text[begin : begin + len(wanted)]
    return SequenceMatcher(None, wanted.casefold(), part.casefold(), autojunk=False).ratio() * 0.9, part


def _regex(regex: Regex, text: str, call: Call) -> tuple[float, str]:
    try:
        if not regex.ignores_case and Regex(regex.source, regex.flags | re.IGNORECASE).fits(text, call):
            return _ALMOST, "with the flag i it would match"
    except RegexTimeout:
        return 0.0, ""
    return 0.5 * share(regex_texts(regex), pieces(_ends(folded(text, call)))), ""


def regex_texts(regex: Regex) -> list[str]:
    """Texts that stand in what a regex matches, as far as that can be told."""
    return [max(group, key=len) for group in regex.needed]


def pieces(text: str) -> frozenset[str]:
    """All that a text has, in pieces of three characters."""
    return frozenset(_pieces(text))


def _pieces(text: str) -> list[str]:
    return [text[n : n + _PIECE] for n in range(len(text) - _PIECE + 1)]


def share(texts: Sequence[str], known: Collection[str]) -> float:
    """Which part of some texts is known, piece by piece; a third of what is too short to have any."""
    wanted = [piece for text in texts[:_MOST_PATTERNS] for piece in _pieces(text[:_PATTERN].casefold())]
    return sum(piece in known for piece in wanted) / len(wanted) if wanted else 1 / 3
