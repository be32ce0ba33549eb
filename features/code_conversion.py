"""Brings figures from the municipality codes of one year to those of another, forwards or backwards."""

from collections.abc import Collection, Sequence
from datetime import date
from enum import StrEnum

import polars as pl

from features.code_changes import CodeHistory, changes_by_day, first_day, structures_on
from features.errors import InvalidInputError


class Derivation(StrEnum):
    """What a converted figure is made of, or why there is none.

    The figure of the same area (``same``), the sum of whole areas (``summed``) or an estimate from the shares of split
    areas (``shared``). No figure: one of the areas has none (``part_missing``), nobody has documented the shares
    (``no_shares``), the counts that a ratio is made of are missing or give nothing to divide by (``no_counts``), or the
    figure cannot be put together from those of parts (``not_additive``).
    """

    SAME = "same"
    SUMMED = "summed"
    SHARED = "shared"
    PART_MISSING = "part_missing"
    NO_SHARES = "no_shares"
    NO_COUNTS = "no_counts"
    NOT_ADDITIVE = "not_additive"


DERIVATION = pl.Enum([str(member) for member in Derivation])


def conversion(from_year: int, to_year: int, history: CodeHistory) -> pl.DataFrame:
    """Share of each municipality of one year that belongs to each municipality of another.

    Codes are followed change by change, by date: a code means what it meant in its year. Whole areas have weight 1.
    Where an area was divided, between the two years in the direction of travel, the weight is its share of the
    inhabitants of the parts on the day given in `features.frames.CodeChangePart`; for other figures than inhabitants
    that is an estimate. Backwards, a merged municipality is divided into those it was merged from.

    Parameters
    ----------
    from_year, to_year : int
        Years whose codes to go from and to; the later may come first.

    Returns
    -------
    polars.DataFrame
        Columns ``old_code``, ``new_code``, ``weight`` (above 0, at most 1; sums to 1 for each old code). The weight is
        null where the inhabitants of a part are not known.

    Raises
    ------
    InvalidInputError
        If the codes of a year are not known.

    Examples
    --------
    >>> from features.code_changes import code_history
    >>> from features.snapshot import load_snapshot
    >>> history = code_history(load_snapshot())
    >>> conversion(2016, 2026, history).filter(old_code="1613").rows()
    [('1613', '5055', 0.2132...), ('1613', '5056', 0.3063...), ('1613', '5059', 0.4804...)]
    >>> conversion(2026, 2016, history).filter(old_code="5001").rows()
    [('5001', '1601', 0.9699...), ('5001', '1662', 0.0300...)]
    """
    return conversions([from_year], to_year, history).drop("from_year")


def conversions(from_years: Collection[int], to_year: int, history: CodeHistory) -> pl.DataFrame:
    """The `conversion` of several years to one, with ``from_year`` as the first column."""
    target = first_day(to_year, history)
    starts = sorted({first_day(year, history) for year in from_years})
    links, start = _unchanged(starts, history), pl.date(pl.col("from_year"), 1, 1)
    shares = changes_by_day(_shares(history))
    for day, steps in shares.items():
        if starts and starts[0] < day <= target:
            links = _moved(links, steps.rename({"old_code": "code", "new_code": "next_code"}), "forward", start < day)
    for day, steps in reversed(shares.items()):
        if starts and target < day <= starts[-1]:
            links = _moved(links, steps.rename({"new_code": "code", "old_code": "next_code"}), "backward", start >= day)
    return (
        links.group_by("from_year", "old_code", "new_code")
        .agg(weight=_sum("weight"))
        .sort("from_year", "old_code", "new_code")
    )


