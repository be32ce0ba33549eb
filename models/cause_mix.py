"""Why contracts end: the mix of causes given when they end (vertical modelling of competing risks)."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray
from sklearn.linear_model import LogisticRegression

from features.errors import InvalidInputError
from models.covariates import Categories, columns_with_gaps, covariate_matrix, seen_categories
from models.errors import SavedModelError

Floats = NDArray[np.float64]
PENALTY = 1.0
_TIME_TERMS = 2  # years, and the logarithm of one plus years: early and late ends may differ
_MOST_STEPS = 500


@dataclass(frozen=True, slots=True)
class CauseMix:
    """Probability of each cause of an end, given its time and the covariates: a penalised multinomial logistic model.

    Together with a survival curve of all ends it gives cumulative incidences that sum with survival to 1, as there is
    only one curve. It is *not* a cause-specific hazard, and no claim that a measure against one cause leaves the others
    as they are.

    Attributes
    ----------
    causes : tuple of str
        Causes in the order of the probabilities.
    covariates : tuple of str
        Columns that `predict_proba` reads: numbers, booleans or categories, without gaps.
    categories : tuple of (str, tuple of str)
        Levels of each categorical covariate; each level has its own term.
    centre, scale : tuple of float
        Of every term, so that the penalty treats them alike; the terms are the covariates and two of time.
    coefficients : tuple of tuple of float, shape (causes, terms + 1)
        Intercept last.

    References
    ----------
    Nicolaie, van Houwelingen and Putter 2010, Stat Med 29(11):1190-1205 (vertical modelling).
    """

    causes: tuple[str, ...]
    covariates: tuple[str, ...]
    categories: tuple[tuple[str, tuple[str, ...]], ...]
    centre: tuple[float, ...]
    scale: tuple[float, ...]
    coefficients: tuple[tuple[float, ...], ...]

    def predict_proba(self, covariates: pl.DataFrame, times_years: ArrayLike) -> Floats:
        """Return the probability of each cause of a contract that ends at each time.

        Parameters
        ----------
        covariates : DataFrame
            At the contract's start, one row per contract.
        times_years : array-like, shape (times,)
            Years since the contract's start, >= 0.

        Returns
        -------
        ndarray, shape (rows, times, causes)
            Within [0, 1]; sums to 1 over the causes.

        Raises
        ------
        InvalidInputError
            If a covariate is missing, lacks a value or has an unseen category, or a time is negative.
        """
        times = np.atleast_1d(np.asarray(times_years, dtype=np.float64))
        if not (np.isfinite(times) & (times >= 0)).all():
            raise InvalidInputError("times_years", times.tolist(), "finite years, 0 or more")
        fixed = _terms(_checked(covariates, self.covariates), dict(self.categories))
        terms = np.concatenate(
            [
                np.repeat(fixed[:, None, :], times.size, axis=1),
                np.broadcast_to(_time_terms(times), (fixed.shape[0], times.size, _TIME_TERMS)),
            ],
            axis=2,
        )
        weights = np.asarray(self.coefficients)
        scores = (terms - np.asarray(self.centre)) / np.asarray(self.scale) @ weights[:, :-1].T + weights[:, -1]
        odds = np.exp(scores - scores.max(axis=2, keepdims=True))
        shares: Floats = odds / odds.sum(axis=2, keepdims=True)
        return shares


def fitted_cause_mixes(
    covariates: pl.DataFrame,
    times_years: ArrayLike,
    cause: Sequence[str],
    weights: Iterable[ArrayLike],
    *,
    causes: Sequence[str],
    penalty: float = PENALTY,
) -> tuple[CauseMix, ...]:
    """Return one mix per weights, fitted to contracts that ended.

    Parameters
    ----------
    covariates : DataFrame
        Of the ended contracts, at their start; no gaps.
    times_years : array-like
        When each ended, years since its start.
    cause : sequence of str
        Why each ended.
    weights : iterable of array-like
        For each mix a weight per contract, >= 0; ones for the plain fit, counts for a bootstrap.
    causes : sequence of str
        The closed list of causes; one that no contract has keeps a probability near 0.
    penalty : float
        Strength of the pull of all terms but the intercept to no effect, > 0.

    Raises
    ------
    InvalidInputError
        If nothing ended, lengths differ, a value is missing, or a cause is not in the list.

    Examples
    --------
    >>> contracts = pl.DataFrame({"contract_form": ["salaried", "self_employed"] * 50})
    >>> cause = (["moved", "left_scheme"] * 45) + ["left_scheme"] * 10
    >>> (mix,) = fitted_cause_mixes(contracts, [1.0] * 100, cause, [np.ones(100)], causes=("left_scheme", "moved"))
    >>> mix.predict_proba(contracts[:2], [1.0]).round(1)[:, 0].tolist()
    [[0.1, 0.9], [1.0, 0.0]]
    """
    times, reasons = np.asarray(times_years, dtype=np.float64), np.asarray(cause, dtype=str)
    if not times.size or times.shape != (covariates.height,) or reasons.shape != times.shape:
        raise InvalidInputError("cause", f"{reasons.size} causes", f"one for each of {covariates.height} ended spells")
    if unknown := sorted(set(reasons.tolist()) - set(causes)):
        raise InvalidInputError("cause", unknown[0], f"one of {', '.join(causes)}")
    categories = seen_categories(covariates)
    terms = np.column_stack([_terms(_checked(covariates, covariates.columns), categories), _time_terms(times)])
    centre, spread = terms.mean(axis=0), terms.std(axis=0)
    scale = np.where(spread > 0, spread, 1.0)
    standard = (terms - centre) / scale
    return tuple(
        CauseMix(
            causes=tuple(causes),
            covariates=tuple(covariates.columns),
            categories=tuple(categories.items()),
            centre=tuple(centre.tolist()),
            scale=tuple(scale.tolist()),
            coefficients=_coefficients(standard, reasons, np.asarray(each, dtype=np.float64), causes, penalty),
        )
        for each in weights
    )


def cumulative_incidence(survival: Floats, shares: Floats) -> Floats:
    """Return the probability to have ended of each cause by each time.

    What survival loses in a step is dealt out by the mix of causes in it, so all incidences and survival sum to 1.

    Parameters
    ----------
    survival : ndarray, shape (rows, times)
        Never rising, beginning with 1 at time 0.
    shares : ndarray, shape (rows, times - 1, causes)
        Mix of causes within each step; see `CauseMix.predict_proba`.

    Returns
    -------
    ndarray, shape (rows, times, causes)
        0 at time 0, never falling.

    Examples
    --------
    >>> incidence = cumulative_incidence(np.array([[1.0, 0.6, 0.5]]), np.array([[[0.75, 0.25], [0.5, 0.5]]]))
    >>> incidence[0].round(2).tolist()
    [[0.0, 0.0], [0.3, 0.1], [0.35, 0.15]]
    """
    lost = -np.diff(survival, axis=1)[:, :, None] * shares
    start = np.zeros((survival.shape[0], 1, shares.shape[2]))
    incidence: Floats = np.concatenate([start, np.cumsum(lost, axis=1)], axis=1)
    return incidence


def cause_mix_document(mix: CauseMix) -> dict[str, Any]:
    """Return a mix as plain values that JSON can hold."""
    return asdict(mix)


def cause_mix_from_document(document: dict[str, Any]) -> CauseMix:
    """Return the mix of a document made by `cause_mix_document`.

    Raises
    ------
    SavedModelError
        If its parts do not belong together.
    """
    mix = CauseMix(
        causes=tuple(document["causes"]),
        covariates=tuple(document["covariates"]),
        categories=tuple((str(name), tuple(levels)) for name, levels in document["categories"]),
        centre=tuple(map(float, document["centre"])),
        scale=tuple(map(float, document["scale"])),
        coefficients=tuple(tuple(map(float, row)) for row in document["coefficients"]),
    )
    terms = len(mix.centre)
    fits = len(mix.scale) == terms and len(mix.coefficients) == len(mix.causes) > 0
    if not fits or any(len(row) != terms + 1 for row in mix.coefficients):
        raise SavedModelError("its causes and their coefficients do not belong together")
    return mix


def _checked(covariates: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    if missing := [name for name in names if name not in covariates.columns]:
        raise InvalidInputError("covariates", covariates.columns, f"also the columns {', '.join(missing)}")
    if gaps := columns_with_gaps(covariates.select(names)):
        raise InvalidInputError(gaps[0], "a missing value", "a value in every row")
    return covariates.select(names)


def _terms(covariates: pl.DataFrame, categories: Categories) -> Floats:
    numbers = covariate_matrix(covariates, categories)
    columns = []
    for place, name in enumerate(covariates.columns):
        column = numbers[:, place]
        levels = range(len(categories[name])) if name in categories else ()
        columns += [column == level for level in levels] if name in categories else [column]
    return np.column_stack(columns).astype(np.float64)


def _time_terms(times: Floats) -> Floats:
    return np.stack([times, np.log1p(times)], axis=-1)


def _coefficients(
    terms: Floats, reasons: NDArray[np.str_], weights: Floats, causes: Sequence[str], penalty: float
) -> tuple[tuple[float, ...], ...]:
    seen = [cause for cause in causes if weights[reasons == cause].sum() > 0]
    if not seen:
        raise InvalidInputError("weights", "no weight on any ended spell", "at least one weight above 0")
    rows = np.zeros((len(causes), terms.shape[1] + 1))
    rows[[cause not in seen for cause in causes], -1] = -50.0  # e to that power: as good as never
    if len(seen) > 1:
        kept = weights > 0
        model = LogisticRegression(C=1 / penalty, max_iter=_MOST_STEPS, tol=1e-6)
        model.fit(terms[kept], reasons[kept], sample_weight=weights[kept])
        fitted = np.column_stack([model.coef_, model.intercept_])
        by_class = np.vstack([np.zeros(fitted.shape[1]), fitted]) if len(seen) == 2 else fitted
        for name, row in zip(model.classes_.tolist(), by_class, strict=True):
            rows[list(causes).index(name)] = row
    return tuple(tuple(row) for row in rows.tolist())
