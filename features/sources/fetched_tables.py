"""Fetches the tables that a refresh renews, each on today's municipalities and with what was left out.

Figures of earlier years are brought to today's municipality codes. Estimates for the parts of a municipality that was
divided are not taken into a snapshot, whose tables hold published figures and their sums only.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from enum import Enum
from typing import Any

import polars as pl

from features.code_changes import CodeHistory, code_history
from features.code_conversion import Derivation
from features.errors import ContractViolationError, SourceAnswerError
from features.mended_series import GP_LISTS, Count, Rule, mended_series
from features.snapshot import Snapshot
from features.sources import klass, ssb
from features.sources.nav import FeedProgress, vacancies
from features.sources.pxweb import PxWeb
from features.sources.refresh import FetchedTable, SetAside
from features.sources.transport import Client
from features.sources.vacancy_rows import places_of

GROWTH_YEARS = 5

FROM_2015 = ("from(2015)",)
"""The KOSTRA tables begin with 2015."""


def code_changes_table(client: Client, base: Snapshot, today: date) -> FetchedTable:
    """Changes of municipality codes, from the first year that the older table tells (KLASS 131).

    Raises
    ------
    SourceUnavailableError, SourceAnswerError
        If KLASS does not answer, or not as documented.
    ContractViolationError
        If a later change leads to a municipality that the snapshot does not know.
    """
    start = date(code_history(base).first_year, 1, 1)
    found = klass.municipality_code_changes(client, start, today)
    known = base.municipalities["municipality_code"]
    later = found.rows.filter(
        pl.col("change_date") > _day_of_the_municipalities(base), ~pl.col("new_code").is_in(known)
    )
    if later.height:
        rows = tuple(str(row) for row in later.head(5).iter_rows(named=True))
        raise ContractViolationError("municipality_code_changes", {"new_code is none of today's": later.height}, rows)
    return FetchedTable(
        frame=found.rows,
        publisher=client.publisher,
        url=client.base_url,
        vintage=str(found.rows["change_date"].max() or start),
        note=f"Every change from {start} to {today}; renamings are included. A split has several rows.",
        left_out={SetAside.NO_CHANGE: found.left_out} if found.left_out else {},
    )


def population_table(service: PxWeb, base: Snapshot) -> FetchedTable:
    """Inhabitants from the first year of the older table (SSB 07459).

    Raises
    ------
    SourceUnavailableError, SourceAnswerError
        If SSB does not answer, or not as documented.
    ContractViolationError
        If its rows break the contract.
    """
    first = int(base.population["year"].to_numpy().min())
    published = ssb.population(service, (f"from({first})",))
    measures = published.rows.select(
        "municipality_code", "year", measure=pl.lit("population"), value=pl.col("population").cast(pl.Float64)
    )
    mended, left_out = _mended("population", published, measures, {"population": Count()}, code_history(base))
    rows = mended.select("municipality_code", "year", population=pl.col("value").round().cast(pl.Int64))
    return _fetched(
        service, published, rows, left_out, f"{published.newest_year}-01-01", "Inhabitants on today's municipalities."
    )


def gp_lists_table(service: PxWeb, base: Snapshot) -> FetchedTable:
    """Figures of the Regular GP Scheme from 2015, brought to today's municipalities (SSB 12005).

    Raises as `population_table`.
    """
    published = ssb.gp_lists(service, FROM_2015)
    rows, left_out = _mended("gp_lists", published, published.rows, GP_LISTS, code_history(base))
    newest = rows.filter(pl.col("year") == published.newest_year)["municipality_code"].n_unique()
    note = (
        f"{newest} of the {base.municipalities.height} municipalities have figures for {published.newest_year}. "
        "The sex of the doctors, part of the table, is left out."
    )
    return _fetched(service, published, rows, left_out, str(published.newest_year), note)


def doctor_agreements_table(service: PxWeb, base: Snapshot) -> FetchedTable:
    """Doctors' full-time equivalents by form of agreement from 2015, on today's municipalities (SSB 11996).

    Raises as `population_table`.
    """
    published = ssb.doctor_agreements(service, FROM_2015)
    rules: dict[str, Rule] = {measure: Count() for measure in published.rows["measure"].unique()}
    rows, left_out = _mended("doctor_agreements", published, published.rows, rules, code_history(base))
    note = "All functions of the health service together. From 2020 without doctors who have no agreement."
    return _fetched(service, published, rows, left_out, str(published.newest_year), note)


def jobs_table(service: PxWeb, base: Snapshot) -> FetchedTable:
    """Employed persons by municipality of work and industry in the newest year (SSB 13470, else 07984).

    Raises as `population_table`.
    """
    try:
        published = ssb.jobs_by_industry(service)
    except SourceAnswerError:  # the newer table is the one that SSB still reshapes
        published = ssb.jobs_by_industry_from_2008(service)
    _refuse_broken("jobs", published)
    rows, strangers = _of_today(published.rows, base)
    left_out = _counted(published.left_out, {SetAside.STRANGER: strangers})
    note = "17 groups of SN2007; 00 is not stated. SSB replaces counts of 1 and 2 by 0 or 3."
    return _fetched(service, published, rows, left_out, f"{published.newest_year}-K4", note)


def living_conditions_table(service: PxWeb, base: Snapshot, population: pl.DataFrame) -> FetchedTable:
    """Income, education, age and growth of the newest years; the other measures stay as they were.

    Parameters
    ----------
    population : polars.DataFrame
        Contract `features.frames.Population`, the newest there is: the growth is computed from it.

    Raises
    ------
    As `population_table`.

    References
    ----------
    SSB 06944, 09429, 07459.
    """
    questions: tuple[Callable[[PxWeb], ssb.Published], ...] = (ssb.income, ssb.higher_education, ssb.age_shares)
    answers = [question(service) for question in questions]
    for published in answers:
        _refuse_broken("living_conditions", published)
    rows, strangers = _of_today(pl.concat([published.rows for published in answers]), base)
    renewed = pl.concat([rows.with_columns(pl.col("value").round(1)), population_growth(population)])
    kept = base.living_conditions.join(renewed, on="measure", how="anti")
    left_out = _counted(*(published.left_out for published in answers), {SetAside.STRANGER: strangers})
    years = sorted({*(str(published.newest_year) for published in answers), str(population["year"].max())})
    note = (
        "Income, education, age and growth are of the newest published years, in those municipalities that have them; "
        "schools, kindergartens and offences are as the program brought them."
    )
    table = _fetched(service, answers[0], pl.concat([kept, renewed]), left_out, f"{years[0]}-{years[-1]}", note)
    return replace(table, tables=())


def vacancies_table(
    client: Client,
    base: Snapshot,
    progress: FeedProgress,
    group_of: Callable[[str], str | None],
    today: date,
    save: Callable[[FeedProgress], None],
) -> FetchedTable:
    """Advertisements open today (NAV).

    Parameters
    ----------
    progress, group_of, save
        See `features.sources.nav.vacancies`.

    Raises
    ------
    SourceUnavailableError, SourceAnswerError
        If the feed does not answer, or not as documented.
    """
    places = places_of(base.municipalities, base.postal_codes)
    found = vacancies(client, progress, places, group_of, today, save)
    return FetchedTable(
        frame=found.frame,
        publisher=client.publisher,
        url=client.base_url,
        vintage=today.isoformat(),
        note=f"Advertisements open on {today}; neither texts nor persons are kept. Advertisements of other boards that "
        "NAV may not share are missing.",
        left_out=_counted(found.rejected, {SetAside.EXPIRED: found.expired}),
    )


def population_growth(population: pl.DataFrame) -> pl.DataFrame:
    """Growth of the population over five years up to the newest one, per cent with one decimal.

    Parameters
    ----------
    population : polars.DataFrame
        Contract `features.frames.Population`.

    Returns
    -------
    polars.DataFrame
        Contract `features.frames.LivingConditions`, measure ``population_growth_5y_pct``; a row for each municipality
        with both years.

    Examples
    --------
    >>> from features.snapshot import load_snapshot
    >>> population_growth(load_snapshot().population).row(0)
    ('0301', 2026, 'population_growth_5y_pct', 4.5)
    """
    now = population.filter(pl.col("year") == pl.col("year").max())
    before = population.select("municipality_code", pl.col("year") + GROWTH_YEARS, before="population")
    return now.join(before, on=["municipality_code", "year"]).select(
        "municipality_code",
        "year",
        measure=pl.lit("population_growth_5y_pct"),
        value=(100 * pl.col("population") / pl.col("before") - 100).round(1),
    )


def _mended(
    name: str, published: ssb.Published, measures: pl.DataFrame, rules: Mapping[str, Rule], history: CodeHistory
) -> tuple[pl.DataFrame, dict[Enum, int]]:
    """Published figures and their sums on today's codes, and what was left out."""
    _refuse_broken(name, published)
    mended = mended_series(measures, rules, history)
    counted = mended.values.filter(pl.col("derivation") != Derivation.SHARED)
    left_out = _counted(
        published.left_out,
        {
            SetAside.SHARED: mended.values.height - counted.height,
            SetAside.INCOMPLETE: mended.gaps.height,
            SetAside.STRANGER: mended.strangers.height,
        },
    )
    return counted.drop("derivation"), left_out


