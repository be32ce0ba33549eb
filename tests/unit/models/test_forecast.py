import json
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import polars as pl
import pytest

from features.errors import InvalidInputError
from models.assumption import specialist_assumption
from models.departure import departure_after_training
from models.errors import SavedModelError
from models.forecast import PostProfile, forecast_post
from models.mix import national_mix
from models.quality import FOLDS
from models.retention import RetentionModel, fitted_retention_model, train_retention_model
from models.simulation import simulate_contracts

POST = PostProfile(12_000, 4, 900, "self_employed", 5.0)
TRAINEE = replace(POST, years_since_specialist=-3.0)


@pytest.fixture(scope="module")
def model() -> RetentionModel:
    return train_retention_model(national_mix(), seed=1, members=3)


def test_a_forecast_is_marked_as_simulated_and_carries_an_interval(model: RetentionModel) -> None:
    forecast = forecast_post(model, POST)
    assert forecast.is_simulated
    assert forecast.basis == "simulated_contracts"
    lower, survival, upper = (np.array(curve) for curve in (forecast.lower, forecast.survival, forecast.upper))
    assert (lower <= survival).all()
    assert (survival <= upper).all()
    assert survival[0] == 1
    assert (np.diff(survival) <= 0).all()
    assert forecast.median_lower is not None
    assert forecast.median_years is not None
    assert forecast.median_lower < forecast.median_years


def test_list_length_moves_no_forecast(model: RetentionModel) -> None:
    short, long = (forecast_post(model, replace(POST, list_length=length)) for length in (400, 1800))
    assert short.survival == long.survival
    assert short.median_years == long.median_years


def test_a_small_municipality_keeps_its_doctors_for_a_shorter_time(model: RetentionModel) -> None:
    small = forecast_post(model, PostProfile(1_400, 6, 500, "self_employed", 5.0))
    large = forecast_post(model, PostProfile(200_000, 1, 1100, "self_employed", 5.0))
    assert small.median_years is not None
    assert small.median_years < 5
    assert large.median_years is None or large.median_years > 7


def test_the_forecast_of_a_trainee_shows_the_bump_after_the_specialist_date(model: RetentionModel) -> None:
    forecast = forecast_post(model, replace(POST, years_since_specialist=-3.0), horizon_years=6)
    hazard = -np.diff(np.log(forecast.survival))  # per quarter of a year
    training, newly_finished = hazard[4:11].mean(), hazard[13:19].mean()
    assert newly_finished / training > 1.35  # the simulator's ratio is 1.8, less the trees' pull toward the mean


def test_a_newly_hired_specialist_has_no_such_bump(model: RetentionModel) -> None:
    new = forecast_post(model, replace(POST, years_since_specialist=0.2), horizon_years=2)
    experienced = forecast_post(model, replace(POST, years_since_specialist=6.0), horizon_years=2)
    assert new.survival[-1] == pytest.approx(experienced.survival[-1], abs=0.05)


def test_the_median_of_a_trainee_falls_as_the_assumption_rises(model: RetentionModel) -> None:
    forecast = forecast_post(model, TRAINEE)
    assert forecast.assumption == specialist_assumption()
    low, high = forecast.median_years_low_assumption, forecast.median_years_high_assumption
    assert low is not None
    assert high is not None
    assert forecast.median_years is not None
    assert low > forecast.median_years > high


def test_more_finished_specialists_leave_as_the_assumption_rises(model: RetentionModel) -> None:
    for population, centrality in ((1_400, 6), (12_000, 4), (160_000, 2)):
        answer = departure_after_training(model, PostProfile(population, centrality, 900, "self_employed", -3.0))
        assert answer.is_simulated
        assert answer.assumption == model.assumption
        assert answer.specialist_at_years == 3.0
        assert answer.share_low_assumption is not None
        assert answer.share_high_assumption is not None
        assert answer.share_low_assumption < answer.share < answer.share_high_assumption
        assert 0 <= answer.share_lower < answer.share < answer.share_upper <= 1
        assert answer.comparison_lower < answer.comparison_share < answer.comparison_upper


