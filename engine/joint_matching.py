"""The matching of a round with couples: lists and standings turned into numbers, solved, and turned back."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.instance import NOWHERE, CoupleWishes, Instance
from engine.match_result import JointList, StabilityStatus

Standings = Mapping[str, Mapping[str, int]]
"""For each post the standing of everybody who qualifies, lower is better, on one scale for all posts."""


@dataclass(frozen=True, slots=True)
class SolvedRound:
    """Candidate -> post, the matched only; what is known about it, and how many options block every matching."""

    matching: dict[str, str]
    status: StabilityStatus
    bound: int


def solved_matching(
    lists: Mapping[str, Sequence[str]],
    joint_lists: Mapping[str, JointList],
    standings: Standings,
    capacities: Mapping[str, int],
    *,
    seconds: float,
    clock: Callable[[], float],
) -> SolvedRound:
    """A stable matching, a proof that none exists, or the best found; the order of the mappings is irrelevant.

    Parameters
    ----------
    lists
        Posts each candidate lists, best first; those of members of couples are not looked at.
    joint_lists
        Under the pseudonyms of both members.
    """
    from engine.couple_solver import solve_instance  # takes half a second to load

    instance = instance_of(lists, joint_lists, standings, capacities)
    solution = solve_instance(instance, seconds=seconds, clock=clock)
    matched = zip(instance.people, solution.matching, strict=True)
    return SolvedRound(
        {str(name): str(instance.posts[post]) for name, post in matched if post != NOWHERE},
        StabilityStatus(solution.status.value),
        solution.bound,
    )


def instance_of(
    lists: Mapping[str, Sequence[str]],
    joint_lists: Mapping[str, JointList],
    standings: Standings,
    capacities: Mapping[str, int],
) -> Instance:
    """The instance by number: people and posts in the order of their identifiers, standings as tiers."""
    people, posts = sorted(lists), sorted(capacities)
    number = {name: at for at, name in enumerate(people)}
    place: dict[str | None, int] = {None: NOWHERE} | {name: at for at, name in enumerate(posts)}
    return Instance(
        people=tuple(people),
        posts=tuple(posts),
        capacities=tuple(capacities[name] for name in posts),
        wishes=tuple(() if name in joint_lists else tuple(place[post] for post in lists[name]) for name in people),
        tiers=tuple({number[name]: standing for name, standing in standings[post].items()} for post in posts),
        couples=tuple(
            CoupleWishes(
                (number[couple.members[0]], number[couple.members[1]]),
                tuple((place[first], place[second]) for first, second in couple.listed),
            )
            for couple in each_once(joint_lists.values())
        ),
    )


def each_once(joint_lists: Iterable[JointList]) -> list[JointList]:
    """Every couple's list once, by the members' pseudonyms."""
    by_members = {couple.members: couple for couple in joint_lists}
    return [by_members[members] for members in sorted(by_members)]
