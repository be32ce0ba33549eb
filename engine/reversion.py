"""Places that nobody fills become places of another post, as an ALIS place becomes a salaried one.

A place moves along each reversion at most once: it never comes back to a post where it stayed empty. So chains and
cycles of reversions end.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from features.errors import InvalidInputError

Move = tuple[int, int, int]  # the post that gives up places, where they come from at first, how many


@dataclass(frozen=True, slots=True)
class Moved:
    """So many places went from one post to another."""

    from_post: int
    to_post: int
    places: int


class RevertingPlaces:
    """Places of every post by the post they come from, while they move.

    Parameters
    ----------
    reversions : sequence of (int, int)
        Numbers of the post that gives up places and of the one that gets them.

    Raises
    ------
    InvalidInputError
        A post gives up its places twice, to itself, or does not exist.

    Examples
    --------
    A place that nobody fills goes on along a cycle, and stays when it would come back:

    >>> places = RevertingPlaces((1, 0), ((0, 1), (1, 0)))
    >>> moves = places.next_moves([0, 0])
    >>> places.move(moves)
    >>> places.capacities, places.next_moves([0, 0])
    ((0, 1), [])
    """

    def __init__(self, capacities: Sequence[int], reversions: Sequence[tuple[int, int]]) -> None:
        posts = range(len(capacities))
        self.target: dict[int, int] = {}
        for giving, getting in reversions:
            if giving not in posts or getting not in posts or giving == getting or giving in self.target:
                raise InvalidInputError("reversions", (giving, getting), "two posts, each giving up places once")
            self.target[giving] = getting
        self.of: list[Counter[int]] = [Counter({post: capacity}) for post, capacity in enumerate(capacities)]
        self.counts: Counter[tuple[int, int]] = Counter()

    @property
    def capacities(self) -> tuple[int, ...]:
        """Places of each post now."""
        return tuple(places.total() for places in self.of)

    @property
    def moved(self) -> tuple[Moved, ...]:
        """How many places have moved along each reversion; one that went on counts in each."""
        return tuple(Moved(giving, getting, places) for (giving, getting), places in sorted(self.counts.items()))

    def next_moves(self, filled: Sequence[int]) -> list[Move]:
        """Places that nobody fills and that may go on, if so many people are in each post."""
        unfilled = [capacity - held for capacity, held in zip(self.capacities, filled, strict=True)]
        return [move for giving in self.target for move in self._moves(giving, unfilled[giving])]

    def move(self, moves: Sequence[Move]) -> None:
        """Let the places go on."""
        for giving, origin, places in moves:
            self.of[giving][origin] -= places
            self.of[self.target[giving]][origin] += places
            self.counts[giving, self.target[giving]] += places

    def _moves(self, giving: int, unfilled: int) -> Iterator[Move]:
        """Its own places first, which have the longest way before them."""
        for origin in sorted(self.of[giving], key=lambda origin: (origin != giving, origin)):
            places = min(unfilled, self.of[giving][origin])
            if places > 0 and self.target[giving] not in self._way(origin, giving):
                unfilled -= places
                yield giving, origin, places

    def _way(self, origin: int, post: int) -> list[int]:
        """Posts where places of that origin have been when they are at the post."""
        way = [origin]
        while way[-1] != post:
            way.append(self.target[way[-1]])
        return way
