"""Embeddings: a text becomes a vector of length 1, the same on every machine, near to those of similar texts.

Each feature of the text (its words, their pieces, what they mean) hashes to a pattern of bits, and the bits
of the vector are the weighted majority of the patterns (SimHash). A bit is the sign of a component; vectors
of one size share the magnitudes: their length is 1 whatever the signs, and the decimals are prepared once.
Only integers, correctly rounded division and square root are used, as the last bit of `sin` or `log` differs
between machines. (Letters that Unicode gained after Python 3.11 may be folded differently by later versions.)
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import shake_128
from itertools import pairwise
from math import isfinite, sqrt
from struct import pack, unpack
from typing import NamedTuple

_STOP_WORDS = frozenset(
    """
    a about after all also am an and any are as at be been before being both but by can could d did do
    does doing don down during each few for from get give gives giving got had has have having he her
    here hers him his how i if in into is isn it its just let ll m made make makes making many may me
    might more most much must my need no nor not now of off on once one only or other our ours out over
    own please re s same shall she should so some such t tell than that the their theirs them then there
    these they this those through to too under until up upon us ve very want was we were what when where
    which while who whom whose why will with without would you your yours
    aber als auf aus bei bin bist das dass dem den der des die dir du ein eine einem einen einer eines
    er es fur habe haben ich ihr im ist kann kannst mein meine meinem meinen mich mir mit nach nicht
    noch oder sich sie sind uber um und uns unser von wenn wer wie wir wird wo zu zum zur
    au aux avec c ce ces cette comment dans de elle en est et il ils j je l la le les leur ma mais mes
    mon n ne nous ou par pas peut peux qu que quel quelle quelles quels qui sa se ses sont sur ta te tes
    tu un une vos votre vous y
    al como con cual del donde el ella esta este las lo los mas mi mis nos o para pero por puedo si su
    sus tus una unas uno unos yo
    """.split()  # noqa: SIM905 (a thousand quotes would hide the words)
)
"""Of English (and what is left of "don't" and "we'll"), German, French and Spanish, without accents."""

_MEANINGS = """\
able capable possible / angry furious mad upset / answer reply respond response / ai artificial intelligence
learning machine neural robot / baby infant newborn toddler / bad awful horrible poor terrible worst /
beautiful attractive gorgeous lovely pretty / begin commence launch start / big enormous giant huge large
massive / bike bicycle cycle / boat ship vessel / brave bold courageous fearless / buy order purchase shop /
call contact phone telephone / cancel abort close shut end stop terminate unsubscribe / capital city town /
car auto automobile vehicle / cat feline kitten kitty / change adjust alter edit modify switch update /
cheap affordable budget inexpensive / child boy girl kid / choose pick select / clothes apparel clothing
garment / cold chilly cool freezing / company business corporation enterprise firm / computer laptop
notebook pc / cook bake cooking recipe / correct accurate right / cost charge fee price / country nation
state / create build construct generate / delete erase remove / deliver delivery dispatch ship shipping /
discount coupon deal sale / doctor clinician medic physician / dog canine hound pup puppy / pet cat dog /
drink beverage / drive driving ride / early earliest first / earn gain income salary wage / easy effortless
simple straightforward / eat dine dining food meal / email mail message / employee staff worker / error
broken bug crash crashed defect failed failure fault issue problem / exam quiz test / explain clarify
describe / expensive costly pricey / fast hasty quick rapid speedy swift / film cinema movie / find discover
locate / fix maintenance mend repair solve / flat apartment home house residence / fly flight plane airplane
aircraft / forest tree wood / funny amusing hilarious humorous / garden backyard lawn yard / gift present /
good excellent fantastic fine great nice superb terrific wonderful / happy cheerful content delighted glad
joyful pleased / hard challenging difficult tough / help aid assist assistance support / holiday trip travel
vacation journey / hospital clinic / hot warm heat / hotel accommodation hostel lodging / hurt ache pain
painful / hungry starving / idea concept notion / important crucial essential key vital / improve better
enhance / increase climb grow raise rise / decrease decline drop fall reduce shrink / job career employment
occupation work / jump hop leap / king monarch queen royal ruler / law legal legislation / lawyer attorney /
learn study studying / like adore enjoy love / login account credential log logon password signin / look see
view watch / man gentleman guy male men / woman female lady women / manual guide instruction tutorial / mat
carpet rug / meeting appointment conference / money cash currency funds / mountain hill peak summit / music
melody song tune / new latest modern recent / nearby close near / often frequently / old aged ancient
elderly / opening hours open / parcel package shipment / pay bill billing invoice payment / people human
person / picture image photo photograph / program app application software / python code coding programming
/ question inquiry query / rain rainy storm / refund money reimburse reimbursement return / reset change
forget forgot forgotten lost recover recovery restore / rest lay lie rested sit sitting sat / restaurant
bistro cafe diner eatery / result outcome / road highway street / run jog sprint ran / sad depressed
miserable unhappy / safe secure security / say said speak talk told / school college university / sea ocean
/ shop market store supermarket / show display / sick disease ill illness / sleep asleep nap slumber / small
little mini tiny / smart clever intelligent / sofa couch / speed velocity / stock equity share / strong
powerful robust / sun sunlight sunny sunshine / teacher instructor professor tutor / tired exhausted sleepy
weary / train railway / trash garbage rubbish waste / true genuine real / try attempt / use usage used using
utilize / user client customer / wait delay late / weather climate forecast / win victory won / write author
wrote written / wrong incorrect mistake
"""
"""Words between two bars mean much the same; a word may be in several groups, the first in one."""

# Weights, each as a power of two; 0 is kept for the pattern that breaks ties.
_WHOLE, _STOP, _PAIR, _PIECE = 1, 1, 1, 1
_TOKEN, _NAMED, _CHARACTER, _WORD, _MEANING = 2, 2, 3, 3, 3

_SLICES, _SLICE = 16, 1024
"""A longer text is known by this many evenly spaced slices of so many characters, and by its hash."""

_STRETCH = 256
"""So many characters are normalised at a time."""

_LIMIT = 4096
"""About so many features of one text are looked at."""

_TOKENS = 2048
"""A longer list of tokens is known by its beginning and its hash."""

_ASCII_WORDS = re.compile("[0-9a-z]{1,40}")

# Written out because \w grows with each version of Unicode, and lacks the vowel signs of Indic scripts.
_GAPS = (
    "\0-/:-`{-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u00d7\u00f7\u060c\u061b\u061f\u0964\u0965"
    "\u2000-\u206f\u2e00-\u2e7f\u3000-\u3004\u3008-\u3020\u3030\ufe10-\ufe1f\ufe30-\ufe6f\ufeff\uff00-\uff65"
)
_SPACELESS = "\u3005"
"""From here on scripts put no spaces between words, or (Korean) join to them what English keeps apart."""

_FAINT = frozenset([*map(chr, range(0x3040, 0x30A0)), *"的了是在吗嗎呢吧么麼我你他她它們们这這那有和就都也很请請"])
"""Hiragana and Chinese function words say little."""

_ACCENTS = re.compile("[\u0300-\u036f]+")
_ENDING = re.compile(r"(?<=...)(?:ations?|ings?|ments?|edly|ed|ies|ied|es|ly|ions?|e|s|y)$")
_DOUBLED = re.compile(r"([b-df-hj-np-tv-z])\1")

_MINUS = bytes.maketrans(b"01", b"\0-")
_SIGN_BIT = bytes.maketrans(b"01", b"\0\x80")


class Vector(NamedTuple):
    """A vector of length 1: bit i of `bits`, counted from the lowest, is 1 where component i is negative."""

    bits: int
    size: int

    def floats(self) -> tuple[float, ...]:
        """The components; each is exactly a float32."""
        return unpack(f"<{self.size}f", self._packed())

    def json(self) -> str:
        """The components as a JSON array, each the shortest decimal that reads back to the same float32."""
        profile = _profile(self.size)
        slots = bytearray(profile.slots)
        slots[:: profile.width] = self._signs(_MINUS)[::-1]
        return "[" + slots.translate(None, b"\0").decode("ascii")

    def base64(self) -> str:
        """The components as little-endian float32 in base64, as for `encoding_format: base64`."""
        return b64encode(self._packed()).decode("ascii")

    def _signs(self, table: bytes) -> bytes:
        """One byte for each component, the last component first."""
        return f"{self.bits:0{self.size}b}".encode().translate(table)

    def _packed(self) -> bytearray:
        """The components as little-endian float32; the sign is the top bit of each one's last byte."""
        profile = _profile(self.size)
        packed = bytearray(profile.packed)
        signs = int.from_bytes(self._signs(_SIGN_BIT), "big")
        packed[3::4] = (signs | profile.tops).to_bytes(self.size, "little")
        return packed


