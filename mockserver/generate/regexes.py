r"""Strings that match a regular expression, for the `pattern` of a JSON Schema.

A practical subset of what JavaScript, Python and Rust have in common: literals, classes, `\d \w \s`, groups,
alternation, quantifiers, anchors, and look-aheads of the kind that password rules use. Patterns are only
read, never run, so that none of them can take forever.
"""

import string

from mockserver.draw import Draw
from mockserver.generate.samples import (
    LONGEST,
    Characters,
    Choice,
    Node,
    Repeat,
    Sampler,
    Series,
    Unsupported,
    some,
)
from mockserver.values import remembered

_LONGEST_PATTERN = 4_000
_DEEPEST_GROUP = 40
_USUAL_SPREAD = 8
"""How many characters beyond the shortest match a string has at most when no length is asked for."""

_WORD = string.ascii_letters + string.digits + "_"
_PRINTABLE = string.ascii_letters + string.digits + string.punctuation + " "
_CLASSES = {
    "d": string.digits,
    "w": _WORD,
    "s": " ",
    "D": string.ascii_letters,
    "W": string.punctuation.replace("_", "") + " ",
    "S": string.ascii_letters + string.digits,
}
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "a": "\a", "0": "\0"}
_HEX_DIGITS = {"x": 2, "u": 4, "U": 8}
_ZERO_WIDTH = "AZzbBG"
_PROPERTIES = {
    "L": string.ascii_letters,
    "Letter": string.ascii_letters,
    "Alphabetic": string.ascii_letters,
    "Lu": string.ascii_uppercase,
    "Ll": string.ascii_lowercase,
    "N": string.digits,
    "Nd": string.digits,
    "P": "-.,!?",
    "Z": " ",
    "Zs": " ",
}
_QUANTIFIERS = {"*": (0, LONGEST), "+": (1, LONGEST), "?": (0, 1)}


def string_for(pattern: str, draw: Draw, shortest: int = 0, longest: int = LONGEST) -> str | None:
    """A string in which `pattern` is found, of the given length where the pattern can have it.

    None when the pattern is malformed, too big or outside the subset.
    """
    try:
        parsed = _parsed(pattern)
        low, high = max(parsed.body.low, shortest), min(parsed.body.high, longest, LONGEST)
        wanted = low + draw.below(min(max(high - low, 0), _USUAL_SPREAD) + 1)
        sampler = Sampler(draw)
        text = parsed.body.sample(sampler, min(wanted, LONGEST))
        ahead = "".join(part.sample(sampler, part.low) for part in parsed.aheads)
    except Unsupported:
        return None
    text = ahead + text[len(ahead) :]
    missing = min(shortest, LONGEST) - len(text)
    if missing <= 0 or (parsed.starts and parsed.ends):
        return text
    more = some(string.ascii_lowercase, draw, missing - 1)
    return f"{more} {text}" if parsed.ends else f"{text} {more}"


