"""Which of the offered tools a message reads as if it needed: a guess from the words they share.

A tool's name says most, then its description, then the names of its parameters. Words count by what they
mean, so that "rain" finds a tool for the weather. Verbs such as "get" or "find" prove nothing by
themselves, since nearly every message and every tool has one.
"""

import re
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from mockserver.call import ToolOffer
from mockserver.values import remembered


def wanted(tools: Sequence[ToolOffer], question: str) -> ToolOffer | None:
    """The tool that the last user message reads as if it needed, or None.

    Of several the one that fits best, of equals the first. Only the message's last 2,000 characters count.
    """
    text = question[-_QUESTION:].replace("\u2019", "'")
    asked = _asked(text.lower(), _words(text))
    best, best_score = None, 0.0
    if asked.words:
        for tool in tools:
            score = _score(tool, asked)
            if score > best_score:
                best, best_score = tool, score
    return best


_QUESTION = 2_000
"""Characters of a message looked at."""
_TEXT = 600
"""Characters of a description, or of a schema's texts, looked at."""
_NODES = 100
"""Values of a schema looked at."""

_NAMED, _NAMED_LOOSELY, _NAMED_VERB, _SAME_WORD = 3.0, 1.5, 1.0, 0.25
"""What a word of the name counts; one of many meanings; a mere verb; more if it is no synonym."""
_DESCRIBED, _DESCRIBED_MEANING, _LABELLED, _EXPLAINED = 1.0, 2.0, 1.0, 0.5
"""What others count: the description's; those of known meaning; parameters' names; their texts."""
_ENOUGH, _ENOUGH_OUTSIDE_NAME, _MORE_IN_LONG, _MORE_IN_THEORY = 3.0, 2.0, 2.0, 1.0
"""The least score; if the name has no part in it; more for long and for theoretical messages."""
_LONG = 40
"""Words of a long message: it shares words with a tool by chance."""


class _Words(NamedTuple):
    """The words of a text that say something: as they are (stemmed), and what they stand for."""

    stems: frozenset[str]
    words: frozenset[str]


class _Asked(NamedTuple):
    """What a message asks for."""

    stems: frozenset[str]
    words: frozenset[str]
    things: int
    """How many of the words are not verbs."""
    more: float
    """What a tool's score must have beyond the usual."""
    writing: frozenset[str]
    """If the message asks for a text: words of which a tool's name must have one."""


def _score(tool: ToolOffer, asked: _Asked) -> float:
    """How well a tool fits; 0 if it does not."""
    name = _name_words(tool.name[:100])
    if asked.writing and asked.writing.isdisjoint(name.stems):
        return 0
    core = (name.words - _VERBS) or (name.words - _EMPTY_VERBS)
    hits = asked.words & name.words
    score = 0.0
    if not hits.isdisjoint(core):
        score = _SAME_WORD * len(asked.stems & name.stems)
        for word in hits:
            score += _NAMED_VERB if word not in core else _NAMED_LOOSELY if word in _LOOSE else _NAMED
    hints, found = _hints(tool, asked.words - _LOOSE - (_VERBS if core else _EMPTY_VERBS) - hits)
    covers = not core or 2 * (found + len(hits - _VERBS)) >= asked.things
    total = score + hints
    if score and total >= _ENOUGH + asked.more:
        return total
    return total if covers and hints >= _ENOUGH_OUTSIDE_NAME + asked.more else 0


def _hints(tool: ToolOffer, words: frozenset[str]) -> tuple[float, int]:
    """What the description and the parameters say for a tool, and how many words they share with `words`."""
    labels, texts = _schema_texts(tool.parameters)
    described = words & _tool_words(tool.description[:_TEXT]).words
    labelled = words & _tool_words(labels).words - described
    explained = words & _tool_words(texts).words - described - labelled
    hints = sum(_DESCRIBED_MEANING if word[0] == "#" else _DESCRIBED for word in described)
    hints += _LABELLED * len(labelled) + _EXPLAINED * len(explained)
    return hints, len(described) + len(labelled) + len(explained)


def _schema_texts(parameters: object) -> tuple[str, str]:
    """A schema's names and listed values, and its descriptions: the start of each, joined."""
    labels: list[str] = []
    texts: list[str] = []
    todo = [parameters]
    for _ in range(_NODES):
        if not todo:
            break
        node = todo.pop()
        if isinstance(node, list):
            todo.extend(item for item in islice(node, _NODES) if isinstance(item, dict | list))
        elif isinstance(node, dict):
            for key, value in islice(node.items(), _NODES):
                if key == "properties" and isinstance(value, dict):
                    labels.extend(str(name)[:_TEXT] for name in islice(value, _NODES))
                elif key == "enum" and isinstance(value, list):
                    labels.extend(item[:_TEXT] for item in islice(value, _NODES) if isinstance(item, str))
                elif key in ("description", "title") and isinstance(value, str):
                    texts.append(value[:_TEXT])
                if isinstance(value, dict | list):
                    todo.append(value)
    return " ".join(labels)[:_TEXT], " ".join(texts)[:_TEXT]


