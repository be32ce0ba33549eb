"""A composite indicator of any units, from two files to scores, ranks and their intervals."""

from dataclasses import dataclass
from pathlib import Path

import dataframely as dy
import numpy as np
import polars as pl

from features.composite.correlation import Correlation, correlation_structure
from features.composite.declared_nodes import DeclaredNodes, read_declared_nodes, without
from features.composite.imputation import Groups, Imputation
from features.composite.index import CompositeIndex, Method, composite_index, weight_known
from features.composite.normalisation import Normalisation, towards_bands
from features.composite.ranking import SCORE_DIGITS
from features.composite.reading import RejectedRow, Rejection
from features.composite.structure import IndexStructure, Matrix, Node, index_structure
from features.composite.treatment import has_outliers, skewness_and_kurtosis, winsorised
from features.composite.unit_values import UnitValues, read_groups, read_unit_values, value_matrix
from features.composite.weighting import Weighting, equal_weights, given_weights
from features.errors import IndexFileError, IndexFileFault, InvalidInputError
from features.frames import IndexScore
from features.sensitivity import Choices, SensitivityResult, rank_sensitivity

MOST_DRAWN_CELLS = 25_000_000
"""Simulated values kept at once (200 MB); larger tables share fewer simulated data sets among the draws."""

FEWEST_DATA_DRAWS = 50

MOST_DRAWS = 100_000
"""Rankings asked for at a time; more tell nothing more, and fill the memory."""

