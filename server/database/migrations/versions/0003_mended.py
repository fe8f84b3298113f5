"""What strangers found: verdicts over all lines, whose statement it is, claims judged anew, one form for each text."""

from __future__ import annotations

from pathlib import Path

from server.database.migrations.scripts import run

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Run the .sql files beside it in their order, as the owner role."""
    run(Path(__file__).parent / "third")
