"""Composite indicators worked out by hand, step by step."""

import tomllib
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from features.composite.aggregation import Aggregation, outranking_matrix
from features.composite.correlation import correlation_structure
from features.composite.index import CompositeIndex, Method, composite_index
from features.composite.normalisation import Normalisation
from features.composite.structure import IndexStructure, Matrix, Node, index_structure
from features.composite.treatment import Treatment, skewness_and_kurtosis, treated

CASES = Path(__file__).parent / "cases"
UNITS: dict[str, Any] = tomllib.loads((CASES / "composite_six_units_by_hand.toml").read_text("utf-8"))
OUTLIERS: dict[str, Any] = tomllib.loads((CASES / "composite_outliers_by_hand.toml").read_text("utf-8"))
AGGREGATES = ("P1", "P2", "Index")


@pytest.fixture(scope="module")
def structure() -> IndexStructure:
    return index_structure(
        Node(key, parent or None, weight, direction) for key, parent, weight, direction in UNITS["structure"]["rows"]
    )


def computed(structure: IndexStructure, case: dict[str, Any]) -> CompositeIndex:
    values = np.array([UNITS["values"][node.key] for node in structure.indicators], dtype=float)
    method = Method(
        normalisation=Normalisation(case["normalise"]),
        aggregation=Aggregation(case["aggregate"]),
    )
    return composite_index(values, structure, method)


def row(index: CompositeIndex, matrix: Matrix, key: str) -> list[float]:
    values: list[float] = matrix[index.structure.rows()[key]].tolist()
    return values


@pytest.mark.parametrize("case", UNITS["method"], ids=lambda case: case["name"])
def test_every_step_of_the_index_is_the_one_worked_by_hand(structure: IndexStructure, case: dict[str, Any]) -> None:
    index = computed(structure, case)
    for key, scores in case.get("normalised", {}).items():
        assert row(index, index.normalised, key) == pytest.approx(scores, abs=UNITS["tolerance"]), key
    for key in AGGREGATES:
        assert row(index, index.scores, key) == pytest.approx(case["scores"][key], abs=UNITS["tolerance"]), key
        assert row(index, index.ranks, key) == case["ranks"][key], key


@pytest.mark.parametrize("pillar", ["P1", "P2"])
def test_the_outranking_matrix_is_the_one_worked_by_hand(structure: IndexStructure, pillar: str) -> None:
    index = computed(structure, UNITS["method"][0])
    children = dict(structure.families())[structure.rows()[pillar]]
    found = outranking_matrix(index.scores[children], index.weights[children])
    np.testing.assert_allclose(found, UNITS["outranking"][pillar], atol=UNITS["tolerance"])


def test_the_correlation_structure_is_the_one_worked_by_hand(structure: IndexStructure) -> None:
    index = computed(structure, UNITS["method"][0])
    found = {(pair.node, pair.other): pair for pair in correlation_structure(index.scores, structure)}
    expected = UNITS["correlation"]["pairs"]
    assert found.keys() == {(pair["node"], pair["other"]) for pair in expected}
    for pair in expected:
        one = found[pair["node"], pair["other"]]
        assert one.correlation == pytest.approx(pair["value"], abs=UNITS["tolerance"]), pair
        assert (one.kinship, one.flag or "", one.units) == (pair["kinship"], pair["flag"], 6), pair


@pytest.mark.parametrize("case", OUTLIERS["case"], ids=lambda case: case["name"])
def test_outliers_are_treated_as_worked_by_hand(case: dict[str, Any]) -> None:
    tolerance = OUTLIERS["tolerance"]
    values = np.array(spread_out(case, "values", "head", "tail"))
    after = treated(values, Treatment.AUTO)
    assert [float(moment) for moment in skewness_and_kurtosis(values)] == pytest.approx(
        [case["skewness"], case["kurtosis"]], abs=tolerance
    )
    if "logarithm_of_plus" in case:
        expected = np.log(values + case["logarithm_of_plus"])
    else:
        expected = np.array(spread_out(case, "treated", "treated_head", "treated_tail"))
    assert after.tolist() == pytest.approx(expected.tolist(), abs=tolerance)
    if "skewness_after" in case:
        assert [float(moment) for moment in skewness_and_kurtosis(after)] == pytest.approx(
            [case["skewness_after"], case["kurtosis_after"]], abs=tolerance
        )


def spread_out(case: dict[str, Any], plain: str, head: str, tail: str) -> list[float]:
    figures = case[plain] if plain in case else chain(case[head] * case["repeat"], case[tail])
    return [float(figure) for figure in figures]
