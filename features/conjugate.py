"""Three ways in which chance moves a figure around what lies behind it, each with its conjugate prior.

A figure `raw` rests on an amount of information `size` (lists, exposure, one over the variance). What lies behind it is
drawn around a mean with a strength in the same unit as `size`. All three families then give the same weighted mean,
``(size * raw + strength * mean) / (size + strength)``; they differ in how the variance follows the mean.
"""

from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, gammaincinv, gammaln, ndtri

Array = NDArray[np.float64]

TAILS = 0.10
"""Probability outside an interval, both tails together."""

SMALLEST_SHARE = 1e-12
"""Below it a mean of shares counts as this: at exactly 0 or 1 nothing else would be possible."""

LARGEST_STRENGTH = 1e12
"""Where a share or a rate is known for certain (no variance), its distribution is a point."""


class Family(Protocol):
    """How chance moves a figure and what is known about it before looking.

    Attributes
    ----------
    pseudo : tuple[float, float]
        Total and size that Jeffreys' prior adds to the national mean, so that a share or a rate never observed is not
        believed impossible.
    """

    pseudo: ClassVar[tuple[float, float]]

    def strength(self, log_strength: float, mean: Array) -> Array:
        """Strength of the prior in the unit of `size`."""
        ...

    def prior_variance(self, strength: Array, mean: Array) -> Array:
        """Variance of what lies behind the figures around `mean`; with ``size + strength`` that after looking."""
        ...

    def spread_size(self, size: Array, strength: Array) -> Array:
        """Size that a single figure counts for when it speaks about the mean of its group."""
        ...

    def typical_size(self, size: Array, mean: Array) -> float:
        """Harmonic mean of the sizes, in the unit of ``exp(log_strength)``."""
        ...

    def log_marginal(self, log_strength: float, raw: Array, size: Array, mean: Array) -> float:
        """Log-likelihood of the figures with what lies behind them integrated out."""
        ...

    def interval(self, mean: Array, variance: Array) -> tuple[Array, Array]:
        """Bounds that hold 90 % of the distribution of this mean and variance."""
        ...

    def draws(self, mean: Array, variance: Array, rng: np.random.Generator, draws: int) -> Array:
        """Draws from the distribution of this mean and variance, shape (draws, len(mean))."""
        ...


@dataclass(frozen=True, slots=True)
class Normal:
    """Means: figures and what lies behind them are normal, `size` is one over the variance."""

    pseudo: ClassVar[tuple[float, float]] = (0.0, 0.0)

    def strength(self, log_strength: float, mean: Array) -> Array:
        """One over the variance between places."""
        return np.full_like(mean, np.exp(log_strength))

    def prior_variance(self, strength: Array, mean: Array) -> Array:
        """One over the strength, whatever the mean."""
        return 1 / strength + 0 * mean

    def spread_size(self, size: Array, strength: Array) -> Array:
        """One over the sum of the two variances."""
        return size * strength / (size + strength)

    def typical_size(self, size: Array, mean: Array) -> float:
        """Harmonic mean."""
        return float(1 / np.mean(1 / size))

    def log_marginal(self, log_strength: float, raw: Array, size: Array, mean: Array) -> float:
        """Normal log-density, without its constant."""
        variance = 1 / size + np.exp(-log_strength)
        return float(-0.5 * (np.log(variance) + (raw - mean) ** 2 / variance).sum())

    def interval(self, mean: Array, variance: Array) -> tuple[Array, Array]:
        """Equal tails."""
        half = ndtri(1 - TAILS / 2) * np.sqrt(variance)
        return mean - half, mean + half

    def draws(self, mean: Array, variance: Array, rng: np.random.Generator, draws: int) -> Array:
        """Normal draws."""
        return mean + np.sqrt(variance) * rng.standard_normal((draws, len(mean)))


