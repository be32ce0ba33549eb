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
    name = dy.String(min_length=2, description="Name, the Norwegian one where there are several")
    county_code = dy.String(regex=r"^[0-9]{2}$", description="Two-digit number of the county")
    county_name = dy.String(min_length=2, description="Name of the county")
    administrative_centre = dy.String(description="Town or village where the municipality is run from")
    language_form = dy.Enum(
        ["Bokmål", "Nynorsk", "Nøytral"], description="Written Norwegian that the municipality has chosen"
    )
    area_km2 = dy.Float64(min_exclusive=0, description="Area of land and fresh water", metadata={"unit": "km²"})
    lat = dy.Float64(
        min=57, max=72, description="Latitude of a point in the municipality", metadata={"unit": "degrees"}
    )
    lon = dy.Float64(
        min=4, max=32, description="Longitude of a point in the municipality", metadata={"unit": "degrees"}
    )
    lat_lon_basis = dy.String(description="What the coordinates are those of")
    centrality_class = dy.Int64(min=1, max=6, description="SSB's class of centrality, 1 is most central")
    centrality_index = dy.Int64(min=0, max=1000, description="SSB's index of centrality behind the class")
    kostra_group_2020 = dy.String(
        regex=r"^EKG[0-9]{2}$", description="KOSTRA group of comparable municipalities (2020)"
    )
    labour_market_region_2020 = dy.String(regex=r"^[0-9]{3}$", description="Number of the labour-market region (2020)")
    labour_market_region_name = dy.String(description="Name of the labour-market region")
    minutes_to_region_centre = dy.Float64(
        min=0, description="Travel time by car to the centre of the labour-market region", metadata={"unit": "minutes"}
    )


class Population(dy.Schema):
    """Inhabitants on 1 January, one row per municipality and year."""

    municipality_code = dy.String(primary_key=True, regex=MUNICIPALITY_CODE)
    year = dy.Int64(primary_key=True, min=1986, max=2100)
    population = dy.Int64(min=1, description="Inhabitants on 1 January", metadata={"unit": "persons"})


class Measure(dy.Schema):
    """A published figure, one row per municipality, year and measure; the measure's unit is in the data package."""

    municipality_code = dy.String(primary_key=True, regex=MUNICIPALITY_CODE)
    year = dy.Int64(primary_key=True, min=1986, max=2100, description="Year that the figure describes")
    measure = dy.String(
        primary_key=True,
        min_length=3,
        description="Key of the figure; its unit stands in the data package of the snapshot",
    )
    value = dy.Float64(description="The figure in the unit of its measure")


class GpLists(Measure):
    """Figures of the Regular GP Scheme (SSB 12005), one row per municipality, year and measure."""

    value = dy.Float64(min=0, description="The figure in the unit of its measure")


class LivingConditions(Measure):
    """Income, education, age, growth, schools, kindergartens and offences, per municipality, year and measure."""


class Commuting(dy.Schema):
    """Employed persons by municipality of work and of residence (4th quarter 2017), without self-flows."""

    workplace_code = dy.String(primary_key=True, regex=MUNICIPALITY_CODE, description="Municipality of work")
    residence_code = dy.String(primary_key=True, regex=MUNICIPALITY_CODE, description="Municipality of residence")
    commuters = dy.Float64(
        min_exclusive=0,
        description="Employed persons who live in one and work in the other",
        metadata={"unit": "persons"},
    )


class CodeChange(dy.Schema):
    """A municipality code that became another (or the same, renamed) on a date."""

    old_code = dy.String(
        primary_key=True, regex=MUNICIPALITY_CODE, description="Code that went out of use, or was renamed"
    )
    old_name = dy.String(primary_key=True, description="Name that belonged to it")
    new_code = dy.String(primary_key=True, regex=MUNICIPALITY_CODE, description="Code that took over")
    new_name = dy.String(primary_key=True, description="Name that belongs to it")
    change_date = dy.Date(primary_key=True, description="First day of the new code")


