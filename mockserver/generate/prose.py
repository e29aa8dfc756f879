"""Plausible answer text without any configuration: what a helpful assistant might say.

The text is decided by the question and the draw alone. It mentions what the question is about, so that
answers to different questions differ, but it claims no facts: a mock knows none. Keys, passwords, links
and words that clients read as an error are never echoed. Only the ends of a long text are looked at.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from itertools import count
from typing import NamedTuple

from mockserver.draw import Draw

_END = 200
"""Characters looked at on either end of a text."""
_TOPIC = 40
"""Characters of the question an answer mentions at most."""
_QUOTE = 200
"""Characters of a tool's result an answer quotes at most."""
_PARSED = 2_000
"""Characters a tool's result may have to be read as JSON: what is longer is cut anyway."""


def answer(question: str, draw: Draw, *, words: int | None = None) -> str:
    """What an assistant might say to the last user message: three or four sentences, about 20 to 70 words.

    With `words` the text goes on in paragraphs, or stops early, at the end of the sentence that reaches
    that many words. The same question and draw give the same text.
    """
    kind, topic = _read(_ends(question))
    sentences = _compose(_KINDS[kind], topic, draw)
    return " ".join(sentences) if words is None else _fill(sentences, topic or "this", draw, words)


def after_tool(tool_name: str, result: str, draw: Draw) -> str:
    """A sentence that reports a tool's result: quoted whole if short, cut at about 200 characters if long.

    A JSON scalar, a flat object or a flat list is put into words. Control characters become spaces.
    """
    value = _parsed(result)
    said = _shortened(_clean(_phrased(value) if value is not _NOT_JSON else result[: 4 * _QUOTE]))
    name = _clean(tool_name[:64]) or "the tool"
    failed = said[:5].lower() == "error" or (isinstance(value, dict) and bool(value.get("error")))
    patterns = _NO_RESULTS if not said else _FAILURES if failed else _RESULTS
    end = "." if said and said[-1] not in ".!?\u2026" else ""
    return draw.pick(patterns).replace("{tool}", name) + said + end


def fim(prompt: str, draw: Draw) -> str:
    """A plain continuation of a prompt, about 20 to 60 words, for legacy completions.

    It begins with a space in mid-sentence or after a sentence, and with a newline after a line's end, a
    question, a colon or nothing at all. The prompt is not repeated.
    """
    last = prompt[-40:].rstrip(" ")[-1:]
    first, stride = draw.below(len(_TALES)), draw.between(1, 3)
    tale = " ".join(_TALES[(first + step * stride) % len(_TALES)] for step in range(draw.between(2, 3)))
    if last in _LINE_ENDS:
        return f"{_LINE_ENDS[last]}{tale}"
    return f" {tale}" if last in _SENTENCE_ENDS else f" {draw.pick(_CONTINUATIONS)} {tale}"


_LINE_ENDS = {"": "\n\n", "\n": "\n", "\r": "\n", ":": "\n\n", "?": "\n\n"}
"""What a continuation begins with after the end of a line."""
_SENTENCE_ENDS = '.!\u2026\u201d"'


# What the question is about -----------------------------------------------------------------------------

