"""Proof of a round with couples or shared limits: all worked out anew from the inputs, and everything looked at.

Shares no code with what makes a proposal (`engine.joint_lists`, `engine.joint_matching`); `engine.couple_stability`
looks for what blocks, and shares none with the solver.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from engine.couple_stability import Verdict, verdict_on
from engine.instance import NOWHERE, CoupleWishes, Instance, Limit
from engine.joint_wishes import JointReach, JointWishes
from engine.posts import Post
from engine.proof_result import OwnLimits, RoundProof, SubmittedLimit, SubmittedMarket
from engine.stability import BlockingCouple, BlockingPair, StabilityProof

Pair = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class SubmittedCouple:
    """Pairs of posts that a couple submitted, and those beyond its own limit; in the order the couple names itself."""

    members: tuple[str, str]
    pairs: tuple[Pair, ...]
    beyond_limit: tuple[Pair, ...]


def joint_proof(
    matching: Mapping[str, str],
    market: SubmittedMarket,
    couples: Sequence[SubmittedCouple],
    limits: Sequence[SubmittedLimit] = (),
    cap: SubmittedLimit | None = None,
    *,
    keeps_to_terms: bool = True,
) -> RoundProof:
    """Check a matching against everything that candidates alone and couples would rather have.

    Parameters
    ----------
    matching
        Candidate -> post, the matched only.
    couples, limits
        From `submitted_couples`, and what posts share.
    cap
        On all posts that no least number names; the proof holds in the market with it, and tells what blocks without.
    keeps_to_terms
        Whether places changed hands as the terms allow, as found by `engine.terms_proof`.

    References
    ----------
    Biró, Manlove and McBride (2014), The hospitals/residents problem with couples, SEA 2014, LNCS 8504.
    """
    uncapped = submitted_instance(market, couples, limits)
    instance = uncapped if cap is None else submitted_instance(market, couples, [*limits, cap])
    number = {name: at for at, name in enumerate(instance.posts)}
    placed = [number[matching[name]] if name in matching else NOWHERE for name in _people(market)]
    stability = _stability(verdict_on(instance, placed), instance, market, couples)
    coupled = {member for couple in couples for member in couple.members}
    alone = [name for name in market.candidate_lists if name not in coupled]
    return RoundProof(
        stability=replace(stability, capacity_respected=stability.capacity_respected and keeps_to_terms),
        candidates_checked=sum(bool(market.candidate_lists[name]) for name in alone)
        + sum(2 for couple in couples if couple.pairs),
        own_limits=_own_limits(matching, market, alone, couples),
        blocking_without_cap=None if cap is None else len(verdict_on(uncapped, placed).blocking),
    )


def submitted_couples(
    market: SubmittedMarket,
    joint: Sequence[JointWishes],
    posts: Sequence[Post],
    regions: Mapping[str, str],
    capacities: Mapping[str, int],
) -> list[SubmittedCouple]:
    """Every couple's pairs, worked out from its wishes and the members' submitted lists."""
    place = {post.post_id: post for post in posts}
    found = []
    for wishes in joint:
        pairs = [
            pair for pair in _wanted(wishes, market, place, regions) if _can_be_had(pair, wishes, market, capacities)
        ]
        cut = wishes.list_limit
        found.append(SubmittedCouple(wishes.members, tuple(pairs[:cut]), tuple(pairs[cut:])))
    return found


def submitted_instance(
    market: SubmittedMarket, couples: Sequence[SubmittedCouple], limits: Sequence[SubmittedLimit] = ()
) -> Instance:
    """The instance by number, standings counted on one scale for all posts."""
    people = _people(market)
    posts = sorted(market.capacities)
    number = {name: at for at, name in enumerate(people)}
    place: dict[str | None, int] = {None: NOWHERE} | {name: at for at, name in enumerate(posts)}
    scale = {
        standing: rank
        for rank, standing in enumerate(sorted({own for at in market.standings.values() for own in at.values()}))
    }
    coupled = {member for couple in couples for member in couple.members}
    return Instance(
        people=tuple(people),
        posts=tuple(posts),
        capacities=tuple(market.capacities[name] for name in posts),
        wishes=tuple(
            () if name in coupled else tuple(place[post] for post in market.candidate_lists[name]) for name in people
        ),
        tiers=tuple({number[name]: scale[own] for name, own in market.standings[post].items()} for post in posts),
        couples=tuple(
            CoupleWishes(
                (number[couple.members[0]], number[couple.members[1]]),
                tuple((place[first], place[second]) for first, second in couple.pairs),
            )
            for couple in couples
        ),
        limits=tuple(
            Limit(
                at,
                limit.capacity,
                frozenset(posts.index(name) for name in limit.posts),
                None if limit.people is None else frozenset(number[name] for name in limit.people),
            )
            for at, limit in enumerate(limits)
        ),
    )


def _people(market: SubmittedMarket) -> list[str]:
    return sorted(market.candidate_lists)


def _wanted(
    wishes: JointWishes, market: SubmittedMarket, place: Mapping[str, Post], regions: Mapping[str, str]
) -> Iterator[Pair]:
    """Pairs of a couple, best first."""
    if wishes.own_ranking is not None:
        yield from wishes.own_ranking
        return
    first, second = (market.candidate_lists[member] for member in wishes.members)
    both = [
        (one + other, max(one, other), _number(wishes.members, (left, right)), (left, right))
        for one, left in enumerate(first)
        for other, right in enumerate(second)
        if _is_near(place[left], place[right], wishes.reach, regions)
    ]
    yield from (pair for _, _, _, pair in sorted(both))
    if wishes.takes_one:
        kept: list[tuple[str | None, str | None]] = [(post, None) for post in first]
        kept += [(None, post) for post in second]
        own = dict(zip(kept, [*range(len(first)), *range(len(second))], strict=True))
        yield from sorted(kept, key=lambda pair: (own[pair], _number(wishes.members, pair)))


def _is_near(one: Post, other: Post, reach: JointReach, regions: Mapping[str, str]) -> bool:
    match reach:
        case JointReach.SAME_MUNICIPALITY:
            return one.municipality_code == other.municipality_code
        case JointReach.SAME_LABOUR_MARKET:
            return regions[one.municipality_code] == regions[other.municipality_code]
    return True


def _number(members: tuple[str, str], pair: Pair) -> str:
    held = dict(zip(members, pair, strict=True))
    return sha256("|".join(f"{name}:{held[name] or ''}" for name in sorted(held)).encode()).hexdigest()


def _can_be_had(pair: Pair, wishes: JointWishes, market: SubmittedMarket, capacities: Mapping[str, int]) -> bool:
    if pair[0] is not None and pair[0] == pair[1] and capacities[pair[0]] < 2:
        return False
    return all(
        post is None or member in market.standings[post] for member, post in zip(wishes.members, pair, strict=True)
    )


def _stability(
    verdict: Verdict, instance: Instance, market: SubmittedMarket, couples: Sequence[SubmittedCouple]
) -> StabilityProof:
    coupled = {member for couple in couples for member in couple.members}
    listed_alone = sum(len(listed) for name, listed in market.candidate_lists.items() if name not in coupled)
    name = [str(person) for person in instance.people]
    post = [str(each) for each in instance.posts]
    alone = [option for option in verdict.blocking if len(option.people) == 1]
    together = [option for option in verdict.blocking if len(option.people) == 2]
    return StabilityProof(
        pairs_checked=listed_alone + sum(len(couple.pairs) for couple in couples),
        blocking_pairs=tuple(sorted((BlockingPair(name[own.people[0]], post[own.posts[0]]) for own in alone), key=str)),
        capacity_respected=not verdict.overfull and not verdict.overfull_limits,
        individually_rational=not verdict.unwilling,
        blocking_couples=tuple(
            sorted((_blocking_couple(own.people, own.posts, name, post) for own in together), key=str)
        ),
    )


def _blocking_couple(
    people: Sequence[int], posts: Sequence[int], name: Sequence[str], post: Sequence[str]
) -> BlockingCouple:
    (one, at), (other, beside) = sorted(
        (name[person], None if place == NOWHERE else post[place]) for person, place in zip(people, posts, strict=True)
    )
    return BlockingCouple((one, other), (at, beside))


def _own_limits(
    matching: Mapping[str, str], market: SubmittedMarket, alone: Sequence[str], couples: Sequence[SubmittedCouple]
) -> OwnLimits:
    held = Counter(matching.values())
    free = {post: capacity - held[post] for post, capacity in market.capacities.items()}
    left = [couple for couple in couples if couple.beyond_limit]
    return OwnLimits(
        pairs=sum(len(market.beyond_limit[name]) for name in alone) + sum(len(each.beyond_limit) for each in left),
        candidates=sum(bool(market.beyond_limit[name]) for name in alone) + 2 * len(left),
        unmatched_with_free_place=sum(
            name not in matching and any(free[post] > 0 for post in market.beyond_limit[name]) for name in alone
        )
        + sum(
            2 * (couple.members[0] not in matching and couple.members[1] not in matching)
            for couple in left
            if any(_has_room(pair, free) for pair in couple.beyond_limit)
        ),
    )


def _has_room(pair: Pair, free: Mapping[str, int]) -> bool:
    return all(free[post] >= needed for post, needed in Counter(post for post in pair if post is not None).items())
