"""Laws of composite indicators, against slow and obvious reference code on small cases."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy import stats
from scipy.optimize import nnls

from features.composite.aggregation import (
    Aggregation,
    aggregated,
    majority_scores,
    outranking_matrix,
    shares_outranked,
)
from features.composite.imputation import Imputation, imputed
from features.composite.index import CompositeIndex, Method, composite_index, weight_known
from features.composite.normalisation import Normalisation, min_max, rank_scores, z_scores
from features.composite.ranking import competition_ranks, lowest_ranks, middle_ranks
from features.composite.structure import IndexStructure, Matrix, Node, index_structure
from features.composite.treatment import (
    KURTOSIS_LIMIT,
    MOST_WINSORISED,
    SKEWNESS_LIMIT,
    Treatment,
    skewness_and_kurtosis,
    treated,
    winsorised,
)
from features.composite.weighting import Weighting, balanced_weights, given_weights, weights_of

few = settings(max_examples=25)

FIGURES = st.integers(-30, 30).map(float)
GAPPY = st.one_of(FIGURES, st.just(float("nan")))
SHARES = st.floats(1, 100)
MONOTONE = [
    (normalisation, aggregation)
    for normalisation in (Normalisation.MINMAX, Normalisation.ZSCORE, Normalisation.RANK)
    for aggregation in (Aggregation.ARITHMETIC, Aggregation.GEOMETRIC, Aggregation.HARMONIC, Aggregation.COPELAND)
]
TREE = index_structure(
    [
        Node("top", None),
        Node("p", "top", 2.0),
        Node("q", "top", 1.0),
        Node("a", "p", 1.0),
        Node("b", "p", 3.0, -1),
        Node("c", "q", 1.0),
        Node("d", "q", 1.5, -1),
        Node("e", "top", 0.5),
    ]
)

FLAT = index_structure([Node("top", None), *(Node(key, "top") for key in "abcde")])


def matrices(figures: st.SearchStrategy[float], rows: int = 5, units: int = 6) -> st.SearchStrategy[Matrix]:
    return arrays(np.float64, st.tuples(st.just(rows), st.integers(2, units)), elements=figures)


def scored(values: Matrix, structure: IndexStructure = TREE, **choices: Any) -> CompositeIndex:
    return composite_index(values, structure, Method(**choices))


@few
@given(matrices(GAPPY), st.randoms(use_true_random=False), st.sampled_from(Normalisation), st.sampled_from(Aggregation))
def test_the_order_of_units_does_not_matter(
    values: Matrix, random: Any, normalisation: Normalisation, aggregation: Aggregation
) -> None:
    order = list(range(values.shape[1]))
    random.shuffle(order)
    there = scored(values, normalisation=normalisation, aggregation=aggregation)
    here = scored(values[:, order], normalisation=normalisation, aggregation=aggregation)
    np.testing.assert_allclose(here.scores, there.scores[:, order], atol=1e-9)
    np.testing.assert_array_equal(here.ranks, there.ranks[:, order])


@few
@given(st.permutations(TREE.nodes))
def test_the_order_of_rows_does_not_matter(nodes: list[Node]) -> None:
    assert index_structure(nodes) == TREE


@few
@given(
    matrices(GAPPY),
    arrays(np.float64, 5, elements=st.floats(0.1, 50)),
    arrays(np.float64, 5, elements=st.floats(-50, 50)),
    st.sampled_from(MONOTONE),
    st.sampled_from(Treatment),
)
def test_another_unit_of_measurement_changes_nothing(
    values: Matrix,
    factor: NDArray[np.float64],
    shift: NDArray[np.float64],
    way: tuple[Normalisation, Aggregation],
    treatment: Treatment,
) -> None:
    changed = np.round(values * factor[:, None] + shift[:, None], 9)
    there, here = (
        scored(figures, normalisation=way[0], aggregation=way[1], treatment=treatment) for figures in (values, changed)
    )
    np.testing.assert_allclose(here.scores, there.scores, atol=1e-5)


@few
@given(matrices(FIGURES), st.integers(0, 4), st.integers(0, 6), st.integers(1, 40), st.sampled_from(MONOTONE))
def test_a_better_value_never_lowers_the_score_and_under_means_never_the_rank(
    values: Matrix, row: int, unit: int, step: int, way: tuple[Normalisation, Aggregation]
) -> None:
    unit %= values.shape[1]
    # An indicator that does not differ has no score at all, so that its first difference may cost somebody.
    assume(all(np.ptp(figures) > 0 for figures in values))
    better = values.copy()
    better[row, unit] += step * TREE.indicators[row].direction
    assume(np.ptp(better[row]) > 0)
    before, after = (scored(figures, normalisation=way[0], aggregation=way[1]) for figures in (values, better))
    count = len(TREE.indicators)
    assert (after.scores[count:, unit] >= before.scores[count:, unit] - 1e-9).all()
    if way[1] is not Aggregation.COPELAND:  # where overtaking one unit can lift a third above both
        assert (after.ranks[count:, unit] <= before.ranks[count:, unit]).all()


@few
@given(matrices(GAPPY), st.sampled_from(list(Normalisation)))
def test_turning_direction_and_figures_changes_nothing(values: Matrix, normalisation: Normalisation) -> None:
    turned = replace(TREE, indicators=tuple(replace(node, direction=-node.direction) for node in TREE.indicators))
    there, here = scored(values, normalisation=normalisation), scored(-values, turned, normalisation=normalisation)
    np.testing.assert_allclose(here.scores, there.scores, atol=1e-9)


@few
@given(matrices(FIGURES))
def test_turning_every_direction_turns_min_max_scores_round(values: Matrix) -> None:
    turned = replace(TREE, indicators=tuple(replace(node, direction=-node.direction) for node in TREE.indicators))
    np.testing.assert_allclose(scored(values, turned).scores, 100 - scored(values).scores, atol=1e-9)


@few
@given(matrices(GAPPY))
def test_missing_values_leave_a_mean_over_what_is_known(values: Matrix) -> None:
    index = scored(values)
    rows = TREE.rows()
    for unit in range(values.shape[1]):
        known = {
            node.key: score
            for node, score in zip(TREE.indicators, index.normalised[:, unit], strict=True)
            if not np.isnan(score)
        }
        for aggregate in TREE.aggregates:
            children = [node for node in TREE.nodes if node.parent == aggregate.key and node.key in known]
            if children:
                weight = sum(child.weight for child in children)
                known[aggregate.key] = sum(child.weight * known[child.key] for child in children) / weight
            found = index.scores[rows[aggregate.key], unit]
            assert found == pytest.approx(known.get(aggregate.key, float("nan")), abs=1e-9, nan_ok=True)


@few
@given(matrices(GAPPY))
def test_the_known_share_of_weight_is_the_plain_product_down_the_tree(values: Matrix) -> None:
    shares = weight_known(~np.isnan(values), TREE, given_weights(TREE))
    for unit in range(values.shape[1]):
        known = dict(zip("abcde", ~np.isnan(values[[TREE.rows()[key] for key in "abcde"], unit]), strict=True))
        first = (known["a"] + 3 * known["b"]) / 4
        second = (known["c"] + 1.5 * known["d"]) / 2.5
        expected = {"p": first, "q": second, "top": (2 * first + second + 0.5 * known["e"]) / 3.5}
        for node, share in zip(TREE.aggregates, shares[:, unit], strict=True):
            assert share == pytest.approx(expected[node.key], abs=1e-12)


@few
@given(matrices(SHARES), arrays(np.float64, 5, elements=st.floats(0.1, 10)))
def test_means_lie_between_the_scores_in_the_order_of_their_severity(scores: Matrix, weights: Matrix) -> None:
    arithmetic, geometric, harmonic = (
        aggregated(scores, FLAT, np.append(weights, 1.0), aggregation)[0]
        for aggregation in (Aggregation.ARITHMETIC, Aggregation.GEOMETRIC, Aggregation.HARMONIC)
    )
    np.testing.assert_allclose(arithmetic, np.average(scores, axis=0, weights=weights))
    alike = np.broadcast_to(weights[:, None], scores.shape)
    np.testing.assert_allclose(geometric, stats.gmean(scores, axis=0, weights=alike))
    np.testing.assert_allclose(harmonic, stats.hmean(scores, axis=0, weights=alike))
    assert (scores.max(axis=0) + 1e-9 >= arithmetic).all()
    assert (arithmetic >= geometric - 1e-9).all()
    assert (geometric >= harmonic - 1e-9).all()
    assert (harmonic >= scores.min(axis=0) - 1e-9).all()


def outranked_by_counting(scores: Matrix, weights: Matrix) -> list[float]:
    """Row sums of COINr's outranking matrix, pair by pair."""
    units, total = range(scores.shape[1]), weights.sum()
    return [
        sum(
            weight * (1.0 if child[i] > child[j] else 0.5 if child[i] == child[j] else 0.0) / total
            for j in units
            if j != i
            for child, weight in zip(scores, weights, strict=True)
        )
        for i in units
    ]


