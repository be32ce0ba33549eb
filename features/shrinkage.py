"""Draws figures of small places towards their peers, as far as chance may explain what sets them apart.

A place with three lists swings from 0 to 33 % vacant by one departure. What is believed about it is a weighted mean of
its own figure and the mean of its peers; the more the figure rests on, the more it weighs. How much places of one group
differ, and groups from each other, is estimated from the figures of all places.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import dataframely as dy
import numpy as np
import polars as pl

from features.catalogue import Catalogue, Clustered, Count, Exact, Indicator, Mean, Proportion, Relative
from features.conjugate import Array, BetaBinomial, Family, GammaPoisson, Normal
from features.errors import InvalidInputError
from features.frames import ShrunkValue
from features.group_priors import PeerSets, fitted_prior, peer_sets, updated

CLUSTER_COUNTS: Mapping[str, tuple[str, float]] = {"patients_without_gp_share": ("vacant_list_share", 0.9)}
"""Indicators whose clusters are counted by the denominator of another, and the size of a cluster beside the mean one.

Inhabitants lose their GP a list at a time. In the 64 municipalities with exactly one vacant list in 2025 (SSB 12005)
it held 0.74 of the mean list there; counting each inhabitant, as the variance of a share does, 0.90. Taking 946
inhabitants for a list everywhere instead gives a place of 1,000 inhabitants and three lists the weight of one, and
predicts the next year worse (bench/RESULTS.md).
"""

COUNT_DISPERSION: Mapping[str, float] = {
    "gp_colleagues": 0.1,
    "gps_in_region": 0.1,
    "gp_per_1000": 0.1,
    "doctor_fte_per_list": 0.1,
    "kindergartens_per_1000_children": 0.1,
}
"""Variance of counts that do not come about by chance alone, as a share of a Poisson count's; 1 for the others.

Posts are planned: from one year to the next the number of GPs moved by 0.09 of what a Poisson count of that size would
(bench/RESULTS.md). For all doctors and for kindergartens the same is an assumption.
"""

FIGURES = ("value", "numerator", "denominator")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Figures on the scale where chance works: a share, a rate, a mean, or the logarithm of a measured quantity.

    Attributes
    ----------
    raw : numpy.ndarray
        The figure; NaN where there is none.
    size : numpy.ndarray
        What it rests on; infinite where chance does not move it.
    offset, scale, is_logarithm : numpy.ndarray, float, bool
        The indicator's value is ``offset + scale * raw``, or the exponential of that.
    """

    family: Family
    raw: Array
    size: Array
    offset: Array
    scale: float = 1.0
    is_logarithm: bool = False

    def value(self, behind: Array) -> Array:
        """The indicator's values for what lies behind the figures."""
        linear = self.offset + self.scale * behind
        return np.exp(linear) if self.is_logarithm else linear


@dataclass(frozen=True, slots=True)
class Posterior:
    """What is believed about every place after looking; all arrays are NaN where the indicator has no value.

    Attributes
    ----------
    estimate, lower, upper : numpy.ndarray
        In the indicator's unit; the bounds hold 90 %.
    group_mean : numpy.ndarray
        Mean of the peers, drawn towards the national mean.
    own_weight : numpy.ndarray
        Weight (0-1) of the own figure beside that of the group's mean.
    """

    estimate: Array
    lower: Array
    upper: Array
    group_mean: Array
    own_weight: Array
    evidence: Evidence
    behind: Array
    behind_variance: Array
    bounds: tuple[float, float]

    def draws(self, rng: np.random.Generator, draws: int) -> Array:
        """Values as they may be, shape (draws, places); NaN where there is no value."""
        values = np.full((draws, len(self.estimate)), np.nan)
        known = ~np.isnan(self.estimate)
        moved = known & (self.behind_variance > 0)
        values[:, known] = self.estimate[known]
        drawn = np.zeros_like(values)
        drawn[:, moved] = self.evidence.family.draws(self.behind[moved], self.behind_variance[moved], rng, draws)
        values[:, moved] = np.clip(self.evidence.value(drawn)[:, moved], *self.bounds)
        return values


