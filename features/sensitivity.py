"""How sure a rank is: the index computed again and again with other figures and other, equally defensible methods.

Two random designs A and B of methods and figures give the intervals of ranks; their mixtures tell which choice moves a
unit's rank.
"""

import math
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from features.composite.aggregation import Aggregation, aggregated_from, averageable
from features.composite.imputation import Groups, Imputation, imputed, known_means
from features.composite.index import Method, normalised_for
from features.composite.normalisation import Normalisation
from features.composite.ranking import competition_ranks
from features.composite.structure import IndexStructure, Matrix
from features.composite.treatment import Treatment, treated
from features.composite.weighting import Weighting, weights_of
from features.errors import InvalidInputError
from features.sobol import variance_shares

DRAWS = 1000
"""Rankings behind each interval."""

INTERVAL = (0.05, 0.95)
"""Shares of the rankings that bound the interval (90 %)."""

WEIGHT_NOISE = 0.25
"""Largest relative change of a weight; an assumption (COINr's example of ``get_noisy_weights``)."""

CHUNK = 48
"""Sets of figures worked on together: enough to spare the overhead of a call, few enough for the processor's cache."""

WORKERS = 2
"""Threads; NumPy lets go of the interpreter while it computes."""

MOST_WAYS = 1_000_000
"""Ways to leave indicators out that are told apart where there are many indices of different sizes."""

Indices = NDArray[np.int64]
Ranks = NDArray[np.float32]


class Choice(StrEnum):
    """What is uncertain about an index."""

    DATA = "data"
    IMPUTATION = "imputation"
    TREATMENT = "treatment"
    NORMALISATION = "normalisation"
    WEIGHTS = "weights"
    AGGREGATION = "aggregation"
    LEFT_OUT = "left_out"


COLUMN = {choice: column for column, choice in enumerate(Choice)}
"""Column of every choice in a design."""


@dataclass(frozen=True, slots=True)
class Choices:
    """The alternatives that a reasonable person could have chosen, each as likely as the other.

    Attributes
    ----------
    weight_noise : float
        Every weight is moved by up to this share of itself, whatever the scheme.
    leaves_one_out : bool
        Whether each indicator in turn, or none, is left out: one below every top at the same time.
    """

    imputation: tuple[Imputation, ...] = (Imputation.NONE, Imputation.MEAN, Imputation.MEDIAN)
    treatment: tuple[Treatment, ...] = (Treatment.NONE, Treatment.AUTO)
    normalisation: tuple[Normalisation, ...] = (Normalisation.MINMAX, Normalisation.ZSCORE, Normalisation.RANK)
    weighting: tuple[Weighting, ...] = (Weighting.GIVEN, Weighting.EQUAL)
    aggregation: tuple[Aggregation, ...] = (Aggregation.ARITHMETIC, Aggregation.GEOMETRIC, Aggregation.COPELAND)
    weight_noise: float = WEIGHT_NOISE
    leaves_one_out: bool = True

    def including(self, method: Method) -> "Choices":
        """The same with the method's own choices among them."""
        return replace(
            self,
            imputation=tuple(dict.fromkeys((*self.imputation, method.imputation))),
            treatment=tuple(dict.fromkeys((*self.treatment, method.treatment))),
            normalisation=tuple(dict.fromkeys((*self.normalisation, method.normalisation))),
            weighting=tuple(dict.fromkeys((*self.weighting, method.weighting))),
            aggregation=tuple(dict.fromkeys((*self.aggregation, method.aggregation))),
        )