def won_by_counting(scores: Matrix, weights: list[int]) -> list[float]:
    """Pairs won on more than half of the weight that both units have scores for, ties half."""
    units = range(scores.shape[1])
    points = [0.0] * len(units)
    for i in units:
        for j in units:
            if i == j or np.isnan(scores[:, j]).all():
                continue
            both = [
                (child[i] - child[j], weight)
                for child, weight in zip(scores, weights, strict=True)
                if not np.isnan(child[i] - child[j])
            ]
            lead = sum(weight * np.sign(ahead) for ahead, weight in both)
            points[i] += 1.0 if lead > 0 else 0.5 if lead == 0 else 0.0
        if np.isnan(scores[:, i]).all():
            points[i] = float("nan")
    return points


@few
@given(matrices(FIGURES), arrays(np.float64, 5, elements=st.floats(0.1, 10)))
def test_copeland_scores_are_the_row_sums_of_the_outranking_matrix(scores: Matrix, weights: Matrix) -> None:
    found = aggregated(scores, FLAT, np.append(weights, 1.0), Aggregation.COPELAND)[0]
    np.testing.assert_allclose(found, outranked_by_counting(scores, weights), atol=1e-9)
    np.testing.assert_allclose(found, outranking_matrix(scores, weights).sum(axis=1), atol=1e-9)
    assert found.sum() == pytest.approx(found.size * (found.size - 1) / 2)