_CLAUSE = re.compile(r"[.!?;:,\n\r()](?<![.!?;:,](?=\S))")
"""The end of a clause: a mark before a space, a line's end or a bracket."""
_WIDE_MARKS = dict.fromkeys(map(ord, "\u2013\u2014\u2026\u3001\u3002\uff01\uff0c\uff1a\uff1b\uff1f"), "\n")
"""Dashes and the marks of East Asian scripts, which end a clause wherever they are."""
_WORD = r"{0}+(?:[-'\u2019.+/]{0}+)*(?:\+\+)?|[+=](?= ?\d)"
_PLAIN_WORD = re.compile(_WORD.format("[0-9A-Za-z]"))
# Anything but punctuation, markup, symbols, surrogates and private characters; unlike with \w, the vowel
# signs of Indian and Thai scripts stay.
_WIDE_LETTER = (
    r"[^\s\x00-/:-@\[-`{-\xa9\xab-\xb4\xb6-\xb9\xbb-\xbf\u2000-\u2bff\u3000-\u3004\u3008-\u3020\ud800-\uf8ff"
    r"\ufe00-\ufe4f\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\ufff0-\uffff\U0001f000-\U0001faff"
    r"\U000e0000-\U0010ffff]"
)
_SECRET = re.compile(
    r"[@\\<>]|://|=\S|[!-~]{25}"  # addresses, paths, markup, anything long in one piece
    r"|\b(?:sk|pk|rk|gh[a-z]|xox[a-z])[-_]|\b(?:AKIA|eyJ)\w"  # the usual beginnings of keys
    r"|^(?=.*\d)(?=.*[A-Za-z]).{12}",  # letters and digits mixed
    re.IGNORECASE,
)
_SECRET_WORDS = ("pass", "secret", "token", "key", "pin", "bearer")
_SECRET_PHRASE = re.compile(
    r"\b(?:pass(?:word|phrase|code|wd)|secret|token|key|pin|bearer)\b(?:\s*(?:is|was|[:=])\s*\S+|\s+\S*\d\S*)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d(?:[ .-]?\d){6,}")
"""Numbers of cards, accounts and telephones."""
_MISREAD = re.compile(
    r"rate\W*limit|429|context\W*(?:length|window)|time[\Wds]*out|quota|overloaded|unavailable", re.IGNORECASE
)
"""What clients and gateways look for in a text to tell an error."""


@cache
def _wide_word() -> re.Pattern[str]:
    """What is a word in any script; compiled when first needed, since that takes milliseconds."""
    return re.compile(_WORD.format(_WIDE_LETTER))


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_AUXILIARY = _set("""is are was were am do does did has have had can could should would will shall may might must""")
_POLITE = _set(
    """please kindly can could would will you i'd i'll i like want need to know so now ok okay and but
    then just hey"""
)
_LEAD = _AUXILIARY | _set(
    """how what what's whats who who's whose why when where where's which be been i i'm i've i'd we
    we're you he she it it's they there there's here this that these those me us him them to please
    kindly need want like love hate think know feel about on of for with by and or but so then also
    just tell give show let let's help explain describe define compare write compose draft create
    make generate list name suggest recommend translate summarise summarize rewrite reply respond
    repeat say says go not no yes if as at in from into much many long far often hot cold won wrote
    invented discovered following text article paragraph passage = +"""
)
"""Words that do not begin a topic."""
_BREAK = _AUXILIARY | _set(
    """that which who whose because when where if so but while please than then i i'm you we they it he
    she me us"""
)
"""Words that end one."""
_INNER_BREAK = _BREAK | _set(
    """in at on for with to from by into after before during use uses need needs work works mean means
    cost costs get gets make makes take takes like likes support supports go goes come comes live
    lives"""
)
"""Words that end the topic of a question about one thing: "cats purr at night" asks about cats."""
_TARGET = _set("to into in")
_DANGLING = _set(
    """a an the of and or in at on for with to from by about my your our his her its their as not = +
    above below it this that"""
)
_DETERMINER = _set("a an the my your our his her its their some any this that these those")
_FLIP = {"my": "your", "our": "your", "mine": "yours", "your": "my", "me": "you", "us": "you", "i": "you"}
_AMOUNT = _set("""much many long far often hot cold old big large tall high deep fast heavy expensive soon""")
_DAYTIME = _set("morning afternoon evening day night")
_SELF = re.compile("^(?:who|how|what) are you|^what'?s up$|your name$")
_CODE = _set("""code function script program regex sql query class algorithm test tests bash python javascript""")

