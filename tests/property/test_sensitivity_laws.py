"""Laws of rank intervals and variance shares, against analytic results and plain repetition."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from features.composite.aggregation import Aggregation
from features.composite.imputation import Imputation
from features.composite.index import Method, composite_index
from features.composite.normalisation import Normalisation, min_max
from features.composite.ranking import competition_ranks
from features.composite.structure import Matrix, Node, index_structure, nested_structure
from features.composite.treatment import Treatment
from features.composite.weighting import Weighting
from features.errors import InvalidInputError
from features.sensitivity import Choice, Choices, SensitivityResult, rank_sensitivity
from features.sobol import VarianceShares, variance_shares

few = settings(max_examples=15, deadline=None)

TREE = nested_structure({"top": {"p": 2.0, "q": 1.0}, "p": {"a": 1.0, "b": 3.0}, "q": {"c": 1.0, "d": 2.0}})
FIGURES = st.one_of(st.integers(-9, 9).map(float), st.just(float("nan")))
VALUES = arrays(np.float64, st.tuples(st.just(4), st.integers(2, 6)), elements=FIGURES)
METHODS = st.builds(
    Method,
    imputation=st.sampled_from(Imputation),
    treatment=st.sampled_from(Treatment),
    normalisation=st.sampled_from((Normalisation.MINMAX, Normalisation.ZSCORE, Normalisation.RANK)),
    weighting=st.sampled_from(Weighting),
    aggregation=st.sampled_from(Aggregation),
)


def only(method: Method, **varied: Any) -> Choices:
    """No choice but the method's, apart from what is varied."""
    fixed: dict[str, Any] = {
        "imputation": (method.imputation,),
        "treatment": (method.treatment,),
        "normalisation": (method.normalisation,),
        "weighting": (method.weighting,),
        "aggregation": (method.aggregation,),
        "weight_noise": 0.0,
        "leaves_one_out": False,
    }
    return Choices(**(fixed | varied))


def sensitivity(values: Matrix, seed: int = 1, **given: Any) -> SensitivityResult:
    return rank_sensitivity(values, TREE, np.random.default_rng(seed), **given)


def shares_of(model: Any, inputs: int, runs: int) -> VarianceShares:
    a, b = np.random.default_rng(7).uniform(size=(2, runs, inputs))
    mixed = []
    for column in range(inputs):
        x = a.copy()
        x[:, column] = b[:, column]
        mixed.append(model(x))
    return variance_shares(model(a), model(b), np.array(mixed))


def ishigami(x: Matrix) -> Matrix:
    """Ishigami & Homma 1990 with a = 7, b = 0.1, inputs from -pi to pi."""
    z = np.pi * (2 * x - 1)
    result: Matrix = np.sin(z[:, 0]) + 7 * np.sin(z[:, 1]) ** 2 + 0.1 * z[:, 2] ** 4 * np.sin(z[:, 0])
    return result


def test_shares_of_the_ishigami_function_are_the_known_ones() -> None:
    shares = shares_of(ishigami, 3, 60_000)
    np.testing.assert_allclose(shares.first_order, [0.3139, 0.4424, 0.0], atol=0.02)
    np.testing.assert_allclose(shares.total, [0.5576, 0.4424, 0.2437], atol=0.02)
    assert shares.variance == pytest.approx(13.8446, rel=0.02)


def test_without_interactions_first_order_and_total_agree_and_sum_to_one() -> None:
    weights = np.array([1.0, 2.0, 4.0])
    shares = shares_of(lambda x: x @ weights, 3, 60_000)
    known = weights**2 / (weights**2).sum()
    np.testing.assert_allclose(shares.first_order, known, atol=0.02)
    np.testing.assert_allclose(shares.total, known, atol=0.02)


def test_a_pure_interaction_has_no_first_order_and_is_counted_in_every_total() -> None:
    shares = shares_of(lambda x: np.sign(x[:, 0] - 0.5) * np.sign(x[:, 1] - 0.5), 2, 60_000)
    np.testing.assert_allclose(shares.first_order, [0, 0], atol=0.02)
    np.testing.assert_allclose(shares.total, [1, 1], atol=0.02)