@few
@given(matrices(FIGURES))
def test_the_two_sides_of_an_outranking_matrix_sum_to_one(scores: Matrix) -> None:
    shares = outranking_matrix(scores, np.arange(1.0, 6.0))
    np.testing.assert_allclose(shares + shares.T, 1 - np.eye(len(shares)), atol=1e-12)


@few
@given(matrices(GAPPY), st.lists(st.integers(1, 5), min_size=5, max_size=5))
def test_majority_scores_are_those_of_plain_counting(scores: Matrix, weights: list[int]) -> None:
    np.testing.assert_allclose(
        majority_scores(scores, np.array(weights, dtype=float)), won_by_counting(scores, weights)
    )


@few
@given(matrices(GAPPY))
def test_outranked_units_are_counted_among_those_with_a_score(scores: Matrix) -> None:
    found, units = shares_outranked(scores), scores.shape[1]
    for child, outranked in zip(scores, found, strict=True):
        known = child[~np.isnan(child)]
        for value, count in zip(child, outranked, strict=True):
            if np.isnan(value) or known.size == 1:
                assert np.isnan(count)
            else:
                plain = (known < value).sum() + ((known == value).sum() - 1) / 2
                assert count == pytest.approx(plain / (known.size - 1) * (units - 1))


@few
@given(matrices(GAPPY))
def test_ranks_are_those_of_scipy(values: Matrix) -> None:
    lowest = stats.rankdata(values, method="min", axis=-1, nan_policy="omit")
    middle = stats.rankdata(values, method="average", axis=-1, nan_policy="omit")
    np.testing.assert_array_equal(lowest_ranks(values), lowest)
    np.testing.assert_array_equal(middle_ranks(values), middle)


@few
@given(st.lists(st.integers(0, 3), min_size=2, max_size=9), st.sampled_from([0.0, 1.0, -1.0, 1e300, 3.7]))
def test_ranks_tell_apart_what_differs_in_the_last_bit_only(steps: list[int], start: float) -> None:
    values = np.full(len(steps), start)
    for place, step in enumerate(steps):
        for _ in range(step):
            values[place] = np.nextafter(values[place], np.inf)
    np.testing.assert_array_equal(lowest_ranks(values), stats.rankdata(steps, method="min"))


@few
@given(arrays(np.float64, st.integers(1, 12), elements=FIGURES))
def test_rank_one_is_the_highest_and_ties_share_the_lowest_rank(scores: Matrix) -> None:
    assert competition_ranks(scores).tolist() == [1 + sum(other > score for other in scores) for score in scores]


@few
@given(matrices(GAPPY))
def test_normalised_scores_are_those_of_the_textbook(values: Matrix) -> None:
    for figures, stretched, standardised, ranked in zip(
        values, min_max(values), z_scores(values), rank_scores(values), strict=True
    ):
        known = figures[~np.isnan(figures)]
        if known.size == 0 or np.ptp(known) == 0:
            assert np.isnan(np.concatenate([stretched, standardised, ranked])).all()
            continue
        has = ~np.isnan(figures)
        np.testing.assert_allclose(stretched[has], (known - known.min()) / np.ptp(known) * 100)
        np.testing.assert_allclose(standardised[has], stats.zscore(known, ddof=1), atol=1e-12)
        assert ranked[has].tolist() == [1 + sum(other < value for other in known) for value in known]
        assert np.isnan(stretched[~has]).all()


@few
@given(matrices(GAPPY, units=25))
def test_skewness_and_kurtosis_are_those_of_scipy(values: Matrix) -> None:
    for figures, skew, kurt in zip(values, *skewness_and_kurtosis(values), strict=True):
        known = figures[~np.isnan(figures)]
        if known.size >= 4 and np.ptp(known) > 0:
            assert skew == pytest.approx(stats.skew(known, bias=False), abs=1e-9)
            assert kurt == pytest.approx(stats.kurtosis(known, bias=False), abs=1e-9)


