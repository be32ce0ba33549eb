"""Reads numbers and dates as Norwegians write them."""

import math
import re
from dataclasses import dataclass
from datetime import date

from features.local_faults import RowFault
from features.local_sheet import Cell, CellKind

SPACES = re.compile(r"[\s\u00a0\u2009\u202f']+")
NUMBER = re.compile(r"[-−–]?([0-9]+([.,][0-9]*)?|[.,][0-9]+)")
GROUPED = re.compile(r"[-−–]?[1-9][0-9]{0,2}(\.[0-9]{3})+,[0-9]+|[-−–]?[1-9][0-9]{0,2}(,[0-9]{3})+\.[0-9]+")
THOUSAND_OR_DECIMAL = re.compile(r"[-−–]?[1-9][0-9]{0,2}\.[0-9]{3}")
SHARE_OF = re.compile(r"([0-9]+)(?:av|of|/)([0-9]+)")
YES, NO = ("ja", "yes"), ("nei", "no")

DAY_FIRST = re.compile(r"([0-9]{1,2})[./]([0-9]{1,2})[./]([0-9]{4})")
YEAR_FIRST = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")


@dataclass(frozen=True, slots=True)
class Amount:
    """A number as it was written.

    Attributes
    ----------
    value : float
        45 for both ``45`` and ``45 %``; ``12 av 15`` is 80 with `out_of` 15.
    is_percent : bool
        Whether it was written as a percentage, or as so many out of so many.
    """

    value: float
    is_percent: bool = False
    out_of: float | None = None


def read_amount(cell: Cell) -> Amount | RowFault:
    """A number from a cell, or why it cannot be read.

    Decimal comma or point, spaces between thousands, a percent sign, ``12 av 15``, ja and nei (1 and 0). ``1.234`` may
    be a thousand or one, so it is not guessed.

    Examples
    --------
    >>> from features.local_sheet import text_cell
    >>> read_amount(text_cell("1 234,5"))
    Amount(value=1234.5, is_percent=False, out_of=None)
    >>> read_amount(text_cell("12 av 15"))
    Amount(value=80.0, is_percent=True, out_of=15.0)
    >>> read_amount(text_cell("1.234"))
    <RowFault.AMBIGUOUS_NUMBER: 'ambiguous_number'>
    """
    match cell.kind:
        case CellKind.NUMBER | CellKind.TRUTH if cell.number is not None:
            return _finite(Amount(cell.number))
        case CellKind.FRACTION if cell.number is not None:
            return _finite(Amount(100 * cell.number, is_percent=True))
        case CellKind.TEXT:
            return _amount_from_text(SPACES.sub("", cell.text).casefold())
        case _:
            return RowFault.NOT_A_NUMBER


def read_day(cell: Cell) -> date | RowFault:
    """A day from a cell: a date, ``1.11.2026`` or ``2026-11-01``.

    Examples
    --------
    >>> from features.local_sheet import text_cell
    >>> read_day(text_cell("1.11.2026"))
    datetime.date(2026, 11, 1)
    >>> read_day(text_cell("november"))
    <RowFault.NOT_A_DATE: 'not_a_date'>
    """
    if cell.day is not None:
        return cell.day
    text = SPACES.sub("", cell.text)
    if found := DAY_FIRST.fullmatch(text):
        day, month, year = (int(part) for part in found.groups())
    elif found := YEAR_FIRST.fullmatch(text):
        year, month, day = (int(part) for part in found.groups())
    else:
        return RowFault.NOT_A_DATE
    try:
        return date(year, month, day)
    except ValueError:
        return RowFault.NOT_A_DATE


def _amount_from_text(text: str) -> Amount | RowFault:
    if text in YES or text in NO:
        return Amount(float(text in YES))
    if found := SHARE_OF.fullmatch(text):
        part, whole = (float(number) for number in found.groups())
        return _finite(Amount(100 * part / whole, True, whole)) if whole else RowFault.NOT_A_NUMBER
    bare, percent, rest = text.partition("%")
    bare = bare.removesuffix("prosent") if not percent else bare
    is_percent = bool(percent) or bare != text
    if rest:
        return RowFault.NOT_A_NUMBER
    if THOUSAND_OR_DECIMAL.fullmatch(bare):
        return RowFault.AMBIGUOUS_NUMBER
    if GROUPED.fullmatch(bare):
        sign = max(".,", key=bare.rfind)
        bare = bare.replace(",.".strip(sign), "")
    elif not NUMBER.fullmatch(bare):
        return RowFault.NOT_A_NUMBER
    return _finite(Amount(float(bare.replace(",", ".").replace("−", "-").replace("–", "-")), is_percent))


def _finite(amount: Amount) -> Amount | RowFault:
    return amount if math.isfinite(amount.value) else RowFault.NOT_A_NUMBER
