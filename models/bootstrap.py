"""Intervals for curves and mean times from refits to clusters of spells that are drawn again."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self, TypeVar

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray
from scipy.stats import t as student_t

from models.errors import EstimatorInputError
from models.hazard_estimator import Covariates
from models.outcome import Floats
from models.piecewise import cumulative_at, restricted_means
from models.uncertainty import INTERVAL_COVERAGE, survival_interval

_TINY = 1e-12
_EDGE = 1e-9  # share of the horizon, so that a mean time at its border keeps a finite logit


class Refittable(Protocol):
    """What an interval needs of an estimator: a stack, a balanced hazard and the boosted trees have it."""

    breaks_: Floats

    def fit_reweighted(self, X: Covariates, y: Any, weights: Iterable[ArrayLike]) -> tuple[Self, ...]:  # noqa: N803, ANN401
        """Return one fitted copy per weights."""
        ...

    def opinions(self, X: Covariates) -> tuple[Floats, Floats]:  # noqa: N803
        """Return weights, and hazards of shape (models, rows, intervals), of the models that it consists of."""
        ...

    def predict_survival_function(self, X: Covariates, times: ArrayLike) -> Floats:  # noqa: N803
        """Return curves, shape (rows, times)."""
        ...

    def predict_restricted_mean(self, X: Covariates, horizon: float) -> Floats:  # noqa: N803
        """Return mean times up to the horizon, shape (rows,)."""
        ...


R = TypeVar("R", bound=Refittable)


@dataclass(frozen=True, slots=True, eq=False)
class Interval:
    """An estimate with the bounds of its 90 % interval; arrays of one shape."""

    value: Floats
    lower: Floats
    upper: Floats


def cluster_weights(clusters: Sequence[ArrayLike], draws: int, seed: int) -> Iterator[Floats]:
    """Yield weights of spells, mean 1: every cluster gets an exponential one, as if it were drawn again.

    Such weights have the mean and the variance of the counts of drawing with replacement, and none is 0, so that no
    category or long spell falls out of a refit. With several kinds of clusters (persons *and* municipalities) a spell
    gets the product of theirs, which errs on the wide side; where few persons change municipality, municipalities
    alone are enough.

    Parameters
    ----------
    clusters : sequence of array-like, each of shape (spells,)
        Person, municipality or both of each spell; spells of one cluster are weighed alike.
    draws : int
        How many weights.
    seed : int
        Seed.

    References
    ----------
    Rubin 1981, Ann Stat 9:130-134 (exponential weights). Owen and Eckles 2012, Ann Appl Stat 6:895-927 (products).

    Examples
    --------
    >>> first, second = cluster_weights([["Ås", "Ås", "Moss"]], 2, seed=1)
    >>> bool(first[0] == first[1]), bool(first[0] == first[2]), round(float(first.mean()), 6)
    (True, False, 1.0)
    """
    members = _members(clusters)
    rng = np.random.default_rng(seed)
    for _ in range(draws):
        drawn = np.ones(members[0].size)
        for member in members:
            drawn = drawn * rng.exponential(size=int(member.max()) + 1)[member]
        yield drawn / drawn.mean()


def bootstrap_members(
    model: R,
    X: Covariates,  # noqa: N803
    y: Any,  # noqa: ANN401
    *,
    clusters: Sequence[ArrayLike],
    members: int = 12,
    seed: int,
) -> tuple[R, ...]:
    """Return refits of a fitted model to clusters of its spells that were drawn again.

    Parameters
    ----------
    model : fitted estimator
        A `models.stacking.StackedHazard` (its members' settings and weights are kept: inner validation is not done
        again) or a `models.hazard.DiscreteTimeHazard`.
    X, y
        The spells it was fitted to.
    clusters : sequence of array-like, each of shape (spells,)
        As in `cluster_weights`: one kind of clusters or several.
    members, seed : int, int
        Refits (2 or more), and seed.

    Raises
    ------
    EstimatorInputError
        If there are no clusters, fewer than two of a kind, one without a name, or fewer than two members.

    Examples
    --------
    >>> import polars as pl
    >>> from models.hazard import DiscreteTimeHazard
    >>> from models.outcome import survival_outcome
    >>> X = pl.DataFrame({"population": [1500.0, 90_000.0] * 50})
    >>> y = survival_outcome([True] * 100, [1.0, 4.0, 2.0, 8.0] * 25)
    >>> model = DiscreteTimeHazard(n_estimators=20).fit(X, y)
    >>> places = [f"{place // 2:02d}" for place in range(100)]
    >>> members = bootstrap_members(model, X, y, clusters=[places], members=5, seed=1)
    >>> found = restricted_mean_interval(model, members, X[:1], 4.0)
    >>> bool(0 < found.lower[0] < found.value[0] < found.upper[0] < 4)
    True
    """
    if members < 2:
        raise EstimatorInputError("members", members, "2 or more")
    return model.fit_reweighted(X, y, cluster_weights(clusters, members, seed))


def curve_interval(model: R, members: Sequence[R], X: Covariates, times: ArrayLike) -> Interval:  # noqa: N803
    """Return survival curves with the bounds of 90 % intervals, each of shape (rows, times).

    Bounds are those of `models.uncertainty.survival_interval`: within [0, 1] and never rising. Where the model is a
    stack, how far its members disagree is added (in quadrature) to the spread of the refits: a refit repeats the
    faults of each member, and the others' forecasts are what is known about these.

    Parameters
    ----------
    model, members : fitted estimators
        The model and its `bootstrap_members`.
    X, times
        As in ``predict_survival_function``.

    References
    ----------
    Buckland, Burnham and Augustin 1997, Biometrics 53:603-618 (model uncertainty in an interval).
    """
    survival = model.predict_survival_function(X, times)
    drawn = np.stack([member.predict_survival_function(X, times) for member in members], axis=1)
    weights, hazards = model.opinions(X)
    said = np.stack([np.log(np.maximum(cumulative_at(each, model.breaks_, times), _TINY)) for each in hazards])
    further = disagreement(weights, said)
    bounds = [survival_interval(*curve) for curve in zip(survival, drawn, further, strict=True)]
    return Interval(survival, np.stack([lower for lower, _ in bounds]), np.stack([upper for _, upper in bounds]))


def restricted_mean_interval(model: R, members: Sequence[R], X: Covariates, horizon: float) -> Interval:  # noqa: N803
    """Return mean years up to a horizon with the bounds of 90 % intervals, each of shape (rows,).

    Student's t on the logit of the share of the horizon, so that bounds lie between 0 and the horizon; the
    disagreement of a stack's members is added as in `curve_interval`.

    Parameters
    ----------
    model, members : fitted estimators
        The model and its `bootstrap_members`.
    X : DataFrame or array
        Covariates at the start.
    horizon : float
        Years at which counting stops.
    """
    mean = model.predict_restricted_mean(X, horizon)
    drawn = np.stack([member.predict_restricted_mean(X, horizon) for member in members])
    weights, hazards = model.opinions(X)
    start = np.zeros(mean.size)
    said = np.stack([_logit(restricted_means(each, model.breaks_, start, horizon) / horizon) for each in hazards])
    wide = half_width(_logit(drawn / horizon), disagreement(weights, said))
    lower, upper = (horizon / (1 + np.exp(-(_logit(mean / horizon) + sign * wide))) for sign in (-1, 1))
    return Interval(mean, lower, upper)


def half_width(drawn: Floats, further: Floats | float = 0.0) -> Floats:
    """Return half the width of 90 % intervals, from members along the first axis and a further standard deviation."""
    quantile = student_t.ppf(0.5 + INTERVAL_COVERAGE / 2, df=drawn.shape[0] - 1)
    wide: Floats = np.hypot(drawn.std(axis=0, ddof=1), further) * quantile
    return wide


def disagreement(weights: Floats, said: Floats) -> Floats:
    """Return the weighted standard deviation of what models say, along the first axis.

    Examples
    --------
    >>> disagreement(np.array([0.5, 0.5]), np.array([[1.0, 2.0], [3.0, 2.0]])).tolist()
    [1.0, 0.0]
    """
    mean = np.tensordot(weights, said, axes=1)
    wide: Floats = np.sqrt(np.tensordot(weights, (said - mean) ** 2, axes=1))
    return wide


def _logit(share: Floats) -> Floats:
    bounded = np.clip(share, _EDGE, 1 - _EDGE)
    logit: Floats = np.log(bounded / (1 - bounded))
    return logit


def _members(clusters: Sequence[ArrayLike]) -> list[NDArray[np.int64]]:
    if not len(clusters):
        raise EstimatorInputError("clusters", "none", "the person or municipality of each spell")
    members = []
    for column in clusters:
        labels = pl.Series(np.asarray(column))
        if labels.null_count():
            raise EstimatorInputError("clusters", f"{labels.null_count()} gaps", "a cluster for every spell")
        member = labels.rank("dense").to_numpy().astype(np.int64) - 1
        if not member.size or member.max() < 1:
            raise EstimatorInputError("clusters", "one cluster", "two or more, or there is nothing to draw from")
        members.append(member)
    if len({member.size for member in members}) > 1:
        raise EstimatorInputError("clusters", [member.size for member in members], "columns of one length")
    return members
