"""Who is in a couple, and what the two want, reaches nobody but the two."""

from dataclasses import fields, replace

import grimp
import pytest
from numpy.random import default_rng

from engine.candidate_view import candidate_view
from engine.candidates import Candidate, Qualifications
from engine.employer_view import EmployerView, employer_view
from engine.joint_answer import JointAnswer
from engine.joint_wishes import JointReach, JointWishes
from engine.match_result import JointList, MatchResult
from engine.match_run import run_match
from engine.protected_fields import protected_fields
from engine.round_figures import RoundFigures
from engine.simulated_couples import simulate_couples
from engine.vacancy_explanation import PairExplanation, VacancyExplanation, pair_explanation, vacancy_explanation
from features.errors import InvalidInputError, UnknownKeyError
from tests.unit.engine.test_fairness import RED, TODAY, answers, doctors, orders, posts, scores
from tests.unit.engine.test_stay_ranks_nobody import held_types

TAKES_JOINT_WISHES_IN = {
    "engine.joint_lists",
    "engine.joint_proof",
    "engine.joint_wishes",
    "engine.match_proof",
    "engine.match_run",
    "engine.simulated_couples",
}
GRAPH = grimp.build_graph("engine", "models", "features", cache_dir=None)


def couples_of(people: tuple[Candidate, ...]) -> list[JointWishes]:
    names = [doctor.candidate_id for doctor in people]
    reaches = list(JointReach)
    pairs = zip(names[:8:2], names[1:8:2], strict=True)
    return [JointWishes(pair, reaches[at % 2 * 2], takes_one=at == 0) for at, pair in enumerate(pairs)]


def joint_round(seed: int, people: tuple[Candidate, ...] | None = None) -> MatchResult:
    taking_part = people or doctors(seed)
    joint = couples_of(taking_part)
    return run_match(taking_part, posts(seed), scores(seed), f"seed {seed}", TODAY, joint=joint)


def test_nothing_but_the_match_itself_can_reach_joint_wishes() -> None:
    others = {name for name in GRAPH.modules if name.startswith("engine.")} - TAKES_JOINT_WISHES_IN
    assert {"engine.employer_view", "engine.vacancy_explanation", "engine.attractiveness", "engine.ranking"} <= others
    assert {name for name in others if GRAPH.chain_exists(importer=name, imported="engine.joint_wishes")} == set()


@pytest.mark.parametrize("kind", [EmployerView, VacancyExplanation, PairExplanation, RoundFigures, Qualifications])
def test_no_value_that_others_see_has_room_for_a_couple(kind: type) -> None:
    found = held_types(kind, set())
    assert kind in found
    assert found.isdisjoint({JointWishes, JointList, JointAnswer})
    named = {field.name for each in found for field in fields(each)}
    assert {name for name in named if any(word in name for word in ("joint", "couple", "partner", "member"))} == set()


@pytest.mark.parametrize("seed", range(4))
def test_an_employers_answer_is_the_same_object_whether_or_not_the_proposed_are_a_couple(seed: int) -> None:
    result = joint_round(seed)
    assert any(pair.candidate_id in result.joint_lists for pair in result.assignments)
    blind = replace(result, joint_lists={}, own_lists={})
    for name in result.posts:
        view = employer_view(result, name)
        assert view == employer_view(blind, name)
        assert vacancy_explanation(result, name) == vacancy_explanation(blind, name)
        for doctor in result.joint_lists:
            assert pair_explanation(result, doctor, name) == pair_explanation(blind, doctor, name)
        text = repr(view).lower()
        assert not any(word in text for word in ("joint", "couple", "partner"))


@pytest.mark.parametrize("seed", range(6))
def test_being_a_couple_changes_no_order_of_a_post_no_lottery_and_no_published_checksum(seed: int) -> None:
    people = doctors(seed)
    alone = run_match(people, posts(seed), scores(seed), f"seed {seed}", TODAY)
    together = joint_round(seed)
    assert orders(alone) == orders(together)
    assert alone.lottery_places == together.lottery_places
    assert alone.public_inputs_sha256 == together.public_inputs_sha256
    assert alone.ineligible_candidates == together.ineligible_candidates


@pytest.mark.parametrize("seed", range(6))
def test_only_the_two_are_told_of_each_other(seed: int) -> None:
    result = joint_round(seed)
    for name in result.qualifications:
        view = candidate_view(result, name)
        assert (view.joint is not None) == (name in result.joint_lists)
        own = {name} | ({view.joint.partner_id} if view.joint else set())
        assert not any(other in repr(view) for other in result.qualifications if other not in own)


def test_the_printed_result_holds_no_couple() -> None:
    assert "joint_lists" not in repr(joint_round(1))


@pytest.mark.parametrize("attribute", RED)
def test_flipping_a_red_attribute_of_everybody_changes_nothing_in_a_round_with_couples(attribute: str) -> None:
    """What the guard lets through of a row is the same for both values, so the whole round is."""
    seed, outcomes = 5, []
    formal = [field.name for field in fields(Qualifications)]
    for value in RED[attribute]:
        rows = [
            {name: getattr(doctor.qualifications, name) for name in formal} | {attribute: value}
            for doctor in doctors(seed, 20)
        ]
        refused = {hit.field for row in rows for hit in protected_fields(row)}
        assert refused == {attribute}
        kept = [Qualifications(**{key: held for key, held in row.items() if key not in refused}) for row in rows]
        people = tuple(replace(doctor, qualifications=own) for doctor, own in zip(doctors(seed, 20), kept, strict=True))
        outcomes.append(answers(people, seed, couples_of(people)))
    assert outcomes[0] == outcomes[1]


def test_simulated_couples_are_drawn_by_lot_and_leave_all_others_as_they_were() -> None:
    people = doctors(1, 30)
    changed, couples = simulate_couples(people, 5, default_rng(3), today=TODAY)
    members = {member for couple in couples for member in couple.members}
    assert len(members) == 10
    for before, after in zip(people, changed, strict=True):
        assert before.qualifications == after.qualifications
        assert (before == after) or before.candidate_id in members
    again = simulate_couples(people, 5, default_rng(3), today=TODAY)
    assert again == (changed, couples)
    assert simulate_couples(people, 0, default_rng(3), today=TODAY) == (people, ())
    with pytest.raises(InvalidInputError, match="0–"):
        simulate_couples(people, 16, default_rng(3), today=TODAY)


def test_couples_that_cannot_be_are_refused() -> None:
    people, places, table = doctors(1, 4), posts(1), scores(1)
    one, other, third, _ = (doctor.candidate_id for doctor in people)
    anywhere = JointReach.ANYWHERE

    def played(*joint: JointWishes) -> MatchResult:
        return run_match(people, places, table, "s", TODAY, joint=joint)

    with pytest.raises(InvalidInputError, match="one couple at most"):
        played(JointWishes((one, other), anywhere), JointWishes((other, third), anywhere))
    with pytest.raises(UnknownKeyError) as caught:
        played(JointWishes((one, "nobody"), anywhere))
    assert caught.value.known == ()
    with pytest.raises(UnknownKeyError):
        played(JointWishes((one, other), own_ranking=(("P-nowhere", None),)))
