"""`python -m server.endurance events` and `... soak`."""

from __future__ import annotations

from server.endurance.run import app

app()
