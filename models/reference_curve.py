"""One curve for all posts, as an estimator: what a model must beat."""

from typing import Self

import numpy as np
import polars as pl
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from models.fit_inputs import checked_fit, checked_times
from models.incidence import survival_of
from models.outcome import Floats
from models.risk_sets import risk_sets


class ReferenceCurve(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Kaplan-Meier and Aalen-Johansen curves of all spells, whatever their covariates.

    With delayed entry and few spells at risk early the curve can fall to 0 at once, as `models.benchmarks.kaplan_meier`
    tells. An end that is known only to lie between two snapshots counts at the later one.

    Attributes
    ----------
    times_ : ndarray, shape (times,)
        Distinct times of an end, years.
    survival_ : ndarray, shape (times,)
        After each time.
    incidence_ : ndarray, shape (causes, times)
        After each time; with the survival they sum to 1.

    Examples
    --------
    >>> from models.outcome import survival_outcome
    >>> curve = ReferenceCurve().fit(pl.DataFrame(), survival_outcome([1, 2, 0], [1.0, 2.0, 3.0]))
    >>> posts = pl.DataFrame({"list_length": [900, 1200]})
    >>> curve.predict_survival_function(posts, [0.5, 2.5]).round(2).tolist()
    [[1.0, 0.33], [1.0, 0.33]]
    """

    def fit(self, X: pl.DataFrame, y: object, sample_weight: ArrayLike | None = None) -> Self:  # noqa: N803
        """Fit the curves to spells; ``X`` is not used.

        Raises
        ------
        EstimatorInputError
            If lengths differ, a value is impossible, or no spell ended.
        """
        outcome, weights = checked_fit(X, y, sample_weight)
        sets = risk_sets(outcome, weights)
        self.times_ = sets.times
        self.survival_, before = survival_of(sets)
        self.incidence_ = np.cumsum(before * sets.ended / sets.at_risk, axis=1)
        return self

    def predict(self, X: pl.DataFrame) -> Floats:  # noqa: N803
        """Return 0 for every post: the curve tells none from another. Shape (rows,)."""
        check_is_fitted(self, "times_")
        return np.zeros(X.height)

    def predict_survival_function(self, X: pl.DataFrame, times: ArrayLike) -> Floats:  # noqa: N803
        """Return the probability that a spell lasts beyond each time (years), shape (rows, times); all rows the same.

        Flat beyond the last end: nothing is extrapolated.
        """
        check_is_fitted(self, "times_")
        return np.repeat(_steps(np.concatenate([[1.0], self.survival_]), self.times_, times)[None, :], X.height, axis=0)

    def predict_cumulative_incidence(self, X: pl.DataFrame, times: ArrayLike) -> Floats:  # noqa: N803
        """Return the probability of having left for each cause, shape (rows, causes, times); all rows the same."""
        check_is_fitted(self, "times_")
        curves = np.stack([_steps(np.concatenate([[0.0], each]), self.times_, times) for each in self.incidence_])
        return np.repeat(curves[None, :, :], X.height, axis=0)


def _steps(values: Floats, ends: Floats, times: ArrayLike) -> Floats:
    found: Floats = values[np.searchsorted(ends, checked_times(times), side="right")]
    return found
