"""What a regex may cost, which texts it needs, and how the engine that can be stopped has to be told it.

Python's `re` says what a regex means. It cannot be stopped, so where a search could take long the `regex` package does
it, which can. The two read some things differently (`\\w` and the combining marks of Indic scripts, `[[:alpha:]]`,
`{e}`), so `regex` is given a translation made from `re`'s own parse of the source, not the source.
"""

import re
from importlib import import_module
from typing import Any, NamedTuple

_parser: Any = import_module("re._parser")
_op: Any = import_module("re._constants")

UNBOUNDED = 0
"""No text is short enough to be searched without a bound."""

_STEPS = 1_000_000
"""How many steps `re` may take at most for a search without a bound: some milliseconds."""

_WORD, _SPACE, _DIGIT = r"\p{L}\p{N}_", r"\s\x1c-\x1f", r"\p{Nd}"
_ASCII_WORD, _ASCII_SPACE, _ASCII_DIGIT = "a-zA-Z0-9_", r"\x20\t\n\r\f\v", "0-9"
_NOT_EMPTY = "" if re.search(r"\B", "") else r"(?!\A\Z)"
"""Until Python 3.14 the empty text has not even a place between letters that are none."""
_IGNORECASE, _MULTILINE, _ASCII = int(re.IGNORECASE), int(re.MULTILINE), int(re.ASCII)
"""As plain numbers: arithmetic with flags is slow, and done for each of thousands of regexes."""
_KEPT = int(re.IGNORECASE | re.MULTILINE | re.DOTALL)
_REGEX_ASCII = 0x80
"""The flag as `regex` has it; the others have the same numbers in both."""
_REPEATS = (_op.MAX_REPEAT, _op.MIN_REPEAT, _op.POSSESSIVE_REPEAT)
_ATOMS = (_op.LITERAL, _op.NOT_LITERAL, _op.ANY, _op.IN)


class Facts(NamedTuple):
    """What a look at a regex tells.

    `short`: texts up to this length `re` searches in a bounded number of steps.
    `needed`: of each of these groups one text stands in every text that matches.
    `ignores_case`: the flag `i` holds for the whole of it. `safe`: whatever `re` parses so, it also compiles.
    """

    short: int
    needed: tuple[tuple[str, ...], ...]
    names: tuple[str, ...]
    ignores_case: bool
    safe: bool


def facts(source: str, flags: int) -> Facts:
    """Look at a regex. Raises re.error, OverflowError or RecursionError where it is none."""
    tree = _parser.parse(source, flags)
    flags = tree.state.flags
    ignores_case = bool(flags & _IGNORECASE)
    safe = "(?<" not in source and "(?(" not in source  # what look-behinds may hold is for the compiler to say
    short, needed = _short(tree, flags), _needed(tree, ignores_case=ignores_case)
    return Facts(short, needed, tuple(tree.state.groupdict), ignores_case, safe)


class _Endless(Exception):
    """The steps cannot be bounded by a power of the text's length."""


def _short(tree: Any, flags: int) -> int:
    """Up to which length of a text the number of steps is bounded.

    `degree` wildcards that have to share a text of n characters can do so in n ** degree ways, and a search that is
    not anchored tries them at n places.
    """
    try:
        degree, factor = _growth(tree)
    except _Endless:
        return UNBOUNDED
    first = tree[0] if len(tree) else (None, None)
    at_start = first[0] is _op.AT and (
        first[1] is _op.AT_BEGINNING_STRING or (first[1] is _op.AT_BEGINNING and not flags & _MULTILINE)
    )
    places = 0 if at_start and degree else 1
    return int((_STEPS / factor) ** (1 / (degree + places)) + 1e-6)


def _growth(tree: Any) -> tuple[int, int]:
    degree, factor = 0, 1
    for op, av in tree.data:
        inner, ways = _growth_of(op, av)
        degree, factor = degree + inner, factor * ways
        if factor > _STEPS:
            raise _Endless
    return degree, factor


