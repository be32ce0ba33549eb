"""Tables of allocation rounds: posts, doctors, sealed wishes, proposals and the log."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Column, ForeignKey, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from api.storage.tables import UtcDateTime


def _round_key() -> Column[int]:
    return Column(ForeignKey("allocation_round.id"), primary_key=True)


def _moment(*, nullable: bool = True) -> Column[datetime]:
    return Column(UtcDateTime, nullable=nullable)


class AllocationRoundRow(SQLModel, table=True):
    """One allocation round and how far it has come; `turn` is 2 once the second round has begun.

    `log_length` is the number of entries that its log must have, so that one cut off at the end is found. `terms` are
    what its posts share, as JSON of `api.services.round_terms.Term`; not changed after the seal.
    """

    __tablename__ = "allocation_round"

    id: int | None = Field(default=None, primary_key=True)
    name: str
    is_simulated: bool
    stage: str
    turn: int
    opened_at: datetime = Field(sa_column=_moment(nullable=False))
    seal_sha256: str | None = None
    sealed_at: datetime | None = Field(default=None, sa_column=_moment())
    names_seen_at: datetime | None = Field(default=None, sa_column=_moment())
    closed_at: datetime | None = Field(default=None, sa_column=_moment())
    log_length: int = 0
    terms: str | None = Field(default=None, sa_column=Column(Text, nullable=True))


class AllocationPostRow(SQLModel, table=True):
    """A post of a round, as JSON of `engine.posts.Post`; not changed after the seal."""

    __tablename__ = "allocation_post"

    round_id: int | None = Field(default=None, sa_column=_round_key())
    post_id: str = Field(primary_key=True)
    document: str = Field(sa_column=Column(Text, nullable=False))


class AllocationCandidateRow(SQLModel, table=True):
    """A doctor of a round under a pseudonym; deleted when the doctor asks for it.

    `wishes` and `answer` are encrypted; `code_sha256` is the checksum of the doctor's own code.
    """

    __tablename__ = "allocation_candidate"

    round_id: int | None = Field(default=None, sa_column=_round_key())
    candidate_id: str = Field(primary_key=True)
    qualifications: str = Field(sa_column=Column(Text, nullable=False))
    wishes: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    answer: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    code_sha256: str | None = None


class AllocationCoupleRow(SQLModel, table=True):
    """What two doctors of a round want together, encrypted; nothing in the row tells who they are."""

    __tablename__ = "allocation_couple"

    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(sa_column=Column(ForeignKey("allocation_round.id"), nullable=False))
    document: str = Field(sa_column=Column(Text, nullable=False))


class AllocationRunRow(SQLModel, table=True):
    """One run of a round: the lottery seed that was drawn for it and, once it is made, the figures as JSON.

    `status` tells what is known of stable matchings, `blocking` how many options block the proposal, `bound` how many
    block every matching at least. `findings` is JSON of `api.services.round_findings.RoundFindings`.
    """

    __tablename__ = "allocation_run"

    round_id: int | None = Field(default=None, sa_column=_round_key())
    turn: int = Field(primary_key=True)
    lottery_seed: str
    drawn_by: str
    drawn_at: datetime = Field(sa_column=_moment(nullable=False))
    run_on: date | None = None
    inputs_sha256: str | None = None
    figures: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    status: str | None = None
    blocking: int | None = None
    bound: int | None = None
    findings: str | None = Field(default=None, sa_column=Column(Text, nullable=True))


class AllocationProposalRow(SQLModel, table=True):
    """A doctor proposed for a post, as JSON of `engine.employer_view.ProposedCandidate`, and what was decided."""

    __tablename__ = "allocation_proposal"
    __table_args__ = (
        UniqueConstraint("round_id", "turn", "candidate_id"),
        CheckConstraint("(is_followed IS NULL) = (reason IS NULL)", name="reason_given"),
    )

    id: int | None = Field(default=None, primary_key=True)
    round_id: int = Field(sa_column=Column(ForeignKey("allocation_round.id"), nullable=False))
    turn: int
    post_id: str
    candidate_id: str
    document: str = Field(sa_column=Column(Text, nullable=False))
    is_followed: bool | None = None
    reason: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = Field(default=None, sa_column=_moment())


class AllocationLogRow(SQLModel, table=True):
    """One entry of a round's log; the database refuses to change or delete it."""

    __tablename__ = "allocation_log"

    round_id: int | None = Field(default=None, sa_column=_round_key())
    number: int = Field(primary_key=True)
    at: str
    action: str
    details: str = Field(sa_column=Column(Text, nullable=False))
    previous_sha256: str
    sha256: str
