"""Plan, leadership and economy: what the adverts tell. The rest only the municipality knows."""

import polars as pl

from features.indicators.observations import observed
from features.snapshot import Snapshot

STANDARD_FACTS = 20
"""Facts that a complete advert for a GP post mentions (contract `features.frames.Vacancy`)."""


def advert_completeness(snapshot: Snapshot) -> pl.DataFrame:
    """Share (0-1) of the standard facts that the municipality's open adverts for GPs mention, on average.

    Only municipalities with such an advert have a value; the denominator counts facts times adverts.
    """
    return observed(
        snapshot.vacancies.filter("is_gp_post")
        .drop_nulls("facts_present")
        .group_by("municipality_code")
        .agg(
            year=pl.col("published").max().dt.year(),
            numerator=pl.col("facts_present").sum(),
            denominator=pl.len() * STANDARD_FACTS,
        )
        .with_columns(value=pl.col("numerator") / pl.col("denominator"))
    )
