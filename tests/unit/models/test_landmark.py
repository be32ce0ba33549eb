"""The landmark loses nothing, and the follow-on bump is found where there is one and only there."""

from datetime import date, timedelta
from math import erf

import numpy as np
import polars as pl
import pytest

from features.errors import InvalidInputError
from models.landmark import FollowOnBump, follow_on_bump, specialist_landmark
from models.rate_ratio import stratified_rate_ratio

DAYS = 365.25
STUDY_YEARS = 10.0


def careers(seed: int, *, bump: float, doctors: int = 500) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Simulated posts: half of the doctors leave sooner in their first two years, all ``bump`` times as often in the
    two years after approval. A third never gets one, a fifth came as specialists, a third was observed late."""
    rng = np.random.default_rng(seed)
    approved_at = np.where(rng.random(doctors) < 0.2, -rng.uniform(0, 6, doctors), rng.uniform(0.5, 7, doctors))
    approved_at[rng.random(doctors) < 1 / 3] = np.inf
    cuts = np.sort(np.clip([np.full(doctors, 2.0), approved_at, approved_at + 2], 0, 1e3), axis=0)
    starts, stops = np.vstack([np.zeros(doctors), cuts]), np.vstack([cuts, np.full(doctors, 2e3)])
    middle = (starts + stops) / 2
    hazard = np.where(middle < 2, 0.35, 0.15)
    hazard = hazard * np.where((middle > approved_at) & (middle < approved_at + 2), bump, 1.0)
    reached = np.cumsum(hazard * (stops - starts), axis=0)
    threshold = rng.exponential(size=doctors)
    at = (reached < threshold).sum(axis=0)
    row = np.arange(doctors)
    leaves = stops[at, row] - (reached[at, row] - threshold) / hazard[at, row]
    entry = np.where(rng.random(doctors) < 1 / 3, rng.uniform(0, 3, doctors), 0.0)
    censored = np.maximum(rng.uniform(2, STUDY_YEARS, doctors), entry + 0.1)
    seen = leaves > entry
    start = date(2010, 1, 1)
    spells = pl.DataFrame(
        {
            "spell_id": row,
            "person_id": row.astype(str),
            "start_date": [start] * doctors,
            "entry_years": entry,
            "duration_years": np.minimum(leaves, censored),
            "event": (leaves <= censored).astype(int),
        }
    ).filter(pl.Series(seen))
    known = np.isfinite(approved_at)
    dates = [start + timedelta(days=round(years * DAYS)) for years in approved_at[known]]
    approvals = pl.DataFrame({"person_id": row[known].astype(str), "approval_date": dates})
    return spells, approvals


def bumps(bump: float, runs: int) -> list[FollowOnBump]:
    return [follow_on_bump(*careers(seed, bump=bump)) for seed in range(runs)]


def test_a_planted_bump_is_found() -> None:
    found = [each.against_others for each in bumps(2.0, 60)]
    assert np.mean([ratio.p_value < 0.1 for ratio in found]) > 0.9
    assert np.exp(np.mean([np.log(ratio.ratio) for ratio in found])) == pytest.approx(2.0, rel=0.1)
    assert np.mean([ratio.lower <= 2.0 <= ratio.upper for ratio in found]) > 0.8


@pytest.mark.parametrize("reference", ["against_others", "against_not_yet", "against_long_approved"])
def test_without_a_bump_the_test_is_wrong_as_often_as_it_says(reference: str) -> None:
    runs = 300
    p_values = np.array([getattr(each, reference).p_value for each in bumps(1.0, runs)])
    for level in (0.05, 0.10):
        spread = np.sqrt(level * (1 - level) / runs)
        assert abs((p_values < level).mean() - level) < 3 * spread


def test_the_landmark_keeps_all_time_and_all_ends() -> None:
    spells, approvals = careers(1, bump=1.5)
    landmark = specialist_landmark(spells, approvals)
    parts = [landmark.before, landmark.after, landmark.approved_at_start]
    observed = pl.col("duration_years") - pl.col("entry_years")
    total = sum(part.select(observed.sum()).item() for part in parts)
    assert total == pytest.approx(spells.select(observed.sum()).item())
    assert sum(part["event"].sum() for part in parts) == spells["event"].sum()
    assert all(part.columns == spells.columns for part in parts)


def spell(entry: float, duration: float) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "spell_id": [1],
            "person_id": ["a"],
            "start_date": [date(2020, 1, 1)],
            "entry_years": [entry],
            "duration_years": [duration],
            "time_lower_years": [duration],
            "event": [2],
            "cause": ["hospital"],
        }
    )


def approved(years: float) -> pl.DataFrame:
    return pl.DataFrame({"person_id": ["a"], "approval_date": [date(2020, 1, 1) + timedelta(days=round(years * DAYS))]})


def test_a_spell_is_censored_at_approval_and_goes_on_from_there() -> None:
    landmark = specialist_landmark(spell(0.0, 5.0), approved(4.0))
    columns = ["entry_years", "duration_years", "time_lower_years", "event", "cause"]
    assert landmark.before.select(columns).row(0) == (0.0, 4.0, 4.0, 0, None)
    assert landmark.after.select(columns).row(0) == (0.0, 1.0, 1.0, 2, "hospital")


def test_who_was_approved_before_observation_enters_late() -> None:
    landmark = specialist_landmark(spell(4.5, 6.0), approved(4.0))
    assert landmark.before.is_empty()
    assert landmark.after.select("entry_years", "duration_years").row(0) == (0.5, 2.0)


@pytest.mark.parametrize(("years", "part"), [(6.0, "before"), (4.0, "before"), (0.0, "approved_at_start")])
def test_a_spell_on_one_side_of_the_approval_stays_what_it_is(years: float, part: str) -> None:
    landmark = specialist_landmark(spell(0.0, 4.0), approved(years))
    assert getattr(landmark, part).rows() == spell(0.0, 4.0).rows()
    assert sum(each.height for each in (landmark.before, landmark.after, landmark.approved_at_start)) == 1


def test_a_worked_ratio_and_its_limits_come_out() -> None:
    """One stratum: 10 ends in 50 years against 10 in 100; the score is zero at a ratio of 2."""
    one, none = np.array([10.0]), np.array([0.0])
    found = stratified_rate_ratio(one, np.array([50.0]), one, np.array([100.0]))
    assert found.ratio == pytest.approx(2.0)
    statistic = 2 * (20 * np.log(0.5) - 10 * np.log(1 / 3) - 10 * np.log(2 / 3))
    assert found.p_value == pytest.approx((1 - _chi_square_1(statistic)), rel=1e-6)
    nobody = stratified_rate_ratio(none, np.array([50.0]), one, np.array([100.0]))
    assert (nobody.ratio, nobody.lower) == (0.0, 0.0)
    assert nobody.upper < 1
    only = stratified_rate_ratio(one, np.array([50.0]), none, np.array([100.0]))
    assert (only.ratio, only.upper) == (np.inf, np.inf)
    assert only.lower > 1
    apart = stratified_rate_ratio(
        np.array([3.0, 0.0]), np.array([9.0, 0.0]), np.array([0.0, 4.0]), np.array([0.0, 9.0])
    )
    assert np.isnan(apart.ratio)
    assert (apart.p_value, apart.events, apart.exposure_years) == (1.0, 0, 0.0)


def _chi_square_1(statistic: float) -> float:
    return erf(np.sqrt(statistic / 2))


def test_what_cannot_be_compared_is_an_error() -> None:
    spells, approvals = spell(0.0, 5.0), approved(4.0)
    for wrong, message in [
        (approvals.drop("approval_date"), "also the column approval_date"),
        (pl.concat([approvals, approvals]), "one row per doctor"),
        (approvals.with_columns(approval_date=pl.lit(None, dtype=pl.Date)), "a date in every row"),
    ]:
        with pytest.raises(InvalidInputError, match=message):
            specialist_landmark(spells, wrong)
    with pytest.raises(InvalidInputError, match="exact ends"):
        specialist_landmark(spells.with_columns(time_lower_years=pl.lit(4.0)), approvals)
    with pytest.raises(InvalidInputError, match="bump_years"):
        follow_on_bump(spells, approvals, bump_years=0.0)
    with pytest.raises(InvalidInputError, match="at least one spell"):
        follow_on_bump(spells.clear(), approvals)