OWN_SCALE = {Normalisation.BAND: "band", Normalisation.GOALPOSTS: "goalposts"}
"""Normalisations whose scale the file declares, and where: what need not differ between units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexRequest:
    """Files and method of an index.

    Attributes
    ----------
    draws : int
        Rankings behind the intervals; 0 for no intervals.
    """

    values: Path
    indicators: Path
    groups: Path | None = None
    method: Method
    draws: int
    seed: int


@dataclass(frozen=True, slots=True)
class TreatedPoint:
    """A value that outlier treatment moved."""

    unit: str
    value: float
    treated: float


@dataclass(frozen=True, slots=True)
class TreatedIndicator:
    """An indicator with outliers and what was done about them.

    Attributes
    ----------
    method : str
        ``winsorise`` or ``log``.
    still_outlying : bool
        Whether skewness and kurtosis pass their limits even after treatment.
    """

    indicator: str
    method: str
    skewness_before: float
    kurtosis_before: float
    skewness_after: float | None
    kurtosis_after: float | None
    still_outlying: bool
    points: tuple[TreatedPoint, ...]


@dataclass(frozen=True, slots=True)
class ImputedPoint:
    """A missing value that another stands in for."""

    unit: str
    indicator: str
    value: float


@dataclass(frozen=True, slots=True)
class IndexResult:
    """An index with what it was made from, and what could not be used.

    Attributes
    ----------
    scores : dataframely.DataFrame[IndexScore]
        Every unit on every aggregate, the top first and best first.
    unused_columns : tuple[str, ...]
        Columns of the files that nobody asked for.
    """

    request: IndexRequest
    declared: DeclaredNodes
    index: CompositeIndex
    units: tuple[str, ...]
    scores: dy.DataFrame[IndexScore]
    rejected: tuple[RejectedRow, ...]
    imputed: tuple[ImputedPoint, ...]
    treated: tuple[TreatedIndicator, ...]
    correlations: tuple[Correlation, ...]
    sensitivity: SensitivityResult | None
    has_standard_errors: bool
    unused_columns: tuple[str, ...]


def compute_index(request: IndexRequest) -> IndexResult:
    """Read the files, compute the index, and say how sure its ranks are."""
    if not 0 <= request.draws <= MOST_DRAWS or request.draws == 1:
        raise InvalidInputError("draws", request.draws, f"0, or 2-{MOST_DRAWS}")
    declared = read_declared_nodes(request.indicators)
    if not declared.nodes:
        raise IndexFileError(
            "indicators", request.indicators, IndexFileFault.NO_INDEX, _first_reasons(declared.rejected)
        )
    whole = index_structure(declared.nodes)
    figures = read_unit_values(
        request.values,
        [node.key for node in whole.indicators],
        [node.key for node in whole.aggregates],
        {row.indicator for row in declared.rejected if row.indicator} - {node.key for node in whole.nodes},
    )
    units = sorted(figures.accepted["unit"].unique())
    structure, pruned = _used_structure(request, declared, whole, figures, units)
    values = value_matrix(figures.accepted, _keys(structure), units, "value")
    groups, unread = (None, ()) if request.groups is None else read_groups(request.groups, units)
    _require_groups(request, groups)
    index = composite_index(values, structure, request.method, groups)
    errors = np.nan_to_num(value_matrix(figures.accepted, _keys(structure), units, "standard_error"))
    sensitivity = _sensitivity(request, structure, values, errors, groups) if request.draws else None
    return IndexResult(
        request=request,
        declared=declared,
        index=index,
        units=tuple(units),
        scores=_scores(index, units, _known(index, whole, figures, units), sensitivity),
        rejected=(*declared.rejected, *pruned, *figures.rejected, *unread),
        imputed=_imputed_points(index, values, units),
        treated=_treated_indicators(index, units),
        correlations=correlation_structure(index.scores, structure),
        sensitivity=sensitivity,
        has_standard_errors=bool(errors.any()),
        unused_columns=(*declared.ignored, *figures.ignored),
    )


def _used_structure(
    request: IndexRequest, declared: DeclaredNodes, whole: IndexStructure, figures: UnitValues, units: list[str]
) -> tuple[IndexStructure, tuple[RejectedRow, ...]]:
    """The structure without indicators that tell nothing, and these as rejected."""
    values = value_matrix(figures.accepted, _keys(whole), units, "value")
    own = OWN_SCALE.get(request.method.normalisation)
    left_out = {
        node.key: Rejection.NO_VALUES if np.isnan(row).all() else Rejection.NO_SPREAD
        for node, row in zip(whole.indicators, values, strict=True)
        if np.isnan(row).all() or (np.nanmin(row) == np.nanmax(row) and not (own and getattr(node, own)))
    }
    kept, pruned = without(declared.nodes, left_out, declared.lines)
    if not kept:
        differs = Rejection.NO_SPREAD in left_out.values()
        fault = IndexFileFault.NO_DIFFERENCE if differs else IndexFileFault.NO_VALUES
        raise IndexFileError("values", request.values, fault, _first_reasons(figures.rejected))
    return index_structure(kept), pruned


def _require_groups(request: IndexRequest, groups: Groups | None) -> None:
    if groups is None and request.method.imputation in (Imputation.GROUP_MEAN, Imputation.GROUP_MEDIAN):
        raise InvalidInputError("--impute", request.method.imputation, "--groups with a file of unit, group")


def _sensitivity(
    request: IndexRequest, structure: IndexStructure, values: Matrix, errors: Matrix, groups: Groups | None
) -> SensitivityResult:
    rng = np.random.default_rng(request.seed)
    method, choices = request.method, Choices()
    draws = _data_draws(values, errors, request.draws, rng) if errors.any() else None
    if method.normalisation is Normalisation.BAND:
        draws = None if draws is None else towards_bands(draws, structure)[0]
        values, structure = towards_bands(values, structure)
        method = Method(method.imputation, method.treatment, weighting=method.weighting, aggregation=method.aggregation)
    if groups is not None:
        choices = choices.including(Method(Imputation.GROUP_MEAN))
    return rank_sensitivity(
        values,
        structure,
        rng,
        choices.including(method),
        data_draws=draws,
        groups=groups,
        method=method,
        draws=request.draws,
    )


def _data_draws(values: Matrix, errors: Matrix, draws: int, rng: np.random.Generator) -> Matrix:
    count = max(FEWEST_DATA_DRAWS, min(draws, MOST_DRAWN_CELLS // values.size))
    drawn: Matrix = values + errors * rng.standard_normal((count, *values.shape))
    return drawn


def _known(index: CompositeIndex, whole: IndexStructure, figures: UnitValues, units: list[str]) -> Matrix:
    """Share of every used aggregate's declared weight with observed values, indicators that were left out included."""
    used = set(_keys(index.structure))
    values = value_matrix(figures.accepted, _keys(whole), units, "value")
    known = ~np.isnan(values) & np.array([node.key in used for node in whole.indicators])[:, None]
    weights = equal_weights(whole) if index.method.weighting is Weighting.EQUAL else given_weights(whole)
    shares = weight_known(known, whole, weights)
    kept = {node.key for node in index.structure.aggregates}
    order = {node.key: row for row, node in enumerate(whole.aggregates) if node.key in kept}
    return shares[[order[node.key] for node in index.structure.aggregates]]


