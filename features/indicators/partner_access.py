"""Partner jobs with competition: jobs in an occupation group that can be reached, shared with all who reach them."""

from collections.abc import Sequence
from dataclasses import dataclass

import dataframely as dy
import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.accessibility import (
    COMMUTING_DECAY,
    DETOUR_SD,
    Decay,
    Matrix,
    decay_deviations,
    decayed_reach,
    jobs_per_competitor,
    road_km,
    two_step_reach,
)
from features.errors import InvalidInputError
from features.frames import PartnerAccess
from features.indicators.observations import observed
from features.indicators.partner_jobs import commuting_today
from features.indicators.travel import ROAD_KM_PER_HOUR
from features.occupation_groups import jobs_by_group, load_occupation_groups
from features.snapshot import Snapshot
from features.travel_times import travel_minutes

ALL = "all"
"""All occupation groups together."""

STANDARD_ERRORS = 1.645
"""Half-width of a 90 % interval of a normal error."""


@dataclass(frozen=True, slots=True)
class LabourMarket:
    """Jobs and seekers of every municipality in the order of their codes.

    Attributes
    ----------
    codes : polars.Series
    year : int
        Year of the jobs.
    groups : tuple[str, ...]
        `ALL`, then every occupation group.
    jobs : numpy.ndarray of shape (n, g)
        Jobs by place of work; 0 where the table has no row.
    known : numpy.ndarray of shape (n,)
        Whether the table has rows for the municipality.
    seekers : numpy.ndarray of shape (n, g)
        Employed persons by place of residence (`employed_flows`), by group as in the country as a whole.
    went : numpy.ndarray of shape (n, n)
        Share of the employed who live in a place (row) and work in another (column), as people commuted.
    """

    codes: pl.Series
    year: int
    groups: tuple[str, ...]
    jobs: NDArray[np.float64]
    known: NDArray[np.bool_]
    seekers: NDArray[np.float64]
    went: Matrix


def partner_jobs_per_seeker(snapshot: Snapshot) -> pl.DataFrame:
    """Jobs of all kinds per competing seeker within reach, relative to the country (1); no rows without table jobs."""
    if snapshot.jobs.is_empty():
        return _of_group(PartnerAccess.create_empty(), ALL)
    market = labour_market(snapshot)
    distance_km = reached_km(snapshot)
    access = _access(market, distance_km, distance_km, COMMUTING_DECAY)[:, market.groups.index(ALL)]
    return observed(
        pl.DataFrame({"municipality_code": market.codes, "value": access, "known": market.known})
        .filter("known")
        .with_columns(year=market.year)
    )


def partner_job_access(snapshot: Snapshot, group: str) -> pl.DataFrame:
    """Jobs in one occupation group per competing seeker within reach, relative to the country (1).

    Returns
    -------
    polars.DataFrame
        ``municipality_code``, ``year``, ``value``, ``numerator``, ``denominator``; no rows without the table ``jobs``.

    Raises
    ------
    UnknownKeyError
        If there is no such group.
    """
    load_occupation_groups().group(group)
    return _of_group(partner_access(snapshot), group)


