"""One series across the reforms: figures published on the codes of their own years, brought to those of one year."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from features.code_changes import CodeHistory
from features.code_conversion import DERIVATION, Derivation, conversions, summed_over_parts
from features.errors import InvalidInputError, UnknownKeyError

KEYS = ["municipality_code", "year", "measure"]


@dataclass(frozen=True, slots=True)
class Count:
    """A number of persons, lists or posts: that of a merged municipality is the sum of its parts."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """A share, rate or mean: recomputed from counts among the same figures.

    Attributes
    ----------
    numerator, denominator : tuple[str, ...]
        Measures with the rule `Count`, to be summed.
    scale : float
        What the quotient is multiplied with: 100 for percent.
    """

    numerator: tuple[str, ...]
    denominator: tuple[str, ...]
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Unmendable:
    """A figure that cannot be put together from those of the parts; it stays missing wherever the area changed.

    Attributes
    ----------
    reason : str
        What is not published.
    """

    reason: str


Rule = Count | Ratio | Unmendable

GP_LISTS: Mapping[str, Rule] = {
    "gp_contracts": Count(),
    "lists_total": Count(),
    "lists_without_gp": Count(),
    "open_lists": Count(),
    "patients_on_lists_with_gp": Count(),
    "patients_on_lists_without_gp": Count(),
    "list_capacity": Count(),
    "list_capacity_calculated": Count(),
    "patients_without_gp_pct": Ratio(
        ("patients_on_lists_without_gp",), ("patients_on_lists_without_gp", "patients_on_lists_with_gp"), 100
    ),
    "list_length_mean": Ratio(("patients_on_lists_with_gp",), ("gp_contracts",)),
    "reserve_capacity_index": Ratio(("list_capacity",), ("patients_on_lists_with_gp",), 100),
    "list_length_mean_adjusted": Unmendable("the number of contracts corrected for municipal hours"),
}
"""Rules for SSB 12005.