def _scores(
    index: CompositeIndex, units: list[str], known: Matrix, sensitivity: SensitivityResult | None
) -> dy.DataFrame[IndexScore]:
    """One row per aggregate and unit: the top first, best first."""
    count = len(index.structure.indicators)
    bounds = (
        np.full((2, *known.shape), np.nan)
        if sensitivity is None
        else np.stack([sensitivity.rank_lower, sensitivity.rank_upper])
    )
    ranks = index.ranks[count:]
    lower, upper = np.fmin(bounds[0], ranks), np.fmax(bounds[1], ranks)
    lower, upper = (np.where(np.isnan(ranks) | np.isnan(bounds[0]), np.nan, bound) for bound in (lower, upper))
    keys = [node.key for node in index.structure.aggregates]
    frame = pl.DataFrame(
        {
            "unit": units * len(keys),
            "aggregate": np.repeat(keys, len(units)),
            "level": np.repeat(index.structure.levels()[count:], len(units)),
            "score": index.scores[count:].ravel().round(SCORE_DIGITS),
            "rank": ranks.ravel(),
            "ranked": np.repeat((~np.isnan(ranks)).sum(axis=1), len(units)),
            "rank_lower": lower.ravel(),
            "rank_upper": upper.ravel(),
            "weight_known": np.clip(known.ravel(), 0, 1),
        }
    ).with_columns(pl.col("score", "rank", "rank_lower", "rank_upper").fill_nan(None))
    ordered = frame.sort(
        pl.col("level"), "aggregate", "rank", "unit", descending=[True, False, False, False], nulls_last=True
    )
    return IndexScore.validate(ordered, cast=True)


def _imputed_points(index: CompositeIndex, values: Matrix, units: list[str]) -> tuple[ImputedPoint, ...]:
    filled = np.isnan(values) & ~np.isnan(index.imputed)
    return tuple(
        ImputedPoint(units[column], index.structure.indicators[row].key, float(index.imputed[row, column]))
        for row, column in np.argwhere(filled)
    )


def _treated_indicators(index: CompositeIndex, units: list[str]) -> tuple[TreatedIndicator, ...]:
    before, after = index.imputed, index.treated
    moved = (before != after) & ~np.isnan(before)
    rows = np.flatnonzero(moved.any(axis=1))
    was, now = skewness_and_kurtosis(before), skewness_and_kurtosis(after)
    clipped = (winsorised(before) == after) | np.isnan(before)
    return tuple(
        TreatedIndicator(
            indicator=index.structure.indicators[row].key,
            method="winsorise" if clipped[row].all() else "log",
            skewness_before=float(was[0][row]),
            kurtosis_before=float(was[1][row]),
            skewness_after=_number(now[0][row]),
            kurtosis_after=_number(now[1][row]),
            still_outlying=bool(has_outliers(after[row])),
            points=tuple(
                TreatedPoint(units[column], float(before[row, column]), float(after[row, column]))
                for column in np.flatnonzero(moved[row])
            ),
        )
        for row in rows
    )


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _keys(structure: IndexStructure) -> list[str]:
    return [node.key for node in structure.indicators]


def _first_reasons(rejected: tuple[RejectedRow, ...]) -> str:
    first = ", ".join(f"line {row.line}: {row.reason}" for row in rejected[:3] if row.line)
    return first + ", …" * (len(rejected) > 3)


def weighted_nodes(result: IndexResult) -> tuple[tuple[Node, float], ...]:
    """Every node with the weight it had, summing to 1 within each family."""
    return tuple(
        (node, float(weight)) for node, weight in zip(result.index.structure.nodes, result.index.weights, strict=True)
    )