class CodeChangePart(dy.Schema):
    """Inhabitants of the area that an old and a new code have in common, for every merge and every split.

    ``basis`` says what the figure rests on: ``counted`` (population statistics of exactly this area), ``stated`` (a
    rounded figure of somebody else, or what it leaves of the whole) or ``estimated`` (an assumption).
    """

    old_code = dy.String(primary_key=True, regex=MUNICIPALITY_CODE, description="Code before the change")
    new_code = dy.String(primary_key=True, regex=MUNICIPALITY_CODE, description="Code after the change")
    change_date = dy.Date(primary_key=True, description="First day of the new code")
    inhabitants = dy.Int64(
        min=1, description="Inhabitants of the area that both have in common", metadata={"unit": "persons"}
    )
    counted_on = dy.Date(description="Day of the count")
    basis = dy.Enum(["counted", "stated", "estimated"])
    source = dy.String(min_length=3, description="Where the figure was published")


class PostalCode(dy.Schema):
    """Postal code, its place and municipality."""

    postal_code = dy.String(primary_key=True, regex=MUNICIPALITY_CODE, description="Four-digit postal code")
    place = dy.String(description="Postal place")
    municipality_code = dy.String(regex=MUNICIPALITY_CODE)


class DoctorAgreements(Measure):
    """Doctors' full-time equivalents in the municipal health service by form of agreement (SSB 11996)."""

    value = dy.Float64(min=0, description="The figure in the unit of its measure")


class Jobs(dy.Schema):
    """Employed persons by municipality of work and industry (SSB 13470 or 07984), 4th quarter of the year.

    ``industry`` is the code of SN2007 in the grouping of the source. Fractional where a municipality was split.
    """

    municipality_code = dy.String(primary_key=True, regex=MUNICIPALITY_CODE)
    year = dy.Int64(primary_key=True, min=1986, max=2100)
    industry = dy.String(primary_key=True, min_length=1)
    jobs = dy.Float64(min=0, description="Employed persons who work in the municipality", metadata={"unit": "persons"})


class Vacancy(dy.Schema):
    """One advertised vacancy that was open when it was fetched (NAV); no text and no person of the advert is kept.

    ``styrk08`` is null where the source gave no occupation and the post was recognised by its title.
    ``facts_present`` is the number of the 20 standard facts that a GP advert mentions; null for other posts and for
    adverts without text.
    """

    ad_id = dy.String(primary_key=True, min_length=1, description="Number of the advert at its source")
    municipality_code = dy.String(regex=MUNICIPALITY_CODE)
    published = dy.Date(description="Day of publication")
    expires = dy.Date(nullable=True, description="Last day of the advert; missing if it names none")
    occupation_group = dy.String(min_length=1, description="Key of the occupation group")
    styrk08 = dy.String(nullable=True, regex=r"^[0-9]{2,4}$")
    positions = dy.Int64(min=1, description="Posts advertised")
    is_gp_post = dy.Bool(description="Whether it is a post for a GP")
    facts_present = dy.Int64(nullable=True, min=0, max=20)


class Hospital(dy.Schema):
    """One hospital with somatic emergency function.

    ``kind`` is ``regional`` for the main hospital of a health region, ``local`` for the others; ``lat_lon_basis`` says
    what the coordinates are those of.
    """

    name = dy.String(primary_key=True, min_length=2, description="Name of the hospital")
    municipality_code = dy.String(regex=MUNICIPALITY_CODE)
    lat = dy.Float64(min=57, max=72, description="Latitude", metadata={"unit": "degrees"})
    lon = dy.Float64(min=4, max=32, description="Longitude", metadata={"unit": "degrees"})
    kind = dy.Enum(["regional", "local"])
    lat_lon_basis = dy.String(min_length=2)


class Airport(dy.Schema):
    """One airport with scheduled traffic."""

    iata = dy.String(primary_key=True, regex=r"^[A-Z]{3}$", description="IATA code of the airport")
    name = dy.String(min_length=2, description="Name of the airport")
    lat = dy.Float64(min=57, max=72, description="Latitude", metadata={"unit": "degrees"})
    lon = dy.Float64(min=4, max=32, description="Longitude", metadata={"unit": "degrees"})


