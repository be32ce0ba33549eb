"""Laws of simulated careers, on the whole country and on small ones drawn at random."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from models.benchmarks import kaplan_meier, survival_at
from models.career_parameters import OPENING, REFERENCE_DAY
from models.career_record import CAUSES, event_rows, observed_since
from models.career_scenario import Lever, Scenario, Spike
from models.career_simulation import simulate_careers
from models.career_snapshots import stock_on, yearly_stocks
from models.career_truth import truth_of
from models.mix import national_mix
from tests.national_careers import national_careers

SEEDS = st.integers(0, 10_000)


def no_overlap(spells: pl.DataFrame, key: str) -> bool:
    ordered = spells.sort(key, "start_date").with_columns(
        previous=pl.col("end_date").shift().over(key), first=pl.int_range(pl.len()).over(key) == 0
    )
    return bool(
        ordered.select((pl.col("first") | (pl.col("previous") <= pl.col("start_date")).fill_null(False)).all()).item()
    )


def test_a_doctor_holds_one_post_at_a_time_and_a_post_one_doctor() -> None:
    spells = national_careers().spells
    assert no_overlap(spells, "person_id")
    assert no_overlap(spells, "post_id")


def test_spells_and_vacancies_tile_the_time_of_every_post() -> None:
    careers = national_careers()
    for day, stock in yearly_stocks(careers):
        held = careers.spells.filter(
            (pl.col("start_date") <= day) & (pl.col("end_date").is_null() | (pl.col("end_date") > day))
        )
        assert stock["post_id"].n_unique() == stock.height
        assert stock["person_id"].drop_nulls().len() == held.height
        assert stock.filter(pl.col("person_id").is_null() == pl.col("vacant_years").is_null()).is_empty()


def test_every_end_has_a_cause_and_nothing_else_has_one() -> None:
    spells = national_careers().spells
    ended = spells.filter("event")
    counts = {cause: (ended["cause"] == cause).sum() for cause in CAUSES}
    assert sum(counts.values()) == ended.height
    assert min(counts.values()) > 0
    assert spells.filter(~pl.col("event"))["cause"].null_count() == spells.height - ended.height


def test_only_who_moves_is_seen_again_and_always_in_another_municipality() -> None:
    ordered = (
        national_careers()
        .spells.sort("person_id", "start_date")
        .with_columns(next_place=pl.col("municipality_code").shift(-1).over("person_id"))
    )
    again = ordered.filter(pl.col("next_place").is_not_null())
    assert again.height > 1000
    assert (again["cause"] == "other_municipality").all()
    assert (again["next_place"] != again["municipality_code"]).all()


def test_no_column_tells_sex_age_origin_or_family() -> None:
    words = ("sex", "gender", "age", "birth", "origin", "family", "health", "nation")
    columns = [part for name in national_careers().spells.columns for part in name.split("_")]
    assert not set(columns) & set(words)


def test_a_specialist_is_approved_once_and_for_good() -> None:
    dates = national_careers().spells.group_by("person_id").agg(pl.col("specialist_at").n_unique().alias("dates"))
    assert (dates["dates"] == 1).all()


@settings(max_examples=8, deadline=None)
@given(seed=SEEDS)
def test_the_same_seed_gives_the_same_careers_in_any_order_of_municipalities(seed: int) -> None:
    first = simulate_careers(national_mix(), seed=seed, lists=120)
    second = simulate_careers(national_mix().reverse(), seed=seed, lists=120)
    assert_frame_equal(first.spells, second.spells)
    assert not first.spells.equals(simulate_careers(national_mix(), seed=seed + 1, lists=120).spells)


@settings(max_examples=8, deadline=None)
@given(seed=SEEDS, share=st.floats(0.05, 0.95))
def test_a_lever_without_effect_and_a_spike_of_nothing_change_no_career(seed: int, share: float) -> None:
    plain = simulate_careers(national_mix(), seed=seed, lists=150)
    idle = Scenario((Lever("supervisor", 1.0, share),), (Spike(2.0, 0.0),))
    planted = simulate_careers(national_mix(), seed=seed, lists=150, scenario=idle)
    assert_frame_equal(planted.spells.drop("has_supervisor"), plain.spells)


@settings(max_examples=5, deadline=None)
@given(seed=SEEDS, years=st.integers(1, 23))
def test_a_register_that_begins_later_holds_who_was_there_and_who_came(seed: int, years: int) -> None:
    careers = simulate_careers(national_mix(), seed=seed, lists=150)
    day = REFERENCE_DAY.replace(year=REFERENCE_DAY.year - years)
    seen = observed_since(careers, day)
    assert (seen["entry_years"] < seen["duration_years"]).all()
    in_force = stock_on(careers, day)["person_id"].drop_nulls().len()
    assert (seen["start_date"] <= day).sum() == in_force
    assert event_rows(seen)["reason"].null_count() == (~seen["event"]).sum()


@pytest.fixture(scope="module")
def large() -> tuple[Scenario, pl.DataFrame, np.ndarray, np.ndarray]:
    scenario = Scenario((Lever("supervisor", 0.6, 0.4, 0.5),), (Spike(2.0, 0.15), Spike(5.0, 0.3)))
    careers = simulate_careers(national_mix(), seed=5, lists=40_000, scenario=scenario)
    early = careers.spells.filter(
        (pl.col("start_date") > OPENING) & (pl.col("start_date") < OPENING.replace(year=2011))
    )
    sample = early.sample(20_000, seed=1)
    return scenario, sample, truth_of(careers).survival(sample, AT), truth_of(careers).cumulative_incidence(sample, AT)


AT = np.array([0.5, 2.0, 2.25, 5.0, 5.25, 8.0, 12.0])


def test_the_true_curves_are_those_that_simulated_contracts_follow(
    large: tuple[Scenario, pl.DataFrame, np.ndarray, np.ndarray],
) -> None:
    _, sample, survival, incidence = large
    duration = sample["duration_years"].to_numpy()[:, None]
    error = np.sqrt(survival.mean(axis=0) * (1 - survival.mean(axis=0)) / sample.height)
    assert (np.abs((duration > AT).mean(axis=0) - survival.mean(axis=0)) < 4 * error).all()
    for number, cause in enumerate(CAUSES):
        left = ((sample["cause"] == cause).fill_null(value=False).to_numpy()[:, None] & (duration <= AT)).mean(axis=0)
        expected = incidence[:, number].mean(axis=0)
        assert (np.abs(left - expected) < 4 * np.sqrt(expected * (1 - expected) / sample.height)).all()


@pytest.mark.parametrize("has", [True, False])
def test_the_true_curve_holds_with_and_without_the_lever(
    large: tuple[Scenario, pl.DataFrame, np.ndarray, np.ndarray], *, has: bool
) -> None:
    _, sample, survival, _ = large
    rows = (sample["has_supervisor"] == has).to_numpy()
    stays = (sample["duration_years"].to_numpy()[rows, None] > AT).mean(axis=0)
    expected = survival[rows].mean(axis=0)
    assert (np.abs(stays - expected) < 4 * np.sqrt(expected * (1 - expected) / rows.sum())).all()


def test_survival_and_incidences_sum_to_one_and_run_one_way(
    large: tuple[Scenario, pl.DataFrame, np.ndarray, np.ndarray],
) -> None:
    _, _, survival, incidence = large
    np.testing.assert_allclose(survival + incidence.sum(axis=1), 1.0, atol=1e-12)
    assert (np.diff(survival, axis=1) <= 0).all()
    assert (np.diff(incidence, axis=2) >= 0).all()


def test_hazards_by_cause_give_back_the_survival() -> None:
    careers = simulate_careers(national_mix(), seed=2, lists=100, scenario=Scenario(spikes=(Spike(3.0, 0.2),)))
    truth, profiles = truth_of(careers), careers.spells.head(50)
    months = np.arange(120) / 12
    cumulative = truth.hazard_by_cause(profiles, months + 1e-4).sum(axis=(1, 2)) / 12
    np.testing.assert_allclose(np.exp(-cumulative), truth.survival(profiles, [10.0])[:, 0], rtol=1e-9)


def test_the_restricted_mean_is_the_area_under_the_curve() -> None:
    careers = simulate_careers(national_mix(), seed=2, lists=100)
    truth, profiles = truth_of(careers), careers.spells.head(20)
    fine = np.linspace(0, 7.3, 20_001)
    area = np.trapezoid(truth.survival(profiles, fine), fine, axis=1)
    np.testing.assert_allclose(truth.restricted_mean(profiles, 7.3), area, rtol=1e-4)


def test_the_average_ratio_of_a_lever_lies_between_the_planted_one_and_none() -> None:
    scenario = Scenario((Lever("supervisor", 0.6),))
    careers = simulate_careers(national_mix(), seed=2, lists=100, scenario=scenario)
    truth = truth_of(careers)
    contrast = truth.lever_contrast(careers.spells.drop("municipality_code"), "supervisor", 10.0)
    assert truth.lever_ratios == {"supervisor": 0.6}
    assert contrast["hazard_ratio"].is_between(0.6, 1.0, closed="none").all()
    assert (contrast["restricted_mean_gain_years"] > 0).all()


def test_the_curve_without_a_municipality_is_the_mean_over_municipalities() -> None:
    careers = simulate_careers(national_mix(), seed=2, lists=100)
    truth, one = truth_of(careers), careers.spells.head(1)
    averaged = truth.survival(one.drop("municipality_code"), [5.0])[0, 0]
    draws = np.random.default_rng(1).standard_normal(4000)
    sd = careers.parameters["municipality_sd"]
    effects = {f"{1000 + number}": float(np.exp(sd * z - sd**2 / 2)) for number, z in enumerate(draws)}
    many = pl.concat([one] * len(effects)).with_columns(municipality_code=pl.Series(list(effects)))
    drawn = type(truth)(truth.parameters, truth.scenario, effects).survival(many, [5.0])
    assert averaged == pytest.approx(drawn.mean(), abs=3 * drawn.std() / len(effects) ** 0.5)


def test_curves_do_not_depend_on_list_length() -> None:
    spells = national_careers().spells.filter(pl.col("start_date") > OPENING)
    longer = (pl.col("list_length") > pl.col("list_length").median()).over("population_band", "contract_form")
    halves = [
        survival_at(kaplan_meier(spells.filter(pl.col("population_band") == "over_50k").filter(part)), [5.0]).item()
        for part in (longer, ~longer)
    ]
    assert abs(halves[0] - halves[1]) < 0.04
