"""Most like us: near in structure, with reasons that are the distance."""

import polars as pl
import pytest

from features.catalogue import load_catalogue
from features.errors import InvalidInputError, UnknownKeyError
from features.indicators.compute import indicator_values
from features.likeness import DIMENSIONS, FAR, NEAR, Closeness, most_alike
from features.snapshot import load_snapshot


@pytest.fixture(scope="module")
def values() -> pl.DataFrame:
    return indicator_values(load_snapshot(), load_catalogue())


def test_only_what_the_municipality_cannot_change_is_compared() -> None:
    catalogue = load_catalogue()
    keys = [key for _, group in DIMENSIONS for key in group]
    assert len(set(keys)) == len(keys)
    assert {catalogue.indicator(key).kind for key in keys} == {"structural"}


def test_neighbouring_islands_of_one_size_are_most_alike(values: pl.DataFrame) -> None:
    assert most_alike("5014", values)[0].municipality_code == "5056"  # Frøya and Hitra


def test_the_nearest_come_first_and_never_the_municipality_itself(values: pl.DataFrame) -> None:
    found = most_alike("0301", values, 356)
    assert len(found) == 356
    assert "0301" not in [each.municipality_code for each in found]
    distances = [each.distance for each in found]
    assert distances == sorted(distances)


def test_the_reasons_add_up_to_the_distance(values: pl.DataFrame) -> None:
    weights = {key: weight / len(group) for weight, group in DIMENSIONS for key in group}
    for each in most_alike("4624", values, 50):
        total = sum(weights[gap.feature] for gap in each.gaps)
        told = sum(weights[gap.feature] * gap.gap for gap in each.gaps) / total
        assert told == pytest.approx(each.distance)
        assert each.compared == pytest.approx(total / sum(weight for weight, _ in DIMENSIONS))
        assert [gap.gap for gap in each.gaps] == sorted(gap.gap for gap in each.gaps)


def test_the_reasons_carry_both_figures_and_read_as_their_gap(values: pl.DataFrame) -> None:
    figure = {(row["municipality_code"], row["indicator"]): row["value"] for row in values.iter_rows(named=True)}
    for each in most_alike("5014", values, 5):
        for gap in each.gaps:
            assert gap.own == figure["5014", gap.feature]
            assert gap.other == figure[each.municipality_code, gap.feature]
            assert (gap.closeness is Closeness.NEAR) == (gap.gap <= NEAR)
            assert (gap.closeness is Closeness.FAR) == (gap.gap >= FAR)


def test_a_municipality_without_some_figures_is_compared_in_the_others(values: pl.DataFrame) -> None:
    without = values.with_columns(
        value=pl.when((pl.col("municipality_code") == "5056") & (pl.col("indicator") == "population"))
        .then(None)
        .otherwise("value")
    )
    hitra = next(each for each in most_alike("5014", without, 356) if each.municipality_code == "5056")
    assert hitra.compared == pytest.approx(0.8)
    assert "population" not in [gap.feature for gap in hitra.gaps]


def test_a_municipality_with_too_few_figures_is_left_out(values: pl.DataFrame) -> None:
    kept = ("population", "population_growth_5y", "aged_67_plus_share")
    bare = values.with_columns(
        value=pl.when((pl.col("municipality_code") == "5056") & ~pl.col("indicator").is_in(kept))
        .then(None)
        .otherwise("value")
    )
    assert "5056" not in [each.municipality_code for each in most_alike("5014", bare, 356)]


def test_a_wrong_call_is_refused(values: pl.DataFrame) -> None:
    with pytest.raises(InvalidInputError, match="count"):
        most_alike("5014", values, 0)
    with pytest.raises(InvalidInputError, match="9999"):
        most_alike("9999", values)
    with pytest.raises(UnknownKeyError, match="population"):
        most_alike("5014", values.filter(pl.col("indicator") != "population"))
