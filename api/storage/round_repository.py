"""Every query about allocation rounds; each change is one transaction that also adds to the log."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Engine, delete, select
from sqlmodel import Session, col

from api.services.round_log import Detail, LogEntry, RoundAction, next_entry
from api.services.round_steps import RoundStage
from api.storage.database import database_errors
from api.storage.round_tables import (
    AllocationCandidateRow,
    AllocationCoupleRow,
    AllocationLogRow,
    AllocationPostRow,
    AllocationProposalRow,
    AllocationRoundRow,
    AllocationRunRow,
)
from features.errors import UnknownKeyError


class RoundBook:
    """One round within one transaction: reads and changes its rows, and adds to its log."""

    def __init__(self, session: Session, row: AllocationRoundRow) -> None:
        self._session = session
        self.row = row
        self.round_id = row.id or 0

    @property
    def stage(self) -> RoundStage:
        """How far the round has come."""
        return RoundStage(self.row.stage)

    def discard(self) -> None:
        """Take back everything done within this transaction."""
        self._session.rollback()

    def posts(self) -> list[AllocationPostRow]:
        """Posts by identifier."""
        query = select(AllocationPostRow).where(col(AllocationPostRow.round_id) == self.round_id)
        return list(self._session.scalars(query.order_by(col(AllocationPostRow.post_id))))

    def replace_posts(self, documents: Mapping[str, str]) -> None:
        """Put these posts in place of those that were there."""
        self._session.execute(delete(AllocationPostRow).where(col(AllocationPostRow.round_id) == self.round_id))
        self._session.add_all(
            AllocationPostRow(round_id=self.round_id, post_id=key, document=text) for key, text in documents.items()
        )

    def candidates(self) -> list[AllocationCandidateRow]:
        """Doctors by pseudonym."""
        query = select(AllocationCandidateRow).where(col(AllocationCandidateRow.round_id) == self.round_id)
        return list(self._session.scalars(query.order_by(col(AllocationCandidateRow.candidate_id))))

    def candidate(self, candidate_id: str) -> AllocationCandidateRow | None:
        """One doctor, or nothing."""
        return self._session.get(AllocationCandidateRow, (self.round_id, candidate_id))

    def put_candidates(self, qualifications: Mapping[str, str]) -> None:
        """Add doctors; one who is there already keeps wishes and code."""
        known = {row.candidate_id: row for row in self.candidates()}
        for name, document in qualifications.items():
            if name in known:
                known[name].qualifications = document
            else:
                self._session.add(
                    AllocationCandidateRow(round_id=self.round_id, candidate_id=name, qualifications=document)
                )
        self._session.flush()

    def erase_candidate(self, candidate_id: str) -> None:
        """Delete a doctor, and every proposal about that doctor."""
        for table in (AllocationCandidateRow, AllocationProposalRow):
            self._session.execute(
                delete(table).where(col(table.round_id) == self.round_id, col(table.candidate_id) == candidate_id)
            )

    def couples(self) -> list[AllocationCoupleRow]:
        """What is kept about couples, encrypted."""
        query = select(AllocationCoupleRow).where(col(AllocationCoupleRow.round_id) == self.round_id)
        return list(self._session.scalars(query.order_by(col(AllocationCoupleRow.id))))

    def add_couple(self, document: str) -> None:
        """Add what two doctors want together."""
        self._session.add(AllocationCoupleRow(round_id=self.round_id, document=document))
        self._session.flush()

    def remove_couple(self, row: AllocationCoupleRow) -> None:
        """Delete what two doctors wanted together."""
        self._session.delete(row)
        self._session.flush()

    def run(self, turn: int) -> AllocationRunRow | None:
        """The run of a turn, or nothing."""
        return self._session.get(AllocationRunRow, (self.round_id, turn))

    def add_run(self, run: AllocationRunRow) -> None:
        """Add the draw for a turn."""
        self._session.add(run)

    def proposals(self, turn: int | None = None) -> list[AllocationProposalRow]:
        """Proposals of a turn, or of both."""
        query = select(AllocationProposalRow).where(col(AllocationProposalRow.round_id) == self.round_id)
        if turn is not None:
            query = query.where(col(AllocationProposalRow.turn) == turn)
        return list(self._session.scalars(query.order_by(col(AllocationProposalRow.id))))

    def add_proposals(self, proposals: Iterable[AllocationProposalRow]) -> None:
        """Add the proposals of a run."""
        self._session.add_all(proposals)

    def log(self) -> list[LogEntry]:
        """Every entry, the first one first."""
        query = select(AllocationLogRow).where(col(AllocationLogRow.round_id) == self.round_id)
        rows = self._session.scalars(query.order_by(col(AllocationLogRow.number)))
        return [LogEntry(**row.model_dump(exclude={"round_id"})) for row in rows]

    def note(self, at: datetime, action: RoundAction, details: Mapping[str, Detail]) -> None:
        """Add an entry to the log."""
        entries = self.log()
        entry = next_entry(self.round_id, entries[-1] if entries else None, at, action, details)
        self._session.add(AllocationLogRow(round_id=self.round_id, **asdict(entry)))
        self.row.log_length = entry.number
        self._session.flush()


@contextmanager
def changing(engine: Engine, round_id: int) -> Iterator[RoundBook]:
    """A round to change: all that is done within is saved together, or nothing if it raises.

    Raises
    ------
    UnknownKeyError
        There is no such round.
    """
    with _opened(engine.execution_options(is_writing=True), round_id) as (session, book):
        yield book
        session.commit()


@contextmanager
def reading(engine: Engine, round_id: int) -> Iterator[RoundBook]:
    """A round to look at, as it stood at one moment.

    Raises
    ------
    UnknownKeyError
        There is no such round.
    """
    with _opened(engine, round_id) as (_, book):
        yield book


@contextmanager
def opening(engine: Engine, row: AllocationRoundRow) -> Iterator[RoundBook]:
    """A new round."""
    writing = engine.execution_options(is_writing=True)
    with database_errors(engine), Session(writing, expire_on_commit=False) as session:
        session.add(row)
        session.flush()
        yield RoundBook(session, row)
        session.commit()


def all_rounds(engine: Engine) -> list[AllocationRoundRow]:
    """Every round, the newest first."""
    query = select(AllocationRoundRow).order_by(col(AllocationRoundRow.id).desc())
    with database_errors(engine), Session(engine, expire_on_commit=False) as session:
        return list(session.scalars(query))


@contextmanager
def _opened(engine: Engine, round_id: int) -> Iterator[tuple[Session, RoundBook]]:
    with database_errors(engine), Session(engine, expire_on_commit=False) as session:
        row = session.get(AllocationRoundRow, round_id)
        if row is None:
            raise UnknownKeyError("round", str(round_id), ())
        yield session, RoundBook(session, row)