class Outline(dy.Schema):
    """The largest piece of a municipality's area, for maps: its outer ring in degrees, last point equal to the first.

    ``area_km2`` is the area inside the ring, ``pieces_left_out`` the number of smaller pieces (islands, mostly).
    """

    municipality_code = dy.String(primary_key=True, regex=MUNICIPALITY_CODE)
    lon = dy.List(dy.Float64(min=-10, max=40))
    lat = dy.List(dy.Float64(min=55, max=82))
    area_km2 = dy.Float64(min_exclusive=0)
    pieces_left_out = dy.Int64(min=0)


class Tile(dy.Schema):
    """Position of each municipality on the tile map; row 0 is the northernmost, column 0 the westernmost."""

    municipality_code = dy.String(primary_key=True, regex=MUNICIPALITY_CODE)
    column = dy.Int64(min=0, description="Column of the map, 0 is the westernmost")
    row = dy.Int64(min=0, description="Row of the map, 0 is the northernmost")


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


class LocalValue(dy.Schema):
    """What a municipality itself says about an indicator that no register has; the statement in force.

    ``value`` is in the catalogue's unit (a share is 0-1). ``denominator`` is the number the value was formed over
    where the template asks for it, ``numerator`` then value times that number. ``valid_on`` is the day the value
    describes; ``said_by`` is the key of a role in ``local_template.toml``, never the name of a person.
    """

    municipality_code = dy.String(primary_key=True, regex=MUNICIPALITY_CODE)
    indicator = dy.String(primary_key=True, min_length=3)
    value = dy.Float64()
    numerator = dy.Float64(nullable=True)
    denominator = dy.Float64(nullable=True, min_exclusive=0)
    valid_on = dy.Date()
    said_by = dy.String(regex=r"^[a-z][a-z_]+$")


class LocalEntry(dy.Schema):
    """Everything a municipality has said about its indicators, in the order it was entered; nothing is taken out.

    Columns as in `LocalValue`. A row without ``value`` takes back what was said before it, and ``note`` tells why.
    """

    entry = dy.Int64(primary_key=True)
    municipality_code = dy.String(regex=MUNICIPALITY_CODE)
    indicator = dy.String(min_length=3)
    value = dy.Float64(nullable=True)
    numerator = dy.Float64(nullable=True)
    denominator = dy.Float64(nullable=True, min_exclusive=0)
    valid_on = dy.Date()
    said_by = dy.String(regex=r"^[a-z][a-z_]+$")
    note = dy.String(nullable=True)
    entered_at = dy.Datetime(time_zone="UTC")


class IndicatorScore(dy.Schema):
    """Place of an indicator on a scale of 0-100, 100 = best placed.

    ``percentile`` is the place among municipalities with data, of the value drawn towards the peers; ``goalpost_score``
    lies between the goalposts of an indicator that only the municipality can tell. At most one of them is there.
    """

    municipality_code = dy.String(primary_key=True, regex=MUNICIPALITY_CODE)
    indicator = dy.String(primary_key=True)
    percentile = dy.Float64(nullable=True, min=0, max=100)
    goalpost_score = dy.Float64(nullable=True, min=0, max=100)

    @dy.rule()
    def one_scale(cls) -> pl.Expr:  # noqa: N805, D102
        return pl.col("percentile").is_null() | pl.col("goalpost_score").is_null()


