"""The quick way for the ordinary chat request: a canned text, asked for with nothing that changes what is said.

All but the id, the time and the counts of such an answer depends on the text and the model, so it is written once,
in the clear way (`respond`, `wire.chat`) with marks in those places, and cut there. What is not so ordinary is left
to the clear way; a test says that both give the same bytes.
"""

from typing import NamedTuple

from mockserver.call import Call
from mockserver.draw import Draw
from mockserver.failures.pacing import layout_of
from mockserver.models import Catalogue
from mockserver.plan import events_of
from mockserver.reply import Text
from mockserver.respond import Moment, respond
from mockserver.response import Response
from mockserver.timed import Layout
from mockserver.values import maker
from mockserver.wire import chat
from mockserver.wire.encode import to_bytes

HARMLESS = frozenset(
    """
    model messages stream stream_options max_tokens max_completion_tokens temperature top_p user seed metadata
    presence_penalty frequency_penalty logit_bias tools tool_choice parallel_tool_calls response_format
    reasoning_effort verbosity safety_identifier prompt_cache_key
    """.split()  # noqa: SIM905 (quotes would hide the words)
)
"""Fields of a request that leave the answer to it as it is, but for its counts."""

MAX_BYTES = 8 * 1024 * 1024
"""Bytes of the frames that are kept, of all texts together; the layouts of those that are paced come on top."""
LONGEST_TEXT, LONGEST_MODEL = 16_384, 200
"""Characters of texts and models of which frames are made."""

_ID = "MARKmarkMARKmarkMARKmarkMARKm"
_CREATED, _PROMPT, _TOTAL = 9_876_543_210, 9_876_543_211, 9_876_543_212
"""What stands in the places of an id, a time and two counts; as long as those, since lines are padded by length."""
_BETWEEN = '","object":"chat.completion.chunk","created":'
"""What stands between the id and the time in every event of a stream."""


class Frame:
    """An answer without what differs from call to call, cut where that belongs; `spent` are its tokens.

    Of a plain answer the cuts are at the id, the time, the tokens of the request, and those of both; of a stream at
    each event's id and time, which stand together.
    """

    __slots__ = ("_layout", "parts", "spent")

    def __init__(self, parts: tuple[bytes, ...], spent: int) -> None:
        self.parts = parts
        self.spent = spent
        self._layout: Layout | None = None

    def layout(self, body: bytes) -> Layout:
        """Where the events of one of its streams are: in all of them at the same places."""
        if self._layout is None:
            self._layout = layout_of(events_of(body))
        return self._layout


class Ready(NamedTuple):
    """The body of an answer, the tokens of request and answer together, and what it was made from."""

    body: bytes
    tokens: int
    frame: Frame


_ready = maker(Ready)


class _Marked(Draw):
    """A draw that draws the mark."""

    def alphanumeric(self, count: int) -> str:
        return _ID


_Key = tuple[Text, str, bool, bool]
_kept: dict[_Key, Frame | None] = {}
_kept_bytes = 0


def ready(call: Call, response: Response, moment: Moment, catalogue: Catalogue) -> Ready | None:
    """The answer to a call from what is prepared; None where it takes the clear way."""
    text = response.canned
    body = call.body
    if text is None or call.endpoint != "chat" or not body.keys() <= HARMLESS:
        return None
    obfuscate = "stream_options" not in body or call.obfuscate
    model = call.model
    key = (text, model, call.stream, obfuscate)
    frame = _kept.get(key)
    if frame is None:
        frame = None if key in _kept else _prepare(key, call, response, catalogue)
        if frame is None:
            return None
    parts, spent = frame.parts, frame.spent
    limit = body.get("max_completion_tokens")
    if limit is None:
        limit = body.get("max_tokens")
    if limit is not None and limit < spent:
        return None
    prompt = call.prompt_tokens
    total = prompt + spent
    if call.stream:
        if call.include_usage or not 1_000_000_000 <= moment.created <= _CREATED:
            return None  # paddings would be others
        between = f"{moment.chance.alphanumeric(29)}{_BETWEEN}{moment.created}"
        return _ready((between.encode().join(parts), total, frame))
    before, after_id, after_created, after_prompt, rest = parts
    return _ready(
        (
            b"%b%b%b%d%b%d%b%d%b"
            % (
                before,
                moment.chance.alphanumeric(29).encode(),
                after_id,
                moment.created,
                after_created,
                prompt,
                after_prompt,
                total,
                rest,
            ),
            total,
            frame,
        )
    )


def _prepare(key: _Key, call: Call, response: Response, catalogue: Catalogue) -> Frame | None:
    """Make a frame and keep it; None, which is kept too, where the text or the response does not allow for one."""
    global _kept_bytes
    text, model, _, _ = key
    if len(text.value) > LONGEST_TEXT or len(model) > LONGEST_MODEL:
        return None
    frame = _framed(key, call, response, catalogue)
    size = 1_000 + (sum(map(len, frame.parts)) if frame is not None else 0)
    if _kept_bytes + size > MAX_BYTES:
        _kept.clear()
        _kept_bytes = 0
    _kept[key] = frame
    _kept_bytes += size
    return frame


def _framed(key: _Key, call: Call, response: Response, catalogue: Catalogue) -> Frame | None:
    _, model, stream, obfuscate = key
    given = (response.id, response.created, response.usage)
    if given != (None, None, None) or response.status != 200 or response.headers:
        return None
    asked = Call("chat", {"model": model, "messages": []}, model=model)
    moment = Moment(0.0, _CREATED, 1, _Marked(), 0, "")
    reply = respond(asked, {}, response, moment, catalogue)
    if reply.head.warning is not None:
        return None
    spent = reply.usage.completion_tokens
    if stream:
        whole = chat.stream(reply, include_usage=False, obfuscate=obfuscate)
        marks = [f"{_ID}{_BETWEEN}{_CREATED}"] * whole.count('data: {"id":')
    else:
        whole = chat.plain(reply._replace(usage=reply.usage._replace(prompt_tokens=_PROMPT, total_tokens=_TOTAL)))
        marks = [_ID, *(f": {mark}" for mark in (_CREATED, _PROMPT, _TOTAL))]
    return _cut(whole, marks, spent)


def _cut(whole: str, marks: list[str], spent: int) -> Frame | None:
    """The answer cut at its marks, each of which has to be there, and none of them in the text itself."""
    parts = []
    rest = whole
    for mark in marks:
        part, found, rest = rest.partition(mark)
        if not found:
            return None
        parts.append(part + (": " if mark.startswith(": ") else ""))
    parts.append(rest)
    if any(mark.removeprefix(": ") in part for mark in set(marks) for part in parts):
        return None
    return Frame(tuple(map(to_bytes, parts)), spent)
