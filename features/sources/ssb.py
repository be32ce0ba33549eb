"""Statistics Norway's tables as contract frames, with what was left out and why."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import dataframely as dy
import polars as pl

from features import frames
from features.errors import AnswerFault
from features.sources.json_stat import CONFIDENTIAL, MISSING, NOT_POSSIBLE, Dataset, Origin, Variable
from features.sources.pxweb import PxWeb, Selections, read_table

PUBLISHER = "SSB"
BASE_URL = "https://data.ssb.no/api/pxwebapi/v2"
SECONDS_BETWEEN_CALLS = 2.0
"""About 30 calls a minute are answered; the service's own ``config`` tells 0, which does not mean unlimited."""

KOSTRA_REGION = "KOKkommuneregion0000"
EVERY = ("*",)
NEWEST = ("top(1)",)

# Svalbard, Jan Mayen, the shelf, abroad, sea areas, not resident, not stated.
NO_MUNICIPALITY = ("21", "22", "23", "25", "26", "28", "88", "99")

GP_LIST_MEASURES: Mapping[str, str] = {
    "KOSantallavtaler0001": "gp_contracts",
    "KOSantallavtaler0002": "lists_total",
    "KOSantallavtaler0000": "lists_without_gp",
    "KOSantallpasient0000": "patients_on_lists_with_gp",
    "KOSantallpasient0001": "patients_on_lists_without_gp",
    "KOSandelpasiente0000": "patients_without_gp_pct",
    "KOSaapnelister0000": "open_lists",
    "KOSgjsnlisteleng0000": "list_length_mean",
    "KOSgjsnllkomm0000": "list_length_mean_adjusted",
    "KOSkapasitet0000": "list_capacity",
    "KOSkapasitetbere0000": "list_capacity_calculated",
    "KOSreservekapasi0000": "reserve_capacity_index",
}
"""Figures of table 12005; the two on the sex of the doctors are never asked for: Stabil has no lawful use for them."""

INDUSTRIES = (
    *("01-03", "05-09", "10-33", "35-39", "41-43", "45-47", "49-53", "55-56", "58-63"),
    *("64-66", "68-75", "77-82", "84", "85", "86-88", "90-99", "00"),
)
"""The 17 groups of SN2007 that SSB publishes employment in; ``00`` is not stated."""

AGREEMENTS: Sequence[tuple[str, str]] = (
    (r"^sum\b|^alle\b|i alt|totalt", "fte_total"),
    (r"turnus|\blis\b|lis ?1", "fte_lis1"),
    (r"uten avtale|utan avtale", "fte_other"),
    (r"fast ?løn|fastløn|kommunalt ansatt", "fte_salaried"),
    (r"næringsdriv|driftsavtale|selvstendig|fastlegeavtale", "fte_self_employed"),
)
"""Words of an agreement's label -> measure, tried in this order: the codes say nothing and the labels have changed."""


class LeftOut(StrEnum):
    """Why published rows are not among those taken in."""

    NO_MUNICIPALITY = "the region is no municipality"
    NOT_IN_USE = "the code was not in use that year"
    NO_NUMBER = "no number was published"
    SAME_PLACE = "works where they live"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Published:
    """A table as it was published, on the codes of its own time.

    Attributes
    ----------
    source, updated : str
        Number of the table, and when SSB last changed it.
    newest_year : int
        The newest year that was answered.
    rows : polars.DataFrame
        Obeys the contract that the function names.
    marked : polars.DataFrame
        Where no number was published: the key columns and ``mark`` (``.`` not possible, ``..`` missing, ``:``
        confidential; null if SSB gave none). Never taken in as 0.
    left_out : Mapping[LeftOut, int]
        Number of rows that were published and not taken in.
    rejected : polars.DataFrame
        Rows with a number that break the contract; empty unless SSB errs or has changed the table.
    broken_rules : Mapping[str, int]
        Number of rejected rows for each rule.
    """

    source: str
    updated: str
    newest_year: int
    rows: pl.DataFrame
    marked: pl.DataFrame
    left_out: Mapping[LeftOut, int]
    rejected: pl.DataFrame
    broken_rules: Mapping[str, int]


def population(service: PxWeb, years: Sequence[str] = EVERY) -> Published:
    """Inhabitants on 1 January.

    Rows: contract `features.frames.Population`.

    References
    ----------
    SSB, table 07459.
    """
    wanted = {"Region": EVERY, "ContentsCode": ("Personer1",), "Tid": years}
    dataset = read_table(service, "07459", wanted)
    cells = _years(dataset.cells).select(municipality_code="Region", year="year", value="value", mark="mark")
    return _published("07459", dataset, cells, frames.Population, "population")