_LEADS = {
    word: kind
    for kind, leads in {
        "greeting": "hello hi hey hiya greetings howdy welcome hallo hola bonjour good",
        "thanks": "thanks thank thx cheers",
        "bye": "bye goodbye farewell",
        "explain": "what what's whats how explain describe define compare",
        "why": "why",
        "find": "when where where's who who's whose which",
        "decide": " ".join(_AUXILIARY),
        "write": "write compose draft create make generate rewrite tell",
        "statement": "help",
        "list": "list name suggest recommend give show brainstorm",
        "translate": "translate",
        "summarise": "summarise summarize shorten tldr condense",
        "code": "code implement debug refactor fix program",
    }.items()
    for word in leads.split()
}
"""What the first word of a message asks for."""
_SMALL_TALK = _set("greeting thanks bye self")
_VAGUE = _SMALL_TALK | {"statement"}
"""Kinds that give way to what another clause asks for."""
_ONE_THING = _set("why find decide amount")


def _ends(text: str) -> str:
    """Both ends of a long text; a word that is cut goes, since half a key does not look like one."""
    if len(text) <= 2 * _END:
        return text
    head, tail = text[:_END], text[-_END:]
    return f"{head.rpartition(' ')[0] or head}\n{tail.partition(' ')[2] or tail}"


def _read(text: str) -> tuple[str, str]:
    """The kind of a message and its topic ("" if none), by its first clauses and its last ones."""
    asks = "?" in text or "\uff1f" in text
    text = _redacted(text)
    word = _PLAIN_WORD
    if not text.isascii():
        text, word = text.translate(_WIDE_MARKS), _wide_word()
    parts = [part for part in _CLAUSE.split(text) if part and not part.isspace()]
    clauses = [words for part in (*parts[:3], *parts[3:][-2:]) if (words := word.findall(part))]
    if not clauses:
        return ("statement" if parts else "empty"), ""
    kind, words = _kind(clauses[0])
    for clause in clauses[1:]:
        if kind not in _VAGUE:
            break
        other, rest = _kind(clause)
        if other not in _VAGUE or (kind in _SMALL_TALK and other == "statement"):
            kind, words = other, rest
    if kind in _SMALL_TALK:
        return kind, ""
    topic = _topic(words, kind) or next(filter(None, (_topic(clause, "statement") for clause in clauses)), "")
    return ("explain" if kind == "statement" and asks else kind), topic


def _redacted(text: str) -> str:
    """The text without what looks like a key, a password, a number of a card, a link or markup."""
    for chunk in text.split():
        plain = len(chunk) < 25 and (chunk.isalpha() or chunk[:-1].isalpha())
        if not plain and _SECRET.search(chunk):
            text = text.replace(chunk, "\n")
    low = text.lower()
    if any(word in low for word in _SECRET_WORDS):
        text = _SECRET_PHRASE.sub("\n", text)
    return _NUMBER.sub("\n", text)


def _kind(words: list[str]) -> tuple[str, list[str]]:
    """The kind of a clause by its first words, and the clause without its polite beginning."""
    low = [word.lower().replace("\u2019", "'") for word in words]
    if low[0][:1] in "hw" and _SELF.search(" ".join(low[:6])):
        return "self", words
    start = next((place for place, word in enumerate(low) if word not in _POLITE), 0)
    kind = _LEADS.get(low[start], "")
    if not kind or (start and kind in _SMALL_TALK):
        start, kind = 0, _LEADS.get(low[0], "statement")
    words, low = words[start:], low[start:]
    match kind, low[1:3]:
        case "greeting", [next_word, *_] if low[0] == "good" and next_word not in _DAYTIME:
            kind = "statement"
        case "explain", ["to", _] if low[0] == "how":
            kind, words = "task", words[2:]
        case "explain", [_, "i" | "we" | "you" | "one"] if low[0] == "how":
            kind, words = "task", words[3:]
        case "explain", [amount, *_] if low[0] == "how" and amount in _AMOUNT:
            kind = "amount"
        case "list" | "write", _ if low[0] in ("tell", "give", "show") and "about" in low:
            kind = "explain"
        case "write", _ if not _CODE.isdisjoint(low):
            kind = "code"
    return kind, words


