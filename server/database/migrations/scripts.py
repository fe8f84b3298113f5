"""Runs a version's SQL files in the names that the installation's roles have."""

from __future__ import annotations

from pathlib import Path

from alembic import op

from server.database.roles import in_names_of

ROLE_SECRET = "role_secret"
"""Under which `upgrade` leaves the secret beside its connection."""


def run(folder: Path) -> None:
    """Run the .sql files of a folder in their order, as the owner role."""
    connection = op.get_bind()
    for script in sorted(folder.glob("*.sql")):
        text = in_names_of(connection.info.get(ROLE_SECRET, ""), script.read_text("utf-8"))
        # psycopg reads % as a placeholder only when parameters are given; the driver call below gives none.
        connection.connection.cursor().execute(text)
