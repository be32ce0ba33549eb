"""Each candidate's list of posts in a round: own order, own limits, and what the candidate does not qualify for."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import polars as pl

from engine.candidates import Candidate, Qualifications
from engine.eligibility import RequirementReason
from engine.eligibility_matrix import eligibility_matrix, reasons_of
from engine.match_result import OwnList, OwnListEntry
from engine.posts import Post
from engine.preferences import own_orders, preference_rules
from engine.wish_limits import ScoreOf, WishReason, wish_reasons
from features.errors import UnknownKeyError

Reasons = Mapping[tuple[str, str], tuple[RequirementReason, ...]]
"""Why a candidate does not qualify for a post, by the pair's identifiers; no entry for those who do."""


def ineligible_pairs(
    qualifications: Mapping[str, Qualifications], posts: Mapping[str, Post]
) -> dict[tuple[str, str], tuple[RequirementReason, ...]]:
    """All pairs of candidate and post that a requirement rules out, with every reason."""
    masks = eligibility_matrix(list(qualifications.values()), list(posts.values()))
    spelled = {mask: reasons_of(mask) for mask in np.unique(masks).tolist()}
    names, at = list(qualifications), list(posts)
    rows, columns = (side.tolist() for side in np.nonzero(masks))
    return {
        (names[row], at[column]): spelled[mask]
        for row, column, mask in zip(rows, columns, masks[masks != 0].tolist(), strict=True)
    }


def own_lists_of(
    doctors: Mapping[str, Candidate],
    posts: Mapping[str, Post],
    factor_scores: pl.DataFrame,
    ineligible: Reasons,
    today: date,
) -> dict[str, OwnList]:
    """Each candidate's list: the own ranking where there is one, else the order that follows from the wishes.

    Raises
    ------
    UnknownKeyError
        A candidate weighs a factor without scores, or ranks a post that is not there.
    """
    wishes = [doctor.wishes for doctor in doctors.values()]
    orders = own_orders(wishes, list(posts.values()), factor_scores, preference_rules(today))
    scores = scores_by_municipality(factor_scores)
    return {
        name: _own_list(doctor, _ordered(doctor, orders[name], posts), scores, ineligible)
        for name, doctor in doctors.items()
    }


def scores_by_municipality(factor_scores: pl.DataFrame) -> dict[str, dict[str, float | None]]:
    """Scores (0-100) by municipality and factor; None without figures."""
    found: dict[str, dict[str, float | None]] = {}
    for code, factor, score in factor_scores.select("municipality_code", "factor", "score").iter_rows():
        found.setdefault(code, {})[factor] = score
    return found


def _ordered(doctor: Candidate, order: Sequence[str], posts: Mapping[str, Post]) -> list[Post]:
    """Posts in own order; an own ranking comes first as it stands, what it leaves out follows and is left off later."""
    ranked = doctor.wishes.own_ranking or ()
    for name in ranked:
        if name not in posts:
            raise UnknownKeyError("post", name, tuple(posts))
    chosen = frozenset(ranked)
    return [posts[name] for name in (*ranked, *(name for name in order if name not in chosen))]


def _own_list(
    doctor: Candidate, ordered: Sequence[Post], scores: Mapping[str, ScoreOf], ineligible: Reasons
) -> OwnList:
    entries: list[OwnListEntry] = []
    left_out: Counter[WishReason] = Counter()
    listed = 0
    for post in ordered:
        failed = ineligible.get((doctor.candidate_id, post.post_id), ())
        if unwanted := wish_reasons(doctor.wishes, post, scores[post.municipality_code]):
            left_out.update(unwanted)
        elif failed:  # takes no place on the list: the limit counts posts that can be had
            entries.append(OwnListEntry(post.post_id, None, failed))
        elif listed == doctor.wishes.list_limit:
            left_out[WishReason.BELOW_OWN_LIMIT] += 1
        else:
            listed += 1
            entries.append(OwnListEntry(post.post_id, listed, ()))
    return OwnList(tuple(entries), tuple(sorted(left_out.items())))
