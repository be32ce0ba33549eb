import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from engine.candidate_view import candidate_view
from engine.candidates import Candidate, ContractForm, LanguageLevel, PartnerOccupation, Qualifications, Wishes
from engine.eligibility import Requirement, RequirementReason
from engine.employer_view import employer_view
from engine.match_run import run_match
from engine.posts import Post, QualificationGroup, Requirements
from engine.ranking import lottery_number
from engine.why_not import Unavailable, WhatWouldChange
from engine.wish_limits import WishReason
from features.errors import InvalidInputError, UnknownKeyError

TODAY, START = date(2026, 1, 15), date(2026, 8, 1)
TIERS = (frozenset({QualificationGroup.SPECIALIST}), frozenset({QualificationGroup.TRAINEE}))
SEED = "2026-1"


def doctor(name: str, *likes: tuple[str, float], is_specialist: bool = True, list_limit: int = 10) -> Candidate:
    """A doctor who weighs factors named after municipalities, so that each order of posts can be written down."""
    formal = Qualifications(name, True, True, is_specialist, not is_specialist, LanguageLevel.C2, START, 1.0)
    own = Wishes(name, likes, PartnerOccupation.NONE, frozenset(ContractForm), None, list_limit)
    return Candidate(formal, own, simulated=False)


def post(code: str, capacity: int = 1, *, has_supervisor: bool = True) -> Post:
    asked = Requirements(LanguageLevel.B2, START, 0.5)
    return Post(f"P{code}", code, code[:2], ContractForm.SALARIED, capacity, has_supervisor, START, asked, TIERS, TODAY)


CODES = ("0301", "1804", "5001")
SCORES = pl.DataFrame(
    [(code, f"likes_{factor}", 100.0 if code == factor else 0.0) for code in CODES for factor in CODES],
    schema={"municipality_code": str, "factor": str, "score": float},
    orient="row",
)
OSLO, BODO, TRONDHEIM = (f"likes_{code}" for code in CODES)
# The specialist and the trainee both like Bodø best; Bodø has one place and takes the specialist.
DOCTORS = [
    doctor("S", (BODO, 3.0), (OSLO, 1.0)),
    doctor("T", (BODO, 3.0), (TRONDHEIM, 2.0), (OSLO, 1.0), is_specialist=False),
    doctor("U", (TRONDHEIM, 3.0), (BODO, 2.0), (OSLO, 1.0), is_specialist=False),
]
POSTS = [post("0301", 2), post("1804"), post("5001", has_supervisor=False)]
RESULT = run_match(DOCTORS, POSTS, SCORES, SEED, TODAY)


def test_the_proposal_pairs_by_wishes_tier_and_lottery() -> None:
    pairs = {pair.candidate_id: (pair.post_id, pair.tier) for pair in RESULT.assignments}
    assert pairs == {"S": ("P1804", 1), "T": ("P0301", 2), "U": ("P0301", 2)}
    assert [(left.post_id, left.capacity, left.filled) for left in RESULT.unfilled] == [("P5001", 1, 0)]
    assert RESULT.unmatched == ()


def test_the_proof_counts_every_mutually_acceptable_pair() -> None:
    assert RESULT.proof.stability.is_stable
    assert RESULT.proof.stability.pairs_checked == 3 + 2 + 2


def test_people_who_miss_a_requirement_are_counted_once_whatever_the_number_of_posts() -> None:
    unsupervised = [replace(each, has_supervisor=False) for each in POSTS]
    result = run_match(DOCTORS, unsupervised, SCORES, SEED, TODAY)
    assert result.ineligible_candidates == ((RequirementReason.NO_SUPERVISOR_FOR_TRAINEE, 2),)


def test_the_order_of_everything_given_is_irrelevant_even_to_the_fingerprints() -> None:
    assert run_match(DOCTORS[::-1], POSTS[::-1], SCORES.reverse(), SEED, TODAY) == RESULT


def test_the_fingerprint_covers_everything_but_the_wishes() -> None:
    changed = replace(DOCTORS[0], wishes=replace(DOCTORS[0].wishes, list_limit=9))
    other = run_match([changed, *DOCTORS[1:]], POSTS, SCORES, SEED, TODAY)
    assert other.public_inputs_sha256 == RESULT.public_inputs_sha256
    assert run_match(DOCTORS, POSTS, SCORES, "2026-2", TODAY).public_inputs_sha256 != RESULT.public_inputs_sha256
    unable = replace(DOCTORS[0], qualifications=replace(DOCTORS[0].qualifications, lis1_complete=False))
    other = run_match([unable, *DOCTORS[1:]], POSTS, SCORES, SEED, TODAY)
    assert other.public_inputs_sha256 != RESULT.public_inputs_sha256


