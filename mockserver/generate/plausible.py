"""Strings that look right for a property: by its name, its format, and what the user said.

A model that is asked for the weather in Paris calls the tool with "Paris"; so does this, with no more than
a table of names and the capitalised words, numbers, addresses and quotations of the last user message.
"""

from collections.abc import Callable
from typing import NamedTuple

from mockserver.draw import Draw
from mockserver.values import remembered

_HEARD = 4_000
"""How much of a message is looked at, in characters."""
_ECHOED = 300
_MARKS = ".,;:!?\"'()[]{}<>`*\u2026\u201c\u201d\u2018\u2019"
_PAUSES = (".", ",", ";", ":", "!", "?", ")")
_STOPS = (".", "!", "?", ":")


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_BEFORE_PLACES = _set("in to from at near around via visit for of")
_BEFORE_PEOPLE = _set("for with by am is name named called contact invite tell ask to from and")
_NOT_NAMES = _set(
    """i i'm i'd i'll i've please what when where who how which the a an monday tuesday wednesday thursday
    friday saturday sunday january february march april may june july august september october november
    december"""
)

_FIRST_NAMES = ("Maya", "Liam", "Amara", "Noah", "Sofia", "Kenji", "Elena", "Omar")
_LAST_NAMES = ("Bennett", "Okafor", "Rossi", "Tanaka", "Silva", "Novak", "Haddad", "Larsen")
_CITIES = ("Lisbon", "Toronto", "Osaka", "Nairobi", "Prague", "Austin", "Lima", "Oslo")
_COUNTRIES = ("Portugal", "Canada", "Japan", "Kenya", "Czechia", "Peru", "Norway", "Brazil")
_SENTENCES = (
    "A short note that says what matters.",
    "The plan is simple and fits on one page.",
    "Everything works as it was agreed last week.",
    "This covers the main points in a few words.",
)
_TITLES = (
    "Weekly review",
    "Project kickoff",
    "Release notes",
    "Team lunch",
    "Quarterly report",
    "Garden plan",
)
_WORDS = ("alpha", "maple", "river", "copper", "meadow", "signal", "harbor", "lantern")


class _Kind(NamedTuple):
    """What a name stands for: the part of the message that may be used, and values to choose from."""

    source: str
    values: tuple[str, ...]


