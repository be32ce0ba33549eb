"""Follows municipality codes through the reforms to the structure of today."""

from collections import Counter
from datetime import date

import polars as pl

from features.errors import InvalidInputError, UnknownMunicipalityError


def successors(code: str, changes: pl.DataFrame, municipalities: pl.DataFrame) -> tuple[tuple[str, str], ...]:
    """Today's municipalities that an older code became, as pairs (code, name), sorted by code.

    A code of today is its own successor; a code that never existed has none. A municipality that was split has
    several.

    Parameters
    ----------
    code : str
        Four digits.
    changes : polars.DataFrame
        Contract `features.frames.CodeChange`.
    municipalities : polars.DataFrame
        Contract `features.frames.Municipality`: the structure of today.

    Examples
    --------
    >>> from features.snapshot import load_snapshot
    >>> snapshot = load_snapshot()
    >>> successors("1601", snapshot.municipality_code_changes, snapshot.municipalities)
    (('5001', 'Trondheim'),)

    References
    ----------
    SSB, KLASS 131 (municipalities), changes 2011-2024.
    """
    names = dict(municipalities.select("municipality_code", "name").iter_rows())
    return tuple((found, names[found]) for found in _follow(code, _steps(changes)) if found in names)


def require_municipality(code: str, changes: pl.DataFrame, municipalities: pl.DataFrame) -> str:
    """Give the code back if it is one of today's municipalities.

    Raises
    ------
    UnknownMunicipalityError
        Otherwise; it names the codes that an older code became.
    """
    if code in municipalities["municipality_code"]:
        return code
    raise UnknownMunicipalityError(code, successors(code, changes, municipalities))


def weights_to_today(
    codes: pl.Series, changes: pl.DataFrame, municipalities: pl.DataFrame, population: pl.DataFrame
) -> pl.DataFrame:
    """Share of each older code that belongs to each municipality of today.

    Merges and renamings have weight 1. A split of a code that was in use after the first year of `population` is shared
    out by the inhabitants that the parts had on the first 1 January with figures for all of them. Older splits went to
    municipalities that had inhabitants of their own, so their population says nothing about the shares.

    Parameters
    ----------
    codes : polars.Series
        Four-digit codes of any year.
    changes, municipalities, population : polars.DataFrame
        Contracts `features.frames.CodeChange`, `Municipality` and `Population`.

    Returns
    -------
    polars.DataFrame
        Columns ``old_code``, ``municipality_code``, ``weight`` (0-1, sums to 1 for each old code).

    Raises
    ------
    UnknownMunicipalityError
        If a code never existed.
    InvalidInputError
        If a code was split too long ago to be shared out.
    """
    steps, today = _steps(changes), set(municipalities["municipality_code"])
    pairs = [(code, new) for code in codes.unique().sort() for new in _follow(code, steps) if new in today]
    gone = sorted(set(codes) - {old for old, _ in pairs})
    if gone:
        raise UnknownMunicipalityError(gone[0])
    first_day = date(population["year"].to_numpy().min().item(), 1, 1)
    late = set(changes.filter(pl.col("change_date") > first_day)["old_code"])
    early = set(changes.filter(pl.col("change_date") <= first_day)["old_code"])
    for old, count in Counter(old for old, _ in pairs).items():
        if count > 1 and (old in early or old not in late):
            raise InvalidInputError("codes", old, f"codes in use after {first_day}, or never split")
    frame = pl.DataFrame(pairs, schema={"old_code": pl.String, "municipality_code": pl.String}, orient="row")
    parts, keys = pl.len().over("old_code"), ["old_code", "municipality_code"]
    yearly = frame.join(population, on="municipality_code")
    shared = (
        yearly.filter(pl.len().over("old_code", "year") == pl.col("municipality_code").n_unique().over("old_code"))
        .filter(pl.col("year") == pl.col("year").min().over("old_code"))
        .with_columns(weight=pl.col("population") / pl.col("population").sum().over("old_code"))
    )
    return (
        frame.with_columns(parts=parts)
        .join(
            shared.select("old_code", "municipality_code", "weight"), on=["old_code", "municipality_code"], how="left"
        )
        .select(*keys, weight=pl.when(pl.col("parts") == 1).then(1.0).otherwise(pl.col("weight")))
    )


def _steps(changes: pl.DataFrame) -> list[dict[str, set[str]]]:
    """Per date of change, in order: old code -> the codes it became."""
    steps: dict[date, dict[str, set[str]]] = {}
    for day, old, new in changes.select("change_date", "old_code", "new_code").sort("change_date").iter_rows():
        steps.setdefault(day, {}).setdefault(old, set()).add(new)
    return list(steps.values())


def _follow(code: str, steps: list[dict[str, set[str]]]) -> list[str]:
    current = {code}
    for step in steps:
        current = {new for old in current for new in step.get(old, {old})}
    return sorted(current)
