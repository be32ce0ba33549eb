"""The matching of a round with couples or shared limits: turned into numbers, solved, and turned back."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from engine.candidates import Qualifications
from engine.instance import NOWHERE, CoupleWishes, Instance, Limit
from engine.match_result import JointList, StabilityStatus
from engine.posts import Post
from engine.ranking import tier_of
from engine.round_terms import SharedLimit

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
    limits: Sequence[SharedLimit],
    trainees: Set[str],
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
    limits, trainees
        Those in force (`engine.shared_limits`), and whom limits for training count.
    """
    from engine.couple_solver import solve_instance  # takes half a second to load

    instance = instance_of(lists, joint_lists, standings, capacities, limits, trainees)
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
    limits: Sequence[SharedLimit],
    trainees: Set[str],
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
        limits=tuple(
            Limit(
                limit.limit_id,
                limit.capacity,
                frozenset(place[post] for post in limit.posts),
                frozenset(number[name] for name in trainees) if limit.is_for_trainees else None,
            )
            for limit in sorted(limits, key=lambda limit: limit.limit_id)
        ),
    )


def standings_of(
    orders: Mapping[str, Sequence[str]],
    posts: Mapping[str, Post],
    qualifications: Mapping[str, Qualifications],
    places: Mapping[str, int],
) -> dict[str, dict[str, int]]:
    """Tier, then lottery place, as one number on one scale for all posts."""
    return {
        post: {name: (tier_of(qualifications[name], posts[post]) or 0) * len(places) + places[name] for name in order}
        for post, order in orders.items()
    }


def each_once(joint_lists: Iterable[JointList]) -> list[JointList]:
    """Every couple's list once, by the members' pseudonyms."""
    by_members = {couple.members: couple for couple in joint_lists}
    return [by_members[members] for members in sorted(by_members)]