def age_shares(service: PxWeb, years: Sequence[str] = NEWEST) -> Published:
    """Shares of the inhabitants aged 0-17 and 67 and over, in per cent.

    Rows: contract `features.frames.LivingConditions`, measures ``children_pct`` and ``aged_67_plus_pct``.

    References
    ----------
    SSB, table 07459, inhabitants by one-year age groups.
    """
    wanted = {"Region": EVERY, "Alder": EVERY, "ContentsCode": ("Personer1",), "Tid": years}
    dataset = read_table(service, "07459", wanted)
    age, people = pl.col("Alder").str.extract(r"^(\d+)").cast(pl.Int64), pl.col("value")
    cells = (
        _years(dataset.cells)
        .group_by(municipality_code="Region", year="year", maintain_order=True)
        .agg(
            inhabitants=people.sum(),
            children_pct=people.filter(age <= 17).sum(),
            aged_67_plus_pct=people.filter(age >= 67).sum(),
            mark=pl.col("mark").drop_nulls().first(),
            whole=people.is_not_null().all(),
        )
        .unpivot(
            ["children_pct", "aged_67_plus_pct"],
            index=["municipality_code", "year", "inhabitants", "mark", "whole"],
            variable_name="measure",
        )
        .with_columns(value=pl.when("whole", pl.col("inhabitants") > 0).then(100 * people / pl.col("inhabitants")))
        .select("municipality_code", "year", "measure", "value", "mark")
    )
    return _published("07459", dataset, cells, frames.LivingConditions)


def gp_lists(service: PxWeb, years: Sequence[str] = EVERY) -> Published:
    """Figures of the Regular GP Scheme, every year on the municipality codes of its time.

    Rows: contract `features.frames.GpLists`, measures as `GP_LIST_MEASURES`.

    References
    ----------
    SSB, table 12005 (KOSTRA), from 2015.
    """
    wanted = {KOSTRA_REGION: EVERY, "ContentsCode": tuple(GP_LIST_MEASURES), "Tid": years}
    dataset = read_table(service, "12005", wanted)
    cells = _years(dataset.cells).select(
        municipality_code=KOSTRA_REGION,
        year="year",
        measure=pl.col("ContentsCode").replace_strict(GP_LIST_MEASURES, return_dtype=pl.String),
        value="value",
        mark="mark",
    )
    return _published("12005", dataset, cells, frames.GpLists)


def doctor_agreements(service: PxWeb, years: Sequence[str] = EVERY) -> Published:
    """Doctors' agreed full-time equivalents by form of agreement, all functions of the health service together.

    Rows: contract `features.frames.DoctorAgreements`, measures as in `AGREEMENTS`; a form whose label is none of those
    counts as ``fte_other``. A function that is not possible (``.``) adds nothing; one that is missing or confidential
    leaves the sum without number.

    Raises
    ------
    SourceAnswerError
        If the labels no longer tell the total, the self-employed and the salaried.

    References
    ----------
    SSB, table 11996 (KOSTRA), from 2015. From 2020 without doctors who have no agreement.
    """
    wanted = {
        KOSTRA_REGION: EVERY,
        "KOKavtaleform0000": EVERY,
        "KOKfunksjon0000": EVERY,
        "ContentsCode": ("KOSlegeaarsverk0000",),
        "Tid": years,
    }
    dataset = read_table(service, "11996", wanted)
    measures = _agreement_measures(_variable(dataset, "KOKavtaleform0000"), _origin(service, "11996"))
    # FGK10 is itself a sum of some of the functions, which have three digits.
    parts = _years(dataset.cells).filter(pl.col("KOKfunksjon0000").str.contains(r"^\d{3}$"))
    cells = _summed(
        parts.select(
            municipality_code=KOSTRA_REGION,
            year="year",
            measure=pl.col("KOKavtaleform0000").replace_strict(measures, return_dtype=pl.String),
            value="value",
            mark="mark",
        ),
        ["municipality_code", "year", "measure"],
    )
    return _published("11996", dataset, cells, frames.DoctorAgreements)


def jobs_by_industry(service: PxWeb, years: Sequence[str] = NEWEST) -> Published:
    """Employed persons by municipality of work and the 17 industry groups, 4th quarter.

    Rows: contract `features.frames.Jobs`. SSB replaces counts of 1 and 2 by 0 or 3.

    Raises
    ------
    SourceAnswerError
        If the industries are neither the 17 groups nor the divisions that they consist of.

    References
    ----------
    SSB, table 13470.
    """
    wanted = {"Region": EVERY, "NACE2007": EVERY, "ContentsCode": ("SysselsatteArb",), "Tid": years}
    return _jobs(service, "13470", wanted)


