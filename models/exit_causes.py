"""Why a doctor left a post: the competing causes of an end, and their numbers in an outcome."""

from collections.abc import Mapping
from enum import StrEnum

import polars as pl

from features.errors import InvalidInputError


class ExitCause(StrEnum):
    """Where a doctor went; the place in this list, from 1, is the number of the cause in ``event``.

    ``not_stated`` is an end whose reason the rows do not tell. It is an end all the same: taking it for censoring would
    make every post look steadier than it is.
    """

    OTHER_MUNICIPALITY = "other_municipality"
    HOSPITAL = "hospital"
    OTHER = "other"
    RETIRED = "retired"
    NOT_STATED = "not_stated"


CAUSE_NUMBERS: Mapping[str, int] = {cause.value: number for number, cause in enumerate(ExitCause, start=1)}
"""Number of each cause in ``event``; 0 is a spell that was still running when last seen."""

CAUSE_TYPE = pl.Enum([cause.value for cause in ExitCause])


def cause_of_reason(own_codes: Mapping[str, str] | None) -> dict[str, str]:
    """Return the cause that each code of a reason stands for: the causes themselves, and own codes.

    Parameters
    ----------
    own_codes : mapping of str to ExitCause, optional
        For example the codes of a payroll system. An own code goes before a cause of the same name.

    Raises
    ------
    InvalidInputError
        If an own code stands for something that is no cause.

    Examples
    --------
    >>> cause_of_reason({"15": "hospital"})["15"]
    'hospital'
    """
    known = {cause.value: cause.value for cause in ExitCause}
    for code, cause in (own_codes or {}).items():
        if cause not in CAUSE_NUMBERS:
            raise InvalidInputError(f"reasons[{code!r}]", cause, f"one of {', '.join(CAUSE_NUMBERS)}")
        known[code] = str(cause)
    return known
