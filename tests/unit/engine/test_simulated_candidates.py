from datetime import date

import pytest
from numpy.random import default_rng

from engine.candidates import LanguageLevel, PartnerOccupation
from engine.simulated_candidates import simulate_candidates
from features.errors import InvalidInputError

TODAY = date(2026, 1, 15)
COUNTIES = ["03", "18", "50", "55", "56"]
FACTORS = ["workload", "colleagues", "partner_jobs"]
DOCTORS = simulate_candidates(4000, COUNTIES, FACTORS, default_rng(20260115), today=TODAY)


def share(hits: list[bool]) -> float:
    return sum(hits) / len(hits)


def test_the_share_of_specialists_is_the_published_one() -> None:
    assert share([doctor.qualifications.is_specialist for doctor in DOCTORS]) == pytest.approx(0.632, abs=0.02)


def test_the_assumed_shares_come_out() -> None:
    formal = [doctor.qualifications for doctor in DOCTORS]
    assert share([own.in_training for own in formal if not own.is_specialist]) == pytest.approx(0.85, abs=0.03)
    assert share([own.authorised for own in formal]) == pytest.approx(0.98, abs=0.01)
    assert share([own.fte == 1 for own in formal]) == pytest.approx(0.85, abs=0.02)
    assert share([own.language_level is LanguageLevel.C2 for own in formal]) == pytest.approx(0.85, abs=0.02)
    partners = [doctor.wishes.partner_occupation_group for doctor in DOCTORS]
    assert share([group is PartnerOccupation.HIGHER_EDUCATION for group in partners]) == pytest.approx(0.5, abs=0.03)


def test_a_specialist_is_not_in_training_and_nobody_is_available_before_today() -> None:
    for doctor in DOCTORS:
        assert not (doctor.qualifications.is_specialist and doctor.qualifications.in_training)
        assert doctor.qualifications.available_from >= TODAY


def test_wishes_are_complete_and_within_the_given_counties_and_factors() -> None:
    for doctor in DOCTORS:
        own = doctor.wishes
        assert own.contract_forms
        assert own.counties is None or (own.counties and own.counties <= set(COUNTIES))
        assert {factor for factor, _ in own.factor_weights} == set(FACTORS)
        assert sum(weight for _, weight in own.factor_weights) == pytest.approx(1, abs=1e-5)
        assert 5 <= own.list_limit <= 30


def test_the_same_seed_gives_the_same_doctors_whatever_the_order_of_counties_and_factors() -> None:
    again = simulate_candidates(20, COUNTIES[::-1], [*FACTORS[::-1], "workload"], default_rng(20260115), today=TODAY)
    assert again == DOCTORS[:20]
    assert all(doctor.simulated for doctor in again)


@pytest.mark.parametrize(("n", "counties", "factors"), [(-1, COUNTIES, FACTORS), (1, [], FACTORS), (1, COUNTIES, [])])
def test_impossible_orders_are_refused(n: int, counties: list[str], factors: list[str]) -> None:
    with pytest.raises(InvalidInputError):
        simulate_candidates(n, counties, factors, default_rng(1), today=TODAY)
