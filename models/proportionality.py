"""Whether the hazards of a Cox regression are proportional: the test of Grambsch and Therneau."""

import numpy as np
import polars as pl
from numpy.typing import ArrayLike
from scipy.stats import chi2, rankdata
from sklearn.utils.validation import check_is_fitted

from models.cox import CoxRegression
from models.errors import EstimatorInputError
from models.fit_inputs import checked_fit
from models.partial_likelihood import PartialLikelihood


def proportionality_test(
    model: CoxRegression,
    X: pl.DataFrame,  # noqa: N803
    y: object,
    sample_weight: ArrayLike | None = None,
) -> pl.DataFrame:
    """Return, for each column, whether its hazard ratio changes with time in post.

    The correlation of Schoenfeld's residuals with the rank of time. A small p-value says that one hazard ratio does not
    tell the whole story, not that the curves are useless; with many spells it is small for changes of no account.

    Parameters
    ----------
    model : CoxRegression
        Fitted to the same spells, without a ridge.
    X, y, sample_weight
        As in the fit.

    Returns
    -------
    DataFrame
        ``column``, ``statistic`` (chi-squared with one degree of freedom), ``p_value``; null for a column that does not
        vary.

    Raises
    ------
    EstimatorInputError
        If the spells are no outcome, or the model was fitted with a ridge.

    References
    ----------
    Grambsch and Therneau 1994, Biometrika 81(3):515-526.

    Examples
    --------
    >>> from models.outcome import survival_outcome
    >>> X = pl.DataFrame({"is_salaried": [0.0, 1.0] * 4})
    >>> y = survival_outcome([1] * 8, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0])
    >>> proportionality_test(CoxRegression().fit(X, y), X, y).select("column", pl.col("p_value").round(1)).rows()
    [('is_salaried', 0.9)]
    """
    check_is_fitted(model, "baseline_")
    if model.ridge:
        raise EstimatorInputError("ridge", model.ridge, "0: the test is about the likelihood's own maximum")
    outcome, weights = checked_fit(X, y, sample_weight)
    used = weights > 0
    likelihood = PartialLikelihood.of(outcome[used], weights[used])
    columns = model.columns_.matrix(X)[used]
    variance = np.linalg.pinv(likelihood.derivatives(columns, model.standard_).information, rcond=1e-12, hermitian=True)
    residuals = likelihood.residuals(columns, model.standard_) * weights[used][likelihood.leaver, None]
    ranks = rankdata(likelihood.times[likelihood.place])
    centred = ranks - ranks.mean()
    ends = centred.size
    known = np.diag(variance) > 1e-12
    scale = np.where(known, np.diag(variance), 1.0) * max(float(centred @ centred), 1e-12)
    statistic = np.where(known, ends * (centred @ residuals @ variance) ** 2 / scale, np.nan)
    return pl.DataFrame(
        {"column": list(model.columns_.names), "statistic": statistic, "p_value": chi2.sf(statistic, 1)},
        schema={"column": pl.String, "statistic": pl.Float64, "p_value": pl.Float64},
    ).with_columns(pl.col("statistic", "p_value").fill_nan(None))