def _asked(low: str, said: _Words) -> _Asked:
    """What a message in lower case, with the words it says, asks for."""
    if _THANKS.fullmatch(low):
        return _NOTHING
    words = said.words - _ONLY_IN_PHRASES
    numbers = sum(1 for _ in islice(_NUMBER.finditer(low), 2))
    if numbers < 2:  # "add milk to my list" is no sum
        words -= _OPERATIONS
    if not numbers:
        words -= {"#calculate"}
    words |= {tag for pattern, tag in _PHRASES if pattern.search(low)}
    for sign in {match[1].strip() for match in (_WHOLE_SUM.fullmatch(low), *_SUM.finditer(low)) if match}:
        words |= {"#calculate", _SIGNS.get(sign, "#calculate")}
    things = len(words - _VERBS)
    more = (_MORE_IN_LONG if things > _LONG else 0.0) + (_MORE_IN_THEORY if _THEORY.search(low) else 0.0)
    writing = _WRITING.search(low)
    kind = frozenset((_stem(writing[1]),)) if writing else frozenset()
    return _Asked(said.stems, words, things, more, kind if kind.isdisjoint(_PROGRAMS) else _PROGRAMS)


# Words --------------------------------------------------------------------------------------------------

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_TOKEN = re.compile(r"[^\W_]+")
_EXAMPLE = re.compile(r"\b(?:e\.g|eg|for example|for instance|such as)\b[^;)\n]*", re.IGNORECASE)


def _words(text: str) -> _Words:
    tokens = _TOKEN.findall(_CAMEL.sub(" ", text).lower())
    stems = frozenset(
        _stem(token)
        for token in tokens
        if token not in _STOP and not token.isdigit() and (len(token) > 1 or token > "\x7f")
    )
    return _Words(stems, frozenset(_MEANINGS.get(stem, stem) for stem in stems))


@remembered(1_024, 4_096)
def _tool_words(text: str) -> _Words:
    """The words of a tool's text, without its examples: clients offer the same tools again and again."""
    return _words(_EXAMPLE.sub(" ", text))


@remembered(1_024)
def _name_words(name: str) -> _Words:
    """The words of a tool's name; "book" in front is the verb."""
    stems, words = _words(name)
    if len(words) > 1 and "book" in words and name[:4].lower() == "book":
        words = (words - {"book"}) | {"#reserve"}
    return _Words(stems, words)


def _stem(word: str) -> str:
    """A word without its ending, roughly: "deliveries", "delivered" and "delivery" are one."""
    if len(word) > 3 and word not in _AS_IS and not word.endswith("ss"):
        for ending in ("ies", "ing", "ed", "es", "s", "y", "e"):
            if word.endswith(ending) and len(word) - len(ending) > 2:
                word = word[: -len(ending)]
                break
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] else word


