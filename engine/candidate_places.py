"""The candidate's own page: which posts and municipalities fit best, why, and which fit but for one thing.

For the candidate alone. Nothing here enters an order of applicants: the round's code does not import this file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from engine.candidates import Candidate, Wishes
from engine.eligibility import Answer, RequirementReason, legal_requirements, requirement_answers
from engine.own_lists import scores_by_municipality
from engine.own_scores import Contribution, contributions, total_score, wanted_municipalities
from engine.post_outlook import PostOutlook
from engine.posts import Post
from engine.preferences import own_orders, preference_rules
from engine.remedies import Remedy
from engine.wish_limits import ScoreOf, WishGap, unstated_limits, wish_gaps
from features.errors import InvalidInputError


@dataclass(frozen=True, slots=True)
class PlacedPost:
    """A post the candidate wants and qualifies for; ``position`` 1 fits best.

    ``score`` (0-100) is the sum of the contributions' points. ``unstated`` are limits that the post does not say
    whether it keeps. ``outlook`` tells how long doctors stay in posts like this, and orders nothing. With
    ``is_own_ranking`` the position is the candidate's own and the score stands beside it.
    """

    post_id: str
    municipality_code: str
    position: int
    score: float
    contributions: tuple[Contribution, ...]
    unstated: tuple[WishGap, ...]
    outlook: PostOutlook | None
    is_own_ranking: bool


@dataclass(frozen=True, slots=True)
class PlacedMunicipality:
    """A municipality within the candidate's counties and factor limits; ``posts`` counts those wanted and possible.

    ``rank`` 1 fits best; municipalities of equal score share a rank.
    """

    municipality_code: str
    rank: int
    score: float
    contributions: tuple[Contribution, ...]
    posts: int


@dataclass(frozen=True, slots=True)
class NearlyPost:
    """A post that fits but for one thing: an own limit (``gap``) or a requirement (``reason`` with its remedies).

    ``would_be_position`` is where it would stand on the candidate's list, all else equal.
    """

    post_id: str
    municipality_code: str
    score: float
    would_be_position: int
    gap: WishGap | None
    reason: RequirementReason | None
    remedies: tuple[Remedy, ...]


@dataclass(frozen=True, slots=True)
class CandidatePlaces:
    """The candidate's best posts and municipalities, and the posts that fit but for one thing; best first."""

    candidate_id: str
    simulated: bool
    posts: tuple[PlacedPost, ...]
    municipalities: tuple[PlacedMunicipality, ...]
    nearly: tuple[NearlyPost, ...]


@dataclass(frozen=True, slots=True)
class _Judged:
    post: Post
    gaps: tuple[WishGap, ...]
    missed: tuple[Answer, ...]

    @property
    def faults(self) -> int:
        return len(self.gaps) + len(self.missed)


def candidate_places(
    candidate: Candidate,
    posts: Sequence[Post],
    factor_scores: pl.DataFrame,
    today: date,
    outlooks: Mapping[str, PostOutlook] | None = None,
) -> CandidatePlaces:
    """Best posts and municipalities for one candidate, with the contribution of each wish, and what nearly fits.

    The posts' order is the one a round uses; the length of the own list is not applied. An own ranking overrides the
    order and the limits. Municipalities are ordered by weights, whether or not they have a post.

    Parameters
    ----------
    candidate, posts, factor_scores, today
        As in `engine.match_run.run_match`.
    outlooks
        By post: how long doctors stay in posts like this. Shown beside the post; it moves no post.

    Raises
    ------
    InvalidInputError
        The frame has no row for the municipality of a post.
    UnknownKeyError
        The candidate weighs a factor without scores.

    References
    ----------
    Domain section 5.2, inputs (candidate-owned preferences) and output 4; GDPR articles 13-15.
    """
    wishes, scores = candidate.wishes, scores_by_municipality(factor_scores)
    by_name = {post.post_id: post for post in posts}
    order = own_orders([wishes], list(posts), factor_scores, preference_rules(today))[candidate.candidate_id]
    judged = [_judge(candidate, by_name[name], scores) for name in _own_order(wishes, order)]
    fitting = [each.post for each in judged if not each.faults]
    rules, known = preference_rules(today), outlooks or {}
    _check_outlooks(known, by_name)
    parts = {post.post_id: contributions(wishes, scores[post.municipality_code], rules, post) for post in posts}
    return CandidatePlaces(
        candidate_id=candidate.candidate_id,
        simulated=candidate.simulated or any(post.simulated_fields for post in posts),
        posts=tuple(
            PlacedPost(
                post.post_id,
                post.municipality_code,
                position,
                total_score(parts[post.post_id]),
                parts[post.post_id],
                unstated_limits(wishes, post, scores[post.municipality_code]),
                known.get(post.post_id),
                wishes.own_ranking is not None,
            )
            for position, post in enumerate(fitting, start=1)
        ),
        municipalities=_municipalities(wishes, scores, fitting, today),
        nearly=_nearly(judged, {name: total_score(found) for name, found in parts.items()}),
    )


def _own_order(wishes: Wishes, order: Sequence[str]) -> tuple[str, ...]:
    """Posts in the candidate's order; of an own ranking those that are there, and no others."""
    return tuple(order) if wishes.own_ranking is None else tuple(name for name in wishes.own_ranking if name in order)


def _judge(candidate: Candidate, post: Post, scores: Mapping[str, ScoreOf]) -> _Judged:
    ranks_alone = candidate.wishes.own_ranking is not None
    gaps = () if ranks_alone else wish_gaps(candidate.wishes, post, scores[post.municipality_code])
    answers = requirement_answers(candidate.qualifications, post, legal_requirements(post.starts_on))
    return _Judged(post, gaps, tuple(answer for answer in answers if not answer.is_met))


def _municipalities(
    wishes: Wishes, scores: Mapping[str, ScoreOf], fitting: Sequence[Post], today: date
) -> tuple[PlacedMunicipality, ...]:
    rules = preference_rules(today)
    parts = {code: contributions(wishes, scores[code], rules) for code in wanted_municipalities(wishes, scores)}
    totals = {code: round(total_score(own), 9) for code, own in parts.items()}
    at = [post.municipality_code for post in fitting]
    ordered = sorted(totals, key=lambda code: (-totals[code], code))
    above = sorted(totals.values(), reverse=True)
    rank = {total: above.index(total) + 1 for total in set(above)}
    return tuple(
        PlacedMunicipality(code, rank[totals[code]], total_score(parts[code]), parts[code], at.count(code))
        for code in ordered
    )


def _nearly(judged: Sequence[_Judged], scores: Mapping[str, float]) -> tuple[NearlyPost, ...]:
    found, fitting = [], 0
    for each in judged:
        if not each.faults:
            fitting += 1
        elif each.faults == 1:
            gap = each.gaps[0] if each.gaps else None
            missed = each.missed[0] if each.missed else None
            found.append(
                NearlyPost(
                    each.post.post_id,
                    each.post.municipality_code,
                    scores[each.post.post_id],
                    fitting + 1,
                    gap,
                    missed.reason if missed else None,
                    missed.remedies if missed else (),
                )
            )
    return tuple(found)


def _check_outlooks(outlooks: Mapping[str, PostOutlook], posts: Mapping[str, Post]) -> None:
    if strange := sorted(outlooks.keys() - posts.keys()):
        raise InvalidInputError("outlooks", strange[0], "outlooks of posts that are given")
