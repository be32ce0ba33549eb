"""The candidate's side of a match: an own strict order of posts, from own weights and a partner's occupation."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.candidates import PartnerOccupation, Wishes
from engine.posts import Post
from engine.rules import RuleBook, read_rules
from features.errors import InvalidInputError, UnknownKeyError

PARTNER_JOBS = "partner_jobs"
DECIMALS = 9  # utilities that differ by less are equal: the last bits must not decide a match


@dataclass(frozen=True, slots=True)
class PreferenceRules:
    """How wishes become weights: the score for missing figures (0-100), and least weights (0-1) of a partner's jobs.

    ``partner_service_points`` is what a partner service at the post adds to the score of a partner's jobs (0-100).
    """

    neutral_score: float
    partner_floor: tuple[tuple[PartnerOccupation, float], ...]
    partner_service_points: float = 0.0


def preference_rules(day: date, book: RuleBook | None = None) -> PreferenceRules:
    """Rules of ``parameters/candidate_wishes.toml`` on `day`; all are assumptions and marked so."""
    rules = book or read_rules("candidate_wishes")
    return PreferenceRules(
        neutral_score=rules.number("neutral_score", day),
        partner_floor=(
            (PartnerOccupation.NONE, 0.0),
            (PartnerOccupation.OTHER, rules.number("partner_jobs_floor_other", day)),
            (PartnerOccupation.HIGHER_EDUCATION, rules.number("partner_jobs_floor_higher_education", day)),
        ),
        partner_service_points=rules.number("partner_service_points", day),
    )


def factor_of(factor: str, wishes: Wishes, known: Container[str]) -> str:
    """Key under which the scores hold what the candidate weighs as `factor`.

    A partner's jobs are those in the partner's own occupation group where the scores have them
    (`engine.partner_scores`), else those of all kinds.

    Examples
    --------
    >>> nurse = Wishes("K1", (), PartnerOccupation.OTHER, frozenset(), None, 5, partner_occupation="health")
    >>> factor_of("partner_jobs", nurse, {"partner_jobs.health"}), factor_of("partner_jobs", nurse, {"partner_jobs"})
    ('partner_jobs.health', 'partner_jobs')
    """
    own = f"{PARTNER_JOBS}.{wishes.partner_occupation}"
    return own if factor == PARTNER_JOBS and own in known else factor


def weight_shares(wishes: Wishes, rules: PreferenceRules) -> dict[str, float]:
    """Share of each factor in the candidate's utility, by factor in alphabetical order; they sum to 1.

    Own weights are divided by their sum. With a partner, the factor ``partner_jobs`` gets at least the floor of the
    partner's occupation group, and the other factors give way in proportion; an own weight above the floor stands.
    Without any weight every share but the floor is 0 and the order is left to the tie-break.

    Examples
    --------
    >>> rules = PreferenceRules(50.0, ((PartnerOccupation.OTHER, 0.2),))
    >>> own = Wishes("K1", (("workload", 3.0), ("colleagues", 1.0)), PartnerOccupation.OTHER, frozenset(), None, 5)
    >>> {factor: round(share, 2) for factor, share in weight_shares(own, rules).items()}
    {'colleagues': 0.2, 'partner_jobs': 0.2, 'workload': 0.6}
    """
    own = dict(sorted(wishes.factor_weights))
    total = sum(own.values())
    shares = {factor: weight / total if total else 0.0 for factor, weight in own.items()}
    stated = shares.get(PARTNER_JOBS, 0.0)
    floor = dict(rules.partner_floor).get(wishes.partner_occupation_group, 0.0)
    if floor > stated:
        shares = {factor: share * (1 - floor) / (1 - stated) for factor, share in shares.items()}
        shares[PARTNER_JOBS] = floor
    return dict(sorted(shares.items()))


def post_utilities(
    wishes: Sequence[Wishes], posts: Sequence[Post], factor_scores: pl.DataFrame, rules: PreferenceRules
) -> NDArray[np.float64]:
    """Give the utility (0-100) of each post to each candidate, shape (candidates, posts).

    It is the weighted mean of the municipality's factor scores, the one for a partner's jobs lifted (to 100 at most)
    where the candidate has a partner and the post a partner service. A null score (the factor has no figures there)
    counts as the neutral score for everyone: it neither helps nor harms the municipality. The interval and coverage of
    a score do not enter.

    Parameters
    ----------
    wishes, posts
        The two sides, in any order.
    factor_scores
        Frame of contract ``FactorScore``; ``municipality_code``, ``factor`` and ``score`` are read.
    rules
        From `preference_rules`.

    Raises
    ------
    InvalidInputError
        The frame lacks one of the three columns, or has no row for the municipality of a post.
    UnknownKeyError
        A candidate weighs a factor that the frame does not have.
    """
    terms = weighed_terms(wishes, factor_scores, rules)
    factors = sorted({term for own in terms for term in own})
    scores = score_matrix([factor for factor, _ in factors], posts, factor_scores, rules.neutral_score)
    points = [rules.partner_service_points * post.has_partner_service for post in posts]
    utilities = np.zeros((len(wishes), len(posts)))
    for term, row in zip(factors, scores, strict=True):  # one factor at a time: the same bits whatever the row order
        weights = np.array([own.get(term, 0.0) for own in terms])
        utilities += weights[:, None] * (np.minimum(row + points, 100.0) if term[1] else row)[None, :]
    return utilities


def weighed_terms(
    wishes: Sequence[Wishes], factor_scores: pl.DataFrame, rules: PreferenceRules
) -> list[dict[tuple[str, bool], float]]:
    """Weights (summing to 1) of each candidate by score and whether a partner service lifts it.

    Raises
    ------
    InvalidInputError
        The frame lacks a column.
    """
    if missing := {"municipality_code", "factor", "score"} - set(factor_scores.columns):
        raise InvalidInputError("factor_scores", factor_scores.columns, f"a frame with {', '.join(sorted(missing))}")
    known = set(factor_scores.get_column("factor").unique())
    return [
        {
            (factor_of(factor, own, known), factor == PARTNER_JOBS and has_partner(own)): share
            for factor, share in weight_shares(own, rules).items()
        }
        for own in wishes
    ]


def has_partner(wishes: Wishes) -> bool:
    """Whether there is a partner to consider."""
    return wishes.partner_occupation_group is not PartnerOccupation.NONE


def own_orders(
    wishes: Sequence[Wishes], posts: Sequence[Post], factor_scores: pl.DataFrame, rules: PreferenceRules
) -> dict[str, tuple[str, ...]]:
    """Each candidate's strict order of all posts, best first, by utility.

    Posts of equal utility are ordered by a number mixed from both identifiers: the same in every run and for every
    order of rows, and different between candidates, so that no post gains from its name.
    """
    utilities = np.round(post_utilities(wishes, posts, factor_scores, rules), DECIMALS)
    ties = _mixed(_numbers([own.candidate_id for own in wishes]), _numbers([post.post_id for post in posts]))
    order = np.lexsort((ties, -utilities), axis=-1)
    names = [post.post_id for post in posts]
    return {own.candidate_id: tuple(names[i] for i in row) for own, row in zip(wishes, order.tolist(), strict=True)}


def score_matrix(
    factors: Sequence[str], posts: Sequence[Post], factor_scores: pl.DataFrame, neutral: float
) -> NDArray[np.float64]:
    """Scores (0-100) of the posts' municipalities, shape (factors, posts); the neutral score where there is none.

    Raises
    ------
    InvalidInputError
        The frame has no row for the municipality of a post.
    UnknownKeyError
        The frame does not have a factor.
    """
    municipalities = [post.municipality_code for post in posts]
    known = factor_scores.get_column("factor").unique().sort().to_list()
    if unknown := sorted(set(factors) - set(known)):
        raise UnknownKeyError("factor", unknown[0], tuple(known))
    if outside := sorted(set(municipalities) - set(factor_scores.get_column("municipality_code"))):
        raise InvalidInputError("factor_scores", f"no row for {outside[0]}", "a row for the municipality of every post")
    rows = factor_scores.select("municipality_code", "factor", pl.col("score").fill_null(neutral)).iter_rows()
    score = {(municipality, factor): value for municipality, factor, value in rows}
    cells = [[score.get((municipality, factor), neutral) for municipality in municipalities] for factor in factors]
    return np.array(cells, dtype=np.float64).reshape(len(factors), len(municipalities))


def _numbers(names: Sequence[str]) -> NDArray[np.uint64]:
    digests = [int.from_bytes(sha256(name.encode()).digest()[:8], "big") for name in names]
    return np.array(digests, dtype=np.uint64)


def _mixed(left: NDArray[np.uint64], right: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Finaliser of SplitMix64 over every pair: spreads the bits so that no pair's number tells of another's."""
    bits = left[:, None] ^ right[None, :]
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))
