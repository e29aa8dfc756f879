"""The models there are: those of the fixture files, or a catalogue of public ids; and how their answers look."""

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from mockserver.rules import Refusal
from mockserver.rules.families import base_name, belongs
from mockserver.rules.refusal import refuse, short
from mockserver.values import remembered

_PUBLIC = """
gpt-4-0613 1686588896 2026-10-23 openai; gpt-4 1687882411 2026-10-23 openai; gpt-3.5-turbo 1677610602 2026-10-23 openai
gpt-live-transcribe 1785168034; gpt-5.6-luna 1782228658; gpt-realtime-2.1 1782254687; gpt-realtime-2.1-mini 1782254706
gpt-transcribe 1785168027; davinci-002 1692634301 2026-09-28; babbage-002 1692634615 2026-09-28
gpt-3.5-turbo-instruct 1692901427 2026-09-28; gpt-3.5-turbo-instruct-0914 1694122472
gpt-3.5-turbo-1106 1698959748 2026-09-28; tts-1-hd 1699046015; tts-1-1106 1699053241; tts-1-hd-1106 1699053533
text-embedding-3-small 1705948997; text-embedding-3-large 1705953180; gpt-3.5-turbo-0125 1706048358 2026-10-23
gpt-4-turbo 1712361441 2026-10-23; gpt-4-turbo-2024-04-09 1712601677 2026-10-23; gpt-4o 1715367049
gpt-4o-2024-05-13 1715368132 2026-10-23; gpt-4o-mini-2024-07-18 1721172717; gpt-4o-mini 1721172741
gpt-4o-2024-08-06 1722814719; omni-moderation-latest 1731689265; omni-moderation-2024-09-26 1732734466
o1-2024-12-17 1734326976 2026-10-23; o1 1734375816 2026-10-23; o3-mini 1737146383 2026-10-23
o3-mini-2025-01-31 1738010200 2026-10-23; gpt-4o-2024-11-20 1739331543
gpt-4o-mini-search-preview-2025-03-11 1741390858 2026-07-23; gpt-4o-mini-search-preview 1741391161
gpt-4o-transcribe 1742068463; gpt-4o-mini-transcribe 1742068596; o1-pro-2025-03-19 1742251504 2026-10-23
o1-pro 1742251791 2026-10-23; gpt-4o-mini-tts 1742403959; o3-2025-04-16 1744133301 2026-12-11
o4-mini-2025-04-16 1744133506 2026-10-23; o3 1744225308; o4-mini 1744225351 2026-10-23
gpt-4.1-2025-04-14 1744315746; gpt-4.1 1744316542; gpt-4.1-mini-2025-04-14 1744317547; gpt-4.1-mini 1744318173
gpt-4.1-nano-2025-04-14 1744321025 2026-10-23; gpt-4.1-nano 1744321707 2026-10-23; gpt-image-1 1745517030 2026-10-23
o4-mini-deep-research 1749685485 2026-07-23; gpt-4o-transcribe-diarize 1750798887
o4-mini-deep-research-2025-06-26 1750866121 2026-07-23; gpt-5-chat-latest 1754073306 2026-07-23
gpt-5-2025-08-07 1754075360 2026-12-11; gpt-5 1754425777; gpt-5-mini-2025-08-07 1754425867 2026-12-11
gpt-5-mini 1754425928; gpt-5-nano-2025-08-07 1754426303 2026-12-11; gpt-5-nano 1754426384
gpt-audio-2025-08-28 1756256146; gpt-realtime 1756271701 2027-01-20; gpt-realtime-2025-08-28 1756271773
gpt-audio 1756339249 2027-01-20; gpt-5-codex 1757527818 2026-07-23; gpt-image-1-mini 1758845821 2026-12-01
gpt-5-pro-2025-10-06 1759469707 2026-12-11; gpt-5-pro 1759469822; gpt-audio-mini 1759512027 2027-01-20
gpt-audio-mini-2025-10-06 1759512137 2026-07-23; gpt-5-search-api 1759514629; gpt-realtime-mini 1759517133 2027-01-20
sora-2 1759708615 2026-09-24; sora-2-pro 1759708663 2026-09-24; gpt-5-search-api-2025-10-14 1760043960
gpt-5.1-chat-latest 1762547951 2026-07-23; gpt-5.1-2025-11-13 1762800353; gpt-5.1 1762800673
gpt-5.1-codex 1762988221 2026-07-23; gpt-5.1-codex-mini 1763007109 2026-07-23; gpt-5.1-codex-max 1763671532 2026-07-23
gpt-image-1.5 1764030620 2026-12-01; gpt-5.2-2025-12-11 1765313028; gpt-5.2 1765313051
gpt-5.2-pro-2025-12-11 1765343959; gpt-5.2-pro 1765343983; gpt-5.2-chat-latest 1765344352 2026-08-10
gpt-4o-mini-transcribe-2025-12-15 1765610407; gpt-4o-mini-transcribe-2025-03-20 1765610545 2027-01-20
gpt-4o-mini-tts-2025-03-20 1765610731 2026-07-23; gpt-4o-mini-tts-2025-12-15 1765610837
gpt-realtime-mini-2025-12-15 1765612007; gpt-audio-mini-2025-12-15 1765760008
chatgpt-image-latest 1765925279 2026-12-01; gpt-5.2-codex 1766164985 2026-07-23; gpt-5.3-codex 1770537915
gpt-realtime-1.5 1771461469; gpt-audio-1.5 1771550885; gpt-4o-search-preview 1771905534
gpt-4o-search-preview-2025-03-11 1771905621 2026-07-23
gpt-5.3-chat-latest 1772236571 2026-08-10; gpt-5.4-2026-03-05 1772654062; gpt-5.4-pro 1772659601
gpt-5.4-pro-2026-03-05 1772659657; gpt-5.4 1772691852; gpt-5.4-nano-2026-03-17 1773450837; gpt-5.4-nano 1773450870
gpt-5.4-mini-2026-03-17 1773451076; gpt-5.4-mini 1773451123; gpt-image-2 1776399795; gpt-image-2-2026-04-21 1776399994
gpt-5.5 1776824847; gpt-5.5-2026-04-23 1776839241; gpt-5.5-pro 1776894349; gpt-5.5-pro-2026-04-23 1776894470
chat-latest 1777704602; gpt-realtime-translate 1777950216; gpt-realtime-2 1778006032; gpt-realtime-whisper 1778012060
gpt-5.6-sol 1782228018; gpt-5.6-terra 1782228459; gpt-3.5-turbo-16k 1683758102 - openai-internal
tts-1 1681940951 - openai-internal; whisper-1 1677532384 - openai-internal
text-embedding-ada-002 1671217299 - openai-internal
"""
"""The public listing of mid 2026, in its order: id, `created`, `shutdown_date` if any, `owned_by` if not `system`."""