def embed(text: str, size: int, seed: int | str = 0) -> Vector:
    """The vector of a text, with `size` components (1 or more).

    A smaller size is the beginning of a larger one, scaled to length 1. Vectors of other seeds are strangers;
    0 and "" are no seed.
    """
    return _majority(_features(text), size, seed)


def embed_tokens(ids: Sequence[int], size: int, seed: int | str = 0) -> Vector:
    """The vector of a list of token ids whose text is not known, with `size` components (1 or more)."""
    seen = ids[:_TOKENS]
    features = dict.fromkeys([f"token {one}" for one in seen], _TOKEN)
    features |= dict.fromkeys([f"pair {one} {two}" for one, two in pairwise(seen)], _PAIR)
    features["whole " + _digest(" ".join(map(str, ids)))] = _WHOLE
    return _majority(features, size, seed)


def encode_json(values: Iterable[float]) -> str:
    """Numbers rounded to float32, as a JSON array of the shortest decimals that read back to the same.

    Raises ValueError for a number that is not finite or too large for a float32.
    """
    return f"[{','.join([_decimal(value) for value in _rounded(values)])}]"


def encode_base64(values: Iterable[float]) -> str:
    """Numbers rounded to float32, little-endian, in base64. Raises ValueError as `encode_json` does."""
    rounded = _rounded(values)
    return b64encode(pack(f"<{len(rounded)}f", *rounded)).decode("ascii")


