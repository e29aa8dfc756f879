"""Everything that will go over the wire, decided before the first byte leaves.

A plan is plain data: it can be made without a server, compared, printed, and changed by a function from
plan to plan. Delivery plays it and decides nothing.
"""

from enum import Enum
from typing import NamedTuple, TypeAlias

Headers: TypeAlias = tuple[tuple[bytes, bytes], ...]


class Ending(Enum):
    """How an answer ends."""

    COMPLETE = "complete"


class Piece(NamedTuple):
    """Bytes of the body that leave together.

    `due` is when, in seconds after the plan began; `splits` are offsets at which a new write begins.
    """

    data: bytes
    due: float = 0.0
    splits: tuple[int, ...] = ()


class Plan(NamedTuple):
    """One answer on the wire: status, headers, the body in pieces, how it ends.

    `events` says that the body is server-sent events, each ended by an empty line. An answer in which
    nothing waits is one piece; `apart` takes it to pieces.
    """

    status: int
    headers: Headers
    pieces: tuple[Piece, ...]
    events: bool = False
    ending: Ending = Ending.COMPLETE

    def apart(self) -> "Plan":
        """The same plan with a piece for every event."""
        if not self.events:
            return self
        parts = [Piece(event + b"\n\n", piece.due) for piece in self.pieces for event in piece.data.split(b"\n\n")[:-1]]
        return self._replace(pieces=tuple(parts))

    @property
    def body(self) -> bytes:
        """The whole body."""
        pieces = self.pieces
        return pieces[0].data if len(pieces) == 1 else b"".join(piece.data for piece in pieces)
