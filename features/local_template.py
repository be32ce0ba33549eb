"""The template that a municipality fills in: its columns, who may answer, and which indicators it asks for."""

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from features.catalogue import FOLDER, Catalogue, Indicator, Translated, Unit
from features.errors import CatalogueError

FILE = FOLDER / "local_template.toml"

SMALLEST_GROUP = 5
"""People below which a figure about them is not taken in (k = 5)."""


class Column(StrEnum):
    """Columns of the template, from the left."""

    MUNICIPALITY = "municipality"
    CODE = "code"
    INDICATOR = "indicator"
    QUESTION = "question"
    UNIT = "unit"
    ALLOWED = "allowed"
    KNOWN = "known"
    ANSWER = "answer"
    COUNT = "count"
    DATE = "date"
    ROLE = "role"
    NOTE = "note"


INPUT_COLUMNS = (Column.ANSWER, Column.COUNT, Column.DATE, Column.ROLE, Column.NOTE)
"""What the municipality fills in; the others are given."""

NEEDED_COLUMNS = frozenset({Column.CODE, Column.ANSWER, Column.DATE, Column.ROLE})
"""Without these a file is no template of ours."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ColumnText(_Entry):
    """A column's heading, and what to write in it."""

    label: Translated
    help: Translated


class LocalTemplate(_Entry):
    """Everything that the template needs beside the catalogue.

    Attributes
    ----------
    roles : dict[str, Translated]
        Who may be named as the one who answers: roles, so that no person's name is kept.
    units : dict[str, Translated]
        Each unit as it is asked for; a share is asked for in per cent.
    about_people : tuple[str, ...]
        Indicators that tell of people what is not public. They are not taken in for fewer than `SMALLEST_GROUP` people,
        nor, where they are a share, with fewer on either side of it.
    """

    columns: Annotated[dict[Column, ColumnText], Field(alias="column")]
    roles: Annotated[dict[str, Translated], Field(alias="role")]
    units: Annotated[dict[Unit, Translated], Field(alias="unit")]
    about_people: tuple[str, ...]

    @property
    def headings(self) -> Mapping[str, Column]:
        """Every heading, in every language and lower case, and its column."""
        return {
            label.casefold(): column
            for column, text in self.columns.items()
            for label in (text.label.nb, text.label.nn, text.label.en, column)
        }

    @property
    def role_names(self) -> Mapping[str, str]:
        """Every role's name, in every language and lower case, and its key."""
        return {
            name.casefold(): role for role, text in self.roles.items() for name in (text.nb, text.nn, text.en, role)
        }


@cache
def load_local_template(path: Path = FILE) -> LocalTemplate:
    """Load ``local_template.toml``.

    Raises
    ------
    CatalogueError
        If an entry has unknown keys or lacks something, or two columns or roles bear the same name.

    Examples
    --------
    >>> template = load_local_template()
    >>> template.headings["svar"], template.role_names["chief medical officer"]
    (<Column.ANSWER: 'answer'>, 'chief_medical_officer')
    """
    try:
        template = LocalTemplate.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        first = error.errors()[0] if isinstance(error, ValidationError) else None
        where = ".".join(str(part) for part in first["loc"]) if first else "-"
        raise CatalogueError(path.name, where, f"is wrong: {first['msg'] if first else error}") from error
    if list(template.columns) != list(Column):
        raise CatalogueError(path.name, "column", f"has other columns than {', '.join(Column)}")
    _check_names(path, {column: text.label for column, text in template.columns.items()})
    _check_names(path, template.roles)
    return template


def minimum_set(catalogue: Catalogue) -> tuple[Indicator, ...]:
    """The 22 items of the one-page template, public figures among them, by their number in the list of 60."""
    return tuple(sorted((entry for entry in catalogue.indicators.values() if entry.minimum_set), key=_place))


def all_asked(catalogue: Catalogue) -> tuple[Indicator, ...]:
    """The minimum set, and every other indicator that only the municipality can answer."""
    chosen = (entry for entry in catalogue.indicators.values() if entry.minimum_set or entry.origin == "local")
    return tuple(sorted(chosen, key=_place))


def short_codes(catalogue: Catalogue) -> Mapping[str, str]:
    """What the template calls each indicator: its number in the list of 60, with a letter where two share it.

    An indicator without a number goes by its key.

    Examples
    --------
    >>> from features.catalogue import load_catalogue
    >>> codes = short_codes(load_catalogue())
    >>> codes["contract_options"], codes["readvert_count"], codes["gp_per_1000"]
    ('X01', 'O08b', 'gp_per_1000')
    """
    by_id: dict[str, list[str]] = {}
    for entry in catalogue.indicators.values():
        by_id.setdefault(entry.id or entry.key, []).append(entry.key)
    return {
        key: code + ("abcdefgh"[place] if len(keys) > 1 else "")
        for code, keys in by_id.items()
        for place, key in enumerate(keys)
    }


def indicator_called(name: str, catalogue: Catalogue) -> Indicator | None:
    """The indicator that bears this key or short code, in any case; nothing if none does."""
    wanted = name.casefold()
    names = ((key, each) for key, code in short_codes(catalogue).items() for each in (key, code.casefold()))
    return next((catalogue.indicators[key] for key, each in names if each == wanted), None)


def _place(entry: Indicator) -> tuple[int, str]:
    letters = "FWXELPCGO"  # the order of the list
    code = entry.id or entry.key
    return letters.find(code[0]) % (len(letters) + 1), code


def _check_names(path: Path, names: Mapping[str, Translated]) -> None:
    owners: dict[str, str] = {}
    for key, text in names.items():
        for name in {text.nb.casefold(), text.nn.casefold(), text.en.casefold()}:
            if owners.setdefault(name, key) != key:
                raise CatalogueError(path.name, key, f"bears the same name as {owners[name]!r}: {name!r}")
