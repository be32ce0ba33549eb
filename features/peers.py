"""Which municipalities one municipality is compared with."""

from collections.abc import Collection, Mapping
from enum import StrEnum

import dataframely as dy
import polars as pl

from features.errors import InvalidInputError
from features.frames import PeerGroup
from features.municipality_codes import require_municipality

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

HOSPITAL_BANDS: tuple[tuple[str, int], ...] = (("under_30_min", 0), ("30_to_60_min", 30), ("over_60_min", 60))
"""Name and lower bound, in minutes, of each band of travel time to the nearest hospital.

Round numbers near those that part the municipalities in three (27 and 58 minutes): an assumption.
"""


class PeerWay(StrEnum):
    """Ways to choose whom a municipality is compared with."""

    CLASS = "class"
    DISTANCE = "distance"
    KOSTRA = "kostra"
    ALIKE = "alike"
    OWN = "own"


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
    return _band(population, POPULATION_BANDS)


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
    return _drawn(
        _places(municipalities, population),
        {
            "class_and_band": ["centrality_class", "band"],
            "class_pair_and_band": ["class_pair", "band"],
            "class_pair": ["class_pair"],
        },
    )


def distance_peers(
    municipalities: pl.DataFrame, population: pl.DataFrame, hospital_travel: pl.DataFrame
) -> dy.DataFrame[PeerGroup]:
    """Peers of every municipality: same centrality class, population band and band of travel time to a hospital.

    A group of fewer than five members is drawn over the pair of centrality classes, then over all sizes, and last over
    all travel times, too. Municipalities without a travel time form a band of their own.

    Parameters
    ----------
    municipalities, population : polars.DataFrame
        As in `peer_groups`.
    hospital_travel : polars.DataFrame
        ``municipality_code``, ``value``: minutes to the nearest hospital.

    Returns
    -------
    dataframely.DataFrame[PeerGroup]
        One row per municipality and peer, itself included.
    """
    places = (
        _places(municipalities, population)
        .join(hospital_travel.select("municipality_code", minutes="value"), on="municipality_code", how="left")
        .with_columns(distance=_band(pl.col("minutes"), HOSPITAL_BANDS).fill_null("unknown"))
        .drop("minutes")
    )
    return _drawn(
        places,
        {
            "class_band_and_distance": ["centrality_class", "band", "distance"],
            "class_pair_band_and_distance": ["class_pair", "band", "distance"],
            "class_pair_and_distance": ["class_pair", "distance"],
            "class_pair": ["class_pair"],
        },
    )


def kostra_peers(municipalities: pl.DataFrame) -> dy.DataFrame[PeerGroup]:
    """Peers of every municipality: the same KOSTRA group of 2020, however few; Oslo is alone in its group.

    References
    ----------
    SSB, KOSTRA groups 2020: municipalities of alike size, bound costs and free income.
    """
    groups = municipalities.select("municipality_code", "kostra_group_2020")
    pairs = groups.join(groups.rename({"municipality_code": "peer_code"}), on="kostra_group_2020")
    return _groups(pairs, "kostra_group")


def chosen_peers(
    code: str, chosen: Collection[str], changes: pl.DataFrame, municipalities: pl.DataFrame, basis: str = "own"
) -> dy.DataFrame[PeerGroup]:
    """The municipality and those that were chosen for it; a code given twice counts once.

    Raises
    ------
    UnknownMunicipalityError
        If a code is none of today's; it names what an older code became.
    InvalidInputError
        If nobody else is chosen.
    """
    known = [require_municipality(each, changes, municipalities) for each in (code, *chosen)]
    if set(known) == {code}:
        raise InvalidInputError("codes", ", ".join(chosen), "at least one other municipality")
    return _groups(pl.DataFrame({"municipality_code": code, "peer_code": sorted(set(known))}), basis)


def _band(amount: pl.Expr, bands: tuple[tuple[str, int], ...]) -> pl.Expr:
    band: pl.Expr = pl.when(amount.is_not_null()).then(pl.lit(bands[0][0]))
    for name, lower in bands[1:]:
        band = pl.when(amount >= lower).then(pl.lit(name)).otherwise(band)
    return band


def _places(municipalities: pl.DataFrame, population: pl.DataFrame) -> pl.DataFrame:
    return municipalities.join(population, on="municipality_code").select(
        "municipality_code",
        "centrality_class",
        class_pair=(pl.col("centrality_class") + 1) // 2,
        band=population_band(pl.col("population")),
    )


def _drawn(places: pl.DataFrame, ladder: Mapping[str, list[str]]) -> dy.DataFrame[PeerGroup]:
    """Groups by the first rung of the ladder that holds enough members; the last rung is taken as it is."""
    last = list(ladder)[-1]
    basis: pl.Expr = pl.lit(last)
    for rung, keys in reversed(list(ladder.items())[:-1]):
        basis = pl.when(pl.len().over(keys) >= SMALLEST_GROUP).then(pl.lit(rung)).otherwise(basis)
    based = places.with_columns(basis=basis)
    pairs = [
        based.filter(pl.col("basis") == rung).join(places.rename({"municipality_code": "peer_code"}), on=keys)
        for rung, keys in ladder.items()
    ]
    return _groups(pl.concat([pair.select("municipality_code", "peer_code", "basis") for pair in pairs]))


def _groups(pairs: pl.DataFrame, basis: str | None = None) -> dy.DataFrame[PeerGroup]:
    named = pairs if basis is None else pairs.with_columns(basis=pl.lit(basis))
    return PeerGroup.validate(
        named.select("municipality_code", "peer_code", pl.col("basis").cast(PeerGroup.basis.dtype)).sort(
            "municipality_code", "peer_code"
        )
    )
