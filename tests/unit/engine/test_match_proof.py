"""The proof of a round sees faults that the run's own lists would hide."""

from dataclasses import replace
from datetime import date

from engine.match_proof import round_proof
from engine.match_run import run_match
from engine.proof_result import RoundProof
from tests.unit.engine.test_match_run import BODO, DOCTORS, OSLO, POSTS, SCORES, SEED, TODAY, doctor, post

HONEST = {pair.candidate_id: pair.post_id for pair in run_match(DOCTORS, POSTS, SCORES, SEED, TODAY).assignments}


def proof_of(matching: dict[str, str]) -> RoundProof:
    return round_proof(matching, DOCTORS, POSTS, SCORES, SEED, TODAY)


def test_the_proposal_itself_passes() -> None:
    assert proof_of(HONEST).stability.is_stable


def test_a_doctor_proposed_where_the_law_rules_it_out_shows() -> None:
    proof = proof_of(HONEST | {"U": "P5001"}).stability  # a trainee where nobody supervises
    assert not proof.individually_rational


def test_an_eligible_doctor_left_out_by_mistake_shows() -> None:
    proof = proof_of({name: at for name, at in HONEST.items() if name != "S"}).stability
    assert ("S", "P1804") in {(pair.candidate_id, pair.post_id) for pair in proof.blocking_pairs}


def test_tiers_taken_in_the_wrong_order_show() -> None:
    proof = proof_of({"S": "P0301", "T": "P1804", "U": "P0301"}).stability  # the trainee before the specialist
    assert ("S", "P1804") in {(pair.candidate_id, pair.post_id) for pair in proof.blocking_pairs}


def test_a_lottery_drawn_in_another_order_shows() -> None:
    rivals, places = [doctor("A", (BODO, 1.0)), doctor("B", (BODO, 1.0))], [post("1804")]
    (winner,) = (pair.candidate_id for pair in run_match(rivals, places, SCORES, SEED, TODAY).assignments)
    loser = "B" if winner == "A" else "A"
    proof = round_proof({loser: "P1804"}, rivals, places, SCORES, SEED, TODAY).stability
    assert [pair.candidate_id for pair in proof.blocking_pairs] == [winner]


def test_a_post_the_doctor_did_not_want_shows() -> None:
    only_oslo = replace(DOCTORS[0], wishes=replace(DOCTORS[0].wishes, counties=frozenset({"03"})))
    proof = round_proof({"S": "P1804"}, [only_oslo], POSTS, SCORES, SEED, TODAY).stability
    assert not proof.individually_rational


def test_pairs_beyond_the_own_limit_are_counted_beside_the_proof() -> None:
    short = [doctor(name, (BODO, 3.0), (OSLO, 1.0), list_limit=1) for name in ("A", "B")]
    proof = run_match(short, [post("1804"), post("0301", 1)], SCORES, SEED, TODAY).proof
    assert (proof.stability.pairs_checked, proof.stability.is_stable) == (2, True)
    assert (proof.own_limits.pairs, proof.own_limits.candidates) == (2, 2)
    assert proof.own_limits.unmatched_with_free_place == 1  # the loser would have got the free place in Oslo


def test_a_rule_that_is_not_yet_in_force_rules_nobody_out() -> None:
    early, day = post("1804"), date(2016, 8, 1)
    asked = replace(early.requirements, latest_start=day)
    before = replace(early, starts_on=day, requirements=asked, has_supervisor=False, tiers_set_on=date(2016, 1, 1))
    trainee = doctor("T", (BODO, 1.0), is_specialist=False)
    ready = replace(trainee, qualifications=replace(trainee.qualifications, available_from=day, lis1_complete=False))
    result = run_match([ready], [before], SCORES, SEED, TODAY)
    assert [pair.candidate_id for pair in result.assignments] == ["T"]
    assert result.proof.stability.is_stable
