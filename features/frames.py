"""Contracts of every frame: columns, types, units and keys.

A frame that passes its contract can be trusted by everything behind it. Read one with
``Population.validate(frame)`` (raises) or ``Population.filter(frame)`` (accepted rows and a report).
"""

import dataframely as dy
import polars as pl

MUNICIPALITY_CODE = r"^[0-9]{4}$"


class Municipality(dy.Schema):
    """One row per municipality of the 2024 structure (357 rows)."""

    municipality_code = dy.String(primary_key=True, regex=MUNICIPALITY_CODE)
    name = dy.String(min_length=2)
    county_code = dy.String(regex=r"^[0-9]{2}$")
    county_name = dy.String(min_length=2)
    administrative_centre = dy.String()
    language_form = dy.Enum(["Bokmål", "Nynorsk", "Nøytral"])
    area_km2 = dy.Float64(min_exclusive=0)
    lat = dy.Float64(min=57, max=72)
    lon = dy.Float64(min=4, max=32)
    lat_lon_basis = dy.String()
    centrality_class = dy.Int64(min=1, max=6)
    centrality_index = dy.Int64(min=0, max=1000)
    kostra_group_2020 = dy.String(regex=r"^EKG[0-9]{2}$")
    labour_market_region_2020 = dy.String(regex=r"^[0-9]{3}$")
    labour_market_region_name = dy.String()
    minutes_to_region_centre = dy.Float64(min=0)


class Population(dy.Schema):
    """Inhabitants on 1 January, one row per municipality and year."""

    municipality_code = dy.String(primary_key=True, regex=MUNICIPALITY_CODE)
    year = dy.Int64(primary_key=True, min=1986, max=2100)
    population = dy.Int64(min=1)


class Measure(dy.Schema):
    """A published figure, one row per municipality, year and measure; the measure's unit is in the data package."""

    municipality_code = dy.String(primary_key=True, regex=MUNICIPALITY_CODE)
    year = dy.Int64(primary_key=True, min=1986, max=2100)
    measure = dy.String(primary_key=True, min_length=3)
    value = dy.Float64()


class GpLists(Measure):
    """Figures of the Regular GP Scheme (SSB 12005), one row per municipality, year and measure."""

    value = dy.Float64(min=0)


class LivingConditions(Measure):
    """Income, education, age, growth, schools, kindergartens and offences, per municipality, year and measure."""


class Commuting(dy.Schema):
    """Employed persons by municipality of work and of residence (4th quarter 2017), without self-flows."""

    workplace_code = dy.String(primary_key=True, regex=MUNICIPALITY_CODE)
    residence_code = dy.String(primary_key=True, regex=MUNICIPALITY_CODE)
    commuters = dy.Float64(min_exclusive=0)


class CodeChange(dy.Schema):
    """A municipality code that became another (or the same, renamed) on a date."""

    old_code = dy.String(primary_key=True, regex=MUNICIPALITY_CODE)
    old_name = dy.String(primary_key=True)
    new_code = dy.String(primary_key=True, regex=MUNICIPALITY_CODE)
    new_name = dy.String(primary_key=True)
    change_date = dy.Date(primary_key=True)


class PostalCode(dy.Schema):
    """Postal code, its place and municipality."""

    postal_code = dy.String(primary_key=True, regex=MUNICIPALITY_CODE)
    place = dy.String()
    municipality_code = dy.String(regex=MUNICIPALITY_CODE)


class Tile(dy.Schema):
    """Position of each municipality on the tile map; row 0 is the northernmost, column 0 the westernmost."""

    municipality_code = dy.String(primary_key=True, regex=MUNICIPALITY_CODE)
    column = dy.Int64(min=0)
    row = dy.Int64(min=0)


class IndicatorValue(dy.Schema):
    """Value of one indicator in one municipality; a row for every pair, missing values stay null.

    ``numerator`` and ``denominator`` are kept where the value is a ratio of counts; ``value`` is in the
    catalogue's unit, ``year`` is the newest year the value describes, ``source`` the snapshot table.
    """

    municipality_code = dy.String(primary_key=True, regex=MUNICIPALITY_CODE)
    indicator = dy.String(primary_key=True)
    year = dy.Int64(nullable=True)
    value = dy.Float64(nullable=True)
    numerator = dy.Float64(nullable=True)
    denominator = dy.Float64(nullable=True)


