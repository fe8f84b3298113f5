"""The first schema, from the .sql files beside it, in their order."""

from __future__ import annotations

from pathlib import Path

from server.database.migrations.scripts import run

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create everything as the owner role, so that no object belongs to whoever ran the migration."""
    run(Path(__file__).parent / "first")
