"""Figures on the codes of another year."""

from datetime import date

import polars as pl
import pytest

from features.code_changes import CodeHistory, code_history
from features.code_conversion import Derivation, conversion, conversions, convert_counts, convert_ratios
from features.errors import InvalidInputError
from features.snapshot import load_snapshot


@pytest.fixture(scope="module")
def history() -> CodeHistory:
    return code_history(load_snapshot())


def made_up(
    steps: list[tuple[int, str, str]], today: set[str], parts: list[tuple[int, str, str, int]] | None = None
) -> CodeHistory:
    """A history from (year, old, new) and (year, old, new, inhabitants)."""
    changes = pl.DataFrame(
        [(date(year, 1, 1), old, "", new, "") for year, old, new in steps],
        schema={"change_date": pl.Date} | dict.fromkeys(["old_code", "old_name", "new_code", "new_name"], pl.String),
        orient="row",
    )
    known = pl.DataFrame(
        [(date(year, 1, 1), old, new, count) for year, old, new, count in parts or []],
        schema={"change_date": pl.Date, "old_code": pl.String, "new_code": pl.String, "inhabitants": pl.Int64},
        orient="row",
    )
    return CodeHistory(changes, known, frozenset(today))


def figures(values: dict[str, float | None]) -> pl.DataFrame:
    return pl.DataFrame(
        {"municipality_code": list(values), "value": list(values.values())},
        schema={"municipality_code": pl.String, "value": pl.Float64},
    )


@pytest.mark.parametrize("from_year", range(2011, 2027))
@pytest.mark.parametrize("to_year", [2011, 2016, 2020, 2024])
def test_the_weights_of_every_code_sum_to_one(history: CodeHistory, from_year: int, to_year: int) -> None:
    sums = conversion(from_year, to_year, history).group_by("old_code").agg(pl.col("weight").sum())
    assert sums.filter((pl.col("weight") - 1).abs() > 1e-12).is_empty()


@pytest.mark.parametrize("from_year", [2016, 2020])
def test_every_code_leads_to_exactly_those_of_today(history: CodeHistory, from_year: int) -> None:
    weights = conversion(from_year, 2026, history)
    assert set(weights["new_code"]) == history.today
    assert weights["old_code"].n_unique() == {2016: 428, 2020: 356}[from_year]


def test_a_year_converted_to_itself_changes_nothing(history: CodeHistory) -> None:
    weights = conversion(2018, 2018, history)
    assert (weights["old_code"] == weights["new_code"]).all()
    assert (weights["weight"] == 1).all()


@pytest.mark.parametrize(
    ("code", "shares"),
    [
        ("0720", {"3905": 2500 / 11657, "3907": 9157 / 11657}),
        ("1850", {"1806": 888 / 1925, "1875": 1037 / 1925}),
        ("1613", {"5055": 213 / 999, "5056": 306 / 999, "5059": 480 / 999}),
        ("1504", {"1508": 58509 / 67866, "1580": 9357 / 67866}),
    ],
)
def test_a_split_municipality_is_shared_out_by_inhabitants(
    history: CodeHistory, code: str, shares: dict[str, float]
) -> None:
    found = conversion(2016, 2026, history).filter(old_code=code)
    assert dict(found.select("new_code", "weight").iter_rows()) == pytest.approx(shares)


def test_a_merged_municipality_is_divided_on_the_way_back(history: CodeHistory) -> None:
    found = conversion(2020, 2019, history).filter(old_code="5001")
    expected = {"5001": 196159 / (196159 + 6076), "5030": 6076 / (196159 + 6076)}
    assert dict(found.select("new_code", "weight").iter_rows()) == pytest.approx(expected)


def test_a_code_means_what_it_meant_in_its_year() -> None:
    reused = made_up(
        [(2012, "0001", "0002"), (2014, "0003", "0001"), (2016, "0002", "0003")], {"0001", "0003"}
    )  # 0001 became 0002, then 0003 took the number 0001 over, then 0002 took 0003 over
    assert conversion(2012, 2016, reused).rows() == [("0002", "0003", 1.0), ("0003", "0001", 1.0)]
    assert conversion(2014, 2016, reused).rows() == [("0001", "0001", 1.0), ("0002", "0003", 1.0)]
    assert conversion(2016, 2012, reused).rows() == [("0001", "0003", 1.0), ("0003", "0002", 1.0)]


def test_several_years_at_once_give_what_each_gives(history: CodeHistory) -> None:
    together = conversions([2012, 2019, 2025], 2020, history)
    for year in (2012, 2019, 2025):
        assert together.filter(from_year=year).drop("from_year").equals(conversion(year, 2020, history))


def test_years_before_and_after_a_number_was_taken_over_are_kept_apart() -> None:
    moved_up = made_up([(2012, "0001", "0001"), (2014, "0001", "0002"), (2014, "0003", "0001")], {"0001", "0002"})
    assert conversions([2012, 2014], 2014, moved_up).rows() == [
        (2012, "0001", "0002", 1.0),
        (2012, "0003", "0001", 1.0),
        (2014, "0001", "0001", 1.0),
        (2014, "0002", "0002", 1.0),
    ]


def test_no_years_give_no_rows(history: CodeHistory) -> None:
    assert conversions([], 2020, history).is_empty()


