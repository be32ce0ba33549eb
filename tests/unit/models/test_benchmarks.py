import numpy as np
import polars as pl
import pytest
from lifelines import KaplanMeierFitter
from lifelines.utils import median_survival_times

from features.errors import InvalidInputError
from models.benchmarks import kaplan_meier, median_with_interval, survival_at
from models.spells import checked_spells


def some_spells(rows: int = 300) -> pl.DataFrame:
    rng = np.random.default_rng(7)
    entry = np.where(rng.random(rows) < 0.4, rng.exponential(1.0, rows), 0.0)
    return pl.DataFrame(
        {
            "entry_years": entry,
            "duration_years": entry + rng.exponential(4.0, rows) + 0.01,
            "event": rng.random(rows) < 0.7,
        }
    )


def test_the_curve_and_its_interval_agree_with_lifelines_under_delayed_entry() -> None:
    spells = some_spells()
    fitted = KaplanMeierFitter().fit(spells["duration_years"], spells["event"], entry=spells["entry_years"])
    times = np.linspace(0.1, 10, 40)
    curve = kaplan_meier(spells)
    np.testing.assert_allclose(survival_at(curve, times), fitted.survival_function_at_times(times), atol=1e-10)
    theirs = fitted.confidence_interval_
    rows = [i for i, t in enumerate(theirs.index) if t in set(curve["time_years"])]
    for place, name in enumerate(("lower", "upper")):
        known = curve[name].is_not_null().to_numpy()  # theirs is 0 where the curve is 0, ours unknown
        np.testing.assert_allclose(curve[name].to_numpy()[known], theirs.iloc[rows, place][known], atol=1e-10)
    median = median_with_interval(curve)
    assert median.median_years == pytest.approx(fitted.median_survival_time_)
    bounds = median_survival_times(theirs).to_numpy().ravel()
    assert (median.lower, median.upper) == pytest.approx(tuple(bounds))


def test_a_median_that_is_not_reached_is_infinite() -> None:
    spells = pl.DataFrame({"entry_years": 0.0, "duration_years": [1.0, 2.0, 3.0], "event": [True, False, False]})
    assert median_with_interval(kaplan_meier(spells)).median_years == float("inf")


def test_spells_that_all_are_censored_give_an_empty_curve_at_one() -> None:
    curve = kaplan_meier(pl.DataFrame({"entry_years": 0.0, "duration_years": [1.0, 2.0], "event": False}))
    assert curve.is_empty()
    assert survival_at(curve, [0.5, 5.0]).tolist() == [1.0, 1.0]
    assert median_with_interval(curve).median_years == float("inf")


def test_survival_before_the_first_event_is_one() -> None:
    spells = pl.DataFrame({"entry_years": 0.0, "duration_years": [1.0, 2.0], "event": [True, True]})
    assert survival_at(kaplan_meier(spells), [0.0, 0.99, 1.0, 9.0]).tolist() == [1.0, 1.0, 0.5, 0.0]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"duration_years": pl.lit(0.0)}, "duration_years"),
        ({"entry_years": pl.lit(-1.0)}, "duration_years"),
        ({"duration_years": pl.lit(float("nan"))}, "duration_years"),
        ({"duration_years": pl.lit(None, dtype=pl.Float64)}, "duration_years"),
        ({"duration_years": pl.lit("two")}, "duration_years"),
        ({"event": pl.lit(1)}, "event"),
        ({"event": pl.lit(None, dtype=pl.Boolean)}, "event"),
    ],
)
def test_an_impossible_spell_is_named(change: dict[str, pl.Expr], named: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        checked_spells(some_spells(5).with_columns(**change))
    assert caught.value.name == named


def test_missing_columns_no_rows_and_a_wrong_confidence_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="event"):
        checked_spells(some_spells(5).drop("event"))
    with pytest.raises(InvalidInputError, match="no rows"):
        checked_spells(some_spells(5).clear())
    with pytest.raises(InvalidInputError, match="confidence"):
        kaplan_meier(some_spells(5), confidence=95)