def test_without_the_assumed_rise_finished_trainees_leave_as_often_as_hired_specialists(model: RetentionModel) -> None:
    for years in (-2.0, -3.0, -4.0):
        answer = departure_after_training(model, replace(POST, years_since_specialist=years))
        assert answer.share_low_assumption is not None
        assert answer.comparison_share_low_assumption is not None
        # 0.06 is two standard errors of a share among the some 200 trainees of such posts who get that far
        assert answer.share_low_assumption == pytest.approx(answer.comparison_share_low_assumption, abs=0.06)
        assert answer.share_low_assumption == pytest.approx(answer.comparison_share, abs=0.06)


def test_the_share_that_leaves_is_the_forecast_given_that_the_doctor_is_still_there(model: RetentionModel) -> None:
    forecast = forecast_post(model, TRAINEE, stayed_years=3.0, horizon_years=2.0)
    assert departure_after_training(model, TRAINEE).share == pytest.approx(1 - forecast.survival[-1])


def test_a_departure_needs_a_trainee_and_years_that_were_observed(model: RetentionModel) -> None:
    with pytest.raises(InvalidInputError, match="still in training"):
        departure_after_training(model, POST)
    for years in (0.0, 11.0):
        with pytest.raises(InvalidInputError, match="within_years"):
            departure_after_training(model, TRAINEE, within_years=years)


def test_years_already_stayed_condition_the_forecast(model: RetentionModel) -> None:
    whole = forecast_post(model, POST)
    further = forecast_post(model, POST, stayed_years=4.0, horizon_years=2.0)
    at = {time: value for time, value in zip(whole.times_years, whole.survival, strict=True)}  # noqa: C416
    assert further.survival[-1] == pytest.approx(at[6.0] / at[4.0])