def partner_access(
    snapshot: Snapshot, travel_times: pl.DataFrame | None = None, decay: Decay = COMMUTING_DECAY
) -> dy.DataFrame[PartnerAccess]:
    """Jobs within reach of every municipality, by occupation group, shared with all who reach them.

    Jobs by group are estimated from jobs by industry (`features.occupation_groups.industry_shares`). Those who compete
    for a group's jobs are the employed who live within reach, the same part of them everywhere: a place with few
    engineering jobs must not look good to an engineer because the engineers have left it. What comes out is therefore
    how plentiful a kind of work is, not how many are out of work.

    Parameters
    ----------
    snapshot : Snapshot
    travel_times : polars.DataFrame, optional
        Contract `features.frames.TravelTime`; without it, road distances are estimated from where places lie.
    decay : Decay

    Returns
    -------
    dataframely.DataFrame[PartnerAccess]
        A row for every municipality and group, and for `ALL`; no rows at all without the table ``jobs``. The interval
        holds the errors of the fitted decay and, where distances are estimated, of the ways from the municipality. The
        error of the estimated jobs by group is not in it: nobody has measured it.

    References
    ----------
    `features.accessibility.two_step_reach`; SSB 13470 (jobs), 03321 (commuting).
    """
    if snapshot.jobs.is_empty():
        return PartnerAccess.create_empty()
    market = labour_market(snapshot)
    distance_km = reached_km(snapshot, travel_times)
    access = _access(market, distance_km, distance_km, decay)
    pairs = [[_access(market, distance_km, distance_km, moved) for moved in pair] for pair in decay_deviations(decay)]
    if travel_times is None:
        pairs.append([_access(market, distance_km, distance_km * np.exp(z * DETOUR_SD), decay) for z in (-1, 1)])
    # Linear, not in logarithms: what lies at the limit is within reach by the one way and out of it by the other.
    half_width = STANDARD_ERRORS * np.sqrt(sum(((above - below) / 2) ** 2 for below, above in pairs))
    within = decayed_reach(market.jobs, distance_km, decay)
    return PartnerAccess.validate(
        pl.DataFrame(
            {
                "municipality_code": np.repeat(market.codes.to_numpy(), len(market.groups)),
                "occupation_group": np.tile(market.groups, len(market.codes)),
                "known": np.repeat(market.known, len(market.groups)),
                "jobs_here": market.jobs.ravel(),
                "jobs_within_reach": within.ravel(),
                "access": access.ravel(),
                "lower": np.maximum(access - half_width, 0).ravel(),
                "upper": (access + half_width).ravel(),
            }
        ).select(
            "municipality_code",
            "occupation_group",
            pl.lit(market.year, pl.Int64).alias("year"),
            *(pl.when("known").then(name) for name in ("jobs_here", "jobs_within_reach", "access", "lower", "upper")),
        )
    )


def access_as_commuted(snapshot: Snapshot) -> pl.DataFrame:
    """The same index with catchments as people commuted in 2017 in place of a law of distance.

    Each municipality's jobs are those of the places where its own inhabitants work, in proportion to how many do. It
    knows ferries and fjords, but says what people found there, not what a newcomer may find; and of all occupations
    together it says nothing, since commuting already balances jobs and workers.

    Returns
    -------
    polars.DataFrame
        ``municipality_code``, ``occupation_group``, ``access`` (1 as in the country); no rows without the table
        ``jobs``.
    """
    if snapshot.jobs.is_empty():
        return PartnerAccess.create_empty().select("municipality_code", "occupation_group", "access")
    market = labour_market(snapshot)
    access = two_step_reach(market.jobs, market.seekers, market.went)
    return pl.concat(
        pl.DataFrame({"municipality_code": market.codes, "access": access[:, number]})
        .filter(pl.Series(market.known))
        .select("municipality_code", pl.lit(group).alias("occupation_group"), "access")
        for number, group in enumerate(market.groups)
        if group != ALL
    ).sort("municipality_code", maintain_order=True)