def _kinds() -> dict[str, _Kind]:
    rows: tuple[tuple[str, str, tuple[str, ...]], ...] = (
        (
            "city town location place destination origin departure arrival region venue where",
            "place",
            _CITIES,
        ),
        ("country nation", "place", _COUNTRIES),
        ("state province", "place", ("Ontario", "Texas", "Bavaria", "Queensland")),
        (
            "person author user customer owner assignee recipient sender attendee contact fullname artist",
            "person",
            tuple(f"{first} {last}" for first, last in zip(_FIRST_NAMES, _LAST_NAMES, strict=True)),
        ),
        ("name", "name", tuple(f"{a} {b}" for a, b in zip(_FIRST_NAMES, _LAST_NAMES, strict=True))),
        ("firstname forename nickname", "person", _FIRST_NAMES),
        ("lastname surname", "", _LAST_NAMES),
        ("username login handle", "", ("maya.b", "noah42", "kenji_t", "elena-n")),
        ("title subject heading headline topic summary label task event", "quote", _TITLES),
        (
            "description text content body note notes comment reason explanation reasoning message answer"
            " response bio details rationale caption feedback output",
            "quote",
            _SENTENCES,
        ),
        ("query question prompt search input keywords request", "all", ("how to plan a small garden",)),
        ("address street", "", ("12 Harbor Street", "48 Maple Avenue", "7 Mill Lane")),
        ("zip zipcode postcode postal", "", ("10117", "94107", "75004", "20095")),
        ("phone telephone mobile fax", "phone", ("+1-202-555-0143", "+1-202-555-0178", "+1-202-555-0126")),
        (
            "company organization organisation employer brand vendor",
            "person",
            ("Northwind", "Acme", "Bluebird Labs"),
        ),
        ("product item", "quote", ("desk lamp", "travel mug", "notebook", "wool scarf")),
        ("category type kind genre group", "", ("general", "travel", "food", "books")),
        ("tag keyword", "", ("planning", "travel", "budget", "garden", "music")),
        ("status state_of", "", ("active", "pending", "done")),
        ("color colour", "", ("blue", "green", "amber", "violet")),
        ("language", "", ("English", "Portuguese", "Japanese")),
        ("locale", "", ("en-US", "pt-PT", "ja-JP")),
        ("currency", "", ("EUR", "USD", "JPY")),
        ("unit units", "", ("celsius", "metric")),
        ("timezone tz", "", ("Europe/Lisbon", "America/Toronto", "Asia/Tokyo")),
        ("job role occupation position profession", "", ("engineer", "editor", "designer", "teacher")),
        ("gender sex", "", ("female", "male")),
        ("password secret", "", ("Maple-River-42", "Copper-Lantern-7")),
        ("file filename", "", ("notes.txt", "report.pdf", "photo.jpg")),
        ("path folder directory", "", ("docs/notes.txt", "src/main.py")),
        ("code", "", ("A-1042", "B-2210", "C-7731")),
        ("sql", "", ("SELECT 1",)),
        ("command cmd", "", ("ls -l", "pwd")),
        ("expression formula equation", "all", ("2 + 2",)),
        ("symbol ticker", "", ("ACME", "NWND")),
        ("version", "", ("1.4.2", "2.0.0")),
        ("step action instruction", "", _SENTENCES),
        ("ingredient", "", ("flour", "basil", "olive oil", "rice")),
        ("price amount cost total", "", ("19.99", "42.50", "7.25")),
        ("key", "", _WORDS),
    )
    return {word: _Kind(source, values) for words, source, values in rows for word in words.split()}


_KINDS = _kinds()
_DESCRIBED = frozenset(word for word, kind in _KINDS.items() if kind.source in ("place", "person", "all"))
"""Words that are telling in a description too."""

_FORMATS_BY_WORD = {
    "email": "email",
    "mail": "email",
    "url": "uri",
    "uri": "uri",
    "link": "uri",
    "website": "uri",
    "homepage": "uri",
    "date": "date",
    "birthday": "date",
    "deadline": "date",
    "day": "date",
    "time": "time",
    "datetime": "date-time",
    "timestamp": "date-time",
    "at": "date-time",
    "uuid": "uuid",
    "guid": "uuid",
    "hostname": "hostname",
    "host": "hostname",
    "domain": "hostname",
    "ip": "ipv4",
}


def _date(draw: Draw) -> str:
    return f"2025-{draw.between(1, 12):02}-{draw.between(1, 28):02}"


def _time(draw: Draw) -> str:
    return f"{draw.between(8, 19):02}:{draw.pick(('00', '15', '30', '45'))}:00"


def _uuid(draw: Draw) -> str:
    digits = draw.hexadecimal(30)
    return f"{digits[:8]}-{digits[8:12]}-4{digits[12:15]}-{draw.pick('89ab')}{digits[15:18]}-{digits[18:30]}"


def _email(draw: Draw) -> str:
    return f"{draw.pick(_FIRST_NAMES).lower()}.{draw.pick(_LAST_NAMES).lower()}@example.com"


