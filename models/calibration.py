"""Published figures the career simulator is calibrated to, and the assumptions it has to make."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal, cast, get_args

from features.errors import CatalogueError

EvidenceClass = Literal["A", "A-derived", "B", "C"]

_FILE = Path(__file__).with_name("calibration.toml")
_BANDS = ("under_2k", "2k_5k", "5k_10k", "10k_50k", "over_50k")
_PUBLISHED = ("under_2k", "national", "over_50k")
_SECTIONS: Mapping[str, tuple[str, ...]] = {
    "contract_median_years": _PUBLISHED,
    "survivor_share_13y": _PUBLISHED,
    "elapsed_median_years": ("national", *_BANDS),
    "scheme": ("gps", "exit_share_per_year", "salaried_share", "specialist_share", "list_length_mean"),
    "observation": ("contracts", "window_years"),
    "salaried_share": _BANDS,
    "cooperation_share": ("national",),
    "list_length_mean": _BANDS,
    "career": (
        "trainee_share_at_start",
        "training_years_left_max",
        "years_since_specialist_mean",
        "list_length_sd",
        "specialist_bump_years",
    ),
    "hazard_ratio": ("specialist_bump", "salaried", "cooperation_contract_8_2", "centrality_step"),
}
_REQUIRED = frozenset({"value", "class", "source", "date"})
_OPTIONAL = frozenset({"lower", "upper", "note"})


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with the evidence behind it.

    Attributes
    ----------
    value : float
        The figure, > 0, in the unit its section names (``_years``, ``_share`` 0-1, ratio, count).
    evidence : {"A", "A-derived", "B", "C"}
        Norwegian register, computed from such, foreign study, assumption.
    source, date : str, date
        Where it stands and the last day it describes.
    lower, upper : float or None
        Tolerance of a class-A figure; 95 % interval of the lognormal prior of a hazard ratio.
    note : str
        Conflicts and limits; empty if there are none.
    """

    value: float
    evidence: EvidenceClass
    source: str
    date: date
    lower: float | None = None
    upper: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Every figure of ``calibration.toml``, by section and key; see the file for meanings and sources.

    Population bands are the keys ``under_2k``, ``2k_5k``, ``5k_10k``, ``10k_50k`` and ``over_50k``.
    """

    contract_median_years: Mapping[str, Figure]
    survivor_share_13y: Mapping[str, Figure]
    elapsed_median_years: Mapping[str, Figure]
    scheme: Mapping[str, Figure]
    observation: Mapping[str, Figure]
    salaried_share: Mapping[str, Figure]
    cooperation_share: Mapping[str, Figure]
    list_length_mean: Mapping[str, Figure]
    career: Mapping[str, Figure]
    hazard_ratio: Mapping[str, Figure]


@cache
def national_calibration() -> Calibration:
    """Return the figures that ship with the project.

    Examples
    --------
    >>> national_calibration().contract_median_years["national"].value
    5.91
    """
    return parse_calibration(_FILE.read_text(encoding="utf-8"), _FILE.name)


def parse_calibration(text: str, file: str) -> Calibration:
    """Read and check a calibration file.

    Raises
    ------
    CatalogueError
        If the text is no TOML, or an entry is unknown, missing, without source, class or date, or out of bounds.
    """
    try:
        sections = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(file, "(file)", f"is no TOML: {error}") from error
    return Calibration(**parsed_figures(file, sections, _SECTIONS))


def parsed_figures(
    file: str, sections: Mapping[str, object], keys: Mapping[str, tuple[str, ...] | None]
) -> dict[str, Mapping[str, Figure]]:
    """Return the checked figures of a file's sections.

    Parameters
    ----------
    file : str
        Name in messages.
    sections : mapping
        What the file holds.
    keys : mapping
        The sections it must have, and the entries of each; None where a section may have any.

    Raises
    ------
    CatalogueError
        If an entry is unknown, missing, without source, class or date, or out of bounds.
    """
    _check_keys(file, "(file)", sections, frozenset(keys), frozenset())
    return {name: _section(file, name, sections[name], entries) for name, entries in keys.items()}


def _section(file: str, name: str, entries: object, keys: tuple[str, ...] | None) -> Mapping[str, Figure]:
    table = _table(file, name, entries)
    expected = tuple(table) if keys is None else keys
    _check_keys(file, name, table, frozenset(expected), frozenset())
    return {key: _figure(file, f"{name}.{key}", table[key]) for key in expected}


def _figure(file: str, key: str, entry: object) -> Figure:
    table = _table(file, key, entry)
    _check_keys(file, key, table, _REQUIRED, _OPTIONAL)
    numbers = {name: table[name] for name in ("value", "lower", "upper") if name in table}
    for name, number in numbers.items():
        if isinstance(number, bool) or not isinstance(number, int | float) or not 0 < number < float("inf"):
            raise CatalogueError(file, key, f"has {name} = {number!r}, expected a positive number")
    value, lower, upper = (cast("float | None", numbers.get(name)) for name in ("value", "lower", "upper"))
    assert value is not None  # required above
    if not (lower or value) <= value <= (upper or value):
        raise CatalogueError(file, key, f"has value {value} outside its own bounds {lower} to {upper}")
    if "share" in key and value > 1:
        raise CatalogueError(file, key, f"has value {value}, expected a share between 0 and 1")
    if key.startswith("hazard_ratio") and (lower is None or upper is None):
        raise CatalogueError(file, key, "has no lower and upper bound of its prior")
    if table["class"] not in get_args(EvidenceClass):
        raise CatalogueError(file, key, f"has class {table['class']!r}, expected one of {get_args(EvidenceClass)}")
    if not isinstance(table["source"], str) or not table["source"].strip():
        raise CatalogueError(file, key, "has an empty source")
    if not isinstance(table["date"], date):
        raise CatalogueError(file, key, f"has date {table['date']!r}, expected a day such as 2024-05-01")
    evidence = cast(EvidenceClass, table["class"])
    return Figure(value, evidence, table["source"], table["date"], lower, upper, str(table.get("note", "")))


def _table(file: str, key: str, entry: object) -> Mapping[str, object]:
    if not isinstance(entry, dict):
        raise CatalogueError(file, key, f"is {entry!r}, expected a table")
    return entry


def _check_keys(
    file: str, key: str, table: Mapping[str, object], required: frozenset[str], optional: frozenset[str]
) -> None:
    if unknown := sorted(table.keys() - required - optional):
        raise CatalogueError(file, key, f"has the unknown key {', '.join(unknown)}")
    if missing := sorted(required - table.keys()):
        raise CatalogueError(file, key, f"lacks {', '.join(missing)}")
