"""How it is run: backups, restores, keys, queues and what must be well; nothing that grows for ever."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Run the .sql files beside it in their order, as the owner role."""
    connection = op.get_bind()
    for script in sorted((Path(__file__).parent / "fourth").glob("*.sql")):
        # psycopg reads % as a placeholder only when parameters are given; the driver call below gives none.
        connection.connection.cursor().execute(script.read_text("utf-8"))
