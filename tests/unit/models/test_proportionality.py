import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import polars as pl
import pytest
from lifelines import CoxPHFitter
from lifelines.statistics import proportional_hazard_test

from models.cox import CoxRegression
from models.errors import EstimatorInputError
from models.outcome import survival_outcome
from models.proportionality import proportionality_test


def spells(*, seed: int, later_factor: float, rows: int = 300) -> tuple[pl.DataFrame, np.ndarray]:
    """Simulated posts: one covariate doubles the hazard in the first year and ``later_factor`` times that later."""
    rng = np.random.default_rng(seed)
    vacant, salaried = rng.integers(0, 2, rows).astype(float), rng.normal(size=rows)
    early, late = 0.4 * 2.0**vacant, 0.4 * (2.0 * later_factor) ** vacant
    threshold = rng.exponential(size=rows)
    stay = np.where(threshold < early, threshold / early, 1 + (threshold - early) / late)
    last = rng.uniform(0.5, 6, rows)
    posts = pl.DataFrame({"vacant": vacant, "salaried": salaried})
    return posts, survival_outcome(stay <= last, np.minimum(stay, last))


@pytest.mark.parametrize("seed", [0, 1])
def test_the_test_agrees_with_lifelines(seed: int) -> None:
    posts, y = spells(seed=seed, later_factor=0.5)
    frame = pd.DataFrame({name: posts[name].to_numpy() for name in posts.columns}).assign(t=y["time"], d=y["event"])
    fitted = CoxPHFitter().fit(frame, "t", "d", fit_options={"precision": 1e-10})
    theirs = proportional_hazard_test(fitted, frame, time_transform="rank")
    ours = proportionality_test(CoxRegression().fit(posts, y), posts, y)
    np.testing.assert_allclose(ours["statistic"], theirs.test_statistic, rtol=1e-4)
    np.testing.assert_allclose(ours["p_value"], theirs.p_value, rtol=1e-4)


def test_a_ratio_that_changes_is_found_and_one_that_does_not_is_not() -> None:
    found = {
        factor: np.array(
            [
                proportionality_test(CoxRegression().fit(posts, y), posts, y)["p_value"][0]
                for posts, y in (spells(seed=seed, later_factor=factor) for seed in range(200))
            ]
        )
        for factor in (1.0, 0.25)
    }
    assert abs((found[1.0] < 0.1).mean() - 0.1) < 3 * np.sqrt(0.09 / 200)
    assert (found[0.25] < 0.1).mean() > 0.9


def test_a_column_that_never_varies_has_no_test_and_a_ridge_is_refused() -> None:
    posts, y = spells(seed=3, later_factor=1.0)
    constant = posts.with_columns(constant=pl.lit(1.0))
    last = proportionality_test(CoxRegression().fit(constant, y), constant, y).row(-1)
    assert last == ("constant", None, None)
    with pytest.raises(EstimatorInputError, match="ridge"):
        proportionality_test(CoxRegression(ridge=1.0).fit(posts, y), posts, y)
