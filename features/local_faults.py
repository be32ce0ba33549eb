"""What can be wrong with a row of a filled-in template."""

from enum import StrEnum


class RowFault(StrEnum):
    """Why one cell of a row cannot be taken in; `api` says it in words."""

    EXTRA_CELLS = "extra_cells"
    FORMULA = "formula"
    CELL_ERROR = "cell_error"
    WRONG_MUNICIPALITY = "wrong_municipality"
    MISSING_CODE = "missing_code"
    UNKNOWN_INDICATOR = "unknown_indicator"
    PUBLIC_FIGURE = "public_figure"
    DUPLICATE = "duplicate"
    MISSING_ANSWER = "missing_answer"
    NOT_A_NUMBER = "not_a_number"
    AMBIGUOUS_NUMBER = "ambiguous_number"
    AMBIGUOUS_PERCENT = "ambiguous_percent"
    NO_PERCENT_HERE = "no_percent_here"
    NOT_WHOLE = "not_whole"
    OUT_OF_BOUNDS = "out_of_bounds"
    MISSING_COUNT = "missing_count"
    NOT_A_COUNT = "not_a_count"
    COUNT_NOT_ASKED = "count_not_asked"
    TOO_FEW_PEOPLE = "too_few_people"
    MISSING_DATE = "missing_date"
    NOT_A_DATE = "not_a_date"
    FUTURE_DATE = "future_date"
    DATE_TOO_OLD = "date_too_old"
    MISSING_ROLE = "missing_role"
    UNKNOWN_ROLE = "unknown_role"
    NOTE_TOO_LONG = "note_too_long"
