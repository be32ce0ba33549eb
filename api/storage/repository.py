"""Every query: saves and loads runs and match proposals."""

from dataclasses import asdict, dataclass
from datetime import datetime

import polars as pl
from sqlalchemy import Engine, delete, insert, select
from sqlmodel import Session, col

from api.services.scores import Scores
from api.services.world import RunRecord
from api.storage.tables import FactorRow, IndicatorRow, MatchRow, OutcomeRow, RetentionRow, Run
from features.frames import ExpectedOutcome, FactorScore, IndicatorScore, IndicatorValue


@dataclass(frozen=True, slots=True)
class StoredRun:
    """One run as it was saved: its record, its scores and the retention model's text."""

    run: RunRecord
    scores: Scores
    retention_document: str


def save_run(engine: Engine, record: RunRecord, scores: Scores, retention_document: str) -> None:
    """Save a run whole, in place of an earlier one with the same inputs; on an error nothing changes."""
    indicators = scores.values.join(scores.percentiles, on=["municipality_code", "indicator"])
    run = Run(**asdict(record), explained=scores.explained)
    with Session(engine) as session:
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
    """The run that was made from these inputs, or nothing."""
    with Session(engine, expire_on_commit=False) as session:
        run = session.scalars(select(Run).where(col(Run.inputs_sha256) == inputs_sha256)).one_or_none()
        if run is None:
            return None
        document = session.scalars(select(col(RetentionRow.document)).where(col(RetentionRow.run_id) == run.id)).one()
    indicators = _frame(engine, IndicatorRow, run)
    return StoredRun(
        run=RunRecord(**run.model_dump(exclude={"id", "explained"})),
        scores=Scores(
            values=IndicatorValue.validate(indicators, cast=True),
            percentiles=IndicatorScore.validate(indicators, cast=True),
            factors=FactorScore.validate(_frame(engine, FactorRow, run), cast=True),
            outcomes=ExpectedOutcome.validate(_frame(engine, OutcomeRow, run), cast=True),
            explained=run.explained,
        ),
        retention_document=document,
    )


def save_match(engine: Engine, match: MatchRow) -> MatchRow:
    """Save a match proposal."""
    with Session(engine, expire_on_commit=False) as session:
        session.add(match)
        session.commit()
    return match


def newest_match(engine: Engine) -> tuple[datetime, str] | None:
    """When the newest match proposal was made, and its document."""
    with Session(engine) as session:
        row = session.scalars(select(MatchRow).order_by(col(MatchRow.id).desc()).limit(1)).one_or_none()
        return None if row is None else (row.created_at, row.document)


def _frame(engine: Engine, table: type[IndicatorRow | FactorRow | OutcomeRow], run: Run) -> pl.DataFrame:
    return pl.read_database(select(table).where(col(table.run_id) == run.id), engine, infer_schema_length=None).drop(
        "run_id"
    )