class _Pattern:
    """A pattern as it was read: its body, its look-aheads and whether it has anchors at either end."""

    __slots__ = ("_depth", "_position", "_text", "aheads", "body", "ends", "starts")

    def __init__(self, text: str) -> None:
        if len(text) > _LONGEST_PATTERN:
            raise Unsupported("a pattern that long")
        self._text, self._position, self._depth = text, 0, 0
        self.aheads: list[Node] = []
        self.starts = self.ends = False
        self.body = self._choice()
        if self._position < len(text):
            raise Unsupported("an unmatched parenthesis")

    def _peek(self) -> str:
        return self._text[self._position : self._position + 1]

    def _next(self) -> str:
        character = self._peek()
        if not character:
            raise Unsupported("a pattern that ends too early")
        self._position += 1
        return character

    def _skip(self, prefix: str) -> bool:
        """Whether `prefix` comes next; if so it is consumed."""
        if not self._text.startswith(prefix, self._position):
            return False
        self._position += len(prefix)
        return True

    def _until(self, mark: str) -> str:
        end = self._text.find(mark, self._position)
        if end < 0:
            raise Unsupported(f"a pattern without the closing {mark}")
        text = self._text[self._position : end]
        self._position = end + len(mark)
        return text

    def _choice(self) -> Node:
        parts = [self._sequence()]
        while self._skip("|"):
            parts.append(self._sequence())
        return parts[0] if len(parts) == 1 else Choice(parts)

    def _sequence(self) -> Node:
        parts: list[Node] = []
        while self._peek() not in ("", "|", ")"):
            atom = self._atom()
            if atom is not None:
                parts.append(self._repeated(atom))
        return parts[0] if len(parts) == 1 else Series(parts)

    def _repeated(self, atom: Node) -> Node:
        limits = self._quantifier()
        while limits is not None:
            atom = Repeat(atom, *limits)
            if not (self._skip("?") or self._skip("+")):  # lazy and possessive: the same strings
                break
            limits = self._quantifier()
        return atom

    def _quantifier(self) -> tuple[int, int] | None:
        simple = _QUANTIFIERS.get(self._peek())
        if simple is not None:
            self._position += 1
            return simple
        start = self._position
        if self._skip("{"):
            least, comma, most = self._until("}").partition(",") if "}" in self._text[start:] else ("x", "", "")
            numbers = [text for text in (least, most) if text]
            if numbers and all(text.isdecimal() and len(text) < 10 for text in numbers):
                low = int(least or 0)
                return low, int(most) if most else LONGEST if comma else low
            self._position = start
        return None

    def _atom(self) -> Node | None:
        """The next piece; None for what has no width."""
        character = self._next()
        if character == "(":
            return self._group()
        if character == "[":
            return Characters(self._class())
        if character == ".":
            return Characters(string.ascii_lowercase)
        if character == "\\":
            return self._escape()
        if character in "^$":
            self.starts |= character == "^"
            self.ends |= character == "$"
            return None
        if character in _QUANTIFIERS:
            raise Unsupported("a quantifier of nothing")
        return Characters(character)

    def _group(self) -> Node | None:
        self._depth += 1
        if self._depth > _DEEPEST_GROUP:
            raise Unsupported("groups that deep")
        role = self._group_role()
        body = self._choice() if role != "flags" else None
        if role != "flags" and not self._skip(")"):
            raise Unsupported("an unmatched parenthesis")
        self._depth -= 1
        if role == "ahead" and body is not None:
            self.aheads.append(body)
        return body if role == "group" else None

    def _group_role(self) -> str:
        """What a group is for. What must not follow or precede is ignored: it is seldom there by chance."""
        if not self._skip("?"):
            return "group"
        if self._skip(":") or self._skip(">"):
            return "group"
        if self._skip("="):
            return "ahead"
        if self._skip("!") or self._skip("<!"):
            return "ignored"
        if self._skip("<=") or self._skip("P=") or self._skip("("):
            raise Unsupported("a group of that kind")
        if self._skip("P<") or self._skip("<"):
            self._until(">")
            return "group"
        while self._peek() and self._peek() in "aimsuxLU-":
            self._position += 1
        if self._skip(":"):
            return "group"
        if self._skip(")"):
            return "flags"
        raise Unsupported("a group of that kind")

    def _escape(self) -> Node | None:
        if self._peek() and self._peek() in _ZERO_WIDTH:
            character = self._next()
            self.starts |= character == "A"
            self.ends |= character in "Zz"
            return None
        return Characters(self._escaped())

    def _escaped(self) -> str:
        """The characters that an escape stands for, after its backslash."""
        character = self._next()
        if character in _CLASSES:
            return _CLASSES[character]
        if character in _CONTROLS:
            return _CONTROLS[character]
        if character in _HEX_DIGITS:
            return self._code_point(_HEX_DIGITS[character])
        if character == "p" and self._skip("{"):
            return _PROPERTIES.get(self._until("}"), "")
        if character.isascii() and character.isalnum():
            raise Unsupported("an escape of that kind")
        return character

    def _code_point(self, digits: int) -> str:
        if self._skip("{"):
            text = self._until("}")
        else:
            text = self._text[self._position : self._position + digits]
            self._position += digits
        try:
            code = int(text, 16)
        except ValueError:
            raise Unsupported("an escape that is not hexadecimal") from None
        return _between(code, code)

    def _class(self) -> str:
        """The characters of a class, after its opening bracket."""
        negated = self._skip("^")
        found: list[str] = []
        first = True
        while first or self._peek() != "]":
            first = False
            low = self._member()
            if len(low) == 1 and self._peek() == "-" and self._text[self._position + 1 :][:1] not in ("", "]"):
                self._position += 1
                high = self._member()
                low = _between(ord(low), ord(high)) if len(high) == 1 else low + "-" + high
            found.append(low)
        self._position += 1
        members = "".join(found)
        if not negated:
            return "".join(dict.fromkeys(members))
        usual = [character for character in _WORD if character not in members]
        return "".join(usual or [character for character in _PRINTABLE if character not in members])

    def _member(self) -> str:
        character = self._next()
        if character != "\\":
            return character
        return "\b" if self._skip("b") else self._escaped()


@remembered(256, 4_096)
def _read(pattern: str) -> _Pattern | None:
    try:
        return _Pattern(pattern)
    except Unsupported:
        return None


def _parsed(pattern: str) -> _Pattern:
    """The pattern as read before, be it fit for use or not."""
    found = _read(pattern)
    if found is None:
        raise Unsupported(pattern)
    return found


def _between(low: int, high: int) -> str:
    """The characters of a range, printable ASCII if it has any; never half of a surrogate pair."""
    usual = "".join([character for character in _PRINTABLE if low <= ord(character) <= high])
    codes = range(low, min(high, low + 63, 0x10FFFF) + 1)
    return usual or "".join([chr(code) for code in codes if not 0xD800 <= code <= 0xDFFF])