ALIASES: dict[str, str] = {
    "gpt-3.5-turbo": "gpt-3.5-turbo-0125",
    "gpt-4": "gpt-4-0613",
    "gpt-4-turbo": "gpt-4-turbo-2024-04-09",
    "gpt-4-turbo-preview": "gpt-4-0125-preview",
    "gpt-4o": "gpt-4o-2024-08-06",
    "gpt-4o-mini": "gpt-4o-mini-2024-07-18",
    "gpt-4o-audio-preview": "gpt-4o-audio-preview-2025-06-03",
    "gpt-4o-search-preview": "gpt-4o-search-preview-2025-03-11",
    "gpt-4o-mini-search-preview": "gpt-4o-mini-search-preview-2025-03-11",
    "gpt-4.1": "gpt-4.1-2025-04-14",
    "gpt-4.1-mini": "gpt-4.1-mini-2025-04-14",
    "gpt-4.1-nano": "gpt-4.1-nano-2025-04-14",
    "gpt-4.5-preview": "gpt-4.5-preview-2025-02-27",
    "o1": "o1-2024-12-17",
    "o1-mini": "o1-mini-2024-09-12",
    "o1-preview": "o1-preview-2024-09-12",
    "o3": "o3-2025-04-16",
    "o3-mini": "o3-mini-2025-01-31",
    "o4-mini": "o4-mini-2025-04-16",
    "gpt-5": "gpt-5-2025-08-07",
    "gpt-5-mini": "gpt-5-mini-2025-08-07",
    "gpt-5-nano": "gpt-5-nano-2025-08-07",
    "gpt-5-search-api": "gpt-5-search-api-2025-10-14",
    "gpt-5.1": "gpt-5.1-2025-11-13",
    "gpt-5.2": "gpt-5.2-2025-12-11",
    "gpt-5.4": "gpt-5.4-2026-03-05",
    "gpt-5.4-mini": "gpt-5.4-mini-2026-03-17",
    "gpt-5.4-nano": "gpt-5.4-nano-2026-03-17",
    "gpt-5.5": "gpt-5.5-2026-04-23",
    "gpt-3.5-turbo-instruct": "gpt-3.5-turbo-instruct:20230824-v2",
    "davinci-002": "davinci:2023-07-21-v2",
    "babbage-002": "babbage:2023-07-21-v2",
}
"""The name an answer reports for the name asked for, where it is another one: the snapshot an alias stands for.

Seen in recordings; of gpt-5.1 and later, the only snapshot of the listing.
"""