def convert_counts(counts: pl.DataFrame, weights: pl.DataFrame, *, by: Sequence[str] = ()) -> pl.DataFrame:
    """Counts of persons, lists or posts on other codes: the parts are summed, divided areas shared out.

    A municipality whose figure is missing for one of its areas has none: a sum of the others would pass for the whole.

    Parameters
    ----------
    counts : polars.DataFrame
        Columns ``municipality_code``, those of `by`, and ``value``; null or no row where there is no figure.
    weights : polars.DataFrame
        As `conversion` gives them.
    by : sequence of str
        Further key columns, such as industry or measure.

    Returns
    -------
    polars.DataFrame
        Columns ``municipality_code``, those of `by`, ``value``, ``parts`` (areas the municipality is made of),
        ``parts_known`` (those with a figure) and ``derivation`` (`Derivation`); one row for each key with a figure in
        some part.

    Raises
    ------
    InvalidInputError
        If a column is missing, a key occurs twice or a code is none of those that `weights` goes from.

    Examples
    --------
    >>> weights = pl.DataFrame({"old_code": ["1601", "1662"], "new_code": ["5001", "5001"], "weight": [1.0, 1.0]})
    >>> inhabitants = pl.DataFrame({"municipality_code": ["1601", "1662"], "value": [187353, 6067]})
    >>> convert_counts(inhabitants, weights).row(0)
    ('5001', 193420.0, 2, 2, 'summed')
    """
    _check(counts, ["municipality_code", *by], ["value"], weights)
    return summed_over_parts(counts, weights.rename({"old_code": "municipality_code"}), by).sort(
        "municipality_code", *by
    )


def convert_ratios(
    ratios: pl.DataFrame, weights: pl.DataFrame, *, by: Sequence[str] = (), scale: float = 1.0
) -> pl.DataFrame:
    """Shares, rates and means on other codes: recomputed from numerator and denominator, never averaged.

    Parameters
    ----------
    ratios : polars.DataFrame
        Columns ``municipality_code``, those of `by`, ``numerator`` and ``denominator``, both counts.
    weights : polars.DataFrame
        As `conversion` gives them.
    by : sequence of str
        Further key columns.
    scale : float
        What the ratio is multiplied with: 100 for percent.

    Returns
    -------
    polars.DataFrame
        As `convert_counts` gives it, with ``numerator`` and ``denominator`` before ``value``; ``parts_known`` counts
        the areas with both. The value is null where the denominator is 0.

    Raises
    ------
    InvalidInputError
        If numerator or denominator is missing: a ratio alone cannot be put together from those of parts. Further as
        `convert_counts`.
    """
    missing = [name for name in ("numerator", "denominator") if name not in ratios.columns]
    if missing:
        expected = f"a column {' and a column '.join(missing)}: ratios of parts cannot be summed or averaged"
        raise InvalidInputError("ratios", ", ".join(ratios.columns), expected)
    _check(ratios, ["municipality_code", *by], ["numerator", "denominator"], weights)
    known = ratios.filter(pl.all_horizontal(pl.col("numerator", "denominator").is_not_null()))
    links = weights.rename({"old_code": "municipality_code"})
    keys = ["municipality_code", *by]
    denominators = summed_over_parts(known.with_columns(value="denominator"), links, by)
    return (
        summed_over_parts(known.with_columns(value="numerator"), links, by)
        .rename({"value": "numerator"})
        .join(denominators.select(*keys, denominator="value"), on=keys)
        .with_columns(_ratio(scale))
        .with_columns(_derivation_of_ratio())
        .select(*keys, "numerator", "denominator", "value", "parts", "parts_known", "derivation")
        .sort(keys)
    )


