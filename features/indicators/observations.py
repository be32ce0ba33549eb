"""The shape that every indicator function returns, and how measures are picked from the snapshot."""

import polars as pl

from features.snapshot import Snapshot

YEARS_BACK = 5
"""How many of the newest years a stability indicator looks at."""


def newest(frame: pl.DataFrame, measure: str) -> pl.DataFrame:
    """Rows of one measure in its newest year: ``municipality_code``, ``year``, ``value``."""
    rows = frame.filter(pl.col("measure") == measure)
    return rows.filter(pl.col("year") == pl.col("year").max()).select("municipality_code", "year", "value")


def last_years(frame: pl.DataFrame, measure: str, years: int) -> pl.DataFrame:
    """Rows of one measure in the last `years` years of the table: ``municipality_code``, ``year``, ``value``."""
    rows = frame.filter(pl.col("measure") == measure)
    return rows.filter(pl.col("year") > pl.col("year").max() - years).select("municipality_code", "year", "value")


def population_of(snapshot: Snapshot, year: int | None = None) -> pl.DataFrame:
    """Inhabitants on 1 January of `year`, by default the newest: ``municipality_code``, ``year``, ``population``."""
    wanted = snapshot.population["year"].max() if year is None else year
    return snapshot.population.filter(pl.col("year") == wanted)


def observed(frame: pl.DataFrame) -> pl.DataFrame:
    """Bring a frame into the shape of an indicator; a missing numerator, denominator or year becomes null.

    Returns
    -------
    polars.DataFrame
        ``municipality_code``, ``year``, ``value``, ``numerator``, ``denominator``, sorted by code.
    """
    optional = [
        pl.lit(None, dtype=pl.Float64).alias(name) for name in ("numerator", "denominator") if name not in frame.columns
    ]
    return (
        frame.with_columns(optional)
        .select(
            "municipality_code",
            pl.col("year").cast(pl.Int64),
            pl.col("value", "numerator", "denominator").cast(pl.Float64),
        )
        .drop_nulls("value")
        .sort("municipality_code")
    )


def ratio(numerators: pl.DataFrame, denominators: pl.DataFrame, scale: float = 1.0) -> pl.DataFrame:
    """Value = scale * numerator / denominator for municipalities that have both and a denominator above zero.

    Both frames carry ``municipality_code``, ``year``, ``value``; the year kept is the numerator's.
    """
    joined = numerators.rename({"value": "numerator"}).join(
        denominators.select("municipality_code", denominator="value"), on="municipality_code"
    )
    return observed(
        joined.filter(pl.col("denominator") > 0).with_columns(value=scale * pl.col("numerator") / pl.col("denominator"))
    )