UNDECLARED_CREATED = 1_700_000_000
"""`created` of models nobody declared."""


class Model(NamedTuple):
    """A model as it is listed.

    `warning` is what every completion asked of it carries, where it is deprecated; `exact` is the level at which
    requests to it are validated, where it has its own.
    """

    id: str
    created: int = UNDECLARED_CREATED
    owned_by: str = "mockserver"
    warning: str | None = None
    shutdown_date: str | None = None
    exact: bool | None = None


class Traits(NamedTuple):
    """How the answers of a family of models look, found by the longest prefix of a model's name.

    `fingerprint` is what `system_fingerprint` begins with, made up from there; None where it is null, "" where empty.
    `null_logprobs` says whether `logprobs` is null where none were asked for, or absent.
    """

    prefix: str
    fingerprint: str | None = None
    null_logprobs: bool = True


TRAITS: tuple[Traits, ...] = (
    Traits("gpt-3.5-turbo"),
    Traits("gpt-35-turbo"),
    Traits("gpt-3.5-turbo-instruct"),
    Traits("gpt-35-turbo-instruct"),
    Traits("gpt-4"),
    Traits("gpt-4-turbo", "fp_"),
    Traits("gpt-4-0125-preview", "fp_"),
    Traits("gpt-4-1106-preview", "fp_"),
    Traits("gpt-4o", "fp_"),
    Traits("gpt-4o-audio", "fp_", False),
    Traits("gpt-4o-mini-audio", "fp_", False),
    Traits("gpt-4o-search", "", False),
    Traits("gpt-4o-mini-search", "", False),
    Traits("chatgpt-4o", "fp_"),
    Traits("gpt-4.1", "fp_"),
    Traits("gpt-4.5", "fp_"),
    Traits("gpt-audio", None, False),
    Traits("o1", None, False),
    Traits("o3", None, False),
    Traits("o4-mini", None, False),
    Traits("gpt-5", None, False),
    Traits("gpt-5-search", "", False),
    Traits("gpt-5.1", None, False),
    Traits("gpt-5.2", None, False),
    Traits("gpt-5.3", None, False),
    Traits("gpt-5.4", None, False),
    Traits("gpt-5.5", None, False),
    Traits("gpt-5.6", None, False),
)
"""As in recordings. What a family refuses, and its limits, stands in `mockserver.rules.families`."""

