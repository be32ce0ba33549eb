"""Measures of a fold's forecast for spells that count as often as they were drawn: many draws at once."""

import numpy as np

from models.cause_errors import counted_mean_errors, known_average
from models.discrimination import drawn_concordances
from models.dynamic_auc import ranked_auc
from models.fold_forecast import FoldForecast, Key
from models.outcome import Floats
from models.rank_sums import dense_ranks


def counted_measures(forecast: FoldForecast, counts: Floats, horizons: tuple[float, ...]) -> dict[Key, Floats]:
    """Return every measure of `models.fold_forecast.FoldForecast.measures`, one per draw.

    The same as if the forecast held each spell as often as it was drawn; weights stay.

    Parameters
    ----------
    forecast : FoldForecast
        Of one cause, or of any.
    counts : ndarray, shape (draws, spells)
        How often each spell was drawn.
    horizons : tuple of float
        Of the forecast.

    Returns
    -------
    dict of (str, float or None) to ndarray, shape (draws,)
        Not a number where the spells of a draw cannot tell it.
    """
    at = len(horizons)
    score, one_curve = (counted_mean_errors(each, counts) for each in (forecast.errors, forecast.errors_one_curve))
    harrell, uno = drawn_concordances(
        forecast.train, forecast.test, forecast.risk, forecast.cause, counts, tau=horizons[-1]
    )
    measured: dict[Key, Floats] = {
        ("harrell_c", None): harrell,
        ("uno_c", None): uno,
        ("integrated_brier", None): _averages(score[:, at:], forecast.times),
        ("integrated_brier_one_curve", None): _averages(one_curve[:, at:], forecast.times),
    }
    for column, horizon in enumerate(horizons):
        measured["brier", horizon] = score[:, column]
        measured["brier_one_curve", horizon] = one_curve[:, column]
        rank, (case, weight) = dense_ranks(forecast.left[:, column]), forecast.statuses[column]
        measured["auc", horizon] = np.array([ranked_auc(rank, case, weight * each) for each in counts])
    return measured


def _averages(scores: Floats, times: Floats) -> Floats:
    return np.array([known_average(score, times) for score in scores])