def _split(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _set(words: str) -> frozenset[str]:
    return frozenset(word if word[0] == "#" else _stem(word) for word in words.split())


_AS_IS = frozenset({"news", "bing"})
_STOP = _split(
    """a an the and or but if of to in on at by for from with without as into about over under than then so
    not no yes is are am was were be been being do does did doing done has have had having can could
    will would shall should may might must i me my mine we us our you your yours he him his she her it
    its they them their this that these those there here what which who whom whose when where why how
    all any some each every both few more most other such only own same too very just also now please ok
    okay hello hi hey thanks thank bye goodbye cheers morning today tomorrow tonight yesterday now soon
    current currently latest recent given specific specified particular provide provided information
    info detail details data value values result results string text name names id ids type types kind
    parameter parameters param params input output request response tool tools function functions api
    based following using used based new one two three four five six seven eight nine ten first like
    want need know let lot much many good well really something anything thing things way ll ve re don
    isn didn doesn won number numbers int ints integer integers float floats"""
)
"""Words that say nothing about what is needed."""


_EMPTY_VERBS = _set(
    """get set make create use call run fetch give show tell list check return retrieve read go take put
    try help perform execute handle process ask say write start find update change manage work"""
)
_VERBS = _EMPTY_VERBS | _set(
    """#search #delete #time #calculate #add #subtract #multiply #divide send open close convert play turn
    view load submit save move compare count choose pick"""
)
"""What proves nothing by itself. The rest of them counts if a name has nothing else."""
_LOOSE = _set("table form page line point case")
"""Words of many meanings."""
_ONLY_IN_PHRASES = frozenset({"#time"})
_OPERATIONS = frozenset({"#add", "#subtract", "#multiply", "#divide"})
_PROGRAMS = _set("code function script program python interpreter")

_MEANINGS = {
    _stem(word): tag
    for tag, words in {
        "#weather": """weather temperature forecast rain rainy raining snow snowy sunny sunshine cloudy windy
            storm humid humidity climate umbrella""",
        "#time": "time date clock datetime timezone",
        "#mail": "mail email gmail inbox",
        "#calculate": """calc calculate calculator calculation compute math maths
            arithmetic expression equation evaluate""",
        "#add": "add addition plus sum",
        "#subtract": "subtract subtraction minus",
        "#multiply": "multiply multiplied multiplication",
        "#divide": "divide division divided quotient",
        "#search": "search lookup query seek",
        "#delete": "delete remove erase cancel",
        "#web": "web internet online google bing news headline browser",
        "#stock": "stock price share ticker quote market",
        "#reserve": "reserve reservation",
        "#flight": "flight fly airline plane airfare travel trip",
        "#translate": "translate translation translator language",
        "#order": "order buy purchase shop",
        "#calendar": "calendar meeting schedule appointment event agenda remind reminder",
        "#image": "image picture photo draw drawing painting illustration",
        "#currency": "currency dollar euro usd eur gbp yen exchange",
        "#unit": "unit mile kilometer kilometre km kilogram kg celsius fahrenheit inch ounce litre liter",
        "#route": "route direction navigate navigation distance",
        "#dice": "dice die roll",
        "#music": "music song playlist album",
    }.items()
    for word in words.split()
}
"""What words, in a message or a tool, stand for."""

# Phrases, all in lower case -----------------------------------------------------------------------------

_PHRASES = tuple(
    (re.compile(pattern), tag)
    for pattern, tag in (
        (r"\b(?:how|is it|be|get) (?:hot|cold|warm|freezing)\b", "#weather"),
        (r"\b(?:hot|cold|warm|nice) (?:out|outside)\b", "#weather"),
        (r"\b(?:wear|need|take|bring) an? (?:coat|jacket)\b", "#weather"),
        (
            r"\bwhat time\b|\btime is it\b|\b(?:current|local) (?:time|date)\b|\btime in\b|\bo'clock\b",
            "#time",
        ),
        (
            r"\bwhat(?:'s| is) the (?:time|date)\b|\b(?:what|which) day\b|\btoday's date\b|\btime ?zone\b",
            "#time",
        ),
        (r"\blook(?:ing)? (?:it |this |that )?up\b|\bgoogle\b", "#search"),
        (r"\blook(?:ing)? (?:it |this |that )?up\b", "#web"),
        (r"(?:^|\bto |please )book\b|\bbook (?:a|an|me|us|my|our)\b|\bbooking\b", "#reserve"),
        (r"\bhow (?:do|would|can) (?:you|i|we|one) say\b", "#translate"),
        (r"\bsend \w+ (?:an? )?(?:note|letter|mail)\b|\be-mail\b", "#mail"),
        (r"\bhow (?:far|do i get to)\b", "#route"),
    )
)
"""What a message asks for by several words, or by words that mean something else elsewhere."""

_NUMERAL = r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten)\b"
_OPERATOR = r"\s*[+*\u00d7\u00f7^]\s*|\s+[-/x]\s+|\s+(?:plus|minus|times|divided by|multiplied by)\s+"
_NUMBER = re.compile(rf"\d+|{_NUMERAL}")
_SUM = re.compile(rf"(?:\d|{_NUMERAL})({_OPERATOR})(?:\d|{_NUMERAL})")
_WHOLE_SUM = re.compile(
    r"(?:(?:what(?:'s| is)|calculate|compute|evaluate|how much is)\s)?[\d\s.]+([-+*/x])[-+*/x\d\s.=?]+"
)
_SIGNS = {
    "+": "#add",
    "plus": "#add",
    "-": "#subtract",
    "minus": "#subtract",
    "*": "#multiply",
    "x": "#multiply",
    "\u00d7": "#multiply",
    "times": "#multiply",
    "multiplied by": "#multiply",
    "/": "#divide",
    "\u00f7": "#divide",
    "divided by": "#divide",
}
_THANKS = re.compile(r"\s*(?:many thanks|thanks|thank you)(?: (?:so|very) much| a lot)?(?: for [^?.!,;\n]*)?[\s.!]*")
_THEORY = re.compile(
    r"\b(?:explain|define|difference between|history of|what (?:is|are) an? |what does .{1,30} mean"
    r"|how (?:do|does) .{1,40} work\b)"
)
_WRITING = re.compile(
    r"\b(?:re)?(?:write|compose|draft|tell|create|generate|give|make up|sing)\b[^.?!\n]{0,40}?"
    r"\b(poem|haiku|limerick|story|joke|song|essay|article|blog|slogan|code|function|script|program)\b"
)
_NOTHING = _Asked(frozenset(), frozenset(), 0, 0.0, frozenset())
