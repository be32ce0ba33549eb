"""Which municipalities hold the lists: the mix that the simulator draws contracts from."""

from pathlib import Path

import dataframely as dy
import polars as pl

from features.errors import ContractViolationError, InvalidInputError
from features.frames import MUNICIPALITY_CODE
from features.peers import POPULATION_BANDS

BAND_NAMES = tuple(name for name, _ in POPULATION_BANDS)
"""Population bands, smallest first: what the published contract durations are given by."""


class MunicipalityMix(dy.Schema):
    """Lists per municipality, one row each.

    ``population`` inhabitants, ``centrality_class`` Statistics Norway's 1 (most central) to 6, ``lists`` the
    number of patient lists (with or without a GP) as a weight.
    """

    municipality_code = dy.String(primary_key=True, regex=MUNICIPALITY_CODE)
    population = dy.Float64(min_exclusive=0)
    centrality_class = dy.Int64(min=1, max=6)
    lists = dy.Float64(min_exclusive=0)


def national_mix() -> dy.DataFrame[MunicipalityMix]:
    """Return the country's lists in 17 cells of population band and centrality class.

    A stand-in that makes this package usable alone; pass the real municipalities where they are at hand. The codes
    9901-9917 are no municipalities. Grain: cell; ``population`` is the mean over the cell's lists. Cells with fewer
    than ten lists are joined with the next, less central class.

    References
    ----------
    Statistics Norway, tables 12005 (lists, 2025) and 07459 (population, 2025); KLASS 128 (centrality, 2024).
    """
    path = Path(__file__).with_name("national_mix.csv")
    return checked_mix(pl.read_csv(path, schema_overrides={"municipality_code": pl.String}))


def checked_mix(mix: pl.DataFrame) -> dy.DataFrame[MunicipalityMix]:
    """Return the mix ordered by code, so that the same municipalities give the same draws in any row order.

    Raises
    ------
    InvalidInputError
        If a column is missing or there are no rows.
    ContractViolationError
        If rows break `MunicipalityMix`.
    """
    columns = MunicipalityMix.column_names()
    if missing := [name for name in columns if name not in mix.columns]:
        raise InvalidInputError("mix", mix.columns, f"the columns {', '.join(columns)}; {', '.join(missing)} missing")
    if mix.is_empty():
        raise InvalidInputError("mix", "no rows", "at least one municipality with lists")
    accepted, failure = MunicipalityMix.filter(mix.select(columns).sort("municipality_code"), cast=True)
    if counts := failure.counts():
        rows = tuple(str(row) for row in failure.invalid().head(3).rows(named=True))
        raise ContractViolationError("municipality mix", counts, rows)
    return accepted
