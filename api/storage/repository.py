"""Every query: saves and loads runs, match proposals and what municipalities say about themselves."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date

import dataframely as dy
import polars as pl
from sqlalchemy import Connection, Engine, delete, func, insert, select
from sqlmodel import Session, col

from api.services.scores import Scores
from api.services.world import RunRecord
from api.storage.database import database_errors
from api.storage.tables import (
    AssessmentAnswerRow,
    AssessmentRoundRow,
    DriverRow,
    ExplainedRow,
    FactorRow,
    FairnessRow,
    IndicatorRow,
    LocalValueRow,
    MatchRow,
    OutcomeRow,
    RetentionRow,
    Run,
)
from features.frames import (
    AdjustedOutcome,
    ExplainedShare,
    FactorScore,
    Fairness,
    IndicatorScore,
    IndicatorValue,
    LocalEntry,
    RankDriver,
    RankInterval,
    ShrunkValue,
)

BY_INDICATOR, BY_FACTOR = ["municipality_code", "indicator"], ["municipality_code", "factor"]

ResultTable = IndicatorRow | FactorRow | DriverRow | OutcomeRow | ExplainedRow | FairnessRow


@dataclass(frozen=True, slots=True)
class StoredRun:
    """One run as it was saved: its record, its scores and the retention model's text."""

    run: RunRecord
    scores: Scores
    retention_document: str


def save_run(engine: Engine, record: RunRecord, scores: Scores, retention_document: str) -> None:
    """Save a run whole, in place of an earlier one with the same inputs; on an error nothing changes."""
    run = Run(**asdict(record))
    with database_errors(engine), Session(engine) as session:
        session.execute(delete(Run).where(col(Run.inputs_sha256) == record.inputs_sha256))
        session.add(run)
        session.flush()
        document = pl.DataFrame({"document": [retention_document]})
        for table, frame in (*_result_frames(scores), (RetentionRow, document)):
            session.execute(insert(table), frame.with_columns(run_id=pl.lit(run.id)).to_dicts())
        session.commit()