@dataclass(frozen=True, slots=True)
class SensitivityResult:
    """Intervals of ranks, and what moves them.

    Attributes
    ----------
    aggregates : tuple[str, ...]
        Rows of the four matrices of ranks, which have a column per unit; NaN for a unit that never had a score.
    rank_lower, rank_upper : numpy.ndarray
        Whole ranks that bound 90 % of the rankings; lower is better.
    roots : tuple[str, ...]
        The indices that shares are told for: aggregates that belong to nothing.
    choices : tuple[Choice, ...]
        The choices that had alternatives.
    first_order, total : numpy.ndarray
        Shares (about 0-1) of the variance of each unit's rank, shape (roots, choices, units), see
        `features.sobol.VarianceShares`. NaN for a unit whose rank never moves, or that some runs could not rank.
    overall_first_order, overall_total : numpy.ndarray
        The same over all units, weighted by how much their ranks move, shape (roots, choices).
    draws, runs : int
        Rankings behind the intervals, and runs of the index in all.

    References
    ----------
    Saisana, Saltelli & Tarantola 2005, J. R. Statist. Soc. A 168(2), 307-323. Lamboni, Monod & Makowski 2011, on
    shares over many results, Reliability Engineering & System Safety 96(4).
    """

    aggregates: tuple[str, ...]
    rank_median: Matrix
    rank_mean: Matrix
    rank_lower: Matrix
    rank_upper: Matrix
    roots: tuple[str, ...]
    choices: tuple[Choice, ...]
    first_order: Matrix
    total: Matrix
    overall_first_order: Matrix
    overall_total: Matrix
    draws: int
    runs: int


def rank_sensitivity(
    observed: Matrix,
    structure: IndexStructure,
    rng: np.random.Generator,
    choices: Choices | None = None,
    *,
    data_draws: Matrix | None = None,
    groups: Groups | None = None,
    method: Method | None = None,
    draws: int = DRAWS,
) -> SensitivityResult:
    """Intervals of every unit's rank over figures and methods, and which choice moves it.

    Parameters
    ----------
    observed : numpy.ndarray
        Values, shape (indicators, units), rows in the structure's order; missing is NaN. Data-driven weights are
        learnt from them.
    rng : numpy.random.Generator
    data_draws : numpy.ndarray, optional
        The same values as chance may have moved them, shape (any number, indicators, units); without them only
        methods vary.
    groups : numpy.ndarray, optional
        Group of every unit, for imputation within groups.
    method : Method, optional
        The method in use; data-driven weights are learnt from its scores.
    draws : int
        Rankings behind the intervals, at least 2; an odd number is rounded down. Shares take half as many further
        runs for every choice.

    Raises
    ------
    InvalidInputError
        If there are fewer than 2 draws.

    Examples
    --------
    >>> from features.composite.structure import nested_structure
    >>> tree = nested_structure({"top": {"a": 1.0, "b": 1.0, "c": 1.0}})
    >>> values = np.array([[1.0, 2, 3, 4], [1.0, 2, 4, 3], [1.0, 2, 3, 4]])
    >>> found = rank_sensitivity(values, tree, np.random.default_rng(1), draws=100)
    >>> found.rank_lower[0].tolist(), found.rank_upper[0].tolist()
    ([4.0, 3.0, 1.0, 1.0], [4.0, 3.0, 2.0, 2.0])
    """
    if draws < 2:
        raise InvalidInputError("draws", draws, "2 or more")
    choices, half = choices or Choices(), draws // 2
    pool = observed[None] if data_draws is None else data_draws
    weights = _weight_draws(observed, structure, method or Method(), groups, choices, 2 * half, rng)
    alternatives = _alternatives(len(pool), observed, structure, choices, weights)
    design_a, design_b = (_design(alternatives, half, rng) for _ in range(2))
    design_b[:, COLUMN[Choice.WEIGHTS]] += half if alternatives[Choice.WEIGHTS] > 1 else 0
    varied = tuple(choice for choice in Choice if alternatives[choice] > 1)
    mixed = (_mixture(design_a, design_b, COLUMN[choice]) for choice in varied)
    rows, places = np.unique(np.concatenate([design_a, design_b, *mixed]), axis=0, return_inverse=True)
    base, extra = places[: 2 * half], places[2 * half :].reshape(len(varied), half)
    full, full_places = np.unique(base, return_inverse=True)
    ranks, root_ranks = _Runs(pool, structure, choices, weights, groups).ranks(rows, full)
    return _summary(structure, varied, ranks[full_places], root_ranks[base], root_ranks[extra], runs=len(rows))