def test_a_horizon_or_stay_beyond_the_observed_is_refused(model: RetentionModel) -> None:
    with pytest.raises(InvalidInputError, match="at most 13"):
        forecast_post(model, POST, horizon_years=20)
    with pytest.raises(InvalidInputError, match="at most 5"):
        forecast_post(model, POST, horizon_years=8, stayed_years=8)
    with pytest.raises(InvalidInputError, match="stayed_years"):
        forecast_post(model, POST, stayed_years=-1)
    with pytest.raises(InvalidInputError, match="horizon_years"):
        forecast_post(model, POST, horizon_years=0)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"population": 0}, "population"),
        ({"population": float("nan")}, "population"),
        ({"list_length": -5}, "list_length"),
        ({"centrality_class": 7}, "centrality_class"),
        ({"contract_form": "locum"}, "contract_form"),
        ({"years_since_specialist": -30.0}, "years_since_specialist"),
        ({"years_since_specialist": float("nan")}, "years_since_specialist"),
    ],
)
def test_an_impossible_profile_names_its_field(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        PostProfile(**(asdict(POST) | changes))
    assert caught.value.name == named


def test_a_model_survives_as_text(model: RetentionModel) -> None:
    text = model.to_json()
    again = RetentionModel.from_json(text)
    assert again == model
    assert again.to_json() == text
    assert again.assumption == model.assumption
    assert forecast_post(again, POST) == forecast_post(model, POST)
    assert departure_after_training(again, TRAINEE) == departure_after_training(model, TRAINEE)


def test_models_that_differ_in_their_trees_alone_are_not_equal(model: RetentionModel) -> None:
    other = replace(model, hazard=model.members[0])
    assert other != model
    assert len({model, RetentionModel.from_json(model.to_json()), other}) == 2


@pytest.mark.parametrize("text", ["", "{}", '{"format": "stabil.hazard", "version": 1}'])
def test_a_text_that_is_no_model_is_refused(text: str) -> None:
    with pytest.raises(SavedModelError):
        RetentionModel.from_json(text)


def test_a_model_with_a_broken_part_is_refused(model: RetentionModel) -> None:
    document = json.loads(model.to_json())
    changes: tuple[dict[str, Any], ...] = (
        {"bands": [{"band": "national"}]},
        {"members": [3]},
        {"members": 3},
        {"quality": {}},
        {"causes": {}},
        {"cause_members": [3]},
        {"curves": [{"by": "contract_form"}]},
        {"hazard": None},
        {"assumption": {"key": "hazard_ratio.specialist_bump"}},
        {"assumption": {}},
        {"hazard_low_assumption": 3},
    )
    for change in changes:
        with pytest.raises(SavedModelError):
            RetentionModel.from_json(json.dumps(document | change))


def test_the_quality_is_measured_in_unseen_municipalities_and_shows_no_leakage(model: RetentionModel) -> None:
    quality = model.quality
    assert (quality.spells, quality.folds, quality.clusters) == (7359, FOLDS, national_mix().height)
    assert 0.55 < (quality.harrell_c.value or 0) < 0.8
    assert quality.harrell_c.lower is not None
    assert quality.harrell_c.upper is not None
    assert quality.harrell_c.lower < (quality.harrell_c.value or 0) < quality.harrell_c.upper
    assert quality.integrated_skill.lower is not None
    assert quality.integrated_skill.lower > 0
    assert [at.horizon for at in quality.horizons] == [1.0, 3.0, 5.0, 10.0]
    assert [point.spells >= 5 for at in quality.horizons for point in at.groups] == [True] * 20
    assert {cause.cause for cause in quality.causes} == {"left_scheme", "moved"}
    assert sum(cause.ended for cause in quality.causes) == quality.ended


def test_the_band_table_puts_model_register_and_published_medians_side_by_side(model: RetentionModel) -> None:
    bands = {band.band: band for band in model.bands}
    assert list(bands) == ["national", "under_2k", "2k_5k", "5k_10k", "10k_50k", "over_50k"]
    assert bands["national"].published == 5.91
    assert bands["2k_5k"].published is None
    assert [band.band for band in model.bands if band.is_interpolated] == ["2k_5k", "5k_10k", "10k_50k"]
    assert bands["under_2k"].published_source is not None
    for band in model.bands:
        assert band.model_lower is not None
        assert band.model is not None
        assert band.model_lower < band.model


def test_training_is_deterministic() -> None:
    first, second = (train_retention_model(national_mix(), seed=4, contracts=500, members=2) for _ in range(2))
    assert first.to_json() == second.to_json()


def test_a_model_of_observed_spells_says_so_and_names_missing_columns() -> None:
    spells = simulate_contracts(national_mix(), seed=2, contracts=800)
    own = fitted_retention_model(spells, seed=1, is_simulated=False, members=2)
    forecast = forecast_post(own, POST)
    assert forecast.basis == "observed_spells"
    assert (forecast.assumption, forecast.median_years_low_assumption, forecast.median_years_high_assumption) == (
        None,
        None,
        None,
    )
    answer = departure_after_training(own, TRAINEE)
    assert (answer.assumption, answer.share_low_assumption, answer.comparison_share_high_assumption) == (
        None,
        None,
        None,
    )
    assert not any(band.is_interpolated for band in own.bands)
    assert RetentionModel.from_json(own.to_json()) == own
    silent = fitted_retention_model(spells.drop("exit_cause"), seed=1, is_simulated=False, members=2)
    assert (silent.causes, silent.cause_members) == (None, ())
    assert RetentionModel.from_json(silent.to_json()) == silent
    no_reason = spells.with_columns(exit_cause=pl.lit(None, spells.schema["exit_cause"]))
    with pytest.raises(InvalidInputError, match="without a cause"):
        fitted_retention_model(no_reason, seed=1, is_simulated=False, members=2)
    with pytest.raises(InvalidInputError, match="contract_form"):
        fitted_retention_model(spells.drop("contract_form"), seed=1, is_simulated=False)
    with pytest.raises(InvalidInputError, match="members"):
        fitted_retention_model(spells, seed=1, is_simulated=False, members=1)
