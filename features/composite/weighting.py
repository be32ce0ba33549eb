"""Weights of every indicator and aggregate: given, equal, or learnt from how the scores vary together."""

from collections.abc import Callable, Mapping
from enum import StrEnum

import numpy as np
from scipy.optimize import nnls

from features.composite.aggregation import Aggregation, aggregated
from features.composite.correlation import correlation_matrix
from features.composite.structure import IndexStructure, Matrix


class Weighting(StrEnum):
    """Where weights come from."""

    GIVEN = "given"
    EQUAL = "equal"
    PCA = "pca"
    BALANCED = "balanced"


def weights_of(scores: Matrix, structure: IndexStructure, weighting: Weighting, method: Aggregation) -> Matrix:
    """Weight of every node, summing to 1 within each family; a top weighs 1.

    Parameters
    ----------
    scores : numpy.ndarray
        Normalised scores, shape (indicators, units): what ``pca`` and ``balanced`` learn from.
    method : Aggregation
        How children become the scores that the level above learns from.

    References
    ----------
    OECD/JRC 2008, Handbook on Constructing Composite Indicators, step 5 and ch. 6.1. COINr 1.1, ``get_PCA`` and
    ``get_opt_weights``. Becker, Saisana, Paruolo & Vandecasteele 2017, Weights and importance in composite
    indicators, Ecological Indicators 80.
    """
    given = given_weights(structure)
    if weighting is Weighting.GIVEN:
        return given
    if weighting is Weighting.EQUAL:
        return equal_weights(structure)
    learnt = np.ones(len(structure.nodes))
    for _, children in structure.families():
        # Weights of the families above do not matter yet: aggregates are computed anew as the weights below settle.
        every = np.concatenate([scores, aggregated(scores, structure, learnt, method)])
        learnt[children] = RULES[weighting](every[children], given[children])
    return learnt


def given_weights(structure: IndexStructure) -> Matrix:
    """Weights as declared, made to sum to 1 within each family."""
    weights = np.array([node.weight for node in structure.nodes])
    shares = np.ones(len(weights))
    for _, children in structure.families():
        shares[children] = weights[children] / weights[children].sum()
    return shares


def equal_weights(structure: IndexStructure) -> Matrix:
    """The same weight for all children of a parent."""
    shares = np.ones(len(structure.nodes))
    for _, children in structure.families():
        shares[children] = 1 / children.size
    return shares


def component_weights(scores: Matrix, importance: Matrix) -> Matrix:
    """Loadings of the first principal component of the correlations, turned so that their sum is positive.

    A child that runs against the others would get a negative weight; it gets 0 instead, because a negative weight
    would punish good scores. `importance` stands where correlations cannot be had (fewer than 3 units, no spread).

    Parameters
    ----------
    scores : numpy.ndarray
        Shape (children, units).

    Examples
    --------
    >>> component_weights(np.array([[1.0, 2, 3, 4], [2.0, 4, 6, 8], [1.0, 2, 3, 4]]), np.ones(3)).round(6).tolist()
    [0.333333, 0.333333, 0.333333]
    """
    correlations = correlation_matrix(scores)
    if np.isnan(correlations).any():
        return _relative(importance)
    loadings = np.linalg.eigh(correlations)[1][:, -1]
    loadings = np.maximum(loadings if loadings.sum() >= 0 else -loadings, 0.0)
    return _relative(loadings)


def balanced_weights(scores: Matrix, importance: Matrix) -> Matrix:
    """Weights that give every child the correlation with its parent that its importance asks for.

    A weight is not an influence: children that vary together weigh more than they seem to. For the arithmetic mean
    the correlations are proportional to the importance when ``R D w`` is, with R the children's correlations and D
    their standard deviations; the nearest solution without negative weights is taken. Where that is none, the
    importance itself is the weight.

    Parameters
    ----------
    scores : numpy.ndarray
        Shape (children, units).
    importance : numpy.ndarray
        Wanted influence of each child, relative.

    Examples
    --------
    >>> scores = np.array([[1.0, 2, 3, 4, 5], [1.0, 2, 3, 4, 5], [2.0, 1, 3, 5, 4]])
    >>> weights = balanced_weights(scores, np.ones(3))
    >>> np.corrcoef(np.vstack([scores, weights @ scores]))[-1, :3].round(6).tolist()
    [0.948683, 0.948683, 0.948683]
    """
    correlations = correlation_matrix(scores)
    if np.isnan(correlations).any():
        return _relative(importance)
    balanced = nnls(correlations, importance)[0] / np.nanstd(scores, axis=-1)
    # Where children oppose each other, it may be that no weights without negative ones give them any influence.
    return _relative(balanced) if balanced.sum() > 0 else _relative(importance)


def _relative(weights: Matrix) -> Matrix:
    shares: Matrix = weights / weights.sum()
    return shares


RULES: Mapping[Weighting, Callable[[Matrix, Matrix], Matrix]] = {
    Weighting.PCA: component_weights,
    Weighting.BALANCED: balanced_weights,
}
"""How weights are learnt from the scores of one family and the weights declared for it."""