def jobs_by_industry_from_2008(service: PxWeb, years: Sequence[str] = NEWEST) -> Published:
    """The same as `jobs_by_industry` from the older table, which begins in 2008: ages 15-74, both sexes.

    References
    ----------
    SSB, table 07984.
    """
    wanted = {
        "Region": EVERY,
        "NACE2007": EVERY,
        "Kjonn": ("0",),
        "Alder": ("15-74",),
        "ContentsCode": ("SysselsatteArb",),
        "Tid": years,
    }
    return _jobs(service, "07984", wanted)


def higher_education(service: PxWeb, years: Sequence[str] = NEWEST) -> Published:
    """Share of the inhabitants aged 16 and over with higher education, short or long, in per cent.

    Rows: contract `features.frames.LivingConditions`, measure ``higher_education_pct``.

    References
    ----------
    SSB, table 09429, levels 03a and 04a.
    """
    wanted = {
        "Region": EVERY,
        "Nivaa": ("03a", "04a"),
        "Kjonn": ("0",),
        "ContentsCode": ("PersonerProsent",),
        "Tid": years,
    }
    dataset = read_table(service, "09429", wanted)
    cells = _summed(
        _years(dataset.cells).select(
            municipality_code="Region", year="year", measure=pl.lit("higher_education_pct"), value="value", mark="mark"
        ),
        ["municipality_code", "year", "measure"],
    )
    return _published("09429", dataset, cells, frames.LivingConditions)


def income(service: PxWeb, years: Sequence[str] = NEWEST) -> Published:
    """Median income before tax of all households, in kroner.

    Rows: contract `features.frames.LivingConditions`, measure ``median_household_income_nok``.

    References
    ----------
    SSB, table 06944.
    """
    wanted = {"Region": EVERY, "HusholdType": ("0000",), "ContentsCode": ("SamletInntekt",), "Tid": years}
    dataset = read_table(service, "06944", wanted)
    cells = _years(dataset.cells).select(
        municipality_code="Region",
        year="year",
        measure=pl.lit("median_household_income_nok"),
        value="value",
        mark="mark",
    )
    return _published("06944", dataset, cells, frames.LivingConditions)


def commuting(service: PxWeb, year: str = "top(1)") -> Published:
    """Employed persons by municipality of work and of residence in the 4th quarter, without those who stay.

    Rows: contract `features.frames.Commuting`; `year` chooses exactly one year.

    References
    ----------
    SSB, table 03321.
    """
    wanted = {"ArbstedKomm": EVERY, "Bokommuen": EVERY, "ContentsCode": ("Sysselsatte",), "Tid": (year,)}
    dataset = read_table(service, "03321", wanted)
    keys = {"workplace_code": "ArbstedKomm", "residence_code": "Bokommuen"}
    ours = dataset.cells.filter(_is_municipality("ArbstedKomm"), _is_municipality("Bokommuen"))
    apart = ours.filter(pl.col("ArbstedKomm") != pl.col("Bokommuen"))
    moving = apart.filter(pl.col("value") > 0)
    # Most pairs have no commuters, and half the codes were given up long ago: only a held-back number is worth a line.
    marked = apart.filter(pl.col("value").is_null(), pl.col("mark").is_in([MISSING, CONFIDENTIAL]))
    left_out = {
        LeftOut.NO_MUNICIPALITY: dataset.cells.height - ours.height,
        LeftOut.SAME_PLACE: ours.height - apart.height,
        LeftOut.NO_NUMBER: marked.height,
        LeftOut.NOBODY: apart.height - moving.height - marked.height,
    }
    rows = moving.select(**keys, commuters="value")
    return _checked("03321", dataset, frames.Commuting, rows, marked.select(**keys, mark="mark"), left_out)


def industry_groups(codes: Sequence[str]) -> Mapping[str, str] | None:
    """Code of an industry -> its group of `INDUSTRIES`, for tables by group and for tables by division.

    None if the codes are neither. A total and intermediate sums have no group.

    Examples
    --------
    >>> groups = industry_groups(["00-99", *(f"{division:02}" for division in range(100))])
    >>> groups["02"], groups["86"], "00-99" in groups
    ('01-03', '86-88', False)
    """
    stated = [group for group in INDUSTRIES if group != "00"]
    if set(stated) <= set(codes):
        return {code: code for code in codes if code in INDUSTRIES}
    divisions = {f"{number:02}": group for group in INDUSTRIES for number in _divisions(group)}
    found = {code: divisions[code] for code in codes if code in divisions}
    return found if set(stated) <= set(found.values()) else None


