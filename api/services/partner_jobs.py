"""Jobs for a doctor's partner: what one municipality reaches in each occupation group."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl

from api.services.profile import Source, source_of
from features.accessibility import COMMUTING_DECAY
from features.catalogue import Translated
from features.indicators.partner_access import ALL, access_as_commuted, partner_access
from features.indicators.travel import ROAD_KM_PER_HOUR
from features.municipality_codes import require_municipality
from features.occupation_groups import OccupationGroup, OccupationGroups, load_occupation_groups
from features.scoring import percentiles
from features.snapshot import Snapshot
from features.travel_times import read_travel_times

MEASURES = ("jobs.jobs", "commuting.commuters", "municipalities.lat_lon")

ALL_GROUPS = Translated(nb="Alle yrker", nn="Alle yrke", en="All occupations")

Distances = Literal["estimated", "travel_times"]


@dataclass(frozen=True, slots=True)
class GroupAccess:
    """Jobs in one occupation group as one municipality reaches them.

    ``index`` is jobs per competing seeker within reach, 100 as in the country as a whole, with its 90 % interval;
    ``index_as_commuted`` is the same with catchments as people commuted (null for all occupations together). Rank 1 has
    the highest index; ``percentile`` is 0-100. ``jobs_within_reach`` counts jobs by how willing people are to travel to
    them, ``jobs_here`` those in the municipality itself. Null without figures.
    """

    group: str
    label: Translated
    index: float | None
    lower: float | None
    upper: float | None
    rank: int | None
    ranked: int
    percentile: float | None
    jobs_within_reach: float | None
    jobs_here: float | None
    index_as_commuted: float | None


@dataclass(frozen=True, slots=True)
class PartnerJobs:
    """What one municipality offers a partner, by occupation group.

    ``missing_table`` names the table that a refresh has to bring before there is anything to tell; ``groups`` is empty
    then. Half the willingness to travel is left at ``half_willingness_km``, none beyond ``limit_km``; the minutes hold
    where travel times are given. ``jobs_by_group_are_estimated`` is always true: published are jobs by industry.
    """

    municipality_code: str
    name: str
    year: int | None
    missing_table: str | None
    distances: Distances
    half_willingness_km: float
    half_willingness_minutes: float
    limit_km: float
    limit_minutes: float
    jobs_by_group_are_estimated: bool
    groups: tuple[GroupAccess, ...]
    sources: tuple[Source, ...]


def occupation_groups() -> tuple[OccupationGroup, ...]:
    """All occupation groups with their STYRK-08 codes."""
    return tuple(load_occupation_groups().groups.values())


def partner_jobs(
    snapshot: Snapshot, code: str, occupation: str | None = None, travel_times: Path | None = None
) -> PartnerJobs:
    """Jobs that a partner reaches from one municipality, in every occupation group or in one.

    Raises
    ------
    UnknownMunicipalityError
        If there is no such municipality.
    UnknownKeyError
        If there is no such occupation group.
    """
    require_municipality(code, snapshot.municipality_code_changes, snapshot.municipalities)
    declared = load_occupation_groups()
    if occupation is not None:
        declared.group(occupation)
    times = None if travel_times is None else read_travel_times(travel_times)
    access = partner_access(snapshot, times)
    place = snapshot.municipalities.row(by_predicate=pl.col("municipality_code") == code, named=True)
    wanted = (ALL, *declared.groups) if occupation is None else (occupation,)
    return PartnerJobs(
        municipality_code=code,
        name=place["name"],
        year=None if access.is_empty() else access["year"].item(0),
        missing_table="jobs" if access.is_empty() else None,
        distances="estimated" if times is None else "travel_times",
        half_willingness_km=COMMUTING_DECAY.half_km,
        half_willingness_minutes=COMMUTING_DECAY.half_km / ROAD_KM_PER_HOUR * 60,
        limit_km=COMMUTING_DECAY.limit_km,
        limit_minutes=COMMUTING_DECAY.limit_km / ROAD_KM_PER_HOUR * 60,
        jobs_by_group_are_estimated=True,
        groups=() if access.is_empty() else _groups(snapshot, access, code, wanted, declared),
        sources=(*(source_of(snapshot, name) for name in MEASURES), *_survey_sources(declared)),
    )


def _groups(
    snapshot: Snapshot, access: pl.DataFrame, code: str, wanted: tuple[str, ...], declared: OccupationGroups
) -> tuple[GroupAccess, ...]:
    commuted = access_as_commuted(snapshot).filter(pl.col("municipality_code") == code)
    as_commuted = dict(commuted.select("occupation_group", "access").iter_rows())
    ranked = access.with_columns(
        rank=pl.col("access").rank("min", descending=True).over("occupation_group"),
        ranked=pl.col("access").count().over("occupation_group"),
    )
    return tuple(
        _group(ranked.filter(pl.col("occupation_group") == group), code, as_commuted.get(group), declared)
        for group in wanted
    )


def _group(everywhere: pl.DataFrame, code: str, as_commuted: float | None, declared: OccupationGroups) -> GroupAccess:
    place = everywhere["municipality_code"].index_of(code)
    row = everywhere.row(place, named=True)
    values = everywhere["access"].fill_null(np.nan).to_numpy()
    percentile = float(percentiles(values)[place])
    return GroupAccess(
        group=row["occupation_group"],
        label=ALL_GROUPS if row["occupation_group"] == ALL else declared.group(row["occupation_group"]).label,
        index=_index(row["access"]),
        lower=_index(row["lower"]),
        upper=_index(row["upper"]),
        rank=row["rank"],
        ranked=row["ranked"],
        percentile=None if np.isnan(percentile) else percentile,
        jobs_within_reach=row["jobs_within_reach"],
        jobs_here=row["jobs_here"],
        index_as_commuted=_index(as_commuted),
    )


def _index(ratio: float | None) -> float | None:
    return None if ratio is None else 100 * ratio


def _survey_sources(declared: OccupationGroups) -> tuple[Source, ...]:
    """Where the spread of an industry's jobs over occupations comes from."""
    return tuple(
        Source(
            measure="occupation_groups.share",
            label=source.title,
            publisher=source.publisher,
            table=source.key,
            year=source.year,
            licences=(),
            address=source.address,
            note="How employed persons of one industry and major group spread over our groups is an assumption.",
        )
        for source in declared.sources.values()
    )
