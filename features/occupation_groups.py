"""Occupation groups that a doctor's partner recognises, their STYRK-08 codes, and which industries employ them."""

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from math import isclose
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import polars as pl
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from features.catalogue import Translated
from features.errors import CatalogueError, InvalidInputError, UnknownKeyError

FILE = Path(__file__).parent / "catalogue" / "occupation_groups.toml"

MajorGroup = Literal["leaders", "academic", "college", "clerical", "service", "farming", "crafts", "operators", "other"]
"""Major groups 1-9 of STYRK (1998), in this order."""

Split = Mapping[str, Annotated[float, Field(gt=0, le=1)]]

NOT_STATED = "00"
"""Code of jobs whose industry is not stated; they are spread like all others together."""

STYRK08 = r"^[0-9]{1,4}$"


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OccupationGroup(_Entry):
    """One group of occupations.

    Attributes
    ----------
    styrk08 : tuple[str, ...]
        Beginnings of the STYRK-08 codes it holds; the longest beginning of any group decides.
    """

    key: str
    label: Translated
    examples: Translated
    styrk08: tuple[Annotated[str, Field(pattern=STYRK08)], ...]


class Source(_Entry):
    """Where figures of the file were published."""

    key: str
    title: str
    publisher: str
    year: int
    published: date
    address: str


class Industry(_Entry):
    """Employed persons of one industry by major occupation group, and their spread over our groups.

    Attributes
    ----------
    sections : tuple[str, ...]
        Letters of SN2007 that the industry holds.
    employed_1000 : tuple[int, ...]
        Thousands of employed persons by `MajorGroup`, published.
    divided : bool
        The source publishes only a wider industry; how its figures divide is an assumption.
    split : Mapping[str, Mapping[str, float]]
        Share (sums to 1) of a major group in each of our groups: an assumption by judgement.
    """

    key: str
    sections: tuple[Annotated[str, Field(pattern=r"^[A-U]$")], ...]
    employed_1000: tuple[Annotated[int, Field(ge=0)], ...] = Field(min_length=9, max_length=9)
    source: str
    divided: bool = False
    split: Mapping[MajorGroup, Split] = {}

    @model_validator(mode="after")
    def _sums(self) -> "Industry":
        for major, split in self.split.items():
            if not isclose(sum(split.values()), 1):
                raise ValueError(f"needs shares of {major} that sum to 1")
        if not sum(self.employed_1000):
            raise ValueError("needs somebody employed")
        return self


class OccupationGroups(_Entry):
    """Everything that ``occupation_groups.toml`` declares, by key, in the order of the file."""

    groups: Mapping[str, OccupationGroup]
    sources: Mapping[str, Source]
    major_groups: Mapping[MajorGroup, Split]
    industries: Mapping[str, Industry]

    def group(self, key: str) -> OccupationGroup:
        """The group called `key`.

        Raises
        ------
        UnknownKeyError
            If there is no such group.
        """
        if key not in self.groups:
            raise UnknownKeyError("occupation_group", key, tuple(self.groups))
        return self.groups[key]


@cache
def load_occupation_groups(path: Path = FILE) -> OccupationGroups:
    """Load the groups, the published figures and the assumed splits.

    Raises
    ------
    CatalogueError
        If an entry lacks something, names a group or source that does not exist, has shares that do not sum to 1, or
        claims a code that another claims too.

    Examples
    --------
    >>> load_occupation_groups().group("health").label.en
    'Health and social work'
    """
    try:
        entries: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise CatalogueError(path.name, "-", f"cannot be read ({error})") from error
    groups = _entries(path, entries.get("groups", {}), OccupationGroup)
    sources = _entries(path, entries.get("sources", {}), Source)
    industries = _entries(path, entries.get("industries", {}), Industry)
    try:
        found = OccupationGroups(
            groups=groups, sources=sources, industries=industries, major_groups=entries.get("major_groups", {})
        )
    except ValidationError as error:
        raise CatalogueError(path.name, "major_groups", error.errors()[0]["msg"]) from error
    _check(path, found)
    return found


def occupation_group(styrk08: str) -> str | None:
    """Key of the group that holds a STYRK-08 code of one to four digits; None if none does.

    Examples
    --------
    A nurse, an engineer, and a code too short to tell.

    >>> occupation_group("2223"), occupation_group("2142"), occupation_group("2")
    ('health', 'engineering', None)

    References
    ----------
    SSB, KLASS 7, Standard for yrkesklassifisering (STYRK-08), Notater 17/2011.
    """
    beginnings = _beginnings()
    longest_first = (styrk08[:length] for length in range(len(styrk08), 0, -1))
    return next((beginnings[beginning] for beginning in longest_first if beginning in beginnings), None)