def _topic(words: list[str], kind: str) -> str:
    """A short phrase of the clause: what is left without the question's own words."""
    low = [word.lower() for word in words]
    start = low.index("about") + 1 if "about" in low and kind != "translate" else 0
    while start < len(words) and low[start] in _LEAD:
        start += 1
    stop = _INNER_BREAK if kind in _ONE_THING else _TARGET if kind == "translate" else _BREAK
    taken: list[str] = []
    room = _TOPIC + 1
    for place in range(start, len(words)):
        if taken and low[place] in stop:
            break
        word = _FLIP.get(low[place], words[place])
        room -= len(word) + 1
        if room < 0 and taken:
            break
        if not (low[place] == "like" and kind == "explain"):  # "what is the weather like in Paris"
            taken.append(word)
    if kind in _ONE_THING and not _AUXILIARY.isdisjoint(low[:2]) and _ends_in_verb(taken):
        taken.pop()
    while taken and taken[-1].lower() in _DANGLING:
        taken.pop()
    topic = " ".join(taken)[:_TOPIC]
    numbers = " " in topic and topic.replace(" ", "").isdigit()
    return topic if topic.isprintable() and not numbers and not _MISREAD.search(topic) else ""


def _ends_in_verb(words: list[str]) -> bool:
    """Whether the last word is likely a verb or an adjective: "the sky blue", "cats purr"."""
    named = sum(word.lower() not in _DETERMINER for word in words)
    return named > 1 and words[-1].islower() and "of" not in words


# Sentences ----------------------------------------------------------------------------------------------


class _Patterns(NamedTuple):
    """What an answer of one kind begins with, goes on with and ends with; {} is the topic."""

    openers: tuple[str, ...]
    middles: tuple[str, ...]
    closers: tuple[str, ...]
    unnamed: str = "this"
    """What stands for the topic when the question names none."""


def _compose(patterns: _Patterns, topic: str, draw: Draw) -> list[str]:
    """An opener, one or two middles and mostly a closer: three or four sentences."""
    openers, middles, closers, unnamed = patterns
    first = draw.below(len(middles))
    sentences = [draw.pick(openers).replace("{}", topic or unnamed), middles[first]]
    longer = draw.below(2)
    if longer:
        sentences.append(middles[(first + draw.between(1, len(middles) - 1)) % len(middles)])
    if not longer or draw.below(4):
        sentences.append(draw.pick(closers))
    return sentences


def _fill(sentences: list[str], topic: str, draw: Draw, words: int) -> str:
    """The sentences and then paragraphs of four more each, until there are `words` words."""
    pieces: list[str] = []
    for piece, length in _endless(sentences, topic, draw):
        pieces.append(piece)
        words -= length
        if words <= 0:
            break
    return "".join(pieces)


def _endless(sentences: list[str], topic: str, draw: Draw) -> Iterator[tuple[str, int]]:
    """Sentences with the space before each, and their number of words."""
    for index, sentence in enumerate(sentences):
        yield (f" {sentence}" if index else sentence), len(sentence.split())
    fillers = [(text := filler.replace("{}", topic), len(text.split())) for filler in _FILLERS]
    index = stride = 0
    for number in count():
        if number % len(fillers) == 0:  # each round has all of them, in another order
            index, stride = draw.below(len(fillers)), draw.between(1, len(fillers) - 1)
        index = (index + stride) % len(fillers)
        text, length = fillers[index]
        yield (f" {text}" if number % 4 else f"\n\n{text}"), length


_CLOSERS = (
    "Tell me which part you would like to see in more detail.",
    "If you share a bit more context, I can be more specific.",
    "Let me know if you would like an example.",
    "I am happy to go deeper into any of these points.",
    "Would you like a shorter or a longer version?",
    "Feel free to ask about anything that is still unclear.",
)
_TALK = (
    "Would you like to start with a question or with a task?",
    "Take your time, and tell me as much or as little as you like.",
    "A sentence or two about your goal is enough to get started.",
)

