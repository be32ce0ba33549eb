"""Competing causes of an end: one hazard per cause, and the incidences that follow from all of them together."""

from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from models.covariates import with_levels
from models.errors import EstimatorInputError
from models.fit_inputs import checked_times
from models.hazard_estimator import Covariates, HazardEstimator, fresh
from models.outcome import Floats, Outcome
from models.stacking import StackedHazard
from models.time_grid import baseline_hazard, end_times, person_period_table

_ROWS_AT_ONCE = 5_000


class CauseSpecificHazards(HazardEstimator):
    """One cause-specific hazard per cause, each fitted with ends of the other causes as censoring.

    The hazards meet on the union of their grids, on which each is constant between two borders. Survival is the product
    of the causes' curves, and the incidences are exact integrals, so that at every time they sum with survival to 1.
    Hazards, survival, medians and restricted means are those of an end of any cause. A cause's hazard says how fast
    those still in post leave for it; it is *not* the share that will: that is its incidence, which the others lower.

    Parameters
    ----------
    estimator : HazardEstimator, optional
        Fitted anew for each cause; `models.stacking.StackedHazard` by default.
    causes : int, optional
        Number of causes; by default the highest that occurs. A cause of which no spell ended has a hazard of 0.

    Attributes
    ----------
    members_ : list of HazardEstimator or None
        Fitted, cause 1 first; None where no spell ended of the cause.
    cause_times_ : list of ndarray
        Times at which spells ended of each cause, a few quantiles of them: where `predict` reads its incidence.

    References
    ----------
    Prentice et al. 1978, Biometrics 34(4):541-554. Putter, Fiocco and Geskus 2007, Stat Med 26(11):2389-2430.

    Examples
    --------
    >>> from models.glm_hazard import PenalisedHazard
    >>> from models.outcome import survival_outcome
    >>> X = pl.DataFrame({"population": [1500.0, 90_000.0] * 100})
    >>> y = survival_outcome([1, 2, 2, 0] * 50, [1.0, 4.0, 2.0, 8.0] * 50)
    >>> model = CauseSpecificHazards(PenalisedHazard()).fit(X, y)
    >>> left = model.predict_cumulative_incidence(X[:1], [4.0])
    >>> left.shape, bool(np.isclose(left.sum() + model.predict_survival_function(X[:1], [4.0]), 1.0, atol=1e-12))
    ((1, 2, 1), True)
    """

    members_: list[HazardEstimator | None]
    cause_times_: list[Floats]

    def __init__(self, estimator: HazardEstimator | None = None, *, causes: int | None = None) -> None:
        self.estimator = estimator
        self.causes = causes

    def fit(
        self,
        X: Covariates,  # noqa: N803
        y: Any,  # noqa: ANN401
        sample_weight: ArrayLike | None = None,
        *,
        groups: ArrayLike | None = None,
    ) -> Self:
        """Fit one hazard per cause.

        Parameters
        ----------
        X : DataFrame or array, shape (spells, covariates)
            Covariates at the start.
        y : structured array
            Of `models.outcome.survival_outcome`; ``event`` is the number of the cause, 0 for censored.
        sample_weight : array-like, optional
            Weight of each spell, >= 0.
        groups : array-like, optional
            Person or employer of each spell, held out together in the inner validation.

        Raises
        ------
        EstimatorInputError
            If X and y do not fit each other, a value is impossible, no spell ended, or a cause is above ``causes``.
        """
        table, outcome, weights = self._seen_spells(X, y, sample_weight)
        table = with_levels(table, self.categories_)
        highest = int(outcome.event.max())
        if self.causes is not None and self.causes < highest:
            raise EstimatorInputError("causes", self.causes, f"{highest} or more, the highest cause in y")
        template = self.estimator if self.estimator is not None else StackedHazard()
        given = {} if groups is None else {"groups": groups}
        self.members_, self.cause_times_ = [], []
        for cause in range(1, (self.causes or highest) + 1):
            happened = (outcome.event == cause) & (weights > 0)
            member = fresh(template).fit(table, _alone(outcome, cause), weights, **given) if happened.any() else None
            self.members_.append(member)
            self.cause_times_.append(_quantiles(end_times(outcome)[happened]))
        self.breaks_ = np.unique(np.concatenate([member.breaks_ for member in self.members_ if member is not None]))
        self.baseline_ = baseline_hazard(person_period_table(outcome, self.breaks_), weights)
        return self

    def settled(self) -> Self:
        """Return an unfitted copy; every cause chooses its settings anew, since they differ between causes."""
        return fresh(self)

    def predict_cause_hazards(self, X: Covariates) -> Floats:  # noqa: N803
        """Return events of each cause per unit of time in each interval, shape (rows, causes, intervals), >= 0."""
        return self._cause_hazards(self._checked_covariates(X))

    def predict_cumulative_incidence(self, X: Covariates, times: ArrayLike) -> Floats:  # noqa: N803
        """Return the probability to have ended of each cause by times since the start.

        Parameters
        ----------
        X : DataFrame or array, shape (rows, covariates)
            Covariates at the start.
        times : array-like
            One row of times for all, from 0 to the last border of ``breaks_``.

        Returns
        -------
        ndarray, shape (rows, causes, times)
            0 at time 0, never falling; with survival the causes sum to 1.

        Raises
        ------
        EstimatorInputError
            If a time is negative or beyond what was observed in the fit.
        """
        table, years = self._checked_covariates(X), checked_times(times)
        if years.size and years.max() > self.breaks_[-1] * (1 + 1e-9):
            raise EstimatorInputError("times", float(years.max()), f"times up to {self.breaks_[-1]:g}")
        parts = [
            self._incidence(self._cause_hazards(table.slice(start, _ROWS_AT_ONCE)), years)
            for start in range(0, max(table.height, 1), _ROWS_AT_ONCE)
        ]
        return np.concatenate(parts)

    def predict(self, X: Covariates, cause: int | None = None) -> Floats:  # noqa: N803
        """Return a risk, shape (rows,): higher ends sooner.

        Without a cause it is the sum of the causes' risks, so with one cause it is the estimator's own. With a cause it
        is the logarithm of its incidence, averaged over the times at which spells ended of it: who will leave for
        another reason first has a low risk, however high the hazard.

        Raises
        ------
        EstimatorInputError
            If the cause is none of the fit's.
        """
        table = self._checked_covariates(X)
        if cause is None:
            total: Floats = np.sum([member.predict(table) for member in self.members_ if member is not None], axis=0)
            return total
        if not 1 <= cause <= len(self.members_):
            raise EstimatorInputError("cause", cause, f"from 1 to {len(self.members_)}")
        if self.members_[cause - 1] is None:
            return np.full(table.height, np.log(1e-12))
        mean = self.predict_cumulative_incidence(table, self.cause_times_[cause - 1])[:, cause - 1].mean(axis=1)
        risk: Floats = np.log(np.maximum(mean, 1e-12))
        return risk

    def _hazard(self, table: pl.DataFrame) -> Floats:
        hazard: Floats = self._cause_hazards(table).sum(axis=1)
        return hazard

    def _cause_hazards(self, table: pl.DataFrame) -> Floats:
        hazards = np.zeros((table.height, len(self.members_), self.breaks_.size - 1))
        for place, member in enumerate(self.members_):
            if member is not None:
                own = np.searchsorted(member.breaks_, self.breaks_[:-1], side="right") - 1
                hazards[:, place] = member.predict_hazard(table)[:, np.minimum(own, member.breaks_.size - 2)]
        return hazards

    def _incidence(self, hazards: Floats, times: Floats) -> Floats:
        """Integrate each cause's hazard times survival: within an interval a cause takes its share of what is lost."""
        total = hazards.sum(axis=1)
        share = np.divide(hazards, total[:, None], out=np.zeros_like(hazards), where=total[:, None] > 0)
        cumulative = np.concatenate(
            [np.zeros((total.shape[0], 1)), np.cumsum(total * np.diff(self.breaks_), axis=1)], axis=1
        )
        survival = np.exp(-cumulative)
        gone = np.cumsum(share * -np.diff(survival, axis=1)[:, None], axis=2)
        gone = np.concatenate([np.zeros((*gone.shape[:2], 1)), gone], axis=2)
        place = np.clip(np.searchsorted(self.breaks_, times, side="right") - 1, 0, self.breaks_.size - 2)
        within = -survival[:, place] * np.expm1(-total[:, place] * (times - self.breaks_[place]))
        incidence: Floats = gone[:, :, place] + share[:, :, place] * within[:, None]
        return np.clip(incidence, 0.0, 1.0)


def _alone(outcome: Outcome, cause: int) -> Outcome:
    """Return the outcome of one cause, in which an end of another, if vague, censors where it is taken to have been."""
    ends = end_times(outcome)
    other = outcome.ended & (outcome.event != cause)
    return Outcome(
        event=(outcome.event == cause).astype(np.int64),
        time=np.where(other, ends, outcome.time),
        entry=outcome.entry,
        time_lower=np.where(other, ends, outcome.time_lower),
    )


def _quantiles(times: Floats) -> Floats:
    return np.quantile(times, np.linspace(0.05, 0.95, 19)) if times.size else times
