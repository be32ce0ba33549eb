"""How the forecast follows one covariate, over posts as they are, with what resampled spells leave open."""

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
import polars as pl

from features.errors import InvalidInputError
from models.bootstrap import half_width
from models.hazard_estimator import HazardEstimator
from models.outcome import Floats

_VALUES = 20
_EDGE = 1e-9
M = TypeVar("M", bound=HazardEstimator)


def partial_dependence(
    model: M,
    X: pl.DataFrame,  # noqa: N803
    covariate: str,
    horizon: float,
    *,
    members: Sequence[M] = (),
    values: Sequence[Any] | None = None,
) -> pl.DataFrame:
    """Return the mean forecast of all posts at each value of one covariate.

    It is what the model says, over the posts in ``X`` with nothing else changed; that is an effect only where nothing
    outside the covariates moves both.

    Parameters
    ----------
    model : fitted HazardEstimator
        Any.
    X : DataFrame
        Posts.
    covariate : str
        One of the model's.
    horizon : float
        Years, > 0.
    members : sequence of fitted estimators
        Refits of `models.bootstrap.bootstrap_members`; none: no interval. One is too few.
    values : sequence, optional
        Values to ask for; by default all of a category or boolean, and up to 20 quantiles of a number.

    Returns
    -------
    DataFrame
        One row per value: ``value``, ``survival`` (at the horizon, 0-1), ``restricted_mean`` (years), and ``lower``
        and ``upper``, the bounds of the 90 % interval of the restricted mean, null without members.

    Raises
    ------
    InvalidInputError
        If the covariate is not the model's, there is one member, or nothing but gaps.

    References
    ----------
    Friedman 2001, Ann Stat 29:1189-1232.

    Examples
    --------
    >>> from models.hazard import DiscreteTimeHazard
    >>> from models.outcome import survival_outcome
    >>> X = pl.DataFrame({"has_supervisor": [True, False] * 100})
    >>> y = survival_outcome([True] * 200, [4.0, 1.0, 8.0, 2.0] * 50)
    >>> found = partial_dependence(DiscreteTimeHazard(n_estimators=50).fit(X, y), X, "has_supervisor", 4.0)
    >>> found["value"].to_list(), bool(found["restricted_mean"].is_sorted())
    ([False, True], True)
    """
    if len(members) == 1:
        raise InvalidInputError("members", 1, "none, or two or more")
    asked = _values(model, X, covariate, values)
    tables = [_at(X, covariate, value) for value in asked]
    mean = np.array([_mean(model, table, horizon) for table in tables])
    lower, upper = (None, None)
    if members:
        drawn = np.array([[_mean(member, table, horizon) for table in tables] for member in members])
        wide = half_width(_logit(drawn / horizon))
        lower, upper = (horizon / (1 + np.exp(-_logit(mean / horizon) - sign * wide)) for sign in (-1, 1))
    empty = pl.Series([None] * len(asked), dtype=pl.Float64)
    return pl.DataFrame(
        {
            "value": asked,
            "survival": [float(model.predict_survival_function(table, [horizon]).mean()) for table in tables],
            "restricted_mean": mean,
            "lower": empty if lower is None else lower,
            "upper": empty if upper is None else upper,
        }
    )


def individual_curves(
    model: HazardEstimator,
    X: pl.DataFrame,  # noqa: N803
    covariate: str,
    horizon: float,
    *,
    values: Sequence[Any] | None = None,
) -> pl.DataFrame:
    """Return how the forecast of each post follows one covariate, centred at the first value.

    Curves that part tell that the covariate acts differently in different posts, which their mean hides.

    Returns
    -------
    DataFrame
        One row per post and value: ``row`` (place in ``X``), ``value``, ``gain`` (restricted mean, years, less that at
        the first value).

    Raises
    ------
    InvalidInputError
        As in `partial_dependence`.

    References
    ----------
    Goldstein, Kapelner, Bleich and Pitkin 2015, J Comput Graph Stat 24:44-65.
    """
    asked = _values(model, X, covariate, values)
    means = np.stack([model.predict_restricted_mean(_at(X, covariate, value), horizon) for value in asked])
    return pl.DataFrame(
        {
            "row": np.repeat(np.arange(X.height), len(asked)),
            "value": pl.concat([asked] * X.height) if X.height else asked.clear(),
            "gain": (means - means[0]).T.ravel(),
        }
    )


def _values(model: HazardEstimator, table: pl.DataFrame, covariate: str, values: Sequence[Any] | None) -> pl.Series:
    if covariate not in model._names() or covariate not in table.columns:
        raise InvalidInputError("covariate", covariate, f"one of {', '.join(model._names())}")
    column = table[covariate]
    if values is not None:
        return pl.Series("value", list(values), dtype=column.dtype)
    known = column.drop_nulls()
    if column.dtype.is_float():
        known = known.drop_nans()
    if not known.len():
        raise InvalidInputError(covariate, "no known value", "at least one, or values to ask for")
    found = known.unique().sort()
    if column.dtype.is_numeric() and found.len() > _VALUES:
        shares = np.linspace(0.0, 1.0, _VALUES)
        found = pl.Series(np.unique(np.quantile(known.to_numpy(), shares, method="nearest")), dtype=column.dtype)
    return found.alias("value")


def _at(table: pl.DataFrame, covariate: str, value: object) -> pl.DataFrame:
    return table.with_columns(pl.lit(value).cast(table.schema[covariate]).alias(covariate))


def _mean(model: HazardEstimator, table: pl.DataFrame, horizon: float) -> float:
    return float(model.predict_restricted_mean(table, horizon).mean())


def _logit(share: Floats) -> Floats:
    bounded = np.clip(share, _EDGE, 1 - _EDGE)
    logit: Floats = np.log(bounded / (1 - bounded))
    return logit
