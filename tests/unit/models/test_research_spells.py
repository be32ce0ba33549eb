from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest

from models.errors import EstimatorInputError
from models.research_columns import events_of, without_lone_gaps
from models.research_spells import SpellReject, SpellRoles, research_spells
from models.splits import Fold

GOOD: dict[str, Any] = {
    "years": 2.0,
    "from": 0.0,
    "lower": 2.0,
    "left": 1,
    "who": "a",
    "where": "A1",
    "began": "2015-03-01",
    "weight": 1.0,
    "fte": 0.8,
}
ROLES = SpellRoles(
    time="years", event="left", entry="from", time_lower="lower", start="began", person="who", group="where",
    weights="weight", curves_by="where", covariates=["fte"],
)  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "reject"),
    [
        ({"years": None}, SpellReject.MISSING_TIME),
        ({"years": float("nan")}, SpellReject.UNREADABLE_TIME),
        ({"years": float("inf")}, SpellReject.UNREADABLE_TIME),
        ({"years": 0.0}, SpellReject.TIME_NOT_POSITIVE),
        ({"years": -1.0}, SpellReject.TIME_NOT_POSITIVE),
        ({"from": None}, SpellReject.MISSING_ENTRY),
        ({"from": -0.5}, SpellReject.NEGATIVE_ENTRY),
        ({"from": 2.0}, SpellReject.ENTRY_NOT_BEFORE_TIME),
        ({"lower": 3.0}, SpellReject.LOWER_TIME_IMPOSSIBLE),
        ({"who": None}, SpellReject.MISSING_PERSON),
        ({"where": " "}, SpellReject.MISSING_GROUP),
        ({"began": None}, SpellReject.MISSING_START),
        ({"weight": None}, SpellReject.MISSING_WEIGHT),
        ({"weight": -1.0}, SpellReject.NEGATIVE_WEIGHT),
        ({"fte": float("inf")}, SpellReject.INFINITE_COVARIATE),
    ],
)
def test_a_row_that_cannot_be_used_comes_back_with_its_number_and_reason(
    changed: dict[str, Any], reject: SpellReject
) -> None:
    rows = pl.DataFrame([GOOD, GOOD | changed, GOOD | {"left": 0, "fte": 0.5}], infer_schema_length=None)
    spells = research_spells(rows, ROLES, starts_needed=True)
    assert spells.rejects.rows() == [(2, reject.value)]
    assert spells.row_number.tolist() == [1, 3]
    assert spells.rows == 3
    assert len(spells.outcome) == spells.covariates.height == 2


def test_every_reason_occurs_above() -> None:
    marks = test_a_row_that_cannot_be_used_comes_back_with_its_number_and_reason.pytestmark
    assert {reject for _, reject in marks[0].args[1]} | {SpellReject.REVERSED_DATES} == set(SpellReject)


def test_dates_alone_make_years_and_running_spells_last_to_the_last_day_told() -> None:
    rows = pl.DataFrame(
        {
            "start": ["2020-01-01", "01.01.2021", "2022-01-01", "2023-01-01"],
            "end": ["2021-12-31", None, "2021-01-01", "2023-12-31"],
            "left": [True, False, True, True],
            "fte": [1.0, 0.5, 0.3, 0.2],
        }
    )
    spells = research_spells(rows, SpellRoles(event="left", start="start", end="end"))
    assert spells.outcome.time.tolist() == pytest.approx([730 / 365.25, 1094 / 365.25, 364 / 365.25])
    assert spells.reject_counts == {"reversed_dates": 1}
    assert spells.start is not None
    assert spells.start[0] == np.datetime64(date(2020, 1, 1))
    assert spells.covariates.columns == ["fte"]


@pytest.mark.parametrize(
    ("values", "numbers", "codes"),
    [
        ([True, False, None], [1, 0, 0], ("1",)),
        ([1, 0, 1], [1, 0, 1], ("1",)),
        ([0.0, float("nan"), 2.0], [0, 0, 1], ("2",)),
        ([3, 0, 10, 3], [1, 0, 2, 1], ("3", "10")),
        (["TRUE", "false"], [1, 0], ("1",)),
        (["retired", "", "moved", "0", None, "Censored"], [2, 0, 1, 0, 0, 0], ("moved", "retired")),
    ],
)
def test_events_are_read_from_flags_numbers_and_words(values: Any, numbers: list[int], codes: tuple[str, ...]) -> None:
    found, named = events_of(pl.Series("left", values))
    assert (found.to_list(), named) == (numbers, codes)


@pytest.mark.parametrize("values", [[0.5, 1.0], [-1, 1], [date(2020, 1, 1)], [f"cause{place}" for place in range(30)]])
def test_an_event_column_of_something_else_is_refused(values: Any) -> None:
    with pytest.raises(EstimatorInputError, match="left"):
        events_of(pl.Series("left", values))


@pytest.mark.parametrize(
    ("roles", "told"),
    [
        (SpellRoles(time="tid", event="left"), "one of years, from"),
        (SpellRoles(event="left"), "columns of start and end dates"),
        (SpellRoles(time="who", event="left"), "a column of numbers"),
        (SpellRoles(time="began", event="left"), "a column of numbers"),
        (SpellRoles(time="years", event="none"), "at least one that ended"),
        (SpellRoles(time="years", event="left", start="who"), "dates such as"),
        (SpellRoles(time="years", event="left", covariates=["day"]), "as a covariate"),
    ],
)
def test_a_wrong_call_says_what_was_expected(roles: SpellRoles, told: str) -> None:
    rows = pl.DataFrame([GOOD | {"none": 0, "day": date(2020, 1, 1)}, GOOD | {"none": 0, "day": date(2021, 1, 1)}])
    with pytest.raises(EstimatorInputError, match=told):
        research_spells(rows, roles)


def test_names_dates_and_constants_are_no_covariates_unless_asked_for() -> None:
    rows = pl.DataFrame(
        {
            "years": np.linspace(1, 9, 60),
            "left": [1] * 60,
            "name": [f"n{place}" for place in range(60)],
            "same": ["x"] * 60,
            "day": [date(2020, 1, 1)] * 60,
            "form": ["a", "b"] * 30,
        }
    )
    spells = research_spells(rows, SpellRoles(time="years", event="left"))
    assert spells.covariates.columns == ["form"]
    assert spells.left_out == {"name": "levels", "same": "constant", "day": "dates"}
    asked = research_spells(rows, SpellRoles(time="years", event="left", covariates=["name", "form"]))
    assert asked.covariates.columns == ["name", "form"]
    assert isinstance(asked.covariates.schema["form"], pl.Enum)


def test_only_gaps_that_a_fit_would_not_know_are_filled_and_marked() -> None:
    folds = [Fold(np.array([0, 1, 2]), np.array([3])), Fold(np.array([1, 2, 3]), np.array([0]))]
    given = pl.DataFrame({"lone": [1.0, 3.0, 2.0, None], "known": [None, 1, None, 2], "form": ["a", "b", "a", None]})
    form = given.with_columns(pl.col("form").cast(pl.Enum(["a", "b"])))
    filled, names = without_lone_gaps(form, folds)
    assert names == ("lone", "form")
    assert filled["lone"].to_list() == [1.0, 3.0, 2.0, 2.0]
    assert filled["form"].to_list() == ["a", "b", "a", "-"]
    assert filled["known"].null_count() == 2
    assert filled["lone_missing"].to_list() == [False, False, False, True]
