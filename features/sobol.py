"""Shares of a result's variance that each uncertain input explains, by Monte Carlo."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class VarianceShares:
    """First-order and total shares of variance, with the variance itself.

    ``first_order`` is what an input explains alone, ``total`` what would remain if only it were unknown: its own part
    and every interaction it takes part in. Without interactions the two agree and sum to 1 over the inputs; otherwise
    first-order shares sum to less and totals to more. Being estimates, they may stray a little below 0 or above 1.
    NaN where the result does not vary.
    """

    variance: Matrix
    first_order: Matrix
    total: Matrix


def variance_shares(at_a: Matrix, at_b: Matrix, at_mixed: Matrix) -> VarianceShares:
    """Variance shares from the results at two random designs and at their mixtures.

    Parameters
    ----------
    at_a, at_b : numpy.ndarray
        Results at the rows of two independent random designs A and B, shape (runs, ...).
    at_mixed : numpy.ndarray
        For every input, results at A with that input's column taken from B, shape (inputs, runs, ...).

    Returns
    -------
    VarianceShares
        ``variance`` of shape (...), shares of shape (inputs, ...).

    References
    ----------
    First order: Saltelli, Annoni, Azzini, Campolongo, Ratto & Tarantola 2010, Variance based sensitivity analysis of
    model output, Computer Physics Communications 181, table 2 (b), here on centred results. Total: Jansen 1999, in
    the same table (f). Their use on composite indicators: Saisana, Saltelli & Tarantola 2005, J. R. Statist. Soc. A
    168(2), 307-323.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> a, b = rng.normal(size=(2, 20_000, 2))
    >>> def result(x):
    ...     return 3 * x[:, 0] + x[:, 1]
    >>> mixed = [result(np.column_stack([b[:, 0], a[:, 1]])), result(np.column_stack([a[:, 0], b[:, 1]]))]
    >>> variance_shares(result(a), result(b), np.array(mixed)).total.round(1).tolist()
    [0.9, 0.1]
    """
    both = np.concatenate([at_a, at_b])
    variance = both.var(axis=0, ddof=1)
    centred_b = at_b - both.mean(axis=0)
    # Centring leaves the expected value as it is and takes most of the noise away.
    moved = at_mixed - at_a
    varies = variance > 0
    scale = np.where(varies, variance, np.nan)
    return VarianceShares(
        variance=variance,
        first_order=(centred_b * moved).mean(axis=1) / scale,
        total=(moved**2).mean(axis=1) / 2 / scale,
    )
