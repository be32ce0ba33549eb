"""On the real panel, a value drawn towards its peers tells more about the next year than the value itself."""

import numpy as np
import pytest

from bench.shrinkage import FULL_PANEL, Forecasts, moves, panel, scores, vacancy_forecasts, year_ahead
from features.snapshot import load_snapshot


@pytest.fixture(scope="module")
def forecasts() -> Forecasts:
    return vacancy_forecasts(load_snapshot(), FULL_PANEL)


def test_the_shrunk_value_predicts_the_next_year_better_than_the_raw_one(forecasts: Forecasts) -> None:
    raw, group, shrunk = (scores(forecasts, method) for method in ("raw", "group mean", "shrunk"))
    assert shrunk["squared"].mean() < 0.8 * raw["squared"].mean()
    assert shrunk["squared"].mean() < group["squared"].mean()
    assert shrunk["log"].mean() > max(raw["log"].mean(), group["log"].mean()) + 0.05


def test_it_does_in_every_year_with_the_full_panel(forecasts: Forecasts) -> None:
    year = forecasts.places["year"].to_numpy()
    better = scores(forecasts, "raw")["squared"] - scores(forecasts, "shrunk")["squared"]
    assert [int(each) for each in np.unique(year)] == [2020, 2021, 2022, 2023, 2024]
    assert all(better[year == each].mean() > 0 for each in np.unique(year))


def test_only_the_year_before_has_a_say(forecasts: Forecasts) -> None:
    first_only = vacancy_forecasts(load_snapshot(), 2024)
    of_2024 = (forecasts.places["year"] == 2024).to_numpy()
    np.testing.assert_array_equal(first_only.predicted["shrunk"], forecasts.predicted["shrunk"][of_2024])


def test_years_without_a_following_one_are_left_out() -> None:
    years = [year for year, _ in year_ahead(panel(load_snapshot()))]
    assert years == list(range(2015, 2025))


def test_posts_move_by_a_tenth_of_what_a_poisson_count_would() -> None:
    assert moves(load_snapshot(), 1)["GPs"].mean() / 2 == pytest.approx(0.1, abs=0.03)
