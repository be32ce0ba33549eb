"""Published inhabitants on the codes of several years, and what the conversion makes of them."""

import tomllib
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from features.code_changes import ChangeKind, CodeHistory, classified_changes, code_history, structure_on
from features.code_conversion import conversion, convert_counts
from features.snapshot import Snapshot, load_snapshot

CASES = Path(__file__).parent / "cases"


def read_case(name: str) -> dict[str, Any]:
    return tomllib.loads((CASES / f"{name}.toml").read_text("utf-8"))


INHABITANTS = {year: read_case(f"inhabitants_{year}") for year in (2016, 2019)}
CONVERSION = read_case("code_conversion")


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return load_snapshot()


@pytest.fixture(scope="module")
def history(snapshot: Snapshot) -> CodeHistory:
    return code_history(snapshot)


def figures(values: dict[str, int]) -> pl.DataFrame:
    return pl.DataFrame({"municipality_code": list(values), "value": list(values.values())})


@pytest.mark.parametrize("year", INHABITANTS)
def test_the_codes_in_force_are_those_that_inhabitants_were_published_for(history: CodeHistory, year: int) -> None:
    case = INHABITANTS[year]
    assert structure_on(year, history) == case["inhabitants"].keys()
    assert len(case["inhabitants"]) == case["codes"]
    assert sum(case["inhabitants"].values()) == case["national_total"]


@pytest.mark.parametrize("year", INHABITANTS)
@pytest.mark.parametrize("to_year", [2011, 2016, 2019, 2020, 2026])
def test_nobody_is_lost_on_the_way(history: CodeHistory, year: int, to_year: int) -> None:
    counts = figures(INHABITANTS[year]["inhabitants"])
    found = convert_counts(counts, conversion(year, to_year, history))
    assert set(found["municipality_code"]) == structure_on(to_year, history)
    assert found["value"].sum() == pytest.approx(INHABITANTS[year]["national_total"], abs=1e-3)


@pytest.mark.parametrize("case", CONVERSION["sum"], ids=lambda case: "-".join(case["expected"]))
def test_parts_sum_to_the_published_whole(history: CodeHistory, case: dict[str, Any]) -> None:
    found = convert_counts(figures(case["counts"]), conversion(case["from_year"], case["to_year"], history))
    assert dict(found.select("municipality_code", "value").iter_rows()) == case["expected"], case["source"]


def test_the_published_sums_are_those_of_the_snapshot(snapshot: Snapshot) -> None:
    trondheim = snapshot.population.filter(municipality_code="5001", year=2020)["population"].item()
    assert trondheim == CONVERSION["sum"][0]["expected"]["5001"]
    parts = snapshot.population.filter(pl.col("municipality_code").is_in(["1508", "1580"]), year=2024)
    assert dict(parts.select("municipality_code", "population").iter_rows()) == CONVERSION["sum"][2]["counts"]


def test_the_parts_of_merged_municipalities_are_the_published_inhabitants(history: CodeHistory) -> None:
    counted = history.parts.filter(pl.col("basis") == "counted")
    for day in ("2016-01-01", "2019-01-01"):
        published = INHABITANTS[int(day[:4])]["inhabitants"]
        found = counted.filter(pl.col("counted_on") == pl.lit(day).str.to_date())
        assert found.height > 10
        for code, inhabitants in found.select("old_code", "inhabitants").iter_rows():
            assert published[code] == inhabitants


def test_merged_municipalities_have_the_inhabitants_published_a_year_later(
    snapshot: Snapshot, history: CodeHistory
) -> None:
    case = CONVERSION["one_year"]
    later = snapshot.population.filter(year=2020).select("municipality_code", "population")
    # 1508 stands for all of Ålesund in 2020: 1580 has figures from 2024 on.
    found = convert_counts(figures(INHABITANTS[2019]["inhabitants"]), conversion(2019, 2026, history)).with_columns(
        municipality_code=pl.col("municipality_code").replace("1580", "1508")
    )
    units = (
        found.group_by("municipality_code")
        .agg(pl.col("value").sum())
        .join(later, on="municipality_code")
        .with_columns(unit=pl.col("municipality_code").replace({b: a for a, b in case["moved_borders"]}))
    )
    assert units.height == 356
    joint = classified_changes(history.changes).filter(
        ~pl.col("kind").is_in([ChangeKind.RENAMED, ChangeKind.RENUMBERED]), pl.col("change_date").dt.year() == 2020
    )
    today = conversion(2020, 2026, history).filter(pl.col("old_code").is_in(joint["new_code"].unique().to_list()))
    growth = (
        units.with_columns(is_merged=pl.col("municipality_code").is_in(today["new_code"].to_list()))
        .group_by("unit")
        .agg(pl.col("value", "population").sum(), pl.col("is_merged").any())
        .filter("is_merged")
        .with_columns(growth=pl.col("population") / pl.col("value") - 1)
    )
    assert growth.height == joint["new_code"].n_unique() - 1  # Kinn and Stad are looked at together
    assert growth.filter(pl.col("growth").abs() > case["largest_growth_of_merged"]).is_empty(), case["source"]


def test_the_estimate_for_tysfjord_is_that_of_equal_growth(history: CodeHistory) -> None:
    before, after = CONVERSION["tysfjord"]["whole_2019"], CONVERSION["tysfjord"]["new_2020"]
    growth = sum(after.values()) / sum(before.values())
    to_hamaroy = after["1875"] / growth - before["1849"]
    found = history.parts.filter(old_code="1850")
    assert dict(found.select("new_code", "inhabitants").iter_rows()) == {
        "1875": round(to_hamaroy),
        "1806": before["1850"] - round(to_hamaroy),
    }
    assert set(found["basis"]) == {"estimated"}
