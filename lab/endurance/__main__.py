"""`python -m lab.endurance events` and `... soak`."""

from __future__ import annotations

from lab.endurance.run import app

app()
