import polars as pl

from bench.career_targets import (
    PUBLISHED_MEANS,
    PUBLISHED_MEDIANS,
    PUBLISHED_YEARS,
    other_figures,
    scatter,
)
from models.career_targets import career_targets


def test_every_target_is_told_with_its_scatter() -> None:
    table = scatter(2)
    assert table["target"].to_list() == list(career_targets())
    assert table["met_share"].is_between(0, 1).all()
    assert table.filter(pl.col("target") == "lists")["sd"].item() == 0


def test_every_published_year_in_post_is_told_beside_the_simulated_one() -> None:
    table = other_figures(2)
    assert table.height == len(PUBLISHED_YEARS) * len(PUBLISHED_MEDIANS) + len(PUBLISHED_MEANS)
    shared = table.filter((pl.col("figure") == "median.national") & (pl.col("year") == 2021))
    target = scatter(2).filter(pl.col("target") == "elapsed_median_years.national_2021")
    assert shared["mean"].item() == target["mean"].item()
    assert shared["published"].item() == target["published"].item()
