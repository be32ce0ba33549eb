"""Laws of partial pooling: between what was seen and 1, nearer to 1 the less was seen, and right about the truth."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.errors import InvalidInputError
from models.pooled_groups import group_events, pooled_ratios

counts = st.tuples(st.integers(0, 60), st.floats(0.05, 80))


def frame_of(rows: list[tuple[int, float]]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "group": [f"{place:04d}" for place in range(len(rows))],
            "events": [row[0] for row in rows],
            "expected_events": [row[1] for row in rows],
        }
    )


def simulated(groups: int, strength: float, seed: int) -> tuple[pl.DataFrame, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.gamma(strength, 1 / strength, groups)
    expected = rng.lognormal(1.5, 1.0, groups)
    return frame_of(list(zip(rng.poisson(expected * truth).tolist(), expected.tolist(), strict=True))), truth


@settings(max_examples=150, deadline=None)
@given(st.lists(counts, min_size=1, max_size=15))
def test_the_ratio_lies_between_the_raw_one_and_one_and_within_its_interval(rows: list[tuple[int, float]]) -> None:
    for row in pooled_ratios(frame_of(rows)).iter_rows(named=True):
        low, high = sorted((row["raw_ratio"], 1.0))
        assert low - 1e-9 <= row["ratio"] <= high + 1e-9
        assert row["lower"] <= row["ratio"] <= row["upper"]
        assert row["ratio"] == pytest.approx(row["own_weight"] * row["raw_ratio"] + 1 - row["own_weight"])


@settings(max_examples=150, deadline=None)
@given(st.lists(counts, min_size=2, max_size=15))
def test_the_fewer_are_expected_the_more_the_ratio_is_drawn(rows: list[tuple[int, float]]) -> None:
    ordered = pooled_ratios(frame_of(rows)).sort("expected_events")
    assert (ordered["own_weight"].diff().drop_nulls() >= 0).all()
    assert ordered["own_weight"].is_between(0, 1).all()


@pytest.mark.parametrize("strength", [2.0, 8.0, 40.0])
def test_the_intervals_hold_nine_in_ten_true_ratios(strength: float) -> None:
    held = []
    for seed in range(20):
        groups, truth = simulated(150, strength, seed)
        found = pooled_ratios(groups)
        held.append(np.mean((found["lower"].to_numpy() <= truth) & (truth <= found["upper"].to_numpy())))
    assert 0.87 < np.mean(held) < 0.93


def test_pooled_ratios_come_nearer_to_the_truth_than_raw_ones_and_than_one() -> None:
    groups, truth = simulated(300, 6.0, 4)
    found = pooled_ratios(groups)
    errors = {name: np.mean((found[name].to_numpy() - truth) ** 2) for name in ("raw_ratio", "ratio")} | {
        "none": np.mean((1 - truth) ** 2)
    }
    assert errors["ratio"] < min(errors["raw_ratio"], errors["none"]) * 0.9


def test_a_group_of_which_nothing_was_expected_is_like_any_other() -> None:
    groups, _ = simulated(100, 6.0, 2)
    more = pl.concat([groups, pl.DataFrame({"group": ["new"], "events": [0], "expected_events": [0.0]})])
    new = pooled_ratios(more).row(-1, named=True)
    assert (new["ratio"], new["own_weight"]) == (1.0, 0.0)
    assert new["lower"] < 1 < new["upper"]
    assert pooled_ratios(more)[:-1].equals(pooled_ratios(groups))
    nothing = pooled_ratios(more[-1:]).row(0, named=True)
    assert (nothing["lower"], nothing["ratio"], nothing["upper"]) == (0.0, 1.0, float("inf"))


def test_what_cannot_be_pooled_is_an_error() -> None:
    groups = frame_of([(1, 2.0), (0, 1.0)])
    for wrong, message in [
        (groups.drop("events"), "also the column events"),
        (pl.concat([groups, groups]), "one row per group"),
        (groups.with_columns(events=pl.lit(-1)), "0 or more"),
        (groups.with_columns(expected_events=pl.lit(0.0)), "wherever a doctor left"),
    ]:
        with pytest.raises(InvalidInputError, match=message):
            pooled_ratios(wrong)
    with pytest.raises(InvalidInputError, match="one value per spell"):
        group_events(pl.Series(["a", "b"]), [True], [0.5, 0.5])
    with pytest.raises(InvalidInputError, match="a group for each spell"):
        group_events(pl.Series(["a", None]), [True, False], [0.5, 0.5])
