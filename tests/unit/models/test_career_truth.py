"""The true curves of single kinds of post beside many careers played month by month, without the truth's own code."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from models.career_parameters import career_parameters, month_starts
from models.career_record import SimulatedCareers
from models.career_scenario import Lever, Scenario
from models.career_simulation import simulate_careers
from models.career_truth import truth_of
from models.mix import BAND_NAMES, national_mix

SPELLS = 30_000
AT_YEARS = (1.0, 3.0, 5.0, 8.0)
START = date(2005, 5, 1)
RATIO = 0.7
SCENARIO = Scenario((Lever("supervisor", RATIO),))


@pytest.fixture(scope="module")
def careers() -> SimulatedCareers:
    return simulate_careers(national_mix(), seed=1, lists=100, scenario=SCENARIO)


def played_survival(kind: dict[str, object], seed: int) -> np.ndarray:
    """Share of spells that last, each with its own municipality, suit, change of contract form and day of leaving."""
    p, rng = career_parameters(), np.random.default_rng(seed)
    band = BAND_NAMES.index(str(kind["population_band"]))
    month, stage = int(np.searchsorted(month_starts(), np.datetime64(START))), float(str(kind["stage_years"]))
    sd = p["municipality_sd"]
    restless = rng.random(SPELLS) < p.by_band["restless_share"][band]
    rate = np.where(restless, p.by_band["restless_rate"][band], p.by_band["settled_rate"][band])
    rate = rate * np.exp(sd * rng.standard_normal(SPELLS) - sd**2 / 2)
    rate = rate * p["centrality_step"] ** (int(str(kind["centrality_class"])) - 3)
    rate = rate * (RATIO if kind["has_supervisor"] else 1.0)
    salaried = np.full(SPELLS, kind["contract_form"] == "salaried")
    duration = np.full(SPELLS, np.inf)
    for passed in range(int(12 * AT_YEARS[-1]) + 1):
        since = stage + passed / 12
        raised = p["specialist_bump"] if stage < 0 and -1e-9 <= since < p["specialist_bump_years"] - 1e-9 else 1.0
        leaving = rate * np.where(salaried, p["salaried_ratio"], 1.0) * raised
        leaving = leaving * p.by_month["turnover_factor"][month + passed]
        retiring = p["rate_at_30_years"] * np.exp(p["growth_per_year"] * (since - 30.0))
        goes = np.isinf(duration) & (rng.random(SPELLS) < 1 - np.exp(-(leaving + retiring) / 12))
        duration[goes] = (passed + rng.random(goes.sum())) / 12
        salaried &= rng.random(SPELLS) >= 1 - np.exp(-p["self_employed_switch_rate"] / 12)
    return np.asarray((duration[:, None] > AT_YEARS).mean(axis=0))


KINDS = pl.DataFrame(
    {
        "population_band": ["under_2k", "5k_10k", "over_50k", "over_50k"],
        "population": [1_200.0, 7_000.0, 90_000.0, 90_000.0],
        "centrality_class": [6, 4, 2, 1],
        "contract_form": ["salaried", "self_employed", "salaried", "self_employed"],
        "years_since_specialist": [-2.0, 3.0, -2.0, 25.0],
        "stage_years": [-2.0, 3.0, -2.0, 25.0],
        "has_supervisor": [True, False, False, True],
        "start_date": [START] * 4,
    }
)


@pytest.mark.parametrize("row", range(KINDS.height))
def test_the_true_curve_of_one_kind_of_post_is_what_many_such_posts_do(careers: SimulatedCareers, row: int) -> None:
    true = truth_of(careers).survival(KINDS.slice(row, 1), AT_YEARS)[0]
    played = played_survival(KINDS.row(row, named=True), seed=row)
    assert (np.abs(played - true) < 4 * np.sqrt(true * (1 - true) / SPELLS)).all()
