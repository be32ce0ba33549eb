import numpy as np
import pytest

from features.composite.aggregation import Aggregation
from features.composite.index import Method, composite_index, normalised_for
from features.composite.normalisation import Normalisation, normalised, towards_bands
from features.composite.structure import Node, index_structure, nested_structure
from features.composite.treatment import Treatment, treated
from features.composite.weighting import Weighting, component_weights, weights_of
from features.errors import InvalidInputError


@pytest.mark.parametrize(
    "nodes",
    [
        [Node("top", None), Node("a", "top"), Node("a", "top")],
        [Node("top", None), Node("a", "nowhere")],
        [Node("top", None), Node("a", "top", 0.0)],
        [Node("top", None), Node("a", "top", float("nan"))],
        [Node("top", None), Node("a", "top", 1.0, 2)],
        [Node("top", None), Node("a", "top"), Node("x", "y"), Node("y", "x")],
        [Node("alone", None)],
        [Node("top", None), Node("a", "top"), Node("alone", None)],
    ],
)
def test_a_structure_that_does_not_hang_together_is_refused(nodes: list[Node]) -> None:
    with pytest.raises(InvalidInputError):
        index_structure(nodes)


def test_levels_count_from_the_indicators_even_in_a_crooked_tree() -> None:
    tree = nested_structure({"top": {"p": 1.0, "x": 1.0}, "p": {"q": 1.0, "y": 1.0}, "q": {"z": 1.0}})
    levels = dict(zip((node.key for node in tree.nodes), tree.levels().tolist(), strict=True))
    assert levels == {"x": 1, "y": 1, "z": 1, "q": 2, "p": 3, "top": 4}
    assert [node.key for node in tree.aggregates] == ["q", "p", "top"]


def test_children_stand_together_whatever_the_names() -> None:
    tree = nested_structure({"m": {"z": 1.0, "a": 1.0}, "n": {"b": 1.0, "y": 1.0}})
    assert [node.key for node in tree.indicators] == ["a", "z", "b", "y"]


@pytest.mark.parametrize(
    ("aggregation", "scale"),
    [(Aggregation.GEOMETRIC, (0.0, 100.0)), (Aggregation.ARITHMETIC, (5.0, 5.0)), (Aggregation.HARMONIC, (-1.0, 1.0))],
)
def test_a_scale_that_the_mean_cannot_bear_is_refused(aggregation: Aggregation, scale: tuple[float, float]) -> None:
    with pytest.raises(InvalidInputError, match="scale"):
        Method(aggregation=aggregation, scale=scale)


def test_z_scores_before_a_geometric_mean_are_stretched_to_a_positive_scale() -> None:
    tree = nested_structure({"top": {"a": 1.0, "b": 1.0}})
    values = np.array([[1.0, 2.0, 4.0], [3.0, 9.0, 4.0]])
    scores = normalised_for(values, tree, Normalisation.ZSCORE, Aggregation.GEOMETRIC)
    np.testing.assert_allclose(scores, normalised(values, tree, Normalisation.MINMAX, (1.0, 100.0)))


def test_ranks_before_a_geometric_mean_stay_ranks() -> None:
    tree = nested_structure({"top": {"a": 1.0, "b": 1.0}})
    index = composite_index(
        np.array([[1.0, 2.0, 4.0], [3.0, 9.0, 4.0]]),
        tree,
        Method(normalisation=Normalisation.RANK, aggregation=Aggregation.GEOMETRIC),
    )
    np.testing.assert_allclose(index.scores[-1], [1.0, 6**0.5, 6**0.5])


