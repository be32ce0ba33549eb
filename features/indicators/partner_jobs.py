"""Partner jobs: how large and varied a labour market can be reached from the municipality."""

import polars as pl

from features.accessibility import decayed_reach, road_km
from features.indicators.observations import newest, observed, population_of
from features.indicators.travel import minutes_of
from features.municipality_codes import weights_to_today
from features.snapshot import Snapshot

REACHED_MINUTES = 60.0
"""Travel time within which a vacancy counts as reached."""


def labour_market_reach(snapshot: Snapshot) -> pl.DataFrame:
    """Inhabitants of all municipalities, weighted down by estimated road distance (`COMMUTING_DECAY`)."""
    places = snapshot.municipalities.join(population_of(snapshot), on="municipality_code").sort("municipality_code")
    reach = decayed_reach(places["population"].cast(pl.Float64).to_numpy(), road_km(places))
    return observed(places.with_columns(value=pl.Series(reach)))


def commuter_jobs_reach(snapshot: Snapshot) -> pl.DataFrame:
    """In-commuters to all municipalities in 2017, weighted down by estimated road distance.

    The matrix has no people who work where they live, so this counts jobs that others travel to, not all jobs.
    """
    inflow = commuting_today(snapshot).group_by("workplace_code").agg(jobs=pl.col("commuters").sum())
    places = (
        snapshot.municipalities.join(inflow, left_on="municipality_code", right_on="workplace_code", how="left")
        .with_columns(pl.col("jobs").fill_null(0.0), year=2017)
        .sort("municipality_code")
    )
    return observed(places.with_columns(value=pl.Series(decayed_reach(places["jobs"].to_numpy(), road_km(places)))))


def commuting_today(snapshot: Snapshot) -> pl.DataFrame:
    """Commuters between today's municipalities: ``workplace_code``, ``residence_code``, ``commuters``.

    Flows of 2017 on codes of 2020, brought to the structure of 2024; a split municipality's flows are shared out by
    inhabitants and flows that became internal are dropped.
    """
    flows = snapshot.commuting
    codes = pl.concat([flows["workplace_code"], flows["residence_code"]])
    weights = weights_to_today(codes, snapshot.municipality_code_changes, snapshot.municipalities, snapshot.population)
    work = weights.select(workplace_code="old_code", work="municipality_code", work_weight="weight")
    home = weights.select(residence_code="old_code", home="municipality_code", home_weight="weight")
    return (
        flows.join(work, on="workplace_code")
        .join(home, on="residence_code")
        .filter(pl.col("work") != pl.col("home"))
        .group_by(workplace_code="work", residence_code="home")
        .agg(commuters=(pl.col("commuters") * pl.col("work_weight") * pl.col("home_weight")).sum())
        .sort("workplace_code", "residence_code")
    )


def region_population(snapshot: Snapshot) -> pl.DataFrame:
    """Inhabitants of all municipalities of the same labour-market region (2020)."""
    places = snapshot.municipalities.join(population_of(snapshot), on="municipality_code")
    return observed(places.with_columns(value=pl.col("population").sum().over("labour_market_region_2020")))


def minutes_to_region_centre(snapshot: Snapshot) -> pl.DataFrame:
    """Minutes from the municipality's inhabitants to the centre of its labour-market region (2020)."""
    return observed(snapshot.municipalities.with_columns(value="minutes_to_region_centre", year=2020))


def region_higher_education_share(snapshot: Snapshot) -> pl.DataFrame:
    """Share (0-1) of inhabitants over 16 with higher education in the labour-market region.

    Municipality shares weighted by all inhabitants, since the number over 16 is not in the snapshot; municipalities
    without figures are left out of their region's mean.
    """
    share = newest(snapshot.living_conditions, "higher_education_pct").select("municipality_code", "year", pct="value")
    region = "labour_market_region_2020"
    inhabitants = population_of(snapshot, share["year"].item(0)).drop("year")
    return observed(
        snapshot.municipalities.join(inhabitants, on="municipality_code")
        .join(share, on="municipality_code", how="left")
        .with_columns(known=pl.when(pl.col("pct").is_not_null()).then(pl.col("population")))
        .with_columns(
            numerator=(pl.col("pct") / 100 * pl.col("known")).sum().over(region),
            denominator=pl.col("known").sum().over(region),
            year=pl.col("year").max(),
        )
        .filter(pl.col("denominator") > 0)
        .with_columns(value=pl.col("numerator") / pl.col("denominator"))
    )


def partner_jobs_60min(snapshot: Snapshot) -> pl.DataFrame:
    """Posts advertised on the day of the refresh in municipalities reached within `REACHED_MINUTES`, GP posts left out.

    A stock of one day, not a flow: NAV requires lapsed adverts to be removed. Travel times are estimates between
    settlement centres (`features.indicators.travel`). Without any advert in the country there is no value.
    """
    adverts = snapshot.vacancies.filter(~pl.col("is_gp_post"))
    posts = adverts.group_by("municipality_code").agg(posts=pl.col("positions").sum().cast(pl.Float64))
    places = (
        snapshot.municipalities.join(posts, on="municipality_code", how="left")
        .with_columns(pl.col("posts").fill_null(0.0))
        .sort("municipality_code")
    )
    if adverts.is_empty():
        return observed(places.clear().with_columns(value=None, year=None))
    reached = pl.Series((minutes_of(road_km(places)) <= REACHED_MINUTES) @ places["posts"].to_numpy())
    year = adverts["published"].dt.year().max()
    return observed(places.with_columns(value=reached, numerator=reached, year=pl.lit(year)))
