"""The first schema, from the .sql files beside it, in their order."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create everything as the owner role, so that no object belongs to whoever ran the migration."""
    connection = op.get_bind()
    for script in sorted((Path(__file__).parent / "first").glob("*.sql")):
        # psycopg reads % as a placeholder only when parameters are given; the driver call below gives none.
        connection.connection.cursor().execute(script.read_text("utf-8"))
