"""Who and what takes part in a turn of a round; in the second, what the first left."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from api.services.round_couples import joint_wishes_of
from api.services.rounds import QUALIFICATIONS, doctors_of, posts_of, terms_of
from api.services.wish_box import WishBox
from api.storage.round_repository import RoundBook
from engine.candidates import Candidate, Qualifications
from engine.joint_wishes import JointWishes
from engine.own_lists import ineligible_pairs, own_lists_of
from engine.posts import Post
from engine.round_terms import NO_TERMS, Reversion, RoundTerms
from engine.shared_limits import is_counted

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Market:
    """Who takes part in a turn, and the places they compete for.

    `joint` are couples of whom both take part; `terms` what is left of what the posts share. `refused` are pairs of a
    doctor and a post that an employer did not follow.
    """

    doctors: tuple[Candidate, ...]
    posts: tuple[Post, ...]
    refused: frozenset[Pair]
    joint: tuple[JointWishes, ...] = ()
    terms: RoundTerms = NO_TERMS

    @property
    def places(self) -> int:
        """Places of all posts together."""
        return sum(post.capacity for post in self.posts)


def market_of(book: RoundBook, box: WishBox) -> Market:
    """Doctors and posts of the turn that the round is in; in the first, all of them."""
    earlier = [row for row in book.proposals() if row.turn < book.row.turn]
    followed = {row.candidate_id: row.post_id for row in earlier if row.is_followed}
    doctors = tuple(doctor for doctor in doctors_of(book, box) if doctor.candidate_id not in followed)
    terms, posts = terms_of(book), posts_of(book)
    left = places_left({post.post_id: post.capacity for post in posts}, Counter(followed.values()), terms.reversions)
    changing = {name for each in terms.reversions for name in (each.from_post, each.to_post)}
    in_market = tuple(
        replace(post, capacity=left[post.post_id]) for post in posts if left[post.post_id] or post.post_id in changing
    )
    formal = [QUALIFICATIONS.validate_json(row.qualifications) for row in book.candidates()]
    placed = [(own, followed[own.candidate_id]) for own in formal if own.candidate_id in followed]
    return Market(
        doctors=doctors,
        posts=in_market,
        refused=frozenset((row.candidate_id, row.post_id) for row in earlier if not row.is_followed),
        joint=tuple(joint_wishes_of(book, box, {doctor.candidate_id for doctor in doctors})),
        terms=terms_left(terms, placed, frozenset(post.post_id for post in in_market)),
    )


def places_left(
    capacities: Mapping[str, int], taken: Mapping[str, int], reversions: Sequence[Reversion]
) -> dict[str, int]:
    """Places of each post that no followed proposal fills.

    Where more are taken than the post had, the others came from posts whose places pass to it, and are counted there.
    """
    left = {name: capacity - taken.get(name, 0) for name, capacity in capacities.items()}
    for name in sorted(left):
        for source in _sources(name, reversions):
            given = max(min(left[source], -left[name]), 0)
            left[source], left[name] = left[source] - given, left[name] + given
    return {name: max(number, 0) for name, number in left.items()}


def _sources(post: str, reversions: Sequence[Reversion]) -> list[str]:
    """Posts whose places can pass to a post, directly or through others, the nearest first."""
    found = [post]
    for name in found:
        found += [each.from_post for each in reversions if each.to_post == name and each.from_post not in found]
    return found[1:]


def terms_left(terms: RoundTerms, placed: Sequence[tuple[Qualifications, str]], posts: frozenset[str]) -> RoundTerms:
    """What is left of the terms for these posts once some doctors are placed: limits and least numbers less those."""
    limits = [
        replace(limit, capacity=max(limit.capacity - sum(is_counted(limit, own, post) for own, post in placed), 0))
        for limit in terms.limits
    ]
    lacking = [
        (quota, quota.at_least - sum(post in quota.posts for _, post in placed))
        for quota in terms.minimums
        if quota.posts & posts
    ]
    return RoundTerms(
        limits=tuple(replace(limit, posts=limit.posts & posts) for limit in limits if limit.posts & posts),
        reversions=terms.reversions,
        minimums=tuple(
            replace(quota, at_least=number, posts=quota.posts & posts) for quota, number in lacking if number > 0
        ),
    )


def without_refused(market: Market, scores: pl.DataFrame, today: date) -> Market:
    """The market with lists that name neither posts without a place nor those that did not follow a proposal."""
    posts = {post.post_id: post for post in market.posts}
    refused = {name for name, _ in market.refused}
    doctors = [_ranking_only(doctor, frozenset(posts)) for doctor in market.doctors]
    return replace(
        market,
        doctors=tuple(
            _ranked(doctor, posts, scores, market.refused, today) if doctor.candidate_id in refused else doctor
            for doctor in doctors
        ),
        joint=tuple(_pairs_only(wishes, frozenset(posts), market.refused) for wishes in market.joint),
    )


def _pairs_only(wishes: JointWishes, posts: frozenset[str], refused: frozenset[Pair]) -> JointWishes:
    """Joint wishes whose own ranking names only what can still be proposed."""
    if wishes.own_ranking is None:
        return wishes
    kept = tuple(
        pair
        for pair in wishes.own_ranking
        if all(
            post is None or (post in posts and (name, post) not in refused)
            for name, post in zip(wishes.members, pair, strict=True)
        )
    )
    return replace(wishes, own_ranking=kept)


def _ranking_only(doctor: Candidate, posts: frozenset[str]) -> Candidate:
    ranked = doctor.wishes.own_ranking
    if ranked is None:
        return doctor
    kept = tuple(post for post in ranked if post in posts)
    return replace(doctor, wishes=replace(doctor.wishes, own_ranking=kept))


def _ranked(
    doctor: Candidate, posts: dict[str, Post], scores: pl.DataFrame, refused: frozenset[Pair], today: date
) -> Candidate:
    name = doctor.candidate_id
    reasons = ineligible_pairs({name: doctor.qualifications}, posts)
    own = own_lists_of({name: doctor}, posts, scores, reasons, today)[name]
    kept = tuple(entry.post_id for entry in own.entries if (name, entry.post_id) not in refused)
    return replace(doctor, wishes=replace(doctor.wishes, own_ranking=kept))
