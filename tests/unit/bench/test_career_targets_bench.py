import polars as pl

from bench.career_targets import scatter
from models.career_targets import career_targets


def test_every_target_is_told_with_its_scatter() -> None:
    table = scatter(2)
    assert table["target"].to_list() == list(career_targets())
    assert table["met_share"].is_between(0, 1).all()
    assert table.filter(pl.col("target") == "lists")["sd"].item() == 0