def test_what_does_not_vary_has_no_shares() -> None:
    assert np.isnan(shares_of(lambda x: np.ones(len(x)), 2, 10).total).all()


@few
@given(VALUES, METHODS)
def test_without_alternatives_every_ranking_is_the_index_itself(values: Matrix, method: Method) -> None:
    groups = np.arange(values.shape[1]) % 2
    found = sensitivity(values, choices=only(method), method=method, groups=groups, draws=2)
    expected = composite_index(values, TREE, method, groups).ranks[len(TREE.indicators) :]
    for ranks in (found.rank_lower, found.rank_median, found.rank_mean, found.rank_upper):
        np.testing.assert_array_equal(ranks, expected)
    assert found.choices == ()


@few
@given(VALUES, METHODS)
def test_each_alternative_of_a_choice_comes_equally_often(values: Matrix, method: Method) -> None:
    aggregations = tuple(Aggregation)
    found = sensitivity(values, choices=only(method, aggregation=aggregations), draws=2 * len(aggregations))
    rankings = np.array(
        [
            composite_index(
                values,
                TREE,
                Method(method.imputation, method.treatment, method.normalisation, method.weighting, aggregation),
            ).ranks[len(TREE.indicators) :]
            for aggregation in aggregations
        ]
    )
    if method.weighting in (Weighting.GIVEN, Weighting.EQUAL):  # learnt weights come from one method
        np.testing.assert_allclose(found.rank_mean, rankings.mean(axis=0), atol=1e-5)
        np.testing.assert_array_equal(found.rank_lower, rankings.min(axis=0))
        np.testing.assert_array_equal(found.rank_upper, rankings.max(axis=0))


@few
@given(VALUES)
def test_leaving_out_is_the_index_without_the_indicator(values: Matrix) -> None:
    found = sensitivity(values, choices=only(Method(), leaves_one_out=True), draws=10)
    rankings = [composite_index(values, TREE).ranks[-1]]
    for row, left_out in enumerate(TREE.indicators):
        kept = index_structure(node for node in TREE.nodes if node is not left_out)
        rankings.append(composite_index(np.delete(values, row, axis=0), kept).ranks[-1])
    known = ~np.isnan(rankings).any(axis=0)
    np.testing.assert_allclose(found.rank_mean[-1][known], np.mean(rankings, axis=0)[known], atol=1e-5)


@few
@given(VALUES, st.integers(0, 2**32 - 1))
def test_uncertain_figures_give_the_rankings_of_their_draws(values: Matrix, seed: int) -> None:
    draws = values + np.random.default_rng(seed).normal(size=(6, *values.shape))
    found = sensitivity(values, choices=only(Method()), data_draws=draws, draws=12)
    rankings = np.array([composite_index(drawn, TREE).ranks[len(TREE.indicators) :] for drawn in draws])
    np.testing.assert_allclose(found.rank_mean, rankings.mean(axis=0), atol=1e-5)
    assert found.choices == (Choice.DATA,)


@few
@given(st.integers(0, 2**32 - 1), st.integers(2, 6), st.randoms(use_true_random=False))
def test_intervals_follow_the_units_and_the_seed_alone(drawn: int, units: int, random: Any) -> None:
    # figures without ties: whether two scores are equal to the ninth digit can hang on the order of adding
    values = np.random.default_rng(drawn).normal(size=(4, units))
    order = list(range(values.shape[1]))
    random.shuffle(order)
    there, again = sensitivity(values, draws=40), sensitivity(values, draws=40)
    here = sensitivity(values[:, order], draws=40)
    np.testing.assert_array_equal(there.rank_lower, again.rank_lower)
    np.testing.assert_array_equal(here.rank_upper, there.rank_upper[:, order])
    np.testing.assert_allclose(here.total, there.total[..., order], atol=1e-9)


@few
@given(VALUES)
def test_intervals_hold_the_median_and_are_ranks(values: Matrix) -> None:
    found = sensitivity(values, draws=40)
    scored = ~np.isnan(found.rank_median)
    lower, median, upper = (x[scored] for x in (found.rank_lower, found.rank_median, found.rank_upper))
    assert ((lower >= 1) & (lower <= median) & (median <= upper) & (upper <= values.shape[1])).all()
    assert (lower == np.round(lower)).all()


