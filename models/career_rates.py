"""True yearly rates at which simulated doctors leave: one place for the simulator and for the truth it tells."""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from models.career_hazard import Floats
from models.career_parameters import CareerParameters
from models.career_scenario import Scenario

Ints = NDArray[np.int64]

NEVER = 10**6
"""Month of what does not happen."""

MIDDLE_CENTRALITY = 3
"""Centrality class at which the ratio of centrality is 1."""


class Cause(IntEnum):
    """Why a doctor left a post; 0 in the data means still there when last seen."""

    OTHER_MUNICIPALITY = 1
    HOSPITAL = 2
    OTHER = 3
    RETIREMENT = 4


class Form(IntEnum):
    """Contract form; the order of `models.posts.CONTRACT_FORMS`."""

    SELF_EMPLOYED = 0
    COOPERATION = 1
    SALARIED = 2


def place_ratio(
    centrality_class: Ints, municipality_effect: Floats, lever_ratio: Floats, p: CareerParameters
) -> Floats:
    """Return what a post multiplies the rate of leaving by, whoever holds it."""
    steps = centrality_class.astype(np.float64) - MIDDLE_CENTRALITY
    ratio: Floats = np.power(p["centrality_step"], steps) * municipality_effect * lever_ratio
    return ratio


def form_ratio(form: Ints, p: CareerParameters) -> Floats:
    """Return the ratio of each contract form against the self-employed main model."""
    ratio: Floats = np.array([1.0, p["cooperation_ratio"], p["salaried_ratio"]])[form]
    return ratio


def specialist_ratio(month: Ints, start: Ints, approval: Ints, p: CareerParameters) -> Floats:
    """Return the raised rate of those who became specialists in this post a short time ago."""
    months = round(12 * p["specialist_bump_years"])
    is_raised = (approval > start) & (month >= approval) & (month < approval + months)
    ratio: Floats = np.where(is_raised, p["specialist_bump"], 1.0)
    return ratio


def retirement_rate(stage_years: Floats, p: CareerParameters) -> Floats:
    """Return retirements per year at a career stage: years since the (nominal) approval as specialist."""
    rate: Floats = p["rate_at_30_years"] * np.exp(p["growth_per_year"] * (np.minimum(stage_years, 40.0) - 30.0))
    return rate


def left_in_month(rate: Floats | float) -> Floats:
    """Return the probability that something with a yearly rate happens within a month."""
    probability: Floats = -np.expm1(-np.asarray(rate, dtype=np.float64) / 12)
    return probability


def cause_probabilities(voluntary: Floats, retiring: Floats, spike: Floats, p: CareerParameters) -> Floats:
    """Return the probability to leave within a month for each cause, shape (causes, ...); `Cause` gives the order.

    The two rates compete; who still is there may then leave because an obligation ended. A spike divides on the causes
    like any voluntary leaving.
    """
    rate = voluntary + retiring
    left = left_in_month(rate)
    retired = left * np.divide(retiring, rate, out=np.zeros_like(rate), where=rate > 0)
    freely = (left - retired) + (1 - left) * spike
    moved, hospital = p["moved_share"], p["hospital_share"]
    return np.stack([moved * freely, hospital * freely, (1.0 - moved - hospital) * freely, retired])


def spike_probability(scenario: Scenario, month: Ints, start: Ints, approval: Ints) -> Floats:
    """Return the extra probability to leave in a month because an obligation taken on in training ends with it."""
    stays = np.ones(start.size)
    for spike in scenario.spikes:
        is_due = (approval > start) & (month - start == round(12 * spike.years))
        stays = np.where(is_due, stays * (1 - spike.probability), stays)
    return 1 - stays


def form_shares(band: Ints, month: Ints | int, p: CareerParameters) -> tuple[Floats, Floats]:
    """Return the probability that a new contract is salaried, and that it is an economic cooperation (section 8.2)."""
    salaried = np.minimum(p.by_band["salaried_share"][band] * p.by_month["salaried_factor"][month], 0.9)
    cooperation: Floats = np.full_like(salaried, p["cooperation_share"])
    return salaried, np.minimum(cooperation, 1 - salaried)
