"""The whole recipe: impute, treat, normalise, weigh, aggregate, rank."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.composite.aggregation import NEED_POSITIVE, Aggregation, aggregated
from features.composite.imputation import Groups, Imputation, imputed
from features.composite.normalisation import PERCENT, POSITIVE, Normalisation, Scale, min_max, normalised
from features.composite.ranking import competition_ranks
from features.composite.structure import IndexStructure, Matrix
from features.composite.treatment import Treatment, treated
from features.composite.weighting import Weighting, weights_of
from features.errors import InvalidInputError


@dataclass(frozen=True, slots=True)
class Method:
    """One choice for every step; the defaults are COINr's.

    Attributes
    ----------
    scale : tuple[float, float] or None
        Ends of the scale that min-max, band and goalposts stretch to; by default 0-100, and 1-100 before a geometric
        or harmonic mean.
    """

    imputation: Imputation = Imputation.NONE
    treatment: Treatment = Treatment.NONE
    normalisation: Normalisation = Normalisation.MINMAX
    weighting: Weighting = Weighting.GIVEN
    aggregation: Aggregation = Aggregation.ARITHMETIC
    scale: Scale | None = None

    def __post_init__(self) -> None:
        lowest = 0 if self.aggregation in NEED_POSITIVE else -np.inf
        if self.scale is not None and not lowest < self.scale[0] < self.scale[1] < np.inf:
            expected = "two numbers, the lower first" + ", both positive for this mean" * (lowest == 0)
            raise InvalidInputError("scale", self.scale, expected)


@dataclass(frozen=True, slots=True)
class CompositeIndex:
    """An index with every step on the way to it.

    Matrices have one column per unit. `imputed`, `treated` and `normalised` have a row per indicator, `scores` and
    `ranks` one per node (indicators first): rank 1 is the highest score, ties share the lowest rank. `weights` has
    one entry per node, summing to 1 within each family.
    """

    structure: IndexStructure
    method: Method
    imputed: Matrix
    treated: Matrix
    normalised: Matrix
    weights: Matrix
    scores: Matrix
    ranks: Matrix


def composite_index(
    values: Matrix, structure: IndexStructure, method: Method | None = None, groups: Groups | None = None
) -> CompositeIndex:
    """Scores and ranks of every aggregate of the structure.

    Parameters
    ----------
    values : numpy.ndarray
        Shape (indicators, units), rows in the structure's order; missing is NaN.
    groups : numpy.ndarray, optional
        Group of every unit, for imputation within groups.

    References
    ----------
    OECD/JRC 2008, Handbook on Constructing Composite Indicators: Methodology and User Guide. Becker, Caperna, Del
    Sorbo, Norlén, Papadimitriou & Saisana 2022, COINr: An R package for developing composite indicators, JOSS 7(78).

    Examples
    --------
    >>> from features.composite.structure import nested_structure
    >>> tree = nested_structure({"top": {"a": 1.0, "b": 1.0}})
    >>> index = composite_index(np.array([[1.0, 2.0, 3.0], [10.0, 30.0, 20.0]]), tree)
    >>> index.scores[-1].tolist(), index.ranks[-1].tolist()
    ([0.0, 75.0, 75.0], [3.0, 1.0, 1.0])
    """
    method = method or Method()
    filled = imputed(values, method.imputation, groups)
    calmed = treated(filled, method.treatment)
    scores = normalised_for(calmed, structure, method.normalisation, method.aggregation, method.scale)
    weights = weights_of(scores, structure, method.weighting, method.aggregation)
    every = np.concatenate([scores, aggregated(scores, structure, weights, method.aggregation)])
    return CompositeIndex(structure, method, filled, calmed, scores, weights, every, competition_ranks(every))


def normalised_for(
    values: Matrix,
    structure: IndexStructure,
    normalisation: Normalisation,
    aggregation: Aggregation,
    scale: Scale | None = None,
) -> Matrix:
    """Normalised scores that the aggregation is defined for.

    The geometric and harmonic mean need positive scores: scales start at 1 instead of 0, and z-scores are stretched
    to 1-100 (which makes them min-max scores). Ranks start at 1 anyway.
    """
    positive = aggregation in NEED_POSITIVE
    ends = scale or (POSITIVE if positive else PERCENT)
    scores = normalised(values, structure, normalisation, ends)
    return min_max(scores, ends) if positive and normalisation is Normalisation.ZSCORE else scores


def weight_known(known: NDArray[np.bool_], structure: IndexStructure, weights: Matrix) -> Matrix:
    """Share (0-1) of every aggregate's weight, down through the levels, that rests on known indicators.

    Parameters
    ----------
    known : numpy.ndarray
        Shape (indicators, units).
    weights : numpy.ndarray
        Weight of every node, summing to 1 within each family.

    Returns
    -------
    numpy.ndarray
        Shape (aggregates, units).
    """
    return np.nan_to_num(aggregated(known.astype(float), structure, weights, Aggregation.ARITHMETIC))
