"""What posts of a round share, couples, and what is known of a run that has either."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

RUN = (("status", sa.String()), ("blocking", sa.Integer()), ("bound", sa.Integer()), ("findings", sa.Text()))


def upgrade() -> None:
    with op.batch_alter_table("allocation_round") as allocation_round:
        allocation_round.add_column(sa.Column("terms", sa.Text(), nullable=True))
    with op.batch_alter_table("allocation_run") as allocation_run:
        for name, kind in RUN:
            allocation_run.add_column(sa.Column(name, kind, nullable=True))
    # Earlier rounds had neither couples nor shared limits, and deferred acceptance is always stable.
    op.execute("UPDATE allocation_run SET status = 'stable', blocking = 0, bound = 0 WHERE figures IS NOT NULL")
    op.create_table(
        "allocation_couple",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["allocation_round.id"]),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    op.drop_table("allocation_couple")
    with op.batch_alter_table("allocation_run") as allocation_run:
        for name, _ in RUN:
            allocation_run.drop_column(name)
    with op.batch_alter_table("allocation_round") as allocation_round:
        allocation_round.drop_column("terms")