_KINDS = {
    "explain": _Patterns(
        (
            "Here is a short overview of {}, starting with the basics.",
            "Let me go through the main points on {} in plain words.",
            "A good way into {} is to begin with the purpose.",
            "Let us look at {} one part at a time.",
            "There is a short and a long answer about {}, and I will begin with the short one.",
        ),
        (
            "It helps to separate what it is, how it works and where it is used.",
            "A small example often says more than a long definition.",
            "The details depend on the context, so treat this as a first orientation.",
            "Most questions become clear once the basic terms are agreed on.",
            "Start with the common case, and then look at the exceptions.",
        ),
        _CLOSERS,
    ),
    "amount": _Patterns(
        (
            "The answer about {} depends on a few things, so let us take them in turn.",
            "To get a good figure for {}, it is best to measure rather than guess.",
            "Let us look at {} step by step and see what matters most.",
        ),
        (
            "The usual approach is to fix the conditions first and change one thing at a time.",
            "Note where each number comes from, so that you can check it again later.",
            "A rough estimate is often enough to decide what to do next.",
        ),
        _CLOSERS,
    ),
    "task": _Patterns(
        (
            "To {}, begin with a clear idea of the result you want.",
            "A good way to {} is to go in small steps and check each one.",
            "If you want to {}, gather what you need first and then work through it in order.",
            "There is more than one way to {}, and the simplest is often good enough.",
        ),
        (
            "Try it once on a small scale, and note what did not go as expected.",
            "Keep the first attempt simple, because it is easier to add than to take away.",
            "When a step fails, go back to the last point that worked and change one thing.",
            "Leave some time at the end to look over the result with fresh eyes.",
        ),
        _CLOSERS,
        "do that",
    ),
    "why": _Patterns(
        (
            "There are usually several reasons behind a question about {}, and they work together.",
            "The reasons are easier to see when you look at {} from the outside first.",
            "With {}, it is worth asking what would happen if it were otherwise.",
        ),
        (
            "One part is how things came about, and another is why they have stayed that way.",
            "Causes and effects are easily mixed up here, so it pays to go slowly.",
            "A comparison with a similar case often shows which reason counts the most.",
        ),
        _CLOSERS,
    ),
    "find": _Patterns(
        (
            "For a question about {}, the best source is one that is kept up to date.",
            "Let me help you narrow down what you want to know about {}.",
            "With {}, the exact answer depends on what you mean and on when you ask.",
        ),
        (
            "Check the date of what you read, because such details change.",
            "Two sources that do not depend on each other are better than one.",
            "If several answers seem possible, write down what speaks for each of them.",
        ),
        _CLOSERS,
    ),
    "decide": _Patterns(
        (
            "It depends on the circumstances, but here is a way to think about {}.",
            "The short answer about {} is that it depends, and the longer one is more useful.",
            "Let us weigh what speaks for and against when it comes to {}.",
        ),
        (
            "Begin with what you already know for sure, and then list what is open.",
            "In most cases one or two conditions decide, and the rest matters little.",
            "If the cost of being wrong is small, it is fine simply to try.",
        ),
        _CLOSERS,
    ),
    "write": _Patterns(
        (
            "Here is a first draft with {} in mind, short and easy to change.",
            "With {} in mind, I have kept this version simple, so that you can make it your own.",
            "Here is an idea for you to build on, with {} at its heart.",
        ),
        (
            "It opens with a quiet picture, grows line by line, and ends on a warm note.",
            "The tone is friendly and clear, with one thought to each sentence.",
            "It begins with the most important point and leaves the details for later.",
        ),
        (
            "Tell me if you would like a different tone or length.",
            "I can make it more formal, more playful or shorter if you like.",
            "Let me know who will read it, and I will adjust the words.",
        ),
    ),
    "list": _Patterns(
        (
            "Here are a few ideas about {}, in no special order.",
            "Here is a short selection to start with for {}.",
            "Let me suggest a few points on {}.",
        ),
        (
            "First, something simple; second, something useful; third, something new.",
            "The first is the safe choice, the second saves time, and the third is the most fun.",
            "Begin with the one you like best, and keep the others for later.",
        ),
        (
            "Tell me which of them fits, and I will add more of that kind.",
            "I can make the list longer or put it in a different order.",
            "If you tell me what matters to you, I can choose better.",
        ),
    ),
    "translate": _Patterns(
        (
            "Here is how I would approach the translation of “{}”.",
            "For “{}”, a natural translation follows the meaning rather than each word.",
            "The best wording for “{}” depends on who is being addressed.",
        ),
        (
            "Between friends a relaxed form is right, and in a letter a polite one.",
            "Some words have no exact partner, so the closest common phrase is the better choice.",
            "Read it aloud at the end, because the ear notices what the eye does not.",
        ),
        _CLOSERS,
    ),
    "summarise": _Patterns(
        (
            "In short, the text is about {} and why it matters to the reader.",
            "Here is a brief summary, with {} as the main subject.",
            "The main point can be put in a few words, and it concerns {}.",
        ),
        (
            "It first sets out the background, then describes what is new, and ends with what follows.",
            "The details support one central idea, which returns at the end.",
            "What remains open is named clearly, and the next steps are left to the reader.",
        ),
        _CLOSERS,
        "one subject",
    ),
    "code": _Patterns(
        (
            "Here is an outline for {} that you can turn into code.",
            "For {}, I would begin with one small function and a test for it.",
            "Let us plan {} before we write the first line.",
        ),
        (
            "Read the input, check it early, do the work in one place, and return the result.",
            "Handle the empty case first, because it is the one that is most often forgotten.",
            "Keep the names plain and the functions short, so that the next reader follows at once.",
            "Add a test for each mistake you find, and the same one will not come back.",
        ),
        (
            "Tell me which language and version you use, and I will be more specific.",
            "If you show me the error or the current code, I can look at it more closely.",
            "I can add comments or more tests if you like.",
        ),
    ),
    "statement": _Patterns(
        (
            "Thank you for telling me about {}.",
            "I see, and I would like to hear more about {}.",
            "That is good to know, and with {} we have a fine place to start.",
            "Let us take a closer look at {} together.",
        ),
        (
            "It often helps to say what you would like to change and what should stay as it is.",
            "From here we could look at the background, at your options or at the next step.",
            "There is no need to settle everything at once, so one small step is enough for now.",
        ),
        _CLOSERS,
    ),
    "greeting": _Patterns(
        (
            "Hello, how can I help you today?",
            "Hi there, it is good to hear from you!",
            "Hello and welcome, what is on your mind?",
            "Hi, I am here and ready to help.",
        ),
        (
            "You can ask me a question, or give me a text to work on.",
            "Tell me what you are working on, and I will do my best to help.",
            "I can explain things, draft texts, go through code or think along with you.",
        ),
        _TALK,
    ),
    "thanks": _Patterns(
        ("You are welcome!", "It was my pleasure.", "I am glad that I could help."),
        (
            "If anything else comes up, just ask, and we can pick up where we left off.",
            "I hope that the rest goes just as well, and that it saves you some time.",
        ),
        (
            "Have a good day, and come back whenever you like.",
            "I am here if you need a second look at anything.",
        ),
    ),
    "bye": _Patterns(
        ("Goodbye, and take care!", "See you soon!", "Bye for now, and thank you for the talk!"),
        (
            "It was nice talking to you, and I wish you a very good day.",
            "I hope that our conversation was useful to you and that all goes well.",
        ),
        (
            "Come back whenever you have another question or a new task.",
            "I am here whenever you need me again, so do not hesitate to ask.",
        ),
    ),
    "self": _Patterns(
        (
            "I am an assistant, here and ready to help.",
            "I am doing well, thank you, and I am here to assist you.",
            "I am an assistant that answers questions and helps with texts.",
        ),
        (
            "You can ask me to explain, to draft, to sort ideas or to look over code.",
            "I do my best to be clear, and I say so when I am not sure.",
        ),
        _TALK,
    ),
    "empty": _Patterns(
        (
            "It looks as if your message was empty.",
            "I did not receive any text this time.",
            "There was nothing that I could read in your last message.",
        ),
        (
            "Please write what you would like to know or do, and I will get started.",
            "You can send me a question, a text or a piece of code whenever you are ready.",
        ),
        _TALK,
    ),
}

