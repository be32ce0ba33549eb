"""Tables of the database: runs and what they produced, and what municipalities say about themselves."""

from datetime import UTC, date, datetime

from sqlalchemy import Column, DateTime, Dialect, ForeignKey, Index, Text, text
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

from features.errors import InvalidInputError


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, kept in UTC; SQLite forgets the time zone, so it is given back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment in UTC; one without a time zone is refused."""
        if value is not None and value.tzinfo is None:
            raise InvalidInputError("created_at", value, "a moment with a time zone")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment with its time zone."""
        return None if value is None else value.replace(tzinfo=UTC)


def _run_key() -> Column[int]:
    return Column(ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)


class Run(SQLModel, table=True):
    """One run; `inputs_sha256` is unique because the same inputs give the same results.

    `local_sha256` says which statements of municipalities the scores were computed with.
    """

    id: int | None = Field(default=None, primary_key=True)
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    seed: int
    snapshot_version: str
    program_version: str
    inputs_sha256: str = Field(unique=True)
    local_sha256: str


class IndicatorRow(SQLModel, table=True):
    """Value of an indicator in a municipality, its place, and the value drawn towards the peers."""

    __tablename__ = "indicator_value"

    run_id: int = Field(sa_column=_run_key())
    municipality_code: str = Field(primary_key=True)
    indicator: str = Field(primary_key=True)
    year: int | None
    value: float | None
    numerator: float | None
    denominator: float | None
    percentile: float | None
    goalpost_score: float | None
    estimate: float | None
    lower: float | None
    upper: float | None
    group_mean: float | None
    own_weight: float | None


class FactorRow(SQLModel, table=True):
    """Score of a factor in a municipality."""

    __tablename__ = "factor_score"

    run_id: int = Field(sa_column=_run_key())
    municipality_code: str = Field(primary_key=True)
    factor: str = Field(primary_key=True)
    basis: str
    score: float | None
    lower: float | None
    upper: float | None
    coverage: float
    rank_national: int | None
    ranked_national: int
    rank_peers: int | None
    ranked_peers: int
    rank_median: float | None
    rank_lower: int | None
    rank_upper: int | None
    driver: str | None
    driver_share: float | None


class DriverRow(SQLModel, table=True):
    """Share of the variance of ranks on a factor that a choice brings about."""

    __tablename__ = "rank_driver"

    run_id: int = Field(sa_column=_run_key())
    factor: str = Field(primary_key=True)
    choice: str = Field(primary_key=True)
    first_order: float
    total: float


class OutcomeRow(SQLModel, table=True):
    """An outcome in a municipality beside what structure leads one to expect."""

    __tablename__ = "adjusted_outcome"

    run_id: int = Field(sa_column=_run_key())
    municipality_code: str = Field(primary_key=True)
    outcome: str = Field(primary_key=True)
    actual: float | None
    shrunk: float | None
    expected: float | None
    expected_lower: float | None
    expected_upper: float | None
    normal_lower: float | None
    normal_upper: float | None
    residual: float | None
    residual_lower: float | None
    residual_upper: float | None
    adjusted_score: float | None
    score_ties_lost: float | None
    score_ties_won: float | None


class ExplainedRow(SQLModel, table=True):
    """Share of an outcome's variation that structure explains in other counties."""

    __tablename__ = "explained_share"

    run_id: int = Field(sa_column=_run_key())
    outcome: str = Field(primary_key=True)
    share: float
    lower: float
    upper: float


class FairnessRow(SQLModel, table=True):
    """Rank correlation of an outcome's score with a structural indicator, before and after the adjustment."""

    __tablename__ = "fairness"

    run_id: int = Field(sa_column=_run_key())
    outcome: str = Field(primary_key=True)
    against: str = Field(primary_key=True)
    raw: float
    raw_lower: float
    raw_upper: float
    adjusted: float
    adjusted_lower: float
    adjusted_upper: float
    tie_free: float
    tie_free_lower: float
    tie_free_upper: float


class RetentionRow(SQLModel, table=True):
    """The retention model of a run, as text."""

    __tablename__ = "retention_model"

    run_id: int = Field(sa_column=_run_key())
    document: str = Field(sa_column=Column(Text, nullable=False))


class MatchRow(SQLModel, table=True):
    """A proposed match: what went in, by checksum, and the proposal as JSON without anybody's wishes."""

    __tablename__ = "match_proposal"

    id: int | None = Field(default=None, primary_key=True)
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    inputs_sha256: str
    lottery_seed: str
    is_simulated: bool
    document: str = Field(sa_column=Column(Text, nullable=False))


class LocalValueRow(SQLModel, table=True):
    """One statement of a municipality about an indicator; never changed, a later one takes its place.

    A row without a value takes back what was said before it, `note` tells why.
    """

    __tablename__ = "local_value"
    __table_args__ = (Index("ix_local_value_municipality_code_indicator", "municipality_code", "indicator"),)

    id: int | None = Field(default=None, primary_key=True)
    municipality_code: str
    indicator: str
    value: float | None
    numerator: float | None
    denominator: float | None
    valid_on: date
    said_by: str
    note: str | None
    entered_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))


class AssessmentRoundRow(SQLModel, table=True):
    """A round of self-assessment in a municipality; `result` is what it shows, written once when it is closed."""

    __tablename__ = "assessment_round"
    __table_args__ = (
        Index(
            "ux_assessment_round_open",
            "municipality_code",
            unique=True,
            sqlite_where=text("closed_on IS NULL"),
            postgresql_where=text("closed_on IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    municipality_code: str
    version: str
    opened_on: date
    closed_on: date | None
    result: str | None = Field(sa_column=Column(Text, nullable=True))


class AssessmentAnswerRow(SQLModel, table=True):
    """One person's marks while a round is open: no name, no address, no time, and a random key in place of an order."""

    __tablename__ = "assessment_answer"
    __table_args__ = ({"sqlite_with_rowid": False},)

    id: str = Field(primary_key=True)
    round_id: int = Field(
        sa_column=Column(ForeignKey("assessment_round.id", ondelete="CASCADE"), nullable=False, index=True)
    )
    side: str
    marks: str = Field(sa_column=Column(Text, nullable=False))
