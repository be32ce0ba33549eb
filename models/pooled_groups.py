"""Effects of municipalities by partial pooling: how many times the expected number of doctors leave."""

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from features.conjugate import GammaPoisson
from features.errors import InvalidInputError
from features.group_priors import Prior, fitted_strength, updated
from models.outcome import Floats

_SCHEMA = {
    "group": pl.String,
    "events": pl.Float64,
    "expected_events": pl.Float64,
    "raw_ratio": pl.Float64,
    "ratio": pl.Float64,
    "lower": pl.Float64,
    "upper": pl.Float64,
    "own_weight": pl.Float64,
}


def group_events(groups: pl.Series, events: ArrayLike, expected_events: ArrayLike) -> pl.DataFrame:
    """Return ends and expected ends of each group of spells.

    Parameters
    ----------
    groups : Series
        The group of each spell, such as its municipality's code.
    events : array-like
        Whether each spell ended; or its weight where it did.
    expected_events : array-like
        Cumulative hazard of each spell over the time in which it was observed, from a model that does not know the
        group.

    Raises
    ------
    InvalidInputError
        If lengths differ or a spell has no group.

    Examples
    --------
    >>> group_events(pl.Series(["5037", "0301", "5037"]), [True, False, False], [0.5, 0.25, 0.25]).rows()
    [('0301', 0.0, 0.25), ('5037', 1.0, 0.75)]
    """
    if groups.null_count():
        raise InvalidInputError("groups", f"{groups.null_count()} spells without a group", "a group for each spell")
    columns = {
        "events": np.asarray(events, dtype=np.float64),
        "expected_events": np.asarray(expected_events, dtype=np.float64),
    }
    for name, column in columns.items():
        if column.shape != (groups.len(),):
            raise InvalidInputError(name, f"shape {column.shape}", f"one value per spell, shape ({groups.len()},)")
    frame = pl.DataFrame({"group": groups.cast(pl.String), **columns})
    return frame.group_by("group").sum().sort("group")


def pooled_ratios(groups: pl.DataFrame) -> pl.DataFrame:
    """Return each group's ratio of ends to expected ends, drawn towards 1 as far as chance may explain it.

    Ends are Poisson around the expected ones times the group's own ratio, and ratios are gamma around 1; how much they
    differ is estimated from all groups. The ratio multiplies the model's hazard for posts of the group. It is *not* a
    mark for how good a municipality is as an employer: it holds whatever the model's covariates leave out.

    Parameters
    ----------
    groups : DataFrame
        ``group``, ``events`` and ``expected_events``, one row per group, as `group_events` makes it.

    Returns
    -------
    DataFrame
        By row of ``groups``: also ``raw_ratio`` (NaN where nothing was expected), ``ratio`` between it and 1, its 90 %
        interval ``lower``-``upper``, and ``own_weight`` (0-1) of the raw ratio beside 1, which grows with the expected
        events. The interval allows for the spread of ratios being estimated.

    Raises
    ------
    InvalidInputError
        If a column is missing, a group occurs twice, a number is negative or not finite, or a group has ends where
        none were expected.

    References
    ----------
    Clayton and Kaldor 1987, Biometrics 43(3):671-681 (ratios of counts). Christiansen and Morris 1997, Journal of the
    American Statistical Association 92(438):618-632 (the prior on the shrinkage, as in `features.group_priors`).

    Examples
    --------
    >>> groups = pl.DataFrame(
    ...     {"group": ["5037", "0301", "3401"], "events": [4.0, 120.0, 30.0], "expected_events": [2.0, 100.0, 40.0]}
    ... )
    >>> pooled_ratios(groups).select(pl.col("raw_ratio", "ratio", "own_weight").round(2)).rows()
    [(2.0, 1.14, 0.14), (1.2, 1.18, 0.89), (0.75, 0.81, 0.76)]
    """
    events, expected = _checked(groups)
    told = expected > 0
    raw = np.divide(events, expected, out=np.full_like(expected, np.nan), where=told)
    mean, variance, weight = np.ones_like(raw), np.zeros_like(raw), np.zeros_like(raw)
    family, ones = GammaPoisson(), np.ones(int(told.sum()))
    if told.any():
        log_strength, log_variance = fitted_strength(family, raw[told], expected[told], ones)
        strength = family.strength(log_strength, ones)
        prior = Prior(ones, 0 * ones, strength, log_strength, log_variance)
        mean[told], variance[told], weight[told] = updated(family, raw[told], expected[told], prior)
        variance[~told] = family.prior_variance(strength[:1], ones[:1])[0]
    lower, upper = family.interval(mean, variance) if told.any() else (0 * mean, mean + np.inf)
    lower, upper = np.minimum(lower, mean), np.maximum(upper, mean)  # a mean may lie in a far tail near 0
    columns = (groups["group"].cast(pl.String), events, expected, raw, mean, lower, upper, weight)
    return pl.DataFrame(dict(zip(_SCHEMA, columns, strict=True)), schema=_SCHEMA)


def _checked(groups: pl.DataFrame) -> tuple[Floats, Floats]:
    if missing := [name for name in ("group", "events", "expected_events") if name not in groups.columns]:
        raise InvalidInputError("groups", groups.columns, f"also the column {', '.join(missing)}")
    if groups["group"].n_unique() < groups.height:
        raise InvalidInputError("group", "a group that occurs twice", "one row per group")
    columns: dict[str, Floats] = {}
    for name in ("events", "expected_events"):
        columns[name] = groups[name].cast(pl.Float64).to_numpy()
        if not (np.isfinite(columns[name]) & (columns[name] >= 0)).all():
            raise InvalidInputError(name, "a negative or missing number", "finite numbers, 0 or more")
    if ((columns["events"] > 0) & (columns["expected_events"] == 0)).any():
        raise InvalidInputError("expected_events", 0, "more than 0 wherever a doctor left")
    return columns["events"], columns["expected_events"]