def shrunk_values(values: pl.DataFrame, peers: pl.DataFrame, catalogue: Catalogue) -> dy.DataFrame[ShrunkValue]:
    """Every indicator value drawn towards the mean of the place's peers, with 90 % interval.

    The estimate always lies between the value and the group's mean. It tells what is likely to lie behind the figure,
    not what was counted: the published value stays what it is.

    Parameters
    ----------
    values : polars.DataFrame
        Contract `features.frames.IndicatorValue`.
    peers : polars.DataFrame
        Contract `features.frames.PeerGroup`.

    Returns
    -------
    dataframely.DataFrame[ShrunkValue]
        One row per municipality and indicator.

    References
    ----------
    Morris 1983, Parametric empirical Bayes inference, J. Am. Stat. Assoc. 78(381), 47-55.
    """
    return shrunk_frame(values["municipality_code"].unique().sort(), posteriors(values, peers, catalogue))


def shrunk_frame(codes: pl.Series, beliefs: Mapping[str, Posterior]) -> dy.DataFrame[ShrunkValue]:
    """What is believed about every indicator as a frame; `codes` in the order of the beliefs."""
    columns = {
        name: np.concatenate([getattr(posterior, name) for posterior in beliefs.values()])
        for name in ("estimate", "lower", "upper", "group_mean", "own_weight")
    }
    pairs = pl.DataFrame({"indicator": list(beliefs)}).join(codes.to_frame(), how="cross", maintain_order="left_right")
    return ShrunkValue.validate(
        pairs.with_columns(pl.Series(name, column).fill_nan(None) for name, column in columns.items())
        .select(list(ShrunkValue.columns()))
        .sort("municipality_code", maintain_order=True)
    )


def posteriors(values: pl.DataFrame, peers: pl.DataFrame, catalogue: Catalogue) -> dict[str, Posterior]:
    """What is believed about every indicator of the catalogue, places in order of code.

    Parameters
    ----------
    values : polars.DataFrame
        Contract `features.frames.IndicatorValue`.
    peers : polars.DataFrame
        Contract `features.frames.PeerGroup`.
    """
    sets = peer_sets(values["municipality_code"].unique().sort(), peers)
    rows = indicator_rows(values)
    return {key: posterior(entry, rows[key], sets) for key, entry in catalogue.indicators.items()}


def posterior_draws(
    indicator: Indicator, rows: Mapping[str, Array], groups: PeerSets, rng: np.random.Generator, draws: int
) -> Array:
    """Values as they may be, given all figures, shape (draws, places); NaN where there is no value.

    A place with none of three lists vacant is not taken to be sure of none. Where several calls concern the same
    indicator, `posterior` once and its ``draws`` several times is quicker.

    Parameters
    ----------
    rows : Mapping[str, numpy.ndarray]
        ``value``, ``numerator``, ``denominator`` by place and, where `CLUSTER_COUNTS` says so, ``clusters``.
    """
    return posterior(indicator, rows, groups).draws(rng, draws)


def indicator_rows(values: pl.DataFrame) -> dict[str, dict[str, Array]]:
    """Value, numerator, denominator and clusters of every indicator, as arrays in order of municipality code.

    Parameters
    ----------
    values : polars.DataFrame
        Contract `features.frames.IndicatorValue`.
    """
    ordered = values.sort("indicator", "municipality_code")
    runs = ordered.select(pl.col("indicator").rle().struct.unnest())
    starts = np.cumsum(runs["len"].to_numpy())[:-1]
    columns = {name: np.split(ordered[name].cast(pl.Float64).fill_null(np.nan).to_numpy(), starts) for name in FIGURES}
    rows = {key: {name: columns[name][run] for name in FIGURES} for run, key in enumerate(runs["value"])}
    for key, (counted_by, size) in CLUSTER_COUNTS.items():
        if key in rows and counted_by in rows:
            rows[key]["clusters"] = rows[counted_by]["denominator"] / size
    return rows