The three ratios give the published figures of all 351 municipalities in 2025, within rounding.
"""


@dataclass(frozen=True, slots=True)
class MendedSeries:
    """Figures on one structure, and what could not be brought there.

    Attributes
    ----------
    values : polars.DataFrame
        Columns ``municipality_code``, ``year``, ``measure``, ``value`` and ``derivation`` (`Derivation`: ``same``,
        ``summed`` or ``shared``); the first four obey the contract `features.frames.Measure`. Ratios of changed areas
        are recomputed and have more digits than the published ones; ``shared`` figures are estimates.
    gaps : polars.DataFrame
        Columns ``municipality_code``, ``year``, ``measure``, ``parts``, ``parts_known``, ``derivation``: figures that
        exist for some part of the municipality, but not for the whole, and why.
    strangers : polars.DataFrame
        The rows whose code was no municipality in their year (such as 9999, "not stated").
    """

    values: pl.DataFrame
    gaps: pl.DataFrame
    strangers: pl.DataFrame


def mended_series(
    measures: pl.DataFrame, rules: Mapping[str, Rule], history: CodeHistory, to_year: int | None = None
) -> MendedSeries:
    """Figures of several years, each on the codes of its own year, on the codes of one year.

    Counts are summed. A ratio of an area that did not change is the published one, under another code if need be; of
    an area that changed it is recomputed from the summed counts of the same year, never averaged, and missing where
    these are. A municipality whose figure is missing for one part has none. In a divided area every figure is shared
    out by inhabitants, so that the parts have the ratio of the whole: an estimate, marked as such.

    Parameters
    ----------
    measures : polars.DataFrame
        Columns ``municipality_code``, ``year``, ``measure``, ``value``; null or no row where there is no figure.
    rules : mapping of measure to Count, Ratio or Unmendable
        A rule for every measure.
    to_year : int, optional
        Year whose codes to bring the figures to; today's by default.

    Raises
    ------
    UnknownKeyError
        If a measure has no rule, or a ratio names a measure that is no count.
    InvalidInputError
        If a column is missing, a key occurs twice or the codes of a year are not known.

    Examples
    --------
    >>> from features.code_changes import code_history
    >>> from features.snapshot import load_snapshot
    >>> rows = [
    ...     (code, 2019, measure, value)
    ...     for code, without, others in (("5001", 0.0, 190000.0), ("5030", 700.0, 5300.0))
    ...     for measure, value in (
    ...         ("patients_on_lists_without_gp", without),
    ...         ("patients_on_lists_with_gp", others),
    ...         ("patients_without_gp_pct", 100 * without / (without + others)),
    ...     )
    ... ]
    >>> published = pl.DataFrame(rows, schema=["municipality_code", "year", "measure", "value"], orient="row")
    >>> mended = mended_series(published, GP_LISTS, code_history(load_snapshot()))
    >>> mended.values.filter(measure="patients_without_gp_pct").row(0)
    ('5001', 2019, 'patients_without_gp_pct', 0.357..., 'summed')
    """
    _check(measures, rules)
    target = history.last_year if to_year is None else to_year
    published = measures.with_columns(pl.col("year").cast(pl.Int64), pl.col("value").cast(pl.Float64))
    links = conversions(published["year"].unique().to_list(), target, history).rename(
        {"from_year": "year", "old_code": "municipality_code"}
    )
    summed = summed_over_parts(published, links, ["year", "measure"])
    counts = summed.filter(pl.col("measure").is_in(_keys(rules, Count)))
    others = summed.join(counts, on=KEYS, how="anti")
    unchanged = others.filter(derivation=Derivation.SAME)
    changed = others.filter(pl.col("derivation") != Derivation.SAME)
    figures = pl.concat([counts, unchanged, _recomputed(changed, counts, rules), _given_up(changed, rules)]).sort(KEYS)
    is_known = pl.col("value").is_not_null()
    return MendedSeries(
        values=figures.filter(is_known).select(*KEYS, "value", "derivation"),
        gaps=figures.filter(~is_known).select(*KEYS, "parts", "parts_known", "derivation"),
        strangers=published.join(links, on=["municipality_code", "year"], how="anti"),
    )


def _recomputed(changed: pl.DataFrame, counts: pl.DataFrame, rules: Mapping[str, Rule]) -> pl.DataFrame:
    """Ratios of areas that changed, as quotients of the summed counts."""
    terms = counts.select("municipality_code", "year", term="measure", count="value", counted="derivation")
    of_term = {role: pl.col("count").filter(pl.col("role") == role).sum() for role in ("numerator", "denominator")}
    is_complete = pl.col("count").is_not_null().all()
    quotients = (
        changed.select(KEYS)
        .join(_terms(rules), on="measure")
        .join(terms, on=["municipality_code", "year", "term"], how="left")
        .group_by(KEYS)
        .agg(
            value=pl.when(is_complete, of_term["denominator"] > 0).then(
                pl.col("scale").first() * of_term["numerator"] / of_term["denominator"]
            ),
            area=pl.col("counted").first(),
            gap=pl.col("counted").filter(pl.col("count").is_null()).first(),
        )
    )
    why_not = pl.coalesce("gap", pl.lit(Derivation.NO_COUNTS, dtype=DERIVATION))
    return (
        changed.drop("value", "derivation")
        .join(quotients, on=KEYS)
        .with_columns(derivation=pl.when(pl.col("value").is_not_null()).then("area").otherwise(why_not))
        .select(*KEYS, "value", "parts", "parts_known", "derivation")
    )


def _given_up(changed: pl.DataFrame, rules: Mapping[str, Rule]) -> pl.DataFrame:
    """Figures that nobody can put together from those of the parts."""
    return changed.filter(pl.col("measure").is_in(_keys(rules, Unmendable))).with_columns(
        value=pl.lit(None, dtype=pl.Float64), derivation=pl.lit(Derivation.NOT_ADDITIVE, dtype=DERIVATION)
    )


def _terms(rules: Mapping[str, Rule]) -> pl.DataFrame:
    """The counts that each ratio is made of: ``measure``, ``role``, ``term``, ``scale``."""
    rows = [
        (measure, role, term, float(rule.scale))
        for measure, rule in rules.items()
        if isinstance(rule, Ratio)
        for role, terms in (("numerator", rule.numerator), ("denominator", rule.denominator))
        for term in terms
    ]
    schema = {"measure": pl.String, "role": pl.String, "term": pl.String, "scale": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _keys(rules: Mapping[str, Rule], kind: type[Count | Ratio | Unmendable]) -> list[str]:
    return [key for key, rule in rules.items() if isinstance(rule, kind)]


def _check(measures: pl.DataFrame, rules: Mapping[str, Rule]) -> None:
    missing = [name for name in (*KEYS, "value") if name not in measures.columns]
    if missing:
        raise InvalidInputError("columns", ", ".join(measures.columns), f"also {', '.join(missing)}")
    for measure in measures["measure"].unique().sort():
        if measure not in rules:
            raise UnknownKeyError("measure with a rule", measure, tuple(rules))
    counts = _keys(rules, Count)
    for term in _terms(rules)["term"]:
        if term not in counts:
            raise UnknownKeyError("count", term, tuple(counts))
    twice = measures.filter(measures.select(KEYS).is_duplicated())
    if twice.height:
        raise InvalidInputError("rows", twice.select(KEYS).row(0), f"one row for each {', '.join(KEYS)}")
