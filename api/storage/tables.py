"""Tables of the database: one run of the whole chain and everything it produced."""

from datetime import UTC, datetime

from sqlalchemy import Column, DateTime, Dialect, ForeignKey, Text
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
    """One run; `inputs_sha256` is unique because the same inputs give the same results."""

    id: int | None = Field(default=None, primary_key=True)
    created_at: datetime = Field(sa_column=Column(UtcDateTime, nullable=False))
    seed: int
    snapshot_version: str
    program_version: str
    inputs_sha256: str = Field(unique=True)
    explained: float
    explained_lower: float
    explained_upper: float


class IndicatorRow(SQLModel, table=True):
    """Value and percentile of an indicator in a municipality."""

    __tablename__ = "indicator_value"

    run_id: int = Field(sa_column=_run_key())
    municipality_code: str = Field(primary_key=True)
    indicator: str = Field(primary_key=True)
    year: int | None
    value: float | None
    numerator: float | None
    denominator: float | None
    percentile: float | None


class FactorRow(SQLModel, table=True):
    """Score of a factor in a municipality."""

    __tablename__ = "factor_score"

    run_id: int = Field(sa_column=_run_key())
    municipality_code: str = Field(primary_key=True)
    factor: str = Field(primary_key=True)
    score: float | None
    lower: float | None
    upper: float | None
    coverage: float
    rank_national: int | None
    ranked_national: int
    rank_peers: int | None
    ranked_peers: int


class OutcomeRow(SQLModel, table=True):
    """Actual and expected share of inhabitants without a GP in a municipality."""

    __tablename__ = "expected_outcome"

    run_id: int = Field(sa_column=_run_key())
    municipality_code: str = Field(primary_key=True)
    actual: float | None
    expected: float | None
    expected_lower: float | None
    expected_upper: float | None
    normal_lower: float | None
    normal_upper: float | None


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
