"""How much of the catalogue has data: offline, after a refresh, and with the municipality's own answers."""

import dataframely as dy
import polars as pl

from features.catalogue import Catalogue
from features.frames import FactorCoverage, IndicatorCoverage, MunicipalityCoverage

ORIGINS = ("snapshot", "live", "local")


def coverage_table(catalogue: Catalogue, values: pl.DataFrame) -> dy.DataFrame[FactorCoverage]:
    """For each factor the share of weight that is known offline, what a refresh adds and what only municipalities know.

    The shares are those of the catalogue, whatever has data; beside them stands how much of the weight has data in
    `values`.

    Parameters
    ----------
    catalogue : Catalogue
    values : polars.DataFrame
        Contract `features.frames.IndicatorValue`.

    Returns
    -------
    dataframely.DataFrame[FactorCoverage]
        One row per factor, in the catalogue's order.
    """
    with_data = (
        municipality_coverage(catalogue, values)
        .group_by("factor")
        .agg(with_data=_bounded(pl.col("coverage").mean()), with_data_lowest=pl.col("coverage").min())
    )
    return FactorCoverage.validate(
        _weights(catalogue)
        .group_by("factor", maintain_order=True)
        .agg(
            pl.len().cast(pl.Int64).alias("indicators"),
            *(
                _bounded(pl.col("share").filter(pl.col("origin") == origin).sum()).alias(name)
                for origin, name in zip(ORIGINS, ("offline", "refresh_adds", "local_adds"), strict=True)
            ),
        )
        .join(with_data, on="factor", how="left", maintain_order="left")
    )


def municipality_coverage(catalogue: Catalogue, values: pl.DataFrame) -> dy.DataFrame[MunicipalityCoverage]:
    """Share of each factor's weight that has data in each municipality, by where the data come from.

    Parameters
    ----------
    catalogue : Catalogue
    values : polars.DataFrame
        Contract `features.frames.IndicatorValue`.

    Returns
    -------
    dataframely.DataFrame[MunicipalityCoverage]
        One row per municipality and factor.
    """
    from_origin = {origin: pl.col("known").filter(pl.col("origin") == origin).sum() for origin in ORIGINS}
    return MunicipalityCoverage.validate(
        values.join(_weights(catalogue), on="indicator")
        .with_columns(known=pl.when(pl.col("value").is_not_null()).then("share").otherwise(0.0))
        .group_by("municipality_code", "factor")
        .agg(
            *(_bounded(share).alias(origin) for origin, share in from_origin.items()),
            _bounded(pl.col("known").sum()).alias("coverage"),
        )
        .sort("municipality_code", "factor")
    )


def indicator_coverage(catalogue: Catalogue, values: pl.DataFrame) -> dy.DataFrame[IndicatorCoverage]:
    """In how many municipalities each indicator has a value.

    Parameters
    ----------
    catalogue : Catalogue
    values : polars.DataFrame
        Contract `features.frames.IndicatorValue`.

    Returns
    -------
    dataframely.DataFrame[IndicatorCoverage]
        One row per indicator, in the catalogue's order.
    """
    entries = pl.DataFrame(
        [{"indicator": key, "id": entry.id, "origin": entry.origin} for key, entry in catalogue.indicators.items()],
        schema={"indicator": pl.String, "id": pl.String, "origin": IndicatorCoverage.origin.dtype},
    )
    counts = values.group_by("indicator").agg(
        with_value=pl.col("value").count().cast(pl.Int64), municipalities=pl.len().cast(pl.Int64)
    )
    return IndicatorCoverage.validate(
        entries.join(
            _weights(catalogue).select("indicator", "factor"), on="indicator", how="left", maintain_order="left"
        )
        .join(counts, on="indicator", how="left", maintain_order="left")
        .select(list(IndicatorCoverage.columns()))
    )


def _weights(catalogue: Catalogue) -> pl.DataFrame:
    """``factor``, ``indicator``, ``origin``, ``share`` (of the factor's weight), in the catalogue's order."""
    return pl.DataFrame(
        [
            {
                "factor": factor.key,
                "indicator": key,
                "origin": catalogue.indicators[key].origin,
                "share": weight / sum(factor.weights.values()),
            }
            for factor in catalogue.factors.values()
            for key, weight in factor.weights.items()
        ]
    )


def _bounded(share: pl.Expr) -> pl.Expr:
    """A sum of shares without its last digits, which depend on the order of adding and may carry it past 1."""
    return share.round(12).clip(0, 1)
