"""The matching of a round with couples or shared limits: turned into numbers, solved, and turned back."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from engine.candidates import Qualifications
from engine.instance import NOWHERE, CoupleWishes, Instance, Limit
from engine.match_result import JointList, StabilityStatus
from engine.posts import Post
from engine.ranking import tier_of
from engine.round_terms import RoundTerms, SharedLimit
from engine.terms_outcome import NO_OUTCOME, MinimumCap, MinimumStatus, MovedPlaces, ReachedMinimum, TermsOutcome

Standings = Mapping[str, Mapping[str, int]]
"""For each post the standing of everybody who qualifies, lower is better, on one scale for all posts."""


@dataclass(frozen=True, slots=True)
class SolvedRound:
    """A matching, and what is known about it.

    ``matching`` goes from candidate to post, the matched only; ``bound`` options block every matching; ``capacities``
    are the places of each post after those that changed hands.
    """

    matching: dict[str, str]
    status: StabilityStatus
    bound: int
    capacities: Mapping[str, int]
    outcome: TermsOutcome = NO_OUTCOME


def solved_matching(
    instance: Instance, terms: RoundTerms, *, seconds: float, clock: Callable[[], float]
) -> SolvedRound:
    """A stable matching, a proof that none exists, or the best found, with all that posts share.

    Parameters
    ----------
    instance
        From `instance_of`, limits in it.
    terms
        Reversions and least numbers are read.
    """
    from engine.minimum_quota import Minimum
    from engine.terms_allocation import allocate  # takes half a second to load

    place = {str(name): at for at, name in enumerate(instance.posts)}
    found = allocate(
        instance,
        sorted((place[each.from_post], place[each.to_post]) for each in terms.reversions),
        [
            Minimum(quota.quota_id, quota.at_least, frozenset(place[post] for post in quota.posts))
            for quota in sorted(terms.minimums, key=lambda quota: quota.quota_id)
        ],
        seconds=seconds,
        clock=clock,
    )
    names = list(place)
    outside = frozenset(names).difference(*(quota.posts for quota in terms.minimums))
    return SolvedRound(
        matching={
            str(person): names[post]
            for person, post in zip(instance.people, found.matching, strict=True)
            if post != NOWHERE
        },
        status=StabilityStatus(found.status.value),
        bound=found.bound,
        capacities=dict(zip(names, found.capacities, strict=True)),
        outcome=TermsOutcome(
            moved=tuple(
                MovedPlaces(names[each.from_post], names[each.to_post], each.places)
                for each in found.moved
                if each.places
            ),
            reversion_is_complete=found.reversion_is_complete,
            minimum_status=MinimumStatus(found.minimum_status.value),
            minimums=tuple(
                ReachedMinimum(str(each.identifier), each.at_least, each.reached, each.without_cap)
                for each in found.minimums
            ),
            cap=None
            if found.cap is None
            else MinimumCap(found.cap.places, outside, found.cap.worse_off, found.cap.better_off),
        ),
    )


def instance_of(
    lists: Mapping[str, Sequence[str]],
    joint_lists: Mapping[str, JointList],
    standings: Standings,
    capacities: Mapping[str, int],
    limits: Sequence[SharedLimit],
    trainees: Set[str],
) -> Instance:
    """The instance by number: people and posts in the order of their identifiers, standings as tiers.

    Parameters
    ----------
    lists
        Posts each candidate lists, best first; those of members of couples are not looked at.
    joint_lists
        Under the pseudonyms of both members.
    limits, trainees
        Those in force (`engine.shared_limits`), and whom limits for training count.
    """
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