_FILLERS = (
    "There is more to say about {}, and it is worth taking the time.",
    "Coming back to {}, the order of the steps matters less than doing each of them well.",
    "A plan that fits on one page is read more often than one that fills a book.",
    "What looks like a detail at first can turn out to be the heart of the matter.",
    "It is a good habit to write down what you expect before you look at the result.",
    "Some people begin with the whole and move to the parts, and others do the opposite.",
    "Both ways are fine as long as the two views meet in the end.",
    "Small improvements add up when they are made day after day.",
    "A second opinion is helpful, above all when everything seems to be clear.",
    "If a rule has many exceptions, there may be a simpler rule behind it.",
    "The best questions are often the ones that sound too simple to ask.",
    "It is easier to compare two real examples than two general ideas.",
    "Good notes are a gift to the person you will be in a few months.",
    "When time is short, do the part that others are waiting for first.",
    "Where opinions differ, look for the point up to which everyone agrees.",
    "A short break can do more for a hard problem than another hour of work.",
    "Whatever you choose, leave a way back, so that a wrong turn costs little.",
    "The words we use shape what we notice, so they deserve some care.",
    "It helps to explain the matter to someone who has never heard of it.",
    "Every step should leave things a little clearer than they were before.",
    "With regard to {}, it is useful to keep the aim in sight.",
    "What is written down once does not have to be remembered every day.",
    "In the end, what counts is whether the result does what it is meant to do.",
)