@dataclass(frozen=True, slots=True)
class BetaBinomial:
    """Shares: binomial out of `size` members, beta behind them; the strength counts members, too."""

    pseudo: ClassVar[tuple[float, float]] = (0.5, 1.0)

    def strength(self, log_strength: float, mean: Array) -> Array:
        """The same for all groups."""
        return np.full_like(mean, np.exp(log_strength))

    def prior_variance(self, strength: Array, mean: Array) -> Array:
        """Variance of a beta distribution."""
        return mean * (1 - mean) / (strength + 1)

    def spread_size(self, size: Array, strength: Array) -> Array:
        """Members over their design effect: those of one place are alike."""
        return size * (strength + 1) / (size + strength)

    def typical_size(self, size: Array, mean: Array) -> float:
        """Harmonic mean."""
        return float(1 / np.mean(1 / size))

    def log_marginal(self, log_strength: float, raw: Array, size: Array, mean: Array) -> float:
        """Beta-binomial log-likelihood without the binomial coefficients; successes need not be whole numbers."""
        inside = np.clip(mean, SMALLEST_SHARE, 1 - SMALLEST_SHARE)
        a, b = np.exp(log_strength) * inside, np.exp(log_strength) * (1 - inside)
        hits, misses = size * raw, size * (1 - raw)
        total = gammaln(a + b) - gammaln(a) - gammaln(b)
        return float((gammaln(a + hits) + gammaln(b + misses) - gammaln(a + b + size) + total).sum())

    def interval(self, mean: Array, variance: Array) -> tuple[Array, Array]:
        """Quantiles of a beta distribution; where its density is highest at 0 or 1 the interval reaches that end."""
        a, b = self._shape(mean, variance)
        tail = _lower_tail(a, b)
        below, above = (np.asarray(betaincinv(a, b, p), dtype=np.float64) for p in (tail, 1 - TAILS + tail))
        return below, above

    def draws(self, mean: Array, variance: Array, rng: np.random.Generator, draws: int) -> Array:
        """Beta draws."""
        return rng.beta(*self._shape(mean, variance), size=(draws, len(mean)))

    def _shape(self, mean: Array, variance: Array) -> tuple[Array, Array]:
        with np.errstate(divide="ignore"):
            strength = np.clip(mean * (1 - mean) / variance - 1, 1e-6, LARGEST_STRENGTH)
        return mean * strength, (1 - mean) * strength


@dataclass(frozen=True, slots=True)
class GammaPoisson:
    """Counts and rates: Poisson over an exposure `size`, gamma behind them.

    The coefficient of variation between places is the same for all groups: small counts differ little, large ones much.
    """

    pseudo: ClassVar[tuple[float, float]] = (0.5, 0.0)

    def strength(self, log_strength: float, mean: Array) -> Array:
        """Exposure at which a place's own figure weighs as much as its group; ``exp(log_strength)`` is in events."""
        return np.full_like(mean, np.exp(log_strength)) / mean

    def prior_variance(self, strength: Array, mean: Array) -> Array:
        """Variance of a gamma distribution."""
        return mean / strength

    def spread_size(self, size: Array, strength: Array) -> Array:
        """Exposure that a plain Poisson rate of the same variance would have."""
        return size * strength / (size + strength)

    def typical_size(self, size: Array, mean: Array) -> float:
        """Harmonic mean of the events to expect."""
        return float(1 / np.mean(1 / (size * mean)))

    def log_marginal(self, log_strength: float, raw: Array, size: Array, mean: Array) -> float:
        """Negative binomial log-likelihood without the factorials; events need not be whole numbers."""
        shape, events, expected = np.exp(log_strength), size * raw, size * mean
        odds = expected / (shape + expected)
        each = gammaln(events + shape) - gammaln(shape) + shape * np.log1p(-odds) + events * np.log(odds)
        return float(each.sum())

    def interval(self, mean: Array, variance: Array) -> tuple[Array, Array]:
        """Quantiles of a gamma distribution; where its density is highest at 0 the interval starts there."""
        shape = self._shape(mean, variance)
        tail = _lower_tail(shape, np.full_like(shape, np.inf))
        return gammaincinv(shape, tail) * mean / shape, gammaincinv(shape, 1 - TAILS + tail) * mean / shape

    def draws(self, mean: Array, variance: Array, rng: np.random.Generator, draws: int) -> Array:
        """Gamma draws."""
        shape = self._shape(mean, variance)
        drawn: Array = rng.standard_gamma(shape, size=(draws, len(mean))) * (mean / shape)
        return drawn

    def _shape(self, mean: Array, variance: Array) -> Array:
        with np.errstate(divide="ignore"):
            shape: Array = np.clip(mean**2 / variance, 1e-6, LARGEST_STRENGTH)
        return shape


def _lower_tail(a: Array, b: Array) -> Array:
    """Probability left out below: half of `TAILS`, nothing where the density falls from its lower end (a <= 1).

    Equal tails would cut 0 out of what is possible for a place that has none. In between (a from 1 to 3) it changes
    gradually, so slowly that the interval still narrows as a grows.
    """
    below, above = np.clip((a - 1) / 2, 0, 1), np.clip((b - 1) / 2, 0, 1)
    both = below + above
    return TAILS * np.where(both > 0, below / np.where(both > 0, both, 1), 0.5)