class IndicatorScore(dy.Schema):
    """Percentile (0-100, 100 = best placed) of an indicator's value among municipalities with data."""

    municipality_code = dy.String(primary_key=True, regex=MUNICIPALITY_CODE)
    indicator = dy.String(primary_key=True)
    percentile = dy.Float64(nullable=True, min=0, max=100)


class FactorScore(dy.Schema):
    """Score of one factor in one municipality, with interval, coverage and ranks; a row for every pair.

    ``score`` 0-100 is the percentile among municipalities with data; ``lower`` and ``upper`` bound the
    90 % interval, widened where needed to hold the score; ``coverage`` is the share (0-1) of the factor's catalogue
    weight that had data; rank 1 is best placed. Score, bounds and ranks are null where too little had data.
    """

    municipality_code = dy.String(primary_key=True, regex=MUNICIPALITY_CODE)
    factor = dy.String(primary_key=True)
    score = dy.Float64(nullable=True, min=0, max=100)
    lower = dy.Float64(nullable=True, min=0, max=100)
    upper = dy.Float64(nullable=True, min=0, max=100)
    coverage = dy.Float64(min=0, max=1)
    rank_national = dy.Int64(nullable=True, min=1)
    ranked_national = dy.Int64(min=0)
    rank_peers = dy.Int64(nullable=True, min=1)
    ranked_peers = dy.Int64(min=0)

    @dy.rule()
    def bounds_hold_score(cls) -> pl.Expr:  # noqa: N805, D102
        return pl.col("score").is_null() | pl.col("score").is_between(pl.col("lower"), pl.col("upper"))

    @dy.rule()
    def missing_together(cls) -> pl.Expr:  # noqa: N805, D102
        missing = pl.col("score").is_null()
        return pl.all_horizontal(
            pl.col(name).is_null() == missing for name in ("lower", "upper", "rank_national", "rank_peers")
        )


class PeerGroup(dy.Schema):
    """The municipalities that one municipality is compared with (itself included).

    ``basis`` says how wide the group had to be drawn to hold enough members: ``class_and_band``,
    ``class_pair_and_band`` or ``class_pair``.
    """

    municipality_code = dy.String(primary_key=True, regex=MUNICIPALITY_CODE)
    peer_code = dy.String(primary_key=True, regex=MUNICIPALITY_CODE)
    basis = dy.Enum(["class_and_band", "class_pair_and_band", "class_pair"])


class ExpectedOutcome(dy.Schema):
    """Share of inhabitants on lists without a GP: actual beside what structure alone leads one to expect.

    Shares are 0-1. ``expected_lower``/``expected_upper`` bound the 90 % interval of the expectation itself,
    ``normal_lower``/``normal_upper`` the 90 % range in which a municipality with this structure and this number of
    lists falls by chance. All but the code are null for municipalities without figures.
    """

    municipality_code = dy.String(primary_key=True, regex=MUNICIPALITY_CODE)
    actual = dy.Float64(nullable=True, min=0, max=1)
    expected = dy.Float64(nullable=True, min=0, max=1)
    expected_lower = dy.Float64(nullable=True, min=0, max=1)
    expected_upper = dy.Float64(nullable=True, min=0, max=1)
    normal_lower = dy.Float64(nullable=True, min=0, max=1)
    normal_upper = dy.Float64(nullable=True, min=0, max=1)


class Spell(dy.Schema):
    """One doctor's stay in one post; no person can be recognised from it.

    ``duration_years`` counts from the contract's start to its end or to the last day it was observed
    (``event`` false = censored); ``entry_years`` > 0 where observation began after the start. Further columns
    describe the post and the formal career stage.
    """

    spell_id = dy.Int64(primary_key=True)
    entry_years = dy.Float64(min=0)
    duration_years = dy.Float64(min_exclusive=0)
    event = dy.Bool()
