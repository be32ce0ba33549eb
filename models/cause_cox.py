"""Cox regression per cause: the standard that models of competing causes are compared with."""

from typing import Self

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from models.cox import CoxRegression
from models.errors import EstimatorInputError
from models.fit_inputs import checked_fit, checked_times
from models.outcome import Floats

_ROWS_AT_ONCE = 500


class CauseSpecificCox(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """One Cox regression per cause, with ends of the others as censoring; incidences sum with survival to 1.

    At each time of an end what is lost of the survival is shared among the causes as their hazards are. All causes'
    regressions take the mean of a covariate that lacks a value, as `models.cox.CoxRegression` does.

    Parameters
    ----------
    ridge : float
        As of `models.cox.CoxRegression`.
    causes : int, optional
        Number of causes; by default the highest that occurs. One of which no spell ended has a hazard of 0.

    Attributes
    ----------
    members_ : list of CoxRegression or None
        Cause 1 first.
    times_ : ndarray, shape (times,)
        Distinct times of an end of any cause.
    steps_ : ndarray, shape (causes, times)
        Steps of the baseline hazards.

    References
    ----------
    Prentice et al. 1978, Biometrics 34(4):541-554. Putter, Fiocco and Geskus 2007, Stat Med 26(11):2389-2430.

    Examples
    --------
    >>> from models.outcome import survival_outcome
    >>> X = pl.DataFrame({"vacant_share": [0.0, 0.0, 0.5, 0.5]})
    >>> model = CauseSpecificCox().fit(X, survival_outcome([1, 2, 1, 2], [2.0, 5.0, 1.0, 3.0]))
    >>> left = model.predict_cumulative_incidence(X[:1], [2.0])[0, :, 0]
    >>> bool(np.isclose(left.sum() + model.predict_survival_function(X[:1], [2.0])[0, 0], 1.0))
    True
    """

    members_: list[CoxRegression | None]
    times_: Floats
    steps_: Floats

    def __init__(self, *, ridge: float = 0.0, causes: int | None = None) -> None:
        self.ridge = ridge
        self.causes = causes

    def fit(self, X: pl.DataFrame, y: object, sample_weight: ArrayLike | None = None) -> Self:  # noqa: N803
        """Fit one regression per cause; arguments and errors as of `models.cox.CoxRegression.fit`."""
        outcome, weights = checked_fit(X, y, sample_weight)
        self.times_ = np.unique(outcome.time[outcome.ended & (weights > 0)])
        count = self.causes or int(outcome.event.max())
        if count < int(outcome.event.max()):
            raise EstimatorInputError("causes", count, f"{int(outcome.event.max())} or more, the highest cause in y")
        self.members_, self.steps_ = [], np.zeros((count, self.times_.size))
        for cause in range(1, count + 1):
            happened = (outcome.event == cause) & (weights > 0)
            if not happened.any():
                self.members_.append(None)
                continue
            member = CoxRegression(ridge=self.ridge).fit(X, outcome.of_cause(cause), weights)
            at = np.searchsorted(self.times_, member.baseline_["time_years"].to_numpy())
            self.steps_[cause - 1, at] = np.diff(member.baseline_["cumulative_hazard"].to_numpy(), prepend=0.0)
            self.members_.append(member)
        return self

    def predict(self, X: pl.DataFrame, cause: int | None = None) -> Floats:  # noqa: N803
        """Return a risk, shape (rows,), higher leaves sooner: the logarithm of the mean over the times of ends.

        Without a cause the mean of the cumulative hazard of all causes, with one cause the order of its regression;
        with a cause the mean of its incidence.
        """
        if cause is None:
            weight = np.cumsum(self.steps_, axis=1).mean(axis=1)
            total: Floats = np.log(np.maximum(self._relative(X) @ weight, 1e-300))
            return total
        if not 1 <= cause <= len(self.members_):
            raise EstimatorInputError("cause", cause, f"from 1 to {len(self.members_)}")
        steps = np.flatnonzero(self.steps_[cause - 1])
        if not steps.size:
            return np.full(X.height, np.log(1e-12))
        read = self.times_[steps[np.unique(np.linspace(0, steps.size - 1, 19).astype(np.int64))]]
        mean = self.predict_cumulative_incidence(X, read)[:, cause - 1].mean(axis=1)
        risk: Floats = np.log(np.maximum(mean, 1e-12))
        return risk

    def predict_survival_function(self, X: pl.DataFrame, times: ArrayLike) -> Floats:  # noqa: N803
        """Return the probability to last beyond each time, shape (rows, times); flat beyond the last end."""
        cumulative = np.concatenate([np.zeros((len(self.members_), 1)), np.cumsum(self.steps_, axis=1)], axis=1)
        place = np.searchsorted(self.times_, checked_times(times), side="right")
        survival: Floats = np.exp(-self._relative(X) @ cumulative[:, place])
        return survival

    def predict_cumulative_incidence(self, X: pl.DataFrame, times: ArrayLike) -> Floats:  # noqa: N803
        """Return the probability to have ended of each cause by each time, shape (rows, causes, times)."""
        place = np.searchsorted(self.times_, checked_times(times), side="right")
        relative = self._relative(X)
        parts = [
            self._incidence(relative[start : start + _ROWS_AT_ONCE], place)
            for start in range(0, max(X.height, 1), _ROWS_AT_ONCE)
        ]
        return np.concatenate(parts)

    def _incidence(self, relative: Floats, place: NDArray[np.intp]) -> Floats:
        steps = relative @ self.steps_
        before = np.exp(-np.cumsum(steps, axis=1) + steps)
        lost = before * -np.expm1(-steps) / np.maximum(steps, 1e-300)
        incidence = np.zeros((relative.shape[0], len(self.members_), place.size))
        for cause in range(len(self.members_)):
            gone = np.cumsum(lost * relative[:, [cause]] * self.steps_[cause], axis=1)
            incidence[:, cause] = np.concatenate([np.zeros((relative.shape[0], 1)), gone], axis=1)[:, place]
        return np.clip(incidence, 0.0, 1.0)

    def _relative(self, X: pl.DataFrame) -> Floats:  # noqa: N803
        """Return the hazard ratio of each row for each cause, 0 where a cause has no regression."""
        check_is_fitted(self, "times_")
        columns = [np.zeros(X.height) if each is None else np.exp(each.predict(X)) for each in self.members_]
        return np.column_stack(columns)
