"""A matching with all that posts share: limits, places that change hands, least numbers.

First the stable matching of the instance. Then **reversion**: places that nobody fills become places of another post,
and everything is matched anew, until nothing changes. Nobody is worse off by it if there are no couples, limits are
nested and no post that gets places is under a limit: the old matching fits the new places, whoever moves to one of them
leaves a seat, and filling that displaces nobody. Under a limit that is full an added place can cost somebody else a
seat: whoever takes it ranks better.

Then **least numbers**, by a cap on all other posts if need be (`engine.minimum_quota`).
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from engine.couple_solver import Solution, Status
from engine.couple_stability import Blocking, UnsoundMatchingError, verdict_on
from engine.instance import Instance
from engine.minimum_quota import Cap, Minimum, MinimumStatus, Reached, Runs, placed, with_minimums
from engine.reversion import Moved, RevertingPlaces
from features.errors import InvalidInputError


@dataclass(frozen=True, slots=True)
class Allocation:
    """A matching, and what is known about it.

    Attributes
    ----------
    status, matching, blocking, bound
        As in `engine.couple_solver.Solution`, for the places after reversion and with the cap, if there is one.
    capacities : tuple of int
        Places of each post after reversion.
    moved : tuple of Moved
        Places that changed hands.
    reversion_is_complete : bool
        False if time was up before nothing changed any more.
    minimum_status : MinimumStatus
        Of all minimums together.
    minimums : tuple of Reached
        Each minimum, and what was reached.
    cap : Cap or None
        Only with `MinimumStatus.MET_BY_CAP`.
    """

    status: Status
    matching: list[int]
    blocking: tuple[Blocking, ...]
    bound: int
    capacities: tuple[int, ...]
    moved: tuple[Moved, ...]
    reversion_is_complete: bool
    minimum_status: MinimumStatus
    minimums: tuple[Reached, ...]
    cap: Cap | None


def allocate(
    instance: Instance,
    reversions: Sequence[tuple[int, int]] = (),
    minimums: Sequence[Minimum] = (),
    *,
    seconds: float,
    clock: Callable[[], float],
    seed: int = 1,
) -> Allocation:
    """Match, let unfilled places change hands, and look for a cap if a least number is missed.

    Parameters
    ----------
    reversions : sequence of (int, int)
        Numbers of the post that gives up places and of the one that gets them.
    seconds : float
        Time limit for all of it; every single search gets at most half of what is left.
    clock : callable
        Seconds since any moment, such as ``time.monotonic``.

    Raises
    ------
    InvalidInputError
        The time limit is not above 0, a reversion as in `RevertingPlaces`, or a minimum of less than 1.
    UnsoundMatchingError
        A result did not pass the check; an error of the program.

    Examples
    --------
    Nobody wants the ALIS place, two want the salaried one:

    >>> from engine.instance_document import parsed_instance
    >>> instance = parsed_instance({
    ...     "proposers": [{"id": "a", "preferences": ["salaried"]}, {"id": "b", "preferences": ["salaried"]}],
    ...     "posts": [{"id": "alis", "capacity": 1, "preferences": [["a", "b"]]},
    ...               {"id": "salaried", "capacity": 1, "preferences": [["a"], ["b"]]}],
    ... })
    >>> allocation = allocate(instance, [(0, 1)], seconds=10, clock=lambda: 0.0)
    >>> allocation.matching, allocation.capacities, allocation.moved
    ([1, 1], (0, 2), (Moved(from_post=0, to_post=1, places=1),))
    """
    if not seconds > 0:
        raise InvalidInputError("seconds", seconds, "more than 0")
    for minimum in minimums:
        if minimum.at_least < 1:
            raise InvalidInputError("at_least", minimum.at_least, "1 or more")
    places = RevertingPlaces(instance.capacities, reversions)
    runs = Runs(seconds, clock, seed)
    instance, solution, is_complete = _reverted(instance, places, runs)
    status, cap, capped, found = with_minimums(instance, solution, minimums, runs)
    verdict = verdict_on(capped, found.matching)
    if not verdict.is_allowed or len(verdict.blocking) != len(found.blocking):
        raise UnsoundMatchingError(len(found.blocking), verdict)
    return Allocation(
        found.status,
        found.matching,
        found.blocking,
        found.bound,
        capacities=instance.capacities,
        moved=places.moved,
        reversion_is_complete=is_complete,
        minimum_status=status,
        minimums=tuple(
            Reached(
                minimum.identifier,
                minimum.at_least,
                placed(found.matching, minimum.posts),
                placed(solution.matching, minimum.posts),
            )
            for minimum in minimums
        ),
        cap=cap,
    )


def _reverted(instance: Instance, places: RevertingPlaces, runs: Runs) -> tuple[Instance, Solution, bool]:
    """The instance with the places after reversion, its matching, and whether nothing would change any more."""
    while True:
        solution = runs.solve(instance)
        moves = places.next_moves(_filled(instance, solution.matching))
        if not moves or not runs.has_time:
            return instance, solution, not moves
        places.move(moves)
        instance = replace(instance, capacities=places.capacities)


def _filled(instance: Instance, matching: Sequence[int]) -> list[int]:
    held = Counter(matching)
    return [held[post] for post in range(len(instance.posts))]
