"""Jobs for a partner on a made-up table of jobs and the country's real map and commuting."""

import dataclasses

import numpy as np
import polars as pl
import pytest

from features.accessibility import COMMUTING_DECAY, two_step_reach
from features.errors import InvalidInputError, UnknownKeyError
from features.indicators.partner_access import (
    ALL,
    access_as_commuted,
    labour_market,
    partner_access,
    partner_job_access,
    partner_jobs_per_seeker,
    reached_km,
)
from features.occupation_groups import load_occupation_groups
from features.snapshot import Snapshot, load_snapshot

INDUSTRIES = {"10-33": 0.1, "45-47": 0.2, "68-75": 0.1, "84": 0.15, "85": 0.15, "86-88": 0.3}
ENGINEERS_TOWN, WITHOUT_FIGURES, UTSIRA, FROYA = "3303", "3305", "1151", "5014"


@pytest.fixture(scope="module")
def embedded() -> Snapshot:
    return load_snapshot()


@pytest.fixture(scope="module")
def snapshot(embedded: Snapshot) -> Snapshot:
    """Half the inhabitants at work in the same industries everywhere, but for one town of engineers."""
    mix = pl.DataFrame({"industry": list(INDUSTRIES), "share": list(INDUSTRIES.values())})
    engineering = (pl.col("municipality_code") == ENGINEERS_TOWN) & pl.col("industry").is_in(["10-33", "68-75"])
    jobs = (
        embedded.population.filter(pl.col("year") == pl.col("year").max())
        .filter(pl.col("municipality_code") != WITHOUT_FIGURES)
        .join(mix, how="cross")
        .select(
            "municipality_code",
            "year",
            "industry",
            jobs=pl.col("population") * pl.col("share") * pl.when(engineering).then(2.0).otherwise(0.5),
        )
    )
    older = jobs.with_columns(pl.col("year") - 1, jobs=pl.lit(1.0))
    return dataclasses.replace(embedded, jobs=pl.concat([older, jobs]))


@pytest.fixture(scope="module")
def access(snapshot: Snapshot) -> pl.DataFrame:
    return partner_access(snapshot)


def of(access: pl.DataFrame, code: str, group: str) -> dict[str, float]:
    found = access.row(
        by_predicate=(pl.col("municipality_code") == code) & (pl.col("occupation_group") == group), named=True
    )
    assert isinstance(found, dict)
    return found


def test_nurse_and_engineer_get_different_answers_in_the_same_place(access: pl.DataFrame) -> None:
    engineer, nurse = (of(access, ENGINEERS_TOWN, group) for group in ("engineering", "health"))
    assert engineer["access"] > 1.2 * nurse["access"]
    assert engineer["lower"] <= engineer["access"] <= engineer["upper"]


def test_seekers_of_the_whole_country_get_its_jobs(snapshot: Snapshot, access: pl.DataFrame) -> None:
    market = labour_market(snapshot)
    reach = two_step_reach(market.jobs, market.seekers, COMMUTING_DECAY.willingness(reached_km(snapshot)))
    np.testing.assert_allclose((reach * market.seekers).sum(axis=0), market.jobs.sum(axis=0))
    np.testing.assert_allclose(market.seekers.sum(axis=0), market.jobs.sum(axis=0))
    for number, group in enumerate(market.groups):
        told = access.filter(pl.col("occupation_group") == group)["access"].to_numpy()
        np.testing.assert_allclose(told[market.known], reach[market.known, number])


def test_only_the_newest_jobs_count(access: pl.DataFrame, snapshot: Snapshot) -> None:
    assert access["year"].unique().to_list() == [snapshot.jobs["year"].max()]
    assert of(access, FROYA, ALL)["jobs_here"] > 1000


def test_a_municipality_without_figures_stays_without(access: pl.DataFrame, snapshot: Snapshot) -> None:
    assert of(access, WITHOUT_FIGURES, "health")["access"] is None
    assert access["access"].null_count() == len(load_occupation_groups().groups) + 1
    assert WITHOUT_FIGURES not in partner_jobs_per_seeker(snapshot)["municipality_code"]
    assert WITHOUT_FIGURES not in access_as_commuted(snapshot)["municipality_code"]


