"""Whole careers of simulated GPs, month by month from the scheme's opening, with the truth behind them known."""

from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.errors import InvalidInputError
from models.career_doctors import Doctors, doctors_at_opening, entering_doctors
from models.career_hazard import Floats
from models.career_parameters import MONTHS, CareerParameters, career_parameters
from models.career_posts import Posts, simulated_posts
from models.career_rates import (
    NEVER,
    Cause,
    Form,
    Ints,
    cause_probabilities,
    form_ratio,
    form_shares,
    left_in_month,
    place_ratio,
    retirement_rate,
    specialist_ratio,
    spike_probability,
)
from models.career_record import SimulatedCareers, simulated_careers
from models.career_scenario import Scenario
from models.mix import checked_mix

_NOBODY = -1


def simulate_careers(
    mix: pl.DataFrame,
    *,
    seed: int,
    lists: int | None = None,
    scenario: Scenario | None = None,
    parameters: CareerParameters | None = None,
) -> SimulatedCareers:
    """Return the careers of doctors in the posts of a country, from 1 May 2001 to 1 May 2024.

    Every month vacant posts are filled, by doctors on their way from another municipality or by new ones; those in
    post are approved as specialists, change from salary to a practice of their own, or leave for a cause. Contracts
    start on the first day of a month and end on any day. List length moves nothing. No row describes a person; there
    is no sex, age, origin or family.

    Parameters
    ----------
    mix : DataFrame
        `models.mix.MunicipalityMix` of a whole country: all five population bands.
    seed : int
        Same seed, mix and scenario, same careers. A lever with ratio 1 changes nothing at all.
    lists : int, optional
        Lists on the last day, at least one per municipality; by default the published number.
    scenario : Scenario, optional
        Levers and spikes to plant; by default none.
    parameters : CareerParameters, optional
        By default the project's.

    Raises
    ------
    InvalidInputError, ContractViolationError
        If the mix breaks its contract or has more municipalities than there are lists.

    Examples
    --------
    >>> from models.mix import national_mix
    >>> careers = simulate_careers(national_mix(), seed=1, lists=100)
    >>> careers.spells["post_id"].n_unique(), bool(careers.spells["is_simulated"].all())
    (100, True)
    """
    p = parameters or career_parameters()
    planted = scenario or Scenario()
    checked = checked_mix(mix)
    total = round(float(p.by_month["lists_total"][-1])) if lists is None else lists
    if total < checked.height:
        raise InvalidInputError("lists", total, f"at least one for each of {checked.height} municipalities")
    of_posts, of_levers, of_events = np.random.SeedSequence(seed).spawn(3)
    posts = simulated_posts(checked, planted.levers, total, (of_posts, of_levers), p)
    run = _Run(posts, planted, p, np.random.default_rng(of_events))
    for month in range(MONTHS):
        run.fill(month)
        run.leave(month)
    run.fill(MONTHS)
    return simulated_careers(posts, run.doctors, run.contracts(), planted, p)