def evidence(indicator: Indicator, rows: Mapping[str, Array]) -> Evidence:
    """What the figures of an indicator rest on, after the kind of uncertainty that the catalogue states.

    A figure told without its denominator counts as resting on one observation; a figure of 0 with a relative error
    stays 0.

    Raises
    ------
    InvalidInputError
        If a share lies outside 0-1, or a count or measured quantity is negative.
    """
    value = rows["value"]
    nothing = np.zeros_like(value)
    denominator = np.where(rows["denominator"] > 0, rows["denominator"], 1.0)
    match indicator.uncertainty:
        case Proportion():
            return Evidence(BetaBinomial(), _shares(indicator, value), denominator, nothing)
        case Clustered(size=size):
            counted = rows.get("clusters", np.full_like(value, np.nan))
            clusters = np.where(counted > 0, counted, denominator / size)
            return Evidence(BetaBinomial(), _shares(indicator, value), clusters, nothing)
        case Count(scale=scale):
            events = np.where(np.isnan(rows["numerator"]), value * denominator / scale, rows["numerator"])
            if (events < 0).any():
                raise InvalidInputError(indicator.key, float(np.nanmin(events)), "counts of 0 or more")
            rate = np.where(np.isnan(value), np.nan, events / denominator)
            exposure = denominator / COUNT_DISPERSION.get(indicator.key, 1.0)
            return Evidence(GammaPoisson(), rate, exposure, value - scale * rate, scale)
        case Mean(sd=sd):
            return Evidence(Normal(), value, denominator / sd**2, nothing)
        case Relative(sd=sd):
            if (value < 0).any():
                raise InvalidInputError(indicator.key, float(np.nanmin(value)), "measured quantities of 0 or more")
            with np.errstate(divide="ignore"):
                logarithm = np.log(value)
            return Evidence(Normal(), logarithm, np.where(value > 0, 1 / sd**2, np.inf), nothing, is_logarithm=True)
        case Exact():
            return Evidence(Normal(), value, np.full_like(value, np.inf), nothing)


def posterior(indicator: Indicator, rows: Mapping[str, Array], groups: PeerSets) -> Posterior:
    """What is believed about an indicator in every place, given the figures of all.

    Beta-binomial for proportions and clustered shares, gamma-Poisson for counts and rates, normal for means and, on the
    logarithm, for relative errors. The mean of each group is itself drawn towards the national mean. The interval
    allows for chance in the own figure, for the group's mean being estimated, and for the strength being estimated.

    Parameters
    ----------
    rows : Mapping[str, numpy.ndarray]
        As in `posterior_draws`.

    References
    ----------
    Morris 1983, J. Am. Stat. Assoc. 78(381), 47-55. Kass & Steffey 1989, J. Am. Stat. Assoc. 84(407), 717-726
    (uncertainty of the estimated parameters). Christiansen & Morris 1997, J. Am. Stat. Assoc. 92(438), 618-632
    (gamma-Poisson; uniform prior on the shrinkage).
    """
    found = evidence(indicator, rows)
    known = ~np.isnan(found.raw)
    moved = known & np.isfinite(found.size)
    behind, variance, weight = found.raw.copy(), np.where(known, 0.0, np.nan), np.where(known, 1.0, np.nan)
    group = _plain_group_mean(np.where(np.isfinite(found.raw), found.raw, np.nan), groups)
    if moved.any():
        raw, size = found.raw[moved], found.size[moved]
        prior = fitted_prior(found.family, raw, size, groups.of(moved))
        behind[moved], variance[moved], weight[moved] = updated(found.family, raw, size, prior)
        group[moved] = prior.mean
    estimate, group_mean = found.value(behind), found.value(np.where(known, group, np.nan))
    lower, upper = _bounds(found, behind, variance, estimate, indicator.bounds)
    return Posterior(estimate, lower, upper, group_mean, weight, found, behind, variance, indicator.bounds)


def _plain_group_mean(raw: Array, groups: PeerSets) -> Array:
    known = ~np.isnan(raw)
    count = groups.members @ known.astype(float)
    total = groups.members @ np.where(known, raw, 0.0)
    mean: Array = np.where(count > 0, total / np.maximum(count, 1), np.nan)[groups.home]
    return mean


def _bounds(
    found: Evidence, behind: Array, variance: Array, estimate: Array, bounds: tuple[float, float]
) -> tuple[Array, Array]:
    lower, upper = estimate.copy(), estimate.copy()
    moved = variance > 0
    below, above = np.zeros_like(behind), np.zeros_like(behind)
    below[moved], above[moved] = found.family.interval(behind[moved], variance[moved])
    lower[moved] = np.minimum(np.clip(found.value(below), *bounds), estimate)[moved]
    upper[moved] = np.maximum(np.clip(found.value(above), *bounds), estimate)[moved]
    return lower, upper


def _shares(indicator: Indicator, value: Array) -> Array:
    if ((value < 0) | (value > 1)).any():
        raise InvalidInputError(indicator.key, float(np.nanmax(np.abs(value))), "shares between 0 and 1")
    return value