def test_who_is_best_on_everything_is_first_whatever_is_chosen() -> None:
    values = np.vstack([np.arange(8.0) + 10 * (np.arange(8) == 7), np.roll(np.arange(8.0), 1), np.arange(8.0) ** 2])
    values[1, 7] = 9.0
    tree = nested_structure({"top": {"a": 1.0, "b": 1.0, "c": 1.0}})
    found = rank_sensitivity(values, tree, np.random.default_rng(3), draws=400)
    assert (found.rank_lower[0, 7], found.rank_upper[0, 7]) == (1, 1)
    assert np.isnan(found.total[0, :, 7]).all()


def test_one_uncertain_choice_explains_everything_and_shares_sum_as_they_must() -> None:
    rng = np.random.default_rng(5)
    values = rng.normal(size=(4, 30))
    draws = values + 0.5 * rng.normal(size=(400, 4, 30))
    alone = sensitivity(values, choices=only(Method()), data_draws=draws, draws=4000)
    np.testing.assert_allclose(alone.overall_total, 1, atol=0.05)
    np.testing.assert_allclose(alone.overall_first_order, 1, atol=0.05)
    together = sensitivity(values, data_draws=draws, draws=4000)
    assert together.overall_first_order.sum() <= 1.05
    assert together.overall_total.sum() >= 0.95
    assert (together.overall_total >= together.overall_first_order - 0.03).all()
    assert set(together.choices) == set(Choice) - {Choice.IMPUTATION}  # nothing is missing


def test_sharper_figures_give_narrower_intervals_and_a_smaller_share() -> None:
    rng = np.random.default_rng(6)
    values, noise = rng.normal(size=(4, 40)), rng.normal(size=(300, 4, 40))
    sharp, blurred = (sensitivity(values, data_draws=values + size * noise, draws=600) for size in (0.05, 1.0))
    data = blurred.choices.index(Choice.DATA)
    assert (blurred.rank_upper - blurred.rank_lower).mean() > (sharp.rank_upper - sharp.rank_lower).mean()
    assert blurred.overall_total[0, data] > sharp.overall_total[0, data]


@pytest.mark.parametrize("draws", [1, 0, -5])
def test_too_few_draws_are_refused(draws: int) -> None:
    with pytest.raises(InvalidInputError, match="2 or more"):
        sensitivity(np.ones((4, 3)), draws=draws)


def test_every_index_leaves_out_one_of_its_own_indicators_equally_often() -> None:
    forest = index_structure(
        [Node("x", None), Node("y", None), *(Node(key, "x") for key in "ab"), *(Node(key, "y") for key in "cde")]
    )
    values = np.random.default_rng(8).normal(size=(5, 6))
    found = rank_sensitivity(
        values, forest, np.random.default_rng(8), choices=only(Method(), leaves_one_out=True), draws=24
    )
    for top, rows in ((0, [0, 1]), (1, [2, 3, 4])):
        rankings = [
            competition_ranks(np.mean([min_max(values[row]) for row in rows if row != left_out], axis=0))
            for left_out in (None, *rows)
        ]
        np.testing.assert_allclose(found.rank_mean[top], np.mean(rankings, axis=0), atol=1e-5)


def test_several_tops_get_shares_of_their_own() -> None:
    forest = index_structure(
        [Node("x", None), Node("y", None), Node("a", "x"), Node("b", "x"), Node("c", "y"), Node("d", "y")]
    )
    values = np.random.default_rng(2).normal(size=(4, 9))
    found = rank_sensitivity(values, forest, np.random.default_rng(2), draws=60)
    assert found.roots == ("x", "y")
    assert found.total.shape == (2, len(found.choices), 9)
    alone = nested_structure({"x": {"a": 1.0, "b": 1.0}})
    np.testing.assert_array_equal(
        rank_sensitivity(values[:2], alone, np.random.default_rng(2), choices=only(Method()), draws=2).rank_mean[0],
        rank_sensitivity(values, forest, np.random.default_rng(2), choices=only(Method()), draws=2).rank_mean[0],
    )
