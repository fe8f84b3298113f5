"""How it is run: backups, restores, keys, queues and what must be well; nothing that grows for ever."""

from __future__ import annotations

from pathlib import Path

from server.database.migrations.scripts import run

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Run the .sql files beside it in their order, as the owner role."""
    run(Path(__file__).parent / "fourth")