class FactorScore(dy.Schema):
    """Score of one factor in one municipality, with interval, coverage and ranks; a row for every pair.

    ``score`` 0-100 is the percentile among municipalities with data or, where too few have any to be ranked, the mean
    place between goalposts: ``basis`` says which. ``lower`` and ``upper`` bound the 90 % interval, widened where needed
    to hold the score; ``coverage`` is the share (0-1) of the factor's catalogue weight that had data; rank 1 is best
    placed. Score and bounds are null where too little had data, ranks also where the basis is goalposts.
    """

    municipality_code = dy.String(primary_key=True, regex=MUNICIPALITY_CODE)
    factor = dy.String(primary_key=True)
    basis = dy.Enum(["percentile", "goalposts"])
    score = dy.Float64(nullable=True, min=0, max=100)
    lower = dy.Float64(nullable=True, min=0, max=100)
    upper = dy.Float64(nullable=True, min=0, max=100)
    coverage = dy.Float64(min=0, max=1)
    rank_national = dy.Int64(
        nullable=True, min=1, description="Place among all municipalities with a score; 1 is best placed"
    )
    ranked_national = dy.Int64(min=0, description="Municipalities with a score")
    rank_peers = dy.Int64(nullable=True, min=1, description="Place among the peers with a score; 1 is best placed")
    ranked_peers = dy.Int64(min=0, description="Peers with a score, the municipality included")

    @dy.rule()
    def bounds_hold_score(cls) -> pl.Expr:  # noqa: N805, D102
        return pl.col("score").is_null() | pl.col("score").is_between(pl.col("lower"), pl.col("upper"))

    @dy.rule()
    def missing_together(cls) -> pl.Expr:  # noqa: N805, D102
        missing = pl.col("score").is_null()
        unranked = missing | (pl.col("basis") == "goalposts")
        return pl.all_horizontal(
            *(pl.col(name).is_null() == missing for name in ("lower", "upper")),
            *(pl.col(name).is_null() == unranked for name in ("rank_national", "rank_peers")),
        )


class FactorCoverage(dy.Schema):
    """Where the weight of one factor comes from, and how much of it has data; one row per factor.

    ``offline``, ``refresh_adds`` and ``local_adds`` are shares (0-1) of the factor's weight and sum to 1: indicators
    computed from the embedded snapshot, from tables that a refresh brings, and those that only the municipality can
    answer. ``with_data`` is the mean share of weight with data over the municipalities, ``with_data_lowest`` the least.
    """

    factor = dy.String(primary_key=True)
    indicators = dy.Int64(min=1, description="Indicators that weigh in the factor")
    offline = dy.Float64(min=0, max=1)
    refresh_adds = dy.Float64(min=0, max=1)
    local_adds = dy.Float64(min=0, max=1)
    with_data = dy.Float64(min=0, max=1)
    with_data_lowest = dy.Float64(min=0, max=1)


class MunicipalityCoverage(dy.Schema):
    """Share (0-1) of a factor's weight that has data in one municipality, by where the data come from.

    ``coverage`` is the sum of the three; a row for every municipality and factor.
    """

    municipality_code = dy.String(primary_key=True, regex=MUNICIPALITY_CODE)
    factor = dy.String(primary_key=True)
    snapshot = dy.Float64(min=0, max=1, description="From the embedded snapshot")
    live = dy.Float64(min=0, max=1, description="From tables that a refresh brought")
    local = dy.Float64(min=0, max=1, description="From the municipality itself")
    coverage = dy.Float64(min=0, max=1)


class IndicatorCoverage(dy.Schema):
    """In how many municipalities an indicator has a value; one row per indicator.

    ``id`` is its number in the list of 60 and ``factor`` the one it weighs in; null for those of our own and for
    those shown for context.
    """

    indicator = dy.String(primary_key=True)
    id = dy.String(nullable=True)
    origin = dy.Enum(["snapshot", "live", "local"], description="Where its figures come from")
    factor = dy.String(nullable=True)
    with_value = dy.Int64(min=0, description="Municipalities with a value")
    municipalities = dy.Int64(min=1, description="All municipalities")


CHOICES = ["data", "imputation", "treatment", "normalisation", "weights", "aggregation", "left_out"]
"""What can move a rank: the figures themselves, or a choice of method (`features.sensitivity.Choice`)."""