def winsorised_one_by_one(values: list[float]) -> list[float]:
    """COINr's rule for one indicator, point by point."""
    now = np.array(values)
    high: set[int] = set()
    low: set[int] = set()
    while len(high) + len(low) < MOST_WINSORISED:
        known = now[~np.isnan(now)]
        if known.size < 4 or np.ptp(known) == 0:
            break
        skew, kurt = stats.skew(known, bias=False), stats.kurtosis(known, bias=False)
        if abs(skew) < SKEWNESS_LIMIT or kurt < KURTOSIS_LIMIT:
            break
        end = known.max() if skew >= 0 else known.min()
        rest = known[known != end]
        if np.ptp(rest) == 0:
            break
        at_end = set(np.flatnonzero(now == end).tolist())
        high, low = (at_end, low) if skew >= 0 else (high, at_end)
        now[now == end] = rest.max() if skew >= 0 else rest.min()
    return [float(value) for value in now]


LONG_TAILED = st.one_of(st.integers(0, 6).map(float), st.sampled_from([40.0, 60.0, 90.0, -50.0, float("nan")]))


@few
@given(arrays(np.float64, st.tuples(st.just(3), st.integers(5, 40)), elements=LONG_TAILED))
def test_winsorised_values_are_those_of_the_rule_followed_point_by_point(values: Matrix) -> None:
    moments = np.array(skewness_and_kurtosis(values))
    assume(not (np.abs(np.abs(moments) - [[SKEWNESS_LIMIT], [KURTOSIS_LIMIT]]) < 1e-6).any())
    for before, after in zip(values, winsorised(values), strict=True):
        np.testing.assert_array_equal(after, winsorised_one_by_one(before.tolist()))


@few
@given(arrays(np.float64, st.tuples(st.just(3), st.integers(5, 40)), elements=LONG_TAILED), st.sampled_from(Treatment))
def test_treatment_keeps_the_order_of_values_and_what_is_missing(values: Matrix, treatment: Treatment) -> None:
    for before, after in zip(values, treated(values, treatment), strict=True):
        np.testing.assert_array_equal(np.isnan(before), np.isnan(after))
        order = np.argsort(before)
        assert (np.diff(after[order])[~np.isnan(np.diff(after[order]))] >= 0).all()


@few
@given(matrices(GAPPY), st.sampled_from(Imputation))
def test_imputation_fills_gaps_and_only_gaps(values: Matrix, method: Imputation) -> None:
    groups = np.arange(values.shape[1]) % 2
    filled = imputed(values, method, groups)
    known = ~np.isnan(values)
    np.testing.assert_array_equal(filled[known], values[known])
    middles: dict[str, Callable[[Matrix], Any]] = {"mean": np.mean, "median": np.median}
    middle = middles.get(method.value.removeprefix("group_"))
    for figures, now in zip(values, filled, strict=True):
        for unit in np.flatnonzero(np.isnan(figures)):
            inside = groups == groups[unit] if method.value.startswith("group") else np.full(len(figures), True)
            others = figures[inside & ~np.isnan(figures)]
            if middle is None or others.size == 0:
                assert np.isnan(now[unit])
            else:
                assert now[unit] == pytest.approx(middle(others))


@few
@given(matrices(SHARES, units=12), st.sampled_from(Weighting))
def test_weights_sum_to_one_within_every_family(scores: Matrix, weighting: Weighting) -> None:
    weights = weights_of(scores, TREE, weighting, Aggregation.ARITHMETIC)
    assert (weights >= 0).all()
    for _, children in TREE.families():
        assert weights[children].sum() == pytest.approx(1)


@few
@given(arrays(np.float64, (3, 12), elements=st.floats(0, 100)), st.lists(st.integers(1, 4), min_size=3, max_size=3))
def test_balanced_weights_give_every_child_the_influence_asked_for(scores: Matrix, importance: list[int]) -> None:
    assume(all(np.std(child) > 1 for child in scores))
    wanted = np.array(importance, dtype=float)
    assume(
        (nnls(np.atleast_2d(np.corrcoef(scores)), wanted)[0] > 1e-6).all()
    )  # otherwise no positive weights can do it
    weights = balanced_weights(scores, wanted)
    parent = weights @ scores
    assume(np.std(parent) > 1e-3)
    correlations = np.array([np.corrcoef(child, parent)[0, 1] for child in scores])
    np.testing.assert_allclose(correlations / correlations.sum(), np.array(importance) / sum(importance), atol=1e-6)


def test_balanced_weights_of_children_that_oppose_each_other_are_the_importance() -> None:
    scores = np.array([[1.0, 2, 3, 4], [4.0, 3, 2, 1]])
    np.testing.assert_allclose(balanced_weights(scores, np.array([1.0, 1.0])), [0.5, 0.5])
