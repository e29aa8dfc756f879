"""Everything that will go over the wire, decided before the first byte leaves.

A plan is plain data: it can be made without a server, compared, printed, and changed by a function from
plan to plan. Delivery plays it and decides nothing.
"""

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import NamedTuple, TypeAlias

from mockserver.values import maker

Headers: TypeAlias = tuple[tuple[bytes, bytes], ...]


class Ending(Enum):
    """How an answer ends, once all of its pieces have left."""

    COMPLETE = "complete"
    """As HTTP says: the connection can be used again."""

    CLOSED = "closed"
    """The connection is closed (FIN), and what HTTP still needs at an answer's end is not sent."""

    RESET = "reset"
    """The connection is reset (RST)."""

    HUNG = "hung"
    """Nothing more comes, and the connection stays open for as long as the client leaves it so."""


class Piece(NamedTuple):
    """Bytes of the body that leave together.

    `due` is when, in seconds after the plan began. `splits` are offsets at which a new write begins, `gap` seconds
    after the one before it. `framed` says that HTTP's framing goes around the bytes, where the answer has any;
    bytes that are not framed go over the wire as they are.
    """

    data: bytes
    due: float = 0.0
    splits: Sequence[int] = ()
    gap: float = 0.0
    framed: bool = True

    @property
    def until(self) -> float:
        """When its last write is due."""
        return self.due + self.gap * len(self.splits)


_piece = maker(Piece)


def events_of(body: bytes) -> list[bytes]:
    """The events of a body of server-sent events, each with the empty line that ends it; the last may have none."""
    *events, rest = body.split(b"\n\n")
    found = [event + b"\n\n" for event in events]
    return [*found, rest] if rest else found


def in_turn(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """The pieces put off, where one would be due before all of the one before it has left."""
    found: list[Piece] = []
    free = 0.0
    for piece in pieces:
        if piece.due < free:
            piece = piece._replace(due=free)
        found.append(piece)
        free = piece.until + (piece.gap if piece.splits else 0.0)
    return tuple(found)


class Plan(NamedTuple):
    """One answer on the wire: status, headers, the body in pieces, how it ends.

    `events` says that the body is server-sent events, each ended by an empty line. An answer in which
    nothing waits is one piece; `apart` takes it to pieces.

    `opens` is when status line and headers leave, None for together with the first piece; `ends` is when the ending
    comes, once the last piece has left. Both are in seconds after the plan began. `head`, where given, goes over the
    wire in the place of status line and headers, as it is, and the body behind it is not framed; b"" is no head at
    all.
    """

    status: int
    headers: Headers
    pieces: Sequence[Piece]
    events: bool = False
    ending: Ending = Ending.COMPLETE
    opens: float | None = None
    ends: float = 0.0
    head: bytes | None = None

    def apart(self) -> "Plan":
        """The same plan with a piece for every event; one that is taken to pieces stays as it is."""
        if not self.events or len(self.pieces) != 1:
            return self if isinstance(self.pieces, tuple) else self._replace(pieces=tuple(self.pieces))
        data, *rest = self.pieces[0]
        return self._replace(pieces=tuple([_piece((event, *rest)) for event in events_of(data)]))

    @property
    def body(self) -> bytes:
        """The whole body."""
        pieces = self.pieces
        return pieces[0].data if len(pieces) == 1 else b"".join(piece.data for piece in pieces)

    @property
    def began(self) -> float:
        """When the first byte is due, in seconds after the plan began."""
        if self.opens is not None:
            return self.opens
        return self.pieces[0].due if self.pieces else self.ends

    @property
    def until(self) -> float:
        """When the last of it is due, in seconds after the plan began."""
        return max((self.began, self.ends, *(piece.until for piece in self.pieces)))

    @property
    def waits(self) -> bool:
        """Whether anything of it has to wait, be it for a client to leave."""
        return self.until > 0 or self.ending is Ending.HUNG

    @property
    def needs_connection(self) -> bool:
        """Whether it can be played on a connection only: ASGI has no words for what is not HTTP."""
        return (
            self.ending is not Ending.COMPLETE
            or self.head is not None
            or not all(piece.framed for piece in self.pieces)
            or not _true_length(self)
        )


AT_ONCE = Piece(b"")[1:]
"""The fields behind a piece's bytes where nothing is special, for `maker`."""
COMPLETE = Plan(200, (), ())[4:]
"""The fields behind a plan's `events` where nothing is special, for `maker`."""


def _true_length(plan: Plan) -> bool:
    """Whether the content-length, if there is one, is the body's."""
    given = [value for name, value in plan.headers if name == b"content-length"]
    return not given or given == [b"%d" % len(plan.body)]
