"""Travel times between municipalities that somebody measured, in place of estimates from where places lie."""

from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from features.errors import BrokenTableError, ContractViolationError, InvalidInputError, TableFault
from features.frames import TravelTime


def read_travel_times(path: Path) -> pl.DataFrame:
    """Read a CSV file of ``from_code``, ``to_code``, ``minutes``.

    Returns
    -------
    polars.DataFrame
        Contract `features.frames.TravelTime`.

    Raises
    ------
    BrokenTableError
        If the file is missing, is not CSV in UTF-8 or lacks a column.
    ContractViolationError
        If a row breaks the contract; nothing is taken in then.
    """
    try:
        raw = pl.read_csv(path, infer_schema=False)
    except OSError:
        raise BrokenTableError("travel_times", path, TableFault.MISSING) from None
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
        raise BrokenTableError("travel_times", path, TableFault.NOT_CSV, str(error).splitlines()[0]) from error
    columns = list(TravelTime.columns())
    missing = [column for column in columns if column not in raw.columns]
    if missing:
        raise BrokenTableError("travel_times", path, TableFault.COLUMNS, ", ".join(missing))
    accepted, failure = TravelTime.filter(raw.select(columns), cast=True)
    if failure.counts():
        rows = tuple(str(row) for row in failure.invalid().head(5).iter_rows(named=True))
        raise ContractViolationError("travel_times", {str(rule): n for rule, n in failure.counts().items()}, rows)
    return accepted


def travel_minutes(times: pl.DataFrame, codes: pl.Series) -> NDArray[np.float64]:
    """Minutes from every municipality to every other, shape (n, n).

    A pair that `times` leaves out is infinitely far away, a place is 0 minutes from itself unless `times` says
    otherwise, and no way back is assumed to take as long as the way there.

    Parameters
    ----------
    times : polars.DataFrame
        Contract `features.frames.TravelTime`.
    codes : polars.Series
        Municipality codes of the rows and columns.

    Raises
    ------
    InvalidInputError
        If `times` tells of a code that is not among `codes`.

    Examples
    --------
    >>> times = pl.DataFrame({"from_code": ["0301"], "to_code": ["3201"], "minutes": [17.0]})
    >>> travel_minutes(times, pl.Series(["0301", "3201"]))
    array([[ 0., 17.],
           [inf,  0.]])
    """
    for name in ("from_code", "to_code"):
        strangers = times.filter(~pl.col(name).is_in(codes.implode()))
        if strangers.height:
            raise InvalidInputError(name, strangers[name][0], "a municipality code of today")
    place = dict(zip(codes, range(codes.len()), strict=True))
    numbered = times.with_columns(pl.col("from_code", "to_code").replace_strict(place, return_dtype=pl.Int64))
    minutes = np.where(np.eye(codes.len(), dtype=bool), 0.0, np.inf)
    minutes[numbered["from_code"], numbered["to_code"]] = numbered["minutes"]
    return minutes