def test_the_indicator_is_all_groups_together(access: pl.DataFrame, snapshot: Snapshot) -> None:
    together = access.filter(pl.col("occupation_group") == ALL).drop_nulls("access")
    indicator = partner_jobs_per_seeker(snapshot)
    assert indicator["municipality_code"].to_list() == together["municipality_code"].to_list()
    np.testing.assert_allclose(indicator["value"], together["access"])


def test_one_group_has_the_shape_of_an_indicator(access: pl.DataFrame, snapshot: Snapshot) -> None:
    frame = partner_job_access(snapshot, "ict")
    assert frame.columns == ["municipality_code", "year", "value", "numerator", "denominator"]
    assert frame.filter(pl.col("municipality_code") == FROYA)["value"].item() == of(access, FROYA, "ict")["access"]
    with pytest.raises(UnknownKeyError, match="nurse"):
        partner_job_access(snapshot, "nurse")


def test_without_the_table_there_is_nothing_to_tell(embedded: Snapshot) -> None:
    assert embedded.jobs.is_empty()
    assert partner_access(embedded).is_empty()
    assert access_as_commuted(embedded).is_empty()
    assert partner_jobs_per_seeker(embedded).is_empty()
    assert partner_job_access(embedded, "health").is_empty()
    with pytest.raises(InvalidInputError, match="data refresh"):
        labour_market(embedded)


def test_as_people_commuted_the_country_is_one(snapshot: Snapshot) -> None:
    market = labour_market(snapshot)
    np.testing.assert_allclose(market.went[market.went.sum(axis=1) > 0].sum(axis=1), 1)
    commuted = access_as_commuted(snapshot).filter(pl.col("occupation_group") == "engineering")
    seekers = market.seekers[market.known, market.groups.index("engineering")]
    assert abs(np.average(commuted["access"], weights=seekers) - 1) < 0.01
    assert commuted.filter(pl.col("municipality_code") == ENGINEERS_TOWN)["access"].item() > 1.2


def test_an_island_without_ferries_has_its_own_jobs_only(snapshot: Snapshot, access: pl.DataFrame) -> None:
    codes = snapshot.municipalities["municipality_code"]
    others = [code for code in codes if code != UTSIRA]
    times = pl.DataFrame({"from_code": others, "to_code": others, "minutes": 0.0})
    alone = of(partner_access(snapshot, times), UTSIRA, ALL)
    assert alone["jobs_within_reach"] == alone["jobs_here"]
    assert of(access, UTSIRA, ALL)["jobs_within_reach"] > 5 * alone["jobs_here"]


def test_given_travel_times_leave_only_the_error_of_the_law(snapshot: Snapshot, access: pl.DataFrame) -> None:
    """Minutes that say what the estimate says give the same index and a narrower interval."""
    codes = snapshot.municipalities["municipality_code"].sort()
    minutes = reached_km(snapshot)
    times = pl.DataFrame(
        {
            "from_code": np.repeat(codes.to_numpy(), len(codes)),
            "to_code": np.tile(codes.to_numpy(), len(codes)),
            "minutes": minutes.ravel(),
        }
    )
    given, estimated = of(partner_access(snapshot, times), FROYA, "health"), of(access, FROYA, "health")
    assert given["access"] == pytest.approx(estimated["access"])
    assert estimated["lower"] < given["lower"] < given["upper"] < estimated["upper"]


def test_where_no_job_of_a_group_is_near_there_is_none_to_reach(snapshot: Snapshot) -> None:
    no_schools = snapshot.jobs.filter(~pl.col("industry").is_in(["85", "86-88"]))
    access = partner_access(dataclasses.replace(snapshot, jobs=no_schools))
    teaching = access.filter(pl.col("occupation_group") == "teaching").drop_nulls("access")
    assert teaching.select(pl.col("access", "lower", "upper", "jobs_within_reach").sum()).row(0) == (0, 0, 0, 0)
