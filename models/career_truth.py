"""The truth behind simulated careers: what an estimator should find, free of the noise of a draw."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import ArrayLike

from features.errors import InvalidInputError
from features.peers import population_band
from models.career_hazard import Floats
from models.career_parameters import MONTHS, OPENING, CareerParameters
from models.career_rates import (
    NEVER,
    Form,
    Ints,
    cause_probabilities,
    form_ratio,
    left_in_month,
    place_ratio,
    retirement_rate,
    specialist_ratio,
    spike_probability,
)
from models.career_record import SimulatedCareers
from models.career_scenario import Scenario
from models.mix import BAND_NAMES
from models.posts import CONTRACT_FORMS

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(7)
_LONGEST_YEARS = 40.0
_PROFILES_AT_ONCE = 2_000
_NEEDED = ("population", "centrality_class", "contract_form", "years_since_specialist", "stage_years", "start_date")


@dataclass(frozen=True, slots=True)
class CareerTruth:
    """True curves of posts, averaged over everything that the profile does not tell.

    A profile is a row with ``population``, ``centrality_class``, ``contract_form``, ``years_since_specialist``,
    ``stage_years`` and ``start_date`` as in the spells of `models.career_record.SimulatedCareers`, and ``has_...`` of
    each planted lever (absent: no). With ``municipality_code`` the curve is that municipality's; without, it is the
    average over municipalities of this structure. It is always averaged over how well doctor and post suit each other
    (the frailty), and over later changes of contract form: nobody can know these at the start.

    Attributes
    ----------
    parameters, scenario : CareerParameters, Scenario
        Rates and what was planted.
    municipality_effects : dict of str to float
        Ratio of each municipality to what its structure explains.
    """

    parameters: CareerParameters
    scenario: Scenario
    municipality_effects: Mapping[str, float]

    @property
    def lever_ratios(self) -> dict[str, float]:
        """The planted hazard ratio of each lever for one doctor in one post: every cause but retirement."""
        return {lever.name: lever.ratio for lever in self.scenario.levers}

    def survival(self, profiles: pl.DataFrame, times_years: ArrayLike) -> Floats:
        """Return the probability that a contract lasts beyond each time, shape (profiles, times).

        Raises
        ------
        InvalidInputError
            If a column or a value is missing or impossible, or a time is outside 0 to 40 years.

        Examples
        --------
        >>> from models.career_simulation import simulate_careers
        >>> from models.mix import national_mix
        >>> careers = simulate_careers(national_mix(), seed=1, lists=100)
        >>> curves = truth_of(careers).survival(careers.spells, [0.0, 5.0])
        >>> curves.shape == (careers.spells.height, 2), bool((curves[:, 0] == 1).all())
        (True, True)
        """
        years = _checked_times(times_years)
        survival, _ = self._monthly(profiles, years)
        return _between_months(survival, years)

    def cumulative_incidence(self, profiles: pl.DataFrame, times_years: ArrayLike) -> Floats:
        """Return the probability to have left for each cause, shape (profiles, causes, times).

        Causes in the order of `models.career_record.CAUSES`; with `survival` they sum to 1.
        """
        years = _checked_times(times_years)
        _, incidence = self._monthly(profiles, years)
        return _between_months(incidence, years)

    def hazard_by_cause(self, profiles: pl.DataFrame, times_years: ArrayLike) -> Floats:
        """Return leavings per year and cause of those still in post, shape (profiles, causes, times).

        The rate of the month that a time falls into: it jumps at the approval and where an obligation ends.
        """
        years = _checked_times(times_years)
        survival, incidence = self._monthly(profiles, years + 1 / 12)
        month = np.floor(years * 12 + 1e-9).astype(np.int64)
        left = incidence[..., month + 1] - incidence[..., month]
        still, gone = survival[:, None, month], survival[:, None, month] - survival[:, None, month + 1]
        rate = -12 * np.log1p(-gone / still)
        hazard: Floats = rate * np.divide(left, gone, out=np.zeros_like(left), where=gone > 0)
        return hazard

    def restricted_mean(self, profiles: pl.DataFrame, horizon_years: float) -> Floats:
        """Return the mean years in post up to a horizon, shape (profiles,)."""
        months = np.append(np.arange(np.ceil(horizon_years * 12 - 1e-9)) / 12, horizon_years)
        mean: Floats = np.trapezoid(self.survival(profiles, months), months, axis=1)
        return mean

    def lever_contrast(self, profiles: pl.DataFrame, lever: str, horizon_years: float) -> pl.DataFrame:
        """Return what a lever changes in each post: what a fitted model can be held against.

        Those who suit their post badly leave first, with a lever or without, so the ratio of *average* hazards lies
        nearer to 1 than the planted ratio. A model without the frailty should find the average.

        Returns
        -------
        DataFrame
            One row per profile: ``hazard_ratio`` (of cumulative hazards up to the horizon, all causes, with the lever
            against without) and ``restricted_mean_gain_years``.

        Raises
        ------
        InvalidInputError
            If the lever was not planted.
        """
        if lever not in self.lever_ratios:
            raise InvalidInputError(
                "lever", lever, f"one of {', '.join(self.lever_ratios) or 'none: none was planted'}"
            )
        with_it, without = (profiles.with_columns(pl.lit(has).alias(f"has_{lever}")) for has in (True, False))
        at_end = [-np.log(self.survival(frame, [horizon_years])[:, 0]) for frame in (with_it, without)]
        means = [self.restricted_mean(frame, horizon_years) for frame in (with_it, without)]
        return pl.DataFrame({"hazard_ratio": at_end[0] / at_end[1], "restricted_mean_gain_years": means[0] - means[1]})

    def _monthly(self, profiles: pl.DataFrame, years: Floats) -> tuple[Floats, Floats]:
        months = int(np.ceil(years.max(initial=0.0) * 12 - 1e-9)) + 1
        starts = range(0, max(profiles.height, 1), _PROFILES_AT_ONCE)
        parts = [self._months_of(profiles.slice(start, _PROFILES_AT_ONCE), months) for start in starts]
        survival, incidence = (np.concatenate(part) for part in zip(*parts, strict=True))
        return survival, incidence

    def _months_of(self, profiles: pl.DataFrame, months: int) -> tuple[Floats, Floats]:
        """Return survival and incidence by month; states are municipality effect, suit and contract form."""
        p, post = self.parameters, _checked_profiles(profiles, self.scenario)
        state, rate = self._states(post)
        survival, incidence = np.ones((len(post.start), months + 1)), np.zeros((len(post.start), 4, months + 1))
        switch = float(left_in_month(p["self_employed_switch_rate"]))
        ratios = form_ratio(np.arange(3), p)
        for passed in range(months):
            month = post.start + passed
            factor = specialist_ratio(month, post.start, post.approval, p)
            factor = factor * p.by_month["turnover_factor"][np.minimum(month, MONTHS)]
            voluntary = rate * factor[:, None, None, None] * ratios
            retiring = np.broadcast_to(
                retirement_rate((month - post.nominal) / 12, p)[:, None, None, None], voluntary.shape
            )
            spike = spike_probability(self.scenario, month, post.start, post.approval)[:, None, None, None]
            left = cause_probabilities(voluntary, retiring, spike, p) * state
            incidence[:, :, passed + 1] = incidence[:, :, passed] + left.sum(axis=(2, 3, 4)).T
            state = state - left.sum(axis=0)
            changed = switch * state[..., Form.SALARIED]
            state[..., Form.SELF_EMPLOYED] += changed
            state[..., Form.SALARIED] -= changed
            survival[:, passed + 1] = state.sum(axis=(1, 2, 3))
        return survival, incidence

    def _states(self, post: "_Profiles") -> tuple[Floats, Floats]:
        p, size = self.parameters, len(post.start)
        sd = p["municipality_sd"]
        if post.codes is None:
            effect = np.broadcast_to(np.exp(sd * _NODES - sd**2 / 2), (size, _NODES.size))
            weight = _WEIGHTS / _WEIGHTS.sum()
        else:
            effect, weight = np.array([[self.municipality_effects[code]] for code in post.codes]), np.ones(1)
        ratio = np.prod(np.where(post.has_lever, list(self.lever_ratios.values()), 1.0), axis=1)
        place = place_ratio(post.centrality[:, None], effect, ratio[:, None], p)
        base = np.stack([p.by_band["settled_rate"][post.band], p.by_band["restless_rate"][post.band]], axis=1)
        opening, later = (p.by_band[name][post.band] for name in ("restless_share_at_opening", "restless_share"))
        restless = np.where(post.start == 0, opening, later)
        suit = np.stack([1 - restless, restless], axis=1)
        state = np.zeros((size, effect.shape[1], 2, 3))
        state[np.arange(size), :, :, post.form] = weight[None, :, None] * suit[:, None, :]
        return state, (place[:, :, None] * base[:, None, :])[..., None]


def truth_of(careers: SimulatedCareers) -> CareerTruth:
    """Return the truth behind simulated careers."""
    places = careers.posts.places
    effects = dict(places.select("municipality_code", "municipality_effect").iter_rows())
    return CareerTruth(careers.parameters, careers.scenario, effects)


@dataclass(frozen=True, slots=True)
class _Profiles:
    """Checked profiles as arrays; months of the simulation."""

    band: Ints
    centrality: Ints
    form: Ints
    start: Ints
    approval: Ints
    nominal: Ints
    has_lever: np.ndarray
    codes: list[str] | None


def _checked_profiles(profiles: pl.DataFrame, scenario: Scenario) -> _Profiles:
    if missing := [name for name in _NEEDED if name not in profiles.columns]:
        raise InvalidInputError("profiles", profiles.columns, f"also the columns {', '.join(missing)}")
    for name in (*_NEEDED, "municipality_code"):
        if name != "years_since_specialist" and name in profiles.columns and (nulls := profiles[name].null_count()):
            raise InvalidInputError(name, f"{nulls} missing values", "a value in every row")
    dates = profiles["start_date"].dt
    start = ((dates.year() - OPENING.year) * 12 + dates.month() - OPENING.month).to_numpy().astype(np.int64)
    since = profiles["years_since_specialist"].cast(pl.Float64).fill_null(-np.inf).to_numpy()
    approval = np.where(np.isfinite(since), start - np.round(12 * np.where(np.isfinite(since), since, 0.0)), NEVER)
    names = [f"has_{lever.name}" for lever in scenario.levers]
    columns = [
        profiles[name].to_numpy() if name in profiles.columns else np.zeros(profiles.height, dtype=np.bool_)
        for name in names
    ]
    bands = profiles.select(population_band(pl.col("population")).cast(pl.Enum(BAND_NAMES))).to_series()
    forms = profiles["contract_form"].cast(pl.String)
    return _Profiles(
        band=bands.to_physical().to_numpy().astype(np.int64),
        centrality=profiles["centrality_class"].to_numpy().astype(np.int64),
        form=forms.replace_strict(dict(zip(CONTRACT_FORMS, range(3), strict=True)), return_dtype=pl.Int64).to_numpy(),
        start=np.maximum(start, 0),
        approval=approval.astype(np.int64),
        nominal=start - np.round(12 * profiles["stage_years"].to_numpy()).astype(np.int64),
        has_lever=np.stack(columns, axis=1) if columns else np.zeros((profiles.height, 0), dtype=np.bool_),
        codes=profiles["municipality_code"].to_list() if "municipality_code" in profiles.columns else None,
    )


def _checked_times(times_years: ArrayLike) -> Floats:
    years = np.atleast_1d(np.asarray(times_years, dtype=np.float64))
    if years.size and not (years.min() >= 0 and years.max() <= _LONGEST_YEARS):
        raise InvalidInputError("times", f"{years.min():g} to {years.max():g}", f"years from 0 to {_LONGEST_YEARS:g}")
    return years


def _between_months(monthly: Floats, years: Floats) -> Floats:
    """Return values at any times, straight between months: in a month every day of leaving is as likely as another."""
    month = np.minimum(np.floor(years * 12).astype(np.int64), monthly.shape[-1] - 2)
    share = years * 12 - month
    values: Floats = monthly[..., month] * (1 - share) + monthly[..., month + 1] * share
    return values
