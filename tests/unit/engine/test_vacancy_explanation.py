"""An employer learns formal facts and counts of five or more; a doctor learns what would change a no."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from engine.candidate_view import candidate_view
from engine.candidates import Candidate, LanguageLevel
from engine.eligibility import Requirement, RequirementReason
from engine.match_result import MatchResult
from engine.match_run import run_match
from engine.posts import Post, QualificationGroup
from engine.remedies import Change, Remedy
from engine.vacancy_explanation import PairOutcome, open_changes, pair_explanation, vacancy_explanation
from features.errors import UnknownKeyError
from tests.unit.engine.test_match_run import BODO, OSLO, RESULT, SCORES, SEED, START, TODAY, doctor, post


def a_round(specialists: int, trainees: int, at: Post) -> MatchResult:
    people = [doctor(f"S{i}", (BODO, 1.0)) for i in range(specialists)]
    people += [doctor(f"T{i}", (BODO, 1.0), is_specialist=False) for i in range(trainees)]
    return run_match(people, [at], SCORES, SEED, TODAY)


UNSUPERVISED = post("1804", has_supervisor=False)


def more_with(result: MatchResult, change: Change) -> int | None:
    found = vacancy_explanation(result, "P1804").counterfactuals
    (count,) = (each.more_eligible for each in found if each.remedy.change is change)
    return count


@pytest.mark.parametrize(("trainees", "shown"), [(4, None), (5, 5), (9, 9)])
def test_with_a_supervisor_more_doctors_would_have_qualified_and_few_are_not_counted(
    trainees: int, shown: int | None
) -> None:
    assert more_with(a_round(6, trainees, UNSUPERVISED), Change.SUPERVISOR_AT_POST) == shown


def test_counts_are_of_doctors_by_formal_reason() -> None:
    found = vacancy_explanation(a_round(6, 7, UNSUPERVISED), "P1804")
    assert (found.candidates, found.eligible, found.capacity, found.filled) == (13, 6, 1, 1)
    assert dict(found.blocked)[RequirementReason.NO_SUPERVISOR_FOR_TRAINEE] == 7
    assert dict(found.blocked)[RequirementReason.NOT_AUTHORISED] is None
    few = vacancy_explanation(a_round(6, 4, UNSUPERVISED), "P1804")
    assert (few.eligible, dict(few.blocked)[RequirementReason.NO_SUPERVISOR_FOR_TRAINEE]) == (None, None)


def test_each_change_that_is_open_is_tried_and_none_that_is_made() -> None:
    full = replace(UNSUPERVISED, requirements=replace(UNSUPERVISED.requirements, fte_minimum=1.0))
    assert open_changes(full) == (
        Remedy(Change.SUPERVISOR_AT_POST),
        Remedy(Change.ACCEPT_LATER_START, START + timedelta(days=90)),
        Remedy(Change.ACCEPT_SMALLER_POSITION, 0.5),
    )
    narrow = replace(
        post("1804"),
        tiers=(frozenset({QualificationGroup.TRAINEE}),),
        supervision_hours_year=10.0,
        requirements=replace(UNSUPERVISED.requirements, fte_maximum=0.6),
    )
    assert [remedy.change for remedy in open_changes(narrow)] == [
        Change.MORE_SUPERVISION_HOURS,
        Change.ADVERTISE_FOR_GROUP,
        Change.ACCEPT_LATER_START,
        Change.OFFER_LARGER_POSITION,
    ]


def test_an_employers_explanation_does_not_depend_on_anybodys_wishes() -> None:
    people = [doctor(f"S{i}", (BODO, 1.0)) for i in range(8)]
    elsewhere = [replace(each, wishes=replace(each.wishes, counties=frozenset({"03"}))) for each in people]

    def told(group: Sequence[Candidate]) -> object:
        return replace(vacancy_explanation(run_match(group, [UNSUPERVISED], SCORES, SEED, TODAY), "P1804"), filled=0)

    assert told(people) == told(elsewhere)


def test_every_doctor_who_qualifies_and_is_not_proposed_looks_alike_to_the_employer() -> None:
    loser, indifferent = doctor("A", (BODO, 1.0)), doctor("B", (BODO, 1.0))
    elsewhere = doctor("C", (OSLO, 1.0))
    away = replace(indifferent, wishes=replace(indifferent.wishes, counties=frozenset({"50"})))
    result = run_match(
        [loser, away, elsewhere, doctor("D", (BODO, 1.0))], [post("1804"), post("0301")], SCORES, SEED, TODAY
    )
    told = {name: pair_explanation(result, name, "P1804") for name in ("A", "B", "C", "D")}
    others = [each for each in told.values() if each.outcome is not PairOutcome.PROPOSED]
    assert len(others) == 3
    assert len({repr(replace(each, candidate_id="")) for each in others}) == 1


def test_a_doctor_who_does_not_qualify_is_explained_by_rule_and_source() -> None:
    found = pair_explanation(RESULT, "U", "P5001")
    assert (found.outcome, found.reasons) == (
        PairOutcome.NOT_ELIGIBLE,
        (RequirementReason.NO_SUPERVISOR_FOR_TRAINEE,),
    )
    (missed,) = (each for each in found.requirements if not each.is_met)
    assert missed.requirement is Requirement.SUPERVISOR_FOR_TRAINEE
    assert missed.rule.source.startswith("Spesialistforskriften")
    for name, at in (("nobody", "P5001"), ("U", "nowhere")):
        with pytest.raises(UnknownKeyError):
            pair_explanation(RESULT, name, at)
    with pytest.raises(UnknownKeyError):
        vacancy_explanation(RESULT, "nowhere")


def test_the_doctor_learns_how_far_each_change_must_go() -> None:
    (bodo, trondheim) = candidate_view(RESULT, "T").better_liked
    assert trondheim.remedies == (Remedy(Change.SUPERVISOR_AT_POST),)
    assert bodo.remedies == (Remedy(Change.COMPLETE_SPECIALIST_TRAINING),)
    weak = doctor("W", (BODO, 1.0))
    weak = replace(weak, qualifications=replace(weak.qualifications, language_level=LanguageLevel.B1))
    (own,) = candidate_view(run_match([weak], [post("1804")], SCORES, SEED, TODAY), "W").better_liked
    assert own.remedies == (Remedy(Change.DOCUMENT_NORWEGIAN, LanguageLevel.B2),)
