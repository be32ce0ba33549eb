"""Laws of following codes through made-up reforms, beside a plain walk from code to code."""

from collections import defaultdict
from datetime import date
from fractions import Fraction

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from features.code_changes import CodeHistory, structure_on
from features.code_conversion import conversion, convert_counts, convert_ratios

FIRST, CODES = 2011, [f"{number:04}" for number in range(1, 13)]
Step = tuple[int, str, str, int]


@st.composite
def reforms(draw: st.DrawFn) -> tuple[CodeHistory, list[Step]]:
    """Up to five reforms in which municipalities merge, split and take numbers over from each other."""
    codes = set(draw(st.lists(st.sampled_from(CODES), min_size=1, max_size=6, unique=True)))
    steps: list[Step] = [(FIRST, code, code, 1) for code in sorted(codes)[:1]]
    for year in range(FIRST + 1, FIRST + 1 + draw(st.integers(0, 5))):
        changing = draw(st.lists(st.sampled_from(sorted(codes)), unique=True))
        free = sorted(set(CODES) - (codes - set(changing)))
        became = {old: draw(st.lists(st.sampled_from(free), min_size=1, max_size=3, unique=True)) for old in changing}
        steps += [(year, old, new, draw(st.integers(1, 1000))) for old, news in became.items() for new in news]
        codes = (codes - set(changing)) | {new for news in became.values() for new in news}
    frame = pl.DataFrame(
        [(date(year, 1, 1), old, "", new, "", count) for year, old, new, count in steps],
        schema=["change_date", "old_code", "old_name", "new_code", "new_name", "inhabitants"],
        orient="row",
    )
    return CodeHistory(frame.drop("inhabitants"), frame.drop("old_name", "new_name"), frozenset(codes)), steps


def weights_by_walking(code: str, from_year: int, to_year: int, steps: list[Step]) -> dict[str, Fraction]:
    """Share of a code that each later or earlier code has, one change after another."""
    years = sorted({year for year, *_ in steps})
    due = [year for year in years if from_year < year <= to_year]
    undone = [year for year in reversed(years) if to_year < year <= from_year]
    shares = {code: Fraction(1)}
    for year in due or undone:
        moved: dict[str, Fraction] = defaultdict(Fraction)
        for place, share in shares.items():
            ways = [(old, new, count) if due else (new, old, count) for when, old, new, count in steps if when == year]
            taken = {target: count for source, target, count in ways if source == place}
            whole = sum(taken.values())
            for target, count in (taken or {place: 1}).items():
                moved[target] += share * Fraction(count, whole or 1)
        shares = moved
    return dict(shares)


@settings(max_examples=40, deadline=None)
@given(reforms(), st.integers(0, 6), st.integers(0, 6))
def test_weights_are_those_of_walking_from_code_to_code(
    made: tuple[CodeHistory, list[Step]], there: int, back: int
) -> None:
    history, steps = made
    from_year, to_year = FIRST + there, FIRST + back
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for old, new, weight in conversion(from_year, to_year, history).iter_rows():
        found[old][new] = weight
    assert set(found) == structure_on(from_year, history)
    for code, weights in found.items():
        expected = weights_by_walking(code, from_year, to_year, steps)
        assert weights.keys() == expected.keys()
        assert all(abs(weights[new] - expected[new]) < 1e-9 for new in expected)


@settings(max_examples=25, deadline=None)
@given(reforms(), st.integers(0, 6), st.integers(0, 6))
def test_conversion_preserves_the_total_in_both_directions(
    made: tuple[CodeHistory, list[Step]], there: int, back: int
) -> None:
    history, _ = made
    codes = sorted(structure_on(FIRST + there, history))
    counts = pl.DataFrame({"municipality_code": codes, "value": [float(7 * rank + 1) for rank, _ in enumerate(codes)]})
    converted = convert_counts(counts, conversion(FIRST + there, FIRST + back, history))
    assert set(converted["municipality_code"]) == structure_on(FIRST + back, history)
    assert abs(converted["value"].to_numpy().sum() - counts["value"].to_numpy().sum()) < 1e-6