def load_run(engine: Engine, inputs_sha256: str) -> StoredRun | None:
    """The run that was made from these inputs, or nothing; read in one transaction."""
    with database_errors(engine), Session(engine) as session:
        run = session.scalars(select(Run).where(col(Run.inputs_sha256) == inputs_sha256)).one_or_none()
        if run is None:
            return None
        document = session.scalars(select(col(RetentionRow.document)).where(col(RetentionRow.run_id) == run.id)).one()
        indicators, factors, drivers, outcomes, explained, fairness = (
            _frame(session.connection(), table, run)
            for table in (IndicatorRow, FactorRow, DriverRow, OutcomeRow, ExplainedRow, FairnessRow)
        )
        record = run.model_dump(exclude={"id"})
    return StoredRun(
        run=RunRecord(**record),
        scores=Scores(
            values=IndicatorValue.validate(indicators, cast=True),
            places=IndicatorScore.validate(indicators, cast=True),
            shrunk=ShrunkValue.validate(indicators, cast=True),
            factors=FactorScore.validate(factors, cast=True),
            rank_intervals=RankInterval.validate(factors.drop_nulls("rank_median"), cast=True),
            rank_drivers=RankDriver.validate(drivers, cast=True),
            outcomes=AdjustedOutcome.validate(outcomes, cast=True),
            explained=ExplainedShare.validate(explained, cast=True),
            fairness=Fairness.validate(fairness, cast=True),
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


def save_local_rows(engine: Engine, rows: Sequence[LocalValueRow]) -> None:
    """Add statements of municipalities, all or none."""
    with database_errors(engine), Session(engine) as session:
        session.add_all(rows)
        session.commit()


def load_local_entries(engine: Engine, municipality_code: str | None = None) -> dy.DataFrame[LocalEntry]:
    """Every statement of one municipality, or of all, in the order they were entered."""
    query = select(LocalValueRow).order_by(col(LocalValueRow.id))
    if municipality_code is not None:
        query = query.where(col(LocalValueRow.municipality_code) == municipality_code)
    with database_errors(engine), Session(engine) as session:
        rows = [row.model_dump() for row in session.scalars(query)]
    kinds = LocalEntry.create_empty().schema
    schema = {"id": kinds["entry"]} | {key: kind for key, kind in kinds.items() if key != "entry"}
    return LocalEntry.validate(pl.DataFrame(rows, schema=schema).rename({"id": "entry"}))


def newest_local_entry(engine: Engine) -> int:
    """Number of the last statement of any municipality; 0 if there is none."""
    with database_errors(engine), Session(engine) as session:
        return session.scalar(select(func.max(col(LocalValueRow.id)))) or 0


def save_round(engine: Engine, opened: AssessmentRoundRow) -> AssessmentRoundRow | None:
    """Save a new round of self-assessment; nothing if the municipality has an open one."""
    with database_errors(engine), Session(_writing(engine), expire_on_commit=False) as session:
        if _open_round(session, opened.municipality_code) is not None:
            return None
        session.add(opened)
        session.commit()
    return opened


def load_rounds(engine: Engine, municipality_code: str) -> list[AssessmentRoundRow]:
    """Rounds of self-assessment in a municipality, the newest first."""
    query = (
        select(AssessmentRoundRow)
        .where(col(AssessmentRoundRow.municipality_code) == municipality_code)
        .order_by(col(AssessmentRoundRow.id).desc())
    )
    with database_errors(engine), Session(engine, expire_on_commit=False) as session:
        return list(session.scalars(query))


def save_answer(engine: Engine, round_id: int, answer_id: str, side: str, marks: str) -> bool:
    """Save one answer under a key of no meaning; False if the round is no longer open."""
    with database_errors(engine), Session(_writing(engine)) as session:
        found = session.get(AssessmentRoundRow, round_id)
        if found is None or found.closed_on is not None:
            return False
        session.add(AssessmentAnswerRow(id=answer_id, round_id=round_id, side=side, marks=marks))
        session.commit()
    return True


def count_answers(engine: Engine, round_id: int) -> dict[str, int]:
    """Answers of an open round on each side."""
    query = select(col(AssessmentAnswerRow.side)).where(col(AssessmentAnswerRow.round_id) == round_id)
    with database_errors(engine), Session(engine) as session:
        sides = list(session.scalars(query))
    return {side: sides.count(side) for side in set(sides)}


def close_round(
    engine: Engine,
    municipality_code: str,
    closed_on: date,
    summarise: Callable[[list[AssessmentAnswerRow]], str],
) -> AssessmentRoundRow | None:
    """Close the open round for good: keep what `summarise` makes of its answers, and delete the answers.

    Nothing if no round is open. If `summarise` raises, nothing changes.
    """
    with database_errors(engine), Session(_writing(engine), expire_on_commit=False) as session:
        found = _open_round(session, municipality_code)
        if found is None:
            return None
        answers = col(AssessmentAnswerRow.round_id) == found.id
        found.result = summarise(list(session.scalars(select(AssessmentAnswerRow).where(answers))))
        found.closed_on = closed_on
        session.execute(delete(AssessmentAnswerRow).where(answers))
        session.commit()
    return found


def _open_round(session: Session, municipality_code: str) -> AssessmentRoundRow | None:
    return session.scalars(
        select(AssessmentRoundRow).where(
            col(AssessmentRoundRow.municipality_code) == municipality_code,
            col(AssessmentRoundRow.closed_on).is_(None),
        )
    ).one_or_none()


def _writing(engine: Engine) -> Engine:
    """The same database, whose transactions take the right to write at once, so that what they read stays true."""
    return engine.execution_options(is_writing=True)


def _result_frames(scores: Scores) -> Sequence[tuple[type[ResultTable], pl.DataFrame]]:
    """Every table of results with its rows; figures about the same thing stand in one row."""
    indicators = scores.values.join(scores.places, on=BY_INDICATOR).join(scores.shrunk, on=BY_INDICATOR)
    return (
        (IndicatorRow, indicators),
        (FactorRow, scores.factors.join(scores.rank_intervals, on=BY_FACTOR, how="left")),
        (DriverRow, scores.rank_drivers),
        (OutcomeRow, scores.outcomes),
        (ExplainedRow, scores.explained),
        (FairnessRow, scores.fairness),
    )


def _frame(connection: Connection, table: type[ResultTable], run: Run) -> pl.DataFrame:
    query = select(table).where(col(table.run_id) == run.id)
    return pl.read_database(query, connection, infer_schema_length=None).drop("run_id")