class RankInterval(dy.Schema):
    """How sure a municipality's national rank on a factor is; rows only for those that are ranked.

    ``rank_lower`` and ``rank_upper`` bound 90 % of the ranks under other figures and other methods, widened where
    needed to hold the published rank. ``driver`` is what moves the rank most, ``driver_share`` (0-1) its total share of
    the variance; both null for a rank that never moves.
    """

    municipality_code = dy.String(primary_key=True, regex=MUNICIPALITY_CODE)
    factor = dy.String(primary_key=True)
    rank_median = dy.Float64(min=1, description="Median of the ranks under other figures and other methods")
    rank_lower = dy.Int64(min=1)
    rank_upper = dy.Int64(min=1)
    driver = dy.Enum(CHOICES, nullable=True)
    driver_share = dy.Float64(nullable=True, min=0, max=1)


class RankDriver(dy.Schema):
    """Share of the variance of ranks on a factor that each choice brings about, over all municipalities.

    ``first_order`` is what it does by itself, ``total`` with everything it acts together with; estimated, so that
    small shares may fall a little below 0.
    """

    factor = dy.String(primary_key=True)
    choice = dy.Enum(
        CHOICES, primary_key=True, description="What can move a rank: the figures themselves, or a choice of method"
    )
    first_order = dy.Float64()
    total = dy.Float64()


class PeerGroup(dy.Schema):
    """The municipalities that one municipality is compared with (itself included).

    ``basis`` says what makes them peers. By default how wide the group of the same centrality and size had to be drawn
    to hold enough members: ``class_and_band``, ``class_pair_and_band`` or ``class_pair``; with the way to a hospital
    beside these: ``class_band_and_distance`` and its wider forms; or ``kostra_group``, ``alike`` in structure, ``own``
    choice.
    """

    municipality_code = dy.String(primary_key=True, regex=MUNICIPALITY_CODE)
    peer_code = dy.String(
        primary_key=True, regex=MUNICIPALITY_CODE, description="A municipality that it is compared with"
    )
    basis = dy.Enum(
        [
            "class_and_band",
            "class_pair_and_band",
            "class_pair",
            "class_band_and_distance",
            "class_pair_band_and_distance",
            "class_pair_and_distance",
            "kostra_group",
            "alike",
            "own",
        ]
    )


class ShrunkValue(dy.Schema):
    """An indicator's value drawn towards the mean of the place's peers; a row for every pair, null without a value.

    ``estimate`` is what is likely to lie behind the published value, in the catalogue's unit, with its 90 % interval;
    ``group_mean`` is the mean of the peers, itself drawn towards the national mean (null where no peer has a figure
    above 0 and the error is relative); ``own_weight`` (0-1) is the weight of the own value beside it.
    """

    municipality_code = dy.String(primary_key=True, regex=MUNICIPALITY_CODE)
    indicator = dy.String(primary_key=True)
    estimate = dy.Float64(nullable=True)
    lower = dy.Float64(nullable=True, description="Lower bound of the 90 % interval of the estimate")
    upper = dy.Float64(nullable=True, description="Upper bound of the 90 % interval of the estimate")
    group_mean = dy.Float64(nullable=True)
    own_weight = dy.Float64(nullable=True, min=0, max=1)

    @dy.rule()
    def bounds_hold_estimate(cls) -> pl.Expr:  # noqa: N805, D102
        return pl.col("estimate").is_null() | pl.col("estimate").is_between(pl.col("lower"), pl.col("upper"))

    @dy.rule()
    def missing_together(cls) -> pl.Expr:  # noqa: N805, D102
        missing = pl.col("estimate").is_null()
        return pl.all_horizontal(pl.col(name).is_null() == missing for name in ("lower", "upper", "own_weight"))


