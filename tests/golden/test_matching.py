"""Published matchings, one case file each."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from engine.stability import stability_proof
from engine.stable_matching import deferred_acceptance

CASES = sorted((Path(__file__).parent / "cases").glob("matching_*.toml"))


def read_case(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_published_matching_comes_out(path: Path) -> None:
    case = read_case(path)
    market = case["candidate_lists"], case["post_orders"], case["capacities"]
    matching = deferred_acceptance(*market)
    assert matching == case["expected"], case["source"]
    assert stability_proof(matching, *market).is_stable


def test_the_first_case_of_gale_and_shapley_has_the_two_other_stable_matchings_they_name() -> None:
    case = read_case(Path(__file__).parent / "cases" / "matching_gale_shapley_1962_example_1.toml")
    market = case["candidate_lists"], case["post_orders"], case["capacities"]
    last_choices = {"alpha": "C", "beta": "A", "gamma": "B"}
    second_choices = {"alpha": "B", "beta": "C", "gamma": "A"}
    unstable = {"alpha": "A", "beta": "C", "gamma": "B"}
    assert stability_proof(last_choices, *market).is_stable
    assert stability_proof(second_choices, *market).is_stable
    assert not stability_proof(unstable, *market).is_stable
