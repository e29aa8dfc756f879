"""Stored chat completions: the answers to requests with `store: true`, kept for the routes that look them up.

They live in memory, per session and bounded; the oldest go first. An answer is kept as it was decided, its request
beside it, and put into the wire format only when somebody asks (`mockserver.wire.stored`).
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar
from urllib.parse import parse_qsl

from mockserver.call import Call
from mockserver.limits import DEFAULT, Bounds
from mockserver.refusals import Refused
from mockserver.reply import Reply
from mockserver.rules import Refusal
from mockserver.rules.chat import METADATA
from mockserver.rules.refusal import above, below, not_one_of, refuse, short, wrong_type
from mockserver.rules.refusal import missing as missing_parameter

SHARE = 4
"""One session may fill this part of the store (a quarter), so that it does not push out all others."""

PAGE, LARGEST_PAGE = 20, 100
"""How many entries a page has, and may have."""

T = TypeVar("T")


class Kept(NamedTuple):
    """A stored completion. `size` is in bytes of request and answer together; `serial` is its place in time."""

    id: str
    call: Call
    reply: Reply
    request_id: str
    metadata: Mapping[str, Any]
    size: int
    serial: int = 0


class Page(NamedTuple):
    """Which part of a list is asked for."""

    after: str | None = None
    limit: int = PAGE
    descending: bool = False

    def cut(self, entries: Sequence[T], start: int) -> tuple[Sequence[T], bool]:
        """The entries of the page, where `start` of them come before it; and whether there are more."""
        end = start + self.limit
        return entries[start:end], end < len(entries)


class Filter(NamedTuple):
    """Which completions are asked for; a model is known by the name asked for and by the name it answers as."""

    model: str | None = None
    metadata: tuple[tuple[str, str], ...] = ()

    def __call__(self, kept: Kept) -> bool:
        """Whether a completion is asked for."""
        named = self.model is None or self.model in (kept.call.model, kept.reply.head.model)
        return named and all(kept.metadata.get(key) == value for key, value in self.metadata)


class Stored(Protocol):
    """The interface behind which a store shared by several processes can stand."""

    def keep(self, call: Call, reply: Reply, request_id: str, size: int) -> None:
        """Keep an answer to a call; `size` is its bytes on the wire. What cannot be looked up later is passed over."""
        ...

    def get(self, session: str, id: str) -> Kept | None:
        """The completion of that id."""
        ...

    def list(self, session: str, page: Page, wanted: Filter) -> tuple[Sequence[Kept], bool]:
        """A page of the wanted completions, the oldest first unless descending; and whether there are more."""
        ...

    def update(self, session: str, id: str, metadata: Mapping[str, Any]) -> Kept | None:
        """Replace the metadata of a completion; the new state of it."""
        ...

    def delete(self, session: str, id: str) -> bool:
        """Forget a completion; False where there is none of that id."""
        ...

    def reset(self, session: str | None = None) -> None:
        """Forget everything of a session, or of all."""
        ...


class NotShared:
    """The store of a server of several workers, which would each know only what they have stored themselves."""

    def __init__(self, workers: int) -> None:
        self._workers = workers

    def keep(self, call: Call, reply: Reply, request_id: str, size: int) -> None:
        """Keep nothing: the answer is as good, and who looks for it is told."""

    def get(self, session: str, id: str) -> Kept | None:
        """Raises Refused."""
        raise self._refused()

    def list(self, session: str, page: Page, wanted: Filter) -> tuple[Sequence[Kept], bool]:
        """Raises Refused."""
        raise self._refused()

    def update(self, session: str, id: str, metadata: Mapping[str, Any]) -> Kept | None:
        """Raises Refused."""
        raise self._refused()

    def delete(self, session: str, id: str) -> bool:
        """Raises Refused."""
        raise self._refused()

    def reset(self, session: str | None = None) -> None:
        """There is nothing to forget."""

    def _refused(self) -> Refused:
        message = (
            f"Stored chat completions are not kept by a server of {self._workers} workers, each of which would know "
            "only its own: serve with --workers 1."
        )
        return Refused(Refusal(501, message, "invalid_request_error", None, "mockserver_workers"))


class MemoryStored:
    """The completions stored by one process; the session that stored nothing for longest is forgotten first."""

    def __init__(self, bounds: Bounds = DEFAULT) -> None:
        self._sessions: OrderedDict[str, _Session] = OrderedDict()
        self._bounds = bounds
        self._max_entries = -(-bounds.stored // SHARE)
        self._max_bytes = -(-bounds.stored_bytes // SHARE)
        self._count = self._bytes = 0

    def keep(self, call: Call, reply: Reply, request_id: str, size: int) -> None:
        """Keep an answer to a call."""
        id = _id_of(reply)
        size += len(call.canonical)
        if id is None or size > self._max_bytes:
            return
        sessions = self._sessions
        session = sessions.setdefault(call.session, _Session())
        sessions.move_to_end(call.session)
        metadata = call.body.get("metadata")
        given = metadata if isinstance(metadata, dict) else {}
        self._counted(session, -1)
        session.add(Kept(id, call, reply, request_id, given, size, session.next_serial()))
        session.shrink(self._max_entries, self._max_bytes)
        self._counted(session, 1)
        bounds = self._bounds
        while sessions and (
            len(sessions) > bounds.sessions or self._count > bounds.stored or self._bytes > bounds.stored_bytes
        ):
            self._counted(sessions.popitem(last=False)[1], -1)

    def _counted(self, session: "_Session", sign: int) -> None:
        """Add a session to what is counted of all of them, or take it away."""
        self._count += sign * len(session.entries)
        self._bytes += sign * session.bytes

    def get(self, session: str, id: str) -> Kept | None:
        """The completion of that id."""
        found = self._sessions.get(session)
        return found.entries.get(id) if found is not None else None

    def list(self, session: str, page: Page, wanted: Filter) -> tuple[Sequence[Kept], bool]:
        """A page of the wanted completions; behind an id that never was, there is none."""
        found = self._sessions.get(session)
        if found is None:
            return (), False
        entries = [kept for kept in found.entries.values() if wanted(kept)]
        if page.descending:
            entries.reverse()
        start = 0
        if page.after is not None:
            serial = found.serials.get(page.after)
            if serial is None:
                return (), False
            start = sum(1 for kept in entries if (kept.serial >= serial if page.descending else kept.serial <= serial))
        return page.cut(entries, start)

    def update(self, session: str, id: str, metadata: Mapping[str, Any]) -> Kept | None:
        """Replace the metadata of a completion."""
        kept = self.get(session, id)
        if kept is None:
            return None
        changed = self._sessions[session].entries[id] = kept._replace(metadata=metadata)
        return changed

    def delete(self, session: str, id: str) -> bool:
        """Forget a completion."""
        found = self._sessions.get(session)
        if found is None:
            return False
        self._counted(found, -1)
        removed = found.remove(id)
        self._counted(found, 1)
        return removed

    def reset(self, session: str | None = None) -> None:
        """Forget everything of a session, or of all."""
        if session is None:
            self._sessions.clear()
            self._count = self._bytes = 0
        elif (found := self._sessions.pop(session, None)) is not None:
            self._counted(found, -1)


class _Session:
    """The completions of one session, the oldest first.

    `serials` also knows the places of those that are gone, as many as are kept: who deletes what a page listed can
    go on behind it.
    """

    __slots__ = ("_last", "bytes", "entries", "serials")

    def __init__(self) -> None:
        self.entries: OrderedDict[str, Kept] = OrderedDict()
        self.serials: OrderedDict[str, int] = OrderedDict()
        self.bytes = 0
        self._last = 0

    def next_serial(self) -> int:
        self._last += 1
        return self._last

    def add(self, kept: Kept) -> None:
        self.remove(kept.id)
        self.serials.pop(kept.id, None)
        self.entries[kept.id] = kept
        self.serials[kept.id] = kept.serial
        self.bytes += kept.size

    def remove(self, id: str) -> bool:
        kept = self.entries.pop(id, None)
        if kept is not None:
            self.bytes -= kept.size
        return kept is not None

    def shrink(self, max_entries: int, max_bytes: int) -> None:
        while self.entries and (len(self.entries) > max_entries or self.bytes > max_bytes):
            self.bytes -= self.entries.popitem(last=False)[1].size
        while len(self.serials) > 2 * max_entries:
            self.serials.popitem(last=False)


def _id_of(reply: Reply) -> str | None:
    """The id a client knows an answer by; None where it is no completion at all."""
    if reply.status != 200:
        return None
    if reply.body is None:
        return reply.head.id
    id = reply.body.get("id") if isinstance(reply.body, dict) else None
    return id if isinstance(id, str) else None


def read_query(query: str) -> tuple[Page, Filter] | Refusal:
    """What a list's query string asks for: `limit`, `after`, `order`, `model`, `metadata[KEY]`."""
    page, model = Page(), None
    metadata: list[tuple[str, str]] = []
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name == "limit":
            if not (value.isascii() and value.removeprefix("-").isdigit() and len(value) < 10):
                return wrong_type("limit", "an integer", value)
            if int(value) < 0:  # the published schema has no bounds, and the SDKs' own tests ask for none
                return below("limit", "integer", 0, int(value))
            if int(value) > LARGEST_PAGE:
                return above("limit", "integer", LARGEST_PAGE, int(value))
            page = page._replace(limit=int(value))
        elif name == "order":
            if value not in ("asc", "desc"):
                return not_one_of("order", value, ("asc", "desc"))._replace(param="order")
            page = page._replace(descending=value == "desc")
        elif name == "after":
            page = page._replace(after=value)
        elif name == "model":
            model = value
        elif name.startswith("metadata[") and name.endswith("]"):
            metadata.append((name[len("metadata[") : -1], value))
    return page, Filter(model, tuple(metadata))


def read_update(body: object, *, exact: bool = False) -> dict[str, Any] | Refusal:
    """The metadata that an update's body sets; null clears it."""
    if not isinstance(body, dict) or "metadata" not in body:
        return missing_parameter("metadata")
    metadata = body["metadata"]
    if metadata is None:
        return {}
    for refusal, level in METADATA.find(metadata, "metadata"):
        if exact or level == "compatible":
            return refusal
    found: dict[str, Any] = metadata
    return found


def not_found(id: str) -> Refusal:
    """There is no stored completion of that id (wording unverified, after that of stored responses)."""
    return refuse(f"Chat completion with id '{short(id)}' not found.", "completion_id", None, 404)