_FORMATS: dict[str, Callable[[Draw], str]] = {
    "date": _date,
    "time": lambda draw: _time(draw) + "Z",
    "date-time": lambda draw: f"{_date(draw)}T{_time(draw)}Z",
    "duration": lambda draw: f"PT{draw.between(5, 55)}M",
    "email": _email,
    "idn-email": _email,
    "hostname": lambda draw: draw.pick(_WORDS) + ".example.com",
    "idn-hostname": lambda draw: draw.pick(_WORDS) + ".example.com",
    "ipv4": lambda draw: f"192.0.2.{draw.between(1, 254)}",
    "ipv6": lambda draw: f"2001:db8::{draw.between(1, 0xFFFF):x}",
    "uuid": _uuid,
    "uri": lambda draw: f"https://example.com/{draw.pick(_WORDS)}",
    "uri-reference": lambda draw: f"/{draw.pick(_WORDS)}",
    "iri": lambda draw: f"https://example.com/{draw.pick(_WORDS)}",
    "json-pointer": lambda draw: f"/{draw.pick(_WORDS)}",
    "regex": lambda draw: "^[a-z]+$",
    "json-string": lambda draw: "{}",
    "byte": lambda draw: "bWFwbGU=",
    "base64": lambda draw: "bWFwbGU=",
    "phone": lambda draw: f"+1-202-555-01{draw.between(10, 99)}",
}
for _name, _like in {
    "url": "uri",
    "datetime": "date-time",
    "iri-reference": "uri-reference",
    "uri-template": "uri",
    "ip": "ipv4",
    **{f"uuid{version}": "uuid" for version in "1345"},
}.items():
    _FORMATS[_name] = _FORMATS[_like]

_HEARD_FORMATS = {"email": "email", "uri": "uri", "url": "uri", "date": "date"}


class Hint:
    """What of a message can be used for values; every name and number is used once, in order."""

    __slots__ = ("_names", "_numbers", "_quotes", "_read", "addresses", "text", "words")

    def __init__(self, text: str) -> None:
        self.text = text[-_HEARD:]
        self._read = not text
        self._names: list[tuple[str, str]] = []
        self._numbers: list[float] = []
        self._quotes: list[str] = []
        self.addresses: dict[str, str] = {}
        self.words = " "

    def _prepare(self) -> None:
        if self._read:
            return
        self._read = True
        self._quotes = [part.strip() for part in self.text.split('"')[1:-1:2] if part.strip()]
        previous, running = "", False  # `running`: the next capitalised word goes on with the name before
        start = True
        said = []
        for raw in self.text.split():
            word = raw.strip(_MARKS).removesuffix("'s").removesuffix("\u2019s")
            said.append(word.lower())
            named = word[:1].isupper() and word.lower() not in _NOT_NAMES and not start
            if named and running:
                before, name = self._names[-1]
                self._names[-1] = (before, f"{name} {word}")
            elif named:
                self._names.append((previous, word))
            else:
                self._note(word)
            running = named and not raw.endswith(_PAUSES)
            start = raw.endswith(_STOPS)
            previous = word.lower()
        self.words = f" {' '.join(said)} "

    def _note(self, word: str) -> None:
        """Keep a number or an address."""
        if word[:1].isdecimal() or word[1:2].isdecimal():
            number = _number(word.lstrip("$€£#").rstrip("%€"))
            if number is not None:
                self._numbers.append(number)
            elif len(word) == 10 and word[4] == word[7] == "-" and word.replace("-", "").isdecimal():
                self.addresses.setdefault("date", word)
        if "@" in word[1:] and "." in word:
            self.addresses.setdefault("email", word)
        elif word.startswith(("http://", "https://")):
            self.addresses.setdefault("uri", word)

    def mentions(self, phrase: str) -> bool:
        """Whether the message has these words in it; case and underscores do not matter."""
        self._prepare()
        return bool(phrase) and f" {phrase.lower().replace('_', ' ')} " in self.words

    def address(self, kind: str) -> str:
        """The e-mail address, `uri` or `date` of the message, or nothing."""
        self._prepare()
        return self.addresses.get(kind, "")

    def number(self, fits: Callable[[float], bool]) -> float | None:
        """The first unused number that fits."""
        self._prepare()
        for index, number in enumerate(self._numbers):
            if fits(number):
                return self._numbers.pop(index)
        return None

    def words_for(self, source: str) -> str:
        """The part of the message that suits a kind of property, or nothing."""
        self._prepare()
        if source == "all":
            return " ".join(self.text.split())[:_ECHOED].rstrip()
        if source in ("quote", "name") and self._quotes:
            return self._quotes.pop(0)[:_ECHOED]
        wanted = {"place": _BEFORE_PLACES, "person": _BEFORE_PEOPLE, "name": _BEFORE_PEOPLE}.get(source)
        if wanted is None:
            return ""
        for index, (before, name) in enumerate(self._names):
            if before in wanted:
                del self._names[index]
                return name
        return self._names.pop(0)[1] if self._names and source == "place" else ""


