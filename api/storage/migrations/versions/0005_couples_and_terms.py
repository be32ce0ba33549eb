"""What posts of a round share, and couples."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("allocation_round") as allocation_round:
        allocation_round.add_column(sa.Column("terms", sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("allocation_round") as allocation_round:
        allocation_round.drop_column("terms")
