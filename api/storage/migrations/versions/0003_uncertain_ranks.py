"""Results with values drawn towards peers, uncertain ranks and adjusted outcomes.

A run's results are computed again from its inputs whenever they are missing, so that the old ones are dropped; matches
and what municipalities said about themselves stay.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INDICATOR = ("goalpost_score", "estimate", "lower", "upper", "group_mean", "own_weight")
OUTCOME = ("actual", "expected", "expected_lower", "expected_upper", "normal_lower", "normal_upper")
ADJUSTED = (
    "shrunk",
    "residual",
    "residual_lower",
    "residual_upper",
    "adjusted_score",
    "score_ties_lost",
    "score_ties_won",
)
EXPLAINED = ("explained", "explained_lower", "explained_upper")


def upgrade() -> None:
    op.execute("DELETE FROM run")
    op.drop_table("expected_outcome")
    with op.batch_alter_table("run") as run:
        for name in EXPLAINED:
            run.drop_column(name)
        run.add_column(sa.Column("local_sha256", sa.String(), nullable=False))
    with op.batch_alter_table("indicator_value") as indicator:
        for name in INDICATOR:
            indicator.add_column(sa.Column(name, sa.Float(), nullable=True))
    with op.batch_alter_table("factor_score") as factor:
        factor.add_column(sa.Column("basis", sa.String(), nullable=False))
        factor.add_column(sa.Column("rank_median", sa.Float(), nullable=True))
        factor.add_column(sa.Column("rank_lower", sa.Integer(), nullable=True))
        factor.add_column(sa.Column("rank_upper", sa.Integer(), nullable=True))
        factor.add_column(sa.Column("driver", sa.String(), nullable=True))
        factor.add_column(sa.Column("driver_share", sa.Float(), nullable=True))
    _table("adjusted_outcome", ("municipality_code", "outcome"), (*OUTCOME, *ADJUSTED))
    _table("rank_driver", ("factor", "choice"), ("first_order", "total"), nullable=False)
    _table("explained_share", ("outcome",), ("share", "lower", "upper"), nullable=False)
    kinds = ("raw", "adjusted", "tie_free")
    numbers = (f"{kind}{end}" for kind in kinds for end in ("", "_lower", "_upper"))
    _table("fairness", ("outcome", "against"), tuple(numbers), nullable=False)


def downgrade() -> None:
    op.execute("DELETE FROM run")
    for name in ("fairness", "explained_share", "rank_driver", "adjusted_outcome"):
        op.drop_table(name)
    with op.batch_alter_table("factor_score") as factor:
        for name in ("basis", "rank_median", "rank_lower", "rank_upper", "driver", "driver_share"):
            factor.drop_column(name)
    with op.batch_alter_table("indicator_value") as indicator:
        for name in INDICATOR:
            indicator.drop_column(name)
    with op.batch_alter_table("run") as run:
        run.drop_column("local_sha256")
        for name in EXPLAINED:
            run.add_column(sa.Column(name, sa.Float(), nullable=False))
    _table("expected_outcome", ("municipality_code",), OUTCOME)


def _table(name: str, keys: tuple[str, ...], numbers: tuple[str, ...], *, nullable: bool = True) -> None:
    op.create_table(
        name,
        sa.Column("run_id", sa.Integer(), nullable=False),
        *(sa.Column(key, sa.String(), nullable=False) for key in keys),
        *(sa.Column(number, sa.Float(), nullable=nullable) for number in numbers),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", *keys),
    )
