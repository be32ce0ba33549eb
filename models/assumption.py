"""The one assumption that the answer about finished specialists rests on, with its range and evidence."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from models.calibration import Calibration, EvidenceClass, national_calibration

_SECTION, _ENTRY = "hazard_ratio", "specialist_bump"


@dataclass(frozen=True, slots=True)
class Assumption:
    """A number that nobody has measured, as it stood when a model was trained.

    Attributes
    ----------
    key : str
        Section and entry of ``calibration.toml``.
    value, lower, upper : float
        What the model was trained with, and the ends of the range that is thought possible.
    evidence : {"A", "A-derived", "B", "C"}
        Class of the evidence; C is an assumption.
    source, date : str, date
        Where it stands, and the last day it describes.
    """

    key: str
    value: float
    lower: float
    upper: float
    evidence: EvidenceClass
    source: str
    date: date


def specialist_assumption(calibration: Calibration | None = None, *, value: float | None = None) -> Assumption:
    """Return how much the hazard is assumed to rise when a trainee has become a specialist in the post.

    Parameters
    ----------
    calibration : Calibration, optional
        By default the project's.
    value : float, optional
        The ratio that was used, where it is not the calibration's.

    Examples
    --------
    >>> assumption = specialist_assumption()
    >>> assumption.lower, assumption.value, assumption.upper, assumption.evidence
    (1.0, 1.8, 3.2, 'C')
    """
    figure = getattr(calibration or national_calibration(), _SECTION)[_ENTRY]
    return Assumption(
        key=f"{_SECTION}.{_ENTRY}",
        value=figure.value if value is None else value,
        lower=figure.lower,
        upper=figure.upper,
        evidence=figure.evidence,
        source=figure.source,
        date=figure.date,
    )


def assumption_from_document(values: dict[str, Any]) -> Assumption:
    """Return the assumption that `assumption_document` turned into plain values."""
    return Assumption(**{**values, "date": date.fromisoformat(values["date"])})


def assumption_document(assumption: Assumption) -> dict[str, Any]:
    """Return an assumption as plain values that JSON can hold."""
    values = {name: getattr(assumption, name) for name in Assumption.__dataclass_fields__}
    return values | {"date": assumption.date.isoformat()}
