import numpy as np
import polars as pl
import pytest

from features.catalogue import Catalogue, load_catalogue
from features.composite.index import composite_index
from features.indicators.compute import indicator_values
from features.indicators.observations import population_of
from features.peers import peer_groups, population_band
from features.rank_intervals import METHOD, RankUncertainty, observed_figures, rank_uncertainty, ranked_structure
from features.scoring import factor_scores
from features.shrinkage import Posterior, posteriors
from features.snapshot import Snapshot, load_snapshot

SIZE = "size_growth"


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return load_snapshot()


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="module")
def bands(snapshot: Snapshot) -> pl.DataFrame:
    return population_of(snapshot).select("municipality_code", "population", band=population_band(pl.col("population")))


@pytest.fixture(scope="module")
def beliefs(snapshot: Snapshot, catalogue: Catalogue, bands: pl.DataFrame) -> dict[str, Posterior]:
    values = indicator_values(snapshot, catalogue)
    return posteriors(values, peer_groups(snapshot.municipalities, bands.drop("band")), catalogue)


@pytest.fixture(scope="module")
def factors(
    snapshot: Snapshot, catalogue: Catalogue, bands: pl.DataFrame, beliefs: dict[str, Posterior]
) -> pl.DataFrame:
    peers = peer_groups(snapshot.municipalities, bands.drop("band"))
    codes = bands["municipality_code"].sort()
    return factor_scores(beliefs, codes, peers, catalogue, np.random.default_rng(1), draws=20)


@pytest.fixture(scope="module")
def ranks(
    catalogue: Catalogue, bands: pl.DataFrame, beliefs: dict[str, Posterior], factors: pl.DataFrame
) -> RankUncertainty:
    return rank_uncertainty(beliefs, factors, bands, catalogue, np.random.default_rng(2), draws=200)


def test_exactly_those_with_a_rank_have_an_interval_and_it_holds_the_rank(
    ranks: RankUncertainty, factors: pl.DataFrame
) -> None:
    keys = ["municipality_code", "factor"]
    ranked = factors.drop_nulls("rank_national")
    both = ranked.join(ranks.intervals, on=keys)
    assert both.height == ranked.height == ranks.intervals.height
    assert both.filter(~pl.col("rank_national").is_between("rank_lower", "rank_upper")).is_empty()
    assert both.filter(pl.col("rank_upper") > pl.col("ranked_national").max().over("factor") + 16).is_empty()


def test_exact_figures_move_no_rank_by_themselves(ranks: RankUncertainty) -> None:
    size = ranks.drivers.filter(pl.col("factor") == SIZE)
    assert size.filter(pl.col("choice") == "data")["total"].item() == pytest.approx(0, abs=1e-9)
    assert size.filter(pl.col("choice") == "aggregation")["total"].item() > 0.2


def test_vacancy_ranks_rest_on_chance_more_than_on_method(ranks: RankUncertainty) -> None:
    vacancy = dict(ranks.drivers.filter(pl.col("factor") == "vacancy").select("choice", "total").iter_rows())
    assert vacancy["data"] > sum(share for choice, share in vacancy.items() if choice != "data")


def test_ranks_of_small_municipalities_are_less_sure(ranks: RankUncertainty, bands: pl.DataFrame) -> None:
    width = ranks.intervals.with_columns(width=pl.col("rank_upper") - pl.col("rank_lower")).join(
        bands, on="municipality_code"
    )
    for factor in ("vacancy", "professional_community"):
        of_factor = width.filter(pl.col("factor") == factor)
        small = of_factor.filter(pl.col("population") < 2_000)["width"].to_numpy().mean()
        large = of_factor.filter(pl.col("population") >= 50_000)["width"].to_numpy().mean()
        assert small > large, factor


def test_the_same_seed_gives_the_same_intervals(
    catalogue: Catalogue, bands: pl.DataFrame, beliefs: dict[str, Posterior], factors: pl.DataFrame
) -> None:
    once, again = (
        rank_uncertainty(beliefs, factors, bands, catalogue, np.random.default_rng(3), draws=20) for _ in range(2)
    )
    assert once.intervals.equals(again.intervals)
    assert once.drivers.equals(again.drivers)


def test_the_published_method_gives_the_published_ranks_but_for_a_few_places(
    catalogue: Catalogue, beliefs: dict[str, Posterior], factors: pl.DataFrame
) -> None:
    ranked = factors.drop_nulls("rank_national")["factor"].unique().sort().to_list()
    structure = ranked_structure(ranked, beliefs, catalogue)
    index = composite_index(observed_figures(structure, beliefs, factors, catalogue), structure, METHOD)
    for row, node in enumerate(structure.aggregates, start=len(structure.indicators)):
        of_factor = factors.filter(pl.col("factor") == node.key).sort("municipality_code")
        published = of_factor["rank_national"].cast(pl.Float64).fill_null(np.nan).to_numpy()
        assert np.nanmax(np.abs(index.ranks[row] - published)) <= 7, node.key
        assert (np.isnan(index.ranks[row]) == np.isnan(published)).all()