@settings(max_examples=25, deadline=None)
@given(reforms(), st.lists(st.integers(0, 6), min_size=3, max_size=3), st.sampled_from([1, -1]))
def test_a_way_in_two_stages_is_the_way_in_one(
    made: tuple[CodeHistory, list[Step]], stages: list[int], direction: int
) -> None:
    history, _ = made
    first, middle, last = (FIRST + stage for stage in sorted(stages)[::direction])
    second = conversion(middle, last, history).rename({"old_code": "new_code", "new_code": "end", "weight": "rest"})
    composed = (
        conversion(first, middle, history)
        .join(second, on="new_code")
        .group_by("old_code", new_code="end")
        .agg(composed=(pl.col("weight") * pl.col("rest")).sum())
    )
    direct = conversion(first, last, history)
    both = direct.join(composed, on=["old_code", "new_code"], how="full", coalesce=True)
    assert both.height == direct.height == composed.height
    assert both.filter((pl.col("weight") - pl.col("composed")).abs() > 1e-9).is_empty()


@settings(max_examples=25, deadline=None)
@given(reforms(), st.integers(0, 6), st.integers(0, 6), st.integers(0, 99))
def test_the_order_of_rows_changes_nothing(
    made: tuple[CodeHistory, list[Step]], there: int, back: int, seed: int
) -> None:
    history, _ = made
    shuffled = CodeHistory(
        history.changes.sample(fraction=1, shuffle=True, seed=seed),
        history.parts.sample(fraction=1, shuffle=True, seed=seed),
        history.today,
    )
    weights = conversion(FIRST + there, FIRST + back, history)
    again = conversion(FIRST + there, FIRST + back, shuffled)
    assert weights.drop("weight").equals(again.drop("weight"))
    assert ((weights["weight"] - again["weight"]).abs() < 1e-12).all()
    codes = sorted(structure_on(FIRST + there, history))
    counts = pl.DataFrame({"municipality_code": codes, "value": [float(rank) for rank, _ in enumerate(codes)]})
    turned = counts.sample(fraction=1, shuffle=True, seed=seed)
    here = convert_counts(counts, weights)
    elsewhere = convert_counts(turned, again.sample(fraction=1, shuffle=True, seed=seed))
    assert_frame_equal(here, elsewhere, rel_tol=1e-12, abs_tol=1e-12)


@settings(max_examples=25, deadline=None)
@given(reforms(), st.integers(0, 6), st.data())
def test_one_missing_part_makes_the_whole_missing_and_nothing_else(
    made: tuple[CodeHistory, list[Step]], back: int, data: st.DataObject
) -> None:
    history, steps = made
    codes = sorted(structure_on(FIRST, history))
    gone = data.draw(st.sampled_from(codes))
    counts = pl.DataFrame({"municipality_code": codes, "value": 1.0}).filter(pl.col("municipality_code") != gone)
    converted = convert_counts(counts, conversion(FIRST, FIRST + back, history))
    reached = weights_by_walking(gone, FIRST, FIRST + back, steps)
    missing = converted.filter(pl.col("value").is_null())["municipality_code"]
    assert set(missing) <= reached.keys()
    assert set(converted["municipality_code"]) - set(missing) == structure_on(FIRST + back, history) - reached.keys()
    assert (converted["parts_known"] < converted["parts"]).to_list() == converted["value"].is_null().to_list()


@settings(max_examples=25, deadline=None)
@given(reforms(), st.integers(0, 6), st.integers(0, 6), st.data())
def test_a_recomputed_ratio_lies_between_those_of_its_parts(
    made: tuple[CodeHistory, list[Step]], there: int, back: int, data: st.DataObject
) -> None:
    history, _ = made
    codes = sorted(structure_on(FIRST + there, history))
    denominators = [float(data.draw(st.integers(1, 10_000))) for _ in codes]
    shares = [data.draw(st.integers(0, 100)) / 100 for _ in codes]
    ratios = pl.DataFrame({"municipality_code": codes, "denominator": denominators, "share": shares}).with_columns(
        numerator=pl.col("share") * pl.col("denominator")
    )
    weights = conversion(FIRST + there, FIRST + back, history)
    bounds = (
        weights.join(ratios, left_on="old_code", right_on="municipality_code")
        .group_by(municipality_code="new_code")
        .agg(low=pl.col("share").min(), high=pl.col("share").max())
    )
    found = convert_ratios(ratios, weights).join(bounds, on="municipality_code")
    assert found.filter(~pl.col("value").is_between(pl.col("low") - 1e-9, pl.col("high") + 1e-9)).is_empty()
    assert found.height == bounds.height