_RESULTS = (
    "Here is what I found: ",
    "This is the result: ",
    "I looked it up for you: ",
    "I used {tool}, and this is what came back: ",
    "According to {tool}: ",
    "The answer from {tool} is: ",
)
_FAILURES = (
    "That did not work, and {tool} gave this reason: ",
    "I could not complete this with {tool}: ",
    "There was a problem: ",
)
_NO_RESULTS = (
    "I used {tool}, and it gave no result.",
    "That is done: {tool} came back without any text.",
    "The answer from {tool} was empty, so there is nothing more to report.",
)

_CONTINUATIONS = (
    "and for a while that was all there was to say.",
    "and, as so often, the rest followed almost by itself.",
    "with a little more patience than anyone had expected.",
    "as it had been planned from the very beginning.",
    "and nobody was surprised when it turned out well.",
    "but that was only the first part of it.",
)
_TALES = (
    "The morning was quiet, and the light came slowly through the window.",
    "There was still a lot to do, but none of it had to be done at once.",
    "After a short pause they went on, one step at a time.",
    "It was a simple idea, and perhaps that is why it worked.",
    "Nobody could say exactly when it had begun, only that it had.",
    "In the evening they sat together and talked about what came next.",
    "Some of it was written down, and the rest was kept in mind.",
    "The first attempt was not perfect, but it showed the way.",
    "Later they would remember this as the moment when things changed.",
    "Everyone had a different view of it, and all of them were partly right.",
)


# Results of tools ---------------------------------------------------------------------------------------

_NOT_JSON = object()
_UNSAFE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028-\u202e\u2066-\u2069\ufeff]+")


def _parsed(result: str) -> object:
    """The JSON value of a short result, or `_NOT_JSON`. Numbers stay as they were written."""
    if len(result) > _PARSED:
        return _NOT_JSON
    try:
        value: object = json.loads(result, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        return _NOT_JSON
    nested = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return _NOT_JSON if any(isinstance(item, dict | list) for item in nested) else value


def _phrased(value: object) -> str:
    """A scalar, a flat object or a flat list in words; "" for null and what is empty."""
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_spelled(item)}" for key, item in value.items())
    if isinstance(value, list):
        return ", ".join(map(_spelled, value))
    return "" if value is None else _spelled(value)


def _spelled(value: object) -> str:
    return "none" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _clean(text: str) -> str:
    """The text on one line, without control characters and half characters."""
    return _UNSAFE.sub(" ", text).strip()


def _shortened(text: str) -> str:
    """The text, cut at the end of a word if it is too long."""
    if len(text) <= _QUOTE:
        return text
    head, space, _ = text[:_QUOTE].rpartition(" ")
    return f"{head if len(head) > _QUOTE // 2 and space else text[:_QUOTE]}…"
