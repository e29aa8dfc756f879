"""The events of a stream in time, without a piece for each: most streams are played, and never looked at.

A piece for every token, its bytes among them, is more work and more memory than all that else an answer needs. So a
paced stream keeps its body whole; where its events end and when they are due stands beside it, and both are the same
for all answers of one text.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import overload

from mockserver.plan import Piece
from mockserver.values import maker

_piece = maker(Piece)
_ORDINARY = Piece(b"")[2:]


class Layout:
    """Where the events of a stream are: where each ends in the body, which token it carries, from 0.

    `ends` is the first of the events that end the stream, `last` the number of the last token, `longest` the bytes of
    the longest event. A role comes with the first token, what ends the stream with the last. The choices of an answer
    to `n` are generated side by side: their tokens of one number come together.
    """

    __slots__ = ("_key", "_moments", "cuts", "ends", "last", "longest", "numbers")

    def __init__(self, sizes: Sequence[int], numbers: Sequence[int], ends: int) -> None:
        cuts, at = [], 0
        for size in sizes:
            at += size
            cuts.append(at)
        self.cuts = tuple(cuts)
        self.numbers = tuple(numbers)
        self.ends = ends
        self.last = max(numbers, default=0)
        self.longest = max(sizes, default=0)
        self._key: object = None
        self._moments: tuple[float, ...] = ()

    def moments(self, key: object, make: Callable[[], tuple[float, ...]]) -> tuple[float, ...]:
        """What `make` gives, for as long as nobody asks with another key: when each event is due, by what says so."""
        if key != self._key:
            self._key, self._moments = key, make()
        return self._moments


class Timed(Sequence[Piece]):
    """Pieces, made when they are asked for: those of `data` as it is laid out, due so long behind `begin`."""

    __slots__ = ("begin", "data", "layout", "moments")

    def __init__(self, data: bytes, layout: Layout, moments: tuple[float, ...], begin: float) -> None:
        self.data = data
        self.layout = layout
        self.moments = moments
        self.begin = begin

    def __len__(self) -> int:
        return len(self.moments)

    def __iter__(self) -> Iterator[Piece]:
        at, begin = 0, self.begin
        for cut, moment in zip(self.layout.cuts, self.moments, strict=True):
            yield _piece((self.data[at:cut], begin + moment, *_ORDINARY))
            at = cut

    @overload
    def __getitem__(self, index: int) -> Piece: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Piece, ...]: ...

    def __getitem__(self, index: int | slice) -> Piece | tuple[Piece, ...]:
        return tuple(self)[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Timed | tuple) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(tuple(self))