def industry_shares() -> pl.DataFrame:
    """Share of each industry's jobs in each occupation group.

    An estimate: published employment by industry and major occupation group (labour force survey 2010), spread over
    our groups by judgement. It is the same everywhere in the country and says nothing of one workplace.

    Returns
    -------
    polars.DataFrame
        ``industry`` (code of the 17 groups of SN2007 that SSB publishes, or a section letter), ``occupation_group``,
        ``share`` (0-1, sums to 1 for each industry).

    References
    ----------
    SSB, AKU 2010, table 6, published 2011-02-22; AKU table 11, published 2012-08-02.
    """
    declared = load_occupation_groups()
    thousands = pl.DataFrame(
        [
            (code, group, employed * share)
            for code, industry in declared.industries.items()
            for major, employed in zip(declared.major_groups, industry.employed_1000, strict=True)
            for group, share in industry.split.get(major, declared.major_groups[major]).items()
        ],
        schema={"industry": pl.String, "occupation_group": pl.String, "thousands": pl.Float64},
        orient="row",
    )
    letters = pl.DataFrame(
        [(code, letter) for code, industry in declared.industries.items() for letter in industry.sections],
        schema={"industry": pl.String, "section": pl.String},
        orient="row",
    )
    by_section = thousands.join(letters, on="industry").select(thousands.columns[1:], industry="section")
    not_stated = thousands.with_columns(industry=pl.lit(NOT_STATED))
    columns = ["industry", "occupation_group", "thousands"]
    return (
        pl.concat([frame.select(columns) for frame in (thousands, by_section, not_stated)])
        .group_by("industry", "occupation_group", maintain_order=True)
        .agg(pl.col("thousands").sum())
        .filter(pl.col("thousands") > 0)
        .select(
            "industry",
            "occupation_group",
            share=pl.col("thousands") / pl.col("thousands").sum().over("industry"),
        )
    )


def jobs_by_group(jobs: pl.DataFrame) -> pl.DataFrame:
    """Jobs of each municipality by occupation group, estimated from its jobs by industry.

    Parameters
    ----------
    jobs : polars.DataFrame
        Contract `features.frames.Jobs`, of any years.

    Returns
    -------
    polars.DataFrame
        ``municipality_code``, ``year``, ``occupation_group``, ``jobs``; no row where a group has none.

    Raises
    ------
    InvalidInputError
        If a job's industry is none of `industry_shares`.
    """
    shares = industry_shares()
    strangers = jobs.join(shares, on="industry", how="anti")
    if strangers.height:
        raise InvalidInputError("industry", strangers["industry"][0], "a group or section of SN2007, for example 86-88")
    return (
        jobs.join(shares, on="industry")
        .group_by("municipality_code", "year", "occupation_group")
        .agg(jobs=(pl.col("jobs") * pl.col("share")).sum())
        .filter(pl.col("jobs") > 0)
        .sort("municipality_code", "year", "occupation_group")
    )


_Item = TypeVar("_Item", bound=BaseModel)


def _entries(path: Path, entries: Mapping[str, Any], model: type[_Item]) -> dict[str, _Item]:
    found = {}
    for key, entry in entries.items():
        try:
            found[key] = model.model_validate({"key": key} | entry)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise CatalogueError(path.name, key, f"is wrong at {where or 'the entry'}: {first['msg']}") from error
    return found


def _check(path: Path, declared: OccupationGroups) -> None:
    splits: list[tuple[str, Mapping[str, float]]] = [
        ("major_groups", split) for split in declared.major_groups.values()
    ]
    for key, industry in declared.industries.items():
        splits += [(key, split) for split in industry.split.values()]
        if industry.source not in declared.sources:
            raise CatalogueError(path.name, key, f"names the source {industry.source!r}, which does not exist")
    for key, split in splits:
        for group in split:
            if group not in declared.groups:
                raise CatalogueError(path.name, key, f"names the group {group!r}, which does not exist")
        if not isclose(sum(split.values()), 1):
            raise CatalogueError(path.name, key, "has shares that do not sum to 1")
    claimed: dict[str, str] = {}
    for key, entry in declared.groups.items():
        for beginning in entry.styrk08:
            if beginning in claimed:
                raise CatalogueError(path.name, key, f"claims {beginning!r}, which {claimed[beginning]!r} claims too")
            claimed[beginning] = key


@cache
def _beginnings() -> dict[str, str]:
    groups = load_occupation_groups().groups
    return {beginning: key for key, group in groups.items() for beginning in group.styrk08}
