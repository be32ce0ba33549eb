"""What a fitted hazard rests on as a whole: contributions of its trees, and what it loses without a covariate."""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import ArrayLike
from scipy.stats import t as student_t

from models.discrimination import harrell_c
from models.errors import EstimatorInputError
from models.forest_hazard import grid_likelihood
from models.hazard import DiscreteTimeHazard
from models.hazard_estimator import HazardEstimator, ended_weight, matching_outcome
from models.outcome import Floats, Outcome
from models.stacking import StackedHazard
from models.time_grid import person_period_table
from models.uncertainty import INTERVAL_COVERAGE

_FEWEST = 2


def contribution_importance(model: HazardEstimator, X: pl.DataFrame) -> pl.DataFrame:  # noqa: N803
    """Return how much each covariate moves the boosted trees' hazard: mean absolute Shapley value.

    It tells what the trees use, not what would happen if a covariate were changed, and it has no interval; what a
    forecast loses without a covariate is told by `permutation_importance`.

    Parameters
    ----------
    model : fitted DiscreteTimeHazard, or StackedHazard with one as a member
        Whose trees.
    X : DataFrame
        Rows over which the mean is taken.

    Returns
    -------
    DataFrame
        One row per covariate and one for ``elapsed_years``, highest first: ``covariate``, ``log_hazard`` (mean
        absolute contribution to the logarithm of the hazard, over rows and over the ends of the fit), ``share`` (of
        the sum, 0-1).

    Raises
    ------
    EstimatorInputError
        If no member has boosted trees.

    References
    ----------
    Lundberg et al. 2020, Nat Mach Intell 2:56-67 (LightGBM's ``pred_contrib``).

    Examples
    --------
    >>> from models.outcome import survival_outcome
    >>> X = pl.DataFrame({"population": [1500.0, 90_000.0] * 200, "noise": [0.0, 0.0, 1.0, 1.0] * 100})
    >>> y = survival_outcome([True] * 400, [1.0, 4.0, 1.0, 4.0] * 100)
    >>> contribution_importance(DiscreteTimeHazard(n_estimators=20).fit(X, y), X)["covariate"][0]
    'population'
    """
    trees = boosted_trees(model)
    width = np.diff(trees.breaks_)
    alive = np.exp(-np.concatenate([[0.0], np.cumsum(trees.baseline_ * width)[:-1]]))
    ending = alive * -np.expm1(-trees.baseline_ * width)
    firsts = np.unique(trees.step_of_, return_index=True)[1]
    shares = np.bincount(trees.step_of_, weights=ending / ending.sum())
    moved = sum(
        share * np.abs(trees.contributions(X, int(first))[:, :-1]).mean(axis=0)
        for first, share in zip(firsts, shares, strict=True)
    )
    sizes = np.asarray(moved, dtype=np.float64)
    return pl.DataFrame(
        {
            "covariate": [*map(str, trees._names()), "elapsed_years"],
            "log_hazard": sizes,
            "share": sizes / max(float(sizes.sum()), 1e-300),
        }
    ).sort("log_hazard", descending=True, maintain_order=True)


def permutation_importance(
    model: HazardEstimator,
    X: pl.DataFrame,  # noqa: N803
    y: Any,  # noqa: ANN401
    *,
    repeats: int = 10,
    seed: int = 0,
) -> pl.DataFrame:
    """Return what the forecasts of held-out spells lose when a covariate is exchanged between them.

    A covariate that others can stand in for loses little. It is about forecasts, not about causes.

    Parameters
    ----------
    model : fitted HazardEstimator
        Any.
    X, y
        Spells that the fit did not see.
    repeats, seed : int, int
        Exchanges of each covariate (2 or more), and seed.

    Returns
    -------
    DataFrame
        One row per covariate, greatest loss first: ``covariate``; ``likelihood_drop`` (of the log-likelihood, per
        ended spell) and ``c_drop`` (of Harrell's C), each the mean over the exchanges with ``..._lower`` and
        ``..._upper``, Student's t over the exchanges: the error of exchanging by chance, not that of the spells.

    Raises
    ------
    EstimatorInputError
        If no spell ended, or there are fewer than two exchanges.

    References
    ----------
    Breiman 2001, Mach Learn 45:5-32. Fisher, Rudin and Dominici 2019, J Mach Learn Res 20(177).

    Examples
    --------
    >>> from models.outcome import survival_outcome
    >>> X = pl.DataFrame({"population": [1500.0, 90_000.0] * 200, "noise": [0.0, 0.0, 1.0, 1.0] * 100})
    >>> y = survival_outcome([True] * 400, [1.0, 4.0, 1.0, 4.0] * 100)
    >>> found = permutation_importance(DiscreteTimeHazard(n_estimators=20).fit(X, y), X, y, repeats=3)
    >>> found["covariate"][0], bool(found["c_drop_lower"][0] > 0.1)
    ('population', True)
    """
    if repeats < _FEWEST:
        raise EstimatorInputError("repeats", repeats, f"{_FEWEST} or more")
    outcome = matching_outcome(y, X.height)
    ended_weight(outcome, np.ones(X.height))
    whole = _quality(model, X, outcome)
    rows = []
    for name in model._names():
        rng = np.random.default_rng([seed, *name.encode()])
        exchanged = (X.with_columns(X[name][rng.permutation(X.height)]) for _ in range(repeats))
        rows.append(whole - np.array([_quality(model, each, outcome) for each in exchanged]))
    return _drops(model._names(), np.array(rows))


def boosted_trees(model: HazardEstimator) -> DiscreteTimeHazard:
    """Return the model if it is boosted trees, or the first member of a stack that is.

    Raises
    ------
    EstimatorInputError
        If there is none.
    """
    members = model.members_ if isinstance(model, StackedHazard) else [model]
    for member in members:
        if isinstance(member, DiscreteTimeHazard):
            return member
    raise EstimatorInputError("model", type(model).__name__, "boosted trees, or a stack that has them as a member")


def _quality(model: HazardEstimator, table: pl.DataFrame, outcome: Outcome) -> Floats:
    hazard = model.predict_hazard(table)
    periods = person_period_table(outcome, model.breaks_)
    likelihood = grid_likelihood(hazard, periods, np.ones(table.height)) / periods.ended.sum()
    return np.array([likelihood, harrell_c(outcome, model.predict(table))])


def _drops(names: list[str], drops: Floats) -> pl.DataFrame:
    repeats = drops.shape[1]
    quantile = student_t.ppf(0.5 + INTERVAL_COVERAGE / 2, df=repeats - 1)
    mean, wide = drops.mean(axis=1), drops.std(axis=1, ddof=1) * quantile / repeats**0.5
    columns: dict[str, ArrayLike] = {"covariate": names}
    for place, name in enumerate(("likelihood_drop", "c_drop")):
        columns[name] = mean[:, place]
        columns[f"{name}_lower"] = mean[:, place] - wide[:, place]
        columns[f"{name}_upper"] = mean[:, place] + wide[:, place]
    return pl.DataFrame(columns).sort("likelihood_drop", descending=True, maintain_order=True)