_BY_LENGTH = sorted(TRAITS, key=lambda row: len(row.prefix), reverse=True)
_UNKNOWN = Traits("")
"""What most servers of this format do."""


@remembered(1_024)
def traits(model: str) -> Traits:
    """How answers of a model look: `ft:gpt-4o-2024-08-06:org::1` and `openai/gpt-4o` are gpt-4o's."""
    name = base_name(model)
    return next((row for row in _BY_LENGTH if belongs(name, row.prefix)), _UNKNOWN)


class Catalogue:
    """The models of a server: which it lists, what it knows of them, and whether others may be asked for."""

    def __init__(self, declared: Iterable[Model] = (), *, refuse_unknown: bool = False) -> None:
        """`declared` are the fixture files' models; with none, the public catalogue is listed.

        Other names are accepted too, wherever a model is asked for, unless `refuse_unknown`.
        """
        self._declared = {model.id: model for model in declared}
        self._refuses = refuse_unknown
        self._names = {name: reported for name, reported in ALIASES.items() if name not in self._declared}

    def listed(self) -> tuple[Model, ...]:
        """The models that GET /models shows, in the order of the files."""
        return tuple(self._known().values())

    def get(self, name: str) -> Model | None:
        """The model of that name; None where nobody knows it and unknown ones are refused."""
        known = self._known().get(name)
        return Model(name) if known is None and not self._refuses else known

    def knows(self, name: str) -> bool:
        """Whether a model is declared, or public where none are declared."""
        return name in self._known()

    def warning(self, name: str) -> str | None:
        """The deprecation warning of a model, if it has one."""
        model = self._declared.get(name)
        return model.warning if model is not None else None

    def exact(self, name: str) -> bool | None:
        """Whether requests to a model are validated at the exact level; None where it has no level of its own."""
        model = self._declared.get(name)
        return model.exact if model is not None else None

    def answers_as(self, name: str) -> str:
        """The name that completions of a model report: an alias's snapshot, unless the files declare that name."""
        return self._names.get(name, name)

    def refusal(self, name: str) -> Refusal | None:
        """The refusal of a call to a model that is unknown, where unknown ones are refused."""
        return unknown(name) if self._refuses and not self.knows(name) else None

    def _known(self) -> dict[str, Model]:
        return self._declared or public()


@cache
def public() -> dict[str, Model]:
    """The catalogue of public ids. Not to be changed."""
    models = (_listed(*row.split()) for line in _PUBLIC.strip().splitlines() for row in line.split(";"))
    return {model.id: model for model in models}


def _listed(name: str, created: str, shutdown: str = "-", owner: str = "system") -> Model:
    return Model(name, int(created), owner, shutdown_date=None if shutdown == "-" else shutdown)


def unknown(name: str) -> Refusal:
    """A call to a model that does not exist, in the words of chat, completions and embeddings (recorded)."""
    message = f"The model `{short(name)}` does not exist or you do not have access to it."
    return refuse(message, None, "model_not_found", 404)


def not_listed(name: str) -> Refusal:
    """A look at a model that does not exist, in the words of GET /models/{id} (recorded)."""
    return refuse(f"The model '{short(name)}' does not exist", "model", "model_not_found", 404)


def not_deletable(name: str) -> Refusal:
    """The deletion of a model that is no fine-tune of the caller's (status and wording unverified)."""
    message = f"You are not allowed to delete the model '{short(name)}': only fine-tuned models can be deleted."
    return refuse(message, "model", None, 403)


def fine_tuned(name: str) -> bool:
    """Whether a model is a fine-tune, by its name: `ft:gpt-4o-mini:org:suffix:id`, or older `davinci:ft-org-...`."""
    return name.startswith("ft:") or ":ft-" in name
