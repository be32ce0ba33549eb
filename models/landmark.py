"""The landmark *finished specialist*: how long doctors stay once they are approved, and whether more leave then."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from features.errors import InvalidInputError
from models.changing_covariates import exact_spells, split_at_changes
from models.rate_ratio import RateRatio, stratified_rate_ratio
from models.spell_table import days_between, years_of
from models.spells import even_breaks, person_periods


@dataclass(frozen=True, slots=True, eq=False)
class SpecialistLandmark:
    """Spells on either side of the approval; together they hold all observed time and all ends.

    Attributes
    ----------
    before : DataFrame
        Spells of doctors not yet approved, since the spell's start, censored at approval.
    after : DataFrame
        Spells that ran at approval, since approval; delayed entry where observation began later.
    approved_at_start : DataFrame
        Spells of doctors who came as specialists, since the spell's start, as given.
    """

    before: pl.DataFrame
    after: pl.DataFrame
    approved_at_start: pl.DataFrame


@dataclass(frozen=True, slots=True)
class FollowOnBump:
    """How many times as often doctors leave in the years after approval as at the same time in post otherwise.

    Attributes
    ----------
    against_others : RateRatio
        Against all others: not yet approved, approved longer ago, and never approved in the rows.
    against_not_yet : RateRatio
        Against doctors not (yet) approved.
    against_long_approved : RateRatio
        Against doctors approved longer ago.
    bump_years : float
        The years after approval that are compared.
    """

    against_others: RateRatio
    against_not_yet: RateRatio
    against_long_approved: RateRatio
    bump_years: float


def specialist_landmark(spells: pl.DataFrame, approvals: pl.DataFrame) -> SpecialistLandmark:
    """Return spells before and after approval as specialist, with the clock restarted at approval.

    A curve of ``after`` answers how long finished specialists stay on in the post in which they finished. It must not
    be set against ``before`` as if chance had approved some: they reached approval by staying.

    Parameters
    ----------
    spells : DataFrame
        As `models.event_rows.spells_from_events` makes them: ``spell_id``, ``person_id``, ``start_date``,
        ``entry_years``, ``duration_years``, ``event`` and anything else, which is carried along.
    approvals : DataFrame
        ``person_id`` and ``approval_date``, one row per approved doctor; others count as not approved.

    Raises
    ------
    InvalidInputError
        If a column is missing, a doctor has two approvals, an approval has no date, or an end is known only to lie
        between two snapshots.

    Examples
    --------
    >>> from datetime import date
    >>> spells = pl.DataFrame(
    ...     {
    ...         "spell_id": [1], "person_id": ["a"], "start_date": [date(2020, 1, 1)],
    ...         "entry_years": [0.0], "duration_years": [5.0], "event": [True],
    ...     }
    ... )
    >>> approvals = pl.DataFrame({"person_id": ["a"], "approval_date": [date(2023, 12, 31)]})
    >>> landmark = specialist_landmark(spells, approvals)
    >>> columns = ["entry_years", "duration_years", "event"]
    >>> landmark.before.select(columns).rows(), landmark.after.select(columns).rows()
    ([(0.0, 3.997..., False)], [(0.0, 1.002..., True)])
    """
    approved_at = _approved_at(spells, approvals)
    whole = spells.with_columns(approved_at)
    at_start = whole.filter(pl.col("approved_at_years") <= 0).drop("approved_at_years")
    later = whole.filter((pl.col("approved_at_years") > 0) | pl.col("approved_at_years").is_null())
    changes = later.filter(pl.col("approved_at_years").is_not_null()).select(
        "spell_id", at_years="approved_at_years", is_approved=pl.lit(True)
    )
    rows = split_at_changes(later, changes)
    is_after = pl.col("is_approved").fill_null(False)
    shifted = [name for name in ("entry_years", "duration_years", "time_lower_years") if name in rows.columns]
    return SpecialistLandmark(
        before=rows.filter(~is_after).drop("is_approved", "approved_at_years"),
        after=rows.filter(is_after)
        .with_columns(pl.col(shifted) - pl.col("approved_at_years"))
        .drop("is_approved", "approved_at_years"),
        approved_at_start=at_start,
    )


def follow_on_bump(
    spells: pl.DataFrame, approvals: pl.DataFrame, *, bump_years: float = 2.0, interval_years: float = 1.0
) -> FollowOnBump:
    """Return whether more doctors leave in the first years after approval than at the same time in post otherwise.

    Ends are Poisson given the exposure; the baseline rate is free in each interval of time in post, so that a bump is
    not mistaken for where in the spell approvals happen to fall. It is an association: doctors near approval may
    differ in other ways, such as an obligation that ends. Spells of one doctor are taken to be independent.

    Parameters
    ----------
    spells, approvals : DataFrame
        As in `specialist_landmark`; doctors who came as specialists count by the time since their approval.
    bump_years : float
        Years after approval that are compared, > 0.
    interval_years : float
        Width of the intervals of time in post, > 0.

    Raises
    ------
    InvalidInputError
        As `specialist_landmark`, and if a width is not positive or there is no spell.

    References
    ----------
    Breslow and Day 1987, Statistical Methods in Cancer Research II, section 4 (rates by strata). The fear of a bump:
    municipalities, Levanger among them, that train specialists.
    """
    if not 0 < bump_years < np.inf:
        raise InvalidInputError("bump_years", bump_years, "a positive number of years")
    if spells.is_empty():
        raise InvalidInputError("spells", "no rows", "at least one spell")
    dated = spells.select("spell_id", "entry_years", "duration_years", pl.col("event").cast(pl.Boolean)).with_columns(
        _approved_at(spells, approvals), state=pl.lit("not_yet")
    )
    known = dated.filter(pl.col("approved_at_years").is_not_null())
    changes = pl.concat(
        [
            known.select("spell_id", at_years="approved_at_years", state=pl.lit("bump")),
            known.select("spell_id", at_years=pl.col("approved_at_years") + bump_years, state=pl.lit("long")),
        ]
    )
    rows = split_at_changes(dated, changes).drop("approved_at_years")
    breaks = even_breaks(interval_years, float(rows["duration_years"].to_numpy().max()))
    periods = (
        person_periods(rows, breaks)
        .group_by("interval", "state")
        .agg(pl.col("event").sum(), pl.col("exposure_years").sum())
    )
    return FollowOnBump(
        against_others=_ratio(periods, ("not_yet", "long")),
        against_not_yet=_ratio(periods, ("not_yet",)),
        against_long_approved=_ratio(periods, ("long",)),
        bump_years=bump_years,
    )


def _ratio(periods: pl.DataFrame, others: tuple[str, ...]) -> RateRatio:
    sides = [pl.col("state") == "bump", pl.col("state").is_in(others)]
    totals = (
        periods.group_by("interval")
        .agg(
            **{f"events_{side}": pl.col("event").filter(rows).sum() for side, rows in enumerate(sides)},
            **{f"exposure_{side}": pl.col("exposure_years").filter(rows).sum() for side, rows in enumerate(sides)},
        )
        .sort("interval")
    )
    columns = (
        totals[f"{name}_{side}"].cast(pl.Float64).to_numpy() for side in (0, 1) for name in ("events", "exposure")
    )
    return stratified_rate_ratio(*columns)


def _approved_at(spells: pl.DataFrame, approvals: pl.DataFrame) -> pl.Series:
    """Years from each spell's start to its doctor's approval, negative where that came first; null if none."""
    if missing := [name for name in ("person_id", "start_date") if name not in spells.columns]:
        raise InvalidInputError("spells", spells.columns, f"also the column {', '.join(missing)}")
    if missing := [name for name in ("person_id", "approval_date") if name not in approvals.columns]:
        raise InvalidInputError("approvals", approvals.columns, f"also the column {', '.join(missing)}")
    if approvals["person_id"].n_unique() < approvals.height:
        raise InvalidInputError("approvals", "a doctor with two approvals", "one row per doctor")
    if approvals["approval_date"].null_count():
        raise InvalidInputError("approval_date", "a missing date", "a date in every row")
    exact_spells(spells)
    joined = spells.join(
        approvals.select("person_id", "approval_date"), on="person_id", how="left", maintain_order="left"
    )
    days = days_between(pl.col("start_date"), pl.col("approval_date"))
    return joined.select(approved_at_years=years_of(days)).to_series()
