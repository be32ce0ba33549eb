"""Laws of predicted survival, whatever the spells."""

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from models.hazard import DiscreteTimeHazard
from models.uncertainty import survival_interval


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.01, 8.0), st.booleans(), st.sampled_from("abc")), min_size=2, max_size=40),
    st.lists(st.floats(0, 8.0), min_size=1, max_size=6),
)
def test_survival_starts_at_one_never_rises_and_has_no_negative_hazard(
    rows: list[tuple[float, bool, str]], times: list[float]
) -> None:
    X = pl.DataFrame({"kind": [row[2] for row in rows]})
    outcome = pl.DataFrame(
        {
            "entry_years": 0.0,
            "duration_years": [row[0] for row in rows],
            "event": [True, *(row[1] for row in rows[1:])],
        }
    )
    breaks = tuple(float(year) for year in range(9))
    model = DiscreteTimeHazard(n_estimators=5, min_leaf_events=1.0, breaks=breaks).fit(X, outcome)
    survival = model.predict_survival_function(X, [0.0, *sorted(times)])
    assert (survival[:, 0] == 1).all()
    assert (np.diff(survival, axis=1) <= 1e-12).all()
    assert ((survival >= 0) & (survival <= 1)).all()
    assert (model.predict_hazard(X) >= 0).all()


@settings(deadline=None)
@given(st.lists(st.lists(st.floats(0, 2), min_size=5, max_size=5), min_size=3, max_size=6))
def test_an_interval_holds_its_curve_and_never_rises(steps: list[list[float]]) -> None:
    curves = np.exp(-np.cumsum(np.array(steps), axis=1))
    lower, upper = survival_interval(curves[0], curves[1:])
    assert (lower <= curves[0] + 1e-9).all()
    assert (upper >= curves[0] - 1e-9).all()
    for bound in (lower, upper):
        assert (np.diff(bound) <= 1e-12).all()
        assert ((bound >= 0) & (bound <= 1)).all()
