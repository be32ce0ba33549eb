"""Laws of rounds in which places may change hands and least numbers are set."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.random import default_rng

from engine.candidate_view import candidate_view
from engine.match_proof import round_proof
from engine.match_result import StabilityStatus
from engine.match_run import run_match
from engine.posts import Post
from engine.round_terms import MinimumQuota, Reversion, RoundTerms
from engine.terms_outcome import MinimumStatus, MovedPlaces, ReachedMinimum, TermsOutcome
from engine.why_not import Unavailable
from tests.property.test_joint_round_laws import REGIONS, a_joint_round
from tests.property.test_round_limits_laws import in_training, limits_over, played
from tests.property.test_stable_matching_round import SEEDS, TODAY, a_round
from tests.unit.engine.test_match_run import BODO, OSLO, SCORES, SEED, doctor, post
from tests.unit.engine.test_match_run import TODAY as DAY


def terms_over(seed: int, posts: tuple[Post, ...], limits: int) -> RoundTerms:
    """Limits, reversions along chains and cycles, and least numbers, all drawn."""
    rng = default_rng(seed + 3)
    names = [post.post_id for post in posts]
    if len(names) < 2:
        return RoundTerms()
    givers = rng.choice(names, size=int(rng.integers(0, len(names) + 1)), replace=False).tolist()
    reversions = tuple(Reversion(one, str(rng.choice([name for name in names if name != one]))) for one in givers)
    minimums = tuple(
        MinimumQuota(f"M{number}", int(rng.integers(1, 4)), frozenset({str(rng.choice(names))}))
        for number in range(int(rng.integers(0, 3)))
    )
    return RoundTerms(limits_over(seed, posts, limits).limits, reversions, minimums)


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.integers(6, 25), st.integers(0, 3), st.integers(0, 2))
def test_every_round_keeps_to_its_terms_and_says_what_came_of_them(
    seed: int, n: int, couples: int, limits: int
) -> None:
    doctors, posts, scores, joint = a_joint_round(seed, n, couples)
    doctors = in_training(doctors)
    terms = terms_over(seed, posts, limits)
    result = played(doctors, posts, scores, joint, terms)
    proof = result.proof.stability
    assert proof.capacity_respected
    assert proof.individually_rational
    assert proof.is_stable == (result.stability is StabilityStatus.STABLE)
    assert sum(result.capacities.values()) == sum(each.capacity for each in posts)
    held = [pair.post_id for pair in result.assignments]
    for each, quota in zip(result.outcome.minimums, sorted(terms.minimums, key=lambda q: q.quota_id), strict=True):
        assert each.reached == sum(held.count(name) for name in quota.posts)
    if result.outcome.minimum_status in {MinimumStatus.MET, MinimumStatus.MET_BY_CAP}:
        assert all(each.reached >= each.at_least for each in result.outcome.minimums)
    assert (result.outcome.cap is None) == (result.proof.blocking_without_cap is None)
    blocking = {(pair.candidate_id, pair.post_id) for pair in proof.blocking_pairs}
    for name in result.own_lists:
        if name not in result.joint_lists:
            for liked in candidate_view(result, name).better_liked:
                assert (liked.why is Unavailable.TO_BE_HAD) == ((name, liked.post_id) in blocking)


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.integers(6, 30))
def test_nobody_gets_a_worse_choice_because_places_change_hands(seed: int, n: int) -> None:
    doctors, posts, scores = a_round(seed, n)
    terms = RoundTerms(reversions=terms_over(seed, posts, 0).reversions)
    before, after = (run_match(doctors, posts, scores, "s", TODAY, terms=each) for each in (RoundTerms(), terms))
    for each in doctors:
        was, now = (candidate_view(result, each.candidate_id).position for result in (before, after))
        assert was is None or (now is not None and now <= was)


@settings(max_examples=20, deadline=None)
@given(SEEDS, st.integers(0, 2), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_terms_changes_nothing(seed: int, couples: int, random: Random) -> None:
    doctors, posts, scores, joint = a_joint_round(seed, 15, couples)
    terms = terms_over(seed, posts, 1)
    mixed, turned = list(doctors), list(posts)
    random.shuffle(mixed)
    random.shuffle(turned)
    other = RoundTerms(terms.limits, terms.reversions[::-1], terms.minimums[::-1])
    result = played(doctors, posts, scores, joint, terms)
    assert played(tuple(mixed), tuple(turned), scores.reverse(), joint[::-1], other) == result


TWO = [post("0301", 1), post("1804", 2)]
FROM_BODO = RoundTerms(reversions=(Reversion("P1804", "P0301"),))


def test_a_place_that_nobody_fills_goes_to_the_other_post_and_shows_in_both_answers() -> None:
    doctors = [doctor(name, (OSLO, 1.0), list_limit=1) for name in ("A", "B", "C", "D")]
    result = run_match(doctors, TWO, SCORES, SEED, DAY, terms=FROM_BODO)
    assert result.outcome.moved == (MovedPlaces("P1804", "P0301", 2),)
    assert result.capacities == {"P0301": 3, "P1804": 0}
    assert [pair.post_id for pair in result.assignments] == ["P0301"] * 3
    assert result.unfilled == ()


@pytest.mark.parametrize(
    "said",
    [
        TermsOutcome(),  # places were left that should have moved
        TermsOutcome(moved=(MovedPlaces("P1804", "P0301", 1),)),
        TermsOutcome(moved=(MovedPlaces("P1804", "P0301", 3),)),  # more than there are
        TermsOutcome(moved=(MovedPlaces("P0301", "P1804", 1),)),  # the other way
        TermsOutcome(moved=(MovedPlaces("P1804", "P0301", 2),), minimum_status=MinimumStatus.NOT_FEASIBLE),
        TermsOutcome(moved=(MovedPlaces("P1804", "P0301", 2),), minimums=(ReachedMinimum("M", 1, 1, 1),)),
    ],
)
def test_the_proof_sees_places_that_moved_otherwise_than_the_terms_say(said: TermsOutcome) -> None:
    doctors = [doctor(name, (OSLO, 1.0), list_limit=1) for name in ("A", "B", "C")]
    where = dict.fromkeys("ABC", "P0301")
    honest = TermsOutcome(moved=(MovedPlaces("P1804", "P0301", 2),))

    def respected(outcome: TermsOutcome) -> bool:
        proof = round_proof(where, doctors, TWO, SCORES, SEED, DAY, terms=FROM_BODO, regions=REGIONS, outcome=outcome)
        return proof.stability.capacity_respected

    assert respected(honest)
    assert not respected(said)


def test_a_least_number_is_met_by_a_cap_on_all_others_and_who_pays_is_told() -> None:
    doctors = [doctor(name, (OSLO, 2.0), (BODO, 1.0)) for name in ("A", "B")]
    wide = [post("0301", 2), post("1804", 2)]
    terms = RoundTerms(minimums=(MinimumQuota("north", 1, frozenset({"P1804"})),))
    result = run_match(doctors, wide, SCORES, SEED, DAY, terms=terms)
    loser = max(("A", "B"), key=result.lottery_places.__getitem__)
    assert {pair.candidate_id: pair.post_id for pair in result.assignments}[loser] == "P1804"
    assert result.outcome.minimum_status is MinimumStatus.MET_BY_CAP
    assert result.outcome.cap is not None
    assert (result.outcome.cap.places, result.outcome.cap.worse_off) == (1, 1)
    assert (result.proof.stability.is_stable, result.proof.blocking_without_cap) == (True, 1)
    (liked,) = candidate_view(result, loser).better_liked
    assert liked.why is Unavailable.LEAST_NUMBERS
    few = replace(terms, minimums=(MinimumQuota("north", 3, frozenset({"P1804"})),))
    failed = run_match(doctors, wide, SCORES, SEED, DAY, terms=few)
    assert failed.outcome.minimum_status is MinimumStatus.NOT_FEASIBLE
    assert [pair.post_id for pair in failed.assignments] == ["P0301", "P0301"]
