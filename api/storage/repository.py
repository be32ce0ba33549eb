"""Every query: saves and loads runs and match proposals."""

from dataclasses import asdict, dataclass

import polars as pl
from sqlalchemy import Connection, Engine, delete, insert, select
from sqlmodel import Session, col

from api.services.scores import Scores
from api.services.world import RunRecord
from api.storage.database import database_errors
from api.storage.tables import FactorRow, IndicatorRow, MatchRow, OutcomeRow, RetentionRow, Run
from features.frames import ExpectedOutcome, FactorScore, IndicatorScore, IndicatorValue

EXPLAINED = ("explained", "explained_lower", "explained_upper")


@dataclass(frozen=True, slots=True)
class StoredRun:
    """One run as it was saved: its record, its scores and the retention model's text."""

    run: RunRecord
    scores: Scores
    retention_document: str


def save_run(engine: Engine, record: RunRecord, scores: Scores, retention_document: str) -> None:
    """Save a run whole, in place of an earlier one with the same inputs; on an error nothing changes."""
    indicators = scores.values.join(scores.percentiles, on=["municipality_code", "indicator"])
    run = Run(**asdict(record), **{name: getattr(scores, name) for name in EXPLAINED})
    with database_errors(engine), Session(engine) as session:
        session.execute(delete(Run).where(col(Run.inputs_sha256) == record.inputs_sha256))
        session.add(run)
        session.flush()
        for table, frame in (
            (IndicatorRow, indicators),
            (FactorRow, scores.factors),
            (OutcomeRow, scores.outcomes),
            (RetentionRow, pl.DataFrame({"document": [retention_document]})),
        ):
            session.execute(insert(table), frame.with_columns(run_id=pl.lit(run.id)).to_dicts())
        session.commit()


def load_run(engine: Engine, inputs_sha256: str) -> StoredRun | None:
    """The run that was made from these inputs, or nothing; read in one transaction."""
    with database_errors(engine), Session(engine) as session:
        run = session.scalars(select(Run).where(col(Run.inputs_sha256) == inputs_sha256)).one_or_none()
        if run is None:
            return None
        document = session.scalars(select(col(RetentionRow.document)).where(col(RetentionRow.run_id) == run.id)).one()
        indicators, factors, outcomes = (
            _frame(session.connection(), table, run) for table in (IndicatorRow, FactorRow, OutcomeRow)
        )
        record = run.model_dump(exclude={"id"})
    explained = {name: record.pop(name) for name in EXPLAINED}
    return StoredRun(
        run=RunRecord(**record),
        scores=Scores(
            values=IndicatorValue.validate(indicators, cast=True),
            percentiles=IndicatorScore.validate(indicators, cast=True),
            factors=FactorScore.validate(factors, cast=True),
            outcomes=ExpectedOutcome.validate(outcomes, cast=True),
            **explained,
        ),
        retention_document=document,
    )


def save_match(engine: Engine, match: MatchRow) -> MatchRow:
    """Save a match proposal."""
    with database_errors(engine), Session(engine, expire_on_commit=False) as session:
        session.add(match)
        session.commit()
    return match


def load_match(engine: Engine, match_id: int) -> MatchRow | None:
    """The match proposal with this number, or nothing."""
    with database_errors(engine), Session(engine, expire_on_commit=False) as session:
        return session.get(MatchRow, match_id)


def _frame(connection: Connection, table: type[IndicatorRow | FactorRow | OutcomeRow], run: Run) -> pl.DataFrame:
    query = select(table).where(col(table.run_id) == run.id)
    return pl.read_database(query, connection, infer_schema_length=None).drop("run_id")