class AdjustedOutcome(dy.Schema):
    """An outcome beside what structure alone leads one to expect; a row for every municipality and outcome.

    In the outcome's unit, and null for municipalities without figures: ``actual`` is the published value, ``shrunk``
    that value drawn towards the expectation as far as chance may explain the distance.
    ``expected_lower``/``expected_upper`` bound the 90 % interval of the expectation itself,
    ``normal_lower``/``normal_upper`` the 90 % range in which a place of this structure and size falls by chance.
    ``residual`` is shrunk less expected, with its 90 % interval.

    ``adjusted_score`` (0-100, 100 is best placed) is how many of 100 places of the same structure and size would do
    worse, ties counting half. ``score_ties_lost`` and ``score_ties_won`` count all ties as better or as worse: a small
    place without vacancy ties with most of its like.
    """

    municipality_code = dy.String(primary_key=True, regex=MUNICIPALITY_CODE)
    outcome = dy.String(primary_key=True)
    actual = dy.Float64(nullable=True)
    shrunk = dy.Float64(nullable=True)
    expected = dy.Float64(nullable=True, description="What structure alone leads one to expect, in the outcome's unit")
    expected_lower = dy.Float64(nullable=True)
    expected_upper = dy.Float64(nullable=True)
    normal_lower = dy.Float64(nullable=True)
    normal_upper = dy.Float64(nullable=True)
    residual = dy.Float64(nullable=True)
    residual_lower = dy.Float64(nullable=True, description="Lower bound of the 90 % interval of the residual")
    residual_upper = dy.Float64(nullable=True, description="Upper bound of the 90 % interval of the residual")
    adjusted_score = dy.Float64(nullable=True, min=0, max=100)
    score_ties_lost = dy.Float64(nullable=True, min=0, max=100)
    score_ties_won = dy.Float64(nullable=True, min=0, max=100)

    @dy.rule()
    def intervals_hold(cls) -> pl.Expr:  # noqa: N805, D102
        return pl.col("actual").is_null() | (
            pl.col("expected").is_between(pl.col("expected_lower"), pl.col("expected_upper"))
            & pl.col("residual").is_between(pl.col("residual_lower"), pl.col("residual_upper"))
            & pl.col("adjusted_score").is_between(pl.col("score_ties_lost"), pl.col("score_ties_won"))
        )

    @dy.rule()
    def missing_together(cls) -> pl.Expr:  # noqa: N805, D102
        missing = pl.col("actual").is_null()
        return pl.all_horizontal(
            pl.col(name).is_null() == missing
            for name in ("shrunk", "expected", "normal_lower", "normal_upper", "residual", "adjusted_score")
        )


class ExplainedShare(dy.Schema):
    """Share of the variation of an outcome between municipalities that structure explains in other counties.

    1 is everything, 0 no better than the national mean, negative worse; with its 90 % interval.
    """

    outcome = dy.String(primary_key=True)
    share = dy.Float64(
        max=1, description="Share explained in counties that the model was not fitted on; 1 is everything"
    )
    lower = dy.Float64(max=1, description="Lower bound of its 90 % interval")
    upper = dy.Float64(max=1, description="Upper bound of its 90 % interval")


class Fairness(dy.Schema):
    """Whether an outcome's score follows a structural indicator, before and after the adjustment.

    Spearman's rank correlation (-1 to 1) of the structural indicator ``against`` with: ``raw`` the published value,
    turned so that more is better; ``adjusted`` the adjusted score; ``tie_free`` the adjusted score with each tie broken
    at random (mean of many breakings). Each with its 90 % interval from resampling municipalities.
    """

    outcome = dy.String(primary_key=True)
    against = dy.String(primary_key=True, description="Structural indicator that the score is set against")
    raw = dy.Float64(min=-1, max=1, description="Correlation of the published value, turned so that more is better")
    raw_lower = dy.Float64(min=-1, max=1, description="Lower bound of its 90 % interval")
    raw_upper = dy.Float64(min=-1, max=1, description="Upper bound of its 90 % interval")
    adjusted = dy.Float64(min=-1, max=1, description="Correlation of the adjusted score")
    adjusted_lower = dy.Float64(min=-1, max=1, description="Lower bound of its 90 % interval")
    adjusted_upper = dy.Float64(min=-1, max=1, description="Upper bound of its 90 % interval")
    tie_free = dy.Float64(min=-1, max=1, description="Correlation of the adjusted score with each tie broken at random")
    tie_free_lower = dy.Float64(min=-1, max=1, description="Lower bound of its 90 % interval")
    tie_free_upper = dy.Float64(min=-1, max=1, description="Upper bound of its 90 % interval")