def test_a_whole_number_written_as_such_gives_the_same_fingerprint() -> None:
    whole = [replace(each, qualifications=replace(each.qualifications, fte=1)) for each in DOCTORS]
    scores = SCORES.with_columns(pl.col("score").cast(pl.Int64))
    assert run_match(whole, POSTS, scores, SEED, TODAY).public_inputs_sha256 == RESULT.public_inputs_sha256


def test_a_real_round_is_not_marked_simulated_and_one_simulated_part_marks_it() -> None:
    assert not RESULT.simulated
    made_up = replace(POSTS[0], simulated_fields=("tiers",))
    assert run_match(DOCTORS, [made_up, *POSTS[1:]], SCORES, SEED, TODAY).simulated
    assert run_match([replace(DOCTORS[0], simulated=True)], POSTS, SCORES, SEED, TODAY).simulated


def test_one_real_doctor_makes_the_candidates_of_a_round_real() -> None:
    made_up = [replace(each, simulated=True) for each in DOCTORS]
    assert run_match(made_up, POSTS, SCORES, SEED, TODAY).candidates_simulated
    assert not run_match([DOCTORS[0], *made_up[1:]], POSTS, SCORES, SEED, TODAY).candidates_simulated


def test_tiers_set_after_the_round_a_name_twice_and_no_seed_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="before names are seen"):
        run_match(DOCTORS, [replace(POSTS[0], tiers_set_on=date(2026, 1, 16))], SCORES, SEED, TODAY)
    with pytest.raises(InvalidInputError, match="each identifier once"):
        run_match([DOCTORS[0], DOCTORS[0]], POSTS, SCORES, SEED, TODAY)
    with pytest.raises(InvalidInputError, match="lottery_seed"):
        run_match(DOCTORS, POSTS, SCORES, "", TODAY)


def test_an_empty_round_gives_an_empty_proposal() -> None:
    empty = run_match([], [], SCORES, SEED, TODAY)
    stability = empty.proof.stability
    assert (empty.assignments, empty.unmatched, stability.pairs_checked, stability.is_stable) == ((), (), 0, True)


def test_the_employer_sees_requirements_tier_and_lottery_place() -> None:
    view = employer_view(RESULT, "P1804")
    (proposed,) = view.proposed
    assert (proposed.candidate_id, proposed.tier) == ("S", 1)
    assert proposed.lottery_place == RESULT.lottery_places["S"]
    assert Requirement.LANGUAGE_DOCUMENTED in proposed.requirements_met
    assert Requirement.LIS1_COMPLETE not in proposed.requirements_met  # does not apply to a specialist
    assert view.candidates_in_lottery == 3


def test_the_lottery_number_can_be_computed_from_the_answer_alone() -> None:
    for each in POSTS:
        view = employer_view(RESULT, each.post_id)
        for proposed in view.proposed:
            assert proposed.lottery_number == lottery_number(view.lottery_seed, proposed.candidate_id)


def test_several_trainees_on_one_supervisor_are_proposed_and_told_with_the_hours_they_need() -> None:
    view = employer_view(RESULT, "P0301")
    assert [proposed.candidate_id for proposed in view.proposed] != []
    assert (view.trainees_to_supervise, view.supervision_hours_year) == (2, 2 * 42)
    specialist = employer_view(RESULT, "P1804")
    assert (specialist.trainees_to_supervise, specialist.supervision_hours_year) == (0, 0)


def test_wishes_that_change_no_pair_change_no_employers_answer() -> None:
    picky = replace(DOCTORS[0].wishes, counties=frozenset({"18"}), partner_occupation_group=PartnerOccupation.NONE)
    other = run_match([replace(DOCTORS[0], wishes=picky), *DOCTORS[1:]], POSTS, SCORES, SEED, TODAY)
    assert other.assignments == RESULT.assignments
    for each in POSTS:
        assert employer_view(other, each.post_id) == employer_view(RESULT, each.post_id)


def test_the_printed_result_holds_no_wishes() -> None:
    assert "own_lists" not in repr(RESULT)
    assert "qualifications=" not in repr(RESULT)


def test_the_candidate_learns_why_each_better_liked_post_was_not_to_be_had() -> None:
    view = candidate_view(RESULT, "T")
    assert (view.post_id, view.position, view.list_length) == ("P0301", 2, 2)
    bodo, trondheim = view.better_liked
    assert (bodo.post_id, bodo.why, bodo.own_tier, bodo.last_tier_admitted) == (
        "P1804",
        Unavailable.FILLED_BY_BETTER_TIER,
        2,
        1,
    )
    assert (trondheim.post_id, trondheim.position, trondheim.why) == ("P5001", None, Unavailable.NOT_ELIGIBLE)
    assert trondheim.reasons == (RequirementReason.NO_SUPERVISOR_FOR_TRAINEE,)
    assert trondheim.what_would_change is WhatWouldChange.SUPERVISION_ARRANGED_BY_MUNICIPALITY


