import polars as pl
from polars.testing import assert_frame_equal

from features.indicators.observations import newest, population_of
from features.peers import population_band
from features.snapshot import load_snapshot
from models.mix import national_mix

SMALL_CELL = 10  # lists; smaller cells join the next, less central class


def test_the_national_mix_is_made_of_the_embedded_public_facts() -> None:
    snapshot = load_snapshot()
    places = (
        newest(snapshot.gp_lists, "lists_total")
        .join(snapshot.municipalities, on="municipality_code")
        .join(population_of(snapshot, 2025), on="municipality_code")
    )
    cell = [population_band(pl.col("population")).alias("band"), "centrality_class"]
    lists = pl.col("value").sum().over(cell)
    cells = (
        places.with_columns(centrality_class=pl.col("centrality_class") + (lists < SMALL_CELL).cast(pl.Int64))
        .group_by(cell)
        .agg(
            population=((pl.col("population") * pl.col("value")).sum() / pl.col("value").sum()).round(),
            lists=pl.col("value").sum(),
        )
        .select(pl.col("population", "lists").cast(pl.Float64), pl.col("centrality_class").cast(pl.Int64))
    )
    order = ["centrality_class", "population"]
    shipped = national_mix().select("population", "lists", "centrality_class")
    assert_frame_equal(shipped.sort(order), cells.sort(order), check_column_order=False)
