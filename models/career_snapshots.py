"""The stock of simulated posts and doctors on a day, and the flow of doctors through a year."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from features.errors import InvalidInputError
from models.career_parameters import MONTHS, OPENING, REFERENCE_DAY, month_starts
from models.career_rates import Cause
from models.career_record import DAYS_PER_YEAR, SimulatedCareers

_SCHEME_EXITS = tuple(cause.name.lower() for cause in Cause if cause is not Cause.OTHER_MUNICIPALITY)


@dataclass(frozen=True, slots=True)
class YearlyFlow:
    """Doctors who came into the scheme and left it in a calendar year; who moves to another post does neither.

    Attributes
    ----------
    year : int
    entered, left, gps : int
        Doctors whose first contract began in the year; whose contract ended for a cause that leads out of the scheme;
        who had a list at the year's end.
    """

    year: int
    entered: int
    left: int
    gps: int


def stock_on(careers: SimulatedCareers, day: date) -> pl.DataFrame:
    """Return every list that is open on a day, with its doctor or how long it has been vacant.

    Parameters
    ----------
    careers : SimulatedCareers
    day : date
        From the opening of the scheme to the reference day. Contracts that begin on the day count.

    Returns
    -------
    DataFrame
        One row per post: ``post_id``, place, ``person_id`` (null: vacant), ``elapsed_years`` since the contract's
        start, ``contract_form`` and ``is_specialist`` on the day, ``list_length`` (inhabitants, of
        posts with a doctor), ``vacant_years`` (null: filled), ``is_simulated``.

    Raises
    ------
    InvalidInputError
        If the day is outside the simulated years.

    Examples
    --------
    >>> from models.career_simulation import simulate_careers
    >>> from models.mix import national_mix
    >>> stock = stock_on(simulate_careers(national_mix(), seed=1, lists=100), date(2024, 5, 1))
    >>> stock.height, stock["is_simulated"].all()
    (100, True)
    """
    if not OPENING <= day <= REFERENCE_DAY:
        raise InvalidInputError("day", day, f"a day from {OPENING} to {REFERENCE_DAY}")
    begun = careers.spells.filter(pl.col("start_date") <= day)
    in_force = begun.filter(pl.col("end_date").is_null() | (pl.col("end_date") > day))
    last_end = begun.filter(pl.col("end_date") <= day).group_by("post_id").agg(_last_end=pl.col("end_date").max())
    held = in_force.select(
        "post_id",
        "person_id",
        elapsed_years=(day - pl.col("start_date")).dt.total_days() / DAYS_PER_YEAR,
        contract_form=pl.when(pl.col("self_employed_from") <= day)
        .then(pl.lit("self_employed"))
        .otherwise(pl.col("contract_form").cast(pl.String))
        .cast(careers.spells.schema["contract_form"]),
        is_specialist=(pl.col("specialist_at") <= day).fill_null(value=False),
    )
    return (
        _open_posts(careers, day)
        .join(held, on="post_id", how="left")
        .join(last_end, on="post_id", how="left")
        .with_columns(
            list_length=pl.when(pl.col("person_id").is_not_null()).then("list_length"),
            vacant_years=pl.when(pl.col("person_id").is_null()).then(
                (day - pl.max_horizontal("_opened", "_last_end")).dt.total_days() / DAYS_PER_YEAR
            ),
            is_simulated=pl.lit(True),
        )
        .drop("_opened", "_last_end")
        .sort("post_id")
    )


def yearly_stocks(careers: SimulatedCareers) -> Iterator[tuple[date, pl.DataFrame]]:
    """Return the stock at the end of every calendar year, as yearly snapshots of a register would show it."""
    for year in range(OPENING.year, REFERENCE_DAY.year):
        yield (day := date(year, 12, 31)), stock_on(careers, day)


def flow_in(careers: SimulatedCareers, year: int) -> YearlyFlow:
    """Return who entered and who left the scheme in a whole calendar year.

    Raises
    ------
    InvalidInputError
        If the year is not simulated from its first day to its last.
    """
    if not OPENING.year < year < REFERENCE_DAY.year:
        raise InvalidInputError("year", year, f"a year from {OPENING.year + 1} to {REFERENCE_DAY.year - 1}")
    first = careers.spells.group_by("person_id").agg(pl.col("start_date").min())
    left = careers.spells.filter(
        (pl.col("end_date").dt.year() == year) & pl.col("cause").cast(pl.String).is_in(_SCHEME_EXITS)
    )
    gps = stock_on(careers, date(year, 12, 31))["person_id"].drop_nulls().len()
    return YearlyFlow(year, int((first["start_date"].dt.year() == year).sum()), left.height, gps)


def _open_posts(careers: SimulatedCareers, day: date) -> pl.DataFrame:
    posts, starts = careers.posts, month_starts()
    path = careers.parameters.by_month["list_length_mean"]
    mean = np.interp(np.datetime64(day).astype(np.int64), starts.astype(np.int64), path)
    places = posts.places.drop("municipality_effect").with_row_index("_place").cast({"_place": pl.Int64})
    return (
        pl.DataFrame(
            {
                "post_id": posts.post_ids,
                "_place": posts.place,
                "_opened": starts[np.minimum(posts.opens, MONTHS)],
                "list_length": posts.list_size * mean,
            }
        )
        .join(places, on="_place", how="left")
        .filter(pl.col("_opened") <= day)
        .drop("_place")
    )