@dataclass(frozen=True, slots=True)
class _Runs:
    """Runs the index for rows of a design: one column per choice, the number of the alternative it takes."""

    pool: Matrix
    structure: IndexStructure
    choices: Choices
    weights: Matrix
    groups: Groups | None

    def ranks(self, design: Indices, full: Indices) -> tuple[Ranks, Ranks]:
        """Ranks on every aggregate for the `full` runs, and on the roots for all: shape (runs, ..., units)."""
        is_root = np.array([node.parent is None for node in self.structure.aggregates])
        units = self.pool.shape[-1]
        ranks = np.empty((len(full), len(is_root), units), dtype=np.float32)
        root_ranks = np.empty((len(design), is_root.sum(), units), dtype=np.float32)
        place = np.full(len(design), -1)
        place[full] = np.arange(len(full))

        def rank(runs: Indices) -> None:
            figures, calmed = self._treated(design[runs])
            for alike in _alike(design[runs][:, [COLUMN[Choice.NORMALISATION], COLUMN[Choice.AGGREGATION]]]):
                scores = self._scores(design[runs[alike]], calmed, figures[alike])
                root_ranks[runs[alike]] = competition_ranks(scores[:, is_root])
                wanted = place[runs[alike]] >= 0
                ranks[place[runs[alike][wanted]]] = competition_ranks(scores[wanted])

        with ThreadPoolExecutor(WORKERS) as workers:
            list(workers.map(rank, self._batches(design)))
        return ranks, root_ranks

    def _batches(self, design: Indices) -> Iterator[Indices]:
        """Runs that share imputation and treatment, and a few sets of figures."""
        for runs in _alike(design[:, [COLUMN[Choice.IMPUTATION], COLUMN[Choice.TREATMENT]]]):
            places = np.unique(design[runs, COLUMN[Choice.DATA]], return_inverse=True)[1]
            yield from (runs[places // CHUNK == chunk] for chunk in range(places.max() // CHUNK + 1))

    def _treated(self, design: Indices) -> tuple[Indices, Matrix]:
        """Which figures each run of a batch takes, and these imputed and treated."""
        imputation = self.choices.imputation[design[0, COLUMN[Choice.IMPUTATION]]]
        treatment = self.choices.treatment[design[0, COLUMN[Choice.TREATMENT]]]
        figures, places = np.unique(design[:, COLUMN[Choice.DATA]], return_inverse=True)
        return places, treated(imputed(self.pool[figures], imputation, self.groups), treatment)

    def _scores(self, design: Indices, calmed: Matrix, places: Indices) -> Matrix:
        """Scores of every aggregate in runs that share normalisation and aggregation."""
        normalisation = self.choices.normalisation[design[0, COLUMN[Choice.NORMALISATION]]]
        aggregation = self.choices.aggregation[design[0, COLUMN[Choice.AGGREGATION]]]
        figures, places = np.unique(places, return_inverse=True)
        leaves = averageable(normalised_for(calmed[figures], self.structure, normalisation, aggregation), aggregation)
        weights = self.weights[design[:, COLUMN[Choice.WEIGHTS]]]
        number, size = _numbers_below_tops(self.structure)
        is_left_out = design[:, COLUMN[Choice.LEFT_OUT], None] % (size + 1) == number  # 0 leaves nothing out
        weights[:, : len(number)][is_left_out] = 0.0
        return aggregated_from(leaves[places], self.structure, weights, aggregation)


def _alternatives(
    pool: int, observed: Matrix, structure: IndexStructure, choices: Choices, weights: Matrix
) -> dict[Choice, int]:
    """How many alternatives every choice has, and so which are uncertain at all."""
    return {
        Choice.DATA: pool,
        Choice.IMPUTATION: len(choices.imputation) if np.isnan(observed).any() else 1,
        Choice.TREATMENT: len(choices.treatment),
        Choice.NORMALISATION: len(choices.normalisation),
        Choice.WEIGHTS: len(weights) // 2 if len(np.unique(weights, axis=0)) > 1 else 1,
        Choice.AGGREGATION: len(choices.aggregation),
        Choice.LEFT_OUT: _ways_to_leave_out(structure) if choices.leaves_one_out else 1,
    }


def _ways_to_leave_out(structure: IndexStructure) -> int:
    """So many that under every top each indicator, or none, is left out equally often."""
    return min(math.lcm(*(_numbers_below_tops(structure)[1] + 1).tolist()), MOST_WAYS)


def _numbers_below_tops(structure: IndexStructure) -> tuple[Indices, Indices]:
    """Number of every indicator among those below the same top, from 1, and how many they are."""
    parents = {node.key: node.parent for node in structure.nodes}

    def top(key: str) -> str:
        above = parents[key]
        return key if above is None else top(above)

    tops = [top(node.key) for node in structure.indicators]
    numbers = [tops[: place + 1].count(key) for place, key in enumerate(tops)]
    return np.array(numbers), np.array([tops.count(key) for key in tops])


def _design(alternatives: Mapping[Choice, int], size: int, rng: np.random.Generator) -> Indices:
    """Rows of random runs in which every alternative of a choice comes equally often."""
    return np.column_stack([rng.permutation(_evenly(alternatives[choice], size, rng)) for choice in Choice])


def _evenly(count: int, size: int, rng: np.random.Generator) -> Indices:
    whole, rest = divmod(size, count)
    return np.concatenate([np.tile(np.arange(count), whole), rng.permutation(count)[:rest]])


def _mixture(design_a: Indices, design_b: Indices, column: int) -> Indices:
    mixed = design_a.copy()
    mixed[:, column] = design_b[:, column]
    return mixed


def _alike(columns: Indices) -> Iterator[Indices]:
    """Positions of the rows that agree in every column, group by group."""
    _, group = np.unique(columns, axis=0, return_inverse=True)
    yield from (np.flatnonzero(group.ravel() == number) for number in range(group.max() + 1))


def _weight_draws(
    observed: Matrix,
    structure: IndexStructure,
    method: Method,
    groups: Groups | None,
    choices: Choices,
    size: int,
    rng: np.random.Generator,
) -> Matrix:
    """Weights of every node in every draw: one of the schemes, moved at random."""
    calmed = treated(imputed(observed, method.imputation, groups), method.treatment)
    scores = normalised_for(calmed, structure, method.normalisation, method.aggregation, method.scale)
    schemes = np.stack([weights_of(scores, structure, scheme, method.aggregation) for scheme in choices.weighting])
    chosen = np.concatenate([rng.permutation(_evenly(len(schemes), size // 2, rng)) for _ in range(2)])
    noise = rng.uniform(-choices.weight_noise, choices.weight_noise, size=(len(chosen), schemes.shape[1]))
    drawn: Matrix = schemes[chosen] * (1 + noise)
    return drawn


def _summary(
    structure: IndexStructure, varied: tuple[Choice, ...], ranks: Ranks, base: Ranks, mixed: Ranks, runs: int
) -> SensitivityResult:
    half = len(base) // 2
    shares = variance_shares(base[:half].astype(float), base[half:].astype(float), mixed.astype(float))
    first, total = (np.moveaxis(share, 0, 1) for share in (shares.first_order, shares.total))
    moving = np.where(np.isnan(total).any(axis=1), 0.0, shares.variance)
    with np.errstate(invalid="ignore"):
        importance = (moving / moving.sum(axis=-1, keepdims=True))[:, None]
    lower, median, upper = _quantiles(ranks)
    return SensitivityResult(
        aggregates=tuple(node.key for node in structure.aggregates),
        rank_median=median,
        rank_mean=known_means(np.moveaxis(ranks, 0, -1).astype(float)),
        rank_lower=lower,
        rank_upper=upper,
        roots=structure.roots,
        choices=varied,
        first_order=first,
        total=total,
        overall_first_order=(np.nan_to_num(first) * importance).sum(axis=-1),
        overall_total=(np.nan_to_num(total) * importance).sum(axis=-1),
        draws=2 * half,
        runs=runs,
    )


def _quantiles(ranks: Ranks) -> tuple[Matrix, Matrix, Matrix]:
    """Lower bound, median and upper bound over the first axis; the bounds are ranks that were drawn."""
    ascending = np.sort(ranks, axis=0).astype(float)  # NaN last
    last = np.maximum((~np.isnan(ascending)).sum(axis=0) - 1, 0)

    def at(place: Indices) -> Matrix:
        taken: Matrix = np.take_along_axis(ascending, place[None], axis=0)[0]
        return taken

    lower, upper = np.floor(INTERVAL[0] * last).astype(int), np.ceil(INTERVAL[1] * last).astype(int)
    return at(lower), (at(last // 2) + at(-(-last // 2))) / 2, at(upper)
