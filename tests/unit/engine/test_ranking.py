from dataclasses import fields, replace
from datetime import date

import pytest

from engine.candidates import ContractForm, LanguageLevel, Qualifications
from engine.posts import Post, QualificationGroup, Requirements
from engine.ranking import lottery_number, lottery_places, post_order, tier_of
from features.errors import InvalidInputError

DAY = date(2026, 1, 1)
SPECIALIST = Qualifications("K1", True, True, True, False, LanguageLevel.C2, DAY, 1.0)
TRAINEE = replace(SPECIALIST, is_specialist=False, in_training=True)
TIERS = (frozenset({QualificationGroup.SPECIALIST}), frozenset({QualificationGroup.TRAINEE}))
POST = Post(
    "P1", "5001", "50", ContractForm.SALARIED, 1, True, DAY, Requirements(LanguageLevel.B2, DAY, 0.5), TIERS, DAY
)


def test_anyone_can_compute_a_lottery_number_again() -> None:
    # printf '%s' '2026-1:K1' | sha256sum
    assert lottery_number("2026-1", "K1") == "d3303363ca3f2f89c9a40d5b33b2e949e8c6b138ad9c686f7b8c5790582548ce"


def test_places_follow_the_numbers_and_not_the_order_of_input() -> None:
    names = [f"K{i}" for i in range(50)]
    places = lottery_places("2026-1", names)
    assert places == lottery_places("2026-1", reversed(names))
    assert sorted(places.values()) == list(range(1, 51))
    drawn = sorted(names, key=places.__getitem__)
    numbers = [lottery_number("2026-1", name) for name in drawn]
    assert numbers == sorted(numbers)


def test_another_seed_draws_another_order() -> None:
    names = [f"K{i}" for i in range(50)]
    assert lottery_places("2026-1", names) != lottery_places("2026-2", names)


def test_a_name_twice_in_the_lottery_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="each candidate once"):
        lottery_places("2026-1", ["K1", "K1"])


def test_the_advert_sets_the_tiers_and_the_lottery_orders_within() -> None:
    doctors = [
        replace(SPECIALIST, candidate_id="S1"),
        replace(TRAINEE, candidate_id="T1"),
        replace(SPECIALIST, candidate_id="S2"),
    ]
    places = {"T1": 1, "S2": 2, "S1": 3}
    assert post_order(POST, doctors, places) == ("S2", "S1", "T1")
    assert post_order(replace(POST, tiers=TIERS[::-1]), doctors, places) == ("T1", "S2", "S1")
    one_tier = replace(POST, tiers=(TIERS[0] | TIERS[1],))
    assert post_order(one_tier, doctors, places) == ("T1", "S2", "S1")
    assert post_order(replace(POST, tiers=TIERS[:1]), doctors, places) == ("S2", "S1")


def test_tiers_count_from_one_and_outside_them_is_none() -> None:
    assert (tier_of(SPECIALIST, POST), tier_of(TRAINEE, POST)) == (1, 2)
    assert tier_of(replace(TRAINEE, in_training=False), POST) is None


def test_the_types_of_the_posts_side_hold_nothing_but_formal_facts() -> None:
    assert {field.name for field in fields(Qualifications)} == {
        "candidate_id",
        "authorised",
        "lis1_complete",
        "is_specialist",
        "in_training",
        "language_level",
        "available_from",
        "fte",
    }
