"""Simulated contracts, calibrated to published Norwegian durations; no simulated row describes a person."""

import dataframely as dy
import numpy as np
import polars as pl

from features.errors import InvalidInputError
from features.frames import MUNICIPALITY_CODE, Spell
from models.baselines import BandBaselines, calibrated_baselines
from models.calibration import Calibration, national_calibration
from models.career_hazard import CareerAssumptions, Floats, duration_at
from models.mix import BAND_NAMES, checked_mix
from models.posts import CONTRACT_FORMS, careers_of, drawn_posts

EXIT_CAUSES = ("left_scheme", "moved")


class SimulatedContract(Spell):
    """A simulated contract: a spell with the facts of the post and the doctor's formal career stage.

    ``population`` of the municipality, ``list_length`` inhabitants, ``years_since_specialist`` at the contract's start
    (negative: years until a trainee is a specialist), ``exit_cause`` null while the contract is in force.
    """

    municipality_code = dy.String(regex=MUNICIPALITY_CODE)
    population = dy.Float64(min_exclusive=0)
    population_band = dy.Enum(BAND_NAMES)
    centrality_class = dy.Int64(min=1, max=6)
    list_length = dy.Float64(min_exclusive=0)
    contract_form = dy.Enum(CONTRACT_FORMS)
    years_since_specialist = dy.Float64(min=-20, max=60)
    exit_cause = dy.Enum(EXIT_CAUSES, nullable=True)
    is_simulated = dy.Bool()


def simulate_contracts(
    mix: pl.DataFrame,
    *,
    seed: int,
    contracts: int | None = None,
    assumptions: CareerAssumptions | None = None,
    calibration: Calibration | None = None,
    baselines: BandBaselines | None = None,
) -> dy.DataFrame[SimulatedContract]:
    """Return contracts as a register would have shown them in the thirteen years that the published figures cover.

    The first contract of each post starts with the window, later ones at any time in it; those still in force at its
    end are censored. Covariates are facts of the post and the formal career stage; there is no sex, age, origin or
    family. The true hazards stay inside: a model that is fitted to the result sees what a register would show.

    Parameters
    ----------
    mix : DataFrame
        `MunicipalityMix`: where the lists are.
    seed : int
        Same seed and mix, same contracts.
    contracts : int, optional
        Number of rows, > 0; by default the 7,359 of the published study.
    assumptions : CareerAssumptions, optional
        By default the prior medians of ``calibration.toml``.
    calibration : Calibration, optional
        By default the project's.
    baselines : BandBaselines, optional
        By default calibrated on this mix, which must then be a whole country's. For a part of a country give the
        baselines of the whole.

    Raises
    ------
    InvalidInputError, ContractViolationError
        If the mix breaks its contract, a band has no baseline, or ``contracts`` is below 1.

    Examples
    --------
    >>> from models.mix import national_mix
    >>> contracts = simulate_contracts(national_mix(), seed=1, contracts=500)
    >>> contracts.height, bool(contracts["is_simulated"].all())
    (500, True)
    """
    figures = calibration or national_calibration()
    ratios = assumptions or CareerAssumptions.from_calibration(figures)
    checked = checked_mix(mix)
    rows = int(figures.observation["contracts"].value) if contracts is None else contracts
    if rows < 1:
        raise InvalidInputError("contracts", rows, "at least 1")
    bands = baselines or calibrated_baselines(checked, ratios, figures)
    rng = np.random.default_rng(seed)
    window = figures.observation["window_years"].value
    per_list = bands.contracts_per_list(checked, window)
    posts = drawn_posts(checked, checked["lists"].to_numpy() * per_list, rows, rng, figures)
    is_first = rng.random(rows) < 1 / bands.contracts_per_list(posts, window)
    observed = window - np.where(is_first, 0.0, window * rng.random(rows))
    durations = drawn_durations(posts, bands, ratios, rng)
    left = rng.random(rows) < bands.left_scheme_share(checked, figures)
    return (
        posts.with_columns(
            spell_id=pl.int_range(1, rows + 1, dtype=pl.Int64),
            entry_years=pl.lit(0.0),
            duration_years=pl.Series(np.maximum(np.minimum(durations, observed), 1e-6)),
            event=pl.Series(durations <= observed),
            left=pl.Series(left),
            is_simulated=pl.lit(True),
        )
        .with_columns(
            exit_cause=pl.when(pl.col("event") & pl.col("left"))
            .then(pl.lit("left_scheme"))
            .when("event")
            .then(pl.lit("moved"))
            .cast(pl.Enum(EXIT_CAUSES))
        )
        .pipe(lambda frame: SimulatedContract.validate(frame.select(SimulatedContract.column_names())))
    )


def drawn_durations(
    posts: pl.DataFrame, baselines: BandBaselines, assumptions: CareerAssumptions, rng: np.random.Generator
) -> Floats:
    """Return a random full duration in years, uncensored, of a contract in each post."""
    hazard = rng.exponential(size=posts.height)
    durations = np.zeros(posts.height)
    for band, baseline in baselines.by_band.items():
        here = (posts["population_band"] == band).to_numpy()
        durations[here] = duration_at(hazard[here], baseline, careers_of(posts.filter(pl.Series(here)), assumptions))
    return durations