class TravelTime(dy.Schema):
    """Minutes from one municipality to another, door to door; pairs that are left out are not reached."""

    from_code = dy.String(primary_key=True, regex=MUNICIPALITY_CODE)
    to_code = dy.String(primary_key=True, regex=MUNICIPALITY_CODE)
    minutes = dy.Float64(min=0, allow_inf=False, allow_nan=False)


class PartnerAccess(dy.Schema):
    """Jobs within reach of each municipality, by occupation group and all together (``all``).

    ``access`` is jobs per competing seeker relative to the country (1 = as in the country as a whole); ``lower`` and
    ``upper`` bound its 90 % interval. ``jobs_within_reach`` counts jobs by how willing people are to travel to them.
    All three are null for a municipality without figures; ``year`` is that of the jobs.
    """

    municipality_code = dy.String(primary_key=True, regex=MUNICIPALITY_CODE)
    occupation_group = dy.String(primary_key=True, min_length=2)
    year = dy.Int64()
    jobs_here = dy.Float64(nullable=True, min=0)
    jobs_within_reach = dy.Float64(nullable=True, min=0)
    access = dy.Float64(nullable=True, min=0)
    lower = dy.Float64(nullable=True, min=0)
    upper = dy.Float64(nullable=True, min=0)

    @dy.rule()
    def bounds_hold_access(cls) -> pl.Expr:  # noqa: N805, D102
        return pl.col("access").is_null() | pl.col("access").is_between(pl.col("lower"), pl.col("upper"))


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


class IndexNode(dy.Schema):
    """One row of a file that declares a composite indicator: an indicator, or an aggregate of other rows.

    A row is an aggregate when another names it as ``parent``; a row without parent is the top of an index. ``weight``
    is relative within a parent; ``direction`` is 1 if more is better, -1 if less is. Values within
    ``low``-``high`` are equally good when distances to a target band are asked for, and ``goalpost_low`` and
    ``goalpost_high`` bound the scale when fixed goalposts are.
    """

    line = dy.Int64(min=2)
    indicator = dy.String(primary_key=True, min_length=1)
    parent = dy.String(nullable=True, min_length=1)
    weight = dy.Float64(min_exclusive=0)
    direction = dy.Int64(is_in=[-1, 1])
    label = dy.String(nullable=True)
    low = dy.Float64(nullable=True)
    high = dy.Float64(nullable=True)
    goalpost_low = dy.Float64(nullable=True)
    goalpost_high = dy.Float64(nullable=True)


class IndexValue(dy.Schema):
    """Value of one indicator for one unit of any kind; null where the file says that it is missing."""

    line = dy.Int64(min=2)
    unit = dy.String(primary_key=True, min_length=1)
    indicator = dy.String(primary_key=True, min_length=1)
    value = dy.Float64(nullable=True)
    standard_error = dy.Float64(nullable=True, min=0)


class IndexScore(dy.Schema):
    """Score and rank of one unit on one aggregate of a composite indicator.

    Rank 1 is the highest score, and ties share the lowest rank. ``rank_lower`` and ``rank_upper`` bound 90 % of the
    ranks under other figures and methods, widened where needed to hold the rank; null if none were asked for.
    ``weight_known`` is the share (0-1) of the aggregate's weight with observed values. Score and ranks are null for a
    unit without any value under the aggregate.
    """

    unit = dy.String(primary_key=True, min_length=1)
    aggregate = dy.String(primary_key=True, min_length=1)
    level = dy.Int64(min=2)
    score = dy.Float64(nullable=True)
    rank = dy.Int64(nullable=True, min=1)
    ranked = dy.Int64(min=0)
    rank_lower = dy.Int64(nullable=True, min=1)
    rank_upper = dy.Int64(nullable=True, min=1)
    weight_known = dy.Float64(min=0, max=1)

    @dy.rule()
    def bounds_hold_rank(cls) -> pl.Expr:  # noqa: N805, D102
        return pl.col("rank_lower").is_null() | pl.col("rank").is_between(pl.col("rank_lower"), pl.col("rank_upper"))
