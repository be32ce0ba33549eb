"""What a register would show of simulated careers: contracts, and the facts of post and career stage at their start."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.career_doctors import Doctors
from models.career_parameters import OPENING, REFERENCE_DAY, CareerParameters, month_starts
from models.career_posts import Posts
from models.career_rates import NEVER, Cause, Ints
from models.career_scenario import Scenario
from models.outcome import survival_outcome
from models.posts import CONTRACT_FORMS

CAUSES: tuple[str, ...] = tuple(cause.name.lower() for cause in Cause)
"""Why a contract ended, in the order of `models.career_rates.Cause` from 1."""

DAYS_PER_YEAR = 365.25

_PLACE = ("municipality_code", "population", "population_band", "centrality_class")


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedCareers:
    """Careers of simulated doctors, with everything that made them; no row describes a person.

    Attributes
    ----------
    spells : DataFrame
        One row per contract, by start: ``spell_id``, ``person_id`` and ``post_id`` (pseudonyms), municipality,
        start and end, cause, post and career stage at the start, a column ``has_...`` per planted lever;
        `spells_of` explains them.
    posts : Posts
        Every list, with the true effect of its municipality.
    doctors : Doctors
        Training and approval of every doctor, in the order of ``person_id``.
    scenario : Scenario
        What was planted.
    parameters : CareerParameters
        The true rates.
    """

    spells: pl.DataFrame
    posts: Posts
    doctors: Doctors
    scenario: Scenario
    parameters: CareerParameters


def simulated_careers(
    posts: Posts, doctors: Doctors, contracts: dict[str, Ints], scenario: Scenario, parameters: CareerParameters
) -> SimulatedCareers:
    """Return the careers with their contracts as dated rows."""
    return SimulatedCareers(
        spells_of(posts, doctors, contracts, scenario, parameters), posts, doctors, scenario, parameters
    )


def observed_since(careers: SimulatedCareers, day: date) -> pl.DataFrame:
    """Return the spells that a register opened on a day would hold: delayed entry of those already in force.

    ``entry_years`` is the time in post before the day. Contracts that ended by then are not in it, as in any register
    that begins in the middle of careers.
    """
    before = (pl.lit(day) - pl.col("start_date")).dt.total_days() / DAYS_PER_YEAR
    return careers.spells.with_columns(entry_years=pl.max_horizontal(before, 0.0)).filter(
        pl.col("entry_years") < pl.col("duration_years")
    )


def career_outcome(spells: pl.DataFrame) -> NDArray[np.void]:
    """Return the structured outcome of spells: number of the cause (0: still in force), duration and entry.

    Examples
    --------
    >>> spells = pl.DataFrame({"cause": ["hospital", None], "duration_years": [1.5, 4.0], "entry_years": [0.0, 2.0]})
    >>> career_outcome(spells)["event"].tolist()
    [2, 0]
    """
    number = {cause: place for place, cause in enumerate(CAUSES, 1)}
    causes = spells["cause"].cast(pl.String).replace_strict(number, return_dtype=pl.Int64).fill_null(0)
    return survival_outcome(causes.to_numpy(), spells["duration_years"], entry=spells["entry_years"])


def event_rows(spells: pl.DataFrame) -> pl.DataFrame:
    """Return the spells as a register's events: person, post, municipality, start, end and reason (null: in force)."""
    return spells.select(
        "person_id", "post_id", "municipality_code", "start_date", "end_date", reason=pl.col("cause").cast(pl.String)
    )


def spells_of(
    posts: Posts, doctors: Doctors, contracts: dict[str, Ints], scenario: Scenario, parameters: CareerParameters
) -> pl.DataFrame:
    """Return contracts as spells, observed from the opening to the reference day.

    ``start_date`` and ``end_date`` (null: in force) are days; ``entry_years`` 0; ``duration_years`` to the end or the
    reference day; ``event`` and ``cause``; ``contract_form`` at the start and the day from which the doctor was
    self-employed instead; ``list_length`` at the start; ``years_since_specialist`` at the start, negative for a trainee
    who will be approved and null for one who never is; ``stage_years`` the same, for those who never are counted from
    when the training would have been over; ``specialist_at`` the approval, if it came by the reference day.
    """
    starts = month_starts()
    post, doctor, begun = contracts["post"], contracts["doctor"], contracts["start"]
    approval = doctors.approval[doctor]
    is_approved = approval < NEVER
    lists = parameters.by_month["list_length_mean"]
    has = {f"has_{lever.name}": posts.has_lever[post, column] for column, lever in enumerate(scenario.levers)}
    ended = contracts["cause"] > 0
    stop = np.where(ended, _end_days(contracts), np.datetime64(REFERENCE_DAY))
    frame = pl.DataFrame(
        {
            "person_id": [f"D{number:06d}" for number in doctor + 1],
            "post_id": posts.post_ids[post],
            "start_date": starts[begun],
            "end_date": pl.Series(stop).zip_with(
                pl.Series(ended), pl.Series([None], dtype=pl.Date).extend_constant(None, ended.size - 1)
            ),
            "entry_years": np.zeros(post.size),
            "duration_years": (stop - starts[begun]).astype(np.float64) / DAYS_PER_YEAR,
            "event": ended,
            "cause": pl.Series(contracts["cause"]).replace_strict(
                dict(enumerate((None, *CAUSES))), return_dtype=pl.Enum(CAUSES)
            ),
            "contract_form": pl.Series(
                np.array(CONTRACT_FORMS)[contracts["form_at_start"]], dtype=pl.Enum(CONTRACT_FORMS)
            ),
            "self_employed_from": _dates(contracts["form_changed"]),
            "list_length": posts.list_size[post] * lists[begun],
            "years_since_specialist": pl.Series((begun - approval) / 12).set(pl.Series(~is_approved), None),
            "stage_years": (begun - doctors.nominal_approval[doctor]) / 12,
            "specialist_at": _dates(approval),
            **has,
            "is_simulated": np.ones(post.size, dtype=np.bool_),
            "_place": posts.place[post],
        }
    )
    places = posts.places.select(_PLACE).with_row_index("_place").cast({"_place": pl.Int64})
    order = ("start_date", "post_id", "person_id")
    return (
        frame.join(places, on="_place", how="left")
        .filter(pl.col("duration_years") > 0)
        .sort(order)
        .with_row_index("spell_id", 1)
        .cast({"spell_id": pl.Int64})
        .select(
            "spell_id",
            "person_id",
            "post_id",
            *_PLACE,
            pl.exclude("spell_id", "person_id", "post_id", *_PLACE, "_place"),
        )
    )


def _end_days(contracts: dict[str, Ints]) -> NDArray[np.datetime64]:
    starts = month_starts()
    month = np.minimum(contracts["end"], starts.size - 2)
    days = (starts[month + 1] - starts[month]).astype(np.int64)
    end: NDArray[np.datetime64] = starts[month] + 1 + (contracts["day_share"] * (days - 1)) // 1_000_000
    return end


def _dates(months: Ints) -> pl.Series:
    """Return the first day of months; null where it is after the reference day."""
    days = (np.datetime64(OPENING, "M") + np.clip(months, -2400, 2400)).astype("datetime64[D]")
    dates = pl.Series(days)
    return dates.set(pl.Series(days > np.datetime64(REFERENCE_DAY)), None)