def test_the_candidate_who_got_the_first_wish_has_nothing_better() -> None:
    view = candidate_view(RESULT, "S")
    assert (view.post_id, view.position, view.better_liked) == ("P1804", 1, ())


def test_losing_the_lottery_and_lacking_requirements_are_told_apart() -> None:
    rivals = [doctor("A", (BODO, 1.0)), doctor("B", (BODO, 1.0))]
    unable = replace(rivals[0].qualifications, candidate_id="C", authorised=False)
    third = Candidate(unable, replace(rivals[0].wishes, candidate_id="C"), simulated=False)
    result = run_match([*rivals, third], [post("1804")], SCORES, SEED, TODAY)
    winner, loser = sorted("AB", key=result.lottery_places.__getitem__)
    assert [pair.candidate_id for pair in result.assignments] == [winner]
    lost = candidate_view(result, loser)
    assert (lost.post_id, lost.position) == (None, None)
    assert lost.better_liked[0].why is Unavailable.FILLED_BY_LOTTERY
    assert lost.better_liked[0].what_would_change is WhatWouldChange.MORE_PLACES
    refused = candidate_view(result, "C").better_liked[0]
    assert refused.reasons == (RequirementReason.NOT_AUTHORISED,)
    assert refused.what_would_change is WhatWouldChange.MEETING_THE_REQUIREMENTS


def test_a_post_without_places_is_told_as_such() -> None:
    result = run_match([doctor("A", (BODO, 1.0))], [post("1804", 0)], SCORES, SEED, TODAY)
    assert candidate_view(result, "A").better_liked[0].why is Unavailable.NO_PLACES


def test_own_limits_are_counted_for_the_candidate_alone() -> None:
    short = doctor("A", (BODO, 3.0), (OSLO, 2.0), (TRONDHEIM, 1.0), list_limit=1)
    fussy = replace(short, wishes=replace(short.wishes, counties=frozenset({"18", "03"})))
    view = candidate_view(run_match([fussy], POSTS, SCORES, SEED, TODAY), "A")
    assert view.list_length == 1
    assert view.left_out == ((WishReason.BELOW_OWN_LIMIT, 1), (WishReason.REGION_NOT_WANTED, 1))


def test_the_own_limit_counts_only_posts_the_doctor_qualifies_for() -> None:
    limited = doctor("T", (BODO, 3.0), (TRONDHEIM, 2.0), (OSLO, 1.0), is_specialist=False, list_limit=1)
    own = run_match([limited], POSTS, SCORES, SEED, TODAY).own_lists["T"]
    assert own.listed == ("P1804",)
    assert own.left_out == ((WishReason.BELOW_OWN_LIMIT, 1),)  # Oslo; Trondheim has no supervisor


def test_unknown_posts_and_candidates_are_refused_without_telling_who_else_takes_part() -> None:
    with pytest.raises(UnknownKeyError):
        employer_view(RESULT, "P9999")
    with pytest.raises(UnknownKeyError) as caught:
        candidate_view(RESULT, "nobody")
    assert caught.value.known == ()


def test_a_post_out_of_reach_takes_no_place_on_a_limited_list() -> None:
    limited = doctor("T", (BODO, 3.0), (TRONDHEIM, 2.0), (OSLO, 1.0), is_specialist=False, list_limit=2)
    own = run_match([limited], POSTS, SCORES, SEED, TODAY).own_lists["T"]
    assert own.listed == ("P1804", "P0301")
    assert [entry.post_id for entry in own.entries] == ["P1804", "P5001", "P0301"]
    assert own.left_out == ()


def test_the_fingerprints_are_the_same_in_every_process() -> None:
    code = (
        "from datetime import date; import polars as pl; from numpy.random import default_rng\n"
        "from engine.match_fingerprint import public_fingerprint\n"
        "from engine.simulated_candidates import simulate_candidates\n"
        "day = date(2026, 1, 15)\n"
        "doctors = simulate_candidates(9, list('abcdef'), ['x'], default_rng(1), today=day)\n"
        "scores = pl.DataFrame({'municipality_code': ['5001'], 'factor': ['x'], 'score': [1.0]})\n"
        "print(public_fingerprint(doctors, [], scores, 's', day))"
    )
    root = Path(__file__).parents[3]
    printed = {
        subprocess.run(
            [sys.executable, "-c", code], cwd=root, env={"PYTHONHASHSEED": seed}, check=True, capture_output=True
        ).stdout
        for seed in ("1", "2", "3")  # sets of names come out in another order under each
    }
    assert len(printed) == 1
