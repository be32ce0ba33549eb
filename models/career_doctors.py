"""Simulated doctors: pseudonyms with a formal career stage, and nothing else about them."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.career_parameters import CareerParameters
from models.career_rates import NEVER, Ints

NEW_RULES_MONTH = 190
"""Month of the simulation (March 2017) from which whoever starts as a GP must be or become a specialist."""

_COMPLETION_SHAPE = 1.2
_LONGEST_COMPLETION_YEARS = 8.0


@dataclass(slots=True)
class Doctors:
    """Arrays with one value per doctor, in the order in which they came; months of the simulation.

    Attributes
    ----------
    training_start : ndarray of int
        Month in which the doctor began specialist training (ALIS), `NEVER` for those who came as specialists.
    approval : ndarray of int
        Month of the approval as specialist (negative: before the opening), `NEVER` for those who do not get it.
    nominal_approval : ndarray of int
        The same where there is one; else the month in which the training would have been over. It is the career
        stage that retirement follows.
    """

    training_start: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    approval: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    nominal_approval: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    def added(self, training_start: Ints, approval: Ints, nominal_approval: Ints) -> Ints:
        """Add doctors and return their numbers."""
        first = self.approval.size
        self.training_start = np.concatenate([self.training_start, training_start])
        self.approval = np.concatenate([self.approval, approval])
        self.nominal_approval = np.concatenate([self.nominal_approval, nominal_approval])
        return np.arange(first, self.approval.size)


def doctors_at_opening(doctors: Doctors, month: int, size: int, rng: np.random.Generator, p: CareerParameters) -> Ints:
    """Add the doctors whom the scheme began with, and return their numbers: many of them late in their careers."""
    stage = np.round(12 * p["stage_years_max_at_opening"] * rng.random(size)).astype(np.int64) - month
    is_specialist = rng.random(size) < p["specialist_share_at_opening"]
    never = np.full(size, NEVER)
    return doctors.added(never, np.where(is_specialist, -stage, NEVER), -stage)


def entering_doctors(doctors: Doctors, month: int, size: int, rng: np.random.Generator, p: CareerParameters) -> Ints:
    """Add doctors who enter the scheme in a month, as ALIS or as specialists, and return their numbers."""
    is_trainee = rng.random(size) < p["trainee_share_of_entrants"]
    completion = completion_years(rng.random(size), p)
    trained = p["trained_before_contract_years_max"] * rng.random(size)
    training_start = month - np.round(12 * trained).astype(np.int64)
    nominal = np.maximum(training_start + np.round(12 * completion).astype(np.int64), month + 1)
    finish_share = p["finish_share_new_rules" if month >= NEW_RULES_MONTH else "finish_share_old_rules"]
    finishes = rng.random(size) < finish_share
    since = np.minimum(rng.gamma(2.0, p["specialist_entrant_years_mean"] / 2.0, size), 30.0)
    came_approved = month - np.round(12 * since).astype(np.int64)
    return doctors.added(
        np.where(is_trainee, training_start, NEVER),
        np.where(is_trainee, np.where(finishes, nominal, NEVER), came_approved),
        np.where(is_trainee, nominal, came_approved),
    )


def completion_years(uniform: NDArray[np.float64], p: CareerParameters) -> NDArray[np.float64]:
    """Return years from the start of specialist training to the approval: never below five, at most eight.

    Examples
    --------
    >>> from models.career_parameters import career_parameters
    >>> float(completion_years(np.array([0.5]), career_parameters())[0].round(1))
    6.0
    """
    scale = p["completion_excess_scale_years"]
    most = -np.expm1(-(((_LONGEST_COMPLETION_YEARS - p["completion_least_years"]) / scale) ** _COMPLETION_SHAPE))
    excess = scale * (-np.log1p(-uniform * most)) ** (1 / _COMPLETION_SHAPE)
    years: NDArray[np.float64] = p["completion_least_years"] + excess
    return years
