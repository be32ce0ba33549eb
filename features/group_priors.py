"""What is believed about each place before its own figure is looked at: estimated from the figures of all.

Places differ within their group by a strength, and groups within the country by another. Both come from the same
likelihood, used twice.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from features.conjugate import Array, Family
from features.errors import InvalidInputError

ROUNDS = 3
WIDEST = 9.0
"""Natural logarithms between the typical size and the least and the greatest strength that is tried."""

_STEP = 0.3  # of the finite difference that gives the curvature of the likelihood


@dataclass(frozen=True, slots=True)
class PeerSets:
    """Who is whose peer, each distinct set of peers once.

    Attributes
    ----------
    members : numpy.ndarray of bool, shape (sets, places)
        Which places a set holds.
    home : numpy.ndarray of int, shape (places,)
        The set that a place is compared with.
    """

    members: NDArray[np.bool_]
    home: NDArray[np.intp]

    def of(self, places: NDArray[np.bool_]) -> "PeerSets":
        """The sets among some of the places; sets that none of these is compared with fall away."""
        kept, home = np.unique(self.home[places], return_inverse=True)
        return PeerSets(self.members[np.ix_(kept, np.flatnonzero(places))], home)


@dataclass(frozen=True, slots=True)
class FittedMeans:
    """Sets whose means were fitted, and how strongly each mean was drawn to the national one.

    Attributes
    ----------
    groups : PeerSets
    strength : numpy.ndarray of shape (sets,)
        In the unit of the size that figures count for; 0 where a mean is that of its figures alone.
    """

    groups: PeerSets
    strength: Array

    def loss(self) -> Callable[[Array], float]:
        """Log-likelihood lost to not knowing the means, for the size that each figure counts for about them.

        A set from which only some of its members are compared with it, as where sets overlap, counts by that share.
        """
        members = self.groups.members.astype(float)
        number = members.sum(axis=1)
        used = number > 0
        share = np.bincount(self.groups.home, minlength=len(number))[used] / number[used]
        members, strength = members[used], self.strength[used]
        return lambda size: float(0.5 * (share * np.log(members @ size + strength)).sum())


@dataclass(frozen=True, slots=True)
class Prior:
    """What is believed about each place before its own figure is looked at, and how sure its parts are.

    Attributes
    ----------
    mean, mean_variance : numpy.ndarray
        Mean of the place's group, drawn towards the national mean, and its variance.
    strength : numpy.ndarray
        Size at which the own figure weighs as much as the group's mean.
    log_strength, log_strength_variance : float
        The parameter behind `strength` as estimated.
    """

    mean: Array
    mean_variance: Array
    strength: Array
    log_strength: float
    log_strength_variance: float


def peer_sets(codes: pl.Series, peers: pl.DataFrame) -> PeerSets:
    """The distinct sets of peers among the municipalities.

    Parameters
    ----------
    codes : polars.Series
        Municipality codes in the order of the arrays.
    peers : polars.DataFrame
        Contract `features.frames.PeerGroup`; rows about others than `codes` are left out.

    Raises
    ------
    InvalidInputError
        If one of the municipalities has no peers, not even itself.
    """
    order = pl.DataFrame({"municipality_code": codes}).with_row_index("place")
    pairs = peers.join(order, on="municipality_code").join(
        order.select(peer_code="municipality_code", peer="place"), on="peer_code"
    )
    sets = pairs.sort("peer").group_by("place").agg("peer").sort("place")
    if sets.height < codes.len():
        lonely = order.join(sets, on="place", how="anti")["municipality_code"].item(0)
        raise InvalidInputError("peers", f"no peers of {lonely}", "at least the municipality itself as its own peer")
    distinct = sets.group_by("peer").agg(first=pl.col("place").min()).sort("first").with_row_index("set")
    home = sets.join(distinct, on="peer").sort("place")["set"].to_numpy().astype(np.intp)
    members = np.zeros((distinct.height, codes.len()), dtype=bool)
    pair = distinct.explode("peer")
    members[pair["set"].to_numpy(), pair["peer"].to_numpy()] = True
    return PeerSets(members, home)


def updated(family: Family, raw: Array, size: Array, prior: Prior) -> tuple[Array, Array, Array]:
    """Mean and variance of what lies behind each figure, and the weight of the figure itself."""
    pulled = prior.strength / (size + prior.strength)
    mean = raw + pulled * (prior.mean - raw)
    variance = (
        family.prior_variance(size + prior.strength, mean)
        + pulled**2 * prior.mean_variance
        + ((prior.mean - raw) * pulled * (1 - pulled)) ** 2 * prior.log_strength_variance
    )
    return mean, variance, 1 - pulled


def fitted_prior(family: Family, raw: Array, size: Array, groups: PeerSets) -> Prior:
    """Prior of every place from the figures of all: strength within groups, group means and strength between groups.

    The same likelihood is used twice: for places within their group and, with the size that a group's mean counts for,
    for groups within the country.
    """
    mean = np.full(len(groups.members), _pooled(family, raw, size))
    means = FittedMeans(groups, np.zeros(len(groups.members)))
    for _ in range(ROUNDS):
        log_strength, log_variance = fitted_strength(family, raw, size, mean[groups.home], means)
        spread = family.spread_size(size, family.strength(log_strength, mean[groups.home]))
        mean, mean_variance, means = _group_means(family, raw, spread, groups)
    return Prior(
        mean[groups.home],
        mean_variance[groups.home],
        family.strength(log_strength, mean[groups.home]),
        log_strength,
        log_variance,
    )


def fitted_strength(
    family: Family, raw: Array, size: Array, mean: Array, means: FittedMeans | None = None
) -> tuple[float, float]:
    """Logarithm of the strength that makes the figures most likely, and the variance of that estimate.

    The likelihood is multiplied by a uniform prior on the shrinkage at the typical size, so that neither "all places
    are alike" nor "nothing is learnt from peers" is concluded from a few figures.

    Parameters
    ----------
    means : FittedMeans or None
        The sets whose means `mean` holds, if these were fitted to the same figures. Figures lie nearer to their own
        mean than to the true one, which would make places look more alike than they are; the means are therefore
        integrated out (restricted likelihood, by Laplace's approximation).
    """
    typical = np.log(family.typical_size(size, mean))
    lost_to_means = None if means is None else means.loss()

    def against(log_strength: float) -> float:
        log_odds = log_strength - typical
        uniform = log_odds - 2 * np.logaddexp(0.0, log_odds)
        likely = family.log_marginal(log_strength, raw, size, mean) + uniform
        if lost_to_means is not None:
            likely -= lost_to_means(family.spread_size(size, family.strength(log_strength, mean)))
        return float(-likely)

    best = minimize_scalar(
        against, bounds=(typical - WIDEST, typical + WIDEST), method="bounded", options={"xatol": 0.02}
    )
    curvature = (against(best.x + _STEP) + against(best.x - _STEP) - 2 * best.fun) / _STEP**2
    return float(best.x), float(1 / max(curvature, 0.25))


def _group_means(family: Family, raw: Array, size: Array, groups: PeerSets) -> tuple[Array, Array, FittedMeans]:
    """Mean of each group, drawn towards the national mean, its variance, and how strongly it is drawn."""
    of_group = groups.members @ size
    told = of_group > 0  # peers of one's own choice may all lack figures
    of_group = of_group[told]
    plain = groups.members[told] @ (size * raw) / of_group
    national = np.full_like(plain, _pooled(family, plain, of_group))
    country = PeerSets(np.ones((1, len(plain)), dtype=bool), np.zeros(len(plain), dtype=np.intp))
    log_strength, log_variance = fitted_strength(family, plain, of_group, national, FittedMeans(country, np.zeros(1)))
    strength = family.strength(log_strength, national)
    counts_for = family.spread_size(of_group, strength)
    national = np.full_like(plain, _pooled(family, plain, counts_for))
    national_variance = family.prior_variance(np.full_like(plain, counts_for.sum()), national)
    prior = Prior(national, national_variance, strength, log_strength, log_variance)
    mean = np.full(told.shape, national[0])
    variance = np.full(told.shape, national_variance[0] + family.prior_variance(strength, national)[0])
    mean[told], variance[told], _ = updated(family, plain, of_group, prior)
    return mean, variance, FittedMeans(groups, np.full(told.shape, strength[0]))


def _pooled(family: Family, raw: Array, size: Array) -> float:
    events, members = family.pseudo
    return float(((size * raw).sum() + events) / (size.sum() + members))