def _number(text: str) -> float | None:
    """The number a word is, an integer where it is written as one."""
    digits = text.replace(",", "") if "," in text else text
    unsigned = digits.removeprefix("-")
    whole, dot, decimals = unsigned.partition(".")
    if len(unsigned) > 15 or not (whole.isascii() and whole.isdecimal()):
        return None
    if not dot:
        return int(digits)
    return float(digits) if decimals.isascii() and decimals.isdecimal() else None


@remembered(1_024)
def words_of(name: str) -> tuple[str, ...]:
    """The words of a property's name, lower case: `userEmail`, `user_email` and `user-email` are the same."""
    spaced = []
    small = False
    for character in name[:100]:
        if small and character.isupper():
            spaced.append(" ")
        small = not character.isupper()
        spaced.append(character.lower() if character.isalnum() else " ")
    return tuple("".join(spaced).split())


def singular(words: tuple[str, ...]) -> tuple[str, ...]:
    """The name of one of many: ("home", "cities") is ("home", "city")."""
    last = words[-1] if words else ""
    if last.endswith("ies"):
        return (*words[:-1], last[:-3] + "y")
    return (*words[:-1], last[:-1]) if last.endswith("s") and not last.endswith("ss") else words


def format_for(name: str, draw: Draw, hint: Hint) -> str | None:
    """A string of a `format` (the draft's and those of common libraries); None for a format not known."""
    heard = hint.address(_HEARD_FORMATS[name]) if hint.text and name in _HEARD_FORMATS else ""
    write = _FORMATS.get(name)
    return heard or (write(draw) if write is not None else None)


def text_for(words: tuple[str, ...], description: object, draw: Draw, hint: Hint) -> str:
    """A string for a property whose name has those words."""
    last = words[-1] if words else ""
    kind = _KINDS.get("".join(words)) or _KINDS.get(last)
    if kind is None and last in _FORMATS_BY_WORD:
        return format_for(_FORMATS_BY_WORD[last], draw, hint) or ""
    if kind is None and last in ("id", "ids", "identifier", "token"):
        return f"{words[0]}_{draw.alphanumeric(8)}" if len(words) > 1 else draw.alphanumeric(12)
    if kind is None:
        kind = _described(description) or _KINDS.get(words[0] if words else "")
    if kind is None:
        return draw.pick(_WORDS)
    return (hint.words_for(kind.source) if kind.source and hint.text else "") or draw.pick(kind.values)


def _described(description: object) -> _Kind | None:
    """The kind that a description names, if it does in its first words."""
    if not isinstance(description, str):
        return None
    for word in description[:200].lower().split():
        bare = word.strip(_MARKS)
        if bare in _DESCRIBED:
            return _KINDS[bare]
    return None


def sized(text: str, shortest: int, longest: int, draw: Draw) -> str:
    """The text, cut or continued with sentences to have between `shortest` and `longest` characters."""
    if len(text) < shortest:
        more = " ".join([draw.pick(_SENTENCES) for _ in range(4)]) + " "
        text = f"{text} " + more * ((shortest - len(text)) // len(more) + 1)
        text = text[:shortest]
        return text[:-1] + "." if text.endswith(" ") else text
    if len(text) > longest:
        cut = text[: max(longest, 0)]
        return cut[:-1] + "." if cut.endswith(" ") else cut
    return text
