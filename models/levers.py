"""Levers apart from structure and career stage, and what may be advised: never an answer to recruitment trouble."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import numpy as np
import polars as pl
from scipy.stats import t as student_t

from features.errors import InvalidInputError
from models.explanation import Contributions
from models.hazard_estimator import HazardEstimator
from models.outcome import Floats
from models.uncertainty import INTERVAL_COVERAGE

CovariateKind = Literal["lever", "structural", "career_stage"]
KINDS: tuple[CovariateKind, ...] = ("lever", "structural", "career_stage")
_ALWAYS_RESPONSE = "list_length"
M = TypeVar("M", bound=HazardEstimator)


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Contributions to a forecast by what a municipality can do about them.

    Attributes
    ----------
    rows : DataFrame
        One row per covariate, largest first: ``covariate``, ``kind``, ``is_response``, ``years``. A response to
        recruitment trouble keeps its kind, and is no lever.
    lever_years, structural_years, career_stage_years, response_years : float
        Sums; with ``expected_years`` they add up to ``forecast_years``.
    expected_years, forecast_years : float
        As in `models.explanation.Contributions`.
    """

    rows: pl.DataFrame
    lever_years: float
    structural_years: float
    career_stage_years: float
    response_years: float
    expected_years: float
    forecast_years: float


def is_response(covariate: str, responses: Sequence[str] = ()) -> bool:
    """Return whether a covariate is an answer to recruitment trouble rather than a cause of it.

    List length always is, under any name that holds it: places that cannot recruit make lists short (and pay salaries)
    so that someone comes, so a model finds that short lists go with short stays. To lengthen lists would not keep
    anyone.

    Examples
    --------
    >>> is_response("list_length"), is_response("log_list_length"), is_response("contract_form", ["contract_form"])
    (True, True, True)
    >>> is_response("has_supervisor")
    False
    """
    return _ALWAYS_RESPONSE in covariate.lower() or covariate in responses


def levers_and_structure(
    contributions: Contributions, kinds: Mapping[str, CovariateKind], *, responses: Sequence[str] = ()
) -> Breakdown:
    """Return contributions divided on levers, structure, career stage, and responses to recruitment trouble.

    Parameters
    ----------
    contributions : Contributions
        Of one forecast.
    kinds : mapping of str to {"lever", "structural", "career_stage"}
        Kind of every covariate.
    responses : sequence of str
        Covariates that answer recruitment trouble, beside list length, which always does.

    Raises
    ------
    InvalidInputError
        If a covariate has no kind, or one that there is not.

    Examples
    --------
    >>> found = Contributions({"has_supervisor": 0.5, "list_length": 1.0}, 4.0, 5.5, 10.0)
    >>> parts = levers_and_structure(found, {"has_supervisor": "lever", "list_length": "lever"})
    >>> parts.lever_years, parts.response_years
    (0.5, 1.0)
    """
    _check_kinds(list(contributions.years), kinds)
    rows = pl.DataFrame(
        [
            {"covariate": name, "kind": kinds[name], "is_response": is_response(name, responses), "years": years}
            for name, years in contributions.years.items()
        ],
        schema={"covariate": pl.String, "kind": pl.Enum(KINDS), "is_response": pl.Boolean, "years": pl.Float64},
    ).sort(pl.col("years").abs(), descending=True, maintain_order=True)

    def total(chosen: pl.Expr) -> float:
        return float(rows.filter(chosen)["years"].sum())

    answers = pl.col("is_response")
    lever, structural, stage = (total(~answers & (pl.col("kind") == kind)) for kind in KINDS)
    return Breakdown(
        rows, lever, structural, stage, total(answers), contributions.expected_years, contributions.forecast_years
    )


def advice(
    model: M,
    members: Sequence[M],
    row: pl.DataFrame,
    X: pl.DataFrame,  # noqa: N803
    kinds: Mapping[str, CovariateKind],
    horizon: float,
    *,
    responses: Sequence[str] = (),
) -> pl.DataFrame:
    """Return the levers that would raise the mean years in a post, where the interval says so.

    Each lever of the post is set to what other posts have (the other levels; of a number, the quartiles of ``X``) with
    nothing else changed, in the model and in each refit. It is advice only if the whole interval of the gain lies
    above 0; with several values to choose from, the interval of each is made wider (Bonferroni). Structure, career
    stage and responses to recruitment trouble are never in it, whatever the data say.

    Parameters
    ----------
    model, members : fitted estimators
        The model, best a `models.balanced_hazard.BalancedHazard`, and two or more of its bootstrap members.
    row : DataFrame
        One post.
    X : DataFrame
        Other posts.
    kinds, responses
        As in `levers_and_structure`.
    horizon : float
        Years, > 0.

    Returns
    -------
    DataFrame
        One row per lever that can be advised, greatest gain first: ``covariate``, ``now`` and ``better`` (values as
        text), ``gain_years``, ``lower`` and ``upper`` (90 %).

    Raises
    ------
    InvalidInputError
        If there is not one row, fewer than two members, or a covariate without a kind.
    """
    if row.height != 1:
        raise InvalidInputError("row", f"{row.height} rows", "one post")
    if len(members) < 2:
        raise InvalidInputError("members", len(members), "two or more")
    names = model._names()
    _check_kinds(names, kinds)
    found = []
    for name in names:
        if kinds[name] != "lever" or is_response(name, responses):
            continue
        options = _other_values(row[name], X[name])
        gains = [_gain(model, members, row, name, value, horizon, len(options)) for value in options]
        if clear := [(gain, value) for gain, value in zip(gains, options, strict=True) if gain[1] > 0]:
            (gain, lower, upper), value = max(clear, key=lambda each: each[0][0])
            found.append((name, str(row[name].item()), str(value), gain, lower, upper))
    text, number = pl.String, pl.Float64
    schema = {"covariate": text, "now": text, "better": text, "gain_years": number, "lower": number, "upper": number}
    return pl.DataFrame(found, schema=schema, orient="row").sort("gain_years", descending=True, maintain_order=True)


def _check_kinds(names: Sequence[str], kinds: Mapping[str, CovariateKind]) -> None:
    for name in names:
        if kinds.get(name) not in KINDS:
            raise InvalidInputError(f"kind of {name}", kinds.get(name), f"one of {', '.join(KINDS)}")


def _other_values(now: pl.Series, others: pl.Series) -> list[Any]:
    known = others.drop_nulls()
    if known.dtype.is_float():
        known = known.drop_nans()
    if known.dtype.is_numeric() and known.n_unique() > 2:
        known = pl.Series([known.quantile(share, "nearest") for share in (0.25, 0.75)], dtype=known.dtype)
    return [value for value in known.unique().sort() if value != now.item()]


def _gain(
    model: M, members: Sequence[M], row: pl.DataFrame, name: str, value: object, horizon: float, options: int
) -> tuple[float, float, float]:
    both = pl.concat([row, row.with_columns(pl.lit(value).cast(row.schema[name]).alias(name))])

    def change(each: M) -> Floats:
        return np.diff(each.predict_restricted_mean(both, horizon))

    gain = float(change(model)[0])
    drawn = np.array([change(member)[0] for member in members])
    quantile = student_t.ppf(1 - (1 - INTERVAL_COVERAGE) / 2 / options, df=drawn.size - 1)
    wide = float(drawn.std(ddof=1) * quantile)
    return gain, gain - wide, gain + wide
