import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from features.errors import ContractViolationError, InvalidInputError
from features.frames import Spell
from models.baselines import BandBaselines, calibrated_baselines
from models.calibration import national_calibration
from models.career_hazard import CareerAssumptions
from models.forecast import PostProfile
from models.mix import checked_mix, national_mix
from models.retention import COVARIATES
from models.simulation import SimulatedContract, simulate_contracts

PROTECTED = {
    "sex",
    "gender",
    "age",
    "birth_year",
    "origin",
    "rural_origin",
    "nationality",
    "ethnicity",
    "religion",
    "family",
    "children",
    "partner",
    "health",
    "name",
    "graduation_year",
}


@pytest.fixture(scope="module")
def baselines() -> BandBaselines:
    return calibrated_baselines(national_mix(), CareerAssumptions.from_calibration(), national_calibration())


def test_simulated_contracts_are_spells_marked_as_simulated(baselines: BandBaselines) -> None:
    contracts = simulate_contracts(national_mix(), seed=3, contracts=400, baselines=baselines)
    Spell.validate(contracts.select(Spell.column_names()))
    assert contracts.height == 400
    assert contracts["is_simulated"].all()


def test_no_protected_ground_is_simulated_modelled_or_asked_for() -> None:
    for names in (SimulatedContract.column_names(), COVARIATES, PostProfile.__dataclass_fields__):
        assert not PROTECTED & set(names)


def test_the_same_seed_gives_the_same_contracts_in_any_order_of_the_mix() -> None:
    first = simulate_contracts(national_mix(), seed=3, contracts=300)
    second = simulate_contracts(national_mix().reverse(), seed=3, contracts=300)
    assert_frame_equal(first, second)
    other = simulate_contracts(national_mix(), seed=4, contracts=300)
    assert not first["duration_years"].equals(other["duration_years"])


def test_ended_contracts_have_a_cause_and_contracts_in_force_have_none(baselines: BandBaselines) -> None:
    contracts = simulate_contracts(national_mix(), seed=3, contracts=2000, baselines=baselines)
    assert (contracts["exit_cause"].is_not_null() == contracts["event"]).all()
    left = contracts.filter(pl.col("event"))["exit_cause"].eq("left_scheme").mean()
    expected = baselines.left_scheme_share(national_mix(), national_calibration())
    assert left == pytest.approx(expected, abs=0.06)  # four standard errors of 1,180 ended contracts


def test_no_contract_is_observed_beyond_the_window(baselines: BandBaselines) -> None:
    contracts = simulate_contracts(national_mix(), seed=3, contracts=2000, baselines=baselines)
    assert contracts["duration_years"].max() == 13.0
    assert contracts.filter(duration_years=13.0)["event"].any() is False


def test_a_mix_without_a_population_band_asks_for_the_whole_countrys_baselines(baselines: BandBaselines) -> None:
    county = national_mix().filter(pl.col("population") < 50_000)
    with pytest.raises(InvalidInputError, match="over_50k"):
        simulate_contracts(county, seed=1, contracts=100)
    contracts = simulate_contracts(county, seed=1, contracts=100, baselines=baselines)
    assert "over_50k" not in contracts["population_band"].unique().to_list()


def test_a_mix_is_refused_with_the_rule_that_it_breaks() -> None:
    mix = national_mix()
    with pytest.raises(InvalidInputError, match="lists missing"):
        checked_mix(mix.drop("lists"))
    with pytest.raises(InvalidInputError, match="no rows"):
        checked_mix(mix.clear())
    with pytest.raises(ContractViolationError, match="centrality_class"):
        checked_mix(mix.with_columns(centrality_class=pl.lit(7)))
    with pytest.raises(InvalidInputError, match="contracts"):
        simulate_contracts(mix, seed=1, contracts=0)


def test_the_bump_after_the_specialist_date_is_an_assumption_that_can_be_changed() -> None:
    def first_years_as_specialist(bump: float) -> float:
        assumptions = CareerAssumptions(bump, 2.0, 1.25, 1.1, 1.08)
        contracts = simulate_contracts(national_mix(), seed=5, contracts=20_000, assumptions=assumptions)
        date = -pl.col("years_since_specialist")
        trainees = contracts.filter(pl.col("years_since_specialist") < 0, pl.col("duration_years") > date)
        in_bump = pl.min_horizontal("duration_years", date + 2.0) - date
        ended = pl.col("event") & (pl.col("duration_years") <= date + 2.0)
        rate: float = trainees.select(ended.sum() / in_bump.sum()).item()
        return rate

    # the baselines are calibrated anew, so the ratio is a little below 3; 0.25 is three standard errors
    assert first_years_as_specialist(3.0) / first_years_as_specialist(1.0) == pytest.approx(2.5, abs=0.25)


def test_an_impossible_assumption_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="specialist_bump"):
        CareerAssumptions(0.0, 2.0, 1.25, 1.1, 1.08)


def test_list_length_moves_no_duration(baselines: BandBaselines) -> None:
    contracts = simulate_contracts(national_mix(), seed=6, contracts=20_000, baselines=baselines)
    halves = contracts.with_columns(
        is_long=pl.col("list_length") > pl.col("list_length").median().over("population_band")
    )
    rates = (
        halves.filter(pl.col("population_band") == "over_50k")
        .group_by("is_long")
        .agg(pl.col("event").sum().alias("events"), pl.col("duration_years").sum().alias("years"))
        .with_columns(rate=pl.col("events") / pl.col("years"))
    )
    rate, events = rates["rate"].to_numpy(), rates["events"].to_numpy()
    assert rate.max() / rate.min() < 1 + 3 * float(np.sqrt((1 / events).sum()))
