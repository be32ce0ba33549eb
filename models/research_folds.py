"""How a researcher's spells are held out: by person, by group, forward in time, or at random."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from models.errors import EstimatorInputError
from models.research_spells import ResearchSpells
from models.splits import Fold, forward_split, municipality_folds, person_folds

SplitKind = Literal["person", "group", "forward", "random"]
_SPLITS = "person, group, forward:2019-01-01 or random"


@dataclass(frozen=True, slots=True)
class Split:
    """How spells are held out; ``cut`` is the day of a forward split."""

    kind: SplitKind
    cut: date | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ResearchFolds:
    """Folds, and what is drawn with replacement for intervals.

    Attributes
    ----------
    split : Split
        How spells are held out.
    folds : tuple of Fold
        One where the split is forward.
    clusters : ndarray, shape (spells,)
        Person, group or row of each spell.
    clustered_by : {"person", "group", "row"}
        Which of them.
    """

    split: Split
    folds: tuple[Fold, ...]
    clusters: NDArray[Any]
    clustered_by: Literal["person", "group", "row"]


def parsed_split(text: str) -> Split:
    """Return the split that a text names.

    Raises
    ------
    EstimatorInputError
        If it names none.

    Examples
    --------
    >>> parsed_split("forward:2019-01-01")
    Split(kind='forward', cut=datetime.date(2019, 1, 1))
    """
    if text in ("person", "group", "random"):
        return Split(text)  # type: ignore[arg-type]
    kind, _, day = text.partition(":")
    try:
        return Split("forward", date.fromisoformat(day)) if kind == "forward" else _refuse(text)
    except ValueError:
        return _refuse(text)


def default_split(spells: ResearchSpells) -> Split:
    """Return the split by person where persons are told, else by group, else at random."""
    return Split("person" if spells.person is not None else "group" if spells.group is not None else "random")


def research_folds(spells: ResearchSpells, split: Split, n: int, seed: int) -> ResearchFolds:
    """Return the folds of spells; ``n`` of them unless the split is forward.

    Intervals draw what is held out together: the group where groups are, else the person where one is told, else the
    row. A random split with several spells of a person draws persons all the same, but the fit has seen them.

    Raises
    ------
    EstimatorInputError
        If the column that the split needs was not named, or there are too few different values in it.
    """
    rows = np.arange(len(spells.outcome))
    if split.kind == "group":
        if spells.group is None:
            raise EstimatorInputError("split", "group", "a column of groups, --group")
        return ResearchFolds(split, municipality_folds(spells.group, n, seed), spells.group, "group")
    if split.kind == "person":
        if spells.person is None:
            raise EstimatorInputError("split", "person", "a column of persons, --person")
        return ResearchFolds(split, person_folds(spells.person, n, seed), spells.person, "person")
    if split.kind == "forward":
        if spells.start is None or split.cut is None:
            raise EstimatorInputError("split", "forward", "a column of start dates, --start")
        folds: tuple[Fold, ...] = (forward_split(spells.outcome, spells.start, split.cut),)
    else:
        folds = person_folds(rows, n, seed)
    if spells.group is not None and split.kind == "forward":
        return ResearchFolds(split, folds, spells.group, "group")
    if spells.person is not None:
        return ResearchFolds(split, folds, spells.person, "person")
    return ResearchFolds(split, folds, rows, "row")


def _refuse(text: str) -> Split:
    raise EstimatorInputError("split", text, _SPLITS)
