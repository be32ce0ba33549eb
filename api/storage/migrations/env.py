"""Runs the migrations on the connection that the program opened."""

from alembic import context
from sqlmodel import SQLModel

from api.storage import round_tables, tables

assert tables.Run.metadata is round_tables.AllocationRoundRow.metadata is SQLModel.metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    compare_type=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
connection.commit()
