"""Quality of the hazard of posts and its mix of causes, in municipalities that the fit did not see."""

from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray
from pydantic import TypeAdapter
from sklearn.base import BaseEstimator, clone
from sklearn.utils.validation import check_is_fitted

from models.cause_mix import CauseMix, fitted_cause_mixes
from models.contract_causes import CAUSE, cause_covariates, post_incidence
from models.cross_validation import cross_validated
from models.hazard_estimator import HazardEstimator
from models.observation import any_cause
from models.outcome import Outcome, read_outcome
from models.predicted_curves import structured
from models.quality_report import REPORT_HORIZONS, QualityReport, quality_report
from models.splits import municipality_folds

Floats = NDArray[np.float64]
OUTCOME: tuple[str, ...] = ("entry_years", "duration_years", "event")
FOLDS = 5
RESAMPLES = 60
_STEP_YEARS = 0.25  # longest step over which the mix of causes is taken as one


class PostOutlook(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """A hazard of ends with the mix of their causes, as one estimator that validation can fit anew.

    Parameters
    ----------
    hazard : HazardEstimator
        Of an end of any cause.
    causes : tuple of str
        Names of the causes in ``y``, 1 first; with fewer than two no mix is fitted.

    Attributes
    ----------
    hazard_ : HazardEstimator
        Fitted.
    mix_ : CauseMix
        Fitted; not there without causes.
    """

    def __init__(self, hazard: HazardEstimator, causes: tuple[str, ...] = ()) -> None:
        self.hazard = hazard
        self.causes = causes

    def fit(self, X: pl.DataFrame, y: object) -> Self:  # noqa: N803
        """Fit both to posts and the outcome of their contracts."""
        outcome = read_outcome(y)
        self.hazard_ = clone(self.hazard).fit(X, structured(any_cause(outcome)))
        if len(self.causes) > 1:
            self.mix_ = self._mix(X, outcome)
        return self

    def predict(self, X: pl.DataFrame) -> Floats:  # noqa: N803
        """Return a risk per post, higher where contracts end sooner."""
        check_is_fitted(self, "hazard_")
        risk: Floats = self.hazard_.predict(X)
        return risk

    def predict_survival_function(self, X: pl.DataFrame, times: ArrayLike) -> Floats:  # noqa: N803
        """Return the probability to last beyond each time, shape (posts, times)."""
        check_is_fitted(self, "hazard_")
        survival: Floats = self.hazard_.predict_survival_function(X, times)
        return survival

    def predict_cumulative_incidence(self, X: pl.DataFrame, times: ArrayLike) -> Floats:  # noqa: N803
        """Return the probability to have ended of each cause by rising times, shape (posts, causes, times)."""
        check_is_fitted(self, "mix_")
        asked = np.atleast_1d(np.asarray(times, dtype=np.float64))
        grid = np.union1d(asked, np.arange(0.0, asked[-1], _STEP_YEARS))
        incidence = post_incidence(self.hazard_, self.mix_, X, grid)[:, np.searchsorted(grid, asked)]
        return np.moveaxis(incidence, 1, 2)

    def _mix(self, X: pl.DataFrame, outcome: Outcome) -> CauseMix:  # noqa: N803
        ended = outcome.ended
        names = np.array(self.causes)[outcome.event[ended] - 1]
        (mix,) = fitted_cause_mixes(
            cause_covariates(X.filter(pl.Series(ended))),
            outcome.time[ended],
            names.tolist(),
            [np.ones(names.size)],
            causes=self.causes,
        )
        return mix


def post_quality(
    hazard: HazardEstimator, spells: pl.DataFrame, *, covariates: tuple[str, ...], causes: tuple[str, ...], seed: int
) -> QualityReport:
    """Return the quality of copies of the hazard, each tested in municipalities that it was not fitted to.

    Every spell is tested once, by the fit to the other four fifths of the municipalities. Intervals come from
    municipalities drawn again. Where the spells name no municipality, each stands alone.

    Parameters
    ----------
    hazard : HazardEstimator
        Fitted or not; it stays as it is.
    spells : DataFrame
        `features.frames.Spell` with the covariates, ``population_band``, perhaps ``municipality_code``, and with causes
        ``exit_cause``.
    covariates : tuple of str
        What to predict from.
    causes : tuple of str
        Causes that a contract can end of; empty where the spells tell none.
    seed : int
        Of folds and intervals.

    Raises
    ------
    EstimatorInputError
        If there are fewer than two municipalities, or no horizon that spells of every fold outlast.
    """
    place = "municipality_code" if "municipality_code" in spells.columns else "spell_id"
    clusters = spells[place].to_numpy()
    validation = cross_validated(
        PostOutlook(hazard, causes),
        spells.select(covariates),
        outcome_of(spells, causes),
        municipality_folds(clusters, min(FOLDS, np.unique(clusters).size), seed),
        REPORT_HORIZONS,
        clusters=clusters,
        resamples=RESAMPLES,
        seed=seed,
    )
    return quality_report(validation, spells["population_band"].cast(pl.String).to_numpy(), causes=causes)


def outcome_of(spells: pl.DataFrame, causes: tuple[str, ...]) -> Outcome:
    """Return the outcome of spells, with the numbers of the causes where these are named."""
    if not causes:
        return read_outcome(spells.select(OUTCOME))
    number = {cause: place for place, cause in enumerate(causes, start=1)}
    event = pl.col(CAUSE).cast(pl.String).replace_strict(number, return_dtype=pl.Int64)
    return read_outcome(spells.select("entry_years", "duration_years", event=pl.when("event").then(event).otherwise(0)))


def quality_from_document(values: dict[str, Any]) -> QualityReport:
    """Return the quality that `dataclasses.asdict` turned into plain values.

    Raises
    ------
    ValueError
        If something is missing or of another type.
    """
    return TypeAdapter(QualityReport).validate_python(values)
