"""Figures and assumptions of the simulator of whole careers, from ``career_parameters.toml``."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from features.errors import CatalogueError
from models.calibration import Figure, parsed_figures
from models.career_hazard import Floats
from models.mix import BAND_NAMES

_FILE = Path(__file__).with_name("career_parameters.toml")

OPENING = date(2001, 5, 1)
"""First day of the simulated scheme: every list is offered a contract."""

REFERENCE_DAY = date(2024, 5, 1)
"""Last day of the simulated record: the cross-section that most published figures describe."""

MONTHS = 12 * (REFERENCE_DAY.year - OPENING.year)
"""Simulated months, from the opening to the reference day."""

_BY_BAND = (
    "settled_rate",
    "restless_rate",
    "restless_share",
    "restless_share_at_opening",
    "prompt_share",
    "fill_rate",
    "salaried_share",
    "relative_list_length",
)
_BY_DATE = ("lists_total", "list_length_mean", "salaried_factor", "unfilled_factor", "turnover_factor")
_SINGLE: Mapping[str, tuple[str, ...]] = {
    "leaving": (
        "moved_share",
        "hospital_share",
        "salaried_ratio",
        "cooperation_ratio",
        "centrality_step",
        "specialist_bump",
        "specialist_bump_years",
        "municipality_sd",
    ),
    "retiring": ("rate_at_30_years", "growth_per_year"),
    "training": (
        "trainee_share_of_entrants",
        "completion_least_years",
        "completion_excess_scale_years",
        "trained_before_contract_years_max",
        "finish_share_old_rules",
        "finish_share_new_rules",
        "specialist_entrant_years_mean",
        "specialist_share_at_opening",
        "stage_years_max_at_opening",
    ),
    "contract_form": ("cooperation_share", "self_employed_switch_rate"),
    "draws": ("list_length_sd_share", "move_pull_per_band"),
}


@dataclass(frozen=True, slots=True)
class CareerParameters:
    """Every number that the career simulator uses; rates are per year.

    Attributes
    ----------
    by_band : dict of str to ndarray
        One value per population band, smallest municipalities first.
    by_month : dict of str to ndarray
        One value per simulated month and one for the reference day: a figure's path through time, drawn straight
        between its dated values and level outside them.
    single : dict of str to float
        The rest.
    """

    by_band: Mapping[str, Floats]
    by_month: Mapping[str, Floats]
    single: Mapping[str, float]

    def __getitem__(self, name: str) -> float:
        """Return a number that is alike in all bands and months."""
        return self.single[name]


@cache
def career_parameters() -> CareerParameters:
    """Return the parameters that ship with the project.

    Examples
    --------
    >>> parameters = career_parameters()
    >>> float(parameters.by_month["lists_total"][-1])
    5704.0
    """
    figures = career_figures()
    return CareerParameters(
        by_band={name: np.array([figures[name][band].value for band in BAND_NAMES]) for name in _BY_BAND},
        by_month={name: _path(figures[name].values()) for name in _BY_DATE},
        single={key: figures[section][key].value for section, keys in _SINGLE.items() for key in keys},
    )


@cache
def career_figures() -> Mapping[str, Mapping[str, Figure]]:
    """Return the figures behind the parameters, with source, date and class of evidence."""
    return parse_career_figures(_FILE.read_text(encoding="utf-8"), _FILE.name)


def parse_career_figures(text: str, file: str) -> Mapping[str, Mapping[str, Figure]]:
    """Read and check a file of career parameters.

    Raises
    ------
    CatalogueError
        If the text is no TOML, or an entry is unknown, missing, without source, class or date, or out of bounds.
    """
    try:
        sections = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(file, "(file)", f"is no TOML: {error}") from error
    keys: dict[str, tuple[str, ...] | None] = dict.fromkeys(_BY_BAND, BAND_NAMES)
    keys |= dict.fromkeys(_BY_DATE, None)
    return parsed_figures(file, sections, keys | dict(_SINGLE))


def month_starts() -> NDArray[np.datetime64]:
    """Return the first day of every simulated month, and the reference day."""
    months = np.datetime64(OPENING, "M") + np.arange(MONTHS + 1)
    return months.astype("datetime64[D]")


def _path(figures: Iterable[Figure]) -> Floats:
    days = month_starts().astype(np.int64).astype(np.float64)
    dated = sorted((np.datetime64(figure.date, "D").astype(np.int64), figure.value) for figure in figures)
    path: Floats = np.interp(days, *np.array(dated, dtype=np.float64).T)
    return path
