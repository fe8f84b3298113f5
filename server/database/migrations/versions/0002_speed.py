"""Money at speed: the ledger's engine, coalesced submission, routes, rules, members' balances."""

from __future__ import annotations

from pathlib import Path

from server.database.migrations.scripts import run

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Run the .sql files beside it in their order, as the owner role."""
    run(Path(__file__).parent / "second")