@dataclass(slots=True)
class _Run:
    """State of every post, and the contracts that have ended."""

    posts: Posts
    scenario: Scenario
    p: CareerParameters
    rng: np.random.Generator
    doctors: Doctors = field(default_factory=Doctors)
    ended: list[dict[str, NDArray[np.int64]]] = field(default_factory=list)
    waiting: Ints = field(default_factory=lambda: np.empty((2, 0), dtype=np.int64))
    holder: Ints = field(init=False)
    start: Ints = field(init=False)
    form: Ints = field(init=False)
    form_at_start: Ints = field(init=False)
    form_changed: Ints = field(init=False)
    is_restless: NDArray[np.bool_] = field(init=False)
    is_prompt: NDArray[np.bool_] = field(init=False)
    post_ratio: Floats = field(init=False)

    def __post_init__(self) -> None:
        size, posts = len(self.posts), self.posts
        self.holder = np.full(size, _NOBODY)
        self.start, self.form, self.form_at_start = (np.zeros(size, dtype=np.int64) for _ in range(3))
        self.form_changed = np.full(size, NEVER)
        self.is_restless = np.zeros(size, dtype=np.bool_)
        self.is_prompt = self._prompt(posts.opens)
        ratios = np.array([lever.ratio for lever in self.scenario.levers])
        lever_ratio = np.where(posts.has_lever, ratios, 1.0).prod(axis=1)
        self.post_ratio = place_ratio(posts.centrality_class, posts.municipality_effect, lever_ratio, self.p)

    def fill(self, month: int) -> None:
        """Fill posts on the first day of a month: first by doctors on their way, then by new ones."""
        posts, p = self.posts, self.p
        chance = left_in_month(p.by_band["fill_rate"][posts.band])
        finds = self.is_prompt | (self.rng.random(len(posts)) < chance)
        filled = np.flatnonzero((self.holder == _NOBODY) & (posts.opens <= month) & finds)
        order = -np.log(self.rng.exponential(size=filled.size)) + p["move_pull_per_band"] * posts.band[filled]
        filled = filled[np.argsort(-order, kind="stable")]
        movers = self.waiting[:, : filled.size]
        is_elsewhere = posts.place[filled[: movers.shape[1]]] != movers[1]
        taken = filled[: movers.shape[1]][is_elsewhere]
        open_to_new = np.concatenate([filled[: movers.shape[1]][~is_elsewhere], filled[movers.shape[1] :]])
        self.waiting = np.concatenate([movers[:, ~is_elsewhere], self.waiting[:, filled.size :]], axis=1)
        self._start(taken, movers[0, is_elsewhere], month)
        enter = doctors_at_opening if month == 0 else entering_doctors
        new = enter(self.doctors, month, open_to_new.size, self.rng, p)
        self._start(open_to_new, new, month)

    def leave(self, month: int) -> None:
        """Let a month pass: some leave their posts on a day in it, some of the others change their contract form."""
        here, p = np.flatnonzero(self.holder != _NOBODY), self.p
        draws = self.rng.random((3, len(self.posts)))[:, here]
        approval = self.doctors.approval[self.holder[here]]
        now = np.full(here.size, month)
        spike = spike_probability(self.scenario, now, self.start[here], approval)
        borders = np.cumsum(cause_probabilities(*self._rates(here, month), spike, p), axis=0)
        cause = (1 + (draws[0] >= borders).sum(axis=0)) % (len(Cause) + 1)
        leaves = cause > 0
        self._end(here[leaves], cause[leaves], draws[1][leaves], month)
        switches = (
            ~leaves & (self.form[here] == Form.SALARIED) & (draws[2] < left_in_month(p["self_employed_switch_rate"]))
        )
        changed = here[switches]
        self.form[changed] = Form.SELF_EMPLOYED
        self.form_changed[changed] = month + 1

    def contracts(self) -> dict[str, Ints]:
        """Return every contract, ended or in force on the last day, as columns."""
        here = np.flatnonzero(self.holder != _NOBODY)
        self._note(here, np.zeros(here.size, dtype=np.int64), np.zeros(here.size), MONTHS)
        return {name: np.concatenate([part[name] for part in self.ended]) for name in self.ended[0]}

    def _rates(self, here: Ints, month: int) -> tuple[Floats, Floats]:
        posts, p, holder = self.posts, self.p, self.holder[here]
        band = posts.band[here]
        base = np.where(self.is_restless[here], p.by_band["restless_rate"][band], p.by_band["settled_rate"][band])
        bump = specialist_ratio(np.full(here.size, month), self.start[here], self.doctors.approval[holder], p)
        year = p.by_month["turnover_factor"][month]
        voluntary = base * self.post_ratio[here] * form_ratio(self.form[here], p) * bump * year
        return voluntary, retirement_rate((month - self.doctors.nominal_approval[holder]) / 12, p)

    def _start(self, filled: Ints, doctors: Ints, month: int) -> None:
        posts, p = self.posts, self.p
        draws = self.rng.random((2, filled.size))
        self.holder[filled], self.start[filled] = doctors, month
        restless = p.by_band["restless_share_at_opening" if month == 0 else "restless_share"][posts.band[filled]]
        self.is_restless[filled] = draws[0] < restless
        salaried, cooperation = form_shares(posts.band[filled], month, p)
        self.form[filled] = np.select([draws[1] < salaried, draws[1] < salaried + cooperation], [2, 1], 0)
        self.form_at_start[filled] = self.form[filled]
        self.form_changed[filled] = NEVER

    def _end(self, left: Ints, cause: Ints, day: Floats, month: int) -> None:
        self._note(left, cause, day, month)
        moved = left[cause == Cause.OTHER_MUNICIPALITY]
        on_the_way = np.stack([self.holder[moved], self.posts.place[moved]])
        self.waiting = np.concatenate([self.waiting, on_the_way], axis=1)
        self.holder[left] = _NOBODY
        self.is_prompt[left] = self._prompt(np.full(left.size, month), left)

    def _note(self, posts: Ints, cause: Ints, day: Floats, month: int) -> None:
        self.ended.append(
            {
                "post": posts,
                "doctor": self.holder[posts],
                "start": self.start[posts],
                "end": np.full(posts.size, month),
                "day_share": (day * 1e6).astype(np.int64),
                "cause": cause.astype(np.int64),
                "is_restless": self.is_restless[posts].astype(np.int64),
                "form_at_start": self.form_at_start[posts],
                "form_changed": self.form_changed[posts],
            }
        )

    def _prompt(self, month: Ints, posts: Ints | None = None) -> NDArray[np.bool_]:
        band = self.posts.band if posts is None else self.posts.band[posts]
        not_prompt = (1 - self.p.by_band["prompt_share"][band]) * self.p.by_month["unfilled_factor"][month]
        return self.rng.random(month.size) >= not_prompt
