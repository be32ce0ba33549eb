"""Cox regression: the standard that models of retention are compared with."""

import warnings
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted

from models.errors import EstimatorInputError
from models.fit_inputs import checked_fit, checked_times
from models.one_hot import linear_columns
from models.outcome import Floats
from models.partial_likelihood import Derivatives, PartialLikelihood

_LARGEST = 500.0  # of a linear predictor, so that its exponential stays finite
_HALVINGS = 30


class CoxRegression(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Proportional hazards by partial likelihood: Efron ties, delayed entry, weights, Breslow baseline.

    Categories become one column per level but the first; missing numbers and levels that the fit did not hold take the
    mean (`models.one_hot`). All causes are ends; for one cause fit to ``read_outcome(y).of_cause(cause)``. An end that
    is known only to lie between two snapshots counts at the later one. It is *not* a model of how the hazard's shape
    differs between posts: all curves are powers of one.

    Parameters
    ----------
    ridge : float
        Half of it times the sum of squared coefficients, per standard deviation, is taken off the log-likelihood; >= 0.
    max_iter : int
        Newton steps at most.
    tol : float
        Relative gain in log-likelihood below which the fit ends.

    Attributes
    ----------
    coefficients_ : DataFrame
        ``column``, ``coefficient`` (log hazard ratio per unit) and ``standard_error``; 0 and null for a column that
        does not vary.
    baseline_ : DataFrame
        ``time_years`` and ``cumulative_hazard`` at the means of all columns.
    log_likelihood_ : float
        Log partial likelihood, without the ridge.
    n_iter_ : int
        Newton steps taken.

    References
    ----------
    Cox 1972, Journal of the Royal Statistical Society B 34(2):187-220. Efron 1977, Journal of the American Statistical
    Association 72(359):557-565. Breslow 1972, in the discussion of Cox.

    Examples
    --------
    >>> from models.outcome import survival_outcome
    >>> X = pl.DataFrame({"vacant_share": [0.0, 0.0, 0.5, 0.5]})
    >>> model = CoxRegression().fit(X, survival_outcome([1, 1, 1, 1], [2.0, 5.0, 1.0, 3.0]))
    >>> model.predict(X[[0, 2]]).round(2).tolist(), model.predict_survival_function(X[:1], [0.0, 2.0]).round(2).tolist()
    ([-0.47, 0.47], [[1.0, 0.7]])
    """

    def __init__(self, *, ridge: float = 0.0, max_iter: int = 50, tol: float = 1e-10) -> None:
        self.ridge = ridge
        self.max_iter = max_iter
        self.tol = tol

    def fit(self, X: pl.DataFrame, y: object, sample_weight: ArrayLike | None = None) -> Self:  # noqa: N803
        """Fit the regression to spells.

        Parameters
        ----------
        X : DataFrame
            Covariates at the contract's start, one row per spell.
        y : structured ndarray or DataFrame
            As `models.outcome.read_outcome` takes it.
        sample_weight : array-like, optional
            Weight of each spell, >= 0.

        Raises
        ------
        EstimatorInputError
            If lengths differ, a value is impossible, or no spell ended.
        """
        if not 0 <= self.ridge < np.inf:
            raise EstimatorInputError("ridge", self.ridge, "a finite number, 0 or more")
        outcome, weights = checked_fit(X, y, sample_weight)
        used = weights > 0
        self.columns_ = linear_columns(X.filter(pl.Series(used)) if X.width else X)
        columns = self.columns_.matrix(X) if X.width else np.empty((len(outcome), 0))
        likelihood = PartialLikelihood.of(outcome[used], weights[used])
        self.standard_, found = self._maximised(likelihood, columns[used])
        self.log_likelihood_ = found.value
        self.coefficients_ = self._coefficients(found)
        linear = columns[used] @ self.standard_
        self.baseline_ = pl.DataFrame(
            {"time_years": likelihood.times, "cumulative_hazard": likelihood.baseline(linear)}
        )
        return self

    def predict(self, X: pl.DataFrame) -> Floats:  # noqa: N803
        """Return the log hazard ratio to a post of mean covariates; higher leaves sooner. Shape (rows,)."""
        check_is_fitted(self, "baseline_")
        linear: Floats = np.clip(self.columns_.matrix(X) @ self.standard_, -_LARGEST, _LARGEST)
        return linear

    def predict_survival_function(self, X: pl.DataFrame, times: ArrayLike) -> Floats:  # noqa: N803
        """Return the probability that the spell lasts beyond each time (years), shape (rows, times).

        A step function, 1 before the first end, and flat beyond the last one in the fit: nothing is extrapolated.
        """
        relative, years = np.exp(self.predict(X)), checked_times(times)
        steps = np.concatenate([[0.0], self.baseline_["cumulative_hazard"].to_numpy()])
        at = np.searchsorted(self.baseline_["time_years"].to_numpy(), years, side="right")
        survival: Floats = np.exp(-np.outer(relative, steps[at]))
        return survival

    def _maximised(self, likelihood: PartialLikelihood, columns: Floats) -> tuple[Floats, Derivatives]:
        """Newton's method with halved steps where the likelihood would fall."""
        coefficients = np.zeros(columns.shape[1])
        found = likelihood.derivatives(columns, coefficients)
        for step_number in range(self.max_iter):
            self.n_iter_ = step_number + 1
            step = self._step(found, coefficients)
            tried = likelihood.derivatives(columns, coefficients + step)
            for _ in range(_HALVINGS):
                gain = self._penalised(tried, coefficients + step) - self._penalised(found, coefficients)
                if gain >= 0:
                    break
                step = step / 2
                tried = likelihood.derivatives(columns, coefficients + step)
            else:
                return coefficients, found
            coefficients, found = coefficients + step, tried
            if gain <= self.tol * (1 + abs(found.value)):
                return coefficients, found
        warnings.warn(f"no convergence in {self.max_iter} steps: set a ridge", ConvergenceWarning, stacklevel=3)
        return coefficients, found

    def _step(self, found: Derivatives, coefficients: Floats) -> Floats:
        if not coefficients.size:
            return coefficients
        information = found.information + self.ridge * np.eye(coefficients.size)
        step: Floats = np.asarray(
            np.linalg.lstsq(information, found.slope - self.ridge * coefficients, rcond=1e-12)[0], dtype=np.float64
        )
        return step

    def _penalised(self, found: Derivatives, coefficients: Floats) -> float:
        return found.value - 0.5 * self.ridge * float(coefficients @ coefficients)

    def _coefficients(self, found: Derivatives) -> pl.DataFrame:
        scales = self.columns_.scales
        information = found.information + self.ridge * np.eye(scales.size)
        variance: Floats = np.diag(np.linalg.pinv(information, rcond=1e-12, hermitian=True)).astype(np.float64)
        error = np.where(variance > 1e-12, np.sqrt(np.maximum(variance, 0)), np.nan) / scales
        return pl.DataFrame(
            {"column": list(self.columns_.names), "coefficient": self.standard_ / scales, "standard_error": error},
            schema={"column": pl.String, "coefficient": pl.Float64, "standard_error": pl.Float64},
        ).with_columns(pl.col("standard_error").fill_nan(None))
