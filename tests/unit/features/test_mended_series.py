"""Figures of the GP scheme as one series across the reforms."""

import polars as pl
import pytest

from features.code_changes import CodeHistory, code_history, structure_on
from features.code_conversion import Derivation
from features.errors import InvalidInputError, UnknownKeyError
from features.frames import GpLists
from features.mended_series import GP_LISTS, Count, Ratio, Rule, Unmendable, mended_series
from features.snapshot import load_snapshot

SHARE, LENGTH, RESERVE = "patients_without_gp_pct", "list_length_mean", "reserve_capacity_index"
WITH, WITHOUT, CONTRACTS = "patients_on_lists_with_gp", "patients_on_lists_without_gp", "gp_contracts"


@pytest.fixture(scope="module")
def history() -> CodeHistory:
    return code_history(load_snapshot())


def published(*rows: tuple[str, int, str, float | None]) -> pl.DataFrame:
    schema = {"municipality_code": pl.String, "year": pl.Int64, "measure": pl.String, "value": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_the_ratios_give_the_published_figures_within_rounding() -> None:
    newest = load_snapshot().gp_lists.filter(year=2025).pivot("measure", index="municipality_code", values="value")
    assert newest.height == 351
    for measure, half_a_digit in ((SHARE, 0.05), (LENGTH, 0.5), (RESERVE, 0.5)):
        rule = GP_LISTS[measure]
        assert isinstance(rule, Ratio)
        quotient = rule.scale * pl.sum_horizontal(rule.numerator) / pl.sum_horizontal(rule.denominator)
        off = newest.select((quotient - pl.col(measure)).abs()).to_series().to_numpy().max()
        assert off <= half_a_digit + 1e-9, measure


def test_every_published_measure_has_a_rule() -> None:
    assert set(load_snapshot().gp_lists["measure"]) == set(GP_LISTS)


def test_counts_are_summed_and_ratios_recomputed(history: CodeHistory) -> None:
    figures = published(
        *(("5001", 2019, key, value) for key, value in ((WITH, 190_000.0), (WITHOUT, 0.0), (CONTRACTS, 170.0))),
        *(("5030", 2019, key, value) for key, value in ((WITH, 5_400.0), (WITHOUT, 600.0), (CONTRACTS, 6.0))),
        *(("5001", 2019, key, value) for key, value in ((SHARE, 0.0), (LENGTH, 1118.0))),
        *(("5030", 2019, key, value) for key, value in ((SHARE, 10.0), (LENGTH, 900.0))),
    )
    mended = mended_series(figures, GP_LISTS, history)
    assert mended.gaps.is_empty()
    found = dict(mended.values.select("measure", "value").iter_rows())
    assert found == pytest.approx(
        {WITH: 195_400, WITHOUT: 600, CONTRACTS: 176, SHARE: 100 * 600 / 196_000, LENGTH: 195_400 / 176}
    )
    assert set(mended.values["derivation"]) == {Derivation.SUMMED}
    assert set(mended.values["municipality_code"]) == {"5001"}


def test_the_published_ratio_of_an_unchanged_area_is_kept(history: CodeHistory) -> None:
    mended = mended_series(published(("0101", 2019, SHARE, 3.4), ("3001", 2021, SHARE, 2.1)), GP_LISTS, history)
    assert mended.values.rows() == [
        ("3101", 2019, SHARE, 3.4, Derivation.SAME),
        ("3101", 2021, SHARE, 2.1, Derivation.SAME),
    ]


def test_a_ratio_without_its_counts_is_missing_where_areas_merged(history: CodeHistory) -> None:
    mended = mended_series(published(("5001", 2019, SHARE, 0.0), ("5030", 2019, SHARE, 10.0)), GP_LISTS, history)
    assert mended.values.is_empty()
    assert mended.gaps.rows() == [("5001", 2019, SHARE, 2, 2, Derivation.NO_COUNTS)]


def test_a_ratio_lacking_the_counts_of_one_part_says_so(history: CodeHistory) -> None:
    figures = published(("5001", 2019, SHARE, 0.0), ("5001", 2019, WITH, 9.0), ("5001", 2019, WITHOUT, 1.0))
    mended = mended_series(figures, GP_LISTS, history)
    assert mended.values.is_empty()
    assert set(mended.gaps["derivation"]) == {Derivation.PART_MISSING}
    assert mended.gaps.filter(measure=SHARE).select("parts", "parts_known").row(0) == (2, 1)


def test_a_ratio_lacking_one_of_its_counts_is_missing(history: CodeHistory) -> None:
    figures = published(
        *(("5001", 2019, key, value) for key, value in ((WITH, 900.0), (WITHOUT, 100.0), (SHARE, 10.0))),
        *(("5030", 2019, key, value) for key, value in ((WITH, 500.0), (SHARE, 0.0))),
    )
    mended = mended_series(figures, GP_LISTS, history)
    assert mended.values.select("measure", "value").rows() == [(WITH, 1400.0)]
    assert mended.gaps.filter(measure=SHARE).row(0) == ("5001", 2019, SHARE, 2, 2, Derivation.PART_MISSING)


def test_a_figure_that_cannot_be_put_together_stays_missing(history: CodeHistory) -> None:
    measure = "list_length_mean_adjusted"
    figures = published(("5001", 2019, measure, 1100.0), ("5030", 2019, measure, 800.0), ("0101", 2019, measure, 950.0))
    mended = mended_series(figures, GP_LISTS, history)
    assert mended.values.rows() == [("3101", 2019, measure, 950.0, Derivation.SAME)]
    assert mended.gaps.rows() == [("5001", 2019, measure, 2, 2, Derivation.NOT_ADDITIVE)]


def test_a_mean_over_no_lists_is_missing(history: CodeHistory) -> None:
    figures = published(
        *((code, 2019, key, 0.0) for code in ("5001", "5030") for key in (WITH, CONTRACTS)), ("5001", 2019, LENGTH, 0.0)
    )
    gap = mended_series(figures, GP_LISTS, history).gaps
    assert gap.select("measure", "derivation").rows() == [(LENGTH, Derivation.NO_COUNTS)]


def test_the_parts_of_a_split_municipality_have_its_ratio_as_an_estimate(history: CodeHistory) -> None:
    figures = published(("1507", 2023, WITH, 64_000.0), ("1507", 2023, WITHOUT, 3_000.0), ("1507", 2023, SHARE, 4.5))
    mended = mended_series(figures, GP_LISTS, history).values
    shares = mended.filter(measure=SHARE)
    assert shares["value"].to_list() == pytest.approx([100 * 3 / 67] * 2)
    assert set(mended["derivation"]) == {Derivation.SHARED}
    assert mended.filter(measure=WITH)["value"].sum() == pytest.approx(64_000)


def test_codes_that_were_no_municipality_are_given_back(history: CodeHistory) -> None:
    figures = published(("9999", 2019, WITH, 7.0), ("5030", 2021, WITH, 8.0), ("0301", 2019, WITH, 9.0))
    mended = mended_series(figures, GP_LISTS, history)
    assert sorted(mended.strangers["municipality_code"]) == ["5030", "9999"]
    assert mended.values["municipality_code"].to_list() == ["0301"]


def test_a_series_can_be_brought_to_an_earlier_structure(history: CodeHistory) -> None:
    figures = published(("5001", 2025, WITH, 202_235.0), ("3101", 2025, SHARE, 2.0))
    mended = mended_series(figures, GP_LISTS, history, to_year=2019).values
    assert mended.select("municipality_code", "value").rows() == [
        ("0101", 2.0),
        ("5001", 196_159.0),
        ("5030", 6_076.0),
    ]


def test_the_snapshots_own_series_comes_back_unchanged(history: CodeHistory) -> None:
    lists = load_snapshot().gp_lists.filter(pl.col("year") >= 2024)
    mended = mended_series(lists, GP_LISTS, history)
    keys = ["municipality_code", "year", "measure"]
    assert mended.values.drop("derivation").equals(lists.select(mended.values.drop("derivation").columns).sort(keys))
    assert mended.gaps.is_empty()
    assert mended.strangers.is_empty()


def test_mended_values_obey_the_contract_of_the_table(history: CodeHistory) -> None:
    rows = [(code, year, SHARE, 1.0) for year in (2016, 2019, 2021) for code in structure_on(year, history)]
    rows += [(code, year, key, 5.0) for code, year, _, _ in rows for key in (WITH, WITHOUT)]
    mended = mended_series(published(*rows), GP_LISTS, history)
    assert GpLists.validate(mended.values.drop("derivation"), cast=True).height == 3 * 3 * 357


def test_null_figures_count_as_missing(history: CodeHistory) -> None:
    mended = mended_series(published(("5001", 2019, WITH, 9.0), ("5030", 2019, WITH, None)), GP_LISTS, history)
    assert mended.gaps.rows() == [("5001", 2019, WITH, 2, 1, Derivation.PART_MISSING)]


def test_no_figures_give_no_series(history: CodeHistory) -> None:
    mended = mended_series(published(), GP_LISTS, history)
    assert (mended.values.height, mended.gaps.height, mended.strangers.height) == (0, 0, 0)


def test_a_measure_without_a_rule_is_refused(history: CodeHistory) -> None:
    with pytest.raises(UnknownKeyError, match="doctors_met"):
        mended_series(published(("0301", 2020, "doctors_met", 1.0)), GP_LISTS, history)


@pytest.mark.parametrize("term", [Unmendable("not published"), Ratio(("a",), ("a",))])
def test_a_ratio_of_anything_but_counts_is_refused(history: CodeHistory, term: Rule) -> None:
    rules: dict[str, Rule] = {"a": Count(), "b": term, "c": Ratio(("a",), ("b",))}
    with pytest.raises(UnknownKeyError, match="'b' is no count"):
        mended_series(published(("0301", 2020, "c", 1.0)), rules, history)


def test_a_figure_given_twice_is_refused(history: CodeHistory) -> None:
    with pytest.raises(InvalidInputError, match="one row for each"):
        mended_series(published(("0301", 2020, WITH, 1.0), ("0301", 2020, WITH, 2.0)), GP_LISTS, history)


def test_a_missing_column_is_named(history: CodeHistory) -> None:
    with pytest.raises(InvalidInputError, match="also value"):
        mended_series(published().drop("value"), GP_LISTS, history)