def summed_over_parts(counts: pl.DataFrame, links: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """What `convert_counts` gives, unchecked, in any order; `links` may have key columns of `by`, such as the year."""
    shared = [name for name in links.columns if name not in ("new_code", "weight")]
    units = units_of(links)
    # Sorted, for rounding depends on the order of adding.
    return (
        counts.sort("municipality_code")
        .join(links, on=shared, maintain_order="left")
        .group_by("new_code", *by)
        .agg(
            value=(pl.col("value") * pl.col("weight")).sum(),
            parts_known=pl.col("value").is_not_null().sum().cast(pl.Int64),
        )
        .filter(pl.col("parts_known") > 0)
        .join(units, on=[name for name in units.columns if name in ("new_code", *by)])
        .with_columns(
            derivation=pl.when(~pl.col("is_documented"))
            .then(pl.lit(Derivation.NO_SHARES))
            .when(pl.col("parts_known") < pl.col("parts"))
            .then(pl.lit(Derivation.PART_MISSING))
            .when(~pl.col("is_whole"))
            .then(pl.lit(Derivation.SHARED))
            .when(pl.col("parts") > 1)
            .then(pl.lit(Derivation.SUMMED))
            .otherwise(pl.lit(Derivation.SAME))
            .cast(DERIVATION)
        )
        .with_columns(
            value=pl.when(pl.col("derivation").is_in([Derivation.SAME, Derivation.SUMMED, Derivation.SHARED])).then(
                "value"
            )
        )
        .select(pl.col("new_code").alias("municipality_code"), *by, "value", "parts", "parts_known", "derivation")
    )


def units_of(links: pl.DataFrame) -> pl.DataFrame:
    """Each new code with its number of ``parts``, whether all are whole, and whether their shares are documented.

    An area that was divided and put together again is whole; weights add up to it within rounding.
    """
    keys = [name for name in links.columns if name not in ("municipality_code", "weight")]
    return links.group_by(keys).agg(
        parts=pl.len().cast(pl.Int64),
        is_whole=(pl.col("weight") > 1 - 1e-9).all(),
        is_documented=pl.col("weight").is_not_null().all(),
    )


def _unchanged(days: Collection[date], history: CodeHistory) -> pl.DataFrame:
    rows = [(day.year, code) for day, codes in structures_on(days, history).items() for code in codes]
    frame = pl.DataFrame(rows, schema={"from_year": pl.Int64, "old_code": pl.String}, orient="row")
    return frame.with_columns(new_code="old_code", weight=pl.lit(1.0))


def _shares(history: CodeHistory) -> pl.DataFrame:
    """For each change the share of the old area that it takes (forward) and of the new one that it gives (backward)."""
    keys = ["change_date", "old_code", "new_code"]
    by_old, by_new = ["change_date", "old_code"], ["change_date", "new_code"]
    return (
        history.changes.select(keys)
        .unique()
        .join(history.parts.select(*keys, "inhabitants"), on=keys, how="left")
        .select(*keys, forward=_share_of(by_old), backward=_share_of(by_new))
    )


def _share_of(keys: list[str]) -> pl.Expr:
    inhabitants = pl.col("inhabitants")
    documented = pl.when(inhabitants.is_not_null().all().over(keys)).then(inhabitants / inhabitants.sum().over(keys))
    return pl.when(pl.len().over(keys) == 1).then(1.0).otherwise(documented)


def _moved(links: pl.DataFrame, steps: pl.DataFrame, share: str, is_due: pl.Expr) -> pl.DataFrame:
    """The links one change further; codes that the change does not name stay."""
    due, rest = links.filter(is_due), links.filter(~is_due)
    moved = due.join(steps, left_on="new_code", right_on="code", how="left").select(
        "from_year",
        "old_code",
        new_code=pl.coalesce("next_code", "new_code"),
        weight=pl.when(pl.col("next_code").is_null()).then("weight").otherwise(pl.col("weight") * pl.col(share)),
    )
    return pl.concat([rest, moved])


def _sum(name: str) -> pl.Expr:
    """Sum that is null where a term is (Polars would leave the term out)."""
    return pl.when(pl.col(name).is_not_null().all()).then(pl.col(name).sum())


def _ratio(scale: float) -> pl.Expr:
    return pl.when(pl.col("denominator") > 0).then(scale * pl.col("numerator") / pl.col("denominator")).alias("value")


def _derivation_of_ratio() -> pl.Expr:
    is_undefined = pl.col("denominator").is_not_null() & pl.col("value").is_null()
    return (
        pl.when(is_undefined)
        .then(pl.lit(Derivation.NO_COUNTS, dtype=DERIVATION))
        .otherwise("derivation")
        .alias("derivation")
    )


def _check(frame: pl.DataFrame, keys: list[str], figures: list[str], weights: pl.DataFrame) -> None:
    missing = [name for name in (*keys, *figures) if name not in frame.columns]
    if missing:
        raise InvalidInputError("columns", ", ".join(frame.columns), f"also {', '.join(missing)}")
    twice = frame.filter(frame.select(keys).is_duplicated())
    if twice.height:
        raise InvalidInputError("rows", twice.select(keys).row(0), f"one row for each {', '.join(keys)}")
    strangers = frame.join(weights, left_on="municipality_code", right_on="old_code", how="anti")
    if strangers.height:
        code = strangers["municipality_code"].item(0)
        raise InvalidInputError("municipality_code", code, "a code in force in the year that is converted from")