def _of_today(rows: pl.DataFrame, base: Snapshot) -> tuple[pl.DataFrame, int]:
    """The rows of today's municipalities, and the number of the others."""
    ours = rows.join(base.municipalities, on="municipality_code", how="semi")
    return ours, rows.height - ours.height


def _refuse_broken(name: str, published: ssb.Published) -> None:
    if published.broken_rules:
        rows = tuple(str(row) for row in published.rejected.head(5).iter_rows(named=True))
        raise ContractViolationError(name, dict(published.broken_rules), rows)


def _fetched(
    service: PxWeb,
    published: ssb.Published,
    rows: pl.DataFrame,
    left_out: Mapping[Enum, int],
    vintage: str,
    note: str,
) -> FetchedTable:
    return FetchedTable(
        frame=rows,
        publisher=service.client.publisher,
        url=service.client.base_url,
        vintage=vintage,
        note=note,
        tables=(published.source,),
        left_out=left_out,
    )


def _counted(*reports: Mapping[Any, int]) -> dict[Enum, int]:
    """Numbers of left out rows by reason, summed; reasons without any are dropped."""
    summed: Counter[Enum] = Counter()
    for report in reports:
        summed.update(report)
    return {reason: count for reason, count in summed.items() if count}


def _day_of_the_municipalities(base: Snapshot) -> date:
    return date.fromisoformat(base.description("municipalities").vintage)
