"""Alembic's entry: runs the versions over the connection that `upgrade` opened, inside its transaction."""

from __future__ import annotations

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, version_table_schema="sheaf", transaction_per_migration=False)
with context.begin_transaction():
    context.run_migrations()
