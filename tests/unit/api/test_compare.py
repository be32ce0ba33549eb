"""When a difference between municipalities may be called one."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.compare_words import apart_sentence
from api.pages.compare import shared_ticks
from api.reports.compare import COLUMNS, comparison_csv
from api.services.compare import Apart, ComparedFactor, Comparison, PlacedFactor, apart
from api.services.profile import MunicipalityFacts, OutcomeResult
from features.catalogue import load_catalogue

ENTRY = load_catalogue().factor("flexibility")
NAMES = {"0001": "Alfa", "0002": "Beta", "0003": "Gamma"}


def placed(code: str, score: float | None, lower: float | None, upper: float | None, **other: Any) -> PlacedFactor:
    known: dict[str, Any] = {
        "basis": "percentile",
        "rank_national": 1,
        "ranked_national": 3,
        "rank_lower": 1,
        "rank_upper": 3,
        "coverage": 1.0,
        "coverage_local": 0.0,
    }
    return PlacedFactor(code, score=score, lower=lower, upper=upper, **(known | other))


def factor(*places: PlacedFactor) -> ComparedFactor:
    return ComparedFactor(ENTRY, places, apart(places), sum(place.score is not None for place in places))


def test_intervals_that_touch_are_not_apart() -> None:
    assert apart([placed("0001", 20, 10, 30), placed("0002", 40, 30, 50)]) == ()


def test_the_higher_of_a_pair_is_named_first_whatever_the_order() -> None:
    low, high = placed("0001", 20, 10, 29), placed("0002", 40, 30, 50)
    assert apart([low, high]) == apart([high, low]) == (Apart("0002", "0001"),)


def test_a_municipality_without_a_score_is_apart_from_nobody() -> None:
    assert apart([placed("0001", None, None, None), placed("0002", 40, 30, 50)]) == ()


bounds = st.tuples(st.floats(0, 100), st.floats(0, 100)).map(sorted)


@given(st.lists(bounds, min_size=2, max_size=5))
def test_pairs_are_apart_exactly_when_no_score_lies_in_both_intervals(intervals: list[list[float]]) -> None:
    places = [placed(str(number), low, low, high) for number, (low, high) in enumerate(intervals)]
    found = {frozenset((pair.higher, pair.lower)) for pair in apart(places)}
    expected = {
        frozenset((str(one), str(other)))
        for one in range(len(places))
        for other in range(one)
        if max(intervals[one][0], intervals[other][0]) > min(intervals[one][1], intervals[other][1])
    }
    assert found == expected


def test_overlapping_intervals_are_called_possibly_chance() -> None:
    compared = factor(placed("0001", 40, 10, 60), placed("0002", 50, 20, 70))
    assert apart_sentence(compared, NAMES, "nb") == "Intervallene overlapper. Forskjellene kan være tilfeldige."


def test_only_the_pairs_that_differ_are_named() -> None:
    compared = factor(placed("0001", 10, 0, 20), placed("0002", 50, 15, 70), placed("0003", 90, 60, 99))
    assert apart_sentence(compared, NAMES, "nb") == "Gamma over Alfa. De andre intervallene overlapper."


def test_when_all_are_apart_they_are_named_in_order() -> None:
    compared = factor(placed("0001", 10, 0, 20), placed("0002", 90, 80, 99), placed("0003", 50, 40, 60))
    assert apart_sentence(compared, NAMES, "en").endswith("From highest to lowest: Beta, Gamma, Alfa.")


def test_one_score_is_too_few_to_compare() -> None:
    compared = factor(placed("0001", 10, 0, 20), placed("0002", None, None, None))
    assert "For få" in apart_sentence(compared, NAMES, "nb")


def test_a_score_that_rests_on_own_figures_is_not_in_the_csv() -> None:
    places = tuple(
        MunicipalityFacts(code, name, "00", "Fylke", 4, 1000, 2026, "under_2k", "Region")
        for code, name in (("0001", "Alfa"), ("0002", "Beta"))
    )
    compared = factor(replace(placed("0001", 33.5, 10, 60), basis="goalposts"), placed("0002", 50, 20, 70))
    header, told, public = comparison_csv(Comparison(places, (compared,), (), (), ())).splitlines()
    assert header == ",".join(COLUMNS)
    assert "33.5" not in told
    assert ",50," in public


@pytest.mark.parametrize(
    ("highest", "unit", "expected"),
    [(0.003, "share", (0.0, 0.01)), (0.385, "share", (0.0, 0.1, 0.2, 0.30000000000000004, 0.4))],
)
def test_an_axis_holds_everything_in_few_even_steps(highest: float, unit: Any, expected: tuple[float, ...]) -> None:
    outcome = OutcomeResult("x", 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, highest, 0.0, 0.0, 0.0, 50.0, 50.0, 50.0, 2025)
    assert shared_ticks([outcome, None], unit) == expected