def _features(text: str) -> dict[str, int]:
    """What a text is made of, and how much each feature counts, as a power of two."""
    plain = _plain(_sample(text))
    words = (_ASCII_WORDS if plain.isascii() else _wide_words()).findall(plain)
    features: dict[str, int] = {}
    for word in words:
        features |= _word(word)
        if len(features) > _LIMIT:
            break
    telling = [word for word in words if word not in _STOP_WORDS][: _LIMIT // 4]
    features |= dict.fromkeys([f"pair {one} {two}" for one, two in pairwise(telling)], _PAIR)
    # The whole text counts a little, so that texts that differ in nothing else still get different vectors.
    features["whole " + _digest(text)] = _WHOLE
    return features


@lru_cache(maxsize=1)
def _wide_words() -> re.Pattern[str]:
    """Matches the words of texts in any script; compiled late, as it takes long and English needs none."""
    return re.compile(f"[^{_GAPS}{_SPACELESS}-\uffff]{{1,40}}|[^{_GAPS}\0-\u3004]{{1,40}}")


def _sample(text: str) -> str:
    """The text itself, or evenly spaced slices of a long one."""
    if len(text) <= _SLICES * _SLICE:
        return text
    step = (len(text) - _SLICE) // (_SLICES - 1)
    return " ".join([text[start : start + _SLICE] for start in range(0, _SLICES * step, step)])


def _plain(text: str) -> str:
    """The text without case, accents and variants of width; the beginning, should it grow much by that."""
    if text.isascii():
        return text.lower()
    from unicodedata import normalize  # only here: English needs none

    # Piece by piece, as putting a long run of marks in order takes time that grows with its square.
    pieces = [text[start : start + _STRETCH] for start in range(0, len(text), _STRETCH)]
    bare = [_ACCENTS.sub("", normalize("NFKD", piece)).casefold() for piece in pieces]
    return "".join([normalize("NFC", piece) for piece in bare])[: 2 * _SLICES * _SLICE]


@lru_cache(maxsize=512)
def _word(word: str) -> dict[str, int]:
    """The features of one word, or of a run of characters of a language that puts no spaces between words."""
    if word in _STOP_WORDS:
        return {"word " + word: _STOP}
    if word[0] >= _SPACELESS:
        pieces = [*word, *map("".join, pairwise(word))]
        return {piece: _CHARACTER if _FAINT.isdisjoint(piece) else _STOP for piece in pieces}
    word = _single(word)
    stem = _ENDING.sub("", word)
    framed = f"<{word}>"
    features = dict.fromkeys([framed[at : at + 3] for at in range(len(word))], _PIECE)
    meanings = _meanings().get(stem, ())
    features["word " + stem] = _NAMED if meanings else _WORD
    return features | dict.fromkeys(meanings, _MEANING)


def _single(word: str) -> str:
    """The word without doubled consonants: often mistyped, and "resetting" has one t more than "reset"."""
    return _DOUBLED.sub(r"\1", word)


@lru_cache(maxsize=1)
def _meanings() -> dict[str, tuple[str, ...]]:
    """The features of the meanings of a word, by its stem."""
    table: dict[str, tuple[str, ...]] = {}
    for group in _MEANINGS.split("/"):
        words = group.split()
        for stem in dict.fromkeys([_ENDING.sub("", _single(word)) for word in words]):
            table[stem] = (*table.get(stem, ()), "meaning " + words[0])
    return table


def _majority(features: dict[str, int], size: int, seed: int | str) -> Vector:
    """The vector whose bits are those that the heavier half of the features have set.

    The bits of all components are counted at once: `columns[n]` holds patterns whose bits count 2**n each.
    """
    salt = "" if seed in (0, "") else f"seed {seed} "
    octets = (size + 7) // 8
    total = 1 + sum([1 << level for level in features.values()])
    top = total.bit_length()
    columns: list[list[int]] = [[] for _ in range(top + 1)]
    columns[0].append(_pattern(salt, octets))  # the others' sum is even, so this breaks ties and nothing else
    for feature, level in features.items():
        columns[level].append(_pattern(salt + feature, octets))
    # With this added everywhere, a count of more than half carries into the top column.
    missing = (1 << top) - (total // 2 + 1)
    ones = (1 << 8 * octets) - 1
    for place in range(top):
        if missing >> place & 1:
            columns[place].append(ones)
        _carry(columns[place], columns[place + 1])
    bits = 0
    for carried in columns[top]:
        bits |= carried
    return Vector(bits & ((1 << size) - 1), size)


def _carry(column: list[int], carries: list[int]) -> None:
    """Add up a column of patterns, of which nothing but what is carried to the next column is kept."""
    while len(column) > 2:
        one, two, three = column.pop(), column.pop(), column.pop()
        odd = one ^ two
        column.append(odd ^ three)
        carries.append(one & two | odd & three)
    if len(column) == 2:
        carries.append(column[0] & column[1])


@lru_cache(maxsize=2048)
def _pattern(feature: str, octets: int) -> int:
    """As many random bits as asked for; fewer are the lower bits of more."""
    return int.from_bytes(shake_128(feature.encode("utf-8", "surrogatepass")).digest(octets), "little")


def _digest(text: str) -> str:
    """A short name for a text of any length."""
    return shake_128(text.encode("utf-8", "surrogatepass")).hexdigest(16)


class _Profile(NamedTuple):
    """The magnitudes of all vectors of one size, encoded."""

    packed: bytes
    """Little-endian float32."""
    tops: int
    """The last byte of each, the first component's lowest."""
    slots: bytes
    """For each component a NUL or minus, its decimal, NULs up to `width`, a comma (at last a bracket)."""
    width: int


@lru_cache(maxsize=16)
def _profile(size: int) -> _Profile:
    """The magnitudes of the components of all vectors of a size: evenly spread, with a length of 1."""
    # With a bell curve fewer components would count, and chance would bring strangers nearer.
    weights = [number | 1 for number in unpack(f"<{size}I", shake_128(b"magnitudes").digest(4 * size))]
    length = sqrt(sum([weight * weight for weight in weights]))
    packed = pack(f"<{size}f", *[weight / length for weight in weights])
    decimals = [_decimal(value).encode() for value in unpack(f"<{size}f", packed)]
    longest = max(map(len, decimals))
    slots = b",".join([b"\0" + decimal.ljust(longest, b"\0") for decimal in decimals]) + b"]"
    return _Profile(packed, int.from_bytes(packed[3::4], "little"), slots, longest + 2)


def _rounded(values: Iterable[float]) -> tuple[float, ...]:
    """The numbers as float32. Raises ValueError where that is impossible."""
    numbers = list(values)
    try:
        rounded = unpack(f"<{len(numbers)}f", pack(f"<{len(numbers)}f", *numbers))
    except OverflowError:
        raise ValueError("a component is too large for a float32") from None
    if not all(map(isfinite, rounded)):
        raise ValueError("a component is not a finite number")
    return rounded


def _decimal(value: float) -> str:
    """The shortest decimal that reads back to the same float32: six digits always fit, nine suffice."""
    for digits in range(6, 9):
        text = f"{value:.{digits}g}"
        if unpack("<f", pack("<f", float(text)))[0] == value:
            break
    else:
        text = f"{value:.9g}"
    return repr(float(text))
