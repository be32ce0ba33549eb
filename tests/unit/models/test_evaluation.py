import numpy as np
import polars as pl
import pytest
from lifelines.utils import concordance_index

from features.errors import InvalidInputError
from models.benchmarks import kaplan_meier, survival_at
from models.evaluation import brier_times, concordance, integrated_brier
from models.horizon_calibration import calibration_by


def some_spells(rows: int = 400, seed: int = 3) -> tuple[pl.DataFrame, np.ndarray]:
    rng = np.random.default_rng(seed)
    risk = rng.normal(size=rows).round(1)
    end = np.maximum(rng.exponential(3 * np.exp(-risk)), 0.05).round(1) + 0.1
    spells = pl.DataFrame(
        {
            "spell_id": np.arange(rows),
            "entry_years": 0.0,
            "duration_years": end,
            "event": rng.random(rows) < 0.6,
            "band": np.where(risk > 0, "high", "low"),
        }
    )
    return spells, risk


def test_concordance_agrees_with_lifelines_with_ties() -> None:
    spells, risk = some_spells()
    theirs = concordance_index(spells["duration_years"], -risk, spells["event"])
    assert concordance(spells, risk) == pytest.approx(theirs, abs=1e-12)


def test_concordance_is_a_half_for_equal_risks_and_one_for_a_leaked_outcome() -> None:
    spells, _ = some_spells()
    assert concordance(spells, np.zeros(spells.height)) == 0.5
    # a censored spell counts as longer than one that ended at the same time
    leaked = spells["duration_years"].to_numpy() + np.where(spells["event"].to_numpy(), 0.0, 0.01)
    assert concordance(spells, -leaked) == 1.0


def test_a_spell_that_entered_later_is_no_comparison() -> None:
    spells = pl.DataFrame({"entry_years": [0.0, 2.0], "duration_years": [1.0, 3.0], "event": [True, True]})
    with pytest.raises(InvalidInputError, match="no comparable pair"):
        concordance(spells, [1.0, 0.0])


def test_the_brier_score_of_uncensored_spells_is_the_plain_squared_error() -> None:
    ends = np.array([1.0, 2.0, 3.0, 4.0])
    spells = pl.DataFrame({"entry_years": 0.0, "duration_years": ends, "event": True})
    spells = pl.concat([spells, pl.DataFrame({"entry_years": [0.0], "duration_years": [9.0], "event": [False]})])
    times = np.array([1.0, 2.0, 3.0])
    survival = np.tile([0.7, 0.5, 0.3], (5, 1))
    there = np.append(ends, 9.0)[:, None] > times
    expected = np.trapezoid(((there - survival) ** 2).mean(axis=0), times) / 2
    assert integrated_brier(spells, spells, survival, times) == pytest.approx(expected)


def test_the_brier_score_weights_for_censoring_as_written_out_by_hand() -> None:
    train, _ = some_spells(200, seed=1)
    test, _ = some_spells(60, seed=2)
    times = brier_times(test)
    survival = np.exp(-np.outer(np.linspace(0.1, 0.9, test.height), times))
    censoring = kaplan_meier(train.with_columns(event=~pl.col("event")))
    score = []
    for k, time in enumerate(times):
        total = 0.0
        for i, (end, event) in enumerate(test.select("duration_years", "event").iter_rows()):
            if end > time:
                total += (1 - survival[i, k]) ** 2 / max(survival_at(censoring, [time])[0], 1e-3)
            elif event:
                total += survival[i, k] ** 2 / max(survival_at(censoring, [end])[0], 1e-3)
        score.append(total / test.height)
    expected = np.trapezoid(score, times) / (times[-1] - times[0])
    assert integrated_brier(train, test, survival, times) == pytest.approx(expected)


def test_a_forecast_that_knows_the_risk_beats_one_curve_for_all() -> None:
    test, risk = some_spells(1000, seed=5)
    times = brier_times(test)
    informed = np.exp(-np.outer(0.6 * np.exp(risk) / 3, times))
    one_curve = np.tile(survival_at(kaplan_meier(test), times), (test.height, 1))
    assert integrated_brier(test, test, informed, times) < integrated_brier(test, test, one_curve, times)


def test_delayed_entry_and_wrong_shapes_are_refused_by_the_brier_score() -> None:
    spells, _ = some_spells(20)
    with pytest.raises(InvalidInputError, match="shape"):
        integrated_brier(spells, spells, np.zeros((3, 2)), [1.0, 2.0])
    late = spells.with_columns(entry_years=pl.lit(0.01))
    with pytest.raises(InvalidInputError, match="delayed entry"):
        integrated_brier(spells, late, np.zeros((20, 2)), [1.0, 2.0])
    with pytest.raises(InvalidInputError, match="risk"):
        concordance(spells, [1.0])


def test_calibration_shows_predicted_beside_observed_per_group() -> None:
    spells, _ = some_spells()
    table = calibration_by(spells, np.full(spells.height, 0.5), 2.0, spells["band"].to_numpy(), cause=1)
    high = spells.filter(band="high")
    assert table["group"].to_list() == ["high", "low"]
    assert table["observed"][0] == pytest.approx(1 - survival_at(kaplan_meier(high), 2.0).item())
    assert table["predicted"].to_list() == pytest.approx([0.5, 0.5])
    curve = kaplan_meier(high, confidence=0.90).filter(pl.col("time_years") <= 2.0)
    assert table["observed_upper"][0] == pytest.approx(1 - curve["lower"][-1], abs=1e-12)
    assert table["coverage"].to_list() == [0.90, 0.90]


def test_a_group_without_an_ended_spell_has_no_interval() -> None:
    spells, _ = some_spells(10)
    stayed, bands = spells.with_columns(event=pl.lit(False)), spells["band"].to_numpy()
    table = calibration_by(stayed, np.zeros(10), 0.1, bands, cause=1)
    assert table["observed"].to_list() == [0.0, 0.0]
    assert table["observed_lower"].null_count() == 2
    assert calibration_by(stayed, np.zeros(10), 10_000.0, bands, cause=1)["observed"].null_count() == 2
