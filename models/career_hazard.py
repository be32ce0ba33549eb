"""Hazard of the end of a contract in the simulator: Weibull baseline, multipliers, bump after the specialist date."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from features.errors import InvalidInputError
from models.calibration import Calibration, national_calibration

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class CareerAssumptions:
    """Class-C assumptions of the simulator, as multiplicative hazard ratios (> 0).

    List length is not among them on purpose. Short lists and salaries are answers to recruitment trouble (reverse
    causality), so the simulator lets no duration depend on list length, and nothing can read "longer lists" as advice.

    Attributes
    ----------
    specialist_bump : float
        Ratio during the first ``specialist_bump_years`` after a trainee has become a specialist in the post. Nobody
        has measured it; municipalities fear that finished specialists move away.
    specialist_bump_years : float
        Length of that period, years.
    salaried, cooperation_contract_8_2 : float
        Ratio against the self-employed main model.
    centrality_step : float
        Ratio per step of centrality class toward the least central, within a population band.
    """

    specialist_bump: float
    specialist_bump_years: float
    salaried: float
    cooperation_contract_8_2: float
    centrality_step: float

    def __post_init__(self) -> None:
        for name in self.__slots__:
            if not 0 < (given := getattr(self, name)) < float("inf"):
                raise InvalidInputError(name, given, "a positive number")

    @classmethod
    def from_calibration(cls, calibration: Calibration | None = None) -> Self:
        """Return the medians of the priors in ``calibration.toml``.

        Examples
        --------
        >>> CareerAssumptions.from_calibration().specialist_bump
        1.8
        """
        figures = calibration or national_calibration()
        ratios = {key: figure.value for key, figure in figures.hazard_ratio.items()}
        return cls(specialist_bump_years=figures.career["specialist_bump_years"].value, **ratios)


@dataclass(frozen=True, slots=True)
class Baseline:
    """Weibull cumulative hazard ``(t / scale_years) ** shape`` of a population band."""

    shape: float
    scale_years: float


@dataclass(frozen=True, slots=True)
class Careers:
    """What the hazard of each contract depends on besides its band; arrays of equal length.

    Attributes
    ----------
    multiplier : ndarray
        Product of the contract's hazard ratios.
    specialist_at_years : ndarray
        Years from the contract's start until a trainee becomes a specialist; infinite for specialists.
    bump, bump_years : float
        See `CareerAssumptions`.
    """

    multiplier: Floats
    specialist_at_years: Floats
    bump: float
    bump_years: float


def cumulative_hazard(time_years: float | Floats, baseline: Baseline, careers: Careers) -> Floats:
    """Return each contract's cumulative hazard at a time since its start (scalar, or one per contract)."""
    time = np.asarray(time_years, dtype=np.float64)
    raised_from = np.minimum(time, careers.specialist_at_years)
    raised_to = np.minimum(time, careers.specialist_at_years + careers.bump_years)
    raised = _power(raised_to, baseline) - _power(raised_from, baseline)
    total: Floats = careers.multiplier * (_power(time, baseline) + (careers.bump - 1) * raised)
    return total


def duration_at(hazard: Floats, baseline: Baseline, careers: Careers) -> Floats:
    """Return when each contract's cumulative hazard reaches a value: the inverse of `cumulative_hazard`.

    With unit-exponential ``hazard`` the result is a draw of durations.

    Examples
    --------
    >>> careers, baseline = Careers(np.array([2.0]), np.array([1.0]), 1.5, 2.0), Baseline(0.9, 6.0)
    >>> duration_at(cumulative_hazard(4.0, baseline, careers), baseline, careers).round(9).tolist()
    [4.0]
    """
    units = hazard / careers.multiplier
    start = _power(careers.specialist_at_years, baseline)
    stop = _power(careers.specialist_at_years + careers.bump_years, baseline)
    with np.errstate(invalid="ignore"):  # inf - inf for specialists, whose first branch applies
        during = start + (units - start) / careers.bump
        after = units - (careers.bump - 1) * (stop - start)
    reached = np.where(units <= start, units, np.where(during <= stop, during, after))
    years: Floats = baseline.scale_years * reached ** (1 / baseline.shape)
    return years


def _power(time: Floats, baseline: Baseline) -> Floats:
    powered: Floats = (time / baseline.scale_years) ** baseline.shape
    return powered
