"""A small estimator of survival for the tests: one curve in time, stretched by a group's rate of ending."""

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator

from models.outcome import read_outcome


class GroupRates(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Exponential curves by the value of the first covariate; ``pull`` multiplies the hazard, ``stretch`` its log."""

    def __init__(self, pull: float = 1.0, stretch: float = 1.0) -> None:
        self.pull = pull
        self.stretch = stretch

    def fit(self, X: Any, y: Any) -> Self:
        outcome = read_outcome(y)
        values = np.asarray(X)[:, 0]
        self.longest_ = float(outcome.time.max())
        self.rates_ = {}
        for value in np.unique(values):
            here = outcome[values == value]
            self.rates_[value] = here.ended.sum() / (here.time - here.entry).sum()
        self.overall_ = float(outcome.ended.sum() / (outcome.time - outcome.entry).sum())
        return self

    def predict(self, X: Any) -> np.ndarray:
        return np.array([self.rates_.get(value, self.overall_) for value in np.asarray(X)[:, 0]])

    def predict_survival_function(self, X: Any, times: Any) -> np.ndarray:
        hazard = np.outer(self.predict(X), np.asarray(times, dtype=float))
        survival: np.ndarray = np.exp(-self.pull * hazard**self.stretch)
        return survival
