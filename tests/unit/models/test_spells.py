import polars as pl
import pytest

from features.errors import InvalidInputError
from models.spells import even_breaks, person_periods

ONE = pl.DataFrame({"entry_years": [0.0], "duration_years": [2.0], "event": [True], "years_since_specialist": [-1.5]})


def test_an_event_at_a_border_belongs_to_the_interval_that_ends_there() -> None:
    periods = person_periods(ONE, [0.0, 1.0, 2.0, 3.0])
    assert periods["interval"].to_list() == [0, 1]
    assert periods["event"].to_list() == [False, True]


def test_a_clock_passes_zero_when_the_trainee_becomes_a_specialist() -> None:
    periods = person_periods(ONE, [0.0, 1.0, 2.0], clocks=["years_since_specialist"])
    assert periods["years_since_specialist"].to_list() == [-1.0, 0.0]


def test_a_clock_that_does_not_apply_stays_null() -> None:
    spells = ONE.with_columns(years_since_specialist=pl.lit(None, dtype=pl.Float64))
    periods = person_periods(spells, [0.0, 1.0, 2.0], clocks=["years_since_specialist"])
    assert periods["years_since_specialist"].to_list() == [None, None]


@pytest.mark.parametrize("breaks", [[1.0, 2.0, 3.0], [0.0, 2.0, 1.0], [0.0], [0.0, float("inf")], [0.0, 1.0]])
def test_borders_that_do_not_rise_from_zero_beyond_the_longest_spell_are_refused(breaks: list[float]) -> None:
    with pytest.raises(InvalidInputError, match="breaks"):
        person_periods(ONE, breaks)


def test_a_clock_must_be_a_numeric_column() -> None:
    with pytest.raises(InvalidInputError, match="clocks"):
        person_periods(ONE, [0.0, 2.0], clocks=["absent"])


def test_even_breaks_need_positive_years() -> None:
    assert even_breaks(1.0, 3.0) == (0.0, 1.0, 2.0, 3.0)
    with pytest.raises(InvalidInputError, match="interval_years"):
        even_breaks(0.0, 3.0)