def _divisions(group: str) -> range:
    first, _, last = group.partition("-")
    return range(int(first), int(last or first) + 1)


def _jobs(service: PxWeb, table: str, wanted: Selections) -> Published:
    dataset = read_table(service, table, wanted)
    codes = _variable(dataset, "NACE2007").codes
    groups = industry_groups(codes)
    if groups is None:
        raise _origin(service, table).wrong(AnswerFault.SHAPE, f"variable NACE2007 has {', '.join(codes)[:120]}")
    parts = (
        _years(dataset.cells)
        .filter(pl.col("NACE2007").is_in(list(groups)))
        .select(
            municipality_code="Region",
            year="year",
            industry=pl.col("NACE2007").replace_strict(groups, return_dtype=pl.String),
            value="value",
            mark="mark",
        )
    )
    cells = _summed(parts, ["municipality_code", "year", "industry"])
    return _published(table, dataset, cells, frames.Jobs, "jobs")


def _agreement_measures(forms: Variable, origin: Origin) -> dict[str, str]:
    measures = {
        code: next(
            (
                measure
                for words, measure in AGREEMENTS
                if re.search(words, label.casefold()) or (measure == "fte_total" and re.search(words, code.casefold()))
            ),
            "fte_other",
        )
        for code, label in forms.labels.items()
    }
    if not {"fte_total", "fte_self_employed", "fte_salaried"} <= set(measures.values()):
        labels = ", ".join(forms.labels.values())
        raise origin.wrong(AnswerFault.SHAPE, f"variable {forms.code} has the unknown forms {labels[:200]}")
    return measures


def _summed(parts: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Sums of the parts with the same keys; without number where a part that there is has none."""
    held_back = pl.col("mark").filter(
        pl.col("value").is_null() & (pl.col("mark") != NOT_POSSIBLE).fill_null(value=True)
    )
    known = pl.col("value").drop_nulls()
    return parts.group_by(keys, maintain_order=True).agg(
        value=pl.when(held_back.len() == 0, known.len() > 0).then(known.sum()),
        mark=pl.when(held_back.len() > 0).then(held_back.drop_nulls().first()).when(known.len() == 0).then(pl.lit(".")),
    )


def _published(
    table: str, dataset: Dataset, cells: pl.DataFrame, contract: type[dy.Schema], value: str = "value"
) -> Published:
    """The cells of municipalities in use that hold a number, through their contract, and a report of the others.

    A code counts as not in use in a year in which it has no number above 0, and no number was held back: SSB fills the
    years before and after a code's time with 0 or with ``.``.
    """
    ours = cells.filter(_is_municipality("municipality_code"))
    alive = (pl.col("value") > 0).any() | pl.col("mark").is_in([MISSING, CONFIDENTIAL]).any()
    in_use = ours.filter(alive.over("municipality_code", "year"))
    numbers = in_use.filter(pl.col("value").is_not_null())
    marked = in_use.filter(pl.col("value").is_null()).drop("value")
    left_out = {
        LeftOut.NO_MUNICIPALITY: cells.height - ours.height,
        LeftOut.NOT_IN_USE: ours.height - in_use.height,
        LeftOut.NO_NUMBER: marked.height,
    }
    return _checked(table, dataset, contract, numbers.rename({"value": value}), marked, left_out)


def _checked(
    table: str,
    dataset: Dataset,
    contract: type[dy.Schema],
    rows: pl.DataFrame,
    marked: pl.DataFrame,
    left_out: Mapping[LeftOut, int],
) -> Published:
    accepted, failure = contract.filter(rows.select(list(contract.columns())), cast=True)
    return Published(
        table,
        dataset.updated,
        max(int(code[:4]) for code in _variable(dataset, "Tid").codes),
        accepted,
        marked,
        {reason: count for reason, count in left_out.items() if count},
        failure.invalid(),
        {str(rule): count for rule, count in failure.counts().items()},
    )


def _is_municipality(code: str) -> pl.Expr:
    return pl.col(code).str.contains(r"^[0-9]{4}$") & ~pl.col(code).str.slice(0, 2).is_in(NO_MUNICIPALITY)


def _years(cells: pl.DataFrame) -> pl.DataFrame:
    return cells.with_columns(year=pl.col("Tid").str.extract(r"^(\d{4})").cast(pl.Int64))


def _variable(dataset: Dataset, code: str) -> Variable:
    return next(variable for variable in dataset.variables if variable.code == code)


def _origin(service: PxWeb, table: str) -> Origin:
    return Origin(service.client.publisher, service.client.address(f"tables/{table}/data"), f"table {table}")