def labour_market(snapshot: Snapshot) -> LabourMarket:
    """Jobs of the newest year and those who seek them.

    Raises
    ------
    InvalidInputError
        If the snapshot lacks the table ``jobs``.
    """
    if snapshot.jobs.is_empty():
        raise InvalidInputError("snapshot", "no table jobs", "a snapshot after 'stabil data refresh'")
    codes = snapshot.municipalities["municipality_code"].sort()
    newest = snapshot.jobs.filter(pl.col("year") == pl.col("year").max())
    groups = tuple(load_occupation_groups().groups)
    by_group = _dense(jobs_by_group(newest), ("municipality_code", codes), ("occupation_group", groups), "jobs")
    flows = _dense(commuting_today(snapshot), ("workplace_code", codes), ("residence_code", codes), "commuters")
    total = by_group.sum(axis=1)
    went = employed_flows(total, flows)
    employed = went.sum(axis=1)
    mix = by_group.sum(axis=0) / by_group.sum()
    return LabourMarket(
        codes=codes,
        year=newest["year"].item(0),
        groups=(ALL, *groups),
        jobs=np.column_stack([total, by_group]),
        known=codes.is_in(newest["municipality_code"].implode()).to_numpy(),
        seekers=np.column_stack([employed, employed[:, None] * mix]),
        went=np.divide(went, employed[:, None], out=np.zeros_like(went), where=employed[:, None] > 0),
    )


def employed_flows(jobs: NDArray[np.float64], flows: Matrix) -> Matrix:
    """Employed persons by place of residence (row) and of work (column) that fill all jobs.

    Whoever commutes keeps commuting as in the commuting matrix; the other jobs of a place are filled by those who live
    there. Where more commuted than there are jobs, the commuters are fewer in proportion.

    Parameters
    ----------
    jobs : numpy.ndarray of shape (n,)
    flows : numpy.ndarray of shape (n, n)
        Commuters; rows are workplaces, columns residences, the diagonal is 0.

    Returns
    -------
    numpy.ndarray of shape (n, n)
        Columns sum to `jobs`; rows to the employed who live in a place.

    Examples
    --------
    Of the first place's 100 jobs 30 are held by people of the second, who also fill all 50 jobs at home.

    >>> employed_flows(np.array([100.0, 50.0]), np.array([[0.0, 30.0], [0.0, 0.0]]))
    array([[70.,  0.],
           [30., 50.]])
    """
    inward = flows.sum(axis=1)
    kept = np.divide(jobs, inward, out=np.ones_like(jobs), where=inward > jobs)
    went: Matrix = flows.T * kept + np.diag(np.maximum(jobs - inward, 0.0))
    return went


def reached_km(snapshot: Snapshot, travel_times: pl.DataFrame | None = None) -> Matrix:
    """Road kilometres between municipalities by code, shape (n, n): estimated, or from travel times if given.

    Minutes become the kilometres that `features.indicators.travel.ROAD_KM_PER_HOUR` covers in them, since the decay is
    fitted on kilometres.
    """
    places = snapshot.municipalities.sort("municipality_code")
    if travel_times is None:
        return road_km(places)
    return travel_minutes(travel_times, places["municipality_code"]) * ROAD_KM_PER_HOUR / 60


def _access(market: LabourMarket, distance_km: Matrix, own_km: Matrix, decay: Decay) -> NDArray[np.float64]:
    """Jobs per seeker; `own_km` are the ways as the seekers of each place know them, `distance_km` as all others do."""
    shares = jobs_per_competitor(market.jobs, market.seekers, decay.willingness(distance_km))
    access: NDArray[np.float64] = decay.willingness(own_km) @ shares
    return access


def _of_group(access: pl.DataFrame, group: str) -> pl.DataFrame:
    return observed(access.filter(pl.col("occupation_group") == group).with_columns(value="access"))


def _dense(
    frame: pl.DataFrame,
    rows: tuple[str, Sequence[str] | pl.Series],
    columns: tuple[str, Sequence[str] | pl.Series],
    value: str,
) -> Matrix:
    """Values of a long frame as a matrix, 0 where it has no row."""
    (row, row_keys), (column, column_keys) = rows, columns
    numbers = {name: dict(zip(keys, range(len(keys)), strict=True)) for name, keys in (rows, columns)}
    placed = frame.with_columns(pl.col(name).replace_strict(numbers[name], return_dtype=pl.Int64) for name in numbers)
    matrix = np.zeros((len(row_keys), len(column_keys)))
    matrix[placed[row], placed[column]] = placed[value]
    return matrix