def test_bands_and_goalposts_are_used_where_declared_and_min_max_elsewhere() -> None:
    tree = index_structure(
        [
            Node("top", None),
            Node("band", "top", band=(4.0, 6.0)),
            Node("open", "top", direction=-1, band=(-np.inf, 6.0)),
            Node("plain", "top"),
            Node("posts", "top", direction=-1, goalposts=(0.0, 10.0)),
        ]
    )
    values = np.array([[2.0, 5.0, 10.0], [2.0, 5.0, 10.0], [2.0, 5.0, 10.0], [2.0, 5.0, 12.0]])
    banded = normalised(values, tree, Normalisation.BAND)
    np.testing.assert_allclose(banded, np.array([[50, 100, 0], [100, 100, 0], [0, 37.5, 100], [100, 70, 0]]))
    posted = normalised(values, tree, Normalisation.GOALPOSTS)
    np.testing.assert_allclose(posted[-1], [80, 50, 0])
    np.testing.assert_allclose(posted[:3], np.array([[0, 37.5, 100], [100, 62.5, 0], [0, 37.5, 100]]))


def test_distances_from_a_band_normalise_to_the_band_scores() -> None:
    tree = index_structure([Node("top", None), Node("a", "top", direction=-1, band=(4.0, 6.0)), Node("b", "top")])
    values = np.array([[2.0, 5.0, 10.0, 6.5], [2.0, 5.0, 10.0, 3.0]])
    turned, plain = towards_bands(values, tree)
    np.testing.assert_allclose(
        normalised(turned, plain, Normalisation.MINMAX), normalised(values, tree, Normalisation.BAND)
    )


def test_everybody_within_the_band_gets_the_full_score() -> None:
    tree = index_structure([Node("top", None), Node("a", "top", band=(0.0, 9.0))])
    assert normalised(np.array([[1.0, 2.0]]), tree, Normalisation.BAND).tolist() == [[100.0, 100.0]]


def test_one_unit_apart_from_all_others_is_not_winsorised_away() -> None:
    values = np.array([0.0] * 29 + [1.0])
    assert treated(values, Treatment.WINSORISE).tolist() == values.tolist()
    assert treated(values, Treatment.AUTO).tolist() == pytest.approx([np.log(0.01)] * 29 + [np.log(1.01)])


def test_a_logarithm_draws_low_outliers_in_and_not_further_out() -> None:
    high = np.array([1.0, 2, 3, 4, 5, 6, 7, 8, 9, 100])
    np.testing.assert_allclose(treated(-high, Treatment.LOG), -treated(high, Treatment.LOG))


def test_first_component_of_equally_correlated_scores_weighs_them_equally() -> None:
    scores = np.array([[1.0, 2, 3, 4, 5], [2.0, 1, 3, 5, 4], [1.0, 3, 2, 4, 5]])
    weights = component_weights(scores[:2], np.ones(2))
    np.testing.assert_allclose(weights, [0.5, 0.5])


def test_first_component_weights_are_its_loadings() -> None:
    rng = np.random.default_rng(4)
    common = rng.normal(size=200)
    scores = np.array([common + noise * rng.normal(size=200) for noise in (0.2, 0.5, 1.5)])
    correlations = np.corrcoef(scores)
    vector = np.ones(3)
    for _ in range(500):  # power iteration: the eigenvector by another road
        vector = correlations @ vector
        vector /= np.linalg.norm(vector)
    np.testing.assert_allclose(component_weights(scores, np.ones(3)), vector / vector.sum(), atol=1e-9)


def test_what_runs_against_the_others_gets_no_weight_from_the_component() -> None:
    line = np.arange(6.0)
    scores = np.array([line, line + np.array([0, 1, 0, 0, 0, 1]), -line])
    assert component_weights(scores, np.ones(3))[2] == 0


def test_learnt_weights_fall_back_to_the_declared_where_nothing_can_be_learnt() -> None:
    tree = nested_structure({"top": {"a": 1.0, "b": 3.0}})
    scores = np.array([[1.0, 2.0], [1.0, np.nan]])
    for weighting in (Weighting.PCA, Weighting.BALANCED):
        assert weights_of(scores, tree, weighting, Aggregation.ARITHMETIC).tolist() == [0.25, 0.75, 1.0]
