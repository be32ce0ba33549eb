"""The country's posts: what a forecast is set against."""

from typing import Final

import numpy as np
import polars as pl
from scipy.stats import gamma

from features.peers import population_band
from models.calibration import Calibration, national_calibration
from models.mix import checked_mix
from models.posts import CONTRACT_FORMS
from models.retention import POST_COLUMNS

_STAGES_PER_KIND: Final = 3
PLACE: Final = ("population", "population_band", "centrality_class")


def posts_of(mix: pl.DataFrame, calibration: Calibration | None = None) -> pl.DataFrame:
    """Return the posts of municipalities: every contract form and career stage with its share of the lists.

    The same distributions as the simulator draws from (`models.posts`), laid out instead of drawn: each third of the
    trainees by years left, and each third of the specialists by years since, stands as its middle. List length is left
    out, as no forecast looks at it.

    Parameters
    ----------
    mix : DataFrame
        `models.mix.MunicipalityMix`.
    calibration : Calibration, optional
        By default the project's.

    Returns
    -------
    DataFrame
        Grain: ``municipality_code``, ``contract_form``, ``years_since_specialist``. ``population``,
        ``population_band`` and ``centrality_class`` of the place, all its ``lists``, and ``weight`` (> 0, sums to 1).

    Examples
    --------
    >>> from models.mix import national_mix
    >>> posts = posts_of(national_mix())
    >>> posts.height, round(posts["weight"].sum(), 9)
    (306, 1.0)
    """
    figures = calibration or national_calibration()
    places = checked_mix(mix).with_columns(population_band=population_band(pl.col("population")).cast(pl.String))
    salaried = {band: figure.value for band, figure in figures.salaried_share.items()}
    share = pl.col("population_band").replace_strict(salaried, return_dtype=pl.Float64)
    cooperation = figures.cooperation_share["national"].value
    by_form = (1 - share - cooperation, pl.lit(cooperation), share)
    return (
        pl.concat(
            places.with_columns(contract_form=pl.lit(form), form_share=part)
            for form, part in zip(CONTRACT_FORMS, by_form, strict=True)
        )
        .join(_career_stages(figures), how="cross")
        .with_columns(weight=pl.col("lists") * pl.col("form_share") * pl.col("stage_share"))
        .filter(pl.col("weight") > 0)
        .select(
            "municipality_code", *PLACE, *POST_COLUMNS[2:], "lists", weight=pl.col("weight") / pl.col("weight").sum()
        )
    )


def cells_of(posts: pl.DataFrame) -> pl.DataFrame:
    """Return the posts with all municipalities of one size band and centrality class as one place of mean population.

    Few enough rows for sums over all combinations of fields; grain: band, class, contract form, career stage.
    """
    weight = pl.col("weight")
    kind = ("population_band", *POST_COLUMNS[1:])
    by_cell = (weight * pl.col("population")).sum().over("population_band", "centrality_class")
    return (
        posts.with_columns(population=by_cell / weight.sum().over("population_band", "centrality_class"))
        .group_by(kind, maintain_order=True)
        .agg(pl.col("population").first(), weight.sum())
    )


def _career_stages(figures: Calibration) -> pl.DataFrame:
    trainees = figures.career["trainee_share_at_start"].value
    left = figures.career["training_years_left_max"].value
    middles = (np.arange(_STAGES_PER_KIND) + 0.5) / _STAGES_PER_KIND

    since = gamma.ppf(middles, 2.0, scale=figures.career["years_since_specialist_mean"].value / 2.0)
    return pl.DataFrame(
        {
            "years_since_specialist": np.concatenate([-left * middles, since]),
            "stage_share": np.repeat([trainees, 1 - trainees], _STAGES_PER_KIND) / _STAGES_PER_KIND,
        }
    )
