import numpy as np
import polars as pl
import pytest
from lifelines import AalenJohansenFitter, NelsonAalenFitter
from polars.testing import assert_frame_equal

from models.benchmarks import kaplan_meier
from models.errors import EstimatorInputError
from models.incidence import aalen_johansen, incidence_at, nelson_aalen
from models.outcome import read_outcome, survival_outcome


def some_outcome(rows: int = 300, *, rounded: int = 12) -> np.ndarray:
    rng = np.random.default_rng(11)
    entry = np.where(rng.random(rows) < 0.4, rng.exponential(1.0, rows), 0.0)
    time = np.round(entry + rng.exponential(4.0, rows), rounded) + 0.01
    return survival_outcome(rng.choice(3, rows, p=[0.3, 0.5, 0.2]), time, entry=np.round(entry, rounded))


def test_incidence_and_variance_agree_with_lifelines_under_delayed_entry() -> None:
    y = some_outcome()
    ours, times = aalen_johansen(y), np.linspace(0.2, 9, 30)
    for cause in (1, 2):
        theirs = AalenJohansenFitter(calculate_variance=True)
        with np.errstate(all="ignore"):
            theirs.fit(y["time"], y["event"], cause, entry=y["entry"])
        at = theirs.cumulative_density_.index.searchsorted(times, side="right") - 1
        np.testing.assert_allclose(incidence_at(ours, cause, times), theirs.cumulative_density_.iloc[at, 0], atol=1e-10)
        rows = ours.filter(pl.col("cause") == cause)
        place = np.searchsorted(rows["time_years"].to_numpy(), times, side="right") - 1
        np.testing.assert_allclose(rows["variance"].to_numpy()[place], theirs.variance_.iloc[at], atol=1e-10)


def test_a_worked_example_comes_out() -> None:
    """Six spells, one entering late; worked by hand."""
    y = survival_outcome([1, 2, 0, 1, 2, 0], [1.0, 2.0, 2.0, 3.0, 4.0, 5.0], entry=[0, 0, 0, 0, 2.5, 0])
    curves = aalen_johansen(y)
    # at risk: 5 at year 1, 4 at year 2 (one leaves, one is censored), 3 at year 3, 2 at year 4
    survival = [4 / 5, 4 / 5 * 3 / 4, 4 / 5 * 3 / 4 * 2 / 3, 4 / 5 * 3 / 4 * 2 / 3 / 2]
    first, second = (curves.filter(pl.col("cause") == cause) for cause in (1, 2))
    assert first["at_risk"].to_list() == [5, 4, 3, 2]
    assert first["survival"].to_list() == pytest.approx(survival)
    assert first["incidence"].to_list() == pytest.approx([1 / 5, 1 / 5, 1 / 5 + 3 / 5 / 3, 2 / 5])
    assert second["incidence"].to_list() == pytest.approx([0, 1 / 5, 1 / 5, 1 / 5 + 2 / 5 / 2])


def test_incidences_and_survival_sum_to_one_with_ties() -> None:
    curves = aalen_johansen(some_outcome(rounded=0))
    sums = curves.group_by("time_years").agg(pl.col("incidence").sum() + pl.col("survival").first())
    np.testing.assert_allclose(sums["incidence"], 1.0, atol=1e-12)


def test_with_one_cause_the_variance_is_greenwoods() -> None:
    y = some_outcome(rounded=1)
    y["event"] = y["event"] > 0
    y["entry"] = 0.0
    curve = aalen_johansen(y)
    at_risk, events, survival = (curve[name].to_numpy() for name in ("at_risk", "events", "survival"))
    inside = survival > 0
    greenwood = survival**2 * np.cumsum(events / np.where(inside, at_risk * (at_risk - events), 1))
    np.testing.assert_allclose(curve["variance"].to_numpy()[inside], greenwood[inside], rtol=1e-9)


def test_the_cumulative_hazard_and_its_bounds_agree_with_lifelines() -> None:
    y = some_outcome()
    theirs = NelsonAalenFitter()  # without ties its smoothing changes nothing
    theirs.fit(y["time"], y["event"] > 0, entry=y["entry"])
    ours = nelson_aalen(y)
    times = ours["time_years"].to_list()
    np.testing.assert_allclose(ours["cumulative_hazard"], theirs.cumulative_hazard_.loc[times].iloc[:, 0], atol=1e-10)
    bounds = np.sort(theirs.confidence_interval_.loc[times].to_numpy(), axis=1)
    np.testing.assert_allclose(ours.select("lower", "upper").to_numpy(), bounds, atol=1e-8)


def test_a_weight_of_two_is_the_spell_twice() -> None:
    y = some_outcome(rounded=1)
    weights = np.where(np.arange(len(y)) % 3 == 0, 2, 1)
    for estimate in (nelson_aalen, aalen_johansen):
        assert_frame_equal(estimate(y, sample_weight=weights), estimate(np.repeat(y, weights)))


def test_survival_is_the_kaplan_meier_curve() -> None:
    y = some_outcome(rounded=1)
    spells = pl.DataFrame({"entry_years": y["entry"], "duration_years": y["time"], "event": read_outcome(y).ended})
    survival = aalen_johansen(y).filter(pl.col("cause") == 1)["survival"]
    np.testing.assert_allclose(survival, kaplan_meier(spells)["survival"], atol=1e-12)


def test_what_is_wrong_is_said() -> None:
    y = some_outcome()
    with pytest.raises(EstimatorInputError, match="between 0 and 1"):
        nelson_aalen(y, confidence=1.0)
    with pytest.raises(EstimatorInputError, match="one of 1, 2"):
        incidence_at(aalen_johansen(y), 3, [1.0])
    with pytest.raises(EstimatorInputError, match="at least one spell that ended"):
        aalen_johansen(survival_outcome([False], [1.0]))
    with pytest.raises(EstimatorInputError, match="finite weights"):
        nelson_aalen(y, sample_weight=[1.0])