def test_unknown_years_are_refused(history: CodeHistory) -> None:
    for years in ((2010, 2020), (2020, 2010)):
        with pytest.raises(InvalidInputError, match="2011 or later"):
            conversion(*years, history)


def test_shares_that_nobody_documented_stay_unknown() -> None:
    steps = [(2011, "0001", "0001"), (2012, "0001", "0002"), (2012, "0001", "0003")]
    half_known = made_up(steps, {"0002", "0003"}, [(2012, "0001", "0002", 9)])
    weights = conversion(2011, 2012, half_known)
    assert weights["weight"].to_list() == [None, None]
    converted = convert_counts(figures({"0001": 10.0}), weights)
    assert converted["value"].to_list() == [None, None]
    assert converted["derivation"].to_list() == [Derivation.NO_SHARES] * 2
    assert conversion(2012, 2011, half_known)["weight"].to_list() == [1.0, 1.0]


def test_counts_of_merged_parts_are_summed(history: CodeHistory) -> None:
    found = convert_counts(figures({"5001": 199039.0, "5030": 6124.0}), conversion(2019, 2020, history))
    assert found.row(0) == ("5001", 205163.0, 2, 2, Derivation.SUMMED)


def test_a_whole_without_one_of_its_parts_is_missing(history: CodeHistory) -> None:
    weights = conversion(2019, 2020, history)
    for counts in (figures({"5001": 5.0, "5030": None}), figures({"5001": 5.0})):
        found = convert_counts(counts, weights).filter(municipality_code="5001")
        assert found.row(0) == ("5001", None, 2, 1, Derivation.PART_MISSING)


def test_a_municipality_without_any_figure_has_no_row(history: CodeHistory) -> None:
    found = convert_counts(figures({"5001": None, "5030": None, "0301": 1.0}), conversion(2019, 2020, history))
    assert found["municipality_code"].to_list() == ["0301"]


def test_a_split_part_missing_its_other_sources_is_missing(history: CodeHistory) -> None:
    found = convert_counts(figures({"1850": 100.0}), conversion(2019, 2020, history))
    assert found.select("municipality_code", "value", "parts", "parts_known").rows() == [
        ("1806", None, 3, 1),
        ("1875", None, 2, 1),
    ]


def test_figures_of_parts_are_marked_as_estimates(history: CodeHistory) -> None:
    found = convert_counts(figures({"1507": 678.66, "0301": 1.0}), conversion(2023, 2024, history))
    assert found["derivation"].to_list() == [Derivation.SAME, Derivation.SHARED, Derivation.SHARED]
    assert found["value"].to_list() == pytest.approx([1.0, 585.09, 93.57])


def test_counts_are_converted_for_each_further_key(history: CodeHistory) -> None:
    counts = pl.concat([figures({"5001": 1.0, "5030": 2.0}).with_columns(industry=pl.lit(name)) for name in ("A", "B")])
    found = convert_counts(counts, conversion(2019, 2020, history), by=["industry"])
    assert found.select("industry", "value").rows() == [("A", 3.0), ("B", 3.0)]


def test_ratios_are_recomputed_and_not_averaged(history: CodeHistory) -> None:
    ratios = pl.DataFrame(
        {"municipality_code": ["5001", "5030"], "numerator": [10.0, 90.0], "denominator": [900.0, 100.0]}
    )
    found = convert_ratios(ratios, conversion(2019, 2020, history), scale=100)
    assert found.row(0) == ("5001", 100.0, 1000.0, 10.0, 2, 2, Derivation.SUMMED)


def test_a_ratio_without_denominator_is_refused_with_the_reason(history: CodeHistory) -> None:
    shares = figures({"5001": 4.9}).rename({"value": "numerator"})
    with pytest.raises(InvalidInputError, match=r"denominator: ratios of parts cannot be summed or averaged"):
        convert_ratios(shares, conversion(2019, 2020, history))


def test_a_ratio_with_half_its_counts_is_missing(history: CodeHistory) -> None:
    ratios = pl.DataFrame(
        {"municipality_code": ["5001", "5030"], "numerator": [10.0, 90.0], "denominator": [900.0, None]}
    )
    found = convert_ratios(ratios, conversion(2019, 2020, history))
    assert found.select("value", "parts", "parts_known", "derivation").row(0) == (None, 2, 1, Derivation.PART_MISSING)


def test_a_ratio_of_nothing_is_missing(history: CodeHistory) -> None:
    ratios = pl.DataFrame({"municipality_code": ["0301"], "numerator": [0.0], "denominator": [0.0]})
    found = convert_ratios(ratios, conversion(2019, 2020, history))
    assert found.select("value", "derivation").row(0) == (None, Derivation.NO_COUNTS)


def test_a_code_of_another_year_is_refused(history: CodeHistory) -> None:
    with pytest.raises(InvalidInputError, match="'1601'"):
        convert_counts(figures({"1601": 1.0}), conversion(2019, 2020, history))


def test_a_key_given_twice_is_refused(history: CodeHistory) -> None:
    counts = pl.concat([figures({"5001": 1.0}), figures({"5001": 2.0})])
    with pytest.raises(InvalidInputError, match="one row for each municipality_code"):
        convert_counts(counts, conversion(2019, 2020, history))


def test_a_missing_column_is_named(history: CodeHistory) -> None:
    with pytest.raises(InvalidInputError, match="also industry"):
        convert_counts(figures({"5001": 1.0}), conversion(2019, 2020, history), by=["industry"])
