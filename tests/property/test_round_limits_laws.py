"""Laws of rounds whose posts share limits, with and without couples, against every matching of small rounds."""

from dataclasses import replace
from random import Random

import polars as pl
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.random import default_rng

from engine.candidate_view import candidate_view
from engine.candidates import Candidate
from engine.couple_stability import verdict_on
from engine.employer_view import employer_view
from engine.joint_proof import submitted_couples, submitted_instance
from engine.joint_wishes import JointWishes
from engine.match_proof import submitted_limits, submitted_market
from engine.match_result import MatchResult, StabilityStatus
from engine.match_run import run_match
from engine.posts import Post
from engine.round_terms import LimitKind, RoundTerms, SharedLimit
from engine.why_not import Unavailable
from tests.property.test_joint_round_laws import REGIONS, a_joint_round, matchings
from tests.property.test_stable_matching_round import SEEDS, TODAY


def limits_over(seed: int, posts: tuple[Post, ...], n: int) -> RoundTerms:
    """Limits of all kinds over posts drawn, so that some overlap."""
    rng = default_rng(seed + 2)
    names = [post.post_id for post in posts]
    return RoundTerms(
        tuple(
            SharedLimit(
                f"L{number}",
                list(LimitKind)[int(rng.integers(0, 4))],
                int(rng.integers(0, 3)),
                frozenset(rng.choice(names, size=int(rng.integers(1, len(names) + 1)), replace=False).tolist()),
            )
            for number in range(n if names else 0)
        )
    )


def played(
    doctors: tuple[Candidate, ...],
    posts: tuple[Post, ...],
    scores: pl.DataFrame,
    joint: list[JointWishes],
    terms: RoundTerms,
) -> MatchResult:
    return run_match(doctors, posts, scores, "s", TODAY, joint=joint, terms=terms, regions=REGIONS)


def in_training(doctors: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """Every other doctor in training and ready for it, so that limits for training count somebody."""
    return tuple(
        replace(
            each,
            qualifications=replace(each.qualifications, is_specialist=False, in_training=True, lis1_complete=True),
        )
        if number % 2
        else each
        for number, each in enumerate(doctors)
    )


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.integers(4, 6), st.integers(0, 2), st.integers(1, 4), st.integers(1, 3))
def test_a_small_round_with_limits_is_stable_if_and_only_if_some_matching_is(
    seed: int, n: int, couples: int, towns: int, limits: int
) -> None:
    doctors, posts, scores, joint = a_joint_round(seed, n, couples, towns)
    doctors = in_training(doctors)
    terms = limits_over(seed, posts, limits)
    result = played(doctors, posts, scores, joint, terms)
    market = submitted_market(doctors, posts, scores, "s", TODAY)
    pairs = submitted_couples(market, joint, posts, REGIONS, market.capacities)
    instance = submitted_instance(market, pairs, submitted_limits(terms, doctors, posts))
    verdicts = [verdict_on(instance, found) for found in matchings(instance)]
    fewest = min(len(verdict.blocking) for verdict in verdicts if verdict.is_allowed)
    assert result.stability is (StabilityStatus.STABLE if fewest == 0 else StabilityStatus.NONE_EXISTS)
    proof = result.proof.stability
    assert proof.capacity_respected
    assert proof.individually_rational
    assert result.bound <= fewest <= proof.blocking
    assert proof.is_stable == (fewest == 0)


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.integers(6, 30), st.integers(0, 3), st.integers(1, 4))
def test_limits_hold_and_everybody_learns_what_stood_in_the_way(seed: int, n: int, couples: int, limits: int) -> None:
    doctors, posts, scores, joint = a_joint_round(seed, n, couples)
    doctors = in_training(doctors)
    terms = limits_over(seed, posts, limits)
    result = played(doctors, posts, scores, joint, terms)
    trainees = {each.candidate_id for each in doctors if each.qualifications.in_training}
    for limit in terms.limits:
        seated = {pair.candidate_id for pair in result.assignments if pair.post_id in limit.posts}
        counted = seated if limit.kind is LimitKind.REGIONAL_QUOTA else seated & trainees
        assert len(counted) <= limit.capacity
        for left in result.unfilled:
            if left.post_id in limit.posts:
                assert (limit.limit_id in left.held_back_by) == (len(counted) == limit.capacity)
    blocking = {(pair.candidate_id, pair.post_id) for pair in result.proof.stability.blocking_pairs}
    free = {left.post_id for left in result.unfilled}
    for doctor in doctors:
        if doctor.candidate_id in result.joint_lists:
            continue
        for each in candidate_view(result, doctor.candidate_id).better_liked:
            assert (each.why is Unavailable.TO_BE_HAD) == ((doctor.candidate_id, each.post_id) in blocking)
            assert (each.limit_id is not None) == (each.why is Unavailable.SHARED_LIMIT)
            if each.why in {Unavailable.FILLED_BY_LOTTERY, Unavailable.FILLED_BY_BETTER_TIER}:
                assert each.post_id not in free


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.integers(0, 2), st.integers(1, 3), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_limits_changes_nothing(seed: int, couples: int, limits: int, random: Random) -> None:
    doctors, posts, scores, joint = a_joint_round(seed, 20, couples)
    terms = limits_over(seed, posts, limits)
    mixed, turned = list(doctors), list(posts)
    random.shuffle(mixed)
    random.shuffle(turned)
    other = played(tuple(mixed), tuple(turned), scores.reverse(), joint[::-1], RoundTerms(terms.limits[::-1]))
    assert other == played(doctors, posts, scores, joint, terms)


@settings(max_examples=30, deadline=None)
@given(SEEDS, st.integers(6, 30))
@example(256, 6)
def test_limits_that_nobody_can_reach_change_nobodys_post(seed: int, n: int) -> None:
    doctors, posts, scores, _ = a_joint_round(seed, n, 0)
    wide = RoundTerms(
        (SharedLimit("L", LimitKind.REGIONAL_QUOTA, n + 1, frozenset(post.post_id for post in posts)),) if posts else ()
    )
    alone, limited = played(doctors, posts, scores, [], RoundTerms()), played(doctors, posts, scores, [], wide)
    assert limited.assignments == alone.assignments
    assert limited.unfilled == alone.unfilled
    assert limited.proof == alone.proof
    for post in posts:
        answers = [replace(employer_view(each, post.post_id), public_inputs_sha256="") for each in (alone, limited)]
        assert answers[0] == answers[1]