def _growth_of(op: Any, av: Any) -> tuple[int, int]:
    if op in _ATOMS or op is _op.AT:
        return 0, 1
    if op is _op.BRANCH:
        found = [_growth(branch) for branch in av[1]]
        return max(degree for degree, _ in found), sum(ways for _, ways in found)
    if op in (_op.ASSERT, _op.ASSERT_NOT):
        return _growth(av[1])
    if op in _REPEATS:
        return _repeated(*av)
    if op is _op.SUBPATTERN:
        return _growth(av[3])
    if op is _op.ATOMIC_GROUP:
        return _growth(av)
    raise _Endless  # a reference to a group: what it repeats is any text


def _repeated(low: int, high: int, body: Any) -> tuple[int, int]:
    degree, ways = _growth(body)
    if high == 1:
        return degree, ways + 1
    if degree or ways > 1 or body.getwidth()[0] != body.getwidth()[1]:
        raise _Endless  # a choice inside of a repetition: every turn multiplies the ways
    least = max(1, int(low))
    if high - low > 16:
        return 1, least
    return 0, least * (int(high) - int(low) + 1)


def _needed(tree: Any, *, ignores_case: bool) -> tuple[tuple[str, ...], ...]:
    """Groups of texts, of each of which every match contains one.

    Under the flag `i` a letter stands for both of its cases; `i` itself also for the dotted and the dotless one, and a
    letter beyond ASCII for more than lower case can tell: both end a text.
    """
    groups: list[tuple[str, ...]] = []
    run = ""
    for literal in [*_literals(tree), None]:
        if isinstance(literal, str) and (not ignores_case or (literal.isascii() and literal not in "iI")):
            run += literal
            continue
        if run:
            groups.append((run,))
        run = ""
        if isinstance(literal, tuple):
            branches = [max(_needed(branch, ignores_case=ignores_case), key=_reach, default=()) for branch in literal]
            if all(branches):
                groups.append(tuple(text for texts in branches for text in texts))
    return tuple(groups)


def _reach(texts: tuple[str, ...]) -> tuple[int, int]:
    return min(map(len, texts)), -len(texts)


def _literals(tree: Any) -> Any:
    """The characters of a pattern in their order; alternatives as a tuple; None for what can be anything."""
    for op, av in tree.data:
        if op is _op.LITERAL:
            yield chr(av)
        elif op is _op.AT:
            continue  # takes no room: the characters around it are neighbours
        elif op is _op.SUBPATTERN and not av[1] and not av[2]:
            yield from _literals(av[3])
        elif op is _op.ATOMIC_GROUP:
            yield from _literals(av)
        elif op is _op.BRANCH:
            yield tuple(av[1])
        elif op in _REPEATS and av[0] >= 1:
            yield from _literals(av[2])
            yield None
        else:
            yield None


def translated(source: str, flags: int) -> tuple[str, int]:
    """The regex as the `regex` package reads it with `re`'s meaning, and the flags for it.

    What has no translation is given as it stands.
    """
    tree = _parser.parse(source, flags)
    ascii_only = bool(tree.state.flags & _ASCII)
    kept = tree.state.flags & _KEPT
    if ascii_only:
        kept |= _REGEX_ASCII
    names = {number: name for name, number in tree.state.groupdict.items()}
    try:
        return _Translation(names, ascii_only).of(tree), kept
    except KeyError:
        return source, kept


