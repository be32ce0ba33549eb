from datetime import date

import polars as pl
import pytest
from numpy.random import default_rng

from engine.candidates import ContractForm
from engine.rules import read_rules
from engine.vacant_posts import SIMULATED_FIELDS, posts_from_vacant_lists, vacant_lists
from features.errors import InvalidInputError, UnknownMunicipalityError
from features.snapshot import load_snapshot
from models.calibration import national_calibration

TODAY = date(2026, 1, 15)
MUNICIPALITIES = pl.DataFrame(
    {"municipality_code": ["0301", "5001", "5501"], "county_code": ["03", "50", "55"], "centrality_class": [1, 2, 5]}
)


def gp_lists(*rows: tuple[str, int, str, float]) -> pl.DataFrame:
    return pl.DataFrame(
        list(rows), schema={"municipality_code": str, "year": int, "measure": str, "value": float}, orient="row"
    )


LISTS = gp_lists(
    ("5501", 2025, "lists_without_gp", 3),
    ("0301", 2025, "lists_without_gp", 0),
    ("5001", 2025, "lists_without_gp", 1),
    ("5001", 2024, "lists_without_gp", 9),
    ("5001", 2026, "open_lists", 5),
)


def test_capacity_is_the_number_of_lists_without_a_gp_in_the_newest_year() -> None:
    posts = posts_from_vacant_lists(LISTS, MUNICIPALITIES, default_rng(1), today=TODAY)
    assert [(post.municipality_code, post.county_code, post.capacity) for post in posts] == [
        ("5001", "50", 1),
        ("5501", "55", 3),
    ]


def test_what_is_made_up_says_so_and_the_real_fields_do_not() -> None:
    for post in posts_from_vacant_lists(LISTS, MUNICIPALITIES, default_rng(1), today=TODAY):
        assert post.simulated_fields == SIMULATED_FIELDS
        assert not {"capacity", "municipality_code", "county_code"} & set(post.simulated_fields)
        assert post.tiers_set_on <= TODAY < post.starts_on


def test_the_same_seed_gives_the_same_posts_whatever_the_order_of_rows() -> None:
    posts = posts_from_vacant_lists(LISTS, MUNICIPALITIES, default_rng(7), today=TODAY)
    turned = posts_from_vacant_lists(LISTS.reverse(), MUNICIPALITIES.reverse(), default_rng(7), today=TODAY)
    assert posts == turned


def test_a_missing_measure_a_broken_count_and_an_unknown_code_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="lists_without_gp"):
        vacant_lists(gp_lists(("5001", 2025, "open_lists", 1)))
    with pytest.raises(InvalidInputError, match="whole number"):
        vacant_lists(gp_lists(("5001", 2025, "lists_without_gp", 1.5)))
    with pytest.raises(UnknownMunicipalityError):
        posts_from_vacant_lists(LISTS, MUNICIPALITIES.head(2), default_rng(1), today=TODAY)


def test_the_real_figures_of_2025_give_197_places_in_112_municipalities() -> None:
    snapshot = load_snapshot()
    posts = posts_from_vacant_lists(snapshot.gp_lists, snapshot.municipalities, default_rng(1), today=TODAY)
    assert (len(posts), sum(post.capacity for post in posts)) == (112, 197)


def test_the_shares_of_salaried_lists_together_give_the_national_share() -> None:
    snapshot, book = load_snapshot(), read_rules("simulated_round")
    lists = snapshot.gp_lists.filter((pl.col("measure") == "lists_total") & (pl.col("year") == 2025)).join(
        snapshot.municipalities, on="municipality_code"
    )
    by_place = dict(lists.group_by(pl.col("centrality_class") >= 5).agg(pl.col("value").sum()).iter_rows())
    remote = by_place[True] / (by_place[True] + by_place[False])
    shares = (1 - remote) * book.number("salaried_share", TODAY) + remote * book.number("salaried_share_remote", TODAY)
    assert shares == pytest.approx(national_calibration().scheme["salaried_share"].value, abs=0.001)


def test_the_share_of_8_2_contracts_is_the_one_careers_are_simulated_with() -> None:
    share = read_rules("simulated_round").number("cooperation_share", TODAY)
    assert share == national_calibration().cooperation_share["national"].value


def test_contract_forms_come_out_in_their_shares_of_all_posts() -> None:
    codes = [f"{number:04d}" for number in range(4000)]
    many = pl.DataFrame({"municipality_code": codes, "county_code": "50", "centrality_class": 2})
    vacant = gp_lists(*((code, 2025, "lists_without_gp", 1) for code in codes))
    forms = [post.contract_form for post in posts_from_vacant_lists(vacant, many, default_rng(1), today=TODAY)]
    expected = {ContractForm.SALARIED: 0.143, ContractForm.COOPERATION_8_2: 0.10, ContractForm.MUNICIPAL_OPERATED: 0.12}
    for form, share in expected.items():
        assert forms.count(form) / len(forms) == pytest.approx(share, abs=0.02)
