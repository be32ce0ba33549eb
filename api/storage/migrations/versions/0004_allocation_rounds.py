"""Allocation rounds, with a log that can only grow."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = (
    "allocation_log",
    "allocation_proposal",
    "allocation_run",
    "allocation_candidate",
    "allocation_post",
    "allocation_round",
)


def upgrade() -> None:
    op.create_table(
        "allocation_round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("is_simulated", sa.Boolean(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seal_sha256", sa.String(), nullable=True),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("names_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("log_length", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    _of_round("allocation_post", sa.Column("post_id", sa.String(), nullable=False), _text("document"))
    _of_round(
        "allocation_candidate",
        sa.Column("candidate_id", sa.String(), nullable=False),
        _text("qualifications"),
        _text("wishes", nullable=True),
        _text("answer", nullable=True),
        sa.Column("code_sha256", sa.String(), nullable=True),
    )
    _of_round(
        "allocation_run",
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("lottery_seed", sa.String(), nullable=False),
        sa.Column("drawn_by", sa.String(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_on", sa.Date(), nullable=True),
        sa.Column("inputs_sha256", sa.String(), nullable=True),
        _text("figures", nullable=True),
    )
    op.create_table(
        "allocation_proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.String(), nullable=False),
        sa.Column("candidate_id", sa.String(), nullable=False),
        _text("document"),
        sa.Column("is_followed", sa.Boolean(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["round_id"], ["allocation_round.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("round_id", "turn", "candidate_id"),
        sa.CheckConstraint("(is_followed IS NULL) = (reason IS NULL)", name="reason_given"),
    )
    _of_round(
        "allocation_log",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        _text("details"),
        sa.Column("previous_sha256", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
    )
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER allocation_log_no_{change.lower()} BEFORE {change} ON allocation_log "
            "BEGIN SELECT RAISE(ABORT, 'the log of a round can only grow'); END"
        )


def downgrade() -> None:
    for name in TABLES:
        op.drop_table(name)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _of_round(name: str, key: sa.Column[Any], *columns: sa.Column[Any]) -> None:
    op.create_table(
        name,
        sa.Column("round_id", sa.Integer(), nullable=False),
        key,
        *columns,
        sa.ForeignKeyConstraint(["round_id"], ["allocation_round.id"]),
        sa.PrimaryKeyConstraint("round_id", key.name),
    )