class _Translation:
    """Writes a parse down again. Raises KeyError for what it does not know."""

    def __init__(self, names: dict[int, str], ascii_only: bool) -> None:
        self._names = names
        self._word = _ASCII_WORD if ascii_only else _WORD
        classes = {
            "WORD": self._word,
            "SPACE": _ASCII_SPACE if ascii_only else _SPACE,
            "DIGIT": _ASCII_DIGIT if ascii_only else _DIGIT,
        }
        self._classes = {str(getattr(_op, f"CATEGORY_{name}")): text for name, text in classes.items()}
        self._others = {str(getattr(_op, f"CATEGORY_NOT_{name}")): text for name, text in classes.items()}
        word = f"[{self._word}]"
        self._places = {
            str(_op.AT_BEGINNING): "^",
            str(_op.AT_BEGINNING_STRING): r"\A",
            str(_op.AT_END): "$",
            str(_op.AT_END_STRING): r"\Z",
            str(_op.AT_BOUNDARY): f"(?:(?<={word})(?!{word})|(?<!{word})(?={word}))",
            str(_op.AT_NON_BOUNDARY): f"(?:{_NOT_EMPTY}(?:(?<={word})(?={word})|(?<!{word})(?!{word})))",
        }

    def of(self, tree: Any) -> str:
        return "".join(self._item(op, av) for op, av in tree)

    def _item(self, op: Any, av: Any) -> str:
        if op is _op.LITERAL:
            return _character(av)
        if op is _op.NOT_LITERAL:
            return f"[^{_character(av)}]"
        if op is _op.ANY:
            return "."
        if op is _op.AT:
            return self._places[str(av)]
        if op is _op.IN:
            return self._set(av)
        if op is _op.BRANCH:
            return "(?:" + "|".join(map(self.of, av[1])) + ")"
        if op is _op.SUBPATTERN:
            return self._group(*av)
        if op in _REPEATS:
            return self._repeat(op, *av)
        if op in (_op.ASSERT, _op.ASSERT_NOT):
            return f"(?{'<' if av[0] < 0 else ''}{'=' if op is _op.ASSERT else '!'}{self.of(av[1])})"
        if op is _op.ATOMIC_GROUP:
            return f"(?>{self.of(av)})"
        if op is _op.GROUPREF:
            return f"(?P={self._names[av]})" if av in self._names else f"(?:\\{av})"
        if op is _op.GROUPREF_EXISTS:
            number, yes, no = av
            return f"(?({number}){self.of(yes)}{'|' + self.of(no) if no else ''})"
        if op is _op.FAILURE:
            return "(?!)"
        raise KeyError(op)

    def _group(self, number: int | None, added: int, removed: int, body: Any) -> str:
        inner = self.of(body)
        if number is not None:
            return f"(?P<{self._names[number]}>{inner})" if number in self._names else f"({inner})"
        if (added | removed) & ~(re.IGNORECASE | re.MULTILINE | re.DOTALL | re.VERBOSE):
            raise KeyError("flags for a part that change what classes mean")
        on, off = _letters(added), _letters(removed)
        return f"(?{on}{'-' + off if off else ''}:{inner})"

    def _repeat(self, op: Any, low: int, high: int, body: Any) -> str:
        most = "" if high is _op.MAXREPEAT else str(high)
        how = {_op.MAX_REPEAT: "", _op.MIN_REPEAT: "?", _op.POSSESSIVE_REPEAT: "+"}[op]
        return f"(?:{self.of(body)}){{{low},{most}}}{how}"

    def _set(self, items: Any) -> str:
        negated = bool(items) and items[0][0] is _op.NEGATE
        inside, others = "", []
        for op, av in items[1:] if negated else items:
            if op is _op.LITERAL:
                inside += _character(av)
            elif op is _op.RANGE:
                inside += f"{_character(av[0])}-{_character(av[1])}"
            elif str(av) in self._classes:
                inside += self._classes[str(av)]
            else:
                others.append(f"[^{self._others[str(av)]}]")
        either = [f"[{inside}]" if inside else "", *others]
        one = "|".join(text for text in either if text)
        if not negated:
            return f"(?:{one})"
        return f"(?:(?!{one})(?s:.))"


def _character(code: int) -> str:
    return f"\\U{code:08x}"


def _letters(flags: int) -> str:
    known = ((re.IGNORECASE, "i"), (re.MULTILINE, "m"), (re.DOTALL, "s"))
    return "".join(letter for flag, letter in known if flags & flag)
