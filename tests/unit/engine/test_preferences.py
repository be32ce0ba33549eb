from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from engine.candidates import ContractForm, LanguageLevel, PartnerOccupation, Wishes
from engine.posts import Post, QualificationGroup, Requirements
from engine.preferences import own_orders, post_utilities, preference_rules, weight_shares
from features.errors import InvalidInputError, UnknownKeyError

DAY = date(2026, 1, 1)
RULES = preference_rules(DAY)
WISHES = Wishes("K1", (("workload", 1.0),), PartnerOccupation.NONE, frozenset(ContractForm), None, 10)


def post(code: str) -> Post:
    asked = Requirements(LanguageLevel.B2, DAY, 0.5)
    tiers = (frozenset({QualificationGroup.SPECIALIST}),)
    return Post(f"POST-{code}", code, code[:2], ContractForm.SALARIED, 1, True, DAY, asked, tiers, DAY)


def scores(**by_factor: dict[str, float | None]) -> pl.DataFrame:
    rows = [(code, factor, value) for factor, cells in by_factor.items() for code, value in cells.items()]
    return pl.DataFrame(rows, schema={"municipality_code": str, "factor": str, "score": float}, orient="row")


POSTS = [post("0301"), post("5001"), post("1853")]
WORKLOAD: dict[str, float | None] = {"0301": 20, "5001": 80, "1853": None}
PARTNER: dict[str, float | None] = {"0301": 100, "5001": 10, "1853": 0}
FRAME = scores(workload=WORKLOAD, partner_jobs=PARTNER)


def test_a_missing_score_counts_as_the_middle_of_the_scale() -> None:
    assert post_utilities([WISHES], POSTS, FRAME, RULES).tolist() == [[20, 80, 50]]
    assert own_orders([WISHES], POSTS, FRAME, RULES) == {"K1": ("POST-5001", "POST-1853", "POST-0301")}


def test_the_partners_occupation_matters_and_more_so_with_higher_education() -> None:
    groups = (PartnerOccupation.NONE, PartnerOccupation.OTHER, PartnerOccupation.HIGHER_EDUCATION)
    shares = [weight_shares(replace(WISHES, partner_occupation_group=group), RULES) for group in groups]
    assert [own.get("partner_jobs", 0.0) for own in shares] == [0.0, 0.15, 0.30]
    assert all(sum(own.values()) == pytest.approx(1) for own in shares)


def test_an_own_weight_above_the_floor_stands_and_one_below_is_lifted() -> None:
    with_partner = replace(WISHES, partner_occupation_group=PartnerOccupation.OTHER)
    strong = replace(with_partner, factor_weights=(("workload", 1.0), ("partner_jobs", 1.0)))
    weak = replace(with_partner, factor_weights=(("workload", 19.0), ("partner_jobs", 1.0)))
    assert weight_shares(strong, RULES)["partner_jobs"] == 0.5
    assert weight_shares(weak, RULES) == pytest.approx({"partner_jobs": 0.15, "workload": 0.85})


def test_a_partner_can_turn_the_order_round() -> None:
    mild = scores(workload={"0301": 48, "5001": 52, "1853": 0}, partner_jobs=PARTNER)
    alone = own_orders([WISHES], POSTS, mild, RULES)["K1"]
    together = own_orders(
        [replace(WISHES, partner_occupation_group=PartnerOccupation.HIGHER_EDUCATION)], POSTS, mild, RULES
    )["K1"]
    assert alone[0] == "POST-5001"
    assert together[0] == "POST-0301"


def test_the_scale_of_the_weights_is_irrelevant() -> None:
    small = replace(WISHES, factor_weights=(("workload", 0.1), ("partner_jobs", 0.2)))
    large = replace(WISHES, factor_weights=(("partner_jobs", 600.0), ("workload", 300.0)))
    assert own_orders([small], POSTS, FRAME, RULES) == own_orders([large], POSTS, FRAME, RULES)


def test_ties_do_not_favour_a_post_by_its_name_or_row() -> None:
    even = scores(workload={"0301": 50, "5001": 50, "1853": None})
    wishes = [replace(WISHES, candidate_id=f"K{i}") for i in range(300)]
    orders = own_orders(wishes, POSTS, even, RULES)
    first = [order[0] for order in orders.values()]
    assert all(70 < first.count(each.post_id) < 130 for each in POSTS)
    assert own_orders(wishes[::-1], POSTS[::-1], even.reverse(), RULES) == orders


def test_candidates_without_any_weight_still_get_a_strict_order() -> None:
    order = own_orders([replace(WISHES, factor_weights=())], POSTS, FRAME, RULES)["K1"]
    assert sorted(order) == sorted(each.post_id for each in POSTS)


def test_nobody_and_nothing_give_empty_orders() -> None:
    assert own_orders([], POSTS, FRAME, RULES) == {}
    assert own_orders([WISHES], [], FRAME, RULES) == {"K1": ()}


def test_unknown_factors_missing_columns_and_missing_municipalities_are_refused() -> None:
    with pytest.raises(UnknownKeyError, match="skiing"):
        own_orders([replace(WISHES, factor_weights=(("skiing", 1.0),))], POSTS, FRAME, RULES)
    with pytest.raises(InvalidInputError, match="score"):
        own_orders([WISHES], POSTS, FRAME.drop("score"), RULES)
    with pytest.raises(InvalidInputError, match="5501"):
        own_orders([WISHES], [*POSTS, post("5501")], FRAME, RULES)
