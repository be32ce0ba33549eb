"""Which municipalities one municipality is compared with."""

import dataframely as dy
import polars as pl

from features.frames import PeerGroup

SMALLEST_GROUP = 5
"""Members (the municipality itself included) below which a group is drawn wider."""

POPULATION_BANDS: tuple[tuple[str, int], ...] = (
    ("under_2k", 0),
    ("2k_5k", 2_000),
    ("5k_10k", 5_000),
    ("10k_50k", 10_000),
    ("over_50k", 50_000),
)
"""Name and lower bound of each population band, as in the national quality indicator for GP contracts."""


def population_band(population: pl.Expr) -> pl.Expr:
    """Name of the population band that a number of inhabitants falls into.

    Examples
    --------
    >>> pl.select(population_band(pl.lit(pl.Series([219, 2000, 50000])))).to_series().to_list()
    ['under_2k', '2k_5k', 'over_50k']

    References
    ----------
    Helsedirektoratet, national quality indicator "Varighet på kommunenes avtaler med fastleger".
    """
    band = pl.lit(POPULATION_BANDS[0][0])
    for name, lower in POPULATION_BANDS[1:]:
        band = pl.when(population >= lower).then(pl.lit(name)).otherwise(band)
    return band


def peer_groups(municipalities: pl.DataFrame, population: pl.DataFrame) -> dy.DataFrame[PeerGroup]:
    """Peers of every municipality: same centrality class and population band, wider where these are too few.

    A group of fewer than five members is drawn over the pair of centrality classes (1-2, 3-4, 5-6) in the same band,
    and if that is still too small over the pair of classes regardless of size. Being a peer is therefore not always
    mutual.

    Parameters
    ----------
    municipalities : polars.DataFrame
        Contract `features.frames.Municipality`.
    population : polars.DataFrame
        ``municipality_code``, ``population``: one row per municipality.

    Returns
    -------
    dataframely.DataFrame[PeerGroup]
        One row per municipality and peer, itself included.

    References
    ----------
    Centrality class: SSB, KLASS 128 (2024). Pairs of classes: Tidsskr Nor Legeforen 2024, use of locums 2016-22.
    """
    places = municipalities.join(population, on="municipality_code").select(
        "municipality_code",
        centrality_class="centrality_class",
        class_pair=(pl.col("centrality_class") + 1) // 2,
        band=population_band(pl.col("population")),
    )
    members = [pl.len().over(keys) for keys in (["centrality_class", "band"], ["class_pair", "band"])]
    based = places.with_columns(
        basis=pl.when(members[0] >= SMALLEST_GROUP)
        .then(pl.lit("class_and_band"))
        .when(members[1] >= SMALLEST_GROUP)
        .then(pl.lit("class_pair_and_band"))
        .otherwise(pl.lit("class_pair"))
    )
    keys = {
        "class_and_band": ["centrality_class", "band"],
        "class_pair_and_band": ["class_pair", "band"],
        "class_pair": ["class_pair"],
    }
    pairs = [
        based.filter(pl.col("basis") == basis)
        .join(places.rename({"municipality_code": "peer_code"}), on=on)
        .select("municipality_code", "peer_code", pl.col("basis").cast(PeerGroup.basis.dtype))
        for basis, on in keys.items()
    ]
    return PeerGroup.validate(pl.concat(pairs).sort("municipality_code", "peer_code"))
