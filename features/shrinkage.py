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
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from features.catalogue import Catalogue, Clustered, Count, Exact, Indicator, Mean, Proportion, Relative
from features.conjugate import Array, BetaBinomial, Family, GammaPoisson, Normal
from features.errors import InvalidInputError
from features.frames import ShrunkValue

CLUSTER_COUNTS: Mapping[str, tuple[str, float]] = {"patients_without_gp_share": ("vacant_list_share", 0.63)}
"""Indicators whose clusters are counted by the denominator of another, and the size of a cluster beside the mean one.

Inhabitants lose their GP a list at a time, and a list without one holds fewer than the others: 598 inhabitants on
average against 946 on all lists (SSB 12005, 2025, 351 municipalities). Taking one national size for all lists instead
gives a place of 1,000 inhabitants and three lists the weight of one, and predicts the next year worse
(bench/RESULTS.md).
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
ROUNDS = 3
WIDEST = 9.0
"""Natural logarithms between the typical size and the least and the greatest strength that is tried."""

_STEP = 0.3  # of the finite difference that gives the curvature of the likelihood


@dataclass(frozen=True, slots=True)
class PeerSets:
    """Who is whose peer, each distinct set of peers once.

    Attributes
    ----------
    members : numpy.ndarray of bool, shape (sets, places)
        Which places a set holds.
    home : numpy.ndarray of int, shape (places,)
        The set that a place is compared with.
    """

    members: NDArray[np.bool_]
    home: NDArray[np.intp]

    def of(self, places: NDArray[np.bool_]) -> "PeerSets":
        """The sets among some of the places; sets that none of these is compared with fall away."""
        kept, home = np.unique(self.home[places], return_inverse=True)
        return PeerSets(self.members[np.ix_(kept, np.flatnonzero(places))], home)


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
class Prior:
    """What is believed about each place before its own figure is looked at, and how sure its parts are.

    Attributes
    ----------
    mean, mean_variance : numpy.ndarray
        Mean of the place's group, drawn towards the national mean, and its variance.
    strength : numpy.ndarray
        Size at which the own figure weighs as much as the group's mean.
    log_strength, log_strength_variance : float
        The parameter behind `strength` as estimated.
    """

    mean: Array
    mean_variance: Array
    strength: Array
    log_strength: float
    log_strength_variance: float


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


def peer_sets(codes: pl.Series, peers: pl.DataFrame) -> PeerSets:
    """The distinct sets of peers among the municipalities.

    Parameters
    ----------
    codes : polars.Series
        Municipality codes in the order of the arrays.
    peers : polars.DataFrame
        Contract `features.frames.PeerGroup`; rows about others than `codes` are left out.

    Raises
    ------
    InvalidInputError
        If one of the municipalities has no peers, not even itself.
    """
    order = pl.DataFrame({"municipality_code": codes}).with_row_index("place")
    pairs = peers.join(order, on="municipality_code").join(
        order.select(peer_code="municipality_code", peer="place"), on="peer_code"
    )
    sets = pairs.sort("peer").group_by("place").agg("peer").sort("place")
    if sets.height < codes.len():
        lonely = order.join(sets, on="place", how="anti")["municipality_code"].item(0)
        raise InvalidInputError("peers", f"no peers of {lonely}", "at least the municipality itself as its own peer")
    distinct = sets.group_by("peer").agg(first=pl.col("place").min()).sort("first").with_row_index("set")
    home = sets.join(distinct, on="peer").sort("place")["set"].to_numpy().astype(np.intp)
    members = np.zeros((distinct.height, codes.len()), dtype=bool)
    pair = distinct.explode("peer")
    members[pair["set"].to_numpy(), pair["peer"].to_numpy()] = True
    return PeerSets(members, home)


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


def updated(family: Family, raw: Array, size: Array, prior: Prior) -> tuple[Array, Array, Array]:
    """Mean and variance of what lies behind each figure, and the weight of the figure itself."""
    pulled = prior.strength / (size + prior.strength)
    mean = raw + pulled * (prior.mean - raw)
    variance = (
        family.prior_variance(size + prior.strength, mean)
        + pulled**2 * prior.mean_variance
        + ((prior.mean - raw) * pulled * (1 - pulled)) ** 2 * prior.log_strength_variance
    )
    return mean, variance, 1 - pulled


def fitted_prior(family: Family, raw: Array, size: Array, groups: PeerSets) -> Prior:
    """Prior of every place from the figures of all: strength within groups, group means and strength between groups.

    The same likelihood is used twice: for places within their group and, with the size that a group's mean counts for,
    for groups within the country.
    """
    national = _pooled(family, raw, size)
    mean = np.full(len(groups.members), national)
    for _ in range(ROUNDS):
        log_strength, log_variance = fitted_strength(family, raw, size, mean[groups.home])
        strength = family.strength(log_strength, mean[groups.home])
        mean, mean_variance = _group_means(family, raw, family.spread_size(size, strength), groups)
    return Prior(
        mean[groups.home],
        mean_variance[groups.home],
        family.strength(log_strength, mean[groups.home]),
        log_strength,
        log_variance,
    )


def fitted_strength(family: Family, raw: Array, size: Array, mean: Array) -> tuple[float, float]:
    """Logarithm of the strength that makes the figures most likely, and the variance of that estimate.

    The likelihood is multiplied by a uniform prior on the shrinkage at the typical size, so that neither "all places
    are alike" nor "nothing is learnt from peers" is concluded from a few figures.
    """
    typical = np.log(family.typical_size(size, mean))

    def against(log_strength: float) -> float:
        log_odds = log_strength - typical
        uniform = log_odds - 2 * np.logaddexp(0.0, log_odds)
        return float(-family.log_marginal(log_strength, raw, size, mean) - uniform)

    best = minimize_scalar(
        against, bounds=(typical - WIDEST, typical + WIDEST), method="bounded", options={"xatol": 0.02}
    )
    curvature = (against(best.x + _STEP) + against(best.x - _STEP) - 2 * against(best.x)) / _STEP**2
    return float(best.x), float(1 / max(curvature, 0.25))


def _group_means(family: Family, raw: Array, size: Array, groups: PeerSets) -> tuple[Array, Array]:
    """Mean of each group, drawn towards the national mean, and its variance."""
    of_group = groups.members @ size
    told = of_group > 0  # peers of one's own choice may all lack figures
    of_group = of_group[told]
    plain = groups.members[told] @ (size * raw) / of_group
    national = np.full_like(plain, _pooled(family, plain, of_group))
    log_strength, log_variance = fitted_strength(family, plain, of_group, national)
    strength = family.strength(log_strength, national)
    counts_for = family.spread_size(of_group, strength)
    national = np.full_like(plain, _pooled(family, plain, counts_for))
    national_variance = family.prior_variance(np.full_like(plain, counts_for.sum()), national)
    prior = Prior(national, national_variance, strength, log_strength, log_variance)
    mean = np.full(told.shape, national[0])
    variance = np.full(told.shape, national_variance[0] + family.prior_variance(strength, national)[0])
    mean[told], variance[told], _ = updated(family, plain, of_group, prior)
    return mean, variance


def _pooled(family: Family, raw: Array, size: Array) -> float:
    events, members = family.pseudo
    return float(((size * raw).sum() + events) / (size.sum() + members))


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
