import numpy as np
import polars as pl
import pytest

from models.benchmarks import kaplan_meier, survival_at
from models.errors import EstimatorInputError
from models.incidence import aalen_johansen, incidence_at
from models.outcome import survival_outcome
from models.reference_curve import ReferenceCurve

POSTS = pl.DataFrame({"list_length": [900, 1200, None]})
TIMES = [0.0, 0.5, 1.7, 3.0, 50.0]


def some_outcome(rows: int = 200) -> np.ndarray:
    rng = np.random.default_rng(8)
    entry = np.where(rng.random(rows) < 0.3, rng.exponential(1.0, rows), 0.0)
    time = np.round(entry + rng.exponential(3.0, rows), 1) + 0.05
    return survival_outcome(rng.integers(0, 3, rows), time, entry=np.minimum(entry, time - 0.01))


def test_its_curves_are_the_estimates_and_sum_to_one() -> None:
    y = some_outcome()
    curve = ReferenceCurve().fit(pl.DataFrame(), y)
    survival, incidence = (
        curve.predict_survival_function(POSTS, TIMES),
        curve.predict_cumulative_incidence(POSTS, TIMES),
    )
    spells = pl.DataFrame({"entry_years": y["entry"], "duration_years": y["time"], "event": y["event"] > 0})
    np.testing.assert_allclose(survival[1], survival_at(kaplan_meier(spells), TIMES), atol=1e-12)
    for cause in (1, 2):
        np.testing.assert_allclose(incidence[2, cause - 1], incidence_at(aalen_johansen(y), cause, TIMES), atol=1e-12)
    np.testing.assert_allclose(incidence.sum(axis=1) + survival, 1.0, atol=1e-12)
    assert curve.predict(POSTS).tolist() == [0.0, 0.0, 0.0]


def test_a_weight_of_two_is_the_spell_twice() -> None:
    y = some_outcome()
    weights = np.where(np.arange(len(y)) % 3 == 0, 2, 1)
    pair = [
        ReferenceCurve().fit(pl.DataFrame(), *given).predict_survival_function(POSTS, TIMES)
        for given in ((y, weights), (np.repeat(y, weights), None))
    ]
    np.testing.assert_allclose(pair[0], pair[1], atol=1e-12)


def test_what_is_wrong_is_said() -> None:
    with pytest.raises(EstimatorInputError, match="as many rows as y"):
        ReferenceCurve().fit(POSTS, some_outcome())
